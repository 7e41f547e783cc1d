"""Logs and metrics: on Lambda one JSON object a line and embedded metric format on standard output; on a terminal words
on standard error. Everything passes the redactor; a line that cannot be written never stops a run.
"""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO

from chalicelib.errors import SentinelError, Unreadable
from chalicelib.redaction import Redactor

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.types import PowertoolsLogRecord

NAMESPACE = "BoomBustSentinel/Lambda"
SERVICE = "boom-bust-sentinel"
DIMENSIONS = frozenset({"FunctionName", "ErrorType", "Outcome", "Scraper"})
"""All there may be: every further dimension multiplies what CloudWatch bills."""
_DIMENSION_VALUE = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_GROUPS_MOST = 40
_VALUES_MOST = 100
"""CloudWatch takes at most 100 values of a metric in one object."""
_LONGEST = 4_000
"""Characters of one logged text; a log event may hold 256 KB."""
_TAKEN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "level", "timestamp", "location", "service"}
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_ENCODER = json.JSONEncoder(default=str, separators=(",", ":"))
_CONFIDENCE = {"high": 1.0, "medium": 0.5, "low": 0.0}
_UNPRINTABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

Level = Literal["debug", "info", "warning", "error"]
Unit = Literal["Count", "Milliseconds", "None"]


class LambdaTelemetry:
    """One invocation's logs and metrics. `context` (run id, scraper) is written on every line, next to the execution id.

    `function` is the deployed function's name, the value of the dimension `FunctionName`; `application` its stage's.
    """

    def __init__(
        self,
        function: str,
        execution_id: str,
        redactor: Redactor,
        *,
        application: str = SERVICE,
        level: str = "INFO",
        stream: IO[str] | None = None,
        **context: object,
    ) -> None:
        self._application = application
        self._function, self._redactor, self._stream = function, redactor, stream or sys.stdout
        self._lock = threading.Lock()
        self._held: dict[tuple[tuple[str, str], ...], dict[str, tuple[Unit, list[float]]]] = {}
        self._flushed = False
        guard_root(redactor)
        self._logger = _logger(self._stream, redactor, level, function=function, execution_id=execution_id, **context)

    def log(self, level: Level, message: str, **fields: object) -> None:
        """One JSON line."""
        fields = {f"{name}_" if name in _TAKEN else name: value for name, value in fields.items()}
        try:
            getattr(self._logger, level)(message, stacklevel=3, extra=fields)
        except Exception as error:  # noqa: BLE001 -- a full disk or a closed stream under the log must not end the run
            _last_resort(error)

    def metric(self, name: str, value: float, unit: Unit, **dimensions: str) -> None:
        """One value of one metric, under the function's name and the dimensions given.

        A `Scraper` (one or `all`) stands under the application in the function's place. Counts of one name add up until
        the flush. Values that are no finite number are logged instead.
        """
        if not math.isfinite(value):
            self.log("warning", "metric is no number", metric=name, value=str(value))
            return
        unknown = {key: text for key, text in dimensions.items() if key not in DIMENSIONS}
        if unknown:
            self.log("warning", "metric dimension is not one of ours", metric=name, dimensions=unknown)
        ours = {key: _bounded(text) for key, text in dimensions.items() if key in DIMENSIONS}
        above = {"Application": self._application} if "Scraper" in ours else {"FunctionName": self._function}
        ours = {**above, **ours}
        with self._lock:
            key = tuple(sorted(ours.items()))
            if key not in self._held and len(self._held) >= _GROUPS_MOST:
                key = (("FunctionName", self._function),)
            held = self._held.setdefault(key, {})
            if unit == "Count" and name in held:
                held[name][1][0] += value
            else:
                held.setdefault(name, (unit, []))[1].append(value)

    def flush(self) -> None:
        """Write what is held, one object per set of dimensions."""
        with self._lock:
            held, self._held = self._held, {}
        try:
            for key, metrics in held.items():
                for line in _embedded(dict(key), metrics):
                    self._stream.write(line + "\n")
            self._stream.flush()
        except Exception as error:  # noqa: BLE001 -- as for a log line
            _last_resort(error)

    def failure(self, error: BaseException) -> None:
        """An error with its stack trace, and with its place and words when a document could not be read."""
        more: dict[str, object] = {}
        if isinstance(error, SentinelError):
            more = {"status": error.status, "passing": error.passing}
        if isinstance(error, Unreadable):
            more |= {"where": error.where, "evidence": error.evidence}
        try:
            self._logger.error(
                str(error), exc_info=(type(error), error, error.__traceback__), extra={"error_type": type(error).__name__, **more}
            )
        except Exception as broken:  # noqa: BLE001 -- as for a log line
            _last_resort(broken)

    def close(self, status: int, body: Mapping[str, object], seconds: float) -> None:
        """The invocation's last line and metrics, then the one flush."""
        if self._flushed:
            return
        self._flushed = True
        for name, value, unit, dimensions in measured(status, body, seconds):
            self.metric(name, value, unit, **dimensions)
        self.log("info" if status == 200 else "error", "answered", **_closing(status, body, seconds))
        self.flush()

    def redact(self, value: object) -> object:
        """`value` without secrets."""
        return self._redactor.value(value)


