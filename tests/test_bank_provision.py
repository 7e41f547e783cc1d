"""From a bank's list of filings to the quarter's signal: what is found, read, summed, alerted and shown."""

import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from chalicelib import edgar
from chalicelib.errors import Unreadable, UpstreamDown
from chalicelib.model import Item, Notice, Observation, Signal, Window
from chalicelib.ports import Document, Source
from chalicelib.scrapers import bank_provision
from chalicelib.scrapers.bank_provision import alerting, summary
from chalicelib.scrapers.bank_provision.discovery import discover
from chalicelib.scrapers.bank_provision.members import classify
from chalicelib.scrapers.bank_provision.watchlist import Bank, banks

sys.path.insert(0, str(Path(__file__).parent))
from fakes.folder_web import Archive, FolderWeb

Q2, Q3 = Window.parse("2025Q2"), Window.parse("2025Q3")
CASES = Path(__file__).parent / "cases" / "bank-provision"
BANK = Bank(1, "EXB", "Example Bank")
AT = datetime(2025, 10, 31, 20, 15, tzinfo=UTC)


class Calls:
    """Transcripts from a mapping of ticker to words."""

    def __init__(self, words=None):
        self.words = words or {}

    def find(self, ticker, quarter):
        text = self.words.get(ticker)
        if text is None:
            return None
        body = text.encode()
        return Document(f"calls/{ticker}-{quarter}.txt", body, "text/plain", sha256(body).hexdigest(), AT)


LISTED = [[1, "EXAMPLE BANK", "EXB", "NYSE"], [2, "NO BANK", "NO", "NYSE"]]


def world(changed, words=None):
    archive = Archive(FolderWeb(changed={edgar.COMPANY_FILE: company_file(*LISTED), **changed}))
    archive.transcripts = Calls(words)
    return archive


def company_file(*rows):
    return json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": rows}).encode()


def submissions(*rows, name="EXAMPLE BANK", tickers=("EXB",), cik=1, items=None):
    columns = ("accessionNumber", "form", "filingDate", "reportDate", "acceptanceDateTime", "fileNumber", "primaryDocument")
    recent = {column: [row[place] for row in rows] for place, column in enumerate(columns)}
    if items is not None:
        recent["items"] = items
    value = {
        "cik": str(cik),
        "name": name,
        "tickers": list(tickers),
        "formerNames": [],
        "filings": {"recent": recent, "files": []},
    }
    return json.dumps(value).encode()


def row(accession, form, period, filed="2025-10-31"):
    return (accession, form, filed, period, f"{filed}T16:15:00.000Z", "001-1", f"exb-{period.replace('-', '')}.htm")


LATEST, BEFORE, AMENDED = "0000000001-25-000003", "0000000001-25-000002", "0000000001-25-000004"


def case(name, number=""):
    return next((CASES / name).glob(f"input{number}.*")).read_bytes()


def item(accession=LATEST, period="2025-09-30", earlier=(), form="10-Q"):
    detail = {"cik": 1, "ticker": "EXB", "bank": "Example Bank", "form": form, "accession": accession, "period": period}
    detail |= {
        "document": f"exb-{period.replace('-', '')}.htm",
        "accepted": AT.isoformat(),
        "earlier": [list(each) for each in earlier],
    }
    return Item(accession, "EXB", replaces=True, detail=detail)


def split(found):
    found = list(found)
    return [each for each in found if isinstance(each, Observation)], [each for each in found if isinstance(each, Notice)]


def test_the_watch_list_has_the_banks_of_the_issue():
    """At least 25 banks, each id and ticker once."""
    assert len(banks()) >= 25
    assert len({bank.cik for bank in banks()}) == len({bank.ticker for bank in banks()}) == len(banks())
    assert {"BK": 1390777, "JPM": 19617, "TCBI": 1077428}.items() <= {bank.ticker: bank.cik for bank in banks()}.items()


