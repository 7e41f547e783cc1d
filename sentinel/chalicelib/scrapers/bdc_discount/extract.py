"""Saved feeds and releases on disk, read as in a run: one line a document, a fund, and a share class."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath

from chalicelib.errors import SentinelError, Unreadable
from chalicelib.ports import Source
from chalicelib.scrapers.bdc_discount.blocks import Page, Paragraph, cut
from chalicelib.scrapers.bdc_discount.candidate import Candidate, Period
from chalicelib.scrapers.bdc_discount.choose import Choice, choose
from chalicelib.scrapers.bdc_discount.feeds import Entry, Feed, is_feed, read_feed, text_of
from chalicelib.scrapers.bdc_discount.owners import listed_in
from chalicelib.scrapers.bdc_discount.pages import MOST_BYTES, decode, read_page
from chalicelib.scrapers.bdc_discount.releases import candidates_of, period_of
from chalicelib.scrapers.bdc_discount.watchlist import Watched, by_ticker, is_of_another_fund, issuer_in, speaks_of
from chalicelib.scrapers.bdc_discount.withdrawn import unsaid_days

CORRECTS = re.compile(
    r"\b(?:correct(?:ion|ed|s|ing)?|amend(?:ed|ment|s)?|restate[sd]?|revised|C\s?O\s?R\s?R\s?E\s?C\s?T\s?I\s?O\s?N)\b",
    re.IGNORECASE,
)
"""The titles of news that takes the place of earlier news."""


def extract(sources: Sequence[Source]) -> Iterator[Mapping[str, object]]:
    """One mapping per document, fund and share class; a document that cannot be read gives `file`, `error`, `error_type`."""
    for source in sources:
        try:
            with source.open() as stream:
                body = stream.read(MOST_BYTES + 1)
            yield from _lines(source.name, body)
        except SentinelError as error:
            evidence = error.evidence if isinstance(error, Unreadable) else ""
            yield {"file": source.name, "error": str(error), "error_type": type(error).__name__, "evidence": evidence}
        except (OSError, RecursionError, ValueError, ArithmeticError, LookupError) as error:
            yield {"file": source.name, "error": f"cannot be read: {error}", "error_type": "Unreadable"}


def _lines(name: str, body: bytes) -> Iterator[Mapping[str, object]]:
    if not body.strip():
        raise Unreadable("an empty document", where="byte 0")
    if len(body) > MOST_BYTES:
        raise Unreadable(f"a document of more than {MOST_BYTES:,} bytes", where="size")
    if is_feed(body) or PurePath(name).suffix.lower() in (".rss", ".atom", ".rdf", ".xml"):
        yield from _of_feed(name, body)
        return
    ticker, choices = read_release(body, None)
    for choice in choices:
        yield _line(name, ticker, choice)


def read_release(body: bytes, published: date | None, watched: Watched | None = None) -> tuple[str | None, list[Choice]]:
    """Whose release it is (`watched` when that is known) and what the rule chose, a choice for each share class."""
    page = read_page(decode(body))
    ticker, named = speaks_of(page.title, "\n".join(_texts(page)))
    whose = watched or named
    period = period_of(page, published, whose.year_end_month if whose else None, watched.told_as if watched else "")
    return (watched.ticker if watched else ticker), choose(candidates_of(page, period), period)


def _texts(page: Page) -> list[str]:
    return [block.text for block in page.blocks[:60] if isinstance(block, Paragraph)]


def entry_candidates(entry: Entry, watched: Watched | None, own: str = "") -> tuple[list[Candidate], Period]:
    """What an entry itself says, in title and text, and the period it speaks of; `own`: what its issuer is called elsewhere."""
    source = f"<html><head><title></title></head><body><h1>{_escaped(entry.title)}</h1><div>{entry.body}</div></body></html>"
    if not entry.title and not text_of(entry.body):
        return [], Period(entry.published.date() if entry.published else None, None, sure=False, preliminary=False)
    page = read_page(source)
    published = entry.published.date() if entry.published else None
    period = period_of(page, published, watched.year_end_month if watched else None, own)
    return candidates_of(page, period), period


def unsaid_in(entry: Entry, period: Period) -> set[date]:
    """The days whose values an entry unsays."""
    return unsaid_days((sentence for sentence, _ in cut(f"{entry.title}. {text_of(entry.body)}")), period)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _of_feed(name: str, body: bytes) -> Iterator[Mapping[str, object]]:
    feed = read_feed(body)
    whose = _issuers(feed)
    found: dict[tuple[str | None, str], _Spoken] = {}
    own = _own_names(feed)
    for entry in feed.entries:
        issuer, watched = whose[entry.ident]
        if own and issuer[0] in own.split() and is_of_another_fund(entry.title, own):
            continue
        candidates, period = entry_candidates(entry, watched, own if own and issuer[0] in own.split() else "")
        found.setdefault(issuer, _Spoken()).add(entry, candidates, period)
    if len(found) > 1:
        found = {issuer: each for issuer, each in found.items() if each.candidates or issuer[0]}
    for issuer, spoken in (found or {(None, ""): _Spoken()}).items():
        told = [replace(each, lost=spoken.refused) for each in spoken.candidates] if spoken.refused else spoken.candidates
        for choice in choose(told, Period(None, None, sure=False, preliminary=False)):
            yield _line(name, issuer[0], choice)


def _issuers(feed: Feed) -> dict[str, tuple[tuple[str | None, str], Watched | None]]:
    """By entry, whose news it is: a ticker, else a name; where entries give neither, the feed's own title tells.

    An entry that gives only a name takes the ticker another entry gives beside that name.
    """
    own, own_watched = speaks_of(feed.title, "")
    spoken = {each.ident: (*speaks_of(each.title, text_of(each.body)), issuer_in(each.title)) for each in feed.entries}
    tickers = {name: ticker for ticker, _, name in spoken.values() if ticker and name}
    found: dict[str, tuple[tuple[str | None, str], Watched | None]] = {}
    for ident, (ticker, watched, name) in spoken.items():
        alike = next((each for each in tickers if name and (each.startswith(name) or name.startswith(each))), "")
        if ticker:
            found[ident] = ((ticker, ""), watched)
        elif alike:
            found[ident] = ((tickers[alike], ""), by_ticker(tickers[alike]))
        elif own or not name or f" {name} " in f" {issuer_in(feed.title + ':')} ":
            found[ident] = ((own, ""), own_watched)
        else:
            known = next((each for _, _, each in spoken.values() if each and name.startswith(each)), name)
            found[ident] = ((None, known), None)
    return found


def _own_names(feed: Feed) -> str:
    """What the issuer whose feed it is is called there; empty for a feed of many issuers."""
    ticker, watched = speaks_of(feed.title, "")
    given = [each.title for each in feed.entries if ticker and ticker in listed_in(f"{each.title} {text_of(each.body)}")]
    return " / ".join([ticker, feed.title, watched.told_as if watched else "", *map(issuer_in, given)]) if ticker else ""


@dataclass
class _Spoken:
    """What the entries of one feed say of one fund, newest first; a correction unsays what came before it of the same day."""

    candidates: list[Candidate] = field(default_factory=list)
    corrected: set[date | None] = field(default_factory=set)
    refused: str = ""

    def add(self, entry: Entry, candidates: Sequence[Candidate], period: Period) -> None:
        """Take in an entry."""
        own = _closed(candidates, period)
        self.candidates += [
            replace(each, lost=each.lost or "corrected later") if each.as_of in self.corrected else each for each in own
        ]
        if CORRECTS.search(entry.title):
            settled = {each.as_of for each in own if not each.lost}
            self.corrected |= settled or {each.as_of for each in own}
        self.corrected |= unsaid_in(entry, period)
        self.refused = self.refused or period.refused


def _closed(candidates: Sequence[Candidate], period: Period) -> list[Candidate]:
    """An entry's choices, or all its candidates where there is none, so that entries compare by what each settled on."""
    return [each for choice in choose(candidates, period) for each in ([choice.chosen] if choice.chosen else choice.candidates)]


def _line(name: str, ticker: str | None, choice: Choice) -> Mapping[str, object]:
    line: dict[str, object] = {
        "file": name,
        "ticker": ticker,
        "chosen": choice.chosen.line() if choice.chosen else None,
        "candidates": [each.line() for each in choice.candidates],
    }
    if choice.why:
        line["why"] = choice.why
    if choice.share_class:
        line["share_class"] = choice.share_class
    return line