class TerminalTelemetry:
    """A person's view: one line of words on standard error for what is at or above `level`; metrics go nowhere."""

    def __init__(self, redactor: Redactor, *, level: str = "INFO", stream: TextIO | None = None) -> None:
        self._redactor, self._least, self._stream = redactor, logging.getLevelNamesMapping()[level], stream
        guard_root(redactor)

    def log(self, level: Level, message: str, **fields: object) -> None:
        """One line: time, level, message, `name=value` pairs."""
        if _LEVELS[level] < self._least:
            return
        pairs = [f"{name}={value}" for name, value in fields.items() if value not in (None, "")]
        line = self._redactor.text("  ".join([datetime.now(UTC).strftime("%H:%M:%S"), f"{level:7}", message, *pairs]))
        print(printable(line[:_LONGEST]), file=self._stream or sys.stderr)

    def metric(self, name: str, value: float, unit: Unit, **dimensions: str) -> None:
        """Shown at level debug only."""
        self.log("debug", f"{name} {value:g}", unit=unit, **dimensions)

    def flush(self) -> None:
        """Nothing is held."""

    def failure(self, error: BaseException) -> None:
        """The error's words; its trace too when it is none of ours, or at level debug."""
        self.log("error", str(error), error_type=type(error).__name__)
        if not isinstance(error, SentinelError) or self._least <= logging.DEBUG:
            trace = self._redactor.text("".join(traceback.format_exception(error)))
            for line in trace.splitlines():
                print(printable(line), file=self._stream or sys.stderr)

    def close(self, status: int, body: Mapping[str, object], seconds: float) -> None:
        """How it ended."""
        self.log("info" if status == 200 else "error", "answered", **_closing(status, body, seconds))

    def redact(self, value: object) -> object:
        """`value` without secrets."""
        return self._redactor.value(value)


