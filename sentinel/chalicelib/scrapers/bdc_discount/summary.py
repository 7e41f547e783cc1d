"""The day's signal: each fund's discount with all it rests on, the universe's figures, how they moved, and the alerts. Pure.

discount = (NAV - price) / NAV, positive below NAV. The headline is the mean over the funds that can be trusted that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import cast

from chalicelib import sessions
from chalicelib.amounts import amount, points
from chalicelib.model import LEVELS, Alert, Confidence, Contributor, Json, Level, Observation, Signal, Window
from chalicelib.ports import Table
from chalicelib.scrapers.bdc_discount.standing import WITHDRAWAL, Standing, split_between, standing
from chalicelib.scrapers.bdc_discount.watchlist import Watched, bdcs

NAME = "bdc-discount"
LIMITS: Mapping[str, Decimal] = {
    "mean_change_alert": Decimal("0.05"),
    "mean_change_medium": Decimal("0.07"),
    "mean_change_high": Decimal("0.10"),
}
"""Absolute changes of the mean discount, on the session before and over 20 of them, above which there is an alert."""
COVERAGE = Decimal("0.8")
_STALEST_SESSIONS = 5
_LONG = 20
_DEEP = Decimal("0.2")
_PLACES = Decimal("0.000001")
_FRESH_SHARE = Decimal("0.5")


@dataclass(frozen=True)
class Fund:
    """One fund on the day: its price, the NAV that stands, and the discount, None with `missing` saying why."""

    ticker: str
    name: str
    price: Decimal | None
    price_day: date | None
    nav: Standing
    discount: Decimal | None
    missing: str
    stale_sessions: int
    told: tuple[str, ...]

    def json(self, day: date, before: Decimal | None) -> Mapping[str, Json]:
        """As the signal keeps it: amounts as decimal text."""
        nav = self.nav
        return {
            "name": self.name,
            "price": _text(self.price),
            "price_day": _iso(self.price_day),
            "stale_sessions": self.stale_sessions,
            "nav": _text(nav.value),
            "nav_low": _text(nav.low),
            "nav_high": _text(nav.high),
            "nav_as_of": _iso(nav.as_of),
            "nav_age_days": (day - nav.as_of).days if nav.as_of else None,
            "nav_kind": nav.kind,
            "nav_origin": nav.origin,
            "nav_source": nav.source,
            "confidence": nav.confidence,
            "discount": _text(self.discount),
            "change": _text(self.discount - before) if self.discount is not None and before is not None else None,
            "missing": self.missing,
            "told": list(self.told),
        }


def summarise(found: Sequence[Observation], history: Sequence[Signal], window: Window) -> Signal:
    """The signal of `window`'s day; without a headline when too few funds, or too few fresh prices, remain."""
    day = window.last
    due = [each for each in bdcs() if each.on(day)]
    horizon = _horizon(day)
    grouped: dict[str, list[Observation]] = {each.ticker: [] for each in due}
    for observation in found:
        in_time = observation.known_at <= horizon or observation.kind == "feeds"
        if observation.subject in grouped and observation.as_of <= day and in_time:
            grouped[observation.subject].append(observation)
    funds = [_fund(each, grouped[each.ticker], day) for each in due]
    counted = [fund for fund in funds if fund.discount is not None]
    discounts = sorted(fund.discount for fund in counted if fund.discount is not None)
    coverage = Decimal(len(counted)) / len(due) if due else Decimal(0)
    withheld = _withheld(counted, len(due), coverage, day)
    previous = _usable(history)
    mean = _mean(discounts) if discounts else None
    last = previous[-1] if previous else None
    headline = None if withheld else mean
    return Signal(
        scraper=NAME,
        window=window.name,
        as_of=day,
        headline=headline,
        unit="ratio",
        coverage=coverage.quantize(Decimal("0.0001")),
        confidence="low" if withheld else _confidence(counted),
        change=headline - last.headline if headline is not None and last and last.headline is not None else None,
        change_unit="ratio",
        compared_with=last.window if last else None,
        withheld=withheld,
        contributors=_movers(counted, last),
        data=_data(funds, discounts, mean, previous, window, _feeds(grouped, history, day)),
    )


