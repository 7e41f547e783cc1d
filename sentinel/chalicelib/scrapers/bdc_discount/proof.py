"""Whether a sentence bears out what was read from it. What it does not is doubted, and a doubted value never counts alone.

The words tell more than the value: which way it moved, by what percentage, from what earlier value, on which days. A reading
that contradicts them took an amount for what it is not. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib import prose
from chalicelib.scrapers.bdc_discount.attributions import speaks_of_estimators
from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST, Candidate, alike
from chalicelib.scrapers.bdc_discount.words import Token, quarter_before, tokens

_UP = r"increas(?:e|ed|ing)|rose|risen|rise|rising|grew|grown|growth|up|higher|gain(?:ed)?|improv(?:ed|ement)|climbed|advanced"
_DOWN = r"decreas(?:e|ed|ing)|declin(?:e|ed|ing)|fell|fall(?:en|ing)?|down|lower|drop(?:ped)?|dipped|slipped|slid|shed|lost"
_WAY = re.compile(rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b", re.IGNORECASE)
_PERCENT = re.compile(
    rf"\b(?:{_UP}|{_DOWN})\s+(?:of\s+|by\s+)?(?:approximately\s+|about\s+)?(?P<rate>\d+(?:\.\d+)?)\s?(?:%|percent)", re.IGNORECASE
)
_ASIDE = re.compile(
    r"[;]|\b(?:due|driven|because|reflect\w*|primarily|mainly|largely|offset|attributable|result\w*|after|despite|even\s+as|as\s+a"
    r"|while|but|year[\s-]over[\s-]year)\b",
    re.IGNORECASE,
)
"""Where a sentence turns from what the value did to why, or to something else."""
_NAMED = re.compile(r"\b(?:NAV|net\s+asset\s+values?|net\s+assets)\b", re.IGNORECASE)
"""What is said before the measure is named is said of another one."""
_TOTAL = re.compile(r"\b(?:million|billion)\b", re.IGNORECASE)
"""A sum, whose direction and percentage need not be those of the value per share."""
_LEAST_MISFIT = Decimal(1)
_MOST_RATIO = Decimal(2)
"""A told percentage is a misfit when it is over a point away from the true one, and over twice or under half of it."""


@dataclass
class Amount:
    """One amount while its part in the sentence is being found out."""

    token: Token
    measure: str
    role: str = "current"
    day: date | None = None
    partner: Amount | None = None


def by_their_days(navs: Sequence[Amount]) -> None:
    """No value is of the day it is compared with; where all have days of their own, the latest is what is told."""
    compared_with = {each.day for each in navs if each.role == "prior"}
    for each in navs:
        if each.role == "current" and each.day in compared_with:
            each.day = None
    days = {each.day for each in navs}
    if len(days) < 2 or None in days or any(each.role == "current" for each in navs):
        return
    latest = max(navs, key=lambda each: each.day or date.min)
    latest.role = "current"


def doubt(text: str, amount: Amount, navs: Sequence[Amount], ended: date | None) -> str:
    """Why the reading of `amount` among the sentence's `navs` is not borne out by its words; empty when it is."""
    for other in navs:
        plausible = LEAST <= other.token.value <= MOST
        rival = (
            plausible
            and other is not amount
            and other.role == amount.role == "current"
            and other.token.value != amount.token.value
        )
        if rival and not (other.partner or amount.partner) and (amount.day or ended) == (other.day or ended):
            return f"{amount.token.text} and {other.token.text} have the same claim in one sentence"
    compared = [each for each in navs if each.role == "prior"]
    if amount.role != "current" or amount.partner or len(compared) != 1:
        return ""
    return _misfit(text, amount, compared[0])


def _misfit(text: str, amount: Amount, compared: Amount) -> str:
    """The direction or the percentage that these two values contradict."""
    now, then = amount.token.value, compared.token.value
    first, last = sorted((amount.token, compared.token), key=lambda each: each.start)
    before = _ASIDE.split(_NAMED.split(text[: first.start])[-1])[-1]
    told = before + text[first.end : last.start] if not _ASIDE.search(text[first.end : last.start]) else ""
    if _TOTAL.search(told):
        return ""
    ways = {found.lastgroup for found in _WAY.finditer(told)}
    if len(ways) == 1 and now != then and ("up" in ways) != (now > then):
        return f"{now} after {then} goes against the words"
    rates = [Decimal(found["rate"]) for found in _PERCENT.finditer(told)]
    if len(rates) == 1 and then:
        true = abs(now / then - 1) * 100
        far = abs(true - rates[0]) > _LEAST_MISFIT
        if far and not (true / _MOST_RATIO <= rates[0] <= true * _MOST_RATIO):
            return f"{now} after {then} is not the {rates[0]}% told"
    return ""


_COMPARABLE = re.compile(
    r"\b(?:compar(?:able|ative)|corresponding|equivalent)\s+(?:figure|value|number|amount|estimate)\b", re.IGNORECASE
)
_END_OF_MONTH = re.compile(rf"\bend\s+of\s+(?P<month>{prose.MONTH})\b", re.IGNORECASE)


def _of_the_quarter_before(sentence: str, told: Candidate) -> bool:
    """Whether a sentence calls its amount comparable, or dates it at the end of the last month of the quarter before."""
    month = _END_OF_MONTH.search(sentence)
    before = quarter_before(told.as_of, told.as_of.month) if told.as_of else None
    return bool(
        _COMPARABLE.search(sentence) or (month and before and before.strftime("%B").startswith(month["month"].title()[:3]))
    )


def unnamed(sentence: str, told: Candidate) -> str:
    """Why a value is doubted for the sentence after it: an amount like it, of no measure and no other day."""
    found = list(tokens(sentence))
    if (
        told.role != "current"
        or speaks_of_estimators(sentence)
        or _of_the_quarter_before(sentence, told)
        or any(each.kind in ("nav", "other", "day", "quarter", "compare") for each in found)
    ):
        return ""
    like = [each for each in found if not each.scaled and each.value != told.figure and alike(each.value, told.figure)]
    return f"{told.figure} is followed by {like[0].text}, which may be the newer value" if like else ""
