"""Ships a stage to AWS: the two stacks of resources first in every mode, then the functions by Chalice, SAM or Terraform.

Every step may be run again: a stack, a package or a function that has not changed is left alone. What cannot be done is
refused with one line and exit status 1; a wrong command line has 2.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

sys.path.insert(0, str(Path(__file__).resolve().parent))
import stacks
from orders import APP, OLDEST_EVENT_S, RETRIES, Order, arguments_of, order_of

from build import ROOT, SENTINEL, Refused, build, chalice_environment, package, weigh

OUTPUTS = {
    "DYNAMODBTABLE": "DYNAMODB_TABLE",
    "SNSTOPICARN": "SNS_TOPIC_ARN",
    "CRITICALALERTSSNSTOPIC": "CRITICAL_ALERTS_SNS_TOPIC",
    "SECRETSMANAGERPREFIX": "SECRETS_MANAGER_PREFIX",
    "DOCUMENTBUCKET": "DOCUMENT_BUCKET",
    "STATEMACHINEARN": "STATE_MACHINE_ARN",
}
"""The stacks' outputs and the environment variables they become."""
PASSED_ON = (
    "SEC_USER_AGENT",
    "SEC_MAX_RPS",
    "OTHER_MAX_RPS",
    "SEC_WWW_BASE",
    "SEC_DATA_BASE",
    "FORM_PF_SOURCE",
    "TRANSCRIPT_SOURCE",
    "LOG_LEVEL",
)
"""Variables of the deploying shell that the functions get too, where they are set."""
PAUSES_S = (2, 5, 10, 20, None)
"""Between tries while IAM has not yet told everybody of a new role."""


def functions() -> list[str]:
    """The eight functions' names, from the configuration."""
    config = json.loads((SENTINEL / ".chalice" / "config.json").read_text())
    return list(config["stages"]["dev"]["lambda_functions"])


def resources(order: Order) -> dict[str, str]:
    """Create or update the two stacks, what is kept first; their outputs as environment variables."""
    if order.dry:
        for template in stacks.TEMPLATES:
            order.say(f"would create or update stack {order.stack(template)} from infra/{template}.json")
        return {}
    outputs = stacks.applied(order, "data") | stacks.applied(order, "resources")
    missing = [key for key in (*OUTPUTS, "FAILEDEVENTSARN") if key not in outputs]
    if missing:
        raise Refused(f"the stacks of {order.stage} have no output {', '.join(missing)}")
    return {"FAILED_EVENTS_ARN": outputs["FAILEDEVENTSARN"], **{name: outputs[key] for key, name in OUTPUTS.items()}}


def ship_with_chalice(order: Order, environment: Mapping[str, str]) -> None:
    """`chalice deploy`, unless every function already runs this very package and configuration."""
    digest = _built(order, environment)
    if order.dry:
        order.say(
            f"would run chalice deploy --stage {order.stage} in {order.target.relative_to(ROOT)} for: {', '.join(functions())}"
        )
        return
    if _deployed(order) == digest:
        _events(order, environment["FAILED_EVENTS_ARN"])
        order.say("functions are as they should be: nothing to deploy")
        return
    packages = ROOT / "build" / f"{order.stage}-weighed"
    shutil.rmtree(packages, ignore_errors=True)
    package(order.target, order.stage, packages, region=order.region)
    for line in weigh(packages):
        order.say(line)
    _chalice(order, "deploy", "--no-autogen-policy")
    shutil.copytree(order.target / ".chalice" / "deployed", SENTINEL / ".chalice" / "deployed", dirs_exist_ok=True)
    _events(order, environment["FAILED_EVENTS_ARN"])
    order.say(f"deployed {len(functions())} functions as {APP}-{order.stage}-NAME")


def _built(order: Order, environment: Mapping[str, str]) -> str:
    """Build the project for this account and region; a digest of all that Lambda would be given, put on it as a tag."""
    known = {name: value for name, value in environment.items() if name != "FAILED_EVENTS_ARN"}
    build(order.stage, order.target, account=order.account, region=order.region, environment={**known, "REGION": order.region})
    digest = hashlib.sha256()
    for path in sorted(path for path in order.target.rglob("*") if path.is_file()):
        name = path.relative_to(order.target).as_posix()
        if not name.startswith((".chalice/deploy", "vendor/")):
            digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    config = order.target / ".chalice" / "config.json"
    written = json.loads(config.read_text())
    written["stages"][order.stage]["tags"]["package"] = digest.hexdigest()[:32]
    config.write_text(json.dumps(written, indent=1))
    return digest.hexdigest()[:32]


def _deployed(order: Order) -> str | None:
    """The digest every function carries; None where one is missing or they differ, or a deploy has ended before its end.

    Leave for EventBridge to call a scheduled function is the last thing Chalice gives.
    """
    client = boto3.client("lambda", region_name=order.region)
    seen = set()
    for name in functions():
        try:
            seen.add(client.get_function(FunctionName=f"{APP}-{order.stage}-{name}").get("Tags", {}).get("package"))
            if not name.endswith("-chunked"):
                client.get_policy(FunctionName=f"{APP}-{order.stage}-{name}")
        except client.exceptions.ResourceNotFoundException:
            return None
    return seen.pop() if len(seen) == 1 else None