def _horizon(day: date) -> datetime:
    """Until when what becomes known counts for `day`: the next session's settled close, when that day takes its place."""
    following = day + timedelta(days=1)
    while not sessions.is_session(following):
        following += timedelta(days=1)
    return sessions.close_of(following) + timedelta(hours=2)


def _fund(watched: Watched, known: Sequence[Observation], day: date) -> Fund:
    nav = standing([each for each in known if each.kind in ("nav", WITHDRAWAL)], day)
    prices = [each for each in known if each.kind == "price" and each.value is not None]
    price = max(prices, key=lambda each: (each.as_of, each.known_at), default=None)
    stale = sum(1 for _ in sessions.sessions(price.as_of + timedelta(days=1), day)) if price else 0
    missing, told = "", list(nav.told)
    if price is None or stale > _STALEST_SESSIONS:
        missing = f"no close since {price.as_of}" if price else "no price"
    elif nav.value is None or nav.as_of is None:
        missing = nav.told[0] if nav.told else "no net asset value"
    else:
        splits = list(split_between([each for each in known if each.kind == "split"], nav.as_of, price.as_of))
        missing = f"held: {splits[0]}" if splits else ""
        told += splits
    if stale and not missing:
        told.append(f"stale price of {price.as_of if price else ''}, {stale} sessions old")
    value = price.value if price else None
    discount = None
    if not missing and value is not None and nav.value:
        discount = ((nav.value - value) / nav.value).quantize(_PLACES, ROUND_HALF_EVEN)
    return Fund(watched.ticker, watched.name, value, price.as_of if price else None, nav, discount, missing, stale, tuple(told))


def _withheld(counted: Sequence[Fund], due: int, coverage: Decimal, day: date) -> str | None:
    if coverage < COVERAGE:
        return f"{len(counted)} of {due} funds have a price and a net asset value to trust, {COVERAGE:.0%} are needed"
    fresh = sum(fund.price_day == day for fund in counted)
    if fresh < _FRESH_SHARE * len(counted):
        return f"only {fresh} of {len(counted)} prices are of the session of {day}"
    return None


def _confidence(counted: Sequence[Fund]) -> Confidence:
    """High when most values have a second source and every price is of the session; low when many have neither."""
    sure = sum(fund.nav.confidence == "high" and not fund.stale_sessions for fund in counted)
    poor = sum(fund.nav.confidence == "low" or fund.stale_sessions > 0 for fund in counted)
    if sure * 3 >= len(counted) * 2:
        return "high"
    return "low" if poor * 3 >= len(counted) else "medium"


def _usable(history: Sequence[Signal]) -> list[Signal]:
    return [signal for signal in history if signal.headline is not None]


def _long_ago(previous: Sequence[Signal], day: date) -> Signal | None:
    """The signal of the 20th session before `day`, or of one of the five before that one."""
    mark = sessions.sessions_before(day, _LONG)
    return next((signal for signal in reversed(previous) if sessions.sessions_before(mark, 5) <= signal.as_of <= mark), None)


def _bdcs(signal: Signal | None) -> Mapping[str, Mapping[str, Json]]:
    return cast("Mapping[str, Mapping[str, Json]]", signal.data.get("bdcs", {})) if signal else {}


def _before(signal: Signal | None, ticker: str) -> Decimal | None:
    text = _bdcs(signal).get(ticker, {}).get("discount")
    return Decimal(str(text)) if text is not None else None


