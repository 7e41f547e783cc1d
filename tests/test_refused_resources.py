"""Resources of a stage that are missing, denied or malformed: the functions answer with the right code and one clear line."""

import json
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws
from moto.sns.models import sns_backends

from chalicelib import assembly, scrapers
from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.cli import main
from chalicelib.errors import Unreadable
from tests.fakes.counting import Counting
from tests.fakes.stage import ACCOUNT, REGION, Stage

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
EVENT = {"source": "manual", "detail": {"window": "2025-W44"}}


@pytest.fixture
def world(clean_environment):
    with mock_aws():
        made = Stage(clean_environment)
        clean_environment.setattr(scrapers, "load", lambda _: Counting())
        yield made
        assembly._shared.cache_clear()


def refused(answer, code, *words):
    assert answer["statusCode"] == code, answer
    assert answer["body"]["success"] is False
    assert "\n" not in answer["body"]["error"]
    for word in words:
        assert word in answer["body"]["error"]


def test_a_missing_table_is_a_404(world):
    """A table that is not there is answered 404 and named."""
    boto3.Session().client("dynamodb").delete_table(TableName="boom-bust-sentinel-dev")
    refused(world.invoke("bond-issuance", EVENT), 404, "boom-bust-sentinel-dev")


def told_operators(world):
    """Subjects of what the critical topic was sent."""
    topic = sns_backends[ACCOUNT][REGION].topics[world.environment["CRITICAL_ALERTS_SNS_TOPIC"]]
    return [each[2] for each in topic.sent_notifications]


def test_a_scheduled_run_that_cannot_begin_is_told_once(world):
    """Without its table a scheduled run answers 404 and the operators are told, once for all tries of this process."""
    boto3.Session().client("dynamodb").delete_table(TableName="boom-bust-sentinel-dev")
    for _ in range(3):
        refused(world.invoke("bond-issuance", {"source": "aws.events", "detail": {}}), 404, "boom-bust-sentinel-dev")
    assert told_operators(world) == ["[OPERATOR] Run failed: bond-issuance: table boom-bust-sentinel-dev is not there"]


def test_thresholds_that_make_no_sense_stop_the_run_and_are_told(world):
    """A run whose stored thresholds nobody can have meant is refused, and the operators read which one."""
    store = DynamoStore(boto3.Session().client("dynamodb"), "boom-bust-sentinel-dev")
    store.keep("limits", {"bond-issuance": {"total": "NaN"}}, datetime(2026, 11, 23, tzinfo=UTC))
    refused(world.invoke("bond-issuance", EVENT), 400, "'NaN' is no finite amount")
    [told] = told_operators(world)
    assert told.startswith("[OPERATOR] Run failed: bond-issuance: limits: bond-issuance total: 'NaN'")


def test_a_changed_document_is_told_on_the_critical_topic(world, clean_environment):
    """One document of twenty changed shape: the week is published, and the critical topic gets one message for two runs."""

    def changed():
        raise Unreadable("no coupon", where="row 3", evidence="Senior Notes due")

    scraper = Counting(20, faults={"2025-W44-7": changed})
    clean_environment.setattr(scrapers, "load", lambda _: scraper)
    for _ in range(2):
        assert world.invoke("bond-issuance", EVENT)["statusCode"] == 200
    [told] = told_operators(world)
    assert told == "[OPERATOR] Document not read: bond-issuance/2025-W44: number 7: no coupon at row 3; it says..."


def test_a_callers_mistake_wakes_nobody(world):
    """A manual event for a window that cannot be is the caller's to mend; a scheduled one that is refused is told."""
    bad = {"detail": {"window": "next week"}}
    refused(world.invoke("bond-issuance", {"source": "manual", **bad}), 400, "next week")
    assert told_operators(world) == []
    refused(world.invoke("bond-issuance", {"source": "aws.events", **bad}), 400, "next week")
    assert len(told_operators(world)) == 1


def test_another_stages_table_is_a_403(world):
    """A function pointed at another stage's table is denied by its own policy: 403."""
    refused(world.invoke("bond-issuance", EVENT, DYNAMODB_TABLE="boom-bust-sentinel-prod"), 403, "dynamodb:", "sentinel-prod")


def outbox(*, pending=False):
    return DynamoStore(boto3.Session().client("dynamodb"), "boom-bust-sentinel-dev").dispatches(pending=pending)


def published(world, name="SNS_TOPIC_ARN"):
    return sns_backends[ACCOUNT][REGION].topics[world.environment[name]].sent_notifications


def lapse():
    """Let the first sender's claim on the alert lapse, as it does after five minutes."""
    table = boto3.Session().resource("dynamodb").Table("boom-bust-sentinel-dev")
    for each in table.scan()["Items"]:
        if each["sk"] == "lease":
            table.delete_item(Key={"pk": each["pk"], "sk": each["sk"]})


def spoil(text):
    boto3.Session().client("secretsmanager").put_secret_value(SecretId="boom-bust-sentinel/dev/webhook-urls", SecretString=text)


