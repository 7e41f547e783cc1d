"""The SQLite store when things go wrong: kills, two processes, refused writes, damaged, foreign and read-only files."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.sqlite import SCHEMA, SqliteStore
from chalicelib.errors import Forbidden, Missing, SentinelError, UpstreamDown
from tests.fakes.interrupted import DAY, EACH, RUN, SCRAPER, reading

ROOT = Path(__file__).resolve().parent.parent
WRITER = ROOT / "tests/fakes/interrupted.py"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sentinel.db"


def start(path, who, *limit):
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'sentinel'}:{ROOT}"}
    process = subprocess.Popen([sys.executable, WRITER, path, who, *map(str, limit)], env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "open\n"
    return process


def whole(store):
    """Asserts that every outcome has all its observations and no observation is without its outcome; how many outcomes."""
    outcomes = store.outcomes(RUN)
    counts = dict.fromkeys(outcomes, 0)
    for each in store.observations(SCRAPER, DAY, DAY):
        assert each.item in counts
        counts[each.item] += 1
    assert set(counts.values()) <= {EACH}
    return len(outcomes)


def test_a_kill_at_any_instant_leaves_whole_readings(path):
    """Five writers killed with SIGKILL at random instants: outcome and observations are both there or neither."""
    rng, before = random.Random(5), 0
    for who in range(5):
        process = start(path, f"writer{who}")
        time.sleep(rng.uniform(0.05, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        store = SqliteStore(path)
        kept = whole(store)
        store.close()
        assert kept > before
        before = kept
    check = sqlite3.connect(path)
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_two_processes_write_one_file(path):
    """Both make the file at once and write the same items and their own: nothing is lost, nothing doubled."""
    processes = [start(path, who, 40) for who in ("same", "same", "other")]
    assert [each.wait() for each in processes] == [0, 0, 0]
    store = SqliteStore(path)
    assert whole(store) == 80
    assert len(store.observations(SCRAPER, DAY, DAY)) == 80 * EACH
    assert len(store.revisions(SCRAPER, "same-1/0", DAY)) == 1


def test_many_threads_share_one_store(path):
    """Eight threads complete different items through one object."""
    store = SqliteStore(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.complete(RUN, SCRAPER, *reading("t", n)), range(60)))
    assert whole(store) == 60


@pytest.mark.parametrize("position", range(EACH + 1))
def test_a_refused_write_half_way_leaves_nothing_of_it_and_all_before(path, position):
    """The disk fills at every row of a reading in turn: the reading is absent, what was stored stays, a repeat succeeds."""
    store = SqliteStore(path)
    store.complete(RUN, SCRAPER, *reading("kept", 1))
    target = "outcome" if position == EACH else "observation"
    when = "" if position == EACH else f"WHEN NEW.key = 'new-2/{position}'"
    store._file.db.execute(
        f"CREATE TEMP TRIGGER full BEFORE INSERT ON main.{target} {when} BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(SentinelError, match="full"):
        store.complete(RUN, SCRAPER, *reading("new", 2))
    assert whole(store) == 1
    store._file.db.execute("DROP TRIGGER full")
    store.complete(RUN, SCRAPER, *reading("new", 2))
    assert whole(store) == 2


def test_a_full_disk_is_a_passing_failure_and_loses_nothing(path):
    """Once no page can be added a write is refused as passing; what was kept is still read."""
    store = SqliteStore(path)
    store.complete(RUN, SCRAPER, *reading("kept", 1))
    pages = store._file.db.execute("PRAGMA page_count").fetchone()[0]
    store._file.db.execute(f"PRAGMA max_page_count={pages}")
    too_much = [replace(each, words="w" * 100_000) for each in reading("new", 2)[2]]
    with pytest.raises(UpstreamDown, match="full"):
        store.complete(RUN, SCRAPER, *reading("new", 2)[:2], too_much)
    assert whole(store) == 1


def test_a_writer_that_does_not_let_go_is_a_passing_failure(path):
    """Another process's transaction is waited for, then reported as passing; reading goes on meanwhile."""
    store = SqliteStore(path, busy_ms=50)
    store.complete(RUN, SCRAPER, *reading("kept", 1))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UpstreamDown, match="locked"):
        store.complete(RUN, SCRAPER, *reading("new", 2))
    assert whole(store) == 1
    other.execute("ROLLBACK")
    store.complete(RUN, SCRAPER, *reading("new", 2))
    assert whole(store) == 2


@pytest.mark.parametrize("damage", ["text", "short", "middle"])
def test_a_damaged_file_is_named(path, damage):
    """A file that is no database, or whose pages are garbled, gives an error with its name, never an empty answer."""
    store = SqliteStore(path)
    for number in range(30):
        store.complete(RUN, SCRAPER, *reading("kept", number))
    store.close()
    content = bytearray(path.read_bytes())
    if damage == "text":
        content = bytearray(b"<html>not a database</html>" * 400)
    elif damage == "short":
        content = content[: len(content) // 2]
    else:
        content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(SentinelError, match=r"sentinel\.db"):
        whole(SqliteStore(path))


def test_many_processes_may_make_the_file_at_once(path):
    """Six processes open a file that is not there; each finishes its writes."""
    with ThreadPoolExecutor(6) as pool:
        processes = list(pool.map(lambda n: start(path, f"p{n}", 3), range(6)))
    assert [each.wait() for each in processes] == [0] * 6
    assert whole(SqliteStore(path)) == 18


@pytest.mark.parametrize(("version", "words"), [(SCHEMA + 1, "a newer version"), (SCHEMA - 1, "an older version")])
def test_another_schema_is_refused_in_words(path, version, words):
    """A file of an older or newer program is not touched."""
    SqliteStore(path).close()
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA user_version={version}")
    other.close()
    with pytest.raises(SentinelError, match=words):
        SqliteStore(path)


def test_another_programs_database_is_refused_and_left_as_it_was(path):
    """Somebody else's tables are not ours to add to."""
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(SentinelError, match="another program"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_missing(tmp_path):
    """The store does not make folders."""
    with pytest.raises(Missing, match="nowhere"):
        SqliteStore(tmp_path / "nowhere" / "sentinel.db")


def test_a_file_that_may_not_be_written_is_forbidden(path):
    """SQLite's own read-only refusal becomes `Forbidden`; root may write anything, so the connection is made read-only."""
    store = SqliteStore(path)
    store.complete(RUN, SCRAPER, *reading("kept", 1))
    store._file.db.close()
    store._file.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    with pytest.raises(Forbidden, match="may not be written"):
        store.complete(RUN, SCRAPER, *reading("new", 2))
    assert whole(store) == 1


def test_an_interrupted_write_is_rolled_back_and_the_store_goes_on(path):
    """An error raised inside the transaction (the alarm of a deadline, say) leaves no lock and no half reading."""
    store = SqliteStore(path)
    item, outcome, found = reading("new", 1)
    with pytest.raises(SentinelError):
        store.complete(RUN, SCRAPER, item, outcome, [*found, replace(found[0], key="\ud800")])
    assert whole(store) == 0
    store.complete(RUN, SCRAPER, item, outcome, found)
    assert whole(store) == 1
