"""The headline cards: level, change, age, confidence and the latest course of each, written so that no script is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from chalicelib.model import Level, Signal, Window
from chalicelib.report.gathering import level
from chalicelib.report.shown import Past, text
from chalicelib.report.words import MINUS, PERIODS, age, amount, change, count, e, span, title_of

FRESH_DAYS = {"week": 14, "day": 5, "quarter": 190}
"""A headline of an older period is called old."""
DRAWN = {"week": 52, "day": 126, "quarter": 20}
"""Periods in the small line: a year of weeks, half a year of sessions, five years of quarters."""
LEAST = 6
SECTIONS = {"bond-issuance": "bonds", "bdc-discount": "discounts", "credit-fund": "marks", "bank-provision": "provisions"}
_BADGES: Mapping[Level | None, str] = {None: "no alert", "alert": "alert", "medium": "alert: medium", "high": "alert: high"}
_WHAT = {
    "bond-issuance": "investment-grade principal priced in the week",
    "bdc-discount": f"mean of (NAV {MINUS} price) / NAV",
    "credit-fund": "same-fund change of gross assets",
    "bank-provision": "disclosed for non-bank lending, same banks",
}
_WIDTH, _HEIGHT = 120, 34


def card(past: Past, today: date) -> str:
    """One headline."""
    latest = past.latest
    name, section = e(past.scraper), e(SECTIONS.get(past.scraper, "quality"))
    head = f'<h2><a href="#s-{section}">{e(title_of(past.scraper))}</a></h2><p class="what">{e(_what(past))}</p>'
    if latest is None:
        return (
            f'<article class="card none" data-scraper="{name}">{head}'
            '<p class="value">No data yet</p><p class="sub">It has not concluded a run.</p></article>'
        )
    if latest.headline is None:
        value = '<p class="value na">Not available</p>'
        sub = f'<p class="sub why">{e(text(latest.withheld, 300))}</p>'
    else:
        value = f'<p class="value" data-value="{latest.headline}">{e(amount(latest.headline, latest.unit))}</p>'
        sub = f'<p class="sub">{change(latest)}</p>'
    grave = level(past)
    return (
        f'<article class="card {grave or "calm"}" data-scraper="{name}">{head}'
        f"{value}{sub}{_course(past)}"
        f'<p class="state"><span class="badge {grave or "calm"}">{e(_BADGES[grave])}</span></p>'
        f"{_facts(latest, past, today)}</article>"
    )


def _what(past: Past) -> str:
    label = past.latest.data.get("label") if past.latest and past.scraper == "credit-fund" else None
    return _WHAT.get(past.scraper, "") + (f" · {text(label, 60)}" if label else "")


def _facts(latest: Signal, past: Past, today: date) -> str:
    days = (today - latest.as_of).days
    old = days > FRESH_DAYS[past.kind]
    window = Window.parse(latest.window)
    shown = f" · {span(window)}" if window.kind != "day" else ""
    since = f"{age(days)} · old" if old else age(days)
    return (
        f'<ul class="facts"><li class="{"old" if old else ""}"><b>{e(latest.window)}</b> {e(since)}</li>'
        f'<li class="conf {e(latest.confidence)}">{e(latest.confidence)} confidence</li>'
        f"<li>{latest.coverage:.0%} coverage{e(shown)}</li></ul>"
    )


def _course(past: Past) -> str:
    """The last headlines as a small line, without a scale; nothing where there are too few."""
    shown = [signal for signal, _ in past.signals][-DRAWN[past.kind] :]
    values = [signal.headline for signal in shown]
    known = [value for value in values if value is not None]
    if len(known) < LEAST:
        return ""
    low, high = min(known), max(known)
    points = [
        None if value is None else f"{_x(n, len(values))},{_y((value - low) / ((high - low) or 1))}"
        for n, value in enumerate(values)
    ]
    lines = "".join(f'<polyline points="{" ".join(run)}"/>' for run in _runs(points))
    unit = shown[-1].unit
    words = f"last {count(len(shown), *PERIODS[past.kind])}: {amount(low, unit)} to {amount(high, unit)}"
    return (
        f'<div class="course"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{lines}</svg>'
        f"<small>{e(words)}</small></div>"
    )


def _x(place: int, length: int) -> str:
    return f"{Decimal(place) / max(1, length - 1) * _WIDTH:.1f}"


def _y(share: Decimal) -> str:
    return f"{_HEIGHT - 3 - share * (_HEIGHT - 6):.1f}"


def _runs(points: Sequence[str | None]) -> list[list[str]]:
    """The points between gaps."""
    runs: list[list[str]] = [[]]
    for each in points:
        if each is None:
            runs.append([])
        else:
            runs[-1].append(each)
    return [run for run in runs if len(run) > 1]
