"""Backfilling a past period: few requests, several processes, nothing sent, the same result however often it is killed."""

import io
import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.backfill import write
from chalicelib import backfill, bulk, edgar
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli import main
from chalicelib.errors import Missing, Unreadable
from chalicelib.model import Item, Signal, Window
from chalicelib.ports import Conclusion, Document
from sample.loopback import Loopback
from sample.write_archive import index
from tests.fakes.form_pf_documents import document, filing, fund
from tests.fakes.killing import killed

FIRST, LAST = date(2024, 1, 8), date(2024, 2, 4)
ROOT = Path(__file__).parent.parent
ROW = {"form": "424B2", "name": "META PLATFORMS", "cik": 1326801, "accession": "0001193125-24-000001"}


class Pages:
    """A web of given pages that remembers what was asked."""

    def __init__(self, pages):
        self.pages, self.asked = pages, []

    def get(self, url, *, shape="any", max_bytes=0, fresh=False):
        self.asked.append(url)
        if url not in self.pages:
            raise Missing(url)
        return Document(url, self.pages[url], "text/plain", "0" * 64, datetime(2026, 11, 23, tzinfo=UTC))


def full_index(*days):
    head, rows = index(days[0], []), [index(day, [ROW]).splitlines(keepends=True)[-1] for day in days]
    return (head + "".join(rows)).encode()


def test_a_quarter_s_daily_indexes_cost_one_request():
    """Every day's index is cut from the quarter's one, reads as the day's own would, and a day without filings is missing."""
    url = edgar.full_index_url("form", 2024, 1)
    pages = Pages({url: full_index(date(2024, 1, 8), date(2024, 1, 9), date(2024, 1, 9))})
    web = bulk.BulkWeb(pages, date(2026, 11, 23))
    first = web.get(edgar.daily_index_url("form", date(2024, 1, 8)))
    second = web.get(edgar.daily_index_url("form", date(2024, 1, 9)))
    assert [row.filed for row in edgar.read_index(first.body)] == [date(2024, 1, 8)]
    assert len(edgar.read_index(second.body)) == 2
    assert second.url == edgar.daily_index_url("form", date(2024, 1, 9))
    assert first.sha256 != second.sha256
    with pytest.raises(Missing, match="20240110"):
        web.get(edgar.daily_index_url("form", date(2024, 1, 10)))
    assert pages.asked == [url]


@pytest.mark.parametrize(
    "line", [b"424B2  META  1326801  2024-01-08  edgar/data/1/a.txt \n", b"424B2|META|1|20240108 |edgar/data/1/a.txt\n"]
)
def test_both_spellings_of_a_day_are_found(line):
    """Full indexes write 2024-01-08, daily ones 20240108."""
    assert list(bulk.by_day(b"Description: x\n-----\n" + line)) == ["20240108"]


@pytest.mark.parametrize(
    "body", [b"no head\n", b"Description: x\n-----\nno row\n", b"Description: x\n-----\ncut 20240108 edgar/data/"]
)
def test_a_damaged_full_index_is_refused(body):
    """Without a head, with a line that is no row, or cut off, it is unreadable, never a shorter list."""
    with pytest.raises(Unreadable):
        bulk.by_day(body)


def test_a_quarter_still_filling_is_asked_by_day():
    """Until ten days after its end, and where there is no full index, the daily indexes are asked for."""
    day = edgar.daily_index_url("form", date(2024, 1, 8))
    pages = Pages({day: b"daily"})
    assert bulk.BulkWeb(pages, date(2024, 4, 10)).get(day).body == b"daily"
    assert pages.asked == [day]
    assert bulk.BulkWeb(pages, date(2024, 4, 11)).get(day).body == b"daily"
    assert pages.asked[1:] == [edgar.full_index_url("form", 2024, 1), day]


def test_lists_are_asked_for_once_and_documents_passed_on():
    """An issuer's filings are fetched once in a backfill, even when asked for fresh; other documents as ever."""
    mine, other = edgar.submissions_url(1), "https://www.sec.gov/Archives/a.txt"
    pages = Pages({mine: b"{}", other: b"x"})
    web = bulk.BulkWeb(pages, date(2026, 11, 23))
    for _ in range(3):
        web.get(mine, fresh=True)
        web.get(other)
    assert pages.asked == [mine, other, other, other]


