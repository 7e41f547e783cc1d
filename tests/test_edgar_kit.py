"""EDGAR's addresses and formats: what is read from them, and that damage is named, never read as less."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chalicelib import edgar, sessions
from chalicelib.errors import Unreadable

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus is not at {CORPUS}")

SUBMISSION = b"""<SEC-DOCUMENT>0000000001-26-000002.txt : 20251103
<SEC-HEADER>0000000001-26-000002.hdr.sgml : 20251103
<ACCEPTANCE-DATETIME>20251031214248
ACCESSION NUMBER:\t\t0000000001-26-000002
CONFORMED SUBMISSION TYPE:\t424B2
PUBLIC DOCUMENT COUNT:\t\t2
FILED AS OF DATE:\t\t20251103

SUBJECT COMPANY:\t

\tCOMPANY DATA:\t
\t\tCOMPANY CONFORMED NAME:\t\t\tALDER SYSTEMS INC /DE/
\t\tCENTRAL INDEX KEY:\t\t\t0000000077
\t\tSTANDARD INDUSTRIAL CLASSIFICATION:\tSERVICES-PREPACKAGED SOFTWARE [7372]

\tFILING VALUES:
\t\tFORM TYPE:\t\t424B2
\t\tSEC FILE NUMBER:\t333-100001

FILED BY:\t\t

\tCOMPANY DATA:\t
\t\tCOMPANY CONFORMED NAME:\t\t\tBIRCH BANK
\t\tCENTRAL INDEX KEY:\t\t\t0000000078
</SEC-HEADER>
<DOCUMENT>
<TYPE>424B2
<SEQUENCE>1
<FILENAME>main.htm
<DESCRIPTION>A SUPPLEMENT
<TEXT>
<html><body>The notes</body></html>
</TEXT>
</DOCUMENT>
<DOCUMENT>
<TYPE>EX-FILING FEES
<SEQUENCE>2
<FILENAME>fees.htm
<TEXT>
<XBRL>
<?xml version='1.0'?><html/>
</XBRL>
</TEXT>
</DOCUMENT>
</SEC-DOCUMENT>
"""


def index(*rows: str, head: str = f"{'Form Type':<12}{'Company Name':<62}{'CIK':<12}Date Filed  File Name") -> bytes:
    lines = ["Description:           Daily Index of EDGAR Dissemination Feed by Form Type", " ", head, "-" * 141, *rows, ""]
    return "\n".join(lines).encode()


ROW = f"{'424B5':<12}{'ALDER SYSTEMS INC':<62}{'77':<12}20251103    edgar/data/77/0000000001-26-000002.txt         "


def test_addresses_are_edgars_own() -> None:
    """Every address is the public one, with the padding and the quarter EDGAR wants."""
    assert edgar.submissions_url(1326801) == "https://data.sec.gov/submissions/CIK0001326801.json"
    assert edgar.daily_index_url("form", date(2025, 11, 3)).endswith("/daily-index/2025/QTR4/form.20251103.idx")
    assert edgar.full_index_url("master", 2026, 1).endswith("/full-index/2026/QTR1/master.idx")
    folder = "https://www.sec.gov/Archives/edgar/data/1326801/000119312525261217/"
    assert edgar.submission_url(1326801, "0001193125-25-261217") == folder + "0001193125-25-261217.txt"
    assert edgar.filing_index_url(1326801, "0001193125-25-261217") == folder + "index.json"
    assert edgar.company_concept_url(72971, "Assets").endswith("/companyconcept/CIK0000072971/us-gaap/Assets.json")
    assert edgar.frames_url("Assets", "USD", "CY2025Q3I").endswith("/frames/us-gaap/Assets/USD/CY2025Q3I.json")


def test_submission_gives_header_parties_and_documents() -> None:
    """A submission's form, days, parties and documents are read, each document's bytes without EDGAR's wrappers."""
    read = edgar.read_submission(SUBMISSION)
    assert (read.accession, read.form, read.filed) == ("0000000001-26-000002", "424B2", date(2025, 11, 3))
    assert [(party.role, party.cik, party.name, party.sic, party.file_numbers) for party in read.parties] == [
        ("subject company", 77, "ALDER SYSTEMS INC /DE/", "7372", ("333-100001",)),
        ("filed by", 78, "BIRCH BANK", None, ()),
    ]
    assert [party.cik for party in read.issuers()] == [77]
    assert [(part.type, part.sequence, part.filename) for part in read.parts] == [
        ("424B2", 1, "main.htm"),
        ("EX-FILING FEES", 2, "fees.htm"),
    ]
    assert read.text(read.main).strip() == b"<html><body>The notes</body></html>"
    assert read.text(read.parts[1]).strip() == b"<?xml version='1.0'?><html/>"
    assert SUBMISSION[read.parts[1].start : read.parts[1].end].startswith(b"<DOCUMENT>\n<TYPE>EX-FILING FEES")


