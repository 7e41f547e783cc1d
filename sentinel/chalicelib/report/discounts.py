"""BDC discounts for the page: median and band, each fund as a thin line, and the day's prices and values behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from chalicelib.model import Observation, Signal
from chalicelib.report.shown import Documents, Past, chart, mapping, number, text

_LOW, _HIGH = 0, 8


def section(past: Past, read: Sequence[Observation], documents: Documents) -> dict[str, Any]:
    """Chart and table. `read` are the prices and net asset values kept; the table is made day by day from columns."""
    names = {
        "id": "discounts",
        "title": "BDC discount to net asset value",
        "unit": "ratio",
        "note": "Discount = (NAV - price) / NAV, positive below NAV. Band: first to ninth decile. Thin lines: one fund each.",
    }
    drawn, places = chart(past, timedelta(days=10), names)
    drawn["series"] += [
        {"label": "Median", "kind": "line", "values": [_figure(each, "median") for each in places]},
        {
            "label": "Mean (headline)",
            "kind": "dashed",
            "values": [None if each is None else number(each.headline) for each in places],
        },
        {"label": "Lowest tenth", "kind": "low", "values": [_decile(each, _LOW) for each in places]},
        {"label": "Highest tenth", "kind": "high", "values": [_decile(each, _HIGH) for each in places]},
    ]
    funds = _funds(places, read, documents)
    drawn["series"] += [
        {"label": text(f"{ticker}", 12), "kind": "thin", "values": fund["discount"]} for ticker, fund in funds.items()
    ]
    drawn["thresholds"] += _thresholds(past)
    table = {
        "caption": "Every fund on the day chosen",
        "columns": [
            ("Fund", "text"), ("Name", "wide"), ("Discount", "ratio"), ("Price", "money"), ("Price of", "day"), ("NAV", "money"),
            ("NAV of", "day"), ("NAV kind", "text"), ("Confidence", "text"), ("Left out", "text"), ("NAV read from", "words"),
        ],
        "funds": funds,
        "rows": [],
        "note": "",
    }  # fmt: skip
    return {"chart": drawn, "table": table}


def _figure(signal: Signal | None, name: str) -> float | int | None:
    return None if signal is None or signal.headline is None else number(signal.data.get(name))


def _decile(signal: Signal | None, place: int) -> float | int | None:
    deciles = signal.data.get("deciles") if signal is not None and signal.headline is not None else None
    return number(deciles[place]) if isinstance(deciles, list | tuple) and len(deciles) > place else None


def _thresholds(past: Past) -> list[dict[str, Any]]:
    """The alert limit is of the mean's change, so it is drawn around the last session's mean, for the next session."""
    last = past.latest
    limit = past.limits.get("mean_change_alert")
    if last is None or last.headline is None or limit is None:
        return []
    return [
        {"value": number(last.headline + side * limit), "label": f"alert if the next mean is {words}", "newest": True}
        for side, words in ((1, "above"), (-1, "below"))
    ]


def _funds(places: Sequence[Signal | None], read: Sequence[Observation], documents: Documents) -> dict[str, dict[str, Any]]:
    """Columns by fund: what stood on each day, net asset values and notes by number in lists of their own."""
    prices: dict[tuple[str, date], Observation] = {}
    values: dict[tuple[str, str, str], Observation] = {}
    for each in read:
        if each.kind == "price":
            prices[each.subject, each.as_of] = each
        elif each.kind == "nav":
            values[each.subject, each.as_of.isoformat(), each.source] = each
    funds: dict[str, dict[str, Any]] = {}
    known: dict[str, dict[Sequence[Any], int]] = {}
    for n, signal in enumerate(places):
        for ticker, told in mapping(signal.data.get("bdcs")).items() if signal else ():
            fund = funds.get(ticker)
            if fund is None:
                fund = funds[ticker] = _empty(len(places))
            fund["name"] = text(told.get("name"))
            fund["discount"][n] = number(told.get("discount"))
            fund["price"][n] = number(told.get("price"))
            fund["why"][n] = _listed(fund["whys"], text(told.get("missing"), 200)) if told.get("missing") else None
            day = str(told.get("price_day") or "")
            if day and signal is not None:
                fund["late"][n] = None if day == signal.as_of.isoformat() else day
                price = prices.get((ticker, date.fromisoformat(day)))
                fund["paid"][n] = documents.number(price.source, price.words, day) if price else None
            fund["nav"][n] = _value(fund, known.setdefault(ticker, {}), told, values.get(_fact(ticker, told)), documents)
    return funds


def _fact(ticker: str, told: Mapping[str, Any]) -> tuple[str, str, str]:
    """Which observation a fund's net asset value was."""
    return ticker, str(told.get("nav_as_of")), str(told.get("nav_source"))


def _empty(length: int) -> dict[str, Any]:
    columns = ("discount", "price", "paid", "late", "nav", "why")
    return {"name": "", "navs": [], "whys": [], **{name: [None] * length for name in columns}}


def _listed(whys: list[str], words: str) -> int:
    if words not in whys:
        whys.append(words)
    return whys.index(words)


def _value(
    fund: dict[str, Any],
    known: dict[Sequence[Any], int],
    told: Mapping[str, Any],
    observed: Observation | None,
    documents: Documents,
) -> int | None:
    """The number, in the fund's own list, of the net asset value that stood; `known` are those that are in it."""
    if told.get("nav") is None:
        return None
    source = str(told.get("nav_source"))
    mark = (told["nav"], told.get("nav_as_of"), told.get("nav_kind"), told.get("confidence"), source)
    if mark not in known:
        document = documents.number(source, observed.words if observed else "")
        known[mark] = len(fund["navs"])
        fund["navs"].append(
            [number(told["nav"]), told.get("nav_as_of"), text(told.get("nav_kind"), 30), told.get("confidence"), document]
        )
    return known[mark]
