"""The store in one DynamoDB table (on-demand, keys `pk` and `sk`, no index): every access is by key or one partition's range.

    what                  pk                          sk                          beside the body
    schema                schema                      schema                      version
    lease                 run#{run}                   lease                       holder, lapses, expires
    list of items         run#{run}                   plan                        generation, digest, pieces
      when it is large    run#{run}                   piece#{digest}#{n}          piece
    outcome of an item    run#{run}                   outcome#{item}              expires
    newest conclusion     run#{run}                   concluded                   generation, concluded_at, messages (ids)
    message               run#{run}                   message#{id}                sent_at, delivered
    the scraper's runs    runs#{scraper}              {first day}                 generation, concluded, concluded_at
    signal                signals#{scraper}           {first day}#{generation}    concluded_at
    conclusions, by time  outbox                      {concluded_at}#{run}        messages (ids)
      with unsent ones    unsent                      {concluded_at}#{run}        messages (ids)
    named value           kept#{name}                 {at}
    fact, newest          facts#{scraper}#{month}     {as_of}#{key}               revision, known_at, item, withdrawn
    fact, earlier         past#{scraper}#{month}      {as_of}#{key}#{revision}    the same
    facts of an item      item#{scraper}#{item}       {month}                     version
    large reading, aside  stage#{digest}              {n}                         piece, expires
      and not yet moved   pending#{scraper}           {item}                      digest, pieces

`expires` (TTL) stands on leases, outcomes and what is staged, never on facts or signals; an outcome that has expired is
read again when its run is, which changes nothing. How a large reading is kept in one step is told in `facts`.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib import codec
from chalicelib.adapters.dynamo.conclusions import Conclusions, run_key
from chalicelib.adapters.dynamo.facts import Facts
from chalicelib.adapters.dynamo.table import ACTIONS, EXPIRES, PK, SK, SLICE, Conflict, Key, Record, Table, pack, slices, unpack
from chalicelib.errors import SentinelError
from chalicelib.model import Item, Json, Observation, Outcome, Signal, Stored, Window
from chalicelib.ports import Conclusion, Dispatch, Plan, RunRecord

__all__ = ["EXPIRES", "PK", "SCHEMA", "SK", "DynamoStore"]

SCHEMA = 1
"""Raised when the layout changes; kept in the table."""
LEASE_DAYS, OUTCOME_DAYS = 7, 800
"""How long after its end a lease, and after its reading an outcome, may be swept away."""


class DynamoStore:
    """Satisfies `ports.Store` on the table `name` behind a boto3 DynamoDB client; one object may serve many threads.

    Raises `Missing` when the table is not there, `Forbidden` when the role may not use it, `UpstreamDown` when it is
    throttled, failing or unreachable, `SentinelError` when it was written under another schema or refuses a record.
    `actions` is the most that one transaction may hold; what needs more is staged.
    """

    def __init__(self, client: Any, name: str, *, actions: int = ACTIONS) -> None:  # noqa: ANN401 -- boto3's generated class
        self._unchecked = Table(client, name, actions=actions)
        self._lock = threading.Lock()
        self._version: int | None = None

    @property
    def _table(self) -> Table:
        """The table, once its schema is known to be ours."""
        if self._version is None:
            with self._lock:
                self._version = self._checked()
        return self._unchecked

    def _checked(self) -> int:
        record = self._unchecked.get("schema", "schema")
        if record is None:
            try:
                new = {PK: "schema", SK: "schema", "version": SCHEMA}
                self._unchecked.write(self._unchecked.put(new, "attribute_not_exists(pk)"))
            except Conflict:
                return self._checked()
            return SCHEMA
        version = int(record["version"])
        if version != SCHEMA:
            age = "an older" if version < SCHEMA else "a newer"
            raise SentinelError(
                f"table {self._unchecked.name} was written by {age} version of this program (schema {version}, this one "
                f"needs {SCHEMA}): deploy that version, or use another table"
            )
        return version

    def lease(self, run_id: str, holder: str, until: datetime, now: datetime) -> bool:
        """See `ports.Store`."""
        expires = int((until + timedelta(days=LEASE_DAYS)).timestamp())
        record = {PK: f"run#{run_id}", SK: "lease", "holder": holder, "lapses": codec.instant(until), EXPIRES: expires}
        free = "attribute_not_exists(pk) OR holder = :holder OR lapses <= :now"
        action = self._table.put(record, free, holder=holder, now=codec.instant(now))
        return self._table.holds(action)

    def release(self, run_id: str, holder: str) -> None:
        """See `ports.Store`."""
        self._table.holds(self._table.delete((f"run#{run_id}", "lease"), "holder = :holder", holder=holder))

    def plan(self, run_id: str) -> Plan | None:
        """See `ports.Store`."""

        def step() -> Plan | None:
            record = self._table.get(f"run#{run_id}", "plan")
            keys = _pieces(run_id, record) if record else []
            pieces = self._table.get_all(keys)
            if len(pieces) < len(keys):
                raise Conflict
            blob = b"".join(pieces[key]["piece"] for key in keys) if keys else record and record["blob"]
            return codec.load(Plan, zlib.decompress(blob).decode("ascii")) if blob else None

        return self._table.settled(f"reading the plan of {run_id}", step)

    def save_plan(self, plan: Plan) -> Plan:
        """See `ports.Store`: the pieces of a large plan are written first and count once the plan's record names them."""
        table, pk = self._table, f"run#{plan.run_id}"
        before = table.get(pk, "plan")
        if before is None or before["generation"] < plan.generation:
            blob = zlib.compress(codec.dump(plan).encode("ascii"), 6)
            record = {PK: pk, SK: "plan", "generation": plan.generation, "digest": hashlib.sha256(blob).hexdigest()[:24]}
            pieces = slices(blob) if len(blob) > SLICE else []
            record |= {"pieces": len(pieces)} if pieces else {"pieces": 0, "blob": blob}
            for key, piece in zip(_pieces(plan.run_id, record), pieces, strict=True):
                table.write(table.put({PK: key[0], SK: key[1], "piece": piece}))
            table.settled(f"keeping the plan of {plan.run_id}", lambda: self._swap(plan, record))
            kept = table.get(pk, "plan") or {}
            for unused in (record, before):
                if unused and unused["digest"] != kept.get("digest"):
                    table.delete_all(_pieces(plan.run_id, unused))
        saved = self.plan(plan.run_id)
        if saved is None:
            raise SentinelError(f"table {table.name}: the plan of {plan.run_id} is gone")
        return saved

    def _swap(self, plan: Plan, record: Record) -> None:
        """Keep the plan's record and its line among the runs, unless one as new is there."""
        table = self._table
        kept = table.get(f"run#{plan.run_id}", "plan")
        if kept is None or kept["generation"] < plan.generation:
            newer = "attribute_not_exists(pk) OR generation < :generation"
            line = "SET generation = :generation, made_at = :made_at, item_count = :item_count, run_id = :run_id"
            made_at = codec.instant(plan.made_at)
            update = table.update(
                run_key(plan.scraper, plan.window),
                line,
                generation=plan.generation,
                made_at=made_at,
                item_count=len(plan.items),
                run_id=plan.run_id,
            )
            table.transact([table.put(record, newer, generation=plan.generation), update])

    def outcomes(self, run_id: str) -> Mapping[str, Outcome]:
        """See `ports.Store`."""
        records = self._table.query(f"run#{run_id}", "outcome#", "outcome#\U0010ffff")
        return {outcome.item: outcome for outcome in (codec.load(Outcome, unpack(each["body"])) for each in records)}

    def complete(self, run_id: str, scraper: str, item: Item, outcome: Outcome, found: Sequence[Observation]) -> None:
        """See `ports.Store`; how it is one step is told in `facts`."""
        expires = int((outcome.at + timedelta(days=OUTCOME_DAYS)).timestamp())
        record = {PK: f"run#{run_id}", SK: f"outcome#{item.key}", "body": pack(codec.dump(outcome)), EXPIRES: expires}
        Facts(self._table).complete(scraper, item, outcome, found, record)

    def observations(
        self, scraper: str, first: date, last: date, known_by: datetime | None = None, *, withdrawn: bool = False
    ) -> Sequence[Stored]:
        """See `ports.Store`."""
        return Facts(self._table).observations(scraper, first, last, known_by, withdrawn=withdrawn)

    def revisions(self, scraper: str, key: str, as_of: date) -> Sequence[Stored]:
        """See `ports.Store`."""
        return Facts(self._table).revisions(scraper, key, as_of)

    def concluded(self, run_id: str) -> Conclusion | None:
        """See `ports.Store`."""
        return Conclusions(self._table).concluded(run_id)

    def conclude(self, conclusion: Conclusion) -> bool:
        """See `ports.Store`."""
        return Conclusions(self._table).conclude(conclusion)

    def signals(
        self, scraper: str, *, before: Window | None = None, limit: int = 1000, known_by: datetime | None = None
    ) -> Sequence[tuple[Signal, datetime]]:
        """See `ports.Store`."""
        return Conclusions(self._table).signals(scraper, before=before, limit=limit, known_by=known_by)

    def dispatches(self, run_id: str | None = None, *, pending: bool = False, limit: int = 100) -> Sequence[Dispatch]:
        """See `ports.Store`."""
        return Conclusions(self._table).dispatches(run_id, pending=pending, limit=limit)

    def mark(self, dispatch: Dispatch) -> None:
        """See `ports.Store`."""
        Conclusions(self._table).mark(dispatch)

    def runs(self, scraper: str, limit: int = 10) -> Sequence[RunRecord]:
        """See `ports.Store`; the run of the latest window is the newest."""
        records = self._table.query(f"runs#{scraper}", newest_first=True, page=limit)
        planned = (record for record in records if "run_id" in record)
        return [_run_record(scraper, record) for record in islice(planned, limit)]

    def keep(self, name: str, value: Json, now: datetime) -> None:
        """See `ports.Store`; the value it already has changes nothing."""
        body = codec.dump_json(value)
        newest = self._newest(name)
        if newest is None or unpack(newest["body"]) != body:
            self._table.write(self._table.put({PK: f"kept#{name}", SK: codec.instant(now), "body": pack(body)}))

    def kept(self, name: str) -> Json:
        """See `ports.Store`."""
        newest = self._newest(name)
        return codec.load_json(unpack(newest["body"])) if newest else None

    def _newest(self, name: str) -> Record | None:
        return next(self._table.query(f"kept#{name}", newest_first=True, page=1), None)

    def kept_history(self, name: str) -> Sequence[tuple[datetime, Json]]:
        """See `ports.Store`."""
        records = self._table.query(f"kept#{name}")
        return [(datetime.fromisoformat(each[SK]), codec.load_json(unpack(each["body"]))) for each in records]


def _pieces(run_id: str, record: Record) -> list[Key]:
    return [(f"run#{run_id}", f"piece#{record['digest']}#{place:04d}") for place in range(record["pieces"])]


def _run_record(scraper: str, record: Record) -> RunRecord:
    run_id = record["run_id"]
    concluded = record.get("concluded", 0) >= record["generation"]
    at = datetime.fromisoformat(record["concluded_at"]) if concluded else None
    made_at = datetime.fromisoformat(record["made_at"])
    return RunRecord(run_id, scraper, run_id.partition("/")[2], record["generation"], made_at, at, record["item_count"])
