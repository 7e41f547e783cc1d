"""Net asset value per share in tables: the row or the column that holds it, and which day each of its figures is of.

A figure takes its day from the heads above its column; when heads and figures cannot be brought together, none is taken. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from chalicelib.scrapers.bdc_discount.blocks import Cell, Grid
from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST, Candidate, Dated, Kind, Period, alike
from chalicelib.scrapers.bdc_discount.columns import (
    CHANGE_HEAD,
    Column,
    Value,
    column_heads,
    day_in,
    heads_over,
    is_head,
    meets,
    of_two_days,
    paired_with,
    split,
)
from chalicelib.scrapers.bdc_discount.owners import is_named, labels_another, names_another
from chalicelib.scrapers.bdc_discount.words import (
    CLASS_NAME,
    DAY,
    NAV_PER_SHARE,
    PRELIMINARY,
    PRO_FORMA_WORDS,
)

_NAV_LABEL = re.compile(NAV_PER_SHARE, re.IGNORECASE)
_NAV_SHORT = re.compile(
    r"^(?:ending\s+|closing\s+)?(?:net\s+asset\s+value|net\s+assets|NAV)\b(?:\s*\(\"?NAV\"?\))?", re.IGNORECASE
)
_NOT_NAV = re.compile(
    r"beginning|\bstart\b|\bopening\b|\b(?:prior|previous|preceding)\b|\byear[\s-]ago\b|\blast\s+(?:quarter|year)\b|\(adjusted\)|total\s+net\s+assets|change|increase|decrease|growth|resulting|price|premium|discount|return|income|dividend"
    r"|distribution|market\s+value|%|percent|ratio|average|accretion|dilution|issu(?:ance|ed)|repurchase|thousand|million|earnings|based\s+on|yield"
    r"|multiple|\bx\b|/\s*NAV|to\s+NAV|\b(?:excluding|exclusive\s+of)\b(?!\s+(?:the\s+)?non-?controlling)|\bassuming\b|\bat\s+(?:grant|sale|purchase|inception|the\s+IPO|IPO)\b",
    re.IGNORECASE,
)
_PER_SHARE = re.compile(
    r"^(?!.*\b(?:except|excluding|other\s+than)\b).*(?:\bper\s+(?:(?:basic|diluted|common|ordinary)\s+){0,2}(?:share|unit)\b|per-share)",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_SECTION = re.compile(
    r"\bratios?\b|\bsupplement|\btotals?\b|\bthousands\b|\bmillions\b|\bassets\b|\bliabilities\b|\bdata\b|\bbalance\b|\bportfolio\b|\bother\b",
    re.IGNORECASE,
)
"""The head of rows that are not per share, under one that says its rows are; what only parts a share's account is none."""
_SCALE = re.compile(r"\bin\s+(?:\S+\s+)?(?:thousands|millions|billions)\b|\$?000'?s", re.IGNORECASE)
_REACH = 300
"""How many rows above a figure its heads may stand."""
_NEAREST = 12
"""How many rows above a figure the name of its column's fund may stand."""
_NEAR = 500
"""How much of the text above a table can say that its figures are per share, in characters."""
_UNDER_NAV = re.compile(
    rf"(?:{CLASS_NAME.pattern}(?:\s+(?:common\s+)?(?:shares?|stock|units?))?|(?:(?:as\s+of|at)\s+)?(?:{DAY})|per\s+(?:common\s+)?(?:share|unit))\s*:?",
    re.IGNORECASE,
)
"""The label of a row that only divides the measure named in the row above: a class or a day."""
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_CENTS = -2
_EARLIER = re.compile(
    r"\b(?:prior|previous|previously|originally|initially|preceding|year[\s-]ago|last\s+(?:quarter|period|year))\b", re.IGNORECASE
)

_MISTAKEN = re.compile(r"\b(?:previously|originally|initially)\b", re.IGNORECASE)
"""The head of values that others in the row put right."""


