"""The stores: SQLite's completes beside bare inserts of the same rows, a report's reads beside a bare select, and the
DynamoDB request units of every operation (reckoned from the bytes that went over the client, by AWS's own rules).
"""

from __future__ import annotations

import json
import math
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sentinel")]

from chalicelib import codec  # noqa: E402 -- the product is found through the line above
from chalicelib.adapters.sqlite import SqliteStore  # noqa: E402 -- as above
from chalicelib.model import Alert, Item, Observation, Outcome, Signal, Window  # noqa: E402 -- as above
from chalicelib.ports import Conclusion, Dispatch, Plan, Store  # noqa: E402 -- as above

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BONDS, FUNDS = "bond-issuance", "bdc-discount"
DETAIL = {"coupon": "4.875", "maturity": "2035-11-15", "seniority": "senior unsecured", "spread_bp": "78"}
QUOTED = date(2026, 11, 20)
INSERT = "INSERT INTO observation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def tranche(filing: int, n: int) -> Observation:
    """One of the four tranches of a filing: about 700 bytes, as the bond reader gives."""
    day = date(2021, 11, 22) + timedelta(days=filing % 1800)
    known = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    words = "$2,500,000,000 4.875% Senior Notes due 2035 " * 5
    key = f"0001193125-25-{filing:06d}/{n}"
    return Observation(
        key, "tranche", "Meta", day, known, Decimal(2_500_000_000 + filing), "USD", "high", "https://a", words, 81, DETAIL
    )  # fmt: skip


def reading(filing: int) -> tuple[Item, Outcome, list[Observation]]:
    """A filing with its four tranches."""
    item = Item(f"0001193125-25-{filing:06d}", "424B2 of Meta", "https://www.sec.gov/a", replaces=True)
    outcome = Outcome(item.key, "done", "", "1", 1, NOW, observations=4)
    return item, outcome, [tranche(filing, n) for n in range(4)]


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def writes(folder: Path, filings: int) -> None:
    """Completes beside bare inserts: the same rows, made beforehand, one transaction a filing, the same pragmas."""
    readings = [reading(n) for n in range(filings)]
    bare = SqliteStore(folder / "bare.db")
    bare.close()
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA synchronous=NORMAL")
    rows = [
        [
            (BONDS, o.as_of.isoformat(), o.key, 1, codec.instant(o.known_at), codec.instant(NOW), item.key, 0, codec.dump_fact(o))
            for o in found
        ]
        for item, _, found in readings
    ]
    outcomes = [("run", item.key, codec.dump(outcome)) for item, outcome, _ in readings]

    def insert() -> None:
        for batch, outcome in zip(rows, outcomes, strict=True):
            db.execute("BEGIN IMMEDIATE")
            db.executemany(INSERT, batch)
            db.execute("INSERT INTO outcome VALUES (?, ?, ?)", outcome)
            db.execute("COMMIT")

    store = SqliteStore(folder / "store.db")

    def complete() -> None:
        for item, outcome, found in readings:
            store.complete(f"{BONDS}/2026-W47", BONDS, item, outcome, found)

    base, first, again = timed(insert), timed(complete), timed(complete)
    print(f"SQLite writes, {filings} filings of 4 observations, one transaction each:")
    print(f"  bare sqlite3 inserts       {filings / base:8.0f} filings/s   1.0")
    print(f"  complete, first time       {filings / first:8.0f} filings/s   {first / base:.1f} x the time")
    print(f"  complete, nothing changed  {filings / again:8.0f} filings/s   {again / base:.1f} x the time")


