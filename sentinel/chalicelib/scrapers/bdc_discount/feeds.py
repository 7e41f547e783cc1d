"""RSS and Atom: entries with their titles, texts, links and instants, and what is wrong with a feed. Pure.

feedparser reads them; what could make it fetch, expand or guess is refused before.
"""

from __future__ import annotations

import calendar
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from time import struct_time
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
from bs4 import BeautifulSoup

from chalicelib.errors import Missing, Unreadable
from chalicelib.scrapers.bdc_discount.blocks import plain

MOST_BYTES = 8_000_000
MOST_ENTRIES = 400
_MOST_TEXT = 400_000
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|atom:feed|\w+:feed)[\s>]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_DECLARED = re.compile(rb"<!ENTITY|<!DOCTYPE[^>]*\[", re.IGNORECASE)

_EXHIBIT = re.compile(
    r"<tr[^>]*>(?:(?!</tr>).)*?href=\"(?P<href>[^\"]+)\"(?:(?!</tr>).)*?>\s*EX-99(?:\.0?1)?\s*<", re.IGNORECASE | re.DOTALL
)
_RESULTS = re.compile(
    r"\bresults\b|\bearnings\b|net\s+asset\s+value|\bNAV\b|\bpreliminary\b|\b8-K\b.*\b2\.02\b|financial\s+(?:condition|position|highlights)",
    re.IGNORECASE,
)
_ANNOUNCED_LATER = re.compile(
    r"\bschedul|\bto\s+(?:report|release|announce|host|hold|issue|publish|discuss)\b|\bwill\s+(?:report|release|announce|host)\b|\b(?:date|timing|dates)\s+(?:of|for)\b"
    r"|\bconference\s+call\s+(?:information|details)|\binvit",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Entry:
    """One entry. `body` is its longest text, HTML as given; `published` None when it gives no instant that can be read."""

    title: str
    body: str
    link: str
    published: datetime | None
    ident: str

    @property
    def reports(self) -> bool:
        """Whether its title is that of an earnings release (or of an 8-K that has one), and not its announcement."""
        text = f"{self.title} {self.body[:600]}" if self.is_filing else self.title
        return bool(_RESULTS.search(text)) and not _ANNOUNCED_LATER.search(self.title)

    @property
    def is_filing(self) -> bool:
        """Whether it is an entry of EDGAR's list of filings."""
        return (urlsplit(self.link).hostname or "").endswith("sec.gov")


@dataclass(frozen=True)
class Feed:
    """A feed's entries, newest first as far as they are dated, without repeats."""

    title: str
    entries: tuple[Entry, ...]

    @property
    def newest(self) -> datetime | None:
        """When its newest dated entry was published."""
        return max((entry.published for entry in self.entries if entry.published), default=None)


def is_feed(body: bytes) -> bool:
    """Whether a document is a feed by its first element."""
    head = _in_utf8(body[:8192])
    found = _FEED.search(head)
    page = _HTML.search(head)
    return found is not None and (page is None or found.start() < page.start())


def _in_utf8(body: bytes) -> bytes:
    """A document in UTF-16 as UTF-8, so that what is refused in a feed is seen in it; any other as it is."""
    if not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body
    text = body[: len(body) // 2 * 2].decode("utf-16", "replace")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode()


def read_feed(body: bytes) -> Feed:
    """The entries of a feed. Raises `Unreadable` for a page, an empty document, entities, too much, or no feed at all."""
    body = _in_utf8(body)
    if not body.strip():
        raise Unreadable("an empty document where a feed was due", where="byte 0")
    if len(body) > MOST_BYTES:
        raise Unreadable(f"a feed of {len(body):,} bytes, more than {MOST_BYTES:,}", where="size")
    if found := _DECLARED.search(body):
        raise Unreadable("a feed that declares entities", where=f"byte {found.start()}", evidence=body[:300].decode("latin-1"))
    if not is_feed(body):
        page = "an HTML page" if _HTML.search(body[:8192]) else "no feed"
        raise Unreadable(f"{page} where a feed was due", where="byte 0", evidence=body[:300].decode("latin-1"))
    try:
        parsed = feedparser.parse(io.BytesIO(body), sanitize_html=True, resolve_relative_uris=False)
    except (ValueError, LookupError, RecursionError) as error:
        raise Unreadable(f"a damaged feed: {error}", where="byte 0", evidence=body[:300].decode("latin-1")) from error
    if not parsed.entries and parsed.bozo:
        raise Unreadable(f"a damaged feed: {parsed.get('bozo_exception')}", where="byte 0", evidence=body[:300].decode("latin-1"))
    entries = [_entry(raw) for raw in parsed.entries[:MOST_ENTRIES]]
    entries.sort(key=lambda entry: entry.published.timestamp() if entry.published else 0.0, reverse=True)
    seen: dict[str, Entry] = {}
    for entry in entries:
        seen.setdefault(entry.ident, entry)
    return Feed(text_of(str(parsed.feed.get("title", ""))), tuple(seen.values()))


def exhibit_of(body: bytes, url: str) -> str:
    """The address of a filing's exhibit 99 from its index page; raises `Missing` when it has none."""
    found = _EXHIBIT.search(body.decode("latin-1"))
    if not found:
        raise Missing(f"{url}: the filing has no exhibit 99.1")
    return str(urljoin(url, found["href"]))


def text_of(markup: str) -> str:
    """The words of a piece of HTML, such as a title with tags or entities in it."""
    if "<" not in markup and "&" not in markup:
        return plain(markup)
    return plain(BeautifulSoup(markup[:_MOST_TEXT], "lxml").get_text(" "))


def _entry(raw: Any) -> Entry:  # noqa: ANN401  feedparser's own dictionary
    texts = [str(content.get("value", "")) for content in raw.get("content", ())] + [str(raw.get("summary", ""))]
    title = text_of(str(raw.get("title", "")))
    link = str(raw.get("link", "")).strip()
    published = _instant(raw.get("published_parsed")) or _instant(raw.get("updated_parsed"))
    ident = f"{link or raw.get('id', '')} {title}"
    return Entry(title, max(texts, key=len)[:_MOST_TEXT], link, published, ident)


def _instant(parsed: struct_time | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        instant = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return instant if instant.year >= 1995 else None
