"""Titles of notes as prospectuses print them, `$1,250,000,000 4.500% Senior Notes due May 15, 2035`, found and taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib import prose
from chalicelib.errors import Unreadable

_BLANK = r"\s\[\]\u25cf\u2022\u00b7"
_SPACE = rf"[{_BLANK}]*"
"""What may stand inside a title's sums and rates: blanks, and the bullets in brackets that preliminaries print for them."""
_STOP = (
    r"(?!(?i:of|our|its|and|or|the|an?|in|to|for|with|at|per|on|from|by|under|as|such|these|those|existing|outstanding|aggregate"
    r"|principal|amount|each|any|other|certain|all|is|are|was|were|will|annum|both|including|together)\b)"
)
_ADJECTIVE = (
    r"(?:first\s+and\s+(?:refunding|general|consolidated)|senior|junior|subordinated|unsecured|secured|floating|fixed|fixed-to-floating|fixed-to-fixed|fixed/floating|reset"
    r"|rate|zero|coupon|zero-coupon|step-?up|step|callable|guaranteed|global|green|social|sustainability|sustainability-linked"
    r"|medium-term|medium|term|first|second|mortgage|lien|collateral|extendible|remarketable|puttable|discount|original|issue"
    r"|convertible|exchangeable|contingent|series|debt|capital|liquid|yield|option|perpetual|refunding|to|resettable|non-?callable"
    r"|internotes|dollar|euro|sterling|yen|US|exchange|increasing|multi-step)"
)
_NOUN = (
    r"notes?|debentures?|bonds?|securities|obligations|quids|quibs|internotes®?|certificates|LYONs"
    r"|series(?:\s+\d{4})?(?:\s*[A-Z](?![A-Za-z]))?"
)
_LINK = (
    r"(?:,?\s*(?:in\s+)?(?:(?:the|an|initial|original|aggregate|total|stated|combined)\s+)*"
    r"(?:principal\s+amount|principal|liquidation\s+amount)?\s*(?:at\s+maturity\s+|at\s+stated\s+maturity\s+)?(?:of\s+)?"
    r"(?:(?:our|its|their|the|new|additional|[A-Z][\w.&’' -]{1,60}?[’']s?)\s+)*)"  # noqa: RUF001  printed apostrophes
)
_KIND_FIRST = (
    r"(?:(?:(?i:first|and|refunding|mortgage|senior|unsecured|junior|subordinated|debentures?|notes?|bonds?|general|collateral|trust"
    r"|global|medium-term)|(?i:series)\s+\d{4}\s?[A-Z]?)[\s,]+){0,9}"
)
_BEFORE = re.compile(
    rf"(?:(?P<cur>{prose.SYMBOL}){_SPACE}(?P<fig>\d{{1,3}}(?:,\s?\d{{3}})+(?:\.\d\d)?|\d+(?:\.\d+)?(?=\s*(?i:thousand|million|billion|mm|bn)\b))?"
    rf"(?P<scale>(?:\s*(?i:thousand|million|billion|mm|bn)\b)?)(?:\s*\([^()\n]{{0,60}}\))?(?P<link>{_LINK})[{_BLANK}(]*{_KIND_FIRST})?"
    rf"(?:(?<![\d/.,])(?<!/ )(?P<rate>(?:{prose.RATE})?){_SPACE}%{_SPACE}(?:\([\w*]\)\s*)?"
    rf"(?P<words>(?:(?:(?i:first\s+and\b)|U\.S\.|{_STOP}[\w/’'®™()-]+)[\s,]+){{0,9}}?)"  # noqa: RUF001  printed apostrophes
    rf"|(?<![A-Za-z])(?P<plain>(?:(?i:{_ADJECTIVE})[\s,™®-]+){{0,9}}))"
    rf"(?P<noun>(?i:{_NOUN}))(?P<tail>,?\s*(?:(?i:series)(?:\s+[\w-]+)?|\(?(?:the\s+)?[“\"][^)”\"]{{1,60}}[”\"]\)?)?,?\s*\(?)$"
)
_SERIES = re.compile(r"(?i:series)\s+((?:\d{4}\s?)?[A-Z]{1,2}|\d{1,3})(?![A-Za-z])|\b(\d{4}\s?[A-Z])(?:\s+(?i:series))", re.ASCII)
_OF = re.compile(r"principal|\bof\s+(?:our|its|their)\b", re.IGNORECASE)
_NEAR = re.compile(r"note|bond|debenture|securit|obligation|series|qui[db]|certificate|lyon", re.IGNORECASE)
_DUE = re.compile(r"\bdue\b", re.IGNORECASE)
_AFTER = re.compile(
    rf"\s*(?:(?:on|in)\s+)?(?P<due>{prose.DATE}|(?i:{prose.MONTH})[{_BLANK}.,_]+(?:19|20|21)\d\d(?!\d|,\d)|(?:[{_BLANK}_]*,)?[{_BLANK}]*(?:19|20|21)\d\d(?!\d|,\d)|(?:19|20)(?:_+|\s|\b)|)"
)
_NO_DAY = re.compile(r"[ \t]*(?:[A-Za-z(]|\d{1,2}\s+(?:months?|years?|days)\b)", re.IGNORECASE)
"""What follows `due` where no day is meant: `due to`, and a programme's `Due 9 Months or More from Date of Issue`."""
_LABEL = re.compile(r"[\s,]*\(?[^()“\"]{0,60}?[“\"]\s*([^”\"]{1,60}?)\s*,?[”\"]")
_EXISTING = re.compile(
    r"\b(?:outstanding|existing|redeem\w*|redemption|repay\w*|repayment|refinanc\w*|tender\w*|fungible|single\s+(?:series|issue|class)"
    r"|same\s+(?:series|terms)|repurchas\w*|retire\w*|previously|already|concurrent\w*|original\s+notes|matured|satisfy|discharge|proceeds)\b"
    r"(?:[^.;\t\n]|\.(?=\d)|\n(?![ \t]*[$\u20ac\u00a3\u00a5]|\s*\n\s*(?:[$\u20ac\u00a3\u00a5]|$))){0,260}$",
    re.IGNORECASE,
)
EQUIVALENT = re.compile(r"\(\s*(?:approximately|about|equivalent|or)\b[^()]*$", re.IGNORECASE)
"""Before an amount that only says what another is worth: `€750,000,000 (approximately $878,250,000)`."""
_ISSUED = re.compile(
    r"\s*(?:\([^)]{0,80}\)\s*)?,?\s*(?:of\s+(?:the\s+Company|ours|our\s+company)\s+)?(?:(?:that|which)\s+)?"
    r"(?:(?:were|was|are|we|have|had|been|remain|remains)\s+)*"
    r"(?:(?:currently|originally|previously|already)\s+)*(?:issued|outstanding)\b"
)


