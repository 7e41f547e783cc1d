"""A scraper's past: its signals as they stand, or as they would have stood on a past day.

As of a day, every window is summarised again from what was public by that day's end (UTC): a revision, a late filing or a
restated value counts only from the moment it was known, whenever we fetched it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.model import Window

if TYPE_CHECKING:
    from chalicelib.model import Signal
    from chalicelib.ports import Scraper, Store

COLUMNS: Mapping[str, str] = {
    "scraper": "the scraper's name",
    "window": "ISO week, day or quarter the row speaks of",
    "as_of": "last day the headline speaks of (YYYY-MM-DD)",
    "headline": "the headline value, in `unit`; empty when withheld",
    "unit": "unit of the headline (USD, ratio)",
    "change": "change on `compared_with`, in `change_unit`; empty when there is none",
    "change_unit": "unit of the change",
    "compared_with": "the window the change is measured against",
    "coverage": "share of what was due that was read, 0 to 1",
    "confidence": "high, medium or low",
    "withheld": "why there is no headline; empty when there is one",
    "known_at": "when the row was concluded, or the day asked for (UTC)",
}
"""The columns of every export, in order, with what they hold."""


def end_of(day: date) -> datetime:
    """The last instant of `day`, UTC."""
    return datetime.combine(day, time.max, UTC)


def signals(scraper: Scraper, store: Store, as_of: date | None = None) -> list[tuple[Signal, datetime]]:
    """Every window's signal, oldest first, with when it became known; as they stood at the end of `as_of` if given."""
    stored = store.signals(scraper.NAME)
    if as_of is None:
        return list(stored)
    known_by = end_of(as_of)
    seen: list[tuple[Signal, datetime]] = []
    for signal, _ in stored:
        window = Window.parse(signal.window)
        if window.first > as_of:
            break
        since = window.first - timedelta(days=scraper.LOOKBACK_DAYS)
        known = [each.observation for each in store.observations(scraper.NAME, since, window.last, known_by)]
        seen.append((scraper.summarise(known, [earlier for earlier, _ in seen], window), known_by))
    return seen


def rows(found: Sequence[tuple[Signal, datetime]]) -> list[dict[str, object]]:
    """The signals as rows of `COLUMNS`."""
    return [
        {
            "scraper": signal.scraper,
            "window": signal.window,
            "as_of": signal.as_of,
            "headline": signal.headline,
            "unit": signal.unit,
            "change": signal.change,
            "change_unit": signal.change_unit or (signal.unit if signal.change is not None else ""),
            "compared_with": signal.compared_with,
            "coverage": signal.coverage,
            "confidence": signal.confidence,
            "withheld": signal.withheld,
            "known_at": known_at,
        }
        for signal, known_at in found
    ]


def as_csv(table: Sequence[Mapping[str, object]]) -> str:
    """Rows as CSV with a head line; text that a spreadsheet would run as a formula is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in COLUMNS} for row in table)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value) if not hasattr(value, "as_tuple") else f"{value:f}"
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
