"""The cost that stands before its amount: "NDFI provision was $5 million", "we increased reserves by $5 million".

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chalicelib.scrapers.bank_provision.chunks import COSTS, PLAIN, RESERVED, VERBS, Sentence
from chalicelib.scrapers.bank_provision.forms import Kind
from chalicelib.scrapers.bank_provision.phrases import Sort, called, ends_as, holds
from chalicelib.scrapers.bank_provision.units import BARE, KINDS, NOUNS, OTHER, Unit, is_credit, whole_named

_BEHIND: frozenset[Sort] = frozenset(
    {"for", "lending", "word", "exposure", "name", "other-lending", "was", "we", "of", "raised", "rose", "fell", "of-which",
     "because-of", "released", "took", "them"}
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
    benefit: bool

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


def left(said: Sentence, place: int) -> Unit | None:
    """Such as "NDFI provision was $5 million", "we increased reserves by $5 million"."""
    benefit, link = is_credit(said, place), place - 1
    if benefit:
        ahead = said.before(link, {"word", "release", "of"})
        if said.sort(ahead) == "was":
            link = ahead
        elif said.sort(link) == "of" and said.sort(link - 1) == "release":
            benefit = False
    benefit = benefit or said.follows(place, "credit after")
    if said.follows(place, "against another"):
        return OTHER
    how: Sort | Literal["by"] = said.sort(link)
    if how not in VERBS | {"was", "of"} and ends_as("by", said.left(place)):
        return _behind(said, place, place, "by", benefit=benefit)
    if how == "for" and said.at(link).words in {"to", "at", "to reach", "to total"}:
        return _moved(said, place)
    if how in {"lending", "exposure"}:
        return _reserves_named(said, place)
    if how in PLAIN | {"number"} and said.sort(link - 1) in {"was", "of", "colon"}:
        link -= 1
        how = said.sort(link)
    return _behind(said, place, link, "comma" if how == "open" else how, benefit=benefit)


def _moved(said: Sentence, place: int) -> Unit | None:
    """Such as "The provision rose from $3 million to $5 million"."""
    ways: frozenset[Sort] = frozenset({"rose", "fell", "raised"})
    ways |= {"was"} if said.at(place - 1).words == "at" else frozenset()
    noun = said.before(
        place - 2 - (said.sort(place - 2) == "comma"), NOUNS | ways | {"amount", "compared", "exposure", "we", "for", "was"}, 11
    )
    cost, ahead = said.at(noun), said.sort(noun - 1)
    if cost.sort not in {"provision", "charge-off"} or cost.other:
        return None
    mover = said.at(noun - 1 - (ahead == "we"))
    moves = mover.sort in {"rose", "fell", "raised", "word", "took"} and called("moved it", mover.words)
    moves = moves or any(each.sort == "word" and called("went", each.words) for each in said.chunks[noun + 1 : place])
    if not moves and not said.has(noun + 1, place, ways) and ahead not in {"raised", "rose", "fell"}:
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


def _behind(said: Sentence, place: int, link: int, how: Sort | Literal["by"], *, benefit: bool) -> Unit | None:
    """The cost that stands before a link and is told by it."""
    if how not in {"was", "of", "colon", "comma", "rose", "fell", "raised", "by"} | COSTS:
        return None
    if how == "was" and (part := _portion_of(said, place, link)) is not None:
        return part
    if said.sort(link - 1) == "which" and said.sort(link - 2) == "comma" and _goes_back(said, link):
        link -= 2
    if how in COSTS and said.sort(link - 1) in {"colon", "comma"} and said.sort(place + 1) in {"comma", "edge", "semicolon"}:
        return Unit(KINDS[said.sort(link)], link, place, said.at(link).lending)
    noun = link - 1
    while link - 1 - noun < 12 and said.sort(noun) in _BEHIND and (said.sort(noun) != "took" or _recorded(said, noun)):
        noun -= 1
    told = _Told(said, place, noun, link, how, benefit)
    if said.sort(noun) not in RESERVED:
        return OTHER if how == "was" and noun < link - 1 and said.sort(noun + 1) == "exposure" else None
    return _no_cost(told) or (_reserve_told(told) if said.sort(noun) == "reserve" else _cost_told(told))


def _goes_back(said: Sentence, link: int) -> bool:
    """Whether ", which was" is said of the cost: of the noun just named, or of one thing past several borrowers."""
    last = said.at(link - 3)
    return last.sort in RESERVED or (said.at(link).words == "was" and not ends_as("loans", last.words))


def _recorded(said: Sentence, verb: int) -> bool:
    """Such as "The provision we recorded", "the provision recorded for"."""
    return said.sort(verb + 1) in {"for", "we", "was"} and called("recorded", said.at(verb).words)


def _portion_of(said: Sentence, place: int, link: int) -> Unit | None:
    """Such as "The NDFI portion of that provision was $5 million"."""
    kind = whole_named(said.at(link - 1).words) if said.sort(link - 1) == "of-which" else None
    if kind is None or not ends_as("part", said.left(link - 1)):
        return None
    before = said.before(link - 2, NOUNS | {"exposure"})
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
    if cost.other or said.has(noun + 1, link, {"other-lending"}) or _borrowers(said, noun, link):
        return OTHER
    if how == "of":
        lent = link - 1 > noun and ends_as("loans", said.at(link - 1).words)
        acts = any(each.sort == "word" and called("acting", each.words) for each in said.chunks[noun + 1 : link])
        acts = (
            acts
            or called("one loan", said.at(link - 1).words)
            or (not told.benefit and said.has(noun + 1, link, {"was"}) and not called("its own name", said.at(link - 1).words))
        )
        return OTHER if acts or (lent and cost.sort in {"provision", "reserve"}) else None
    if told.part:
        return None if told.lending and not said.has(noun - 5, noun - 1, {"other-lending"}) else OTHER
    scene = cost.lending and ahead == "for" and noun - 1 == said.begins(told.place)
    return OTHER if ahead in {"for", "of", "apart-from"} and how != "by" and not scene else None


def _borrowers(said: Sentence, noun: int, link: int) -> bool:
    """Whether the cost is told to be the borrowers' own: "charge-offs at our nonbank clients were"."""
    for place in range(noun + 1, link):
        ahead = said.at(place - 1 - (said.sort(place - 1) == "we"))
        if said.sort(place) == "lending" and called("whose", ahead.words):
            after = said.at(place + 1)
            if ends_as("borrower", said.at(place).words) or (after.sort == "word" and ends_as("borrower", after.words)):
                return True
    return False


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
        if ahead in {"raised", "released"}:
            return Unit(KINDS[ahead], noun - 1, place, told.lending)
        return Unit("reserve", noun, place, told.lending)
    return OTHER


def _cost_told(told: _Told) -> Unit:
    """A cost is its amount; one that moved by it is another amount."""
    sort = told.said.sort(told.noun)
    if told.how in {"rose", "fell", "by", "raised"}:
        return OTHER
    return told.unit("release" if sort == "provision" and told.benefit else KINDS[sort])
