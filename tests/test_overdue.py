"""Overdue headlines: a scraper that stops publishing is told by the runs of the others."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from chalicelib import history, vigil
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.deadline import Deadline
from chalicelib.model import Signal, Window
from chalicelib.ports import Conclusion
from tests.fakes.counting import Counting
from tests.fakes.world import Remembering, services

NOW = datetime(2026, 11, 23, 6, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    return SqliteStore(tmp_path / "overdue.db")


def published(store, name, hours, **changed):
    """A headline of `name` that was concluded so many hours ago."""
    at = NOW - timedelta(hours=hours)
    window = Window.week_of(at.date())
    signal = Signal(
        scraper=name,
        window=window.name,
        as_of=window.last,
        headline=Decimal(1),
        unit="USD",
        coverage=Decimal(1),
        confidence="high",
    )
    store.conclude(Conclusion(f"{name}/{window.name}", 1, replace(signal, **changed), at, ()))


def told(store, at=NOW):
    memory = Remembering()
    vigil.watch(Counting(1), (), services(store, memory, at), Deadline())
    return dict(memory.metrics)["Overdue"], memory.told


def test_fresh_headlines_are_not_overdue(store):
    """While each headline is within one and a half of its periods, Overdue is below 1 and nobody is told."""
    for name, hours in (("bond-issuance", 168), ("bdc-discount", 0), ("credit-fund", 700), ("bank-provision", 2000)):
        published(store, name, hours)
    overdue, said = told(store)
    assert overdue == pytest.approx(168 / (1.5 * 168))
    assert said == []


@pytest.mark.parametrize(("name", "hours"), [("bond-issuance", 253), ("credit-fund", 1117), ("bank-provision", 3313)])
def test_a_stale_headline_is_overdue_and_named(store, name, hours):
    """One headline older than one and a half periods puts Overdue above 1, and the operators hear which."""
    for each in vigil.PERIODS:
        published(store, each, hours if each == name else 1)
    overdue, [(kind, words)] = told(store)
    assert 1 < overdue < 1.01
    assert kind == "data-too-old"
    assert words.startswith(f"{name}: the newest headline")
    assert f"{hours // 24 + (hours % 24 >= 12)} days ago" in words


def test_a_withheld_headline_is_none(store):
    """A run that published nothing does not make its headline younger."""
    for each in vigil.PERIODS:
        published(store, each, 200 if each == "bdc-discount" else 1)
    published(store, "bdc-discount", 1, withheld="too little was read", headline=None)
    assert told(store)[0] == pytest.approx(200 / 36)


def test_a_scraper_that_never_published_is_as_old_as_the_stage(store):
    """A new stage is not overdue at once; a scraper that still has nothing one and a half periods later is."""
    assert told(store, NOW - timedelta(hours=300))[0] == 0
    published(store, "bdc-discount", 0)
    overdue, [(kind, words)] = told(store)
    assert overdue == pytest.approx(300 / 252)
    assert (kind, words) == ("data-too-old", "bond-issuance: no headline has been published for 12 days; 10 days are allowed")


def test_periods_are_the_longest_waits_of_the_schedule():
    """What is too old follows the schedule: each scraper's period is the longest time between two of its scheduled days."""
    days = [date(2024, 1, 1) + timedelta(days=passed) for passed in range(4 * 366)]
    for name, runs_on in history.RUN_DAYS.items():
        due = [day for day in days if runs_on(day)]
        assert max(later - earlier for earlier, later in pairwise(due)) == vigil.PERIODS[name], name
