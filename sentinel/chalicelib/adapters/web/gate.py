"""How often one supplier is asked: never more than so many starts in any second, and not at all while it throttles.

All threads pass one gate. A throttle shuts it for everybody; after the pause a single request tries, then all resume.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

from chalicelib.deadline import Deadline
from chalicelib.errors import OutOfTime, SentinelError, UpstreamDown

_WINDOW_S = 1.03
"""The second that is guarded, and the time a start may take longer to arrive than the one a second before it."""

_CATCH_UP_S = 0.02
"""How far a start that came late may let the next ones be early, so that waking up late costs no rate."""

_LONGEST_PAUSE_S = 600.0
"""EDGAR shuts out for about ten minutes."""


class Throttled(UpstreamDown):
    """The supplier says that it is asked too often. `full`: it said so in words or by 429, not by a page out of place."""

    def __init__(self, words: str, *, retry_after_s: float | None = None, full: bool = True) -> None:
        super().__init__(words, retry_after_s=retry_after_s)
        self.full = full


class Gate:
    """At most `max_rps` starts in any second, evenly spread.

    `pause_s` is the first pause after a throttle, doubled with each further one.
    """

    def __init__(self, max_rps: int, pause_s: float) -> None:
        self._starts: deque[float] = deque(maxlen=max_rps)
        self._apart_s = _WINDOW_S / max_rps
        self._due_s = 0.0
        self._pause_s = pause_s
        self._shut_until_s = 0.0
        self._strikes = 0
        self._probe: Turn | None = None
        self._changed = threading.Condition()

    def enter(self, deadline: Deadline) -> Turn:
        """Wait for a turn and take it: the request starts now.

        Raises `OutOfTime` when the deadline comes first, `UpstreamDown` when the supplier's pause is longer than that.
        """
        with self._changed:
            while True:
                deadline.check()
                shut_s, slot_s = self._waits_s()
                if shut_s > deadline.remaining_s():
                    raise UpstreamDown("throttled, and the pause is longer than the time left", retry_after_s=shut_s)
                if slot_s > deadline.remaining_s():
                    raise OutOfTime("the time for this run ends before the next request may start")
                if max(shut_s, slot_s) <= 0 and self._probe is None:
                    return self._started()
                self._changed.wait(min(max(shut_s, slot_s) or 1.0, deadline.remaining_s(), 60.0))

    def shut_s(self) -> float:
        """For how long nobody may ask."""
        return max(0.0, self._shut_until_s - time.monotonic())

    def _waits_s(self) -> tuple[float, float]:
        free_s = self._due_s
        if len(self._starts) == self._starts.maxlen:
            free_s = max(free_s, self._starts[0] + _WINDOW_S)
        return self.shut_s(), max(0.0, free_s - time.monotonic())

    def _started(self) -> Turn:
        now = time.monotonic()
        self._starts.append(now)
        self._due_s = max(self._due_s, now - _CATCH_UP_S) + self._apart_s
        turn = Turn(self, self._strikes)
        if self._strikes:
            self._probe = turn
        return turn

    def leave(self, turn: Turn, error: BaseException | None) -> None:
        """Note how a turn ended: a throttle shuts the gate, any answer of substance opens it again."""
        with self._changed:
            if self._probe is turn:
                self._probe = None
            if turn.strikes == self._strikes:
                if isinstance(error, Throttled):
                    self._shut(error)
                elif error is None or (isinstance(error, SentinelError) and not error.passing):
                    self._strikes = 0
            self._changed.notify_all()

    def _shut(self, error: Throttled) -> None:
        own_s = min(_LONGEST_PAUSE_S, self._pause_s * 2**self._strikes * (1.0 if error.full else 0.1))
        pause_s = max(own_s, error.retry_after_s or 0.0)
        self._strikes += 1
        self._shut_until_s = time.monotonic() + pause_s * random.uniform(1.0, 1.1)  # noqa: S311 -- spreads load, keeps no secret


class Turn:
    """One request's turn, for a `with`. `strikes` tells a request started before a throttle from one started after."""

    def __init__(self, gate: Gate, strikes: int) -> None:
        self.strikes = strikes
        self._gate = gate

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._gate.leave(self, error)
