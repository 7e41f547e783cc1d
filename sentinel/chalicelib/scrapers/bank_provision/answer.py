"""A bank's provision for non-bank financial lending in one quarter: disclosed, derived from the allowance, or not disclosed.

Pure. A quarter comes from a period of 80 to 100 days, else from the year to date less the year to date a quarter before. Derived:
change of the class's allowance plus its net charge-offs. Nothing is estimated; what is missing leaves the answer not disclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Literal

from chalicelib.scrapers.bank_provision.classes import classes, exposed, one_of
from chalicelib.scrapers.bank_provision.families import Class
from chalicelib.scrapers.bank_provision.figures import QUARTER_DAYS, Figure, Report

Status = Literal["disclosed", "derived", "not-disclosed"]
_PROVISIONS = ("provision-all", "provision-loans", "provision-commitments")


@dataclass(frozen=True)
class Amount:
    """An amount of a period, how it was got, and the figures it was computed from."""

    value: Decimal
    how: str
    from_figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Part:
    """One NDFI class's share of the answer."""

    member: str
    axis: str
    kind: str
    amount: Amount


@dataclass(frozen=True)
class Answer:
    """One bank's quarter. Amounts in dollars, a release negative; None where the filing gives none.

    `method` says how the quarter was got: `direct`, `ytd-difference`, `year-minus-nine-months`, `allowance`,
    `allowance-ytd-difference`; or why there is none: `unreadable-figure`, `year-to-date-only`, `no-class`, `no-statements`.
    `coverage_ratio`: allowance over exposure of the same classes.
    """

    status: Status
    method: str
    provision: Decimal | None
    parts: tuple[Part, ...]
    exposure: Decimal | None
    exposures: tuple[Figure, ...]
    total_provision: Decimal | None
    total: Amount | None
    allowance: Decimal | None
    year_to_date: Decimal | None
    notes: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    coverage_ratio: Decimal | None = None


def answer(report: Report, others: Sequence[Report] = ()) -> Answer:
    """The answer for `report`'s quarter; `others` are reports of the same bank whose year-to-date figures may be needed."""
    pool = [report, *(other for other in others if other.cik == report.cik and other.period_end < report.period_end)]
    quarters = _Quarters(report, pool)
    members = classes(report)
    disclosed, derived, ytd_only, disagreements = _by_class(quarters, members)
    total = quarters.of(partial(quarters.provision, ""))
    lent = [member for member, _, _ in exposed(report, members)]
    balances = [found for member in lent if (found := quarters.balance("exposure", member, report.period_end))]
    allowances = [found for member, _, _ in members if (found := quarters.balance("allowance", member, report.period_end))]
    # A class whose quarter cannot be had would make the sum of the others look like the whole.
    parts = [*disclosed, *derived] if not ytd_only and report.blocked.isdisjoint(_PROVISIONS) else []
    status: Status = "not-disclosed" if not parts else "derived" if derived else "disclosed"
    counted = {part.member for part in parts}
    held = [each for each in allowances if not counted or each.member in counted]
    whole = (not counted or counted == {each.member for each in held}) and "allowance" not in report.blocked
    return Answer(
        status=status,
        method=_method(report, parts, ytd_only=ytd_only),
        provision=_sum([part.amount for part in parts]),
        parts=tuple(parts),
        exposure=None if "exposure" in report.blocked else _sum(balances),
        exposures=tuple(balances),
        total_provision=total.value if total else None,
        total=total,
        allowance=_sum(held) if whole else None,
        year_to_date=quarters.since_the_year_began([member for member, _, _ in members]),
        notes=(*_silence(report), *report.notes, *(f"could not be read: {flaw}" for flaw in report.flaws)),
        disagreements=tuple(disagreements),
        members=tuple(part.member for part in parts) or tuple(member for member, _, _ in members),
        coverage_ratio=_coverage(held, balances),
    )


def _by_class(quarters: _Quarters, members: Sequence[Class]) -> tuple[list[Part], list[Part], bool, list[str]]:
    """The classes' disclosed parts and derived parts, whether one has a year to date alone, and what disagrees."""
    disclosed: list[Part] = []
    derived: list[Part] = []
    disagreements: list[str] = []
    ytd_only = False
    for member, axis, kind in members:
        direct = quarters.of(partial(quarters.provision, member))
        rolled = quarters.of(partial(quarters.rolled, member))
        if direct is not None:
            disclosed.append(Part(member, axis, kind, direct))
            disagreements += _compared(member, direct, rolled)
        elif rolled is not None:
            derived.append(Part(member, axis, kind, rolled))
        elif quarters.year_to_date(member) is not None:
            ytd_only = True
    return disclosed, derived, ytd_only, disagreements


def _sum(amounts: Sequence[Amount] | Sequence[Figure]) -> Decimal | None:
    return sum((each.value for each in amounts), Decimal(0)) if amounts else None


def _coverage(allowances: Sequence[Figure], balances: Sequence[Figure]) -> Decimal | None:
    """Allowance over balance of the same classes; None unless both are disclosed for each of them."""
    held, lent = _sum(allowances), _sum(balances)
    if held is None or not lent or {each.member for each in allowances} != {each.member for each in balances}:
        return None
    return (held / lent).quantize(Decimal("0.000001"))


def _silence(report: Report) -> Iterator[str]:
    if not report.has_statements:
        yield "no statements in this document: look at the filing's other documents (exhibit 13, the extracted instance)"


def _method(report: Report, parts: Sequence[Part], *, ytd_only: bool) -> str:
    if parts:
        return " + ".join(dict.fromkeys(part.amount.how for part in parts))
    if not report.blocked.isdisjoint(_PROVISIONS):
        return "unreadable-figure"
    if ytd_only:
        return "year-to-date-only"
    return "no-class" if report.has_statements or report.figures else "no-statements"


