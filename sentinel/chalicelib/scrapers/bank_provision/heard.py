"""When the world could hear a call: the day its own document names, else the day by which every bank has held its call. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.model import Window

_BY = timedelta(days=45)
"""Calls are held before the quarterly report is due, 40 days after the quarter and five of grace."""
_LATEST = timedelta(days=130)
_ISO = re.compile(rb"\b(20\d\d-[01]\d-[0-3]\d)\b")
_NAMED = re.compile(
    rb"\b(January|February|March|April|May|June|July|August|September|October|November|December) (\d{1,2}), (20\d\d)\b"
)
_DATED = re.compile(rb'"(?:date|call_date|event_date)"\s*:\s*"(20\d\d-[01]\d-[0-3]\d)')


def heard_at(body: bytes, quarter: Window, now: datetime) -> datetime:
    """The end of the call's day (UTC), never later than `now`: a number is not known before it was said.

    The day is the provider's `date`, or the first date at the head of the text; it must lie after the quarter it speaks of.
    """
    days = [*_days(_DATED, body), *_days(_ISO, body[:600]), *_days(_NAMED, body[:600])]
    held = next((day for day in days if quarter.last < day <= quarter.last + _LATEST), quarter.last + _BY)
    return min(datetime.combine(held, time(23, 59, 59), UTC), now)


def _days(pattern: re.Pattern[bytes], text: bytes) -> list[date]:
    found = []
    for each in pattern.finditer(text):
        with suppress(ValueError):
            words = b" ".join(each.groups()).decode()
            form = "%Y-%m-%d" if words[:2] == "20" else "%B %d %Y"
            found.append(datetime.strptime(words, form).replace(tzinfo=UTC).date())
    return found
