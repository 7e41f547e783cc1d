"""The report: five years of 50 BDCs, weekly bonds, quarterly funds and banks, from SQLite to the page; beside the bare reads.

The figures are made here, by a fixed seed, for measuring only.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sentinel")]

from chalicelib import scrapers, sessions  # noqa: E402 -- the product is found through the line above
from chalicelib.adapters.sqlite import SqliteStore  # noqa: E402 -- as above
from chalicelib.model import Alert, Contributor, Item, Json, Observation, Outcome, Signal, Window  # noqa: E402 -- as above
from chalicelib.ports import Conclusion, Dispatch  # noqa: E402 -- as above

NAMES = 50
ISSUERS = ("Meta", "Alphabet", "Amazon", "Oracle", "Apple", "Microsoft", "Broadcom", "IBM", "Intel", "Dell", "Cisco", "NVIDIA")
BANKS = ("JPM", "BAC", "WFC", "C", "GS", "MS", "PNC", "USB", "TFC", "BK")
NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 22, tzinfo=UTC)


def _keep(store: SqliteStore, signal: Signal, found: list[Observation], alert: Alert | None = None) -> None:
    run, at = f"{signal.scraper}/{signal.window}", _at(signal.as_of)
    store.complete(run, signal.scraper, Item(run, ""), Outcome(run, "done", "", "1", 1, at), found)
    sent = (Dispatch(f"{run}/{alert.rule}", run, signal.scraper, alert.rule, alert.level, alert, at, at),) if alert else ()
    store.conclude(Conclusion(run, 1, signal, at, sent))


@dataclass
class Lenders:
    """Fifty made-up BDCs whose discounts wander, each on its own and all together."""

    dice: random.Random
    navs: list[Decimal]
    own: list[float]
    drift: float = 0.0

    @classmethod
    def made(cls, dice: random.Random) -> Lenders:
        navs = [Decimal(dice.randrange(900, 2500)) / 100 for _ in range(NAMES)]
        return cls(dice, navs, [dice.gauss(0.08, 0.09) for _ in range(NAMES)])

    def discounts(self) -> list[Decimal]:
        """The next session's."""
        self.drift = self.drift * 0.995 + self.dice.gauss(0, 0.006)
        self.own = [each * 0.999 + self.dice.gauss(0, 0.004) for each in self.own]
        return [Decimal(f"{each + self.drift:.6f}") for each in self.own]


def discounts(store: SqliteStore, days: int, dice: random.Random) -> None:
    lenders, before = Lenders.made(dice), None
    day = NOW.date()
    for _ in range(days):
        day = sessions.sessions_before(day, 1)
    for _ in range(days):
        day += timedelta(days=1)
        while not sessions.is_session(day):
            day += timedelta(days=1)
        before = _session(store, day, lenders, before)


def _session(store: SqliteStore, day: date, lenders: Lenders, before: Signal | None) -> Signal:
    funds: dict[str, dict[str, Json]] = {}
    found: list[Observation] = []
    told = lenders.discounts()
    for n, discount in enumerate(told):
        ticker, fund = f"BD{n:02d}", _fund(n, day, lenders.navs[n], discount)
        funds[ticker] = fund
        found += _read_of(ticker, day, fund)
    told.sort()
    mean = (sum(told, Decimal(0)) / NAMES).quantize(Decimal("0.000001"))
    data: dict[str, Json] = {
        "mean": str(mean), "median": str((told[24] + told[25]) / 2), "deciles": [str(told[5 * tenth]) for tenth in range(1, 10)],
        "stale": ["BD07"], "missing": {}, "bdcs": funds, "feeds": {},
    }  # fmt: skip
    last = None if before is None else before.headline
    change = None if last is None else mean - last
    signal = Signal(
        "bdc-discount", day.isoformat(), day, mean, "ratio", Decimal(1), "high", change, "ratio", before and before.window, None,
        (), data,
    )  # fmt: skip
    fired = change is not None and abs(change) > Decimal("0.017")
    words = f"BDC discount: mean {mean:.1%} of net asset value"
    _keep(store, signal, found, Alert("mean-1", "alert", words, last, mean, Decimal("0.05"), "ratio", "made") if fired else None)
    return signal


