"""The life of a run on a scraper that counts and a real SQLite store: refresh, chunks, kills, coverage, alerts."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib import engine
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.deadline import Deadline
from chalicelib.errors import OutOfTime, Unreadable, UpstreamDown
from chalicelib.model import Window
from tests.fakes.counting import TOTAL, Counting
from tests.fakes.world import Remembering, services

WEEK = Window.parse("2026-W47")


@pytest.fixture
def store(tmp_path):
    return SqliteStore(tmp_path / "sentinel.db")


def task(scraper, window=WEEK, seconds=None, holder="me", **more):
    return engine.Task(scraper, window, holder, Deadline.in_seconds(seconds), **more)


def test_a_run_reads_every_item_once_and_concludes_with_their_sum(store):
    """A run of five items ends concluded, with the sum as headline, each item read once and its notice kept."""
    scraper = Counting(5)
    result = engine.run(task(scraper), services(store))
    assert (result.state, result.total, result.count("done")) == ("concluded", 5, 5)
    assert result.signal.headline == Decimal(15)
    assert sorted(scraper.reads) == [f"2026-W47-{n}" for n in range(1, 6)]
    assert [notice.kind for notice in result.notices] == ["disagreement"]


def test_running_again_doubles_nothing_and_adds_what_is_new(store):
    """A refresh reads only what is new; the headline is the sum of both, the chunk order of old items stays."""
    scraper = Counting(3)
    engine.run(task(scraper), services(store))
    scraper.size, scraper.reads = 5, []
    result = engine.run(task(scraper), services(store))
    assert scraper.reads == ["2026-W47-4", "2026-W47-5"]
    assert result.signal.headline == Decimal(15)
    assert [item.key for item in store.plan(result.run_id).items] == [f"2026-W47-{n}" for n in range(1, 6)]
    assert store.plan(result.run_id).generation == 2


def test_a_better_reader_reads_again_and_its_number_replaces_the_old_one(store):
    """After READER is raised every item is read again; the signal has the new values, the old ones stay as revisions."""
    scraper = Counting(2)
    engine.run(task(scraper), services(store))
    scraper.READER, scraper.worth = "2", lambda n: Decimal(n * 100)
    result = engine.run(task(scraper), services(store))
    assert result.signal.headline == Decimal(300)
    assert [each.observation.value for each in store.revisions(scraper.NAME, "2026-W47-1", WEEK.first)] == [1, 100]


def test_a_passing_failure_is_tried_again_in_the_same_run(store):
    """An item that fails twice with a throttle is read the third time, and nothing is missing."""
    scraper, left = Counting(3), iter([True, True])

    def throttle():
        if next(left, False):
            raise UpstreamDown("throttled")

    scraper.faults["2026-W47-2"] = throttle
    result = engine.run(task(scraper), services(store))
    assert (result.state, result.signal.headline) == ("concluded", Decimal(6))
    assert scraper.reads.count("2026-W47-2") == 3


def test_a_document_that_changed_shape_is_parked_with_its_evidence(store):
    """One of twenty documents is unreadable: it is parked with its words, the other nineteen make the headline."""
    scraper = Counting(20)

    def garbled():
        raise Unreadable("no amount", where="byte 17", evidence="$ % Notes due 20")

    scraper.faults["2026-W47-20"] = garbled
    result = engine.run(task(scraper), services(store))
    assert (result.count("parked"), result.signal.headline) == (1, Decimal(190))
    assert result.signal.coverage == Decimal("0.95")
    assert "byte 17" in result.outcomes["2026-W47-20"].evidence
    assert "$ % Notes due 20" in result.outcomes["2026-W47-20"].evidence


def test_a_reader_that_breaks_parks_the_item_and_the_run_goes_on(store):
    """A bug in the reader on one document costs that document, not the run."""
    scraper = Counting(20)
    scraper.faults["2026-W47-1"] = lambda: 1 // 0
    result = engine.run(task(scraper), services(store))
    assert result.outcomes["2026-W47-1"].error_type == "ZeroDivisionError"
    assert result.count("done") == 19


def test_below_coverage_nothing_is_published_and_the_operator_is_told(store):
    """Two of five documents unreadable: no headline, no alert to analysts, one message to the operators."""
    scraper, memory = Counting(5), Remembering()

    def garbled():
        raise Unreadable("garbled")

    scraper.faults = {"2026-W47-1": garbled, "2026-W47-2": garbled}
    result = engine.run(task(scraper), services(store, memory))
    assert (result.state, result.signal.headline) == ("withheld", None)
    assert "60.0%" in result.signal.withheld
    assert (memory.sent, [kind for kind, _ in memory.told]) == ([], ["nothing-published"])


def test_an_implausible_number_of_items_publishes_nothing(store):
    """A week with more items than EXPECT allows has no headline, and says how many were plausible."""
    scraper = Counting(5)
    scraper.EXPECT = replace(scraper.EXPECT, items=(0, 4))
    result = engine.run(task(scraper), services(store))
    assert result.signal.headline is None
    assert "5 items were found where 0 to 4" in result.signal.withheld


def test_alerts_go_out_once_and_again_only_when_the_level_rises(store):
    """Runs of 15, 15, 21 and 3 dollars over a limit of 10 send: alert, nothing, high, resolved."""
    memory, scraper = Remembering(), Counting(5)
    levels = []
    for worth in (1, 1, 2, 0):
        scraper.READER, scraper.worth = f"{len(levels)}", lambda n, worth=worth: Decimal(n * worth)
        before = len(memory.sent)
        engine.run(task(scraper), services(store, memory))
        levels.append([each.level for each in memory.sent[before:]])
    assert levels == [["alert"], [], ["high"], [None]]
    assert memory.sent[0].rule == TOTAL


def test_an_alert_whose_sender_is_down_is_sent_by_the_next_run(store):
    """The outbox holds what could not be sent; the next run of any window sends it, with the same id."""
    memory, scraper = Remembering(down=True), Counting(5)
    engine.run(task(scraper), services(store, memory))
    waiting = store.dispatches(pending=True)
    memory.down = False
    engine.run(task(scraper), services(store, memory))
    assert [each.id for each in memory.sent] == [each.id for each in waiting]
    assert not store.dispatches(pending=True)


def test_another_holder_keeps_the_run_until_its_lease_lapses(store):
    """While one invocation holds the lease a second does nothing; once it lapsed the second takes over."""
    scraper = Counting(3)
    now = datetime.now(UTC)
    assert store.lease("bond-issuance/2026-W47", "other", now + timedelta(seconds=60), now)
    assert engine.run(task(scraper), services(store)).state == "elsewhere"
    assert scraper.reads == []
    store.lease("bond-issuance/2026-W47", "other", now - timedelta(seconds=1), now)
    assert engine.run(task(scraper), services(store)).state == "concluded"


def test_out_of_time_keeps_what_is_done_and_the_next_call_finishes(store):
    """When time runs out after two items they stay; the next call reads the other three and concludes with all five."""
    scraper, clock = Counting(5), {"now": 0.0}

    def late():
        clock["now"] = 100.0
        raise OutOfTime("no time")

    scraper.faults = {f"2026-W47-{n}": late for n in (3, 4, 5)}
    short = engine.Task(scraper, WEEK, "me", Deadline(50.0, lambda: clock["now"]))
    result = engine.run(short, services(store))
    assert result.state == "out-of-time"
    assert result.signal is None
    scraper.faults, scraper.reads = {}, []
    finished = engine.run(task(scraper), services(store))
    assert finished.signal.headline == Decimal(15)
    assert scraper.discoveries == 1


@pytest.mark.parametrize("seed", range(5))
def test_chunks_in_any_order_with_repeats_give_the_same_signal(store, seed):
    """Chunks called in random order, some twice, conclude once, with the sum a single run gives."""
    scraper, chance = Counting(9), random.Random(seed)
    order = [0, 1, 2, 3, 4] + [chance.randrange(5) for _ in range(4)]
    chance.shuffle(order)
    results = [engine.chunk(task(scraper), services(store), 2, index)[0] for index in order]
    assert results[-1].signal.headline == Decimal(45)
    assert sorted(set(scraper.reads)) == sorted(scraper.reads)
    assert store.plan("bond-issuance/2026-W47").generation == 1


def test_a_kill_between_last_item_and_conclusion_is_concluded_by_the_next_call(store):
    """All items are stored but nobody concluded: repeating any chunk concludes, reading nothing."""
    scraper = Counting(4)
    world = services(store)
    plan = engine.plan_for(task(scraper), world, refresh=False)
    engine.read(task(scraper), world, plan, plan.items)
    scraper.reads = []
    result, _ = engine.chunk(task(scraper), world, 2, 0)
    assert (result.state, result.signal.headline, scraper.reads) == ("concluded", Decimal(10), [])


def test_a_rehearsal_writes_nothing_and_alerts_nobody(store):
    """A rehearsal reads three items and summarises them; the store stays empty and nothing is sent."""
    scraper, memory = Counting(50), Remembering()
    result = engine.rehearse(task(scraper), services(store, memory))
    assert (result.state, result.total, result.signal.headline) == ("rehearsed", 3, Decimal(6))
    assert (store.plan(result.run_id), store.concluded(result.run_id), memory.sent) == (None, None, [])


def test_a_silent_run_computes_its_alerts_and_sends_none(store):
    """A backfilled window keeps the alert it would have sent, marked as not sent to anybody."""
    memory = Remembering()
    result = engine.run(task(Counting(5), silent=True), services(store, memory))
    assert [(each.level, each.delivered) for each in result.dispatches] == [("alert", ("silent",))]
    assert memory.sent == []


def test_a_played_past_sees_the_weeks_played_before_it(store):
    """Windows run as of their own time conclude at that time, so the next one is compared with the one before."""
    scraper = Counting(3)
    for week in ("2026-W40", "2026-W41"):
        window = Window.parse(week)
        known_by = datetime.combine(window.last, datetime.max.time(), UTC)
        result = engine.run(task(scraper, window, silent=True, known_by=known_by), services(store))
    assert (result.signal.compared_with, result.signal.change) == ("2026-W40", Decimal(0))
    assert store.signals(scraper.NAME, known_by=datetime(2026, 10, 5, tzinfo=UTC))[-1][0].window == "2026-W40"
