"""Marks of credit funds: Form PF as given, streamed, and the open proxy of N-PORT reports and non-traded BDCs.

The names below are all the engine sees (`ports.Scraper`); the reading itself stands in the modules of this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from chalicelib.model import Expect, Window
from chalicelib.scrapers.credit_fund.alerting import LIMITS, alerts, table
from chalicelib.scrapers.credit_fund.discovery import discover
from chalicelib.scrapers.credit_fund.extract import extract
from chalicelib.scrapers.credit_fund.reading import read
from chalicelib.scrapers.credit_fund.summary import NAME, summarise

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

READER = "2"
HOSTS: tuple[str, ...] = ()
WINDOW: Literal["quarter"] = "quarter"
EXPECT = Expect(items=(1, 100_000), coverage=Decimal("0.9"))
LOOKBACK_DAYS = 500
_DUE = timedelta(days=60)
"""Large hedge-fund advisers file within 60 days of the quarter's end; N-PORT is public after as many."""


def windows(now: datetime) -> Sequence[Window]:
    """The latest quarter whose filing deadline has passed, and the two before it, looked at again for late filers."""
    last = Window.quarter_of(now.date()).before()
    while last.last + _DUE > now.date():
        last = last.before()
    return (last.before().before(), last.before(), last)


if TYPE_CHECKING:
    from chalicelib.ports import Scraper
    from chalicelib.scrapers import credit_fund

    _proof: Scraper = credit_fund
