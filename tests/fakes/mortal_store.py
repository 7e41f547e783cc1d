"""A process that is killed at one of its writes: before it reaches the store, or after and before it returns.

From then on nothing of it reaches the store any more, not even what it does on its way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WRITES = ("lease", "release", "save_plan", "complete", "conclude", "mark", "keep")


class Killed(BaseException):
    """The process is gone; nothing catches this."""


@dataclass
class MortalStore:
    """`store` for a process that dies at its write number `dies_at` (from 0; None: never), `after` it is made or before."""

    store: Any
    dies_at: int | None = None
    after: bool = False
    writes: int = 0
    died_in: str = ""

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.store, name)
        if not callable(real):
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            if self.died_in:
                raise Killed
            number = self.writes
            if name in WRITES:
                self.writes += 1
            if name not in WRITES or number != self.dies_at:
                return real(*arguments, **named)
            if self.after:
                real(*arguments, **named)
            self.died_in = name
            raise Killed

        return call
