"""The words of an earnings release that matter to net asset value per share: measures, amounts, days, and what relates them.

Patterns and the values they stand for; `tokens` cuts a sentence into them, in order. Pure.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from chalicelib import prose
from chalicelib.errors import Unreadable

_NAV_WORD = r"(?:(?:net\s+)?(?:book\s+value,?\s*(?:\(|or\s+)\s*)?(?:net\s+asset\s+values?|NAV))"
_SHARE = r"(?:(?:outstanding\s+)?(?:common\s+)?(?:share|unit)s?(?:\s+of\s+(?:the\s+Company's\s+)?common\s+stock)?)"
_CLASS = r"(?:(?:of\s+)?(?:our\s+|the\s+)?Class\s+[A-Z]{1,3}(?:-\d)?\s+)?"
_ALIAS = r"(?:\s*,?\s*\(?\s*(?:the\s+|or\s+)?[\"']{0,2}\s*NAV\s*(?:per\s+share)?\s*[\"']{0,2}\s*\)?,?)?"

_END = r"(?:,?\s*(?:at\s+)?(?:the\s+)?end\s+of\s+(?:the\s+)?(?:period|quarter|year))?"

NAV_PER_SHARE = (
    rf"(?:{_NAV_WORD}{_ALIAS}\)?{_END}\s*(?:[,(-]?\s*per\s+{_CLASS}{_SHARE}\)?|/\s*(?:share|unit|sh\b)){_ALIAS}"
    rf"|net\s+assets(?:\s+value)?{_ALIAS}{_END}\s*[,(-]?\s*per\s+{_CLASS}{_SHARE}\)?"
    rf"|per[\s-]+{_SHARE}\s+(?:{_NAV_WORD}|net\s+assets\b(?!\s+resulting))|book\s+value\s+per\s+share,?\s+or\s+{_NAV_WORD},?|NAVPS)"
)
"""Net asset value per share in its wordings."""

_OTHER_PER_SHARE = (
    r"(?:(?:net\s+)?(?:increase|decrease|change)s?(?:\s*\(?(?:/|or)?\s*\(?(?:increase|decrease)?\)*)?\s+in\s+net\s+assets"
    r"(?:\s+(?:resulting\s+)?from\s+operations)?(?:\s*\([^)]{1,40}\))?(?:\s+per\s+(?:common\s+)?share)?"
    r"|net\s+assets\s+resulting\s+from\s+operations(?:\s+per\s+(?:common\s+)?share)?)"
)
OTHER = (
    rf"(?:{_OTHER_PER_SHARE}"
    r"|(?:core\s+|adjusted\s+|pre-tax\s+|taxable\s+)?(?:net\s+investment|net|distributable|operating|total\s+investment|fee|core)\s+income"
    r"(?:\s*\(\s*\"?(?:NII|DNII)\"?\s*\))?(?:\s+per\s+(?:common\s+)?share)?"
    r"|\b(?:core\s+|adjusted\s+)?(?:NII|DNII|ANII|EPS)\b(?:\s+per\s+(?:common\s+)?share)?"
    r"|earnings(?:\s+per\s+(?:common\s+)?share)?|dividends?|distributions?|distributed|yield|(?:gain|loss)(?:es|s)?\b"
    r"|(?:closing|market|stock|share|offering|purchase|average|public|conversion|trading|repurchase)\s+(?:\w+\s+)?price"
    r"|market\s+value|\bprices?\b|\bshares\s+(?:at|trad\w+(?:\s+at)?)\b|(?<!per\sshare\s)closed\s+at|repurchas\w+|spillover|\bIPO\b|undistributed|accretion|dilution|total\s+return"
    r"|(?:total\s+)?(?:assets|investments|debt|borrowings|liquidity|commitments|portfolio|proceeds|expenses|fees)\b"
    r"|appreciation|depreciation|interest|book\s+value|(?:peers?|sector|industry|group)(?:'s?)?\s+(?:\w+\s+)?(?:average|median|mean)|mid-?point)"
)
"""Whatever else an amount may be of."""

_CURRENCY = r"(?:US\$|U\.S\.\s?\$|C\$|CA\$|A\$|AU\$|HK\$|S\$|NZ\$|[$€£¥]|(?:USD|EUR|GBP|CAD|AUD|CHF|JPY|NOK|SEK)\s)"
_AFTER_CURRENCY = r"(?:\s(?:USD|EUR|GBP|CAD|AUD|CHF|euros?|pence|pounds)\b)"
AMOUNT = (
    rf"(?:(?P<cur>{_CURRENCY})\s?(?P<figure>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"|(?<![\w.,$€£¥/])(?<!\D-)(?P<bare>\d{1,3}\.\d{2,4})(?![\d%]|\s*(?:%|percent|per\s+cent|x\b|times|million|billion|:)))"
)
_SCALED = re.compile(r"\s*(?:million|billion|thousand|trillion|mm\b|bn\b|[MBK]\b)", re.IGNORECASE)
_CODES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "euro": "EUR", "euros": "EUR", "pence": "GBX", "pounds": "GBP"}

_MONTH = prose.MONTH
_YEAR = r"(?:19|20)\d{2}"
DAY = (
    rf"(?:{_MONTH}\.?\s*\d{{1,2}}(?!\d)(?:st|nd|rd|th)?(?:\s*,?\s*{_YEAR})?|\d{{1,2}}\s+{_MONTH}\.?,?\s+{_YEAR}"
    rf"|\b\d{{1,2}}-{_MONTH}-(?:{_YEAR}|\d{{2}})\b|\b\d{{1,2}}/\d{{1,2}}/(?:{_YEAR}|\d{{2}})\b|\b{_YEAR}-\d{{2}}-\d{{2}}\b)"
)
QUARTER = (
    rf"(?:(?:fiscal\s+(?:year\s+)?)?(?:first|second|third|fourth|1st|2nd|3rd|4th)[\s-]+(?:fiscal\s+)?quarter"
    rf"(?:\s+(?:of\s+|ended\s+)?(?:fiscal\s+(?:year\s+)?|the\s+)?{_YEAR})?"
    rf"|\bF?Q[1-4][\s'/-]{{0,2}}(?:FY|fiscal\s+)?(?:{_YEAR}|\d{{2}})\b|\b[1-4]Q[\s'/-]{{0,2}}(?:{_YEAR}|\d{{2}})\b"
    rf"|{_YEAR}\s+(?:fiscal\s+)?(?:first|second|third|fourth)[\s-]+quarter)"
)
WHOLE_MONTH = rf"\b{_MONTH}\.?,?\s+{_YEAR}\b"
"""A month named for its last day."""
_PRIOR_PERIOD = (
    r"(?:(?:the\s+)?(?:prior|previous|preceding|last|year[\s-]ago|comparable)\s+(?:\d{4}\s+)?(?:fiscal\s+)?(?:quarter|year|period)(?:[\s-]+end)?"
    r"|(?:the\s+)?(?:prior|previous|preceding)\s+(?:quarter|year)'s|\b(?:an?|one|two|three|six|nine|twelve)\s+(?:year|quarter|month)s?\s+(?:ago|earlier|before))"
)
COMPARE = (
    rf"(?:\b(?:as\s+)?compared\s+(?:with|to)|\bcompares?\s+(?:with|to)|\bversus\b|\bvs\b\.?|\bfrom\b(?=[^,;]{{0,80}}(?:[$€£\d]|\bNAV|\bnet\s+asset|quarter|year|month|period|\blast\b|\bprior\b|\bprevious|\bthat\b|\blevel)|\s*$)|\brelative\s+to\b|\bagainst\b"
    rf"|\b(?:less|lower|higher|more|greater)\s+than\b|\binstead\s+of\b|\brather\s+than\b|\b(?:which\s+(?:had\s+)?stated|previously|originally|(?:given|shown|printed)\s+as|erroneously|incorrectly|inadvertently|mistakenly|mis(?:stated|reported|printed))\b|\b(?:above|below|over|ahead\s+of)\s+(?:(?:the\s+)?(?=NAV|net)|the\s+(?=\$))"
    rf"|\bwas\s+previously\b|{_PRIOR_PERIOD}|\b(?:prior|previous|preceding|last)\s+(?:reported\s+)?(?:value|figure|number)\b)"
)
PRELIMINARY = re.compile(
    r"\b(?:prelim(?:inary|inarily|s)?|flash|estimate[sd]?|estimated|expects?|expected|anticipate[sd]?|projects?|projected|guidance)\b(?!\s+(?:fair|useful))",
    re.IGNORECASE,
)
PRO_FORMA = (
    r"(?:pro[\s-]?forma|as\s+adjusted|(?<!GAAP\sand\s)adjusted\s+(?:for|to|NAV|net\s+asset)|giving\s+effect|ex[\s-]dividend"
    r"|excluding\s+the|before\s+(?:the\s+)?(?:effects?|impact|payment)\b|hypothetical)(?!\s+(?:(?:for|to|reflect|give|giving|effect|retroactively)\s+){0,4}(?:the\s+|our\s+|a\s+)?(?:[\w-]+\s+){0,3}splits?\b)"
)
PRO_FORMA_WORDS = re.compile(PRO_FORMA, re.IGNORECASE)
PRO_FORMA_AFTER = re.compile(
    rf"\s*(?:per\s+(?:common\s+)?share\s*)?,?\s*\(?(?:on\s+an?\s+)?(?:as\s+)?(?:{PRO_FORMA}|adjusted\s+(?:for|to)\b(?!\s+(?:the\s+|our\s+|a\s+)?(?:[\w-]+\s+){{0,3}}splits?\b)|after\s+(?:giving|taking|deducting|accounting|[^.;]{{0,80}}?\b(?:payable|to\s+be\s+paid)\b))",
    re.IGNORECASE,
)
CLASS_NAME = re.compile(r"\b(?:Class|Series)\s+([A-Z]{1,3}(?:-\d)?)\b(?!\s*notes?)")

Kind = Literal["nav", "other", "amount", "day", "quarter", "compare", "class"]
_TOKEN = re.compile(
    rf"(?P<other1>(?i:{_OTHER_PER_SHARE}))|(?P<nav>(?i:{NAV_PER_SHARE}))|(?P<other>(?i:{OTHER}))|(?P<day>(?i:{DAY}|{WHOLE_MONTH}))|(?P<quarter>(?i:{QUARTER})|\bQ[1-4]\b)"
    rf"|(?P<amount>{AMOUNT})|(?P<compare>(?i:{COMPARE}))|(?P<navalone>\b(?:NAV|(?i:net\s+asset\s+values?(?:,?\s+or\s+book\s+value)?|net\s+assets))\b)"
)


@dataclass(frozen=True)
class Token:
    """A piece of a sentence that says something: what it is and where it stands."""

    kind: Kind
    start: int
    end: int
    text: str
    value: Decimal = Decimal(0)
    currency: str = "USD"
    scaled: bool = False


_MENTION = re.compile(rf"{NAV_PER_SHARE}|\bNAV\b|net\s+asset\s+value|net\s+assets", re.IGNORECASE)


def mentions(sentence: str) -> bool:
    """Whether a sentence names net asset value at all."""
    return _MENTION.search(sentence) is not None


def tokens(sentence: str) -> Iterator[Token]:
    """The telling pieces of a sentence, in order. Net assets are NAV where a figure per share follows."""
    for found in _TOKEN.finditer(sentence):
        kind = found.lastgroup or ""
        start, end, text = found.start(), found.end(), found[0]
        if found["amount"]:
            yield _amount(sentence, found)
        elif found["nav"]:
            yield Token("nav", start, end, text)
        elif found["navalone"]:
            bare = "assets" not in text.lower() and _BARE.match(sentence, end)
            alone = bool(_ALONE.match(sentence, end) or bare or _BASIS.search(sentence))
            yield Token("nav" if alone else "other", start, end, text)
        elif found["day"]:
            yield Token("day", start, end, text)
            yield from _same_day_of(text, sentence, end)
        elif found["quarter"]:
            yield Token("quarter", start, end, text)
        elif found["compare"]:
            yield Token("compare", start, end, text)
        elif kind in ("other", "other1"):
            yield Token("other", start, end, text)


_TRANSLATED = re.compile(
    rf"(?P<sign>{_CURRENCY})\s?[\d,]*\.?\d+(?:\s*per\s+share)?\s*(?P<again>\((?P<other>{_CURRENCY})\s?[\d,]*\.?\d+(?:\s*per\s+share)?\))"
)


def readable(text: str) -> str:
    """The text, as long as it was, with one amount for what is told twice and ranges told as such."""
    return _as_range(_untranslated(text))


def _untranslated(text: str) -> str:
    """The text with blanks where an amount is told again in another currency: `US$13.20 (C$18.10)`."""
    for found in _TRANSLATED.finditer(text):
        if found["sign"] != found["other"]:
            text = text[: found.start("again")] + " " * len(found["again"]) + text[found.end("again") :]
    return text


_MORE_YEARS = re.compile(rf"\s*(?:,|,?\s*and)\s*({_YEAR})\b")
_BASIS = re.compile(r"\bper[\s-]+share\s+basis\b", re.IGNORECASE)
_FIG = rf"{_CURRENCY}\s?[\d,]*\.?\d+"
_NEW_CLAUSE = r"\b(?:while|when|with|as\s+(?!of\b|at\b)|but|shares?|stock|investors?|shareholders?|paid|bought|sold|trad\w+)\b"
_BARE = re.compile(
    r"(?:\s*\([^)]{1,20}\))?\s*(?:(?:was|is|of|at|:|stood|ended|finished|closed|increased|decreased|declined|rose|fell|grew|dropped|slipped|dipped|rises|falls|dips|slips|grows|declines|increases|decreases|drops|up|down|climbs|climbed|edged)(?!\w)"
    rf"(?:(?!{_NEW_CLAUSE})[^$;:]){{0,60}}?)?[~≈]?\s?\$\d{{1,3}}\.\d{{2}}(?!\d|,\d|\s*(?:million|billion|thousand|[MBK]\b))",
    re.IGNORECASE,
)
"""What follows `NAV` where a figure too small and too exact for a total is told of it."""
_ALONE = re.compile(
    rf"(?:[^.;$€£]|\.(?=\d)){{0,120}}?{_FIG}\s*(?:(?:million|billion)?\b[^$€£;]{{0,60}}?(?:or|equating\s+to|equivalent\s+to|equal\s+to|representing|\(|/)\s*(?:approximately\s+)?{_FIG}\s*)?"
    rf"(?:(?:to|and|-)\s*{_FIG}\s*)?(?:per|/|a)\s*(?:common\s+|Class\s+\w+\s+)?(?:share|unit)",
    re.IGNORECASE,
)


_OWN, _LIMIT = r"(?:(?:whose|with|an?|the|its)\s+){0,2}", r"(?:end|bound|limit)(?:\s+(?:of|is|at|being)|:)?"
_LIMITS = re.compile(
    rf"(?P<from>\b(?:no(?:t)?\s+(?:less|lower)\s+than|at\s+least|(?:from\s+)?a\s+low\s+of|{_OWN}(?:low(?:er)?|bottom)\s+{_LIMIT}))(?P<low>\s+{_FIG}(?:\s+per\s+share)?)"
    rf"(?P<to>\s*,?\s*(?:and|but|to)\s+(?:no(?:t)?\s+(?:more|greater|higher)\s+than|at\s+most|a\s+high\s+of|{_OWN}(?:high(?:er)?|upper|top)\s+{_LIMIT}))(?P<high>\s+{_FIG})",
    re.IGNORECASE,
)


def _as_range(text: str) -> str:
    """The text, as long as it was, with two limits told as a range: `no less than $9.71 and no more than $9.79`."""

    def between(found: re.Match[str]) -> str:
        return f"{'between':<{len(found['from'])}}{found['low']}{' and':<{len(found['to'])}}{found['high']}"

    return _LIMITS.sub(between, text)


def _same_day_of(day: str, sentence: str, end: int) -> Iterator[Token]:
    """`September 30, 2025 and 2024`: the same day of the years that follow it."""
    while more := _MORE_YEARS.match(sentence, end):
        end = more.end()
        yield Token("day", more.start(1), end, re.sub(rf"{_YEAR}$", more[1], day))


def _amount(sentence: str, found: re.Match[str]) -> Token:
    digits = found["figure"] or found["bare"]
    sign = (found["cur"] or "").strip()
    after = re.compile(_AFTER_CURRENCY, re.IGNORECASE).match(sentence, found.end())
    code = "USD"
    if sign and sign != "$":
        code = _CODES.get(sign) or prose.currency(sign)
    if after:
        word = after[0].strip()
        code = _CODES.get(word.lower(), word.upper())
    scaled = bool(_SCALED.match(sentence, found.end())) or (not sign and not after and "." not in digits)
    return Token("amount", found.start(), found.end(), found[0], Decimal(digits.replace(",", "")), code, scaled)


_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}


def day_of(text: str, around: date | None) -> date | None:
    """The day `text` names. One without a year is the last such day not after `around`; None when there is none to name."""
    if short := re.fullmatch(r"\s*(\d{1,2})/(\d{1,2})/(\d{2,4})\s*", text):
        month, day, year = (int(part) for part in short.groups())
        return _date(year + 2000 if year < 100 else year, month, day)
    if dashed := re.fullmatch(r"\s*(\d{1,2})-(\w+)-(\d{2}|\d{4})\s*", text):
        return _named(f"{dashed[2]} {dashed[1]}, 20{dashed[3][-2:]}")
    if iso := re.fullmatch(r"\s*(\d{4})-(\d{2})-(\d{2})\s*", text):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if re.fullmatch(WHOLE_MONTH, text, re.IGNORECASE):
        first = _named(re.sub(rf"\W+({_YEAR})$", r" 1, \1", text))
        return month_end(first.year, first.month) if first else None
    if re.search(_YEAR, text):
        return _named(text)
    if around is None:
        return None
    this = _named(f"{text}, {around.year}")
    return this if this and this <= around else _named(f"{text}, {around.year - 1}")


def _named(text: str) -> date | None:
    try:
        return prose.day(re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", re.sub(r"(?<=[a-z.])(?=\d)", " ", text)))
    except Unreadable:
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def quarter_of(text: str, year_end_month: int | None, around: date | None) -> date | None:
    """The last day of the quarter `text` names: a fiscal one when the issuer's year ends in another month than December.

    Without a known year end the calendar's quarter counts, and then only when it ended in the half year before `around`.
    """
    number = next((n for word, n in _ORDINALS.items() if word in text.lower()), None)
    if number is None and (short := re.search(r"Q([1-4])|([1-4])Q", text, re.IGNORECASE)):
        number = int(short[1] or short[2])
    year = _year_in(text)
    last = year_end_month or 12
    if number is None or (year is None and around is None):
        return None
    month = (last + 3 * number - 1) % 12 + 1
    if year is None:
        this = month_end(around.year, month) if around else date.max
        end = this if around and this <= around else month_end(this.year - 1, month)
    else:
        end = month_end(year if month <= last else year - 1, month)
    if "fiscal" in text.lower() and year_end_month is None:
        return None
    if around is not None and not timedelta(0) <= around - end:
        return None
    return end


def _year_in(text: str) -> int | None:
    if full := re.search(_YEAR, text):
        return int(full[0])
    if short := re.search(r"['\s]?(\d{2})\b\s*$", text):
        return 2000 + int(short[1])
    return None


def quarter_before(day: date, year_end_month: int | None = None) -> date:
    """The last end of a quarter before `day`: the calendar's, or that of a fiscal year that ends in another month."""
    shift = (year_end_month or 12) % 3
    year, month = day.year, day.month
    while True:
        month -= 1
        if month == 0:
            year, month = year - 1, 12
        if month % 3 == shift:
            return month_end(year, month)
