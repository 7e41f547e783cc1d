"""Notes whose rate changes: the rate of the first period, and whether prose makes a plain title's rate turn or step.

A first rate is taken only when every sentence that names one names the same; otherwise it stays blank.
"""

from __future__ import annotations

import re
from decimal import Decimal

from chalicelib import prose

_LEAD = re.compile(
    r"\b(?:(?:bear|accrue|pay)s?\s+interest|interest\s+(?:will|is|accrues|rate)|fixed\s+(?:annual\s+)?(?:interest\s+)?rate)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(
    rf"(?P<between>[^%]{{0,260}}?)(?<![\d.])(?P<rate>{prose.RATE})\s*%(?!\s*(?:per\s+annum\s+)?(?:above|over|below)\b)",
    re.IGNORECASE,
)
_ON_WHAT = re.compile(r"\bon\s+(?:the|their)\s+(?:outstanding\s+)?principal\s+amount\b", re.IGNORECASE)
_OTHER = re.compile(
    r"plus|spread|margin|SOFR|LIBOR|EURIBOR|treasury|minimum|maximum|exceed|floating|principal|redemption|price|thereafter|increase",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"(?:\bto,?\s+but\s+(?:excluding|not\s+including)|\bto\s+but\s+excluding)\b[^%]{0,200}(?:(?<![\d.])[\d.]+\s*%[^%]{0,120})?"
    r"(?:thereafter|from\s+and\s+(?:including|after)|(?:during|for)\s+each)\b[^%]{0,220}?"
    r"(?:year\s+(?:U\.?S\.?\s+)?Treasury\s+Rate|reset\s+rate|SOFR|LIBOR|EURIBOR|SONIA|benchmark|swap\s+rate)[^%]{0,200}?\b(?:plus|spread)\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    rf"\binterest\b[^%]{{0,160}}(?<![\d.]){prose.RATE}\s*%(?P<between>[^%]{{0,160}}?)\b(?:thereafter|then)\b[^%.]{{0,60}}?(?<![\d.]){prose.RATE}\s*%",
    re.IGNORECASE,
)
_REDEEMED = re.compile(r"redeem|redemption|price|default|sustainab", re.IGNORECASE)


def first_rate(text: str) -> Decimal | None:
    """The one rate that all sentences on a single note's interest name first, None when they differ or name none."""
    found = set()
    for lead in _LEAD.finditer(text):
        hit = _FIRST.match(text, lead.end())
        if hit and not _OTHER.search(_ON_WHAT.sub("", hit["between"])):
            found.add(prose.rate_or_none(hit["rate"]))
    return found.pop() if len(found) == 1 else None


def sentence_of(text: str, label: str) -> str:
    """The sentence that says what the notes of a short name bear, `The Series A Notes will bear interest …`; empty without it."""
    name = r"\s+".join(map(re.escape, label.split()))
    says = r"\s+(?:\w+\s+){0,4}?(?:will\s+)?(?:bear|accrue)s?\s+interest\b"
    hit = re.search(rf"\b{name}{says}[\s\S]*?(?:\.\s+(?=[A-Z])|\n|$)", text)
    return hit[0] if hit else ""


def turns(text: str) -> bool:
    """Whether the prose lets a fixed rate end on a day and a floating or reset one follow."""
    return any(
        "interest" in text[max(0, hit.start() - 300) : hit.end()] and not _REDEEMED.search(hit[0]) for hit in _TURN.finditer(text)
    )


def steps(text: str) -> bool:
    """Whether the prose names a first rate and a second one thereafter."""
    return any(not _OTHER.search(hit["between"]) and not _REDEEMED.search(hit[0]) for hit in _STEP.finditer(text))
