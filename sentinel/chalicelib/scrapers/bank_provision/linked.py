"""Two sentences that are one statement, as in "Provision was $480 million. Of that, $120 million was for lender finance.".

Pure. They are read as one only where the second begins as a part of what was just told, and the first tells exactly one cost,
of no lending.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.scrapers.bank_provision.attachment import attached
from chalicelib.scrapers.bank_provision.costs import unit
from chalicelib.scrapers.bank_provision.cutting import sentence
from chalicelib.scrapers.bank_provision.grammar import Told
from chalicelib.scrapers.bank_provision.lexicon import Speaking
from chalicelib.scrapers.bank_provision.parts import whole_kind
from chalicelib.scrapers.bank_provision.phrases import named
from chalicelib.scrapers.bank_provision.vetoes import ours, speaks_against

_AMOUNT = r"(?:about |approximately |roughly |nearly |almost |around |some |just (?:over|under) )?(?:US)?\$\s?[\d.,]+ ?\w+"
_THAT = r"(?:that|this|it|those|(?:that|this|the) (?:amount|total|number|figure|sum|provision|build|increase|charge|expense)s?)"
_PART = tuple(
    (re.compile(pattern, re.IGNORECASE), link)
    for pattern, link in (
        (rf"(?:and |so )?of {_THAT}, ?", ", of which "),
        (rf"(?:and |so )?of {_THAT} (?={_AMOUNT})", ", of which "),
        (rf"(?:and |so )?(?P<part>{_AMOUNT}) of {_THAT}(?! \w+ing)", r", \g<part> of which"),
        (rf"(?:and )?(?:\w+ ){{0,4}}of {_THAT}, (?:or )?(?P<part>{_AMOUNT}),? ", r", \g<part> of which "),
        (
            rf"(?:and )?(?:{_THAT}|which)(?: provision| build| number)? (?:also )?(?:includes?|included|reflects?|reflected) ",
            ", which included ",
        ),
        (rf"included in {_THAT} (?:was|is|were|are) ", ", which included "),
    )
)
"""How a sentence begins that tells a part of the cost just told, and how the two are joined."""


def joined(before: str, words: str, speaking: Speaking) -> Iterator[Told]:
    """What the second of two sentences tells as a part of the first; places are in neither."""
    found = next(((match, link) for pattern, link in _PART if (match := pattern.match(words)) is not None), None)
    if found is None or not named("lending", words) or (lead := _one_cost(before, speaking)) is None:
        return
    part, link = found
    whole = lead + part.expand(link) + words[part.end() :]
    yield from (each for each in attached(whole, speaking) if each.start >= len(lead))


def _one_cost(words: str, speaking: Speaking) -> str | None:
    """The words up to the one cost with its amount that a sentence tells; None where it tells another or names the lending."""
    said = sentence(words, speaking)
    units = {place: unit(said, place) for place, each in enumerate(said.chunks) if each.sort == "amount"}
    costs = [place for place, of in units.items() if of.kind != "other"]
    if len(costs) != 1 or whole_kind(said, units, costs[0]) is None or any(each.is_lending for each in said.chunks):
        return None
    cost = units[costs[0]]
    begin = said.begins(cost.first)
    if speaks_against(said, cost.first, cost.last, begin) or not ours(said, units, cost, begin):
        return None
    return words[: said.at(cost.last).end]
