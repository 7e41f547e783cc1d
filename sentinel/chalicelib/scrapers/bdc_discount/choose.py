"""The rule: of all that a release says of net asset value per share, the one value that counts, and why the others do not.

The latest day not after the release; on that day a final value before a range, and a range before a pro forma; in dollars;
and nothing at all where two values contend for the same day. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from chalicelib.scrapers.bdc_discount.candidate import Candidate, Kind, Period
from chalicelib.scrapers.bdc_discount.words import month_end

_RANK: dict[Kind, int] = {"final": 0, "preliminary-range": 1, "pro-forma": 2}


@dataclass(frozen=True)
class Choice:
    """What the rule made of the candidates of one fund (and share class). `why` says why nothing was chosen."""

    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    why: str = ""
    share_class: str = ""


def choose(candidates: Sequence[Candidate], period: Period) -> list[Choice]:
    """A choice for each share class, in the document's order; one, empty, where there is no candidate."""
    classes = list(dict.fromkeys(each.share_class for each in candidates if each.share_class))
    if len(classes) < 2:
        return [_choice(candidates, period, classes[0] if classes else "")]
    return [_choice([each for each in candidates if each.share_class == name], period, name) for name in classes]


def _choice(candidates: Sequence[Candidate], period: Period, share_class: str) -> Choice:
    if not candidates:
        return Choice(None, (), "no net asset value per share was found", share_class)
    own = [replace(each, doubt=each.doubt or _retold(each, candidates)) for each in map(_own_day(candidates), candidates)]
    judged = [replace(each, lost=each.lost or _unfit(each, period)) for each in own]
    fit = [each for each in judged if not each.lost]
    if not fit:
        return Choice(None, tuple(judged), judged[0].lost, share_class)
    beyond = [each for each in judged if each.role == "current" and each.dated == "stated" and _after_release(each, period)]
    if beyond:
        return Choice(None, tuple(judged), beyond[0].lost, share_class)
    latest = max(each.as_of for each in fit if each.as_of)
    rank = min(_RANK[each.kind] for each in fit if each.as_of == latest)
    running = [each for each in fit if each.as_of == latest and _RANK[each.kind] == rank]
    best, why = _winner(running)
    if best and (against := _doubted(judged, best)):
        best, why = None, against
    if best and (newer := _newer_refused(judged, best)):
        best, why = None, newer
    if best and best.as_of and period.sure and period.ended and best.as_of < period.ended:
        why = f"only {best.as_of} is spoken of, not the period's own {period.ended}"
        best = None
    marked = tuple(each if each.lost or each is best else replace(each, lost=_lost(each, latest, rank, best)) for each in judged)
    return Choice(best, marked, why, share_class)


def _own_day(candidates: Sequence[Candidate]) -> Callable[[Candidate], Candidate]:
    """A value whose day is named in one place is of that day wherever it is told again without one."""
    named = [each for each in candidates if each.dated == "stated" and each.as_of]

    def moved(each: Candidate) -> Candidate:
        days = [one.as_of for one in named if one.figure == each.figure and one.words != each.words and one.as_of]
        if each.dated == "stated" or not days or each.as_of in days:
            return each
        return replace(each, as_of=max(days), dated="stated")

    return moved


def _retold(each: Candidate, candidates: Sequence[Candidate]) -> str:
    """Why a value whose day is only the release's is doubted: another sentence tells it as an earlier one."""
    same = [one for one in candidates if one.figure == each.figure and one is not each]
    earlier = {one.words for one in same if one.role == "prior"} - {one.words for one in same if one.role == "current"}
    return f"{each.figure} is told elsewhere as an earlier value" if each.dated == "period" and earlier - {each.words} else ""


def _doubted(judged: Sequence[Candidate], best: Candidate) -> str:
    """The doubt about a value of the same day or a later one that `best` does not settle by agreeing with it."""
    open_ones = [each for each in judged if each.doubt and each.as_of and best.as_of and each.as_of >= best.as_of]
    settled = any(each.figure == best.figure for each in open_ones)
    return "" if settled or not open_ones else open_ones[0].doubt


def _newer_refused(judged: Sequence[Candidate], best: Candidate) -> str:
    """What is said against a value of a later day that is named beside it; an older one does not stand in for it."""
    newer = [
        each
        for each in judged
        if each.lost
        and each.dated == "stated"
        and each.role == "current"
        and each.currency == best.currency
        and each.as_of
        and best.as_of
        and each.as_of > best.as_of
    ]
    return newer[0].lost if newer else ""


def _unfit(each: Candidate, period: Period) -> str:
    if each.doubt:
        return each.doubt
    if each.currency != "USD":
        return f"in {each.currency}, not in dollars"
    if each.as_of is None:
        return "its day is not known"
    if _after_release(each, period):
        return f"{each.as_of} lies after the release of {period.released}"
    if each.as_of != month_end(each.as_of.year, each.as_of.month):
        return f"{each.as_of} is not the end of a month, when net asset values are struck"
    if each.role == "prior":
        return "the value the new one is compared with"
    return ""


def _after_release(each: Candidate, period: Period) -> bool:
    return bool(period.released and each.as_of and each.as_of > period.released)


def _winner(running: Sequence[Candidate]) -> tuple[Candidate | None, str]:
    """The value most places agree on, when no other has as good a claim; a rounded figure yields to what it rounds."""
    support: dict[tuple[Decimal | None, ...], list[Candidate]] = {}
    for each in [each for each in running if not _rounds(each, running)]:
        support.setdefault((each.value, each.low, each.high), []).append(each)
    groups = sorted(support.values(), key=lambda group: (-_weight(group), -len(group)))
    first = min(groups[0], key=lambda each: (each.role == "prior", each.dated != "stated", each.offset))
    if len(groups) == 1:
        return first, ""
    if _weight(groups[0]) > _weight(groups[1]) and all(each.dated != "stated" for group in groups[1:] for each in group):
        return first, ""
    shown = ", ".join(
        str(group[0].value if group[0].value is not None else f"{group[0].low}-{group[0].high}") for group in groups[:4]
    )
    return None, f"{len(groups)} values contend for {running[0].as_of}: {shown}"


def _rounds(each: Candidate, running: Sequence[Candidate]) -> bool:
    """Whether a figure without its cents stands for another one: `above $15` for 15.03."""
    places = _exponent(each)
    finer = [other for other in running if _exponent(other) < places]
    return places > -2 and any(abs(other.figure - each.figure) < Decimal(1).scaleb(places) for other in finer)


def _exponent(each: Candidate) -> int:
    return int(each.figure.as_tuple().exponent)


def _weight(group: Sequence[Candidate]) -> int:
    """A day named beside the value weighs more than the release's period taken for it."""
    return max(2 if each.dated == "stated" else 1 for each in group)


def _lost(each: Candidate, latest: date, rank: int, best: Candidate | None) -> str:
    if each.as_of != latest:
        return f"older: {each.as_of}, the latest day is {latest}"
    if _RANK[each.kind] != rank:
        return f"{each.kind} where a better kind is given for that day"
    if best is None:
        return "contended"
    return "the same value again" if each.figure == best.figure else "another value, whose day is not named beside it"
