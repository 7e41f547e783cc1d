"""What speaks against an amount: a condition, another time, another bank, a verb that is not the bank's.

Pure. What stands in the statement itself, ahead of it in the same clause, and after it before a comma is weighed.
"""

from __future__ import annotations

from chalicelib.scrapers.bank_provision.chunks import COSTS, PLAIN, RESERVED, VERBS, Chunk, Sentence
from chalicelib.scrapers.bank_provision.lending import Units, acts, hangs_on, subject
from chalicelib.scrapers.bank_provision.phrases import Sort, begins_as, called, holds
from chalicelib.scrapers.bank_provision.units import Unit

_AGAINST: frozenset[Sort] = frozenset({"unreal", "other-bank", "other-time"})
_MOVES: frozenset[Sort] = frozenset({"compared", "rose", "fell"})
"""What an amount of another time is set beside."""


def ours(said: Sentence, units: Units, of: Unit, begin: int) -> bool:
    """Whether the verb that governs the cost has the bank, the lending or a cost as its subject."""
    if not _verb_known(said, of.first):
        return False
    verb = of.first if said.sort(of.first) in VERBS else of.first - 1
    if verb > begin and _perhaps_verb(said, verb):
        lending = said.sort(verb - 1) in {"lending", "exposure"} and said.at(verb).words.endswith("ed")
        return said.sort(verb - 1) == "we" or (lending and subject(said, units, of, begin))
    if verb < begin or said.sort(verb) not in VERBS or _set_off(said, verb):
        return True
    others = called("others", said.at(said.before(verb - 1, {"name"})).words)
    if others and not called("leads to", said.at(verb).words):
        return False
    if _we(said, verb, begin) or said.has(begin, verb, RESERVED | {"including", "amount"}):
        return True
    named = next((place for place in range(verb - 1, begin - 1, -1) if said.sort(place) == "lending"), None)
    if named is not None:
        acting = said.sort(verb) != "charged-off" and acts(said, named, verb, said.at(verb).words)
        return acting and not hangs_on(said, named, begin)
    caused = said.sort(verb) == "took" and called("causes", said.at(verb).words)
    impersonal = said.sort(verb) in {"took", "raised"} and holds(
        "no person", said.words[said.at(begin).start : said.at(verb).start]
    )
    return impersonal or (caused and not said.has(begin, verb, {"other-bank", "unreal"}))


def _set_off(said: Sentence, verb: int) -> bool:
    """Whether the verb has the subject that follows: "after provisioning $5 million for NDFI loans, we ..."."""
    participle = said.sort(verb - 1) == "apart-from" and said.at(verb).words.endswith("ing")
    return (
        participle
        and said.sort(next((each + 1 for each in range(verb, len(said.chunks)) if said.sort(each) == "comma"), -1)) == "we"
    )


def _perhaps_verb(said: Sentence, place: int) -> bool:
    """Whether a word before a cost may be a verb not known: "the fund impaired $5 million of ..."."""
    each = said.at(place)
    verb = each.sort == "word" and (called("inflected", each.words) or called("acting", each.words))
    return verb and said.sort(place - 1) in PLAIN | {"lending", "exposure", "we", "other-bank"}


def _we(said: Sentence, verb: int, begin: int) -> bool:
    """Whether the bank, or a part of it, is the subject of the verb, not of a clause within: "the loans we made needed"."""
    for place in range(verb - 1, begin - 1, -1):
        each, ahead = said.at(place), said.sort(place - 1)
        if each.sort != "we":
            continue
        if each.words == "our" and (place == verb - 2 and said.sort(place + 1) == "name"):
            return True
        if each.words == "our" and begins_as("our own", said.words[: said.at(verb).start], each.end):
            return True
        if each.words not in {"our", "us", "ours"} or (each.words == "us" and ahead in {"word", "took"}):
            others = [between for between in range(place + 1, verb) if _verb(said, between)]
            if not others or ahead not in PLAIN | {"lending", "exposure"} or others[-1] == verb - 1:
                return True
            if said.has(others[-1], verb, {"and", "comma"}) or said.at(others[-1]).words in {"did", "have", "had"}:
                return True
    return False


