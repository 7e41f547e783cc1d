"""A scraper that counts: item N gives one observation worth N dollars. Faults are scripted by item key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from chalicelib.model import Alert, Expect, Item, Notice, Observation, Signal, Window
from chalicelib.ports import Fetch, Source, Table

TOTAL = "total"


@dataclass
class Counting:
    """Items `1` to `size`, each worth its number; `faults[key]()` is called before an item is read and may raise."""

    size: int = 5
    NAME: str = "bond-issuance"
    READER: str = "1"
    WINDOW: str = "week"
    EXPECT: Expect = field(default_factory=lambda: Expect(items=(0, 100_000), coverage=Decimal("0.9")))
    HOSTS: tuple[str, ...] = ()
    LOOKBACK_DAYS: int = 7
    LIMITS: Mapping[str, Decimal] = field(default_factory=lambda: {TOTAL: Decimal(10)})
    faults: dict[str, Callable[[], None]] = field(default_factory=dict)
    worth: Callable[[int], Decimal] = Decimal
    reads: list[str] = field(default_factory=list)
    discoveries: int = 0

    def windows(self, now: datetime) -> Sequence[Window]:
        this = Window.week_of(now.date()).before()
        return [this.before(), this]

    def discover(self, window: Window, fetch: Fetch) -> Iterator[Item | Notice]:
        self.discoveries += 1
        for number in range(1, self.size + 1):
            yield Item(
                f"{window}-{number}",
                f"number {number}",
                url=f"https://www.sec.gov/{window}-{number}",
                replaces=True,
                detail={"n": number, "day": window.first.isoformat()},
            )
        yield Notice("disagreement", "index", "two sources do not agree")

    def read(self, item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
        self.reads.append(item.key)
        if fault := self.faults.get(item.key):
            fault()
        day = datetime.fromisoformat(str(item.detail["day"])).date()
        yield Observation(
            key=item.key,
            kind="number",
            subject=item.label,
            as_of=day,
            known_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            value=self.worth(int(str(item.detail["n"]))),
            unit="USD",
            confidence="high",
            source=f"https://www.sec.gov/{item.key}",
            words=f"number {item.detail['n']}",
        )

    def summarise(self, found: Sequence[Observation], history: Sequence[Signal], window: Window) -> Signal:
        mine = [each for each in found if each.as_of in window]
        total = sum((each.value for each in mine if each.value is not None), Decimal(0))
        before = history[-1].headline if history and history[-1].window == window.before().name else None
        return Signal(
            scraper=self.NAME,
            window=window.name,
            as_of=window.last,
            headline=total,
            unit="USD",
            coverage=Decimal(1),
            confidence="high",
            change=None if before is None else total - before,
            compared_with=None if before is None else window.before().name,
            data={"count": len(mine)},
        )

    def alerts(self, signal: Signal, history: Sequence[Signal], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
        if signal.headline is not None and signal.headline > limits[TOTAL]:
            high = signal.headline > limits[TOTAL] * 2
            yield Alert(
                TOTAL,
                "high" if high else "alert",
                "the total is high",
                None,
                signal.headline,
                limits[TOTAL],
                "USD",
                "above the limit",
            )

    def table(self, signal: Signal, found: Sequence[Observation]) -> Table:
        return Table("Numbers", ["number", "value"], [[each.subject, str(each.value)] for each in found])

    def extract(self, sources: Sequence[Source]) -> Iterator[Mapping[str, object]]:
        for source in sources:
            yield {"file": source.name}
