"""The DynamoDB store when things go wrong: a kill at every write, lost answers, refusals; and how it uses its table."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import moto.dynamodb
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError
from moto import mock_aws

from chalicelib.adapters.dynamo import EXPIRES, SCHEMA, DynamoStore, table
from chalicelib.errors import Forbidden, Missing, SentinelError, UpstreamDown
from chalicelib.model import Alert, Item, Observation, Outcome, Signal, Window
from chalicelib.ports import Conclusion, Dispatch, Plan
from tests.fakes import tables
from tests.fakes.tables import Failing, cancelled, refusal

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = date(2026, 11, 18)
RUN, BONDS = "bond-issuance/2026-W47", "bond-issuance"
LARGE = 130


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def client():
    with mock_aws():
        yield tables.create_table(tables.client())


def on(client, **more):
    return DynamoStore(client, tables.NAME, **more)


def reading(value, count, hours, *, start=0):
    """An item that gives `count` observations worth `value`, read `hours` from now."""
    outcome = Outcome("fund", "done", "", "1", 1, NOW + timedelta(hours=hours), observations=count)
    found = [
        Observation(f"k{n:04d}", "fund", "s", DAY, NOW - timedelta(days=9), Decimal(value), "USD", "high", "u", words=f"{n}")
        for n in range(start, start + count)
    ]
    return RUN, BONDS, Item("fund", "", replaces=True), outcome, found


def values(store, known_by=None):
    return {each.observation.key: int(each.observation.value) for each in store.observations(BONDS, DAY, DAY, known_by)}


def conclusion(count):
    alert = Alert("r", "high", "h", None, Decimal(1), Decimal(1), "USD", "why")
    outbox = tuple(Dispatch(f"{RUN}/r{n:03d}/high/1", RUN, BONDS, f"r{n:03d}", "high", alert, NOW) for n in range(count))
    signal = Signal(BONDS, "2026-W47", date(2026, 11, 22), Decimal(1), "USD", Decimal(1), "high")
    return Conclusion(RUN, 1, signal, NOW, outbox)


def every_position(client, prepare, write, check, actions=100):
    """Kill `write` before, and after, each of its writes in turn, on a table of its own; `check` what another process sees."""
    for after in (False, True):
        position, finished = 0, False
        while not finished:
            name = f"{tables.NAME}-{after}-{position}"
            tables.create_table(client, name)
            prepare(DynamoStore(client, name))
            dying = DynamoStore(Failing(client, 10**9, Killed(), after=after), name, actions=actions)
            dying.plan("warm/2026-W01")
            dying._unchecked._client.at = dying._unchecked._client.writes + position
            try:
                write(dying)
                finished = True
            except Killed:
                pass
            check(DynamoStore(client, name), finished)
            client.delete_table(TableName=name)
            position += 1
        assert position > 1


@pytest.mark.parametrize(("count", "actions"), [(3, 100), (9, 6)])
def test_a_kill_at_every_write_of_a_reading_leaves_all_of_it_or_nothing(client, count, actions):
    """Outcome and observations are both there or neither; a repeat then completes; what was known before stays known."""
    seen = set()

    def check(store, finished):
        outcome = store.outcomes(RUN)["fund"]
        found = values(store)
        seen.add(outcome.at == NOW + timedelta(hours=1))
        if outcome.at == NOW:
            assert not finished
            assert found == {f"k{n:04d}": 1 for n in range(count)}
        else:
            assert found == {f"k{n:04d}": 2 for n in range(1, count + 1)}
        store.complete(*reading(2, count, 1, start=1))
        assert values(store) == {f"k{n:04d}": 2 for n in range(1, count + 1)}
        discovered_late = {f"k{count:04d}": 2}
        assert values(store, NOW) == {f"k{n:04d}": 1 for n in range(count)} | discovered_late
        assert len(store.revisions(BONDS, "k0001", DAY)) == 2

    every_position(
        client,
        lambda store: store.complete(*reading(1, count, 0)),
        lambda store: store.complete(*reading(2, count, 1, start=1)),
        check,
        actions,
    )
    assert seen == {True, False}


def test_a_newer_reading_is_not_overwritten_by_a_writer_that_slept(client):
    """A writer stopped in the middle of a large reading and woken after a newer one has been kept changes nothing."""
    store = on(client)
    sleeper = Failing(client, 10**9, Killed())
    slept = on(sleeper, actions=6)
    slept.plan(RUN)
    moved = 0

    def stop_once(**parts):
        nonlocal moved
        checks = [each for each in parts["TransactItems"] if "ConditionCheck" in each]
        if checks and moved == 0:
            moved = 1
            store.complete(*reading(2, 5, 1))
        return client.transact_write_items(**parts)

    sleeper.transact_write_items = stop_once
    slept.complete(*reading(1, 12, 0))
    assert moved == 1
    assert [each.observation.value for each in store.revisions(BONDS, "k0001", DAY)] == [1, 2]
    assert values(store)["k0001"] == 2


@pytest.mark.parametrize("actions", [100, 4])
def test_a_kill_at_every_write_of_a_conclusion_leaves_it_once_or_not_at_all(client, actions):
    """Signal, run and outbox are all there or none; concluding again then succeeds once."""
    count = 4
    made = conclusion(count)

    def check(store, finished):
        kept = store.concluded(RUN)
        assert kept in (None, made)
        assert len(store.signals(BONDS)) == (0 if kept is None else 1)
        assert len(store.dispatches(RUN, limit=500)) == (0 if kept is None else count)
        assert len(store.dispatches(pending=True, limit=500)) == (0 if kept is None else count)
        assert finished <= (kept == made)
        assert store.conclude(made) == (kept is None)
        assert store.concluded(RUN) == made

    every_position(client, lambda _: None, lambda store: store.conclude(made), check, actions)


def test_a_kill_at_every_write_of_a_large_plan_leaves_the_old_or_the_new(client):
    """A list of items in several records is read whole or not at all; the pieces of the old one go with it."""

    def plan(generation):
        salt = f"{generation}" * 3
        items = tuple(Item(f"{n}", f"{hash((salt, n)):x}{hash((n, salt, 1)):x}{hash((n, salt, 2)):x}") for n in range(16000))
        return Plan(RUN, BONDS, "2026-W47", generation, items, (), NOW)

    first, second = plan(1), plan(2)

    def check(store, finished):
        assert store.plan(RUN) in ((second,) if finished else (first, second))
        assert store.save_plan(second) == second
        if finished:
            kept = [each["sk"]["S"] for each in client.scan(TableName=store._unchecked.name)["Items"]]
            assert len({sk.split("#")[1] for sk in kept if sk.startswith("piece#")}) == 1

    every_position(client, lambda store: store.save_plan(first), lambda store: store.save_plan(second), check)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (refusal("AccessDeniedException"), Forbidden, "AccessDenied"),
        (refusal("UnrecognizedClientException"), Forbidden, "Unrecognized"),
        (NoCredentialsError(), Forbidden, "credentials"),
        (refusal("ResourceNotFoundException"), Missing, tables.NAME),
        (refusal("ThrottlingException"), UpstreamDown, "Throttling"),
        (refusal("ProvisionedThroughputExceededException"), UpstreamDown, "Throughput"),
        (refusal("SomethingNew", 503), UpstreamDown, "SomethingNew"),
        (EndpointConnectionError(endpoint_url="https://dynamodb"), UpstreamDown, "dynamodb"),
        (ConnectTimeoutError(endpoint_url="https://dynamodb"), UpstreamDown, "dynamodb"),
        (refusal("ValidationException"), SentinelError, "Validation"),
    ],
)
def test_what_dynamodb_answers_becomes_our_kind_of_error(client, error, kind, words):
    """Refused for good, missing, passing, or our fault; the table is named."""
    on(client).plan(RUN)
    store = on(Failing(client, 0, error))
    for write in (
        lambda: store.complete(*reading(1, 2, 0)),
        lambda: store.lease(RUN, "me", NOW, NOW),
        lambda: store.conclude(conclusion(1)),
    ):
        with pytest.raises(SentinelError, match=words) as caught:
            write()
        assert type(caught.value) is kind
        assert tables.NAME in str(caught.value)
    assert values(store) == {}


@pytest.mark.parametrize(("reason", "kind"), [("ThrottlingError", UpstreamDown), ("ValidationError", SentinelError)])
def test_a_cancelled_transaction_tells_throttling_from_a_bad_record(client, reason, kind):
    """Why DynamoDB cancelled decides whether asking again may help."""
    on(client).plan(RUN)
    store = on(Failing(client, 0, cancelled("None", reason)))
    with pytest.raises(SentinelError) as caught:
        store.complete(*reading(1, 2, 0))
    assert type(caught.value) is kind


def test_a_table_that_is_not_there_is_named(client):
    """Reading says which table is missing."""
    with pytest.raises(Missing, match="table nowhere is not there"):
        DynamoStore(client, "nowhere").plan(RUN)


def test_a_record_too_large_is_refused_and_nothing_of_its_reading_is_kept(client):
    """An observation beyond DynamoDB's 400 KB cannot be kept in part."""
    run, scraper, item, outcome, found = reading(1, 2, 0)
    store = on(client)
    rows = [f"{n * 2654435761 % 2**32:08x}{n * 40503 % 2**31:08x}" for n in range(200_000)]
    with pytest.raises(SentinelError):
        store.complete(run, scraper, item, outcome, [found[0], replace(found[1], words="".join(rows))])
    assert values(store) == {}
    assert store.outcomes(RUN) == {}


