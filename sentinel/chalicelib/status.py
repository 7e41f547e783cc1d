"""What an on-call engineer asks first: what ran, how it ended, how old each headline is, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import limits, vigil
from chalicelib.amounts import amount, exactly
from chalicelib.answer import of_dispatch, of_signal
from chalicelib.ports import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.model import Json, Notice, Signal
    from chalicelib.ports import RunRecord, Scraper, Services, Store

_RUNS = 5
_CHANGES = 5
_ALERT_DAYS = 7
_OPEN_RUNS = 4
_WORDS = 160
_SILENT_DAYS = 130
"""A BDC's quarterly news is this old at most, a year's end included."""
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
    newest = next(iter(store.signals(scraper.NAME, limit=1)), None)
    published = vigil.newest_headline(store, scraper.NAME)
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
        "headline": _headline(*newest, now) if newest else None,
        "published": _published(scraper, *published, now) if published else None,
        "runs": [_run(run, store) for run in runs],
        "not_read": parked,
        "notices": [{"kind": each.kind, "subject": each.subject, "words": each.words, "source": each.source} for each in notices],
        "feeds": _feeds(newest[0], now) if newest else [],
        "limits": limits.in_force(scraper, services),
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


def tables(told: Mapping[str, Any], *, every_feed: bool) -> Iterator[Table]:
    """What `of` tells, as a terminal shows it; of the feeds those in trouble, or every one."""
    each = told["scrapers"]
    yield Table(
        "Headlines",
        ("Scraper", "Window", "Headline", "Confidence", "Coverage", "Age", "Note"),
        [_headline_row(one) for one in each],
    )
    waiting = [(one["scraper"], *row) for one in each for row in _waiting(one)]
    yield Table("Waits for a person", ("Scraper", "Kind", "What", "Words"), waiting, () if waiting else ("nothing",))
    alerts = [
        (alert["level"].upper(), alert["id"], _minute(alert["sent_at"]) if alert["sent_at"] else "NOT YET", alert["message"])
        for alert in told["alerts"]
    ]
    unsent = told["unsent_alerts"]
    notes = (f"{unsent} alerts wait to be sent",) if unsent else () if alerts else ("none",)
    yield Table(f"Alerts of {_ALERT_DAYS} days", ("Level", "Alert", "Sent", "Says"), alerts, notes)
    runs = [
        (run["run_id"], str(run["generation"]), str(run["items"]), _minute(run["concluded"] or run["planned"]), run["ended"])
        for one in each
        for run in one["runs"]
    ]
    yield Table("Runs", ("Run", "Generation", "Items", "Concluded", "Ended"), runs, () if runs else ("none yet",))
    limits_now = [
        (one["scraper"], name, str(value), _changes_of(name, one["limits_changed"]))
        for one in each
        for name, value in one["limits"].items()
    ]
    yield Table("Thresholds", ("Scraper", "Threshold", "Value", "Set to"), limits_now)
    yield _feed_table([feed for one in each for feed in one["feeds"]], every_feed=every_feed)


def _changes_of(name: str, changed: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{each['value']} on {_minute(each['at'])}" for each in changed if each["name"] == name)


def _headline_row(one: Mapping[str, Any]) -> Sequence[str]:
    newest, published = one["headline"], one["published"]
    if newest is None:
        return (one["scraper"], "-", "-", "-", "-", "-", "has not concluded yet")
    notes = [f"{newest['window']}: nothing published: {newest['withheld']}"] if newest["withheld"] else []
    if published is None:
        return (one["scraper"], "-", "-", "-", "-", "-", *notes)
    notes += ["TOO OLD"] if published["too_old"] else []
    value = "not available" if published["headline"] is None else exactly(published["headline"], published["unit"])
    sure = (newest["confidence"], amount(newest["coverage"], "ratio")) if not newest["withheld"] else ("-", "-")
    return (one["scraper"], published["window"], value, *sure, f"{published['age_hours']} h", "; ".join(notes))


def _waiting(one: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for parked in one["not_read"]:
        yield (parked["state"], parked["item"], " ".join(parked["evidence"].split())[:_WORDS])
    for notice in one["notices"]:
        yield (notice["kind"], notice["subject"], notice["words"][:_WORDS])


def _feed_table(feeds: Sequence[Mapping[str, Any]], *, every_feed: bool) -> Table:
    rows = [
        (
            feed["ticker"] or "-",
            feed["kind"] or "-",
            (feed["last_success"] or "never")[:16].replace("T", " "),
            "none dated" if feed["newest_age_days"] is None else f"{feed['newest_age_days']} days old",
            (feed["error"] or "")[:_WORDS],
            feed["url"],
        )
        for feed in feeds
        if every_feed or _troubled(feed)
    ]
    troubled = sum(map(_troubled, feeds))
    note = f"{len(feeds)} feeds, {troubled} in trouble (failing, or silent for more than {_SILENT_DAYS} days)"
    hint = () if every_feed or troubled == len(feeds) else ("`status --feeds` lists every one",)
    return Table("Feeds", ("Fund", "Kind", "Last answered", "Newest entry", "Error", "Address"), rows, (note, *hint))


def _troubled(feed: Mapping[str, Any]) -> bool:
    newest = feed["newest_age_days"]
    return bool(feed["error"]) or not feed["last_success"] or newest is None or newest > _SILENT_DAYS


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
