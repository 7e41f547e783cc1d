"""Pricing supplements of medium-term notes: `Principal Amount: $500,000,000`, a label and its value, no title to read.

Each label must give one value; a label that gives two different ones gives none, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from chalicelib import prose
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bond_issuance import terms
from chalicelib.scrapers.bond_issuance.terms import Floating

_GAP = r"\s*(?:\([^)\n]{0,60}\)\s*)?(?:[:.\t\n]\s*)+(?:[\t\n]|\s)*"
_START = r"(?:^|[\t\n]|\s{2})[^\w\t\n]*(?:\d{1,2}\.\s*)?"
_WORD = r"(?<![\w(])(?![A-Z]{3})[A-Z][A-Za-z/’'-]*"  # noqa: RUF001  printed apostrophes
_CAPITALS = re.compile(
    rf"Spread\s\((?:\+/-|Plus\sor\sMinus)\):|(?:{_WORD}\s(?:(?:of|to|for|or)\s)?){{0,6}}(?!Spread\b){_WORD}(?:\s?\([^()\n\t]{{1,40}}\))?\s?:\s"
)
_SUM = re.compile(
    rf"{_START}(?:(?:aggregate|initial|total)\s+)*(?:(?:principal|face)\s+amount|issue\s+size)(?:\s+of\s+(?:the\s+)?(?:notes|securities))?(?:\s+(?:offered|being\s+offered))?"
    rf"{_GAP}(?:{prose.MONEY}|(?P<bare>\d{{1,3}}(?:,\d{{3}}){{2,}}(?:\.\d\d)?))",
    re.IGNORECASE,
)
_MATURITY = re.compile(
    rf"{_START}(?:(?:stated|scheduled|final)\s+)?maturity(?:\s+date)?{_GAP}(?:the\s+notes\s+will\s+mature\s+on\s+)?(?P<day>{prose.DATE}|\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}})",
    re.IGNORECASE,
)
_RATE = re.compile(
    rf"{_START}(?:(?:fixed\s+|initial\s+)?interest\s+rate(?:\s+(?:during|for)\s+(?:the\s+)?fixed[\s-]+rate\s+period)?|fixed\s+rate\s+period\s+interest\s+rate|coupon(?:\s+rate)?|rate\s+of\s+interest|fixed\s+rate|interest)(?:\s+per\s+(?:annum|year))?{_GAP}(?:fixed\s+rate[:\s,]+)?"
    rf"(?P<rate>{prose.RATE})\s*%",
    re.IGNORECASE,
)
_PRICE = re.compile(
    rf"{_START}(?:(?:initial\s+)?(?:public\s+)?offering\s+price|issue\s+price|price\s+to\s+(?:the\s+)?public){_GAP}(?P<price>{prose.RATE})\s*%",
    re.IGNORECASE,
)
_PRICE_SAID = re.compile(rf"\boffering\s+price\s+of\s+(?P<price>{prose.RATE})\s*%", re.IGNORECASE)
_CURRENCY = re.compile(rf"{_START}specified\s+currency{_GAP}(?P<name>[^\n\t]{{2,40}})", re.IGNORECASE)
_BASIS = re.compile(
    rf"{_START}(?:base\s+rate|(?:initial\s+)?(?:interest|floating)\s+rate\s+basis(?:\(es\))?|index|benchmark(?:\s+rate)?|floating\s+rate\s+index){_GAP}(?P<name>[^\n\t]{{2,60}})",
    re.IGNORECASE,
)
_TENOR = re.compile(rf"{_START}index\s+maturity{_GAP}(?P<name>[\w-]+\s*(?:-\s*)?months?)", re.IGNORECASE)
_SPREAD = re.compile(
    rf"{_START}(?:spread|margin)(?:\s+\(?(?:plus\s+or\s+minus|\+/-)\)?)?{_GAP}(?P<sign>plus|minus|[+-])?\s*(?P<spread>{prose.RATE})\s*(?P<unit>%|basis\s+points?|bps?\b)",
    re.IGNORECASE,
)
_NAMES = {
    "dollar": "USD",
    "u.s": "USD",
    "usd": "USD",
    "euro": "EUR",
    "eur": "EUR",
    "sterling": "GBP",
    "gbp": "GBP",
    "yen": "JPY",
    "jpy": "JPY",
    "swiss": "CHF",
    "chf": "CHF",
}

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Labels:
    """What the labels say; None where one is missing or says two things. `at` is where the principal stands."""

    currency: str | None
    principal: Decimal | None
    maturity: date | None
    maturity_at: int
    coupon: Decimal | None
    floating: Floating | None
    price: Decimal | None
    words: str
    at: int
    doubts: tuple[str, ...]


def read(text: str, start: int, stop: int) -> Labels:
    """The labelled terms between `start` and `stop`."""
    stretch = _parted(f"\n{text[start:stop]}")
    doubts: list[str] = []
    money = _only(stretch, _SUM, _money, "principal amount", doubts)
    day = _only(stretch, _MATURITY, lambda hit: _day(hit["day"]), "maturity", doubts)
    coupon = _only(stretch, _RATE, lambda hit: prose.rate(hit["rate"]), "interest rate", doubts)
    said = _PRICE if _PRICE.search(stretch) else _PRICE_SAID
    price = _only(stretch, said, lambda hit: prose.rate(hit["price"]), "price", doubts)
    currency, principal = money[0] if money else (None, None)
    named = _CURRENCY.search(stretch)
    if named:
        currency = next((code for word, code in _NAMES.items() if word in named["name"].lower()), currency)
    at = start + money[1].start() - 1 if money else start
    return Labels(
        currency=currency,
        principal=principal,
        maturity=day[0] if day else None,
        maturity_at=start + day[1].start("day") - 1 if day else start,
        coupon=coupon[0] if coupon else None,
        floating=_floating(stretch),
        price=price[0] if price else None,
        words=" ".join(money[1][0].split()) if money else "",
        at=at,
        doubts=tuple(doubts),
    )


_PARTED = re.compile(r"([$€£¥])[ \t]+(?=\d)")
_SIGNED = re.compile(r"[ \t]+(%)")
_DATED = re.compile(rf"\b\d{{1,2}}/\d{{1,2}}/\d{{4}}\b|{prose.DATE}")
_AMOUNT = re.compile(r"[$€£¥]?\s?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?")


def _parted(stretch: str) -> str:
    """The stretch with a line's end for the blank before each label that follows a value: `… $400,000,000 Net Proceeds: …`."""
    ends = [hit.start() - 1 for hit in _CAPITALS.finditer(stretch) if re.match(r"\S ", stretch[max(0, hit.start() - 2) :])]
    letters = list(stretch)
    for end in ends:
        letters[end] = "\n"
    return "".join(letters)


