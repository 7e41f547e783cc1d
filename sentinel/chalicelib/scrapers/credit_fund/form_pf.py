"""Form PF XML, streamed: filings and their funds, names, types and values joined by FundID across the separate lists.

Both schema versions, namespaced or not. Memory: one block, one record, and what `joining` holds of the filing at hand.
Source: element names of PFFormFiling.xsd and its v2 as a generator that validates against them writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import BinaryIO, Literal

from chalicelib.errors import Unreadable
from chalicelib.scrapers.credit_fund.cutting import begins, pieces
from chalicelib.scrapers.credit_fund.elements import (
    ENDS,
    FIELDS,
    FUND,
    HEDGE,
    IDENT,
    KINDS,
    PERFORMANCE,
    ROOT,
    SCALARS,
    SECTIONS,
    SIGNED,
    WANTED,
)
from chalicelib.scrapers.credit_fund.figures import amounts, days, flag, returns
from chalicelib.scrapers.credit_fund.joining import MOST_HELD, NOTHING, UNRELATED, Joined, Row
from chalicelib.scrapers.credit_fund.streamed import MARK, Element, Head, Keys, Pushed, values
from chalicelib.scrapers.credit_fund.structure import Structure, structure_of

FILING_TYPES = ("PF-INIT", "PF-UPDATING", "PF-AMEND")
_FUND_ID = re.compile(r"805-\d{10}", re.ASCII)
_LINES = re.compile(r"[\t\r\n][ \t\r\n]*")
_MISREAD = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")

Frequency = Literal["quarterly", "annual", "unknown"]
_MOST_TEXTS, _MOST_UNREAD = 1000, 100


@dataclass(frozen=True)
class Filing:
    """One filing: its type, the period it speaks of, when it was signed, and its funds. `at`, `end`: bytes its tags begin at.

    `unread`: names of its sections, and of fields of its records, that are neither read nor left on purpose.
    """

    filing_type: str
    frequency: Frequency
    period_type: str
    period_end: date
    quarter: int | None
    signed: date | None
    funds: Joined
    unread: tuple[str, ...]
    at: int
    end: int

    @property
    def amendment(self) -> bool:
        """Whether it replaces an earlier filing of its period."""
        return self.filing_type == "PF-AMEND"

    @cached_property
    def structure(self) -> Structure:
        """Which of its funds are part of another."""
        return structure_of(self.funds)


def filings(stream: BinaryIO, where: str, start: int = 0, end: int | None = None, head: Head | None = None) -> Iterator[Filing]:
    """The filings that begin in bytes `[start, end)` of a file, each given once its whole text was good.

    `stream` stands at `start`. `head` is how the file begins; without it `stream` must be seekable and stand at 0.
    Raises `Unreadable` naming file, place and fund.
    """
    if head is None:
        head = begins(stream, where)
        stream.seek(0)
    keys = {name: Keys(wanted) for name, wanted in WANTED.items()}
    reading: _Reading | None = None
    for piece in pieces(stream, start, end, where):
        if piece.kind == "open":
            reading = _Reading(head, where, piece.at, keys)
        elif reading is not None:
            reading.push(piece.data)
            if piece.kind == "close":
                yield reading.filing(piece.at)
                reading = None


class _Reading:
    """One filing while it is being read. Records are kept as one text each until the lists can be joined."""

    def __init__(self, head: Head, where: str, at: int, keys: Mapping[str, Keys]) -> None:
        self._at, self._where, self._keys = at, where, keys
        self._joined = Joined()
        self._texts: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._scalars: dict[str, str] = {}
        self._widths: dict[str, int] = {}
        self._unread: set[str] = set()
        self._pushed = Pushed((*SCALARS, *KINDS, SIGNED), where, at, parts_of=ROOT)
        self._latin = head.encoding not in ("utf-8", "us-ascii", "ascii")
        wrapped = head.name != "PFXMLFiling"
        self._closing = f"</{head.tag[1:].split(b'>')[0].split()[0].decode()}>".encode() if wrapped else b""
        prologue = f'<?xml version="1.0" encoding="{head.encoding}"?>'.encode() + MARK
        self._take(prologue + (head.tag if wrapped else b""), counted=False)

    def push(self, data: bytes) -> None:
        """More of the filing's text."""
        self._take(data, counted=True)

    def _take(self, data: bytes, *, counted: bool) -> None:
        for element in self._pushed.push(data, counted=counted):
            self._record(element)

    def _record(self, element: Element) -> None:
        name = element.tag.rpartition("}")[2]
        if name in SCALARS:
            if name in self._scalars:
                raise Unreadable(f"{name} stands twice in one filing", where=self._pushed.place(element))
            self._scalars[name] = (element.text or "").strip()
            return
        try:
            found = values(element, self._keys[name])
        except Unreadable as error:
            raise Unreadable(f"{name}: {error}", where=self._pushed.place(element), evidence=error.evidence) from error
        if name == SIGNED:
            self._scalars.setdefault(SIGNED, found.get("SignatureDate", ""))
            return
        if self._widths.get(name) != len(element):
            self._widths[name] = len(element)
            self._unread |= {f"{name}/{field}" for field in _names(element) - FIELDS[name]}
        fund_id = found.get("FundID", "")
        if not _FUND_ID.fullmatch(fund_id):
            raise Unreadable(f"FundID {fund_id[:40]!r} is none", where=self._pushed.place(element), evidence=str(found)[:300])
        fund_id = self._ids.setdefault(fund_id, fund_id) if len(self._ids) < MOST_HELD else fund_id
        try:
            self._joined.add(name, fund_id, self._row(name, found, element))
        except (ValueError, Unreadable) as error:
            words = str(error) if fund_id in str(error) else f"{fund_id}: {error}"
            raise Unreadable(words, where=self._pushed.place(element), evidence=str(found)[:600]) from error

    def _row(self, kind: str, found: dict[str, str], element: Element) -> Row:
        """A record as it is kept, checked now so that an error names its place. Names, most often the last record's, once."""
        fund_id = found.pop("FundID")
        if kind == FUND:
            name = found.get("FundName", "")
            if "\n" in name or "\t" in name:
                name = _LINES.sub(" ", name)
            if self._latin and _MISREAD.search(name):
                raise ValueError(f"the name {name[:60]!r} is UTF-8, the file declares ISO-8859-1")
            return self._once(found.get("FundType", "")), name
        if kind == IDENT:
            flags = _flags(found.get("IsMasterFund"), found.get("IsParallelFundsAggregated"))
            if len(element) == len(found) + 1:
                return UNRELATED[flags]
            return flags, " ".join(dict.fromkeys(_other_ids(element, fund_id)))
        if kind == HEDGE:
            return NOTHING
        if kind == PERFORMANCE:
            names = self._once(" ".join(found))
            if "ends-" not in names:
                return names, returns(found)
            ends = {name: found.pop(name) for name in ENDS.values() if name in found}
            return self._once(" ".join((*found, *ends))), f"{returns(found) if found else ''} {days(ends)}"
        return self._once(" ".join(found)), amounts(found)

    def _once(self, text: str) -> str:
        """The same text as before where it was met before: types and layouts are few, and funds many."""
        return self._texts.setdefault(text, text) if len(self._texts) < _MOST_TEXTS else text

    def filing(self, end: int) -> Filing:
        """The filing, its end tag having come. Raises `Unreadable` when it does not hold together."""
        for element in self._pushed.finish(self._closing):
            self._record(element)
        scalars, where = self._scalars, f"{self._where}: filing at byte {self._at}"
        filing_type = scalars.get("FilingType", "")
        if filing_type not in FILING_TYPES:
            raise Unreadable(f"FilingType {filing_type[:40]!r}: expected one of {', '.join(FILING_TYPES)}", where=where)
        try:
            self._joined.check()
        except ValueError as error:
            raise Unreadable(str(error), where=where) from error
        if not len(self._joined) and filing_type != "PF-AMEND":
            raise Unreadable("a filing without funds", where=where)
        quarter = scalars.get("ReportingPeriodQuarter", "").removeprefix("Q")
        if quarter not in ("", "NA", "1", "2", "3", "4"):
            raise Unreadable(f"ReportingPeriodQuarter {quarter[:20]!r}", where=where)
        period_type = scalars.get("ReportingPeriodType", "")
        return Filing(
            filing_type=filing_type,
            frequency=_frequency(period_type),
            period_type=period_type,
            period_end=_day(scalars.get("ReportingPeriodEndDate", ""), "ReportingPeriodEndDate", where),
            quarter=int(quarter) if quarter.isdigit() else None,
            signed=_day(scalars[SIGNED], "SignatureDate", where) if scalars.get(SIGNED) else None,
            funds=self._joined,
            unread=tuple(sorted(self._unread | (self._pushed.parts - SECTIONS)))[:_MOST_UNREAD],
            at=self._at,
            end=end,
        )


@lru_cache(maxsize=64)
def _flags(master: str | None, parallel: str | None) -> str:
    return f"{flag(master)} {flag(parallel)}"


def _names(record: Element) -> set[str]:
    return {child.tag.rpartition("}")[2] for child in record}


def _other_ids(record: Element, own: str) -> Iterator[str]:
    """Ids of further funds a record names: feeders of a master, parallel funds in an aggregate."""
    for inner in record.iter():
        text = (inner.text or "").strip()
        if text != own and _FUND_ID.fullmatch(text):
            yield text


def _frequency(period_type: str) -> Frequency:
    """Filers write Q or A, exports the word; any other text is said, not guessed."""
    word = period_type.strip().upper()
    if word == "Q" or word.startswith(("QUARTER", "QTR")):
        return "quarterly"
    return "annual" if word in ("A", "Y") or word.startswith(("ANNUAL", "YEAR")) else "unknown"


def _day(text: str, name: str, where: str) -> date:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        raise Unreadable(f"{name} {text[:40]!r} is no date", where=where) from error
    if not 2011 <= day.year <= 2100:
        raise Unreadable(f"{name} {day} is not plausible: Form PF began in 2011", where=where)
    return day
