"""EDGAR's lists: daily and quarterly indexes, an issuer's filings, the company file.

Pure: bytes in, typed rows out; a list that is damaged, cut off or of another shape is `Unreadable`, never a shorter list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from chalicelib.edgar.addresses import calendar_day, eastern, older_page_url, refuse_html
from chalicelib.errors import Unreadable


@dataclass(frozen=True)
class IndexRow:
    """One line of an index: who filed what when. A filing with two filers has two lines."""

    form: str
    company: str
    cik: int
    filed: date
    accession: str
    path: str


@dataclass(frozen=True)
class Filing:
    """One row of an issuer's filings. `accepted` is true UTC; `period` is the day a report ends on, None where it has none.

    `items`: what an 8-K reports, `2.02`, `9.01`; none for other forms.
    """

    accession: str
    form: str
    filed: date
    accepted: datetime
    file_number: str
    primary_document: str
    period: date | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class OlderPage:
    """A further page of an issuer's filings: its file name and the filing days it spans."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Issuer:
    """An issuer as EDGAR knows it, with its newest filings, newest first, and the pages that hold the older ones.

    `fiscal_year_end` is month and day (`1231`), empty where EDGAR gives none.
    """

    cik: int
    name: str
    former_names: tuple[str, ...]
    sic: str
    tickers: tuple[str, ...]
    filings: tuple[Filing, ...]
    older: tuple[OlderPage, ...]
    fiscal_year_end: str = ""


@dataclass(frozen=True)
class Company:
    """One line of the company file."""

    cik: int
    name: str
    ticker: str
    exchange: str


_PATH = re.compile(r"edgar/data/(\d{1,10})/(\d{10}-\d{2}-\d{6})\.txt")
_TAIL = re.compile(r"\s(\d{1,10})\s+(\d{8}|\d{4}-\d{2}-\d{2})\s+(edgar/\S+)\s*$")


def read_index(body: bytes) -> tuple[IndexRow, ...]:
    """The rows of a form, company or master index, daily or quarterly; none for a day without filings.

    Raises `Unreadable` naming the line when the file is no index, ends inside a line, or a line is not a row.
    """
    refuse_html(body, "an index")
    lines = body.decode("utf-8", "replace").split("\n")
    rule = next((n for n, line in enumerate(lines[:40]) if line.startswith("-----")), None)
    if rule is None or not lines[0].startswith("Description:"):
        raise Unreadable("no head of an index", where="line 1", evidence=lines[0][:200])
    if lines[-1].strip():
        raise Unreadable("cut off: no end of line", where=f"line {len(lines)}", evidence=lines[-1])
    heads = " ".join(line.strip() for line in lines[1:rule] if "Company Name" in line or "Form Type" in line)
    split = _splitter(heads, rule)
    return tuple(_row(split, line, n) for n, line in enumerate(lines[rule + 1 :], rule + 2) if line.strip())


_Split = Callable[[str], tuple[str, str, str, str, str] | None]
"""A line to form, company, CIK, day and path; None when it is no row."""


def _splitter(heads: str, rule: int) -> _Split:
    if "|" in heads:
        return _split_master
    if heads.startswith("Form Type"):
        width = heads.index("Company Name")
        return lambda line: _split_columns(line, width, form_first=True)
    if heads.startswith("Company Name") and "Form Type" in heads:
        width = heads.index("Form Type")
        return lambda line: _split_columns(line, width, form_first=False)
    raise Unreadable("unknown columns", where=f"line {rule}", evidence=heads)


def _split_master(line: str) -> tuple[str, str, str, str, str] | None:
    cells = [cell.strip() for cell in line.split("|")]
    return (cells[2], cells[1], cells[0], cells[3], cells[4]) if len(cells) == 5 else None


def _split_columns(line: str, width: int, *, form_first: bool) -> tuple[str, str, str, str, str] | None:
    """The right-hand columns from the end; the two names at the head's width, or at a gap where a row leaves it."""
    tail = _TAIL.search(line)
    if not tail:
        return None
    names = line[: tail.start()].rstrip()
    left, right = names[:width].rstrip(), names[width:].strip()
    if names[width - 1 : width] != " " or names[width : width + 1].isspace():
        pieces = re.split(r" {2,}", names)
        if len(pieces) < 2:
            return None
        left, right = (pieces[0], " ".join(pieces[1:])) if form_first else (" ".join(pieces[:-1]), pieces[-1])
    form, company = (left, right) if form_first else (right, left)
    return form, company, tail[1], tail[2], tail[3]


def _row(split: _Split, line: str, number: int) -> IndexRow:
    where = f"line {number}"
    cells = split(line)
    path = cells and _PATH.fullmatch(cells[4])
    if not cells or not path or not all(cells[:2]) or not cells[2].isdecimal():
        raise Unreadable("not a row of an index", where=where, evidence=line)
    return IndexRow(cells[0], cells[1], int(cells[2]), calendar_day(cells[3], where), path[2], cells[4])


