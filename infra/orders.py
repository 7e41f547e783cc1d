"""What is to be shipped where: the command line of deploy.sh, read and checked before anything is touched."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import NoCredentialsError

from build import ROOT, STAGES, Refused

APP = "boom-bust-sentinel"
RETRIES, OLDEST_EVENT_S = 2, 6 * 3600
"""How often an asynchronous event is tried again, and until what age in seconds."""


@dataclass(frozen=True)
class Order:
    """What is to be shipped where. `say` prints a line; `dry` prints and does nothing else."""

    stage: str
    region: str
    account: str
    dry: bool
    say: Callable[[str], None]

    @property
    def target(self) -> Path:
        """The built Chalice project."""
        return ROOT / "build" / self.stage

    def stack(self, template: str) -> str:
        """The name of the stack of infra/{template}.json."""
        return f"{APP}-{self.stage}-{template}"


def arguments_of(arguments: Sequence[str], description: str | None) -> argparse.Namespace:
    """The command line, parsed; a wrong one ends the program with 2."""
    parser = argparse.ArgumentParser(prog="./deploy.sh", description=description)
    parser.add_argument("-s", "--stage", default="dev")
    parser.add_argument("-r", "--region", default=os.environ.get("AWS_DEFAULT_REGION") or "us-east-1")
    parser.add_argument("--dry-run", action="store_true", help="print what would be done")
    parser.add_argument("--yes", action="store_true", help="destroy without asking")
    parser.add_argument("--data", action="store_true", help="destroy also the table, the secrets and the documents, for good")
    parser.add_argument("mode", choices=["chalice", "serverless", "terraform", "package", "destroy"])
    return parser.parse_args(arguments)


def order_of(chosen: argparse.Namespace) -> Order:
    """The order, checked: stage and region exist, the tree is clean, there are credentials."""
    stage = "prod" if chosen.stage == "production" else chosen.stage
    if stage not in STAGES:
        raise Refused(f"stage {chosen.stage!r}: expected one of {', '.join(STAGES)}")
    if chosen.region not in boto3.session.Session().get_available_regions("lambda"):
        raise Refused(f"region {chosen.region!r}: no region of that name has Lambda")
    if chosen.mode == "package":
        return Order(stage, chosen.region, "*", chosen.dry_run, print)
    if chosen.mode != "destroy" and not chosen.dry_run:
        _refuse_dirty()
    try:
        account = boto3.client("sts", region_name=chosen.region).get_caller_identity()["Account"]
    except NoCredentialsError as error:
        if not chosen.dry_run:
            raise Refused("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") from error
        account = "000000000000"
    return Order(stage, chosen.region, account, chosen.dry_run, print)


def _refuse_dirty() -> None:
    """What is shipped must be what is committed: another machine could not build it again otherwise."""
    done = subprocess.run(
        ["git", "status", "--porcelain", "--", "sentinel", "infra"],  # noqa: S607 -- whichever git the user has
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and done.stdout.strip():
        changed = ", ".join(line[3:] for line in done.stdout.strip().splitlines()[:3])
        raise Refused(f"the tree has changes that are not committed ({changed}): commit them first")
