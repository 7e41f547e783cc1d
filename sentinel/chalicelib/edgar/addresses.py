"""EDGAR's public addresses and its clock: every address the product asks EDGAR for is built here.

Pure. Source: sec.gov/search-filings/edgar-search-assistance/accessing-edgar-data.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from chalicelib.errors import Unreadable

WWW = "https://www.sec.gov"
DATA = "https://data.sec.gov"
COMPANY_FILE = f"{WWW}/files/company_tickers_exchange.json"
NEW_YORK = ZoneInfo("America/New_York")

IndexKind = Literal["form", "company", "master"]


def submissions_url(cik: int) -> str:
    """An issuer's filings, newest first (JSON)."""
    return f"{DATA}/submissions/CIK{cik:010d}.json"


def older_page_url(name: str) -> str:
    """One of the older pages a submissions JSON names; raises `Unreadable` for a name that is none."""
    if not re.fullmatch(r"CIK\d{10}-submissions-\d{3}\.json", name):
        raise Unreadable("not the name of a page of filings", where="filings.files", evidence=name)
    return f"{DATA}/submissions/{name}"


def daily_index_url(kind: IndexKind, day: date) -> str:
    """The index of what was filed on `day`."""
    return f"{WWW}/Archives/edgar/daily-index/{day.year}/QTR{(day.month + 2) // 3}/{kind}.{day:%Y%m%d}.idx"


def full_index_url(kind: IndexKind, year: int, quarter: int) -> str:
    """The index of a whole quarter."""
    return f"{WWW}/Archives/edgar/full-index/{year}/QTR{quarter}/{kind}.idx"


def submission_url(cik: int, accession: str) -> str:
    """A whole submission: header and every document in one text file."""
    return f"{WWW}/Archives/edgar/data/{cik}/{accession.replace('-', '')}/{accession}.txt"


def filing_index_url(cik: int, accession: str) -> str:
    """The list of a filing's files (JSON)."""
    return f"{WWW}/Archives/edgar/data/{cik}/{accession.replace('-', '')}/index.json"


def document_url(cik: int, accession: str, filename: str) -> str:
    """One file of a filing."""
    return f"{WWW}/Archives/edgar/data/{cik}/{accession.replace('-', '')}/{filename}"


def company_concept_url(cik: int, tag: str, taxonomy: str = "us-gaap") -> str:
    """Every undimensioned value a company gave for one XBRL tag (JSON)."""
    return f"{DATA}/api/xbrl/companyconcept/CIK{cik:010d}/{taxonomy}/{tag}.json"


def frames_url(tag: str, unit: str, period: str, taxonomy: str = "us-gaap") -> str:
    """Every company's value of one tag for one period, `CY2025Q3I` (JSON)."""
    return f"{DATA}/api/xbrl/frames/{taxonomy}/{tag}/{unit}/{period}.json"


def eastern(digits: str) -> datetime:
    """`20251031214248`, or `2025-10-31T21:42:48.000Z` with EDGAR's false Z, is US Eastern; returned as UTC."""
    plain = re.sub(r"\D", "", digits)[:14]
    try:
        return datetime.strptime(plain, "%Y%m%d%H%M%S").replace(tzinfo=NEW_YORK).astimezone(UTC)
    except ValueError as error:
        raise Unreadable("not an acceptance time", where="acceptance time", evidence=digits[:80]) from error


def calendar_day(text: str, where: str) -> date:
    """A day written `20251103` or `2025-11-03`; raises `Unreadable` naming `where`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("not a date", where=where, evidence=text[:80]) from error


def refuse_html(body: bytes, due: str) -> None:
    """Raise `Unreadable` when `body` is a page (a throttle or an outage) where `due` was due."""
    if body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise Unreadable(f"an HTML page where {due} was due", where="byte 0", evidence=body[:200].decode("latin-1"))
