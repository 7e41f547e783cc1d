"""Logs are one JSON object a line with their context, metrics are valid embedded metric format, and neither can stop a run."""

from __future__ import annotations

import io
import json
import logging
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from chalicelib.adapters.telemetry import SERVICE, LambdaTelemetry, TerminalTelemetry, guard_root, measured
from chalicelib.errors import Unreadable
from chalicelib.redaction import Redactor

FUNCTION = "boom-bust-sentinel-dev-bond-issuance"
EMF_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "properties": {
                            "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "maxItems": 30,
                                    "items": {"type": "string", "minLength": 1, "maxLength": 250},
                                },
                            },
                            "Metrics": {
                                "type": "array",
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "properties": {
                                        "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
                                        "Unit": {"enum": ["Count", "Milliseconds", "None"]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}
"""From CloudWatch's embedded metric format specification, with the units we use."""


class Out(io.StringIO):
    """A stream that counts its flushes."""

    flushes = 0

    def flush(self) -> None:
        self.flushes += 1

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def logs(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if "_aws" not in line]

    def metrics(self) -> dict[tuple[str, str], list[float]]:
        """Values by name and dimensions (`FunctionName=…,Outcome=…`)."""
        found: dict[tuple[str, str], list[float]] = {}
        for line in self.lines():
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                for dimensions in directive["Dimensions"]:
                    label = ",".join(f"{name}={line[name]}" for name in sorted(dimensions))
                    for metric in directive["Metrics"]:
                        values = line[metric["Name"]]
                        found.setdefault((metric["Name"], label), []).extend(values if isinstance(values, list) else [values])
        return found


def telemetry(out: Out, **more: Any) -> LambdaTelemetry:
    return LambdaTelemetry(FUNCTION, "execution-1", Redactor(), stream=out, **more)


def test_line_has_its_context() -> None:
    """Each line is one JSON object with level, time, execution id, what was bound and what was given."""
    out = Out()
    telemetry(out, run_id="bond-issuance/2026-W47").log(
        "info", "item done", item="filing-1", duration_ms=12, name="taken", value=Decimal("1.5")
    )
    [line] = out.logs()
    assert line["timestamp"].endswith("+00:00")
    assert {
        key: line[key] for key in ("level", "message", "execution_id", "run_id", "item", "duration_ms", "name_", "value")
    } == {
        "level": "INFO",
        "message": "item done",
        "execution_id": "execution-1",
        "run_id": "bond-issuance/2026-W47",
        "item": "filing-1",
        "duration_ms": 12,
        "name_": "taken",
        "value": "1.5",
    }


def test_nobody_else_writes_our_lines(capfd: pytest.CaptureFixture[str]) -> None:
    """A framework's handler on the same logger or on the root writes no second, unredacted copy of a line."""
    out, plain = Out(), io.StringIO()
    for name in (SERVICE, None):
        logging.getLogger(name).addHandler(logging.StreamHandler(plain))
    try:
        LambdaTelemetry(FUNCTION, "execution-1", Redactor(["canary-4711"]), stream=out).log("error", "refused canary-4711")
    finally:
        logging.getLogger().handlers = [
            each for each in logging.getLogger().handlers if getattr(each, "stream", None) is not plain
        ]
    assert [line["message"] for line in out.logs()] == ["refused [redacted]"]
    assert plain.getvalue() + "".join(capfd.readouterr()) == ""


def test_level_is_obeyed() -> None:
    """Debug lines appear at DEBUG only, also when a warm instance was begun at another level."""
    for level, expected in (("INFO", 0), ("DEBUG", 1), ("INFO", 0)):
        out = Out()
        telemetry(out, level=level).log("debug", "details")
        assert len(out.logs()) == expected


def test_warm_start_leaks_nothing() -> None:
    """The next invocation of a warm instance has nothing of the one before: no context, no metric, no line on its stream."""
    first, second = Out(), Out()
    one = LambdaTelemetry(FUNCTION, "execution-1", Redactor(), stream=first, run_id="bond-issuance/2026-W47")
    one.metric("DataPointsProcessed", 9, "Count")
    two = LambdaTelemetry(FUNCTION, "execution-2", Redactor(), stream=second)
    two.log("info", "begun")
    two.close(200, {"success": True}, 0.1)
    assert "run_id" not in second.logs()[0]
    assert second.logs()[0]["execution_id"] == "execution-2"
    assert first.getvalue() == ""
    assert not [name for name, _ in second.metrics() if name == "DataPointsProcessed"]


def test_failure_tells_trace_and_evidence() -> None:
    """An error's line has the stack trace, its kind, the place and the document's words."""
    out = Out()
    try:
        raise Unreadable("no coupon", where="byte 77", evidence="Floating rate notes due")
    except Unreadable as error:
        telemetry(out).failure(error)
    [line] = out.logs()
    assert (line["level"], line["error_type"], line["where"], line["evidence"]) == (
        "ERROR",
        "Unreadable",
        "byte 77",
        "Floating rate notes due",
    )
    assert "test_telemetry.py" in line["exception"]


def test_control_characters_cannot_forge_a_line() -> None:
    """A document's words with line breaks, escapes or direction marks stay inside one ASCII line."""
    out = Out()
    telemetry(out).log("info", 'x\n{"level":"ERROR"}\x1b[2J\u202e', item="a\r\nb")
    assert len(out.getvalue().splitlines()) == 1
    assert out.getvalue().isascii()


def test_long_fields_are_cut() -> None:
    """No field can blow up a log line."""
    out = Out()
    telemetry(out).log("info", "m", evidence="x" * 1_000_000)
    assert len(out.getvalue()) < 6_000


SUCCESS = {
    "success": True,
    "data_summary": {
        "data_points": 12,
        "items": {"parked": 1},
        "headline": Decimal(7_200_000_000),
        "coverage": Decimal("0.98"),
        "confidence": "medium",
    },
}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, SUCCESS, "Success"),
        (503, {"success": False, "error_type": "UpstreamDown", "error": "x"}, "Failure"),
        (408, {"success": False, "error_type": "OutOfTime", "error": "x"}, "OutOfTime"),
        (200, {**SUCCESS, "dry_run": True}, "Rehearsal"),
    ],
)
def test_one_flush_of_valid_metrics(status: int, body: dict[str, Any], outcome: str) -> None:
    """Every invocation, however it ends, writes valid metrics in the namespace, once, under the function's name."""
    out = Out()
    mine = telemetry(out)
    before = out.flushes
    mine.close(status, body, 1.5)
    mine.close(status, body, 1.5)
    for line in out.lines():
        if "_aws" in line:
            jsonschema.validate(line, EMF_SCHEMA)
            assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "BoomBustSentinel/Lambda"
    metrics = out.metrics()
    assert metrics["ExecutionTime", f"FunctionName={FUNCTION}"] == [1500.0]
    assert metrics["Executions", f"FunctionName={FUNCTION}"] == [1.0]
    assert metrics["Executions", f"FunctionName={FUNCTION},Outcome={outcome}"] == [1.0]
    assert (("Errors", f"FunctionName={FUNCTION}") in metrics) == (not body["success"])
    if not body["success"]:
        assert metrics["Errors", f"ErrorType={body['error_type']},FunctionName={FUNCTION}"] == [1.0]
    assert (("Headline", f"FunctionName={FUNCTION}") in metrics) == (outcome == "Success")
    assert out.flushes > before


