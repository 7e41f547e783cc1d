"""BDC runs through the real commands on the bundled sample, over loopback: past days, what was known on each, feeds' health."""

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest

from chalicelib import scrapers
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli import main
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bdc_discount.extract import read_release
from sample.loopback import Loopback, Reply

SAMPLE = Path(__file__).parents[1] / "sample"


@pytest.fixture
def sample_bdcs(monkeypatch, tmp_path):
    """EDGAR, the feeds and Yahoo of the sample in the place of the real ones, and an empty store."""
    hosts = [host for host in scrapers.load("bdc-discount").HOSTS if not host.endswith("sec.gov")]
    with Loopback(SAMPLE / "archive") as edgar, Loopback(SAMPLE / "feeds") as feeds, Loopback(SAMPLE / "yahoo") as yahoo:
        for name, value in {
            "SEC_WWW_BASE": f"{edgar.url}/www.sec.gov",
            "SEC_DATA_BASE": f"{edgar.url}/data.sec.gov",
            "ROUTES": json.dumps(feeds.routes(*hosts)),
            "YAHOO_BASE": yahoo.url,
            "SENTINEL_DB": str(tmp_path / "sentinel.db"),
            "SENTINEL_CACHE": str(tmp_path / "documents"),
            "SEC_MAX_RPS": "500",
            "OTHER_MAX_RPS": "500",
        }.items():
            monkeypatch.setenv(name, value)
        yield feeds


def run(*arguments: str) -> int:
    return main(list(arguments))


def test_past_days_are_filled_with_what_was_known_on_each(sample_bdcs, capsys):
    """ARCC's September value counts from its release on 28 October; `history` has every session; `status` names each feed."""
    assert run("backfill", "bdc-discount", "--from", "2025-10-24", "--to", "2025-10-30", "--json") == 0
    capsys.readouterr()
    navs, days = {}, ("2025-10-24", "2025-10-27", "2025-10-28", "2025-10-29", "2025-10-30")
    store = SqliteStore(os.environ["SENTINEL_DB"])
    signals = {signal.window: signal for signal, _ in store.signals("bdc-discount")}
    store.close()
    assert tuple(signals) == days
    for day, signal in signals.items():
        fund = signal.data["bdcs"]["ARCC"]
        navs[day] = (fund["nav"], fund["nav_as_of"])
        assert date.fromisoformat(fund["price_day"]) == date.fromisoformat(day)
    assert navs["2025-10-24"] == ("19.90", "2025-06-30")
    assert navs["2025-10-30"] == ("20.01", "2025-09-30")
    assert all(signal.data["bdcs"]["OBDC"]["nav"] == "15.03" for signal in signals.values())
    assert run("history", "bdc-discount", "--format", "json") == 0
    told = capsys.readouterr().out
    assert [day for day in days if day not in told] == []


def test_status_shows_each_feed_with_its_last_success_age_and_error(sample_bdcs, capsys):
    """A feed that answers 404 heads the list with its error; the others show when they answered and how old their news is."""
    sample_bdcs.pages["/ir.mainstcapital.com/rss/news-releases.xml"] = lambda _: _gone()
    assert run("run", "bdc-discount", "--window", "2025-11-13", "--json") == 0
    capsys.readouterr()
    assert run("status", "--json") == 0
    told = next(each for each in json.loads(capsys.readouterr().out)["scrapers"] if each["scraper"] == "bdc-discount")
    first, last = told["feeds"][0], told["feeds"][-1]
    assert (first["ticker"], first["kind"], first["last_success"]) == ("MAIN", "issuer", None)
    assert "404" in first["error"]
    assert {each["kind"] for each in told["feeds"] if each["last_success"]} == {"filings", "issuer", "newswire"}
    assert last["error"] is None
    assert last["last_success"]
    assert last["newest_age_days"] > 300
    assert run("status") == 0
    assert re.search(r"MAIN +issuer +never ", capsys.readouterr().out)


def _gone():
    return Reply(b"gone", 404, {"Content-Type": "text/plain"})


def test_a_page_of_nothing_but_net_asset_values_is_refused():
    """A page that names net asset value in thousands of places is told as unreadable, never read for its own sake."""
    words = "Net asset value per share as of September 30, 2025 was $15.20. "
    with pytest.raises(Unreadable, match="2000 places"):
        read_release(f"<html><p>{words * 2000}</p></html>".encode(), date(2025, 11, 6))
