"""The watch list: which BDCs count, since when and until when, when their years end, and where their news is read.

The list is `watchlist.json` beside this module; its ids are checked against EDGAR's company file on each run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Literal
from urllib.parse import urlsplit

from chalicelib.edgar import Company
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bdc_discount.owners import is_named

FeedKind = Literal["issuer", "newswire", "filings"]
_LEGAL = frozenset(
    "INC INCORPORATED CORP CORPORATION CO COMPANY LTD LIMITED LP LLC TRUST FUND MD DE THE BDC".split()  # noqa: SIM905  a list of words reads best as words
)
_LISTED = re.compile(
    r"(?:NYSE|NASDAQ|New\s+York\s+Stock\s+Exchange)[^:;)\n]{0,40}?:\s*[\"']?(?P<ticker>[A-Z]{2,5})\b|\bsymbol\s+[\"']?(?P<symbol>[A-Z]{2,5})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FeedAddress:
    """One feed: who publishes it and where. `host` is what the allow-list must hold."""

    kind: FeedKind
    url: str

    @property
    def host(self) -> str:
        """The address's host, lower case."""
        return (urlsplit(self.url).hostname or "").lower()


@dataclass(frozen=True)
class Watched:
    """One BDC. `first`/`last`: the days its share trades as that company (None: still)."""

    ticker: str
    cik: int
    name: str
    year_end_month: int
    first: date
    last: date | None
    feeds: tuple[FeedAddress, ...]
    names: tuple[str, ...] = ()

    @property
    def told_as(self) -> str:
        """All that it is called."""
        return " / ".join((self.name, *self.names, self.ticker))

    def on(self, day: date) -> bool:
        """Whether it counts that day."""
        return self.first <= day and (self.last is None or day <= self.last)


