"""What the numbers of a Form PF record may look like: amounts in dollars, returns in per cent, yes and no. Pure.

Most are plain and pass one expression together; the others are looked at one by one, so that an error names the one.
"""

from __future__ import annotations

import re
from decimal import Decimal

MOST = Decimal(10_000_000_000_000)
"""USD; ten trillion is more than all private funds together hold."""

_AMOUNT = re.compile(r"-?\d{1,20}(\.\d{1,6})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T00:00:00\S{0,10}|Z)?", re.ASCII)
_PLAIN = r"(?:\d{1,12}+|NA)"
_RETURN = r"(?:-?(?:\d{1,2}+(?:\.\d{0,12}+)?+|\.\d{1,12}+)|\d{3,6}+(?:\.\d{0,12}+)?+|-100(?:\.0{0,12}+)?+|NA)(?![\d.])"
_AMOUNTS, _RETURNS = (re.compile(f"{each}(?: {each})*+", re.ASCII) for each in (_PLAIN, _RETURN))
"""Amounts below `MOST`, and returns in per cent of which none is below a total loss, joined by single spaces."""
_NOT_GIVEN = ("", "NA", "N/A")
_TOTALS = ("gross_asset_value", "net_asset_value")
_YES, _NO = ("true", "1", "y", "yes"), ("false", "0", "n", "no")


def amounts(found: dict[str, str]) -> str:
    """The amounts of a record, joined by spaces; raises `ValueError` naming the one that is no plausible number."""
    told = " ".join(found.values())
    if not _AMOUNTS.fullmatch(told) or told.count(" ") >= len(found):
        told = _unusual_amounts(found)
    gross, net = found.get(_TOTALS[0], "NA"), found.get(_TOTALS[1], "NA")
    if "NA" not in (gross, net) and Decimal(net) > Decimal(gross):
        raise ValueError(f"net_asset_value {net} is above gross_asset_value {gross}")
    return told


def _unusual_amounts(found: dict[str, str]) -> str:
    for name, text in found.items():
        if text.upper() in _NOT_GIVEN and (text or name not in _TOTALS):
            found[name] = "NA"
        elif not _AMOUNT.fullmatch(text):
            raise ValueError(f"{name} {text[:40]!r} is not a number")
        elif text.startswith("-"):
            raise ValueError(f"{name} {text} is negative")
        elif Decimal(text) > MOST:
            raise ValueError(f"{name} {text} is absurd: above {MOST}")
    return " ".join(found.values())


def returns(found: dict[str, str]) -> str:
    """The returns of a record, joined by spaces; raises `ValueError` naming the one that is none."""
    told = " ".join(found.values())
    if _RETURNS.fullmatch(told) and told.count(" ") < len(found):
        return told
    for name, text in found.items():
        if text.upper() in _NOT_GIVEN:
            found[name] = "NA"
        elif " " in text or not _RETURNS.fullmatch(text):
            raise ValueError(f"{name} {text[:40]!r} is not a percentage above a total loss")
    return " ".join(found.values())


def days(found: dict[str, str]) -> str:
    """Days, joined by spaces; not given is `NA`."""
    for name, text in found.items():
        if text.upper() in _NOT_GIVEN:
            found[name] = "NA"
        elif not _DAY.fullmatch(text):
            raise ValueError(f"{name} {text[:40]!r} is no date")
        else:
            found[name] = text[:10]
    return " ".join(found.values())


def flag(text: str | None) -> str:
    """`true`, `false`, or `none` where it is not given."""
    word = (text or "").lower()
    if word in ("", "na", "n/a"):
        return "none"
    if word not in _YES and word not in _NO:
        raise ValueError(f"{word[:20]!r} is neither true nor false")
    return "true" if word in _YES else "false"
