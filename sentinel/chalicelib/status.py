"""What an on-call engineer asks first: what ran, how it ended, how old each headline is, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.answer import of_dispatch, of_signal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from chalicelib.model import Json, Notice, Signal
    from chalicelib.ports import RunRecord, Scraper, Services

_RUNS = 5
_ALERT_DAYS = 7
_OPEN_RUNS = 4
_OPEN = "unmapped-member"
"""A notice that waits for a person's ruling: also of earlier runs, four quarters of them, until the quarter is run again."""


def of(scrapers: Sequence[Scraper], services: Services) -> dict[str, Any]:
    """Everything `status` shows, one entry per scraper and the alerts of the last seven days."""
    now = services.fetch.now()
    since = now - timedelta(days=_ALERT_DAYS)
    recent = [each for each in services.store.dispatches(limit=200) if each.created_at >= since]
    return {
        "at": now,
        "scrapers": [_of_one(each, services, now) for each in scrapers],
        "alerts": [of_dispatch(each) for each in recent],
        "unsent_alerts": sum(each.sent_at is None for each in recent),
    }


def _of_one(scraper: Scraper, services: Services, now: datetime) -> dict[str, object]:
    store = services.store
    signals = store.signals(scraper.NAME, limit=1)
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
        "runs": [
            {
                "run_id": run.run_id,
                "generation": run.generation,
                "items": run.items,
                "planned": run.made_at,
                "concluded": run.concluded_at,
            }
            for run in runs
        ],
        "not_read": parked,
        "notices": [{"kind": each.kind, "subject": each.subject, "words": each.words, "source": each.source} for each in notices],
        "feeds": _feeds(signals[-1][0], now) if signals else [],
        "limits": _limits(scraper, services),
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
    """What `of` tells, line by line, for a terminal."""
    for each in told["scrapers"]:
        headline = each["headline"]
        if headline is None:
            yield f"{each['scraper']}: has not concluded yet"
        else:
            value = headline["withheld"] or f"{headline['headline']} {headline['unit']}"
            yield f"{each['scraper']}: {headline['window']}: {value} ({headline['age_hours']} h old, {headline['confidence']})"
        for run in each["runs"]:
            yield f"    run {run['run_id']} generation {run['generation']}: {run['items']} items, concluded {run['concluded']}"
        for parked in each["not_read"]:
            yield f"    {parked['state']} {parked['item']}: {parked['evidence'][:160]}"
        for notice in each["notices"]:
            yield f"    {notice['kind']}: {notice['subject']}: {notice['words'][:160]}"
        for feed in each["feeds"]:
            age = "no dated entry" if feed["newest_age_days"] is None else f"newest entry {feed['newest_age_days']} days old"
            error = f", {feed['error'][:120]}" if feed["error"] else ""
            answered = feed["last_success"] or "never"
            yield f"    feed {feed['ticker']} {feed['kind']}: last answered {answered}, {age}{error}: {feed['url']}"
        yield "    limits " + ", ".join(f"{name} {value}" for name, value in each["limits"].items())
    for alert in told["alerts"]:
        yield f"alert {alert['level']} {alert['id']}: {alert['message']}"
