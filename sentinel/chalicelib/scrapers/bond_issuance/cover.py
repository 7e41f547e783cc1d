"""The cover of a prospectus supplement: which lines offer notes, which amount belongs to which, and the total above them.

An amount belongs to a title by where it stands (before it, in the column above it, after it); a layout that fits no known
order gives no amounts rather than likely ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib import prose
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bond_issuance import titles
from chalicelib.scrapers.bond_issuance.titles import Mention

REACH = 14_000
"""How many characters of text a cover and its prose take at most."""

_FEE = re.compile(r"calculation\s+of\s+(?:the\s+)?registration\s+fee", re.IGNORECASE)
_HEAD = re.compile(
    r"^[^\w\n]*(?:preliminary\s+)?(?:(?:prospectus|pricing|term)\s+(?:supplement|sheet)\b[^\n]{0,90}|\(?\s*to\s+(?:the\s+)?(?:base\s+)?prospectus\b[^\n]{0,120}|prospectus)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    r"the\s+date\s+of\s+this\s+(?:prospectus|pricing)\s+supplement\s+is\b|(?:^|\n)\s*table\s+of\s+contents\s+(?:\S+\s+){0,6}?(?:page|s-|about)"
    r"|(?:^|\n)[ \t]*(?:about\s+this\s+(?:prospectus|pricing)\s+supplement|(?:prospectus\s+supplement\s+)?summary)[ \t]*\n"
    r"|you\s+should\s+rely\s+only|have\s+not[^.]{0,60}authorized\s+any",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"\b(?:is|are|will\s+be)\s+(?:hereby\s+)?(?:offering|selling|issuing)\b|\bwill\s+(?:bear|mature|pay|accrue|be\s+(?:paid|payable))|\bmay\s+redeem"
    r"|\bwill\s+be\s+(?:our|the)\b|\bthis\s+is\s+an\s+offering|\boffered\s+by\s+this\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    rf"(?P<cur>{prose.SYMBOL})\s*(?:(?P<fig>\d{{1,3}}(?:,\s?\d{{3}})+|\d+(?:\.\d+)?)(?P<scale>(?:\s*(?i:million|billion)\b)?))?"
)
_PROGRAMME = re.compile(
    r"\bdue\s+(?:from\s+)?(?:at\s+least\s+)?(?:nine|9|twelve|12|one|1|more\s+than)\b[^.\n]{0,40}?(?:month|year|day)[^\n]*",
    re.IGNORECASE,
)
_RATED = re.compile(r"[\d\s./-]{1,12}%")
_GAP = re.compile(r"[^\w\n]*")
_SMALLEST = Decimal(1_000_000)


@dataclass(frozen=True)
class Offered:
    """One tranche as the cover lists it. `symbol` and `amount` None when the layout does not say which amount is its."""

    title: Mention
    currency: str | None
    amount: Decimal | None
    words: str
    start: int


@dataclass(frozen=True)
class Cover:
    """What the cover offers. `total` is the line above the list; `doubts` say what did not fit."""

    start: int
    end: int
    offered: tuple[Offered, ...]
    total: Decimal | None
    total_words: str
    mentions: tuple[Mention, ...]
    doubts: tuple[str, ...]


def bounds(text: str) -> tuple[int, int]:
    """Where the cover proper begins (behind a fee table) and ends."""
    start = 0
    fee = _FEE.search(text, 0, 4000)
    if fee:
        head = next((hit for hit in _HEAD.finditer(text, fee.end(), fee.end() + 9000) if hit.group().strip()), None)
        start = head.start() if head else fee.end()
    end = _END.search(text, start + 600, start + REACH)
    return start, end.start() if end else min(len(text), start + REACH)


def read(text: str) -> Cover:
    """The cover's offered tranches and total line."""
    start, end = bounds(text)
    mentions = [mention for mention in titles.find(text, start, min(len(text), end + 2500)) if mention.start < end]
    if not any(not mention.existing for mention in mentions):
        mentions += titles.undated(text, start, min(end, start + 2000))[:1]
    first = next((mention for mention in mentions if not mention.existing), None)
    if first is None:
        return Cover(start, end, (), None, "", tuple(mentions), ("no title of notes with a due date on the cover",))
    stop = _PROSE.search(text, first.end)
    listed = [m for m in mentions if not m.existing and m.start < (stop.start() if stop else end)]
    after_words = _PROSE.search(text, start, first.start)
    if after_words and first.linked:
        listed = [m for m in mentions if not m.existing]
    listed = _first_of_each(listed)
    money = _amounts(text, max(start, _programme(text, start, listed[0].start)), min(end, listed[-1].end + 200), listed)
    offered, total, total_words, doubts = _pair(text, listed, money)
    offered = completed(offered, mentions)
    offered, repeats = _once(offered)
    doubts += _left_out(text, mentions, stop.start() if stop else end)
    return Cover(start, end, tuple(offered), total, total_words, tuple(mentions), (*doubts, *repeats))


