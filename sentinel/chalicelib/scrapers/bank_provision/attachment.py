"""The second reading: each amount has the one noun or verb it belongs to, and the lending named in that one's own clause.

Pure. Where the forms of `forms` know whole sentences, this knows what an amount may be of (`costs`), whose lending it may be for
(`lending`), what it may be a part of (`parts`) and what speaks against it (`vetoes`). It is asked after the forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.scrapers.bank_provision.chunks import COSTS, Sentence
from chalicelib.scrapers.bank_provision.costs import unit
from chalicelib.scrapers.bank_provision.cutting import sentence
from chalicelib.scrapers.bank_provision.forms import Kind
from chalicelib.scrapers.bank_provision.grammar import Told
from chalicelib.scrapers.bank_provision.lending import Units, after, ahead, name_end, of_a_whole, subject
from chalicelib.scrapers.bank_provision.lexicon import Speaking
from chalicelib.scrapers.bank_provision.parts import part
from chalicelib.scrapers.bank_provision.phrases import called, ends_as, holds, named
from chalicelib.scrapers.bank_provision.units import Unit
from chalicelib.scrapers.bank_provision.vetoes import ours, speaks_against

_RESPECTIVELY = re.compile(r"\brespectively\b", re.IGNORECASE)
_RANGE_BEGINS = re.compile(r"\s*(?:to|and|-|\u2013|or)\s*\$")
_RANGE_ENDS = re.compile(r"\$[\d.]+(?: (?:m|b)illion)?\s*(?:to|-|\u2013|or)\s*$")


def attached(words: str, speaking: Speaking) -> Iterator[Told]:
    """Every amount in the sentence that is a provision, release or charge-off for non-bank lending."""
    if not named("lending", words):
        return
    said = sentence(words, speaking)
    if _RESPECTIVELY.search(words) and any(each.is_other for each in said.chunks):
        return
    units = {place: unit(said, place) for place, each in enumerate(said.chunks) if each.sort == "amount"}
    for place in units:
        kind, each = _kind(said, units, place), said.at(place)
        if kind is not None and each.amount is not None:
            yield Told(-each.amount if kind == "release" else each.amount, kind, each.start)


def _kind(said: Sentence, units: Units, place: int) -> Kind | None:
    of, begin = units[place], said.begins(place)
    if of.kind == "other" or _one_of_two(said, of, place) or _of_a_part(said, place):
        return None
    return part(said, units, place, begin) if of.kind == "bare" else _cost(said, units, place, begin)


def _one_of_two(said: Sentence, of: Unit, place: int) -> bool:
    """Whether the amount is an end of a range: "$5 to $6 million"; "rose from $5 million to $6 million" is none."""
    moves = said.sort(place - 1) in {"raised", "rose", "fell", "released"} or ends_as("by", said.left(place))
    begins = not moves and _RANGE_BEGINS.match(said.words, said.at(place).end) is not None
    return begins or (not of.moved and _RANGE_ENDS.search(said.left(place)) is not None)


def _of_a_part(said: Sentence, place: int) -> bool:
    """Whether the amount is only what another is a part of: "$5 million of our $60 million provision"."""
    of = said.before(place - 1, {"we"})
    return said.sort(of) in {"of", "of-which"} and said.sort(of - 1) == "amount"


def _cost(said: Sentence, units: Units, place: int, begin: int) -> Kind | None:
    """The kind of the cost the amount is of, if it is for the lending and nothing speaks against it."""
    of = units[place]
    kind = _done(said, of, place, begin)
    if kind is None:
        return None
    if of.lending:
        end = name_end(said, of.last) if said.sort(of.last) == "lending" else of.last
    else:
        between = of.last == place and said.sort(place - 1) in {"comma", "open"} and said.sort(place + 1) in {"comma", "close"}
        end = after(said, of.last + between)
        if end is None and (ahead(said, units, of, begin) or subject(said, units, of, begin) or of_a_whole(said, of, begin)):
            end = of.last
    against = end is None or not ours(said, units, of, begin) or speaks_against(said, of.first, end, begin)
    return None if against else kind


def _done(said: Sentence, of: Unit, place: int, begin: int) -> Kind | None:
    """What was done: reserves are a build or a release only where a verb or a provision that includes them says so."""
    verb = said.at(of.first - 1)
    now = holds("in this quarter", said.words[said.at(of.first).start :])
    if verb.sort == "apart-from" and called("afterwards", verb.words) and not now:
        return None
    if verb.sort == "including" and said.has(begin, of.first, {"reserve"}) and not said.has(begin, of.first, COSTS):
        return None
    if of.kind == "reserve":
        caused = called("causes", verb.words) and said.sort(place + 1) != "reserve"
        if verb.sort in {"raised", "set-aside"} or (verb.sort == "took" and not called("holds", verb.words) and not caused):
            return "build"
        linked = verb.sort in {"including", "because-of", "of-which", "and"} or "attributable" in verb.words
        if linked and said.has(begin, of.first, {"provision", "build", "charge-off"}):
            return "build"
        return "release" if verb.sort == "released" else None
    if of.kind == "build" and verb.sort == "released" and of.last > place:
        return "release"
    return of.cost