@pytest.mark.parametrize("topic", ["arn:aws:sns:us-east-1:999999999999:alerts", "arn:aws:sns:us-east-1:123456789012:gone"])
def test_an_alert_whose_topic_refuses_is_a_403_and_is_sent_once_it_may_be(world, topic):
    """The run is concluded and its body whole; the answer says 403, the alert waits, and the next run sends it, once."""
    answer = world.invoke("bond-issuance", EVENT, SNS_TOPIC_ARN=topic)
    refused(answer, 403, "bond-issuance/2025-W44/total/", "reached nobody", "may not be published to")
    assert answer["body"]["error_type"] == "Forbidden"
    assert (answer["body"]["data_summary"]["headline"], answer["body"]["data_summary"]["state"]) == (15, "concluded")
    assert [each["sent_at"] for each in answer["body"]["alerts"]] == [None]
    assert [each["channel"] for each in answer["body"]["undelivered"]] == ["sns"]
    assert ("sns:Publish", topic) in world.guard.refused
    assert [each.rule for each in outbox(pending=True)] == ["total"]
    [told] = told_operators(world)
    assert "may not be published to" in told
    lapse()
    answers = [world.invoke("bond-issuance", EVENT) for _ in range(2)]
    assert [each["statusCode"] for each in answers] == [200, 200]
    assert not outbox(pending=True)
    assert len(published(world)) == 1


def test_a_chunk_whose_alert_is_refused_says_so(world):
    """The chunk that concludes a run answers 403 too, so that its execution fails and rings."""
    event = {"chunk_size": 10, "chunk_index": 0, "window": "2025-W44"}
    answer = world.invoke("bond-issuance-chunked", event, SNS_TOPIC_ARN="arn:aws:sns:us-east-1:123456789012:gone")
    refused(answer, 403, "reached nobody")
    assert answer["body"]["signal"]["headline"] == 15


def test_another_scrapers_alert_does_not_fail_this_run(world, clean_environment):
    """An alert of another scraper that still waits is shown, and the run itself is a success."""
    world.invoke("bond-issuance", EVENT, SNS_TOPIC_ARN="arn:aws:sns:us-east-1:123456789012:gone")
    clean_environment.setattr(scrapers, "load", lambda _: Counting(NAME="bdc-discount", size=1))
    lapse()
    answer = world.invoke("bdc-discount", EVENT, SNS_TOPIC_ARN="arn:aws:sns:us-east-1:123456789012:gone")
    assert answer["statusCode"] == 200
    assert [each["alert"] for each in answer["body"]["undelivered"]] == ["bond-issuance/2025-W44/total/alert/1"]


def test_one_channel_of_two_that_fails_is_shown_in_a_success(world):
    """Where the topic has the alert and a receiver refuses it, somebody has been told: 200, with the receiver named."""
    spoil(json.dumps({"slack": "https://127.0.0.1:9/hook", "discord": "https://discord.invalid/hook"}))
    answer = world.invoke("bond-issuance", EVENT)
    assert answer["statusCode"] == 200
    assert [each["channel"] for each in answer["body"]["undelivered"]] == ["discord"]
    assert len(published(world)) == 1


def test_a_secret_that_is_not_json_is_a_403_and_not_shown(world, capsys):
    """Nobody knows whom it names: 403, its text nowhere, the run kept; once mended the alert goes to whom it had not reached."""
    spoil("hooks: canary-4711")
    answer = world.invoke("bond-issuance", EVENT)
    refused(answer, 403, "secret webhook-urls: is not JSON")
    assert answer["body"]["data_summary"]["headline"] == 15
    told = "".join(capsys.readouterr())
    assert "webhook-urls: is not JSON" in told
    assert "canary-4711" not in told + str(answer)
    [waiting] = outbox(pending=True)
    assert waiting.delivered == ("sns",)
    spoil("{}")
    lapse()
    assert world.invoke("bond-issuance", EVENT)["statusCode"] == 200
    assert not outbox(pending=True)
    assert len(published(world)) == 1


def test_status_of_a_stage_is_read_from_its_table(world, capsys):
    """`status --stage` on a laptop tells the runs, how they ended and the alerts of that stage, as words and as JSON."""
    assert world.invoke("bond-issuance", EVENT)["statusCode"] == 200
    world.guard.policy = None
    capsys.readouterr()
    assert main(["status", "--stage", "dev"]) == 0
    shown = capsys.readouterr().out
    rows = [line.split() for line in shown.splitlines()]
    assert ["bond-issuance/2025-W44", "1", "5", "published"] in [[*row[:3], row[-1]] for row in rows if len(row) > 4]
    [alert] = [row for row in rows if row[:2] == ["ALERT", "bond-issuance/2025-W44/total/alert/1"]]
    assert " ".join(alert[-5:]) == "UTC the total is high"
    assert main(["status", "--stage", "dev", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["unsent_alerts"] == 0
    assert told["scrapers"][0]["published"]["headline"] == 15
