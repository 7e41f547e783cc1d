"""What the prose says of each tranche beyond its title: the full maturity date, a floating rate's index and spread.

Each finding comes with the words it was read from; several different findings for one tranche give none and a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice

from chalicelib import prose
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bond_issuance.titles import Mention

_WORD = re.compile(
    r"(?P<bad>(?:prior\s+to|before|until|to|at|of)\s+(?:(?:the|their|its|such|stated|applicable|final)\s+)*matur\w*|\bmaturity\s+comparable)"
    r"|(?P<good>\bmatur(?:es?|ing)\b|(?:\bstated\s+|\bfinal\s+)?\bmaturity(?:\s+dates?)?\b|\bdue\b)"
    r"|(?P<worse>redeem\w*|redemption|prior\s+to|on\s+or\s+after|par\s+call|call\s+date|commencing|beginning|starting|accrue\w*|\bdated\b"
    r"|\bended\b|\bending\b|issue\s+date|original\s+issue|record|\bon\s+each\b|interest\s+payment|effective|treasury|\bbefore\b|\buntil\b|consummat\w*)",
    re.IGNORECASE,
)
_OLDER = re.compile(
    r"outstanding|existing|previously|repay|refinanc|facilit|term\s+loan|revolv|commercial\s+paper|credit\s+agreement|guarantee\s+of"
    r"|proceeds|indebtedness\s+of",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[a-z0-9)”%])\.\s+(?=[A-Z])|\n\s*\n")
_LABELLED = re.compile(
    r"(?P<year>(?<!\d)(?:19|20)\d\d(?!\d))|(?P<float>float\w*)|(?P<fixed>\bfixed\b)|(?P<rate>\d{1,2}\.\d{1,4})\s*%", re.IGNORECASE
)
_LISTED = re.compile(r"\bmature\b[\s\S]*\bdue\s+20\d\d\)?\s+on\s+$", re.IGNORECASE)
"""`will mature on March 22, 2028, the 2.550% notes due 2031 on ` before a date."""
_CASE = re.compile(r",?\s+(?:in\s+the\s+case\s+of|with\s+respect\s+to|as\s+to|for)\s+(?:the|our)\b", re.IGNORECASE)
"""Behind a date of a list that names each note after its day: `May 20, 2032, in the case of the 4.750% notes due 2032`."""
_TAIL = re.compile(rf"({prose.DATE})$")

_INDEX = re.compile(
    r"SOFR|SONIA|LIBOR|EURIBOR|BBSW|CDOR|STIBOR|NIBOR|TIBOR|CORRA|€STR|CMT\s+Rate|Constant\s+Maturity\s+Treasury|[Ff]ederal\s+[Ff]unds(?:\s+\(?(?:[Ee]ffective|[Oo]pen)\)?)?(?:\s+[Rr]ate)?"
    r"|[Tt]reasury\s+[Bb]ill(?:\s+[Rr]ate)?"
)
_INDEX_LEAD = re.compile(
    r"(?:(?:\b(?:one|two|three|six|twelve|1|2|3|6|12)[\s-]+months?\s+)?(?:(?:U\.?S\.?\s+dollar|USD|U\.S\.)\s+)?"
    r"|(?:\b(?:one|two|three|six|twelve|1|2|3|6|12)[\s-]+months?\s+)?(?:CME\s+)?\bterm\s+"
    r"|\b(?:(?:daily\s+)?compounded\s+(?:daily\s+)?|(?:daily\s+)?simple\s+|effective\s+))$",
    re.IGNORECASE,
)
_FLOAT = re.compile(
    rf"(?P<between>[^;%]{{0,220}}?)(?:\b(?P<sign>plus|minus)\b|(?P<mark>[+-])(?=\s*\d))\s*(?:(?:a|the)\s+)?(?:(?:applicable\s+)?(?:spread|margin)\s+(?:of\s+|equal\s+to\s+)?)?"
    rf"(?P<spread>{prose.RATE})?[\s_\[\]\u25cf\u2022\u00b7]*(?P<unit>%|basis\s+points?|bps?\b|per\s*cent)",
    re.IGNORECASE,
)
_TURNING_DAY = re.compile(rf"(?:excluding|including|until|\bto|\bfrom|\bafter|\bon),?\s+{prose.DATE}", re.IGNORECASE)
_FLOATERS = re.compile(
    r"(?<!/)(?<!/ )(?<!to-)(?<!to )\bfloating[\s-]+rate\s+(?:notes|debentures|bonds|securities)\b", re.IGNORECASE
)
_LONE = 0
"""Stands for the year of the only note that floats from the start, where the prose gives none."""
_MORE = re.compile(rf"\b(?P<sign>plus|minus)\s+(?P<spread>{prose.RATE})\s*(?P<unit>%|basis\s+points?|bps?\b)", re.IGNORECASE)
_MONTHS = {"one": "1", "two": "2", "three": "3", "six": "6", "twelve": "12"}


@dataclass(frozen=True)
class Maturity:
    """A date found for a tranche, with its words and their place in the text."""

    day: date
    words: str
    at: int


@dataclass(frozen=True)
class Floating:
    """A floating rate: `index` as markets name it, `spread_bps` in basis points, None when left blank."""

    index: str
    spread_bps: Decimal | None


@dataclass(frozen=True)
class _Hit:
    """A full date in the prose after `matur…`: `between` is what stands between the date before and this one."""

    day: date
    context: str
    between: str
    at: int


def maturities(text: str, titles: Sequence[Mention], mentions: Sequence[Mention] = ()) -> tuple[list[Maturity | None], list[str]]:
    """For every title its full maturity date, or None; and what contradicted itself. `mentions`: the same titles in the prose."""
    years = {title.year for title in titles if title.year}
    undated = len(titles) == 1 and not re.search(r"(?i)\bdue\b", titles[0].words)
    if undated:
        years = {int(found) for found in re.findall(r"(?<!\d)(?:19|20|21)\d\d(?!\d)", text)}
    hits = _dated(text, sorted(years)) if years else []
    found: list[Maturity | None] = []
    doubts = []
    for title in titles:
        same_year = [other for other in titles if other.year == title.year]
        mine = hits if undated else [hit for hit in hits if hit.day.year == title.year]
        chosen, doubt = _choose(title, mine, alone=len(same_year) == 1)
        if chosen is None and not mine:
            chosen = _in_prose(title, mentions)
        found.append(chosen)
        if doubt:
            doubts.append(doubt)
    return found, doubts


def _in_prose(title: Mention, mentions: Sequence[Mention]) -> Maturity | None:
    """The date that the prose's own title of the same notes gives, `Notes due June 2011` being `Notes due June 15, 2011`."""
    same = [each for each in mentions if each.due is not None and not each.existing and each.may_be(title)]
    if len({each.due for each in same}) != 1 or same[0].due is None:
        return None
    return Maturity(same[0].due, " ".join(same[0].words.split()), same[0].start)


