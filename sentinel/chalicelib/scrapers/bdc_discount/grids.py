"""Net asset value per share in tables: the row or the column that holds it, and which day each of its figures is of.

A figure takes its day from the heads above its column; when heads and figures cannot be brought together, none is taken. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib import prose
from chalicelib.scrapers.bdc_discount.blocks import Cell, Grid
from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST, Candidate, Dated, Kind, Period
from chalicelib.scrapers.bdc_discount.words import (
    CLASS_NAME,
    DAY,
    NAV_PER_SHARE,
    PRELIMINARY,
    PRO_FORMA_WORDS,
    QUARTER,
    day_of,
    month_end,
    quarter_of,
)

_NAV_LABEL = re.compile(NAV_PER_SHARE, re.IGNORECASE)
_NAV_SHORT = re.compile(
    r"^(?:ending\s+|closing\s+)?(?:net\s+asset\s+value|net\s+assets|NAV)\b(?:\s*\(\"?NAV\"?\))?", re.IGNORECASE
)
_NOT_NAV = re.compile(
    r"beginning|start\s+of|prior\s+period|total\s+net\s+assets|change|increase|decrease|growth|resulting|price|premium|discount|return|income|dividend"
    r"|distribution|market\s+value|%|percent|ratio|average|accretion|dilution|issu(?:ance|ed)|repurchase|thousand|million|earnings|based\s+on|yield"
    r"|multiple|\bx\b|/\s*NAV|to\s+NAV",
    re.IGNORECASE,
)
_PER_SHARE = re.compile(
    r"^(?!.*\b(?:except|excluding|other\s+than)\b).*(?:\bper\s+(?:common\s+)?(?:share|unit)\b|per-share)",
    re.IGNORECASE | re.DOTALL,
)
_SCALE = re.compile(r"\bin\s+(?:\S+\s+)?(?:thousands|millions|billions)\b|\$?000'?s", re.IGNORECASE)
_REACH = 300
"""How many rows above a figure its heads may stand."""
_NEAR = 500
"""How much of the text above a table can say that its figures are per share, in characters."""
_FIGURE = re.compile(
    r"^\s*(?P<cur>US\$|C\$|A\$|[$€£¥])?\s*(?P<open>\()?\s*[$€£¥]?\s*(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*\)?"
    r"\s*(?P<tail>%|x|bps|million|billion|[MB]\b)?\s*(?:\([+-]?[\d.]+\s*%\)|\(?[\d*a-z]\)?|\*+)?\s*$"
)
_RANGE = re.compile(r"^\s*\$?\s*(?P<low>\d+\.\d+)\s*(?:-|to|and)\s*\$?\s*(?P<high>\d+\.\d+)\s*$", re.IGNORECASE)
_CHANGE_HEAD = re.compile(
    r"\b(?:change|variance|var\.?|increase|decrease|growth|difference|qoq|q/q|yoy|y/y)\b|%|\u0394|\bq-o-q\b|\by-o-y\b",
    re.IGNORECASE,
)
_EARLIER = re.compile(r"\b(?:prior|previous|preceding|year[\s-]ago)\b", re.IGNORECASE)
_YEARS = re.compile(r"^\s*(?:FY\s*)?(?P<year>(?:19|20)\d{2})\s*(?:\(?[a-z\d*]?\)?)\s*$")
_MONTH_YEAR = re.compile(
    rf"\b(?P<month>{prose.MONTH})\.?(?:[\s,'-]+(?P<year>20\d{{2}})|\s?['-]\s?(?P<short>\d{{2}}))\b", re.IGNORECASE
)
_PERIOD_WORDS = re.compile(
    rf"(?i:{DAY})|(?i:{QUARTER})|\b(?:19|20)\d{{2}}\b|\b(?:three|six|nine|twelve)\s+months|\b(?:quarter|year|period)\s+ended|\bas\s+of\b|\blow\b|\bhigh\b"
    rf"|{_CHANGE_HEAD.pattern}|\b(?:current|prior|previous|actual|latest)\b|\bthis\s+(?:quarter|period)\b|\bas\s+(?:adjusted|reported)\b|\bGAAP\b|^\W*adjusted\W*$|\bper\s+share\b|\bclass\b|\bpro[\s-]?forma\b|\bestimate|\b(?:{prose.MONTH})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Value:
    """A figure of a row: one number, or a low and a high, and the columns it lies in."""

    low: Decimal
    high: Decimal | None
    first: int
    last: int
    currency: str
    words: str
    negative: bool = False


def is_nav_row(row: Sequence[Cell]) -> bool:
    """Whether a row names net asset value or net assets in any of its cells."""
    return any(_NAV_LABEL.search(cell.text) or _NAV_SHORT.search(cell.text) for cell in row)


def only_heads(grid: Grid) -> bool:
    """Whether a table holds nothing but the heads of the table under it."""
    return any(_is_head(row) for row in grid.rows) and not any(_split(row)[1] for row in grid.rows if not _is_head(row))


def read_grid(grid: Grid, period: Period, before: str = "", offset: int = 0) -> list[Candidate]:
    """The candidates of a table. `before` is the text that stands right above it."""
    found: list[Candidate] = []
    section, classes = _captioned(grid, before), ""
    for number, row in enumerate(grid.rows):
        label, values = _split(row)
        if not values:
            classes = label if _is_nav(label, "") else ""
        elif classes and CLASS_NAME.fullmatch(
            re.sub(r"\s+(?:common\s+)?(?:shares?|stock|units?)$", "", label, flags=re.IGNORECASE)
        ):
            label = f"{classes} {label}"
        if not values:
            section = label if _PER_SHARE.search(label) else ("" if label and not _is_head(row) else section)
            continue
        if label and _is_nav(label, section):
            found += _row_candidates(grid.rows[max(0, number - _REACH) : number], row, label, values, period, before, offset)
        elif label and _is_nav(label, "per share"):
            heads = _heads(grid.rows[max(0, number - _REACH) : number], values[0].first)
            own = [value for value, head in _pair(values, _column_heads(heads)) or () if _PER_SHARE.search(head)]
            found += _row_candidates(heads, row, label, own, period, before, offset) if own else ()
    return found or _columns(grid, period, before, offset)


def _captioned(grid: Grid, before: str) -> str:
    """The text above a table when it says that its figures are per share, and no row of the table says so of its own."""
    own = any(_NAV_LABEL.search(cell.text) or _SCALE.search(cell.text) for row in grid.rows for cell in row)
    return before if _PER_SHARE.search(before[-_NEAR:]) and not own else ""


def _is_nav(label: str, section: str) -> bool:
    if _NAV_LABEL.search(label):
        rest = _NAV_LABEL.sub(" ", label)
        return not _NOT_NAV.search(rest.replace("end of period", ""))
    short = _NAV_SHORT.search(label)
    return bool(short and section and not _NOT_NAV.search(label))


def _split(row: Sequence[Cell]) -> tuple[str, list[_Value]]:
    """A row's label and its figures; a currency sign in a cell of its own goes with the figure after it."""
    label: list[str] = []
    values: list[_Value] = []
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


