"""A copy of every concluded run's observations and signals in PostgreSQL, for analysts who use SQL.

The store stays the truth. The copy asks the database what it lacks, so a run made while the database was down is copied by
the next one, and copying again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar

import pg8000.native

from chalicelib.adapters.postgres.connection import Address, address, connected, migrate
from chalicelib.deadline import Deadline
from chalicelib.errors import Forbidden, Missing, OutOfTime, SentinelError
from chalicelib.model import Stored, Window
from chalicelib.ports import Conclusion, RunRecord, Store

__all__ = ["Address", "Copied", "PostgresCopy", "address", "connected", "migrate"]

T = TypeVar("T")

_BATCH = 500
_RUNS_LOOKED_AT = 60
_OBSERVATION = """
INSERT INTO sentinel.observation
SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS t(
    scraper text, as_of date, key text, revision integer, item text, kind text, subject text, value numeric, unit text,
    confidence text, source text, words text, detail jsonb, known_at timestamptz, fetched_at timestamptz, withdrawn boolean)
ON CONFLICT (scraper, as_of, key, revision) DO UPDATE SET
    item = excluded.item, kind = excluded.kind, subject = excluded.subject, value = excluded.value, unit = excluded.unit,
    confidence = excluded.confidence, source = excluded.source, words = excluded.words, detail = excluded.detail,
    known_at = excluded.known_at, fetched_at = excluded.fetched_at, withdrawn = excluded.withdrawn
"""
_SIGNAL = """
INSERT INTO sentinel.signal
SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS t(
    run_id text, generation integer, scraper text, "window" text, as_of date, headline numeric, unit text, change numeric,
    change_unit text, compared_with text, coverage numeric, confidence text, withheld text, contributors jsonb, data jsonb,
    concluded_at timestamptz)
ON CONFLICT (run_id, generation) DO NOTHING
"""
_NEWEST = """
SELECT as_of, key, known_at, fetched_at, withdrawn FROM sentinel.observation_now
WHERE scraper = :scraper AND as_of BETWEEN :first AND :last
"""


@dataclass(frozen=True)
class Copied:
    """What one call did. `delayed` says why the copy waits for the next run; empty when all is there."""

    runs: int = 0
    observations: int = 0
    delayed: str = ""


class PostgresCopy:
    """Copies from `store`. `config` gives the secret's object; `refused` asks for it again and tells whether it changed."""

    def __init__(self, config: Callable[[], Mapping[str, object]], refused: Callable[[], bool], store: Store) -> None:
        self._config, self._refused, self._store = config, refused, store
        self._migrated: Address | None = None

    def catch_up(self, scraper: str, lookback_days: int, deadline: Deadline) -> Copied:
        """Copy the scraper's concluded runs that the database lacks. Raises nothing but the run's own `OutOfTime`.

        `lookback_days` before a window's first day its run may have read observations of.
        """
        try:
            where = address(self._config())
            if where is None:
                return Copied()
            try:
                return self._copy(where, scraper, lookback_days, deadline)
            except Forbidden:
                again = address(self._config()) if self._refused() else None
                if again is None:
                    raise
                return self._copy(again, scraper, lookback_days, deadline)
        except OutOfTime:
            raise
        except Missing:
            return Copied()
        except SentinelError as error:
            return Copied(delayed=str(error))
        except Exception as error:  # noqa: BLE001 -- the copy is a courtesy; whatever breaks in it must not break the run
            return Copied(delayed=f"database: the copy broke ({type(error).__name__})")

    def _copy(self, where: Address, scraper: str, lookback_days: int, deadline: Deadline) -> Copied:
        runs = observations = 0
        with connected(where) as database:
            if self._migrated != where:
                migrate(database)
                self._migrated = where
            for run in self._lacking(database, scraper):
                deadline.check()
                conclusion = self._store.concluded(run.run_id)
                if conclusion is None:
                    continue
                window = Window.parse(run.window)
                first = window.first - timedelta(days=lookback_days)
                observations += self._observations(database, scraper, first, window.last, deadline)
                database.run(_SIGNAL, rows=_rows([_signal_row(conclusion)]))
                runs += 1
        return Copied(runs, observations)

    def _lacking(self, database: pg8000.native.Connection, scraper: str) -> list[RunRecord]:
        """Concluded runs whose newest generation the database does not have, oldest first.

        The signal is written after its observations, so a run that has one has all.
        """
        done: dict[str, int] = dict(
            database.run(
                "SELECT run_id, max(generation) FROM sentinel.signal WHERE scraper = :scraper GROUP BY run_id", scraper=scraper
            )
        )
        recent = [run for run in self._store.runs(scraper, _RUNS_LOOKED_AT) if run.concluded_at is not None]
        lacking: list[RunRecord] = []
        for run in recent:
            conclusion = self._store.concluded(run.run_id)
            if conclusion is not None and conclusion.generation > done.get(run.run_id, 0):
                lacking.append(run)
        return lacking[::-1]

    def _observations(self, database: pg8000.native.Connection, scraper: str, first: date, last: date, deadline: Deadline) -> int:
        known: dict[tuple[date, str], tuple[datetime, datetime, bool]] = {
            (as_of, key): (known_at, fetched_at, withdrawn)
            for as_of, key, known_at, fetched_at, withdrawn in database.run(_NEWEST, scraper=scraper, first=first, last=last)
        }
        lacking = (
            each
            for each in self._store.observations(scraper, first, last, withdrawn=True)
            if known.get((each.observation.as_of, each.observation.key))
            != (each.observation.known_at, each.fetched_at, each.withdrawn)
        )
        count = 0
        for batch in _batches(lacking, _BATCH):
            deadline.check()
            rows = [row for each in batch for row in self._revisions(scraper, each)]
            database.run(_OBSERVATION, rows=_rows(rows))
            count += len(rows)
        return count

    def _revisions(self, scraper: str, newest: Stored) -> Iterator[dict[str, object]]:
        """All revisions, numbered from 0; they never change, so the numbers do not either."""
        seen = newest.observation
        for number, each in enumerate(self._store.revisions(scraper, seen.key, seen.as_of)):
            yield _observation_row(scraper, number, each)


