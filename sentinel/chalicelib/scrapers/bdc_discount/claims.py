"""Whether a sentence tells a net asset value as one that is: not as a wish, a limit, a yardstick, a growth or a plan. Pure.

A value with no day of its own would be taken for the release's day, so its clause must speak of the present and say what the
value is.
"""

from __future__ import annotations

import json
import re
from importlib import resources

from chalicelib.scrapers.bdc_discount.attributions import foreseen, refused
from chalicelib.scrapers.bdc_discount.candidate import Period
from chalicelib.scrapers.bdc_discount.proof import Amount
from chalicelib.scrapers.bdc_discount.relations import EXPECTED
from chalicelib.scrapers.bdc_discount.words import DAY, PRELIMINARY, PRO_FORMA_WORDS, QUARTER

_WISHED = re.compile(
    r"\b(?:analysts?|consensus|target(?:s|ed|ing)?|goal|forecasts?|guid(?:es?|ed|ing)|whose|when(?:ever)?|if|unless|should|until)\b[^.;$]{0,50}$",
    re.IGNORECASE,
)
"""What makes a value one that was never reported."""
_NOT_REPORTED_BEFORE = re.compile(
    r"\b(?:(?:year|quarter)[\s-](?:ago|earlier)|plus|(?:returns?|yield)\s+on|beginning|opening|starting|initial|inception|peak|highest|lowest|average|minimum|maximum|hypothetical)\s+$",
    re.IGNORECASE,
)
_NOT_REPORTED_AFTER = re.compile(
    r"\s*(?:(?:to\s+)?(?:fall|decline|drop|rise|grow|increase|decrease|reach|recover|shrink)\b|would|could|might|plus\b|hurdle|high[\s-]water|low[\s-]water|thresholds?|floor|averag\w+|at\s+(?:grant|issuance|inception)\b|,?\s*\(?(?:(?:excluding|exclusive\s+of)\b(?!\s+(?:the\s+)?non-?controlling)|assuming\b)|target\w*|triggers?|covenant)\b",
    re.IGNORECASE,
)
"""What makes a value an extreme, a mean, a limit or a supposition."""
_SHARE_OF_NAV = re.compile(
    r"(?:(?:%|\bpercent|(?<=\d)x|\bx|\btimes|\b(?:discount|premium)\s+to|\b(?:price|P)\s?/)\s+(?:of\s+)?"
    r"|\b(?:issu|s[eo]l[dl]|convert|repurchas|redeem|tender|purchas|reinvest|exchang|bought|pric)\w*\b[^.;$]{0,40}\b(?:at|for|into|to|by|is|of|equals?)\s+"
    r"|\b(?:equal\s+to|equivalent\s+to|based\s+(?:up)?on|by\s+reference\s+to|high[\s-]water\s+mark\s+(?:is|was|of)|hurdle\s+(?:is|was|of)|in\s+exchange\s+for|at\s+a\s+price\s+of)\s+)"
    r"(?:the\s+|our\s+|its\s+|then[\s-]|most\s+recent\s+|current\s+|estimated\s+){0,3}$",
    re.IGNORECASE,
)
"""What makes a price, a term or a mark of a net asset value named after it."""
_TOLD_WITH_ITS_DAY = re.compile(rf"\s+of\s+\$\d+\.\d\d,?\s+(?:as\s+of|at|on)\s+{DAY}", re.IGNORECASE)
"""A yardstick that is told in full: `a 12% discount to NAV per share of $15.02 as of September 30, 2025`."""
_SAYS = re.compile(
    rf"(?:^|\b(?:of|was|were|is|are|be|been|at|to|or|and|read|as|now|from|between|record|totall?ed|equal(?:s|ed|ing)?|reached|hit|estimated|ranges?|per\s+share|end|period-end|quarter-end|year-end|{DAY}|{QUARTER})|[-:(/=|\"),.])"
    r"\s*(?:(?:about|approximately|roughly|an?|the|estimated|around|some|ranges?|range\s+of)\s+)*[-+~]?\s*$",
    re.IGNORECASE,
)
"""What stands right before an amount that a measure is said to be."""
_PLANNED = re.compile(
    r"\b(?:combined|merged|surviving|resulting)\s+(?:company|fund|entity)\b[^.;$]*\b(?:expected|will)\b|\bwill\s+(?:have|be|reach|grow|rise|stand|exceed)\b|(?<!investment\s)\bobjectives?\b|\b(?:goals?|aims?|aiming|aspir\w+|ambitions?|budget\w*|guidance|high[\s-]water|hurdle|thresholds?|converted\s+into|convertible\s+into|redeem(?:ed|able)\s+for|exchanged\s+for"
    r"|next\s+(?:quarter|year)'s|(?:stress|bear|bull|base|downside|upside)\s+(?:case|scenario)|path\s+to(?:ward)?|plan\s+is|(?:plan|intend|seek|hope)s?\s+(?:to\s+(?:reach|grow|raise|lift|bring|achieve|attain|get|build)|for|calls))\b",
    re.IGNORECASE,
)
"""What makes all that its clause tells a plan or a term."""
_SINCE = re.compile(r"\s*(?:per\s+(?:common\s+)?share\s*)?(?:,|\()?\s*since\b", re.IGNORECASE)
_OF_A_YEAR = re.compile(
    r"\b(?:by|for|in|at|of|through|during|before|until|fiscal|year[\s-]end|FY)\s*(?:the\s+|end\s+of\s+|year[\s-]end\s+|fiscal\s+|calendar\s+|full\s+|year\s+|FY){0,4}(?P<year>20\d\d)\b",
    re.IGNORECASE,
)
_SAYING = frozenset(
    word
    for group in json.loads(resources.files(__package__ or "").joinpath("saying.json").read_text("utf-8")).values()
    for word in group
)
"""The words that may stand between a net asset value and an amount that it is."""
_LED_TO = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:with|reported|reports?|reporting|posted|posts?|posting|announced|announces|delivered|delivers|recorded|records|disclosed|had|has|have|saw|sees|grew|grow|grown|raised|lifted|boosted|brought"
    r"|drove|pushed|maintained|increased|decreased|ended|ending|closing|unaudited|audited|final|preliminary|estimated|adjusted|GAAP|combined|consolidated|current|latest|new|record|higher|lower|stable|total|common|reported"
    r"|quarter|quarterly|quarter-end|period-end|year-end|month-end|monthly|fund|company|corporation|trust|quarter's|year's|share|basis|million|billion|producing|yielding|leaving|giving|bringing|class\s+\w|[A-Z]|AND|and|or|but|while|whereas|as|that|where|which|then|also|in|for\s+an?|Q[1-4]|\d+"
    r"|(?:ranges?|estimates?)\s+(?:of|for)|(?:end|clos|finish|st[ao]|remain|equat|translat|amount|equivalent)\w*\b[^.;$]{0,40}\b(?:at|to|with))\s+)$",
    re.IGNORECASE,
)
"""What may stand before a net asset value whose amount is told as the issuer's of now, an article and a possessive aside."""
_PREPOSITION = re.compile(r"\b(?:at|to|into|on|by|of|over|under|above|below|than|per|worth|against|for)\s+$", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:(?:\b(?:the|our|its|an?|their|this|your)|'s?)\s+)+$", re.IGNORECASE)
_AHEAD = re.compile(
    r"\b(?:achievable|attainable|within\s+reach|over\s+the\s+next|in\s+the\s+(?:coming|next)|going\s+forward|eventually|over\s+time)\b",
    re.IGNORECASE,
)
"""What makes a value one that is yet to come."""
_PLAINLY = re.compile(r"[\s,(]*(?:per\s+(?:common\s+)?(?:share|unit)[\s,(]*)?(?:is\s+)?(?:\w+ed\s+)?", re.IGNORECASE)
_NOUN = re.compile(r"\s*(?P<noun>[a-z][\w-]+)\s+(?:of|was|is|were|as\s+of|as|at|on|for|:)\s")
"""What follows a word right after a net asset value that makes it a part or a measure of it: `NAV per share discount was`."""
_WORD = re.compile(r"[a-z][\w-]+")
_QUARTERLY = re.compile(r"\bquarter\b[^.;$]{0,30}$", re.IGNORECASE)
_CLAUSE = re.compile(r"[;$]|,\s|\.\s")


def supposed(text: str, start: int, end: int) -> bool:
    """Whether the net asset value named in `text[start:end]` is a price's yardstick, a term, a wish or a limit."""
    before, after = text[max(0, start - 60) : start], text[end : end + 80]
    limit = _NOT_REPORTED_BEFORE.search(before) or _NOT_REPORTED_AFTER.match(after)
    return bool(
        (_SHARE_OF_NAV.search(before) and not _TOLD_WITH_ITS_DAY.match(after))
        or _WISHED.search(before)
        or foreseen(text, start, end)
        or (limit and not PRO_FORMA_WORDS.search(text))
    )


def called_preliminary(text: str, start: int, end: int) -> bool:
    """Whether words before or after the amount in `text[start:end]` call it preliminary; what is expected of it later do not."""
    stop = text.find(";", end)
    after = PRELIMINARY.finditer(text, end, stop if stop >= 0 else len(text))
    before = text[text.rfind(";", 0, start) + 1 : start]
    return bool(PRELIMINARY.search(before)) or any(not EXPECTED.match(each[0]) for each in after)


def unsaid(text: str, amount: Amount, start: int, measure: int, period: Period) -> str:
    """Why the words do not say that the net asset value named at `start` is `amount`, and is so now.

    `measure`: the end of its name, or of the amount after it; 0 where its name follows.
    """
    if amount.role == "prior":
        return ""
    if against := refused(text, amount.token.end, period.names):
        return against
    if measure and not _SAYS.search(text[measure : amount.token.start]):
        return "the words do not say that net asset value is this amount"
    between = re.sub(rf"{DAY}|{QUARTER}", " ", text[measure : amount.token.start], flags=re.IGNORECASE)
    strange = [word for word in _WORD.findall(between.lower()) if not _is_plain(word, period.names)]
    noun = _NOUN.match(between.lower())
    if measure and strange and (not amount.day or (noun and noun["noun"] == strange[0])):
        return f"not plainly what net asset value is: {strange[0]!r}"
    own = _led_to(text[:start], period.names) or (
        amount.day and (between.strip() == "of" or not _PREPOSITION.search(text[:start]))
    )
    if measure and not own:
        return "told of something else than the issuer's present"
    if amount.day:
        return ""
    today = period.released or period.ended
    return _not_present(text, amount.token.start, amount.token.end, today.year if today else None)


def _is_plain(word: str, names: str) -> bool:
    adverb = word.endswith("ly") and word not in ("hypothetically", "theoretically", "potentially", "ultimately")
    return word in _SAYING or adverb or word in names.lower()


def _led_to(before: str, names: str) -> bool:
    """Whether what stands before a net asset value lets it be the issuer's own of now."""
    plain = _ARTICLE.sub("", before)
    owned = plain != before and not re.search(r"\ban?\s+$", before)
    last = re.search(r"(\w+)\W*$", plain)
    if _LED_TO.search(plain):
        return True
    return bool(last and (last[1].upper() in names.upper() or (owned and not _PREPOSITION.search(plain))))


def _not_present(text: str, start: int, end: int, year: int | None) -> str:
    """Why the amount `text[start:end]`, which has no day of its own, is not of now; empty when nothing speaks against it.

    `year` is that of the release, None when it is not known.
    """
    before = text[text.rfind(";", 0, start) + 1 : start]
    after = _CLAUSE.split(text[end:], maxsplit=1)[0]
    if _PLANNED.search(before):
        return "a plan, a limit or a term, not a value"
    if _AHEAD.search(after):
        return "a value that is yet to come"
    if _SINCE.match(text, end):
        return "told as since some time, not of a day"
    for told, plain in ((re.split(r"\$", before)[-1], None), (after, _PLAINLY)):
        ahead = [found for found in _OF_A_YEAR.finditer(told) if year and int(found["year"]) > year]
        ahead = [found for found in ahead if plain is None or plain.fullmatch(told[: found.start()])]
        if any(not _QUARTERLY.search(told[: found.start()]) for found in ahead):
            return f"of a year to come, {ahead[0]['year']}"
    return ""
