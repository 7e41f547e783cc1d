"""What a run has to read, and reading it: an item per BDC (close, feeds, the releases they lead to) and one for EDGAR's values.

A feed that fails is named and the others are read; a fund's item fails when all its sources do, for a passing reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from urllib.parse import urljoin, urlsplit

from chalicelib import edgar, sessions
from chalicelib.errors import OutOfTime, SentinelError, Unreadable, UpstreamDown
from chalicelib.model import Item, Json, Notice, Observation, Window
from chalicelib.ports import Close, Fetch
from chalicelib.scrapers.bdc_discount import second_source
from chalicelib.scrapers.bdc_discount.candidate import Candidate, detail
from chalicelib.scrapers.bdc_discount.choose import Choice, choose
from chalicelib.scrapers.bdc_discount.extract import entry_candidates, read_release, unsaid_in
from chalicelib.scrapers.bdc_discount.feeds import MOST_BYTES as MOST_OF_A_FEED
from chalicelib.scrapers.bdc_discount.feeds import Entry, Feed, exhibit_of, read_feed, text_of
from chalicelib.scrapers.bdc_discount.pages import MOST_BYTES as MOST_OF_A_PAGE
from chalicelib.scrapers.bdc_discount.standing import WITHDRAWAL
from chalicelib.scrapers.bdc_discount.watchlist import (
    FeedAddress,
    Watched,
    announces,
    bdcs,
    by_ticker,
    hosts,
    is_of_another_fund,
    speaks_of,
    wrong_ids,
)
from chalicelib.scrapers.bdc_discount.withdrawn import withdrawn_in

HOSTS = hosts(bdcs())
"""Whom a run may ask beside EDGAR: the feeds' own hosts and the newswires', and no other a feed may point to."""
_SEC_HOSTS = ("www.sec.gov",)
_READABLE = timedelta(days=200)
_STOPPED = timedelta(days=120)
"""A fund that reports each quarter publishes more often than this."""
_SETTLED = timedelta(days=1)
"""A past day's feed is judged by what was its newest entry then, not by its age now."""
_FOLLOWED = 2
_EDGAR = "edgar"


def discover(window: Window, fetch: Fetch) -> Iterator[Item | Notice]:
    """One item for EDGAR's values, the longest; one for each BDC that trades that day; what is wrong with the list's ids."""
    day = window.last
    version = fetch.now().strftime("%Y-%m-%dT%H")
    yield Item(f"{_EDGAR}/{day}", "net asset values tagged in reports", version=version, detail={"day": day.isoformat()})
    for watched in bdcs():
        if watched.on(day):
            yield Item(
                f"{watched.ticker}/{day}",
                f"{watched.ticker} {watched.name}",
                version=version,
                detail={"ticker": watched.ticker, "day": day.isoformat()},
            )
    yield from _wrong_ids(day, fetch)


def _wrong_ids(day: date, fetch: Fetch) -> Iterator[Notice]:
    try:
        companies = edgar.read_company_file(fetch.web.get(edgar.COMPANY_FILE, shape="json").body)
    except OutOfTime:
        raise
    except SentinelError as error:
        yield Notice("ids-unchecked", "watch list", f"the ids could not be checked: {error}", edgar.COMPANY_FILE)
        return
    for ticker, words in wrong_ids([each for each in bdcs() if each.on(day)], companies).items():
        yield Notice("wrong-id", ticker, words, edgar.COMPANY_FILE)


