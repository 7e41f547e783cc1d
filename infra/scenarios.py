"""What a rehearsal plays on the deployed functions; each scenario's docstring is its promise, `Wrong` says it was not kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from loopback_lambda import Answer

if TYPE_CHECKING:
    from rehearse import Rehearsal

    from sample.loopback import Asked, Reply

SCRAPERS = ("bond-issuance", "bdc-discount", "credit-fund", "bank-provision")
HEADLINES = {"2025-W44": 30_000_000_000, "2025-W45": 24_998_400_000, "2025-W47": 15_000_000_000}
"""The weeks of the sample archive and what was sold in them, USD."""


class Wrong(Exception):
    """A promise was not kept; the message says which and what was seen."""


def expect(seen: object, wanted: object, what: str) -> None:
    """`seen` must equal `wanted`."""
    if seen != wanted:
        raise Wrong(f"{what}: expected {wanted!r}, saw {seen!r}")


def scheduled(week: str) -> dict[str, Any]:
    """EventBridge's event, for one week."""
    detail = {"scraper_name": "bond-issuance", "window": week}
    return {"source": "aws.events", "detail-type": "Scheduled Event", "detail": detail}


def answered(answer: Answer, status: int) -> Mapping[str, Any]:
    """The body of an answer that must have `status`."""
    if answer.broke:
        raise Wrong(f"the function broke: {json.dumps(answer.value)[:1500]}")
    expect(answer.value["statusCode"], status, f"status of {json.dumps(answer.value['body'])[:1500]}")
    body: Mapping[str, Any] = answer.value["body"]
    return body


def bad_events(rehearsal: Rehearsal) -> None:
    """All eight functions import from the package alone and answer a bad event 400, a broken one too."""
    for name in SCRAPERS:
        body = answered(rehearsal.run(name, {"source": "elsewhere", "detail": {}}), 400)
        expect(body["error_type"], "BadEvent", f"{name}'s error")
        body = answered(rehearsal.run(f"{name}-chunked", {"chunk_size": 0, "chunk_index": 0}), 400)
        expect("chunk_size" in body["error"], True, f"{name}-chunked names the key")


def scheduled_event(rehearsal: Rehearsal) -> None:
    """The scheduled event runs a week: headline in the table, alert on the topic, documents in the bucket."""
    body = answered(rehearsal.run("bond-issuance", scheduled("2025-W44")), 200)
    expect(body["data_summary"]["headline"], HEADLINES["2025-W44"], "headline")
    expect([each["sent_at"] is not None for each in body["alerts"]], [True], "one alert, sent")
    again = answered(rehearsal.run("bond-issuance", scheduled("2025-W44")), 200)
    expect(again["data_summary"]["headline"], HEADLINES["2025-W44"], "headline of the second run")
    expect(again["alerts"], [], "alerts of the second run")
    bucket = rehearsal.functions.environments["bond-issuance"]["DOCUMENT_BUCKET"]
    kept = rehearsal.cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"]
    expect(kept > 0, True, "documents are kept in the bucket")


def manual_events(rehearsal: Rehearsal) -> None:
    """The manual event as written rehearses and writes nothing; with a window and no test it runs that week."""
    before = _items(rehearsal)
    body = answered(rehearsal.run("bond-issuance", {"source": "manual", "detail": {"test": True, "window": "2025-W47"}}), 200)
    expect(body["dry_run"], True, "dry_run")
    expect(_items(rehearsal), before, "records in the table after a rehearsal")
    body = answered(rehearsal.run("bond-issuance", {"source": "manual", "detail": {"window": "2025-W47"}}), 200)
    expect(body["data_summary"]["headline"], HEADLINES["2025-W47"], "headline")


def events_as_written(rehearsal: Rehearsal) -> None:
    """Both manual and scheduled events with no other key reach the scraper and are answered, never a crash."""
    for name in SCRAPERS:
        for event in (
            {"source": "manual", "detail": {"test": True}},
            {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {"scraper_name": name}},
        ):
            answer = rehearsal.run(name, event, 60)
            if answer.broke:
                raise Wrong(f"{name} broke: {json.dumps(answer.value)[:800]}")
            body = answer.value["body"]
            if answer.value["statusCode"] not in (200, 400, 500, 503) or body.get("error_type") == "InternalError":
                raise Wrong(f"{name}: {json.dumps(answer.value)[:800]}")


