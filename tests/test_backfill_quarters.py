"""Backfilling credit funds and banks: what was public in time counts, what came later does not, kills change nothing."""

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli import main
from chalicelib.scrapers.credit_fund.form_pf import SIGNED
from sample.loopback import Loopback
from tests.fakes import quarterly_edgar
from tests.fakes.form_pf_documents import document, filing
from tests.fakes.form_pf_documents import fund as form_pf_fund
from tests.fakes.killing import killed
from tests.fakes.quarterly_edgar import Filed

ROOT = Path(__file__).parent.parent
SPAN = ["--from", "2024-01-01", "--to", "2024-12-31"]
CLIFFWATER, BLACKSTONE, BNY, USB = 1735964, 1803498, 1390777, 36104
DECEMBER, MARCH, JUNE, SEPTEMBER, YEAR_END = (
    date(2023, 12, 31), date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31)
)  # fmt: skip


def funds(folder):
    """A fund whose June is amended after June's last run, whose September is late and whose December comes too late."""
    quarterly_edgar.companies(folder)
    number = f"{CLIFFWATER:010d}"
    quarterly_edgar.fund(folder, CLIFFWATER, "Cliffwater Corporate Lending Fund", [
        Filed(f"{number}-24-000001", "NPORT-P", DECEMBER, "2024-02-28T17:00:00", (1000, 100)),
        Filed(f"{number}-24-000002", "NPORT-P", MARCH, "2024-05-29T17:00:00", (1100, 100)),
        Filed(f"{number}-24-000003", "NPORT-P", JUNE, "2024-08-28T17:00:00", (1200, 100)),
        Filed(f"{number}-25-000004", "NPORT-P", SEPTEMBER, "2025-06-16T17:00:00", (700, 100)),
        Filed(f"{number}-25-000005", "NPORT-P/A", JUNE, "2025-07-10T17:00:00", (900, 100)),
        Filed(f"{number}-25-000006", "NPORT-P", YEAR_END, "2025-12-05T17:00:00", (650, 100)),
    ])  # fmt: skip
    repeated = [("2023-12-31", 100, filed) for filed in ("2024-03-10", "2024-05-12", "2024-08-12", "2024-11-12")]
    quarterly_edgar.concept(folder, BLACKSTONE, "Blackstone Private Credit Fund", "Assets", [
        *repeated, ("2024-03-31", 110, "2024-05-12"), ("2024-06-30", 121, "2024-08-12"),
        ("2023-12-31", 95, "2025-03-12"), ("2024-03-31", 99, "2025-05-12"),
    ])  # fmt: skip


def quarter(end):
    return date(end.year, end.month - 2, 1), end


def banks(folder):
    """One bank amends two quarters and files a third late; another gives June as half a year and amends March afterwards."""
    half = date(2024, 1, 1), JUNE
    mine, other = f"{BNY:010d}", f"{USB:010d}"
    quarterly_edgar.bank(folder, BNY, "BANK OF NEW YORK MELLON CORP", "BK", [
        Filed(f"{mine}-24-000001", "10-Q", MARCH, "2024-05-03T16:00:00", {quarter(MARCH): 10_000_000}),
        Filed(f"{mine}-24-000002", "10-Q", JUNE, "2024-08-02T16:00:00", {quarter(JUNE): 20_000_000}),
        Filed(f"{mine}-24-000003", "10-Q/A", MARCH, "2024-11-20T16:00:00", {quarter(MARCH): 5_000_000}),
        Filed(f"{mine}-24-000004", "10-Q/A", JUNE, "2024-12-16T16:00:00", {quarter(JUNE): 35_000_000}),
        Filed(f"{mine}-25-000005", "10-Q", SEPTEMBER, "2025-02-20T16:00:00", {quarter(SEPTEMBER): 90_000_000}),
    ])  # fmt: skip
    quarterly_edgar.bank(folder, USB, "US BANCORP \\DE\\", "USB", [
        Filed(f"{other}-24-000001", "10-Q", MARCH, "2024-05-03T16:00:00", {quarter(MARCH): 20_000_000}),
        Filed(f"{other}-24-000002", "10-Q", JUNE, "2024-08-02T16:00:00", {half: 60_000_000}),
        Filed(f"{other}-24-000003", "10-Q/A", MARCH, "2024-11-20T16:00:00", {quarter(MARCH): 45_000_000}),
    ])  # fmt: skip


