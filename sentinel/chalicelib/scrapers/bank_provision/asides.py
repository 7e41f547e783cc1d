"""What is said between two commas, dashes or brackets and could be left out.

Pure. Of an aside the lending is kept where none was named before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.scrapers.bank_provision.chunks import COSTS, EDGE, PLAIN, RESERVED, VERBS, Chunk
from chalicelib.scrapers.bank_provision.phrases import Sort, begins_as, called, holds

_LONGEST_ASIDE = 14
"""Chunks an aside may have."""
_LONGEST_INSERT = 21
"""Chunks what stands between dashes or brackets may have, with these."""
_PAIRS: tuple[tuple[Sort, Sort], ...] = (("dash", "dash"), ("open", "close"), ("semicolon", "semicolon"))
"""What an insertion stands between; a semicolon without words is a dash."""
_AFTER_ASIDE: frozenset[Sort] = VERBS | {"was", "including", "amount"}
"""What goes on after an aside: the verb of what stands before it."""
_NO_ASIDE: frozenset[Sort] = RESERVED | frozenset(
    {"amount", "charged-off", "released", "set-aside", "but", "semicolon", "colon", "other-time", "apart-from", "compared",
     "unreal", "other-bank"}
)  # fmt: skip
"""What weighs too much to be left out."""
_NAMES: frozenset[Sort] = PLAIN | {"lending", "exposure"}


def without_asides(chunks: list[Chunk], words: str) -> list[Chunk]:
    """Without what could be left out; of what is said between two commas the lending is kept where none was named."""
    for opens, closes in _PAIRS:
        _leave_out(chunks, opens, closes)
    place = 1
    while place < len(chunks):
        end = _aside(chunks, place, words)
        if end is not None:
            follows = chunks[end + 1].sort if end + 1 < len(chunks) else "edge"
            cost = chunks[place - 1].sort in COSTS and follows == "amount"
            kept = _lending_kept(chunks, place, end) or (chunks[place : place + 1] if cost else [])
            chunks[place : end + 1] = kept
            place += 1 if cost else 0
        else:
            place += 1
    return chunks


def _leave_out(chunks: list[Chunk], opens: Sort, closes: Sort) -> None:
    """Take out what stands between two dashes or brackets and tells no amount."""
    place = 1
    while place < len(chunks):
        ends = range(place + 1, min(place + _LONGEST_INSERT, len(chunks) - 1))
        end = next((each for each in ends if chunks[each].sort == closes and not chunks[each].words), None)
        inserted = chunks[place].sort == opens and not chunks[place].words and end is not None
        if inserted and not any(each.sort == "amount" for each in chunks[place:end]):
            del chunks[place : (end or place) + 1]
        else:
            place += 1


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
    told = words[aside[0].start : aside[-1].end]
    heavy = sorts & _NO_ASIDE or holds("soft no", told)
    if begins_as("of a rank", words, chunks[place].end):
        heavy = sorts & (RESERVED | {"amount", "compared"})
    elif aside[0].sort == "which":
        heavy = sorts & (_NO_ASIDE - {"unreal"})
    of_a_whole = "lending" in sorts and (before not in _NAMES or "including" in sorts)
    if heavy or of_a_whole or ("other-lending" in sorts and aside[0].sort != "which"):
        return None
    follows = chunks[end + 1] if end + 1 < len(chunks) else EDGE
    goes_on = follows.sort in _AFTER_ASIDE or (follows.sort == "word" and follows.words.endswith("ed"))
    return end if goes_on else None


def _lending_kept(chunks: Sequence[Chunk], place: int, end: int) -> list[Chunk]:
    """Of "The loan, to a lender finance client, was ..." what says which loan it was."""
    aside = list(chunks[place + 1 : end])
    named = place - 1
    while named >= 0 and chunks[named].sort in {"exposure", "word", "name"}:
        named -= 1
    owned = aside[0].sort == "word" and aside[0].words.endswith("ed") and not called("lent to", aside[0].words)
    if owned or aside[0].sort == "which" or not any(each.sort == "lending" for each in aside):
        return []
    if named >= 0 and chunks[named].sort == "lending":
        return []
    return aside[next(number for number, each in enumerate(aside) if each.sort in {"lending", "exposure"}) :]
