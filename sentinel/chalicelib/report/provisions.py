"""Bank provisions for the page: disclosed amounts stacked by bank, and every bank's answer behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chalicelib.model import Observation, Window
from chalicelib.report.shown import Documents, Past, chart, number, stacks, text


def section(past: Past, read: Sequence[Observation], documents: Documents) -> dict[str, Any]:
    """Chart and table. `read` are the banks' answers as kept."""
    names = {
        "id": "provisions",
        "title": "Disclosed provisions for lending to non-bank financial firms",
        "unit": "usd",
        "note": "Disclosed amounts of watched banks only, a lower bound. "
        "The line adds up the banks that disclose in both quarters.",
    }
    drawn, places = chart(past, timedelta(days=150), names)
    answers = _answers(read)
    by_bank: dict[str, list[Decimal | None]] = {}
    for n, signal in enumerate(places):
        disclosed = signal.data.get("disclosed") if signal else None
        for ticker in disclosed if isinstance(disclosed, list | tuple) else ():
            found = answers.get((str(ticker), signal.window if signal else ""))
            if found is not None:
                by_bank.setdefault(str(ticker), [None] * len(places))[n] = found.value
    drawn["series"] += stacks(by_bank)
    totals = [None if each is None else number(each.headline) for each in places]
    drawn["series"].append({"label": "Same banks (headline)", "kind": "line", "values": totals})
    drawn["thresholds"] += _threshold(past)
    return {"chart": drawn, "table": _table(answers, documents)}


def _threshold(past: Past) -> list[dict[str, Any]]:
    """The limit is a rise on the quarter before: drawn where the newest quarter's would begin."""
    last, rise = past.latest, past.limits.get("rise_ratio")
    if last is None or last.headline is None or last.change is None or rise is None or last.headline - last.change <= 0:
        return []
    return [
        {"value": number((last.headline - last.change) * (1 + rise)), "label": f"alert in {last.window} above", "newest": True}
    ]


def _answers(read: Sequence[Observation]) -> Mapping[tuple[str, str], Observation]:
    """The newest answer that speaks of a bank's quarter."""
    newest: dict[tuple[str, str], Observation] = {}
    for each in sorted((one for one in read if one.kind == "provision"), key=lambda one: (one.value is not None, one.known_at)):
        newest[each.subject, Window.quarter_of(each.as_of).name] = each
    return newest


def _table(answers: Mapping[tuple[str, str], Observation], documents: Documents) -> dict[str, Any]:
    columns = [
        ("Quarter", "day"), ("Bank", "text"), ("Status", "text"), ("Provision", "usd"), ("Exposure", "usd"),
        ("All provisions", "usd"),
        ("Confidence", "text"), ("Read from", "words"),
    ]  # fmt: skip
    body = []
    for (ticker, quarter), each in sorted(answers.items(), key=lambda one: (one[0][1], one[0][0]), reverse=True):
        document = documents.number(each.source, each.words)
        detail = each.detail
        body.append([
            quarter, text(ticker, 20), text(detail.get("status"), 30), [number(each.value), document],
            number(detail.get("exposure")),
            number(detail.get("total_provision")), each.confidence, document,
        ])  # fmt: skip
    return {"caption": "Every bank's answer", "columns": columns, "rows": body, "note": ""}
