"""Whose lending a cost is for: the lending named after it, ahead of it as the scene, or as the subject of its verb.

Pure. Each looks in the cost's own statement only; other lending, another amount or a break in between gives none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.scrapers.bank_provision.chunks import COSTS, PLAIN, RESERVED, VERBS, Sentence
from chalicelib.scrapers.bank_provision.phrases import Sort, called, ends_as, holds
from chalicelib.scrapers.bank_provision.units import Unit

NAMES: frozenset[Sort] = PLAIN | {"exposure"}
Units = Mapping[int, Unit]
"""What each amount of a sentence is of."""
_FURTHEST = 10
"""Chunks between a cost and the lending it is for."""
_POSSESSIVE = re.compile(r"(?:'s|s'|')\s")
_HEADED: frozenset[Sort] = VERBS | {"for", "of", "which", "was", "because-of"}
"""What a noun stands before that says by itself who owes."""
_OPENS: frozenset[Sort] = frozenset({"exposure", "lending", "edge", "comma", "and", "semicolon", "but", "colon"})
"""What stands before a preposition that names the subject itself: "the loans to", "In ..."."""
_INTRODUCES: frozenset[Sort] = PLAIN | RESERVED | {"for", "we"}
"""What may stand ahead of the subject: "Within our provision, ..."."""
_STOPS: frozenset[Sort] = RESERVED | frozenset(
    {"amount", "number", "comma", "semicolon", "colon", "open", "close", "question", "and", "but", "other-lending", "unreal",
     "apart-from", "including", "compared", "other-bank", "other-time", "charged-off", "released", "rose", "fell", "mainly",
     "particle"}
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
    linked, place = False, last
    while place < min(len(said.chunks), last + _FURTHEST):
        place += 1
        each = said.at(place)
        if each.sort == "lending" and linked:
            return None if _borrowers_own(said, place) else name_end(said, place)
        over = _passed_over(said, last, place, linked=linked)
        if over is not None:
            linked = linked or (each.sort == "comma" and said.sort(place + 1) == "lending")
            place = over
            continue
        if _stops(said, place, linked=linked):
            return None
        linked = linked or each.sort in {"for", "of", "because-of"}
        if each.sort == "them" and _meant(said, last):
            return place
    return None


def _passed_over(said: Sentence, last: int, place: int, *, linked: bool) -> int | None:
    """The last chunk of what a cost reaches over, though it would stop it elsewhere."""
    sort = said.sort(place)
    if sort == "comma" and _goes_on(said, place, linked=linked):
        return place
    if sort == "and" and linked and said.sort(place + 1) == "lending" and said.begins_at(place, "and the like"):
        return place
    if sort == "and" and said.sort(place + 1) == "was" and said.sort(place + 2) == "for":
        return place + 1
    if sort == "reserve" and place == last + 2 and linked and said.sort(last) == "build":
        return place
    beside = [said.sort(each) for each in range(place + 1, place + 5)]
    told_too = sort == "and" and beside[0] in COSTS and beside[1:] == ["of", "amount", "was"]
    also = said.at(place + 1)
    return place + 3 if told_too and not also.lending and not also.other else None


def _stops(said: Sentence, place: int, *, linked: bool) -> bool:
    """Whether a cost does not reach over the chunk to the lending behind it."""
    each, follows = said.at(place), said.sort(place + 1)
    if each.sort in _STOPS or (each.sort == "because-of" and not holds("wholly caused", each.words)):
        return True
    if each.sort == "which" and follows in NAMES | {"lending"}:
        return not called("comes", said.at(place + 1).words)
    if each.sort == "was":
        return follows not in {"for", "because-of", "lending", "took", "word"}
    return linked and each.sort in NAMES and not _may_stand(said, place)


def _may_stand(said: Sentence, place: int) -> bool:
    """Whether a word may stand between a cost and its lending: lending, what a borrower is called, what qualifies either."""
    each, follows = said.at(place), said.at(place + 1)
    if each.sort == "exposure":
        return ends_as("lending words", each.words) or follows.sort in NAMES
    if called("bought", each.words) and follows.sort != "lending":
        return False
    if said.sort(place - 1) == "we" or called("lent to", each.words):
        return True
    lending = next((ahead for ahead in range(place + 1, place + 5) if said.sort(ahead) == "lending"), None)
    if follows.words in {"in", "within"} and lending is not None and said.sort(lending + 1) == "exposure":
        return True
    if follows.words.endswith(" as") or (follows.sort == "which" and said.sort(place + 2) == "was"):
        return True
    if follows.sort in _HEADED:
        owner = follows.sort == "of" and said.sort(place + 2) != "we" and ends_as("owns nothing here", each.words)
        return ends_as("known heads", each.words) and not owner
    participle = each.words.endswith(("ed", "ing")) and said.sort(place - 1) in NAMES
    return not participle or called("kinds of lending", each.words)


def _borrowers_own(said: Sentence, place: int) -> bool:
    """Whether the lending at `place` is a borrower whose own cost it is: "charge-offs at our nonbank clients"."""
    if not ends_as("borrower", said.at(place).words):
        return False
    if _POSSESSIVE.match(said.words, said.at(place).end) and said.sort(place + 1) != "lending":
        return True
    own = said.sort(place - 1) == "for" and called("whose", said.at(place - 1).words)
    return own and said.sort(place + 1) != "exposure" and said.sort(place - 2) not in {"word", "exposure"}


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
    return not made and said.has(begin, last, {"we"}) and _named_alone(said, begin, last)


def _named_alone(said: Sentence, first: int, past: int) -> bool:
    """Whether non-bank lending is named there, and no other."""
    chunks = said.chunks[first:past]
    return any(each.sort == "lending" for each in chunks) and not any(each.is_other for each in chunks)


def ahead(said: Sentence, units: Units, of: Unit, begin: int) -> bool:
    """Whether the lending is the scene of the statement: "In fund finance, we ...", "NDFI: ...", "loans for which we ..."."""
    first = of.first
    if said.at(first - 1).words == "where" and said.sort(said.before(first - 2, NAMES | {"comma"})) == "lending":
        return True
    for place in range(first - 1, max(begin, first - 6), -1):
        if said.sort(place) == "which" and said.sort(place - 1) == "for" and _named_alone(said, begin, place):
            return True
    start = min(said.after(_after_colon(said, begin, first), PLAIN | {"comma", "and", "we", "semicolon"}), first)
    end = _scene(said, start, first)
    if end is None or any(said.at(each).is_other for each in range(end, first)):
        return False
    if holds("whole bank", said.words[said.at(start).start : said.at(max(of.last, min(first + 3, len(said.chunks) - 1))).end]):
        return False
    return all(_told_too(said, units, each) for each in range(end, first) if said.sort(each) == "amount")


def _after_colon(said: Sentence, begin: int, first: int) -> int:
    """Where what a colon announces begins, if anything stands between it and the cost."""
    return next((each + 1 for each in range(first - 2, begin, -1) if said.sort(each) == "colon" and _names(said, each)), begin)


def _names(said: Sentence, colon: int) -> bool:
    """Whether the words before a colon name no lending."""
    return said.sort(said.before(colon - 1, NAMES | {"comma"})) != "lending"


def _scene(said: Sentence, start: int, first: int) -> int | None:
    """Where the scene that begins at `start` ends."""
    if start >= first or said.sort(start) not in {"for", "lending"}:
        return None
    end, named = start, False
    if said.sort(start) == "lending":
        end = min(said.after(start, NAMES | {"lending", "for", "comma"}), first)
        alone = (
            end == first
            and said.sort(end - 1) == "comma"
            and said.sort(start - 1) not in PLAIN
            and not said.has(start, end, PLAIN | {"for"})
        )
        return end if alone or (end < first and said.sort(end) == "colon") else None
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
    aside = units[place].kind == "bare" and said.sort(place - 1) == said.sort(said.after(place + 1, PLAIN | {"for"})) == "comma"
    return lent or aside or units[place].cost is not None


def of_a_whole(said: Sentence, of: Unit, begin: int) -> bool:
    """Whether the cost is one of those the lending's own is made up of: "NDFI credit costs consisted of a $5 million build"."""
    verb = next((each for each in range(of.first - 1, begin, -1) if said.sort(each) == "including"), None)
    if verb is None or not called("is made up of", said.at(verb).words):
        return False
    whole = said.at(said.before(verb - 1, NAMES))
    others = any(each.is_other or each.sort == "lending" for each in said.chunks[verb : of.last])
    return whole.sort in RESERVED and whole.lending and not others


