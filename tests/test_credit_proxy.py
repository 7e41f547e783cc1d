"""The open proxy on a folder laid out as EDGAR: which reports are due, whose they are, and what is read from them."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from chalicelib import edgar
from chalicelib.errors import Unreadable, UpstreamDown
from chalicelib.model import Item, Notice, Observation, Window
from chalicelib.scrapers.credit_fund import discovery, reading
from chalicelib.scrapers.credit_fund.discovery import Watched
from tests.fakes.folder_web import SAMPLE, Archive, FolderWeb
from tests.fakes.form_pf_documents import MemoryFiles

WINDOW = Window.parse("2026Q2")
CLIFFWATER = Watched("Cliffwater Corporate Lending Fund", 1735964, "n-port")
BLACKSTONE = Watched("Blackstone Private Credit Fund", 1803498, "bdc")
SUBMISSIONS = edgar.submissions_url(1735964)
REPORT = edgar.document_url(1735964, "0001735964-26-900002", "primary_doc.xml")


def world(**changed) -> Archive:
    return Archive(FolderWeb(changed=changed.pop("changed", {})), datetime(2026, 11, 23, tzinfo=UTC))


def due(fetch: Archive, *watched: Watched) -> tuple[list[Item], list[Notice]]:
    found = list(discovery.discover(WINDOW, fetch, watched))
    notices = [each for each in found if isinstance(each, Notice) and each.kind != "no-source"]
    return [each for each in found if isinstance(each, Item)], notices


def submissions(**changes) -> bytes:
    told = json.loads((SAMPLE / SUBMISSIONS.removeprefix("https://")).read_text())
    return json.dumps(told | changes).encode()


def test_a_funds_reports_are_found_in_its_submissions():
    """Both reports of the watched fund are due under their public addresses, oldest first, and nothing else of it."""
    items, notices = due(world(), CLIFFWATER)
    assert [item.url for item in items] == [
        edgar.document_url(1735964, f"0001735964-26-90000{n}", "primary_doc.xml") for n in (1, 2)
    ]
    assert [item.key for item in items] == ["n-port:0001735964-26-900001", "n-port:0001735964-26-900002"]
    assert notices == []


def test_the_proxy_stands_beside_form_pf_where_there_is_some():
    """Reports are marked as beside the headline exactly when there is a source of Form PF."""
    both = SimpleNamespace(web=FolderWeb(), files=MemoryFiles({}), now=world().now, setting=lambda _: "mem://")
    for fetch, beside in ((world(), None), (both, True)):
        assert {item.detail.get("beside") for item in due(fetch, CLIFFWATER)[0]} == {beside}


def test_a_fund_without_reports_is_said_aloud():
    """A fund that has filed other forms only gives a notice, not silence."""
    told = json.loads(submissions())
    told["filings"]["recent"]["form"] = ["10-Q", "NPORT-EX"]
    items, (notice,) = due(world(changed={SUBMISSIONS: json.dumps(told).encode()}), CLIFFWATER)
    assert (items, notice.kind, notice.subject) == ([], "no-reports", CLIFFWATER.name)


@pytest.mark.parametrize("changes", [{"name": "Another Fund"}, {"cik": "1735965"}])
def test_an_id_of_another_name_is_never_read(changes):
    """A CIK whose submissions bear another name or another CIK is a wrong id, and none of its filings is due."""
    items, (notice,) = due(world(changed={SUBMISSIONS: submissions(**changes)}), CLIFFWATER)
    assert (items, notice.kind) == ([], "wrong-id")


def test_a_renamed_fund_is_known_by_its_former_name():
    """A fund that has changed its name since the list was written is read all the same."""
    former = [{"name": CLIFFWATER.name, "from": "2019-01-01T00:00:00.000Z", "to": "2026-01-01T00:00:00.000Z"}]
    items, notices = due(world(changed={SUBMISSIONS: submissions(name="New Name Fund", formerNames=former)}), CLIFFWATER)
    assert (len(items), notices) == (2, [])


def company_file(*rows: tuple[int, str, str | None]) -> bytes:
    listed = [[1652044, "Alphabet Inc.", "GOOGL", "Nasdaq"], [1652044, "Alphabet Inc.", "GOOG", "Nasdaq"]]
    data = [*listed, *([cik, name, ticker, None] for cik, name, ticker in rows)]
    return json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": data}).encode()


def test_a_fund_without_an_id_is_found_by_its_name():
    """Upper case, a legal form and two tickers in EDGAR's company file do not hide a fund; its submissions are read next."""
    rows = (
        (1735964, "CLIFFWATER CORPORATE LENDING FUND LLC", "CCLFX"),
        (1735964, "CLIFFWATER CORPORATE LENDING FUND LLC", "CCLFY"),
    )
    fetch = world(changed={edgar.COMPANY_FILE: company_file(*rows)})
    items, notices = due(fetch, Watched(CLIFFWATER.name, None, "n-port"))
    assert (len(items), notices) == (2, [])


