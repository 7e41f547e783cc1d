"""Amounts as a reader wants them, the same in every message, alert and table: `USD 7.2 bn`, `12.0 %`, `0.31 USD/share`."""

from __future__ import annotations

import re
from decimal import Decimal

_MAGNITUDES = ((Decimal(10) ** 12, "tn"), (Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))
_ROUNDED = Decimal("0.99995")
"""From this share of a magnitude on an amount shows as one of it: `USD 1.0 bn`, never `USD 1,000.0 m`."""


def amount(value: Decimal | None, unit: str) -> str:
    """A short amount: `USD 7.2 bn`, `12.0 %` for a ratio of 0.12, `0.31 USD/share`."""
    if value is None:
        return "not available"
    if unit == "ratio":
        return f"{value * 100:,.1f} %"
    if unit == "pct":
        return f"{value:,.2f} %"
    if re.fullmatch(r"[A-Z]{3}", unit):
        for size, name in _MAGNITUDES:
            if abs(value) >= size * _ROUNDED:
                return f"{unit} {value / size:,.1f} {name}"
        return f"{unit} {value:,.0f}"
    return f"{_plain(value)} {unit}".strip() if unit not in ("", "count") else _plain(value)


def exactly(value: Decimal, unit: str) -> str:
    """The short amount with all its digits beside it, when they differ: `USD 7.2 bn (7,234,567,890)`."""
    short = amount(value, unit)
    if unit in ("ratio", "pct"):
        return f"{value * (100 if unit == 'ratio' else 1):,.2f} %"
    return f"{short} ({_plain(value)})" if short.endswith((" tn", " bn", " m")) else short


def points(ratio: Decimal) -> str:
    """A difference of two ratios: `5.1 percentage points`; the sign is the sentence's."""
    return f"{abs(ratio) * 100:.1f} percentage points"


def _plain(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return f"{value:,.0f}" if whole else f"{value.normalize():,f}"