def subject(said: Sentence, units: Units, of: Unit, begin: int) -> bool:
    """Whether the lending is the subject of the verb before the cost: "Our NDFI book drove ..."."""
    if said.sort(of.first - 1) == "and" and (first := _told_first(said, units, of.first - 1, begin)) is not None:
        return subject(said, units, first, begin)
    verb = _verb(said, of.first, begin)
    word = "" if verb is None else said.at(verb).words
    if verb is None or (said.sort(of.last) == "provision" and called("drives", word)):
        return False
    makes = called("makes us", said.at(verb - 1).words)
    place = verb - 1 - (makes or (said.sort(verb - 1) == "which" and called("causes", word)))
    word = said.at(verb - 1).words if makes else word
    place -= said.sort(place) == "comma" and word.partition(" ")[0].endswith("ing") and called("causes", word)
    while place >= begin and said.sort(place) in PLAIN:
        place -= 1
    while place >= begin and said.sort(place) == "exposure":
        place -= 1
    if said.sort(place) == "reserve" and said.at(place).lending:
        return not said.has(_clause_begin(said, place, begin), place, COSTS | {"other-lending", "amount", "other-bank"})
    if place < begin or said.sort(place) != "lending" or not acts(said, place, of.first, word):
        return False
    if hangs_on(said, place, begin) or _beside_another(said, place):
        return False
    if said.words.startswith("'s", said.at(place).end):
        return False
    ahead_of_it = said.chunks[_clause_begin(said, place, begin) : _reserves_on(said, place)]
    return not any(each.sort in RESERVED | {"other-lending", "amount", "other-bank"} for each in ahead_of_it)


