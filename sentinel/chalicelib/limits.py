"""Alert thresholds: each scraper's defaults overlaid by what the store keeps under "limits"; checked when set and when read.

Kept as `{"bdc-discount": {"change": "0.06"}}`, amounts as decimal text. `Store.keep` records every change with its time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from chalicelib.errors import BadEvent
from chalicelib.model import Json
from chalicelib.ports import Scraper, Services

KEPT = "limits"
"""The store's name for them."""
_TIERS = ("alert", "medium", "high")
_MOST = Decimal(10) ** 15
_LONGEST = 40

Limits = Mapping[str, Mapping[str, Decimal]]


def in_force(scraper: Scraper, services: Services) -> Mapping[str, Decimal]:
    """The scraper's thresholds as these services have them, its own defaults where they say nothing."""
    return {**scraper.LIMITS, **services.limits.get(scraper.NAME, {})}


def overlaid(kept: Json, defaults: Limits) -> Limits:
    """Every scraper's thresholds, the kept ones over the defaults.

    Raises `BadEvent` naming scraper, threshold and what is wrong: a run never goes on with thresholds nobody meant.
    """
    if kept is None:
        return {scraper: dict(own) for scraper, own in defaults.items()}
    if not isinstance(kept, Mapping):
        raise BadEvent("limits: expected an object of scrapers")
    for scraper in kept:
        if scraper not in defaults:
            raise BadEvent(f"limits: {str(scraper)[:_LONGEST]!r} is no scraper; expected one of {', '.join(sorted(defaults))}")
    result: dict[str, Mapping[str, Decimal]] = {}
    for scraper, own in defaults.items():
        given = kept.get(scraper, {})
        if not isinstance(given, Mapping):
            raise BadEvent(f"limits: {scraper}: expected an object of thresholds")
        amounts = {name: checked(scraper, name, value, own) for name, value in given.items()}
        result[scraper] = _in_order(scraper, {**own, **amounts}, own)
    return result


def changed(kept: Json, scraper: str, name: str, value: Json, defaults: Limits) -> Mapping[str, Json]:
    """What to keep so that `scraper`'s threshold `name` becomes `value` (None: its default again). Raises `BadEvent`."""
    overlaid(kept, defaults)
    whole = {each: dict(given) for each, given in kept.items() if isinstance(given, Mapping)} if isinstance(kept, Mapping) else {}
    own = whole.setdefault(scraper, {})
    if value is None:
        own.pop(name, None)
    elif scraper in defaults:
        own[name] = str(_meant(scraper, name, value, defaults[scraper]))
    overlaid(whole, defaults)
    return {each: given for each, given in whole.items() if given}


def changes(kept: Sequence[tuple[datetime, Json]], scraper: str) -> list[dict[str, Json | datetime]]:
    """Every change of `scraper`'s thresholds, oldest first: when, which one, to what (`default` where it was taken back)."""
    told: list[dict[str, Json | datetime]] = []
    before: Mapping[str, Json] = {}
    for at, value in kept:
        given = value.get(scraper) if isinstance(value, Mapping) else None
        now = given if isinstance(given, Mapping) else {}
        changed_now = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
        told += [{"at": at, "name": name, "value": now.get(name, "default")} for name in changed_now]
        before = now
    return told


def checked(scraper: str, name: str, value: Json, defaults: Mapping[str, Decimal]) -> Decimal:
    """The threshold `value` means. Raises `BadEvent` for an unknown name, text, NaN, infinity or a negative amount."""
    if name not in defaults:
        raise BadEvent(f"limits: {scraper} has no {str(name)[:_LONGEST]!r}; expected one of {', '.join(sorted(defaults))}")
    where = f"limits: {scraper} {name}: {str(value)[:_LONGEST]!r}"
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadEvent(f"{where} is no amount")
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise BadEvent(f"{where} is no amount") from None
    if not amount.is_finite():
        raise BadEvent(f"{where} is no finite amount")
    if amount < 0:
        raise BadEvent(f"{where} is negative")
    if amount > _MOST:
        raise BadEvent(f"{where} is larger than {_MOST:,}")
    return amount


def _meant(scraper: str, name: str, value: Json, defaults: Mapping[str, Decimal]) -> Decimal:
    """The threshold a person means: `5%` is 0.05; a ratio above 1 is refused unless it is written in per cent.

    `5` for five per cent would silence a rule for good.
    """
    if isinstance(value, str) and value.rstrip().endswith("%"):
        return checked(scraper, name, value.rstrip()[:-1], defaults) / 100
    amount = checked(scraper, name, value, defaults)
    if defaults[name] < 1 < amount:
        raise BadEvent(f"limits: {scraper} {name}: {amount} is {amount * 100:.0f} %: 5 % is 0.05 or 5%")
    return amount


def _in_order(scraper: str, limits: Mapping[str, Decimal], defaults: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    """The thresholds, refused when two tiers of one rule stand in another order than their defaults."""
    tiers: dict[str, list[str]] = {}
    for name in limits:
        stem, tier = _tier(name)
        if tier:
            tiers.setdefault(stem, []).append(name)
    for names in tiers.values():
        ordered = sorted(names, key=lambda name: _TIERS.index(_tier(name)[1]))
        for milder, graver in pairwise(ordered):
            if (defaults[graver] > defaults[milder] and limits[graver] < limits[milder]) or (
                defaults[graver] < defaults[milder] and limits[graver] > limits[milder]
            ):
                raise BadEvent(
                    f"limits: {scraper}: {graver} {limits[graver]} and {milder} {limits[milder]} are the wrong way round"
                )
    return limits


def _tier(name: str) -> tuple[str, str]:
    """A threshold's name without its tier, and the tier: `medium_top_share` is `top_share` and `medium`."""
    words = re.split("[-_]", name)
    tiers = [word for word in words if word in _TIERS]
    if len(tiers) != 1:
        return name, ""
    return "_".join(word for word in words if word != tiers[0]), tiers[0]
