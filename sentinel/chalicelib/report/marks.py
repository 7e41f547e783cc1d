"""Credit-fund marks for the page: same-fund change of gross assets, what of it were flows and marks, and the funds behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chalicelib.model import Observation, Signal, Window
from chalicelib.report.shown import Documents, Past, chart, mapping, number, rows, text

MOST_ROWS = 2500


def section(past: Past, read: Sequence[Observation], documents: Documents) -> dict[str, Any]:
    """Chart and table. `read` are the marks of the newest quarters."""
    label = text(past.latest.data.get("label")) if past.latest else ""
    names = {
        "id": "marks",
        "title": "Credit funds: same-fund change of gross assets",
        "unit": "ratio",
        "note": f"{label[:1].upper()}{label[1:]}. Bars split the change of net assets into flows and marks, as shares of gross "
        "assets before, over the funds that allow it." if label else "",
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
    """A row a fund and quarter; what the signal tells of a fall stands in the row of the mark it speaks of."""
    columns = [
        ("Quarter", "day"), ("Fund", "wide"), ("Source", "text"), ("Gross assets", "usd"), ("Before", "usd"), ("Change", "ratio"),
        ("Net change", "ratio"), ("Flow", "usd"), ("Mark", "usd"), ("Confidence", "text"), ("Read from", "words"),
    ]  # fmt: skip
    falls = {
        (signal.window, text(fund["name"]), number(fund["now"])): (told, fund)
        for signal, _ in past.signals
        for told in [_main(signal)]
        for fund in rows(told.get("fallen"))
    }
    lines: list[_Line] = []
    known = {_place(each, Window.quarter_of(each.as_of)): each for each in read}
    for each in read:
        quarter, fund = Window.quarter_of(each.as_of).name, text(each.subject)
        _, fall = falls.pop((quarter, fund, number(each.value)), ({}, {}))
        before = known.get(_place(each, Window.quarter_of(each.as_of).before()))
        moves = {**_moved(each, before), **fall, "flow": fall.get("flow") or each.detail.get("flow")}
        lines.append(_Line(quarter, fund, text(each.kind, 20), each.value, moves, each.confidence, each.source, each.words))
    for (quarter, fund, _), (told, fall) in falls.items():
        label, words = text(told.get("label"), 40), f"{told.get('label')}: {fall['name']} {fall['now']}"
        lines.append(_Line(quarter, fund, label, Decimal(str(fall["now"])), fall, "", str(fall["document"]), words))
    lines.sort(key=lambda line: (line.quarter, line.fell, line.value or 0), reverse=True)
    left = len(lines) - MOST_ROWS
    return {
        "caption": "Every fund of the newest quarters, and earlier funds that fell by more than a twentieth",
        "columns": columns,
        "rows": [line.row(documents) for line in lines[:MOST_ROWS]],
        "note": f"{left} more marks are in the export." if left > 0 else "",
    }


def _place(mark: Observation, quarter: Window) -> tuple[str, str, str]:
    return mark.kind, str(mark.detail.get("fund_id") or mark.subject), quarter.name


def _moved(mark: Observation, before: Observation | None) -> Mapping[str, Decimal]:
    """How a quarterly filer's gross and net assets stand against the quarter before; nothing for any other."""
    if before is None or mark.detail.get("frequency") != "quarterly" or not before.value or mark.value is None:
        return {}
    now, then = (mapping(each.detail.get("amounts")).get("net_asset_value") for each in (mark, before))
    net = _ratio(Decimal(str(now)), Decimal(str(then))) if now and then and Decimal(str(then)) > 0 else None
    moved = {"before": before.value, "change": _ratio(mark.value, before.value)}
    return moved if net is None else {**moved, "net_change": net}


def _ratio(now: Decimal, before: Decimal) -> Decimal:
    return ((now - before) / before).quantize(Decimal("0.000001"))


@dataclass(frozen=True)
class _Line:
    """A fund in a quarter; `moves` is what the signal tells of its fall, and its flow."""

    quarter: str
    fund: str
    source: str
    value: Decimal | None
    moves: Mapping[str, Any]
    confidence: str
    address: str
    words: str

    @property
    def fell(self) -> bool:
        """Whether the signal tells of its fall: such rows stand first."""
        return "fund_id" in self.moves

    def row(self, documents: Documents) -> list[Any]:
        document = documents.number(self.address, self.words)
        moves = [number(self.moves.get(name)) for name in ("before", "change", "net_change", "flow", "mark")]
        return [self.quarter, self.fund, self.source, [number(self.value), document], *moves, self.confidence, document]
