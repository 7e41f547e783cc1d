"""A sentence as chunks: amounts, costs with what qualifies them, lending, verbs, links and breaks; what could be left out is.

Pure. The second reading links chunks, as the first links letters; `attachments.json` says which words are which.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib.scrapers.bank_provision import vocabulary as v
from chalicelib.scrapers.bank_provision.lexicon import Speaking, amount_of, is_own, quarter_at
from chalicelib.scrapers.bank_provision.phrases import Sort, begins_as, called, ends_as, holds, phrase_at

COSTS: frozenset[Sort] = frozenset({"provision", "build", "release", "charge-off"})
RESERVED: frozenset[Sort] = COSTS | {"reserve"}
VERBS: frozenset[Sort] = frozenset({"took", "raised", "charged-off", "released", "set-aside", "rose", "fell"})
PLAIN: frozenset[Sort] = frozenset({"word", "name"})
_MARKS: dict[str, Sort] = {
    ",": "comma", ";": "semicolon", ":": "colon", "(": "open", ")": "close", "\u2014": "dash", "?": "question",
}  # fmt: skip
_DASH = re.compile(r"--+|\u2013(?=\s)| - ")
_NOTHING = frozenset(" .\"'!*[]\u201c\u201d")
_YEAR = re.compile(r"(?<![\w$,.])20[012]\d(?![\d,.]\d| (?:million|billion|thousand))")
_HERE_AT = re.compile(r"\b(?:here|us|we) at $")
_WORD = re.compile(r"[\w$&%'-]+(?:[.,]\d+)*")
_OWNED = re.compile(r"(.+?)(?:'s|')$")
_OWNER = re.compile(r"'s|s'")
_LONGEST_ASIDE = 14
"""Chunks an aside may have."""
_QUALIFIERS = 5
"""Chunks that may qualify a cost."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words that are one thing; of a cost, whether non-bank or other lending qualifies it: "NDFI provision"."""

    sort: Sort
    start: int
    end: int
    words: str = ""
    amount: Decimal | None = None
    lending: bool = False
    other: bool = False

    @property
    def is_lending(self) -> bool:
        """Whether it is, or is qualified by, non-bank lending."""
        return self.lending or self.sort == "lending"

    @property
    def is_other(self) -> bool:
        """Whether it is, or is qualified by, other lending."""
        return self.other or self.sort == "other-lending"


_EDGE = Chunk("edge", -1, -1)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's words and its chunks."""

    words: str
    chunks: tuple[Chunk, ...]

    def at(self, place: int) -> Chunk:
        """The chunk at `place`, an edge outside."""
        return self.chunks[place] if 0 <= place < len(self.chunks) else _EDGE

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
        """Where the statement of a chunk begins: after the last break."""
        return next((each for each in range(place, 0, -1) if self.chunks[each - 1].sort in {"semicolon", "but"}), 0)

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


def sentence(words: str, speaking: Speaking) -> Sentence:
    """A sentence in chunks."""
    return Sentence(words, tuple(_without_asides(_larger(_chunks(words, speaking), words), words)))


def _chunks(words: str, speaking: Speaking) -> Iterator[Chunk]:
    place = 0
    while place < len(words):
        chunk = None
        if words[place] not in _NOTHING or _DASH.match(words, place):
            chunk = _mark(words, place) or _time(words, place, speaking) or _money(words, place)
            chunk = chunk or _bank(words, place, speaking) or _phrase(words, place) or _word(words, place)
        if chunk is not None and chunk.sort != "passing":
            yield chunk
        place = place + 1 if chunk is None else chunk.end


def _mark(words: str, place: int) -> Chunk | None:
    if (mark := _MARKS.get(words[place])) is not None:
        return Chunk(mark, place, place + 1)
    dash = _DASH.match(words, place)
    return None if dash is None else Chunk("semicolon", place, dash.end())


def _time(words: str, place: int, speaking: Speaking) -> Chunk | None:
    """The quarter spoken of says nothing, any other and a year is another time."""
    if (quarter := quarter_at(words, place, speaking)) is not None:
        mine, end = quarter
        return Chunk("passing" if mine else "other-time", place, end, words[place:end].lower())
    year = _YEAR.match(words, place)
    return None if year is None else Chunk("other-time", place, year.end(), year[0])


def _money(words: str, place: int) -> Chunk | None:
    money = v.MONEY.match(words, place)
    if money is None or (place and words[place - 1].isalnum()):
        return None
    amount = amount_of(words, money)
    return Chunk("number" if amount is None else "amount", place, money.end(), money[0].lower(), amount)


def _bank(words: str, place: int, speaking: Speaking) -> Chunk | None:
    bank = v.OTHER_BANK.match(words, place)
    if bank is None:
        return None
    own = is_own(bank[0], speaking) or _HERE_AT.search(words, max(place - 12, 0), place) is not None
    return Chunk("we" if own else "other-bank", place, bank.end(), bank[0].lower())


def _phrase(words: str, place: int) -> Chunk | None:
    found = phrase_at(words, place)
    return None if found is None else Chunk(found[0], place, found[1], words[place : found[1]].lower())


