"""Running every window of a past period: documents read by several processes, then each window concluded in its order.

Nothing is kept but in the store, so a backfill that was killed at any instant goes on where it was when it is started again:
a concluded window is passed over, an item that is read is not read again. Alerts are computed and marked as not to be sent.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from multiprocessing.sharedctypes import Synchronized
from typing import TYPE_CHECKING, Any, TextIO, cast

from chalicelib import assembly, codec, engine, history, scrapers
from chalicelib.bulk import BulkFetch
from chalicelib.deadline import Deadline
from chalicelib.errors import BadEvent, SentinelError
from chalicelib.model import Signal, Window

if TYPE_CHECKING:
    from chalicelib.engine import Result
    from chalicelib.model import Item, Notice, Observation
    from chalicelib.ports import Conclusion, Fetch, Scraper, Services, Store
    from chalicelib.settings import Settings

BLOCK = 13
"""Windows one process takes at a time: a quarter of weeks, so that it needs one full index."""
MOST_REMEMBERED = 400
"""Items whose reading is remembered: a filing of Monday is due in two weeks' windows, and read once."""
MOST_OBSERVATIONS = 50_000
"""What remembered items may give together: an archive's slices give thousands each, some 5 kB apiece."""
MOST_RECALLED = 600
"""Signals kept in memory: as many as a conclusion is given as its history."""
_TICK_S = 0.2


def windows_between(scraper: Scraper, first: date, last: date) -> Iterator[Window]:
    """The scraper's windows from the one `first` lies in, as long as they end by `last`."""
    kinds = {"week": Window.week_of, "day": Window.day_of, "quarter": Window.quarter_of}
    window = kinds[scraper.WINDOW](first)
    while window.last <= last:
        yield window
        window = window.after()


def due(scraper: Scraper, first: date, last: date, today: date) -> list[Window]:
    """The windows to run. Raises `BadEvent` when none ends in the period, or the period has not ended."""
    if first > last:
        raise BadEvent(f"--from {first} is after --to {last}")
    if last > today:
        raise BadEvent(f"--to {last}: that day is to come")
    windows = list(windows_between(scraper, first, last))
    if scraper.WINDOW == "day":
        from chalicelib import sessions

        windows = [window for window in windows if sessions.is_session(window.first)]
    if not windows:
        kind = "session lies" if scraper.WINDOW == "day" else f"{scraper.WINDOW} ends"
        raise BadEvent(f"--from {first} --to {last}: no {kind} in that period")
    return windows


def settled(store: Store, scraper: Scraper, window: Window) -> bool:
    """Whether the window has concluded with a headline."""
    concluded = store.concluded(f"{scraper.NAME}/{window.name}")
    return concluded is not None and concluded.signal.withheld is None


@dataclass
class Progress:
    """A line on a terminal: how far, how fast, how long still, how many errors; silent where there is no terminal."""

    total: int
    out: TextIO = field(default_factory=lambda: sys.stderr)
    begun: float = field(default_factory=time.monotonic)

    def show(self, doing: str, done: int, items: int, errors: int) -> None:
        """Write the line over the last one."""
        if not self.out.isatty():
            return
        passed = max(time.monotonic() - self.begun, 1e-9)
        left = f"{_span(passed / done * (self.total - done))} left" if done else "time left unknown"
        filled = 24 * done // max(self.total, 1)
        bar = "█" * filled + "░" * (24 - filled)
        words = f"{doing} {bar} {done}/{self.total} windows, {items:,} items, {items / passed:.0f}/s, {left}, {errors} errors"
        self.out.write(f"\r{words[:160]}\x1b[K")
        self.out.flush()

    def end(self) -> None:
        """Leave the line."""
        if self.out.isatty():
            self.out.write("\n")


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min {int(seconds % 60):02d} s"