@pytest.mark.parametrize(("version", "words"), [(SCHEMA + 1, "a newer version"), (SCHEMA - 1, "an older version")])
def test_another_schema_is_refused_in_words(client, version, words):
    """A table of an older or newer program is not touched."""
    on(client).plan(RUN)
    client.update_item(
        TableName=tables.NAME,
        Key={"pk": {"S": "schema"}, "sk": {"S": "schema"}},
        UpdateExpression="SET version = :v",
        ExpressionAttributeValues={":v": {"N": str(version)}},
    )
    with pytest.raises(SentinelError, match=words):
        on(client).plan(RUN)


def test_writers_that_never_let_go_end_as_a_passing_failure(client):
    """A transaction that always conflicts is tried again with pauses, then reported as passing."""
    pauses = []
    store = on(Failing(client, 1, cancelled("None", "TransactionConflict")))
    store._unchecked._sleep = pauses.append
    with pytest.raises(UpstreamDown, match="other writers"):
        store.complete(*reading(1, 2, 0))
    assert len(pauses) == 8
    assert pauses[-1] > pauses[0]


def test_no_path_scans_and_every_read_is_by_key_or_range(client):
    """All operations of a run use keys, one partition's range, batches and transactions only."""
    remembering = Failing(client)
    store = on(remembering)
    store.lease(RUN, "me", NOW, NOW)
    store.save_plan(Plan(RUN, BONDS, "2026-W47", 1, (Item("fund", ""),), (), NOW))
    store.complete(*reading(1, 3, 0))
    store.complete(*reading(2, LARGE, 1))
    store.outcomes(RUN)
    store.observations(BONDS, date(2026, 1, 1), DAY, NOW)
    store.revisions(BONDS, "k0001", DAY)
    store.conclude(conclusion(2))
    store.signals(BONDS, before=Window.parse("2026-W48"))
    for each in store.dispatches(pending=True):
        store.mark(replace(each, sent_at=NOW))
    store.dispatches()
    store.runs(BONDS)
    store.keep("x", 1, NOW)
    store.kept("x")
    store.kept_history("x")
    store.release(RUN, "me")
    used = {name for name, _ in remembering.calls}
    assert used <= {"get_item", "batch_get_item", "query", *tables.WRITES}
    assert not any("IndexName" in parts for _, parts in remembering.calls)
    largest = max(len(parts["TransactItems"]) for name, parts in remembering.calls if name == "transact_write_items")
    assert largest <= table.ACTIONS