def _word(words: str, place: int) -> Chunk | None:
    """A word that is of no class; a share "of" something is no amount of it, and what a borrower owns is not the bank's."""
    plain = _WORD.match(words, place)
    if plain is None:
        return None
    word = plain[0].lower()
    sort: Sort = "name" if plain[0][0].isupper() and place else "word"
    if word.endswith("%") and re.compile(r"\s+of\b").match(words, plain.end()):
        sort = "unreal"
    elif (owner := _OWNED.match(word)) is not None and called("others", owner[1]):
        sort = "other-bank"
    elif called("slight", word):
        sort = "passing"
    elif called("particle", word):
        sort = "particle"
    return Chunk(sort, place, plain.end(), word)


def _larger(chunks: Iterator[Chunk], words: str) -> list[Chunk]:
    """The chunks with costs and what qualifies them made one, and a list of lending made one lending."""
    made: list[Chunk] = []
    for each in chunks:
        last = made[-1].sort if made else "edge"
        if (each.words == "that" and each.sort == "which" and last == "for") or each.sort == last == "comma":
            continue
        if each.sort in RESERVED:
            made.append(_qualified(made, each, words))
        elif each.sort == "lending" and (whole := _listed(made)) is not None:
            made[whole:] = [replace(each, start=made[whole].start)]
        else:
            made.append(each)
    return made


def _listed(made: Sequence[Chunk]) -> int | None:
    """Where the lending stands that a list goes on from: "lender finance, warehouse and ..."."""
    sorts = [each.sort for each in made[-3:]]
    if sorts[-2:] in (["lending", "and"], ["lending", "comma"]):
        return len(made) - 2
    return len(made) - 3 if sorts == ["lending", "comma", "and"] else None


def _qualified(made: list[Chunk], cost: Chunk, words: str) -> Chunk:
    """The cost with the lending named before it, which is taken off `made`; a lender's own cost is another bank's."""
    first, lending, other, theirs = len(made), False, False, False
    for place in range(len(made) - 1, max(len(made) - 1 - _QUALIFIERS, -1), -1):
        each = made[place]
        if each.sort not in {"word", "name", "lending", "other-lending", "exposure"}:
            break
        if each.sort == "lending":
            lending, first = True, place
            theirs = theirs or (_OWNER.match(words, each.end) is not None and ends_as("borrower", each.words))
        elif each.sort == "other-lending":
            other, first = True, place
        elif not lending and each.sort in PLAIN and _may_be_verb(each.words):
            break
    start = made[first].start if first < len(made) else cost.start
    del made[first:]
    return replace(cost, sort="other-bank" if theirs else cost.sort, start=start, lending=lending and not other, other=other)


def _may_be_verb(word: str) -> bool:
    return word.endswith(("ed", "ing")) and not ends_as("adjective", word)


_AFTER_ASIDE: frozenset[Sort] = VERBS | {"was", "including", "amount"}
"""What goes on after an aside: the verb of what stands before it."""
_NO_ASIDE: frozenset[Sort] = RESERVED | frozenset(
    {"amount", "charged-off", "released", "set-aside", "but", "semicolon", "colon", "other-time", "apart-from", "compared",
     "unreal", "other-bank"}
)  # fmt: skip
"""What weighs too much to be left out."""
_NAMES: frozenset[Sort] = PLAIN | {"lending", "exposure"}


def _without_asides(chunks: list[Chunk], words: str) -> list[Chunk]:
    """Without what is said between two commas and could be left out; of it the lending is kept where none was named."""
    place = 1
    while place < len(chunks):
        end = _aside(chunks, place, words)
        if end is not None:
            cost = chunks[place - 1].sort in COSTS and chunks[end + 1].sort != "was"
            kept = _lending_kept(chunks, place, end) or (chunks[place : place + 1] if cost else [])
            chunks[place : end + 1] = kept
            place += 1 if cost else 0
        else:
            place += 1
    return chunks


def _aside(chunks: Sequence[Chunk], place: int, words: str) -> int | None:
    """Where the aside ends that the comma at `place` begins."""
    before = chunks[place - 1].sort
    if chunks[place].sort != "comma" or before not in _NAMES | RESERVED | {"including", "took"}:
        return None
    inner = [each for each in range(place + 1, min(place + _LONGEST_ASIDE, len(chunks))) if chunks[each].sort == "comma"]
    end = inner[0] if inner else place + _LONGEST_ASIDE
    aside = chunks[place + 1 : end]
    if not aside or end >= len(chunks) or chunks[end].sort != "comma":
        return None
    sorts = {each.sort for each in aside}
    heavy = sorts & _NO_ASIDE or holds("soft no", words[aside[0].start : aside[-1].end])
    of_a_whole = "lending" in sorts and (before not in _NAMES or "including" in sorts)
    if heavy or of_a_whole or ("other-lending" in sorts and aside[0].sort != "which"):
        return None
    follows = chunks[end + 1] if end + 1 < len(chunks) else _EDGE
    goes_on = follows.sort in _AFTER_ASIDE or (follows.sort == "word" and follows.words.endswith("ed"))
    return end if goes_on else None


def _lending_kept(chunks: Sequence[Chunk], place: int, end: int) -> list[Chunk]:
    """Of "The loan, to a lender finance client, was ..." what says which loan it was."""
    aside = list(chunks[place + 1 : end])
    named = place - 1
    while named >= 0 and chunks[named].sort in {"exposure", "word", "name"}:
        named -= 1
    if aside[0].sort == "which" or not any(each.sort == "lending" for each in aside):
        return []
    if named >= 0 and chunks[named].sort == "lending":
        return []
    return aside[next(number for number, each in enumerate(aside) if each.sort in {"lending", "exposure"}) :]
