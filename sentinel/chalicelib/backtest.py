"""Which alerts would have fired in the past, on what was known at the time; and what they were worth against a series.

Each window is summarised at the instant of the first scheduled run that works on it, from the revisions known by then, with
the earlier windows as they were first concluded themselves. Nothing is written and nobody is told.
"""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from statistics import median
from typing import Literal

from chalicelib import history
from chalicelib.errors import BadEvent
from chalicelib.model import Alert, Observation, Signal, Stored, Window
from chalicelib.ports import Scraper, Store


@dataclass(frozen=True)
class Fired:
    """An alert with the instant of the run that would have sent it."""

    at: datetime
    window: str
    alert: Alert


@dataclass(frozen=True)
class Event:
    """What the series is watched for: days on which it is at or `above`, or at or `below`, `value`."""

    side: Literal["above", "below"]
    value: Decimal

    @classmethod
    def parse(cls, words: str) -> Event:
        """`above:5` or `below:-0.1`; raises `BadEvent` for anything else."""
        side, _, amount = words.partition(":")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            value = Decimal("NaN")
        if side not in ("above", "below") or not value.is_finite():
            raise BadEvent(f"--event {words[:40]!r}: expected above:NUMBER or below:NUMBER")
        return cls("above" if side == "above" else "below", value)

    def holds(self, value: Decimal) -> bool:
        """Whether a day of this value is one of it."""
        return value >= self.value if self.side == "above" else value <= self.value


@dataclass(frozen=True)
class Worth:
    """How alerts stood to events. An alert is `true` when an event begins within the horizon after it, `undecided` when the
    series ends before that and none has begun, else `false`. `leads` are days from the first such alert to each event foretold.
    """

    events: tuple[date, ...]
    true: int
    false: int
    undecided: int
    leads: tuple[int, ...]

    @property
    def false_alarm_rate(self) -> Decimal | None:
        """Share of decided alerts that no event followed, None without any."""
        decided = self.true + self.false
        return (Decimal(self.false) / decided).quantize(Decimal("0.0001")) if decided else None

    @property
    def missed(self) -> int:
        """Events without an alert within the horizon before them."""
        return len(self.events) - len(self.leads)

    @property
    def median_lead_days(self) -> Decimal | None:
        """Median lead of the events foretold."""
        return Decimal(str(median(self.leads))) if self.leads else None


class _Known:
    """A scraper's facts, each as it stood at any instant; older revisions are fetched only of facts that changed later."""

    def __init__(self, scraper: Scraper, store: Store, windows: Sequence[Window]) -> None:
        first = windows[0].first - timedelta(days=scraper.LOOKBACK_DAYS)
        self._name, self._store = scraper.NAME, store
        self._newest = store.observations(scraper.NAME, first, windows[-1].last, withdrawn=True)
        self._days = [each.observation.as_of for each in self._newest]
        self._revisions: dict[tuple[date, str], Sequence[Stored]] = {}

    def at(self, first: date, last: date, instant: datetime) -> list[Observation]:
        """What was known of `[first, last]` at `instant`."""
        among = self._newest[bisect_left(self._days, first) : bisect_right(self._days, last)]
        stood = (each if each.observation.known_at <= instant else self._earlier(each, instant) for each in among)
        return [each.observation for each in stood if each is not None and not each.withdrawn]

    def _earlier(self, newest: Stored, instant: datetime) -> Stored | None:
        fact = (newest.observation.as_of, newest.observation.key)
        if fact not in self._revisions:
            self._revisions[fact] = self._store.revisions(self._name, fact[1], fact[0])
        known = [each for each in self._revisions[fact] if each.observation.known_at <= instant]
        return known[-1] if known else None


def fired(scraper: Scraper, store: Store, limits: Mapping[str, Decimal], first: date, last: date) -> Iterator[Fired]:
    """Every alert of the kept windows that end in `[first, last]`; earlier windows are played too, as their history."""
    windows = [window for window in history.kept_windows(scraper, store) if window.last <= last]
    if not windows:
        return
    known = _Known(scraper, store, windows)
    earlier: list[Signal] = []
    for window in windows:
        at = history.first_due(scraper, window)
        since = window.first - timedelta(days=scraper.LOOKBACK_DAYS)
        signal = history.checked(scraper, scraper.summarise(known.at(since, window.last, at), earlier, window))
        if signal.headline is not None and window.last >= first:
            for alert in scraper.alerts(signal, earlier, limits):
                yield Fired(at, window.name, alert)
        earlier.append(signal)


def series(lines: Iterable[str], name: str) -> list[tuple[date, Decimal]]:
    """The days and values of a CSV file with the head `date,value`, days ascending. Raises `BadEvent` naming the line."""
    reader = csv.reader(lines)
    head = next(reader, [])
    if [each.strip().lower() for each in head] != ["date", "value"]:
        raise BadEvent(f"{name}: line 1: expected the head date,value")
    found: list[tuple[date, Decimal]] = []
    for number, row in enumerate(reader, 2):
        if not row:
            continue
        try:
            day, value = date.fromisoformat(row[0].strip()), Decimal(row[1].strip())
        except (ValueError, IndexError, InvalidOperation):
            raise BadEvent(f"{name}: line {number}: expected a day and a number, 2025-11-21,0.0312") from None
        if len(row) != 2 or not value.is_finite():
            raise BadEvent(f"{name}: line {number}: expected a day and a number, 2025-11-21,0.0312")
        if found and day <= found[-1][0]:
            raise BadEvent(f"{name}: line {number}: {day} does not come after {found[-1][0]}")
        found.append((day, value))
    if not found:
        raise BadEvent(f"{name}: no day is in it")
    return found


def worth(days: Sequence[date], values: Sequence[tuple[date, Decimal]], event: Event, horizon_days: int) -> Worth:
    """How alerts on `days` stood to the events of a series. An event begins on the first day it holds after one it does not;
    alerts of one day count once, those before the series begins or while an event holds already are undecided.
    """
    begins: list[date] = []
    holding: list[bool] = []
    for day, value in values:
        holds = event.holds(value)
        if holds and holding and not holding[-1]:
            begins.append(day)
        holding.append(holds)
    of_series = [day for day, _ in values]
    horizon = timedelta(days=horizon_days)
    true = false = undecided = 0
    alerts = sorted(set(days))
    for day in alerts:
        place = bisect_right(of_series, day) - 1
        if place < 0 or holding[place]:
            began = day in begins
            true, undecided = true + began, undecided + (not began)
        elif any(day <= begin <= day + horizon for begin in begins):
            true += 1
        elif day + horizon > of_series[-1]:
            undecided += 1
        else:
            false += 1
    before = [[day for day in alerts if begin - horizon <= day <= begin] for begin in begins]
    leads = tuple((begin - told[0]).days for begin, told in zip(begins, before, strict=True) if told)
    return Worth(tuple(begins), true, false, undecided, leads)
