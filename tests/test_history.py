"""History as it stood on a past day, and its exports."""

import builtins
import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib import history, scrapers
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli import main
from chalicelib.errors import BadEvent, Missing
from chalicelib.model import Expect, Item, Observation, Outcome, Signal, Window
from chalicelib.ports import Conclusion

MONDAY = date(2024, 1, 1)
DAYS = 35
ROOT = Path(__file__).parent.parent


class Summing:
    """A scraper whose headline is the sum of the week's values, and whose change leans on the history it is given."""

    NAME, WINDOW, LOOKBACK_DAYS, EXPECT = "bond-issuance", "week", 7, Expect((0, 9), Decimal("0.5"))

    @staticmethod
    def summarise(found, earlier, window):
        total = sum((each.value for each in found if each.as_of in window), Decimal(0))
        last = earlier[-1].headline if earlier else None
        change = None if last is None else total - last
        return Signal("bond-issuance", window.name, window.last, total, "USD", Decimal(1), "high", change)


def at(day, hour=12):
    return datetime.combine(MONDAY + timedelta(days=day), time(hour), UTC)


def complete(store, doc, day, value, known_at, read_at):
    """Read document `doc`, which speaks of day `day`; a value of None says it gives nothing any more."""
    item = Item(f"doc{doc}", "", replaces=True)
    spoken = MONDAY + timedelta(days=day)
    found = [] if value is None else [
        Observation(f"doc{doc}/1", "tranche", "Meta", spoken, known_at, Decimal(value), "USD", "high", "https://a.example/")
    ]  # fmt: skip
    store.complete("bond-issuance/run", "bond-issuance", item, Outcome(item.key, "done", "", "1", 1, read_at), found)


def conclude_ended(store, today):
    window = Window.week_of(MONDAY)
    while window.last < MONDAY + timedelta(days=today):
        at_close = datetime.combine(window.last + timedelta(days=1), time(8), UTC)
        signal = Signal("bond-issuance", window.name, window.last, Decimal(0), "USD", Decimal(1), "high")
        store.conclude(Conclusion(f"bond-issuance/{window.name}", 1, signal, at_close))
        window = window.after()


def pasts(store, until):
    """History as of every day before `until`."""
    return {day: history.signals(Summing, store, MONDAY + timedelta(days=day)) for day in range(until)}


readings = st.lists(
    st.tuples(
        st.integers(0, DAYS),
        st.integers(0, 4),
        st.one_of(st.none(), st.integers(1, 99)),
        st.sampled_from(["filing", "rerun", "late rerun"]),
    ),
    max_size=14,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(readings)
@example([(0, 0, 1, "filing"), (0, 0, None, "filing"), (1, 0, None, "filing"), (7, 0, 1, "rerun")])
@example([(0, 0, 1, "filing"), (1, 0, 1, "filing"), (7, 0, 2, "rerun")])
def test_a_past_day_never_changes_afterwards(steps):
    """Filings and amendments read on the day they are public, corrections and withdrawals by re-runs: no past day changes.

    The law's one exception, a fact first found after its day, is the next test's.
    """
    store = SqliteStore(":memory:")
    published = {}
    for day, doc, value, kind in sorted(steps, key=lambda step: step[0]):
        if value is None and doc not in published:
            continue
        conclude_ended(store, day)
        before = pasts(store, day)
        if kind == "filing" or doc not in published:
            spoken = published.get(doc, (max(0, day - doc), None))[0]
            published[doc] = (spoken, at(day, 10))
        spoken, known_at = published[doc]
        complete(store, doc, spoken, value, known_at, at(day, 11 if kind != "late rerun" else 20))
        assert pasts(store, day) == before
    store.close()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 20), st.integers(0, 14), st.integers(1, 99))
def test_a_late_discovery_counts_from_its_publication(public, waited, value):
    """A document found late changes history from the day it was public on, and not one day before."""
    store = SqliteStore(":memory:")
    complete(store, 1, 0, 5, at(0), at(0))
    today = public + waited
    conclude_ended(store, DAYS)
    before = pasts(store, DAYS)
    complete(store, 2, public, value, at(public), at(today))
    after = pasts(store, DAYS)
    assert all(after[day] == before[day] for day in range(public))
    ended = Window.week_of(MONDAY + timedelta(days=public)).last
    shown = (ended - MONDAY).days
    if shown < DAYS:
        [(signal, _)] = [each for each in after[shown] if each[0].as_of == ended]
        assert signal.headline == value + (5 if ended == Window.week_of(MONDAY).last else 0)
    store.close()


