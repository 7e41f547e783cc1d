"""The second witness of a deal: the fee table of its filing, read from what was paid to the SEC for it.

Three forms: inline XBRL in EX-FILING FEES (taxonomy `ffd`, since 2024), the exhibit as an HTML table (2022 to 2025), and
"Calculation of Registration Fee" on the cover (before 2022). The cover of the prospectus decides; this agrees or disagrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

import lxml.html
from lxml import etree

from chalicelib import xbrl
from chalicelib.edgar import Part, Submission
from chalicelib.errors import Unreadable

_EXHIBITS = ("EX-FILING FEES", "EX-107")
_CAPTION = re.compile(
    rb"calculation\W+(?:nbsp;|#160;)?of\W+(?:nbsp;|#160;)?(?:the\W+(?:nbsp;|#160;)?)?(?:registration|filing)\W+(?:nbsp;|#160;)?fee",
    re.IGNORECASE,
)
_CAPTION_WITHIN = 60_000
_TABLE_WITHIN = 120_000
_MAX_EXHIBIT = 8_000_000


@dataclass(frozen=True)
class FeeRow:
    """One security of a fee table: `principal` and `offering` (price times principal) in dollars or, seldom, in its own currency.

    `price_pct` in per cent of principal. None: the table does not give it.
    """

    title: str
    security: str
    principal: Decimal | None
    price_pct: Decimal | None
    offering: Decimal | None


@dataclass(frozen=True)
class FeeTable:
    """A filing's fee table. `total` is the printed sum of offering amounts; `narrative` holds amounts its prose gives.

    The taxonomy's two narrative fields are often swapped, so which of them is the principal is not told.
    """

    source: Literal["fee-exhibit", "fee-table"]
    rows: tuple[FeeRow, ...]
    total: Decimal | None
    narrative: tuple[Decimal, ...] = ()
    words: str = field(default="", repr=False)


def read(submission: Submission) -> FeeTable | None:
    """The filing's fee table, None when it has none. Raises `Unreadable` when there is one that says nothing we understand."""
    exhibits = [part for part in submission.parts if part.type.upper() in _EXHIBITS]
    if len(exhibits) > 1:
        raise Unreadable(
            "two fee exhibits in one filing", where=exhibits[1].filename, evidence=str([e.filename for e in exhibits])
        )
    if exhibits:
        return _exhibit(submission, exhibits[0])
    text = submission.text(submission.main)
    caption = _CAPTION.search(text, 0, _CAPTION_WITHIN)
    if not caption:
        return None
    start = text.find(b"<", caption.end())
    return _html_table(text[start : start + _TABLE_WITHIN], "fee-table", "cover") if start >= 0 else None


def _exhibit(submission: Submission, part: Part) -> FeeTable:
    body = submission.text(part)
    if len(body) > _MAX_EXHIBIT:
        raise Unreadable("a fee exhibit larger than any real one", where=part.filename, evidence=f"{len(body)} bytes")
    if b"/ffd/" in body[:20_000] or b"ffd:" in body[:20_000]:
        return _inline(body, part)
    table = _html_table(body, "fee-exhibit", part.filename)
    if table is None:
        raise Unreadable("a fee exhibit without a fee table", where=part.filename, evidence=body[:500].decode("latin-1"))
    return table


def _inline(body: bytes, part: Part) -> FeeTable:
    """Facts joined by their context: titles, principals and prices stand in any order, some of them hidden."""
    facts = xbrl.read(body, names=[part.filename])
    rows: dict[xbrl.Context, dict[str, xbrl.Fact]] = {}
    for concept in (
        "OfferingSctyTitl",
        "OfferingSctyTp",
        "AmtSctiesRegd",
        "MaxOfferingPricPerScty",
        "MaxAggtOfferingPric",
        "PrevslyPdFlg",
    ):
        for fact in facts.named(concept, "ffd"):
            if not fact.context.members:
                continue
            if concept in rows.setdefault(fact.context, {}):
                raise Unreadable(
                    f"{concept} twice for one security", where=f"{part.filename} line {fact.line}", evidence=str(fact.value)
                )
            rows[fact.context][concept] = fact
    found = tuple(
        _inline_row(row)
        for row in rows.values()
        if not _paid_before(row) and ("OfferingSctyTitl" in row or "AmtSctiesRegd" in row)
    )
    totals = {fact.number for fact in facts.named("TtlOfferingAmt", "ffd") if fact.number is not None}
    if len(totals) > 1:
        raise Unreadable("two totals in one fee exhibit", where=part.filename, evidence=str(sorted(totals)))
    told = [*facts.named("NrrtvMaxAggtAmt", "ffd"), *facts.named("NrrtvMaxAggtOfferingPric", "ffd")]
    narrative = tuple(fact.number for fact in told if fact.number is not None)
    if not found and not totals and not narrative:
        raise Unreadable("a fee exhibit without amounts", where=part.filename, evidence=", ".join(facts.concepts())[:500])
    return FeeTable("fee-exhibit", found, totals.pop() if totals else None, narrative)


def _paid_before(row: Mapping[str, xbrl.Fact]) -> bool:
    """Whether a row tells of fees paid with an earlier filing."""
    flag = row.get("PrevslyPdFlg")
    return flag is not None and str(flag.value).lower() == "true"


