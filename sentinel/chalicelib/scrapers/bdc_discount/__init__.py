"""BDC discount to net asset value: closing prices against the newest NAV per share that can be trusted.

Prices through the quotes port, NAVs from feeds and the releases they lead to, EDGAR's tagged values as the second witness.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from chalicelib import sessions
from chalicelib.model import Expect, Window
from chalicelib.scrapers.bdc_discount.extract import extract
from chalicelib.scrapers.bdc_discount.gathering import HOSTS, discover, read
from chalicelib.scrapers.bdc_discount.summary import COVERAGE, LIMITS, NAME, alerts, summarise, table

READER = "4"
WINDOW: Literal["day"] = "day"
EXPECT = Expect(items=(25, 120), coverage=COVERAGE)
LOOKBACK_DAYS = 300


def windows(now: datetime) -> Sequence[Window]:
    """The last completed New York session."""
    return [Window.day_of(sessions.last_completed_session(now))]


__all__ = [
    "EXPECT",
    "HOSTS",
    "LIMITS",
    "LOOKBACK_DAYS",
    "NAME",
    "READER",
    "WINDOW",
    "alerts",
    "discover",
    "extract",
    "read",
    "summarise",
    "table",
    "windows",
]