def test_business_metrics() -> None:
    """A success tells data points, parked items, headline, coverage and confidence."""
    found = {name: value for name, value, _, dimensions in measured(200, SUCCESS, 1) if not dimensions}
    assert found["DataPointsProcessed"] == 12
    assert (found["ItemsParked"], found["Headline"], found["Coverage"], found["Confidence"]) == (1, 7_200_000_000, 0.98, 0.5)


def test_dimensions_are_bounded() -> None:
    """Strange dimensions are dropped, strange values become Other, and there are never more than forty sets."""
    out = Out()
    mine = telemetry(out)
    mine.metric("Errors", 1, "Count", ErrorType="a b\n" * 100)
    mine.metric("Errors", 1, "Count", Ticker="ARCC")
    for number in range(200):
        mine.metric("Errors", 1, "Count", ErrorType=f"Kind{number}")
    mine.flush()
    labels = {label for _, label in out.metrics()}
    assert f"ErrorType=Other,FunctionName={FUNCTION}" in labels
    assert not [label for label in labels if "Ticker" in label]
    assert len(labels) <= 41
    assert sum(sum(values) for values in out.metrics().values()) == 202


def test_age_stands_under_its_stage_and_scraper() -> None:
    """The age of a headline is one series per stage and scraper, whichever function reports it."""
    out = Out()
    mine = telemetry(out, application="boom-bust-sentinel-prod")
    mine.metric("HeadlineAge", 30, "None", Scraper="bdc-discount")
    mine.flush()
    assert out.metrics() == {("HeadlineAge", "Application=boom-bust-sentinel-prod,Scraper=bdc-discount"): [30.0]}


