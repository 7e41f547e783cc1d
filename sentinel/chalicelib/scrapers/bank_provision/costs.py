"""What an amount is of: the one noun or verb it belongs to, sought to its right, in its verb, and to its left, in this order.

Pure. An amount that belongs to something else than a cost ("other") is no cost; one that belongs to nothing named ("bare") may be
a part of a cost told before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from chalicelib.scrapers.bank_provision.chunks import COSTS, PLAIN, RESERVED, VERBS, Sentence
from chalicelib.scrapers.bank_provision.forms import Kind
from chalicelib.scrapers.bank_provision.phrases import Sort, begins_as, called, ends_as, holds

KINDS: dict[Sort, Kind] = {
    "provision": "build", "build": "build", "release": "release", "charge-off": "charge-off",
    "set-aside": "build", "raised": "build", "released": "release", "charged-off": "charge-off",
}  # fmt: skip
"""What a noun makes an amount, or a verb that says what was done."""
_DONE: frozenset[Sort] = frozenset({"charged-off", "released", "set-aside"})
_WHOLE = re.compile(r"provision|build|charge-?off|expense|cost")
_OF_THE = re.compile(r"of (?:the|that|this|those|these)")
_NOUNS: frozenset[Sort] = PLAIN | {"lending"}
_BESIDE = frozenset({"to", "in", "for", "toward", "towards", "against", "from", "on"})
"""What may stand between an amount and the noun it is of."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What an amount is of, its first and last chunk, whether lending is named in it, and whether it moved to the amount."""

    kind: Kind | Literal["reserve", "other", "bare"]
    first: int = -1
    last: int = -1
    lending: bool = False
    moved: bool = False

    @property
    def cost(self) -> Kind | None:
        """The kind it makes the amount, by itself."""
        return None if self.kind == "other" or self.kind == "bare" or self.kind == "reserve" else self.kind  # noqa: PLR1714 -- narrows


OTHER, BARE = Unit("other"), Unit("bare")


def unit(said: Sentence, place: int) -> Unit:
    """What the amount at `place` is of."""
    if said.sort(place - 1) == "compared":
        return OTHER
    for read in (_right, _handed_on, _done, _charged_for, _left):
        found = read(said, place)
        if found is not None:
            return found
    return BARE


def whole_named(words: str) -> Kind | None:
    """The kind of the cost that is named as a whole: "of that provision"."""
    found = _WHOLE.search(words)
    if found is None:
        return None
    return "charge-off" if found[0].startswith("charge") else "build"


def _credit(said: Sentence, place: int) -> bool:
    return ends_as("credit ahead", said.left(place))


def _reach(said: Sentence, place: int) -> tuple[str, int]:
    """The link after the amount, and where what it links to begins."""
    after = place + 1
    if said.sort(after) == "of" or (said.sort(after) == "for" and said.at(after).words in _BESIDE):
        link = said.at(after).words
        after = said.after(after + 1, {"we"}, 1)
        return link, after + (said.sort(after) == "amount" and link in {"of", "in"} and said.sort(place - 1) != "of")
    if said.sort(after) == "of-which" and _OF_THE.match(said.at(after).words):
        return "of", said.after(said.after(after + 1, {"we"}, 1), {"amount"}, 1)
    return "", after


def _right(said: Sentence, place: int) -> Unit | None:
    """Such as "$5 million of NDFI provision", "$5 million of that provision", "$5 million of loans"."""
    whole = said.at(place + 1)
    if whole.sort == "of-which" and _OF_THE.match(whole.words) and (kind := whole_named(whole.words)) is not None:
        return Unit(kind, place, place + 1)
    link, after = _reach(said, place)
    noun = said.after(after, _NOUNS, 4)
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
    if cost.sort == "provision" and _credit(said, place):
        return Unit("release", place, noun, lending)
    return Unit(KINDS[cost.sort], place, noun, lending)


