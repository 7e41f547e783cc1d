"""Weekly issuance for the page: dollars stacked by issuer, the weighted coupon, and every tranche behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chalicelib.model import Observation
from chalicelib.report.shown import Documents, Past, chart, mapping, number, rows, stacks, text

MOST_ROWS = 6000


def section(past: Past, words: Mapping[str, Observation], documents: Documents) -> dict[str, Any]:
    """Chart and table. `words` holds the tranches as read, by key."""
    names = {
        "id": "bonds",
        "title": "Investment-grade tech notes priced, by week",
        "unit": "usd",
        "unit2": "percent",
        "note": "SEC-registered notes only, a lower bound: 144A, private and special-purpose debt is not in it.",
    }
    drawn, places = chart(past, timedelta(days=20), names)
    by_issuer: dict[str, list[Decimal | None]] = {}
    for n, signal in enumerate(places):
        for line in rows(signal.data.get("lines")) if signal else ():
            amounts = by_issuer.setdefault(str(line["issuer"]), [None] * len(places))
            amounts[n] = (amounts[n] or Decimal(0)) + Decimal(str(line["usd"]))
    drawn["series"] += stacks(by_issuer)
    totals = [None if each is None else number(each.headline) for each in places]
    drawn["series"].append({"label": "Total", "kind": "told", "values": totals})
    coupons = [None if each is None else number(each.data.get("weighted_coupon_pct")) for each in places]
    drawn["series"].append({"label": "Mean coupon", "kind": "dots", "scale": "y2", "values": coupons})
    limit = past.limits.get("weekly_volume_usd")
    if limit is not None:
        drawn["thresholds"].append({"value": number(limit), "label": "alert above"})
    return {"chart": drawn, "table": _table(past, words, documents)}


def _table(past: Past, words: Mapping[str, Observation], documents: Documents) -> dict[str, Any]:
    columns = [
        ("Week", "day"), ("Priced", "day"), ("Issuer", "text"), ("Notes", "wide"), ("Principal", "money"), ("Currency", "text"),
        ("In dollars", "usd"), ("Coupon", "percent"), ("Matures", "day"), ("Confidence", "text"), ("Read from", "words"),
    ]  # fmt: skip
    lines = [(signal.window, line) for signal, _ in reversed(past.signals) for line in rows(signal.data.get("lines"))]
    body: list[Sequence[Any]] = []
    for window, line in lines[:MOST_ROWS]:
        read = words.get(str(line.get("key")))
        document = documents.number(str(line["source"]), read.words if read else str(line.get("title") or ""))
        body.append([
            window, line["priced"], text(line["issuer"]), text(line.get("title"), 120), [number(line["principal"]), document],
            text(line["currency"], 8), [number(line["usd"]), document], number(line.get("coupon_pct")), line.get("maturity"),
            line["confidence"], document,
        ])  # fmt: skip
    left = len(lines) - MOST_ROWS
    return {
        "caption": "Every tranche in the weekly totals",
        "columns": columns,
        "rows": body,
        "note": f"The oldest {left} tranches are in the export." if left > 0 else "",
    }


def witnesses(past: Past) -> list[tuple[str, str, str]]:
    """Disagreements of the newest week: whose, the words with both values, the document."""
    told = mapping(past.latest.data.get("witnesses")) if past.latest else {}
    return [(str(each["issuer"]), str(each["words"]), str(each["source"])) for each in rows(told.get("disagreements"))]
