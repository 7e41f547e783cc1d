"""An amount that is a part of a cost told before it, as in "of which $5 million was for NDFI loans".

Pure. The whole is the cost the sentence names or told an amount of; the part must name its own lending.
"""

from __future__ import annotations

from decimal import Decimal

from chalicelib.scrapers.bank_provision.chunks import COSTS, PLAIN, Sentence
from chalicelib.scrapers.bank_provision.forms import Kind
from chalicelib.scrapers.bank_provision.lending import NAMES, Units, after, name_end
from chalicelib.scrapers.bank_provision.phrases import Sort, called
from chalicelib.scrapers.bank_provision.units import KINDS, Unit, whole_named
from chalicelib.scrapers.bank_provision.vetoes import ours, speaks_against

_LINKS: frozenset[Sort] = frozenset({"open", "including", "of-which", "comma", "and", "because-of", "colon", "semicolon"})
"""What joins a part to its whole."""
_CLOSES: frozenset[Sort] = frozenset({"edge", "comma", "semicolon", "and", "close", "was"})


def part(said: Sentence, units: Units, place: int, begin: int) -> Kind | None:
    """The kind of the cost that the amount at `place` is a part of, for the lending."""
    whole = _whole(said, units, place)
    if whole is None or said.follows(place, "of a change") or said.follows(place, "credit, no loan"):
        return None
    kind, amount = whole
    link = said.sort(said.before(place - 1, PLAIN | {"we", "took"}))
    if link == "was" and said.has(begin, place, {"including"}):
        link = "including"
    if said.at(place - 1).words == "or" and said.sort(place - 2) == "comma":
        link = "comma"
    first, end = place, _lending_after(said, place)
    linked = link in _LINKS or said.sort(place + 1) == "of-which"
    if end is None and (named := _lending_before(said, place)) is not None:
        first, end, linked, link = named, place, True, "comma"
    if end is None or not linked or said.has(place, end + 1, {"other-lending"}):
        return None
    if amount is None and link not in {"including", "of-which", "colon", "comma"}:
        return None
    if amount is not None and _size(said, place) > 3 * _size(said, amount):
        return None
    return kind if ours(said, units, Unit(kind, first, end), begin) and not speaks_against(said, first, end, begin) else None


def _size(said: Sentence, place: int) -> Decimal:
    return said.at(place).amount or Decimal(0)


def _lending_after(said: Sentence, place: int) -> int | None:
    """The end of the lending that follows the part: "$5 million of which was for NDFI loans"."""
    of = place + (said.sort(place + 1) == "of-which")
    between: frozenset[Sort] = frozenset({"was", "took", "word", "comma"})
    between |= {"including"} if of > place else frozenset()
    last = of + (said.sort(of + 1) == "including" and said.sort(of + 2) in {"we", "lending", "exposure"})
    last = said.after(last + 1, between) - 1
    if of > place and said.sort(last + 1) == "lending":
        return name_end(said, last + 1)
    if said.sort(of + 1) == "lending":
        return name_end(said, of + 1)
    linked = said.sort(last + 1) in {"for", "because-of", "lending"} or said.sort(last) == "including"
    return after(said, last if linked else of)


def _lending_before(said: Sentence, place: int) -> int | None:
    """The lending named before the part: "including NDFI at ...", "of which NDFI loans drove $5 million"."""
    verb = said.at(place - 1)
    first = place - 1 - (verb.sort in {"took", "was", "comma", "open"})
    named = said.before(first, NAMES)
    ahead = said.before(named - 1, PLAIN)
    if verb.sort == "was" and said.has(named + 1, place, {"exposure"}):
        return None
    if any(each.sort == "exposure" and not called("lent", each.words) for each in said.chunks[named + 1 : first + 1]):
        return None
    if said.sort(named) == "lending" and said.sort(place + 1) in _CLOSES | {"of-which"}:
        if said.sort(ahead) == "and" and not said.has(said.begins(place), ahead, {"amount"}):
            return None
        if said.sort(ahead) == "including" and verb.sort == "was":
            return None
        if said.sort(ahead) in {"of-which", "including", "comma", "and", "colon", "open"}:
            return named
    if verb.sort == "took" and called("causes", verb.words) and said.sort(named) == "lending":
        begins = said.sort(named - 1) in _CLOSES | PLAIN | {"including", "of-which", "but"}
        return named if begins and said.sort(place + 1) in _CLOSES | {"but", "compared", "rose", "fell", "of-which"} else None
    return None


def _whole(said: Sentence, units: Units, place: int) -> tuple[Kind, int | None] | None:
    """The kind of the whole, and where its amount stands if it has one: the largest told, or the last that is larger."""
    for before in range(place - 1, -1, -1):
        if said.sort(before) == "of-which" and (kind := whole_named(said.at(before).words)) is not None:
            return kind, None
    told = [(kind, each) for each in units if each < place and (kind := whole_kind(said, units, each)) is not None]
    if told:
        largest = max(reversed(told), key=lambda each: _size(said, each[1]))
        return largest if _size(said, largest[1]) >= _size(said, place) else told[-1]
    return _named(said, place)


def _named(said: Sentence, place: int) -> tuple[Kind, None] | None:
    """The cost named ahead of the first amount."""
    for before in range(place):
        sort = said.sort(before)
        if sort == "amount":
            return None
        if sort in COSTS and not said.at(before).other:
            return KINDS[sort], None
        if sort == "reserve" and said.sort(before - 1) == "raised":
            return "build", None
    return None


def whole_kind(said: Sentence, units: Units, place: int) -> Kind | None:
    """What a whole may be: a cost whose lending is not yet named, or reserves raised or released."""
    each = units[place]
    if each.kind != "reserve":
        return None if each.lending else each.cost
    verb = said.sort(each.first - 1)
    if verb in {"raised", "took", "set-aside"}:
        return "build"
    return "release" if verb == "released" else None