def _chalice(order: Order, *words: str) -> None:
    command = [str(Path(sys.executable).parent / "chalice"), *words, "--stage", order.stage]
    done = subprocess.run(  # noqa: S603 -- our own command
        command,
        cwd=order.target,
        capture_output=True,
        text=True,
        check=False,
        env=chalice_environment(order.region),
    )
    said = done.stdout + done.stderr
    if done.returncode or "Could not install dependencies" in said:
        raise Refused(f"chalice {words[0]} failed: {' '.join(said.split())[-400:]}")


def _events(order: Order, queue: str) -> None:
    """Retries, and a place for events that were given up, for every function that is called asynchronously.

    Lambda asks whether the function's role may send there, which a role made a moment ago may not yet.
    """
    client = boto3.client("lambda", region_name=order.region)
    for name in functions():
        for pause_s in PAUSES_S:
            try:
                client.put_function_event_invoke_config(
                    FunctionName=f"{APP}-{order.stage}-{name}",
                    MaximumRetryAttempts=RETRIES,
                    MaximumEventAgeInSeconds=OLDEST_EVENT_S,
                    DestinationConfig={"OnFailure": {"Destination": queue}},
                )
                break
            except client.exceptions.InvalidParameterValueException:
                if pause_s is None:
                    raise
                time.sleep(pause_s)


def destroy(order: Order, *, data: bool) -> None:
    """Delete functions, roles, rules and the stack of resources; the stack of data stays as it is unless `data`."""
    if order.dry:
        kept = f" and {order.stack('data')} with all data" if data else "; table, secrets and documents are kept"
        order.say(f"would delete the functions of {order.stage} and stack {order.stack('resources')}{kept}")
        return
    recorded = SENTINEL / ".chalice" / "deployed" / f"{order.stage}.json"
    if recorded.exists():
        build(order.stage, order.target, account=order.account, region=order.region)
        _chalice(order, "delete")
        recorded.unlink()
    stacks.removed(order, f"{APP}-{order.stage}-functions")
    if (SENTINEL / ".chalice" / "deployed" / f"{order.stage}.tfstate").exists():
        from other_modes import destroy_with_terraform

        destroy_with_terraform(order)
    if left := _left(order):
        raise Refused(f"functions {', '.join(left)} were deployed from another machine: destroy them there")
    stacks.removed(order, order.stack("resources"))
    if data:
        stacks.removed(order, order.stack("data"))
    kept = stacks.kept(order)
    for name, delete in kept.items() if data else ():
        delete()
        order.say(f"deleted {name}")
    if kept and not data:
        order.say(f"kept, in stack {order.stack('data')}: {', '.join(kept)}")


def _left(order: Order) -> list[str]:
    """The stage's functions that are still there."""
    client = boto3.client("lambda", region_name=order.region)
    ours = {f"{APP}-{order.stage}-{name}" for name in functions()}
    pages = client.get_paginator("list_functions").paginate()
    return sorted(ours & {each["FunctionName"] for page in pages for each in page["Functions"]})


def main(arguments: Sequence[str]) -> int:
    """Run one order; 0 done, 1 refused or failed, 2 a wrong command line."""
    chosen = arguments_of(arguments, __doc__)
    try:
        order = order_of(chosen)
        _carry_out(order, chosen)
    except Refused as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 1
    except (ClientError, BotoCoreError) as error:
        print(f"deploy: AWS refused: {error}", file=sys.stderr)
        return 1
    return 0


def _refuse_elsewhere(order: Order) -> None:
    """A stage has one region: its roles are named by the stage alone, and Chalice's record names functions of one place."""
    recorded = SENTINEL / ".chalice" / "deployed" / f"{order.stage}.json"
    places = set(re.findall(r":lambda:([\w-]+:\d+):function", recorded.read_text())) if recorded.exists() else set()
    if others := places - {f"{order.region}:{order.account}"}:
        raise Refused(f"stage {order.stage} is deployed in {', '.join(others)}: go on there (-r), or destroy it there first")


def _carry_out(order: Order, chosen: argparse.Namespace) -> None:
    if chosen.mode in ("chalice", "destroy"):
        _refuse_elsewhere(order)
    if chosen.mode == "destroy":
        if not (chosen.yes or order.dry or _confirmed(order)):
            raise Refused("nothing was deleted")
        destroy(order, data=chosen.data)
        return
    if chosen.mode == "package":
        _built(order, {})
        for form in ("cloudformation", "terraform"):
            out = ROOT / "build" / f"{order.stage}-{form}"
            shutil.rmtree(out, ignore_errors=True)
            package(order.target, order.stage, out, form, order.region)
            for line in weigh(out):
                order.say(f"{form}: {line}")
        return
    given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if "SEC_USER_AGENT" not in given:
        order.say("SEC_USER_AGENT is not set in this shell: without it the functions cannot ask EDGAR")
    if chosen.mode == "terraform":
        from other_modes import ship_with_terraform

        ship_with_terraform(order, given)
        return
    environment = resources(order) | given
    if chosen.mode == "chalice":
        ship_with_chalice(order, environment)
    else:
        from other_modes import ship_with_sam

        ship_with_sam(order, environment)


def _confirmed(order: Order) -> bool:
    try:
        return input(f"Delete stage {order.stage} in {order.region}? Type its name: ") == order.stage
    except EOFError:
        raise Refused("nobody is there to confirm; say --yes to delete without asking") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
