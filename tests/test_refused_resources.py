"""Resources of a stage that are missing, denied or malformed: the functions answer with the right code and one clear line."""

import boto3
import pytest
from moto import mock_aws
from moto.sns.models import sns_backends

from chalicelib import assembly
from chalicelib.adapters.dynamo import DynamoStore
from tests.fakes.counting import Counting
from tests.fakes.stage import ACCOUNT, REGION, Stage

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
EVENT = {"source": "manual", "detail": {"window": "2025-W44"}}


@pytest.fixture
def world(clean_environment):
    with mock_aws():
        made = Stage(clean_environment)
        clean_environment.setattr(assembly, "scraper", lambda _: Counting())
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


def test_another_stages_table_is_a_403(world):
    """A function pointed at another stage's table is denied by its own policy: 403."""
    refused(world.invoke("bond-issuance", EVENT, DYNAMODB_TABLE="boom-bust-sentinel-prod"), 403, "dynamodb:", "sentinel-prod")


@pytest.mark.parametrize("topic", ["arn:aws:sns:us-east-1:999999999999:alerts", "arn:aws:sns:us-east-1:123456789012:gone"])
def test_a_topic_that_refuses_keeps_the_alert_for_later(world, topic):
    """The run is concluded, the alert is kept unsent for a later run, and the operators are told which topic refuses."""
    answer = world.invoke("bond-issuance", EVENT, SNS_TOPIC_ARN=topic)
    assert [each["sent_at"] for each in answer["body"]["alerts"]] == [None], answer
    assert ("sns:Publish", topic) in world.guard.refused
    store = DynamoStore(boto3.Session().client("dynamodb"), "boom-bust-sentinel-dev")
    assert [each.rule for each in store.dispatches(pending=True)] == ["total"]
    [told] = sns_backends[ACCOUNT][REGION].topics[world.environment["CRITICAL_ALERTS_SNS_TOPIC"]].sent_notifications
    assert "may not be published to" in told[2]


def test_a_secret_that_is_not_json_is_named_and_not_shown(world, capsys):
    """A secret with anything but a JSON object is named in the log; its text is nowhere; the run itself goes on."""
    boto3.Session().client("secretsmanager").put_secret_value(
        SecretId="boom-bust-sentinel/dev/webhook-urls", SecretString="hooks: canary-4711"
    )
    answer = world.invoke("bond-issuance", EVENT)
    assert answer["statusCode"] == 200
    told = "".join(capsys.readouterr())
    assert "webhook-urls: is not JSON" in told
    assert "canary-4711" not in told + str(answer)
