"""The whole flow on the bundled archive: command line and handlers over real HTTP, a real store, real documents."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chalicelib.cli import main
from sample.loopback import slow, status

ROOT = Path(__file__).parent.parent
APP = ROOT / "sentinel" / "app.py"


def run(*words):
    return main([*words])


def test_a_week_is_run_shown_and_kept(sample_edgar, capsys):
    """`run` prints issuers, totals, coupons, witness and confidence; `history` and `status` know the week afterwards."""
    assert run("run", "bond-issuance", "--window", "2025-W44") == 0
    shown = capsys.readouterr().out
    for words in ("Meta Platforms, Inc.", "$30.00 bn", "4.200% to 5.750%", "2025-W44", "fee-exhibit: agrees", "high"):
        assert words in shown
    assert run("history", "bond-issuance", "--format", "json") == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["window"], row["headline"], row["unit"]) == ("2025-W44", 30_000_000_000, "USD")
    assert run("status", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    bonds = next(each for each in told["scrapers"] if each["scraper"] == "bond-issuance")
    assert bonds["headline"]["headline"] == 30_000_000_000
    assert (bonds["runs"][0]["run_id"], bonds["runs"][0]["ended"]) == ("bond-issuance/2025-W44", "published")
    assert (bonds["published"]["window"], bonds["published"]["too_old"]) == ("2025-W44", True)
    assert run("status") == 0
    shown = capsys.readouterr().out
    for row in (
        r"bond-issuance +2025-W44 +USD 30\.0 bn \(30,000,000,000\) +high +100\.0 % +0 h +TOO OLD",
        r"bond-issuance/2025-W44 +1 +9 +[-\d]+ [:\d]+ UTC +published",
        r"ALERT +bond-issuance/2025-W44/weekly-volume/alert/1 +[-\d]+ [:\d]+ UTC +\S+ .*investment-grade tech notes",
    ):
        assert re.search(row, shown), row


def test_a_secret_that_is_not_json_fails_the_command_and_not_the_run(sample_edgar, capsys, monkeypatch):
    """The week is shown and kept; standard error names the secret without its text, and the exit status is 1."""
    monkeypatch.setenv("SENTINEL_SECRET_WEBHOOK_URLS", "hooks: canary-4711")
    assert run("run", "bond-issuance", "--window", "2025-W44") == 1
    told = capsys.readouterr()
    assert "$30.00 bn" in told.out
    assert "secret webhook-urls: is not JSON" in told.err
    assert "canary-4711" not in told.out + told.err
    monkeypatch.delenv("SENTINEL_SECRET_WEBHOOK_URLS")
    assert run("history", "bond-issuance", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["headline"] == 30_000_000_000


def test_json_keeps_standard_output_machine_readable(sample_edgar, capsys):
    """With --json standard output is one JSON object, progress and alerts go to standard error."""
    assert run("run", "bond-issuance", "--window", "2025-W45", "--json") == 0
    body = json.loads(capsys.readouterr().out)
    assert body["data_summary"]["headline"] == 24_998_400_000
    assert body["data_summary"]["data"]


def test_running_a_week_twice_changes_and_repeats_nothing(sample_edgar, capsys):
    """A second run gives the same headline, sends no second alert and asks no filing again."""
    run("run", "bond-issuance", "--window", "2025-W45", "--json")
    first = json.loads(capsys.readouterr().out)
    before = len(sample_edgar.requests)
    run("run", "bond-issuance", "--window", "2025-W45", "--json")
    second = json.loads(capsys.readouterr().out)
    assert second["data_summary"]["headline"] == first["data_summary"]["headline"]
    assert (len(first["alerts"]), second["alerts"]) == (1, [])
    assert not [asked for asked in sample_edgar.requests[before:] if asked.path.endswith(".txt")]


def test_a_disagreeing_fee_exhibit_is_shown_and_lowers_confidence(sample_edgar, capsys):
    """Amazon's week has a fee exhibit that differs in one tranche: both amounts are printed, confidence is low."""
    run("run", "bond-issuance", "--window", "2025-W47", "--json")
    body = json.loads(capsys.readouterr().out)
    assert body["data_summary"]["headline"] == 15_000_000_000
    assert body["data_summary"]["confidence"] == "low"
    assert "1,350,000,000" in json.dumps(body)


