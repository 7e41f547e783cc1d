"""How the page says amounts, changes, ages and names; and the escape everything of a document goes through."""

from __future__ import annotations

import html
from decimal import Decimal

from chalicelib.model import Signal, Window

MINUS = "\N{MINUS SIGN}"
TITLES = {
    "bond-issuance": "Tech bond issuance",
    "bdc-discount": "BDC discount to NAV",
    "credit-fund": "Credit-fund marks",
    "bank-provision": "Bank provisions",
}
PERIODS = {"week": ("week", "weeks"), "day": ("session", "sessions"), "quarter": ("quarter", "quarters")}


def e(value: object) -> str:
    """`value` as text of HTML, quotes escaped too."""
    return html.escape("" if value is None else str(value), quote=True)


def title_of(scraper: str) -> str:
    """The scraper's name on the page."""
    return TITLES.get(scraper, scraper)


def amount(value: Decimal, unit: str) -> str:
    """`$47.50 bn`, `$12.3 m`, `9.31 %`; another unit stands behind its number."""
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if unit == "ratio":
        return f"{sign}{size * 100:.2f} %"
    if unit != "USD":
        return f"{sign}{size:f} {unit}"
    if size >= 1_000_000_000:
        return f"{sign}${size / 1_000_000_000:,.2f} bn"
    return f"{sign}${size / 1_000_000:,.1f} m" if size >= 1_000_000 else f"{sign}${size:,.0f}"


def change(signal: Signal) -> str:
    """The change in words, as HTML: points for ratios, dollars for dollars."""
    if signal.change is None:
        return "No earlier period to compare with"
    unit = signal.change_unit or signal.unit
    size = abs(signal.change)
    shown = f"{size * 100:.2f} points" if unit == "ratio" else amount(size, unit)
    on = f" on {e(signal.compared_with)}" if signal.compared_with else ""
    return f"{moved(signal.change, shown)}{on}"


def moved(by: Decimal, shown: str) -> str:
    """An arrow, a sign and the size of a move, as HTML."""
    arrow, sign = ("▲", "+") if by > 0 else ("▼", MINUS) if by < 0 else ("■", "±")
    return f'<span class="arrow" aria-hidden="true">{arrow}</span> {e(sign + shown)}'


def age(days: int) -> str:
    """How long ago."""
    if days < 1:
        return "today"
    return f"{days} days old" if days > 1 else "1 day old"


def count(number: int, one: str, many: str) -> str:
    """`1 week`, `2 weeks`."""
    return f"{number:,} {one if number == 1 else many}"


def span(window: Window) -> str:
    """The window's days in words: `17 to 23 Nov 2025`, `20 Nov 2026`, `Jul to Sep 2026`."""
    first, last = window.first, window.last
    if window.kind == "quarter":
        return f"{first:%b} to {last:%b %Y}"
    if window.kind == "day":
        return f"{last.day} {last:%b %Y}"
    begin = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{begin} to {last.day} {last:%b %Y}"