@pytest.mark.parametrize(
    "rows", [(), ((1, "Cliffwater Corporate Lending Fund", "A"), (2, "Cliffwater Corporate Lending Fund", "B"))]
)
def test_a_name_of_nobody_or_of_two_is_not_resolvable(rows):
    """A name that is not in the company file, or is two companies', gives a notice that says so and no item."""
    fetch = world(changed={edgar.COMPANY_FILE: company_file(*rows)})
    items, (notice,) = due(fetch, Watched(CLIFFWATER.name, None, "n-port"))
    assert (items, "not resolvable" in notice.words) == ([], True)


def test_edgar_being_down_stops_a_run_that_has_nothing_else():
    """Without a Form PF source an outage is an outage, to be tried again, and not an empty run."""
    with pytest.raises(UpstreamDown):
        due(world(changed={SUBMISSIONS: UpstreamDown("throttled")}), CLIFFWATER)


def test_a_report_is_read_with_its_flow_levels_and_defaults():
    """Assets, net assets, three months' flow, level 3 and defaulted debt come from the report; known when it was accepted."""
    fetch = world()
    item = due(fetch, CLIFFWATER)[0][1]
    (one,) = reading.read(item, fetch)
    assert isinstance(one, Observation)
    assert (one.value, one.as_of.isoformat(), one.source) == (Decimal(29_400_000_000), "2026-06-30", REPORT)
    assert one.known_at == datetime(2026, 8, 28, 20, 1, tzinfo=UTC)
    assert one.detail["amounts"]["net_asset_value"] == "23300000000.00"
    assert (one.detail["flow"], one.detail["level_3_share"], one.detail["default_share"]) == (
        "-199999998",
        "0.890110",
        "0.010989",
    )


def test_a_report_of_another_filer_is_refused():
    """A report under the fund's address that names another CIK is Unreadable, and nothing of it counts."""
    body = (SAMPLE / REPORT.removeprefix("https://")).read_bytes().replace(b"0001735964", b"0001735965")
    fetch = world(changed={REPORT: body})
    item = due(fetch, CLIFFWATER)[0][1]
    with pytest.raises(Unreadable, match="1735965"):
        list(reading.read(item, fetch))


def test_a_report_that_does_not_add_up_is_in_doubt():
    """Assets less liabilities that are not the net assets give a notice with all three and an observation of low confidence."""
    body = (SAMPLE / REPORT.removeprefix("https://")).read_bytes().replace(b"<totLiabs>6100000000.00", b"<totLiabs>6100000009.00")
    fetch = world(changed={REPORT: body})
    notice, one = reading.read(due(fetch, CLIFFWATER)[0][1], fetch)
    assert (notice.kind, one.confidence) == ("disagreement", "low")


def test_a_bdcs_balance_sheets_are_read_with_net_assets_from_whichever_tag_it_uses():
    """Assets by quarter's end from companyconcept; net assets under the tag the company has; each with its filing."""
    fetch = world()
    (item,), _ = due(fetch, BLACKSTONE)
    found = list(reading.read(item, fetch))
    assert [(each.as_of.isoformat(), each.value, each.unit) for each in found] == [
        ("2026-03-31", Decimal(82_000_000_000), "USD"),
        ("2026-06-30", Decimal(80_500_000_000), "USD"),
    ]
    assert all(each.detail["amounts"]["net_asset_value"] for each in found)
    assert found[1].known_at.date().isoformat() == "2026-08-13"
    assert edgar.company_concept_url(1803498, "AssetsNet") in fetch.web.asked


@pytest.mark.parametrize(
    ("company", "read"),
    [
        ("Blackstone Private Credit Fund, LLC", True),
        ("BLACKSTONE PRIVATE CREDIT FUND", True),
        ("Blackstone Private Credit Fund Select", False),
        ("Citigroup Inc", False),
    ],
)
def test_balance_sheets_of_another_name_are_never_read(company, read):
    """A CIK whose answer bears another name, a sister fund's too, is a wrong id with no number; legal forms are aside."""
    url = edgar.company_concept_url(1803498, "Assets")
    told = json.loads((SAMPLE / url.removeprefix("https://")).read_text()) | {"entityName": company}
    fetch = world(changed={url: json.dumps(told).encode()})
    found = list(reading.read(due(fetch, BLACKSTONE)[0][0], fetch))
    assert [isinstance(each, Observation) for each in found] == ([True, True] if read else [False])
    assert read or (found[0].kind == "wrong-id" and company in found[0].words)


def test_a_bdc_edgar_has_no_balance_sheets_of_is_said_aloud():
    """An answer that is not there is a wrong id, told, and stops nobody else."""
    fetch = world(changed={edgar.company_concept_url(1803498, "Assets"): None})
    (notice,) = reading.read(due(fetch, BLACKSTONE)[0][0], fetch)
    assert (notice.kind, notice.words) == ("wrong-id", "EDGAR has no balance sheets of CIK 1803498")