@dataclass(frozen=True)
class Mention:
    """One title with what stood before it. `start`, `end`: its place in the text; `title_at`: where the title itself begins.

    `symbol` None: no money before it; `amount` None then or when left blank; `linked`: the words between name a principal.
    `rate` None: no per cent sign; `blank_rate`: a per cent sign without a number. `due` is a full date when one is given,
    `year` its year; both None when left blank. `label`: the short name defined after it. `existing`: spoken of as older debt.
    """

    start: int
    end: int
    title_at: int
    words: str
    symbol: str | None
    amount: Decimal | None
    linked: bool
    rate: Decimal | None
    blank_rate: bool
    adjectives: str
    noun: str
    due: date | None
    year: int | None
    label: str
    existing: bool

    @property
    def floating(self) -> bool:
        """Whether the title says the rate floats from the start."""
        return re.search(r"(?i)float", self.adjectives) is not None and not self.turning

    @property
    def turning(self) -> bool:
        """Whether the title says a fixed rate later floats or is set anew."""
        return re.search(r"(?i)fixed[\s-]*(?:rate)?[\s-]*(?:to|/)[\s-]*(?:float|fixed)|reset", self.adjectives) is not None

    @property
    def key(self) -> tuple[Decimal | None, bool, int | None]:
        """What tells one tranche's title from another's."""
        return self.rate, self.floating, self.year

    @property
    def series(self) -> str:
        """The letter or number of the series the title names, upper case: `2024A`, `B`; empty when it names none."""
        named = _SERIES.search(self.words[self.title_at - self.start :]) or _SERIES.search(self.words)
        return "".join((named[1] or named[2]).upper().split()) if named else ""

    def may_be(self, other: Mention) -> bool:
        """Whether two titles can be of one tranche: the same key, and no day and no series that tell them apart."""
        days = self.due is None or other.due is None or self.due == other.due
        return self.key == other.key and days and (not self.series or not other.series or self.series == other.series)


def find(text: str, start: int = 0, stop: int | None = None) -> list[Mention]:
    """Every title of notes with a due date (or a blank for one) in the stretch, in order."""
    found = []
    floor = start
    for hit in _DUE.finditer(text, start, len(text) if stop is None else stop):
        mention = _mention(text, hit, floor)
        if mention:
            found.append(mention)
            floor = mention.end
    return found