def every_scraper(rehearsal: Rehearsal) -> None:
    """Each of the four scrapers runs a window of the sample to a published headline, prices, feeds and Form PF included."""
    from sample.run import RUNS

    for name in SCRAPERS:
        window = next(window for scraper, window in RUNS if scraper == name)
        body = answered(rehearsal.run(name, {"source": "manual", "detail": {"window": window}}, 300), 200)
        expect(body["data_summary"]["state"], "concluded", f"{name} {window}")
        expect(body["data_summary"]["withheld"], None, f"{name} {window} withheld")


def invoke(rehearsal: Rehearsal) -> None:
    """`chalice invoke -n bond-issuance-chunked --stage dev` reads the event from standard input and prints the answer."""
    done = rehearsal.chalice("invoke", "-n", "bond-issuance-chunked", "--stage", "dev", given=json.dumps({"chunk_size": 0}))
    expect(done.returncode, 0, f"exit code ({done.stderr[-600:]})")
    expect(json.loads(done.stdout)["statusCode"], 400, "status")
    event = json.dumps({"chunk_size": 2, "chunk_index": 0, "window": "2025-W44"})
    done = rehearsal.chalice("invoke", "-n", "bond-issuance-chunked", "--stage", "dev", given=event)
    expect(json.loads(done.stdout)["body"]["chunk_index"], 0, "chunk")


def chunks(rehearsal: Rehearsal) -> None:
    """Chunks followed by next_chunk_index cover every item once and end with the week's headline."""
    seen: list[str] = []
    index: int | None = 0
    body: Mapping[str, Any] = {}
    while index is not None:
        event = {"chunk_size": 2, "chunk_index": index, "window": "2025-W45"}
        body = answered(rehearsal.run("bond-issuance-chunked", event), 200)
        seen += body["items_processed"]
        index = body["next_chunk_index"]
    expect(len(seen), len(set(seen)), "items, none twice")
    expect(len(seen), body["total_items"], "items")
    expect(body["signal"]["headline"], HEADLINES["2025-W45"], "headline")


def out_of_time(rehearsal: Rehearsal) -> None:
    """A deadline of seconds gives 408; the state machine is started, drives the chunks to the end, and the week is concluded."""
    from sample.loopback import slow

    _forget(rehearsal)
    answered(rehearsal.run("bond-issuance", {"source": "elsewhere"}), 400)
    rehearsal.edgar.fail(slow(0.4))
    try:
        body = answered(rehearsal.run("bond-issuance", scheduled("2025-W45"), 2.5), 408)
    finally:
        rehearsal.edgar.faults.clear()
    expect(body["continuation"]["started"], True, f"continuation {body['continuation']}")
    executions = rehearsal.settled()
    expect([each["status"] for each in executions][:1], ["SUCCEEDED"], "the newest execution")
    expect(json.loads(executions[0]["output"])[0]["run_id"], "bond-issuance/2025-W45", "what it concluded")
    _concluded(rehearsal, "2025-W45")


def crash(rehearsal: Rehearsal) -> None:
    """A copy killed in the middle of a run breaks; the event delivered again finishes the run, nothing doubled."""
    _forget(rehearsal)
    victim = rehearsal.functions.fresh("bond-issuance")

    def kill(asked: Asked, reply: Reply) -> Reply:
        if asked.path.endswith(".txt"):
            threading.Thread(target=victim.kill).start()
            return replace(reply, delay_s=1.0)
        return reply

    rehearsal.edgar.fail(kill)
    try:
        answer = victim.invoke(scheduled("2025-W44"), 60)
    finally:
        rehearsal.edgar.faults.clear()
    expect((answer.broke, answer.value["errorType"]), (True, "Runtime.ExitError"), "how it ended")
    _lapse(rehearsal)
    body = answered(rehearsal.run("bond-issuance", scheduled("2025-W44")), 200)
    expect(body["data_summary"]["headline"], HEADLINES["2025-W44"], "headline after the second delivery")
    expect(len(body["alerts"]), 1, "alerts of both deliveries together")


def two_at_once(rehearsal: Rehearsal) -> None:
    """Two copies of one event at once give one headline and send its alert once."""
    _forget(rehearsal)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: rehearsal.run("bond-issuance", scheduled("2025-W45")), range(2)))
    bodies = [answered(each, 200) for each in answers]
    concluded = [body for body in bodies if body["data_summary"].get("headline") is not None]
    expect({body["data_summary"]["headline"] for body in concluded}, {HEADLINES["2025-W45"]}, "headlines")
    sent = {alert["id"] for body in bodies for alert in body["alerts"] if alert["sent_at"]}
    expect(len(sent), 1, f"alerts sent by both together ({[len(body['alerts']) for body in bodies]})")