def _verb(said: Sentence, place: int) -> bool:
    each = said.at(place)
    return each.sort in VERBS - {"rose", "fell"} or (each.sort == "word" and each.words.endswith("ed"))


def _verb_known(said: Sentence, first: int) -> bool:
    """Whether no unknown word stands where the bank's own verb should: "we considered a provision"."""
    bank = said.before(first - 1, PLAIN | {"was", "for"})
    if said.sort(bank) != "we" or said.at(bank).words in {"our", "us", "ours"}:
        return True
    between = (each for each in said.chunks[bank + 1 : first] if each.sort == "word")
    return all(called("up", each.words) or called("down", each.words) for each in between)


def speaks_against(said: Sentence, first: int, last: int, begin: int) -> bool:
    """Whether something about the statement from `first` to `last` makes it no fact of this bank and its quarter."""
    if said.has(first, last + 1, _AGAINST) or _of_time_ahead(said, last):
        return True
    return _ahead(said, first, last, begin) or _behind(said, first, last)


def _of_time_ahead(said: Sentence, last: int) -> bool:
    """Whether another time named ahead holds for all that is said: "Last year, ...", unless it comes back to this quarter."""
    time = next((each for each in said.chunks[:3] if each.sort == "other-time"), None)
    beside = time is not None and time != said.at(0) and said.at(said.chunks.index(time) - 1).sort in _MOVES
    if time is None or beside or not said.words[time.end :].lstrip().startswith(","):
        return False
    return not holds("in this quarter", said.words[time.end : said.at(last).end])


def _ahead(said: Sentence, first: int, last: int, begin: int) -> bool:
    if called("but for it", said.at(first - 1).words):
        return False
    clause = _clause(said, first, last, begin)
    left = [
        each
        for place, each in enumerate(said.chunks[begin:first], begin)
        if each.sort != "unreal" or place >= clause or called("never real", each.words) or said.sort(place + 1) == "which"
    ]
    ours_from = max((place for place, each in enumerate(left) if each.sort == "we" and each.words != "us"), default=-1)
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
        named = named or each.words == "having" or each.is_lending or each.sort in RESERVED | {"we"}
        verb = verb or each.sort in VERBS | {"was"}
        goes_on = each.sort == "and" or each.words == "having" or _after_a_clause(said, begin, place)
        goes_on = goes_on or (place == first and each.sort in COSTS and said.has(begin, place, {"amount"}))
        if named and verb and (before == "colon" or (before == "comma" and goes_on)):
            return place
    return begin


def _after_a_clause(said: Sentence, begin: int, place: int) -> bool:
    """Whether the bank's own verb at `place` follows a clause with a verb: "as we expected a rise, we took"."""
    if said.sort(place) != "we" or said.sort(place + 1) not in VERBS:
        return False
    ahead = said.chunks[begin + 1 : place]
    return any(each.sort in VERBS | {"was", "which"} or (each.sort == "we" and each.words in {"we", "i"}) for each in ahead)


def _behind(said: Sentence, first: int, last: int) -> bool:
    beside, near = False, True
    if said.follows(last, "against another") or called("against another", said.at(last).words):
        return True
    for place, each in enumerate(said.chunks[last + 1 :], last + 1):
        if each.sort in {"semicolon", "but"}:
            break
        opinion = each.words == "would" and said.at(place - 1).words == "i"
        if called("condition", each.words) and said.sort(first - 1) != "apart-from" and not opinion:
            return True
        if near and each.words in {"or", "to"} and said.sort(place + 1) == "amount" and said.sort(last) != "amount":
            return True
        of_the_cost = each.words == "that" and said.sort(place - 1) in RESERVED
        near = near and (of_the_cost or each.sort not in {"comma", "and", "which", "apart-from", "because-of"})
        beside = beside or (near and each.sort in _MOVES)
        reversed_ = each.sort == "released" and said.sort(place - 1) == "was"
        denied = called("denies another", each.words) and called("holds", said.at(place - 1).words)
        if near and not denied and (reversed_ or each.sort in {"unreal", "other-bank"}):
            return True
        if each.sort == "other-time" and said.sort(place - 1) in VERBS and said.sort(place - 2) in {"was", "we"}:
            return True
        if near and each.sort == "other-time" and not beside and not each.words.startswith("from"):
            return True
    return False