def _choose(title: Mention, hits: list[_Hit], *, alone: bool) -> tuple[Maturity | None, str]:
    """The one date the hits agree on; the title's own date when it has one."""
    days = {hit.day for hit in hits}
    if title.due is not None:
        strange = alone and days and title.due not in days
        words = f"the title says {title.due}, the text {', '.join(map(str, sorted(days)))}" if strange else ""
        return Maturity(title.due, title.words.strip(), title.start), words
    if len(days) > 1:
        hits = [hit for hit in hits if _speaks_of(hit, title)] or hits
        days = {hit.day for hit in hits}
    if len(days) == 1:
        hit = hits[0]
        return Maturity(hit.day, " ".join(hit.context.split()), hit.at), ""
    doubt = f"{title.words.strip()!r} matures on {' or '.join(map(str, sorted(days)))}" if days else ""
    return None, doubt


def _speaks_of(hit: _Hit, title: Mention) -> bool:
    """Whether the words before a date name this title rather than another of its year."""
    labels = list(_LABELLED.finditer(_SENTENCE.split(hit.between)[-1]))
    if any(label["rate"] for label in labels):
        return any(label["rate"] and Decimal(label["rate"]) == title.rate for label in labels)
    if any(label["float"] for label in labels):
        return title.floating
    if any(label["fixed"] for label in labels):
        return not title.floating
    return not title.floating


def _context(before: str) -> str:
    """The sentence before a date; of a short list item also its lead-in, `will mature as follows:` or a heading.

    A sentence that merely follows another is no item of its list.
    """
    pieces = re.split(r"\n\s*\n", before)
    context = _SENTENCE.split(pieces.pop())[-1]
    while pieces and len(context) < 160 and "matur" not in context.lower():
        earlier = _SENTENCE.split(pieces.pop())[-1]
        if len(earlier) > 120 and "matur" not in earlier.lower():
            break
        context = f"{earlier}\n{context}"
    return context


