"""Tells a promise about time that was broken from a machine too busy to measure it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")
TICK_S = 0.005
TRIES = 5


class Metronome:
    """Ticks in a thread of its own while the `with` lasts; `late_s` is how late its latest tick came."""

    def __init__(self) -> None:
        self.late_s = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def _tick(self) -> None:
        before = time.monotonic()
        while not self._over.wait(TICK_S):
            now = time.monotonic()
            self.late_s, before = max(self.late_s, now - before - TICK_S), now

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()


def measured(measure: Callable[[], T], holds: Callable[[T], bool], steady_s: float) -> T:
    """The first measurement that holds, or that does not although every tick came within `steady_s`; else the last of five."""
    for left in reversed(range(TRIES)):
        with Metronome() as metronome:
            found = measure()
        if holds(found) or metronome.late_s < steady_s or not left:
            return found
    raise AssertionError("the last try returns")
