"""Inline XBRL's transformations: the printed text of a fact to its value, by the transformation's local name.

Registries 1 to 5 and the SEC's own; the version in the namespace is dropped. Each returns the value or raises `ValueError`
with words: a text the named transformation does not describe is never read another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

_SPACES = "\u00a0\u2007\u2009\u202f "
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_DOT = re.compile(r"(?:[0-9][0-9,']*)?(?:\.[0-9]+)?\.?")
_COMMA = re.compile(r"(?:[0-9][0-9.']*)?(?:,[0-9]+)?,?")
_UNSPACED = str.maketrans("", "", _SPACES)
MAX_DIGITS = 24


def plain_number(text: str) -> Decimal:
    """An XML Schema decimal or double: what an instance holds, and a fact without a transformation."""
    if len(text) > MAX_DIGITS or not _PLAIN.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no number")
    return Decimal(text)


def _dotted(text: str) -> Decimal:
    digits = text.replace(",", "")
    if digits.isdigit() and digits.isascii() and len(digits) <= MAX_DIGITS and text[0] != ",":
        return Decimal(digits)
    bare = text.translate(_UNSPACED)
    if len(bare) > MAX_DIGITS or not _DOT.fullmatch(bare) or bare in ("", "."):
        raise ValueError(f"{text[:60]!r} is no number with a decimal point")
    return Decimal(bare.replace(",", "").replace("'", "") if "'" in bare else bare.replace(",", ""))


def _comma(text: str) -> Decimal:
    bare = text.translate(_UNSPACED)
    if len(bare) > MAX_DIGITS or not _COMMA.fullmatch(bare) or bare in ("", ","):
        raise ValueError(f"{text[:60]!r} is no number with a decimal comma")
    return Decimal(bare.replace(".", "").replace("'", "").replace(",", "."))


def _zero(_text: str) -> Decimal:
    return Decimal(0)


def _dash(text: str) -> Decimal:
    if not re.fullmatch(r"[-\u00ad\u058a\u05be\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+", text.strip(_SPACES)):
        raise ValueError(f"{text[:60]!r} is no dash")
    return Decimal(0)


def _unit_decimal(text: str) -> Decimal:
    found = re.fullmatch(r"\s*(\d[\d,. ]*?)\s*[^\d\s]+\s*(\d{1,2})\s*[^\d\s]*\s*", text)
    if not found:
        raise ValueError(f"{text[:60]!r} is no amount in units and hundredths")
    return Decimal(re.sub(r"\D", "", found[1]) + "." + found[2].zfill(2))


_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten "
    "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_BY_TEN = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: number for number, word in enumerate(_TO_NINETEEN.split())} | {"a": 1, "an": 1}
_SMALL |= {word: number * 10 for number, word in enumerate(_BY_TEN.split(), start=2)}
_NONE = {"zero", "no", "none", "nil"}
_POWERS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def _words(text: str) -> Decimal:
    """`no`, `twenty-five`, `two hundred and fifty thousand`."""
    words = [word for word in re.split(r"[\s,\-\u2010\u2011\u00a0]+", text.strip().lower()) if word and word != "and"]
    if len(words) == 1 and words[0] in _NONE:
        return Decimal(0)
    total, part, power = 0, 0, 10**15
    for word in words[:MAX_DIGITS]:
        if _SMALL.get(word) and _follows(_SMALL[word], part):
            part += _SMALL[word]
        elif word == "hundred" and part < 100:
            part = max(part, 1) * 100
        elif _POWERS.get(word, power) < power:
            power = _POWERS[word]
            total, part = total + max(part, 1) * power, 0
        else:
            raise ValueError(f"{text[:60]!r} is no number in words")
    if not words or len(words) > MAX_DIGITS:
        raise ValueError(f"{text[:60]!r} is no number in words")
    return Decimal(total + part)


def _follows(number: int, part: int) -> bool:
    """Whether a number below a hundred can be said after `part`: after nothing, after hundreds, or ones after tens."""
    return part % 100 == 0 or (part % 100 >= 20 and part % 10 == 0 and number < 10)


NUMBERS: dict[str, Callable[[str], Decimal]] = {
    **dict.fromkeys(("numdotdecimal", "numcommadot", "numspacedot", "numdotdecimalin", "numdotdecimalapos"), _dotted),
    **dict.fromkeys(("numcommadecimal", "numdotcomma", "numspacecomma", "numcomma", "numcommadecimalapos"), _comma),
    **dict.fromkeys(("numunitdecimal", "numunitdecimalin", "numunitdecimalapos"), _unit_decimal),
    **dict.fromkeys(("numwordsen", "numworden"), _words),
    **dict.fromkeys(("zerodash", "numdash"), _dash),
    "fixedzero": _zero,
}
"""Numeric transformations by name, hyphens dropped."""

_OLD_DATES = {
    "dateslashus": "datemonthdayyear",
    "datelongus": "datemonthdayyearen",
    "dateshortus": "datemonthdayyearen",
    "dateslasheu": "datedaymonthyear",
    "datedoteu": "datedaymonthyear",
    "datedotus": "datemonthdayyear",
    "datelonguk": "datedaymonthyearen",
    "dateshortuk": "datedaymonthyearen",
    "datelongmonthyear": "datemonthyearen",
    "datelongyearmonth": "dateyearmonthen",
}
_DATE = re.compile(r"date((?:day|month|year){1,3})(en)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _day(text: str, parts: list[str]) -> str:
    tokens = re.findall(r"\d+|[A-Za-z]+", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text))
    if len(tokens) != len(parts):
        raise ValueError(f"{text[:60]!r} is no date of {', '.join(parts)}")
    found = {}
    for part, token in zip(parts, tokens, strict=True):
        if part == "month" and not token.isdecimal():
            if token[:3].lower() not in _MONTHS:
                raise ValueError(f"{token[:20]!r} is no month")
            found[part] = _MONTHS.index(token[:3].lower()) + 1
        elif token.isdecimal():
            found[part] = int(token) + (2000 if part == "year" and len(token) <= 2 else 0)
        else:
            raise ValueError(f"{text[:60]!r} is no date of {', '.join(parts)}")
    whole = date(found.get("year", 2000), found.get("month", 1), found.get("day", 1)).isoformat()
    if "year" not in found:
        return "-" + whole[4:]
    return whole if "day" in found else whole[:7]


_FIXED = {
    "fixedtrue": "true",
    "booleantrue": "true",
    "fixedfalse": "false",
    "booleanfalse": "false",
    "fixedempty": "",
    "nocontent": "",
}


def _ballot(text: str) -> str:
    ticked = any(mark in text for mark in "\u2611\u2612\u00fe\u00fd\u2714\u2716")
    empty = any(mark in text for mark in "\u2610\u00a8\u25a1")
    if ticked == empty:
        raise ValueError(f"{text[:60]!r} is no ballot box")
    return "true" if ticked else "false"


def text_value(text: str, name: str) -> str:
    """The value of a text under transformation `name` (hyphens dropped); raises `ValueError` for one not known here."""
    if name in _FIXED:
        return _FIXED[name]
    if name in {"boolballotbox", "yesnoballotbox"}:
        return _ballot(text)
    dated = _DATE.fullmatch(_OLD_DATES.get(name, name.replace("monthname", "month")))
    if dated:
        return _day(text, re.findall("day|month|year", dated[1]))
    if name in NUMBERS:
        return str(NUMBERS[name](text))
    raise ValueError(f"transformation {name[:60]!r} is not known")
