"""When a reading makes a new revision, and from when that revision is known: the rule both stores keep.

The law it gives, for any instant `d`: a later `complete` whose `outcome.at` is after `d` changes what was known by `d`
only by late discovery: a reading whose document was public by `d` and is newer than everything kept of that
observation and from another item (or the first reading of it). A correction or a withdrawal never reaches back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeAlias

from chalicelib.model import Item, Observation, Outcome, Stored

Fact: TypeAlias = tuple[date, str]
"""An observation over all its revisions: `(as_of, key)`."""


def revised(kept: Stored | None, found: Observation, item: str, at: datetime) -> Stored | None:
    """The revision to keep after `kept`, the newest one; None when `found` says nothing new.

    `known_at` alone is no news: the same fact published again was known before. A known instant not later than the
    kept one's becomes `at`, never before the kept one's, so that known instants never fall from revision to revision.
    What an item says otherwise than before is a correction and known from `at`, whatever its document's date: the same
    document may have been read as before, or without it, since then.
    """
    if kept is None:
        return Stored(found, item, at)
    if not kept.withdrawn and kept.observation == replace(found, known_at=kept.observation.known_at):
        return None
    before = kept.observation.known_at
    known_at = found.known_at if found.known_at > before and kept.item != item else max(at, before)
    return Stored(replace(found, known_at=known_at), item, at)


def withdrawal(kept: Stored, at: datetime) -> Stored:
    """The revision that says: from `at` on its item no longer gives this."""
    known_at = max(at, kept.observation.known_at)
    return Stored(replace(kept.observation, known_at=known_at), kept.item, at, withdrawn=True)


def changes(
    kept: Mapping[Fact, Stored], owned: Iterable[Fact], item: Item, outcome: Outcome, found: Sequence[Observation]
) -> dict[Fact, Stored]:
    """The revisions one reading makes. `kept` holds the newest revision of every fact in `found` and in `owned`, the
    facts the item has ever given. Only a reading that is `done` withdraws: a document nobody could read says nothing.
    A fact given twice in one reading counts as its last.
    """
    given = {(each.as_of, each.key): each for each in found}
    made = {
        fact: revision
        for fact, each in given.items()
        if (revision := revised(kept.get(fact), each, item.key, outcome.at)) is not None
    }
    if item.replaces and outcome.state == "done":
        for fact in owned:
            newest = kept.get(fact)
            if fact not in given and newest is not None and newest.item == item.key and not newest.withdrawn:
                made[fact] = withdrawal(newest, outcome.at)
    return made
