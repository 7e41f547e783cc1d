"""What logs and metrics add to a run of 400 items: the same run with Lambda's telemetry and with none, taken in turn.

Two kinds of items: a written prospectus read by the real reader, and items that cost nothing to read (only planning, storing
and concluding are left: the worst case for the share). Logs are redacted against a dozen secrets, as on Lambda.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases" / "bond-issuance"
ITEMS = 400
ROUNDS = 3


class Silent:
    def log(self, *_: object, **__: object) -> None: ...

    def metric(self, *_: object, **__: object) -> None: ...

    def flush(self) -> None: ...

    def close(self, *_: object) -> None: ...

    def redact(self, value: object) -> object:
        return value


def _loud() -> Any:
    from chalicelib.adapters.telemetry import LambdaTelemetry
    from chalicelib.redaction import Redactor

    known = [f"https://hooks.example.com/services/T{number:08}/B{number:08}/{number:024}" for number in range(12)]
    return LambdaTelemetry(
        "boom-bust-sentinel-dev-bond-issuance", "execution", Redactor(known), stream=io.StringIO(), scraper="bond-issuance"
    )


def _documents() -> list[Path]:
    inputs = sorted(each for each in CASES.glob("*/input.*") if not (each.parent / "raises.txt").exists())
    return sorted(inputs, key=lambda each: -each.stat().st_size)[:1]


def _once(telemetry: Any, fault: Callable[[], None] | None, folder: Path) -> float:
    from chalicelib import engine
    from chalicelib.adapters.sqlite import SqliteStore
    from chalicelib.deadline import Deadline
    from chalicelib.model import Window
    from chalicelib.ports import Services
    from tests.fakes.counting import Counting
    from tests.fakes.world import Nowhere, Remembering

    week = Window.parse("2026-W47")
    scraper: Any = Counting(ITEMS)
    if fault:
        scraper.faults = {f"{week}-{number}": fault for number in range(1, ITEMS + 1)}
    memory: Any = Remembering()
    nowhere: Any = Nowhere()
    store = SqliteStore(folder / f"{time.monotonic_ns()}.db")
    services = Services(fetch=nowhere, store=store, notifier=memory, telemetry=telemetry, continuation=memory)
    began = time.process_time()
    result = engine.run(engine.Task(scraper, week, "bench", Deadline()), services)
    telemetry.close(200, {"success": True, "data_summary": {"data_points": ITEMS, "headline": 1, "coverage": 1}}, 1.0)
    took = time.process_time() - began
    if result.count("done") != ITEMS:
        raise RuntimeError(f"the run ended {result.state} with {result.count('done')} items")
    return took


def _reading() -> Iterator[tuple[str, Callable[[], None] | None]]:
    if documents := _documents():
        from chalicelib.ports import Source
        from chalicelib.scrapers import load

        scraper, path = load("bond-issuance"), documents[0]

        def read() -> None:
            json.dumps(list(scraper.extract([Source(path.name, str(path))])), default=str)

        yield f"a written prospectus of {path.stat().st_size / 1000:.0f} kB", read
    yield "nothing to read", None


def main(full: bool) -> None:
    sys.path[:0] = [str(ROOT)]
    rounds = ROUNDS * 3 if full else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        for words, fault in _reading():
            _once(Silent(), fault, Path(name))
            silent, loud = [], []
            for _ in range(rounds):
                silent.append(_once(Silent(), fault, Path(name)))
                loud.append(_once(_loud(), fault, Path(name)))
            base, with_logs = statistics.median(silent), statistics.median(loud)
            print(
                f"{ITEMS} items, {words}: {base * 1000:.0f} ms without, {with_logs * 1000:.0f} ms with logs and metrics "
                f"(CPU, median of {rounds}): {(with_logs / base - 1) * 100:+.1f} %"
            )