def test_reports_of_the_quarter_are_found_with_those_before_them():
    """10-Q, 10-K and amendments whose period ends in the quarter are items; the quarter before's goes with them."""
    body = submissions(
        row(AMENDED, "10-Q/A", "2025-09-30", "2025-11-20"),
        row("0000000001-25-000009", "8-K", "2025-09-30"),
        row(LATEST, "10-Q", "2025-09-30"),
        row(BEFORE, "10-Q", "2025-06-30", "2025-08-01"),
        row("0000000001-25-000001", "10-K", "2024-12-31", "2025-02-20"),
    )
    found = list(discover(Q3, world({edgar.submissions_url(1): body}), [BANK]))
    filings = [each for each in found if isinstance(each, Item) and not each.key.startswith("transcript/")]
    assert [each.key for each in filings] == [LATEST, AMENDED]
    assert filings[0].detail["earlier"] == [[BEFORE, "exb-20250630.htm"]]
    assert filings[0].detail["accepted"] == "2025-10-31T20:15:00+00:00"
    assert filings[0].replaces
    assert [each.key for each in found if isinstance(each, Item)][-1] == "transcript/EXB/2025Q3"


def test_a_fiscal_quarter_belongs_to_the_calendar_quarter_it_ends_in():
    """A quarter that ends on 31 October is in the fourth."""
    body = submissions(row(LATEST, "10-Q", "2025-10-31", "2025-12-05"))
    keys = [each.key for each in discover(Window.parse("2025Q4"), world({edgar.submissions_url(1): body}), [BANK])]
    assert LATEST in keys


def test_another_companys_id_is_said_and_not_read():
    """A CIK whose file is of another company gives a wrong-id notice and no item; so does one EDGAR does not know."""
    body = submissions(row(LATEST, "10-Q", "2025-09-30"), name="JOHNSON & JOHNSON", tickers=("JNJ",))
    found = list(
        discover(Q3, world({edgar.submissions_url(1): body, edgar.submissions_url(2): None}), [BANK, Bank(2, "NO", "No Bank")])
    )
    assert [each.kind for each in found] == ["wrong-id", "wrong-id"]
    assert "JOHNSON & JOHNSON" in found[0].words


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([[1, "OTHER CORP", "EXB", "NYSE"]], "CIK 1 is OTHER CORP, not Example Bank"),
        ([[1, "EXAMPLE BANK /DE/", "EX", "NYSE"], [9, "EXB HOLDINGS", "EXB", "NYSE"]], "ticker EXB is CIK 9"),
        ([[9, "EXAMPLE BANK", "EXB", "NYSE"]], "not in EDGAR's company file"),
    ],
)
def test_an_id_that_edgars_company_file_contradicts_is_said_and_not_read(listed, words):
    """Id, ticker and name are held against EDGAR's company file; a bank it contradicts has a notice and no number."""
    body = submissions(row(LATEST, "10-Q", "2025-09-30"))
    (notice,) = discover(Q3, world({edgar.submissions_url(1): body, edgar.COMPANY_FILE: company_file(*listed)}), [BANK])
    assert (notice.kind, notice.source) == ("wrong-id", edgar.COMPANY_FILE)
    assert words in notice.words


def test_a_bank_that_is_no_longer_listed_is_said_and_read():
    """A bank taken over is gone from the company file with its ticker: its own filings still say whose they are."""
    body = submissions(row(LATEST, "10-Q", "2025-09-30"))
    file = company_file([9, "ANOTHER", "EX", "NYSE"])
    found = list(discover(Q3, world({edgar.submissions_url(1): body, edgar.COMPANY_FILE: file}), [BANK]))
    assert ["not in EDGAR's company file" in each.words for each in found if isinstance(each, Notice)] == [True]
    assert LATEST in [each.key for each in found if isinstance(each, Item)]


