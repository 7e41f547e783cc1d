"""The figures of one bank's report that matter here: credit costs, allowances, balances, in total and by NDFI class.

Pure: XBRL facts in, a `Report` out. A figure cut by anything but a class of loans is none of ours; an unknown class is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

from chalicelib.errors import Unreadable
from chalicelib.scrapers.bank_provision.members import Verdict, classify
from chalicelib.xbrl import Context, Fact, Facts

_STATEMENTS = ("Assets", "StockholdersEquity", "NetIncomeLoss")
"""Concepts that every bank's statements hold, whatever else they do."""


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

    `blocked`: those among them that are an NDFI class's provision, without which the rest is no sum.
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
    blocked: tuple[str, ...] = ()


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
    """Whether a company's own concept counts money: not a text, a ratio or an amount per share."""
    return fact.unit is not None and "/" not in fact.unit and fact.unit not in {"pure", "shares"}


def _signed(fact: Fact, role: str, value: Decimal) -> Decimal:
    """A benefit is written as a positive number where the concept is called one."""
    benefit = role.startswith("provision") and fact.family == "company" and fact.concept.startswith("BenefitFrom")
    return -value if benefit else value


def report(facts: Facts, source: str = "") -> Report:
    """The figures of a filing. Raises `Unreadable`: no period end, a provision without unit or only in another currency."""
    period_end = facts.period_end
    if period_end is None:
        raise Unreadable("no single dei:DocumentPeriodEndDate", where=source)
    figures: list[Figure] = []
    flaws: list[str] = []
    blocked: list[str] = []
    unmapped: dict[str, None] = {}
    filers = {fact.context.entity for fact in facts.named("DocumentPeriodEndDate", "dei") if not fact.context.members}
    every = (fact for name in facts.concepts() for fact in facts.named(name) if fact.context.entity in filers)
    told = [(fact, role) for fact in every if (role := role_of(fact)) is not None]
    _check_units([fact for fact in figures_of_end(told, period_end) if _ours(fact.context)], source)
    for fact, role in told:
        verdict, figure = _figure(fact, role, unmapped)
        if figure is not None:
            figures.append(figure)
        elif fact.flaw and verdict and fact.context.end is not None and (period_end - fact.context.end).days < 5:
            flaws.append(f"{fact.concept} {dict(fact.context.members)}: {fact.flaw}")
            if fact.context.members and role[0].startswith("provision"):
                blocked.append(flaws[-1])
    return Report(
        cik=(facts.text("EntityCentralIndexKey") or _entity(facts)).zfill(10),
        bank=facts.text("EntityRegistrantName") or "",
        form=facts.text("DocumentType") or "",
        period_end=period_end,
        figures=tuple(_unsplit(figures, [fact for fact, _ in told])),
        unmapped=tuple(unmapped),
        flaws=tuple(flaws),
        notes=tuple(_coarse(figures_of_end(told, period_end))),
        source=source,
        blocked=tuple(blocked),
        has_statements=bool(told) or any(concept in _STATEMENTS for concept in facts.concepts()),
    )


def figures_of_end(told: Sequence[tuple[Fact, tuple[str, int]]], end: date) -> Iterator[Fact]:
    """The provision facts whose period ends on `end`."""
    return (fact for fact, role in told if role[0].startswith("provision") and fact.context.end == end)


def _entity(facts: Facts) -> str:
    entities = {context.entity for context in facts.contexts.values()}
    return entities.pop() if len(entities) == 1 else ""


def _figure(fact: Fact, role: tuple[str, int], unmapped: dict[str, None]) -> tuple[bool, Figure | None]:
    """Whether the fact's context is one of ours, and the figure if it can be read."""
    context = fact.context
    if context.end is None:
        return False, None
    verdicts = {axis: classify(axis, member) for axis, member in context.members}
    if any(verdict.role == "never" for verdict in verdicts.values()):
        return False, None
    for axis, member in context.members:
        if verdicts[axis].role == "unmapped":
            unmapped[member] = None
    place = _place(context, verdicts)
    if place is None:
        return False, None
    axis, member, kind, parents, cuts = place
    if fact.unit != "USD" or fact.number is None:
        return True, None
    name, rank = role
    words = fact.shown.strip()
    value = _signed(fact, name, fact.number)
    place_of = (name, fact.concept, axis, member, kind, context.start, context.end)
    accuracy = fact.decimals if isinstance(fact.decimals, int) else None
    return True, Figure(*place_of, value, rank, words, fact.ident, parents, cuts, accuracy)


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


def _place(
    context: Context, verdicts: Mapping[str, Verdict]
) -> tuple[str, str, str, tuple[str, ...], tuple[tuple[str, str], ...]] | None:
    """(axis, member, kind, NDFI members above it, larger classes around it) of a context of the whole bank or one NDFI class.

    None for other cuts. A class may stand inside any portfolio segment (warehouse lines in commercial real estate).
    """
    cutting = [(axis, member) for axis, member in context.members if verdicts[axis].role != "neutral"]
    if not cutting:
        return "", "", "", (), ()
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
    return axis, member, verdicts[axis].kind or "", above, around


def axis_rank(axis: str) -> int:
    """The finest axis first: classes of receivables, portfolio segments, industries and banks' own, business segments."""
    for rank, words in enumerate(("ClassOfFinancingReceivable", "PortfolioSegment", "Industry")):
        if words in axis:
            return rank
    return 4 if "BusinessSegment" in axis else 3


def _check_units(provisions: Sequence[Fact], source: str) -> None:
    """Raise `Unreadable` for provisions that carry no unit, or none in dollars."""
    by_context: dict[tuple[str, Context], set[str]] = {}
    for fact in provisions:
        if fact.nil:
            continue
        if not fact.unit:
            words = f"{fact.concept} has no unit" if fact.unit is None else f"{fact.concept}: {fact.flaw}"
            raise Unreadable(words, where=f"{source}: {fact.ident or f'line {fact.line}'}", evidence=str(fact.value)[:200])
        by_context.setdefault((fact.concept, fact.context), set()).add(fact.unit)
    for (concept, _), units in by_context.items():
        if len(units) > 1 or not units & {"USD"}:
            raise Unreadable(f"{concept} is tagged in {' and '.join(sorted(units))}, not in USD alone", where=source)


def _coarse(provisions: Iterator[Fact]) -> Iterator[str]:
    """Amounts finer than the accuracy they declare: perhaps thousands labelled millions; said, never rescaled."""
    for fact in provisions:
        value = fact.number
        if value and isinstance(fact.decimals, int) and fact.decimals < 0 and abs(value) < Decimal(10) ** -fact.decimals / 2:
            accuracy = Decimal(10) ** -fact.decimals
            yield f"{fact.concept} is {value:,} but declared accurate to {accuracy:,} only: taken as tagged, not rescaled"