@pytest.fixture
def store(clean_environment, tmp_path):
    made = SqliteStore(tmp_path / "sentinel.db")
    yield made
    made.close()


def test_a_revision_counts_from_the_moment_it_was_public(store):
    """A restated value is in the history of its own day and after; the day before still has the first one."""
    complete(store, 1, 2, 10, at(2), at(2))
    conclude_ended(store, 30)
    complete(store, 1, 2, 12, at(20), at(20))
    [(before, _), *_] = history.signals(Summing, store, MONDAY + timedelta(days=19))
    [(after, _), *_] = history.signals(Summing, store, MONDAY + timedelta(days=20))
    assert (before.headline, after.headline) == (10, 12)


def test_only_ended_windows_are_there_as_of_a_day(store):
    """As of a Wednesday the week it lies in is not there: half a week is no week."""
    conclude_ended(store, 30)
    names = [signal.window for signal, _ in history.signals(Summing, store, MONDAY + timedelta(days=9))]
    assert names == ["2024-W01"]
    assert history.signals(Summing, store, MONDAY - timedelta(days=1)) == []


def test_too_little_read_is_withheld_in_the_past_too(store, monkeypatch):
    """A window whose coverage was below what a run needs has no headline as of a past day either."""
    conclude_ended(store, 8)
    monkeypatch.setattr(Summing, "EXPECT", Expect((0, 9), Decimal("1.1")))
    [(signal, _)] = history.signals(Summing, store, MONDAY + timedelta(days=8))
    assert signal.headline is None
    assert "110% is needed" in signal.withheld


def test_a_day_to_come_is_refused(store):
    """Nobody knows what will be known."""
    for asked in (history.signals, history.observations):
        with pytest.raises(BadEvent, match="is to come"):
            asked(Summing, store, date(2999, 1, 1))


HOSTILE = '=HYPERLINK("http://a")'


def keep_hostile(store):
    seen = Observation(
        "@k", "tranche", HOSTILE, MONDAY, at(0), Decimal("1234567890123.456789"), "USD", "high", "https://a.example/", "+1\u202e",
        7, {"b": ["x"], "a": "-1"},
    )  # fmt: skip
    store.complete("r", "bond-issuance", Item("i", ""), Outcome("i", "done", "", "1", 1, at(0)), [seen])
    signal = Signal(
        "bond-issuance", "2024-W01", MONDAY + timedelta(days=6), Decimal(-5), "USD", Decimal(1), "high", withheld=None
    )
    store.conclude(Conclusion("bond-issuance/2024-W01", 1, signal, at(7)))


def test_a_formula_in_a_name_is_text_in_csv(store, capsys):
    """Text that begins like a formula is led by an apostrophe; negative amounts stay numbers."""
    keep_hostile(store)
    assert main(["history", "bond-issuance", "--observations", "--format", "csv"]) == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["key"], row["subject"], row["words"]) == ("'@k", f"'{HOSTILE}", "'+1\u202e")
    assert row["value"] == "1234567890123.456789"
    assert main(["history", "bond-issuance", "--format", "csv"]) == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["headline"] == "-5"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_whatever_begins_a_formula_is_led_by_an_apostrophe(begin):
    """Every beginning a spreadsheet may run is disarmed; a number, negative too, and harmless text stay as they are."""
    columns = {"told": "", "number": "", "plain": ""}
    body = history.as_csv([{"told": f"{begin}1+1", "number": Decimal("-1.50"), "plain": f"a{begin}1"}], columns)
    [row] = csv.DictReader(io.StringIO(body, newline=""))  # one row: a lone carriage return begins no other
    shown = begin.replace("\r", "\n")
    assert row == {"told": f"'{shown}1+1", "number": "-1.50", "plain": f"a{shown}1"}