def _value(cell: Cell, sign: str, sign_at: int) -> _Value | None:
    first = sign_at if sign else cell.first
    if pair := _RANGE.match(cell.text):
        return _Value(Decimal(pair["low"]), Decimal(pair["high"]), first, cell.last, "USD", cell.text)
    found = _FIGURE.match(cell.text)
    if not found:
        return None
    shown = found["cur"] or sign or "$"
    amount = Decimal(found["digits"].replace(",", ""))
    negative = bool(found["open"] or found["tail"]) or (_YEARS.match(cell.text) is not None and not found["cur"] and not sign)
    return _Value(amount, None, first, cell.last, prose.currency(shown), f"{sign}{cell.text}", negative)


def _is_head(row: Sequence[Cell]) -> bool:
    """Whether a row heads columns: it names periods, and holds no figure but years."""
    if not row or not any(_PERIOD_WORDS.search(cell.text) for cell in row):
        return False
    return all(_FIGURE.match(cell.text) is None or _YEARS.match(cell.text) for cell in row)


def _heads(rows: Sequence[Sequence[Cell]], first: int) -> list[Sequence[Cell]]:
    """The rows that head the columns from `first` on of the row after `rows`: the nearest block of them above it."""
    block: list[Sequence[Cell]] = []
    for row in reversed(rows):
        if _is_head(row) and row[-1].last > first:
            block.append(row)
        elif (block and row and any(_split(row)[1])) or (block and row and len(block) >= 3):
            break
    return block[::-1]


