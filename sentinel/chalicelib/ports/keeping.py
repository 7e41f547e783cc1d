"""What is kept of runs, and the store that keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.model import Alert, Item, Json, Level, Notice, Observation, Outcome, Signal, Stored, Window


@dataclass(frozen=True)
class Plan:
    """The ordered items of one run, written once per `generation` (a refresh of a concluded run makes the next one).

    A later generation keeps every item in its place and appends new ones, so chunk bounds never move.
    """

    run_id: str
    scraper: str
    window: str
    generation: int
    items: tuple[Item, ...]
    notices: tuple[Notice, ...]
    made_at: datetime


@dataclass(frozen=True)
class Dispatch:
    """An alert in the outbox. `id` is in every message, so that a receiver can drop a repeat.

    `level` is None for the message that says an earlier alert has resolved. `delivered` lists confirmed channels.
    """

    id: str
    run_id: str
    scraper: str
    rule: str
    level: Level | None
    alert: Alert
    created_at: datetime
    sent_at: datetime | None = None
    delivered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conclusion:
    """The end of one generation of a run: its signal and the alerts that go with it, stored in one write."""

    run_id: str
    generation: int
    signal: Signal
    concluded_at: datetime
    outbox: tuple[Dispatch, ...] = ()


@dataclass(frozen=True)
class RunRecord:
    """A run as `status` shows it."""

    run_id: str
    scraper: str
    window: str
    generation: int
    made_at: datetime
    concluded_at: datetime | None
    items: int


class Store(Protocol):
    """Everything kept. Every write may be repeated, interrupted or made twice at once without harm.

    Raises `Missing` (no such table or file), `Forbidden` (not permitted), `UpstreamDown` (throttled, unreachable, full).
    """

    def lease(self, run_id: str, holder: str, until: datetime, now: datetime) -> bool:
        """Take or prolong the run's lease; False while another holder's has not lapsed."""
        ...

    def release(self, run_id: str, holder: str) -> None:
        """Give the lease back if `holder` has it."""
        ...

    def plan(self, run_id: str) -> Plan | None:
        """The run's newest plan."""
        ...

    def save_plan(self, plan: Plan) -> Plan:
        """Keep `plan` unless one of its generation or later is there; returns the one that is kept."""
        ...

    def outcomes(self, run_id: str) -> Mapping[str, Outcome]:
        """How each item read so far ended, by item key."""
        ...

    def complete(self, run_id: str, scraper: str, item: Item, outcome: Outcome, found: Sequence[Observation]) -> None:
        """Keep an item's observations and its outcome in one step: after a kill both are there or neither counts.

        An observation equal to the kept one changes nothing; a different one becomes a revision. A revision read from a
        document no newer than the kept one becomes known at `outcome.at`, so that what was known on a past day stays.
        With `item.replaces`, kept observations of this item that are not in `found` are withdrawn at `outcome.at`, unless
        `outcome.state` is parked or failed: a document nobody could read withdraws nothing. The law is in `revision`.
        """
        ...

    def observations(
        self, scraper: str, first: date, last: date, known_by: datetime | None = None, *, withdrawn: bool = False
    ) -> Sequence[Stored]:
        """The newest revision, known by then, of every observation whose `as_of` lies in `[first, last]`.

        Ordered by `(as_of, key)`; withdrawn ones only when asked for.
        """
        ...

    def revisions(self, scraper: str, key: str, as_of: date) -> Sequence[Stored]:
        """All revisions of one observation, oldest first."""
        ...

    def concluded(self, run_id: str) -> Conclusion | None:
        """The newest conclusion of the run."""
        ...

    def conclude(self, conclusion: Conclusion) -> bool:
        """Keep signal and outbox in one write; False, and nothing written, when this generation has concluded before."""
        ...

    def signals(
        self, scraper: str, *, before: Window | None = None, limit: int = 1000, known_by: datetime | None = None
    ) -> Sequence[tuple[Signal, datetime]]:
        """The newest signal of each window that begins before `before` (all without it), with when it was concluded.

        Oldest first, the last `limit` of them; with `known_by`, as they stood then.
        """
        ...

    def dispatches(self, run_id: str | None = None, *, pending: bool = False, limit: int = 100) -> Sequence[Dispatch]:
        """The outbox, newest last: of one run or of all, only the unsent ones when `pending`."""
        ...

    def mark(self, dispatch: Dispatch) -> None:
        """Keep a dispatch's `delivered` and `sent_at`."""
        ...

    def runs(self, scraper: str, limit: int = 10) -> Sequence[RunRecord]:
        """The scraper's newest runs, newest first."""
        ...

    def keep(self, name: str, value: Json, now: datetime) -> None:
        """Keep a named value (thresholds, feed health); its earlier values stay readable through `kept_history`."""
        ...

    def kept(self, name: str) -> Json:
        """The named value, None when there is none."""
        ...

    def kept_history(self, name: str) -> Sequence[tuple[datetime, Json]]:
        """Every value the name had, oldest first, each with when it was kept."""
        ...