@pytest.mark.parametrize("file", [None, b"<html>busy</html>", UpstreamDown("503")])
def test_a_company_file_that_cannot_be_had_is_said_and_holds_nothing_back(file):
    """The tickers are then unchecked, aloud; the names are still those of each bank's own filings."""
    body = submissions(row(LATEST, "10-Q", "2025-09-30"))
    found = list(discover(Q3, world({edgar.submissions_url(1): body, edgar.COMPANY_FILE: file}), [BANK]))
    assert [each.kind for each in found if isinstance(each, Notice)] == ["ids-unchecked"]
    assert LATEST in [each.key for each in found if isinstance(each, Item)]


def test_the_quarters_releases_go_with_the_call_and_cost_no_request():
    """8-Ks of item 2.02 in the weeks after the quarter are named by the list of filings; others are not."""
    body = submissions(
        row("0000000001-25-000020", "8-K", "", "2025-10-16"),
        row("0000000001-25-000021", "8-K", "", "2025-10-20"),
        row("0000000001-25-000010", "8-K", "", "2025-07-16"),
        row("0000000001-26-000001", "8-K", "", "2026-01-15"),
        row(LATEST, "10-Q", "2025-09-30"),
        items=["2.02,9.01", "5.02", "2.02,9.01", "2.02", ""],
    )
    archive = world({edgar.submissions_url(1): body})
    *_, call = discover(Q3, archive, [BANK])
    assert call.detail["releases"] == [["0000000001-25-000020", "2025-10-16T20:15:00+00:00"]]
    assert archive.web.asked == [edgar.COMPANY_FILE, edgar.submissions_url(1)]


def test_a_bank_without_a_report_is_named():
    """No report of a quarter is a notice, never silence."""
    (_, notice) = list(discover(Q3, world({edgar.submissions_url(1): submissions()}), [BANK]))
    assert (notice.kind, notice.subject) == ("no-report", "EXB")


def url(accession, period="20250930", suffix=".htm"):
    return edgar.document_url(1, accession, f"exb-{period}{suffix}")


def test_an_outage_is_not_a_missing_bank():
    """What cannot be reached now is asked again later."""
    with pytest.raises(UpstreamDown):
        list(discover(Q3, world({edgar.submissions_url(1): UpstreamDown("503")}), [BANK]))


def test_a_report_becomes_observations_with_their_source():
    """Provision, exposure and total come with period, acceptance time, unit, members and the printed words."""
    found, notices = split(bank_provision.read(item(), world({url(LATEST): case("two-classes-summed")})))
    by_kind = {each.kind: each for each in found}
    assert {kind: each.value for kind, each in by_kind.items()} == {
        "provision": 13000000,
        "exposure": 14000000000,
        "total-provision": 40000000,
    }
    provision = by_kind["provision"]
    assert (provision.as_of, provision.known_at, provision.subject, provision.unit) == (date(2025, 9, 30), AT, "EXB", "USD")
    assert provision.key == f"{LATEST}/provision"
    assert provision.detail["status"] == "disclosed"
    assert "FinancialInstitutionsMember: 9" in provision.words
    assert provision.source == url(LATEST)
    assert notices == []
    assert "." not in json.dumps(provision.detail["provision"])


def test_the_extracted_instance_is_preferred():
    """It holds the facts of the whole inline set, so it is asked for first."""
    web = world({url(LATEST, suffix="_htm.xml"): case("derived-from-the-allowance")})
    found, _ = split(bank_provision.read(item(), web))
    assert (found[0].value, found[0].detail["status"], found[0].confidence) == (12000000, "derived", "medium")
    assert found[0].source.endswith("_htm.xml")


def test_year_to_date_is_differenced_with_the_report_before():
    """The earlier report is opened only for that, and the quarter is labelled."""
    changed = {
        url(LATEST): case("year-to-date-differenced", "-1"),
        url(BEFORE, "20250630"): case("year-to-date-differenced", "-2"),
    }
    found, _ = split(bank_provision.read(item(earlier=[(BEFORE, "exb-20250630.htm")]), world(changed)))
    assert (found[0].value, found[0].detail["method"]) == (8000000, "ytd-difference")


