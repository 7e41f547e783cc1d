"""A stage's two CloudFormation stacks: what it keeps (data.json) and what it runs on (resources.json), in that order.

`destroy` leaves the first standing, so that the next deploy finds table, secrets and documents where they were.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError, WaiterError
from orders import APP, Order

from build import ROOT, Refused

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

TEMPLATES = ("data", "resources")
"""In the order they are made."""
GIVEN = {"AUDIT_TRAIL": "AuditTrail", "LOG_RETENTION_DAYS": "LogRetentionDays"}
"""Variables of the deploying shell and the parameters they set; where they are not set a parameter stays as it is."""
_HOLDS_NOTHING = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS", "DELETE_FAILED")
_SECRETS = ("api-keys", "webhook-urls", "database-config")


def state(cloud: CloudFormationClient, name: str) -> str:
    """The stack's status, empty where there is none."""
    try:
        return str(cloud.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" in str(error):
            return ""
        raise


def applied(order: Order, template: str) -> dict[str, str]:
    """Create or update the stack of one template; its outputs."""
    cloud: CloudFormationClient = boto3.client("cloudformation", region_name=order.region)
    name = order.stack(template)
    body = (ROOT / "infra" / f"{template}.json").read_text()
    there = _settled(cloud, order, name)
    current = _current(cloud, name) if there else {}
    wanted = _wanted(order, body, current)
    if there and wanted == current and json.loads(body) == _template(cloud, name):
        order.say(f"stack {name} is as it should be")
    else:
        put(order, name, {"TemplateBody": body}, wanted)
    described = cloud.describe_stacks(StackName=name)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}


def put(order: Order, name: str, source: Mapping[str, str], parameters: Mapping[str, str]) -> None:
    """Create the stack, or update it where it exists, from a `TemplateBody` or a `TemplateURL`.

    What a failed creation has made is taken away again, kept resources too: the next deploy would stumble over them.
    """
    cloud: CloudFormationClient = boto3.client("cloudformation", region_name=order.region)
    call: dict[str, Any] = {
        "StackName": name,
        **source,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        "RetainExceptOnCreate": True,
    }
    if not _settled(cloud, order, name):
        order.say(f"creating stack {name}")
        cloud.create_stack(**call)
        _await(cloud, name, "stack_create_complete")
        return
    try:
        cloud.update_stack(**call)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
        order.say(f"stack {name} is as it should be: nothing to deploy")
        return
    order.say(f"updating stack {name}")
    _await(cloud, name, "stack_update_complete")


def removed(order: Order, name: str) -> None:
    """Delete a stack where there is one."""
    cloud: CloudFormationClient = boto3.client("cloudformation", region_name=order.region)
    if not state(cloud, name):
        return
    cloud.delete_stack(StackName=name)
    _await(cloud, name, "stack_delete_complete")
    order.say(f"deleted stack {name}")


def given() -> dict[str, str]:
    """The parameters the deploying shell sets."""
    return {parameter: os.environ[name] for name, parameter in GIVEN.items() if os.environ.get(name)}


def kept(order: Order) -> dict[str, Callable[[], None]]:
    """What there is of table, secrets and documents, each with what deletes it for good."""
    buckets = (f"{APP}-{order.stage}-{what}-{order.account}-{order.region}" for what in ("docs", "audit"))
    secrets = (f"{APP}/{order.stage}/{each}" for each in _SECRETS)
    named = {f"{APP}-{order.stage}": _table(order, f"{APP}-{order.stage}")}
    named |= {each: _secret(order, each) for each in secrets} | {each: _bucket(order, each) for each in buckets}
    present = set(_present(order))
    return {name: delete for name, delete in named.items() if name in present}


def _present(order: Order) -> Iterator[str]:
    for page in boto3.client("dynamodb", region_name=order.region).get_paginator("list_tables").paginate():
        yield from page["TableNames"]
    for found in boto3.client("secretsmanager", region_name=order.region).get_paginator("list_secrets").paginate():
        yield from (each["Name"] for each in found["SecretList"])
    yield from (each["Name"] for each in boto3.client("s3", region_name=order.region).list_buckets()["Buckets"])


def _table(order: Order, name: str) -> Callable[[], None]:
    client = boto3.client("dynamodb", region_name=order.region)

    def delete() -> None:
        client.delete_table(TableName=name)
        client.get_waiter("table_not_exists").wait(TableName=name)

    return delete


def _secret(order: Order, name: str) -> Callable[[], None]:
    client = boto3.client("secretsmanager", region_name=order.region)

    def delete() -> None:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    return delete


def _bucket(order: Order, name: str) -> Callable[[], None]:
    def delete() -> None:
        bucket = boto3.resource("s3", region_name=order.region).Bucket(name)
        bucket.object_versions.delete()
        bucket.delete()

    return delete


def _settled(cloud: CloudFormationClient, order: Order, name: str) -> bool:
    """Whether the stack is there to be updated: one in progress is refused, one left half-finished is made anew."""
    found = state(cloud, name)
    if found in _HOLDS_NOTHING:
        order.say(f"stack {name} is {found} from a half-finished deploy: it is made anew")
        cloud.delete_stack(StackName=name)
        _await(cloud, name, "stack_delete_complete")
        return False
    if found.endswith("IN_PROGRESS"):
        raise Refused(f"stack {name} is {found}: wait until it has settled and run this again")
    return bool(found)


def _wanted(order: Order, body: str, current: Mapping[str, str]) -> dict[str, str]:
    """The parameters: the stage, what the shell gives, else what is set, else the template's default."""
    declared = json.loads(body)["Parameters"]
    known = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each} | dict(current) | given()
    wanted = {name: known[name] for name in declared if name in known} | {"Stage": order.stage}
    for name, value in wanted.items():
        allowed = [str(each) for each in declared[name].get("AllowedValues", [value])]
        if value not in allowed:
            raise Refused(f"{name} {value!r}: expected one of {', '.join(allowed)}")
    return wanted


def _current(cloud: CloudFormationClient, name: str) -> dict[str, str]:
    described = cloud.describe_stacks(StackName=name)["Stacks"][0].get("Parameters", [])
    return {each["ParameterKey"]: each["ParameterValue"] for each in described}


def _template(cloud: CloudFormationClient, name: str) -> object:
    body: object = cloud.get_template(StackName=name)["TemplateBody"]
    return json.loads(body) if isinstance(body, str) else body


def _await(cloud: CloudFormationClient, name: str, what: str) -> None:
    """Wait for the stack; where it fails say the first reason AWS gives."""
    try:
        cloud.get_waiter(what).wait(StackName=name)
    except WaiterError:
        events = cloud.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [
            f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
            for each in reversed(events)
            if "FAILED" in each.get("ResourceStatus", "") and "cancelled" not in each.get("ResourceStatusReason", "cancelled")
        ]
        raise Refused(f"stack {name} is {state(cloud, name)}: {reasons[0] if reasons else 'see its events'}") from None
