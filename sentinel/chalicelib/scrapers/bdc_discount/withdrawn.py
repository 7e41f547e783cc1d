"""Net asset values that a page says are withdrawn: what it tells of them elsewhere counts no more. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST, Candidate, Period
from chalicelib.scrapers.bdc_discount.choose import Choice
from chalicelib.scrapers.bdc_discount.relations import CORRECT
from chalicelib.scrapers.bdc_discount.words import Token, day_of, mentions, month_end, quarter_of, tokens

WITHDRAWN = "withdrawn on the same page"
_WITHDRAWS = re.compile(
    r"\b(?:(?:withdr[ae]w(?:s|n|ing|al\s+of)?|rescind(?:s|ed|ing)?|rescission\s+of|retract(?:s|ed|ing|ion\s+of)?|revok(?:es?|ed|ing)|recall(?:s|ed|ing))\b"
    r"(?!\s+(?:about\s+|approximately\s+)?\$|\s+(?:(?:its|the|their|our|an?|all|any|previous|prior|full[\s-]year)\s+)*(?:[\w-]+\s+){0,2}(?:guidance|outlook|offer\w*|proposals?|nominations?|registration|application|ratings?|bid|request|capital|cash|funds|commitments?|waiver|authori[sz]ation|plan)\b)"
    r"|no\s+longer\s+(?:to\s+)?(?:be\s+)?(?:rel(?:y|ied|iable)|valid|stands?|accurate|effective)|(?:should|must|may|can|ought)\s*not\s+(?:to\s+)?be\s+(?:relied|used)(?!\s+(?:(?:up)?on\s+)?(?:as|for|by|in|when)\b)"
    r"|not\s+to\s+be\s+relied|(?P<wrong>(?:is|was|are|were)\s+(?:in\s+error|wrong|incorrect|erroneous|misstated|inaccurate)\b)|(?:is|are|(?:will|must|to)\s+be)\s+(?:being\s+)?restated\b|(?:should|to|must)\s+be\s+ignored|non-reliance|dis(?:regard|card)(?:ed)?|null\s+and\s+void)",
    re.IGNORECASE,
)
"""What unsays a value, as against a guidance, an offer or a rating that was given up."""
_THAT = re.compile(
    r"\b(?:that|this|the|those|these|such|its)\s+(?:[\w-]+\s+){0,2}(?:figures?|values?|numbers?|amounts?|estimates?|releases?|announcement|results)\b|\bit\b",
    re.IGNORECASE,
)
"""What points back to a value told before."""
_NOT_OF_ESTIMATES = re.compile(r"\b(?:preliminary|estimate[sd]?|forward-looking|undue)\b", re.IGNORECASE)
_POINTS = re.compile(r"\b(?:above|below|table|published|announced|reported|issued|that|this)\b", re.IGNORECASE)
"""What points to a value of the page where the sentence that unsays it gives none."""
_SUPPOSED = re.compile(r"\b(?:may|might|could|would|if|unless|right\s+to|elect\s+to)\b", re.IGNORECASE)
_NO_LONGER = re.compile(r"\bnot\b(?!\s+longer)", re.IGNORECASE)


_AS = re.compile(r"\s*(?:as|at)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class _Unsaid:
    figures: frozenset[Decimal]
    days: frozenset[date]
    at_large: bool = False

    def covers(self, each: Candidate) -> bool:
        told = {each.value, each.low, each.high} & self.figures
        if self.figures:
            return bool(told) and (not self.days or each.as_of in self.days)
        return (self.at_large or each.as_of in self.days) and not CORRECT.search(each.words)


def without_withdrawn(found: Sequence[Candidate], sentences: Iterable[str], period: Period) -> list[Candidate]:
    """The candidates of a page, those lost that one of its `sentences` unsays."""
    if not found:
        return []
    unsaid = list(_withdrawals(sentences, period))
    return [replace(each, lost=WITHDRAWN) if any(one.covers(each) for one in unsaid) else each for each in found]


def unsaid_days(sentences: Iterable[str], period: Period) -> set[date]:
    """The days whose values `sentences` unsay."""
    return {day for one in _withdrawals(sentences, period) for day in one.days}


def withdrawn_in(choices: Iterable[Choice]) -> set[date]:
    """The days of a page's withdrawn values for which it gives no other."""
    days: set[date] = set()
    for choice in choices:
        kept = choice.chosen.as_of if choice.chosen else None
        days |= {each.as_of for each in choice.candidates if each.lost == WITHDRAWN and each.as_of and each.as_of != kept}
    return days


def _withdrawals(sentences: Iterable[str], period: Period) -> Iterable[_Unsaid]:
    last = ""
    for sentence in sentences:
        word = _WITHDRAWS.search(sentence)
        boilerplate = word and (
            (_NO_LONGER.search(word[0]) and _NOT_OF_ESTIMATES.search(sentence)) or _SUPPOSED.search(sentence[: word.start()])
        )
        if word and not boilerplate:
            back = _THAT.search(sentence[: word.end()] if word["wrong"] else sentence)
            told = sentence if mentions(sentence) else f"{last} {sentence}" if last and back else ""
            made = _read(told, period)
            if made.figures or made.days:
                yield made
            elif told and _POINTS.search(told):
                yield replace(made, at_large=True)
        if mentions(sentence):
            last = sentence


def _read(text: str, period: Period) -> _Unsaid:
    """The values and the days a sentence that unsays tells of; what it tells to set it right is not unsaid."""
    days = {day for token in tokens(text) if (day := _day(token, period)) and day == month_end(day.year, day.month)}
    amounts = [each for each in tokens(text) if each.kind == "amount" and not each.scaled and LEAST <= each.value <= MOST]
    cut = _WITHDRAWS.search(text)
    if cut and cut["wrong"]:
        after = [each for each in amounts if each.start >= cut.end() and _AS.fullmatch(text[cut.end() : each.start])]
        told = after or [each for each in amounts if each.end <= cut.start()][-1:]
    else:
        right = CORRECT.search(text, cut.start() if cut else 0)
        told = [each for each in amounts if not right or each.start < right.start()]
    return _Unsaid(frozenset(each.value for each in told), frozenset(days))


def _day(token: Token, period: Period) -> date | None:
    if token.kind == "quarter":
        return quarter_of(token.text, period.year_end_month, period.released)
    return day_of(token.text, period.released) if token.kind == "day" else None
