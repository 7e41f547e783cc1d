"""Which net asset value of a fund stands on a day: releases, tagged values and earlier ones set against each other. Pure.

The latest day comes first. A final value that EDGAR's agrees with to the cent is sure; one that moves too far from the value
before it is held until a second source agrees; values that contradict each other are told, and hold the fund.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from chalicelib.model import Confidence, Observation

WITHDRAWAL = "nav-withdrawn"
"""The kind of an observation that unsays the values of its day that were known before it."""
OLDEST = timedelta(days=200)
"""A value older than this says nothing of the share any more."""
TOO_FAR = Decimal("0.15")
"""A move on the value before that a second source must confirm."""
CENT = Decimal("0.005")
_SLIGHT = Decimal("0.01")


@dataclass(frozen=True)
class Standing:
    """The value that counts, or why none does. `origin`: who published it; `told`: what must be said of it."""

    value: Decimal | None
    as_of: date | None
    kind: str
    origin: str
    confidence: Confidence
    source: str
    low: Decimal | None = None
    high: Decimal | None = None
    told: tuple[str, ...] = ()
    known_at: datetime | None = None


NONE = Standing(None, None, "", "", "low", "")


def standing(values: Sequence[Observation], day: date) -> Standing:
    """What stands on `day` of one fund's `values`, with all that was passed over on the way."""
    told: list[str] = []
    days = sorted({each.as_of for each in values if day - OLDEST <= each.as_of <= day}, reverse=True)
    for as_of in days:
        own = [each for each in values if each.as_of == as_of]
        if gone := max((each.known_at for each in own if each.kind == WITHDRAWAL), default=None):
            told.append(f"{as_of}: what was released before {gone:%Y-%m-%d} is withdrawn")
            own = [each for each in own if each.kind != WITHDRAWAL and each.known_at >= gone]
        found = _on(own, _before(values, as_of))
        told += found.told
        if found.value is not None:
            return Standing(**{**vars(found), "told": tuple(told)})
    return Standing(**{**vars(NONE), "told": tuple(told)})


def _before(values: Sequence[Observation], as_of: date) -> Decimal | None:
    """The fund's value before `as_of`: tagged or final, the latest."""
    earlier = [each for each in values if each.as_of < as_of and each.value is not None and each.detail.get("kind") == "final"]
    if not earlier:
        return None
    last = max(each.as_of for each in earlier)
    amounts = sorted(each.value for each in earlier if each.as_of == last and each.value is not None)
    return amounts[len(amounts) // 2]


def _on(values: Sequence[Observation], before: Decimal | None) -> Standing:
    tagged = _newest([each for each in values if each.detail.get("origin") == "edgar"])
    finals = [each for each in values if each.detail.get("origin") != "edgar" and each.detail.get("kind") == "final"]
    if finals:
        return _final(finals, tagged, before)
    if tagged is not None:
        return _alone(tagged, before, "tagged in a report to EDGAR, no feed gives it")
    ranges = [each for each in values if each.detail.get("kind") == "preliminary-range"]
    if ranged := _newest(ranges):
        return _range(ranged, before)
    return Standing(**{**vars(NONE), "told": tuple(f"pro forma only for {each.as_of}" for each in values[:1])})


def _newest(values: Sequence[Observation]) -> Observation | None:
    return max(values, key=lambda each: (each.known_at, each.key), default=None)


def _final(finals: Sequence[Observation], tagged: Observation | None, before: Decimal | None) -> Standing:
    """A released value, with EDGAR's beside it where there is one; of several the one published last, an amendment."""
    newest = max(finals, key=lambda each: (each.known_at, each.confidence == "high", each.key))
    amounts = sorted({each.value for each in finals if each.value is not None})
    contending = sorted({each.value for each in finals if each.known_at == newest.known_at and each.value is not None})
    told = [f"released as {', '.join(map(str, amounts))} for {newest.as_of}; the last counts"] if len(amounts) > 1 else []
    value = newest.value or Decimal(0)
    if tagged is None or tagged.value is None:
        if len(contending) > 1:
            return _held(f"{newest.as_of}: released at once as {', '.join(map(str, contending))}")
        return _alone(newest, before, *told)
    if abs(tagged.value - value) <= CENT:
        return _stands(newest, "high", told)
    agreed = [each for each in finals if each.value is not None and abs(each.value - tagged.value) <= CENT]
    told.append(f"{newest.as_of}: released {value}, tagged {tagged.value}")
    if agreed:
        return _stands(agreed[0], "medium", told)
    if abs(tagged.value - value) > _SLIGHT * value:
        return _held(*told, "the two sources are too far apart")
    return _stands(newest, "low", told)


def _alone(only: Observation, before: Decimal | None, *told: str) -> Standing:
    """A value without a second source counts unless it moved too far from the one before."""
    value = only.value or Decimal(0)
    if before is not None and before > 0 and abs(value - before) > TOO_FAR * before:
        return _held(
            *told, f"{only.as_of}: {value} is more than {TOO_FAR:.0%} from {before} before it; held until a second source agrees"
        )
    return _stands(only, "medium", told)


def _range(ranged: Observation, before: Decimal | None) -> Standing:
    low, high = (Decimal(str(ranged.detail[name])) for name in ("low", "high"))
    middle = (low + high) / 2
    if before is not None and before > 0 and abs(middle - before) > TOO_FAR * before:
        return _held(
            f"{ranged.as_of}: {low}-{high} is more than {TOO_FAR:.0%} from {before} before it; held until a second source agrees"
        )
    return Standing(
        middle, ranged.as_of, "preliminary-range", str(ranged.detail.get("origin", "")), "low", ranged.source, low, high,
        (f"preliminary {low}-{high} for {ranged.as_of}; its middle is used",), ranged.known_at,
    )  # fmt: skip


def _stands(each: Observation, confidence: Confidence, told: Sequence[str]) -> Standing:
    origin = str(each.detail.get("origin", ""))
    return Standing(each.value, each.as_of, "final", origin, confidence, each.source, None, None, tuple(told), each.known_at)


def _held(*told: str) -> Standing:
    return Standing(**{**vars(NONE), "told": tuple(told)})


def split_between(splits: Sequence[Observation], nav_day: date, price_day: date) -> Iterator[str]:
    """Each split that parts a NAV from a price, in words."""
    for each in splits:
        if nav_day < each.as_of <= price_day and each.value:
            words = f"{each.value:f}:1" if each.value >= 1 else f"1:{(1 / each.value).normalize():f} (reverse)"
            yield f"a split of {words} on {each.as_of} lies between the net asset value of {nav_day} and the price of {price_day}"
