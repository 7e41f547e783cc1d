"""Credit-fund marks for the page: same-fund change of gross assets, what of it were flows and marks, and the funds behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chalicelib.model import Observation, Signal
from chalicelib.report.shown import Documents, Past, chart, mapping, number, rows, text

MOST_ROWS = 2500


def section(past: Past, read: Sequence[Observation], documents: Documents) -> dict[str, Any]:
    """Chart and table. `read` are the marks of the newest quarters."""
    label = text(past.latest.data.get("label")) if past.latest else ""
    names = {
        "id": "marks",
        "title": "Credit funds: same-fund change of gross assets",
        "unit": "ratio",
        "note": f"{label}. Bars split the change of net assets into flows and marks, as shares of gross assets before, "
        "over the funds that allow it." if label else "",
    }  # fmt: skip
    drawn, places = chart(past, timedelta(days=150), names)
    told = [_main(each) for each in places]
    drawn["series"] += [
        {"label": "Flows", "kind": "stack", "values": [_share(each, "flow") for each in told]},
        {"label": "Marks", "kind": "stack", "values": [_share(each, "mark") for each in told]},
        {
            "label": "Gross assets (headline)",
            "kind": "line",
            "values": [None if each is None else number(each.headline) for each in places],
        },
        {"label": "Net assets", "kind": "dashed", "values": [number(each.get("net_change")) for each in told]},
    ]
    for name in ("n-port", "bdc"):
        values = [_proxy(each, name) for each in places]
        if any(value is not None for value in values):
            drawn["series"].append({"label": f"Open proxy: {name}", "kind": "dashed", "values": values})
    for level in ("alert", "medium", "high"):
        if level in past.limits:
            drawn["thresholds"].append({"value": number(-past.limits[level]), "label": f"{level} below"})
    return {"chart": drawn, "table": _table(past, read, documents)}


def _main(signal: Signal | None) -> Mapping[str, Any]:
    """The comparison the headline is of."""
    if signal is None:
        return {}
    source, basis = signal.data.get("source"), signal.data.get("basis")
    group = mapping(signal.data.get("form_pf")) if source == "form-pf" else mapping(signal.data.get("proxy"))
    return mapping(group.get(str(basis if source == "form-pf" else source)))


def _proxy(signal: Signal | None, name: str) -> float | int | None:
    """An open proxy's own change where it is not the headline."""
    if signal is None or signal.data.get("source") == name:
        return None
    return number(mapping(mapping(signal.data.get("proxy")).get(name)).get("change"))


def _share(told: Mapping[str, Any], name: str) -> float | int | None:
    split = mapping(told.get("split"))
    before = Decimal(str(told.get("gross_before") or 0))
    if not split.get("funds") or not before:
        return None
    return number((Decimal(str(split[name])) / before).quantize(Decimal("0.000001")))


def _table(past: Past, read: Sequence[Observation], documents: Documents) -> dict[str, Any]:
    columns = [
        ("Quarter", "day"), ("Fund", "text"), ("Kind", "text"), ("Gross assets", "usd"), ("Before", "usd"), ("Change", "ratio"),
        ("Net change", "ratio"), ("Flow", "usd"), ("Mark", "usd"), ("Sure", "text"), ("Read from", "words"),
    ]  # fmt: skip
    body: list[Sequence[Any]] = []
    for signal, _ in reversed(past.signals):
        told = _main(signal)
        for fund in rows(told.get("fallen")):
            document = documents.number(str(fund["document"]), f"{told.get('label')}: {fund['name']} {fund['now']}")
            body.append([
                signal.window, text(fund["name"]), "fell", [number(fund["now"]), document], number(fund["before"]),
                number(fund["change"]),
                number(fund.get("net_change")), number(fund.get("flow")), number(fund.get("mark")), "", document,
            ])  # fmt: skip
    for each in sorted(read, key=lambda one: (one.as_of, one.value or 0), reverse=True):
        document = documents.number(each.source, each.words)
        body.append([
            f"{each.as_of.year}Q{(each.as_of.month + 2) // 3}", text(each.subject), text(each.kind, 20),
            [number(each.value), document],
            None, None, None, number(each.detail.get("flow")), None, each.confidence, document,
        ])  # fmt: skip
    left = len(body) - MOST_ROWS
    return {
        "caption": "Funds that fell by more than a twentieth, and every mark of the newest quarters",
        "columns": columns,
        "rows": body[:MOST_ROWS],
        "note": f"{left} more marks are in the export." if left > 0 else "",
    }
