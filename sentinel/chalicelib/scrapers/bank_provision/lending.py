"""Whose lending a cost is for: the lending named after it, ahead of it as the scene, or as the subject of its verb.

Pure. Each looks in the cost's own statement only; other lending, another amount or a break in between gives none.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.scrapers.bank_provision.chunks import COSTS, PLAIN, RESERVED, Sentence
from chalicelib.scrapers.bank_provision.phrases import Sort, begins_as, called, ends_as, holds
from chalicelib.scrapers.bank_provision.units import Unit

NAMES: frozenset[Sort] = PLAIN | {"exposure"}
Units = Mapping[int, Unit]
"""What each amount of a sentence is of."""
_FURTHEST = 10
"""Chunks between a cost and the lending it is for."""
_STOPS: frozenset[Sort] = RESERVED | frozenset(
    {"amount", "number", "comma", "semicolon", "colon", "open", "close", "question", "and", "but", "other-lending", "unreal",
     "apart-from", "including", "compared", "other-bank", "other-time", "charged-off", "released", "rose", "fell"}
)  # fmt: skip
"""What a cost does not reach over."""


def name_end(said: Sentence, place: int) -> int | None:
    """The last chunk of the lending's name; None for what it earns, and where the cost is another's too: "NDFI and cards"."""
    end = said.after(place + 1, NAMES | {"lending"})
    if any(each.sort == "exposure" and not called("lent", each.words) for each in said.chunks[place + 1 : end]):
        return None
    if said.sort(end) in {"and", "comma"}:
        also = said.after(end + 1, PLAIN | {"for", "and"})
        rest = any(called("the rest", said.at(each).words) for each in range(end + 1, also))
        if said.sort(also) == "other-lending" and not rest and said.sort(also + 1) != "was":
            return None
    return None if said.sort(end) in COSTS | {"other-lending"} else end - 1


def after(said: Sentence, last: int) -> int | None:
    """The end of the lending a cost that ends at `last` is for: "... for our NDFI book"."""
    linked = False
    for place in range(last + 1, min(len(said.chunks), last + 1 + _FURTHEST)):
        each = said.at(place)
        if each.sort == "lending" and linked:
            return name_end(said, place)
        if each.sort == "comma" and _goes_on(said, place, linked=linked):
            linked = linked or said.sort(place + 1) == "lending"
            continue
        if (
            each.sort == "and"
            and linked
            and said.sort(place + 1) == "lending"
            and begins_as("and the like", said.words, each.start)
        ):
            continue
        if each.sort == "reserve" and place == last + 2 and linked and said.sort(last) == "build":
            continue
        if each.sort in _STOPS or (each.sort == "because-of" and not holds("wholly caused", each.words)):
            return None
        linked = linked or each.sort in {"for", "of", "because-of"}
        if each.sort == "them" and _meant(said, last):
            return place
        if each.sort == "was" and said.sort(place + 1) not in {"for", "because-of", "lending", "took", "word"}:
            return None
    return None


def _goes_on(said: Sentence, comma: int, *, linked: bool) -> bool:
    """Whether after a comma it is still said what the cost is for: ", all of it in", ", one of our NDFI clients"."""
    return said.follows(comma, "wholly") or (linked and said.sort(comma - 1) in PLAIN and said.follows(comma, "an example"))


def _meant(said: Sentence, last: int) -> bool:
    """Whether "them" is the lending named before, and not an amount of it just lent or bought."""
    begin = said.begins(last)
    made = any(
        said.sort(each) == "amount" and said.sort(each + 1) == "of" and said.sort(each + 2) == "lending"
        for each in range(begin, last)
    )
    return not made and _named_alone(said, begin, last)


def _named_alone(said: Sentence, first: int, past: int) -> bool:
    """Whether non-bank lending is named there, and no other."""
    chunks = said.chunks[first:past]
    return any(each.sort == "lending" for each in chunks) and not any(each.is_other for each in chunks)


def ahead(said: Sentence, units: Units, of: Unit, begin: int) -> bool:
    """Whether the lending is the scene of the statement: "In fund finance, we ...", "NDFI: ...", "loans for which we ..."."""
    first = of.first
    for place in range(first - 1, max(begin, first - 6), -1):
        if said.sort(place) == "which" and said.sort(place - 1) == "for" and _named_alone(said, begin, place):
            return True
    start = min(said.after(begin, PLAIN | {"comma", "and", "we", "semicolon"}), first)
    end = _scene(said, start, first)
    if end is None or any(said.at(each).is_other for each in range(end, first)):
        return False
    if holds("whole bank", said.words[said.at(start).start : said.at(of.last).end]):
        return False
    return all(_told_too(said, units, each) for each in range(end, first) if said.sort(each) == "amount")


def _scene(said: Sentence, start: int, first: int) -> int | None:
    """Where the scene that begins at `start` ends."""
    if start >= first or said.sort(start) not in {"for", "lending"}:
        return None
    end, named = start, False
    if said.sort(start) == "lending":
        end = min(said.after(start, NAMES | {"lending", "for"}), first)
        return end if end < first and said.sort(end) == "colon" else None
    while end < first and _in_scene(said, end):
        named = named or said.sort(end) == "lending"
        end += 1
    end += end < first and said.sort(end) == "amount" and said.sort(end - 1) == "of"
    return end if named and (end == first or said.sort(end) in {"comma", "we", "colon"}) else None


def _in_scene(said: Sentence, place: int) -> bool:
    sort = said.sort(place)
    if sort == "amount":
        return said.sort(place + 1) in {"of", "lending", "exposure", "word"}
    if sort == "we":
        return said.sort(place - 1) == "for"
    return sort in NAMES | {"lending", "for", "of", "of-which"}


def _told_too(said: Sentence, units: Units, place: int) -> bool:
    """Whether an amount between the scene and a cost leaves the scene what it is: a cost of its own, or what was lent."""
    lent = said.sort(place - 1) in {"took", "was"} and said.sort(place + 1) == "comma"
    return lent or units[place].cost is not None


def subject(said: Sentence, of: Unit, begin: int) -> bool:
    """Whether the lending is the subject of the verb before the cost: "Our NDFI book drove ..."."""
    verb = _verb(said, of.first, begin)
    word = "" if verb is None else said.at(verb).words
    if verb is None or (said.sort(of.last) == "provision" and called("drives", word)):
        return False
    place = verb - 1 - (said.sort(verb - 1) == "which" and called("causes", word))
    while place >= begin and said.sort(place) in PLAIN:
        place -= 1
    while place >= begin and said.sort(place) == "exposure":
        place -= 1
    if place < begin or said.sort(place) != "lending" or not acts(said, place, of.first, word):
        return False
    if said.words.startswith("'s", said.at(place).end):
        return False
    clause = (each for each in range(place, begin, -1) if said.sort(each) == "and" and said.sort(each - 1) == "comma")
    ahead_of_it = said.chunks[next(clause, begin) : place]
    return not any(each.sort in RESERVED | {"other-lending", "amount", "other-bank"} for each in ahead_of_it)


def _verb(said: Sentence, first: int, begin: int) -> int | None:
    """The verb before a cost, known or, after the lending, perhaps one."""
    place = said.before(first - 1, PLAIN)
    unknown = [each for each in range(place + 1, first) if called("acting", said.at(each).words)]
    if unknown and unknown[0] >= begin and said.sort(place) in {"lending", "exposure"}:
        return unknown[0]
    known = place >= begin and said.sort(place) in {"took", "raised", "released", "set-aside", "was"}
    return place if known else None


def acts(said: Sentence, place: int, verb: int, word: str) -> bool:
    """Whether the lending at `place`, not a borrower, is what the verb speaks of."""
    if any(called("others", each.words) for each in said.chunks[place + 1 : verb]):
        return False
    lent = said.has(place + 1, verb, {"exposure"}) or (
        said.sort(place - 1) in {"of", "for"} and said.sort(place - 2) == "exposure"
    )
    return lent or called("causes", word) or not ends_as("borrower", said.at(place).words)
