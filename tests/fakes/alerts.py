"""Alerts, signals and dispatches as tests want them, with one thing or another changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.model import Alert, Contributor, Signal
from chalicelib.ports import Dispatch

if TYPE_CHECKING:
    from chalicelib.model import Level

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DEAL = "https://www.sec.gov/Archives/edgar/data/1/000000000126000001/deal.htm"
CONTRIBUTORS = (
    Contributor("Example Cloud Inc.", Decimal(4_500_000_000), DEAL),
    Contributor("Sample Chips Corp.", Decimal(2_734_567_890), "https://www.sec.gov/Archives/edgar/data/2/chips.htm"),
)


def alert(**changes: Any) -> Alert:
    given: dict[str, Any] = {
        "rule": "weekly-volume",
        "level": "medium",
        "headline": "Investment-grade tech issuance rose to USD 7.2 bn",
        "before": Decimal(3_100_000_000),
        "after": Decimal(7_234_567_890),
        "threshold": Decimal(5_000_000_000),
        "unit": "USD",
        "why": "the week is above USD 5 bn and in the top 10 % of its last 104 weeks",
        "contributors": CONTRIBUTORS,
        "since": "2026-W46",
        "limit": "more than USD 5.0 bn in a week",
    }
    return Alert(**{**given, **changes})


def signal(**changes: Any) -> Signal:
    given: dict[str, Any] = {
        "scraper": "bond-issuance",
        "window": "2026-W47",
        "as_of": date(2026, 11, 22),
        "headline": Decimal(7_234_567_890),
        "unit": "USD",
        "coverage": Decimal("0.975"),
        "confidence": "high",
        "contributors": CONTRIBUTORS,
    }
    return Signal(**{**given, **changes})


def dispatch(level: Level | None = "medium", **changes: Any) -> Dispatch:
    given: dict[str, Any] = {
        "id": f"bond-issuance/2026-W47/weekly-volume/{level or 'resolved'}/1",
        "run_id": "bond-issuance/2026-W47",
        "scraper": "bond-issuance",
        "rule": "weekly-volume",
        "level": level,
        "alert": alert(level=level or "medium"),
        "created_at": NOW,
    }
    return Dispatch(**{**given, **changes})