def blocks(text: str, start: int, stop: int) -> list[Labels]:
    """The labelled terms of several notes below each other: a block begins where the first of the labels comes round again.

    Empty when the labels speak of one note, or a block lacks its principal or maturity.
    """
    stretch = f"\n{text[start:stop]}"
    hits = sorted(
        (hit.start(), kind) for kind, label in enumerate((_SUM, _MATURITY, _RATE, _PRICE)) for hit in label.finditer(stretch)
    )
    begins = [at for at, kind in hits if kind == hits[0][1]]
    if len(begins) < 2:
        return []
    ends = [*begins[1:], len(stretch)]
    found = [read(text, start + max(0, at - 1), start + end - 1) for at, end in zip(begins, ends, strict=True)]
    return found if all(each.principal is not None and each.maturity is not None for each in found) else []


_COMMISSION = re.compile(
    rf"{_START}[^\n\t%]{{0,40}}(?:commission|discount|concession)[^\n\t%]{{0,40}}{_GAP}(?P<rate>{prose.RATE})\s*%", re.IGNORECASE
)
_NET = re.compile(
    rf"{_START}(?:net\s+)?proceeds[^\n\t%$]{{0,60}}{_GAP}(?:(?P<rate>{prose.RATE})\s*%\s*/?\s*)?(?:\(?\s*{prose.MONEY})?",
    re.IGNORECASE,
)


def net_doubts(stretch: str, principal: Decimal | None, price: Decimal | None) -> list[str]:
    """What does not fit when price less commission, net price and net proceeds are labelled beside each other."""
    net, less = _NET.search(f"\n{stretch}"), _COMMISSION.search(f"\n{stretch}")
    if net is None or price is None:
        return []
    share = prose.rate_or_none(net["rate"]) if net["rate"] else None
    taken = prose.rate_or_none(less["rate"]) if less else None
    expected = price - taken if taken is not None and taken < price else None
    doubts = []
    if share is not None and expected is not None and share != expected:
        doubts.append(f"net price {share}%, price less commission {expected}%")
    rate = share if share is not None else expected
    if rate is not None and principal is not None and net["cur"]:
        proceeds = prose.money(net)[1]
        if abs(proceeds - principal * rate / 100) > max(Decimal(1), principal / 200_000):
            doubts.append(f"net proceeds {proceeds:,} are not {rate}% of {principal:,}")
    return doubts


_COLUMNS = {
    "principal": re.compile(r"(?:aggregate\s+)?principal\s+amount|face\s+amount", re.IGNORECASE),
    "maturity": re.compile(r"(?:stated\s+|final\s+)?maturity(?:\s+date)?|stated\s+maturity", re.IGNORECASE),
    "coupon": re.compile(r"(?:coupon|interest)\s+rate|coupon", re.IGNORECASE),
    "price": re.compile(r"selling\s+price|issue\s+price|price\s+to\s+public|public\s+offering\s+price", re.IGNORECASE),
}


