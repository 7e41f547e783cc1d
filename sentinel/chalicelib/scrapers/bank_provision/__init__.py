"""Quarterly provisions of US banks for lending to non-bank financial firms, as disclosed in 10-Q and 10-K.

The names below are all the engine sees (`ports.Scraper`); the reading itself stands in the modules of this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from chalicelib.model import Expect, Window
from chalicelib.scrapers.bank_provision.alerting import LIMITS, alerts, table
from chalicelib.scrapers.bank_provision.discovery import discover
from chalicelib.scrapers.bank_provision.extract import extract
from chalicelib.scrapers.bank_provision.reading import read
from chalicelib.scrapers.bank_provision.summary import NAME, summarise

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

READER = "6"
HOSTS: tuple[str, ...] = ()
WINDOW: Literal["quarter"] = "quarter"
EXPECT = Expect(items=(1, 200), coverage=Decimal("0.8"))
LOOKBACK_DAYS = 400
_DEADLINE_DAYS = {"Q1": 45, "Q2": 45, "Q3": 45, "Q4": 65}
"""Days after a quarter's end by which large banks have filed: 40 for a 10-Q, 60 for a 10-K, and five of grace (Form 12b-25)."""


def windows(now: datetime) -> Sequence[Window]:
    """The latest quarter whose filing deadline has passed, and the one before it, looked at again for amendments."""
    last = Window.quarter_of(now.date()).before()
    while last.last + timedelta(days=_DEADLINE_DAYS[last.name[4:]]) >= now.date():
        last = last.before()
    return (last.before(), last)


if TYPE_CHECKING:
    from chalicelib.ports import Scraper
    from chalicelib.scrapers import bank_provision

    _proof: Scraper = bank_provision
