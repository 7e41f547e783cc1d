"""What a month costs at the default schedules: request units and duration of a run, measured on the sample archive in moto.

The handlers run as deployed, on a table that counts by AWS's rules (bench.stores); prices are AWS's list prices of us-east-1,
on demand, without any free tier. A live run waits for EDGAR as well: that time is reckoned from its requests.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent

PRICES = {
    "Lambda, a GB-second": Decimal("0.0000166667"),
    "Lambda, an invocation": Decimal("0.0000002"),
    "DynamoDB, a write unit": Decimal("0.000000625"),
    "DynamoDB, a read unit": Decimal("0.000000125"),
    "S3, a write": Decimal("0.000005"),
    "S3, a read": Decimal("0.0000004"),
    "Secrets Manager, a read": Decimal("0.000005"),
    "SNS, a message": Decimal("0.0000005"),
    "CloudWatch, a metric for an hour": Decimal("0.30") / 730,
}
"""USD, us-east-1, 2026: aws.amazon.com/lambda/pricing, /dynamodb/pricing/on-demand, /s3/pricing, /secrets-manager/pricing,
/cloudwatch/pricing (a custom metric costs 0.30 a month, by the hours in which it is sent)."""
SECRET, ALARM_METRIC, DASHBOARD = Decimal("0.40"), Decimal("0.10"), Decimal(3)
FREE_ALARM_METRICS, FREE_DASHBOARD_METRICS = 10, 50
"""A month, USD; of an account ten alarm metrics and three dashboards of up to 50 metrics are free."""
RUNS_A_MONTH = {
    "bond-issuance": Decimal("4.35"),
    "bdc-discount": Decimal("30.4"),
    "credit-fund": Decimal(1),
    "bank-provision": Decimal("0.34"),
}
RPS = 8
MARGIN = 5
"""A live run may have so many times the items of the sample's: the sample holds a few deals, EDGAR a busy week of them."""


@dataclass
class Run:
    """One invocation: request units, calls of AWS, requests to suppliers, seconds of its own."""

    name: str
    window: str
    seconds: float
    reads: float
    writes: float
    aws: dict[str, int]
    requests: int
    metrics: int


def main(full: bool) -> None:
    runs = list(_measured(full))
    print(f"{'run':<30} {'read units':>10} {'write units':>11} {'S3 r/w':>8} {'requests':>8} {'metrics':>8} {'own time':>8}")
    for run in runs:
        s3 = f"{run.aws.get('GetObject', 0)}/{run.aws.get('PutObject', 0)}"
        print(
            f"{run.name} {run.window:<15} {run.reads:>10.1f} {run.writes:>11.1f} {s3:>8} {run.requests:>8}"
            f" {run.metrics:>8} {run.seconds:>7.1f}s"
        )
    total = Decimal(0)
    told = max(run.metrics for run in runs)  # a scheduled run tells the headlines' ages too, a past window's does not
    print(f"\na month, every run {MARGIN} times the dearest measured one (requests at {RPS} a second), free tiers left out:")
    for name, times in RUNS_A_MONTH.items():
        run = max((each for each in runs if each.name == name), key=_cost)
        month = _cost(replace(run, metrics=told)) * MARGIN * times
        total += month
        print(f"  {name:<16} {times:>5} runs  {month:>8.4f} USD")
    print(f"  {'together':<16}             {total:>8.4f} USD ({'under' if total < 1 else 'MORE THAN'} 1 USD)")
    for line in _standing():
        print(line)


def _standing() -> Iterator[str]:
    """What is paid whether or not anything runs, from the templates."""
    made = [each for name in ("data", "resources") for each in _template(name)["Resources"].values()]
    secrets = SECRET * sum(each["Type"] == "AWS::SecretsManager::Secret" for each in made)
    alarms = [each["Properties"] for each in made if each["Type"] == "AWS::CloudWatch::Alarm"]
    watched = sum(len([each for each in alarm.get("Metrics", [alarm]) if "Expression" not in each]) for alarm in alarms)
    [board] = [each["Properties"]["DashboardBody"]["Fn::Sub"] for each in made if each["Type"] == "AWS::CloudWatch::Dashboard"]
    shown = sum(len(widget["properties"]["metrics"]) for widget in json.loads(board)["widgets"])
    rows = {
        "3 secrets": (secrets, secrets),
        f"{len(alarms)} alarms on {watched} metrics": (
            max(0, watched - FREE_ALARM_METRICS) * ALARM_METRIC,
            watched * ALARM_METRIC,
        ),
        f"1 dashboard of {shown} metrics": (Decimal(0) if shown <= FREE_DASHBOARD_METRICS else DASHBOARD, DASHBOARD),
    }
    rows["together"] = (sum(few for few, _ in rows.values()), sum(all_ for _, all_ in rows.values()))
    yield "standing charges of a month besides, USD, with what an account has free and without (logs, table, documents by size):"
    yield from (f"  {name:<26} {few:>6.2f} {full:>6.2f}" for name, (few, full) in rows.items())


