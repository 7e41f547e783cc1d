"""Like with like: which observation of a fund stands, and how its period compares with the one before. Pure.

Quarterly filers are compared with the quarter before, annual filers with the year before, and the two are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import prod
from typing import Literal

from chalicelib.model import Confidence, Json, Observation, Window

Basis = Literal["quarterly", "annual"]


@dataclass(frozen=True)
class Mark:
    """What a source says of one fund at one period end. USD; `flow` what investors added net, as the source itself states it;
    `performance` the period's return in per cent, by its name (`net-quarter-3`); `final`: the source says that none will follow.
    """

    source: str
    fund_id: str
    name: str
    fund_type: str
    as_of: date
    frequency: str
    gross: Decimal | None
    net: Decimal | None
    flow: Decimal | None
    performance: tuple[str, Decimal] | None
    counted: bool
    amendment: bool
    rank: tuple[bool, str]
    document: str
    confidence: Confidence
    final: bool


@dataclass(frozen=True)
class Pair:
    """One fund in two comparable periods. `flow` and `mark` split the change of net assets, None where nothing allows it."""

    before: Mark
    now: Mark

    @property
    def change(self) -> Decimal:
        """Change of gross assets, a ratio of what they were."""
        before, now = self.before.gross or Decimal(0), self.now.gross or Decimal(0)
        return (now - before) / before

    @property
    def net_change(self) -> Decimal | None:
        """Change of net assets, a ratio."""
        if not self.before.net or self.now.net is None:
            return None
        return (self.now.net - self.before.net) / self.before.net

    @property
    def split(self) -> tuple[Decimal, Decimal] | None:
        """(flow, mark) in USD: by stated flows, else by the period's return on what was there before."""
        if not self.before.net or self.now.net is None:
            return None
        moved = self.now.net - self.before.net
        if self.now.flow is not None:
            return self.now.flow, moved - self.now.flow
        if self.now.performance is not None:
            mark = (self.before.net * self.now.performance[1] / 100).quantize(Decimal(1))
            return moved - mark, mark
        return None


@dataclass(frozen=True)
class Standing:
    """The marks that stand, one a fund and period end; what amendments changed; what two originals say differently."""

    marks: Mapping[tuple[str, str, date], Mark]
    revised: tuple[tuple[Mark, Mark], ...]
    conflicts: tuple[tuple[Mark, Mark], ...]


@dataclass(frozen=True)
class Compared:
    """The same funds in two periods. `late` had a mark in the period before and have none yet; `entered` the reverse.

    `left` had one too, and said that it was their last.
    """

    source: str
    basis: Basis
    before: Window
    pairs: tuple[Pair, ...]
    late: tuple[Mark, ...]
    entered: tuple[Mark, ...]
    left: tuple[Mark, ...]

    @property
    def gross(self) -> tuple[Decimal, Decimal]:
        """Gross assets of the pairs, before and now."""
        return _sum(pair.before.gross for pair in self.pairs), _sum(pair.now.gross for pair in self.pairs)

    @property
    def change(self) -> Decimal | None:
        """Same-fund change of gross assets, a ratio to six places."""
        before, now = self.gross
        return ((now - before) / before).quantize(Decimal("0.000001")) if before else None

    @property
    def net_change(self) -> Decimal | None:
        """The same of net assets, over the pairs that give them."""
        both = [pair for pair in self.pairs if pair.net_change is not None]
        before = _sum(pair.before.net for pair in both)
        return ((_sum(pair.now.net for pair in both) - before) / before).quantize(Decimal("0.000001")) if before else None

    @property
    def coverage(self) -> Decimal:
        """Share of the earlier period's gross assets whose funds have reported again."""
        before = self.gross[0]
        due = before + _sum(mark.gross for mark in self.late)
        return before / due if due else Decimal(1)


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


def mark_of(found: Observation) -> Mark:
    """An observation as it is compared."""
    detail = found.detail
    amounts = detail.get("amounts")
    net = amounts.get("net_asset_value") if isinstance(amounts, Mapping) else None
    flow = detail.get("flow")
    amendment = str(detail.get("filing_type")) in ("PF-AMEND", "NPORT-P/A")
    order = str(detail.get("signed") or "")
    if detail.get("source") != "form-pf":
        order = str(detail.get("filed") or found.known_at.isoformat())
    return Mark(
        source=str(detail.get("source")),
        fund_id=str(detail.get("fund_id")),
        name=found.subject,
        fund_type=str(detail.get("fund_type")),
        as_of=found.as_of,
        frequency=str(detail.get("frequency")),
        gross=found.value,
        net=None if net is None else Decimal(str(net)),
        flow=None if flow is None else Decimal(str(flow)),
        performance=_performance(detail, found.as_of),
        counted=detail.get("counted") is True,
        amendment=amendment,
        rank=(amendment, order),
        document=found.source,
        confidence=found.confidence,
        final=detail.get("final") is True,
    )