def _dated(text: str, years: Sequence[int]) -> list[_Hit]:
    """Every full date of one of `years` that the words before it make a maturity date."""
    hits = []
    last = 0
    for found in re.finditer(rf"(?:{'|'.join(map(str, years))})(?!\d)", text):
        low = max(0, found.end() - 30)
        written = _TAIL.search(text[low : found.end()])
        if not written:
            continue
        start = low + written.start()
        context = _context(text[max(0, start - 420) : start])
        words = list(_WORD.finditer(context))
        behind = [word for word in words if word[0].lower() != "due"] if _CASE.match(text, found.end()) else words
        told = behind and behind[-1]["good"] and (behind[-1][0].lower() != "due" or _LISTED.search(context))
        if told and not _OLDER.search(context):
            try:
                day = prose.day(written[1])
            except Unreadable:
                continue
            hits.append(_Hit(day, context + written[1], text[max(last, start - 200) : start], max(0, start - len(context))))
        last = found.end()
    return hits


_LONG_SOURCE = 100_000
"""A source of that many characters describes each note more than once."""


def odd_days(text: str, source: str, days: Sequence[date | None]) -> list[str]:
    """Maturities on no interest day that the whole document names only once: a slip there would show nowhere else."""
    if len(source) < _LONG_SOURCE:
        return []
    doubts = []
    for day in {each for each in days if each is not None}:
        month = day.strftime("%B")
        if re.search(rf"{month} +{day.day}(?!\d|\s*,?\s*(?:19|20|21)\d\d)", text):
            continue
        gap = r"(?:\s|&nbsp;|&#160;|\xa0|\xc2)*"
        named = re.compile(rf"{month}{gap}0?{day.day}{gap},?{gap}{day.year}", re.IGNORECASE)
        if len(set(islice((hit.start() for hit in named.finditer(source)), 2))) < 2:
            doubts.append(f"{day} is no interest day and named only once")
    return doubts


_COUPON = re.compile(
    rf"\b(?:(?:bear|accrue|pay)s?\s+interest|interest\s+(?:on\s+the\s+\w+\s+)?(?:will\s+(?:be\s+(?:paid|payable)|accrue)|is\s+payable))[^.%\n]{{0,90}}?\b(?:at|of)\s+(?:(?:a|the|an)\s+)?(?:fixed\s+|annual\s+|interest\s+)*(?:rate\s+of\s+)?({prose.RATE})\s*%",
    re.IGNORECASE,
)


def rates(text: str) -> set[Decimal]:
    """The rates the prose says notes bear."""
    found = {prose.rate_or_none(hit[1]) for hit in _COUPON.finditer(text)}
    return {rate for rate in found if rate is not None}


def coupon(text: str) -> Decimal | None:
    """The one rate the prose says a single note bears, None when it names several or none."""
    found = rates(text)
    return found.pop() if len(found) == 1 else None


def floating(text: str, titles: Sequence[Mention], labels: Sequence[str] = ()) -> tuple[list[Floating | None], list[str]]:
    """For every title that floats, now or later, its index and spread; None for the others. `labels`: their short names."""
    wanted = [title for title in titles if title.floating or title.turning]
    if not wanted:
        return [None] * len(titles), []
    every = _floats(text, {title.year for title in wanted})
    said = [each for each in every if not _OLDER.search(each[2])] or every
    result: list[Floating | None] = []
    doubts = []
    for at, title in enumerate(titles):
        if title not in wanted:
            result.append(None)
            continue
        own = {title.year, _LONE} if title.floating and sum(each.floating for each in wanted) == 1 else {title.year}
        mine = said if len(wanted) == 1 else [each for each in said if own & each[1]]
        if labels and len(wanted) > 1:
            mine = [each for each in said if labels[at] and _last_named(each[2], labels) == labels[at]] or mine
        choices = {found for found, *_ in mine}
        full = {found for found in choices if found.spread_bps is not None} or choices
        indexes = {found.index for found in full}
        if len({found.spread_bps for found in full}) == 1:
            best = max(indexes, key=lambda name: (sum(found.index == name for found, *_ in mine), len(name)))
            result.append(Floating(best, next(iter(full)).spread_bps))
        else:
            result.append(None)
            if full:
                doubts.append(f"{title.words.strip()!r}: {len(full)} floating rates in the text")
    return result, doubts


