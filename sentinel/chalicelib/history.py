"""A scraper's past: its signals as they stand, or as they would have stood on a past day.

As of a day, every window is summarised again from what was public by that day's end (UTC): a revision, a late filing or a
restated value counts only from the moment it was known, whenever we fetched it.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.errors import BadEvent
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


MOST = 20_000
"""Windows of one scraper that are read: eighty years of sessions."""


def end_of(day: date) -> datetime:
    """The last instant of `day`, UTC."""
    return datetime.combine(day, time.max, UTC)


def signals(scraper: Scraper, store: Store, as_of: date | None = None) -> list[tuple[Signal, datetime]]:
    """Every window's signal, oldest first, with when it became known; as they stood at the end of `as_of` if given.

    As of a day only windows that had ended by then are there, each withheld where too little of it had been read.
    Raises `BadEvent` for a day to come: nobody knows what will be known then.
    """
    if as_of is None:
        return list(store.signals(scraper.NAME, limit=MOST))
    if as_of > datetime.now(UTC).date():
        raise BadEvent(f"--as-of {as_of}: that day is to come")
    known_by = end_of(as_of)
    windows = [Window.parse(signal.window) for signal, _ in store.signals(scraper.NAME, limit=MOST)]
    ended = [window for window in windows if window.last <= as_of]
    if not ended:
        return []
    back = timedelta(days=scraper.LOOKBACK_DAYS)
    stored = store.observations(scraper.NAME, ended[0].first - back, ended[-1].last, known_by)
    days = [each.observation.as_of for each in stored]
    seen: list[Signal] = []
    for window in ended:
        among = stored[bisect_left(days, window.first - back) : bisect_right(days, window.last)]
        seen.append(_checked(scraper, scraper.summarise([each.observation for each in among], seen, window)))
    return [(signal, known_by) for signal in seen]


def _checked(scraper: Scraper, signal: Signal) -> Signal:
    """The signal, withheld below the coverage a run needs."""
    if signal.withheld is None and signal.coverage < scraper.EXPECT.coverage:
        words = f"{signal.coverage:.1%} of what was due could be read, {scraper.EXPECT.coverage:.0%} is needed"
        return replace(signal, headline=None, change=None, withheld=words, confidence="low")
    return signal


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
