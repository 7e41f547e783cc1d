"""Earnings-call transcripts: from API Ninjas with a key, and from files in a folder or under `s3://bucket/prefix`.

The key travels in a header only, so that no address, log or error can hold it. `FirstOf` asks several sources in turn.
API: https://api-ninjas.com/api/earningscalltranscript (ticker, year, quarter; header X-Api-Key).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Protocol
from urllib.parse import quote, urlencode

from chalicelib.errors import Forbidden, Missing, Unreadable
from chalicelib.model import Window
from chalicelib.ports import Document, Files, Shape, Transcripts

BASE = "https://api.api-ninjas.com/v1"
"""The provider's public base; its host must be on the web client's allow-list, and a route may put another in its place."""
PROVIDER = "api-ninjas"
"""Name of its key in the secret `api-keys`."""
_LARGEST = 8_000_000
_TICKER = re.compile(r"[A-Z][A-Z0-9.\-]{0,9}")


class PrivateWeb(Protocol):
    """What of the web client is needed here."""

    def get_private(self, url: str, headers: Mapping[str, str], *, shape: Shape = "any", max_bytes: int = 16_000_000) -> Document:
        """A document shown only to who holds a credential."""
        ...


class ProviderTranscripts:
    """Satisfies `ports.Transcripts`. `key` gives the present key, None when there is none: then no call is ever found.

    `refused` is told that the key was turned down and says whether it has changed since, so that another try makes sense.
    """

    def __init__(
        self, web: PrivateWeb, key: Callable[[], str | None], refused: Callable[[], bool] = lambda: False, *, base: str = BASE
    ) -> None:
        self._web = web
        self._key = key
        self._refused = refused
        self._base = base.rstrip("/")

    def find(self, ticker: str, quarter: Window) -> Document | None:
        """The call about the fiscal quarter of that name; None when there is none.

        Raises `Forbidden` (key turned down), `UpstreamDown`, `Unreadable` (the answer is of another shape).
        """
        year, number = _numbers(ticker, quarter)
        key = self._key()
        if not key:
            return None
        url = f"{self._base}/earningstranscript?{urlencode({'ticker': ticker, 'year': year, 'quarter': number})}"
        try:
            document = self._ask(url, key)
        except Forbidden:
            fresh = self._key() if self._refused() else None
            if not fresh:
                raise Forbidden(f"{PROVIDER} turned the key down") from None
            document = self._ask(url, fresh)
        return document if document is not None and _holds_call(document) else None

    def _ask(self, url: str, key: str) -> Document | None:
        try:
            return self._web.get_private(url, {"X-Api-Key": key}, shape="json", max_bytes=_LARGEST)
        except Missing:
            return None


class FileTranscripts:
    """Satisfies `ports.Transcripts` from files called by ticker and quarter: `BK-2025Q3.txt`, `2025Q3/BK.json`."""

    def __init__(self, files: Files, prefix: str) -> None:
        self._files = files
        self._prefix = prefix

    def find(self, ticker: str, quarter: Window) -> Document | None:
        """The one file of that ticker and quarter. Raises `Unreadable` when there are two, or one is too large."""
        _numbers(ticker, quarter)
        wanted = {ticker.upper(), quarter.name.upper()}
        found = [info for info in self._files.list(self._prefix) if wanted <= _parts(info.address.removeprefix(self._prefix))]
        if not found:
            return None
        if len(found) > 1:
            raise Unreadable(f"{len(found)} transcripts of {ticker} {quarter}", where=found[1].address)
        info = found[0]
        if info.size > _LARGEST:
            raise Unreadable(f"larger than {_LARGEST:,} bytes", where=info.address)
        with self._files.open(info) as stream:
            body = stream.read(_LARGEST + 1)
        known_at = datetime.combine(quarter.last, time(23, 59), UTC)
        return Document(info.address, body, "text/plain", hashlib.sha256(body).hexdigest(), known_at)


class FirstOf:
    """Satisfies `ports.Transcripts`: the first source that has the call."""

    def __init__(self, sources: Sequence[Transcripts]) -> None:
        self._sources = tuple(sources)

    def find(self, ticker: str, quarter: Window) -> Document | None:
        """As the sources' own."""
        for source in self._sources:
            document = source.find(ticker, quarter)
            if document is not None:
                return document
        return None


def _parts(name: str) -> set[str]:
    """A file name's parts: folders, ticker, quarter, ending."""
    return set(re.split(r"[/\\_\s]|-(?=\d{4}Q)|(?<=Q\d)-|\.(?=\w{2,4}$)", name.upper()))


def _numbers(ticker: str, quarter: Window) -> tuple[int, int]:
    if not _TICKER.fullmatch(ticker) or quote(ticker, safe=".-") != ticker:
        raise Unreadable("not a ticker", where="watch list", evidence=ticker)
    return quarter.first.year, (quarter.first.month + 2) // 3


def _holds_call(document: Document) -> bool:
    """Whether the provider's answer is a call; its empty answers say there is none."""
    try:
        value = json.loads(document.body)
    except ValueError as error:
        raise Unreadable(f"{PROVIDER} answered something that is no JSON", where=document.url.partition("?")[0]) from error
    if isinstance(value, list):
        value = value[0] if value else {}
    if not isinstance(value, Mapping):
        raise Unreadable(f"{PROVIDER} answered another shape", where=document.url.partition("?")[0])
    return isinstance(value.get("transcript"), str) and bool(str(value["transcript"]).strip())
