"""The figures of one bank's report that matter here: credit costs, allowances, balances, in total and by NDFI class.

Pure: XBRL facts in, a `Report` out. A figure cut by anything but a class of loans is none of ours; an unknown class is named.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import NamedTuple, TypeAlias

from chalicelib.errors import Unreadable
from chalicelib.scrapers.bank_provision.members import Verdict, classify
from chalicelib.xbrl import Context, Fact, Facts

_STATEMENTS = ("Assets", "StockholdersEquity", "NetIncomeLoss")
"""Concepts that every bank's statements hold, whatever else they do."""
QUARTER_DAYS = range(80, 101)
Told: TypeAlias = tuple[Fact, tuple[str, int]]
"""A fact of a concept that counts here, with the concept's role and rank."""


@dataclass(frozen=True)
class Figure:
    """One tagged amount in USD. `role` is a key of concepts.json; `member` is empty for the bank as a whole.

    `start` is None for a balance. `axis` and `kind` go with `member`; `parents` are NDFI members it is a part of, `cuts` the
    larger classes (axis, member) it is shown in: without any it is the member's whole.
    """

    role: str
    concept: str
    axis: str
    member: str
    kind: str
    start: date | None
    end: date
    value: Decimal
    rank: int
    words: str = ""
    ident: str = ""
    parents: tuple[str, ...] = ()
    cuts: tuple[tuple[str, str], ...] = ()
    decimals: int | None = None

    @property
    def printed_unit(self) -> Decimal:
        """One in the last digit the figure is declared accurate to; one dollar when its own digits are finer than that."""
        unit = Decimal(10) ** -(self.decimals or 0)
        return unit if unit > 1 and self.value % unit == 0 else Decimal(1)

    @property
    def days(self) -> int:
        """Length of the period; 0 for a balance."""
        return 0 if self.start is None else (self.end - self.start).days + 1


@dataclass(frozen=True)
class Report:
    """What one filing says. `flaws` are figures of the period that could not be read, in words.

    `blocked`: the roles of those among them that are an NDFI class's, without which the rest is no sum. `began`: first day of
    the cover's period, which by EDGAR's rules is the year to date.
    """

    cik: str
    bank: str
    form: str
    period_end: date
    figures: tuple[Figure, ...]
    unmapped: tuple[str, ...]
    flaws: tuple[str, ...]
    notes: tuple[str, ...] = ()
    source: str = ""
    has_statements: bool = True
    blocked: frozenset[str] = frozenset()
    began: date | None = None


class _Place(NamedTuple):
    """Of what a figure speaks: an NDFI class (see `Figure`) or, with an empty member, the whole bank."""

    axis: str = ""
    member: str = ""
    kind: str = ""
    parents: tuple[str, ...] = ()
    cuts: tuple[tuple[str, str], ...] = ()


@cache
def _concepts() -> tuple[Mapping[str, tuple[str, int]], tuple[tuple[str, re.Pattern[str]], ...]]:
    data = json.loads(resources.files(__package__).joinpath("concepts.json").read_text())
    named = {name: (role, rank) for role, names in data.items() if isinstance(names, list) for rank, name in enumerate(names)}
    return named, tuple((role, re.compile(pattern)) for role, pattern in data["own"].items())


def wanted(concept: str, family: str) -> bool:
    """Whether a report's answer can depend on the facts of a concept: `only` of `xbrl.read`."""
    return family == "dei" or concept in _STATEMENTS or _role(concept, family) is not None


def role_of(fact: Fact) -> tuple[str, int] | None:
    """A concept's role and its rank in it; None for concepts of other things."""
    role = _role(fact.concept, fact.family)
    return None if role is not None and fact.family == "company" and not _monetary(fact) else role


@cache
def _role(concept: str, family: str) -> tuple[str, int] | None:
    named, own = _concepts()
    if family == "us-gaap":
        return named.get(concept)
    if family == "company":
        role = next((role for role, pattern in own if pattern.search(concept)), "none")
        return None if role == "none" else (role, 100)
    return None


def _monetary(fact: Fact) -> bool:
    """Whether a company's own concept counts money, with or without a unit: not a text, a ratio or an amount per share."""
    return fact.unit is not None and (not fact.unit or fact.unit.isupper())


def _signed(fact: Fact, role: str, value: Decimal) -> Decimal:
    """A benefit is written as a positive number where the concept is called one."""
    benefit = role.startswith("provision") and fact.family == "company" and fact.concept.startswith("BenefitFrom")
    return -value if benefit else value