def _fund(n: int, day: date, nav: Decimal, discount: Decimal) -> dict[str, Json]:
    quarter = Window.quarter_of(day - timedelta(days=45)).before().last
    return {
        "name": f"Lender {n} Capital Corporation", "price": str((nav * (1 - discount)).quantize(Decimal("0.01"))),
        "price_day": day.isoformat(), "stale_sessions": 0, "nav": str(nav), "nav_low": None, "nav_high": None,
        "nav_as_of": quarter.isoformat(), "nav_age_days": (day - quarter).days, "nav_kind": "final", "nav_origin": "release",
        "nav_source": f"https://www.sec.gov/Archives/edgar/data/{n}/{quarter}.htm", "confidence": "high",
        "discount": str(discount), "change": "0.001", "missing": "", "told": [],
    }  # fmt: skip


def _read_of(ticker: str, day: date, fund: dict[str, Json]) -> list[Observation]:
    """The price and the net asset value a fund's discount was made of."""
    quarter, url, nav = date.fromisoformat(str(fund["nav_as_of"])), str(fund["nav_source"]), Decimal(str(fund["nav"]))
    quote, words = f"https://finance.yahoo.com/quote/{ticker}", f"net asset value per share was ${nav} as of {quarter}"
    return [
        Observation(f"{ticker}/price/{day}", "price", ticker, day, _at(day), Decimal(str(fund["price"])), "USD/share", "high",
                    quote, f"unadjusted close of {day}"),
        Observation(f"{ticker}/nav/{quarter}/final/{url}", "nav", ticker, quarter, _at(quarter), nav, "USD/share", "high", url,
                    words, 81),
    ]  # fmt: skip


def weeks(store: SqliteStore, number: int, dice: random.Random) -> None:
    window, before = Window.week_of(NOW.date() - timedelta(weeks=number)), None
    for _ in range(number):
        lines = [_tranche(window, n, dice) for n in range(dice.choice((0, 1, 2, 4, 6, 8, 12, 20)))]
        before = _week(store, window, lines, before)
        window = window.after()


def _tranche(window: Window, n: int, dice: random.Random) -> dict[str, Json]:
    size = Decimal(dice.randrange(2, 16) * 250_000_000)
    coupon = f"{dice.gauss(4.6 + (window.first.year - 2024) * 0.2, 0.5):.3f}"
    return {
        "key": f"{window}/{n}", "issuer": dice.choice(ISSUERS), "priced": window.last.isoformat(), "currency": "USD",
        "principal": str(size), "usd": str(size), "confidence": "high", "grade": "investment",
        "source": f"https://www.sec.gov/Archives/edgar/data/{n}/{window}.txt", "title": f"{coupon}% Senior Notes due 2035",
        "coupon_pct": coupon, "maturity": "2035-11-15",
    }  # fmt: skip


def _week(store: SqliteStore, window: Window, lines: list[dict[str, Json]], before: Signal | None) -> Signal:
    found = [
        Observation(str(each["key"]), "tranche", str(each["issuer"]), window.last, _at(window.last), Decimal(str(each["usd"])),
                    "USD", "high", str(each["source"]), f"${Decimal(str(each['usd'])):,} {each['title']}", 81)
        for each in lines
    ]  # fmt: skip
    sizes, last = [Decimal(str(each["usd"])) for each in lines], None if before is None else before.headline
    total = sum(sizes, Decimal(0))
    weighted = sum((size * Decimal(str(each["coupon_pct"])) for size, each in zip(sizes, lines, strict=True)), Decimal(0))
    data: dict[str, Json] = {
        "lines": lines,
        "weighted_coupon_pct": f"{weighted / total:.3f}" if lines else None,
        "witnesses": {"disagreements": []},
    }
    parts = (Contributor("Meta", total, "https://www.sec.gov/a"),)
    signal = Signal(
        "bond-issuance", window.name, window.last, total, "USD", Decimal(1), "high", None if last is None else total - last,
        "USD", before and before.window, None, parts, data,
    )  # fmt: skip
    words = f"${total / 1_000_000_000:.2f} bn of investment-grade tech notes priced in {window}"
    alert = Alert("weekly-volume", "medium", words, last, total, Decimal(5_000_000_000), "USD", "made", parts)
    _keep(store, signal, found, alert if total > 20_000_000_000 else None)
    return signal


