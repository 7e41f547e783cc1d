"""From a Lambda event to its answer: check the event, run the engine, and say in one body what happened.

`handle` serves the scheduled functions, `handle_chunk` the chunked ones; neither raises.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.errors import BadEvent, Forbidden, SentinelError

if TYPE_CHECKING:
    from chalicelib.deadline import Deadline
    from chalicelib.engine import Result, Task
    from chalicelib.model import Item, Window
    from chalicelib.ports import Notifier, Scraper, Services

_SOURCES = ("aws.events", "manual")
_LARGEST_CHUNK = 10_000
_LONGEST_ANSWER = 200_000
"""Characters; Step Functions hands on at most 262,144 bytes."""


@dataclass(frozen=True)
class Request:
    """A scheduled or manual event, checked."""

    window: str | None
    rehearsal: bool


@dataclass(frozen=True)
class ChunkRequest:
    """A chunk event, checked; `window` is None for the scraper's default."""

    window: str | None
    size: int
    index: int


@dataclass(frozen=True)
class Invocation:
    """One call of one function: who it is, how long it may take and what it works with."""

    scraper: Scraper
    services: Services
    execution_id: str
    deadline: Deadline

    def task(self, window: Window) -> Task:
        """The engine's task for `window`."""
        from chalicelib.assembly import task_for

        return task_for(self.scraper, window, self.deadline, self.execution_id)


def handle(name: str, event: object, context: object) -> dict[str, Any]:
    """Answer a scheduled or manual event for the scraper `name`: `{"statusCode": N, "body": {...}}`."""
    return _answer(name, name, event, context, lambda invocation: _run(invocation, parse(name, event)))


def handle_chunk(name: str, event: object, context: object) -> dict[str, Any]:
    """Answer a chunk event for the scraper `name`."""
    return _answer(f"{name}-chunked", name, event, context, lambda invocation: _chunk(invocation, parse_chunk(name, event)))


def parse(name: str, event: object) -> Request:
    """The event's wishes; raises `BadEvent` naming what is wrong with it."""
    if not isinstance(event, Mapping):
        raise BadEvent(f"event: expected an object, got {type(event).__name__}")
    source = event.get("source")
    if source not in _SOURCES:
        raise BadEvent(f"event source {source!r}: expected one of {', '.join(_SOURCES)}")
    detail = event.get("detail") or {}
    if not isinstance(detail, Mapping):
        raise BadEvent(f"event detail: expected an object, got {type(detail).__name__}")
    meant = detail.get("scraper_name", name)
    if meant != name:
        raise BadEvent(f"scraper_name {meant!r}: this function is {name}")
    test = detail.get("test", False)
    if not isinstance(test, bool):
        raise BadEvent(f"detail.test {test!r}: expected true or false")
    return Request(_text(detail, "window"), test)


def parse_chunk(name: str, event: object) -> ChunkRequest:
    """The chunk asked for; raises `BadEvent` naming what is wrong with the event."""
    if not isinstance(event, Mapping):
        raise BadEvent(f"event: expected an object, got {type(event).__name__}")
    window, run_id = _text(event, "window"), _text(event, "run_id")
    if run_id is not None:
        scraper, slash, named = run_id.partition("/")
        if scraper != name or not slash:
            raise BadEvent(f"run_id {run_id!r}: expected {name}/WINDOW")
        if window is not None and window != named:
            raise BadEvent(f"run_id {run_id!r} and window {window!r} do not agree")
        window = named
    return ChunkRequest(window, _whole(event, "chunk_size", 1, _LARGEST_CHUNK), _whole(event, "chunk_index", 0, 10**9))


def _whole(event: Mapping[str, object], name: str, least: int, most: int) -> int:
    value = event.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadEvent(f"{name} {value!r}: expected a whole number from {least} to {most}")
    return value


def _text(event: Mapping[str, object], name: str) -> str | None:
    value = event.get(name)
    if value is not None and not isinstance(value, str):
        raise BadEvent(f"{name} {value!r}: expected text")
    return value


def _is_test(event: object) -> bool:
    detail = event.get("detail") if isinstance(event, Mapping) else None
    return isinstance(detail, Mapping) and detail.get("test") is True


