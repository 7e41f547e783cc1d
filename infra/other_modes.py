"""The same package by SAM/CloudFormation and by Terraform: Chalice's output completed with what Chalice leaves out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import stacks
from orders import APP, OLDEST_EVENT_S, RETRIES, Order

from build import ROOT, SENTINEL, Refused, build, package, weigh

TERRAFORM = ">= 1.0"
"""Chalice 1.34 asks for Terraform below 1.4, which today's refuses; nothing it writes is of an older language."""
PROVIDER = ">= 6.20"
"""Chalice asks for AWS's provider below 5, which knows no runtime after python3.10; 6.20 is the first that knows python3.14."""


def fixed_environment(stage: str, region: str, account: str) -> dict[str, str]:
    """The stacks' outputs, which their fixed names already tell."""
    prefix = f"{APP}-{stage}"
    return {
        "DYNAMODB_TABLE": prefix,
        "SNS_TOPIC_ARN": f"arn:aws:sns:{region}:{account}:{prefix}-alerts",
        "CRITICAL_ALERTS_SNS_TOPIC": f"arn:aws:sns:{region}:{account}:{prefix}-critical",
        "SECRETS_MANAGER_PREFIX": f"{APP}/{stage}",
        "DOCUMENT_BUCKET": f"{prefix}-docs-{account}-{region}",
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
    text = json.dumps(_uploaded(template, out, environment["DOCUMENT_BUCKET"], order)).encode()
    key = _kept(text, "json", environment["DOCUMENT_BUCKET"], order)
    # A template within the call may have 51,200 bytes only.
    address = f"https://{environment['DOCUMENT_BUCKET']}.s3.{order.region}.amazonaws.com/{key}"
    stacks.put(order, stack, {"TemplateURL": address}, {})


def _kept(content: bytes, ending: str, bucket: str, order: Order) -> str:
    """Put `content` into the bucket under its own digest; its key."""
    key = f"deploy/{sha256(content).hexdigest()}.{ending}"
    boto3.client("s3", region_name=order.region).put_object(Bucket=bucket, Key=key, Body=content)
    return key


def _uploaded(template: dict[str, Any], out: Path, bucket: str, order: Order) -> dict[str, Any]:
    """The template with every local zip replaced by its place in the bucket, where it is put under its own digest."""
    places: dict[str, dict[str, str]] = {}
    for path in out.glob("*.zip"):
        places[f"./{path.name}"] = {"Bucket": bucket, "Key": _kept(path.read_bytes(), "zip", bucket, order)}
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
    written["terraform"]["required_providers"]["aws"] = {"source": "hashicorp/aws", "version": PROVIDER}
    (out / "chalice.tf.json").write_text(json.dumps(written, indent=1))
    stack = {
        "name": order.stack("resources"),
        "template_body": '${file("${path.module}/resources.template.json")}',
        "parameters": {"Stage": order.stage, **stacks.given()},
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
    """The stack of data as in every mode, out of `terraform destroy`'s reach; `terraform apply` on the package for the rest."""
    if order.dry:
        order.say(f"would create or update stack {order.stack('data')} from infra/data.json")
    else:
        stacks.applied(order, "data")
    out = terraform_folder(order, given)
    order.say(f"the Terraform package is in {out.relative_to(ROOT)}")
    if order.dry:
        order.say("would run terraform init and terraform apply there")
        return
    _terraform(order, out, "apply")


def destroy_with_terraform(order: Order) -> None:
    """`terraform destroy` on the package, made anew, and its record; what is kept was never in its state."""
    _terraform(order, terraform_folder(order, {}), "destroy")
    _recorded(order).unlink()
    _recorded(order).with_suffix(".tfstate.backup").unlink(missing_ok=True)


def _terraform(order: Order, out: Path, word: str) -> None:
    """Run terraform in the package. Its state is kept beside Chalice's record, as the package is made anew each time."""
    program = shutil.which("terraform")
    if program is None:
        raise Refused(f"terraform is not installed: install it, or run it yourself in {out.relative_to(ROOT)}")
    _recorded(order).parent.mkdir(parents=True, exist_ok=True)
    for words in (["init", "-input=false"], [word, "-input=false", "-auto-approve", f"-state={_recorded(order)}"]):
        if subprocess.run([program, *words], cwd=out, check=False, env={**os.environ, "AWS_REGION": order.region}).returncode:  # noqa: S603 -- the user's own terraform
            raise Refused(f"terraform {words[0]} failed in {out.relative_to(ROOT)}")


def _recorded(order: Order) -> Path:
    return SENTINEL / ".chalice" / "deployed" / f"{order.stage}.tfstate"
