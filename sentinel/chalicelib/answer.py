"""Results as plain JSON values: what a Lambda function answers and what the terminal prints with `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.backtest import Fired, Worth
    from chalicelib.engine import Result
    from chalicelib.model import Contributor, Notice, Signal
    from chalicelib.ports import Dispatch

_EXACT_DIGITS = 15
"""A decimal of so many significant digits prints from a binary double exactly as it was (IEEE 754, double)."""
_NOTICES_SHOWN = 50


def plain(value: object) -> object:
    """`value` with every Decimal as a JSON number of the same digits (text where a number would lose some)."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no amount")
        if value == value.to_integral_value():
            return int(value)
        return float(value) if len(value.normalize().as_tuple().digits) <= _EXACT_DIGITS else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def stamp(instant: datetime) -> str:
    """`2024-01-15T10:30:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def of_signal(signal: Signal) -> dict[str, object]:
    """A signal's figures, the scraper's own under `data`."""
    return {
        "headline": signal.headline,
        "unit": signal.unit,
        "as_of": signal.as_of,
        "change": signal.change,
        "change_unit": signal.change_unit or signal.unit,
        "compared_with": signal.compared_with,
        "coverage": signal.coverage,
        "confidence": signal.confidence,
        "withheld": signal.withheld,
        "contributors": [_contributor(each) for each in signal.contributors],
        "data": signal.data,
    }


def of_dispatch(dispatch: Dispatch) -> dict[str, object]:
    """An alert as an answer names it."""
    alert = dispatch.alert
    return {
        "id": dispatch.id,
        "rule": dispatch.rule,
        "level": dispatch.level or "resolved",
        "message": alert.headline,
        "before": alert.before,
        "after": alert.after,
        "threshold": alert.threshold,
        "unit": alert.unit,
        "why": alert.why,
        "contributors": [_contributor(each) for each in alert.contributors],
        "sent_at": dispatch.sent_at,
    }


def of_backtest(name: str, limits: Mapping[str, Decimal], fired: Sequence[Fired], worth: Worth | None) -> dict[str, Any]:
    """A back-test: the thresholds tried, every alert that would have fired, and what they were worth."""
    alerts = [
        {
            "at": stamp(each.at),
            "window": each.window,
            "rule": each.alert.rule,
            "level": each.alert.level,
            "message": each.alert.headline,
            "before": each.alert.before,
            "after": each.alert.after,
            "threshold": each.alert.threshold,
            "unit": each.alert.unit,
        }
        for each in fired
    ]
    told = worth and {
        "true": worth.true,
        "false": worth.false,
        "undecided": worth.undecided,
        "false_alarm_rate": worth.false_alarm_rate,
        "events": worth.events,
        "missed": worth.missed,
        "leads_days": worth.leads,
        "median_lead_days": worth.median_lead_days,
    }
    return {"scraper": name, "limits": limits, "alerts": alerts, "worth": told}


def of_notices(notices: Sequence[Notice]) -> list[dict[str, object]]:
    """The first notices, whole; how many there are stands beside them."""
    return [asdict(notice) for notice in notices[:_NOTICES_SHOWN]]


def _contributor(each: Contributor) -> dict[str, object]:
    return {"name": each.name, "value": each.value, "source": each.source}


def of_result(name: str, result: Result) -> dict[str, object]:
    """A run's success body: what it read, what it concludes, what it alerts of."""
    summary: dict[str, object] = {
        "state": result.state,
        "items": {
            "total": result.total,
            "done": result.count("done"),
            "parked": result.count("parked"),
            "failed": result.count("failed"),
        },
        "data_points": sum(outcome.observations for outcome in (result.outcomes or {}).values()),
        "notices": of_notices(result.notices),
        "notices_total": len(result.notices),
    }
    if result.signal:
        summary |= of_signal(result.signal)
    return {
        "success": True,
        "scraper": name,
        "run_id": result.run_id,
        "window": result.window,
        "data_summary": summary,
        "alerts": [of_dispatch(each) for each in result.dispatches],
    }
