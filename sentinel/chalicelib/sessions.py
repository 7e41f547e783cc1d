"""New York days: which are EDGAR business days, which are stock-exchange sessions, and when a session is over.

Rules of US federal holidays (5 U.S.C. 6103) and of the exchange (NYSE rule 7.2), with the closings no rule foresees in tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
_CLOSE = time(16, 0)
_SETTLED = time(18, 0)

_OFFICES_CLOSED_BY_ORDER = frozenset(
    date.fromisoformat(day)
    for day in (
        "2001-09-11",
        "2001-09-12",
        "2004-06-11",
        "2007-01-02",
        "2009-01-20",
        "2012-10-29",
        "2012-10-30",
        "2012-12-24",
        "2013-01-21",
        "2014-12-26",
        "2015-12-24",
        "2017-01-20",
        "2018-12-05",
        "2018-12-24",
        "2019-12-24",
        "2020-12-24",
        "2021-01-20",
        "2021-06-18",
        "2024-12-24",
        "2025-01-09",
        "2025-12-24",
        "2025-12-26",
    )
)
"""Days the President or the weather closed federal offices: EDGAR was shut on some of them, so none is demanded."""

_EXCHANGE_CLOSED = frozenset(
    date.fromisoformat(day)
    for day in (
        "1994-04-27",
        "2001-09-11",
        "2001-09-12",
        "2001-09-13",
        "2001-09-14",
        "2004-06-11",
        "2007-01-02",
        "2012-10-29",
        "2012-10-30",
        "2018-12-05",
        "2025-01-09",
    )
)
"""Mourning, attack and storm: days the exchange stayed shut beside its holidays."""


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The `n`-th `weekday` (Monday 0) of a month; counted from its end when `n` is negative."""
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-n - 1))


def _observed(day: date) -> date:
    """Saturday's holiday is kept on Friday, Sunday's on Monday."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def easter(year: int) -> date:
    """Western Easter Sunday (the anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=128)
def federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays kept in `year`, EDGAR's own; New Year's Day of the next may be kept on 31 December."""
    days = {
        _observed(date(year, 1, 1)),
        _nth(year, 1, 0, 3),
        _nth(year, 2, 0, 3),
        _nth(year, 5, 0, -1),
        _observed(date(year, 7, 4)),
        _nth(year, 9, 0, 1),
        _nth(year, 10, 0, 2),
        _observed(date(year, 11, 11)),
        _nth(year, 11, 3, 4),
        _observed(date(year, 12, 25)),
        _observed(date(year + 1, 1, 1)),
    }
    if year >= 2022:
        days.add(_observed(date(year, 6, 19)))
    return frozenset(day for day in days if day.year == year)


@lru_cache(maxsize=128)
def exchange_holidays(year: int) -> frozenset[date]:
    """The full-day closings of the New York exchanges in `year`. A New Year's Day on a Saturday is not made up for."""
    days = {
        _observed(date(year, 1, 1)),
        _nth(year, 2, 0, 3),
        easter(year) - timedelta(days=2),
        _nth(year, 5, 0, -1),
        _observed(date(year, 7, 4)),
        _nth(year, 9, 0, 1),
        _nth(year, 11, 3, 4),
        _observed(date(year, 12, 25)),
    }
    if year >= 1998:
        days.add(_nth(year, 1, 0, 3))
    if year >= 2022:
        days.add(_observed(date(year, 6, 19)))
    return frozenset(day for day in days if day.year == year) | {day for day in _EXCHANGE_CLOSED if day.year == year}


def is_business_day(day: date) -> bool:
    """Whether EDGAR takes filings that day."""
    return day.weekday() < 5 and day not in federal_holidays(day.year)


def index_is_certain(day: date) -> bool:
    """Whether a daily index of that day must exist once the day is over."""
    return is_business_day(day) and day not in _OFFICES_CLOSED_BY_ORDER


def business_days(first: date, last: date) -> Iterator[date]:
    """The EDGAR business days of `[first, last]`."""
    return (day for day in _days(first, last) if is_business_day(day))


def business_days_after(day: date, count: int) -> date:
    """The `count`-th EDGAR business day after `day`."""
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day


def is_session(day: date) -> bool:
    """Whether the New York exchanges trade that day."""
    return day.weekday() < 5 and day not in exchange_holidays(day.year)


def sessions(first: date, last: date) -> Iterator[date]:
    """The trading days of `[first, last]`."""
    return (day for day in _days(first, last) if is_session(day))


def sessions_before(day: date, count: int) -> date:
    """The `count`-th trading day before `day`."""
    while count:
        day -= timedelta(days=1)
        count -= is_session(day)
    return day


def close_of(day: date) -> datetime:
    """The session's regular close, 16:00 in New York, as UTC. Early closes (13:00) are not told apart: they are earlier."""
    return datetime.combine(day, _CLOSE, NEW_YORK).astimezone(UTC)


def last_completed_session(now: datetime) -> date:
    """The newest trading day whose closing prices are settled at `now`, two hours after the regular close."""
    local = now.astimezone(NEW_YORK)
    day = local.date()
    return day if is_session(day) and local.time() >= _SETTLED else sessions_before(day, 1)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