def test_statements_in_another_document_of_the_filing_are_found():
    """A main document without statements: the filing's other inline documents are read as one set with it."""
    main = case("main-document-without-statements").replace(b"0000072971", b"0000000001").replace(b"2024-12-31", b"2025-09-30")
    exhibit = case("exposure-only")
    listing = json.dumps(
        {"directory": {"item": [{"name": "exb-20250930.htm"}, {"name": "ex13.htm"}, {"name": "R2.htm"}]}}
    ).encode()
    for ident in (b"c-1", b"c-2", b"c-3", b"c-4"):
        exhibit = exhibit.replace(b'"%s"' % ident, b'"x%s"' % ident)
    hidden = exhibit[exhibit.index(b"<ix:hidden>") : exhibit.index(b"</ix:hidden>")]
    exhibit = exhibit.replace(hidden, b"<ix:hidden>")
    changed = {
        url(LATEST): main,
        edgar.filing_index_url(1, LATEST): listing,
        edgar.document_url(1, LATEST, "ex13.htm"): exhibit,
    }
    found, notices = split(bank_provision.read(item(), world(changed)))
    assert {each.kind: each.value for each in found}["total-provision"] == 507000000
    assert [each.kind for each in notices] == []


def test_the_witness_agrees_or_is_reported():
    """Companyconcept's total raises confidence; another value is a disagreement with both."""
    concept = edgar.company_concept_url(1, "ProvisionForLoanLeaseAndOtherLosses")
    rows = [{"start": "2025-07-01", "end": "2025-09-30", "val": 40000000, "filed": "2025-10-31"}]
    body = {"cik": 1, "tag": "ProvisionForLoanLeaseAndOtherLosses", "units": {"USD": rows}}
    changed = {url(LATEST): case("two-classes-summed"), concept: json.dumps(body).encode()}
    found, notices = split(bank_provision.read(item(), world(changed)))
    assert (found[0].confidence, notices) == ("high", [])
    rows[0]["val"] = 41000000
    found, notices = split(bank_provision.read(item(), world({**changed, concept: json.dumps(body).encode()})))
    assert (found[0].confidence, [each.kind for each in notices]) == ("low", ["disagreement"])
    assert "40000000" in notices[0].words
    assert "41000000" in notices[0].words


def test_a_later_filing_bears_no_witness_against_an_earlier_one():
    """A restated total is another filing's: it neither agrees nor disagrees with what this one said."""
    concept = edgar.company_concept_url(1, "ProvisionForLoanLeaseAndOtherLosses")
    own = {"start": "2025-07-01", "end": "2025-09-30", "val": 40000000, "filed": "2025-10-31", "accn": LATEST}
    later = own | {"val": 41000000, "filed": "2026-10-30", "accn": "0000000001-26-000009"}
    for rows, sure in (([own, later], "high"), ([later], "medium")):
        body = json.dumps({"cik": 1, "tag": "ProvisionForLoanLeaseAndOtherLosses", "units": {"USD": rows}}).encode()
        found, notices = split(bank_provision.read(item(), world({url(LATEST): case("two-classes-summed"), concept: body})))
        assert (found[0].confidence, notices) == (sure, [])


def test_an_unknown_member_is_a_notice():
    """A class no rule knows is named until someone rules on it, and nothing is invented."""
    found, notices = split(bank_provision.read(item(), world({url(LATEST): case("unknown-member-is-named")})))
    assert (found[0].value, found[0].detail["status"]) == (None, "not-disclosed")
    assert [(each.kind, each.detail["member"]) for each in notices] == [("unmapped-member", "SponsorSolutionsMember")]


def test_another_banks_filing_is_refused():
    """Facts of another CIK than the one asked for are unreadable."""
    with pytest.raises(Unreadable, match="1390777"):
        list(bank_provision.read(item(), world({url(LATEST): case("class-provision-is-a-release")})))