def _object(body: bytes, due: str) -> dict[str, object]:
    refuse_html(body, due)
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Unreadable(f"{due}: not JSON, {error}", where="byte 0", evidence=body[:200].decode("latin-1")) from error
    if not isinstance(value, dict):
        raise Unreadable(f"{due}: not a JSON object", where="byte 0", evidence=body[:200].decode("latin-1"))
    return value


def _columns(table: object, names: Sequence[str], where: str) -> list[tuple[str, ...]]:
    """Rows from a mapping of equally long columns."""
    if not isinstance(table, Mapping) or not all(isinstance(table.get(name), list) for name in names):
        raise Unreadable("columns are missing", where=where, evidence=str(table)[:200])
    columns = [cast("list[object]", table[name]) for name in names]
    if len({len(column) for column in columns}) > 1:
        raise Unreadable("columns of different lengths", where=where, evidence=str([len(column) for column in columns]))
    return [tuple("" if cell is None else str(cell) for cell in row) for row in zip(*columns, strict=True)]


_FILING = ("accessionNumber", "form", "filingDate", "acceptanceDateTime", "fileNumber", "primaryDocument")


def _filings(table: object, where: str) -> tuple[Filing, ...]:
    rows = _columns(table, _FILING, where)
    periods, items = (_extra(table, name, len(rows), where) for name in ("reportDate", "items"))
    return tuple(
        Filing(
            accession=one,
            form=form,
            filed=calendar_day(filed, where),
            accepted=eastern(at),
            file_number=number,
            primary_document=document,
            period=calendar_day(day, where) if day else None,
            items=tuple(filter(None, reported.split(","))),
        )
        for (one, form, filed, at, number, document), day, reported in zip(rows, periods, items, strict=True)
    )


def _extra(table: object, name: str, length: int, where: str) -> list[str]:
    """A column that not every list has; blank where it is not there."""
    if not isinstance(table, Mapping) or name not in table:
        return [""] * length
    return [row[0] for row in _columns(table, (name, "form"), where)]


def read_submissions_json(body: bytes) -> Issuer:
    """An issuer and its newest filings. The acceptance times' `Z` is false: they are US Eastern."""
    value = _object(body, "an issuer's filings")
    filings = value.get("filings")
    cik, name = str(value.get("cik", "")), value.get("name")
    if not isinstance(filings, dict) or not cik.isdecimal() or not isinstance(name, str):
        raise Unreadable("no issuer's filings", where="cik, name, filings", evidence=str(value)[:200])
    former = _columns_of(value.get("formerNames"), ("name",), "formerNames")
    pages = _columns_of(filings.get("files"), ("name", "filingFrom", "filingTo"), "filings.files")
    tickers = value.get("tickers")
    return Issuer(
        cik=int(cik),
        name=name,
        former_names=tuple(row[0] for row in former),
        sic=str(value.get("sic") or ""),
        tickers=tuple(str(each) for each in tickers) if isinstance(tickers, list) else (),
        filings=_filings(filings.get("recent"), "filings.recent"),
        older=tuple(OlderPage(page, calendar_day(a, page), calendar_day(b, page)) for page, a, b in pages),
        fiscal_year_end=str(value.get("fiscalYearEnd") or ""),
    )


def all_filings(issuer: Issuer, get: Callable[[str], bytes], first: date, last: date = date.max) -> list[Filing]:
    """The issuer's newest filings and those of every older page that reaches into `[first, last]`, whose bytes `get` gives."""
    filings = list(issuer.filings)
    for page in issuer.older:
        if page.last >= first and page.first <= last:
            filings += read_older_page(get(older_page_url(page.name)))
    return filings


def read_older_page(body: bytes) -> tuple[Filing, ...]:
    """The filings of one of the older pages."""
    return _filings(_object(body, "an older page of filings"), "page")


def _columns_of(rows: object, names: Sequence[str], where: str) -> list[tuple[str, ...]]:
    """Rows from a list of objects; none where there is no list."""
    if not rows:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) and all(name in row for name in names) for row in rows):
        raise Unreadable("rows of another shape", where=where, evidence=str(rows)[:200])
    return [tuple(str(row[name]) for name in names) for row in rows]


def read_company_file(body: bytes) -> tuple[Company, ...]:
    """Every listed company: CIK, name, ticker, exchange. A company with several tickers has several lines."""
    value = _object(body, "the company file")
    fields, rows = value.get("fields"), value.get("data")
    if not isinstance(fields, list) or not isinstance(rows, list) or not {"cik", "name", "ticker", "exchange"} <= set(fields):
        raise Unreadable("not the company file", where="fields, data", evidence=str(fields)[:200])
    places = [fields.index(name) for name in ("cik", "name", "ticker", "exchange")]
    found = []
    for n, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(fields) or not str(row[places[0]]).isdecimal():
            raise Unreadable("not a company", where=f"data[{n}]", evidence=str(row)[:200])
        cik, name, ticker, exchange = (row[place] for place in places)
        found.append(Company(int(cik), str(name or ""), str(ticker or ""), str(exchange or "")))
    return tuple(found)
