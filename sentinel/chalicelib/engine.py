"""The life of a run: plan, read, conclude; in chunks, under a deadline, resumed after a kill at any instant.

    plan      discover the items once per generation and store the list; a later generation only appends
    read      each item's observations are stored together with its outcome
    conclude  once per generation: summarise, check coverage, store signal and outbox in one write, then send

Whichever invocation finds nothing left to read concludes; the store decides when two do so at once.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Literal

from chalicelib import limits, outbox
from chalicelib.deadline import Deadline
from chalicelib.errors import OutOfTime, SentinelError, Unreadable
from chalicelib.model import Item, Notice, Observation, Outcome, Signal, Window
from chalicelib.ports import Conclusion, Dispatch, Plan, Scraper, Services

ATTEMPTS = 3
"""How often one generation of a run tries an item that fails for a passing reason."""
WORKERS = 8
"""Documents in flight: enough to keep 8 requests a second busy at 200 ms latency while others are being read."""
REHEARSED_ITEMS = 3
GRACE_S = 2.0  # how long code that does not ask for the time may overrun before the alarm stops it
LEASE_S = 900  # Lambda's own limit


@dataclass(frozen=True)
class Task:
    """What one invocation is asked to do. `holder` names the invocation; `known_by` plays history as of an instant."""

    scraper: Scraper
    window: Window
    holder: str
    deadline: Deadline
    known_by: datetime | None = None
    silent: bool = False

    @property
    def run_id(self) -> str:
        """`bond-issuance/2026-W47`."""
        return f"{self.scraper.NAME}/{self.window.name}"


@dataclass(frozen=True)
class Result:
    """How far a run has come. `state`: `concluded`, `withheld`, `out-of-time`, `elsewhere` (another invocation has the
    lease) or `rehearsed`. `signal` is there once concluded; `dispatches` are what this generation decided to send.
    """

    run_id: str
    window: str
    state: Literal["concluded", "withheld", "out-of-time", "elsewhere", "rehearsed", "open"]
    total: int = 0
    outcomes: Mapping[str, Outcome] | None = None
    signal: Signal | None = None
    dispatches: tuple[Dispatch, ...] = ()
    notices: tuple[Notice, ...] = ()
    found: tuple[Observation, ...] = ()

    def count(self, state: str) -> int:
        """How many items ended in `state`."""
        return sum(outcome.state == state for outcome in (self.outcomes or {}).values())


def run(task: Task, services: Services) -> Result:
    """Bring the run to its conclusion, or as far as time allows; a concluded run is refreshed.

    Raises what `discover` raises when there is no list of items yet, and the store's errors.
    """
    until = datetime.now(UTC) + timedelta(seconds=min(task.deadline.remaining_s(), LEASE_S))
    if not services.store.lease(task.run_id, task.holder, until, datetime.now(UTC)):
        return Result(task.run_id, task.window.name, "elsewhere")
    plan: Plan | None = None
    try:
        with task.deadline.alarm(GRACE_S):
            plan = plan_for(task, services, refresh=True)
            read(task, services, plan, plan.items)
            conclude(task, services, plan)
    except OutOfTime:
        services.telemetry.log("warning", "out of time", run_id=task.run_id)
    finally:
        services.store.release(task.run_id, task.holder)
    return result_of(task, services, plan)


def chunk(task: Task, services: Services, size: int, index: int) -> tuple[Result, Sequence[Item]]:
    """Read the `index`-th `size` items of the stored list, and conclude when nothing is left; the items it covers."""
    plan: Plan | None = None
    mine: Sequence[Item] = ()
    try:
        with task.deadline.alarm(GRACE_S):
            plan = plan_for(task, services, refresh=False)
            mine = plan.items[index * size : (index + 1) * size]
            read(task, services, plan, mine)
            if not pending(task, services, plan, plan.items):
                conclude(task, services, plan)
    except OutOfTime:
        services.telemetry.log("warning", "out of time", run_id=task.run_id, chunk_index=index)
    return result_of(task, services, plan), mine


def rehearse(task: Task, services: Services) -> Result:
    """Discover, read and summarise a few items; write nothing, alert nobody."""
    found: list[Observation] = []
    outcomes: dict[str, Outcome] = {}
    items, notices = _discovered(task, services, REHEARSED_ITEMS)
    for item in items:
        outcome, observations = _read_one(task, services, item, generation=0, attempts=1)
        outcomes[item.key] = outcome
        found += observations
    given = [each for each in found if each.as_of <= task.window.last]
    signal = task.scraper.summarise(given, _history(task, services), task.window)
    return Result(task.run_id, task.window.name, "rehearsed", len(items), outcomes, signal, (), tuple(notices), tuple(found))


def plan_for(task: Task, services: Services, *, refresh: bool) -> Plan:
    """The run's list of items: the stored one, or a new generation where there is none or `refresh` finds it concluded."""
    kept = services.store.plan(task.run_id)
    concluded = services.store.concluded(task.run_id)
    if kept and not (refresh and concluded and concluded.generation >= kept.generation):
        return kept
    found, notices = _discovered(task, services)
    items = {item.key: item for item in (*(kept.items if kept else ()), *found)}
    plan = Plan(
        task.run_id,
        task.scraper.NAME,
        task.window.name,
        kept.generation + 1 if kept else 1,
        tuple(items.values()),
        tuple(notices),
        datetime.now(UTC),
    )
    return services.store.save_plan(plan)


