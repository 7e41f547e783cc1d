"""A release, or an entry of a feed, read for net asset value per share: its period first, then its sentences and tables. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.errors import Unreadable
from chalicelib.scrapers.bdc_discount.attributions import heads_estimates
from chalicelib.scrapers.bdc_discount.blocks import Grid, Page, Paragraph, cut
from chalicelib.scrapers.bdc_discount.candidate import Candidate, Period
from chalicelib.scrapers.bdc_discount.columns import is_head
from chalicelib.scrapers.bdc_discount.flat import read_flat, stacks
from chalicelib.scrapers.bdc_discount.grids import is_nav_row, only_heads, read_grid
from chalicelib.scrapers.bdc_discount.kinds import other_kind
from chalicelib.scrapers.bdc_discount.owners import FUND_ENDS, NAME, heads_another, is_news_of_another, names_another, of_another
from chalicelib.scrapers.bdc_discount.proof import unnamed
from chalicelib.scrapers.bdc_discount.sentences import read_sentence
from chalicelib.scrapers.bdc_discount.withdrawn import without_withdrawn
from chalicelib.scrapers.bdc_discount.words import (
    AMOUNT,
    DAY,
    NAV_PER_SHARE,
    OTHER,
    QUARTER,
    WHOLE_MONTH,
    day_of,
    mentions,
    month_end,
    quarter_before,
    quarter_of,
)

_MONTHS = tuple(calendar.month_name)[1:]
_LEAD = 2500
_MOST_PLACES = 600
"""The longest releases name it in under a hundred."""
_ENDED = re.compile(
    rf"\b(?:quarter|period|year|months|half)(?:ly\s+period)?(?:\s+\w+){{0,2}}?(?:,?\s+(?:ended|ending)|(?<=\bmonths)\s+to)\s+(?P<day>(?i:{DAY}))",
    re.IGNORECASE,
)
_AS_OF = re.compile(rf"\bas\s+of\s+(?P<day>(?i:{DAY}))", re.IGNORECASE)
_MONTH_OF = re.compile(rf"(?P<day>{WHOLE_MONTH})\s+(?:monthly\s+)?(?:net\s+asset\s+values?|NAV)\b", re.IGNORECASE)
_RESULTS_OF = re.compile(
    rf"(?P<day>(?i:{DAY}))[^\S\n]+(?:\w+[^\S\n]+){{0,3}}?(?:results|earnings|net\s+asset\s+values?|NAV)\b", re.IGNORECASE
)
_GOES_ON = re.compile(r"It(?=\s+(?:was|is|stood|ended|closed|finished|amounted|came|totaled)\b)")
_LABEL = re.compile(rf"(?:our\s+|the\s+company's\s+)?(?:{NAV_PER_SHARE})\s*:?", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?:(?:as\s+of|at)\s+)?(?:{DAY}|{QUARTER})\s*[:-]", re.IGNORECASE)
_SHORT_LABEL = re.compile(r"(?:our\s+|the\s+company's\s+)?(?:NAV|net\s+asset\s+value)(?:\s*\(\"?NAV\"?\))?\s*:?", re.IGNORECASE)
_PER_SHARE_FIRST = re.compile(rf"(?:{AMOUNT})\s*(?:per|a|/)\s*(?:common\s+)?share\b", re.IGNORECASE)
_ALONE = re.compile(r"[$€£]\s?\d+\.\d\d")
_PRELIMINARY_TITLE = re.compile(
    r"\bprelim(?:inary|s)?\b(?!\s+(?:prospectus|proxy))|\bestimate[sd]?\b|\bupdate\s+on\s+(?:preliminary|estimated)",
    re.IGNORECASE,
)
_YEAR_ENDS = re.compile(
    rf"\bfiscal\s+year\s+(?:ends|ending|end\s+is|runs\s+to)\s+(?:on\s+)?({'|'.join(_MONTHS)})\b", re.IGNORECASE
)
_DOLLARS = re.compile(
    r"(?:\b(?:amounts|figures|values|dollars|statements|\$)[^.;]{0,40}?\b(?:is|are|refers?|mean)\s+(?:expressed\s+|stated\s+|reported\s+|presented\s+|to\s+)?(?:in\s+)?"
    r"|\((?:all\s+amounts\s+)?(?:expressed\s+|stated\s+)?in\s+(?:thousands\s+of\s+|millions\s+of\s+)?)"
    r"(?:(?P<land>Canadian|Australian|Singapore|Hong\s+Kong|New\s+Zealand)\s+dollars|(?P<code>CAD|AUD|SGD|HKD|NZD))\b",
    re.IGNORECASE,
)
"""A page that says once whose dollars its `$` are."""
_LANDS = {"canadian": "CAD", "australian": "AUD", "singapore": "SGD", "hong kong": "HKD", "new zealand": "NZD"}
_DATELINE = re.compile(
    rf"(?P<day>(?i:{DAY}))\s*(?:[/(]?\s*(?:PR\s*Newswire|Globe\s*Newswire|Business\s*Wire|ACCESS)|\)?\s*[:-](?!\s*(?:[A-Z]{{1,3}}\s?)?[$€£\d])|\d{{1,2}}:\d\d)",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    rf"(?:^[^\S\n]*(?:(?:[A-Z][\w.]*,?\s+){{1,4}}-*\s*)?(?:On\s+)?(?:[A-Z][a-z]+day,\s+)?"
    r"|(?P<act>\b(?:filed|dated|posted|published|issued|released|announced|reported|press\s+release)\s*:?\s+(?:(?:on|as\s+of)\s+)?))"
    rf"(?P<day>(?i:{DAY}))",
    re.IGNORECASE | re.MULTILINE,
)
"""A day that opens a line, after a place at most, or that words call the day of a document."""
_OF_A_PERIOD = re.compile(
    r"(?:ended|ending|as\s+of|as\s+at|\bat|compared\s+(?:to|with)|versus|vs\.?|\bfrom|\bsince|payable|record|through)\s*$",
    re.IGNORECASE,
)
"""What stands before a day that no release was given out on."""
_OWN_NAMES = re.compile(
    rf"(?-i:{NAME}),?\s*"
    r"(?:\([^()]{2,90}\)\s*){0,2}"
    r"\([^()]{0,40}(?:NYSE|Nasdaq)[^()]{0,60}\)(?:\s*\([^()]{2,90}\)){0,2}",
    re.IGNORECASE,
)
"""The issuer's name with the ticker and the short names behind it."""
_FUND = re.compile(
    r"\b(?:Trust|Fund|BDC|Corp|Corporation|Inc|LLC|LP|Capital|Lending|Finance|Credit|Income|Partners|Holdings|Company)\b"
)
_SPEAKS = re.compile(
    rf"(?:^|[.):-]\s+)(?P<name>{NAME})(?<={FUND_ENDS}|mpany|nding|pital)(?:\s*\([^()]*\)|,[^;.$]{{1,160}},)*"
    r"\s+(?:today\s+|has\s+)?(?:reports?|reported|announce[sd]?|publish(?:es|ed)|disclose[sd]?|ended|closed|finished)\b"
)
"""The fund that opens a paragraph and reports."""
_NEAR = timedelta(days=200)
_SOONEST, _LATEST = timedelta(days=18), timedelta(days=80)
_SOONEST_ESTIMATE = timedelta(days=8)
"""Between these after a quarter's end its results, or estimates of them, come out; on other days a release that names no period
could be of any."""
_COMPARED = re.compile(
    r"\b(?:compared|versus|vs|from|against|relative|prior|previous|than|over|comparable)\b[^;:\n]*$", re.IGNORECASE
)