def reads(folder: Path, days: int, names: int) -> None:
    """A report's reads beside fetching the same rows bare and parsing their JSON."""
    store = SqliteStore(folder / "report.db")
    first = date(2021, 11, 22)
    for n in range(days):
        day = first + timedelta(days=n)
        known = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
        found = [
            Observation(
                f"T{each:03d}", "discount", f"T{each:03d}", day, known, Decimal(each) / 100, "ratio", "high", "u", "", None,
                {"nav": "19.83", "price": "18.02", "nav_as_of": "2021-09-30"},
            )
            for each in range(names)
        ]  # fmt: skip
        store.complete(f"{FUNDS}/{day}", FUNDS, Item(f"{day}", ""), Outcome(f"{day}", "done", "", "1", 1, known), found)
        signal = Signal(FUNDS, day.isoformat(), day, Decimal("0.12"), "ratio", Decimal(1), "high")
        store.conclude(Conclusion(f"{FUNDS}/{day}", 1, signal, known))
    last = first + timedelta(days=days)
    db = sqlite3.connect(folder / "report.db")

    def bare() -> None:
        rows = db.execute("SELECT * FROM observation WHERE scraper = ? ORDER BY as_of, key, revision", (FUNDS,)).fetchall()
        assert sum(json.loads(row[8])["unit"] == "ratio" for row in rows) == days * names

    base = timed(bare)
    now = timed(lambda: store.observations(FUNDS, first, last))
    past = timed(lambda: store.observations(FUNDS, first, last, NOW - timedelta(days=400)))
    signals = timed(lambda: store.signals(FUNDS, limit=5000))
    print(f"SQLite reads of a report, {days * names} observations and {days} signals:")
    print(f"  bare select and json.loads {base:8.2f} s   1.0")
    print(f"  observations, newest       {now:8.2f} s   {now / base:.1f} x")
    print(f"  observations, known_by     {past:8.2f} s   {past / base:.1f} x")
    print(f"  signals                    {signals:8.2f} s")


class Counting:
    """A DynamoDB client that counts request units: writes by the KB, reads by 4 KB (consistent), transactions twice."""

    def __init__(self, behind: Any) -> None:
        self.behind, self.read, self.written, self.calls = behind, 0.0, 0.0, 0

    def __getattr__(self, name: str) -> Any:
        def call(**parts: Any) -> Any:
            answer = getattr(self.behind, name)(**parts)
            self.calls += 1
            self._count(name, parts, answer)
            return answer

        return call

    def _count(self, name: str, parts: Any, answer: Any) -> None:
        match name:
            case "get_item":
                self.read += _units(_size(answer.get("Item", {})), 4096)
            case "batch_get_item":
                found = [each for items in answer["Responses"].values() for each in items]
                asked = sum(len(each["Keys"]) for each in parts["RequestItems"].values())
                self.read += sum(_units(_size(each), 4096) for each in found) + asked - len(found)
            case "query":
                self.read += _units(sum(map(_size, answer["Items"])), 4096)
            case "transact_write_items":
                self.written += sum(2 * _written(action) for action in parts["TransactItems"])
            case "batch_write_item":
                self.written += sum(1 for each in parts["RequestItems"].values() for _ in each)
            case _:
                self.written += _units(_size(parts.get("Item", {})), 1024)

    def spent(self, work: Callable[[], object]) -> tuple[float, float, int]:
        """Read units, write units and calls of `work`."""
        before = (self.read, self.written, self.calls)
        work()
        return self.read - before[0], self.written - before[1], self.calls - before[2]


def _written(action: Any) -> int:
    [parts] = action.values()
    return _units(_size(parts.get("Item", {})), 1024)


def _units(size: int, unit: int) -> int:
    return max(1, math.ceil(size / unit))


def _size(item: Any) -> int:
    def weight(value: Any) -> int:
        [(kind, inner)] = value.items()
        if kind in ("L", "SS"):
            return 3 + sum(weight(each) if kind == "L" else len(each) for each in inner)
        return len(inner.encode()) if isinstance(inner, str) else len(inner) if isinstance(inner, bytes) else 1

    return sum(len(name) + weight(value) for name, value in item.items())