def _inline_row(row: Mapping[str, xbrl.Fact]) -> FeeRow:
    def number(concept: str) -> Decimal | None:
        return row[concept].number if concept in row else None

    def text(concept: str) -> str:
        return " ".join(str(row[concept].value).split()) if concept in row else ""

    price = number("MaxOfferingPricPerScty")
    return FeeRow(
        title=text("OfferingSctyTitl"),
        security=text("OfferingSctyTp"),
        principal=number("AmtSctiesRegd"),
        price_pct=_per_cent(price),
        offering=number("MaxAggtOfferingPric"),
    )


def _per_cent(price: Decimal | None) -> Decimal | None:
    """A unit price as per cent of principal: tagged as 0.99636, 99.636 or, for a $1,000 note, 996.36."""
    if price is None:
        return None
    for low, high, factor in ((Decimal("0.2"), Decimal("1.6"), 100), (Decimal(20), Decimal(160), 1)):
        if low <= price <= high:
            return price * factor
    return price / 10 if Decimal(200) <= price <= Decimal(1600) else None


_NUMBER = re.compile(r"[$€£¥]?\s*(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*(%?)")
_FOOTNOTES = re.compile(r"\(\s*\d{1,2}\s*\)|\b(?:rule\s+)?4(?:57|56)\s*\([a-z]\)(?:\s*\(\d\))?", re.IGNORECASE)
_DUE = re.compile(r"\bdue\s+(?:[a-z]+\s+)?\d|\bnotes?\b|\bdebentures?\b|\bbonds?\b|\bdebt\s+securities\b", re.IGNORECASE)
_TOTAL = re.compile(r"^\s*(?:total(?:\s+offering\s+amounts?)?)\s*:?\s*$", re.IGNORECASE)
_HEADS = re.compile(r"amount\s*to\s*be\s*registered|maximum\s*aggregate|amount\s*registered|aggregate\s*offering", re.IGNORECASE)


def _html_table(body: bytes, source: Literal["fee-exhibit", "fee-table"], where: str) -> FeeTable | None:
    """A printed fee table: the first one after the caption whose heads are a fee table's."""
    try:
        root = lxml.html.fromstring(body, parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.ParserError, ValueError) as error:
        raise Unreadable(f"fee table: {error}", where=where, evidence=body[:300].decode("latin-1")) from error
    for table in root.iter("table"):
        lines = list(_lines(table))
        if _HEADS.search(" ".join(" ".join(cells) for cells in lines[:6])):
            return _printed(lines, source, where)
    return None


def _lines(table: lxml.html.HtmlElement) -> Iterator[list[str]]:
    """The words of each row's cells, empty cells left out."""
    for row in table.iter("tr"):
        cells = [" ".join(str(cell.text_content()).replace("\u200b", "").split()) for cell in row if cell.tag in ("td", "th")]
        cells = [cell for cell in cells if cell]
        if cells:
            yield cells


def _printed(lines: Sequence[Sequence[str]], source: Literal["fee-exhibit", "fee-table"], where: str) -> FeeTable:
    rows: list[FeeRow] = []
    total: Decimal | None = None
    for cells in lines:
        at = next((n for n, cell in enumerate(cells) if _TOTAL.match(cell)), None)
        if at is not None:
            amounts, _ = _amounts(cells[at + 1 :])
            if total is None and amounts:
                total = amounts[0] if source == "fee-exhibit" else _offering(amounts)[1]
            continue
        titled = next(
            (n for n, cell in enumerate(cells) if len(cell) < 300 and _DUE.search(cell) and not _HEADS.search(cell)), None
        )
        if titled is None or re.search(r"(?i)carry\s*forward|title\s+of\s+each|security\s*class", " ".join(cells)):
            continue
        amounts, price = _amounts(cells[titled + 1 :])
        if not amounts:
            continue
        principal, offering = _offering(amounts)
        rows.append(FeeRow(cells[titled], cells[titled - 1] if titled else "", principal, price, offering))
    if not rows:
        raise Unreadable("a fee table without a row of debt", where=where, evidence=str(lines)[:500])
    return FeeTable(source, tuple(rows), total)


def _amounts(cells: Sequence[str]) -> tuple[list[Decimal], Decimal | None]:
    """The large amounts of a row in order, and its price in per cent."""
    amounts: list[Decimal] = []
    price: Decimal | None = None
    for digits, percent in _NUMBER.findall(_FOOTNOTES.sub(" ", " | ".join(cells)).replace("| %", "%").replace("$ | ", "$")):
        try:
            value = Decimal(digits.replace(",", ""))
        except InvalidOperation as error:
            raise Unreadable("a number that is none", where="fee table", evidence=digits) from error
        if percent or (amounts and price is None and Decimal(20) <= value <= Decimal(160)):
            price = value if price is None and Decimal(20) <= value <= Decimal(160) else price
        elif value >= 1 and not (len(amounts) == 1 and value <= 1000):
            amounts.append(value)
    return amounts, price


def _offering(amounts: Sequence[Decimal]) -> tuple[Decimal | None, Decimal | None]:
    """Principal and offering price of a row's amounts; the last is the fee, some thousandth of the offering price."""
    body = [value for value in amounts if value * 200 >= max(amounts)]
    if not body or len(body) > 2:
        return None, None
    return (body[0], body[1]) if len(body) == 2 else (None, body[0])
