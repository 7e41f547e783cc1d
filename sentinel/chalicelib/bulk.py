"""Documents for a backfill: a past quarter's daily indexes cut from its one full index, and lists that are asked for once.

Satisfies `ports.Web` over another. Memory is bounded: one quarter's index, and kept lists up to `MOST_KEPT` bytes.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib import edgar
from chalicelib.errors import Missing, Unreadable
from chalicelib.ports import Document, Fetch, Files, Quotes, Shape, Transcripts, Web

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_KEPT = 200_000_000
SETTLED = timedelta(days=10)
"""Days after a quarter's end from which its full index is complete."""
_DAILY = re.compile(r"https://www\.sec\.gov/Archives/edgar/daily-index/(\d{4})/QTR([1-4])/(form|company|master)\.(\d{8})\.idx")
_FILED = re.compile(rb"[\s|](\d{4})-?(\d{2})-?(\d{2})[\s|]+edgar/data/")
_MOST_INDEX = 256_000_000


@dataclass
class _Quarter:
    """A quarter's full index by day; None: there is none, ask for the days."""

    name: str
    days: Mapping[str, bytes] | None
    document: Document | None


class BulkWeb:
    """The web as a backfill sees it at `today`; documents it does not know a shorter way to come from `web`."""

    def __init__(self, web: Web, today: date) -> None:
        self._web, self._today = web, today
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._size = 0
        self._quarter: _Quarter | None = None
        self._lock = threading.RLock()

    def get(self, url: str, *, shape: Shape = "any", max_bytes: int = 64_000_000, fresh: bool = False) -> Document:
        """See `ports.Web`. A list of filings and the company file are fetched fresh once, then given again."""
        if daily := _DAILY.fullmatch(url):
            with self._lock:
                cut = self._cut(daily)
            return cut or self._web.get(url, shape=shape, max_bytes=max_bytes, fresh=fresh)
        if url != edgar.COMPANY_FILE and not url.startswith(f"{edgar.DATA}/submissions/"):
            return self._web.get(url, shape=shape, max_bytes=max_bytes, fresh=fresh)
        with self._lock:
            if url in self._kept:
                self._kept.move_to_end(url)
                return self._kept[url]
        found = self._web.get(url, shape=shape, max_bytes=max_bytes, fresh=fresh)
        self._keep(url, found)
        return found

    def _keep(self, url: str, found: Document) -> None:
        with self._lock:
            if url in self._kept:
                return
            self._kept[url] = found
            self._size += len(found.body)
            while self._size > MOST_KEPT and self._kept:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped.body)

    def _cut(self, daily: re.Match[str]) -> Document | None:
        """The day's index out of its quarter's; None when the quarter's is not to be had. Raises `Missing` for a day without."""
        year, quarter, kind, day = daily[1], daily[2], daily[3], daily[4]
        ends = date(int(year) + int(quarter) // 4, int(quarter) % 4 * 3 + 1, 1)
        if self._today < ends + SETTLED:
            return None
        name = f"{year}/QTR{quarter}/{kind}"
        if self._quarter is None or self._quarter.name != name:
            self._quarter = None
            self._quarter = self._read(name, edgar.full_index_url(_kind(kind), int(year), int(quarter)))
        held = self._quarter
        if held.days is None or held.document is None:
            return None
        body = held.days.get(day)
        if body is None:
            raise Missing(f"nothing was filed on {day}, says the full index of {name}")
        return replace(held.document, url=daily[0], body=body, sha256=hashlib.sha256(body).hexdigest())

    def _read(self, name: str, url: str) -> _Quarter:
        try:
            document = self._web.get(url, shape="index", max_bytes=_MOST_INDEX)
        except Missing:
            return _Quarter(name, None, None)
        return _Quarter(name, by_day(document.body), replace(document, body=b""))


def _kind(text: str) -> edgar.IndexKind:
    match text:
        case "company":
            return "company"
        case "master":
            return "master"
        case _:
            return "form"


def by_day(body: bytes) -> Mapping[str, bytes]:
    """A full index as one index a day, by `20251103`, each under the whole's head. Raises `Unreadable`."""
    lines = body.splitlines(keepends=True)
    rule = next((n for n, line in enumerate(lines[:40]) if line.startswith(b"-----")), None)
    if rule is None:
        raise Unreadable("no head of an index", where="line 1", evidence=body[:200].decode("latin-1"))
    if not body.endswith(b"\n"):
        raise Unreadable("cut off: no end of line", where=f"line {len(lines)}", evidence=lines[-1].decode("latin-1"))
    days: dict[str, list[bytes]] = {}
    for number, line in enumerate(lines[rule + 1 :], rule + 2):
        if not line.strip():
            continue
        filed = _FILED.search(line)
        if filed is None:
            raise Unreadable("not a row of an index", where=f"line {number}", evidence=line.decode("latin-1"))
        days.setdefault((filed[1] + filed[2] + filed[3]).decode(), []).append(line)
    head = b"".join(lines[: rule + 1])
    return {day: head + b"".join(rows) for day, rows in days.items()}


class BulkFetch:
    """Satisfies `ports.Fetch` with `BulkWeb` in front of its web; all else is the other's."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._web = BulkWeb(fetch.web, fetch.now().date())

    @property
    def web(self) -> Web:
        """The documents, lists asked for once."""
        return self._web

    @property
    def quotes(self) -> Quotes:
        """See `ports.Fetch`."""
        return self._fetch.quotes

    @property
    def files(self) -> Files:
        """See `ports.Fetch`."""
        return self._fetch.files

    @property
    def transcripts(self) -> Transcripts:
        """See `ports.Fetch`."""
        return self._fetch.transcripts

    def now(self) -> datetime:
        """See `ports.Fetch`."""
        return self._fetch.now()

    def setting(self, name: str) -> str | None:
        """See `ports.Fetch`."""
        return self._fetch.setting(name)