def is_nav_row(row: Sequence[Cell]) -> bool:
    """Whether a row names net asset value or net assets in any of its cells."""
    return any(_NAV_LABEL.search(cell.text) or _NAV_SHORT.search(cell.text) for cell in row)


def only_heads(grid: Grid) -> bool:
    """Whether a table holds nothing but the heads of the table under it."""
    told = [cell.text for row in grid.rows if not is_head(row) for cell in row]
    return any(is_head(row) for row in grid.rows) and not any(re.search(r"\d[.,]\d", text) for text in told)


def read_grid(grid: Grid, period: Period, before: str = "", offset: int = 0) -> list[Candidate]:
    """The candidates of a table. `before` is the text that stands right above it."""
    found: list[Candidate] = []
    near = since = _captioned(grid, before)
    classes = ""
    for number, row in enumerate(grid.rows):
        label, values = split(row)
        if is_head(row):
            label, values = row[0].text, []
        if not values:
            classes = label if _is_nav(label, "") or _NAV_SHORT.fullmatch(label.rstrip(" :")) else ""
        elif classes and _UNDER_NAV.fullmatch(label):
            label = f"{classes.rstrip(' :')} {label}"
        if not values:
            near, since = _sections(label, near, since, head=is_head(row))
            continue
        values = [value for value in values if not _of_another_fund(value, grid.rows[:number], period.names)]
        if not values or labels_another(label, period.names):
            continue
        exact = _NAV_LABEL.search(label) or values[0].low.as_tuple().exponent == _CENTS
        if exact and label and _is_nav(label, since if "asset value" in label.lower() else near):
            found += _row_candidates(grid.rows[max(0, number - _REACH) : number], row, label, values, period, before, offset)
        elif label and _is_nav(_IN_BRACKETS.sub("", label), "per share"):
            heads = heads_over(grid.rows[max(0, number - _REACH) : number], values[0].first)
            paired = paired_with(values, column_heads(heads)) or ()
            own = [value for value, head in paired if _PER_SHARE.search(head) and value.low.as_tuple().exponent == _CENTS]
            found += _row_candidates(heads, row, label, own, period, before, offset) if own else ()
    return found or _columns(grid, period, before, offset)


def _sections(label: str, near: str, since: str, *, head: bool) -> tuple[str, str]:
    """The head that says rows are per share: while no other head stands under it, and while none of another kind does."""
    if _PER_SHARE.search(label):
        return label, label
    return near if head or not label else "", "" if _OTHER_SECTION.search(label) else since


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


def _row_candidates(
    above: Sequence[Sequence[Cell]],
    row: Sequence[Cell],
    label: str,
    values: Sequence[Value],
    period: Period,
    before: str,
    offset: int,
) -> Iterator[Candidate]:
    heads = heads_over(above, values[0].first)
    columns = column_heads(heads)
    paired = paired_with(values, columns)
    beside = " ".join(cell.text for head in heads for cell in head if cell.last <= values[0].first)
    words = " | ".join([cell.text for cell in row])
    if (day := day_in(label, period)) and (joined := _estimated(label, values, columns)):
        yield from _made(joined, day, label, label, words, period, offset)
        return
    if paired is None:
        return
    lows = [value for value, head in paired if re.search(r"\blow\b", head, re.IGNORECASE)]
    highs = [value for value, head in paired if re.search(r"\bhigh\b", head, re.IGNORECASE)]
    if len(lows) == len(highs) == 1:
        joined = Value(lows[0].low, highs[0].low, lows[0].first, highs[0].last, lows[0].currency, "")
        day = day_in(label, period) or next((day for _, head in paired if (day := day_in(head, period))), None)
        yield from _made(joined, day, f"{label} {before[-_NEAR:]} preliminary", label, words, period, offset)
        return
    paired = [(value, head) for value, head in paired if not of_two_days(head)]
    some_dated = any(day_in(head, period) for _, head in paired)
    if any(not _MISTAKEN.search(head) for _, head in paired):
        paired = [(value, head) for value, head in paired if not _MISTAKEN.search(head)]
    for value, head in paired:
        if not CHANGE_HEAD.search(re.sub(DAY, "", head)) and not value.negative:
            day = _day_of_cell(head, label, period)
            dated_else = some_dated or day_in(label, period) or _EARLIER.search(head) or _of_another_year(head, period)
            if day is None and dated_else:
                continue
            told = f"{words} [{head}]" if head else words
            yield from _made(value, day, f"{beside} {label} {head}", f"{label} {head}", told, period, offset)