def _movers(counted: Sequence[Fund], last: Signal | None) -> tuple[Contributor, ...]:
    """The five funds whose discount moved most on the signal before, by size; the deepest discounts when there is none."""
    moved = [
        (fund, fund.discount - before)
        for fund in counted
        if fund.discount is not None and (before := _before(last, fund.ticker)) is not None
    ]
    if not moved:
        moved = [(fund, fund.discount) for fund in counted if fund.discount is not None]
    moved.sort(key=lambda each: (-abs(each[1]), each[0].ticker))
    return tuple(Contributor(fund.ticker, change, fund.nav.source) for fund, change in moved[:5])


def _same_names(funds: Sequence[Fund], other: Signal | None) -> Decimal | None:
    """The change of the mean over the funds that both days have."""
    pairs = [
        (fund.discount, before)
        for fund in funds
        if fund.discount is not None and (before := _before(other, fund.ticker)) is not None
    ]
    return _mean([now - before for now, before in pairs]) if pairs else None


def _data(
    funds: Sequence[Fund],
    discounts: Sequence[Decimal],
    mean: Decimal | None,
    previous: Sequence[Signal],
    window: Window,
    feeds: Json,
) -> Mapping[str, Json]:
    last, long_ago = previous[-1] if previous else None, _long_ago(previous, window.last)
    deep = Decimal(sum(each > _DEEP for each in discounts)) / len(discounts) if discounts else None
    return {
        "mean": _text(mean),
        "median": _text(_at(discounts, Decimal("0.5"))),
        "deciles": [_text(_at(discounts, Decimal(tenth) / 10)) for tenth in range(1, 10)],
        "standard_deviation": _text(_deviation(discounts)),
        "interquartile_range": _text(_spread(discounts)),
        "share_below_0.8_nav": _text(deep.quantize(Decimal("0.0001"))) if deep is not None else None,
        "counted": len(discounts),
        "due": len(funds),
        "change_20": _text(mean - long_ago.headline) if mean is not None and long_ago and long_ago.headline is not None else None,
        "compared_with_20": long_ago.window if long_ago else None,
        "change_same_names": _text(_same_names(funds, last)),
        "change_20_same_names": _text(_same_names(funds, long_ago)),
        "stale": [fund.ticker for fund in funds if fund.stale_sessions and fund.discount is not None],
        "missing": {fund.ticker: fund.missing for fund in funds if fund.missing},
        "bdcs": {fund.ticker: fund.json(window.last, _before(last, fund.ticker)) for fund in funds},
        "feeds": feeds,
    }


def _feeds(grouped: Mapping[str, Sequence[Observation]], history: Sequence[Signal], day: date) -> Mapping[str, Json]:
    """Each feed's state, with the last success carried on from earlier days while it fails."""
    earlier = cast("Mapping[str, Mapping[str, Json]]", history[-1].data.get("feeds", {})) if history else {}
    states: dict[str, Json] = {}
    for known in grouped.values():
        for each in known:
            if each.kind == "feeds" and each.as_of == day:
                for url, state in cast("Mapping[str, Mapping[str, Json]]", each.detail).items():
                    success = state.get("last_success") or earlier.get(url, {}).get("last_success")
                    states[url] = {**state, "ticker": each.subject, "last_success": success}
    return states


