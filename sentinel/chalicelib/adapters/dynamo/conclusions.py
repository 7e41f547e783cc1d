"""Conclusions in the table: signals, and the outbox of messages that go with them.

A conclusion is one transaction. Messages too many for it are written first; they count once a conclusion names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby, islice

from chalicelib import codec
from chalicelib.adapters.dynamo.table import BYTES, PK, SK, Action, Key, Record, Table, pack, size_of, unpack
from chalicelib.errors import Missing
from chalicelib.model import Signal, Window
from chalicelib.ports import Conclusion, Dispatch


class Conclusions:
    """The part of the table that holds what runs conclude; its methods are those of `ports.Store`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def concluded(self, run_id: str) -> Conclusion | None:
        """See `ports.Store`."""
        record = self._table.get(f"run#{run_id}", "concluded")
        if record is None:
            return None
        signal = codec.load(Signal, unpack(record["body"]))
        messages = self._messages(run_id, record["messages"])
        return Conclusion(run_id, record["generation"], signal, datetime.fromisoformat(record["concluded_at"]), tuple(messages))

    def conclude(self, conclusion: Conclusion) -> bool:
        """See `ports.Store`: one transaction; messages too many for it are written first and count once it names them."""
        table, run_id = self._table, conclusion.run_id
        head, *rest = self._conclusion(conclusion)
        messages = [self._message(each) for each in conclusion.outbox]

        def step() -> bool:
            kept = table.get(f"run#{run_id}", "concluded")
            if kept and kept["generation"] >= conclusion.generation:
                return False
            together = [head, *rest, *messages]
            if len(together) > table.actions or sum(map(size_of, together)) > BYTES:
                for message in messages:
                    self._table.holds(message)
                together = [head, *rest]
            table.transact(together)
            return True

        return table.settled(f"concluding {run_id}", step)

    def _conclusion(self, conclusion: Conclusion) -> list[Action]:
        """The records of a conclusion, the conditional one first."""
        table, signal, run_id, generation = self._table, conclusion.signal, conclusion.run_id, conclusion.generation
        at, ids = codec.instant(conclusion.concluded_at), [each.id for each in conclusion.outbox]
        body = {"concluded_at": at, "generation": generation, "body": pack(codec.dump(signal))}
        key = run_key(signal.scraper, signal.window)
        actions = [
            table.put(
                {PK: f"run#{run_id}", SK: "concluded", "messages": ids, **body},
                "attribute_not_exists(pk) OR generation < :generation",
                generation=generation,
            ),
            table.put({PK: f"signals#{signal.scraper}", SK: f"{key[1]}#{generation:06d}", **body}),
            table.update(key, "SET concluded = :g, concluded_at = :at", g=generation, at=at),
        ]
        if ids:
            line = {SK: f"{at}#{run_id}", "run_id": run_id, "messages": ids}
            actions.append(table.put({PK: "outbox", **line}))
            if any(each.sent_at is None for each in conclusion.outbox):
                actions.append(table.put({PK: "unsent", **line}))
        return actions

    def _message(self, dispatch: Dispatch) -> Action:
        record = {
            PK: f"run#{dispatch.run_id}",
            SK: f"message#{dispatch.id}",
            "body": pack(codec.dump(replace(dispatch, sent_at=None, delivered=()))),
            "sent_at": dispatch.sent_at and codec.instant(dispatch.sent_at),
            "delivered": frozenset(dispatch.delivered) or None,
        }
        return self._table.put(record, "attribute_not_exists(sent_at) AND attribute_not_exists(delivered)")

    def _messages(self, run_id: str, ids: Sequence[str]) -> list[Dispatch]:
        keys = [(f"run#{run_id}", f"message#{each}") for each in ids]
        records = self._table.get_all(keys)
        return [_dispatch(records[key]) for key in keys if key in records]

    def signals(
        self, scraper: str, *, before: Window | None = None, limit: int = 1000, known_by: datetime | None = None
    ) -> Sequence[tuple[Signal, datetime]]:
        """See `ports.Store`."""
        by = codec.instant(known_by) if known_by else "~"
        high = before.first.isoformat() if before else "~"
        records = self._table.query(f"signals#{scraper}", "", high, newest_first=True, page=limit if limit < 100 else None)
        known = (record for record in records if record["concluded_at"] <= by)
        newest = (next(generations) for _, generations in groupby(known, key=lambda record: record[SK].partition("#")[0]))
        found = [
            (codec.load(Signal, unpack(each["body"])), datetime.fromisoformat(each["concluded_at"]))
            for each in islice(newest, limit)
        ]
        return found[::-1]

    def dispatches(self, run_id: str | None = None, *, pending: bool = False, limit: int = 100) -> Sequence[Dispatch]:
        """See `ports.Store`; beyond `limit` the oldest pending come first, so that they are sent in their order."""
        found: list[Dispatch] = []
        for line in self._table.query("unsent" if pending else "outbox", newest_first=not pending):
            if run_id is not None and line["run_id"] != run_id:
                continue
            messages = self._messages(line["run_id"], line["messages"])
            if pending and all(each.sent_at for each in messages):
                self._table.delete_all([("unsent", line[SK])])
            found += [each for each in (messages if pending else messages[::-1]) if not (pending and each.sent_at)]
            if len(found) >= limit:
                break
        return found[:limit] if pending else found[:limit][::-1]

    def mark(self, dispatch: Dispatch) -> None:
        """See `ports.Store`; channels add up, the first `sent_at` stays."""
        parts, values = [], dict[str, object]()
        if dispatch.sent_at:
            parts.append("SET sent_at = if_not_exists(sent_at, :at)")
            values["at"] = codec.instant(dispatch.sent_at)
        if dispatch.delivered:
            parts.append("ADD delivered :channels")
            values["channels"] = frozenset(dispatch.delivered)
        key = (f"run#{dispatch.run_id}", f"message#{dispatch.id}")
        if parts and not self._table.holds(self._table.update(key, " ".join(parts), "attribute_exists(pk)", **values)):
            raise Missing(f"table {self._table.name}: no message {dispatch.id} is in the outbox")


def run_key(scraper: str, window: str) -> Key:
    """Where the line of a run is kept among its scraper's."""
    return f"runs#{scraper}", Window.parse(window).first.isoformat()


def _dispatch(record: Record) -> Dispatch:
    dispatch = codec.load(Dispatch, unpack(record["body"]))
    sent_at = datetime.fromisoformat(record["sent_at"]) if record.get("sent_at") else None
    return replace(dispatch, sent_at=sent_at, delivered=tuple(sorted(record.get("delivered", ()))))