def _day_of_cell(head: str, label: str, period: Period) -> date | None:
    """The day of a figure: its column's, or its row's, or where both name one the whole date; None where two such differ."""
    over, beside = day_in(head, period), day_in(label, period)
    if not (over and beside) or over == beside:
        return over or beside
    whole = [day for day, text in ((over, head), (beside, label)) if re.search(rf"(?i:{DAY})", text)]
    return whole[0] if len(whole) == 1 else None


def _of_another_fund(value: Value, above: Sequence[Sequence[Cell]], names: str) -> bool:
    """Whether a figure stands in a column that another fund's name heads."""
    return any(names_another(cell.text, names) for row in above[-_NEAREST:] for cell in row if meets(cell, value))


def _estimated(label: str, values: Sequence[Value], columns: Sequence[Column]) -> Value | None:
    """The two figures of an estimate that names its day itself, under no heads that tell them apart, as one range."""
    if len(values) != 2 or len(columns) > 1 or not PRELIMINARY.search(label):
        return None
    low, high = values
    joined = Value(low.low, high.low, low.first, high.last, low.currency, "")
    plain = low.high is high.high is None and not (low.negative or high.negative)
    return joined if plain and low.low <= high.low and alike(low.low, high.low) else None


def _of_another_year(head: str, period: Period) -> bool:
    """Whether a head names years, and the period's is not among them."""
    years = re.findall(r"\b(?:19|20)\d{2}\b", head)
    return bool(years and period.ended and str(period.ended.year) not in years)


def _made(
    value: Value, day: date | None, kind_words: str, class_words: str, words: str, period: Period, offset: int
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
    """A table whose columns are NAV per share, one or one for each day, and whose rows are days or share classes."""
    found: list[Candidate] = []
    undated: list[tuple[Value, str, Cell]] = []
    heads: list[Cell] = []
    caption = _captioned(grid, before) or _of_classes(grid)
    for row in grid.rows:
        label, values = split(row)
        named = [cell for cell in row if _is_nav(cell.text, caption)]
        if named and not values and (len(row) > 1 or row[0].first > 0):
            heads = named if _told_apart(named, period) else []
        for head in heads if values else ():
            under = [value for value in values if meets(head, value) and not value.negative]
            day, fund_class = day_in(label, period), CLASS_NAME.search(f"{label} {head.text}")
            words = f"{' | '.join(cell.text for cell in row)} [{head.text}]"
            if len(under) == 1 and not (day or fund_class) and (not label or is_named(label, period.names)):
                undated.append((under[0], words, head))
            elif len(under) == 1 and (day or fund_class):
                found += _made(
                    under[0],
                    day or day_in(head.text, period),
                    f"{label} {head.text}",
                    fund_class[0] if fund_class else "",
                    words,
                    period,
                    offset,
                )
    if not found and len(undated) == 1 and len(grid.rows) == 2:
        value, words, head = undated[0]
        found += _made(value, day_in(head.text, period), head.text, "", words, period, offset)
    return found


def _told_apart(named: Sequence[Cell], period: Period) -> bool:
    """Whether heads of net asset value are each of another day, or each of another share class."""
    days = {day_in(cell.text, period) for cell in named}
    classes = {found[1] for cell in named if (found := CLASS_NAME.search(cell.text))}
    return len(named) in (len(days), len(classes))


def _of_classes(grid: Grid) -> str:
    """The words that make figures ones per share where every row with figures is a class of them, with cents."""
    own = [(label, values) for label, values in map(split, grid.rows) if values]
    exact = all(CLASS_NAME.search(label) and values[0].low.as_tuple().exponent == _CENTS for label, values in own)
    return "per share" if own and exact else ""
