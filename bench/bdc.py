"""Fifty BDCs at 150 ms latency: the time of a whole run beside the slowest lawful schedule, and requests per supplier.

The lawful schedule: each supplier is asked as often as its limit allows (EDGAR 8 a second, Yahoo four at a time, any other
host 4 a second), all of them at once; the slowest supplier gives its length. With `--full` also how fast releases are read.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from chalicelib import engine
from chalicelib.adapters.quotes import PARALLEL, YahooQuotes
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.web import HttpWeb
from chalicelib.deadline import Deadline
from chalicelib.scrapers import bdc_discount
from chalicelib.scrapers.bdc_discount import gathering, summary, watchlist
from chalicelib.scrapers.bdc_discount.extract import read_release
from sample.loopback import Loopback
from tests.fakes.bdc_world import SEPTEMBER, BdcWorld
from tests.fakes.world import Remembering

LATENCY_S = 0.150
SEC_RPS = 8
OTHER_RPS = 4
FUNDS = 50


def fifty() -> tuple[watchlist.Watched, ...]:
    """The watch list, filled up with copies under other tickers."""
    own = [each for each in watchlist.bdcs() if each.last is None]
    more = [replace(own[n % len(own)], ticker=f"X{n:03d}", cik=9_000_000 + n) for n in range(FUNDS - len(own))]
    return (*own, *more)


@contextmanager
def watching(funds: tuple[watchlist.Watched, ...]) -> Iterator[None]:
    """For the measurement the scraper's list is `funds`."""
    kept = (watchlist.bdcs, gathering.bdcs, summary.bdcs, gathering.by_ticker)
    watchlist.bdcs = gathering.bdcs = summary.bdcs = lambda: funds  # type: ignore[assignment]
    gathering.by_ticker = {each.ticker: each for each in funds}.get  # type: ignore[assignment]
    try:
        yield
    finally:
        watchlist.bdcs, gathering.bdcs, summary.bdcs, gathering.by_ticker = kept


def main(full: bool) -> None:
    import yfinance  # noqa: F401 -- loaded before the clock starts, as in a warm Lambda

    funds = fifty()
    with tempfile.TemporaryDirectory() as folder, Loopback(latency_s=LATENCY_S) as server, watching(funds):
        world = BdcWorld(server, Path(folder) / "yf")
        for each in funds:
            world.concept(each.cik, {SEPTEMBER: ("9.90", SEPTEMBER + timedelta(days=35))})
        hosts = {"www.sec.gov", "data.sec.gov", *bdc_discount.HOSTS}
        world.web = HttpWeb(
            hosts=hosts,
            routes=server.routes(*hosts),
            user_agent="Sentinel analyst@company.example",
            max_rps=SEC_RPS,
            other_rps=OTHER_RPS,
        )
        world.quotes = YahooQuotes(base=f"{server.url}/yahoo", folder=Path(folder) / "yf")
        for each in funds:
            world.price(each.ticker, 9.0)
        memory = Remembering()
        services = engine.Services(
            fetch=world, store=SqliteStore(Path(folder) / "x.db"), notifier=memory, telemetry=memory, continuation=memory
        )
        start = time.perf_counter()
        result = engine.run(engine.Task(bdc_discount, world.window, "bench", Deadline()), services)
        took = time.perf_counter() - start
        sec = len(server.starts("/www.sec.gov")) + len(server.starts("/data.sec.gov"))
        yahoo = len(server.starts("/yahoo"))
        busiest = max(len(server.starts(f"/{host}/")) for host in hosts if not host.endswith("sec.gov"))
    lawful = max(sec / SEC_RPS, yahoo / PARALLEL * LATENCY_S, busiest / OTHER_RPS) + LATENCY_S
    print(f"{FUNDS} BDCs, {result.total} items, {result.state}: EDGAR {sec} requests, Yahoo {yahoo}, all {len(server.requests)}")
    print(f"run {took:.2f} s; slowest lawful schedule {lawful:.2f} s; ratio {took / lawful:.2f} (to reach: 1.5)")
    if full:
        _reading()


def _reading() -> None:
    """Releases read in a second, over the written cases."""
    cases = [
        path.read_bytes() for path in sorted((Path(__file__).parent.parent / "tests/cases/bdc-discount").glob("*/input.html"))
    ]
    readable = [body for body in cases if body.strip()]
    start = time.perf_counter()
    for body in readable:
        read_release(body, None)
    took = time.perf_counter() - start
    print(f"releases: {len(readable) / took:,.0f} a second")
