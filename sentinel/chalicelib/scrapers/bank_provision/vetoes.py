"""What speaks against an amount: a condition, another time, another bank, a verb that is not the bank's.

Pure. What stands in the statement itself, ahead of it in the same clause, and after it before a comma is weighed.
"""

from __future__ import annotations

from chalicelib.scrapers.bank_provision.chunks import PLAIN, RESERVED, VERBS, Chunk, Sentence
from chalicelib.scrapers.bank_provision.lending import acts
from chalicelib.scrapers.bank_provision.phrases import Sort, called, holds

_AGAINST: frozenset[Sort] = frozenset({"unreal", "other-bank", "other-time"})
_MOVES: frozenset[Sort] = frozenset({"compared", "rose", "fell"})
"""What an amount of another time is set beside."""


def ours(said: Sentence, first: int, begin: int) -> bool:
    """Whether the verb that governs what begins at `first` has the bank, the lending or a cost as its subject."""
    if not _verb_known(said, first):
        return False
    verb = first if said.sort(first) in VERBS else first - 1
    unknown = said.sort(verb - 1) in PLAIN and said.sort(verb) == "word" and called("acting", said.at(verb).words)
    if verb < begin or (said.sort(verb) not in VERBS and not unknown):
        return True
    if called("others", said.at(said.before(verb - 1, {"name"})).words):
        return False
    if said.has(begin, verb, RESERVED | {"we", "including", "amount"}):
        return True
    named = next((place for place in range(verb - 1, begin - 1, -1) if said.sort(place) == "lending"), None)
    if named is not None:
        return said.sort(verb) != "charged-off" and acts(said, named, verb, said.at(verb).words)
    ahead = said.words[said.at(begin).start : said.at(verb).start]
    return said.sort(verb) in {"took", "raised", "word"} and holds("no person", ahead)


def _verb_known(said: Sentence, first: int) -> bool:
    """Whether no unknown word stands where the bank's own verb should: "we considered a provision"."""
    bank = said.before(first - 1, PLAIN | {"was", "for"})
    if said.sort(bank) != "we" or said.at(bank).words in {"our", "us", "ours"}:
        return True
    between = (each for each in said.chunks[bank + 1 : first] if each.sort == "word")
    return all(called("up", each.words) or called("down", each.words) for each in between)


def speaks_against(said: Sentence, first: int, last: int, begin: int) -> bool:
    """Whether something about the statement from `first` to `last` makes it no fact of this bank and its quarter."""
    return said.has(first, last + 1, _AGAINST) or _ahead(said, first, last, begin) or _behind(said, first, last)


def _ahead(said: Sentence, first: int, last: int, begin: int) -> bool:
    clause = _clause(said, first, last, begin)
    left = [
        each
        for place, each in enumerate(said.chunks[begin:first], begin)
        if each.sort != "unreal" or place >= clause or called("never real", each.words)
    ]
    ours_from = max((place for place, each in enumerate(left) if each.sort == "we"), default=-1)
    for place, each in enumerate(left):
        if each.sort == "unreal" or (each.sort == "other-bank" and place > ours_from):
            return True
        if each.sort == "other-time" and _of_that_time(left, place):
            return True
    return False


def _of_that_time(left: list[Chunk], place: int) -> bool:
    """Whether what follows another time is of that time, not only set beside it."""
    if not any(each.sort in _MOVES for each in left[max(place - 3, 0) : place]):
        return True
    after = [each.sort for each in left[place + 1 : place + 3]]
    if not after:
        return False
    follows = after[-1] if after[0] == "comma" else after[0]
    return follows in {"including", "which"} or (follows == "took" and after[0] != "comma")


def _clause(said: Sentence, first: int, last: int, begin: int) -> int:
    """Where the last clause begins that has a subject and a verb of its own: a denial before it is of something else."""
    named, verb = False, said.has(first, last + 1, VERBS | {"was"})
    for place in range(first, begin, -1):
        each, before = said.at(place), said.sort(place - 1)
        named = named or each.is_lending or each.sort in RESERVED | {"we"}
        verb = verb or each.sort in VERBS | {"was"}
        if named and verb and (before == "colon" or (before == "comma" and each.sort == "and")):
            return place
    return begin


def _behind(said: Sentence, first: int, last: int) -> bool:
    beside, near = False, True
    if said.follows(last, "against another") or called("against another", said.at(last).words):
        return True
    for place, each in enumerate(said.chunks[last + 1 :], last + 1):
        if each.sort in {"semicolon", "but"}:
            break
        if called("condition", each.words) and said.sort(first - 1) != "apart-from":
            return True
        if near and each.words in {"or", "to"} and said.sort(place + 1) == "amount" and said.sort(last) != "amount":
            return True
        of_the_cost = each.words == "that" and said.sort(place - 1) in RESERVED
        near = near and (of_the_cost or each.sort not in {"comma", "and", "which", "apart-from", "because-of"})
        beside = beside or (near and each.sort in _MOVES)
        if near and each.sort in {"unreal", "other-bank"}:
            return True
        if near and each.sort == "other-time" and not beside and not each.words.startswith("from"):
            return True
    return False