def test_acceptance_is_us_eastern_in_summer_and_winter() -> None:
    """Acceptance digits are New York time, whatever a Z behind them says; they come out as UTC."""
    assert edgar.read_submission(SUBMISSION).accepted == datetime(2025, 11, 1, 1, 42, 48, tzinfo=UTC)
    assert edgar.eastern("2025-10-31T21:42:48.000Z") == datetime(2025, 11, 1, 1, 42, 48, tzinfo=UTC)
    assert edgar.eastern("20251231172304") == datetime(2025, 12, 31, 22, 23, 4, tzinfo=UTC)


def test_known_at_without_acceptance_is_the_end_of_the_filing_day() -> None:
    """An old filing without an acceptance time became known no later than EDGAR closed on its filing day."""
    old = SUBMISSION.replace(b"<ACCEPTANCE-DATETIME>20251031214248\n", b"")
    assert edgar.read_submission(old).known_at == datetime(2025, 11, 4, 3, 0, tzinfo=UTC)


def test_old_and_bare_files_are_read() -> None:
    """Mail armour, the feed's tagged header and a document without any header are read all the same."""
    armoured = (
        b"-----BEGIN PRIVACY-ENHANCED MESSAGE-----\nProc-Type: 2001,MIC-CLEAR\n\n"
        + SUBMISSION
        + b"-----END PRIVACY-ENHANCED MESSAGE-----\n"
    )
    assert edgar.read_submission(armoured).accession == "0000000001-26-000002"
    tagged = (
        b"<SUBMISSION>\n<ACCESSION-NUMBER>0000000001-10-000009\n<TYPE>424B5\n<FILING-DATE>20100624\n<FILER>\n<COMPANY-DATA>\n"
        b"<CONFORMED-NAME>CEDAR FUNDING LLC\n<CIK>0000000079\n<ASSIGNED-SIC>6189\n</COMPANY-DATA>\n<FILING-VALUES>\n"
        b"<FILE-NUMBER>333-1\n</FILING-VALUES>\n</FILER>\n<DOCUMENT>\n<TYPE>424B5\n<TEXT>\nwords\n</TEXT>\n</DOCUMENT>\n</SUBMISSION>\n"
    )
    read = edgar.read_submission(tagged)
    assert (read.accession, read.form, read.filed, read.parties[0].cik, read.parties[0].file_numbers) == (
        "0000000001-10-000009", "424B5", date(2010, 6, 24), 79, ("333-1",),
    )  # fmt: skip
    bare = edgar.read_submission(b"<DOCUMENT>\n<TYPE>424B5\n<FILENAME>a.htm\n<TEXT>\nwords\n</TEXT>\n</DOCUMENT>\n")
    assert (bare.accession, bare.form, bare.known_at) == ("", "424B5", None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><html><h1>Request Rate Threshold Exceeded</h1></html>", "HTML page"),
        (b"", "no <DOCUMENT>"),
        (b"just words", "no <DOCUMENT>"),
        (SUBMISSION[:900], "cut off inside a document"),
        (SUBMISSION[: SUBMISSION.index(b"</SEC-DOCUMENT>")], "no </SEC-DOCUMENT>"),
        (SUBMISSION.replace(b"</TEXT>\n</DOCUMENT>\n<DOCUMENT>", b"<DOCUMENT>", 1), "without its own type and text"),
        (SUBMISSION.replace(b"<TYPE>424B2", b"<TYP>424B2"), "without its own type and text"),
        (SUBMISSION.replace(b"ACCESSION NUMBER:\t\t0000000001-26-000002", b"ACCESSION NUMBER:\t\tnone"), "no accession number"),
        (SUBMISSION.replace(b"FILED AS OF DATE:\t\t20251103", b"FILED AS OF DATE:\t\t20251399"), "not a date"),
        (SUBMISSION.replace(b"0000000077", b"77 000 000"), "not a CIK"),
    ],
)
def test_damaged_submission_is_unreadable(body: bytes, words: str) -> None:
    """A submission that is a page, cut off or garbled is refused with the place and its words, never read in part."""
    with pytest.raises(Unreadable) as refused:
        edgar.read_submission(body)
    assert words in str(refused.value)
    assert refused.value.where