def _answer(
    function: str, name: str, event: object, context: object, work: Callable[[Invocation], tuple[int, dict[str, object]]]
) -> dict[str, Any]:
    """Do `work` with everything it needs and put what it gives, or the error it raises, into one answer."""
    from chalicelib import assembly, scrapers, vigil
    from chalicelib.answer import plain, stamp

    began = time.monotonic()
    execution_id = str(getattr(context, "aws_request_id", None) or uuid.uuid4())
    telemetry = assembly.telemetry_for(function, execution_id)
    rehearsal = _is_test(event)
    notifier: Notifier | None = None
    invocation: Invocation | None = None
    try:
        settings = assembly.settings()
        notifier = assembly.notifier(settings, telemetry)
        if settings.scraper_name not in (None, name):
            raise BadEvent(f"SCRAPER_NAME {settings.scraper_name!r}: this function is {name}")
        deadline = assembly.deadline_of(context, settings)
        scraper = scrapers.load(name)
        services = assembly.assemble(settings, scraper, deadline, telemetry, rehearsal=rehearsal)
        invocation = Invocation(scraper, services, execution_id, deadline)
        status, body = work(invocation)
    except SentinelError as error:
        status, body = error.status, {"success": False, "error": str(error), "error_type": type(error).__name__}
        telemetry.failure(error)
    except Exception as error:  # noqa: BLE001 -- whatever broke, the caller gets an answer and the operators the trace
        status, body = 500, {"success": False, "error": f"{type(error).__name__}: {error}", "error_type": "InternalError"}
        telemetry.failure(error)
    body = {**body, "execution_id": execution_id, "timestamp": stamp(datetime.now(UTC))}
    if body.get("success"):
        body["execution_time"] = round(time.monotonic() - began, 3)
    elif notifier and not rehearsal and _is_grave(status, body, event, invocation):
        notifier.operator("run-failed", f"{function}: {body['error']}", {"execution_id": execution_id, "status": status})
        if invocation:
            vigil.watch(invocation.scraper, (), invocation.services, invocation.deadline)
    telemetry.close(status, body, time.monotonic() - began)
    answered = plain(telemetry.redact(body))
    return {"statusCode": status, "body": answered}


def _is_grave(status: int, body: Mapping[str, object], event: object, invocation: Invocation | None) -> bool:
    """Whether the operators must hear of a failure here: not of what is continued, was told already, or a caller's mistake."""
    if status == 408 or "data_summary" in body:
        return False
    scheduled = isinstance(event, Mapping) and event.get("source") == "aws.events"
    return status != 400 or scheduled or invocation is None


def _run(invocation: Invocation, request: Request) -> tuple[int, dict[str, object]]:
    from chalicelib import answer, engine, vigil
    from chalicelib.assembly import windows_for

    services = invocation.services
    windows = windows_for(invocation.scraper, request.window, services)
    if request.rehearsal:
        result = engine.rehearse(invocation.task(windows[-1]), services)
        return 200, {**answer.of_result(invocation.scraper.NAME, result), "dry_run": True}
    results: list[Result] = []
    unfinished: list[Window] = []
    for window in windows:
        result = engine.run(invocation.task(window), services)
        results.append(result)
        if result.state in ("out-of-time", "open"):
            unfinished.append(window)
    if unfinished:
        return _out_of_time(invocation, results[-1], unfinished)
    vigil.watch(invocation.scraper, results, services, invocation.deadline)
    last = results[-1]
    if last.state == "withheld" and _coverage_failed(last, invocation.scraper):
        upstream = last.count("failed") > last.count("parked")
        error_type = "UpstreamDown" if upstream else "CoverageTooLow"
        return 503 if upstream else 500, {
            **answer.of_result(invocation.scraper.NAME, last),
            "success": False,
            "error": last.signal.withheld if last.signal else "nothing could be published",
            "error_type": error_type,
        }
    body = {**answer.of_result(invocation.scraper.NAME, last), "refreshed": [each.run_id for each in results[:-1]]}
    return _told(invocation, body)


def _told(invocation: Invocation, body: dict[str, object]) -> tuple[int, dict[str, object]]:
    """200, with every alert a channel did not take; the refusal's status when one of this scraper reached nobody we know of.

    The run stands and the alert waits in the outbox: only the answer says that nobody has been told.
    """
    lost = invocation.services.notifier.undelivered()
    if not lost:
        return 200, body
    told = [
        {"alert": each.dispatch_id, "channel": each.channel, "error": str(each.error), "error_type": type(each.error).__name__}
        for each in lost
    ]
    body = {**body, "undelivered": told}
    mine = [each for each in lost if not each.reached and each.dispatch_id.startswith(f"{invocation.scraper.NAME}/")]
    if not mine:
        return 200, body
    error = mine[0].error
    words = f"{mine[0].dispatch_id} has reached nobody and waits for the next run: {error}"
    kind = Forbidden if isinstance(error, BadEvent) else type(error)  # nothing is wrong with the event
    return kind.status, {**body, "success": False, "error": words, "error_type": kind.__name__}


