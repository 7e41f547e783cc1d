"""Observations in the table: kept together with the outcome of their item, in one step however many there are.

Up to what one transaction holds, a reading is one transaction. A larger one is staged: its observations are written
where nothing reads them; one transaction then puts the outcome and a `pending` record that names them, which is the
instant from which they count; they are moved to their places in transactions of up to 100 that all check that the
`pending` record is still there, and it is removed with the last. Whoever reads observations, or completes the same item,
first moves on what an interrupted writer left pending, so a kill before that instant leaves nothing that counts and a
kill after it nothing that is missed. Moving twice at once is harmless: every record is conditional on its revision.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial

from chalicelib import codec
from chalicelib.adapters.dynamo.table import (
    BYTES,
    EXPIRES,
    PK,
    SK,
    Action,
    Key,
    Record,
    Table,
    pack,
    size_of,
    slices,
    unpack,
)
from chalicelib.errors import SentinelError
from chalicelib.model import Item, Observation, Outcome, Stored
from chalicelib.revision import Fact, changes

STAGED_DAYS = 400
"""How long a staged reading may wait for the reader that moves it on: longer than any scraper sleeps."""
_PARALLEL = 8


class Facts:
    """The part of the table that holds observations."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def complete(self, scraper: str, item: Item, outcome: Outcome, found: Sequence[Observation], outcome_record: Record) -> None:
        """Keep the observations and `outcome_record` in one step."""
        pending = (f"pending#{scraper}", item.key)
        given = [codec.exact(each) for each in found]

        def step() -> bool:
            if self._table.get(*pending):
                self._move(scraper, item.key)
            actions = self._actions(scraper, item, outcome, given)
            record = self._table.put(outcome_record)
            if not actions:
                self._table.write(record)
            elif len(actions) + 2 <= self._table.actions and sum(map(size_of, actions)) + size_of(record) <= BYTES:
                self._table.transact([self._table.check(pending, "attribute_not_exists(pk)"), record, *actions])
            else:
                self._stage(scraper, item, outcome, given, record)
                return True
            return False

        if self._table.settled(f"completing {item.key}", step):
            self._table.settled(f"moving {item.key} to its place", partial(self._move, scraper, item.key))

    def observations(
        self, scraper: str, first: date, last: date, known_by: datetime | None, *, withdrawn: bool
    ) -> Sequence[Stored]:
        """See `ports.Store`: one query a month, and one more a month when an earlier revision is asked for."""
        self._settle(scraper)
        months = list(_months(first, last))
        with ThreadPoolExecutor(max(1, min(_PARALLEL, len(months)))) as pool:
            found = pool.map(lambda month: self._month(scraper, month, first, last, known_by), months)
            return [each for month in found for each in month if withdrawn or not each.withdrawn]

    def revisions(self, scraper: str, key: str, as_of: date) -> Sequence[Stored]:
        """See `ports.Store`."""
        self._settle(scraper)
        head = self._table.get(*_head_key(scraper, (as_of, key)))
        if head is None:
            return []
        earlier = self._table.query(_past(scraper, as_of), f"{as_of.isoformat()}#{key}#", f"{as_of.isoformat()}#{key}#~")
        return [_stored(record) for record in [*(each for each in earlier if each["key"] == key), head]]

    def _month(self, scraper: str, month: date, first: date, last: date, known_by: datetime | None) -> list[Stored]:
        """One month's newest revisions known by then, in order."""
        low, high = max(first, month).isoformat(), f"{last.isoformat()}#\U0010ffff"
        by = codec.instant(known_by) if known_by else "~"
        heads = list(self._table.query(_facts(scraper, month), low, high))
        earlier: dict[tuple[str, str], Record] = {}
        if any(head["known_at"] > by and head["revision"] > 1 for head in heads):
            for record in self._table.query(_past(scraper, month), low, high):
                if record["known_at"] <= by:
                    earlier[record["as_of"], record["key"]] = record
        known = (head if head["known_at"] <= by else earlier.get((head["as_of"], head["key"])) for head in heads)
        return [_stored(record) for record in known if record]

    def _settle(self, scraper: str) -> None:
        """Move on what interrupted writers left pending."""
        for record in list(self._table.query(f"pending#{scraper}")):
            self._table.settled("moving a reading to its place", partial(self._move, scraper, record[SK]))

    def _actions(self, scraper: str, item: Item, outcome: Outcome, found: Sequence[Observation]) -> list[Action]:
        """The actions that keep the reading: new heads, their predecessors put by, the item's list of facts."""
        lists = self._lists(scraper, item, found)
        owned = {fact for record in lists.values() for fact in _listed(record)}
        given = {(each.as_of, each.key) for each in found}
        wanted = given | owned if item.replaces else given
        heads = self._table.get_all(_head_key(scraper, fact) for fact in wanted)
        kept = {fact: head for fact in wanted if (head := heads.get(_head_key(scraper, fact)))}
        made = changes({fact: _stored(head) for fact, head in kept.items()}, owned, item, outcome, found)
        facts = [action for fact, stored in sorted(made.items()) for action in self._revise(scraper, kept.get(fact), stored)]
        return [
            *self._list(scraper, item, lists, {fact for fact, stored in made.items() if not stored.withdrawn} - owned),
            *facts,
        ]

    def _revise(self, scraper: str, kept: Record | None, stored: Stored) -> list[Action]:
        if kept is None:
            return [self._table.put(_head(scraper, stored, 1), "attribute_not_exists(pk)")]
        revision = kept["revision"]
        as_of = stored.observation.as_of
        put_by = {**kept, PK: _past(scraper, as_of), SK: f"{kept[SK]}#{revision:06d}"}
        head = _head(scraper, stored, revision + 1)
        return [self._table.put(put_by), self._table.put(head, "revision = :revision", revision=revision)]

    def _lists(self, scraper: str, item: Item, found: Sequence[Observation]) -> dict[str, Record]:
        """The lists of the facts this item has given, by month: all of them when it may withdraw."""
        pk = f"item#{scraper}#{item.key}"
        if item.replaces:
            return {record[SK]: record for record in self._table.query(pk)}
        months = {_month_of(each.as_of) for each in found}
        return {key[1]: record for key, record in self._table.get_all((pk, month) for month in months).items()}

    def _list(self, scraper: str, item: Item, lists: Mapping[str, Record], new: Iterable[Fact]) -> list[Action]:
        """The actions that add `new` facts to the item's lists."""
        months: dict[str, set[Fact]] = {}
        for fact in new:
            months.setdefault(_month_of(fact[0]), set()).add(fact)
        actions = []
        for month, facts in sorted(months.items()):
            kept = lists.get(month)
            every = sorted(facts.union(_listed(kept) if kept else ()))
            text = json.dumps([[as_of.isoformat(), key] for as_of, key in every], separators=(",", ":"))
            record = {PK: f"item#{scraper}#{item.key}", SK: month, "facts": pack(text)}
            if kept:
                action = self._table.put({**record, "version": kept["version"] + 1}, "version = :kept", kept=kept["version"])
            else:
                action = self._table.put({**record, "version": 1}, "attribute_not_exists(pk)")
            actions.append(action)
        return actions

    def _stage(self, scraper: str, item: Item, outcome: Outcome, found: Sequence[Observation], outcome_record: Action) -> None:
        """Write the observations aside, then make them count: outcome and `pending` record in one transaction."""
        text = f"[{','.join(map(codec.dump, found))}]"
        head = {"item": pack(codec.dump(item)), "outcome": pack(codec.dump(outcome))}
        digest = hashlib.sha256(f"{head}{text}".encode()).hexdigest()[:24]
        pieces = slices(zlib.compress(text.encode("ascii"), 6))
        expires = int((outcome.at + timedelta(days=STAGED_DAYS)).timestamp())
        for place, piece in enumerate(pieces):
            self._table.write(self._table.put({PK: f"stage#{digest}", SK: f"{place:04d}", "piece": piece, EXPIRES: expires}))
        pending = {PK: f"pending#{scraper}", SK: item.key, "digest": digest, "pieces": len(pieces), **head}
        self._table.transact([outcome_record, self._table.put(pending, "attribute_not_exists(pk)")])

    def _move(self, scraper: str, item_key: str) -> None:
        """Bring what is pending for the item, if anything, to its place."""
        key: Key = (f"pending#{scraper}", item_key)
        pending = self._table.get(*key)
        if pending is None:
            return
        digest = pending["digest"]
        pieces: list[Key] = [(f"stage#{digest}", f"{place:04d}") for place in range(pending["pieces"])]
        staged = self._table.get_all(pieces)
        if len(staged) < len(pieces):
            if self._table.get(*key) is None:
                return
            raise SentinelError(f"table {self._table.name}: {len(pieces) - len(staged)} staged records of {item_key} are gone")
        text = zlib.decompress(b"".join(staged[piece]["piece"] for piece in pieces)).decode("ascii")
        found = [codec.load(Observation, json.dumps(tree)) for tree in json.loads(text)]
        item = codec.load(Item, unpack(pending["item"]))
        outcome = codec.load(Outcome, unpack(pending["outcome"]))
        still = self._table.check(key, "digest = :digest", digest=digest)
        for group in _groups(self._actions(scraper, item, outcome, found), self._table.actions - 1):
            self._table.transact([still, *group])
        self._table.write(self._table.delete(key, "digest = :digest", digest=digest))
        self._table.delete_all(pieces)