def _discovered(task: Task, services: Services, most: int | None = None) -> tuple[list[Item], list[Notice]]:
    """What is due, and what is said of it; only the first `most` of both together."""
    items: list[Item] = []
    notices: list[Notice] = []
    for planned in islice(task.scraper.discover(task.window, services.fetch), most):
        task.deadline.check()
        if isinstance(planned, Item):
            items.append(planned)
        else:
            notices.append(planned)
    return items, notices


def pending(task: Task, services: Services, plan: Plan, items: Sequence[Item]) -> list[tuple[Item, int]]:
    """The items still to be read, each with how often this generation has tried it."""
    outcomes = services.store.outcomes(task.run_id)
    left: list[tuple[Item, int]] = []
    for item in items:
        outcome = outcomes.get(item.key)
        if (
            outcome is None
            or (outcome.version, outcome.reader) != (item.version, task.scraper.READER)
            or (outcome.state != "done" and outcome.generation < plan.generation)
        ):
            left.append((item, 0))
        elif outcome.state == "failed" and outcome.attempts < ATTEMPTS:
            left.append((item, outcome.attempts))
    return left


def read(task: Task, services: Services, plan: Plan, items: Sequence[Item]) -> None:
    """Read what is pending of `items`, storing each as it is done; items that fail are tried again `ATTEMPTS` times."""
    for _ in range(ATTEMPTS):
        left = pending(task, services, plan, items)
        if not left:
            return
        for item, outcome, observations in _read_all(task, services, plan, left):
            services.store.complete(task.run_id, task.scraper.NAME, item, outcome, observations)
            _say(services, task, item, outcome)
            task.deadline.check()


def _read_all(
    task: Task, services: Services, plan: Plan, left: Sequence[tuple[Item, int]]
) -> Iterator[tuple[Item, Outcome, Sequence[Observation]]]:
    """Each pending item with what reading it gave, in the order they finish; never more than a few ahead of the store."""
    pool = ThreadPoolExecutor(min(WORKERS, len(left)), thread_name_prefix="read")
    queue = iter(left)
    flying: dict[Future[tuple[Outcome, Sequence[Observation]]], Item] = {}
    try:
        while True:
            for item, attempts in islice(queue, 2 * WORKERS - len(flying)):
                task.deadline.check()
                flying[pool.submit(_read_one, task, services, item, plan.generation, attempts + 1)] = item
            if not flying:
                return
            ready, _ = wait(flying, timeout=min(task.deadline.remaining_s(), 3600), return_when=FIRST_COMPLETED)
            for future in ready:
                yield flying.pop(future), *future.result()
            task.deadline.check()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read_one(
    task: Task, services: Services, item: Item, generation: int, attempts: int
) -> tuple[Outcome, Sequence[Observation]]:
    """One item's outcome and observations. Raises only `OutOfTime`; any other error becomes a parked or failed outcome."""
    observations: list[Observation] = []
    notices: list[Notice] = []
    state: Literal["done", "parked", "failed"] = "done"
    error_type = evidence = ""
    try:
        for read_out in task.scraper.read(item, services.fetch):
            if isinstance(read_out, Observation):
                observations.append(read_out)
            else:
                notices.append(read_out)
    except OutOfTime:
        raise
    except SentinelError as error:
        state = "failed" if error.passing else "parked"
        error_type = type(error).__name__
        evidence = f"{error}\n{error.evidence}".strip() if isinstance(error, Unreadable) else str(error)
    except Exception as error:  # noqa: BLE001 -- one document that breaks the reader must not stop the others
        state, error_type = "parked", type(error).__name__
        evidence = f"{error_type}: {error}"
        services.telemetry.log(
            "error", "the reader broke", run_id=task.run_id, item=item.key, trace=traceback.format_exc(limit=8)
        )
    outcome = Outcome(
        item=item.key,
        state=state,
        version=item.version,
        reader=task.scraper.READER,
        generation=generation,
        at=datetime.now(UTC),
        attempts=attempts,
        observations=len(observations) if state == "done" else 0,
        error_type=error_type,
        evidence=str(services.telemetry.redact(evidence)),
        notices=tuple(notices),
    )
    return outcome, observations if state == "done" else ()