def test_what_is_kept_of_lists_is_bounded(monkeypatch):
    """Beyond the bound the list asked for longest ago is dropped."""
    monkeypatch.setattr(bulk, "MOST_KEPT", 25)
    urls = [edgar.submissions_url(n) for n in range(3)]
    pages = Pages(dict.fromkeys(urls, b"0123456789"))
    web = bulk.BulkWeb(pages, date(2026, 11, 23))
    for url in [*urls, urls[2], urls[0]]:
        web.get(url)
    assert pages.asked == [*urls, urls[0]]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_told_on_a_terminal_only():
    """On a terminal one line with windows, rate, time left and errors; elsewhere nothing."""
    shown, silent = Terminal(), io.StringIO()
    for out in (shown, silent):
        progress = backfill.Progress(10, out, time.monotonic() - 60)
        progress.show("reading", 5, 600, 2)
        progress.end()
    assert silent.getvalue() == ""
    assert "5/10 windows, 600 items, 10/s, 1 min 00 s left, 2 errors" in shown.getvalue()


def test_what_is_remembered_of_items_is_bounded(monkeypatch):
    """An item is read once as long as what is remembered stays within the bounds on items and on what they give."""
    monkeypatch.setattr(backfill, "MOST_OBSERVATIONS", 25)
    asked = []
    scraper = SimpleNamespace(read=lambda item, fetch: asked.append(item.key) or iter([item] * 10))
    remembering = backfill.Remembering(scraper)
    items = [Item(key, key) for key in "abc"]
    for item in (*items[:2], *items[:2], items[2], items[1], items[0]):
        assert len(list(remembering.read(item, None))) == 10
    assert asked == ["a", "b", "c", "a"]


@pytest.mark.parametrize("most", [600, 4])
def test_recalled_signals_are_the_store_s(tmp_path, monkeypatch, most):
    """Signals kept in memory are what the store gives, for any window, limit and instant, also after a later generation."""
    monkeypatch.setattr(backfill, "MOST_RECALLED", most)
    store = SqliteStore(tmp_path / "s.db")
    recalling = backfill.Recalling(store, "bond-issuance")
    window, weeks = Window.parse("2024-W01"), []
    for n in range(6):
        for generation in (1, 2) if n == 3 else (1,):
            at = datetime(2024, 3, 1 + n + 10 * generation, tzinfo=UTC)
            data = {"lines": ({"key": f"{generation}"},)}
            signal = Signal("bond-issuance", window.name, window.last, Decimal(n), "USD", Decimal(1), "high", data=data)
            assert recalling.conclude(Conclusion(f"bond-issuance/{window}", generation, signal, at))
        weeks.append(window)
        window = window.after()
    assert not recalling.conclude(Conclusion(f"bond-issuance/{weeks[3]}", 1, signal, at))
    for before in (None, *weeks):
        for limit in (1, 3, 600):
            for known_by in (None, *(datetime(2024, 3, day, tzinfo=UTC) for day in (1, 12, 14, 15, 24, 30))):
                asked = {"before": before, "limit": limit, "known_by": known_by}
                assert recalling.signals("bond-issuance", **asked) == store.signals("bond-issuance", **asked)
    store.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edgar")
    write(folder, FIRST, date(2024, 2, 16), 60)
    with Loopback(folder) as server:
        yield server


@pytest.fixture
def home(clean_environment, tmp_path, site):
    clean_environment.setenv("SEC_WWW_BASE", f"{site.url}/www.sec.gov")
    clean_environment.setenv("SEC_DATA_BASE", f"{site.url}/data.sec.gov")
    clean_environment.setenv("SEC_MAX_RPS", "500")
    clean_environment.setenv("LOG_LEVEL", "ERROR")
    return tmp_path


SPAN = ["--from", str(FIRST), "--to", str(LAST)]


def exports(capsys, *more):
    capsys.readouterr()
    for format_of in (["--format", "csv"], ["--observations", "--format", "json"]):
        assert main(["history", "bond-issuance", *format_of, "--as-of", "2026-01-01"]) == 0
    return capsys.readouterr().out


def test_several_processes_give_what_one_gives(home, clean_environment, capsys):
    """Two readers and none lead to the same exports; every alert is there and marked as not sent to anybody."""
    assert main(["backfill", "bond-issuance", *SPAN, "--processes", "1"]) == 0
    alone = exports(capsys)
    clean_environment.setenv("SENTINEL_DB", str(home / "two.db"))
    assert main(["backfill", "bond-issuance", *SPAN, "--processes", "2"]) == 0
    assert exports(capsys) == alone
    assert alone.count("bond-issuance,2024-W0") == 4
    store = SqliteStore(home / "two.db")
    sent = store.dispatches(limit=100)
    assert sent
    assert {each.delivered for each in sent} == {("silent",)}
    store.close()