def table(text: str, start: int, stop: int) -> tuple[list[Labels], list[str]]:
    """The rows of a table that has the labels as heads of its columns, one tranche a row; none without such a table.

    The second list tells of rows that look like a tranche's and could not be read, and of sums that do not fit.
    """
    found: list[Labels] = []
    doubts: list[str] = []
    columns: dict[str, int] = {}
    wide = 0
    place = start
    for line in text[start:stop].split("\n"):
        joined = _SIGNED.sub(r"\1", _PARTED.sub(r"\1", line))
        cells = [cell.strip() for cell in joined.split("\t") if cell.strip()]
        heads = {name: at for name, head in _COLUMNS.items() for at, cell in enumerate(cells) if head.fullmatch(cell)}
        if {"principal", "maturity", "coupon"} <= heads.keys():
            columns, wide = heads, len(cells)
        elif columns and len(cells) == wide:
            row = _row(cells, columns, place, " ".join(line.split()))
            found += [row] if row else []
            doubts += _unfit(cells, row)
        elif columns and len(cells) > wide // 2 and _DATED.search(joined):
            doubts.append(f"a row of the table is not complete: {' '.join(line.split())[:120]!r}")
        place += len(line) + 1
    return found, doubts


def _unfit(cells: list[str], row: Labels | None) -> list[str]:
    """What is wrong with a row of full width: no tranche in it, or net proceeds that are not price less concession."""
    if row is None:
        return [f"a row of the table is no tranche: {' '.join(cells)[:120]!r}"] if _DATED.search(" ".join(cells)) else []
    if row.principal is None or row.price is None:
        return []
    rates = [prose.rate_or_none(cell[:-1]) for cell in cells if cell.endswith("%")]
    sums = [Decimal(cell.lstrip("$€£¥ ").replace(",", "")) for cell in cells if _AMOUNT.fullmatch(cell)]
    nets = [row.principal * (row.price - rate) / 100 for rate in rates if rate is not None and rate < row.price / 2]
    others = [value for value in sums if value != row.principal and value * 2 > row.principal]
    fits = not others or not nets or any(abs(net - value) <= 1 for net in nets for value in others)
    return [] if fits else [f"net proceeds are not principal at price less concession: {row.words[:120]!r}"]


def _row(cells: list[str], columns: dict[str, int], place: int, words: str) -> Labels | None:
    """A row of the table, None for a line that is no tranche."""
    amount = re.fullmatch(rf"(?:{prose.MONEY}|(?P<bare>\d{{1,3}}(?:,\d{{3}}){{1,}}(?:\.\d\d)?))", cells[columns["principal"]])
    rate = re.fullmatch(rf"({prose.RATE})\s*%", cells[columns["coupon"]])
    if not amount or not rate:
        return None
    priced = re.fullmatch(rf"({prose.RATE})\s*%", cells[columns["price"]]) if "price" in columns else None
    currency, principal = _money(amount)
    return Labels(
        currency=currency or "USD",
        principal=principal,
        maturity=_day(cells[columns["maturity"]]),
        maturity_at=place,
        coupon=prose.rate(rate[1]),
        floating=None,
        price=prose.rate(priced[1]) if priced else None,
        words=words,
        at=place,
        doubts=(),
    )


def _only(
    stretch: str, pattern: re.Pattern[str], value: Callable[[re.Match[str]], _Value], name: str, doubts: list[str]
) -> tuple[_Value, re.Match[str]] | None:
    """The one value a label has in the stretch."""
    found: dict[_Value, re.Match[str]] = {}
    for hit in pattern.finditer(stretch):
        try:
            found.setdefault(value(hit), hit)
        except Unreadable as error:
            doubts.append(f"{name}: {error}")
    if len(found) > 1:
        doubts.append(f"{name}: {' or '.join(str(each) for each in found)}")
    return next(iter(found.items())) if len(found) == 1 else None


def _money(hit: re.Match[str]) -> tuple[str | None, Decimal]:
    if hit["bare"]:
        return None, Decimal(hit["bare"].replace(",", ""))
    return prose.money(hit)


def _day(text: str) -> date:
    """A date in words or as American figures, `05/16/2013`."""
    figures = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text)
    if not figures:
        return prose.day(text)
    try:
        return date(int(figures[3]), int(figures[1]), int(figures[2]))
    except ValueError as error:
        raise Unreadable(f"{text!r} is no date", evidence=text) from error


def _floating(stretch: str) -> Floating | None:
    """The labelled index and spread of a floating-rate note; the spread None where it is blank."""
    basis, spread, tenor = _BASIS.search(stretch), _SPREAD.search(stretch), _TENOR.search(stretch)
    if not basis:
        return None
    points = prose.rate_or_none(spread["spread"]) if spread else None
    bps = None
    if spread and points is not None:
        bps = points * (100 if spread["unit"] == "%" else 1)
        bps = (-bps if (spread["sign"] or "").lower() in ("-", "minus") else bps).normalize() + 0
    name = terms.index_name(f"{tenor['name']} {basis['name']}" if tenor else basis["name"])
    return Floating(name, bps) if name else None