@pytest.mark.parametrize(
    ("status", "more", "rings"),
    [
        (500, {}, True),
        (403, {}, True),
        (408, {"continuation": {"started": True}}, False),
        (408, {"continuation": {"started": False, "error": "AccessDeniedException"}}, True),
        (408, {"continuation": {"started": False}, "chunk_index": 1}, False),
    ],
)
def test_every_failure_rings_but_a_run_that_is_carried_on(status: int, more: dict[str, object], rings: bool) -> None:
    """The stage's own Errors count each failure; a run out of time only when nothing carries it on."""
    body = {"success": False, "error_type": "Any", **more}
    counted = [name for name, _, _, dimensions in measured(status, body, 1) if dimensions == {"Scraper": "all"}]
    assert counted == (["Errors"] if rings else [])


def test_many_values_are_split() -> None:
    """More values of a metric than one object may hold are written in several, none lost."""
    out = Out()
    mine = telemetry(out)
    for number in range(250):
        mine.metric("Age", number, "None")
    mine.flush()
    assert sorted(out.metrics()["Age", f"FunctionName={FUNCTION}"]) == list(range(250))
    assert all(len(line["Age"]) <= 100 for line in out.lines())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none(value: float) -> None:
    """NaN and infinity are no metric; they are logged."""
    out = Out()
    mine = telemetry(out)
    mine.metric("Headline", value, "None")
    mine.flush()
    assert out.metrics() == {}
    assert out.logs()[0]["message"] == "metric is no number"


def test_broken_stream_stops_nothing() -> None:
    """A closed stream under the log neither raises nor loses the run."""
    out = Out()
    mine = telemetry(out)
    out.close()
    mine.log("info", "x")
    mine.failure(ValueError("x"))
    mine.close(200, {"success": True}, 1)


def test_terminal_is_words_on_its_stream() -> None:
    """A person gets one line of words per event, at the chosen level, without anything that moves the cursor."""
    out = io.StringIO()
    mine = TerminalTelemetry(Redactor(), level="INFO", stream=out)
    mine.log("debug", "hidden")
    mine.log("info", "item done", item="a\x1b[2Jb", empty="")
    mine.metric("Headline", 5, "None")
    [line] = out.getvalue().splitlines()
    assert line.endswith("item done  item=a\\x1b[2Jb")


def test_other_libraries_are_redacted() -> None:
    """What a library logs through the root logger passes the redactor too."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        guard_root(Redactor(["an-earlier-invocation"]))
        LambdaTelemetry(FUNCTION, "execution-1", Redactor(["canary-value-1"]), stream=Out())
        logging.getLogger("urllib3").warning("POST %s failed", "/bot123456:AAcanaryTokenAAAAAAAA/sendMessage?x=canary-value-1")
    finally:
        root.removeHandler(handler)
    assert out.getvalue() == "POST /bot[redacted]/sendMessage?x=[redacted] failed\n"