def units(months: int) -> None:
    """The price of each operation. A consistent read unit is two eventually consistent ones; all reads are consistent."""
    from moto import mock_aws

    from chalicelib.adapters.dynamo import DynamoStore
    from tests.fakes import tables

    with mock_aws():
        client = Counting(tables.create_table(tables.client()))
        store = DynamoStore(client, tables.NAME)
        store.kept("warm")
        print("DynamoDB request units (consistent reads; transactions count twice):")
        print(f"  {'operation':52} {'read':>6} {'write':>6} {'calls':>6}")
        for name, work in _operations(store, months):
            read, written, calls = client.spent(work)
            print(f"  {name:52} {read:6.0f} {written:6.0f} {calls:6d}")


def _operations(store: Store, months: int) -> list[tuple[str, Callable[[], object]]]:
    run, window = f"{BONDS}/2026-W47", Window.parse("2026-W47")
    item, outcome, found = reading(1)
    changed = [replace(found[0], value=Decimal(1)), *found[1:]]
    alert = Alert("r", "high", "h", None, Decimal(1), Decimal(1), "USD", "why")
    message = Dispatch(f"{run}/r/high/1", run, BONDS, "r", "high", alert, NOW)
    signal = Signal(BONDS, "2026-W47", window.last, Decimal(1), "USD", Decimal(1), "high")
    large = [replace(tranche(9, n), as_of=date(2026, 9, 30)) for n in range(250)]
    return [
        ("lease", lambda: store.lease(run, "me", NOW + timedelta(hours=1), NOW)),
        (
            "save_plan, 400 items",
            lambda: store.save_plan(Plan(run, BONDS, "2026-W47", 1, tuple(reading(n)[0] for n in range(400)), (), NOW)),
        ),
        ("plan, 400 items", lambda: store.plan(run)),
        ("complete, 4 new observations", lambda: store.complete(run, BONDS, item, outcome, found)),
        ("complete, nothing changed", lambda: store.complete(run, BONDS, item, outcome, found)),
        ("complete, 1 of 4 revised", lambda: store.complete(run, BONDS, item, outcome, changed)),
        ("complete, parked", lambda: store.complete(run, BONDS, item, replace(outcome, state="parked"), ())),
        (
            "complete, 250 new observations (staged)",
            lambda: store.complete(run, "credit-fund", Item("adv", "", replaces=True), outcome, large),
        ),
        ("complete, 1 quote of the first of 50", lambda: _quote(store, 0)),
        ("complete, 1 quote of the last of 50", lambda: _quote(store, 49)),
        ("outcomes, 1 item", lambda: store.outcomes(run)),
        (f"observations, {months} months, 5 facts", lambda: store.observations(BONDS, date(2021, 11, 1), QUOTED)),
        ("conclude, 1 alert", lambda: store.conclude(Conclusion(run, 1, signal, NOW, (message,)))),
        ("concluded", lambda: store.concluded(run)),
        ("dispatches, pending", lambda: store.dispatches(pending=True)),
        ("mark", lambda: store.mark(replace(message, sent_at=NOW, delivered=("sns",)))),
        ("signals", lambda: store.signals(BONDS)),
        ("runs", lambda: store.runs(BONDS)),
        ("release", lambda: store.release(run, "me")),
    ]


def _quote(store: Store, n: int) -> None:
    """The `n`-th fund's quote of a day, kept."""
    quote = Observation(f"T{n}", "discount", "T", QUOTED, NOW, Decimal(n), "ratio", "high", "u")
    store.complete(f"{FUNDS}/{QUOTED}", FUNDS, Item(f"T{n}", ""), reading(1)[1], [quote])


def main(full: bool) -> None:
    """All three; with `full`, five years of 50 names and 20,000 filings."""
    with tempfile.TemporaryDirectory() as folder:
        writes(Path(folder), 20_000 if full else 1_000)
        reads(Path(folder), 1_260 if full else 250, 50)
    units(61)


if __name__ == "__main__":
    main("--full" in sys.argv)
