"""The report: five years of 50 BDCs, weekly bonds, quarterly funds and banks, from SQLite to the page; beside the bare reads.

The figures are made here, by a fixed seed, for measuring only.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sentinel")]

from chalicelib import scrapers, sessions  # noqa: E402 -- the product is found through the line above
from chalicelib.adapters.sqlite import SqliteStore  # noqa: E402
from chalicelib.model import Alert, Contributor, Item, Json, Observation, Outcome, Signal, Window  # noqa: E402
from chalicelib.ports import Conclusion, Dispatch  # noqa: E402

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


def discounts(store: SqliteStore, days: int, dice: random.Random) -> None:
    navs = [Decimal(dice.randrange(900, 2500)) / 100 for _ in range(NAMES)]
    own = [dice.gauss(0.08, 0.09) for _ in range(NAMES)]
    drift, mean = 0.0, None
    day = NOW.date()
    for _ in range(days):
        day = sessions.sessions_before(day, 1)
    for _ in range(days):
        day += timedelta(days=1)
        while not sessions.is_session(day):
            day += timedelta(days=1)
        drift = drift * 0.995 + dice.gauss(0, 0.006)
        funds, found, all_of = {}, [], []
        quarter = Window.quarter_of(day - timedelta(days=45)).before().last
        for n in range(NAMES):
            own[n] = own[n] * 0.999 + dice.gauss(0, 0.004)
            discount = Decimal(f"{own[n] + drift:.6f}")
            price = (navs[n] * (1 - discount)).quantize(Decimal("0.01"))
            ticker, url = f"BD{n:02d}", f"https://www.sec.gov/Archives/edgar/data/{n}/{quarter}.htm"
            words = f"net asset value per share was ${navs[n]} as of {quarter}"
            found.append(Observation(f"{ticker}/price/{day}", "price", ticker, day, _at(day), price, "USD/share", "high",
                                     f"https://finance.yahoo.com/quote/{ticker}", f"unadjusted close of {day}"))  # fmt: skip
            key = f"{ticker}/nav/{quarter}/final/{url}"
            found.append(Observation(key, "nav", ticker, quarter, _at(quarter), navs[n], "USD/share", "high", url, words, 81))
            all_of.append(discount)
            funds[ticker] = {
                "name": f"Lender {n} Capital Corporation", "price": str(price), "price_day": day.isoformat(), "stale_sessions": 0,
                "nav": str(navs[n]), "nav_low": None, "nav_high": None, "nav_as_of": quarter.isoformat(),
                "nav_age_days": (day - quarter).days, "nav_kind": "final", "nav_origin": "release", "nav_source": url,
                "confidence": "high", "discount": str(discount), "change": "0.001", "missing": "", "told": [],
            }  # fmt: skip
        all_of.sort()
        now = (sum(all_of, Decimal(0)) / NAMES).quantize(Decimal("0.000001"))
        data: dict[str, Json] = {
            "mean": str(now), "median": str((all_of[24] + all_of[25]) / 2),
            "deciles": [str(all_of[5 * tenth]) for tenth in range(1, 10)],
            "stale": ["BD07"], "missing": {}, "bdcs": funds, "feeds": {},
        }  # fmt: skip
        change = None if mean is None else now - mean
        alert = Alert("mean-1", "alert", "BDC discount widened", mean, now, Decimal("0.05"), "ratio", "made")
        signal = Signal(
            "bdc-discount", day.isoformat(), day, now, "ratio", Decimal(1), "high", change, "ratio", None, None, (), data
        )
        _keep(store, signal, found, alert if change is not None and abs(change) > Decimal("0.017") else None)
        mean = now


def weeks(store: SqliteStore, number: int, dice: random.Random) -> None:
    window = Window.week_of(NOW.date() - timedelta(weeks=number))
    for _ in range(number):
        lines: list[dict[str, Json]] = []
        found = []
        for n in range(dice.choice((0, 1, 2, 4, 6, 8, 12, 20))):
            issuer, size = dice.choice(ISSUERS), Decimal(dice.randrange(2, 16) * 250_000_000)
            coupon, key = f"{dice.randrange(3000, 6500) / 1000:.3f}", f"{window}/{n}"
            source = f"https://www.sec.gov/Archives/edgar/data/{n}/{window}.txt"
            title = f"{coupon}% Senior Notes due 2035"
            lines.append({
                "key": key, "issuer": issuer, "priced": window.last.isoformat(), "currency": "USD", "principal": str(size),
                "usd": str(size), "confidence": "high", "grade": "investment", "source": source, "title": title,
                "coupon_pct": coupon,
                "maturity": "2035-11-15",
            })  # fmt: skip
            found.append(Observation(key, "tranche", issuer, window.last, _at(window.last), size, "USD", "high", source,
                                     f"${size:,} {title}", 81))  # fmt: skip
        total = sum((Decimal(str(line["usd"])) for line in lines), Decimal(0))
        data: dict[str, Json] = {
            "lines": lines,
            "weighted_coupon_pct": "4.812" if lines else None,
            "witnesses": {"disagreements": []},
        }
        parts = (Contributor("Meta", total, "https://www.sec.gov/a"),)
        alert = Alert("weekly-volume", "medium", "much", None, total, Decimal(5_000_000_000), "USD", "made", parts)
        signal = Signal(
            "bond-issuance", window.name, window.last, total, "USD", Decimal(1), "high", data=data, contributors=parts
        )
        _keep(store, signal, found, alert if total > 20_000_000_000 else None)
        window = window.after()


def quarters(store: SqliteStore, number: int, dice: random.Random) -> None:
    window = Window.quarter_of(NOW.date())
    for _ in range(number):
        window = window.before()
    for _ in range(number):
        change, flow, mark = (Decimal(dice.randrange(-60, 80)) / 1000 for _ in range(3))
        told: dict[str, Json] = {
            "label": "open proxy: Form N-PORT", "basis": "quarterly",
            "compared_period": window.before().name, "change": str(change),
            "net_change": str(flow + mark), "gross_before": "90000000000", "gross_now": "91000000000",
            "funds": 40, "coverage": "0.98",
            "split": {"funds": 40,
                      "flow": str(flow * 90_000_000_000), "mark": str(mark * 90_000_000_000)},
            "fallen": [],
        }  # fmt: skip
        data: dict[str, Json] = {"source": "n-port", "label": told["label"], "basis": "quarterly", "proxy": {"n-port": told}}
        found = [
            Observation(f"n-port/{window}/{n}", "n-port", f"Fund {n}", window.last, _at(window.last),
                        Decimal(10**9 * (n + 1)), "USD",
                        "high",
                        f"https://www.sec.gov/{n}",
                        "totAssets", detail={"flow": "1000"}) for n in range(40)
        ]  # fmt: skip
        _keep(
            store, Signal("credit-fund", window.name, window.last, change, "ratio", Decimal("0.98"), "medium", data=data), found
        )
        amounts = {bank: Decimal(dice.randrange(-20, 120) * 1_000_000) for bank in BANKS}
        answers = [
            Observation(f"{bank}/{window}", "provision", bank, window.last, _at(window.last), value, "USD", "high",
                        f"https://www.sec.gov/{bank}", "Provision for credit losses", detail={"status": "disclosed"})
            for bank, value in amounts.items()
        ]  # fmt: skip
        total = sum(amounts.values(), Decimal(0))
        said: dict[str, Json] = {"disclosed": list(BANKS)}
        _keep(store, Signal("bank-provision", window.name, window.last, total, "USD", Decimal(1), "high", data=said), answers)
        window = window.after()


def fill(path: Path, years: int) -> None:
    """A store of `years` years of all four."""
    dice, store = random.Random(8), SqliteStore(path)
    discounts(store, 252 * years, dice)
    weeks(store, 52 * years, dice)
    quarters(store, 4 * years, dice)
    store.close()


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
        begun = time.perf_counter()
        assert command(["report", "--out", str(page)]) == 0
        took = time.perf_counter() - begun
        size = page.stat().st_size / 1e6
        print(f"{years} years of {NAMES} BDCs by day, bonds by week, funds and banks by quarter, from SQLite:")
        print(f"  reading signals and observations  {bare:6.2f} s   1.0")
        print(f"  the report, written               {took:6.2f} s   {took / bare:.1f} x   {size:.2f} MB")


if __name__ == "__main__":
    main("--full" in sys.argv)