def read(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    """One item's observations: closes and splits, net asset values with their kind, and the health of its feeds."""
    day = date.fromisoformat(str(item.detail["day"]))
    if item.key.startswith(f"{_EDGAR}/"):
        yield from second_source.values([each for each in bdcs() if each.on(day)], day, fetch)
        return
    watched = by_ticker(str(item.detail["ticker"]))
    if watched is None:
        raise Unreadable("no BDC of the watch list", where=item.key, evidence=str(item.detail))
    priced = list(_price(watched, day, fetch))
    gathered = _Gathered(watched, fetch, day)
    gathered.all_feeds()
    passing = [each for each in priced if isinstance(each, Notice) and each.detail.get("passing")]
    if passing and gathered.down == len(watched.feeds):
        raise UpstreamDown(f"{watched.ticker}: neither its price nor any of its feeds answers: {passing[0].words}")
    yield from priced
    yield from gathered.found
    yield from gathered.notices
    if gathered.ailing:
        yield Notice("feed-health", watched.ticker, "; ".join(gathered.told), detail=gathered.states)
    yield gathered.health()


def _price(watched: Watched, day: date, fetch: Fetch) -> Iterator[Observation | Notice]:
    close = fetch.quotes.closes([watched.ticker], day)[watched.ticker]
    source = f"https://finance.yahoo.com/quote/{watched.ticker}/history"
    if not isinstance(close, Close):
        yield Notice(
            "no-price",
            watched.ticker,
            f"{close.reason}: {close.words}",
            source,
            {"passing": close.passing, "reason": close.reason},
        )
        return
    for when, ratio in close.splits:
        yield Observation(
            key=f"{watched.ticker}/split/{when}",
            kind="split",
            subject=watched.ticker,
            as_of=when,
            known_at=datetime.combine(when, time(14, 30), UTC),
            value=ratio,
            unit="ratio",
            confidence="high",
            source=source,
        )
    if close.currency != "USD":
        words = f"the close of {close.day} is in {close.currency}, not in dollars: {close.price}"
        yield Notice("currency", watched.ticker, words, source, {"currency": close.currency})
        return
    yield Observation(
        key=f"{watched.ticker}/price/{close.day}",
        kind="price",
        subject=watched.ticker,
        as_of=close.day,
        known_at=sessions.close_of(close.day) + timedelta(hours=2),
        value=close.price,
        unit="USD/share",
        confidence="high",
        source=source,
        words=f"unadjusted close of {close.day}",
    )


@dataclass
class _Gathered:
    """What a fund's feeds give, and how each of them is."""

    watched: Watched
    fetch: Fetch
    day: date
    found: list[Observation] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    states: dict[str, Json] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    ailing: bool = False
    down: int = 0

    def all_feeds(self) -> None:
        """Read every feed of the fund, each on its own; a newswire's links only where the fund's own feeds give no value."""
        for address in self.watched.feeds:
            try:
                document = self.fetch.web.get(address.url, shape="feed", max_bytes=MOST_OF_A_FEED)
                feed = read_feed(document.body)
            except OutOfTime:
                raise
            except SentinelError as error:
                self.down += error.passing
                self._health(address, None, f"{type(error).__name__}: {error}")
                continue
            self._health(address, feed, "")
            self._entries(address, feed)

    def _health(self, address: FeedAddress, feed: Feed | None, error: str) -> None:
        now = self.fetch.now()
        judged = min(now, sessions.close_of(self.day) + _SETTLED)
        newest = feed.newest if feed else None
        age = max(0, (judged - newest).days) if newest else None
        self.ailing = self.ailing or newest is None or judged - newest > _STOPPED
        if error:
            words = f"no answer: {error}"
        elif not feed or not feed.entries:
            words = "answers without entries"
        elif newest is None:
            words = "answers; no entry has a date that can be read"
        else:
            words = f"{'stopped' if judged - newest > _STOPPED else 'answers'}; newest entry {age} days old"
        state: dict[str, Json] = {
            "kind": address.kind,
            "last_success": None if error else now.isoformat(timespec="seconds"),
            "newest_entry": newest.isoformat(timespec="seconds") if newest else None,
            "newest_age_days": age,
            "error": error[:300],
        }
        self.states[address.url] = state
        self.told.append(f"{address.kind}: {words[:300]}")

    def health(self) -> Observation:
        """The state of all feeds of the fund that day, kept so that the last success of each can be told."""
        answering = sum(isinstance(state, Mapping) and not state["error"] for state in self.states.values())
        return Observation(
            key=f"{self.watched.ticker}/feeds",
            kind="feeds",
            subject=self.watched.ticker,
            as_of=self.day,
            known_at=self.fetch.now(),
            value=Decimal(answering),
            unit="count",
            confidence="high",
            source=self.watched.feeds[0].url if self.watched.feeds else "",
            detail=self.states,
        )

    def _entries(self, address: FeedAddress, feed: Feed) -> None:
        now, follow = self.fetch.now(), 0
        oldest = sessions.close_of(self.day) - _READABLE
        for entry in feed.entries:
            if entry.published and not oldest <= entry.published <= now:
                continue
            _, named = speaks_of(entry.title, text_of(entry.body[:20_000]))
            if named is not None and named.ticker != self.watched.ticker:
                continue
            if named is None and is_of_another_fund(entry.title, self.watched.told_as):
                continue
            if address.kind == "newswire" and not announces(entry.title, self.watched):
                continue
            try:
                candidates, period = entry_candidates(entry, self.watched, self.watched.told_as)
            except Unreadable as error:
                self.notices.append(
                    Notice("release-unread", self.watched.ticker, f"{entry.title[:120]!r}: {error}", entry.link[:500])
                )
                continue
            url, choices = entry.link or address.url, choose(candidates, period)
            kept = self._keep(choices, address, entry, url)
            self._unsay(unsaid_in(entry, period) | withdrawn_in(choices), address, entry, url)
            told = address.kind == "newswire" and any(each.kind == "nav" for each in self.found)
            if not (kept or told) and entry.reports and follow < _FOLLOWED and entry.link not in self.followed:
                follow += 1
                self.followed.add(entry.link)
                self._follow(address, entry)

    def _follow(self, address: FeedAddress, entry: Entry) -> None:
        """Read the release an entry leads to."""
        url = urljoin(address.url, entry.link)
        try:
            self._refuse_elsewhere(url)
            document = self.fetch.web.get(url, shape="html", max_bytes=MOST_OF_A_PAGE)
            if entry.is_filing and "-index.htm" in url:
                url = exhibit_of(document.body, url)
                document = self.fetch.web.get(url, shape="html", max_bytes=MOST_OF_A_PAGE)
            published = entry.published.date() if entry.published else None
            _, choices = read_release(document.body, published, self.watched)
        except OutOfTime:
            raise
        except SentinelError as error:
            words = f"the release {entry.title[:120]!r} was not read: {type(error).__name__}: {error}"
            self.notices.append(Notice("release-unread", self.watched.ticker, words[:500], url[:500]))
            return
        self._unsay(withdrawn_in(choices), address, entry, url)
        if not self._keep(choices, address, entry, url):
            why = choices[0].why if choices else "no candidate"
            self.notices.append(Notice("no-nav", self.watched.ticker, f"{entry.title[:120]!r}: {why}", url[:500]))

    def _refuse_elsewhere(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or (parts.hostname or "").lower() not in (*HOSTS, *_SEC_HOSTS):
            raise Unreadable("a link that leads off the allowed hosts, or not to https", where="link", evidence=url)

    def _keep(self, choices: Sequence[Choice], address: FeedAddress, entry: Entry, url: str) -> bool:
        """Keep what was chosen; a release that gives several share classes has no one value for the listed share."""
        chosen = [choice.chosen for choice in choices if choice.chosen]
        if len(chosen) > 1:
            shown = ", ".join(f"{each.share_class} {each.value}" for each in chosen)
            self.notices.append(
                Notice("share-classes", self.watched.ticker, f"a value for each share class, none for the listed: {shown}", url)
            )
            return True
        for each in chosen:
            self.found.append(_observed(each, self.watched.ticker, address.kind, url, self._known_at(entry)))
        return bool(chosen)

    def _unsay(self, days: Collection[date], address: FeedAddress, entry: Entry, url: str) -> None:
        """Keep that what was released of these days is withdrawn."""
        source = hashlib.sha256(url.encode()).hexdigest()[:12]
        for day in sorted(days):
            self.found.append(
                Observation(
                    key=f"{self.watched.ticker}/{WITHDRAWAL}/{day}/{source}",
                    kind=WITHDRAWAL,
                    subject=self.watched.ticker,
                    as_of=day,
                    known_at=self._known_at(entry),
                    value=None,
                    unit="USD/share",
                    confidence="high",
                    source=url,
                    words=entry.title[:300],
                    detail={"origin": address.kind},
                )
            )

    def _known_at(self, entry: Entry) -> datetime:
        return min(entry.published, self.fetch.now()) if entry.published else self.fetch.now()


def _observed(candidate: Candidate, ticker: str, origin: str, url: str, known_at: datetime) -> Observation:
    source = hashlib.sha256(url.encode()).hexdigest()[:12]
    return Observation(
        key=f"{ticker}/nav/{candidate.as_of}/{candidate.kind}/{source}",
        kind="nav",
        subject=ticker,
        as_of=candidate.as_of or known_at.date(),
        known_at=known_at,
        value=candidate.value,
        unit="USD/share",
        confidence="high" if candidate.dated == "stated" and candidate.kind == "final" else "medium",
        source=url,
        words=candidate.words,
        offset=candidate.offset,
        detail={**detail(candidate), "origin": origin},
    )