def _say(services: Services, task: Task, item: Item, outcome: Outcome) -> None:
    services.telemetry.log(
        "info" if outcome.state == "done" else "warning",
        f"item {outcome.state}",
        run_id=task.run_id,
        scraper=task.scraper.NAME,
        item=item.key,
        label=item.label,
        observations=outcome.observations,
        **({"error_type": outcome.error_type, "evidence": outcome.evidence[:300]} if outcome.state != "done" else {}),
    )


def conclude(task: Task, services: Services, plan: Plan) -> None:
    """Summarise and store this generation's signal with its outbox, unless another invocation has; then send."""
    history = _history(task, services)
    signal = signal_of(task, services, plan, history)
    in_force = limits.in_force(task.scraper, services)
    alerts = () if signal.headline is None else tuple(task.scraper.alerts(signal, history, in_force))
    now = datetime.now(UTC)
    earlier = [*services.store.dispatches(task.run_id), *services.store.dispatches(limit=500)]
    decided = outbox.dispatches(task.run_id, task.scraper.NAME, alerts, earlier, now, settled=signal.headline is not None)
    if task.silent:
        decided = tuple(replace(each, sent_at=now, delivered=(outbox.SILENT,)) for each in decided)
    conclusion = Conclusion(task.run_id, plan.generation, signal, min(now, task.known_by or now), decided)
    concluded = services.store.conclude(conclusion)
    if concluded and signal.withheld and not task.silent:
        services.notifier.operator("nothing-published", f"{task.run_id}: {signal.withheld}", {"run_id": task.run_id})
    deliver(services)
    if concluded and services.copy:
        copied = services.copy.catch_up(task.scraper.NAME, task.scraper.LOOKBACK_DAYS, task.deadline)
        if copied.delayed and not task.silent:
            services.notifier.operator("copy-delayed", f"{task.run_id}: {copied.delayed}", {"run_id": task.run_id})


def signal_of(task: Task, services: Services, plan: Plan, history: Sequence[Signal]) -> Signal:
    """The signal from all that is known, withheld when the run was too small, too large or read too little."""
    scraper = task.scraper
    signal = scraper.summarise(observations(task, services), history, task.window)
    outcomes = services.store.outcomes(task.run_id)
    due = [item for item in plan.items if item.detail.get("beside") is not True]
    done = sum(item.key in outcomes and outcomes[item.key].state == "done" for item in due)
    coverage = min(signal.coverage, Decimal(done) / len(due) if due else Decimal(1))
    least, most = scraper.EXPECT.items
    withheld = signal.withheld
    if not least <= len(plan.items) <= most:
        withheld = f"{len(plan.items)} items were found where {least} to {most} are plausible"
    elif withheld is None and coverage < scraper.EXPECT.coverage:
        words = f"{coverage:.1%} of what was due could be read ({done} of {len(due)} items)"
        withheld = f"{words}, {scraper.EXPECT.coverage:.0%} is needed"
    signal = replace(signal, coverage=coverage)
    return signal if withheld is None else signal.without_headline(withheld)


def observations(task: Task, services: Services) -> list[Observation]:
    """What the task's window is summarised from: the scraper's days before it included, as known by `known_by`."""
    first = task.window.first - timedelta(days=task.scraper.LOOKBACK_DAYS)
    stored = services.store.observations(task.scraper.NAME, first, task.window.last, task.known_by)
    return [each.observation for each in stored]


def _history(task: Task, services: Services) -> list[Signal]:
    kept = services.store.signals(task.scraper.NAME, before=task.window, limit=600, known_by=task.known_by)
    return [signal for signal, _ in kept]


def deliver(services: Services) -> None:
    """Send what the outbox holds, of this run or of one that was killed before it could; the rest waits for the next run."""
    for dispatch in services.store.dispatches(pending=True):
        conclusion = services.store.concluded(dispatch.run_id)
        if conclusion:
            services.store.mark(services.notifier.send(dispatch, conclusion.signal))


def result_of(task: Task, services: Services, plan: Plan | None) -> Result:
    """What the store says of the run now."""
    if plan is None:
        return Result(task.run_id, task.window.name, "out-of-time")
    outcomes = services.store.outcomes(task.run_id)
    conclusion = services.store.concluded(task.run_id)
    if conclusion and conclusion.generation < plan.generation:
        conclusion = None
    signal = conclusion.signal if conclusion else None
    state: Literal["concluded", "withheld", "out-of-time", "open"] = "open"
    if signal:
        state = "withheld" if signal.withheld else "concluded"
    elif task.deadline.remaining_s() <= 0:
        state = "out-of-time"
    notices = plan.notices + tuple(notice for outcome in outcomes.values() for notice in outcome.notices)
    planned = {item.key for item in plan.items}
    return Result(
        task.run_id,
        task.window.name,
        state,
        len(plan.items),
        {key: outcome for key, outcome in outcomes.items() if key in planned},
        signal,
        conclusion.outbox if conclusion else (),
        notices,
    )