def second_deploy(rehearsal: Rehearsal) -> None:
    """A second deploy with nothing changed updates no function and says so."""
    client = rehearsal.cloud.client("lambda")

    def versions() -> dict[str, str]:
        return {each["FunctionName"]: each["LastModified"] for each in client.list_functions()["Functions"]}

    before = versions()
    said = rehearsal.deploy("chalice")
    expect("nothing to deploy" in said, True, f"what it said: {said}")
    expect(versions(), before, "when each function was last changed")


def half_finished_deploy(rehearsal: Rehearsal) -> None:
    """A deploy that ended before its end is finished by the next: leave to call, retries and the queue for failed events."""
    client = rehearsal.cloud.client("lambda")
    function = "boom-bust-sentinel-dev-bond-issuance"
    client.delete_function_event_invoke_config(FunctionName=function)
    expect("nothing to deploy" in rehearsal.deploy("chalice"), True, "the functions themselves are left alone")
    given = client.get_function_event_invoke_config(FunctionName=function)
    expect((given["MaximumRetryAttempts"], given["MaximumEventAgeInSeconds"]), (2, 6 * 3600), "retries")
    expect(given["DestinationConfig"]["OnFailure"]["Destination"].endswith("-dev-failed-events"), True, "queue")
    [left] = json.loads(client.get_policy(FunctionName=function)["Policy"])["Statement"]
    client.remove_permission(FunctionName=function, StatementId=left["Sid"])
    expect("deployed 8 functions" in rehearsal.deploy("chalice"), True, "the deploy after a crash before the end")
    expect(len(json.loads(client.get_policy(FunctionName=function)["Policy"])["Statement"]), 1, "leave to call")


def changed_deploy(rehearsal: Rehearsal) -> None:
    """A deploy with a changed setting updates every function, and only its environment and tag."""
    done = rehearsal.deploying("-s", "dev", "chalice", SEC_MAX_RPS="150")
    expect((done.returncode, "deployed 8 functions" in done.stdout), (0, True), f"{done.stdout} {done.stderr[-600:]}")
    for each in rehearsal.cloud.client("lambda").list_functions()["Functions"]:
        expect(each["Environment"]["Variables"]["SEC_MAX_RPS"], "150", each["FunctionName"])


def destroy(rehearsal: Rehearsal) -> None:
    """Destroy leaves the stack of data with table, secrets and documents, and nothing else; the deploy after it finds them."""
    cloud = rehearsal.cloud.client
    before = answered(rehearsal.run("bond-issuance", scheduled("2025-W44")), 200)
    cloud("secretsmanager").put_secret_value(SecretId="boom-bust-sentinel/dev/api-keys", SecretString='{"polygon": "mine"}')
    items, documents = _items(rehearsal), _documents(rehearsal)
    said = rehearsal.deploy("--yes", "destroy")
    expect(_standing(rehearsal), {}, "what is left")
    expect([each["StackName"] for each in _stacks(rehearsal)], ["boom-bust-sentinel-dev-data"], "stacks left")
    expect(cloud("dynamodb").list_tables()["TableNames"], ["boom-bust-sentinel-dev"], "tables kept")
    expect(len(cloud("secretsmanager").list_secrets()["SecretList"]), 3, "secrets kept")
    expect("kept, in stack boom-bust-sentinel-dev-data: " in said, True, f"what it said: {said}")
    said = rehearsal.deploy("chalice")
    expect("stack boom-bust-sentinel-dev-data is as it should be" in said, True, f"what it said: {said}")
    expect((_items(rehearsal), _documents(rehearsal)), (items, documents), "table and bucket after the next deploy")
    kept = cloud("secretsmanager").get_secret_value(SecretId="boom-bust-sentinel/dev/api-keys")["SecretString"]
    expect(kept, '{"polygon": "mine"}', "the secret")
    body = answered(rehearsal.run("bond-issuance", scheduled("2025-W44")), 200)
    expect(body["data_summary"]["headline"], before["data_summary"]["headline"], "headline after the next deploy")
    expect(body["alerts"], [], "alerts told again")


def destroy_data(rehearsal: Rehearsal) -> None:
    """Destroy with --data leaves nothing of the stage; told again, it finds nothing to do."""
    for _ in range(2):
        said = rehearsal.deploy("--yes", "--data", "destroy")
        expect(_standing(rehearsal), {}, f"what is left ({said})")
    cloud = rehearsal.cloud.client
    expect(_stacks(rehearsal), [], "stacks left")
    expect(cloud("dynamodb").list_tables()["TableNames"], [], "tables left")
    expect(cloud("secretsmanager").list_secrets()["SecretList"], [], "secrets left")
    expect([each["Name"] for each in cloud("s3").list_buckets()["Buckets"]], ["filings-of-mine"], "buckets left")


