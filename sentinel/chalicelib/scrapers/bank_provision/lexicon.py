"""A sentence as a row of letters, one for each word or phrase that matters to a provision: `wordings.json` says which.

Pure. Words without weight (articles, "about", "this quarter") leave no letter, a word that is not known leaves `x`: the grammar
links an amount to what it is for only through letters it knows, so that whatever is not understood gives nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import cast

from chalicelib.scrapers.bank_provision import vocabulary as v

_ORDINALS = ("first", "second", "third", "fourth")
_QUARTER = re.compile(
    r"(?:(?:in|for|during|of) )?(?:the |our )?"
    r"(?:(?P<word>first|second|third|fourth)[\s-]quarter|\bQ(?P<q>[1-4])\b|\b(?P<n>[1-4])Q(?:\d\d)?\b"
    r"|(?P<month>march|june|september|december)[\s-]quarter|quarter ended (?P<ended>march|june|september|december) 3[01])"
    r"(?:'s)?(?:,? (?:of )?(?P<year>20[12]\d))?(?P<other> of last year| last year| a year ago)?\b",
    re.IGNORECASE,
)
_MONTHS = {"march": "first", "june": "second", "september": "third", "december": "fourth"}
_YEAR = re.compile(r"(?:in )?(?:fiscal )?\b20[012]\d\b|(?:at|as of) (?:march|june|september|december) 3[01]\b", re.IGNORECASE)
_MONTH = re.compile(
    r"(?:late |early )?in (?P<month>january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"(?! (?:of )?(?:last|20\d\d))",
    re.IGNORECASE,
)
_IN_QUARTER = {
    "first": ("january", "february", "march"),
    "second": ("april", "may", "june"),
    "third": ("july", "august", "september"),
    "fourth": ("october", "november", "december"),
}
_DASH = re.compile(r"[-\u2013]+(?=\s|$)")
_PLAIN = re.compile(r"\$?[\w&%\u20ac\u00a3\u00a5][\w'&%/.-]*[\w%]|[\w$%&]")
_INCLUDED = re.compile(r"(?:which|that) (?:also )?(?:included|reflected)\b", re.IGNORECASE)
_MARKS = {",": ",", "(": ",I", ")": ",", ";": ";", "\u2014": ";", ":": ":", "?": "x"}


@dataclass(frozen=True)
class Token:
    """A letter and where its words stand; `amount` of an amount of money."""

    letter: str
    start: int
    end: int
    amount: Decimal | None = None


@dataclass(frozen=True)
class Speaking:
    """What the whole text says of itself: names of the bank speaking, the quarter spoken of (`third`) and its year."""

    own: frozenset[str] = frozenset()
    quarter: str | None = None
    year: str | None = None


@cache
def _classes() -> list[tuple[str, str, list[str]]]:
    raw = resources.files("chalicelib.scrapers.bank_provision").joinpath("wordings.json").read_text("utf-8")
    return cast(list[tuple[str, str, list[str]]], json.loads(raw)["classes"])


def phrases_of(letter: str) -> list[str]:
    """What stands for a letter."""
    return next(phrases for each, _, phrases in _classes() if each == letter)


@cache
def _phrases() -> tuple[re.Pattern[str], tuple[str, ...]]:
    classes = _classes()

    def ending(letter: str) -> str:
        return r"(?:[-\s](?:related(?! to)|specific(?! to)))?(?!\w)" if letter in "NE" else r"(?!\w)"

    choices = []
    for number, (letter, _, phrases) in enumerate(classes):
        longest_first = "|".join(sorted(phrases, key=len, reverse=True))
        if letter in "NE":
            longest_first = re.sub(r"(?<=[a-z)]) (?=[a-z(])", r"[\\s-]", longest_first)
        choices.append(f"(?P<c{number}>(?:{longest_first}){ending(letter)})")
    return re.compile("|".join(choices), re.IGNORECASE), tuple(letter for letter, _, _ in classes)


def quarters_named(text: str) -> set[str]:
    """Every quarter the text names, by its ordinal."""
    return {_ordinal(found) for found in _QUARTER.finditer(text)}


def _ordinal(found: re.Match[str]) -> str:
    month = found["month"] or found["ended"]
    if month:
        return _MONTHS[month.lower()]
    return found["word"].lower() if found["word"] else _ORDINALS[int(found["q"] or found["n"]) - 1]


def tokens(words: str, speaking: Speaking) -> list[Token]:
    """The sentence's tokens in order, weightless words left out."""
    found = list(_tokens(words, speaking))
    found = [_of_its_time(each, found[max(place - 2, 0) : place], words) for place, each in enumerate(found)]
    return [_theirs(each, found[max(place - 2, 0) : place + 4], words) for place, each in enumerate(found)]


