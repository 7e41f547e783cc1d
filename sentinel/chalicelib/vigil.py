"""After a run: what its operators must hear of although it came to its end.

Documents that were parked while coverage held, each once in `REPEATED` and all of a run in one message; headlines, of any
scraper, that are older than one and a half of their periods; and what was only counted while the operators' quiet lasted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from chalicelib.model import Window
from chalicelib.scrapers import NAMES

if TYPE_CHECKING:
    from chalicelib.deadline import Deadline
    from chalicelib.engine import Result
    from chalicelib.model import Item, Json, Outcome, Signal
    from chalicelib.ports import Scraper, Services, Store, Trouble

PERIODS: Mapping[str, timedelta] = {
    "bond-issuance": timedelta(days=7),
    "bdc-discount": timedelta(days=1),
    "credit-fund": timedelta(days=31),
    "bank-provision": timedelta(days=92),
}
"""How far apart the scheduled runs of each scraper are, at most."""
TOO_OLD = 1.5
"""Periods a headline may stand without a newer one; the alarms of the stack ring at the same age."""
REPEATED = timedelta(days=30)
"""The same document is told of again after this long."""
REMINDED = timedelta(days=7)
"""The same old headline is told of again after this long."""
_FIRST_LOOK = "vigil/first-look"
_CLAIM = timedelta(minutes=5)
"""How long others leave a message to a process that may have been killed before it was told."""
_LOOKED_THROUGH = (10, 1000)
"""Signals looked through for one that was published: a few, and where all of them were withheld, years of them."""
_EACH = 20
"""More documents of a run than these are one fact: its source as a whole."""
_SHOWN = 5
GRACE_S = 2.0
"""Seconds after the deadline at which watching is cut short."""


def watch(scraper: Scraper, results: Sequence[Result], services: Services, deadline: Deadline) -> None:
    """Tell the operators what they must hear of after `results`, none where the run failed. Never raises.

    Channels that are slow are left at the deadline: the answer comes first, and the next run tells what was not. Ages are
    left alone where only past windows were run again, as somebody does by hand.
    """
    try:
        with deadline.alarm(GRACE_S):
            _watch(scraper, results, services, services.fetch.now())
    except Exception as error:  # noqa: BLE001 -- the run has ended: looking after it must not undo its answer
        services.telemetry.log("warning", "the watch after the run failed", scraper=scraper.NAME, error=str(error))


def _watch(scraper: Scraper, results: Sequence[Result], services: Services, now: datetime) -> None:
    for result in results:
        _documents(result, services, now)
    due = {window.name for window in scraper.windows(now)}
    if not results or any(result.window in due for result in results):
        _ages(scraper, services, now)
    services.notifier.overdue()


@contextmanager
def _once(store: Store, marks: Iterable[str], now: datetime, lasts: timedelta) -> Iterator[Sequence[str]]:
    """The marks nobody holds, to be told of inside; they are held for as long as it `lasts` once that is done, not before."""
    holder = uuid.uuid4().hex
    mine = [mark for mark in marks if store.lease(mark, holder, now + _CLAIM, now)]
    yield mine
    for mark in mine:
        store.lease(mark, holder, now + lasts, now)


def _documents(result: Result, services: Services, now: datetime) -> None:
    """The parked documents nobody was told of yet; those a supplier refused to give us stand apart."""
    parked = [each for each in (result.outcomes or {}).values() if each.state == "parked"]
    kinds: Mapping[Trouble, list[Outcome]] = {
        "secret-refused": [each for each in parked if each.error_type == "Forbidden"],
        "shape-changed": [each for each in parked if each.error_type != "Forbidden"],
    }
    for kind, outcomes in kinds.items():
        marks = _marks(kind, result, outcomes)
        with _once(services.store, marks, now, REPEATED) as mine:
            if mine:
                _tell(kind, result, [outcome for mark in mine for outcome in marks[mark]], services)


def _marks(kind: Trouble, result: Result, outcomes: Sequence[Outcome]) -> Mapping[str, Sequence[Outcome]]:
    """The names under which documents are told once: a document and its error, whatever the run it was read in."""
    if len(outcomes) > _EACH:
        return {f"told/{kind}/{result.run_id}": outcomes}
    scraper = result.run_id.partition("/")[0]
    digests = {sha256(f"{each.item}\n{each.error_type}".encode()).hexdigest()[:32]: each for each in outcomes}
    return {f"told/{kind}/{scraper}/{digest}": [each] for digest, each in digests.items()}


def _tell(kind: Trouble, result: Result, outcomes: Sequence[Outcome], services: Services) -> None:
    plan = services.store.plan(result.run_id)
    items = {item.key: item for item in plan.items} if plan else {}
    documents: list[Json] = [_document(each, items.get(each.item)) for each in outcomes[:_SHOWN]]
    first = _document(outcomes[0], items.get(outcomes[0].item))
    count = f"{len(outcomes)} of {result.total} documents, the first is " if len(outcomes) > 1 else ""
    detail: dict[str, Json] = {"run_id": result.run_id, "documents": documents}
    if result.signal:
        read = f"{result.signal.coverage * 100:.1f} % of what was due was read"
        detail["headline"] = f"withheld, {read}" if result.signal.withheld else f"published, {read}"
    services.notifier.operator(kind, f"{result.run_id}: {count}{first['name']}: {first['words']}", detail, len(outcomes))


def _document(outcome: Outcome, item: Item | None) -> dict[str, Json]:
    words, _, shown = outcome.evidence.partition("\n")
    words = words.removeprefix(f"{item.url if item else ''}: ")
    told = f"{words[:200]}; it says: {shown[:200]}" if shown.strip() else words[:300]
    return {"name": (item.label if item else "") or outcome.item, "words": told, "url": item.url if item else ""}


def _ages(scraper: Scraper, services: Services, now: datetime) -> None:
    """Report how old every scraper's newest headline is, and tell the operators of each that is too old.

    `Overdue` is the worst age as a share of what is allowed. A scraper that never published is as old as the first look.
    """
    since = _since(services, now)
    overdue = 0.0
    for name in NAMES:
        published = newest_headline(services.store, name)
        allowed = TOO_OLD * PERIODS[name]
        age = now - (published[1] if published else since)
        overdue = max(overdue, age / allowed)
        if published:
            newest, at = published
            services.telemetry.metric("HeadlineAge", age.total_seconds() / 3600, "None", Scraper=name)
            if why := too_old(scraper if name == scraper.NAME else None, newest, at, now):
                words = f"concluded {at:%Y-%m-%d %H:%M} UTC, {_long(age)} ago; {why}"
                _tell_age(name, newest.window, f"the newest headline is that of {newest.window}, {words}", services, now)
        elif age > allowed:
            words = f"no headline has been published for {_long(age)}; {_long(allowed)} are allowed"
            _tell_age(name, "none", words, services, now)
    services.telemetry.metric("Overdue", overdue, "None", Scraper="all")


def _since(services: Services, now: datetime) -> datetime:
    """When ages were first looked at here."""
    kept = services.store.kept(_FIRST_LOOK)
    if isinstance(kept, str):
        return datetime.fromisoformat(kept)
    services.store.keep(_FIRST_LOOK, now.isoformat(), now)
    return now


def newest_headline(store: Store, name: str) -> tuple[Signal, datetime] | None:
    """A scraper's newest signal that was not withheld, with when it was concluded; None where there is none."""
    for limit in _LOOKED_THROUGH:
        kept = store.signals(name, limit=limit)
        published = [(signal, at) for signal, at in kept if signal.withheld is None]
        if published:
            return published[-1]
        if len(kept) < limit:
            break
    return None


def too_old(scraper: Scraper | None, newest: Signal, at: datetime, now: datetime) -> str:
    """Why the newest headline, concluded `at`, is too old; empty when it is not. With its scraper its window is judged too."""
    allowed = TOO_OLD * PERIODS[newest.scraper]
    if now - at > allowed:
        return f"{_long(allowed)} are allowed"
    if scraper and _behind(scraper, newest, now):
        return f"a newer one has been due for half a {scraper.WINDOW}"
    return ""


def _tell_age(name: str, window: str, words: str, services: Services, now: datetime) -> None:
    with _once(services.store, [f"told/data-too-old/{name}/{window}"], now, REMINDED) as mine:
        if mine:
            services.notifier.operator("data-too-old", f"{name}: {words}", {"scraper": name, "window": window})


def _behind(scraper: Scraper, newest: Signal, now: datetime) -> bool:
    """Whether a run half a period ago had a newer window to work on than the newest headline's."""
    due = scraper.windows(now)[-1]
    earlier = scraper.windows(now - (due.last - due.first + timedelta(days=1)) / 2)[-1]
    return Window.parse(newest.window) < earlier


def _long(span: timedelta) -> str:
    """`36 hours`, `52 days`."""
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