def test_index_rows_of_all_three_kinds() -> None:
    """Form, company and master indexes give the same row."""
    company = f"{'ALDER SYSTEMS INC':<62}{'424B5':<12}{'77':<12}20251103    edgar/data/77/0000000001-26-000002.txt         "
    heads = f"{'Company Name':<62}{'Form Type':<12}CIK\n      Date Filed  File Name"
    master = "77|ALDER SYSTEMS INC|424B5|2025-11-03|edgar/data/77/0000000001-26-000002.txt"
    row = edgar.IndexRow(
        "424B5", "ALDER SYSTEMS INC", 77, date(2025, 11, 3), "0000000001-26-000002", "edgar/data/77/0000000001-26-000002.txt"
    )
    assert edgar.read_index(index(ROW)) == (row,)
    assert edgar.read_index(index(company, head=heads)) == (row,)
    assert edgar.read_index(index(master, head="CIK|Company Name|Form Type|Date Filed|File Name")) == (row,)
    wide = edgar.read_index(index(ROW.replace("424B5       ", "SC TO-I/A   ").replace("INC  ", "INC  OF")))
    assert wide[0].form == "SC TO-I/A"


def test_empty_day_has_no_rows() -> None:
    """An index without rows is a day without filings, not an error."""
    assert edgar.read_index(index()) == ()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (index(ROW, ROW)[:-20], "line 6"),
        (index(ROW, "424B5       ALDER SYSTEMS INC"), "line 6"),
        (index(ROW.replace("20251103", "20251350")), "line 5"),
        (index(ROW.replace("edgar/data/77", "edgar/data")), "line 5"),
        (b"<html><body>503</body></html>", "byte 0"),
        (b"Description: nothing else\n", "line 1"),
        (index(head="Something Else"), "line 3"),
    ],
)
def test_damaged_index_names_its_line(body: bytes, place: str) -> None:
    """A damaged or foreign index is refused with the line that is wrong."""
    with pytest.raises(Unreadable) as refused:
        edgar.read_index(body)
    assert refused.value.where == place