def test_a_document_of_300_megabytes_is_refused_and_the_others_are_read(tmp_path):
    """Its line says why; the next bank's report is read."""
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as stream:
        stream.write(b'<?xml version="1.0"?><xbrl xmlns="http://www.xbrl.org/2003/instance">')
        stream.truncate(300_000_000)
    good = CASES / "two-classes-summed" / "input.htm"
    refused, read = bank_provision.extract([Source("huge", str(huge)), Source("good", str(good))])
    assert (refused["error_type"], "300,000,000" in refused["error"]) == ("Unreadable", True)
    assert read["provision"] == 13000000


def test_a_call_is_read_with_low_confidence_and_its_sentence():
    """A transcript's amounts carry method, sentence and low confidence; without a call there is nothing."""
    call = Item("transcript/EXB/2025Q3", "EXB", detail={"ticker": "EXB", "bank": "Example Bank", "window": "2025Q3"})
    found, _ = split(bank_provision.read(call, world({}, {"EXB": "We built $20 million of reserves for NDFI."})))
    assert [(each.value, each.confidence, each.detail["method"]) for each in found] == [(20000000, "low", "transcript")]
    assert found[0].words == "We built $20 million of reserves for NDFI."
    assert split(bank_provision.read(call, world({}))) == ([], [])


RELEASES = ("0000000001-25-000020", "0000000001-25-000021")


def told(*releases):
    detail = {"ticker": "EXB", "bank": "Example Bank", "window": "2025Q3", "cik": 1}
    detail["releases"] = [[accession, f"2025-10-{day}T10:45:00+00:00"] for day, accession in enumerate(releases, start=16)]
    return Item("transcript/EXB/2025Q3", "EXB", detail=detail)


def test_without_a_call_the_release_is_read_and_labelled():
    """One request; method release, low confidence, known from the filing on; a repeated release is not counted twice."""
    first, second = (edgar.submission_url(1, accession) for accession in RELEASES)
    archive = world({first: case("release-in-an-8-k"), second: case("release-in-an-8-k")})
    ((found,), notices) = split(bank_provision.read(told(*RELEASES), archive))
    assert (found.value, found.confidence, found.detail["method"], found.source) == (21000000, "low", "release", first)
    assert (found.known_at, found.as_of) == (datetime(2025, 10, 16, 10, 45, tzinfo=UTC), Q3.last)
    assert (notices, archive.web.asked) == ([], [first])
    signal = summary.summarise([seen("EXB", 30), found], [], Q3)
    assert (signal.headline, signal.data["transcripts"]["EXB"]["method"]) == (30000000, "release")


def test_with_a_call_no_release_is_asked_for():
    """The call speaks for the quarter, and EDGAR is not asked."""
    archive = world({}, {"EXB": "We built $20 million of reserves for NDFI."})
    ((found,), _) = split(bank_provision.read(told(*RELEASES), archive))
    assert (found.detail["method"], archive.web.asked) == ("transcript", [])


def test_a_release_that_cannot_be_read_is_said():
    """A missing release and one that is a page of errors are notices; an outage leaves the item for later."""
    first, second = (edgar.submission_url(1, accession) for accession in RELEASES)
    found, notices = split(bank_provision.read(told(*RELEASES), world({second: b"<html>busy</html>"})))
    assert (found, [each.kind for each in notices]) == ([], ["feed-health", "feed-health"])
    with pytest.raises(UpstreamDown):
        list(bank_provision.read(told(*RELEASES), world({first: UpstreamDown("503")})))


