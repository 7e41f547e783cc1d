"""Weekly issuance of SEC-registered investment-grade tech debt, read tranche by tranche from 424B filings and term sheets.

The names below are all the engine sees (`ports.Scraper`); the reading itself stands in the modules of this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from chalicelib.model import Expect, Window
from chalicelib.scrapers.bond_issuance.alerting import LIMITS, alerts, table
from chalicelib.scrapers.bond_issuance.discovery import discover
from chalicelib.scrapers.bond_issuance.extract import extract
from chalicelib.scrapers.bond_issuance.reading import read
from chalicelib.scrapers.bond_issuance.summary import NAME, summarise

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

READER = "3"
HOSTS: tuple[str, ...] = ()
WINDOW: Literal["week"] = "week"
EXPECT = Expect(items=(0, 400), coverage=Decimal("0.9"))
LOOKBACK_DAYS = 28


def windows(now: datetime) -> Sequence[Window]:
    """The ISO week before `now`'s, and the one before that, looked at again for what was filed late."""
    last = Window.week_of(now.date()).before()
    return (last.before(), last)


if TYPE_CHECKING:
    from chalicelib.ports import Scraper
    from chalicelib.scrapers import bond_issuance

    _proof: Scraper = bond_issuance
