"""A sentence as chunks: amounts, costs with what qualifies them, lending, verbs, links and breaks.

Pure. The second reading links chunks, as the first links letters; `attachments.json` says which words are which.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.scrapers.bank_provision.phrases import Sort, begins_as

COSTS: frozenset[Sort] = frozenset({"provision", "build", "release", "charge-off"})
RESERVED: frozenset[Sort] = COSTS | {"reserve"}
VERBS: frozenset[Sort] = frozenset({"took", "raised", "charged-off", "released", "set-aside", "rose", "fell"})
PLAIN: frozenset[Sort] = frozenset({"word", "name"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words that are one thing; of a cost, whether other or non-bank lending qualifies it, of lending, what a list names."""

    sort: Sort
    start: int
    end: int
    words: str = ""
    amount: Decimal | None = None
    lending: bool = False
    other: bool = False
    listed: tuple[Chunk, ...] = ()

    @property
    def is_lending(self) -> bool:
        """Whether it is, or is qualified by, non-bank lending."""
        return self.lending or self.sort == "lending"

    @property
    def is_other(self) -> bool:
        """Whether it is, or is qualified by, other lending."""
        return self.other or self.sort == "other-lending"


EDGE = Chunk("edge", -1, -1)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's words and its chunks."""

    words: str
    chunks: tuple[Chunk, ...]

    def at(self, place: int) -> Chunk:
        """The chunk at `place`, an edge outside."""
        return self.chunks[place] if 0 <= place < len(self.chunks) else EDGE

    def sort(self, place: int) -> Sort:
        """What the chunk at `place` is."""
        return self.at(place).sort

    def has(self, first: int, past: int, sorts: Collection[Sort]) -> bool:
        """Whether one of the chunks from `first` to before `past` is of these sorts."""
        return any(each.sort in sorts for each in self.chunks[max(first, 0) : max(past, 0)])

    def after(self, place: int, sorts: Collection[Sort], most: int = 99) -> int:
        """The first place from `place` on that is of none of these, or beyond the most of them."""
        end = place + most
        while place < end and self.sort(place) in sorts:
            place += 1
        return place

    def before(self, place: int, sorts: Collection[Sort], most: int = 99) -> int:
        """The first place from `place` back that is of none of these, or beyond the most of them."""
        end = place - most
        while place > end and self.sort(place) in sorts:
            place -= 1
        return place

    def begins(self, place: int) -> int:
        """Where the statement of a chunk begins: after the last break; a verb right after "but" has the subject before it."""
        return next((each for each in range(place, 0, -1) if self._breaks(each - 1)), 0)

    def _breaks(self, place: int) -> bool:
        shared = self.chunks[place].words == "but" and self.sort(place + 1) in VERBS
        return self.chunks[place].sort in {"semicolon", "but"} and not shared

    def left(self, place: int, most: int = 120) -> str:
        """The words ahead of a chunk."""
        start = self.chunks[place].start
        return self.words[max(start - most, 0) : start]

    def between(self, first: int, last: int) -> str:
        """The words between two chunks."""
        return self.words[self.chunks[first].end : self.chunks[last].start]

    def follows(self, place: int, name: str) -> bool:
        """Whether words listed under a name come right after a chunk."""
        return begins_as(name, self.words, self.chunks[place].end)

    def begins_at(self, place: int, name: str) -> bool:
        """Whether words listed under a name begin with a chunk."""
        return begins_as(name, self.words, self.chunks[place].start)