def period_of(page: Page, published: date | None, year_end_month: int | None, own: str = "") -> Period:
    """What the release says of its own period; `published` is the day its feed gives, None where there is none.

    `own`: what the issuer is known to be called beside what the release says.
    """
    lead = _lead(page)
    released = published or _released(lead, _told_end(lead))
    if year_end_month is None and (told := _YEAR_ENDS.search(lead)):
        year_end_month = _MONTHS.index(told[1].title()) + 1
    listed = _OWN_NAMES.search(lead)
    headline = _headline(page)
    title = f"{page.title} {headline} {listed[0] if listed else _speaker(page, headline)}"
    preliminary = bool(_PRELIMINARY_TITLE.search(title))
    ended, sure = _ended(lead, released, year_end_month, _SOONEST_ESTIMATE if preliminary else _SOONEST)
    names = f"{title} {own}".rstrip()
    return Period(released, ended, sure, preliminary, year_end_month, names, other_kind(page, headline, names))


def _lead(page: Page) -> str:
    texts = [page.title]
    for block in page.blocks:
        texts += [block.text] if isinstance(block, Paragraph) else [" ".join(cell.text for cell in row) for row in block.rows[:6]]
        if sum(map(len, texts)) > _LEAD:
            break
    return "\n".join(texts)[: 2 * _LEAD]