def _programme(text: str, start: int, stop: int) -> int:
    """Where a programme's own lines end, `U.S. $30,500,000,000 … Due 9 Months or More`: the limit in them is no offer."""
    hit = _PROGRAMME.search(text, start, stop)
    return hit.end() if hit else start


def _left_out(text: str, mentions: list[Mention], stop: int) -> list[str]:
    """Lines of the list that read as older debt: left out, but not in silence."""
    return [
        f"left out as older debt: {' '.join(mention.words.split())!r}"
        for mention in mentions
        if mention.existing
        and mention.amount
        and mention.start < stop
        and not text[text.rfind("\n", 0, mention.start) + 1 : mention.start].strip()
    ]


def _first_of_each(listed: list[Mention]) -> list[Mention]:
    """The list without titles that come again without an amount, as the prose below a list does."""
    kept: list[Mention] = []
    for mention in listed:
        named = mention.rate is not None or mention.year is not None
        said = any(_only_named(mention, other) for other in listed)
        if not (named and mention.symbol is None and (said or any(mention.may_be(other) for other in kept))):
            kept.append(mention)
    return kept


def _only_named(mention: Mention, other: Mention) -> bool:
    """Whether a title without a rate only speaks of another of its year: `the Notes due 2021`."""
    bare = mention.rate is None and not mention.blank_rate and not mention.floating
    kinds = set(mention.adjectives.lower().split()) - {"fixed", "rate"} <= set(other.adjectives.lower().split())
    offered = other is not mention and not other.floating and (other.symbol or other.rate) is not None
    return bare and kinds and offered and other.year == mention.year


@dataclass(frozen=True)
class _Amount:
    """An amount on the cover; `value` None when its currency sign stands before a blank."""

    start: int
    end: int
    currency: str
    value: Decimal | None


def _amounts(text: str, start: int, stop: int, listed: list[Mention]) -> list[_Amount]:
    """The amounts of the list's stretch large enough to be principal; blanks only where a title's own sign is blank."""
    found = []
    blanks = any(mention.symbol and mention.amount is None for mention in listed)
    for hit in _MONEY.finditer(text, start, stop):
        if hit["fig"] is None or _RATED.match(text, hit.start("fig")):
            if blanks:
                found.append(_Amount(hit.start(), hit.end(), prose.currency(hit["cur"]), None))
            continue
        try:
            code, value = prose.money(hit)
        except Unreadable:
            continue
        if value >= _SMALLEST and not titles.EQUIVALENT.search(text[max(start, hit.start() - 40) : hit.start()]):
            found.append(_Amount(hit.start(), hit.end(), code, value))
    for hit in re.finditer(prose.MONEY_IN_WORDS, text[start:stop]):
        code, value = prose.money_in_words(hit)
        found.append(_Amount(start + hit.start(), start + hit.end(), code, value))
    return sorted(found, key=lambda amount: amount.start)


_Paired = tuple[list[Offered], Decimal | None, str, list[str]]


_Mark = tuple[str, "_Amount | Mention"]
"""An amount (`M`) or a title (`T`) of the list, in the order they are printed."""


def _pair(text: str, listed: list[Mention], money: list[_Amount]) -> _Paired:
    """Gives each title its amount by the order of amounts and titles in the list."""
    if rows := _rows(text, listed, money):
        above = [amount for amount in money if amount.end <= rows[0].start and amount.value is not None]
        total = above[0] if len(above) == 1 else None
        return rows, total.value if total else None, text[total.start : total.end].strip() if total else "", []
    marks: list[_Mark] = [("M", amount) for amount in money]
    marks += [("T", mention) for mention in listed]
    marks.sort(key=lambda mark: mark[1].title_at if isinstance(mark[1], Mention) else mark[1].start)
    while marks and marks[0][0] == "M" and marks[-1][0] == "M":
        marks.pop()
    runs = re.findall(r"M+|T+", "".join(mark[0] for mark in marks))
    total = None
    if runs and runs[0][0] == "T":
        chosen, doubts = _behind(marks, runs)
    else:
        chosen, doubts, total = _before(marks, runs)
    if total is None and _apart(text, marks, chosen):
        doubts.append("the first amount stands apart from its title, others before theirs: it may be the total")
    if any(re.search(r"(?i)\bup\s+to\s*$", text[max(0, amount.start - 12) : amount.start]) for amount in chosen.values()):
        doubts.append("an amount is a limit: `up to`")
    offered = [_offer(text, mark, chosen.get(at)) for at, (_, mark) in enumerate(marks) if isinstance(mark, Mention)]
    words = text[total.start : total.end].strip() if total else ""
    return offered, total.value if total else None, words, doubts


def _apart(text: str, marks: list[_Mark], chosen: dict[int, _Amount]) -> bool:
    """Whether of several amounts only the first stands on another line than the title it was given to."""
    lines = []
    for at, amount in sorted(chosen.items()):
        title = marks[at][1]
        if isinstance(title, Mention):
            lines.append("\n" in text[amount.end : title.title_at].strip())
    return len(lines) > 1 and lines[0] and not any(lines[1:])