_UNDATED = re.compile(
    rf"^[^\w\n.]*(?:(?P<cur>{prose.SYMBOL})\s*(?P<fig>\d{{1,3}}(?:,\d{{3}})+)(?P<scale>)\s+)?"
    rf"(?P<title>(?P<rate>{prose.RATE})\s*%\s+(?P<words>(?:(?i:{_ADJECTIVE})[\s,-]+){{0,7}})"
    rf"(?P<noun>(?i:notes|debentures|bonds))\b)(?![^\n]*\bdue\b)",
    re.MULTILINE,
)


def undated(text: str, start: int, stop: int) -> list[Mention]:
    """Titles that begin a line and name no due date (`4.500% Medium-Term Notes, Series F`); the day stands elsewhere then."""
    found = []
    for hit in _UNDATED.finditer(text, start, stop):
        try:
            symbol, amount = prose.money(hit) if hit["cur"] else (None, None)
            rate = prose.rate(hit["rate"])
        except Unreadable:
            continue
        found.append(
            Mention(
                hit.start("cur") if symbol else hit.start("title"), hit.end("title"), hit.start("title"), hit["title"],
                symbol, amount, False, rate, False, hit["words"].strip(" ,\n\t"), hit["noun"], None, None, "",
                _EXISTING.search(text[max(0, hit.start() - 300) : hit.start()]) is not None,
            )
        )  # fmt: skip
    return found


def _mention(text: str, hit: re.Match[str], floor: int) -> Mention | None:
    """The title that ends at this `due`, None when it is no title."""
    if not _NEAR.search(text, max(floor, hit.start() - 80), hit.start()):
        return None
    low, before = _lead(text, max(floor, hit.start() - 260), hit.start())
    if not before or (before["rate"] is None and not _titled(before)):
        return None
    after = _AFTER.match(text, hit.end())
    written = after["due"].strip() if after else ""
    stated = before["fig"] and before["rate"]
    if not written and not stated and _NO_DAY.match(text, hit.end()):
        return None
    due, year = _due(written)
    try:
        rate = prose.rate(before["rate"]) if before["rate"] else None
        symbol, amount = _money(before)
    except Unreadable:
        return None
    end = after.end("due") if after else hit.end()
    start = low + before.start()
    rated = before.start("rate") if before["rate"] is not None else before.start("plain")
    label = _LABEL.match(text[end : end + 140])
    lead = text[max(0, start - 300) : start]
    return Mention(
        start, end, low + rated, text[start:end], symbol, amount, bool(before["link"] and _OF.search(before["link"])),
        rate, before["rate"] == "", (before["words"] or before["plain"] or "").strip(" ,\n\t"), before["noun"], due, year,
        label[1] if label else "", _EXISTING.search(lead) is not None or _ISSUED.match(text[end : end + 120]) is not None,
    )  # fmt: skip


def _lead(text: str, low: int, stop: int) -> tuple[int, re.Match[str] | None]:
    """What stands before `due`, and where it was looked for: from the last currency sign when that leads to it."""
    sign = max(text.rfind(each, low, stop) for each in "$€£¥")
    if sign >= 0 and EQUIVALENT.search(text[max(low, sign - 40) : sign]):
        sign = max(text.rfind(each, low, text.rfind("(", low, sign)) for each in "$€£¥")
    if sign >= 0:
        near = max(low, sign - 7)
        found = _BEFORE.search(text[near:stop])
        if found and found["cur"]:
            return near, found
        low = sign + 1
    return low, _BEFORE.search(text[low:stop])


def _titled(before: re.Match[str]) -> bool:
    """Whether a title without a rate still reads as one: a kind of note, or capital letters, or money just before it."""
    return bool(before["plain"].strip() or before["cur"] or before["noun"][0].isupper())


def _due(written: str) -> tuple[date | None, int | None]:
    """Date and year of what follows `due`."""
    if re.fullmatch(prose.DATE, written):
        try:
            day = prose.day(written)
        except Unreadable:
            return None, None
        return day, day.year
    year = re.search(r"(?:19|20|21)\d\d$", written)
    return None, int(year[0]) if year else None


def _money(before: re.Match[str]) -> tuple[str | None, Decimal | None]:
    """Currency and amount standing before a title; the amount None when it is blank."""
    if not before["cur"]:
        return None, None
    if not before["fig"]:
        return prose.currency(before["cur"]), None
    return prose.money(before)
