"""The outside world of the BDC scraper on loopback: EDGAR, feeds and Yahoo, through the product's own adapters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from chalicelib.adapters.quotes import Patience, YahooQuotes
from chalicelib.adapters.web import HttpWeb, Times
from chalicelib.scrapers import bdc_discount
from chalicelib.scrapers.bdc_discount import watchlist, witness
from sample.loopback import Loopback
from tests.fakes import yahoo

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
SEPTEMBER, JUNE = date(2026, 9, 30), date(2026, 6, 30)


@dataclass
class BdcWorld:
    """Satisfies `ports.Fetch`. Every fund has a price of 9, no feed answers, EDGAR tags 10.00 for June."""

    server: Loopback
    folder: Path
    at: datetime = NOW
    files = transcripts = None
    tagged: dict[date, dict[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        hosts = {"www.sec.gov", "data.sec.gov", *bdc_discount.HOSTS}
        self.web = HttpWeb(
            hosts=hosts,
            routes=self.server.routes(*hosts),
            user_agent="Sentinel analyst@company.example",
            max_rps=500,
            other_rps=500,
            times=Times(tries=1),
            now=lambda: self.at,
        )
        patience = Patience(tries=1, sleep=lambda _: None)
        self.quotes = YahooQuotes(base=f"{self.server.url}/yahoo", folder=self.folder, patience=patience)
        self.server.pages.update(yahoo.CRUMB)
        for watched in watchlist.bdcs():
            self.price(watched.ticker, 9.0)
        self.tags(JUNE, {watched.cik: "10.00" for watched in watchlist.bdcs()})
        self.tags(SEPTEMBER, {})
        self.companies({watched.cik: (watched.name, watched.ticker) for watched in watchlist.bdcs()})

    def now(self) -> datetime:
        return self.at

    def setting(self, name: str) -> str | None:
        return None

    def price(self, ticker: str, close: float, day: date = DAY, **kwargs: object) -> None:
        before = day - timedelta(days=1)
        self.server.add(f"/yahoo/v8/finance/chart/{ticker}", yahoo.chart(ticker, {before: close, day: close}, **kwargs))  # type: ignore[arg-type]

    def tags(self, end: date, values: Mapping[int, str]) -> None:
        rows = [
            {
                "accn": f"{cik:010d}-26-000001",
                "cik": cik,
                "entityName": "x",
                "loc": "US-NY",
                "end": end.isoformat(),
                "val": float(value),
            }
            for cik, value in values.items()
        ]
        page = {"taxonomy": "us-gaap", "tag": witness.TAG, "ccp": "x", "uom": "USD-per-shares", "pts": len(rows), "data": rows}
        self.server.add(witness.frame_of(end).removeprefix("https:/"), json.dumps(page))

    def concept(self, cik: int, values: Mapping[date, tuple[str, date]]) -> None:
        rows = [
            {
                "end": end.isoformat(),
                "val": float(value),
                "accn": f"{n:010d}-26-000009",
                "form": "10-Q",
                "filed": filed.isoformat(),
            }
            for n, (end, (value, filed)) in enumerate(values.items())
        ]
        page = {"cik": cik, "taxonomy": "us-gaap", "tag": witness.TAG, "units": {"USD/shares": rows}}
        self.server.add(witness.concept_of(cik).removeprefix("https:/"), json.dumps(page))

    def companies(self, named: Mapping[int, tuple[str, str]]) -> None:
        rows = [[cik, name, ticker, "NYSE"] for cik, (name, ticker) in named.items()]
        page = {"fields": ["cik", "name", "ticker", "exchange"], "data": rows}
        self.server.add("/www.sec.gov/files/company_tickers_exchange.json", json.dumps(page))

    def feed_path(self, ticker: str, kind: str = "issuer") -> str:
        watched = watchlist.by_ticker(ticker)
        assert watched
        return next(each.url for each in watched.feeds if each.kind == kind).removeprefix("https:/")

    def feed(self, ticker: str, *entries: tuple[str, str, str, datetime], kind: str = "issuer") -> None:
        """Serve a feed of (title, text, link, published); a newswire's address serves every fund the same."""
        items = "".join(
            f"<item><title>{title}</title><link>{link}</link><pubDate>{format_datetime(at)}</pubDate><description>{text}</description></item>"
            for title, text, link, at in entries
        )
        self.server.add(
            self.feed_path(ticker, kind).partition("?")[0],
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>n</title>{items}</channel></rss>',
        )

    def read(self, ticker: str) -> tuple[list, list]:
        """The observations and notices of one fund's item on `DAY`."""
        item = next(each for each in bdc_discount.discover(self.window, self) if getattr(each, "key", "") == f"{ticker}/{DAY}")
        return self._split(bdc_discount.read(item, self))

    def read_edgar(self) -> tuple[list, list]:
        item = next(each for each in bdc_discount.discover(self.window, self) if getattr(each, "key", "") == f"edgar/{DAY}")
        return self._split(bdc_discount.read(item, self))

    @property
    def window(self):
        from chalicelib.model import Window

        return Window.day_of(DAY)

    @staticmethod
    def _split(found) -> tuple[list, list]:
        both = list(found)
        return [each for each in both if hasattr(each, "key")], [each for each in both if not hasattr(each, "key")]
