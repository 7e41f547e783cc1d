"""A sentence cut into chunks: words by their class, a cost with what qualifies it, a list of lending; asides left out.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chalicelib.scrapers.bank_provision import vocabulary as v
from chalicelib.scrapers.bank_provision.asides import without_asides
from chalicelib.scrapers.bank_provision.chunks import PLAIN, RESERVED, VERBS, Chunk, Sentence
from chalicelib.scrapers.bank_provision.lexicon import Speaking, amount_of, is_own, quarter_at
from chalicelib.scrapers.bank_provision.phrases import Sort, called, ends_as, phrase_at

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
_QUALIFIERS = 5
"""Chunks that may qualify a cost."""


def sentence(words: str, speaking: Speaking) -> Sentence:
    """A sentence in chunks."""
    return Sentence(words, tuple(without_asides(_larger(_chunks(words, speaking), words), words)))


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
        return Chunk(mark, place, place + 1, words[place] if mark == "semicolon" else "")
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
        if each.words == "that" and each.sort == "which" and last == "for":
            continue
        if each.sort == last == "comma":
            made[-1] = replace(each, words="twice")
            continue
        if last == "comma" and len(made) > 1 and _needless(made[-2].sort, made[-1], each.sort):
            made.pop()
        if each.sort in RESERVED:
            _unlist(made)
            made.append(_qualified(made, each, words))
        elif each.sort == "lending" and (whole := _listed(made)) is not None:
            names = (*(made[whole].listed or made[whole : whole + 1]), *made[whole + 1 :], each)
            made[whole:] = [replace(each, start=made[whole].start, listed=names)]
        else:
            made.append(each)
    return made


def _needless(before: Sort, comma: Chunk, follows: Sort) -> bool:
    """Whether a comma is left of what was said in passing: between a verb and its amount, a subject and its verb."""
    if follows == "amount":
        return before in VERBS | {"was", "of"}
    return bool(comma.words) and before in PLAIN | {"lending", "exposure"} and follows in VERBS | {"was"}


def _listed(made: Sequence[Chunk]) -> int | None:
    """Where the lending stands that a list goes on from: "lender finance, warehouse and ..."."""
    sorts = [each.sort for each in made[-3:]]
    if sorts[-2:] in (["lending", "and"], ["lending", "comma"]):
        return len(made) - 2
    return len(made) - 3 if sorts == ["lending", "comma", "and"] else None


def _unlist(made: list[Chunk]) -> None:
    """Undo the list that only the last of which qualifies the cost: "fund finance, and NDFI provision"."""
    place = len(made) - 1
    while place >= 0 and made[place].sort in PLAIN | {"exposure"}:
        place -= 1
    if place >= 0 and any(each.sort == "comma" for each in made[place].listed):
        made[place : place + 1] = made[place].listed


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
        elif (owner := _OWNED.match(each.words)) is not None and ends_as("borrower", owner[1]):
            theirs = True
        elif each.sort in PLAIN and (called("beside it", each.words) or (not lending and _may_be_verb(each.words))):
            break
    start = made[first].start if first < len(made) else cost.start
    del made[first:]
    return replace(cost, sort="other-bank" if theirs else cost.sort, start=start, lending=lending and not other, other=other)


def _may_be_verb(word: str) -> bool:
    return word.endswith(("ed", "ing")) and not ends_as("adjective", word)
