"""The real N-PORT documents of the corpus, to the cent, and the sources of the open proxy."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.errors import Unreadable
from chalicelib.model import Window
from chalicelib.ports import Source
from chalicelib.scrapers import credit_fund
from chalicelib.scrapers.credit_fund import discovery, reading

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "nport"


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus of real documents is not at {CORPUS}")
def test_real_reports_are_right_to_the_cent():
    """Every report of the corpus gives its total and net assets and its number of holdings; other forms are refused by name."""
    for answer in json.loads((CORPUS / "answers.json").read_text()):
        (line,) = credit_fund.extract([Source(answer["file"], str(CORPUS / answer["file"]))])
        if "gross_asset_value" in answer:
            (fund,) = line["funds"]
            told = (
                str(fund["gross_asset_value"].quantize(Decimal("0.01"))),
                str(fund["net_asset_value"].quantize(Decimal("0.01"))),
            )
            assert told == (answer["gross_asset_value"], answer["net_asset_value"])
            assert line["holdings"] == answer["holdings"]
        elif "24f" in answer["file"]:
            assert "24F-2NT" in line["error"]
        else:
            assert "TEST" in line["error"]


def concept(**changes: object) -> bytes:
    rows = [
        {"end": "2026-03-31", "val": 900, "accn": "0001803498-26-000001", "filed": "2026-05-10"},
        {"end": "2026-03-31", "val": 905, "accn": "0001803498-26-000002", "filed": "2026-08-10"},
    ]
    return json.dumps({"cik": 1803498, "tag": "Assets", "entityName": "X", "units": {"USD": rows}} | changes).encode()


def test_a_restated_balance_sheet_total_stands_beside_the_first():
    """A day's assets are told once for each filing that changes them; a filing that repeats them changes nothing."""
    again = [
        {"end": "2026-03-31", "val": value, "accn": f"0001803498-26-00000{n}", "filed": f"2026-0{n}-10"}
        for n, value in ((5, 900), (7, 900), (8, 905))
    ]
    (told,) = reading.concept(concept(units={"USD": again}), 1803498, "Assets").values()
    assert [(each.value, each.filed) for each in told] == [(Decimal(900), date(2026, 5, 10)), (Decimal(905), date(2026, 8, 10))]


def test_the_newest_filing_s_balance_sheet_stands_whenever_each_was_read():
    """A total read anew after a restatement was kept does not take the restated one's place: filing days decide."""
    before, first, restated = (
        reading._balance_sheet(1, "Fund", end, reading.Told(Decimal(value), filed, "0000000001-26-000001"), None, key)
        for end, value, filed, key in (
            (date(2025, 12, 31), 1000, date(2026, 3, 10), "a"),
            (date(2026, 3, 31), 900, date(2026, 5, 10), "b"),
            (date(2026, 3, 31), 800, date(2026, 8, 10), "c"),
        )
    )
    again = replace(first, known_at=datetime(2026, 11, 1, tzinfo=UTC))
    signal = credit_fund.summarise([before, again, restated], (), Window.parse("2026Q1"))
    assert signal.headline == Decimal("-0.2")


@pytest.mark.parametrize("changes", [{"cik": 1}, {"tag": "Liabilities"}, {"units": {}}, {"units": {"USD": [{"end": "x"}]}}])
def test_another_companys_or_tags_answer_is_refused(changes):
    """An answer of another company, another tag or another shape is Unreadable, never a value."""
    with pytest.raises(Unreadable):
        reading.concept(concept(**changes), 1803498, "Assets")


def test_the_watch_list_names_each_fund_once():
    """No fund stands twice on the watch list and each says which source it is read from."""
    funds = discovery.watchlist()
    assert len({fund.name for fund in funds}) == len(funds)
    assert {fund.source for fund in funds} == {"n-port", "bdc"}