def _standing(rehearsal: Rehearsal) -> dict[str, list[str]]:
    """What there is of what a deploy makes beside the data."""
    cloud = rehearsal.cloud.client
    found = {
        "functions": [each["FunctionName"] for each in cloud("lambda").list_functions()["Functions"]],
        "layers": [each["LayerName"] for each in cloud("lambda").list_layers()["Layers"]],
        "rules": [each["Name"] for each in cloud("events").list_rules()["Rules"]],
        "roles": [each["RoleName"] for each in cloud("iam").list_roles()["Roles"]],
        "state machines": [each["name"] for each in rehearsal.machines()],
        "topics": [each["TopicArn"] for each in cloud("sns").list_topics()["Topics"]],
        "queues": cloud("sqs").list_queues().get("QueueUrls", []),
        "alarms": [each["AlarmName"] for each in cloud("cloudwatch").describe_alarms()["MetricAlarms"]],
        "dashboards": [each["DashboardName"] for each in cloud("cloudwatch").list_dashboards()["DashboardEntries"]],
        "log groups": [each["logGroupName"] for each in cloud("logs").describe_log_groups()["logGroups"]],
    }
    return {kind: names for kind, names in found.items() if names}


def _stacks(rehearsal: Rehearsal) -> list[Mapping[str, Any]]:
    return [each for each in rehearsal.cloud.client("cloudformation").describe_stacks()["Stacks"] if "dev" in each["StackName"]]


def _items(rehearsal: Rehearsal) -> list[str]:
    """Every record of the table, but for its mark of the schema, which the first to touch it leaves."""
    dynamo, table = rehearsal.cloud.client("dynamodb"), rehearsal.functions.environments["bond-issuance"]["DYNAMODB_TABLE"]
    pages = dynamo.get_paginator("scan").paginate(TableName=table)
    found = (each for page in pages for each in page["Items"] if each["pk"]["S"] != "schema")
    return sorted(json.dumps(each, sort_keys=True, default=str) for each in found)


def _documents(rehearsal: Rehearsal) -> list[str]:
    bucket = rehearsal.functions.environments["bond-issuance"]["DOCUMENT_BUCKET"]
    pages = rehearsal.cloud.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [each["Key"] for page in pages for each in page.get("Contents", ())]


def _concluded(rehearsal: Rehearsal, week: str) -> None:
    body = answered(rehearsal.run("bond-issuance", scheduled(week)), 200)
    expect(body["data_summary"]["headline"], HEADLINES[week], "headline")


def _forget(rehearsal: Rehearsal) -> None:
    """Empty the table and the bucket: the scenario starts from nothing."""
    bucket = rehearsal.cloud.client("s3"), rehearsal.functions.environments["bond-issuance"]["DOCUMENT_BUCKET"]
    for page in bucket[0].get_paginator("list_objects_v2").paginate(Bucket=bucket[1]):
        for each in page.get("Contents", ()):
            bucket[0].delete_object(Bucket=bucket[1], Key=each["Key"])
    dynamo, table = rehearsal.cloud.client("dynamodb"), rehearsal.functions.environments["bond-issuance"]["DYNAMODB_TABLE"]
    for page in dynamo.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
        for key in page["Items"]:
            dynamo.delete_item(TableName=table, Key=key)


def _lapse(rehearsal: Rehearsal) -> None:
    """Let the leases lapse: what a dead copy held is free after its deadline."""
    dynamo, table = rehearsal.cloud.client("dynamodb"), rehearsal.functions.environments["bond-issuance"]["DYNAMODB_TABLE"]
    for page in dynamo.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
        for key in page["Items"]:
            if key["sk"]["S"] == "lease":
                dynamo.delete_item(TableName=table, Key=key)


SCENARIOS: Mapping[str, Callable[[Rehearsal], None]] = {
    "bad-events": bad_events,
    "scheduled-event": scheduled_event,
    "manual-events": manual_events,
    "every-scraper": every_scraper,
    "chunks": chunks,
    "invoke": invoke,
    "out-of-time": out_of_time,
    "crash": crash,
    "two-at-once": two_at_once,
    "events-as-written": events_as_written,
    "second-deploy": second_deploy,
    "half-finished-deploy": half_finished_deploy,
    "changed-deploy": changed_deploy,
    "destroy": destroy,
    "destroy-data": destroy_data,
}
"""In the order they are played; the last leaves nothing to play on."""
