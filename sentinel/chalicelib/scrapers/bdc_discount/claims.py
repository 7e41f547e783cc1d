"""Whether a sentence tells a net asset value as one that is: not as a wish, a limit, a yardstick, a growth or a plan. Pure.

A value with no day of its own would be taken for the release's day, so its clause must speak of the present and say what the
value is.
"""

from __future__ import annotations

import re

from chalicelib.scrapers.bdc_discount.proof import Amount
from chalicelib.scrapers.bdc_discount.words import DAY, PRO_FORMA_WORDS, QUARTER

_WISHED = re.compile(
    r"\b(?:analysts?|consensus|target(?:s|ed|ing)?|goal|forecasts?|whose|when(?:ever)?|if|unless|should|until|my\s+(?:own\s+)?(?:projections?|model|estimates?))\b[^.;$]{0,50}$",
    re.IGNORECASE,
)
"""What makes a value one that was never reported."""
_NOT_REPORTED_BEFORE = re.compile(
    r"\b(?:(?:year|quarter)[\s-](?:ago|earlier)|plus|(?:returns?|yield)\s+on|beginning|opening|starting|initial|inception|peak|highest|lowest|average|minimum|maximum|hypothetical)\s+$",
    re.IGNORECASE,
)
_NOT_REPORTED_AFTER = re.compile(
    r"\s*(?:(?:to\s+)?(?:fall|decline|drop|rise|grow|increase|decrease|reach|recover|shrink)\b|would|could|might|plus\b|hurdle|high[\s-]water|low[\s-]water|thresholds?|floor|averag\w+|target\w*|triggers?|covenant)\b",
    re.IGNORECASE,
)
"""What makes a value an extreme, a mean, a limit or a supposition."""
_SHARE_OF_NAV = re.compile(
    r"(?:(?:%|\bpercent|\bx|\btimes|\b(?:discount|premium)\s+to)\s+(?:of\s+)?"
    r"|\b(?:issu|s[eo]l[dl]|convert|repurchas|redeem|tender|purchas|reinvest|exchang|bought|pric)\w*\b[^.;$]{0,40}\b(?:at|for|into|to|by|is|of|equals?)\s+"
    r"|\b(?:equal\s+to|equivalent\s+to|based\s+(?:up)?on|by\s+reference\s+to|high[\s-]water\s+mark\s+(?:is|was|of)|hurdle\s+(?:is|was|of)|in\s+exchange\s+for|at\s+a\s+price\s+of)\s+)"
    r"(?:the\s+|our\s+|its\s+|then[\s-]|most\s+recent\s+|current\s+|estimated\s+){0,3}$",
    re.IGNORECASE,
)
"""What makes a price, a term or a mark of a net asset value named after it."""
_TOLD_WITH_ITS_DAY = re.compile(rf"\s+of\s+\$\d+\.\d\d,?\s+(?:as\s+of|at|on)\s+{DAY}", re.IGNORECASE)
"""A yardstick that is told in full: `a 12% discount to NAV per share of $15.02 as of September 30, 2025`."""
_SAYS = re.compile(
    rf"(?:^|\b(?:of|was|were|is|are|be|been|at|to|or|and|read|as|now|from|between|record|totall?ed|equal(?:s|ed|ing)?|reached|hit|estimated|ranges?|per\s+share|{DAY}|{QUARTER})|[-:(/=|\"),.])"
    r"\s*(?:(?:about|approximately|roughly|an?|the|estimated|around|some|ranges?|range\s+of)\s+)*[-+~]?\s*$",
    re.IGNORECASE,
)
"""What stands right before an amount that a measure is said to be."""
_PLANNED = re.compile(
    r"(?<!investment\s)\bobjectives?\b|\b(?:goals?|aims?|aiming|aspir\w+|ambitions?|budget\w*|guidance|high[\s-]water|hurdle|thresholds?|converted\s+into|convertible\s+into|redeem(?:ed|able)\s+for|exchanged\s+for"
    r"|path\s+to(?:ward)?|plan\s+is|(?:plan|intend|seek|hope)s?\s+(?:to\s+(?:reach|grow|raise|lift|bring|achieve|attain|get|build)|for|calls))\b",
    re.IGNORECASE,
)
"""What makes all that its clause tells a plan or a term."""
_SINCE = re.compile(r"\s*(?:per\s+(?:common\s+)?share\s*)?(?:,|\()?\s*since\b", re.IGNORECASE)
_OF_A_YEAR = re.compile(
    r"\b(?:by|for|in|at|of|through|during|before|until|fiscal|year[\s-]end|FY)\s*(?:the\s+|end\s+of\s+|year[\s-]end\s+|fiscal\s+|calendar\s+|full\s+|year\s+|FY){0,4}(?P<year>20\d\d)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:achievable|attainable|within\s+reach|over\s+the\s+next|in\s+the\s+(?:coming|next)|going\s+forward|eventually|over\s+time)\b", re.IGNORECASE
)
"""What makes a value one that is yet to come."""
_QUARTERLY = re.compile(r"\bquarter\b[^.;$]{0,30}$", re.IGNORECASE)
_CLAUSE = re.compile(r"[;$]|,\s|\.\s")


def supposed(text: str, start: int, end: int) -> bool:
    """Whether the net asset value named in `text[start:end]` is a price's yardstick, a term, a wish or a limit."""
    before, after = text[max(0, start - 60) : start], text[end : end + 80]
    limit = _NOT_REPORTED_BEFORE.search(before) or _NOT_REPORTED_AFTER.match(after)
    return bool(
        (_SHARE_OF_NAV.search(before) and not _TOLD_WITH_ITS_DAY.match(after))
        or _WISHED.search(before)
        or (limit and not PRO_FORMA_WORDS.search(text))
    )


def unsaid(text: str, amount: Amount, measure: int, year: int | None) -> str:
    """Why the words after `measure`, where the net asset value is named or told before, do not say that it is `amount` now."""
    if amount.role == "prior":
        return ""
    if measure and not _SAYS.search(text[measure : amount.token.start]):
        return "the words do not say that net asset value is this amount"
    return "" if amount.day else _not_present(text, amount.token.start, amount.token.end, year)


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
    for told in (re.split(r"\$", before)[-1], after):
        ahead = [found for found in _OF_A_YEAR.finditer(told) if year and int(found["year"]) > year]
        if any(not _QUARTERLY.search(told[: found.start()]) for found in ahead):
            return f"of a year to come, {ahead[0]['year']}"
    return ""
