"""Which NDFI classes of a report add up: each loan once, no part beside its whole, one way of cutting the loans.

Pure. A whole is known by its contexts (a class inside a segment), by arithmetic (its figures are the sums of the others'), or by
name (what the Call Report divides it into).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from chalicelib.scrapers.bank_provision.families import Class, families
from chalicelib.scrapers.bank_provision.figures import Figure, Report, axis_rank
from chalicelib.scrapers.bank_provision.members import divides


def classes(report: Report) -> list[Class]:
    """The classes whose provisions add up; if none has one, those of the finest way of cutting."""
    found, inside = _places(report.figures)
    tiers: dict[int, list[Class]] = {}
    for each in found:
        tiers.setdefault(max(1, axis_rank(each.axis)), []).append(each)
    if not tiers:
        return []
    tier = min(tiers, key=lambda tier: (_says(report, tiers[tier]), tier))
    return _disjoint(report, tiers[tier], inside)


def exposed(report: Report, counted: Sequence[Class]) -> list[Class]:
    """The classes whose balances add up: those counted, or, when none of them has a balance, another way of cutting."""
    if any(_has(report, each.member, ("exposure",)) for each in counted):
        return list(counted)
    found, inside = _places([figure for figure in report.figures if figure.role == "exposure"])
    tier = min((max(1, axis_rank(each.axis)) for each in found), default=0)
    return _disjoint(report, [each for each in found if max(1, axis_rank(each.axis)) == tier], inside)


def one_of(figures: Iterable[Figure]) -> Figure | None:
    """The figure of one member, role and period: the preferred concept, the member's whole rather than its part in a segment.

    Parts in several portfolio segments are added up when the whole is not given; parts cut another way are no number.
    """
    ranked = sorted(figures, key=_preferred)
    if not ranked:
        return None
    best = [each for each in ranked if _preferred(each) == _preferred(ranked[0]) and each.concept == ranked[0].concept]
    by_cut = {each.cuts: each for each in best}
    if len(by_cut) == 1:
        return best[0]
    # Segments are an axis of disjoint parts; any other mixture of axes may show the same loans twice.
    if not all(len(cuts) == 1 and axis_rank(cuts[0][0]) == 1 for cuts in by_cut):
        return None
    words = " + ".join(each.words for each in by_cut.values())
    return _with(best[0], sum((each.value for each in by_cut.values()), Decimal(0)), words)


def _with(figure: Figure, value: Decimal, words: str) -> Figure:
    named = (figure.role, figure.concept, figure.axis, figure.member, figure.kind, figure.start, figure.end)
    return Figure(*named, value, figure.rank, words, figure.ident, figure.parents)


def _preferred(figure: Figure) -> tuple[int, int, int]:
    return figure.rank, len(figure.cuts), axis_rank(figure.axis)


def _places(figures: Iterable[Figure]) -> tuple[list[Class], Mapping[str, set[str]]]:
    """Every NDFI member at its finest axis, and the members each stands inside."""
    places: dict[str, Figure] = {}
    inside: dict[str, set[str]] = {}
    for figure in figures:
        if figure.member:
            kept = places.get(figure.member)
            if kept is None or axis_rank(figure.axis) < axis_rank(kept.axis):
                places[figure.member] = figure
            inside.setdefault(figure.member, set()).update(figure.parents)
    return [Class(name, each.axis, each.kind) for name, each in places.items()], inside


def _has(report: Report, member: str, roles: tuple[str, ...]) -> bool:
    return any(each.member == member and each.role.startswith(roles) and each.end == report.period_end for each in report.figures)


def _says(report: Report, members: Sequence[Class]) -> int:
    """How much a way of cutting tells: 0 provisions, 1 allowances with charge-offs, 2 balances."""
    if any(_has(report, each.member, ("provision",)) for each in members):
        return 0
    rolled = any(_has(report, each.member, ("allowance",)) and _has(report, each.member, ("write-offs",)) for each in members)
    return 1 if rolled else 2


def _disjoint(report: Report, members: Sequence[Class], inside: Mapping[str, set[str]]) -> list[Class]:
    """`members` without those that stand inside another, or that are the whole of (or the same as) the others."""
    kept = list(members)
    for whole in members:
        parts = [each for each in kept if whole.member in inside.get(each.member, ())]
        if whole in kept and parts:
            kept = _without(report, kept, whole, parts)
    for whole, below in families(report, kept).items():
        parts = [each for each in kept if each in below]
        if whole in kept and parts:
            kept = _without(report, kept, whole, parts)
    for whole in members:
        parts = [each for each in kept if divides(whole.member, each.member)]
        if whole in kept and parts:
            kept = _without(report, kept, whole, parts)
    return kept


def _without(report: Report, kept: Sequence[Class], whole: Class, parts: Sequence[Class]) -> list[Class]:
    """`kept` without the parts, or without the whole when only the parts have a provision."""
    told = [_has(report, each.member, ("provision",)) for each in (whole, *parts)]
    dropped = [whole] if any(told[1:]) and not told[0] else parts
    return [each for each in kept if each not in dropped]