def _cost(run: Run) -> Decimal:
    seconds = Decimal(str(run.seconds)) + Decimal(run.requests) / RPS
    return (
        seconds * PRICES["Lambda, a GB-second"]
        + PRICES["Lambda, an invocation"]
        + Decimal(str(run.writes)) * PRICES["DynamoDB, a write unit"]
        + Decimal(str(run.reads)) * PRICES["DynamoDB, a read unit"]
        + run.aws.get("PutObject", 0) * PRICES["S3, a write"]
        + run.aws.get("GetObject", 0) * PRICES["S3, a read"]
        + run.aws.get("GetSecretValue", 0) * PRICES["Secrets Manager, a read"]
        + run.aws.get("Publish", 0) * PRICES["SNS, a message"]
        + run.metrics * PRICES["CloudWatch, a metric for an hour"] / MARGIN  # as many in a busy week
    )


def _measured(full: bool) -> Iterator[Run]:
    from moto import mock_aws

    from sample import run as sample
    from sample.loopback import Loopback

    warnings.filterwarnings("ignore", message="Tried to parse AWS")
    logging.getLogger("moto").setLevel(logging.ERROR)
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
    suppliers = (Loopback(ROOT / "sample" / name) for name in ("archive", "feeds", "yahoo"))
    with mock.patch.dict(os.environ, keys), mock_aws(), _quiet() as written, ExitStack() as served:
        edgar, feeds, yahoo = (served.enter_context(each) for each in suppliers)
        from tests.fakes.stage import Stage

        others = {"ROUTES": json.dumps(feeds.routes(*sample.hosts("bdc-discount"))), "YAHOO_BASE": yahoo.url}
        stage = Stage(_Setting(), **{**sample.environment(edgar), **others, "SEC_MAX_RPS": "1000", "LOG_LEVEL": "ERROR"})
        counter = _Counted()
        for name, window, *_ in _chosen(full):
            for again in ("", " again"):
                counter.clear()
                written.seek(0)
                written.truncate()
                before, began = _asked(edgar, feeds, yahoo), time.perf_counter()
                answer = stage.invoke(name, {"source": "manual", "detail": {"window": window}})
                took = time.perf_counter() - began
                if answer["statusCode"] != 200:
                    raise RuntimeError(f"{name} {window}: {json.dumps(answer)[:600]}")
                yield Run(
                    name,
                    window + again,
                    took,
                    counter.table.read,
                    counter.table.written,
                    dict(counter.calls),
                    _asked(edgar, feeds, yahoo) - before,
                    len(set(_metrics(written.getvalue()))),
                )


def _asked(*suppliers: Any) -> int:
    return sum(len(each.requests) for each in suppliers)


def _chosen(full: bool) -> list[tuple[Any, ...]]:
    """The sample's runs: all of them, or the first of each scraper."""
    from sample import run as sample

    first = {each[0]: each for each in reversed(sample.RUNS)}
    return [each for each in sample.RUNS if full or first[each[0]] is each]


class _Setting:
    """Sets variables of this process, whose own are put back by the caller."""

    def setenv(self, name: str, value: str) -> None:
        os.environ[name] = value


class _Counted:
    """Counts every AWS call of boto3's default session, a table's in request units."""

    def __init__(self) -> None:
        import boto3

        self.clear()
        boto3.DEFAULT_SESSION.events.register("before-parameter-build", self._asked)
        boto3.DEFAULT_SESSION.events.register("after-call", self._answered)

    def clear(self) -> None:
        from bench.stores import Counting

        self.table, self.calls = Counting(None), dict[str, int]()

    def _asked(self, params: Any, context: Any, **_: Any) -> None:
        context["counted"] = params

    def _answered(self, parsed: Any, model: Any, context: Any, **_: Any) -> None:
        self.calls[model.name] = self.calls.get(model.name, 0) + 1
        if model.service_model.service_name == "dynamodb" and "Error" not in parsed:
            operation = re.sub(r"(?<!^)(?=[A-Z])", "_", model.name).lower()
            self.table._count(operation, context["counted"], parsed)  # noqa: SLF001 -- its reckoning without its client


def _metrics(log: str) -> Iterator[str]:
    """Every custom metric a log sends, with its dimensions."""
    for line in map(json.loads, log.splitlines()):
        for block in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for keys in block["Dimensions"]:
                yield from (f"{each['Name']} {[(key, line[key]) for key in sorted(keys)]}" for each in block["Metrics"])


@contextmanager
def _quiet() -> Iterator[StringIO]:
    """The functions' logs, kept off the terminal."""
    with StringIO() as sink, mock.patch("chalicelib.adapters.telemetry.sys.stdout", sink):
        yield sink


def _template(name: str) -> Any:
    return json.loads((ROOT / "infra" / f"{name}.json").read_text())
