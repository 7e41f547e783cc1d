"""Whether all tranches were read: a term sheet's titles, identifiers, principals and maturities, a cover's CUSIPs.

A document that names more of any of them than there are tranches may have lost one; that is told, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from chalicelib import prose
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bond_issuance.sheet_rows import Value
from chalicelib.scrapers.bond_issuance.titles import Mention
from chalicelib.scrapers.bond_issuance.tranche import Check, Line

_MONEY, _DAY = re.compile(prose.MONEY), re.compile(prose.DATE)
_FIGURES = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
ISIN = re.compile(r"\b([A-Z]{2}[0-9A-Z]{9}\d)\b")
CUSIP = re.compile(r"\b([0-9][0-9A-Z]{5}\s?[0-9A-Z]{2}\s?\d)\b(?![0-9A-Z])")
_OPENS = re.compile(r"(?:^|[\t\n:;•]|\b(?:and|of))[\s“\"]*(?:[A-Z]{0,3}[$€£¥][\d,.]+(?:\s*(?:million|billion))?\s*)?$")
"""What stands before a title that a sheet offers: the start of a line or cell, a label's colon, an amount."""
_REFERENCE = re.compile(r"benchmark|treasury|concurrent", re.IGNORECASE)


def checks(text: str, said: Sequence[Value], names: Sequence[Mention], lines: Sequence[Line]) -> tuple[Check, ...]:
    """What the sheet counts, each beside the tranches read; nothing for a sheet without tranches."""
    if not lines:
        return ()
    found = (_titles(text, names, lines), _identifiers(text, said, lines), _principals(said, lines), _maturities(said, lines))
    return tuple(check for check in found if check)


def _titles(text: str, names: Sequence[Mention], lines: Sequence[Line]) -> Check | None:
    """Every title the sheet offers is a tranche's, and the amount before it is that tranche's."""
    offered = [name for name in names if _offers(text, name)]
    for name in offered:
        own = [line for line in lines if _of(name, line)]
        words = " ".join(name.words.split())
        if not own:
            return Check("titles", False, f"the sheet names {words!r}, which no tranche read is")
        amounts = {line.principal for line in own if line.currency == name.symbol}
        if name.amount is not None and name.start == _start(text, name) and amounts and name.amount not in amounts:
            return Check("titles", False, f"the sheet names {words!r}, the tranche read has {_listed(amounts)}")
    told = {name.key for name in offered}
    return Check("titles", True, f"{len(lines)} titles, each a tranche") if len(told) >= len(lines) else None


def _offers(text: str, name: Mention) -> bool:
    """Whether a title is one of the sheet's own: it opens a line or a cell and speaks of no benchmark or older notes."""
    start = _start(text, name)
    before = text[text.rfind("\n", 0, start) + 1 : start]
    told = name.rate is not None or name.floating or name.turning
    own = told and not name.existing and name.year is not None
    return own and not _REFERENCE.search(before) and _OPENS.search(before) is not None


def _start(text: str, name: Mention) -> int:
    """Where a title begins with the amount on its own line; an amount on a line above may be the total."""
    return name.title_at if "\n" in text[name.start : name.title_at] else name.start


def _of(name: Mention, line: Line) -> bool:
    """Whether a title can be a tranche's: its year, and its rate or that it floats."""
    if line.maturity is not None and line.maturity.year != name.year:
        return False
    if name.rate is not None:
        return name.rate == line.coupon
    return line.coupon is None if name.floating else True


def _identifiers(text: str, said: Sequence[Value], lines: Sequence[Line]) -> Check | None:
    """As many identifiers as tranches; ISINs of other countries count where no CUSIP is named."""
    isins = _isins(text)
    cusips = {isin[2:11] for isin in isins if isin.startswith("US")}
    for value in said:
        if value.label == "cusip":
            cusips |= {re.sub(r"\s", "", hit[1]) for hit in CUSIP.finditer(ISIN.sub(" ", value.words))}
    codes = cusips or isins
    if not codes:
        return None
    words = f"{len(codes)} identifiers, {len(lines)} tranches read"
    return Check("identifiers", len(codes) == len(lines), words) if len(codes) >= len(lines) else None


def _isins(text: str) -> set[str]:
    return {hit[1] for hit in ISIN.finditer(text) if sum(map(str.isdigit, hit[1])) > 3}


def more_identifiers(cover: str, tranches: int) -> list[str]:
    """A doubt when a prospectus's cover names more CUSIPs than tranches were read."""
    if not re.search("CUSIP", cover, re.IGNORECASE) or not tranches:
        return []
    codes = {isin[2:11] for isin in _isins(cover) if isin.startswith("US")}
    written = (re.sub(r"\s", "", hit[1]) for hit in CUSIP.finditer(ISIN.sub(" ", cover)))
    codes |= {code for code in written if re.search("[A-Z]", code)}
    return [f"the cover names {len(codes)} CUSIPs, {tranches} tranches were read"] if len(codes) > tranches else []


def _principals(said: Sequence[Value], lines: Sequence[Line]) -> Check | None:
    """Every principal beside a label is a tranche's or their sum."""
    read = {(line.currency, line.principal) for line in lines}
    for currency in {line.currency for line in lines}:
        read.add((currency, sum((line.principal or Decimal(0) for line in lines if line.currency == currency), Decimal(0))))
    strange = [each for each in _labelled_money(said) if each not in read]
    return Check("principals", False, f"{strange[0][0]} {strange[0][1]:,} is no tranche's that was read") if strange else None


def _labelled_money(said: Sequence[Value]) -> Iterator[tuple[str, Decimal]]:
    for value in said:
        hit = _MONEY.search(value.words) if value.label == "principal" else None
        if hit:
            yield prose.money(hit)


def _maturities(said: Sequence[Value], lines: Sequence[Line]) -> Check | None:
    """Every day beside a label of maturity is a tranche's."""
    days = {found for value in said if value.label == "maturity" and (found := day(value.words))}
    strange = sorted(days - {line.maturity for line in lines})
    return Check("maturities", False, f"no tranche read matures on {strange[0]}") if strange else None


def day(words: str) -> date | None:
    """The first full date in some words, in words or in American figures."""
    found = _DAY.search(words)
    figures = _FIGURES.match(words)
    try:
        if figures:
            return date(int(figures[3]), int(figures[1]), int(figures[2]))
        return prose.day(found[0]) if found else None
    except (Unreadable, ValueError):
        return None


def _listed(amounts: set[Decimal | None]) -> str:
    return " or ".join(f"{amount:,}" for amount in sorted(filter(None, amounts)))
