"""What the inner floors ask of the world, as Protocols: fetching, storing, telling, continuing, and what a scraper is.

Scrapers see only `Fetch`; the engine sees all of these; adapters satisfy them. Nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from chalicelib.deadline import Deadline
from chalicelib.model import (
    Alert,
    Expect,
    Item,
    Json,
    Level,
    Notice,
    Observation,
    Outcome,
    Signal,
    Stored,
    Window,
)

Shape = Literal["any", "json", "html", "xml", "index", "sgml", "feed"]
"""What a body must look like; an HTML page where another shape was due is a throttle or an outage, never data."""


@dataclass(frozen=True)
class Document:
    """One fetched document. `url` is the canonical public address, `sha256` names the bytes as they are kept."""

    url: str
    body: bytes
    content_type: str
    sha256: str
    fetched_at: datetime


class Web(Protocol):
    """Public documents over HTTPS, throttled, retried, capped, cached."""

    def get(self, url: str, *, shape: Shape = "any", max_bytes: int = 64_000_000, fresh: bool = False) -> Document:
        """The document at `url`. `fresh` asks the server again even when a copy is kept.

        Raises `UpstreamDown` (throttled, 5xx, time-out), `Missing` (404), `Forbidden` (address not allowed, refused for
        good), `Unreadable` (too large, truncated, not of `shape`).
        """
        ...


@dataclass(frozen=True)
class Close:
    """An unadjusted closing price: `price` in `currency` for one share, of the session on `day`."""

    symbol: str
    day: date
    price: Decimal
    currency: str
    splits: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True)
class NoClose:
    """Why a symbol has no price. `reason` is the error's fixed name, `passing` when asking later may help."""

    symbol: str
    reason: str
    words: str
    passing: bool


class Quotes(Protocol):
    """Closing prices of listed shares."""

    def closes(self, symbols: Sequence[str], day: date) -> Mapping[str, Close | NoClose]:
        """For every symbol its last close on or before `day`, or why there is none. Never raises for one symbol."""
        ...


@dataclass(frozen=True)
class FileInfo:
    """One file of a folder or bucket prefix. `version` changes whenever its bytes do (ETag; size and time on disk)."""

    address: str
    size: int
    version: str


class Files(Protocol):
    """Files in a folder or under an `s3://bucket/prefix`, read by ranges, never whole."""

    def list(self, prefix: str) -> Iterator[FileInfo]:
        """The files under `prefix`, in order of address. Raises `Missing`, `Forbidden`."""
        ...

    def open(self, info: FileInfo, start: int = 0) -> BinaryIO:
        """A readable stream from byte `start`. Reading raises `UpstreamDown` when the file is no longer `info.version`."""
        ...


class Transcripts(Protocol):
    """Earnings-call transcripts from a provider or a folder."""

    def find(self, ticker: str, quarter: Window) -> Document | None:
        """The call held about `quarter`, None when there is none or no provider is configured."""
        ...


class Fetch(Protocol):
    """All a scraper may ask of the outside world."""

    @property
    def web(self) -> Web: ...
    @property
    def quotes(self) -> Quotes: ...
    @property
    def files(self) -> Files: ...
    @property
    def transcripts(self) -> Transcripts: ...

    def now(self) -> datetime:
        """The present instant, UTC; in a backfill or a test the one being played."""
        ...

    def setting(self, name: str) -> str | None:
        """A setting a scraper may know (`FORM_PF_SOURCE`), None when it is not set."""
        ...


@dataclass(frozen=True)
class Source:
    """A document given by hand to `extract`: its name as given, and its bytes behind `open`."""

    name: str
    path: str

    def open(self) -> BinaryIO:
        """A fresh readable stream over the document."""
        return Path(self.path).open("rb")


@dataclass(frozen=True)
class Table:
    """A result as a terminal or a page shows it: column heads, rows of text, and notes under it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


class Scraper(Protocol):
    """A module of functions; `chalicelib.scrapers.load` finds it by name. All but `discover` and `read` are pure."""

    @property
    def NAME(self) -> str: ...
    @property
    def READER(self) -> str:
        """Raised by hand when reading changes: what an older reader read is read again on the next refresh."""
        ...

    @property
    def WINDOW(self) -> Literal["week", "day", "quarter"]: ...
    @property
    def EXPECT(self) -> Expect: ...
    @property
    def LOOKBACK_DAYS(self) -> int:
        """How many days before the window's first `summarise` is given observations of."""
        ...

    @property
    def LIMITS(self) -> Mapping[str, Decimal]:
        """The default thresholds by name."""
        ...

    def windows(self, now: datetime) -> Sequence[Window]:
        """The windows a scheduled run works on, oldest first; the last one is the run's own."""
        ...

    def discover(self, window: Window, fetch: Fetch) -> Iterator[Item | Notice]:
        """Which documents or names are due."""
        ...

    def read(self, item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
        """Gather one item's documents and hand them to pure parsers."""
        ...

    def summarise(self, found: Sequence[Observation], history: Sequence[Signal], window: Window) -> Signal:
        """The window's signal from what is known; `history` holds earlier windows' signals, oldest first."""
        ...

    def alerts(self, signal: Signal, history: Sequence[Signal], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
        """Every rule the signal breaks, each at its highest level."""
        ...

    def table(self, signal: Signal, found: Sequence[Observation]) -> Table:
        """The run's result for a reader."""
        ...

    def extract(self, sources: Sequence[Source]) -> Iterator[Mapping[str, object]]:
        """One mapping per document on disk; a document that cannot be read gives `file`, `error`, `error_type`."""
        ...


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


class Notifier(Protocol):
    """Tells people."""

    def send(self, dispatch: Dispatch, signal: Signal) -> Dispatch:
        """Send to every channel not yet in `delivered`; returns the dispatch with what is confirmed. Never raises."""
        ...

    def operator(self, kind: str, words: str, detail: Mapping[str, Json]) -> None:
        """Tell the operators of a severe failure. Never raises."""
        ...


class Telemetry(Protocol):
    """Logs and metrics of one invocation."""

    def log(self, level: Literal["debug", "info", "warning", "error"], message: str, **fields: object) -> None:
        """One structured line."""
        ...

    def metric(self, name: str, value: float, unit: Literal["Count", "Milliseconds", "None"], **dimensions: str) -> None:
        """One value of one metric."""
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
