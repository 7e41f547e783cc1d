"""What `ports.Store` promises, run on the SQLite file and on the DynamoDB table alike."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.errors import Missing, SentinelError
from chalicelib.model import Alert, Contributor, Item, Notice, Observation, Outcome, Signal, Window
from chalicelib.ports import Conclusion, Dispatch, Plan
from tests.fakes import tables

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = date(2026, 11, 18)
RUN = "bond-issuance/2026-W47"
BONDS = "bond-issuance"


@pytest.fixture(params=["sqlite", "dynamo"])
def make(request, tmp_path):
    """A function that gives a new, empty store each time."""
    count = iter(range(10**6))
    if request.param == "sqlite":
        yield lambda: SqliteStore(tmp_path / f"{next(count)}.db")
        return
    with mock_aws():
        client = tables.OneAtATime(tables.client())

        def new():
            name = f"{tables.NAME}-{next(count)}"
            tables.create_table(client, name)
            return DynamoStore(client, name)

        yield new


@pytest.fixture
def store(make):
    return make()


def at(hours=0):
    return NOW + timedelta(hours=hours)


def seen(key="a", value="1", known_at=NOW - timedelta(days=3), as_of=DAY, **more):
    amount = None if value is None else Decimal(value)
    return Observation(key, "tranche", "Meta", as_of, known_at, amount, "USD", "high", "https://www.sec.gov/a", **more)


def item(key="filing", *, replaces=False):
    return Item(key, f"label of {key}", replaces=replaces)


def complete(store, *found, hours=0, key="filing", replaces=False, state="done", run=RUN):
    outcome = Outcome(key, state, "", "1", 1, at(hours), observations=len(found))
    store.complete(run, BONDS, item(key, replaces=replaces), outcome, found)
    return outcome


def values(store, known_by=None, first=DAY, last=DAY, **more):
    kept = store.observations(BONDS, first, last, known_by, **more)
    return {each.observation.key: None if each.observation.value is None else str(each.observation.value) for each in kept}


def signal(window="2026-W47", headline="30000000000.00", **more):
    last = Window.parse(window).last
    amount = None if headline is None else Decimal(headline)
    return Signal(BONDS, window, last, amount, "USD", Decimal("0.98"), "high", **more)


def dispatch(rule="weekly-volume", hours=0, run=RUN, level="high"):
    alert = Alert(
        rule, "high", "volume up", Decimal(1), Decimal("30.5"), Decimal(5), "USD", "why", (Contributor("Meta", Decimal(30), "u"),)
    )
    return Dispatch(f"{run}/{rule}/{level}/1", run, BONDS, rule, level, alert, at(hours))


def conclusion(generation=1, hours=0, window="2026-W47", outbox=(), **more):
    return Conclusion(f"{BONDS}/{window}", generation, signal(window, **more), at(hours), tuple(outbox))


def plan(generation=1, items=3, window="2026-W47", made=0, label=""):
    every = tuple(Item(f"item-{n}", f"{label}{n}", detail={"n": n, "cik": ["1326801"]}) for n in range(items))
    notice = Notice("wrong-id", "0001", "no such company", detail={"cik": "0001"})
    return Plan(f"{BONDS}/{window}", BONDS, window, generation, every, (notice,), at(made))


def test_a_lease_is_one_holders_until_it_lapses_or_is_given_back(store):
    """A second holder waits; the first may prolong; a lapsed lease is free; only its holder gives it back."""
    assert store.lease(RUN, "one", at(1), at(0))
    assert not store.lease(RUN, "two", at(2), at(0.5))
    assert store.lease(RUN, "one", at(2), at(0.5))
    assert not store.lease(RUN, "two", at(3), at(1.5))
    store.release(RUN, "two")
    assert not store.lease(RUN, "two", at(3), at(1.5))
    assert store.lease(RUN, "two", at(3), at(2))
    store.release(RUN, "two")
    assert store.lease(RUN, "one", at(3), at(2))


def test_of_many_at_once_one_gets_the_lease(store):
    """Eight threads ask together; one is told yes."""
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: store.lease(RUN, f"holder {n}", at(1), at(0)), range(8)))
    assert got.count(True) == 1


@pytest.mark.parametrize("items", [0, 3, 4000])
def test_a_plan_comes_back_as_it_was_made(store, items):
    """Items in their order with their details, notices and instant, small or thousands of them."""
    rng = random.Random(7)
    made = plan(items=items)
    made = replace(
        made, items=tuple(replace(each, url=f"https://www.sec.gov/{rng.random()}{rng.random()}") for each in made.items)
    )
    assert store.plan(RUN) is None
    assert store.save_plan(made) == made
    assert store.plan(RUN) == made


@pytest.mark.parametrize("items", [2, 12000])
def test_the_newest_generation_of_a_plan_wins_and_its_first_writer(store, items):
    """A second writer of a generation, or an older generation, is given the plan that is kept."""
    rng = random.Random(3)

    def big(generation, label):
        made = plan(generation, items, label=label)
        return replace(made, items=tuple(replace(each, version=str(rng.random())) for each in made.items))

    first, second, third = big(1, "first"), big(1, "second"), big(2, "third")
    assert store.save_plan(first) == first
    assert store.save_plan(second) == first
    assert store.save_plan(first) == first
    assert store.save_plan(third) == third
    assert store.save_plan(first) == third
    assert store.plan(RUN) == third


def test_of_many_plans_at_once_all_writers_are_given_the_same(store):
    """Eight threads save different plans of one generation; every one is told of the one that is kept."""
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: store.save_plan(plan(label=str(n))), range(8)))
    assert kept == [kept[0]] * 8
    assert store.plan(RUN) == kept[0]


def test_an_outcome_is_kept_with_its_evidence_and_replaced_by_the_next(store):
    """Outcomes are by item, the last one stands, a long evidence and its notices included."""
    parked = Outcome(
        "a/b#c", "parked", 'W/"1"', "2", 3, NOW, 2, 0, "Unreadable", "row 3\n" + "é\x00\ud800" * 900, (Notice("k", "s", "w"),)
    )
    store.complete(RUN, BONDS, item("a/b#c"), parked, ())
    assert store.outcomes(RUN) == {"a/b#c": parked}
    done = replace(parked, state="done", evidence="", attempts=3)
    store.complete(RUN, BONDS, item("a/b#c"), done, ())
    complete(store, key="other")
    assert store.outcomes(RUN).keys() == {"a/b#c", "other"}
    assert store.outcomes(RUN)["a/b#c"] == done
    assert store.outcomes("bond-issuance/2026-W46") == {}


def test_an_observation_comes_back_exactly(store):
    """Digits, trailing zeros, tiny and huge exponents, no value, offsets, words and detail survive."""
    odd = timezone(timedelta(hours=-5))
    every = [
        seen(
            "a", "2500000000.00", words="$2,500,000,000 “notes”\x00", offset=0, detail={"coupon": "4.875", "n": [1, {"x": None}]}
        ),
        seen("b", "1E-18"),
        seen("c", "-0.0000123456789012345678901234567890"),
        seen("d", None, known_at=datetime(2026, 11, 18, 9, 30, 0, 123456, tzinfo=odd)),
        seen("e" * 300, "12345678901234567890123456789012345678901234567890", as_of=date(1994, 1, 31)),
    ]
    complete(store, *every)
    kept = store.observations(BONDS, date(1990, 1, 1), DAY)
    assert [each.observation for each in kept] == [every[4], *every[:4]]
    assert [str(each.observation.value) for each in kept[1:4]] == [
        "2500000000.00",
        "1E-18",
        "-0.0000123456789012345678901234567890",
    ]
    assert {(each.item, each.fetched_at, each.withdrawn) for each in kept} == {("filing", NOW, False)}


@pytest.mark.parametrize(
    "wrong",
    [
        seen(detail={"coupon": 4.875}),
        seen(detail={"deep": [{"x": float("nan")}]}),
        replace(seen(), value=0.1),
        seen(value="NaN"),
        seen(value="Infinity"),
        seen(known_at=NOW.replace(tzinfo=None)),
        seen(detail={1: "x"}),
        seen(detail={"x": Decimal(1)}),
    ],
)
def test_what_has_no_exact_form_is_refused_and_nothing_is_written(store, wrong):
    """A float, a number that is not finite, an instant without zone: the whole reading is refused."""
    with pytest.raises(SentinelError):
        complete(store, seen("fine"), replace(wrong, key="wrong"))
    assert values(store) == {}
    assert store.outcomes(RUN) == {}


def test_reading_again_changes_nothing_and_a_new_number_is_a_revision(store):
    """Equal facts, however written, make no revision; a different one makes one, known from when it was read."""
    complete(store, seen(value="1.0", detail={"x": ["1"]}))
    complete(store, seen(value="1.00", detail={"x": ("1",)}), hours=1)
    complete(store, seen(value="1.0", detail={"x": ["1"]}, known_at=NOW), hours=2)
    assert len(store.revisions(BONDS, "a", DAY)) == 1
    complete(store, seen(value="2"), hours=3)
    complete(store, seen(value="2"), hours=4)
    old, new = store.revisions(BONDS, "a", DAY)
    assert (old.observation.value, old.observation.known_at, old.fetched_at) == (Decimal("1.0"), NOW - timedelta(days=3), at(0))
    assert (new.observation.value, new.observation.known_at, new.fetched_at) == (Decimal(2), at(3), at(3))
    assert values(store) == {"a": "2"}
    assert values(store, at(2.9)) == {"a": "1.0"}
    assert values(store, NOW - timedelta(days=4)) == {}


def test_a_newer_document_revises_from_its_own_day(store):
    """An amendment published after the first document is known from its publication, though read later."""
    complete(store, seen(value="1", known_at=at(-72)))
    complete(store, seen(value="2", known_at=at(-24)), key="amendment", hours=5)
    assert [values(store, at(hours))["a"] for hours in (-72, -25, -24, 5)] == ["1", "1", "2", "2"]


def test_a_replaced_reading_withdraws_what_it_no_longer_gives(store):
    """Withdrawn from the reading's instant on; seen when asked for; revived by giving it again; others' facts untouched."""
    complete(store, seen("a"), seen("b"), seen("c", as_of=date(2026, 9, 1)), key="x")
    complete(store, seen("z"), key="y")
    complete(store, seen("a"), key="x", replaces=True, hours=1)
    whole = {"first": date(2026, 1, 1)}
    assert values(store, **whole) == {"a": "1", "z": "1"}
    assert values(store, withdrawn=True, **whole).keys() == {"a", "b", "c", "z"}
    assert values(store, at(0.5), **whole).keys() == {"a", "b", "c", "z"}
    assert [each.withdrawn for each in store.revisions(BONDS, "b", DAY)] == [False, True]
    complete(store, seen("a"), key="x", replaces=True, hours=2)
    assert len(store.revisions(BONDS, "b", DAY)) == 2
    complete(store, seen("a"), seen("b"), key="x", replaces=True, hours=3)
    assert values(store).keys() == {"a", "b", "z"}
    assert [values(store, at(hours)).keys() >= {"b"} for hours in (0, 1, 2, 3)] == [True, False, False, True]


def test_a_reading_without_replaces_or_that_failed_withdraws_nothing(store):
    """Only a done reading of all its document says withdraws."""
    complete(store, seen("a"), seen("b"), replaces=True)
    complete(store, seen("a"), hours=1)
    complete(store, hours=2, replaces=True, state="parked")
    complete(store, hours=3, replaces=True, state="failed")
    assert values(store).keys() == {"a", "b"}
    complete(store, hours=4, replaces=True)
    assert values(store) == {}


def test_a_fact_that_another_item_has_since_given_is_not_withdrawn(store):
    """An item withdraws only what is still its own; an equal fact stays the first item's."""
    complete(store, seen("a"), seen("b"), key="x", replaces=True)
    complete(store, seen("a", value="2"), seen("b"), key="y", replaces=True, hours=1)
    complete(store, key="x", replaces=True, hours=2)
    assert values(store) == {"a": "2"}
    complete(store, key="y", replaces=True, hours=3)
    assert values(store) == {}