def test_only_bookkeeping_expires(client):
    """Leases, outcomes and staged readings carry the TTL attribute; facts, signals, messages and plans never do."""
    store = on(client)
    store.lease(RUN, "me", NOW, NOW)
    store.save_plan(Plan(RUN, BONDS, "2026-W47", 1, (Item("fund", ""),), (), NOW))
    store.complete(*reading(1, 3, 0))
    store.complete(*reading(2, 3, 1))
    store.conclude(conclusion(2))
    store.keep("x", 1, NOW)
    expiring = {each["sk"]["S"].split("#")[0] for each in client.scan(TableName=tables.NAME)["Items"] if EXPIRES in each}
    assert expiring == {"lease", "outcome"}


def test_no_expression_uses_a_reserved_word(client):
    """DynamoDB refuses expressions that name an attribute by one of its reserved words."""
    del client
    reserved = set(files(moto.dynamodb).joinpath("parsing/reserved_keywords.txt").read_text().upper().split())
    sources = [each.read_text() for each in files("chalicelib.adapters.dynamo").iterdir() if each.name.endswith(".py")]
    quoted = {
        word
        for source in sources
        for line in source.splitlines()
        for text in line.split('"')[1::2]
        if " = :" in text or "< :" in text or "exists(" in text
        for word in text.replace("(", " ").replace(")", " ").replace(",", " ").split()
    }
    names = {word for word in quoted if word.isidentifier() and word.islower()} - {"attribute_not_exists", "attribute_exists"}
    assert {"lapses", "digest", "revision", "generation"} <= names
    assert {word for word in names if word.upper() in reserved} == set()