def alerts(signal: Signal, history: Sequence[Signal], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
    """The mean's change on the signal before and over 20 sessions, each at the highest level it passes."""
    previous = _usable(history)
    if signal.headline is None or not previous:
        return
    rules = (
        ("mean-1", previous[-1], "on the session before"),
        ("mean-20", _long_ago(previous, signal.as_of), "over 20 sessions"),
    )
    for rule, other, words in rules:
        if other is None or other.headline is None:
            continue
        change = signal.headline - other.headline
        passed = [level for level in LEVELS if abs(change) > limits[f"mean_change_{level}"]]
        if passed:
            yield _alert(signal, other, rule, passed[-1], words, limits)


def _alert(signal: Signal, other: Signal, rule: str, level: Level, words: str, limits: Mapping[str, Decimal]) -> Alert:
    after, before = signal.headline or Decimal(0), other.headline or Decimal(0)
    limit, moved = limits[f"mean_change_{level}"], "widened" if after > before else "narrowed"
    headline = f"mean discount to NAV {moved} by {points(after - before)} {words}, to {amount(after, 'ratio')}"
    counted = f"{signal.data['counted']} of {signal.data['due']} BDCs counted"
    why = f"{moved} by {points(after - before)} since {other.as_of}; {counted}"
    told = f"a change of more than {points(limit)} {words}"
    since = str(other.as_of)
    return Alert(rule, level, headline, before, after, limit, "ratio", why, signal.contributors, since, told)


def table(signal: Signal, found: Sequence[Observation]) -> Table:
    """A row per fund, deepest discount first; those left out follow with their reason."""
    del found
    rows = [(ticker, fund) for ticker, fund in _bdcs(signal).items()]
    rows.sort(key=lambda row: (row[1]["discount"] is None, -Decimal(str(row[1]["discount"] or 0)), row[0]))
    columns = ("BDC", "price", "of", "NAV", "as of", "age", "kind", "from", "sure", "discount", "change", "note")
    missing = cast("Mapping[str, str]", signal.data.get("missing", {}))
    notes = [f"left out: {ticker}: {words}" for ticker, words in missing.items()]
    stale = cast("Sequence[str]", signal.data.get("stale", []))
    if stale:
        notes.append(f"stale prices: {', '.join(stale)}")
    if signal.withheld:
        notes.insert(0, f"nothing is published: {signal.withheld}")
    median = signal.data.get("median")
    title = f"BDC discount to NAV, {signal.window}: median {_percent(median)}, mean {_percent(signal.data.get('mean'))}"
    return Table(title, columns, [_row(ticker, fund) for ticker, fund in rows], notes)


def _row(ticker: str, fund: Mapping[str, Json]) -> Sequence[str]:
    told = cast("Sequence[str]", fund.get("told", []))
    nav = f"{fund['nav_low']}-{fund['nav_high']}" if fund.get("nav_low") else fund["nav"]
    told_of_nav = (fund["nav_as_of"], fund["nav_age_days"], fund["nav_kind"], fund["nav_origin"], fund["confidence"])
    cells = (_cents(fund["price"]), fund["price_day"], nav, *told_of_nav)
    shown = ["" if cell is None else str(cell) for cell in cells]
    return [ticker, *shown, _percent(fund["discount"]), _percent(fund["change"]), str(fund["missing"] or "; ".join(told))]


def _cents(text: Json) -> Json:
    """`15.30` for 15.3; a price of more places keeps them."""
    return text if text is None or len(str(text).partition(".")[2]) > 2 else f"{Decimal(str(text)):.2f}"


def _percent(text: Json) -> str:
    return "" if text is None else f"{Decimal(str(text)):.2%}"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _mean(values: Sequence[Decimal]) -> Decimal:
    return (sum(values, Decimal(0)) / len(values)).quantize(_PLACES, ROUND_HALF_EVEN)


def _at(ordered: Sequence[Decimal], share: Decimal) -> Decimal | None:
    """The quantile of sorted values, between neighbours in proportion."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return (ordered[low] + (ordered[high] - ordered[low]) * (place - low)).quantize(_PLACES, ROUND_HALF_EVEN)


def _deviation(values: Sequence[Decimal]) -> Decimal | None:
    """The sample's standard deviation."""
    if len(values) < 2:
        return None
    mean = sum(values, Decimal(0)) / len(values)
    return (
        (sum(((each - mean) ** 2 for each in values), Decimal(0)) / (len(values) - 1)).sqrt().quantize(_PLACES, ROUND_HALF_EVEN)
    )


def _spread(ordered: Sequence[Decimal]) -> Decimal | None:
    low, high = _at(ordered, Decimal("0.25")), _at(ordered, Decimal("0.75"))
    return high - low if low is not None and high is not None else None