def _clause_begin(said: Sentence, place: int, begin: int) -> int:
    """Where the clause of the subject at `place` begins: after ", and", or where another has had its verb."""
    for each in range(place, begin, -1):
        if said.sort(each) == "and" and said.sort(each - 1) == "comma":
            return each
    joint = said.before(place - 1, {"we"}, 1)
    told = said.has(begin, joint, VERBS | {"was"}) and said.has(begin, joint, {"amount"})
    told = told or (said.sort(begin) == "for" and all(each.sort in _INTRODUCES for each in said.chunks[begin:joint]))
    return joint if told and said.sort(joint) in {"and", "comma"} else begin


def _reserves_on(said: Sentence, place: int) -> int:
    """Where the subject begins: with the reserves, where they are the lending's: "day-one reserves on NDFI loans added"."""
    ahead = said.before(place - 1, PLAIN | {"we"})
    return ahead - 1 if said.sort(ahead) == "for" and said.sort(ahead - 1) == "reserve" else place


def _told_first(said: Sentence, units: Units, joint: int, begin: int) -> Unit | None:
    """The cost of the same verb that an "and" follows: "our NDFI book drove a $5 million charge-off and a $3 million build"."""
    amount = next((each for each in range(joint - 1, begin - 1, -1) if said.sort(each) == "amount"), None)
    if amount is None:
        return None
    of = units[amount]
    return of if of.cost is not None and of.last >= joint - 1 and not of.lending else None


def hangs_on(said: Sentence, place: int, begin: int) -> bool:
    """Whether the lending at `place` only says more of another subject: "a supplier to a nonbank lender"."""
    ahead = said.before(place - 1, PLAIN | {"we"})
    if ahead < begin:
        return False
    if said.sort(ahead) == "which":
        return True
    known = said.sort(ahead - 1) in _OPENS or ends_as("known heads", said.at(ahead - 1).words)
    return said.sort(ahead) in {"of", "for", "particle"} and not known


def _beside_another(said: Sentence, place: int) -> bool:
    """Whether another stands beside the lending as the subject: "a retailer and a nonbank lender"."""
    ahead = said.before(place - 1, PLAIN | {"we"})
    return said.sort(ahead) == "and" and said.sort(ahead - 1) in {"word", "name", "other-lending"}


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
    return lent or called("causes", word) or called("makes us", word) or not ends_as("borrower", said.at(place).words)