def report(facts: Facts, source: str = "") -> Report:
    """The figures of a filing. Raises `Unreadable`: no period end, or no amount in dollars anywhere."""
    period_end = facts.period_end
    if period_end is None:
        raise Unreadable("no single dei:DocumentPeriodEndDate", where=source)
    covers = [fact.context for fact in facts.named("DocumentPeriodEndDate", "dei") if not fact.context.members]
    filers = {context.entity for context in covers}
    every = [fact for name in facts.concepts() for fact in facts.named(name) if fact.context.entity in filers]
    judged = [(fact, role_of(fact)) for fact in every]
    found = [(fact, role) for fact, role in judged if role is not None]
    _check_dollars([fact for fact, role in judged if fact.concept in _STATEMENTS or role is not None], source)
    told, notes = _in_dollars(found, period_end)
    unmapped: dict[str, None] = {}
    figures: list[Figure] = []
    unread: list[tuple[Fact, str, _Place]] = []
    for fact, role in told:
        place = _placed(fact.context, unmapped)
        if place is not None and fact.number is not None and fact.context.end is not None:
            figures.append(_figure(fact, role, place, fact.number, fact.context.end))
        elif place is not None and fact.flaw and _at(fact.context, period_end):
            unread.append((fact, role[0], place))
    return Report(
        cik=(facts.text("EntityCentralIndexKey") or _entity(facts)).zfill(10),
        bank=facts.text("EntityRegistrantName") or "",
        form=facts.text("DocumentType") or "",
        period_end=period_end,
        figures=tuple(_unsplit(figures, [fact for fact, _ in told])),
        unmapped=tuple(unmapped),
        flaws=tuple(f"{fact.concept} {dict(fact.context.members)}: {fact.flaw}" for fact, _, _ in unread),
        notes=(*notes, *_left_out(facts.ignored), *_coarse(figures_of_end(told, period_end))),
        source=source,
        blocked=frozenset(_blocked(unread, figures, period_end)),
        began=min((context.start for context in covers if context.start is not None), default=None),
        has_statements=bool(told) or any(concept in _STATEMENTS for concept in facts.concepts()),
    )


def _blocked(unread: Sequence[tuple[Fact, str, _Place]], figures: Sequence[Figure], end: date) -> Iterator[str]:
    """Roles of NDFI classes' figures that are wanting; a longer period is not, where the quarter itself is given."""
    quarters = {(each.role, each.member) for each in figures if each.end == end and each.days in QUARTER_DAYS}
    for fact, role, place in unread:
        longer = (fact.context.days or 0) > QUARTER_DAYS[-1] and (role, place.member) in quarters
        if place.member and not longer:
            yield role


def figures_of_end(told: Sequence[tuple[Fact, tuple[str, int]]], end: date) -> Iterator[Fact]:
    """The provision facts whose period ends on `end`."""
    return (fact for fact, role in told if role[0].startswith("provision") and fact.context.end == end)


def _entity(facts: Facts) -> str:
    entities = {context.entity for context in facts.contexts.values()}
    return entities.pop() if len(entities) == 1 else ""


def _placed(context: Context, unmapped: dict[str, None]) -> _Place | None:
    """The context's place, None when it is none of ours; members that no rule knows are added to `unmapped`."""
    verdicts = {axis: classify(axis, member) for axis, member in context.members}
    if context.end is None or any(verdict.role == "never" for verdict in verdicts.values()):
        return None
    for axis, member in context.members:
        if verdicts[axis].role == "unmapped":
            unmapped[member] = None
    return _place(context, verdicts)


def _figure(fact: Fact, role: tuple[str, int], place: _Place, value: Decimal, end: date) -> Figure:
    name, rank = role
    of = (name, fact.concept, place.axis, place.member, place.kind, fact.context.start, end)
    accuracy = fact.decimals if isinstance(fact.decimals, int) else None
    return Figure(*of, _signed(fact, name, value), rank, fact.shown.strip(), fact.ident, place.parents, place.cuts, accuracy)


def _unsplit(figures: Sequence[Figure], facts: Sequence[Fact]) -> Iterator[Figure]:
    """`figures` without those of a class in one part of the bank when other parts, which do not count, have the class too."""
    split = set()
    for fact in facts:
        context = fact.context
        verdicts = {axis: classify(axis, member).role for axis, member in context.members}
        if "ndfi" not in verdicts.values() or _ours(context):
            continue
        ours = [member for axis, member in context.members if verdicts[axis] == "ndfi"]
        others = [axis for axis in verdicts if verdicts[axis] in {"other", "unmapped"}]
        split |= {(fact.concept, member, context.start, context.end, axis) for member in ours for axis in others}
    for each in figures:
        if not any((each.concept, each.member, each.start, each.end, axis) in split for axis, _ in each.cuts):
            yield each


