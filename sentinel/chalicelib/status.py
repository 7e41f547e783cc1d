"""What an on-call engineer asks first: what ran, how it ended, how old each headline is, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import limits, vigil
from chalicelib.amounts import amount, exactly
from chalicelib.answer import of_dispatch, of_signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from chalicelib.model import Json, Notice, Signal
    from chalicelib.ports import RunRecord, Scraper, Services, Store

_RUNS = 5
_CHANGES = 5
_ALERT_DAYS = 7
_OPEN_RUNS = 4
_OPEN = "unmapped-member"
"""A notice that waits for a person's ruling: also of earlier runs, four quarters of them, until the quarter is run again."""


def of(scrapers: Sequence[Scraper], services: Services) -> dict[str, Any]:
    """Everything `status` shows, one entry per scraper and the alerts of the last seven days."""
    now = services.fetch.now()
    since = now - timedelta(days=_ALERT_DAYS)
    recent = [each for each in services.store.dispatches(limit=200) if each.created_at >= since]
    changes = services.store.kept_history(limits.KEPT)
    return {
        "at": now,
        "scrapers": [_of_one(each, services, now, changes) for each in scrapers],
        "alerts": [of_dispatch(each) for each in recent],
        "unsent_alerts": len(services.store.dispatches(pending=True)),
    }


def _of_one(scraper: Scraper, services: Services, now: datetime, changes: Sequence[tuple[datetime, Json]]) -> dict[str, object]:
    store = services.store
    signals = store.signals(scraper.NAME, limit=10)
    published = [(signal, at) for signal, at in signals if signal.withheld is None]
    runs = store.runs(scraper.NAME, _RUNS)
    parked: list[dict[str, object]] = []
    notices: list[Notice] = []
    if runs:
        plan = store.plan(runs[0].run_id)
        notices += plan.notices if plan else ()
        for outcome in store.outcomes(runs[0].run_id).values():
            notices += outcome.notices
            if outcome.state != "done":
                parked.append(
                    {"item": outcome.item, "state": outcome.state, "error_type": outcome.error_type, "evidence": outcome.evidence}
                )
        notices += _open(services, runs[1:_OPEN_RUNS] if scraper.WINDOW == "quarter" else (), notices)
    return {
        "scraper": scraper.NAME,
        "headline": _headline(signals[-1][0], signals[-1][1], now) if signals else None,
        "published": _published(scraper, *published[-1], now) if published else None,
        "runs": [_run(run, store) for run in runs],
        "not_read": parked,
        "notices": [{"kind": each.kind, "subject": each.subject, "words": each.words, "source": each.source} for each in notices],
        "feeds": _feeds(signals[-1][0], now) if signals else [],
        "limits": _limits(scraper, services),
        "limits_changed": limits.changes(changes, scraper.NAME)[-_CHANGES:],
    }


def _run(run: RunRecord, store: Store) -> dict[str, object]:
    """A run with how it ended: `published`, why it was withheld, or that it is still open."""
    conclusion = store.concluded(run.run_id) if run.concluded_at else None
    ended = "not concluded"
    if conclusion:
        ended = f"withheld: {conclusion.signal.withheld}" if conclusion.signal.withheld else "published"
    return {
        "run_id": run.run_id,
        "generation": run.generation,
        "items": run.items,
        "planned": run.made_at,
        "concluded": run.concluded_at,
        "ended": ended,
    }


