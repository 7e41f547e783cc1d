"""Whether a page says of its issuer that it is another kind of fund than a business development company. Pure.

Only a sentence with the issuer as its subject, the page's own name or a row that gives the kind says so; a word in passing
does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalicelib.scrapers.bdc_discount.blocks import Grid, Page, Paragraph
from chalicelib.scrapers.bdc_discount.owners import NAME, is_named, last_fund

_BDC = r"(?:business\s+development\s+company|BDC)"
_TRADED = r"(?:(?<!non-)(?<!non\s)(?<!not\s)exchange[\s-]traded\s+(?:[\w-]+\s+)?(?:fund|product|note)|(?-i:ETF|ETN))"
_STRONG = (
    rf"(?:{_TRADED}|(?:mutual|index|money\s+market)\s+fund|open[\s-]end(?:ed)?\s+(?:[\w-]+\s+){{0,3}}?(?:fund|company)"
    r"|(?:unit\s+)?investment\s+trust|real\s+estate\s+investment\s+trust|(?-i:REIT|UCITS))"
)
_WEAK = r"(?:(?:interval|tender[\s-]offer)\s+fund|closed[\s-]end(?:ed)?,?\s+(?:[\w-]+,?\s+){0,3}?(?:fund|company))"
"""Kinds whose words business development companies use of themselves too."""
_KIND = rf"(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))(?![\w-]|\s+(?:advis[eo]r|manager|sponsor|investor|platform|lender)\b)"
_QUALITIES = r"(?:(?!(?:of|in|to|for|that|which|with|an?|from|by|not|no)\b)[\w-]+,?\s+){0,6}?"
_AS = r"(?:(?:itself|also|currently|organi[sz]ed|structured|registered|regulated|operated|established|listed)\s+(?:as\s+)?){0,3}"
_SUBJECT = (
    rf"(?:^|[.;:]\s+|,\s+(?:and\s+)?)[\"'(]*(?P<subject>It|This|We|(?:The|This|Our)\s+(?:Fund|Trust|Company|Corporation|Portfolio|ETF)"
    rf"|(?!(?:The|An?|Our|In|As|At|On|For|From|These|That|With)\s+[a-z]){NAME})(?!\w)"
    r"(?:\s*\([^()]*\))*"
)
_IS = re.compile(
    rf"{_SUBJECT}(?:,[^,;.]{{1,80}},)?\s+(?i:(?:is|are)\s+{_AS}an?\s+{_QUALITIES}{_KIND})"
    rf"|{_SUBJECT.replace('?P<subject>', '?P<apposed>')},\s+(?i:an?\s+{_QUALITIES}"
    rf"{_KIND.replace('?P<strong>', '?P<strong2>').replace('?P<weak>', '?P<weak2>')})"
)
_IS_NOT = re.compile(
    rf"{_SUBJECT}\s+(?i:(?:(?:is|are)\s+not|isn't)\s+{_AS}an?\s+{_BDC}|(?:is|are)\s+no\s+{_BDC}"
    rf"|ha(?:s|ve)\s+not\s+elected\s+to\s+(?:be|become|operate|qualify)\b[^.;]{{0,60}}\b{_BDC})\b"
)
_AFFIRMED = re.compile(
    rf"\b(?<!\bnot\s)(?:(?:is|are)\s+an?\s+{_QUALITIES}|(?:elect\w*|regulated|treated|operat\w+|qualif\w+)[^.;]{{0,80}}?\b(?:as|be)\s+an?\s+){_BDC}\b",
    re.IGNORECASE,
)
_NAMED_SO = re.compile(
    rf"^\W*(?P<name>(?-i:{NAME})?\s*\b(?:{_TRADED}|(?:interval|mutual|index)\s+fund"
    r"|(?:real\s+estate\s+)?investment\s+trust|(?-i:REIT)))"
    r"(?:,?\s+(?:Inc|plc|Corp|Ltd)\b\.?)?(?:\s*\([^()]*\)|\s*[:|-]\s|\s*$|\s+(?:announces?|reports?|publishes|declares|net\s+asset|NAV)\b)",
    re.IGNORECASE,
)
"""A title or heading that is the name of a fund of another kind, or begins with it and goes on as that fund's own news."""
_KIND_LABEL = re.compile(
    r"(?:(?:fund|product|vehicle|legal|issuer)\s+)?(?:type|structure|category|form|vehicle)\s*:?", re.IGNORECASE
)
_KIND_ONLY = re.compile(rf"{_QUALITIES}{_KIND}\W*", re.IGNORECASE)
_OPENS = re.compile(_SUBJECT)
_POINTING = re.compile(r"(?:It|This|We|(?:The|This|Our)\s+(?:Fund|Trust|Company|Corporation|Portfolio|ETF))")


def other_kind(page: Page, headline: str, names: str) -> str:
    """What a page says its issuer is instead of a business development company, as a reason; empty where it says none."""
    told = _told_name(page.title) or _told_name(headline) or _told_in_a_row(page) or _told_of_it(page, names)
    return f"its issuer is said to be no business development company: {told[:120]!r}" if told else ""


def _told_name(title: str) -> str:
    found = _NAMED_SO.match(title)
    return found["name"] if found else ""


def _told_in_a_row(page: Page) -> str:
    rows = [row for block in page.blocks if isinstance(block, Grid) for row in block.rows if len(row) == 2]
    given = [row[1].text for row in rows if _KIND_LABEL.fullmatch(row[0].text)]
    return next((text for text in given if _KIND_ONLY.fullmatch(text)), "")


def _told_of_it(page: Page, names: str) -> str:
    texts = [block.text for block in page.blocks if isinstance(block, Paragraph)]
    affirmed = any(_AFFIRMED.search(text) for text in texts)
    before = ""
    for sentence, last in _with_the_last_named(page.sentences):
        found = _IS_NOT.search(sentence) or _IS.search(sentence)
        told = found.groupdict() if found else {}
        if found and not (affirmed and (told.get("weak") or told.get("weak2"))):
            subject = told["subject"] or told["apposed"]
            if _is_the_issuer(subject, last, names) and (subject not in ("It", "This") or _is_of_the_issuer(before, last, names)):
                return sentence
        before = sentence
    return ""


def _with_the_last_named(sentences: Iterable[str]) -> Iterable[tuple[str, str]]:
    """The sentences, each with the fund that was named last before it."""
    last = ""
    for sentence in sentences:
        yield sentence, last
        last = named["name"] if (named := last_fund(sentence)) else last


def _is_of_the_issuer(sentence: str, last: str, names: str) -> bool:
    """Whether the sentence that `It` goes on from has the issuer as its subject."""
    opened = _OPENS.match(sentence)
    return not sentence or bool(opened and _is_the_issuer(opened["subject"], last, names))


def _is_the_issuer(subject: str, last: str, names: str) -> bool:
    """Whether the subject is the issuer's name, or points back to it and to no other fund."""
    if _POINTING.fullmatch(subject):
        return not last or is_named(last, names)
    return is_named(re.sub(r"^(?:The|About)\s+", "", subject), names)
