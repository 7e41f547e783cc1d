"""What a cover says around the numbers: its own date, the registration, a reopening, who guarantees, which rank."""

from __future__ import annotations

import re
from datetime import date, timedelta

from chalicelib import edgar, prose
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bond_issuance.cover import Cover

_REGISTRATION = re.compile(
    r"(?:registration|file)\s+(?:statement\s+)?(?:file\s+)?nos?\.?\s*:?\s*(333-\d{5,6}(?:-\d+)?|\d{1,3}-\d{4,6})", re.IGNORECASE
)
_REOPENED = re.compile(
    r"\bfungible\b|\breopening\s+of\b|form\s+a\s+part\s+of\s+the\s+(?:same\s+)?series\s+(?:as|of\s+our)\b|further\s+issu(?:ance|e)\s+of|constitute\s+(?:an?\s+)?(?:additional|further)|form\s+(?:a\s+part\s+of\s+)?a?\s*single\s+series\s+with\s+(?:the|our)\s+(?:outstanding|existing|\W)",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"\bamend(?:s|ing)?\s+and\s+restat|\bsupersedes\s+and\s+replaces|\bsolely\s+to\s+correct\b|\b(?:filed|filing)\b[^.]{0,60}\bto\s+correct\b",
    re.IGNORECASE,
)
_GUARANTEED = re.compile(r"(?i:guaranteed)[^.\n]{0,60}?\b(?i:by)\s*\n?\s*([A-Z][^\n;(“]{2,90})")
_SENIORITY = re.compile(
    r"\b(first\s+mortgage|senior\s+secured|junior\s+subordinated|senior\s+subordinated|subordinated|senior\s+unsecured|unsecured\s+senior|unsecured\s+and\s+unsubordinated|senior)\b",
    re.IGNORECASE,
)
_DATED = (
    re.compile(rf"date\s+of\s+this\s+(?:prospectus|pricing)\s+supplement\s+is\s*:?\s+({prose.DATE})", re.IGNORECASE),
    re.compile(
        rf"(?:supplement(?:\s+no\.?\s*\w+)?,?\s+dated:?|completion,?(?:\s+dated)?:?|\bissued|(?:pricing|trade)\s+date:?|(?<!prospectus)\s+dated:?)"
        rf"\s+({prose.DATE})",
        re.IGNORECASE,
    ),
    re.compile(rf"^[^\w\n]*({prose.DATE})[^\w\n]*$", re.IGNORECASE | re.MULTILINE),
)
"""Where a supplement says its own date, the surest place first."""
_BASE = re.compile(r"prospectus(?:es)?[\s,]*$", re.IGNORECASE)


def priced_on(text: str, cover: Cover, submission: edgar.Submission) -> tuple[date | None, str]:
    """The supplement's own date, near the filing's; the base prospectus's is another."""
    accepted = submission.accepted.astimezone(edgar.NEW_YORK).date() if submission.accepted else None
    last = accepted or submission.filed
    for pattern in _DATED:
        for hit in pattern.finditer(text, cover.start, cover.end + 400):
            supplement = hit[0].lower().startswith("supplement")
            if not supplement and _BASE.search(text[max(0, hit.start() - 40) : hit.start()]):
                continue
            try:
                day = prose.day(hit[1])
            except Unreadable:
                continue
            if last is None or last - timedelta(days=10) <= day <= last:
                return day, "prospectus supplement"
    return last, "acceptance in New York" if accepted else ("filing date" if last else "")


def registration(text: str, submission: edgar.Submission) -> str:
    """The registration statement's number, from the header or the first page."""
    for party in submission.issuers():
        if party.file_numbers:
            return party.file_numbers[0]
    found = _REGISTRATION.search(text, 0, 6000)
    return found[1] if found else ""


def guarantors(head: str) -> tuple[str, ...]:
    """Who the cover says guarantees the notes."""
    names = [
        re.split(r"\.\s|,\s+(?:and\s+)?(?:which|the|a|our)\b|\s+and\s+(?:certain|each)", hit[1])[0]
        for hit in _GUARANTEED.finditer(head)
    ]
    return tuple(dict.fromkeys(" ".join(name.split()).rstrip(" ,.") for name in names))[:5]


def reopened(head: str) -> bool:
    """Whether the cover says the notes add to a line already outstanding."""
    return _REOPENED.search(head) is not None


def corrects(text: str, cover: Cover) -> bool:
    """Whether the first page says that the filing puts an earlier one right."""
    return _CORRECTS.search(text, 0, cover.start + 3000) is not None


def seniority(head: str, cover: Cover) -> str:
    """The rank the titles or the cover's prose give, lower case; empty when they give none."""
    return rank(" ".join(offer.title.adjectives for offer in cover.offered)) or rank(head)


def rank(words: str) -> str:
    """The first rank among `words`, lower case; empty when there is none."""
    found = _SENIORITY.search(words)
    return " ".join(found[1].lower().split()) if found else ""