def _observation_row(scraper: str, revision: int, stored: Stored) -> dict[str, object]:
    seen = stored.observation
    return {
        "scraper": scraper,
        "as_of": seen.as_of.isoformat(),
        "key": seen.key,
        "revision": revision,
        "item": stored.item,
        "kind": seen.kind,
        "subject": seen.subject,
        "value": None if seen.value is None else str(seen.value),
        "unit": seen.unit,
        "confidence": seen.confidence,
        "source": seen.source,
        "words": seen.words,
        "detail": dict(seen.detail),
        "known_at": seen.known_at.isoformat(),
        "fetched_at": stored.fetched_at.isoformat(),
        "withdrawn": stored.withdrawn,
    }


def _signal_row(conclusion: Conclusion) -> dict[str, object]:
    signal = conclusion.signal
    return {
        "run_id": conclusion.run_id,
        "generation": conclusion.generation,
        "scraper": signal.scraper,
        "window": signal.window,
        "as_of": signal.as_of.isoformat(),
        "headline": None if signal.headline is None else str(signal.headline),
        "unit": signal.unit,
        "change": None if signal.change is None else str(signal.change),
        "change_unit": signal.change_unit or signal.unit,
        "compared_with": signal.compared_with,
        "coverage": str(signal.coverage),
        "confidence": signal.confidence,
        "withheld": signal.withheld,
        "contributors": [{"name": each.name, "value": str(each.value), "source": each.source} for each in signal.contributors],
        "data": dict(signal.data),
        "concluded_at": conclusion.concluded_at.isoformat(),
    }


def _rows(rows: Sequence[Mapping[str, object]]) -> str:
    """JSON that PostgreSQL takes: it has no NUL in text, nor halves of surrogate pairs."""
    return json.dumps([_storable(row) for row in rows], ensure_ascii=False)


def _storable(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(_storable(str(key))): _storable(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_storable(each) for each in value]
    return value


def _batches(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(rows, size)):
        yield batch
