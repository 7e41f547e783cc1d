"""Who is told what: people, logs, whatever carries a run on, a copy elsewhere; and all ports together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from chalicelib.deadline import Deadline
from chalicelib.errors import SentinelError
from chalicelib.model import Json, Signal, Window
from chalicelib.ports.fetching import Fetch
from chalicelib.ports.keeping import Dispatch, Store

Trouble = Literal[
    "run-failed",
    "nothing-published",
    "shape-changed",
    "data-too-old",
    "channel-failed",
    "alert-given-up",
    "no-channel",
    "webhook-refused",
    "secret-refused",
    "copy-delayed",
]
"""What the operators are told of; each kind has its own quiet."""


@dataclass(frozen=True)
class Undelivered:
    """An alert that `channel` did not take in this invocation. `reached`: everybody else is known, and somebody has it."""

    dispatch_id: str
    channel: str
    error: SentinelError
    reached: bool


class Notifier(Protocol):
    """Tells people."""

    def send(self, dispatch: Dispatch, signal: Signal) -> Dispatch:
        """Send to every channel not yet in `delivered`; returns the dispatch with what is confirmed. Never raises."""
        ...

    def undelivered(self) -> Sequence[Undelivered]:
        """What `send` could not deliver so far; it stays pending and is tried again by the next run."""
        ...

    def operator(self, kind: Trouble, words: str, detail: Mapping[str, Json], count: int = 1) -> None:
        """Tell the operators of a severe failure, or of `count` of them at once. Never raises."""
        ...

    def overdue(self) -> None:
        """Tell the operators what was only counted while its kind was quiet, and which channels cannot work. Never raises."""
        ...


class Telemetry(Protocol):
    """Logs and metrics of one invocation."""

    def log(self, level: Literal["debug", "info", "warning", "error"], message: str, **fields: object) -> None:
        """One structured line."""
        ...

    def metric(self, name: str, value: float, unit: Literal["Count", "Milliseconds", "None"], **dimensions: str) -> None:
        """One value of one metric."""
        ...

    def redact(self, value: object) -> object:
        """`value` without secrets: what is kept or answered passes through here."""
        ...

    def flush(self) -> None:
        """Write out what is held; called once at the end of an invocation, also after an error."""
        ...


class Continuation(Protocol):
    """Carries a run on after its time is up."""

    def start(self, scraper: str, run_id: str, window: Window) -> Mapping[str, Json]:
        """Start the rest of the run; what the answer says of it (`started`, `how`, and an id where there is one)."""
        ...


class Copied(Protocol):
    """What copying did; `delayed` says why it waits for the next run, empty when all is there."""

    @property
    def delayed(self) -> str: ...


class Copy(Protocol):
    """A copy of what is concluded, kept elsewhere for other readers."""

    def catch_up(self, scraper: str, lookback_days: int, deadline: Deadline) -> Copied:
        """Copy what the other place lacks of the scraper's newest runs. Raises only `OutOfTime`."""
        ...


@dataclass(frozen=True)
class Services:
    """All ports together, as the engine is given them."""

    fetch: Fetch
    store: Store
    notifier: Notifier
    telemetry: Telemetry
    continuation: Continuation
    limits: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    copy: Copy | None = None