def only_floating(text: str) -> Floating | None:
    """The one floating rate some words name, None when they name several or none."""
    found = {each for each, *_ in _floats(text, frozenset())}
    return found.pop() if len(found) == 1 else None


def _last_named(words: str, labels: Sequence[str]) -> str:
    """The short name that stands last in some words; empty without one."""
    bare = " ".join(words.lower().split())
    names = [(label.lower().removesuffix("s"), label) for label in labels if label]
    named = [(hit, label) for name, label in names for hit in re.finditer(rf"(?<![\w/-]){re.escape(name)}", bare)]
    ends = [(hit.end(), len(hit[0]), label) for hit, label in named]
    return max(ends, default=(0, 0, ""))[2]


def _years(words: str, known: Collection[int | None]) -> list[int]:
    """The years in some words, those of known titles where there are several; the days on which a rate turns are left out."""
    found = [int(year) for year in re.findall(r"(?<!\d)20\d\d(?!\d)", _TURNING_DAY.sub(" ", words))]
    return [year for year in found if year in known] if len(known) > 1 else found


def _floats(text: str, known: Collection[int | None]) -> list[tuple[Floating, frozenset[int], str]]:
    """Every `index plus spread` in the text with the years named around it and the words of its sentence before it."""
    said = []
    for named in _INDEX.finditer(text):
        hit = _FLOAT.match(text, named.end())
        if not hit:
            continue
        index = index_name(text[max(0, named.start() - 40) : named.end()])
        before = _SENTENCE.split(text[max(0, named.start() - 220) : named.start()])[-1]
        after = _SENTENCE.split(text[hit.end() : hit.end() + 140])[0]
        nearest = _years(before, known)[-1:]
        rival = _INDEX.search(after)
        following = _MORE.search(after, 0, rival.start() if rival else len(after))
        own = after[: following.start()] if following else after
        nearest = nearest or ([_LONE] if _FLOATERS.search(before) else [])
        years = frozenset(map(int, nearest or re.findall(r"(?<!\d)20\d\d(?!\d)", own)[:1]))
        said.append((Floating(index, _bps(hit)), years, before))
        if following:
            later = re.findall(r"(?<!\d)20\d\d(?!\d)", after[following.end() :])[:1]
            said.append((Floating(index, _bps(following)), frozenset(map(int, later)), ""))
    return said


def _bps(hit: re.Match[str]) -> Decimal | None:
    """A spread in basis points, below the index when it is subtracted."""
    if not hit["spread"]:
        return None
    value = prose.rate_or_none(hit["spread"])
    if value is None:
        return None
    if hit["unit"] == "%" or hit["unit"].lower().startswith("per"):
        value *= 100
    minus = (hit["sign"] or hit.groupdict().get("mark") or "").lower() in ("minus", "-")
    return (-value if minus else value).normalize() + 0


def index_name(text: str) -> str:
    """The index that `text` names, as markets write it; empty when it names none."""
    named = _INDEX.search(text)
    if not named:
        return ""
    lead = _INDEX_LEAD.search(text[: named.start()])
    return _index(f"{lead[0] if lead else ''}{named[0]}")


def _index(words: str) -> str:
    """An index as markets write it: `compounded SOFR`, `3-month LIBOR`."""
    text = " ".join(words.split())
    text = re.sub(r"(?i)^the\s+|\b(?:U\.?S\.?\s+dollar|USD|U\.S\.|CME)\s+|\bdaily\s+", "", text)
    text = re.sub(r"(?i)\b(one|two|three|six|twelve)\b", lambda found: _MONTHS[found[0].lower()], text)
    text = re.sub(r"(?i)(\d+)[\s-]+months?", r"\1-month", text)
    text = re.sub(
        r"(?i)\b(compounded|simple|term|effective|federal funds|treasury bill|rate)\b", lambda found: found[0].lower(), text
    )
    return re.sub(r"(?i)\b(sofr|libor|euribor|sonia|bbsw|cdor|stibor|corra|cmt)\b", lambda found: found[0].upper(), text)