def _compared(member: str, direct: Amount, rolled: Amount | None) -> Iterator[str]:
    if rolled is None or rolled.how != "allowance":
        return
    # Each of the four figures of a roll-forward is rounded to the last printed digit.
    slack = max((abs(figure.value) for figure in rolled.from_figures), default=Decimal(0)) / 50
    if abs(direct.value - rolled.value) > max(slack, Decimal(2_000_000)):
        yield f"{member}: provision {direct.value:,} is disclosed, the allowance's change and charge-offs give {rolled.value:,}"


class _Quarters:
    """Amounts of periods of one bank, from the report itself or, for earlier year-to-date periods, from those beside it."""

    def __init__(self, report: Report, pool: Sequence[Report]) -> None:
        self.end = report.period_end
        self.report = report
        # Of two reports of the same period the amendment speaks.
        self.pool = sorted(pool, key=lambda each: (each.period_end, each.form.endswith("/A")), reverse=True)
        self.spans = sorted(
            {(each.start, each.end) for each in report.figures if each.start is not None and each.end == self.end},
            key=lambda span: span[0] or self.end,
            reverse=True,
        )

    def of(self, amount: Callable[[date, date], Amount | None]) -> Amount | None:
        """The quarter's amount: its own period, else year to date less the year to date before."""
        for start, end in self.spans:
            if start is not None and (end - start).days + 1 in QUARTER_DAYS and (found := amount(start, end)) is not None:
                return found
        for start, end in self.spans:
            days = 0 if start is None else (end - start).days + 1
            if start is None or days <= QUARTER_DAYS[-1] or (whole := amount(start, end)) is None:
                continue
            for before in self._ends_before(start):
                less = amount(start, before)
                if less is not None and _roles(less) == _roles(whole):
                    how = "year-minus-nine-months" if days > 350 else "ytd-difference"
                    how = f"allowance-{how}" if whole.how.startswith("allowance") else how
                    return Amount(whole.value - less.value, how, (*whole.from_figures, *less.from_figures))
        return None

    def _ends_before(self, start: date) -> list[date]:
        """Ends, a quarter before ours, of periods that began with the year (or a half of a few days' difference)."""
        found = {
            each.end
            for report in self.pool
            for each in report.figures
            if each.start == start and (self.end - each.end).days in QUARTER_DAYS
        }
        return sorted(found)

    def provision(self, member: str, start: date, end: date) -> Amount | None:
        """Disclosed provision of a class (or of the bank) in a period: all of it, else loans plus commitments."""
        found = {role: self._flow(role, member, start, end) for role in _PROVISIONS}
        if found["provision-all"] is not None:
            return Amount(found["provision-all"].value, "direct", (found["provision-all"],))
        loans, commitments = found["provision-loans"], found["provision-commitments"]
        if loans is None and not member:
            # Of the whole bank, commitments alone are never the provision; of a class they may be all that is disclosed.
            return None
        figures = tuple(each for each in (loans, commitments) if each is not None)
        return Amount(sum((each.value for each in figures), Decimal(0)), "direct", figures) if figures else None

    def rolled(self, member: str, start: date, end: date) -> Amount | None:
        """Change of the class's allowance plus net charge-offs; None unless every figure of it is disclosed."""
        acquired = self._flow("acquired", member, start, end)
        bought = acquired.value if acquired else Decimal(0)
        closing = self.balance("allowance", member, end)
        opening = self.balance("allowance", member, start - timedelta(days=1), closing.concept if closing else None)
        if closing is None or opening is None:
            return None
        net = self._flow("write-offs-net", member, start, end)
        if net is not None:
            value = closing.value - opening.value + net.value - bought
            return Amount(value, "allowance", tuple(each for each in (opening, closing, net, acquired) if each))
        gross, back = self._flow("write-offs", member, start, end), self._flow("recoveries", member, start, end)
        if gross is None or back is None:
            return None
        value = closing.value - opening.value + gross.value - back.value - bought
        return Amount(value, "allowance", tuple(each for each in (opening, closing, gross, back, acquired) if each))

    def balance(self, role: str, member: str, day: date, concept: str | None = None) -> Figure | None:
        """A class's balance on a day."""
        return self._found(role, member, None, day, concept)

    def since_the_year_began(self, members: Sequence[str]) -> Decimal | None:
        """The classes' provisions since the year began; None when one of them has none, or has it for less."""
        known = [found for member in members if (found := self.year_to_date(member)) is not None]
        begun = min((start for start, _ in self.spans if start is not None), default=self.end)
        if self.report.began is not None:
            begun = min(begun, self.report.began)
        starts = [figure.start or self.end for each in known for figure in each.from_figures]
        whole = len(known) == len(members) and all((start - begun).days < 5 for start in starts)
        return _sum(known) if whole else None

    def year_to_date(self, member: str) -> Amount | None:
        """The class's provision of the longest period that ends with ours."""
        for start, end in reversed(self.spans):
            if start is not None and (found := self.provision(member, start, end)) is not None:
                return found
        return None

    def _flow(self, role: str, member: str, start: date, end: date) -> Figure | None:
        return self._found(role, member, start, end)

    def _found(self, role: str, member: str, start: date | None, end: date, concept: str | None = None) -> Figure | None:
        """The figure as the newest report that has it gives it."""
        wanted = (role, member, start, end)
        for report in self.pool:
            named = [each for each in report.figures if (each.role, each.member, each.start, each.end) == wanted]
            if named := [each for each in named if concept is None or each.concept == concept]:
                return one_of(named)
        return None


def _roles(amount: Amount) -> set[str]:
    """What an amount is made of: only amounts of the same make can be taken from each other."""
    return {each.role for each in amount.from_figures if each.role != "acquired"}
