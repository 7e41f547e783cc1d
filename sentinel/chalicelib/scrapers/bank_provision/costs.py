"""What an amount is of: the one noun or verb it belongs to, sought to its right, in its verb, and to its left, in this order.

Pure. An amount that belongs to something else than a cost ("other") is no cost; one that belongs to nothing named ("bare") may be
a part of a cost told before it.
"""

from __future__ import annotations

import re

from chalicelib.scrapers.bank_provision.behind import left
from chalicelib.scrapers.bank_provision.chunks import COSTS, PLAIN, RESERVED, Sentence
from chalicelib.scrapers.bank_provision.phrases import Sort, begins_as, called, ends_as
from chalicelib.scrapers.bank_provision.units import BARE, KINDS, NOUNS, OTHER, Unit, is_credit, whole_named

_DONE: frozenset[Sort] = frozenset({"charged-off", "released", "set-aside"})
_OF_THE = re.compile(r"of (?:the|that|this|those|these)")
_BESIDE = frozenset({"to", "in", "for", "toward", "towards", "against", "from", "on"})
"""What may stand between an amount and the noun it is of."""


def unit(said: Sentence, place: int) -> Unit:
    """What the amount at `place` is of."""
    if said.sort(place - 1) == "compared" or ends_as("borrower's possessive", said.left(place)):
        return OTHER
    for read in (_right, _grown, _given, _apposed, _handed_on, _done, _charged_for, left):
        found = read(said, place)
        if found is not None:
            return found
    return BARE


def _reach(said: Sentence, place: int) -> tuple[str, int]:
    """The link after the amount, and where what it links to begins."""
    after = place + 1
    if said.sort(after) == "of" or (said.sort(after) == "for" and said.at(after).words in _BESIDE):
        link = said.at(after).words
        after = said.after(after + 1, {"we"}, 1)
        whole = said.sort(after) == "amount" and link in {"of", "in"} and said.sort(place - 1) != "of"
        return link, after + whole * (1 + (said.sort(after + 1) == "of"))
    if said.sort(after) == "of-which" and _OF_THE.match(said.at(after).words):
        return "of", said.after(said.after(after + 1, {"we"}, 1), {"amount"}, 1)
    return "", after


def _right(said: Sentence, place: int) -> Unit | None:
    """Such as "$5 million of NDFI provision", "$5 million of that provision", "$5 million of loans"."""
    whole = said.at(place + 1)
    if whole.sort == "of-which" and _OF_THE.match(whole.words) and (kind := whole_named(whole.words)) is not None:
        return Unit(kind, place, place + 1)
    link, after = _reach(said, place)
    noun = said.after(after, NOUNS, 4)
    lending = said.has(after, noun, {"lending"})
    if said.sort(noun) in COSTS and link not in {"for", "against"}:
        return _of_cost(said, place, noun, lending=lending)
    if said.sort(noun) == "reserve" and (found := _of_reserve(said, place, noun, link, lending=lending)) is not None:
        return found
    if said.sort(noun) == "exposure" and link not in {"for", "against", "to", "on", "from"} and not (lending and link == "in"):
        return _of_exposure(said, place, noun, lending=lending)
    return None


def _of_cost(said: Sentence, place: int, noun: int, *, lending: bool) -> Unit:
    cost, further = said.at(noun), said.at(noun + 2)
    if cost.other or (said.sort(noun + 1) == "exposure" and not called("lent", said.at(noun + 1).words)):
        return OTHER
    lending = lending or cost.lending
    if cost.sort in {"release", "build"} and said.sort(noun + 1) == "of" and further.sort == "reserve":
        return OTHER if further.other else Unit(KINDS[cost.sort], place, noun + 2, lending or further.lending)
    if cost.sort == "provision" and is_credit(said, place):
        return Unit("release", place, noun, lending)
    return Unit(KINDS[cost.sort], place, noun, lending)


def _of_reserve(said: Sentence, place: int, noun: int, link: str, *, lending: bool) -> Unit | None:
    """Such as "A release of $5 million of reserves", "$5 million of reserves was released"."""
    lending = lending or said.at(noun).lending
    if said.sort(place - 1) == "of" and said.sort(place - 2) in {"release", "build"}:
        return Unit(KINDS[said.sort(place - 2)], place - 2, noun, lending)
    if link == "for":
        return None
    if said.follows(noun, "back"):
        return Unit("release", place, noun, lending)
    if said.at(noun).other:
        return OTHER
    verb = said.after(noun + 1, NOUNS | {"for", "exposure", "we"})
    if said.sort(verb) == "was" and said.sort(verb + 1) in {"released", "raised"}:
        return Unit(KINDS[said.sort(verb + 1)], place, verb + 1, lending or said.has(noun, verb, {"lending"}))
    return Unit("reserve", place, noun, lending)


