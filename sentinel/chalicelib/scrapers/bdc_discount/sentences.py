"""Net asset value per share in running text: which amount it is, and of which day.

A sentence is cut into tokens; each amount belongs to the measure named last before it, unless the words right after it name
another. What stands between two amounts tells a change, a comparison or a range. Pure.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Literal

from chalicelib.scrapers.bdc_discount import claims
from chalicelib.scrapers.bdc_discount import relations as by
from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST, Candidate, Dated, Kind, Period, Role
from chalicelib.scrapers.bdc_discount.days import Days
from chalicelib.scrapers.bdc_discount.owners import of_another
from chalicelib.scrapers.bdc_discount.proof import Amount, by_their_days, doubt
from chalicelib.scrapers.bdc_discount.share_classes import class_of
from chalicelib.scrapers.bdc_discount.words import (
    NAV_PER_SHARE,
    PRELIMINARY,
    PRO_FORMA_AFTER,
    PRO_FORMA_WORDS,
    Token,
    mentions,
    readable,
    tokens,
)

_LONGEST = 1500
_LEAST_SHARE, _MOST_PART = Decimal("0.2"), Decimal(2)
"""An amount under both, the share of the sentence's largest value and the dollars, is a part of one."""


def read_sentence(
    sentence: str, period: Period, offset: int = 0, where: Literal["sentence", "title"] = "sentence"
) -> list[Candidate]:
    """The candidates of one sentence; none where it names no net asset value."""
    if not mentions(sentence):
        return []
    return _Sentence(sentence[:_LONGEST], period, offset, where).candidates()