@pytest.fixture
def world(clean_environment, tmp_path):
    """A loopback EDGAR of both, and an empty store."""
    folder = tmp_path / "edgar"
    funds(folder)
    banks(folder)
    with Loopback(folder) as server:
        clean_environment.setenv("SEC_WWW_BASE", f"{server.url}/www.sec.gov")
        clean_environment.setenv("SEC_DATA_BASE", f"{server.url}/data.sec.gov")
        clean_environment.setenv("SEC_MAX_RPS", "500")
        clean_environment.setenv("LOG_LEVEL", "ERROR")
        yield server


def signals(name):
    store = SqliteStore(os.environ["SENTINEL_DB"])
    found = {signal.window: signal for signal, _ in store.signals(name)}
    sent = store.dispatches(limit=100)
    store.close()
    return found, sent


def headlines(capsys, name, day):
    capsys.readouterr()
    assert main(["history", name, "--format", "json", "--as-of", day]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {row["window"]: row["headline"] for row in rows}


def test_a_fund_s_amendment_and_late_report_count_from_their_publication(world, capsys):
    """June is concluded without its later amendment, September with its late report against the amended June; December waits."""
    assert main(["backfill", "credit-fund", *SPAN]) == 1
    assert "2024Q4: none of the 1 funds of 2024Q3 has reported" in capsys.readouterr().err
    found, sent = signals("credit-fund")
    told = {window: each.headline for window, each in found.items()}
    assert told == {
        "2024Q1": Decimal("0.1"), "2024Q2": Decimal("0.090909"), "2024Q3": Decimal("-0.222222"), "2024Q4": None
    }  # fmt: skip
    assert {each.rule for each in sent} >= {"decline"}
    assert {each.delivered for each in sent} == {("silent",)}
    assert headlines(capsys, "credit-fund", "2024-12-15") == {"2024Q1": 0.1, "2024Q2": 0.090909, "2024Q3": None}
    assert headlines(capsys, "credit-fund", "2025-07-09")["2024Q2"] == 0.090909
    assert headlines(capsys, "credit-fund", "2025-07-11")["2024Q2"] == -0.181818


def test_a_restated_balance_sheet_counts_from_its_filing(world, capsys):
    """A year's end repeated in later reports is known from the first; a restated one only from the filing that restates it."""
    main(["backfill", "credit-fund", *SPAN])
    found, _ = signals("credit-fund")
    changes = {window: each.data["proxy"]["bdc"]["change"] for window, each in found.items()}
    assert (changes["2024Q1"], changes["2024Q2"]) == ("0.100000", "0.100000")
    store = SqliteStore(os.environ["SENTINEL_DB"])
    kept = [each.observation for each in store.observations("credit-fund", DECEMBER, DECEMBER)]
    store.close()
    [first, restated] = [each for each in kept if each.kind == "bdc"]
    assert [(each.value, each.known_at.date()) for each in (first, restated)] == [
        (100, date(2024, 3, 11)), (95, date(2025, 3, 13))
    ]  # fmt: skip


def test_a_form_pf_amendment_counts_from_its_signature(world, clean_environment, tmp_path, capsys):
    """Form PF signed after a quarter's last run does not reach back into it."""
    folder = tmp_path / "form-pf"
    folder.mkdir()
    parts = [("2023-12-31", "4", 1000, "PF-UPDATING", "2024-02-20"), ("2024-03-31", "1", 1100, "PF-UPDATING", "2024-05-20"),
             ("2024-03-31", "1", 500, "PF-AMEND", "2025-04-02")]  # fmt: skip
    for n, (end, number, gross, kind, signed) in enumerate(parts):
        text = filing([form_pf_fund(1, gross, gross)], end=end, kind=kind, quarter=number)
        signature = f"<{SIGNED}><SignatureDate>{signed}</SignatureDate></{SIGNED}></PFXMLFiling>"
        (folder / f"{n}.xml").write_bytes(document(text.replace("</PFXMLFiling>", signature)))
    clean_environment.setenv("FORM_PF_SOURCE", str(folder))
    assert main(["backfill", "credit-fund", "--from", "2024-01-01", "--to", "2024-03-31"]) == 0
    assert signals("credit-fund")[0]["2024Q1"].headline == Decimal("0.1")
    assert headlines(capsys, "credit-fund", "2025-04-01") == {"2024Q1": 0.1}
    assert headlines(capsys, "credit-fund", "2025-04-02") == {"2024Q1": -0.5}


def test_a_bank_s_amendments_count_from_their_acceptance(world, capsys):
    """March keeps what stood at its last run; June has its amendment of December and stands against the amended March."""
    assert main(["backfill", "bank-provision", *SPAN]) == 1
    assert "2024Q4" in capsys.readouterr().err
    found, sent = signals("bank-provision")
    assert {window: each.headline for window, each in found.items()} == {
        "2024Q1": 30_000_000, "2024Q2": 75_000_000, "2024Q3": 90_000_000, "2024Q4": None
    }  # fmt: skip
    assert (found["2024Q2"].change, found["2024Q3"].change) == (25_000_000, 55_000_000)
    assert {each.delivered for each in sent} == {("silent",)}
    assert headlines(capsys, "bank-provision", "2024-11-19") == {"2024Q1": 30_000_000, "2024Q2": 60_000_000, "2024Q3": None}
    assert headlines(capsys, "bank-provision", "2024-12-17")["2024Q2"] == 75_000_000


def test_half_a_year_is_differenced_with_what_was_filed_before_it(world):
    """June's quarter is half a year less March as first filed; March's later amendment does not change it."""
    main(["backfill", "bank-provision", *SPAN])
    store = SqliteStore(os.environ["SENTINEL_DB"])
    [june] = [
        each.observation for each in store.observations("bank-provision", JUNE, JUNE)
        if (each.observation.subject, each.observation.kind) == ("USB", "provision")
    ]  # fmt: skip
    store.close()
    assert june.value == 40_000_000


def exports(capsys, name):
    capsys.readouterr()
    for more in (["--format", "csv"], ["--observations", "--format", "json"]):
        for day in ("2024-12-15", "2026-01-01"):
            assert main(["history", name, *more, "--as-of", day]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["credit-fund", "bank-provision"])
def test_kills_change_nothing(world, clean_environment, tmp_path, capsys, name):
    """Killed again and again, then left alone, a backfill ends with the exports of one nobody killed, nothing sent."""
    assert main(["backfill", name, *SPAN, "--processes", "1"]) == 1
    whole = exports(capsys, name)
    clean_environment.setenv("SENTINEL_DB", str(tmp_path / "killed.db"))
    clean_environment.setenv("SENTINEL_CACHE", str(tmp_path / "killed"))
    command = [sys.executable, str(ROOT / "sentinel" / "app.py"), "backfill", name, *SPAN]
    kills = [killed(command, after_s) for after_s in (0.4, 0.7, 1.0, 1.3)]
    assert any(kills)
    subprocess.run(command, env=os.environ, check=False, capture_output=True)
    assert exports(capsys, name) == whole
    assert {each.delivered for each in signals(name)[1]} == {("silent",)}


@pytest.mark.parametrize("name", ["credit-fund", "bank-provision"])
def test_a_settled_quarter_is_not_asked_for_again(world, name):
    """Only the quarter that has no headline yet is looked at again."""
    main(["backfill", name, *SPAN])
    before = len(world.requests)
    assert main(["backfill", name, "--from", "2024-01-01", "--to", "2024-09-30"]) == 0
    assert len(world.requests) == before
