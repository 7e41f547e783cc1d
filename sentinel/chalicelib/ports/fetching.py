"""What a scraper may ask of the outside world: documents, prices, files, calls, the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Literal, Protocol

from chalicelib.model import Window

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
