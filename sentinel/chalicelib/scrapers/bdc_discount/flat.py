"""A table whose cells a copy ran together into text: `June 30, 2025 March 31, 2025 ... Net asset value per share $15.03 $15.14`.

Its figures pair with its days in order, and only where there are as many of the one as of the other. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from chalicelib.scrapers.bdc_discount.blocks import Grid, Paragraph
from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST, Candidate, Period
from chalicelib.scrapers.bdc_discount.words import DAY, NAV_PER_SHARE, PRELIMINARY, PRO_FORMA, day_of, month_end

_FIGURE = r"\$\s?\d{1,3}\.\d{2}(?!\d)"
_ROW = re.compile(
    rf"(?P<label>{NAV_PER_SHARE})(?:\s*\(\w\)|\d)?\s*:?\s*(?P<figures>{_FIGURE}(?:\s*{_FIGURE})+)(?!\s*(?:-|to\b|per\b|million|billion))",
    re.IGNORECASE,
)
_RUN = re.compile(
    rf"(?:{DAY})(?:\s*(?:\((?:un)?audited\)|,)?\s*(?:(?:as\s+of|at|(?:three\s+months|quarter|period)\s+ended)\s+)?(?:{DAY}))+",
    re.IGNORECASE,
)
"""Days with nothing but the words of a head between them."""
_NOT_REPORTED = re.compile(rf"{PRO_FORMA}|{PRELIMINARY.pattern}|\b(?:beginning|change|adjusted|average)\b", re.IGNORECASE)
_LONGEST_CELL, _LEAST_CELLS = 60, 6
_NEAR = 40
"""How far before a label the words stand that qualify it, in characters."""


def stacks(blocks: Sequence[Grid | Paragraph]) -> Iterator[Paragraph]:
    """The cells of a table that stand as paragraphs of their own, one under the other, joined to one text."""
    for short, group in groupby(blocks, lambda block: isinstance(block, Paragraph) and len(block.text) <= _LONGEST_CELL):
        cells = [block for block in group if isinstance(block, Paragraph)]
        if short and len(cells) >= _LEAST_CELLS:
            yield Paragraph(" ".join(cell.text for cell in cells), cells[0].offset)


def read_flat(text: str, before: str, period: Period, offset: int) -> tuple[list[Candidate], str]:
    """The candidates of rows run together into `text`, and what is left of it; `before` may hold the heads."""
    found: list[Candidate] = []
    left = text
    if period.preliminary:
        return found, left
    for row in _ROW.finditer(text):
        figures = re.findall(_FIGURE, row["figures"])
        runs = [run[0] for run in _RUN.finditer(f"{before}\n{text[: row.start()]}")]
        days = [day_of(named, None) for named in re.findall(rf"(?i:{DAY})", runs[-1])] if runs else []
        label = text[max(0, row.start() - _NEAR) : row.start("figures")]
        ends = [day for day in days if day and day == month_end(day.year, day.month)]
        if not len(figures) == len(days) == len(ends) == len(set(ends)) or _NOT_REPORTED.search(label):
            continue
        left = left.replace(row[0], " . ", 1)
        for figure, day in zip(figures, ends, strict=True):
            value = Decimal(figure.lstrip("$ "))
            if LEAST <= value <= MOST:
                words = f"{row[0]} [{day}]"
                found.append(Candidate(value, None, None, day, "final", "current", "stated", words, offset, "table"))
    return found, left