def test_a_provider_that_is_down_holds_nothing_back():
    """A transcript that cannot be had is said, and the filings' numbers stand."""

    class Down:
        def find(self, ticker, quarter):
            raise UpstreamDown("503")

    archive = world({})
    archive.transcripts = Down()
    call = Item("transcript/EXB/2025Q3", "EXB", detail={"ticker": "EXB", "bank": "Example Bank", "window": "2025Q3"})
    found, notices = split(bank_provision.read(call, archive))
    assert (found, [each.kind for each in notices]) == ([], ["feed-health"])


def seen(ticker, value, status="disclosed", end=Q3.last, known_at=AT, accession="a", **detail):
    amount = None if value is None else Decimal(value) * 1_000_000
    more = {"status": status, "method": "direct", "members": [], **detail}
    key = f"{ticker}-{end}-{accession}/provision"
    return Observation(key, "provision", ticker, end, known_at, amount, "USD", "high", f"https://x/{ticker}", detail=more)


def conclude(*found):
    return summary.summarise(found, (), Q3)


def test_only_banks_that_disclose_in_both_quarters_are_compared():
    """The headline is the same-bank sum; a bank that is new this quarter stands beside it."""
    signal = conclude(
        seen("A", 30), seen("A", 20, end=Q2.last), seen("B", 7), seen("C", None, "not-disclosed"), seen("D", 5, "derived")
    )
    assert (signal.headline, signal.change, signal.compared_with) == (30000000, 10000000, "2025Q2")
    assert signal.data["change_ratio"] == "0.5000"
    assert (signal.data["all_disclosed_usd"], signal.data["derived_usd"]) == ("37000000", "5000000")
    assert (signal.data["same_bank"], signal.data["not_disclosed"]) == (["A"], ["C"])


def test_without_a_disclosure_there_is_no_number():
    """No bank discloses: no headline, and why."""
    signal = conclude(seen("C", None, "not-disclosed"))
    assert signal.headline is None
    assert "no watched bank discloses" in signal.withheld


def test_an_amendment_replaces_and_one_without_statements_does_not():
    """The newest report that has figures is the bank's answer."""
    later = datetime(2025, 12, 1, tzinfo=UTC)
    amended = seen("A", 33, known_at=later, accession="b")
    assert conclude(seen("A", 30), amended).headline == 33000000
    bare = seen("A", None, "not-disclosed", known_at=later, accession="b", method="no-statements")
    assert conclude(seen("A", 30), bare).headline == 30000000


def test_what_was_said_never_enters_the_headline_and_a_difference_is_flagged():
    """A call 20 % off the filing is flagged; within a tenth it is not; charge-offs are no provision."""

    def said(amount, kind="build"):
        detail = {"kind": kind, "method": "transcript"}
        return Observation(
            f"t/{amount}", "transcript", "A", Q3.last, AT, Decimal(amount) * 1_000_000, "USD", "low", "c", detail=detail
        )

    off = conclude(seen("A", 30), said(36))
    assert (off.headline, off.data["transcripts"]["A"]["differs"]) == (30000000, True)
    near = conclude(seen("A", 30), said(31), said(50, "charge-off"))
    assert (near.data["transcripts"]["A"]["amount"], near.data["transcripts"]["A"]["differs"]) == ("31000000", False)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100, 120, []),
        (100, 121, [("provision-rise", "alert")]),
        (100, 126, [("provision-rise", "medium")]),
        (100, 151, [("provision-rise", "high")]),
        (100, 50, []),
        (0, 40, []),
        (0, 60, [("provision-turn", "alert")]),
        (-3, 60, [("provision-turn", "alert")]),
        (10, -3, []),
    ],
)
def test_a_rise_alerts_by_ratio_and_over_an_undefined_base_in_dollars(before, after, expected):
    """More than 20, 25, 50 % up; from zero, a release or to one there is no ratio, only dollars."""
    signal = conclude(seen("A", after), seen("A", before, end=Q2.last))
    alerts = list(alerting.alerts(signal, (), alerting.LIMITS))
    assert [(each.rule, each.level) for each in alerts] == expected
    for each in alerts:
        assert (each.before, each.after) == (Decimal(before) * 1_000_000, Decimal(after) * 1_000_000)
        assert each.contributors[0].source == "https://x/A"