def _behind(marks: list[_Mark], runs: list[str]) -> tuple[dict[int, _Amount], list[str]]:
    """Amounts that follow their titles, by the titles' places among the marks."""
    chosen: dict[int, _Amount] = {}
    doubts = []
    place = 0
    for names, sums in zip(runs[::2], runs[1::2], strict=False):
        if len(names) == len(sums):
            for at in range(len(names)):
                chosen[place + at] = _as_amount(marks[place + len(names) + at][1])
        elif len(names) == 1:
            chosen[place] = _as_amount(marks[place + 1][1])
            doubts.append(f"{len(sums)} amounts stand behind one title")
        place += len(names) + len(sums)
    return chosen, doubts


def _before(marks: list[_Mark], runs: list[str]) -> tuple[dict[int, _Amount], list[str], _Amount | None]:
    """Amounts that precede their titles; one too many at the very top is the total."""
    chosen: dict[int, _Amount] = {}
    doubts: list[str] = []
    total = None
    place = 0
    for sums, names in zip(runs[::2], runs[1::2], strict=False):
        extra = len(sums) - len(names)
        if extra == 0 or (extra == 1 and place == 0):
            total = _as_amount(marks[0][1]) if extra else total
            for at in range(len(names)):
                chosen[place + len(sums) + at] = _as_amount(marks[place + extra + at][1])
        elif len(sums) == 1 and place == 0 and len(runs) == 2:
            total = _as_amount(marks[0][1])
        else:
            doubts.append(f"{len(sums)} amounts stand before {len(names)} titles")
        place += len(sums) + len(names)
    return chosen, doubts, total


def _rows(text: str, listed: list[Mention], money: list[_Amount]) -> list[Offered]:
    """A table that begins each row with a title and gives its amount first of all sums; nothing for any other layout."""
    offered = []
    for mention in listed:
        line_start = text.rfind("\n", 0, mention.title_at) + 1
        line_end = text.find("\n", mention.end)
        after = [amount for amount in money if mention.end <= amount.start < line_end]
        if (
            text[line_start : mention.title_at].strip()
            or not after
            or mention.linked
            or ("\t" not in text[mention.end : after[0].end] and not _GAP.fullmatch(text, mention.end, after[0].start))
        ):
            return []
        words = text[mention.title_at : after[0].end].strip()
        offered.append(Offered(mention, after[0].currency, after[0].value, f"{words} …", mention.title_at))
    return offered


def _as_amount(mark: _Amount | Mention) -> _Amount:
    if not isinstance(mark, _Amount):
        raise Unreadable("an amount was expected in the cover's list", evidence=mark.words)
    return mark


def _offer(text: str, title: Mention, amount: _Amount | None) -> Offered:
    """A title with the amount that belongs to it; the amount printed right before it with words of principal wins."""
    if title.linked and title.symbol:
        return Offered(title, title.symbol, title.amount, title.words.strip(), title.start)
    if amount is None:
        return Offered(title, None, None, text[title.title_at : title.end].strip(), title.title_at)
    if amount.start <= title.title_at and title.title_at - amount.end < 160:
        return Offered(title, amount.currency, amount.value, text[amount.start : title.end].strip(), amount.start)
    words = f"{text[amount.start : amount.end].strip()} … {text[title.title_at : title.end].strip()}"
    return Offered(title, amount.currency, amount.value, words, amount.start)


def completed(offered: Sequence[Offered], mentions: Sequence[Mention]) -> list[Offered]:
    """Titles without an amount take the one the prose names for the same title, when it names just one."""
    return [_from_prose(offer, mentions) if offer.currency is None else offer for offer in offered]


def _from_prose(offer: Offered, mentions: Sequence[Mention]) -> Offered:
    named = [m for m in mentions if not m.existing and m.may_be(offer.title) and m.symbol and m.linked]
    if len({(m.symbol, m.amount) for m in named}) != 1:
        return offer
    return replace(offer, currency=named[0].symbol, amount=named[0].amount, words=named[0].words, start=named[0].start)


def _once(offered: list[Offered]) -> tuple[list[Offered], list[str]]:
    """The list without repeats of one title; two amounts for one title are a doubt. Blank titles all count."""
    kept: list[Offered] = []
    doubts = []
    for offer in offered:
        blank = (offer.title.rate is None and offer.title.blank_rate) or offer.title.year is None
        same = [at for at, other in enumerate(kept) if other.currency == offer.currency and other.title.may_be(offer.title)]
        if blank or not same:
            kept.append(offer)
        elif kept[same[0]].amount is None and offer.amount is not None:
            kept[same[0]] = offer
        elif offer.amount is not None and kept[same[0]].amount != offer.amount:
            doubts.append(f"two amounts for {offer.title.words.strip()!r}")
    return kept, doubts
