"""How much time is left, and a last-line stop when code does not ask.

On Lambda the deadline is the context's remaining time less a reserve for answering; elsewhere there may be none.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from chalicelib.errors import OutOfTime


@dataclass(frozen=True)
class Deadline:
    """A moment on `clock` (seconds, monotonic) by which work must have stopped; None means whenever."""

    at_s: float | None = None
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def in_seconds(cls, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """A deadline `seconds` from now; None for no deadline."""
        return cls(None if seconds is None else clock() + seconds, clock)

    def remaining_s(self) -> float:
        """Seconds left, never negative; infinite without a deadline."""
        return float("inf") if self.at_s is None else max(0.0, self.at_s - self.clock())

    def check(self) -> None:
        """Raise `OutOfTime` once nothing is left."""
        if self.remaining_s() <= 0:
            raise OutOfTime("the time for this run is used up")

    @contextmanager
    def alarm(self, grace_s: float = 0.0) -> Iterator[None]:
        """Raise `OutOfTime` in this thread `grace_s` after the deadline, even inside code that never asks.

        Signals reach only the main thread, so elsewhere this does nothing.
        """
        if self.at_s is None or threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_signum: int, _frame: FrameType | None) -> None:
            raise OutOfTime("the time for this run is used up (alarm)")

        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, max(0.001, self.remaining_s() + grace_s))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