def quarters(store: SqliteStore, number: int, dice: random.Random) -> None:
    window = Window.quarter_of(NOW.date())
    for _ in range(number):
        window = window.before()
    for _ in range(number):
        _funds(store, window, dice)
        _banks(store, window, dice)
        window = window.after()


def _funds(store: SqliteStore, window: Window, dice: random.Random) -> None:
    change, flow, mark = (Decimal(dice.randrange(-60, 80)) / 1000 for _ in range(3))
    told: dict[str, Json] = {
        "label": "open proxy: Form N-PORT", "basis": "quarterly", "compared_period": window.before().name, "change": str(change),
        "net_change": str(flow + mark), "gross_before": "90000000000", "gross_now": "91000000000", "funds": 40,
        "coverage": "0.98", "fallen": [],
        "split": {"funds": 40, "flow": str(flow * 90_000_000_000), "mark": str(mark * 90_000_000_000)},
    }  # fmt: skip
    data: dict[str, Json] = {"source": "n-port", "label": told["label"], "basis": "quarterly", "proxy": {"n-port": told}}
    found = [
        Observation(f"n-port/{window}/{n}", "n-port", f"Fund {n}", window.last, _at(window.last), Decimal(10**9 * (n + 1)), "USD",
                    "high", f"https://www.sec.gov/{n}", "totAssets", detail={"flow": "1000"})
        for n in range(40)
    ]  # fmt: skip
    signal = Signal("credit-fund", window.name, window.last, change, "ratio", Decimal("0.98"), "medium", data=data)
    _keep(store, signal, found)


def _banks(store: SqliteStore, window: Window, dice: random.Random) -> None:
    amounts = {bank: Decimal(dice.randrange(-20, 120) * 1_000_000) for bank in BANKS}
    answers = [
        Observation(f"{bank}/{window}", "provision", bank, window.last, _at(window.last), value, "USD", "high",
                    f"https://www.sec.gov/{bank}", "Provision for credit losses", detail={"status": "disclosed"})
        for bank, value in amounts.items()
    ]  # fmt: skip
    total, said = sum(amounts.values(), Decimal(0)), {"disclosed": list(BANKS)}
    _keep(store, Signal("bank-provision", window.name, window.last, total, "USD", Decimal(1), "high", data=said), answers)


def fill(path: Path, years: int) -> None:
    """A store of `years` years of all four."""
    dice, store = random.Random(8), SqliteStore(path)
    discounts(store, 252 * years, dice)
    weeks(store, 52 * years, dice)
    quarters(store, 4 * years, dice)
    store.close()


def _drawn(page: Path) -> float | None:
    """Seconds from opening the page in a browser to its last chart and table; None without a browser."""
    from tests.fakes.browser import CHROMIUM, Browser

    if CHROMIUM is None:
        return None
    with Browser(page.parent) as browser:
        begun = time.perf_counter()
        browser.open(page)
        return time.perf_counter() - begun


def main(full: bool) -> None:
    """One year; with `full`, five."""
    from chalicelib.cli import main as command

    years = 5 if full else 1
    with tempfile.TemporaryDirectory() as folder:
        path, page = Path(folder) / "s.db", Path(folder) / "report.html"
        fill(path, years)
        os.environ["SENTINEL_DB"] = str(path)
        store = SqliteStore(path)
        begun = time.perf_counter()
        for name in scrapers.NAMES:
            store.signals(name, limit=20_000)
            store.observations(name, date(2000, 1, 1), NOW.date())
        bare = time.perf_counter() - begun
        begun, spent = time.perf_counter(), time.process_time()
        assert command(["report", "--out", str(page)]) == 0
        took, spent = time.perf_counter() - begun, time.process_time() - spent
        size = page.stat().st_size / 1e6
        print(f"{years} years of {NAMES} BDCs by day, bonds by week, funds and banks by quarter, from SQLite:")
        print(f"  reading signals and observations  {bare:6.2f} s   1.0")
        print(f"  the report, written               {took:6.2f} s   {took / bare:.1f} x   {size:.2f} MB")
        print(f"  of that, of a core's time         {spent:6.2f} s   (machine's load {os.getloadavg()[0]:.0f})")
        if (drawn := _drawn(page)) is not None:
            print(f"  opened in Chromium, all drawn     {drawn:6.2f} s   {drawn / bare:.1f} x")


if __name__ == "__main__":
    main("--full" in sys.argv)