def _of_reserve(said: Sentence, place: int, noun: int, link: str, *, lending: bool) -> Unit | None:
    """Such as "A release of $5 million of reserves", "$5 million of reserves was released"."""
    lending = lending or said.at(noun).lending
    if said.sort(place - 1) == "of" and said.sort(place - 2) in {"release", "build"}:
        return Unit(KINDS[said.sort(place - 2)], place - 2, noun, lending)
    if link == "for":
        return None
    if said.at(noun).other:
        return OTHER
    verb = said.after(noun + 1, _NOUNS | {"for", "exposure", "we"})
    if said.sort(verb) == "was" and said.sort(verb + 1) in {"released", "raised"}:
        return Unit(KINDS[said.sort(verb + 1)], place, noun, lending)
    return Unit("reserve", place, noun, lending)


def _of_exposure(said: Sentence, place: int, noun: int, *, lending: bool) -> Unit | None:
    """Loans are no cost unless charged off; "was a $5 million credit" is one."""
    before = said.at(place - 1)
    if before.sort == "was" and said.follows(place, "credit, no loan"):
        return None
    if before.words.endswith("down") and said.sort(place + 1) in _NOUNS | {"exposure"}:
        return OTHER
    verb = said.after(noun + 1, _NOUNS | {"exposure", "for", "we"})
    if said.sort(verb) == "was" and said.sort(verb + 1) == "charged-off":
        return Unit("charge-off", place, verb + 1, lending or said.has(noun + 1, verb, {"lending"}))
    if before.sort == "charged-off":
        return Unit("charge-off", place - 1, noun, lending)
    return OTHER


def _handed_on(said: Sentence, place: int) -> Unit | None:
    """Such as "$5 million was added to our reserves", "a credit of $5 million was taken through the provision"."""
    verb = said.at(place + 2)
    if said.sort(place + 1) != "was" or verb.sort not in {"raised", "took", "released"} or said.sort(place + 3) != "for":
        return None
    noun = said.after(place + 4, _NOUNS | {"we"})
    lending = said.at(noun).lending
    if said.sort(noun) == "reserve" and not called("holds", verb.words):
        return Unit("release" if verb.sort == "released" else "build", place, noun, lending)
    if said.sort(noun) == "provision" and _credit(said, place) and said.sort(place - 1) == "of":
        return Unit("release", place - 1, noun, lending)
    return None


def _done(said: Sentence, place: int) -> Unit | None:
    """Such as "$5 million was charged off", "charged off $5 million", "built $5 million for"."""
    verb, before, link = said.sort(place + 2), said.at(place - 1), said.at(place + 1)
    if link.sort == "was" and verb in _DONE:
        return Unit(KINDS[verb], place, place + 2)
    if before.sort == "raised" and begins_as("built", before.words) and link.words in {"for", "against"}:
        return Unit("build", place - 1, place)
    if before.sort not in _DONE:
        return None
    of, first = _reach(said, place)
    end = said.after(first, _NOUNS, 4)
    if before.sort == "charged-off" and of == "of" and said.has(first, end, {"lending"}):
        return Unit("charge-off", place - 1, end - 1, lending=True)
    thing = said.at(first).sort != "comma" and not said.at(first).words.startswith("loss")
    other = of == "of" if before.sort == "released" else before.sort == "set-aside" and of in {"of", "in", "to"}
    return OTHER if other and thing else Unit(KINDS[before.sort], place - 1, place)


def _charged_for(said: Sentence, place: int) -> Unit | None:
    """Such as "The loan was charged off for $5 million"."""
    if said.at(place - 1).words != "for" or said.sort(place - 2) != "charged-off" or said.sort(place - 3) != "was":
        return None
    before = said.before(place - 4, _NOUNS | {"exposure"})
    return Unit("charge-off", before + 1, place, said.has(before + 1, place, {"lending"}))