def test_the_limits_are_those_given():
    """A configured threshold replaces the default."""
    signal = conclude(seen("A", 115), seen("A", 100, end=Q2.last))
    assert [each.rule for each in alerting.alerts(signal, (), {**alerting.LIMITS, "rise_ratio": Decimal("0.1")})] == [
        "provision-rise"
    ]


def test_the_table_shows_every_bank_and_no_zero_for_what_is_not_disclosed():
    """Not disclosed is a dash; a release is negative."""
    found = [seen("A", -3), seen("B", None, "not-disclosed", exposure="14000000000")]
    signal = summary.summarise(found, (), Q3)
    table = bank_provision.table(signal, found)
    assert [each[:4] for each in table.rows] == [
        ["A", "2025-09-30", "disclosed", "-$3.0 m"],
        ["B", "2025-09-30", "not-disclosed", "-"],
    ]
    assert table.rows[1][5] == "$14,000.0 m"
    held = bank_provision.table(replace(signal, headline=None, withheld="too few items"), found)
    assert held.notes[0] == "Nothing published: too few items"


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2027, 1, 1, 9, tzinfo=UTC), "2026Q3"),
        (datetime(2026, 4, 1, 9, tzinfo=UTC), "2025Q4"),
        (datetime(2026, 7, 1, 9, tzinfo=UTC), "2026Q1"),
        (datetime(2026, 10, 1, 9, tzinfo=UTC), "2026Q2"),
        (datetime(2026, 10, 20, 9, tzinfo=UTC), "2026Q2"),
    ],
)
def test_a_scheduled_run_looks_at_the_latest_quarter_that_is_filed(now, last):
    """On 1 January the third quarter: the fourth is not filed yet."""
    assert [window.name for window in bank_provision.windows(now)][-1] == last
    assert len(bank_provision.windows(now)) == 2


@pytest.mark.parametrize(
    ("member", "role", "kind"),
    [
        ("FinancialInstitutionsMember", "ndfi", "other"),
        ("CapitalCallFinancingMember", "ndfi", "private-equity"),
        ("EquityFundResourcesMember", "ndfi", "private-equity"),
        ("MortgageFinanceMember", "ndfi", "mortgage-warehouse"),
        ("LenderFinanceMember", "ndfi", "business-credit"),
        ("NondepositoryFinancialInstitutionsMember", "ndfi", "other"),
        ("DepositoryFinancialInstitutionsMember", "opposite", None),
        ("CommercialExcludingFinancialInstitutionsMember", "opposite", None),
        ("NonfinancialCorporatesMember", "opposite", None),
        ("MortgageWarehouseHeldForSaleMember", "never", None),
        ("IndustrialWarehouseMember", "other", None),
        ("ResidentialMortgageMember", "other", None),
        ("CommercialPortfolioSegmentMember", "parent", None),
        ("SponsorSolutionsMember", "unmapped", None),
        ("SecuredLendingFacilitiesMember", "unmapped", None),
        ("FamilyOfficesMember", "unmapped", None),
        ("InvestorCommitmentLinesMember", "unmapped", None),
        ("CommercialInvestorRealEstateMember", "other", None),
    ],
)
def test_members_mean_what_the_rules_say(member, role, kind):
    """Kinds of non-bank lending, its opposite, cuts, parents, other loans, and what nobody has ruled on."""
    verdict = classify("FinancingReceivablePortfolioSegmentAxis", member)
    assert (verdict.role, verdict.kind) == (role, kind)


def test_the_signal_is_json_without_floats():
    """What is stored can be stored."""
    signal = conclude(seen("A", 30), seen("A", 20, end=Q2.last))
    assert isinstance(signal, Signal)
    assert "float" not in {type(each).__name__ for each in json.loads(json.dumps(signal.data)).values()}