def _groups(actions: Sequence[Action], most: int) -> list[list[Action]]:
    """The actions in transactions' worth, of at most `most`, in order; a predecessor and its new head stay together."""
    groups: list[list[Action]] = [[]]
    weight = 0
    for bundle in _bundles(actions):
        size = sum(map(size_of, bundle))
        if groups[-1] and (len(groups[-1]) + len(bundle) > most or weight + size > BYTES):
            groups.append([])
            weight = 0
        groups[-1] += bundle
        weight += size
    return groups if groups[0] else []


def _bundles(actions: Sequence[Action]) -> list[list[Action]]:
    """Unconditional puts (predecessors put by) together with the head that follows them."""
    bundles: list[list[Action]] = []
    waiting: list[Action] = []
    for action in actions:
        waiting.append(action)
        if "ConditionExpression" in action["Put"]:
            bundles.append(waiting)
            waiting = []
    return bundles


def _month_of(day: date) -> str:
    return day.isoformat()[:7]


def _months(first: date, last: date) -> Iterable[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _facts(scraper: str, day: date) -> str:
    return f"facts#{scraper}#{_month_of(day)}"


def _past(scraper: str, day: date) -> str:
    return f"past#{scraper}#{_month_of(day)}"


def _head_key(scraper: str, fact: Fact) -> Key:
    return _facts(scraper, fact[0]), f"{fact[0].isoformat()}#{fact[1]}"


def _head(scraper: str, stored: Stored, revision: int) -> Record:
    seen = stored.observation
    pk, sk = _head_key(scraper, (seen.as_of, seen.key))
    return {
        PK: pk,
        SK: sk,
        "key": seen.key,
        "as_of": seen.as_of.isoformat(),
        "revision": revision,
        "known_at": codec.instant(seen.known_at),
        "fetched_at": codec.instant(stored.fetched_at),
        "item": stored.item,
        "withdrawn": True if stored.withdrawn else None,
        "body": pack(codec.dump_fact(seen)),
    }


def _stored(record: Record) -> Stored:
    as_of, known_at = date.fromisoformat(record["as_of"]), datetime.fromisoformat(record["known_at"])
    seen = codec.load_fact(unpack(record["body"]), record["key"], as_of, known_at)
    return Stored(seen, record["item"], datetime.fromisoformat(record["fetched_at"]), bool(record.get("withdrawn")))


def _listed(record: Record) -> list[Fact]:
    return [(date.fromisoformat(as_of), key) for as_of, key in json.loads(unpack(record["facts"]))]