def parse(text: str) -> tuple[Watched, ...]:
    """The BDCs of a watch-list file; raises `Unreadable` naming the entry that is wrong or double."""
    found: list[Watched] = []
    listed = json.loads(text)
    wires = [str(pattern) for pattern in listed.get("newswires", ())]
    for n, entry in enumerate(listed["bdcs"]):
        where = f"bdcs[{n}]"
        try:
            watched = Watched(
                ticker=str(entry["ticker"]),
                cik=int(entry["cik"]),
                name=str(entry["name"]),
                year_end_month=int(entry["year_end_month"]),
                first=date.fromisoformat(entry["from"]),
                last=date.fromisoformat(entry["to"]) if entry["to"] else None,
                feeds=(
                    *(FeedAddress(_kind(feed["kind"]), str(feed["url"])) for feed in entry["feeds"]),
                    *(FeedAddress("newswire", pattern.format(ticker=entry["ticker"])) for pattern in wires),
                ),
                names=tuple(str(name) for name in entry.get("names", ())),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise Unreadable(f"watch list: {error!r}", where=where, evidence=str(entry)) from error
        if any(watched.cik == other.cik or watched.ticker == other.ticker for other in found):
            raise Unreadable("watch list: a BDC stands twice", where=where, evidence=str(entry))
        if not 1 <= watched.year_end_month <= 12 or not all(feed.url.startswith("https://") for feed in watched.feeds):
            raise Unreadable("watch list: a month or an address is wrong", where=where, evidence=str(entry))
        found.append(watched)
    return tuple(found)


def _kind(text: str) -> FeedKind:
    kinds: dict[str, FeedKind] = {"issuer": "issuer", "newswire": "newswire", "filings": "filings"}
    return kinds[text]


def _bundled() -> str:
    return resources.files(__package__ or "").joinpath("watchlist.json").read_text("utf-8")


@lru_cache(maxsize=1)
def bdcs() -> tuple[Watched, ...]:
    """The bundled watch list."""
    return parse(_bundled())


def hosts(watched: Sequence[Watched]) -> tuple[str, ...]:
    """Every host a feed or a release may come from: the feeds' own, and those where newswires keep their releases."""
    kept = json.loads(_bundled())["release_hosts"]
    return tuple(sorted({*kept, *(feed.host for each in watched for feed in each.feeds)}))


def by_ticker(ticker: str) -> Watched | None:
    """The BDC with that ticker, None when it is not watched."""
    return next((each for each in bdcs() if each.ticker == ticker), None)


def speaks_of(title: str, text: str) -> tuple[str | None, Watched | None]:
    """Whose news it is: the ticker it gives (None for none), and the BDC of the list where it is one.

    A listing beside the name counts first, then a name in the title, then one in the text.
    """
    listed = [found["ticker"] or found["symbol"] for found in _LISTED.finditer(f"{title}\n{text}")]
    listed = [ticker for ticker in listed if ticker.isupper()]
    for ticker in listed:
        if watched := by_ticker(ticker):
            return ticker, watched
    for ticker in re.findall(r"\(([A-Z]{2,5})\)", title):
        if watched := by_ticker(ticker):
            return ticker, watched
    for words in (title, text):
        if watched := _named_in(words):
            return watched.ticker, watched
    return (listed[0], None) if listed else (None, None)


def _named_in(text: str) -> Watched | None:
    """The BDC whose name stands first in `text`; of two at one place the longer name."""
    spaced = f" {_words(text)} "
    found = []
    for each in bdcs():
        for name in (each.name, *each.names):
            core = _core(name)
            if len(core.split()) >= 2 and (at := spaced.find(f" {core} ")) >= 0:
                found.append((at, -len(core), each.ticker, each))
    return min(found)[3] if found else None


def announces(title: str, watched: Watched) -> bool:
    """Whether a title is that of the BDC's own release: it opens with its name or ticker, and that announces something."""
    spaced = f"{_words(_SLUG.sub('', title))} "
    for name in (_core(watched.name), *map(_core, watched.names), watched.ticker):
        if spaced.startswith(f"{name} ") and _ANNOUNCES.match(spaced, len(name)):
            return True
    return False


_ANNOUNCES = re.compile(
    r"(?: (?:INC|INCORPORATED|CORP|CORPORATION|CO|COMPANY|LTD|LP|LLC|TRUST|FUND|BDC|TODAY))*"
    r" (?:ANNOUNCES?|REPORTS?|PROVIDES?|RELEASES?|ISSUES|PUBLISHES)\b"
)
_VERB = re.compile(
    r"\s*(?:\(|,?\s+(?:today\s+)?(?:announc|report|provid|declar|releas|schedul|pric|clos|complet|publish|issu|post|updat|deliver|achiev|record|amend|commenc|enter|appoint|hosts?\b|to\s+(?:report|release|announce|host|hold)|sets?\b|first|second|third|fourth|Q[1-4]|net\s+asset|NAV)|:|\s+-\s)",
    re.IGNORECASE,
)
_SLUG = re.compile(
    r"^\s*(?:(?:correct\w*|replac\w*|amend\w*|updat\w*|and|media\s+advisory|press\s+release)[\s:-]+)+", re.IGNORECASE
)


def issuer_in(title: str) -> str:
    """The name a title opens with, legal form aside, upper case; empty when it opens with none."""
    text = _SLUG.sub("", title)
    found = _VERB.search(text)
    name = _core(text[: found.start()]) if found else ""
    return name if 1 <= len(name.split()) <= 8 and re.match(r"[\"']?[A-Z0-9]", text) else ""


_A_FUND = frozenset(
    ("FUND", "TRUST", "BDC", "LLC", "LP", "INC", "CORP", "CORPORATION", "CAPITAL", "LENDING", "FINANCE", "PARTNERS")
)
_NO_NAME = frozenset(
    ("THE", "OUR", "FIRST", "SECOND", "THIRD", "FOURTH", "FISCAL", "QUARTERLY", "ANNUAL", "NET", "TOTAL", "BOARD", "FORM")
)


def is_of_another_fund(title: str, names: str) -> bool:
    """Whether a title opens with the name of a fund that is none of `names`, as a sister's news in the issuer's feed does."""
    text = _SLUG.sub("", title)
    found = _VERB.search(text)
    words = _words(text[: found.start()]).split() if found else []
    while words and words[-1] not in _A_FUND and not re.fullmatch(r"[IVX]+|\d+", words[-1]):
        words.pop()
    if not 2 <= len(words) <= 8 or words[0] in _NO_NAME:
        return False
    return not (is_named(" ".join(words), names) or is_named(" ".join(words).partition(" AND ")[0], names))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[A-Z0-9]+", re.sub(r"['.]", "", text.upper())))


def _core(name: str) -> str:
    """A name without its legal form: `Golub Capital BDC`, `Ares Capital`."""
    words = _words(name).split()
    while len(words) > 2 and words[-1] in _LEGAL - {"BDC", "FUND"}:
        words.pop()
    return " ".join(words)


def wrong_ids(watched: Sequence[Watched], companies: Iterable[Company]) -> dict[str, str]:
    """By ticker, what EDGAR's company file says against an entry: another company's CIK or ticker, or none."""
    names: dict[int, str] = {}
    tickers: dict[str, Company] = {}
    for company in companies:
        names.setdefault(company.cik, company.name)
        tickers.setdefault(company.ticker.upper(), company)
    wrong: dict[str, str] = {}
    for each in watched:
        listed = tickers.get(each.ticker)
        if each.cik not in names:
            wrong[each.ticker] = f"CIK {each.cik} of {each.name} is not in EDGAR's company file"
        elif not _same(names[each.cik], (each.name, *each.names)):
            wrong[each.ticker] = f"CIK {each.cik} is {names[each.cik]}, not {each.name}"
        elif listed and listed.cik != each.cik:
            wrong[each.ticker] = f"ticker {each.ticker} is CIK {listed.cik} ({listed.name}), not {each.cik}"
    return wrong


def _same(one: str, others: Iterable[str]) -> bool:
    """Whether a name is one of the others, legal forms aside."""
    core = {word for word in _words(one).split() if word not in _LEGAL}
    return any(core == {word for word in _words(other).split() if word not in _LEGAL} for other in others)