def _published(scraper: Scraper, newest: Signal, at: datetime, now: datetime) -> dict[str, object]:
    """The newest headline there is, how old it is, and whether that is too old."""
    return {
        "window": newest.window,
        "headline": newest.headline,
        "unit": newest.unit,
        "concluded": at,
        "age_hours": int((now - at).total_seconds() // 3600),
        "too_old": vigil.too_old(scraper, newest, at, now) != "",
    }


def _open(services: Services, earlier: Sequence[RunRecord], told: Sequence[Notice]) -> list[Notice]:
    """Notices of earlier runs that still wait for a ruling and are not told already, newest run first."""
    seen = {(each.subject, each.words) for each in told if each.kind == _OPEN}
    found: list[Notice] = []
    for run in earlier:
        for outcome in services.store.outcomes(run.run_id).values():
            for each in outcome.notices:
                if each.kind == _OPEN and (each.subject, each.words) not in seen:
                    seen.add((each.subject, each.words))
                    found.append(each)
    return found


def _feeds(signal: Signal, now: datetime) -> list[dict[str, object]]:
    """The health of each feed the newest signal rests on: failing ones first, then the longest silent."""
    states = signal.data.get("feeds")
    if not isinstance(states, Mapping):
        return []
    told = [_feed(url, state, now) for url, state in states.items() if isinstance(state, Mapping)]
    return sorted(told, key=lambda feed: (not feed["error"], -int(str(feed["newest_age_days"] or 0)), str(feed["url"])))


def _feed(url: str, state: Mapping[str, Json], now: datetime) -> dict[str, object]:
    newest = state.get("newest_entry")
    return {
        "url": url,
        "ticker": state.get("ticker"),
        "kind": state.get("kind"),
        "last_success": state.get("last_success"),
        "newest_entry": newest,
        "newest_age_days": (now - datetime.fromisoformat(str(newest))).days if newest else None,
        "error": state.get("error") or None,
    }


def _headline(signal: Signal, concluded_at: datetime, now: datetime) -> dict[str, object]:
    shown = {name: value for name, value in of_signal(signal).items() if name not in ("data", "contributors")}
    return {
        "window": signal.window,
        **shown,
        "concluded": concluded_at,
        "age_hours": int((now - concluded_at).total_seconds() // 3600),
    }


def _limits(scraper: Scraper, services: Services) -> Mapping[str, Decimal]:
    return {**scraper.LIMITS, **services.limits.get(scraper.NAME, {})}


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """What `of` tells, line by line for a terminal."""
    for each in told["scrapers"]:
        yield from _lines_of(each)
    for alert in told["alerts"]:
        sent = f"sent {_minute(alert['sent_at'])}" if alert["sent_at"] else "NOT SENT YET"
        yield f"alert {alert['level'].upper()} {alert['id']}: {alert['message']} ({sent})"
    if told["unsent_alerts"]:
        yield f"alerts that wait to be sent: {told['unsent_alerts']}"


def _lines_of(each: Mapping[str, Any]) -> Iterator[str]:
    yield f"{each['scraper']}: {_headline_line(each['headline'], each['published'])}"
    for run in each["runs"]:
        when = f"concluded {_minute(run['concluded'])}" if run["concluded"] else f"planned {_minute(run['planned'])}"
        yield f"    run {run['run_id']}, generation {run['generation']}: {run['items']} items, {when}, {run['ended']}"
    for parked in each["not_read"]:
        yield f"    {parked['state']} {parked['item']}: {' '.join(parked['evidence'].split())[:160]}"
    for notice in each["notices"]:
        yield f"    {notice['kind']}: {notice['subject']}: {notice['words'][:160]}"
    for feed in each["feeds"]:
        age = "no dated entry" if feed["newest_age_days"] is None else f"newest entry {feed['newest_age_days']} days old"
        error = f", {feed['error'][:120]}" if feed["error"] else ""
        answered = feed["last_success"] or "never"
        yield f"    feed {feed['ticker']} {feed['kind']}: last answered {answered}, {age}{error}: {feed['url']}"
    yield "    limits " + ", ".join(f"{name} {value}" for name, value in each["limits"].items())
    for change in each["limits_changed"]:
        yield f"    limit {change['name']} set to {change['value']} on {_minute(change['at'])}"


def _headline_line(newest: Mapping[str, Any] | None, published: Mapping[str, Any] | None) -> str:
    if newest is None:
        return "has not concluded yet"
    sure = f"confidence {newest['confidence']}, coverage {amount(newest['coverage'], 'ratio')}"
    said = f"{newest['window']}: nothing published: {newest['withheld']}; " if newest["withheld"] else ""
    if published is None:
        return f"{said}no headline yet"
    age = f"{published['age_hours']} h old{', TOO OLD' if published['too_old'] else ''}"
    value = exactly(published["headline"], published["unit"]) if published["headline"] is not None else "not available"
    return f"{said}{published['window']}: {value} ({age}, {sure})"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
