"""Concluded runs are copied to a real PostgreSQL server, exactly, once, and late when it was down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pg8000.native
import pytest

from chalicelib.adapters.postgres import Copied, PostgresCopy, address, connected, migrate
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.deadline import Deadline
from chalicelib.errors import BadEvent, Forbidden, OutOfTime
from chalicelib.model import Item, Observation, Outcome
from chalicelib.ports import Conclusion, Plan
from tests.fakes.alerts import signal
from tests.fakes.postgres_server import PostgresServer, binaries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
RUN = "bond-issuance/2026-W47"
ITEM = Item("filing-1", "a filing")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    found = binaries()
    if found is None:
        pytest.skip("no PostgreSQL server is installed on this machine")
    with PostgresServer(found) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "store.db")


@pytest.fixture
def database(server: PostgresServer) -> Iterator[pg8000.native.Connection]:
    where = address({"url": server.url()})
    assert where is not None
    with connected(where) as connection:
        connection.run("DROP SCHEMA IF EXISTS sentinel CASCADE")
        yield connection


def observation(**changes: object) -> Observation:
    given = {
        "key": "0001193125-26-000001/1",
        "kind": "tranche",
        "subject": "Example Cloud Inc.",
        "as_of": date(2026, 11, 18),
        "known_at": NOW - timedelta(days=4),
        "value": Decimal("2500000000.10"),
        "unit": "USD",
        "confidence": "high",
        "source": "https://www.sec.gov/x.htm",
        "words": "$2,500,000,000.10",
        "detail": {"coupon": "4.875"},
    }
    return Observation(**{**given, **changes})  # type: ignore[arg-type]


def ran(store: SqliteStore, *found: Observation, generation: int = 1, run_id: str = RUN, at: datetime = NOW) -> None:
    window = run_id.partition("/")[2]
    store.save_plan(Plan(run_id, "bond-issuance", window, generation, (ITEM,), (), at))
    outcome = Outcome(ITEM.key, "done", "", "1", generation, at, observations=len(found))
    store.complete(run_id, "bond-issuance", ITEM, outcome, found)
    assert store.conclude(Conclusion(run_id, generation, signal(window=window), at))


def copy(store: SqliteStore, config: Mapping[str, object], changes: bool = False) -> PostgresCopy:
    return PostgresCopy(lambda: config, lambda: changes, store)


def test_run_is_copied_exactly(server: PostgresServer, store: SqliteStore, database: pg8000.native.Connection) -> None:
    """Every digit, word and unit of a concluded run is in the tables, amounts as numeric."""
    ran(store, observation(), observation(key="0001193125-26-000001/2", value=None, words="a\x00b\ud800 'quoted'; DROP TABLE x"))
    assert copy(store, {"url": server.url()}).catch_up("bond-issuance", 7, Deadline()) == Copied(1, 2)
    rows = database.run("SELECT key, value, unit, words, detail, known_at, withdrawn FROM sentinel.observation ORDER BY key")
    assert rows[0] == [
        "0001193125-26-000001/1",
        Decimal("2500000000.10"),
        "USD",
        "$2,500,000,000.10",
        {"coupon": "4.875"},
        NOW - timedelta(days=4),
        False,
    ]
    assert rows[1][1] is None
    assert rows[1][3] == "a\ufffdb? 'quoted'; DROP TABLE x"
    [[headline, coverage, contributors, concluded]] = database.run(
        "SELECT headline, coverage, contributors, concluded_at FROM sentinel.signal"
    )
    assert (headline, coverage, concluded) == (Decimal(7_234_567_890), Decimal("0.975"), NOW)
    assert contributors[1]["value"] == "2734567890"


def test_copying_again_changes_nothing(server: PostgresServer, store: SqliteStore, database: pg8000.native.Connection) -> None:
    """A second copy, and one by another process that does not know of the first, add no row."""
    ran(store, observation())
    first = copy(store, {"url": server.url()})
    assert first.catch_up("bond-issuance", 7, Deadline()) == Copied(1, 1)
    assert first.catch_up("bond-issuance", 7, Deadline()) == Copied(0, 0)
    database.run("DELETE FROM sentinel.signal")
    assert copy(store, {"url": server.url()}).catch_up("bond-issuance", 7, Deadline()) == Copied(1, 0)
    assert database.run("SELECT count(*) FROM sentinel.observation") == [[1]]


def test_revisions_are_copied(server: PostgresServer, store: SqliteStore, database: pg8000.native.Connection) -> None:
    """A refreshed run adds the changed number as a revision; the newest stands in the view."""
    ran(store, observation())
    copier = copy(store, {"url": server.url()})
    copier.catch_up("bond-issuance", 7, Deadline())
    ran(store, replace(observation(), value=Decimal(3), known_at=NOW), generation=2, at=NOW + timedelta(hours=1))
    assert copier.catch_up("bond-issuance", 7, Deadline()).runs == 1
    assert database.run("SELECT revision, value FROM sentinel.observation ORDER BY revision") == [
        [0, Decimal("2500000000.10")],
        [1, Decimal(3)],
    ]
    assert database.run("SELECT value FROM sentinel.observation_now") == [[Decimal(3)]]
    assert database.run("SELECT generation FROM sentinel.signal_now") == [[2]]


def test_database_that_is_down_delays_only_the_copy(
    server: PostgresServer, store: SqliteStore, database: pg8000.native.Connection
) -> None:
    """While the server is down the copy says so and raises nothing; the next run copies both."""
    ran(store, observation())
    copier = copy(store, {"url": server.url()})
    database.close()
    server.stop()
    try:
        delayed = copier.catch_up("bond-issuance", 7, Deadline())
    finally:
        server.start()
    assert (delayed.runs, delayed.delayed) == (0, "database: cannot be reached (InterfaceError)")
    ran(store, observation(key="other/1", as_of=date(2026, 11, 25)), run_id="bond-issuance/2026-W48")
    assert copier.catch_up("bond-issuance", 7, Deadline()) == Copied(2, 2)


def test_killed_between_batches_is_completed(
    server: PostgresServer, store: SqliteStore, database: pg8000.native.Connection
) -> None:
    """A copy that stops after its observations and before its signal is completed by the next."""
    ran(store, observation())
    copier = copy(store, {"url": server.url()})
    copier.catch_up("bond-issuance", 7, Deadline())
    database.run("DELETE FROM sentinel.signal")
    database.run("DELETE FROM sentinel.observation")
    with pytest.raises(OutOfTime):
        copier.catch_up("bond-issuance", 7, Deadline.in_seconds(0))
    assert copier.catch_up("bond-issuance", 7, Deadline()) == Copied(1, 1)


def test_rotated_password(server: PostgresServer, store: SqliteStore, database: pg8000.native.Connection) -> None:
    """A password the server no longer takes is read again from the secret, once, and the copy goes on."""
    ran(store, observation())
    current = {"url": server.url("outdated")}

    def again() -> bool:
        current["url"] = server.url()
        return True

    assert PostgresCopy(lambda: dict(current), again, store).catch_up("bond-issuance", 7, Deadline()) == Copied(1, 1)
    refused = copy(store, {"url": server.url("canary-password")}).catch_up("bond-issuance", 7, Deadline())
    assert refused.delayed == "database: refused us (SQLSTATE 28P01)"


def test_migration_is_applied_once(server: PostgresServer, database: pg8000.native.Connection) -> None:
    """Migrating twice, also from two processes, leaves one schema at its newest version."""
    where = address({"url": server.url()})
    assert where is not None
    newest = migrate(database)
    with connected(where) as other:
        assert migrate(other) == newest
    assert database.run("SELECT version FROM sentinel.migration ORDER BY version") == [[n + 1] for n in range(newest)]


def test_not_configured_is_nothing(store: SqliteStore) -> None:
    """Without a database in the secret there is no copy and no complaint."""
    ran(store, observation())
    assert copy(store, {}).catch_up("bond-issuance", 7, Deadline()) == Copied()
    assert copy(store, {"url": ""}).catch_up("bond-issuance", 7, Deadline()) == Copied()


@pytest.mark.parametrize(
    "config",
    [
        {"url": "mysql://u:canary@h/d"},
        {"url": 5},
        {"url": "postgresql://h/d?canary"},
        {"url": "postgresql://u:canary@h:port/d"},
        {"url": "postgresql://u:canary@h/d?sslmode=canary"},
        {"host": "h", "engine": "mysql", "password": "canary"},
    ],
)
def test_malformed_config_is_refused_without_its_content(config: dict[str, object], store: SqliteStore) -> None:
    """A secret that names no PostgreSQL database is refused by name, its content unsaid."""
    with pytest.raises(BadEvent, match="secret database-config") as caught:
        address(config)
    assert "canary" not in str(caught.value)
    assert "secret database-config" in copy(store, config).catch_up("bond-issuance", 7, Deadline()).delayed


def test_rds_form_and_tls_defaults() -> None:
    """The form RDS rotates is understood; away from loopback the connection is encrypted unless the secret says otherwise."""
    rds = address({"engine": "postgres", "host": "db.example.com", "port": 5433, "username": "u", "password": "p", "dbname": "d"})
    assert rds is not None
    assert (rds.port, rds.sslmode, rds.database) == (5433, "require", "d")
    local = address({"url": "postgresql://u:p%40ss@127.0.0.1/d"})
    assert local is not None
    assert (local.password, local.sslmode) == ("p@ss", "disable")
    assert "p@ss" not in repr(local)


def test_refusals_are_forbidden(server: PostgresServer) -> None:
    """A wrong password is `Forbidden` and repeats nothing of it."""
    where = address({"url": server.url("canary-password")})
    assert where is not None
    with pytest.raises(Forbidden) as caught, connected(where):
        pass
    assert "canary" not in str(caught.value)
