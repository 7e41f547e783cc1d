"""Money, rates and dates as English prose writes them, turned into exact values; nothing is guessed.

Patterns are strings, so that a reader can build them into its own; the functions turn what they matched into values.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from chalicelib.errors import Unreadable

CURRENCIES: dict[str, str] = {
    "$": "USD", "US$": "USD", "U.S.$": "USD", "U.S. $": "USD", "USD": "USD", "€": "EUR", "EUR": "EUR", "EURO": "EUR",
    "£": "GBP", "GBP": "GBP", "STG": "GBP", "¥": "JPY", "JPY": "JPY", "YEN": "JPY", "CHF": "CHF", "SFR": "CHF",
    "C$": "CAD", "CDN$": "CAD", "CAD": "CAD", "CA$": "CAD", "CAD$": "CAD", "CDN.$": "CAD", "A$": "AUD", "AU$": "AUD",
    "AUD": "AUD", "AUD$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NOK": "NOK", "SEK": "SEK", "E": "EUR",
}  # fmt: skip
"""Every way a currency is written beside an amount, upper case, to its ISO code. A bare `E` is old ASCII for the euro."""

_SYMBOL = (
    r"(?:(?<![A-Za-z])(?:U\.?\s?S\.?\s?|(?:AU|CAD?|C[Dd][Nn]\.?|NZ|HK|AUD|[ACS]))\$|[$€£¥]"
    r"|(?<![A-Za-z])(?:USD|EUR|EURO|Euro|GBP|STG|JPY|YEN|CHF|SFR|CAD|AUD|NOK|SEK)(?![A-Za-z])|(?<![A-Za-z])E(?=\s?\d{1,3},\d))"
)
_FIGURE = r"\d{1,3}(?:,\s?\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d+)?"
_SCALE = r"(?:\s*(?:(?i:thousand|million|billion|trillion|mm|bn)\b))?"
MONEY = rf"(?P<cur>{_SYMBOL})\s*(?P<fig>{_FIGURE})(?P<scale>{_SCALE})"
"""A currency followed by an amount. Named groups `cur`, `fig`, `scale`: use `money(match)`."""

SYMBOL = _SYMBOL
_SCALES = {"thousand": 3, "million": 6, "mm": 6, "billion": 9, "bn": 9, "trillion": 12}

RATE = r"(?:\d{1,2}\s*[\s-]\s*\d{1,2}\s*/\s*\d{1,2}|\d{1,2}\s*/\s*\d{1,2}|\d{1,3}\.\d{1,6}|\.\d{1,6}|\d{1,3})"
"""A rate's digits without the percent sign: `4.375`, `4 3/8`, `.650`, `5`."""

_MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
DATE = rf"(?i:{MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\s*,?\s*(?:19|20|21)\d{{2}}|\d{{1,2}}\s+{MONTH}\.?,?\s+(?:19|20|21)\d{{2}})"
"""A full date: `November 15, 2028`, `Nov. 15 , 2028`, `15 November 2028`."""

_DATE = re.compile(
    rf"(?i)(?:(?P<month>{MONTH})\.?\s+(?P<day>\d{{1,2}})|(?P<day2>\d{{1,2}})\s+(?P<month2>{MONTH}))\D*(?P<year>\d{{4}})"
)
_VULGAR = {"¼": "1/4", "½": "1/2", "¾": "3/4", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8", "⅓": "1/3", "⅔": "2/3"}

_UNITS = {
    word: at
    for at, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {word: at * 10 for at, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}  # noqa: SIM905  a list of number words reads as words
_WORD_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}


def currency(symbol: str) -> str:
    """The ISO code of a currency as written; raises `Unreadable` for one not known."""
    key = re.sub(r"\s+", "", symbol).upper()
    if key in CURRENCIES:
        return CURRENCIES[key]
    if re.fullmatch(r"U\.?S\.?\$", key):
        return "USD"
    raise Unreadable(f"currency {symbol!r} is not known", evidence=symbol)


def money(match: re.Match[str]) -> tuple[str, Decimal]:
    """Currency and amount, in whole units, of a match of `MONEY`."""
    amount = Decimal(re.sub(r"[,\s]", "", match["fig"]))
    scale = (match["scale"] or "").strip().lower()
    return currency(match["cur"]), amount * 10 ** _SCALES[scale] if scale else amount


def rate(text: str) -> Decimal:
    """The number a rate's digits stand for: `4 3/8` is 4.375. Raises `Unreadable`."""
    for sign, digits in _VULGAR.items():
        text = text.replace(sign, f" {digits}")
    parts = re.fullmatch(r"\s*(?:(\d{1,3})\s*[\s-]\s*)?(\d{1,2})\s*/\s*(\d{1,2})\s*", text)
    if parts:
        whole, over, under = Decimal(parts[1] or 0), Decimal(parts[2]), Decimal(parts[3])
        if not under or over >= under:
            raise Unreadable(f"{text!r} is no fraction of a per cent", evidence=text)
        return (whole + over / under).normalize()
    if re.fullmatch(r"\s*(?:\d{1,3}(?:\.\d+)?|\.\d+)\s*", text):
        return Decimal(text.strip())
    raise Unreadable(f"{text!r} is no rate", evidence=text)


def rate_or_none(text: str) -> Decimal | None:
    """As `rate`, None for digits that are no rate."""
    try:
        return rate(text)
    except Unreadable:
        return None


def day(text: str) -> date:
    """The date that text matching `DATE` names; raises `Unreadable` for a day that does not exist."""
    found = _DATE.search(text)
    if not found:
        raise Unreadable(f"{text!r} is no date", evidence=text)
    month = _MONTHS[(found["month"] or found["month2"]).lower()]
    try:
        return date(int(found["year"]), month, int(found["day"] or found["day2"]))
    except ValueError as error:
        raise Unreadable(f"{text!r} is no date: {error}", evidence=text) from error


def number_in_words(text: str) -> int | None:
    """The whole number `text` spells out (`Five Hundred Million`), None when it spells none."""
    total, group, seen = 0, 0, False
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _UNITS:
            group += _UNITS[word]
        elif word == "hundred" and seen:
            group *= 100
        elif word in _WORD_SCALES and seen:
            total, group = total + group * _WORD_SCALES[word], 0
        elif word != "and":
            return None
        seen = True
    return total + group if seen else None


_SPELLED = "|".join([*_UNITS, "hundred", *_WORD_SCALES])
MONEY_IN_WORDS = (
    rf"(?P<spelled>(?i:(?:{_SPELLED})(?:[\s-]+(?:and\s+)?(?:{_SPELLED}))*[\s-]+(?:thousand|million|billion)))"
    r"\s+(?P<spelled_cur>(?i:U\.?S\.?\s+dollars|United\s+States\s+dollars|dollars|euros?|pounds(?:\s+sterling)?|yen|Swiss\s+francs))"
)
"""An amount in words with its currency: `Five Hundred Million Dollars`. Use `money_in_words(match)`."""


def money_in_words(match: re.Match[str]) -> tuple[str, Decimal]:
    """Currency and amount of a match of `MONEY_IN_WORDS`."""
    amount = number_in_words(match["spelled"])
    if amount is None:
        raise Unreadable(f"{match['spelled']!r} spells no amount", evidence=match[0])
    name = match["spelled_cur"].lower()
    codes = {"euro": "EUR", "pound": "GBP", "yen": "JPY", "swiss": "CHF"}
    return next((code for word, code in codes.items() if name.startswith(word)), "USD"), Decimal(amount)