def test_every_export_has_its_columns_in_order(store, tmp_path, capsys):
    """CSV, JSON Lines and Parquet have exactly the documented columns, for signals and for observations."""
    from pyarrow import parquet

    keep_hostile(store)
    for more, columns in (([], history.COLUMNS), (["--observations"], history.OBSERVATION_COLUMNS)):
        assert main(["history", "bond-issuance", *more, "--format", "csv"]) == 0
        assert capsys.readouterr().out.splitlines()[0] == ",".join(columns)
        assert main(["history", "bond-issuance", *more, "--format", "json"]) == 0
        assert list(json.loads(capsys.readouterr().out)) == list(columns)
        out = tmp_path / "out.parquet"
        assert main(["history", "bond-issuance", *more, "--format", "parquet", "--out", str(out)]) == 0
        assert parquet.read_table(out).column_names == list(columns)
    table = parquet.read_table(out)
    assert table.column("value").to_pylist() == [Decimal("1234567890123.456789000000")]
    assert table.column("known_at").to_pylist() == [at(0)]
    assert table.column("detail").to_pylist() == ['{"a": "-1", "b": ["x"]}']


def test_without_pyarrow_parquet_says_what_to_install(monkeypatch):
    """The optional extra is asked for by name."""
    real = builtins.__import__

    def without(name, *more):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Missing, match="pip install pyarrow"):
        history.as_parquet([])


def test_parquet_needs_a_file_and_an_empty_store_is_no_error(clean_environment, capsys):
    """Parquet on a terminal is a usage error; an empty store gives a head line and nothing under it."""
    assert main(["history", "bond-issuance", "--format", "parquet"]) == 2
    assert "--out" in capsys.readouterr().err
    assert main(["history", "bond-issuance", "--observations", "--format", "csv"]) == 0
    told = capsys.readouterr()
    assert told.out == ",".join(history.OBSERVATION_COLUMNS) + "\n"
    assert told.err == "nothing is kept of bond-issuance: run it, or backfill a past period\n"


def test_a_day_that_is_none_is_a_usage_error_in_words(clean_environment, capsys):
    """`--as-of yesterday` is refused with the form that is expected."""
    with pytest.raises(SystemExit) as ended:
        main(["history", "bond-issuance", "--as-of", "yesterday"])
    assert ended.value.code == 2
    assert "'yesterday' is no day: expected YYYY-MM-DD" in capsys.readouterr().err


def rows_of(text: str) -> Mapping[str, str]:
    """The two-column tables of a page: name in backticks, meaning."""
    cells = [line.strip("|").split("|", 1) for line in text.splitlines() if line.startswith("| `")]
    return {name.strip().strip("`"): meaning.strip() for name, meaning in cells}


def test_the_data_dictionary_is_the_code_s():
    """README's data dictionary names every column with the meaning the code gives it."""
    text = (ROOT / "README.md").read_text("utf-8")
    for heading, columns in (
        ("Columns of `history`", history.COLUMNS),
        ("Columns of `history --observations`", history.OBSERVATION_COLUMNS),
    ):
        section = text.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
        assert rows_of(section) == dict(columns)


def test_runs_are_on_the_days_of_the_deployed_schedule():
    """The days and the hour by which runs count as started are those of the schedules the functions are deployed with."""
    from app import app

    crons = {each.name: each.schedule_expression.to_string()[5:-1].split() for each in app.event_sources}
    assert crons.keys() == history.RUN_DAYS.keys()
    for name, (_, hour, day_of_month, months, day_of_week, _) in crons.items():
        for day in (MONDAY + timedelta(days=n) for n in range(366)):
            on = (
                day_of_month in ("*", "?", str(day.day))
                and months in ("*", *[text for text in [months] if str(day.month) in text.split(",")])
                and day_of_week in ("*", "?", f"{day:%a}".upper())
            )
            assert history.RUN_DAYS[name](day) is on, (name, day)
        assert int(hour) <= history.RUN_HOUR.hour


@pytest.mark.parametrize(
    ("name", "window", "first", "last"),
    [
        ("bond-issuance", "2024-W01", "2024-01-08", "2024-01-15"),
        ("bdc-discount", "2024-01-05", "2024-01-06", "2024-01-08"),
        ("credit-fund", "2024Q1", "2024-06-01", "2025-02-01"),
        ("bank-provision", "2024Q1", "2024-07-01", "2024-10-01"),
    ],
)
def test_a_window_is_worked_on_from_its_first_to_its_last_scheduled_run(name, window, first, last):
    """A quarter whose filing deadline passes between two runs is known from the second of them, not from the deadline."""
    scraper = scrapers.load(name)
    due = history.first_due(scraper, Window.parse(window)), history.last_due(scraper, Window.parse(window))
    assert [f"{each:%Y-%m-%d %H}" for each in due] == [f"{first} 09", f"{last} 09"]