_BEHIND: frozenset[Sort] = frozenset(
    {"for", "lending", "word", "exposure", "name", "other-lending", "was", "we", "of", "raised", "rose", "fell", "of-which",
     "because-of", "released", "took"}
)  # fmt: skip
"""What may stand between a cost and the verb that gives its amount."""
_NAMED: frozenset[Sort] = frozenset({"for", "lending", "word", "exposure", "name", "we"})
"""What may stand between a cost and a comma before its amount."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A cost at `noun`, told by a link at `link` to be the amount at `place`."""

    said: Sentence
    place: int
    noun: int
    link: int
    how: Sort | Literal["by"]
    credit: bool

    @property
    def lending(self) -> bool:
        """Whether the lending qualifies the cost or stands between it and the link."""
        named = self.said.at(self.noun).lending or self.said.has(self.noun + 1, self.link, {"lending"})
        return named or (self.part and self.said.has(self.noun - 5, self.noun - 1, {"lending"}))

    @property
    def part(self) -> bool:
        """Whether it is only a part of the cost that has the amount: "the NDFI piece of the provision was"."""
        of, named = self.said.sort(self.noun - 1), self.said.sort(self.noun - 2)
        held = of in {"of", "of-which"} and named in {"word", "lending", "exposure"} and self.how != "of"
        return held and holds("part", self.said.left(self.noun - 1, 30))

    def unit(self, kind: Kind) -> Unit:
        """The cost as what the amount is of."""
        return Unit(kind, self.noun, self.place, self.lending)


def _left(said: Sentence, place: int) -> Unit | None:
    """Such as "NDFI provision was $5 million", "we increased reserves by $5 million"."""
    credit, link = _credit(said, place), place - 1
    if credit:
        ahead = said.before(link, {"word", "release", "of"})
        if said.sort(ahead) == "was":
            link = ahead
        elif said.sort(link) == "of" and said.sort(link - 1) == "release":
            credit = False
    credit = credit or said.follows(place, "credit after")
    if said.follows(place, "against another"):
        return OTHER
    how: Sort | Literal["by"] = said.sort(link)
    if how not in VERBS | {"was", "of"} and ends_as("by", said.left(place)):
        return _behind(said, place, place, "by", credit=credit)
    if how == "for" and said.at(link).words in {"to", "at"}:
        return _moved(said, place)
    if how in {"lending", "exposure"}:
        return _reserves_named(said, place)
    if how in PLAIN and said.sort(link - 1) in {"was", "of", "colon"}:
        link -= 1
        how = said.sort(link)
    return _behind(said, place, link, "comma" if how == "open" else how, credit=credit)


def _moved(said: Sentence, place: int) -> Unit | None:
    """Such as "The provision rose from $3 million to $5 million"."""
    ways: frozenset[Sort] = frozenset({"rose", "fell", "raised"})
    ways |= {"was"} if said.at(place - 1).words == "at" else frozenset()
    noun = said.before(place - 2, _NOUNS | ways | {"amount", "compared", "exposure", "we", "for", "was"}, 11)
    cost, ahead = said.at(noun), said.sort(noun - 1)
    if cost.sort not in {"provision", "charge-off"} or cost.other:
        return None
    if not said.has(noun + 1, place, ways) and ahead not in {"raised", "rose", "fell"}:
        return None
    if ahead in {"for", "of", "apart-from"}:
        return OTHER
    return Unit(KINDS[cost.sort], noun, place, cost.lending or said.has(noun + 1, place, {"lending"}), moved=True)


def _reserves_named(said: Sentence, place: int) -> Unit | None:
    """Such as "We built reserves for NDFI loans $5 million"."""
    noun = said.before(place - 1, {"lending", "exposure", "for", "we", "word"})
    if said.sort(noun) == "reserve" and said.sort(noun - 1) in {"raised", "released"}:
        return Unit(KINDS[said.sort(noun - 1)], noun - 1, place, lending=True)
    return None


def _behind(said: Sentence, place: int, link: int, how: Sort | Literal["by"], *, credit: bool) -> Unit | None:
    """The cost that stands before a link and is told by it."""
    if how not in {"was", "of", "colon", "comma", "rose", "fell", "raised", "by"}:
        return None
    if how == "was" and (part := _portion_of(said, place, link)) is not None:
        return part
    noun = link - 1
    while link - 1 - noun < 12 and said.sort(noun) in _BEHIND and (said.sort(noun) != "took" or _recorded(said, noun)):
        noun -= 1
    told = _Told(said, place, noun, link, how, credit)
    if said.sort(noun) not in RESERVED:
        return OTHER if how == "was" and noun < link - 1 and said.sort(noun + 1) == "exposure" else None
    return _no_cost(told) or (_reserve_told(told) if said.sort(noun) == "reserve" else _cost_told(told))