def test_one_key_on_two_days_is_two_facts(store):
    """`as_of` is part of what a fact is; days outside the range stay outside, and the order is by day and key."""
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]
    complete(store, *(seen(key, value=str(n), as_of=day) for n, day in enumerate(days) for key in ("b", "a", "a#000001", "B")))
    inside = store.observations(BONDS, days[1], days[2])
    assert [(each.observation.as_of, each.observation.key) for each in inside] == [
        (day, key) for day in days[1:3] for key in ("B", "a", "a#000001", "b")
    ]
    assert [each.observation.value for each in store.revisions(BONDS, "a", days[2])] == [Decimal(2)]
    assert store.observations("bdc-discount", days[0], days[3]) == []
    assert store.revisions(BONDS, "nothing", DAY) == []


@pytest.mark.parametrize("count", [98, 130])
def test_a_large_reading_is_kept_whole_and_withdrawn_whole(store, count):
    """Hundreds of observations in one reading, read again, revised and withdrawn."""
    every = [seen(f"k{n:04d}", value=str(n)) for n in range(count)]
    outcome = complete(store, *every, replaces=True)
    assert [each.observation for each in store.observations(BONDS, DAY, DAY)] == every
    assert store.outcomes(RUN) == {"filing": outcome}
    complete(store, *every, replaces=True, hours=1)
    assert len(store.revisions(BONDS, "k0001", DAY)) == 1
    complete(store, *(replace(each, value=Decimal(7)) for each in every[:-1]), replaces=True, hours=2)
    assert set(values(store).values()) == {"7"}
    assert len(values(store)) == count - 1
    assert len(values(store, at(1.5))) == count


