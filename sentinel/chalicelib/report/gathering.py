"""Everything the page says, gathered from the store once: signals, alerts, what they were read from, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib import composite, history, limits, status
from chalicelib.model import LEVELS, Alert, Level, Observation, Signal, Window
from chalicelib.ports import Dispatch, Scraper, Services
from chalicelib.report import bonds, discounts, marks, provisions
from chalicelib.report.shown import Documents, Past, number, seconds
from chalicelib.report.words import title_of

MOST_ALERTS = 20_000
_MARKS_DAYS = 190
BOOM, BUST = 80, 20
"""From where the index is called so: the top and the bottom fifth of its scale."""


@dataclass(frozen=True)
class Page:
    """What is shown, in order: `pasts` by scraper, the sections' charts and tables, the composite, what `status` tells."""

    made_at: datetime
    as_of: date | None
    pasts: Mapping[str, Past]
    sections: Sequence[Mapping[str, Any]]
    documents: Documents
    points: Sequence[composite.Point]
    weights: composite.Weights
    told: Mapping[str, Any]


def gather(scrapers: Sequence[Scraper], services: Services, as_of: date | None = None) -> Page:
    """The page's contents as they stand, or as they stood at the end of `as_of`. Raises the store's errors."""
    sent = services.store.dispatches(limit=MOST_ALERTS) if as_of is None else ()
    pasts = {each.NAME: _past(each, services, as_of, sent) for each in scrapers}
    documents = Documents()
    known_by = history.end_of(as_of) if as_of else None
    sections = [_section(each, pasts[each.NAME], services, known_by, documents) for each in scrapers]
    weights = composite.weights(services.store.kept(composite.KEPT))
    points = _points(scrapers, pasts, weights, as_of or services.fetch.now().date())
    return Page(services.fetch.now(), as_of, pasts, sections, documents, points, weights, status.of(scrapers, services))


def _past(scraper: Scraper, services: Services, as_of: date | None, sent: Sequence[Dispatch]) -> Past:
    """The scraper's signals and alerts: those that were `sent`, or those the signals of a past day would have given."""
    in_force = limits.in_force(scraper, services)
    signals = history.signals(scraper, services.store, as_of)
    alerts: dict[str, list[tuple[Level, Alert]]] = {}
    if as_of is None:
        for each in sent:
            if each.scraper == scraper.NAME and each.level:
                alerts.setdefault(each.run_id.partition("/")[2], []).append((each.level, each.alert))
    else:
        earlier: list[Signal] = []
        for signal, _ in signals:
            if signal.headline is not None:
                alerts[signal.window] = [(each.level, each) for each in scraper.alerts(signal, earlier, in_force)]
            earlier.append(signal)
    return Past(scraper.NAME, scraper.WINDOW, signals, alerts, in_force)


def _section(
    scraper: Scraper, past: Past, services: Services, known_by: datetime | None, documents: Documents
) -> Mapping[str, Any]:
    def read(first: date) -> list[Observation]:
        if past.latest is None:
            return []
        last = Window.parse(past.latest.window).last
        return [each.observation for each in services.store.observations(scraper.NAME, first, last, known_by)]

    if past.signals:
        oldest = Window.parse(past.signals[0][0].window).first - timedelta(days=scraper.LOOKBACK_DAYS)
        newest = Window.parse(past.signals[-1][0].window).last - timedelta(days=_MARKS_DAYS)
    else:
        oldest = newest = date.min
    match scraper.NAME:
        case "bond-issuance":
            tranches = {each.key: each for each in read(oldest) if each.kind == "tranche"}
            return bonds.section(past, tranches, documents)
        case "bdc-discount":
            return discounts.section(past, read(oldest), documents)
        case "credit-fund":
            return marks.section(past, [each for each in read(newest) if each.value is not None], documents)
        case _:
            return provisions.section(past, read(oldest), documents)


def _points(
    scrapers: Sequence[Scraper], pasts: Mapping[str, Past], weights: composite.Weights, last: date
) -> Sequence[composite.Point]:
    """The index at every week's end since the first value, and on the last day."""
    histories = {
        scraper.NAME: [
            composite.Value(
                min(history.first_due(scraper, Window.parse(signal.window)), at).date(), signal.window, signal.headline
            )
            for signal, at in pasts[scraper.NAME].signals
            if signal.headline is not None
        ]
        for scraper in scrapers
    }
    known = [value.known for values in histories.values() for value in values]
    first = min(known, default=last)
    sunday = first + timedelta(days=6 - first.weekday())
    days = [sunday + timedelta(days=7 * n) for n in range(max(0, (last - sunday).days // 7 + 1))]
    return composite.points(histories, [*(day for day in days if day < last), last], weights)


def composite_chart(points: Sequence[composite.Point]) -> dict[str, Any]:
    """The index and its parts over time, from the first day any part has a score."""
    begun = next((n for n, point in enumerate(points) if any(each.score is not None for each in point.parts)), len(points))
    shown = points[begun:]
    series = [{"label": "Index", "kind": "line", "values": [number(point.index) for point in shown]}]
    for place, part in enumerate(composite.PARTS):
        values = [number(point.parts[place].score) for point in shown]
        series.append({"label": title_of(part.scraper), "kind": "part", "values": values})
    return {
        "id": "composite", "title": "Boom-bust index", "unit": "score", "note": "", "x": [seconds(point.day) for point in shown],
        "labels": [point.day.isoformat() for point in shown], "series": series, "alerts": [],
        "thresholds": [{"value": BOOM, "label": "boom"}, {"value": BUST, "label": "bust"}],
    }  # fmt: skip


def level(past: Past) -> Level | None:
    """The gravest alert of the newest signal."""
    levels = [each for each, _ in past.alerts.get(past.latest.window, ())] if past.latest else []
    return max(levels, key=LEVELS.index, default=None)
