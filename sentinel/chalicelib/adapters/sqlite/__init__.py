"""The store in one SQLite file: the default of a machine without a table.

Every write is one transaction (BEGIN IMMEDIATE, write-ahead log), so a kill leaves all of it or nothing, and processes
wait for each other. Revisions are rows of their own and never change; the law of point-in-time reads is `revision`'s.

    lease        run → holder, until                 plan        run → newest list of items
    outcome      run, item → how reading ended       observation scraper, as_of, key, revision → fact
    conclusion   run, generation → signal            dispatch    id → message, sent_at, delivered
    kept         name, at → value
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from chalicelib import codec
from chalicelib.adapters.sqlite.file import BUSY_MS, SCHEMA, File
from chalicelib.errors import Missing
from chalicelib.model import Item, Json, Observation, Outcome, Signal, Stored, Window
from chalicelib.ports import Conclusion, Dispatch, Plan, RunRecord
from chalicelib.revision import Fact, changes

__all__ = ["SCHEMA", "SqliteStore"]

_REVISION = "as_of, key, known_at, fetched_at, item, withdrawn, body"


class SqliteStore:
    """Satisfies `ports.Store` on the file at `path`, made when it is not there. One object may serve many threads.

    Raises `SentinelError` naming the file when it is damaged, not ours or of another schema; `Missing` when its folder is
    not there; `Forbidden` when it may not be written; `UpstreamDown` when the disk is full or another writer holds it.
    """

    def __init__(self, path: Path | str, *, busy_ms: int = BUSY_MS) -> None:
        self._file = File(Path(path), busy_ms)

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        self._file.close()

    def lease(self, run_id: str, holder: str, until: datetime, now: datetime) -> bool:
        """See `ports.Store`."""
        with self._file.write() as db:
            cursor = db.execute(
                "INSERT INTO lease VALUES (?, ?, ?) ON CONFLICT (run_id) DO UPDATE SET holder = excluded.holder, "
                "until = excluded.until WHERE holder = excluded.holder OR until <= ?",
                (run_id, holder, codec.instant(until), codec.instant(now)),
            )
            return cursor.rowcount == 1

    def release(self, run_id: str, holder: str) -> None:
        """See `ports.Store`."""
        with self._file.write() as db:
            db.execute("DELETE FROM lease WHERE run_id = ? AND holder = ?", (run_id, holder))

    def plan(self, run_id: str) -> Plan | None:
        """See `ports.Store`."""
        rows = self._file.rows("SELECT body FROM plan WHERE run_id = ?", run_id)
        return codec.load(Plan, rows[0][0]) if rows else None

    def save_plan(self, plan: Plan) -> Plan:
        """See `ports.Store`."""
        body = codec.dump(plan)
        first = Window.parse(plan.window).first.isoformat()
        with self._file.write() as db:
            db.execute(
                "INSERT INTO plan VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO UPDATE SET generation = "
                "excluded.generation, made_at = excluded.made_at, items = excluded.items, body = excluded.body "
                "WHERE generation < excluded.generation",
                (plan.run_id, plan.scraper, first, plan.generation, codec.instant(plan.made_at), len(plan.items), body),
            )
            kept = db.execute("SELECT body FROM plan WHERE run_id = ?", (plan.run_id,)).fetchone()[0]
        return codec.load(Plan, kept)

    def outcomes(self, run_id: str) -> Mapping[str, Outcome]:
        """See `ports.Store`."""
        rows = self._file.rows("SELECT item, body FROM outcome WHERE run_id = ?", run_id)
        return {item: codec.load(Outcome, body) for item, body in rows}

    def complete(self, run_id: str, scraper: str, item: Item, outcome: Outcome, found: Sequence[Observation]) -> None:
        """See `ports.Store`; one transaction."""
        body = codec.dump(outcome)
        given = [codec.exact(each) for each in found]
        facts = {(each.as_of, each.key) for each in given}
        with self._file.write() as db:
            owned = _owned(db, scraper, item.key) if item.replaces else ()
            newest = {fact: row for fact in {*facts, *owned} if (row := _newest(db, scraper, fact))}
            kept = {fact: _stored(row[1:]) for fact, row in newest.items()}
            for fact, made in changes(kept, owned, item, outcome, given).items():
                revision = newest[fact][0] + 1 if fact in newest else 1
                db.execute("INSERT INTO observation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(scraper, revision, made))
            db.execute("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?)", (run_id, item.key, body))

    def observations(
        self, scraper: str, first: date, last: date, known_by: datetime | None = None, *, withdrawn: bool = False
    ) -> Sequence[Stored]:
        """See `ports.Store`."""
        rows = self._file.rows(
            f"SELECT {_REVISION} FROM observation WHERE scraper = ? AND as_of BETWEEN ? AND ? AND known_at <= ? "  # noqa: S608 -- a constant
            "ORDER BY as_of, key, revision",
            scraper,
            first.isoformat(),
            last.isoformat(),
            codec.instant(known_by) if known_by else "~",
        )
        newest = {(row[0], row[1]): row for row in rows}
        return [_stored(row) for row in newest.values() if withdrawn or not row[5]]

    def revisions(self, scraper: str, key: str, as_of: date) -> Sequence[Stored]:
        """See `ports.Store`."""
        rows = self._file.rows(
            f"SELECT {_REVISION} FROM observation WHERE scraper = ? AND as_of = ? AND key = ? ORDER BY revision",  # noqa: S608 -- a constant
            scraper,
            as_of.isoformat(),
            key,
        )
        return [_stored(row) for row in rows]

    def concluded(self, run_id: str) -> Conclusion | None:
        """See `ports.Store`."""
        rows = self._file.rows(
            "SELECT generation, concluded_at, body FROM conclusion WHERE run_id = ? ORDER BY generation DESC LIMIT 1", run_id
        )
        if not rows:
            return None
        generation, at, body = rows[0]
        outbox = self._file.rows(
            "SELECT sent_at, delivered, body FROM dispatch WHERE run_id = ? AND generation = ? ORDER BY place", run_id, generation
        )
        signal = codec.load(Signal, body)
        return Conclusion(run_id, generation, signal, datetime.fromisoformat(at), tuple(_dispatch(row) for row in outbox))

    def conclude(self, conclusion: Conclusion) -> bool:
        """See `ports.Store`; one transaction."""
        signal, run_id = conclusion.signal, conclusion.run_id
        first = Window.parse(signal.window).first.isoformat()
        messages = [
            (each.id, each.run_id, conclusion.generation, each.sent_at and codec.instant(each.sent_at),
             codec.dump_json(sorted(each.delivered)), codec.dump(replace(each, sent_at=None, delivered=())))
            for each in conclusion.outbox
        ]  # fmt: skip
        with self._file.write() as db:
            newest = db.execute("SELECT max(generation) FROM conclusion WHERE run_id = ?", (run_id,)).fetchone()[0]
            if newest is not None and newest >= conclusion.generation:
                return False
            at = codec.instant(conclusion.concluded_at)
            row = (run_id, conclusion.generation, signal.scraper, first, at, codec.dump(signal))
            db.execute("INSERT INTO conclusion VALUES (?, ?, ?, ?, ?, ?)", row)
            db.executemany("INSERT OR IGNORE INTO dispatch VALUES (NULL, ?, ?, ?, ?, ?, ?)", messages)
        return True

    def signals(
        self, scraper: str, *, before: Window | None = None, limit: int = 1000, known_by: datetime | None = None
    ) -> Sequence[tuple[Signal, datetime]]:
        """See `ports.Store`."""
        rows = self._file.rows(
            "SELECT max(generation), concluded_at, body FROM conclusion WHERE scraper = ? AND first < ? AND concluded_at <= ? "
            "GROUP BY run_id ORDER BY first DESC LIMIT ?",
            scraper,
            before.first.isoformat() if before else "~",
            codec.instant(known_by) if known_by else "~",
            limit,
        )
        return [(codec.load(Signal, body), datetime.fromisoformat(at)) for _, at, body in reversed(rows)]

    def dispatches(self, run_id: str | None = None, *, pending: bool = False, limit: int = 100) -> Sequence[Dispatch]:
        """See `ports.Store`; beyond `limit` the oldest pending come first, so that they are sent in their order."""
        order = "ASC" if pending else "DESC"
        rows = self._file.rows(
            "SELECT sent_at, delivered, body FROM dispatch WHERE (?1 IS NULL OR run_id = ?1) "  # noqa: S608 -- constants
            f"{'AND sent_at IS NULL' if pending else ''} ORDER BY place {order} LIMIT ?2",
            run_id,
            limit,
        )
        found = [_dispatch(row) for row in rows]
        return found if pending else found[::-1]

    def mark(self, dispatch: Dispatch) -> None:
        """See `ports.Store`; channels add up, the first `sent_at` stays."""
        with self._file.write() as db:
            kept = db.execute("SELECT sent_at, delivered FROM dispatch WHERE id = ?", (dispatch.id,)).fetchone()
            if kept is None:
                raise Missing(f"{self._file.path}: no message {dispatch.id} is in the outbox")
            sent_at = kept[0] or (dispatch.sent_at and codec.instant(dispatch.sent_at))
            delivered = codec.dump_json(sorted({*_texts(kept[1]), *dispatch.delivered}))
            db.execute("UPDATE dispatch SET sent_at = ?, delivered = ? WHERE id = ?", (sent_at, delivered, dispatch.id))

    def runs(self, scraper: str, limit: int = 10) -> Sequence[RunRecord]:
        """See `ports.Store`; the run of the latest window is the newest."""
        rows = self._file.rows(
            "SELECT run_id, generation, made_at, items, (SELECT concluded_at FROM conclusion WHERE run_id = plan.run_id "
            "AND generation >= plan.generation) FROM plan WHERE scraper = ? ORDER BY first DESC LIMIT ?",
            scraper,
            limit,
        )
        return [
            RunRecord(run_id, scraper, run_id.partition("/")[2], generation, datetime.fromisoformat(made_at),
                      datetime.fromisoformat(concluded_at) if concluded_at else None, items)
            for run_id, generation, made_at, items, concluded_at in rows
        ]  # fmt: skip

    def keep(self, name: str, value: Json, now: datetime) -> None:
        """See `ports.Store`; the value it already has changes nothing."""
        body = codec.dump_json(value)
        with self._file.write() as db:
            newest = db.execute("SELECT body FROM kept WHERE name = ? ORDER BY at DESC LIMIT 1", (name,)).fetchone()
            if newest is None or newest[0] != body:
                db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (name, codec.instant(now), body))

    def kept(self, name: str) -> Json:
        """See `ports.Store`."""
        rows = self._file.rows("SELECT body FROM kept WHERE name = ? ORDER BY at DESC LIMIT 1", name)
        return codec.load_json(rows[0][0]) if rows else None

    def kept_history(self, name: str) -> Sequence[tuple[datetime, Json]]:
        """See `ports.Store`."""
        rows = self._file.rows("SELECT at, body FROM kept WHERE name = ? ORDER BY at", name)
        return [(datetime.fromisoformat(at), codec.load_json(body)) for at, body in rows]


def _newest(db: sqlite3.Connection, scraper: str, fact: Fact) -> Any:  # noqa: ANN401 -- a row or None
    """A fact's newest revision: its number and the columns of `_REVISION`."""
    query = (
        f"SELECT revision, {_REVISION} FROM observation WHERE scraper = ? AND as_of = ? AND key = ? "  # noqa: S608 -- a constant
        "ORDER BY revision DESC LIMIT 1"
    )
    return db.execute(query, (scraper, fact[0].isoformat(), fact[1])).fetchone()