def test_a_missing_filing_publishes_nothing_and_says_which(sample_edgar, capsys):
    """When a week's filings are listed but not there, no headline is published and each filing is named."""
    sample_edgar.fail(status(404), path="/www.sec.gov/Archives/edgar/data/1326801", times=10_000)
    assert run("run", "bond-issuance", "--window", "2025-W44") == 1
    told = capsys.readouterr()
    assert "0001193125-25-261217" in told.out
    assert "30.00" not in told.out.split("!")[0]
    assert "OPERATOR: Nothing published: bond-issuance/2025-W44: " in told.err
    assert "OPERATOR: Document not read" in told.err


@pytest.mark.parametrize("moment_s", [0.6, 0.9, 1.3])
def test_a_run_killed_at_any_moment_is_finished_by_the_next(sample_edgar, capsys, moment_s):
    """SIGKILL in the middle of a run leaves a store the next run completes to the same headline."""
    sample_edgar.fail(slow(0.05), times=10_000)
    command = [sys.executable, str(APP), "run", "bond-issuance", "--window", "2025-W45", "--json"]
    process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    sample_edgar.faults.clear()
    from chalicelib.adapters.sqlite import SqliteStore

    left_lease = "bond-issuance/2025-W45"
    from datetime import UTC, datetime, timedelta

    store = SqliteStore(os.environ["SENTINEL_DB"])
    store.lease(left_lease, "nobody", datetime.now(UTC), datetime.now(UTC) + timedelta(days=1))
    store.close()
    assert run("run", "bond-issuance", "--window", "2025-W45", "--json") == 0
    assert json.loads(capsys.readouterr().out)["data_summary"]["headline"] == 24_998_400_000


def test_a_threshold_set_by_command_is_in_force_at_once(sample_edgar, capsys):
    """A limit raised above the week's principal silences its alert; `status` shows it; nonsense is refused with words."""
    assert run("limits", "bond-issuance", "weekly_volume_usd", "40000000000") == 0
    assert "default 5000000000" in capsys.readouterr().out
    run("run", "bond-issuance", "--window", "2025-W44", "--json")
    assert json.loads(capsys.readouterr().out)["alerts"] == []
    run("status", "--json")
    told = json.loads(capsys.readouterr().out)["scrapers"][0]
    assert told["limits"]["weekly_volume_usd"] == 40_000_000_000
    for value, word in (("-1", "negative"), ("NaN", "finite"), ("much", "no amount")):
        assert run("limits", "bond-issuance", "weekly_volume_usd", value) == 2
        assert word in capsys.readouterr().err


def test_usage_errors_exit_with_two(sample_edgar, capsys):
    """A window of the wrong kind, one that does not exist and one in the future exit 2 with the words that tell why."""
    for window, word in (("2025Q3", "works by week"), ("2025-W60", "2025-W60"), ("2999-W01", "has not begun")):
        assert run("run", "bond-issuance", "--window", window) == 2
        assert word in capsys.readouterr().err


def test_extract_goes_on_after_a_document_it_cannot_read(tmp_path, capsys):
    """`extract` prints one line a document, an error for the broken one, and exits 1."""
    good = next((ROOT / "sample" / "archive" / "www.sec.gov" / "Archives" / "edgar" / "data" / "1326801").rglob("*25-261217.txt"))
    broken = tmp_path / "broken.txt"
    broken.write_bytes(b"\x00\xff garbage")
    assert run("extract", "bond-issuance", str(broken), str(good)) == 1
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"file", "error", "error_type"} <= set(first)
    assert sum(tranche["principal"] for tranche in second["tranches"]) == 30_000_000_000


def test_importing_the_application_loads_no_slow_package():
    """A fresh interpreter that imports app.py has loaded neither boto3, requests, lxml, pandas nor yfinance."""
    program = (
        "import sys; sys.path.insert(0, 'sentinel'); import app; print([m for m in sys.modules if m in "
        + repr(["boto3", "botocore", "requests", "lxml", "pandas", "yfinance", "bs4", "feedparser", "numpy"])
        + "])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_reader_that_closes_early_sees_no_traceback(tmp_path):
    """`status | head` ends without a word on standard error."""
    environment = {**os.environ, "SENTINEL_DB": str(tmp_path / "sentinel.db")}
    process = subprocess.Popen(
        [sys.executable, "sentinel/app.py", "status"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1