def test_a_second_backfill_asks_nothing(home, site, capsys):
    """Windows that have concluded are passed over: not one request."""
    assert main(["backfill", "bond-issuance", *SPAN, "--processes", "1"]) == 0
    before = len(site.requests)
    assert main(["backfill", "bond-issuance", *SPAN, "--processes", "2"]) == 0
    assert len(site.requests) == before
    assert "4 of 4 windows concluded" in capsys.readouterr().err


def test_kills_change_nothing(home, clean_environment, capsys):
    """Killed again and again, then left alone, it ends with byte-identical exports."""
    assert main(["backfill", "bond-issuance", *SPAN, "--processes", "1"]) == 0
    whole = exports(capsys)
    clean_environment.setenv("SENTINEL_DB", str(home / "killed.db"))
    clean_environment.setenv("SENTINEL_CACHE", str(home / "killed"))
    command = [sys.executable, str(ROOT / "sentinel" / "app.py"), "backfill", "bond-issuance", *SPAN]
    kills = [killed(command, after_s) for after_s in (0.4, 0.9, 1.3, 1.7)]
    assert any(kills)
    assert subprocess.run(command, env=os.environ, check=False, capture_output=True).returncode == 0
    assert exports(capsys) == whole


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (["--from", "2024-01-08", "--to", "2999-01-01"], "is to come"),
        (["--from", "2024-01-08", "--to", "2024-01-09"], "no week ends"),
        (["--from", "2024-01-08", "--to", "2024-01-01"], "is after"),
    ],
)
def test_a_period_without_a_window_is_refused(home, span, words, capsys):
    """A period that has not ended, or in which no window ends, is a usage error in words."""
    assert main(["backfill", "bond-issuance", *span]) == 2
    assert words in capsys.readouterr().err


def signed(day: str, *funds, **more) -> bytes:
    element = "PFSection1aItemASignatureFirmAndRelatedPersons"
    text = filing(funds, **more).replace("<PFFunds>", f"<{element}><SignatureDate>{day}</SignatureDate></{element}><PFFunds>")
    return document(text)


def test_a_past_of_form_pf_is_played_with_what_was_known_in_time(home, clean_environment, capsys):
    """Each quarter has the amounts signed by its time; an amendment changes the quarter from its own day on; nothing is sent."""
    source = home / "form-pf"
    source.mkdir()
    quarters = (("2025-06-30", "2", 1000), ("2025-09-30", "3", 990), ("2025-12-31", "4", 800), ("2026-03-31", "1", 810))
    for (end, number, gross), day in zip(quarters, ("2025-08-20", "2025-11-20", "2026-02-20", "2026-05-20"), strict=True):
        for n in (1, 2, 3):
            (source / f"{end}-{n}.xml").write_bytes(signed(day, fund(n, gross, 1), end=end, quarter=number))
    (source / "amended.xml").write_bytes(signed("2026-06-10", fund(1, 950, 1), end="2025-12-31", quarter="4", kind="PF-AMEND"))
    clean_environment.setenv("FORM_PF_SOURCE", str(source))
    assert main(["backfill", "credit-fund", "--from", "2025-07-01", "--to", "2026-03-31", "--processes", "1"]) == 0
    told = {}
    today = datetime.now(UTC).date().isoformat()
    for as_of in ("2026-03-15", today):
        capsys.readouterr()
        assert main(["history", "credit-fund", "--format", "json", "--as-of", as_of]) == 0
        rows = [json.loads(line, parse_float=Decimal) for line in capsys.readouterr().out.splitlines()]
        told[as_of] = {row["window"]: row["headline"] for row in rows}
    assert told["2026-03-15"] == {"2025Q3": Decimal("-0.01"), "2025Q4": Decimal("-0.191919")}
    assert told[today] == {"2025Q3": Decimal("-0.01"), "2025Q4": Decimal("-0.141414"), "2026Q1": Decimal("-0.047059")}
    store = SqliteStore(home / "sentinel.db")
    assert {each.delivered for each in store.dispatches(limit=100)} == {("silent",)}
    store.close()


def test_days_are_sessions_only():
    """A daily scraper's windows are trading sessions: no weekend, no holiday."""
    from chalicelib import scrapers

    due = backfill.due(scrapers.load("bdc-discount"), date(2025, 12, 24), date(2025, 12, 29), date(2026, 11, 23))
    assert [window.name for window in due] == ["2025-12-24", "2025-12-26", "2025-12-29"]