def _headline(page: Page) -> str:
    """The page's heading: what is marked as one, else its first short paragraph."""
    heads = [block.text for block in page.blocks[:25] if isinstance(block, Paragraph) and block.heading]
    texts = (block.text for block in page.blocks if isinstance(block, Paragraph))
    first = next((text for text in texts if not re.fullmatch(rf"\W*(?:{DAY})\W*", text, re.IGNORECASE)), "")
    return " ".join(heads[:2]) if heads else first[:250]


def _speaker(page: Page, headline: str) -> str:
    """Who reports in the first paragraph that names a fund doing so, where no heading names one."""
    if _FUND.search(f"{page.title} {headline}"):
        return ""
    texts = (block.text for block in page.blocks[:25] if isinstance(block, Paragraph))
    return next((found["name"] for text in texts if (found := _SPEAKS.search(text))), "")


def _told_end(lead: str) -> date | None:
    """The last day of a period that the lead says has ended; what a release tells of it came out later."""
    ended = [day_of(found["day"], None) for found in _ENDED.finditer(lead) if "ended" in found[0].lower()]
    return max((day for day in ended if day), default=None)


def _released(lead: str, told: date | None) -> date | None:
    """The day in the dateline: the first full date in the lead that is not the end of a period, nor before `told`.

    A dateline without a year is the last such day that a report on a period ended on `told` can be of.
    """
    for found in _DATELINE.finditer(lead):
        around = told + _NEAR if told and not re.search(r"\d{4}|/|-", found["day"]) else None
        if not _OF_A_PERIOD.search(lead[: found.start()][-30:]) and (day := day_of(found["day"], around)):
            return day
    for found in _PUBLISHED.finditer(lead):
        day = day_of(found["day"], None)
        if day and (found["act"] or day != month_end(day.year, day.month)) and not (told and day < told):
            return day
    return None


def _ended(lead: str, released: date | None, year_end_month: int | None, soonest: timedelta) -> tuple[date | None, bool]:
    """The last day of the period reported, and whether the release names it."""
    for pattern in (_ENDED, _MONTH_OF, _RESULTS_OF, _AS_OF):
        own = [
            found for found in pattern.finditer(lead) if not _COMPARED.search(lead[max(0, found.start() - 60) : found.start()])
        ]
        days = [day for found in own if (day := day_of(found["day"], released))]
        fit = [day for day in days if released is None or timedelta(0) <= released - day < _NEAR]
        if pattern is not _ENDED:
            fit = [day for day in fit if day == month_end(day.year, day.month)]
        if fit:
            return (max(fit) if released else fit[0]), pattern is not _AS_OF
    quarters = [
        day
        for found in re.finditer(QUARTER, lead, re.IGNORECASE)
        if not _COMPARED.search(lead[max(0, found.start() - 60) : found.start()])
        and (day := quarter_of(found[0], year_end_month, released))
    ]
    fit = [day for day in quarters if released is None or released - day < _NEAR]
    if fit:
        return (max(fit) if released else fit[0]), True
    if released is None or (year_end_month is None and re.search(r"\bfiscal\b|\bmonthly\b", lead, re.IGNORECASE)):
        return None, False
    last = quarter_before(released, year_end_month)
    return (last if soonest <= released - last <= _LATEST else None), False


def candidates_of(page: Page, period: Period) -> list[Candidate]:
    """Every candidate of a page, in order; `Unreadable` for a page that names net asset value more often than any release."""
    places = sum(map(mentions, page.sentences)) + sum(
        is_nav_row(row) for block in page.blocks if isinstance(block, Grid) for row in block.rows
    )
    if places > _MOST_PLACES:
        raise Unreadable(f"net asset value is named in {places} places, more than {_MOST_PLACES}", where="page")
    currency = _dollars(page)
    found = [replace(each, currency=currency) if each.currency == "USD" else each for each in _candidates(page, period)]
    if period.refused:
        return [replace(each, lost=period.refused) for each in found]
    return without_withdrawn(found, (page.title, *page.sentences), period)