def _coverage_failed(result: Result, scraper: Scraper) -> bool:
    least, most = scraper.EXPECT.items
    read = result.count("done")
    return not least <= result.total <= most or read < result.total * scraper.EXPECT.coverage


def _out_of_time(invocation: Invocation, last: Result, unfinished: list[Window]) -> tuple[int, dict[str, object]]:
    name = invocation.scraper.NAME
    started = [invocation.services.continuation.start(name, f"{name}/{window}", window) for window in unfinished]
    if not all(each["started"] for each in started):
        words = f"{last.run_id}: the time is used up and nothing carries it on: {started}"
        invocation.services.notifier.operator("run-failed", words, {"run_id": last.run_id})
    done = last.count("done") + last.count("parked")
    return 408, {
        "success": False,
        "scraper": name,
        "run_id": last.run_id,
        "error": f"the time is used up: {done} of {last.total} items are read, the rest is continued",
        "error_type": "OutOfTime",
        "progress": {"done": done, "total": last.total, "left": max(0, last.total - done)},
        "continuation": started[0]
        if len(started) == 1
        else {"started": all(each["started"] for each in started), "runs": started},
    }


def _chunk(invocation: Invocation, request: ChunkRequest) -> tuple[int, dict[str, object]]:
    from chalicelib import answer, engine, vigil
    from chalicelib.assembly import windows_for

    services = invocation.services
    task = invocation.task(windows_for(invocation.scraper, request.window, services)[-1])
    result, mine = engine.chunk(task, services, request.size, request.index)
    if request.index and request.index * request.size >= result.total:
        last = max(0, -(-result.total // request.size) - 1)
        raise BadEvent(f"chunk_index {request.index}: the run has {result.total} items, its last chunk is {last}")
    outcomes = result.outcomes or {}
    read = [item.key for item in mine if item.key in outcomes and outcomes[item.key].state == "done"]
    failed = [_failure(item, result) for item in mine if item.key in outcomes and outcomes[item.key].state != "done"]
    unread = len(read) + len(failed) < len(mine) or result.state == "out-of-time"
    following = request.index if unread else _next_chunk(task, services, request, result)
    body: dict[str, object] = {
        "success": not unread,
        "scraper": invocation.scraper.NAME,
        "run_id": result.run_id,
        "window": result.window,
        "chunk_index": request.index,
        "chunk_size": request.size,
        "total_items": result.total,
        "items_processed": read,
        "items_failed": failed,
        "has_more_chunks": following is not None,
        "next_chunk_index": following,
        "progress": {"done": len(outcomes), "total": result.total},
    }
    if result.signal and following is None:
        vigil.watch(invocation.scraper, [result], services, invocation.deadline)
        body |= {"signal": answer.of_signal(result.signal), "alerts": [answer.of_dispatch(each) for each in result.dispatches]}
    if unread:
        return 408, {
            **body,
            "error": "the time is used up: call this chunk again",
            "error_type": "OutOfTime",
            "continuation": {"started": False, "how": "call the same chunk again"},
        }
    return _told(invocation, _passable(body))


def _passable(body: dict[str, object]) -> dict[str, object]:
    """The body, without the signal's own figures where it would be longer than one state may hand to the next."""
    from chalicelib.answer import plain

    signal = body.get("signal")
    if not isinstance(signal, Mapping) or len(json.dumps(plain(body))) <= _LONGEST_ANSWER:
        return body
    return {**body, "signal": {**signal, "data": {}, "left_out": "data: history has it"}}


def _failure(item: Item, result: Result) -> dict[str, object]:
    outcome = (result.outcomes or {})[item.key]
    return {"item": item.key, "state": outcome.state, "error_type": outcome.error_type, "evidence": outcome.evidence[:500]}


def _next_chunk(task: Task, services: Services, request: ChunkRequest, result: Result) -> int | None:
    """The chunk after this one; at the end the first that still has unread items, None when there is none."""
    from chalicelib import engine

    if (request.index + 1) * request.size < result.total:
        return request.index + 1
    plan = services.store.plan(task.run_id)
    left = {item.key for item, _ in engine.pending(task, services, plan, plan.items)} if plan else set()
    return next((n // request.size for n, item in enumerate(plan.items) if item.key in left), None) if plan else None
