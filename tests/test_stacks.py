"""The two stacks of a stage: what is given stays given, and what fails is told in AWS's own words."""

import sys
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import WaiterError
from moto import mock_aws

sys.path.insert(0, str(Path(__file__).parent.parent / "infra"))

import stacks
from orders import Order

from build import Refused
from tests.fakes.permissions import ACCOUNT, REGION

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


@pytest.fixture
def order(clean_environment):
    said = []
    with mock_aws():
        yield Order("dev", REGION, ACCOUNT, dry=False, say=said.append)


def parameters():
    [stack] = boto3.client("cloudformation").describe_stacks(StackName="boom-bust-sentinel-dev-resources")["Stacks"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}


def test_what_the_shell_once_gave_stays(order, clean_environment):
    """LOG_RETENTION_DAYS and AUDIT_TRAIL reach the stack, and a later deploy from a shell without them changes neither."""
    clean_environment.setenv("LOG_RETENTION_DAYS", "30")
    clean_environment.setenv("AUDIT_TRAIL", "true")
    stacks.applied(order, "data")
    stacks.applied(order, "resources")
    assert parameters() == {"Stage": "dev", "LogRetentionDays": "30", "AuditTrail": "true"}
    clean_environment.delenv("LOG_RETENTION_DAYS")
    clean_environment.delenv("AUDIT_TRAIL")
    stacks.applied(order, "resources")
    assert parameters() == {"Stage": "dev", "LogRetentionDays": "30", "AuditTrail": "true"}


def test_a_parameter_no_stack_takes_is_refused(order, clean_environment):
    """A retention CloudWatch Logs does not know is refused by name before anything is made."""
    clean_environment.setenv("LOG_RETENTION_DAYS", "12")
    with pytest.raises(Refused, match="LogRetentionDays '12': expected one of 7, 14, 30"):
        stacks.applied(order, "resources")
    assert boto3.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_a_stack_that_fails_is_told_with_its_first_reason():
    """Of all that AWS says when a stack fails the line holds what failed first, not what was cancelled for it."""

    class Cloud:
        def get_waiter(self, _):
            return self

        def wait(self, **_):
            raise WaiterError("StackCreateComplete", "terminal failure state", {})

        def describe_stacks(self, **_):
            return {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}

        def describe_stack_events(self, **_):
            newest_first = [
                ("Documents", "CREATE_FAILED", "Resource creation cancelled"),
                ("ContinuationRole", "CREATE_FAILED", "not authorized to perform: iam:CreateRole"),
                ("Table", "CREATE_FAILED", "boom-bust-sentinel-dev already exists"),
                ("Table", "CREATE_IN_PROGRESS", "User Initiated"),
            ]
            keys = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
            return {"StackEvents": [dict(zip(keys, each, strict=True)) for each in newest_first]}

    with pytest.raises(Refused, match="stack S is ROLLBACK_COMPLETE: Table: boom-bust-sentinel-dev already exists"):
        stacks._await(Cloud(), "S", "stack_create_complete")