def _owned(db: sqlite3.Connection, scraper: str, item: str) -> list[Fact]:
    rows = db.execute("SELECT DISTINCT as_of, key FROM observation WHERE scraper = ? AND item = ?", (scraper, item))
    return [(date.fromisoformat(as_of), key) for as_of, key in rows]


def _row(scraper: str, revision: int, made: Stored) -> tuple[object, ...]:
    seen = made.observation
    known_at, fetched_at = codec.instant(seen.known_at), codec.instant(made.fetched_at)
    fact = codec.dump_fact(seen)
    return (scraper, seen.as_of.isoformat(), seen.key, revision, known_at, fetched_at, made.item, int(made.withdrawn), fact)


def _stored(row: Sequence[Any]) -> Stored:
    as_of, key, known_at, fetched_at, item, withdrawn, body = row
    seen = codec.load_fact(body, key, date.fromisoformat(as_of), datetime.fromisoformat(known_at))
    return Stored(seen, item, datetime.fromisoformat(fetched_at), bool(withdrawn))


def _dispatch(row: Sequence[Any]) -> Dispatch:
    sent_at, delivered, body = row
    sent = datetime.fromisoformat(sent_at) if sent_at else None
    return replace(codec.load(Dispatch, body), sent_at=sent, delivered=tuple(_texts(delivered)))


def _texts(body: str) -> list[str]:
    texts = codec.load_json(body)
    return [str(each) for each in texts] if isinstance(texts, list) else []
