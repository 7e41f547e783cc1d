"""The same package by SAM/CloudFormation and by Terraform: Chalice's output completed with what Chalice leaves out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from orders import APP, OLDEST_EVENT_S, RETRIES, Order

from build import ROOT, SENTINEL, Refused, build, package, weigh

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

TERRAFORM = ">= 1.0"
"""Chalice 1.34 asks for Terraform below 1.4, which today's refuses; nothing it writes is of an older language."""


def fixed_environment(stage: str, region: str, account: str) -> dict[str, str]:
    """The resource stack's outputs, which its fixed names already tell."""
    prefix = f"{APP}-{stage}"
    return {
        "DYNAMODB_TABLE": prefix,
        "SNS_TOPIC_ARN": f"arn:aws:sns:{region}:{account}:{prefix}-alerts",
        "CRITICAL_ALERTS_SNS_TOPIC": f"arn:aws:sns:{region}:{account}:{prefix}-critical",
        "SECRETS_MANAGER_PREFIX": f"{APP}/{stage}",
        "DOCUMENT_BUCKET": f"{prefix}-documents-{account}-{region}",
        "STATE_MACHINE_ARN": f"arn:aws:states:{region}:{account}:stateMachine:{prefix}-continue",
        "REGION": region,
    }


def complete_sam(template: dict[str, Any], stage: str, queue: str) -> dict[str, Any]:
    """Chalice's SAM template with the functions' fixed names, their retries and their place for failed events."""
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        name = properties["Handler"].removeprefix("app.").replace("_", "-")
        properties["FunctionName"] = f"{APP}-{stage}-{name}"
        properties["EventInvokeConfig"] = {
            "MaximumRetryAttempts": RETRIES,
            "MaximumEventAgeInSeconds": OLDEST_EVENT_S,
            "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": queue}},
        }
    return template


def ship_with_sam(order: Order, environment: Mapping[str, str]) -> None:
    """Upload the zips to the document bucket and create or update the stack of functions."""
    out = ROOT / "build" / f"{order.stage}-cloudformation"
    known = {name: value for name, value in environment.items() if name != "FAILED_EVENTS_ARN"}
    build(order.stage, order.target, account=order.account, region=order.region, environment={**known, "REGION": order.region})
    shutil.rmtree(out, ignore_errors=True)
    package(order.target, order.stage, out, region=order.region)
    for line in weigh(out):
        order.say(line)
    queue = environment.get("FAILED_EVENTS_ARN", f"arn:aws:sqs:{order.region}:{order.account}:{APP}-{order.stage}-failed-events")
    template = complete_sam(json.loads((out / "sam.json").read_text()), order.stage, queue)
    stack = f"{APP}-{order.stage}-functions"
    if order.dry:
        order.say(f"would upload {len(list(out.glob('*.zip')))} zips and create or update stack {stack}")
        return
    text = json.dumps(_uploaded(template, out, environment["DOCUMENT_BUCKET"], order))
    cloud: CloudFormationClient = boto3.client("cloudformation", region_name=order.region)
    given: dict[str, Any] = {
        "StackName": stack,
        "TemplateBody": text,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        cloud.create_stack(**given)
        cloud.get_waiter("stack_create_complete").wait(StackName=stack)
    except cloud.exceptions.AlreadyExistsException:
        try:
            cloud.update_stack(**given)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
            order.say("functions are as they should be: nothing to deploy")
            return
        cloud.get_waiter("stack_update_complete").wait(StackName=stack)
    order.say(f"deployed stack {stack}")


def _uploaded(template: dict[str, Any], out: Path, bucket: str, order: Order) -> dict[str, Any]:
    """The template with every local zip replaced by its place in the bucket, where it is put under its own digest."""
    from hashlib import sha256

    s3 = boto3.client("s3", region_name=order.region)
    places: dict[str, dict[str, str]] = {}
    for path in out.glob("*.zip"):
        key = f"deploy/{sha256(path.read_bytes()).hexdigest()}.zip"
        s3.upload_file(str(path), bucket, key)
        places[f"./{path.name}"] = {"Bucket": bucket, "Key": key}
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            given = resource.get("Properties", {}).get(name)
            if given is not None:
                resource["Properties"][name] = places[given if given.startswith("./") else f"./{given}"]
    return template


def terraform_folder(order: Order, given: Mapping[str, str]) -> Path:
    """Chalice's Terraform package with the resource stack beside it, on which every function depends."""
    out = ROOT / "build" / f"{order.stage}-terraform"
    environment = fixed_environment(order.stage, order.region, order.account) | dict(given)
    build(order.stage, order.target, account=order.account, region=order.region, environment=environment)
    shutil.rmtree(out, ignore_errors=True)
    package(order.target, order.stage, out, "terraform", order.region)
    for line in weigh(out):
        order.say(line)
    shutil.copy(ROOT / "infra" / "resources.json", out / "resources.template.json")
    written = json.loads((out / "chalice.tf.json").read_text())
    for function in written["resource"]["aws_lambda_function"].values():
        function["depends_on"] = [*function.get("depends_on", []), "aws_cloudformation_stack.resources"]
    written["terraform"]["required_version"] = TERRAFORM
    (out / "chalice.tf.json").write_text(json.dumps(written, indent=1))
    stack = {
        "name": order.stack,
        "template_body": '${file("${path.module}/resources.template.json")}',
        "parameters": {"Stage": order.stage},
        "capabilities": ["CAPABILITY_NAMED_IAM"],
    }
    invoke = {
        name: {
            "function_name": f"${{aws_lambda_function.{name}.function_name}}",
            "maximum_retry_attempts": RETRIES,
            "maximum_event_age_in_seconds": OLDEST_EVENT_S,
            "destination_config": {
                "on_failure": {"destination": "${aws_cloudformation_stack.resources.outputs.FAILEDEVENTSARN}"}
            },
        }
        for name in written["resource"]["aws_lambda_function"]
    }
    beside = {"resource": {"aws_cloudformation_stack": {"resources": stack}, "aws_lambda_function_event_invoke_config": invoke}}
    (out / "resources.tf.json").write_text(json.dumps(beside, indent=1))
    return out


def ship_with_terraform(order: Order, given: Mapping[str, str]) -> None:
    """`terraform init` and `apply` on the package; refused where Terraform is not installed.

    The state is kept beside Chalice's own record of what is deployed, as the package is made anew each time.
    """
    out = terraform_folder(order, given)
    program = shutil.which("terraform")
    if order.dry or program is None:
        order.say(f"the Terraform package is in {out.relative_to(ROOT)}")
        if order.dry:
            order.say("would run terraform init and terraform apply there")
            return
        raise Refused("terraform is not installed: install it, or run it yourself in that folder")
    state = SENTINEL / ".chalice" / "deployed" / f"{order.stage}.tfstate"
    state.parent.mkdir(exist_ok=True)
    for words in (["init", "-input=false"], ["apply", "-input=false", "-auto-approve", f"-state={state}"]):
        if subprocess.run([program, *words], cwd=out, check=False, env={**os.environ, "AWS_REGION": order.region}).returncode:  # noqa: S603 -- the user's own terraform
            raise Refused(f"terraform {words[0]} failed in {out.relative_to(ROOT)}")
