"""Back-tests: alerts on what was known at the time, and their worth against a series."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib import backtest
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.backtest import Event, worth
from chalicelib.cli import main
from chalicelib.errors import BadEvent
from chalicelib.model import Alert, Expect, Item, Observation, Outcome, Signal, Window
from chalicelib.ports import Conclusion

MONDAY = date(2024, 1, 1)


class Summing:
    """A scraper of weeks: the headline is the week's sum, the one rule a sum above the limit."""

    NAME, WINDOW, LOOKBACK_DAYS, EXPECT = "bond-issuance", "week", 7, Expect((0, 9), Decimal("0.5"))

    @staticmethod
    def windows(now):
        return [Window.week_of(now.date()).before()]

    @staticmethod
    def summarise(found, earlier, window):
        total = sum((each.value for each in found if each.as_of in window), Decimal(0))
        return Signal("bond-issuance", window.name, window.last, total, "USD", Decimal(1), "high", data={"weeks": len(earlier)})

    @staticmethod
    def alerts(signal, earlier, limits):
        if signal.headline > limits["most"]:
            yield Alert(
                "volume", "alert", f"{signal.headline}", None, signal.headline, limits["most"], "USD", f"{len(earlier)} weeks"
            )


def read(store, key, day, value, known_at, read_at=None):
    item = Item(key, "", replaces=True)
    found = [Observation(f"{key}/1", "tranche", "Meta", day, known_at, Decimal(value), "USD", "high", "https://a.example/")]
    outcome = Outcome(key, "done", "", "1", 1, read_at or known_at)
    store.complete("bond-issuance/run", "bond-issuance", item, outcome, found if value else [])


def instant(day):
    return datetime(day.year, day.month, day.day, 20, tzinfo=UTC)


@pytest.fixture
def store(clean_environment, tmp_path):
    made = SqliteStore(tmp_path / "sentinel.db")
    window = Window.week_of(MONDAY)
    for _ in range(3):
        signal = Signal("bond-issuance", window.name, window.last, Decimal(0), "USD", Decimal(1), "high")
        made.conclude(Conclusion(f"bond-issuance/{window.name}", 1, signal, datetime(2026, 11, 23, tzinfo=UTC)))
        window = window.after()
    yield made
    made.close()


def fire(store, most=10):
    return list(backtest.fired(Summing, store, {"most": Decimal(most)}, date.min, date.max))


def test_an_alert_fires_at_the_first_scheduled_run(store):
    """A week above the limit fires on the Monday after it at the hour of runs, with the earlier weeks as its history."""
    read(store, "a", MONDAY + timedelta(days=8), 12, instant(MONDAY + timedelta(days=8)))
    [only] = fire(store)
    assert (only.at, only.window) == (datetime(2024, 1, 15, 9, tzinfo=UTC), "2024-W02")
    assert (only.alert.after, only.alert.why) == (12, "1 weeks")


def test_what_was_known_later_does_not_count(store):
    """A filing published, or a figure corrected, after the run fires nothing; one withdrawn after it still does."""
    read(store, "late", MONDAY, 12, instant(MONDAY + timedelta(days=9)))
    assert fire(store) == []
    read(store, "low", MONDAY, 5, instant(MONDAY))
    read(store, "low", MONDAY, 50, instant(MONDAY + timedelta(days=20)))
    assert fire(store) == []
    read(store, "gone", MONDAY, 11, instant(MONDAY))
    read(store, "gone", MONDAY, 0, instant(MONDAY), instant(MONDAY + timedelta(days=30)))
    assert [each.alert.after for each in fire(store)] == [16]


def test_the_limit_tried_is_the_one_that_counts(store):
    """With a higher threshold the same past fires nothing."""
    read(store, "a", MONDAY, 12, instant(MONDAY))
    assert len(fire(store)) == 1
    assert fire(store, most=12) == []


def days(*numbers):
    return [MONDAY + timedelta(days=n) for n in numbers]


def spread(*values):
    return [(MONDAY + timedelta(days=10 * n), Decimal(value)) for n, value in enumerate(values)]


ABOVE = Event("above", Decimal(5))