def _performance(detail: Mapping[str, Json], as_of: date) -> tuple[str, Decimal] | None:
    """The return of the period itself, net before gross: of its year, of its quarter, or of the quarter's three months together.

    Returns are numbered by the fund's fiscal year: where the filing gives the last days of its quarters, the day decides.
    """
    told, ends = detail.get("performance"), detail.get("ends")
    if not isinstance(told, Mapping):
        return None
    dated = {
        name: day
        for name, day in (ends if isinstance(ends, Mapping) else {}).items()
        if told.get(f"net-{name}") or told.get(f"gross-{name}")
    }
    if detail.get("frequency") != "quarterly":
        return _first(told, ("year",)) if str(dated.get("year", as_of))[:7] == as_of.isoformat()[:7] else None
    numbers = [name for name, day in dated.items() if name != "year" and str(day)[:7] == as_of.isoformat()[:7]]
    if not numbers and not any(name != "year" for name in dated):
        numbers = [f"quarter-{detail.get('quarter')}"]
    return _first(told, numbers) if len(numbers) == 1 else None


def _first(told: Mapping[str, Json], periods: Sequence[str]) -> tuple[str, Decimal] | None:
    for side in ("net", "gross"):
        for period in periods:
            if told.get(f"{side}-{period}") is not None:
                return f"{side}-{period}", Decimal(str(told[f"{side}-{period}"]))
            months = _months(told, side, period)
            if len(months) == 3:
                whole = prod((1 + month / 100 for month in months), start=Decimal(1)) - 1
                return f"{side}-months-of-{period}", (whole * 100).quantize(Decimal("0.0001"))
    return None


def _months(told: Mapping[str, Json], side: str, period: str) -> list[Decimal]:
    """The three months of a quarter, as far as they are given."""
    number = period.removeprefix("quarter-")
    if not number.isdigit():
        return []
    given = (told.get(f"{side}-month-{month}") for month in range(3 * int(number) - 2, 3 * int(number) + 1))
    return [Decimal(str(each)) for each in given if each is not None]


def standing(found: Sequence[Observation]) -> Standing:
    """Amendments replace what they amend, the later signed ones last; two originals that differ stand nowhere."""
    groups: dict[tuple[str, str, date], list[tuple[Mark, tuple[str, int, str]]]] = {}
    for each in found:
        if each.detail.get("reported") is True:
            mark = mark_of(each)
            groups.setdefault((mark.source, mark.fund_id, mark.as_of), []).append(
                (mark, (each.source, each.offset or 0, each.key))
            )
    marks, revised, conflicts = {}, [], []
    for key, group in groups.items():
        group.sort(key=lambda each: (each[0].rank, each[1]))
        last = group[-1][0]
        rivals = [mark for mark, _ in group if mark.rank == last.rank and (mark.gross, mark.net) != (last.gross, last.net)]
        if rivals:
            conflicts.append((rivals[0], last))
            continue
        marks[key] = last
        first = group[0][0]
        if (first.gross, first.net) != (last.gross, last.net):
            revised.append((first, last))
    return Standing(marks, tuple(revised), tuple(conflicts))


def compare(marks: Iterable[Mark], source: str, basis: Basis, window: Window) -> Compared:
    """The funds of one source and frequency in the window and in the comparable period before it."""
    before = window.before() if basis == "quarterly" else Window.parse(f"{window.first.year - 1}{window.name[4:]}")
    mine = [mark for mark in marks if mark.source == source and mark.frequency == basis and usable(mark)]
    mine.sort(key=lambda each: each.as_of)
    now = {mark.fund_id: mark for mark in mine if mark.as_of in window}
    then = {mark.fund_id: mark for mark in mine if mark.as_of in before}
    return Compared(
        source=source,
        basis=basis,
        before=before,
        pairs=tuple(Pair(then[each], now[each]) for each in now if each in then and then[each].gross),
        late=tuple(mark for each, mark in then.items() if each not in now and not mark.final),
        left=tuple(mark for each, mark in then.items() if each not in now and mark.final),
        entered=tuple(mark for each, mark in now.items() if each not in then),
    )


def usable(mark: Mark) -> bool:
    """Whether a mark may be added up: counted once, with gross assets, and nothing in doubt."""
    return mark.counted and mark.gross is not None and mark.confidence != "low"