def _ours(context: Context) -> bool:
    return _place(context, {axis: classify(axis, member) for axis, member in context.members}) is not None


def _place(context: Context, verdicts: Mapping[str, Verdict]) -> _Place | None:
    """The place of a context of the whole bank or one NDFI class; None for other cuts.

    A class may stand inside any portfolio segment (warehouse lines in commercial real estate).
    """
    cutting = [(axis, member) for axis, member in context.members if verdicts[axis].role != "neutral"]
    if not cutting:
        return _Place()
    ours = [pair for pair in cutting if verdicts[pair[0]].role == "ndfi"]
    if not ours:
        return None
    axis, member = min(ours, key=lambda pair: axis_rank(pair[0]))
    around = tuple(pair for pair in cutting if verdicts[pair[0]].role != "ndfi")
    for other, _ in around:
        inside = verdicts[other].role == "other" and axis_rank(other) == 1 and axis_rank(axis) == 0
        if verdicts[other].role != "parent" and not inside:
            return None
    above = tuple(other for _, other in ours if other != member)
    return _Place(axis, member, verdicts[axis].kind or "", above, around)


def axis_rank(axis: str) -> int:
    """The finest axis first: classes of receivables, portfolio segments, industries and banks' own, business segments."""
    for rank, words in enumerate(("ClassOfFinancingReceivable", "PortfolioSegment", "Industry")):
        if words in axis:
            return rank
    return 4 if "BusinessSegment" in axis else 3


def _at(context: Context, period_end: date) -> bool:
    """Whether a context speaks of the period's end: fiscal quarters end some days beside the date the cover gives."""
    return context.end is not None and (period_end - context.end).days < 5


def _check_dollars(amounts: Sequence[Fact], source: str) -> None:
    """Raise `Unreadable` for a report that has amounts, but none in dollars."""
    given = [fact for fact in amounts if not fact.nil]
    units = {fact.unit or "" for fact in given}
    if not given or "USD" in units:
        return
    fact = next((fact for fact in given if not fact.unit), given[0])
    words = f"{fact.concept}: {_unit_words(fact)}, and nothing is in USD"
    raise Unreadable(words, where=source, evidence=", ".join(sorted(units - {""})))


def _in_dollars(found: Sequence[Told], period_end: date) -> tuple[list[Told], list[str]]:
    """`found` with amounts in dollars alone, and notes of what was left out.

    An amount in another unit, or in none, is left out where the same is given in dollars; elsewhere it becomes a flaw.
    """
    dollars = {(fact.concept, fact.family, fact.context) for fact, _ in found if fact.unit == "USD" and fact.number is not None}
    told: list[Told] = []
    left_out: Counter[str] = Counter()
    for fact, role in found:
        if fact.unit == "USD" or fact.nil:
            told.append((fact, role))
        elif (fact.concept, fact.family, fact.context) not in dollars:
            told.append((fact._replace(value=None, flaw=f"{_unit_words(fact)}, and is not given in USD"), role))
        elif _at(fact.context, period_end) and _ours(fact.context):
            left_out[f"{fact.concept} {f'in {fact.unit}' if fact.unit else 'without a unit'}"] += 1
    return told, [f"left out beside the same in USD: {words} ({count})" for words, count in left_out.items()]


def _left_out(ignored: Mapping[str, int]) -> Iterator[str]:
    """What the reader met of wanted concepts and does not count as facts of the report."""
    for kind, where in (("in-tuple", "in tuples"), ("other-target", "for another target document")):
        if ignored.get(kind):
            yield f"left out: facts {where} ({ignored[kind]})"


def _unit_words(fact: Fact) -> str:
    """The unit of an amount that is not in dollars, where it stands, and as printed."""
    words = f"it is in {fact.unit}" if fact.unit else fact.flaw or "the number has no unit"
    return f"{words} ({fact.ident or f'line {fact.line}'}: {(fact.shown or str(fact.value)).strip()[:40]!r})"


def _coarse(provisions: Iterator[Fact]) -> Iterator[str]:
    """Amounts finer than the accuracy they declare: perhaps thousands labelled millions; said, never rescaled."""
    for fact in provisions:
        value = fact.number
        if value and isinstance(fact.decimals, int) and fact.decimals < 0 and abs(value) < Decimal(10) ** -fact.decimals / 2:
            accuracy = Decimal(10) ** -fact.decimals
            yield f"{fact.concept} is {value:,} but declared accurate to {accuracy:,} only: taken as tagged, not rescaled"