@dataclass(frozen=True)
class _Column:
    """The heads over one column, joined from above."""

    text: str
    first: int
    last: int


def _column_heads(heads: Sequence[Sequence[Cell]]) -> list[_Column]:
    """One head for each cell of the lowest row of heads, with what spans it above."""
    if not heads:
        return []
    lowest = max(range(len(heads)), key=lambda at: (sum(bool(_PERIOD_WORDS.search(cell.text)) for cell in heads[at]), at))
    columns = []
    for cell in heads[lowest]:
        if not _PERIOD_WORDS.search(cell.text) and not _CHANGE_HEAD.search(cell.text):
            continue
        own = _dated(cell.text)
        over = [text for row in heads[:lowest] if (text := _nearest(row, cell)) and not (own and _dated(text))]
        under = [other.text for row in heads[lowest + 1 :] for other in row if _meets(other, cell)]
        columns.append(_Column(" ".join([*over, cell.text, *under]), cell.first, cell.last))
    return columns


def _dated(text: str) -> bool:
    """Whether a head holds a whole date."""
    return any(re.search(r"\d{4}|/|-\d\d-", named) for named in re.findall(rf"(?i:{DAY})", text))


def _meets(one: Cell, other: Cell | _Value | _Column) -> bool:
    return one.first < other.last and other.first < one.last


def _nearest(row: Sequence[Cell], cell: Cell) -> str:
    """What of a row of heads stands over `cell`: what spans it, else the only period the row names."""
    over = [each.text for each in row if _meets(each, cell)]
    if over:
        return " ".join(over)
    named = [each.text for each in row if _PERIOD_WORDS.search(each.text)]
    return named[0] if len(named) == 1 else ""


def _row_candidates(
    above: Sequence[Sequence[Cell]],
    row: Sequence[Cell],
    label: str,
    values: Sequence[_Value],
    period: Period,
    before: str,
    offset: int,
) -> Iterator[Candidate]:
    columns = _column_heads(_heads(above, values[0].first))
    paired = _pair(values, columns)
    words = " | ".join([cell.text for cell in row])
    if paired is None:
        return
    lows = [value for value, head in paired if re.search(r"\blow\b", head, re.IGNORECASE)]
    highs = [value for value, head in paired if re.search(r"\bhigh\b", head, re.IGNORECASE)]
    if len(lows) == len(highs) == 1:
        joined = _Value(lows[0].low, highs[0].low, lows[0].first, highs[0].last, lows[0].currency, "")
        day = _day(label, period) or next((day for _, head in paired if (day := _day(head, period))), None)
        yield from _made(joined, day, f"{label} {before[-_NEAR:]} preliminary", label, words, period, offset)
        return
    for value, head in paired:
        if not _CHANGE_HEAD.search(re.sub(DAY, "", head)) and not value.negative:
            day = _day(head, period) or _day(label, period)
            if day is None and (_EARLIER.search(head) or _of_another_year(head, period)):
                continue
            yield from _made(
                value, day, f"{label} {head}", f"{label} {head}", f"{words} [{head}]" if head else words, period, offset
            )


def _of_another_year(head: str, period: Period) -> bool:
    """Whether a head names years, and the period's is not among them."""
    years = re.findall(r"\b(?:19|20)\d{2}\b", head)
    return bool(years and period.ended and str(period.ended.year) not in years)