def _recorded(said: Sentence, verb: int) -> bool:
    """Such as "The provision we recorded", "the provision recorded for"."""
    return said.sort(verb + 1) in {"for", "we", "was"} and called("recorded", said.at(verb).words)


def _portion_of(said: Sentence, place: int, link: int) -> Unit | None:
    """Such as "The NDFI portion of that provision was $5 million"."""
    kind = whole_named(said.at(link - 1).words) if said.sort(link - 1) == "of-which" else None
    if kind is None or not ends_as("part", said.left(link - 1)):
        return None
    before = said.before(link - 2, _NOUNS | {"exposure"})
    if said.has(before + 1, link - 1, {"lending"}) and said.sort(before) != "other-lending":
        return Unit(kind, before + 1, place, lending=True)
    return OTHER


def _no_cost(told: _Told) -> Unit | None:
    """Whether the amount is not the cost's after all."""
    said, noun, link, how = told.said, told.noun, told.link, told.how
    cost, ahead = said.at(noun), said.sort(noun - 1)
    if how == "comma" and (ahead in {"for", "of", "of-which", "amount"} or said.after(noun + 1, _NAMED) < link):
        return BARE
    if how in {"comma", "colon"} and said.sort(told.place + 1) in {"was", "took"}:
        return BARE
    if how == "was" and ahead == "for" and said.sort(noun - 2) == "including":
        return BARE
    if cost.other or said.has(noun + 1, link, {"other-lending"}):
        return OTHER
    if how == "of":
        lent = link - 1 > noun and ends_as("loans", said.at(link - 1).words)
        acts = any(each.sort == "word" and called("acting", each.words) for each in said.chunks[noun + 1 : link])
        acts = acts or called("one loan", said.at(link - 1).words) or (not told.credit and said.has(noun + 1, link, {"was"}))
        return OTHER if acts or (lent and cost.sort in {"provision", "reserve"}) else None
    if told.part:
        return None if told.lending and not said.has(noun - 5, noun - 1, {"other-lending"}) else OTHER
    scene = cost.lending and ahead == "for" and noun - 1 == said.begins(told.place)
    return OTHER if ahead in {"for", "of", "apart-from"} and how != "by" and not scene else None


def _reserve_told(told: _Told) -> Unit:
    """Reserves that rose or fell by it, were raised or released; reserves of it are held."""
    said, noun, how = told.said, told.noun, told.how
    place, ahead, between = told.place, said.sort(noun - 1), said.between(noun, told.place)
    grows, shrinks = holds("up", between), holds("down", between)
    if how == "rose" or (how in {"by", "raised", "fell"} and grows and not shrinks):
        return told.unit("build")
    if how == "fell" or (how == "by" and shrinks):
        return told.unit("release")
    if how == "by":
        if ahead in {"raised", "rose"} or holds("up", said.left(noun, 50)):
            return told.unit("build")
        return told.unit("release") if ahead in {"released", "fell"} or holds("down", said.left(noun, 50)) else OTHER
    if said.sort(place + 1) == "was" and (verb := said.sort(place + 2)) in {"raised", "released", "took", "set-aside"}:
        return Unit("release" if verb == "released" else "build", noun, place + 2, told.lending)
    if how == "of":
        verb = ahead if ahead in {"raised", "released"} else "reserve"
        return (
            Unit("reserve", noun, place, told.lending) if verb == "reserve" else Unit(KINDS[verb], noun - 1, place, told.lending)
        )
    return OTHER


def _cost_told(told: _Told) -> Unit:
    """A cost is its amount; one that moved by it is another amount."""
    sort = told.said.sort(told.noun)
    if told.how in {"rose", "fell", "by", "raised"}:
        return OTHER
    return told.unit("release" if sort == "provision" and told.credit else KINDS[sort])
