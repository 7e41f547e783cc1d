"""The figures of a table's rows, the heads that stand over them, and the day a head names. Pure.

Where heads and figures cannot be brought together without a guess they are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib import prose
from chalicelib.scrapers.bdc_discount.blocks import Cell
from chalicelib.scrapers.bdc_discount.candidate import Period, alike
from chalicelib.scrapers.bdc_discount.words import DAY, QUARTER, day_of, month_end, quarter_before, quarter_of

_FIGURE = re.compile(
    r"^\s*(?P<cur>US\$|C\$|A\$|[$€£¥])?\s*(?P<open>\()?\s*[$€£¥]?\s*(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*\)?"
    r"\s*(?P<tail>%|x|bps|million|billion|[MB]\b)?\s*(?:\([+-]?[\d.]+\s*%\)|\(?[\d*a-z]\)?|\*+)?\s*$"
)
_RANGE = re.compile(r"^\s*\$?\s*(?P<low>\d+\.\d+)\s*(?:-|to|and)\s*\$?\s*(?P<high>\d+\.\d+)\s*$", re.IGNORECASE)
CHANGE_HEAD = re.compile(
    r"\b(?:change|adjustments?|variance|var\.?|increase|decrease|growth|difference|qoq|q/q|yoy|y/y)\b|%|\u0394|\bq-o-q\b|\by-o-y\b|\bconsensus\b|\bstreet\b|\banalysts?\b|\bpeers?\b|\bbudget\b",
    re.IGNORECASE,
)
_YEARS = re.compile(r"^\s*(?:FY\s*)?(?P<year>(?:19|20)\d{2})\s*(?:\(?[a-z\d*]?\)?)\s*$")
_MONTH_YEAR = re.compile(
    rf"\b(?P<month>{prose.MONTH})\.?(?:[\s,'-]+(?P<year>20\d{{2}})|\s?['-]\s?(?P<short>\d{{2}}))\b", re.IGNORECASE
)
_PERIOD_WORDS = re.compile(
    rf"(?i:{DAY})|(?i:{QUARTER})|\b(?:19|20)\d{{2}}\b|\b(?:three|six|nine|twelve)\s+months|\b(?:quarter|year|period)\s+ended|\bas\s+of\b|\blow\b|\bhigh\b"
    rf"|{CHANGE_HEAD.pattern}|\b(?:current|prior|previous|actual|latest)\b|\b(?:this|last)\s+(?:quarter|period|year)\b|^\W*quarter\W*$|\byear[\s-]ago\b|\bas\s+(?:(?:previously|originally|initially)\s+)?(?:adjusted|reported|stated|restated|corrected|revised)\b|\badjustments?\b|\bGAAP\b|^\W*adjusted\W*$|\bper\s+share\b|\bclass\b|\bpro[\s-]?forma\b|\bestimate|\bQ[1-4]\b|\b(?:{prose.MONTH})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Value:
    """A figure of a row: one number, or a low and a high, and the columns it lies in."""

    low: Decimal
    high: Decimal | None
    first: int
    last: int
    currency: str
    words: str
    negative: bool = False


def split(row: Sequence[Cell]) -> tuple[str, list[Value]]:
    """A row's label and its figures; a currency sign in a cell of its own goes with the figure after it."""
    label: list[str] = []
    values: list[Value] = []
    sign, sign_at = "", 0
    for cell in row:
        if re.fullmatch(r"(?:US\$|C\$|A\$|[$€£¥])", cell.text):
            sign, sign_at = cell.text, cell.first
            continue
        value = _value(cell, sign, sign_at)
        if value is not None:
            values.append(value)
        elif not values and not re.fullmatch(r"[)%*\s-]+", cell.text):
            label.append(cell.text)
        sign = ""
    return " ".join(label), values


def _value(cell: Cell, sign: str, sign_at: int) -> Value | None:
    first = sign_at if sign else cell.first
    if pair := _RANGE.match(cell.text):
        return Value(Decimal(pair["low"]), Decimal(pair["high"]), first, cell.last, "USD", cell.text)
    found = _FIGURE.match(cell.text)
    if not found:
        return None
    shown = found["cur"] or sign or "$"
    amount = Decimal(found["digits"].replace(",", ""))
    negative = bool(found["open"] or found["tail"]) or (_YEARS.match(cell.text) is not None and not found["cur"] and not sign)
    return Value(amount, None, first, cell.last, prose.currency(shown), f"{sign}{cell.text}", negative)


def is_head(row: Sequence[Cell]) -> bool:
    """Whether a row heads columns: it names periods, and holds no figure but years."""
    if not row or not any(_PERIOD_WORDS.search(cell.text) for cell in row):
        return False
    return all(_FIGURE.match(cell.text) is None or _YEARS.match(cell.text) for cell in row)


def heads_over(rows: Sequence[Sequence[Cell]], first: int) -> list[Sequence[Cell]]:
    """The rows that head the columns from `first` on of the row after `rows`: the nearest block of them above it."""
    block: list[Sequence[Cell]] = []
    for row in reversed(rows):
        if is_head(row) and row[-1].last > first:
            block.append(row)
        elif (block and row and any(split(row)[1])) or (block and row and len(block) >= 3):
            break
    return block[::-1]


@dataclass(frozen=True)
class Column:
    """The heads over one column, joined from above."""

    text: str
    first: int
    last: int