def test_issuers_filings_refuse_uneven_columns_and_foreign_pages() -> None:
    """Columns of different lengths are never zipped to the shortest; an older page's name cannot lead elsewhere."""
    columns = (
        b'{"accessionNumber":["0000000001-26-000002"],"form":["FWP"],"filingDate":["2025-11-03"],'
        b'"acceptanceDateTime":[%s],"fileNumber":[""],"primaryDocument":[""]}'
    )
    whole = (
        b'{"cik":"77","name":"ALDER","sic":"7372","tickers":["ALDR"],"formerNames":[{"name":"ASH"}],'
        b'"filings":{"recent":%s,"files":[]}}'
    )
    good = edgar.read_submissions_json(whole % (columns % b'"2025-11-03T09:00:00.000Z"'))
    assert (good.cik, good.former_names, good.filings[0].accepted) == (77, ("ASH",), datetime(2025, 11, 3, 14, 0, tzinfo=UTC))
    with pytest.raises(Unreadable, match="different lengths"):
        edgar.read_submissions_json(whole % (columns % b""))
    with pytest.raises(Unreadable):
        edgar.older_page_url("../../etc/passwd")
    with pytest.raises(Unreadable):
        edgar.read_company_file(b'{"fields":["cik","name","ticker","exchange"],"data":[["x","a","b","c"]]}')


def test_new_yorks_days() -> None:
    """EDGAR rests on federal holidays, the exchange on Good Friday but not on Veterans Day; a session ends in the evening."""
    assert not sessions.is_business_day(date(2025, 11, 11))
    assert sessions.is_session(date(2025, 11, 11))
    assert not sessions.is_session(date(2026, 4, 3))
    assert sessions.is_business_day(date(2026, 4, 3))
    assert not sessions.is_business_day(date(2021, 12, 31))
    assert sessions.is_session(date(2021, 12, 31))
    assert not sessions.index_is_certain(date(2024, 12, 24))
    assert sessions.business_days_after(date(2025, 11, 7), 4) == date(2025, 11, 14)
    assert sessions.last_completed_session(datetime(2025, 11, 28, 6, tzinfo=UTC)) == date(2025, 11, 26)
    assert sessions.last_completed_session(datetime(2025, 11, 25, 23, 30, tzinfo=UTC)) == date(2025, 11, 25)
    assert sessions.sessions_before(date(2025, 11, 24), 20) == date(2025, 10, 27)


@needs_corpus
def test_real_indexes_and_issuers() -> None:
    """Real indexes give every row, the empty one none; the damaged one is refused; real issuers' filings are read."""
    rows = edgar.read_index((CORPUS / "edgar/form.20200318.idx").read_bytes())
    assert len(rows) == 4084
    assert sum(row.form == "424B2" for row in rows) == (CORPUS / "edgar/form.20200318.idx").read_text().count("\n424B2 ")
    assert len(edgar.read_index((CORPUS / "edgar/company.20221003.idx").read_bytes())) == 4925
    assert edgar.read_index((CORPUS / "edgar/form.empty.idx").read_bytes()) == ()
    with pytest.raises(Unreadable) as refused:
        edgar.read_index((CORPUS / "edgar/form.bad.idx").read_bytes())
    assert refused.value.where == "line 20"
    meta = edgar.read_submissions_json((CORPUS / "edgar/submissions_CIK0001326801_META.json").read_bytes())
    final = next(filing for filing in meta.filings if filing.accession == "0001193125-25-261217")
    assert (final.form, final.filed, final.accepted) == ("424B2", date(2025, 11, 3), datetime(2025, 11, 1, 1, 42, 48, tzinfo=UTC))
    assert (meta.former_names, len(meta.filings), meta.older[0].name) == (
        ("Facebook Inc",),
        1005,
        "CIK0001326801-submissions-001.json",
    )


@needs_corpus
@pytest.mark.parametrize("path", sorted((CORPUS / "424b").glob("*.txt")), ids=lambda path: path.stem)
def test_real_submissions(path: Path) -> None:
    """Every real submission, of any age, gives its accession number, a filing day, a filer and a main document."""
    read = edgar.read_submission(path.read_bytes())
    assert read.accession == path.stem
    assert read.filed
    assert read.known_at
    assert read.issuers()[0].file_numbers[0].startswith("333-")
    assert len(read.text(read.main)) > 5000
    assert len(read.parts) == path.read_bytes().count(b"\n<DOCUMENT>")
