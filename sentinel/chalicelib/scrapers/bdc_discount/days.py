"""Which day an amount of a sentence speaks of: the one named right after it, else the last that was named before it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from chalicelib.scrapers.bdc_discount import relations as by
from chalicelib.scrapers.bdc_discount.candidate import Period
from chalicelib.scrapers.bdc_discount.words import NAV_PER_SHARE, Token, day_of, quarter_before, quarter_of

_OF_NAV = re.compile(rf"(?:'s)?\s+(?:reported\s+)?(?:{NAV_PER_SHARE})", re.IGNORECASE)


class Days:
    """The days a sentence names. Each is given to one amount after or around it; what is given is not given again."""

    def __init__(self, text: str, found: Sequence[Token], period: Period) -> None:
        self.text, self.tokens, self.period = text, found, period
        self.named = [(token, day) for token in found if not self._of_the_release(token) and (day := self._day(token))]
        self.used: set[int] = set()

    def after(self, end: int, stop: int) -> date | None:
        """The day that stands after an amount ending at `end`, before the next amount at `stop`, and belongs to it."""
        for token, day in self.named:
            if end <= token.start < stop and self._belongs(self.text[end : token.start], token, stop):
                self.used.add(token.start)
                return day
        return None

    def in_turn(self, first: int, last: int, count: int) -> list[date]:
        """The `count` days that amounts told respectively pair with: all after the last one, else all before the first."""
        for part in (
            [day for token, day in self.named if token.start >= last],
            [day for token, day in self.named if token.end <= first],
        ):
            if len(part) == count:
                return part
        return []

    def before(self, start: int, at: int, *, compared: bool) -> date | None:
        """The last free day named in `[start, at)`; for a value that is not compared, one the words introduce comes first."""
        free = [(token, day) for token, day in self.named if start <= token.start < at and token.start not in self.used]
        if not free:
            return None
        nearest = self.text[free[-1][0].end :]
        if not (by.LABELS_NEXT.match(nearest) or by.AMOUNT_NEXT.match(nearest) or _OF_NAV.match(nearest) or compared):
            free = [(token, day) for token, day in free if self._introduced(token)] or free
        return free[-1][1]

    def _of_the_release(self, token: Token) -> bool:
        """Whether a day is that of a document or an act: the dateline, or `the release dated November 6, 2025`."""
        before = self.text[max(0, token.start - 60) : token.start]
        return bool(by.ISSUED.search(before) or by.FLAT.search(before) or by.DATELINE.match(self.text, token.end))

    def _introduced(self, token: Token) -> bool:
        return bool(
            re.search(r"\b(?:as\s+of|at|ended|ending|on)\s+(?:the\s+\w+\s+ended\s+)?$", self.text[: token.start], re.IGNORECASE)
        )

    def _belongs(self, between: str, token: Token, stop: int) -> bool:
        """Whether a day after an amount is that amount's: nothing that compares or begins anew stands between."""
        if by.AMOUNT_NEXT.match(self.text, token.end) and (
            re.search(r"\b(?:and|while|but)\b|,|^\s*$", between) or not self._introduced(token)
        ):
            return False
        if by.LABELS_NEXT.match(self.text, token.end) or ";" in between or self._begins_anew(between, token):
            return False
        if "(" in between and ")" not in between and ")" not in self.text[token.end : stop] and stop < len(self.text):
            return False
        if len(between) > 90 or re.search(
            r"\b(?:payable|paid|record|declared|dividend|distribution|split|on\s+or\s+about)\b", between, re.IGNORECASE
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
        following = next((each.start for each in self.tokens if each.kind == "amount" and each.start > token.end), token.end)
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
