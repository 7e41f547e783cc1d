"""The boom-bust index: percentile ranks of the four headlines, each in its own history, from 0 (bust) to 100 (boom).

A part's score is the mid-rank of its newest value among all its values known by then, turned round where a high value means
bust; the index is the weighted mean of the scores. A part with too short a history or too old a value is missing: it is named,
nothing is put in its place, and below `least_share` of the weight there is no index at all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from chalicelib.errors import BadEvent
from chalicelib.model import Json

KEPT = "composite"
"""The store's name for weights: `{"weights": {"bdc-discount": "2"}, "least_share": "0.75"}`, amounts as decimal text."""


@dataclass(frozen=True)
class Part:
    """How one headline counts. `least` values are needed before it does; a value older than `oldest_days` no longer does."""

    scraper: str
    high_means: Literal["boom", "bust"]
    why: str
    least: int
    oldest_days: int


PARTS: tuple[Part, ...] = (
    Part("bond-issuance", "boom", "more debt sold: money is easy", 26, 21),
    Part("bdc-discount", "bust", "shares further below net asset value: the market doubts the marks", 60, 10),
    Part("credit-fund", "boom", "funds grow: marks hold and money comes in", 8, 300),
    Part("bank-provision", "bust", "banks set more aside for lending to funds and lenders", 8, 300),
)
"""Direction, in words, and what is enough: half a year of weeks, three months of sessions, two years of quarters."""
LEAST_SHARE = Decimal("0.75")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Value:
    """A headline with the day it was first due to be known."""

    known: date
    window: str
    headline: Decimal


@dataclass(frozen=True)
class Score:
    """A part on a day: `score` from 0 (bust) to 100 (boom), None with `missing` saying why."""

    scraper: str
    weight: Decimal
    score: Decimal | None
    missing: str = ""
    window: str = ""
    headline: Decimal | None = None
    of: int = 0


@dataclass(frozen=True)
class Point:
    """The index on a day, None when too little of it is there; every part beside it."""

    day: date
    index: Decimal | None
    parts: tuple[Score, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts that are not in it."""
        return tuple(each.scraper for each in self.parts if each.score is None and each.weight)


@dataclass(frozen=True)
class Weights:
    """What each part weighs, and the share of all weight that must be there."""

    of: Mapping[str, Decimal] = field(default_factory=lambda: {part.scraper: Decimal(1) for part in PARTS})
    least_share: Decimal = LEAST_SHARE


def weights(kept: Json) -> Weights:
    """The weights `kept` means, equal ones where it says nothing. Raises `BadEvent` for what makes no sense."""
    if kept is None:
        return Weights()
    if not isinstance(kept, Mapping) or (unknown := set(kept) - {"weights", "least_share"}):
        raise BadEvent(
            f"composite: expected weights and least_share{f', not {sorted(unknown)}' if isinstance(kept, Mapping) else ''}"
        )
    given = kept.get("weights", {})
    names = {part.scraper for part in PARTS}
    if not isinstance(given, Mapping) or (unknown := set(given) - names):
        raise BadEvent(f"composite: weights: expected an object of {', '.join(sorted(names))}")
    of = {name: _amount(f"weights: {name}", given.get(name, "1")) for name in (part.scraper for part in PARTS)}
    if not any(of.values()):
        raise BadEvent("composite: weights: all are zero")
    share = _amount("least_share", kept.get("least_share", str(LEAST_SHARE)))
    if not 0 < share <= 1:
        raise BadEvent(f"composite: least_share: {share} is not above 0 and at most 1")
    return Weights(of, share)


def _amount(name: str, value: Json) -> Decimal:
    try:
        amount = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise BadEvent(f"composite: {name}: {str(value)[:40]!r} is no amount of zero or more")
    return amount


def points(histories: Mapping[str, Sequence[Value]], days: Iterable[date], chosen: Weights | None = None) -> list[Point]:
    """The index on each of `days` (ascending), from what was known by then; `histories` by scraper, in any order."""
    chosen = chosen or Weights()
    waiting = {part.scraper: sorted(histories.get(part.scraper, ()), key=lambda each: each.known) for part in PARTS}
    taken = {part.scraper: 0 for part in PARTS}
    ranked: dict[str, list[Decimal]] = {part.scraper: [] for part in PARTS}
    result = []
    for day in days:
        scores = []
        for part in PARTS:
            values = waiting[part.scraper]
            while taken[part.scraper] < len(values) and values[taken[part.scraper]].known <= day:
                insort(ranked[part.scraper], values[taken[part.scraper]].headline)
                taken[part.scraper] += 1
            newest = values[taken[part.scraper] - 1] if taken[part.scraper] else None
            scores.append(_score(part, newest, ranked[part.scraper], day, chosen.of[part.scraper]))
        result.append(Point(day, _index(scores, chosen), tuple(scores)))
    return result


def _score(part: Part, newest: Value | None, ranked: Sequence[Decimal], day: date, weight: Decimal) -> Score:
    if newest is None:
        return Score(part.scraper, weight, None, "no value yet")
    if len(ranked) < part.least:
        missing = f"{len(ranked)} of the {part.least} values that are needed"
    elif day - newest.known > timedelta(days=part.oldest_days):
        missing = f"its newest value, {newest.window}, is {(day - newest.known).days} days old"
    else:
        low, high = bisect_left(ranked, newest.headline), bisect_right(ranked, newest.headline)
        share = (Decimal(low + high) / 2) / len(ranked)
        score = (100 * (share if part.high_means == "boom" else 1 - share)).quantize(_TENTH)
        return Score(part.scraper, weight, score, "", newest.window, newest.headline, len(ranked))
    return Score(part.scraper, weight, None, missing, newest.window, newest.headline, len(ranked))


def _index(scores: Sequence[Score], chosen: Weights) -> Decimal | None:
    present = [(each.score, each.weight) for each in scores if each.score is not None]
    weight = sum((each for _, each in present), Decimal(0))
    if not weight or weight < chosen.least_share * sum(chosen.of.values(), Decimal(0)):
        return None
    return (sum((score * each for score, each in present), Decimal(0)) / weight).quantize(_TENTH)
