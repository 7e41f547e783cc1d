"""What a scraper is, and what it gives and is given besides observations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from chalicelib.model import Alert, Expect, Item, Notice, Observation, Signal, Window
from chalicelib.ports.fetching import Fetch


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
    def HOSTS(self) -> Collection[str]:
        """Public hosts beside EDGAR's that it may ask."""
        ...

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