def column_heads(heads: Sequence[Sequence[Cell]]) -> list[Column]:
    """One head for each cell of the lowest row of heads, with what spans it above."""
    if not heads:
        return []
    lowest = max(range(len(heads)), key=lambda at: (_parts_one_above(heads, at), _periods_in(heads[at]), at))
    columns = []
    spanned = _reaching_down(heads[:lowest], heads[lowest])
    for cell in sorted([*heads[lowest], *spanned], key=lambda each: each.first):
        if not _PERIOD_WORDS.search(cell.text) and not CHANGE_HEAD.search(cell.text):
            continue
        own = _dated(cell.text)
        above = [] if cell in spanned else heads[:lowest]
        over = [text for row in above if (text := _nearest(row, cell)) and not (own and _dated(text))]
        under = [other.text for row in heads[lowest + 1 :] for other in row if meets(other, cell)]
        columns.append(Column(" ".join([*over, cell.text, *under]), cell.first, cell.last))
    return columns


def _periods_in(row: Sequence[Cell]) -> int:
    return sum(bool(_PERIOD_WORDS.search(cell.text)) for cell in row)


def _parts_one_above(heads: Sequence[Sequence[Cell]], at: int) -> bool:
    """Whether all cells of a row name periods or ends of a range, and part one head of a row above."""
    row = heads[at]
    parts = any(sum(meets(cell, under) for under in row) > 1 for above in heads[:at] for cell in above)
    return parts and len(row) > 1 and _periods_in(row) == len(row)


def _reaching_down(above: Sequence[Sequence[Cell]], lowest: Sequence[Cell]) -> list[Cell]:
    """The heads of columns that the lowest row leaves out, in a row above it of which another head is parted below."""
    found = []
    for row in above:
        parted = [cell for cell in row if sum(meets(cell, under) for under in lowest) > 1]
        found += [
            cell for cell in row if parted and cell.first > lowest[0].first and not any(meets(cell, under) for under in lowest)
        ]
    return found


def _dated(text: str) -> bool:
    """Whether a head holds a whole date."""
    return any(re.search(r"\d{4}|/|-\d\d-", named) for named in re.findall(rf"(?i:{DAY})", text))


def meets(one: Cell, other: Cell | Value | Column) -> bool:
    """Whether two pieces of a table lie over one another."""
    return one.first < other.last and other.first < one.last


def _nearest(row: Sequence[Cell], cell: Cell) -> str:
    """What of a row of heads stands over `cell`: what spans it, else the only period the row names."""
    over = [each.text for each in row if meets(each, cell)]
    if over:
        return " ".join(over)
    named = [each.text for each in row if _PERIOD_WORDS.search(each.text)]
    return named[0] if len(named) == 1 else ""


def paired_with(values: Sequence[Value], columns: Sequence[Column]) -> list[tuple[Value, str]] | None:
    """Each figure with its column's head; None when they cannot be brought together without a guess."""
    if not columns:
        return [(values[0], "")] if len(values) == 1 else None
    if len(columns) == len(values):
        dated = all(_dated(column.text) and not of_two_days(column.text) for column in columns)
        if _crossed(values, columns) and not dated:
            return None
        return [(value, column.text) for value, column in zip(values, columns, strict=True)]
    paired = []
    for value in values:
        over = [column for column in columns if column.first < value.last and value.first < column.last]
        if len(over) == 1:
            paired.append((value, over[0].text))
    left = [value for value in values if all(value is not own for own, _ in paired)]
    if len({head for _, head in paired}) != len(paired) or any(alike(one.low, own.low) for one in left for own, _ in paired):
        return None
    return paired or None


def _crossed(values: Sequence[Value], columns: Sequence[Column]) -> bool:
    """Whether a head stands over another figure than the one its place in the row gives it, and not over that one."""
    return any(
        column.first < other.last and other.first < column.last and not (column.first < own.last and own.first < column.last)
        for own, column in zip(values, columns, strict=True)
        for other in values
        if other is not own
    )


def of_two_days(head: str) -> bool:
    """Whether a head names different days, and not as a period's first and last: then its figure could be of either."""
    named = list(re.finditer(rf"(?i:{DAY})", head))
    days = {day_of(found[0], None) for found in named if _dated(found[0])}
    spans = re.search(r"\b(?:to|through|thru|from)\b", head, re.IGNORECASE)
    return len(days) > 1 and not spans


def day_in(head: str, period: Period) -> date | None:
    """The day a head names: a full date, a month and a year apart, a quarter, or the end of a month."""
    text = re.sub(r"\((?:un)?audited\)|\(\w\)", " ", head, flags=re.IGNORECASE)
    named = re.search(rf"(?i:{DAY})", text)
    if named and _dated(named[0]):
        return day_of(named[0], period.released)
    year = re.search(r"\b((?:19|20)\d{2})\b", text)
    if named and year:
        return day_of(f"{named[0].rstrip(' ,')}, {year[1]}", period.released)
    if quarter := re.search(rf"(?i:{QUARTER})|\bQ[1-4]\b" if year else rf"(?i:{QUARTER})", text):
        return quarter_of(
            quarter[0] if re.search(r"\d{2}", quarter[0]) or not year else f"{quarter[0]} {year[1]}",
            period.year_end_month,
            period.released,
        )
    if (month := _MONTH_YEAR.search(text)) and (
        last := day_of(f"{month['month']} 1, 20{(month['year'] or month['short'])[-2:]}", None)
    ):
        return month_end(last.year, last.month)
    if (bare := re.fullmatch(r"\W*(Q[1-4])\W*", text)) and period.ended:
        last = quarter_of(bare[1], period.year_end_month, period.released)
        return last if last in (period.ended, quarter_before(period.ended, period.year_end_month)) else None
    if named and not year:
        return day_of(named[0], period.released)
    return None