class RedactingFilter(logging.Filter):
    """Cleans the lines of libraries (urllib3, botocore) before a handler writes them."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; the record's message, arguments and trace are replaced by their clean text."""
        try:
            record.msg, record.args = self._redactor.text(record.getMessage()), None
        except (TypeError, ValueError):
            record.msg, record.args = "a log line that does not fit its arguments", None
        if record.exc_info:
            record.exc_text = self._redactor.text(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


def guard_root(redactor: Redactor) -> None:
    """Put the filter on every handler of the root logger, in the place of an earlier one."""
    for handler in [*logging.getLogger().handlers, *([logging.lastResort] if logging.lastResort else [])]:
        for earlier in [each for each in handler.filters if isinstance(each, RedactingFilter)]:
            handler.removeFilter(earlier)
        handler.addFilter(RedactingFilter(redactor))


def measured(status: int, body: Mapping[str, object], seconds: float) -> Iterator[tuple[str, float, Unit, dict[str, str]]]:
    """An invocation's metrics: name, value, unit, dimensions beside the function's name. A rehearsal counts as such only."""
    outcome = "Success" if body.get("success") else "Failure"
    if body.get("dry_run"):
        outcome = "Rehearsal"
    elif status == 408:
        outcome = "OutOfTime"
    yield "ExecutionTime", seconds * 1000, "Milliseconds", {}
    yield "Executions", 1, "Count", {}
    yield "Executions", 1, "Count", {"Outcome": outcome}
    if not body.get("success"):
        yield "Errors", 1, "Count", {}
        yield "Errors", 1, "Count", {"ErrorType": str(body.get("error_type") or "InternalError")}
        if status != HTTPStatus.REQUEST_TIMEOUT or not _goes_on(body):
            yield "Errors", 1, "Count", {"Scraper": "all"}
    summary = body.get("data_summary")
    if not isinstance(summary, Mapping) or body.get("dry_run"):
        return
    items = summary.get("items")
    parked = items.get("parked") if isinstance(items, Mapping) else None
    for name, value, unit in (
        ("DataPointsProcessed", summary.get("data_points"), "Count"),
        ("ItemsParked", parked, "Count"),
        ("Headline", summary.get("headline"), "None"),
        ("Coverage", summary.get("coverage"), "None"),
        ("Confidence", _CONFIDENCE.get(str(summary.get("confidence"))), "None"),
    ):
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            yield name, float(value), _unit(unit), {}


def _goes_on(body: Mapping[str, object]) -> bool:
    """Whether a run out of time is carried on: nobody need be woken for it."""
    continuation = body.get("continuation")
    return isinstance(continuation, Mapping) and (bool(continuation.get("started")) or "chunk_index" in body)


def printable(text: str) -> str:
    """`text` with what could move the cursor, hide or reverse other text written as its code."""
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _unit(unit: str) -> Unit:
    return "Count" if unit == "Count" else "None"


def _closing(status: int, body: Mapping[str, object], seconds: float) -> dict[str, object]:
    named = ("scraper", "run_id", "window", "error", "error_type", "chunk_index", "progress", "dry_run")
    return {"status": status, "duration_ms": round(seconds * 1000), **{key: body[key] for key in named if key in body}}


def _bounded(text: str) -> str:
    return text if _DIMENSION_VALUE.fullmatch(text) else "Other"


def _embedded(dimensions: dict[str, str], metrics: Mapping[str, tuple[Unit, list[float]]]) -> Iterator[str]:
    """The objects, as lines, that carry `metrics`: as many as their longest series needs."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

    longest = max(len(values) for _, values in metrics.values())
    for start in range(0, longest, _VALUES_MOST - 1):
        provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
        provider.service = ""
        for dimension, text in dimensions.items():
            provider.add_dimension(dimension, text)
        for name, (unit, values) in metrics.items():
            for value in values[start : start + _VALUES_MOST - 1]:
                provider.add_metric(name, unit, value)
        yield json.dumps(provider.serialize_metric_set(), separators=(",", ":"), allow_nan=False)


def _logger(stream: IO[str], redactor: Redactor, level: str, **keys: object) -> Logger:
    """The process's logger, begun afresh: nothing an earlier invocation of this warm instance appended is left.

    Its handler is the only one that sees its lines: any other's would be neither JSON nor redacted.
    """
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    logger = Logger(service=SERVICE, level=level, stream=stream, utc=True)
    handler = logger.registered_handler
    if isinstance(handler, logging.StreamHandler) and handler.stream is not stream:
        handler.stream = stream  # setStream would flush the stream before, which may be closed
    formatter = LambdaPowertoolsFormatter(
        json_serializer=_serializer(redactor), utc=True, use_rfc3339=True, serialize_stacktrace=False
    )
    formatter.append_keys(service=SERVICE, **keys)
    handler.setFormatter(formatter)
    logger.setLevel(level)
    own = logging.getLogger(SERVICE)
    own.handlers, own.propagate = [handler], False
    return logger


def _serializer(redactor: Redactor) -> Callable[[dict[str, Any] | PowertoolsLogRecord], str]:
    def serialize(record: dict[str, Any] | PowertoolsLogRecord) -> str:
        short = {key: _shortened(value) for key, value in record.items()}
        line = _ENCODER.encode(short)
        return _ENCODER.encode(redactor.value(short)) if redactor.suspects(line) else line

    return serialize


def _shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[: _LONGEST // 2] + " … " + value[-_LONGEST // 2 :]
    if isinstance(value, str | int | float | bool | Mapping | list | tuple) or value is None:
        return value
    return str(value)


def _last_resort(error: Exception) -> None:
    """Say on standard error, if that still works, that telling failed; only the kind, for its words were not cleaned."""
    with suppress(Exception):
        sys.stderr.write(f"telemetry failed: {type(error).__name__}\n")
