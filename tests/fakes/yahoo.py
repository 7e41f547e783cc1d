"""Answers of Yahoo's chart service in its own JSON, and the few further pages yfinance asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
CRUMB = {"/yahoo/v1/test/getcrumb": "crumb", "/yahoo/": "ok", "/yahoo/consent": "ok"}
DELISTED = json.dumps(
    {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"}}}
)
EMPTY = json.dumps({"chart": {"result": [], "error": None}})


def opening(day: date) -> int:
    """The instant a daily bar carries: the session's opening."""
    return int(datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC).timestamp())


def chart(
    symbol: str,
    closes: Mapping[date, float | None],
    *,
    currency: str = "USD",
    zone: str = "America/New_York",
    splits: Mapping[date, tuple[int, int]] | None = None,
    dividends: Mapping[date, float] | None = None,
    adjusted: Sequence[float | None] | None = None,
) -> str:
    """A chart answer as Yahoo sends it; closes already adjusted for splits, as Yahoo's are."""
    days, values = list(closes), list(closes.values())
    events = {}
    if splits:
        events["splits"] = {
            str(opening(day)): {"date": opening(day), "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
            for day, (new, old) in splits.items()
        }
    if dividends:
        events["dividends"] = {str(opening(day)): {"amount": amount, "date": opening(day)} for day, amount in dividends.items()}
    result = {
        "meta": {
            "currency": currency,
            "symbol": symbol,
            "exchangeName": "NYQ",
            "instrumentType": "EQUITY",
            "firstTradeDate": 1097069400,
            "gmtoffset": -18000,
            "timezone": "EST",
            "exchangeTimezoneName": zone,
            "regularMarketPrice": next((value for value in reversed(values) if value is not None), None),
            "priceHint": 2,
            "currentTradingPeriod": {
                name: {"timezone": "EST", "start": 1740061800, "end": 1740085200, "gmtoffset": -18000}
                for name in ("pre", "regular", "post")
            },
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "max"],
        },
        "timestamp": [opening(day) for day in days],
        "indicators": {
            "quote": [dict.fromkeys(("open", "high", "low", "close"), values) | {"volume": [1000] * len(days)}],
            "adjclose": [{"adjclose": list(adjusted) if adjusted else values}],
        },
    }
    if events:
        result["events"] = events
    return json.dumps({"chart": {"result": [result], "error": None}})
