"""Net asset value per share in running text: which amount it is, and of which day.

A sentence is cut into tokens; each amount belongs to the measure named last before it, unless the words right after it name
another. What stands between two amounts tells a change, a comparison or a range. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from chalicelib.scrapers.bdc_discount import relations as by
from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST, Candidate, Dated, Kind, Period, Role
from chalicelib.scrapers.bdc_discount.words import (
    CLASS_NAME,
    NAV_PER_SHARE,
    PRELIMINARY,
    PRO_FORMA_AFTER,
    PRO_FORMA_WORDS,
    Token,
    day_of,
    quarter_before,
    quarter_of,
    tokens,
)

_MENTION = re.compile(rf"{NAV_PER_SHARE}|\bNAV\b|net\s+asset\s+value|net\s+assets", re.IGNORECASE)
_LONGEST = 1500


def mentions(sentence: str) -> bool:
    """Whether a sentence names net asset value at all."""
    return _MENTION.search(sentence) is not None


def read_sentence(
    sentence: str, period: Period, offset: int = 0, where: Literal["sentence", "title"] = "sentence"
) -> list[Candidate]:
    """The candidates of one sentence; none where it names no net asset value."""
    if not mentions(sentence):
        return []
    return _Sentence(sentence[:_LONGEST], period, offset, where).candidates()


@dataclass
class _Amount:
    """One amount while its part in the sentence is being found out."""

    token: Token
    measure: str
    role: str = "current"
    days: list[date] = field(default_factory=list)
    partner: _Amount | None = None


class _Sentence:
    def __init__(self, text: str, period: Period, offset: int, where: Literal["sentence", "title"]) -> None:
        self.text, self.period, self.offset, self.where = text, period, offset, where
        self.tokens = list(tokens(text))
        self.amounts = [_Amount(token, "") for token in self.tokens if token.kind == "amount"]
        self.preliminary = bool(PRELIMINARY.search(text)) or period.preliminary

    def candidates(self) -> list[Candidate]:
        self._measures()
        self._roles()
        self._join_ranges()
        self._days()
        return [made for amount in self.amounts if (made := self._made(amount))]

    def _measures(self) -> None:
        """Which measure each amount is of."""
        if self._respective_measures():
            return
        measure, at, aside = "", iter(self.amounts), False
        for token in self.tokens:
            if token.kind == "nav" and by.foreign(self.text, token.start, token.end, self.period.names):
                measure, aside = "other", False
            elif token.kind == "nav" or (
                token.kind == "other" and not (measure == "nav" and by.ASIDE.match(self.text, token.end))
            ):
                aside = measure == "nav" and token.kind == "other" and bool(by.ASIDE_AMOUNT.match(self.text, token.end))
                measure = token.kind
            elif token.kind == "amount":
                amount = next(at)
                amount.measure = self._postfix(amount.token) or measure
                measure, aside = ("nav" if aside else measure), False

    def _postfix(self, token: Token) -> str:
        """The measure the words right after an amount name, empty when they name none."""
        if token.scaled:
            return "total"
        if by.POSTFIX_OTHER.match(self.text, token.end):
            return "other"
        found = by.POSTFIX_NAV.match(self.text, token.end)
        if found and not re.match(r"\s*(?:was|were|is|of|at|:|increased|decreased)\b", self.text[found.end() :]):
            return "nav"
        return ""

    def _respective_measures(self) -> bool:
        """`NII and NAV per share were $0.47 and $15.28, respectively`: measures and amounts pair in order."""
        if not by.RESPECTIVELY.search(self.text) or not self.amounts:
            return False
        first = self.amounts[0].token.start
        named = [token for token in self.tokens if token.kind in ("nav", "other") and token.start < first]
        if len(named) < 2 or len(named) != len(self.amounts):
            return False
        for amount, token in zip(self.amounts, named, strict=True):
            amount.measure = "total" if amount.token.scaled else token.kind
        return len({token.kind for token in named}) > 1

    def _before(self, amount: _Amount) -> str:
        """The text between the amount before and this one."""
        place = self.amounts.index(amount)
        return self.text[self.amounts[place - 1].token.end if place else 0 : amount.token.start]

    def _after(self, amount: _Amount) -> str:
        """The text between this amount and the next one."""
        place = self.amounts.index(amount)
        stop = self.amounts[place + 1].token.start if place + 1 < len(self.amounts) else len(self.text)
        return self.text[amount.token.end : stop]

    def _roles(self) -> None:
        """Current value, change, or the value it is compared with."""
        before: _Amount | None = None
        for amount in self.amounts:
            amount.role = self._role(amount, before)
            if amount.measure == "nav" or (before and amount.measure == before.measure):
                before = amount

    def _role(self, amount: _Amount, last: _Amount | None) -> str:
        between = self._before(amount)
        if self._is_change(amount, last, between):
            return "change"
        if by.EARLIER_AFTER.match(self.text, amount.token.end):
            return "prior"
        if by.NOW.search(between):
            return "current"
        if by.SAME_SUM.fullmatch(between):
            return self.amounts[self.amounts.index(amount) - 1].role
        compared = [token for token in self.tokens if token.kind == "compare" and self._lies_in(token, between, amount)]
        if compared:
            return "current" if self._ranging(between) or self._moved_to(compared[-1], amount) else "prior"
        if last and last.role == "prior" and not by.TO.search(between) and not self._new_subject(between):
            return "prior" if re.search(r"\band\b|,", between) and not by.RISE.search(between) else "current"
        return "current"

    def _is_change(self, amount: _Amount, last: _Amount | None, between: str) -> bool:
        if any(pattern.search(between) for pattern in (by.CHANGE_BEFORE, by.PERCENT_OR, by.LIMIT_BEFORE, by.CAUSE_BEFORE)):
            return True
        if by.CHANGE_AFTER.match(self.text, amount.token.end):
            return True
        goes_on = last and last.role == "change" and by.RANGE_JOIN.fullmatch(between)
        return bool(last and goes_on and amount.token.value < 4 * last.token.value)

    def _moved_to(self, compared: Token, amount: _Amount) -> bool:
        """`rose from the prior quarter to $X`: the comparison ends before the value is told."""
        moved = by.TO.search(self.text[compared.end : amount.token.start])
        return bool(moved and by.RISE.search(self.text[: compared.start]))

    def _lies_in(self, token: Token, between: str, amount: _Amount) -> bool:
        return amount.token.start - len(between) <= token.start < amount.token.start

    def _ranging(self, between: str) -> bool:
        """`ranging from X`, as against `increased from X`."""
        found = by.FROM.search(between)
        return bool(
            found
            and re.search(r"\b(?:rang\w+|estimate\w*|between)\b[^$]*$", between[: found.start()], re.IGNORECASE)
            and not by.RISE.search(between)
        )

    def _new_subject(self, between: str) -> bool:
        return bool(re.search(NAV_PER_SHARE, between, re.IGNORECASE))

    def _join_ranges(self) -> None:
        """Two NAVs with nothing but `to` or a dash between them are one range, unless the first is where a move began."""
        for one, two in zip(self.amounts, self.amounts[1:], strict=False):
            between = self.text[one.token.end : two.token.start]
            if one.measure != "nav" or one.role != "current" or two.token.scaled or one.partner:
                continue
            word = by.RANGE_JOIN.fullmatch(between)
            if not word or not (Decimal("0.8") < two.token.value / (one.token.value or 1) < Decimal("1.25")):
                continue
            if re.search(r"\band\b", between) and not re.search(r"\bbetween\b", self._before(one), re.IGNORECASE):
                continue
            if two.token.value < one.token.value or not (
                by.RANGE_BEFORE.search(self.text[: one.token.start]) or self.preliminary or "and" not in between
            ):
                continue
            one.partner, two.role = two, "range-end"

    def _days(self) -> None:
        """The day each amount speaks of, as the sentence names it."""
        days = [(token, day) for token in self.tokens if not self._of_the_release(token) and (day := self._day(token))]
        used: set[int] = set()
        navs = [amount for amount in self.amounts if amount.measure == "nav" and amount.role in ("current", "prior")]
        if by.RESPECTIVELY.search(self.text) and len(days) == len(navs) > 1:
            for amount, (_, day) in zip(navs, days, strict=True):
                amount.days.append(day)
                amount.role = "current"
            return
        for amount in navs:
            end = (amount.partner or amount).token.end
            after = self._after(amount.partner or amount)
            for token, day in days:
                if end <= token.start < end + len(after) and self._belongs(self.text[end : token.start], token):
                    amount.days.append(day)
                    used.add(token.start)
                    break
        for amount in navs:
            if not amount.days:
                amount.days += self._day_before(amount, days, used)

    def _day_before(self, amount: _Amount, days: Sequence[tuple[Token, date]], used: set[int]) -> list[date]:
        """The last free day named before the amount, and for a compared value only after the comparison begins."""
        start = 0
        if amount.role == "prior":
            compared = [token.start for token in self.tokens if token.kind == "compare" and token.start < amount.token.start]
            start = compared[-1] if compared else 0
        open_days = [(token, day) for token, day in days if start <= token.start < amount.token.start and token.start not in used]
        if open_days and by.LABELS_NEXT.match(self.text, open_days[-1][0].end):
            return [open_days[-1][1]]
        free = [day for _, day in open_days]
        named = [day for token, day in open_days if self._introduced(token)]
        if amount.role == "current":
            return named[-1:] or free[-1:]
        return free[-1:]

    def _of_the_release(self, token: Token) -> bool:
        """Whether a day is that of a document or an act: the dateline, or `the release dated November 6, 2025`."""
        before = self.text[max(0, token.start - 60) : token.start]
        return bool(by.ISSUED.search(before) or by.DATELINE.match(self.text, token.end))

    def _introduced(self, token: Token) -> bool:
        return bool(
            re.search(r"\b(?:as\s+of|at|ended|ending|on)\s+(?:the\s+\w+\s+ended\s+)?$", self.text[: token.start], re.IGNORECASE)
        )

    def _belongs(self, between: str, token: Token) -> bool:
        """Whether a day after an amount is that amount's: nothing that compares or begins anew stands between."""
        if by.LABELS_NEXT.match(self.text, token.end) or ";" in between or self._begins_anew(between, token):
            return False
        if len(between) > 90 or re.search(
            r"\b(?:payable|paid|record|declared|dividend|distribution|on\s+or\s+about)\b", between, re.IGNORECASE
        ):
            return False
        if any(
            each.kind == "compare" and each.start < token.start and each.start >= token.start - len(between)
            for each in self.tokens
        ):
            return False
        return bool(
            re.fullmatch(
                r"[^.]{0,60}?(?:\bas\s+of|\bas\s+at|\bat|\bon|\bfor|\bended|\bin|[(,:-])?\s*(?:the\s+)?(?:\w+\s+){0,4}",
                between,
                re.IGNORECASE,
            )
        )

    def _begins_anew(self, between: str, token: Token) -> bool:
        """`..., and June 30 NAV per share was $X`: the day opens what is said of the next amount."""
        if any(each.kind == "nav" and token.start - len(between) <= each.start < token.start for each in self.tokens):
            return True
        following = next((amount.token.start for amount in self.amounts if amount.token.start > token.end), token.end)
        named = any(each.kind == "nav" and token.end <= each.start < following for each in self.tokens)
        return named and bool(re.search(r",|\b(?:and|while|but|whereas)\b", between))

    def _day(self, token: Token) -> date | None:
        if token.kind == "day":
            return day_of(token.text, self.period.released or self.period.ended)
        if token.kind == "quarter":
            day = quarter_of(token.text, self.period.year_end_month, self.period.released)
            return day if re.search(r"\d{2}", token.text) or self._near_period(day) else None
        return None

    def _near_period(self, day: date | None) -> bool:
        """Whether a quarter named without a year is the release's own or the one before it."""
        ended = self.period.ended
        return bool(day and ended and day in (ended, quarter_before(ended, self.period.year_end_month)))

    def _made(self, amount: _Amount) -> Candidate | None:
        if amount.measure != "nav" or amount.role not in ("current", "prior") or amount.token.scaled:
            return None
        if not LEAST <= amount.token.value <= MOST or by.COMPANION.search(self._before(amount)):
            return None
        stated = amount.days[0] if amount.days else None
        role: Role = "prior" if amount.role == "prior" else "current"
        as_of = stated or (self._period_day() if role == "current" else None)
        dated: Dated = "stated" if stated else ("period" if as_of else "none")
        kind = self._kind(amount, as_of, role)
        end = amount.partner.token.value if amount.partner else None
        single = amount.token.value
        return Candidate(
            value=None if kind == "preliminary-range" else single,
            low=single if kind == "preliminary-range" else None,
            high=(end or single) if kind == "preliminary-range" else None,
            as_of=as_of,
            kind=kind,
            role=role,
            dated=dated,
            words=self.text[:600],
            offset=self.offset,
            where=self.where,
            currency=amount.token.currency,
            share_class=self._class(amount),
        )

    def _period_day(self) -> date | None:
        """The release's own period, unless this sentence compares with a value of that day or a later one."""
        ended = self.period.ended
        compared = [day for amount in self.amounts if amount.role == "prior" for day in amount.days]
        return None if ended and any(day >= ended for day in compared) else ended

    def _kind(self, amount: _Amount, as_of: date | None, role: Role) -> Kind:
        if PRO_FORMA_WORDS.search(self._clause(amount)) or PRO_FORMA_AFTER.match(self.text, amount.token.end):
            return "pro-forma"
        if amount.partner:
            return "preliminary-range"
        tied = as_of is None or self.period.ended is None or as_of >= self.period.ended
        return "preliminary-range" if role == "current" and self.preliminary and tied else "final"

    def _clause(self, amount: _Amount) -> str:
        """The text before an amount that can still qualify it: since the NAV before, or since a comparison began."""
        end = amount.token.start
        earlier = [each for each in self.amounts if each.measure == "nav" and each.token.end <= end and each is not amount]
        start = earlier[-1].token.end if earlier else 0
        compared = [token.start for token in self.tokens if token.kind == "compare" and start <= token.start < end]
        if compared:
            return self.text[compared[-1] : end]
        skipped = PRO_FORMA_AFTER.match(self.text, start) if earlier else None
        return self.text[min(skipped.end(), end) if skipped else start : end]

    def _class(self, amount: _Amount) -> str:
        leads = CLASS_NAME.search(self.text, 0, self.amounts[0].token.start)
        after = None if leads else CLASS_NAME.search(self._after(amount))
        if after and re.fullmatch(
            r"\s*(?:per\s+(?:common\s+)?(?:share|unit)\s*)?\(?(?:for|of|on|per)?\s*(?:our\s+|the\s+)?",
            self._after(amount)[: after.start()],
        ):
            return after[1]
        named = list(CLASS_NAME.finditer(self.text, 0, amount.token.start))
        return named[-1][1] if named else ""