def _of_exposure(said: Sentence, place: int, noun: int, *, lending: bool) -> Unit | None:
    """Loans are no cost unless charged off; "was a $5 million credit" is one."""
    before = said.at(place - 1)
    if before.sort == "was" and said.follows(place, "credit, no loan"):
        return None
    if before.words.endswith("down") and said.sort(place + 1) in NOUNS | {"exposure"}:
        return OTHER
    verb = said.after(noun + 1, NOUNS | {"exposure", "for", "we"})
    if said.sort(verb) == "was" and said.sort(verb + 1) == "charged-off":
        return Unit("charge-off", place, verb + 1, lending or said.has(noun + 1, verb, {"lending"}))
    if before.sort == "charged-off":
        return Unit("charge-off", place - 1, noun, lending)
    return OTHER


def _grown(said: Sentence, place: int) -> Unit | None:
    """Such as "a $5 million increase in our NDFI allowance"."""
    if said.sort(place + 1) not in PLAIN | {"raised"} or not called("a rise", said.at(place + 1).words):
        return None
    noun = said.after(place + 3, {"we"}, 1)
    grown = said.sort(place + 2) == "for" and said.sort(noun) == "reserve" and said.at(noun).lending
    return Unit("build", place, noun, lending=True) if grown else None


def _given(said: Sentence, place: int) -> Unit | None:
    """Such as "In the provision, capital call lending gave us a $5 million benefit"."""
    gave = said.at(place - 1).words == "gave us" and said.follows(place, "credit, no loan")
    return Unit("release", place, place + 1) if gave and said.has(0, place, RESERVED) else None


def _apposed(said: Sentence, place: int) -> Unit | None:
    """Such as "$5 million, the NDFI provision, was ...", "at $5 million, the NDFI provision was ..."."""
    at = said.at(place - 1).words == "at"
    opens = place - at == 0 or said.sort(place - 1 - at) in {"semicolon", "but"}
    noun = said.at(place + 2)
    if not opens or said.sort(place + 1) != "comma" or noun.sort not in COSTS or said.sort(place + 3) == "of":
        return None
    if not at and not said.follows(place, "its apposition"):
        return None
    return OTHER if noun.other else Unit(KINDS[noun.sort], place, place + 2, noun.lending)


def _handed_on(said: Sentence, place: int) -> Unit | None:
    """Such as "$5 million was added to our reserves", "a credit of $5 million was taken through the provision"."""
    verb = said.at(place + 2)
    if said.sort(place + 1) != "was" or verb.sort not in {"raised", "took", "released"} or said.sort(place + 3) != "for":
        return None
    noun = said.after(place + 4, NOUNS | {"we"})
    lending = said.at(noun).lending
    if said.sort(noun) == "reserve" and not called("holds", verb.words):
        return Unit("release" if verb.sort == "released" else "build", place, noun, lending)
    if said.sort(noun) == "provision" and is_credit(said, place) and said.sort(place - 1) == "of":
        return Unit("release", place - 1, noun, lending)
    return None


def _done(said: Sentence, place: int) -> Unit | None:
    """Such as "$5 million was charged off", "charged off $5 million", "built $5 million for"."""
    verb, before, link = said.sort(place + 2), said.at(place - 1), said.at(place + 1)
    if link.sort == "was" and verb in _DONE:
        return Unit(KINDS[verb], place, place + 2)
    if link.sort == "charged-off" and verb == "for":
        return Unit("charge-off", place, place + 1)
    if before.sort == "raised" and begins_as("built", before.words) and link.words in {"for", "against"}:
        return Unit("build", place - 1, place)
    if before.sort not in _DONE:
        return None
    of, first = _reach(said, place)
    end = said.after(first, NOUNS, 4)
    if before.sort == "charged-off" and of == "of" and said.has(first, end, {"lending"}):
        return Unit("charge-off", place - 1, end - 1, lending=True)
    thing = said.at(first).sort != "comma" and not said.at(first).words.startswith("loss")
    other = of == "of" if before.sort == "released" else before.sort == "set-aside" and of in {"of", "in", "to"}
    lent = before.words.startswith("provid") and of in {"in", "of"} and said.follows(place + 1, "lent by it")
    return OTHER if (other and thing) or lent or said.follows(place, "a part of") else Unit(KINDS[before.sort], place - 1, place)


def _charged_for(said: Sentence, place: int) -> Unit | None:
    """Such as "The loan was charged off for $5 million", "charge-offs, for $5 million"."""
    if said.at(place - 1).words != "for":
        return None
    noun = said.before(place - 2, {"word", "comma"})
    if said.sort(noun) == "charge-off" and not said.at(noun).other:
        return Unit("charge-off", noun, place, said.at(noun).lending)
    if said.sort(place - 2) != "charged-off" or said.sort(place - 3) != "was":
        return None
    before = said.before(place - 4, NOUNS | {"exposure"})
    return Unit("charge-off", before + 1, place, said.has(before + 1, place, {"lending"}))