def _pair(values: Sequence[_Value], columns: Sequence[_Column]) -> list[tuple[_Value, str]] | None:
    """Each figure with its column's head; None when they cannot be brought together without a guess."""
    if not columns:
        return [(values[0], "")] if len(values) == 1 else None
    if len(columns) == len(values):
        return [(value, column.text) for value, column in zip(values, columns, strict=True)]
    paired = []
    for value in values:
        over = [column for column in columns if column.first < value.last and value.first < column.last]
        if len(over) == 1:
            paired.append((value, over[0].text))
    if len({head for _, head in paired}) != len(paired):
        return None
    return paired or None


def _day(head: str, period: Period) -> date | None:
    """The day a head names: a full date, a month and a year apart, a quarter, or the end of a month."""
    text = re.sub(r"\((?:un)?audited\)|\(\w\)", " ", head, flags=re.IGNORECASE)
    named = re.search(rf"(?i:{DAY})", text)
    if named and _dated(named[0]):
        return day_of(named[0], period.released)
    year = re.search(r"\b((?:19|20)\d{2})\b", text)
    if named and year:
        return day_of(f"{named[0].rstrip(' ,')}, {year[1]}", period.released)
    if quarter := re.search(rf"(?i:{QUARTER})", text):
        return quarter_of(
            quarter[0] if re.search(r"\d{2}", quarter[0]) or not year else f"{quarter[0]} {year[1]}",
            period.year_end_month,
            period.released,
        )
    if (month := _MONTH_YEAR.search(text)) and (
        last := day_of(f"{month['month']} 1, 20{(month['year'] or month['short'])[-2:]}", None)
    ):
        return month_end(last.year, last.month)
    if named and not year:
        return day_of(named[0], period.released)
    return None


def _made(
    value: _Value, day: date | None, kind_words: str, class_words: str, words: str, period: Period, offset: int
) -> Iterator[Candidate]:
    if not LEAST <= value.low <= MOST:
        return
    as_of = day or period.ended
    dated: Dated = "stated" if day else ("period" if as_of else "none")
    kind: Kind = "final"
    early = as_of is None or period.ended is None or as_of >= period.ended
    if PRO_FORMA_WORDS.search(kind_words):
        kind = "pro-forma"
    elif value.high is not None or (early and (period.preliminary or PRELIMINARY.search(kind_words))):
        kind = "preliminary-range"
    ranged = kind == "preliminary-range"
    named = CLASS_NAME.search(class_words)
    yield Candidate(
        value=None if ranged else value.low,
        low=value.low if ranged else None,
        high=(value.high or value.low) if ranged else None,
        as_of=as_of,
        kind=kind,
        role="current",
        dated=dated,
        words=words[:600],
        offset=offset,
        where="table",
        currency=value.currency,
        share_class=named[1] if named else "",
    )


def _columns(grid: Grid, period: Period, before: str, offset: int) -> list[Candidate]:
    """A table whose column is NAV per share and whose rows are days or share classes."""
    found: list[Candidate] = []
    undated: list[tuple[_Value, str]] = []
    head: Cell | None = None
    for row in grid.rows:
        label, values = _split(row)
        named = [cell for cell in row if _is_nav(cell.text, _captioned(grid, before))]
        if len(named) == 1 and not values and (len(row) > 1 or row[0].first > 0):
            head = named[0]
        elif head and values:
            under = [value for value in values if _meets(head, value) and not value.negative]
            day, fund_class = _day(label, period), CLASS_NAME.search(label)
            words = f"{' | '.join(cell.text for cell in row)} [{head.text}]"
            if len(under) == 1 and not (day or fund_class):
                undated.append((under[0], words))
            elif len(under) == 1:
                found += _made(under[0], day or _day(head.text, period), f"{label} {head.text}", label, words, period, offset)
    if head and not found and len(undated) == 1 and len(grid.rows) == 2:
        found += _made(undated[0][0], _day(head.text, period), head.text, "", undated[0][1], period, offset)
    return found