def _of_its_time(token: Token, before: Sequence[Token], words: str) -> Token:
    """What another quarter included is not this one's: "from the second quarter, which included ..."."""
    ahead = "".join(each.letter for each in before)
    theirs = ahead.endswith("X") or (ahead == "X," and _INCLUDED.match(words, token.start) is not None)
    return Token("U", token.start, token.end) if token.letter == "I" and theirs else token


def _theirs(token: Token, around: Sequence[Token], words: str) -> Token:
    """What happened at or among borrowers is their own: "charge-offs at our nonbank lender clients"."""
    among = token.letter == "i" and words[token.start : token.end].lower() in {"at", "among"}
    theirs = among and re.search("[PBLKRj].?i_?(?:E(?!H)|Nv)", "".join(each.letter for each in around)) is not None
    return Token("U", token.start, token.end) if theirs else token


def _tokens(words: str, speaking: Speaking) -> Iterator[Token]:
    place = 0
    while place < len(words):
        if words[place] in " \t\"'\u201c\u201d.!*[]":
            place += 1
            continue
        letters, end, amount = _next(words, place, speaking)
        for letter in letters:
            yield Token(letter, place, end, amount)
        place = end


def _next(words: str, place: int, speaking: Speaking) -> tuple[str, int, Decimal | None]:
    """The letters of what begins at `place`, where it ends, and the amount it is."""
    if (time := _time(words, place, speaking)) is not None:
        return *time, None
    if (money := v.MONEY.match(words, place)) is not None:
        amount = amount_of(words, money)
        return "x" if amount is None else "M", money.end(), amount
    for reader in (_mark, _bank, _phrase):
        if (read := reader(words, place, speaking)) is not None:
            return *read, None
    plain = _PLAIN.match(words, place)
    return ("", place + 1, None) if plain is None else (_unknown(plain[0], first=not place), plain.end(), None)


def _mark(words: str, place: int, _: Speaking) -> tuple[str, int] | None:
    dash = _DASH.match(words, place)
    if dash is not None:
        return ";", dash.end()
    return (_MARKS[words[place]], place + 1) if words[place] in _MARKS else None


def _time(words: str, place: int, speaking: Speaking) -> tuple[str, int] | None:
    """The quarter spoken of and its months leave no letter; any other, and a year, is another time."""
    if (quarter := quarter_at(words, place, speaking)) is not None:
        return "" if quarter[0] else "X", quarter[1]
    year = _YEAR.match(words, place)
    return None if year is None else ("X", year.end())


def quarter_at(words: str, place: int, speaking: Speaking) -> tuple[bool, int] | None:
    """Whether the quarter named at `place` is the one spoken of, and where its name ends; so is a month within it."""
    quarter = _QUARTER.match(words, place)
    if quarter is None:
        month = _MONTH.match(words, place)
        within = month is not None and month["month"].lower() in _IN_QUARTER.get(speaking.quarter or "", ())
        return (True, month.end()) if month is not None and within else None
    mine = _ordinal(quarter) == speaking.quarter and quarter["year"] in {None, speaking.year} and not quarter["other"]
    return mine, quarter.end()


def is_own(name: str, speaking: Speaking) -> bool:
    """Whether a bank's name is that of the bank speaking."""
    return any(name.lower().startswith(own) or own.startswith(name.lower()) for own in speaking.own)


def _bank(words: str, place: int, speaking: Speaking) -> tuple[str, int] | None:
    """The bank speaking ("JPMorgan", "JPMorgan's"), or another."""
    bank = v.OTHER_BANK.match(words, place)
    if bank is None:
        return None
    if not is_own(bank[0], speaking):
        return "Z", bank.end()
    owner = re.compile(r"'s?\b").match(words, bank.end())
    return ("S", bank.end()) if owner is None else ("", owner.end())


def _phrase(words: str, place: int, _: Speaking) -> tuple[str, int] | None:
    pattern, letters = _phrases()
    known = pattern.match(words, place)
    return None if known is None or known.end() == place else (letters[int(str(known.lastgroup)[1:])], known.end())


def _unknown(word: str, *, first: bool) -> str:
    """`Q` for a name, nothing for an adverb, `V` for what may be a verb, a denial or an owner, `x` for the rest."""
    if word[0].isupper() and not first:
        return "Q"
    if word.lower().endswith("ly"):
        return ""
    return "V" if re.match(r"non|un|ex-|.*(?:ed|'s?)$", word.lower()) else "x"


def amount_of(words: str, found: re.Match[str]) -> Decimal | None:
    """US dollars with their unit; None for a number without one, of something else, or too small to be a provision."""
    unit = (found["unit"] or "").lower()
    if not found["before"] and len(unit) < 3 and "dollars" not in found[0].lower():
        return None
    if v.FOREIGN.search(words[: found.start()]) or v.NO_MONEY.match(words[found.end() :]):
        return None
    amount = Decimal(found["digits"].replace(",", "")).scaleb(v.UNITS.get(unit, 0))
    return Decimal(f"{amount:f}") if amount >= 10_000 else None
