"""Which rules a quarter's signal breaks, and the quarter as a table for a reader. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from chalicelib.amounts import amount
from chalicelib.model import LEVELS, Alert, Level, Observation, Signal, Window
from chalicelib.ports import Table
from chalicelib.scrapers.bank_provision import summary

LIMITS: Mapping[str, Decimal] = {
    "rise_ratio": Decimal("0.20"),
    "rise_ratio_medium": Decimal("0.25"),
    "rise_ratio_high": Decimal("0.50"),
    "turn_usd": Decimal(50_000_000),
}
"""Rise of the same banks' sum on the quarter before; and, where no ratio is defined, the rise in dollars that alerts."""
_TIERS: Mapping[Level, str] = {"alert": "rise_ratio", "medium": "rise_ratio_medium", "high": "rise_ratio_high"}


def alerts(signal: Signal, history: Sequence[Signal], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
    """`provision-rise` by ratio; `provision-turn` in dollars when the base is zero, negative or of the other sign."""
    del history
    if signal.headline is None or signal.change is None:
        return
    before, after = signal.headline - signal.change, signal.headline
    changed, since = summary.ratio(before, after), signal.compared_with or ""
    moved = f"{amount(before, 'USD')} to {amount(after, 'USD')}"
    words = f"provisions for lending to non-bank financial firms went from {moved}"
    banks = len(_list(signal, "same_bank"))
    same = f"the same {banks} {'bank' if banks == 1 else 'banks'} in both quarters; {summary.SCOPE}"
    if changed is not None and (level := _level(changed, limits)):
        least = limits[_TIERS[level]]
        why = f"up {amount(changed, 'ratio')} on the quarter before; {same}"
        crossed = (before * (1 + least)).quantize(Decimal(1))
        limit = f"a rise of more than {amount(least, 'ratio')} on the quarter before: to above {amount(crossed, 'USD')}"
        yield Alert("provision-rise", level, words, before, after, crossed, "USD", why, signal.contributors, since, limit)
    if changed is None and signal.change > limits["turn_usd"]:
        least = limits["turn_usd"]
        limit = f"a rise of more than {amount(least, 'USD')} from nothing or a release"
        why = f"up {amount(signal.change, 'USD')} from a quarter that allows no per cent; {same}"
        yield Alert("provision-turn", "alert", words, before, after, least, "USD", why, signal.contributors, since, limit)


def _level(changed: Decimal, limits: Mapping[str, Decimal]) -> Level | None:
    return next((level for level in reversed(LEVELS) if changed > limits[_TIERS[level]]), None)


def _list(signal: Signal, name: str) -> Sequence[object]:
    value = signal.data.get(name)
    return value if isinstance(value, list | tuple) else ()


def dollars(value: Decimal | None) -> str:
    """`$12.3 m`, a release `-$3.0 m`; a dash for what is not disclosed."""
    if value is None:
        return "-"
    return f"{'-' if value < 0 else ''}${abs(value) / 1_000_000:,.1f} m"


def table(signal: Signal, found: Sequence[Observation]) -> Table:
    """Every bank's answer of the quarter, and what the disclosing ones add up to."""
    window = Window.parse(signal.window)
    now, before = summary.quarter(found, window), summary.quarter(found, window.before())
    rows = [_row(ticker, each, before.answers.get(ticker)) for ticker, each in sorted(now.answers.items())]
    headline = "not available" if signal.headline is None else dollars(signal.headline)
    notes = [f"Sum {headline}; {len(now.disclosed)} of {len(now.answers)} banks disclose; confidence {signal.confidence}"]
    if signal.change is not None and signal.headline is not None:
        changed = signal.data.get("change_ratio")
        shown = f" ({Decimal(str(changed)):+.1%})" if changed is not None else ""
        notes.append(f"Change on {signal.compared_with}, same banks: {dollars(signal.change)}{shown}")
    if signal.withheld:
        notes.insert(0, f"Nothing published: {signal.withheld}")
    notes.append(f"Scope: {summary.SCOPE}")
    columns = (
        "Bank",
        "Quarter ends",
        "Status",
        "Provision",
        "Before",
        "Exposure",
        "Total provision",
        "Method",
        "Members",
        "Confidence",
    )
    return Table(f"Bank provisions for non-bank financial lending {signal.window}", columns, rows, notes)


def _row(ticker: str, each: Observation, before: Observation | None) -> list[str]:
    members = each.detail.get("members")
    return [
        ticker,
        each.as_of.isoformat(),
        str(each.detail.get("status")),
        dollars(each.value),
        dollars(before.value if before else None),
        dollars(_number(each.detail.get("exposure"))),
        dollars(_number(each.detail.get("total_provision"))),
        str(each.detail.get("method")),
        ", ".join(str(member).removesuffix("Member") for member in members) if isinstance(members, list | tuple) else "",
        each.confidence,
    ]


def _number(text: object) -> Decimal | None:
    return None if text is None else Decimal(str(text))