def test_the_same_reading_made_many_times_at_once_is_kept_once(store):
    """Eight threads complete one item; every fact has one revision."""
    every = [seen(f"k{n}", value=str(n)) for n in range(5)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: complete(store, *every, replaces=True), range(8)))
    assert [len(store.revisions(BONDS, f"k{n}", DAY)) for n in range(5)] == [1] * 5


def test_different_readings_at_once_lose_no_revision(store):
    """Six threads give one fact six values: each is a revision, and known instants never fall."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: complete(store, seen(value=str(n)), hours=n), range(6)))
    kept = store.revisions(BONDS, "a", DAY)
    assert sorted(each.observation.value for each in kept) == [Decimal(n) for n in range(6)]
    instants = [each.observation.known_at for each in kept]
    assert instants == sorted(instants)


def test_a_generation_concludes_once_whoever_is_last(store):
    """Of many at once one is told yes; a repeat or an older generation is told no and changes nothing."""
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.conclude(conclusion(1, headline=str(n), outbox=[dispatch()])), range(8)))
    assert won.count(True) == 1
    assert store.concluded(RUN).signal.headline == won.index(True)
    assert len(store.dispatches(RUN)) == 1
    second = conclusion(2, hours=1)
    assert store.conclude(second)
    assert not store.conclude(conclusion(1, hours=2, headline="5"))
    assert not store.conclude(conclusion(2, hours=3, headline="6"))
    assert store.concluded(RUN) == second
    assert store.concluded("bond-issuance/2026-W01") is None


def test_a_conclusion_comes_back_exactly(store):
    """Signal with contributors and data, outbox in its order."""
    told = [dispatch("b"), dispatch("a"), replace(dispatch("c"), level=None)]
    made = conclusion(
        outbox=told, change=Decimal("-0.10"), change_unit="ratio", compared_with="2026-W46",
        contributors=(Contributor("Meta", Decimal("30E+9"), "u"),), data={"by currency": {"EUR": "6500000000"}, "n": 3},
    )  # fmt: skip
    assert store.conclude(made)
    assert store.concluded(RUN) == made
    assert store.dispatches(RUN) == told
    withheld = conclusion(2, headline=None, withheld="too little was read")
    assert store.conclude(withheld)
    assert store.concluded(RUN) == withheld


def test_a_conclusion_with_hundreds_of_messages_is_one_conclusion(store):
    """More messages than one transaction holds are all in the outbox, and only once."""
    told = [dispatch(f"fund-decline:{n:04d}") for n in range(150)]
    assert store.conclude(conclusion(outbox=told))
    assert not store.conclude(conclusion(outbox=told))
    assert store.concluded(RUN).outbox == tuple(told)
    assert store.dispatches(pending=True, limit=1000) == told
    assert store.dispatches(pending=True, limit=10) == told[:10]


def test_signals_are_by_window_as_they_stood(store):
    """The newest generation of each window, oldest window first; as of an instant, the one concluded by then."""
    for n, window in enumerate(("2026-W46", "2025-W52", "2026-W01", "2026-W47")):
        assert store.conclude(conclusion(1, n, window, headline=str(n)))
    assert store.conclude(conclusion(2, 10, "2026-W46", headline="99"))
    names = [(each.window, str(each.headline)) for each, _ in store.signals(BONDS)]
    assert names == [("2025-W52", "1"), ("2026-W01", "2"), ("2026-W46", "99"), ("2026-W47", "3")]
    assert [moment for _, moment in store.signals(BONDS, limit=2)] == [at(10), at(3)]
    before = Window.parse("2026-W47")
    assert [each.window for each, _ in store.signals(BONDS, before=before, limit=2)] == ["2026-W01", "2026-W46"]
    known = store.signals(BONDS, before=before, known_by=at(1.5))
    assert [(each.window, str(each.headline)) for each, _ in known] == [("2025-W52", "1"), ("2026-W46", "0")]
    assert store.signals("bdc-discount") == []


def test_the_outbox_tells_what_is_unsent_and_marks_add_up(store):
    """Channels marked by two senders are both kept, the first time of sending stays, a sent message is pending no more."""
    first, second = dispatch("a"), dispatch("b", 1, run="bond-issuance/2026-W46")
    assert store.conclude(conclusion(outbox=[first]))
    assert store.conclude(conclusion(window="2026-W46", hours=1, outbox=[second]))
    assert store.dispatches() == [first, second]
    assert store.dispatches(limit=1) == [second]
    store.mark(replace(first, delivered=("sns",)))
    assert store.dispatches(pending=True) == [replace(first, delivered=("sns",)), second]
    store.mark(replace(first, delivered=("webhook",), sent_at=at(2)))
    store.mark(replace(first, delivered=("sns",), sent_at=at(3)))
    sent = replace(first, delivered=("sns", "webhook"), sent_at=at(2))
    assert store.dispatches(pending=True) == [second]
    assert store.dispatches(pending=True, run_id=RUN) == []
    assert store.dispatches(RUN) == [sent]
    assert store.concluded(RUN).outbox == (sent,)
    with pytest.raises(Missing):
        store.mark(replace(first, id="another", sent_at=at(3)))


def test_a_silent_conclusion_leaves_nothing_pending(store):
    """Messages stored as sent are never pending."""
    silent = replace(dispatch(), sent_at=at(0), delivered=("silent",))
    assert store.conclude(conclusion(outbox=[silent]))
    assert store.dispatches(pending=True) == []
    assert store.dispatches(RUN) == [silent]


def test_runs_are_listed_newest_window_first(store):
    """With generation, size, and when that generation concluded, if it has."""
    for n, window in enumerate(("2026-W46", "2026-W47", "2025-W52")):
        store.save_plan(plan(1, 3, window, made=n))
    assert store.conclude(conclusion(1, 5, "2026-W46"))
    assert store.conclude(conclusion(1, 6, "2026-W47"))
    store.save_plan(plan(2, 4, "2026-W47", made=7))
    listed = [(each.window, each.generation, each.items, each.made_at, each.concluded_at) for each in store.runs(BONDS)]
    assert listed == [("2026-W47", 2, 4, at(7), None), ("2026-W46", 1, 3, at(0), at(5)), ("2025-W52", 1, 3, at(2), None)]
    assert [each.run_id for each in store.runs(BONDS, 1)] == [RUN]


def test_a_named_value_keeps_its_history(store):
    """The newest value is had by name, a repeat changes nothing, earlier ones stay."""
    assert store.kept("thresholds") is None
    store.keep("thresholds", {"total": "5"}, at(0))
    store.keep("thresholds", {"total": "5"}, at(1))
    store.keep("thresholds", {"total": "6"}, at(2))
    store.keep("thresholds/other", [1, None, True], at(2))
    assert store.kept("thresholds") == {"total": "6"}
    assert store.kept_history("thresholds") == [(at(0), {"total": "5"}), (at(2), {"total": "6"})]
    assert store.kept("thresholds/other") == [1, None, True]
    with pytest.raises(SentinelError):
        store.keep("thresholds", {"total": 5.5}, at(3))


READING = st.tuples(
    st.sampled_from(["x", "y"]),
    st.booleans(),
    st.sampled_from(["done", "done", "done", "parked"]),
    st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 3), st.integers(-40, 40)), max_size=3),
    st.integers(1, 10),
)


@given(readings=st.lists(READING, min_size=1, max_size=8))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip
def test_what_was_known_on_a_past_day_never_changes_but_by_late_discovery(make, readings):
    """The law of `revision`: a reading changes the answer for an instant before its own only to what a document newer
    than all that was kept of the fact, and public by that instant, gives; never by a correction or a withdrawal.
    """
    store, clock, asked = make(), 0, {}
    for key, replaces, state, found, passed in readings:
        clock += passed
        newest = {each.observation.key: each.observation.known_at for each in store.observations(BONDS, DAY, DAY, withdrawn=True)}
        given = [seen(name, value=str(value), known_at=at(known)) for name, (value, known) in found.items()]
        complete(store, *(given if state == "done" else ()), key=key, replaces=replaces, state=state, hours=clock)
        late = {
            each.key: each.known_at
            for each in (given if state == "done" else ())
            if each.key not in newest or each.known_at > newest[each.key]
        }
        for instant, before in asked.items():
            after = values(store, at(instant))
            for name in before.keys() | after.keys():
                if before.get(name) == after.get(name):
                    continue
                assert name in late
                assert late[name] <= at(instant)
                assert after[name] == str(next(each.value for each in given if each.key == name))
            asked[instant] = after
        for instant in range(-40, clock + 1, 5):
            asked.setdefault(instant, values(store, at(instant)))
        if state == "done":
            now_known = {each.key: str(each.value) for each in given}
            current = values(store)
            assert {name: current[name] for name in now_known} == now_known