class Remembering:
    """The scraper, with what it read of its newest items remembered; all else is the scraper's own."""

    def __init__(self, scraper: Scraper, counted: Synchronized[int] | None = None) -> None:
        self._scraper, self._counted = scraper, counted
        self._read: OrderedDict[tuple[str, str], list[Observation | Notice]] = OrderedDict()
        self._kept = 0

    def read(self, item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
        """See `ports.Scraper`; an item of a known key and version is not read again."""
        mark = (item.key, item.version)
        found = self._read.get(mark)
        if found is None:
            found = list(self._scraper.read(item, fetch))
            self._read[mark] = found
            self._kept += len(found)
            while len(self._read) > MOST_REMEMBERED or (self._kept > MOST_OBSERVATIONS and len(self._read) > 1):
                self._kept -= len(self._read.popitem(last=False)[1])
            if self._counted is not None:
                with self._counted.get_lock():
                    self._counted.value += 1
        yield from found

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the module's own attribute
        return getattr(self._scraper, name)


class Recalling:
    """The store, with a scraper's past signals kept in memory from conclusion to conclusion; all else is the store's own.

    It gives what the store would: where one was concluded after the instant asked for, or too few are kept, the store is asked.
    """

    def __init__(self, store: Store, scraper: str) -> None:
        self._store, self._scraper = store, scraper
        kept = store.signals(scraper, limit=MOST_RECALLED)
        self._kept = [(Window.parse(signal.window).first, signal, at) for signal, at in kept]
        self._whole = len(kept) < MOST_RECALLED

    def signals(
        self, scraper: str, *, before: Window | None = None, limit: int = 1000, known_by: datetime | None = None
    ) -> Sequence[tuple[Signal, datetime]]:
        """See `ports.Store`."""
        among = [each for each in self._kept if before is None or each[0] < before.first]
        later = known_by is not None and any(at > known_by for _, _, at in among)
        enough = self._whole or len(among) >= limit
        if scraper != self._scraper or later or not enough:
            return self._store.signals(scraper, before=before, limit=limit, known_by=known_by)
        return [(signal, at) for _, signal, at in among[-limit:]]

    def conclude(self, conclusion: Conclusion) -> bool:
        """See `ports.Store`."""
        if not self._store.conclude(conclusion):
            return False
        signal = codec.load(Signal, codec.dump(conclusion.signal))
        if signal.scraper == self._scraper:
            first = Window.parse(signal.window).first
            self._kept = [each for each in self._kept if each[1].window != signal.window]
            self._kept.append((first, signal, conclusion.concluded_at))
            self._kept.sort(key=lambda each: each[0])
            self._whole = self._whole and len(self._kept) <= MOST_RECALLED
            del self._kept[:-MOST_RECALLED]
        return True

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the store's own attribute
        return getattr(self._store, name)


def read_ahead(name: str, windows: Sequence[Window], settings: Settings, processes: int, progress: Progress) -> Mapping[str, int]:
    """Plan and read `windows` in `processes` processes, nothing concluded; how many windows and items were done, and errors.

    The rate allowed at EDGAR is shared out among them. An error ends its window only: concluding it tries again.
    """
    spawn = multiprocessing.get_context("spawn")
    done, items, errors = (cast("Synchronized[int]", spawn.Value("q", 0)) for _ in range(3))
    share = replace(settings, max_rps=max(1, settings.max_rps // processes))
    blocks = [windows[at : at + BLOCK] for at in range(0, len(windows), BLOCK)]
    workers = [
        spawn.Process(
            target=_worker,
            args=(name, [each.name for block in blocks[n::processes] for each in block], share, done, items, errors),
            daemon=True,
        )
        for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        progress.show("reading", done.value, items.value, errors.value)
        next(worker for worker in workers if worker.is_alive() or worker is workers[-1]).join(_TICK_S)
    if failed := [worker.exitcode for worker in workers if worker.exitcode]:
        raise SentinelError(f"{len(failed)} of {processes} readers ended early (exit {failed[0]}): start it again to go on")
    return {"windows": done.value, "items": items.value, "errors": errors.value}


def _worker(
    name: str,
    windows: Sequence[str],
    settings: Settings,
    done: Synchronized[int],
    items: Synchronized[int],
    errors: Synchronized[int],
) -> None:
    """One process: plan and read its windows, one after the other, until its parent is gone."""
    scraper = cast("Scraper", Remembering(scrapers.load(name), items))
    telemetry = assembly.terminal_telemetry(settings)
    services = assembly.assemble(settings, scraper, Deadline(), telemetry)
    services = replace(services, fetch=BulkFetch(services.fetch))
    parent = multiprocessing.parent_process()
    for each in windows:
        if parent is not None and not parent.is_alive():
            return
        task = assembly.task_for(scraper, Window.parse(each), Deadline())
        try:
            plan = engine.plan_for(task, services, refresh=False)
            engine.read(task, services, plan, plan.items)
        except SentinelError as error:
            telemetry.log("warning", "a window waits for the second pass", run_id=task.run_id, error=str(error))
            with errors.get_lock():
                errors.value += 1
        with done.get_lock():
            done.value += 1


def conclude(
    scraper: Scraper, windows: Sequence[Window], services: Services, progress: Progress
) -> Iterator[tuple[Window, Result | None]]:
    """Each window brought to its conclusion in order, silently, from what was known in time; None: it had concluded before."""
    remembering = cast("Scraper", Remembering(scraper))
    recalling = cast("Store", Recalling(services.store, scraper.NAME))
    bulk = replace(services, fetch=BulkFetch(services.fetch), store=recalling)
    items = errors = 0
    for n, window in enumerate(windows):
        progress.show("concluding", n, items, errors)
        if settled(services.store, scraper, window):
            yield window, None
            continue
        known_by = min(history.last_due(scraper, window), services.fetch.now())
        task = replace(assembly.task_for(remembering, window, Deadline()), silent=True, known_by=known_by)
        result = engine.run(task, bulk)
        items += result.total
        errors += result.count("failed") + result.count("parked")
        yield window, result
    progress.show("concluding", len(windows), items, errors)


def processes_for(settings: Settings) -> int:
    """As many as there are cores, as the rate at EDGAR can be shared by: at least one request a second each."""
    return max(1, min(os.cpu_count() or 1, settings.max_rps, 8))