class _Sentence:
    def __init__(self, text: str, period: Period, offset: int, where: Literal["sentence", "title"]) -> None:
        self.words, self.text = text, readable(text)
        self.period, self.offset, self.where = period, offset, where
        self.tokens = list(tokens(self.text))
        self.amounts = [Amount(token, "") for token in self.tokens if token.kind == "amount"]
        self.older = by.OLDER_ESTIMATE.search(text)
        self.preliminary = bool(PRELIMINARY.search(by.OLDER_ESTIMATE.sub(" ", text))) or period.preliminary

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
        clause = by.WHICH.search(self.text)
        for token in self.tokens:
            if token.kind in ("nav", "other") and measure == "nav" and by.in_brackets(self.text, token.start):
                continue
            if clause and token.start >= clause.end():
                measure, clause = ("nav" if self._names_nav(clause.start()) else measure), None
            if token.kind == "nav" and self._is_foreign(token):
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

    def _is_foreign(self, token: Token) -> bool:
        """Whether a net asset value is no reported one of the issuer's."""
        place = (self.text, token.start, token.end)
        at_first = by.AT_FIRST.search(self.text[max(0, token.start - 60) : token.start])
        return bool(at_first or claims.supposed(*place) or of_another(*place, self.period.names))

    def _names_nav(self, at: int) -> bool:
        """Whether the last measure named before `at` is the net asset value."""
        named = [token for token in self.tokens if token.kind in ("nav", "other") and token.end <= at]
        return bool(named) and named[-1].kind == "nav"

    def _postfix(self, token: Token) -> str:
        """The measure the words right after an amount name, empty when they name none."""
        if token.scaled:
            return "total"
        if by.POSTFIX_OTHER.match(self.text, token.end) or by.part_of_nav(self.text, token.start, token.end):
            return "other"
        found = by.POSTFIX_NAV.match(self.text, token.end)
        if found and not re.match(r"\s*(?:was|were|is|of|at|:|increased|decreased)\b", self.text[found.end() :]):
            return "other" if by.AT_FIRST.search(self.text[: token.start]) else "nav"
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

    def _before(self, amount: Amount) -> str:
        """The text between the amount before and this one."""
        place = self.amounts.index(amount)
        return self.text[self.amounts[place - 1].token.end if place else 0 : amount.token.start]

    def _after(self, amount: Amount) -> str:
        """The text between this amount and the next one."""
        place = self.amounts.index(amount)
        stop = self.amounts[place + 1].token.start if place + 1 < len(self.amounts) else len(self.text)
        return self.text[amount.token.end : stop]

    def _roles(self) -> None:
        """Current value, change, or the value it is compared with."""
        before: Amount | None = None
        for amount in self.amounts:
            amount.role = "supposed" if self._is_supposed(amount, before) else self._role(amount, before)
            if amount.measure == "nav" or (before and amount.measure == before.measure):
                before = amount

    def _role(self, amount: Amount, last: Amount | None) -> str:
        between = self._before(amount)
        if self.older and self.older.start() <= amount.token.start < self.older.end():
            return "older estimate"
        if self._is_change(amount, last, between) or self._is_part(amount):
            return "change"
        earlier = by.EARLIER_AFTER.match(self.text, amount.token.end) or self._of_another_year(amount)
        if earlier or self._of_earlier(amount, between):
            return "prior"
        if by.NOW.search(between) or by.FLAT_AT.search(between):
            return "current"
        if by.SAME_SUM.fullmatch(between):
            return self.amounts[self.amounts.index(amount) - 1].role
        labelled = self._label_after(last) if last and not self._compares_before(last) else self._label_of_another(amount)
        compared = [token for token in self.tokens if token.kind == "compare" and self._lies_in(token, between, amount)]
        if compared and compared[-1].start >= labelled:
            return "current" if by.ranging(between) or self._moved_to(compared[-1], amount) else "prior"
        anew = labelled or by.TO.search(between) or re.search(NAV_PER_SHARE, between, re.IGNORECASE)
        if last and last.role == "prior" and not anew:
            return "prior" if re.search(r"\band\b|,", between) and not by.RISE.search(between) else "current"
        return "current"

    def _of_earlier(self, amount: Amount, between: str) -> bool:
        """Whether the measure is called an earlier one, or the amount one given by mistake."""
        named = [token for token in self.tokens if token.kind == "nav" and self._lies_in(token, between, amount)]
        mistaken = by.ERROR.search(self.text, 0, amount.token.start)
        return bool(
            (named and by.EARLIER_BEFORE.search(self.text[: named[-1].start]))
            or (mistaken and not by.CORRECT.search(self.text, mistaken.start(), amount.token.start))
        )

    def _is_change(self, amount: Amount, last: Amount | None, between: str) -> bool:
        if any(
            pattern.search(between)
            for pattern in (by.CHANGE_BEFORE, by.CHANGE_OF_NAV, by.PERCENT_OR, by.LIMIT_BEFORE, by.CAUSE_BEFORE)
        ):
            return True
        if by.CHANGE_AFTER.match(self.text, amount.token.end):
            return True
        goes_on = last and last.role == "change" and by.RANGE_JOIN.fullmatch(between)
        return bool(last and goes_on and amount.token.value < 4 * last.token.value)

    def _is_supposed(self, amount: Amount, last: Amount | None) -> bool:
        """Whether the words since the value told before it make an amount one that would be, and not one pro forma."""
        told = self.text[last.token.end if last and last.role == "current" else 0 : amount.token.start]
        return bool(by.SUPPOSED.search(told) and not PRO_FORMA_WORDS.search(told))

    def _is_part(self, amount: Amount) -> bool:
        """Whether an amount is too small beside another of the sentence's to be the same measure: a dividend, a fee, a change."""
        largest = max(
            (each.token.value for each in self.amounts if each.measure == "nav" and each.token.value <= MOST), default=0
        )
        return amount.measure == "nav" and amount.token.value < min(_LEAST_SHARE * largest, _MOST_PART)

    def _label_after(self, amount: Amount) -> int:
        """Where the words end that call an amount an earlier one (`$15.31 last quarter`); 0 when none do."""
        found = by.EARLIER_AFTER.match(self.text, amount.token.end) or by.IN_A_YEAR.match(self.text, amount.token.end)
        return found.end() if found and amount.role == "prior" else 0

    def _label_of_another(self, amount: Amount) -> int:
        """The same of the amount before this one, where that is of another measure."""
        before = self.amounts[max(0, self.amounts.index(amount) - 1)]
        return 0 if before is amount or before.measure == "nav" else self._label_after(before)

    def _compares_before(self, amount: Amount) -> bool:
        return any(token.kind == "compare" and token.start < amount.token.start for token in self.tokens)

    def _of_another_year(self, amount: Amount) -> bool:
        """`$15.00 in 2014`, or `In 2014, ... $15.00` with no day after it, where the release is of another year."""
        between = self._before(amount)
        dated = [token.end for token in self.tokens if token.kind in ("day", "quarter") and self._lies_in(token, between, amount)]
        since = self.text[dated[-1] : amount.token.start] if dated else between
        after, opening = by.IN_A_YEAR.match(self.text, amount.token.end), by.OPENING_YEAR.search(since)
        own = self.period.ended.year if self.period.ended else 0
        return bool(own and ((after and int(after["year"]) != own) or (opening and int(opening["year"]) < own)))

    def _moved_to(self, compared: Token, amount: Amount) -> bool:
        """`rose from the prior quarter to $X`: the comparison ends before the value is told."""
        moved = by.TO.search(self.text[compared.end : amount.token.start])
        return bool(moved and by.RISE.search(self.text[: compared.start]))

    def _lies_in(self, token: Token, between: str, amount: Amount) -> bool:
        return amount.token.start - len(between) <= token.start < amount.token.start

    def _join_ranges(self) -> None:
        """Two NAVs with nothing but `to` or a dash between them are one range, unless the first is where a move began."""
        for one, two in zip(self.amounts, self.amounts[1:], strict=False):
            between = self.text[one.token.end : two.token.start]
            if one.measure != "nav" or one.role != "current" or two.token.scaled or one.partner:
                continue
            word = by.RANGE_JOIN.fullmatch(between)
            if not word or not (Decimal("0.8") < two.token.value / (one.token.value or 1) < Decimal("1.25")):
                continue
            if re.search(r"\band\b", between) and not re.search(r"\b(?:between|range)\b", self._before(one), re.IGNORECASE):
                continue
            if two.token.value < one.token.value or not (
                by.RANGE_BEFORE.search(self.text[: one.token.start]) or self.preliminary or "and" not in between
            ):
                continue
            one.partner, two.role = two, "range-end"

    def _days(self) -> None:
        """The day each amount speaks of, as the sentence names it."""
        days = Days(self.text, self.tokens, self.period)
        navs = [amount for amount in self.amounts if amount.measure == "nav" and amount.role in ("current", "prior")]
        if by.RESPECTIVELY.search(self.text) and len(navs) > 1 and len(days.named) > 1:
            paired = days.in_turn(navs[0].token.start, navs[-1].token.end, len(navs))
            for n, amount in enumerate(navs):
                amount.role, amount.day = ("current", paired[n]) if paired else ("unpaired", None)
            return
        for amount in [each for each in self.amounts if each in navs or not each.measure]:
            last = amount.partner or amount
            named = by.POSTFIX_NAV.match(self.text, last.token.end)
            amount.day = days.after(named.end() if named else last.token.end, last.token.end + len(self._after(last)))
        for amount in navs:
            if amount.day is None:
                compared = [token.start for token in self.tokens if token.kind == "compare" and token.start < amount.token.start]
                start = compared[-1] if compared and amount.role == "prior" else 0
                amount.day = days.before(start, amount.token.start, compared=amount.role == "prior")
        by_their_days(navs)
        if all(self._is_pro_forma(amount) for amount in navs if amount.role == "current"):
            self._reported(navs)

    def _reported(self, navs: list[Amount]) -> None:
        """A pro forma value is set against the reported one of its own day, where no other is named."""
        for amount in navs:
            if amount.role == "prior" and amount.day is None and by.REPORTED.search(self._before(amount)):
                amount.role = "current"

    def _made(self, amount: Amount) -> Candidate | None:
        if amount.measure != "nav" or amount.role not in ("current", "prior") or amount.token.scaled:
            return None
        if not LEAST <= amount.token.value <= MOST or by.COMPANION.search(self._before(amount)):
            return None
        stated = amount.day
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
            words=self.words[:600],
            offset=self.offset,
            where=self.where,
            currency=amount.token.currency,
            share_class=self._class(amount),
            doubt=self._doubt(amount),
            lost=self._unsaid(amount),
        )

    def _unsaid(self, amount: Amount) -> str:
        """Why the words do not say that net asset value is this amount, or not that it is so now."""
        named = [token for token in self.tokens if token.kind == "nav" and token.end <= amount.token.start]
        label = named[-1] if named else None
        last = max(label.end, amount.token.start - len(self._before(amount))) if label else 0
        return claims.unsaid(self.text, amount, label.start if label else 0, last, self.period)

    def _doubt(self, amount: Amount) -> str:
        """Why the sentence does not bear out this reading; values of other classes and pro forma ones are not set against it."""
        if self._is_pro_forma(amount):
            return ""
        if by.of_a_range(self.text, amount.token.end, joined=amount.partner is not None):
            return f"{amount.token.text} is the middle or the end of a range"
        own = self._class(amount)
        navs = [each for each in self.amounts if each.measure == "nav" and not each.token.scaled and self._class(each) == own]
        return doubt(self.text, amount, [each for each in navs if not self._is_pro_forma(each)], self.period.ended)

    def _period_day(self) -> date | None:
        """The release's own period, unless this sentence compares with a value of that day or a later one."""
        ended = self.period.ended
        compared = [amount.day for amount in self.amounts if amount.role == "prior" and amount.day]
        return None if ended and any(day >= ended for day in compared) else ended

    def _kind(self, amount: Amount, as_of: date | None, role: Role) -> Kind:
        if self._is_pro_forma(amount):
            return "pro-forma"
        if amount.partner:
            return "preliminary-range"
        tied = as_of is None or self.period.ended is None or as_of >= self.period.ended
        return "preliminary-range" if role == "current" and self._is_preliminary(amount) and tied else "final"

    def _is_preliminary(self, amount: Amount) -> bool:
        """Whether the release, or the words about a value, call it preliminary."""
        told = self.period.preliminary or claims.called_preliminary(self.text, amount.token.start, amount.token.end)
        return self.preliminary and told

    def _is_pro_forma(self, amount: Amount) -> bool:
        return bool(PRO_FORMA_WORDS.search(self._clause(amount)) or PRO_FORMA_AFTER.match(self.text, amount.token.end))

    def _clause(self, amount: Amount) -> str:
        """The text before an amount that can still qualify it: since the NAV before, or since a comparison began."""
        end = amount.token.start
        earlier = [each for each in self.amounts if each.measure == "nav" and each.token.end <= end and each is not amount]
        start = earlier[-1].token.end if earlier else 0
        compared = [token.start for token in self.tokens if token.kind == "compare" and start <= token.start < end]
        if compared:
            return self.text[compared[-1] : end]
        skipped = PRO_FORMA_AFTER.match(self.text, start) if earlier else None
        return self.text[min(skipped.end(), end) if skipped else start : end]

    def _class(self, amount: Amount) -> str:
        navs = [each.token.start for each in self.amounts if each.measure == "nav"]
        return class_of(self.text, amount.token, self._after(amount), self.amounts[0].token.start, navs)