def _dollars(page: Page) -> str:
    """The currency that `$` stands for on the page."""
    told = next((found for block in page.blocks if isinstance(block, Paragraph) and (found := _DOLLARS.search(block.text))), None)
    if told is None:
        return "USD"
    return (told["code"] or _LANDS[re.sub(r"\s+", " ", told["land"].lower())]).upper()


def _candidates(page: Page, period: Period) -> Iterator[Candidate]:
    if page.title:
        yield from read_sentence(page.title, period, 0, "title")
    before = label = earlier = ""
    heads: Grid | None = None
    for stack in stacks(page.blocks):
        yield from read_flat(stack.text, "", period, stack.offset)[0]
    for block in page.blocks:
        if isinstance(block, Grid):
            whole = Grid(heads.rows + block.rows, block.offset) if heads else block
            heads = block if only_heads(block) else None
            if heads_another(before, period.names) or heads_estimates(before, period.names):
                continue
            yield from read_grid(whole, period, before, block.offset) or _told_in_cells(block, period)
            before = " ".join(cell.text for cell in block.rows[-1]) if block.rows else before
            continue
        heads = None
        if _DAY_FIRST.match(block.text) and (named := _introduced(label, period.names)):
            yield from (replace(each, offset=block.offset) for each in read_sentence(f"{named} {block.text}", period))
        elif _labelled(label, block.text) and not _PER_SHARE_FIRST.match(earlier) and not _ALONE.fullmatch(earlier):
            yield from (replace(each, offset=block.offset) for each in read_sentence(f"{label} {block.text}", period))
        else:
            earlier, label = label, block.text
            rows, left = read_flat(block.text, before, period, block.offset)
            yield from rows
            yield from _paragraph(page, replace(block, text=left), period)
        before = block.text


def _told_in_cells(grid: Grid, period: Period) -> list[Candidate]:
    """The candidates of a table of labels and phrases: `Net assets | $993.3 million or $18.21 per share`."""
    if any(names_another(cell.text, period.names) for row in grid.rows for cell in row[-1:] if cell.first > 0):
        return []
    headed = any(is_head(row) and row[-1].first > 0 for row in grid.rows)
    pairs = [row for row in grid.rows if len(row) == 2 and is_nav_row(row[:1]) and not (headed and _ALONE.fullmatch(row[1].text))]
    return [each for label, told in pairs for each in read_sentence(f"{label.text}: {told.text}", period, grid.offset)]


def _introduced(label: str, names: str) -> str:
    """The measure whose values a list under `label` gives: `The NAV per share of the Fund was as follows:`."""
    named = re.search(NAV_PER_SHARE, label, re.IGNORECASE)
    if _LABEL.fullmatch(label) or not named or of_another(label, *named.span(), names):
        return label if _LABEL.fullmatch(label) else ""
    alone = label.endswith(":") and not re.search(rf"{OTHER}|{AMOUNT}", label, re.IGNORECASE)
    return named[0] if alone else ""


def _labelled(label: str, text: str) -> bool:
    """Whether `label` is a line that names the value which the next line, `text`, gives."""
    return bool(
        (_PER_SHARE_FIRST.match(text) and _SHORT_LABEL.fullmatch(label)) or (_ALONE.fullmatch(text) and _LABEL.fullmatch(label))
    )


def _paragraph(page: Page, block: Paragraph, period: Period) -> Iterator[Candidate]:
    """The candidates of running text; a sentence that begins with `It` goes on about the net asset value of the one before."""
    last = ""
    told: list[Candidate] = []
    for n, (sentence, _) in enumerate(cut(block.text)):
        if is_news_of_another(sentence, period.names):
            if n == 0:
                return
            continue
        whole = sentence
        if (named := re.search(NAV_PER_SHARE, last, re.IGNORECASE)) and not re.search(rf"{OTHER}|{AMOUNT}", last, re.IGNORECASE):
            whole = _GOES_ON.sub(named[0], sentence, count=1)
        found = read_sentence(whole, period)
        place = page.offset_of(sentence[:40], block.offset) if found else 0
        told = [replace(each, doubt=each.doubt or unnamed(sentence, each)) for each in told]
        if found:
            yield from told
            told = [replace(each, offset=place) for each in found]
        last = sentence
    yield from told