def test_alerts_before_an_event_are_true_and_lead_it():
    """An event on day 30: alerts of days 12 and 25 are true, its lead is 18 days from the first."""
    found = worth(days(12, 25), spread(1, 1, 1, 6, 7, 1, 1, 1), ABOVE, 20)
    assert (found.events, found.true, found.false, found.undecided) == (tuple(days(30)), 2, 0, 0)
    assert (found.leads, found.missed, found.false_alarm_rate, found.median_lead_days) == ((18,), 0, 0, 18)


def test_an_alert_without_an_event_is_false():
    """No event within the horizon makes a false alarm, and the event it came too early for is missed."""
    found = worth(days(1), spread(1, 1, 1, 6, 1), ABOVE, 20)
    assert (found.true, found.false, found.missed, found.false_alarm_rate) == (0, 1, 1, Decimal(1))


def test_alerts_that_cannot_be_judged_are_counted_apart():
    """An alert whose horizon the series does not reach, one before the series, one while the event lasts: undecided."""
    found = worth(days(-5, 12, 45), spread(1, 6, 6, 1, 1, 1), ABOVE, 20)
    assert (found.true, found.false, found.undecided) == (0, 0, 3)
    assert found.false_alarm_rate is None


def test_several_alerts_of_a_day_count_once():
    """Two rules that fire on the same day are one alert here."""
    assert worth(days(25, 25), spread(1, 1, 1, 6), ABOVE, 20).true == 1


@pytest.mark.parametrize("words", ["up:5", "above", "above:x", "above:NaN", ""])
def test_an_event_nobody_can_read_is_refused(words):
    """An event is above or below a number."""
    with pytest.raises(BadEvent, match="--event"):
        Event.parse(words)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("day,value\n2024-01-01,1", "line 1"),
        ("date,value\n2024-01-01,x", "line 2"),
        ("date,value\n2024-01-01", "line 2"),
        ("date,value\n2024-01-01,1,2", "line 2"),
        ("date,value\n2024-01-02,1\n2024-01-01,1", "line 3"),
        ("date,value\n2024-01-01,inf", "line 2"),
        ("date,value\n", "no day"),
        ("", "line 1"),
    ],
)
def test_a_series_is_refused_by_its_line(text, line):
    """A series with a wrong head, a day out of order or a cell that is no number is refused, the line named."""
    with pytest.raises(BadEvent, match=line):
        backtest.series(text.splitlines(), "s.csv")


def test_the_command_says_what_it_tried(clean_environment, tmp_path, capsys):
    """On an empty store there are no alerts; the thresholds tried stand in the answer; a series alone is a usage error."""
    assert main(["backtest", "bond-issuance", "--limit", "weekly_volume_usd=7000000000", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["alerts"] == []
    assert told["limits"]["weekly_volume_usd"] == 7_000_000_000
    assert main(["backtest", "bond-issuance", "--event", "above:5"]) == 2
    assert main(["backtest", "bond-issuance", "--limit", "moon=1"]) == 2
    series = tmp_path / "none.csv"
    for body, words in ((None, "No such file"), (b"\xd0\xff", "no text in UTF-8")):
        if body:
            series.write_bytes(body)
        capsys.readouterr()
        assert main(["backtest", "bond-issuance", "--series", str(series), "--event", "above:5"]) == 2
        assert words in capsys.readouterr().err
    assert main(["backtest", "bond-issuance", "--from", "2025-01-02", "--to", "2025-01-01"]) == 2
    assert "is after" in capsys.readouterr().err


def test_a_sample_week_fires_as_it_did(sample_edgar, tmp_path, capsys):
    """Meta's week of the sample fires weekly-volume on the Monday after it, judged against a given series."""
    assert main(["run", "bond-issuance", "--window", "2025-W44"]) == 0
    path = tmp_path / "spread.csv"
    path.write_text("date,value\n2025-10-01,1.0\n2025-11-20,3.5\n2026-02-01,1.0\n", "utf-8")
    capsys.readouterr()
    assert main(["backtest", "bond-issuance", "--series", str(path), "--event", "above:3", "--horizon", "30", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["at"], each["window"], each["rule"], each["after"]) for each in told["alerts"]] == [
        ("2025-11-03T09:00:00Z", "2025-W44", "weekly-volume", 30_000_000_000)
    ]
    assert (told["worth"]["true"], told["worth"]["leads_days"]) == (1, [17])
