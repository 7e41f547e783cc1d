"""`make rehearse`: a whole deployment on this machine, and every function run as Lambda would run it.

`./deploy.sh -s dev chalice` ships to moto's server; what was uploaded is taken back, unpacked and run by AWS's own runtime client
with the bundled sample archive in EDGAR's place. Nothing leaves loopback, but for wheels that are not cached yet.
"""

from __future__ import annotations

import argparse
import base64
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

from moto.core.config import default_user_config

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [path for path in (str(ROOT), str(ROOT / "infra")) if path not in sys.path]

from loopback_aws import Cloud  # noqa: E402 -- as above
from loopback_lambda import Answer, Functions, unpack  # noqa: E402 -- as above

from build import SENTINEL, Refused  # noqa: E402 -- after the path is set
from sample.loopback import Loopback  # noqa: E402 -- as above
from sample.run import hosts  # noqa: E402 -- as above

APP = "boom-bust-sentinel"
PLACE = ROOT / "build" / "rehearsal"
"""The copy that is deployed, and its wheels and zips, which a second rehearsal need not make again."""


class Rehearsal:
    """Within it a stage is deployed: `cloud` is AWS, `edgar` the suppliers, `functions` what was uploaded."""

    def __init__(self) -> None:
        PLACE.mkdir(parents=True, exist_ok=True)
        self._turn = (PLACE / "lock").open("w")
        self._unpacked = Path(tempfile.mkdtemp(prefix="sentinel-rehearsal-"))
        self.project = PLACE / "project"
        self.cloud = Cloud(self._answer)
        self.edgar, self.feeds, self.yahoo = (Loopback(ROOT / "sample" / name) for name in ("archive", "feeds", "yahoo"))
        self.functions: Functions
        self.said = ""

    def __enter__(self) -> Self:
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        copy_tree(self.project)
        for each in (self.edgar, self.feeds, self.yahoo, self.cloud):
            each.__enter__()
        try:
            self._secrets()
            self._filings()
            self.said = self.deploy("chalice")
            self._machine()
            self.functions = self._uploaded()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if hasattr(self, "functions"):
            self.functions.close()
        for each in (self.cloud, self.yahoo, self.feeds, self.edgar):
            each.__exit__(kind, error, trace)
        self._turn.close()
        shutil.rmtree(self._unpacked, ignore_errors=True)

    def deploy(self, *words: str) -> str:
        """`./deploy.sh -s dev …` in the copy; what it said. Raises `Refused` when it fails."""
        done = self.deploying("-s", "dev", *words)
        if done.returncode:
            raise Refused(f"deploy.sh {' '.join(words)} exited {done.returncode}: {done.stderr.strip()[-1500:]}")
        return done.stdout

    def deploying(self, *words: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
        """`./deploy.sh …` in the copy, whatever comes of it; `changed` is set, or removed where None, in its environment."""
        environment: dict[str, str | None] = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._unpacked),
            **self.cloud.environment(),
            "SEC_WWW_BASE": f"{self.edgar.url}/www.sec.gov",
            "SEC_DATA_BASE": f"{self.edgar.url}/data.sec.gov",
            "SEC_MAX_RPS": "200",
            "FORM_PF_SOURCE": "s3://filings-of-mine/form-pf",
            **changed,
        }
        return subprocess.run(  # noqa: S603 -- our own program
            [str(self.project / "deploy.sh"), *words],
            cwd=self.project,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def chalice(self, *words: str, given: str) -> subprocess.CompletedProcess[str]:
        """`chalice …` in the copy's sentinel folder, with `given` on standard input."""
        return subprocess.run(  # noqa: S603 -- our own program
            [str(Path(sys.executable).parent / "chalice"), *words],
            cwd=self.project / "sentinel",
            env={"PATH": os.environ["PATH"], "HOME": str(self._unpacked), **self.cloud.environment()},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, name: str, event: object, seconds: float = 120.0) -> Answer:
        """Invoke the deployed function called `bond-issuance`, `bond-issuance-chunked` and so on."""
        return self.functions.call(name, event, seconds)

    def settled(self, seconds: float = 60.0) -> list[Mapping[str, Any]]:
        """Every execution of the state machine, once none is running any more."""
        states = self.cloud.client("stepfunctions")
        [machine] = states.list_state_machines()["stateMachines"]
        until = time.monotonic() + seconds
        while True:
            listed = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
            if all(each["status"] != "RUNNING" for each in listed) or time.monotonic() > until:
                return [states.describe_execution(executionArn=each["executionArn"]) for each in listed]
            time.sleep(0.1)

    def _secrets(self) -> None:
        """The stack's secrets, which moto's CloudFormation leaves out."""
        template = json.loads((ROOT / "infra" / "data.json").read_text())
        for each in template["Resources"].values():
            if each["Type"] == "AWS::SecretsManager::Secret":
                name = each["Properties"]["Name"]["Fn::Sub"].replace("${Stage}", "dev")
                self.cloud.client("secretsmanager").create_secret(Name=name, SecretString=each["Properties"]["SecretString"])

    def _filings(self) -> None:
        """A bucket of the user's own with the sample's Form PF archives."""
        store = self.cloud.client("s3")
        store.create_bucket(Bucket="filings-of-mine")
        folder = ROOT / "sample" / "form-pf"
        for path in (each for each in folder.rglob("*") if each.is_file()):
            store.upload_file(str(path), "filings-of-mine", f"form-pf/{path.relative_to(folder).as_posix()}")

    def _machine(self) -> None:
        """The stack's state machine for moto's interpreter, which keeps its own apart from CloudFormation's."""
        [made] = self.machines()
        states = self.cloud.client("stepfunctions")
        states.create_state_machine(name=made["name"], definition=made["definition"], roleArn=made["roleArn"])

    def machines(self) -> list[Mapping[str, Any]]:
        """The state machines of the stack, by CloudFormation's account."""
        states = self.cloud.client("stepfunctions")
        with mock.patch.dict(default_user_config, {"stepfunctions": {"execute_state_machine": False}}):
            arns = [each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"]]
            return [states.describe_state_machine(stateMachineArn=arn) for arn in arns]

    def _answer(self, function: str, payload: bytes) -> tuple[bytes, bool]:
        answer = self.functions.call(function.removeprefix(f"{APP}-dev-"), json.loads(payload))
        return json.dumps(answer.value).encode(), answer.broke

    def _uploaded(self) -> Functions:
        """The functions as Lambda has them: the uploaded bytes by their digests, the environments as configured."""
        client = self.cloud.client("lambda")
        zips = {_digest(path): path for path in (self.project / "build" / "dev" / ".chalice" / "deployments").glob("*.zip")}
        environments, code, layers = {}, set(), set()
        for name in names():
            configured = client.get_function_configuration(FunctionName=f"{APP}-dev-{name}")
            code.add(configured["CodeSha256"])
            layers |= {each["Arn"] for each in configured["Layers"]}
            environments[name] = {
                **configured["Environment"]["Variables"],
                **self.cloud.environment(),
                "ROUTES": json.dumps(self.feeds.routes(*hosts("bdc-discount"))),
                "YAHOO_BASE": self.yahoo.url,
                "AWS_REGION": "us-east-1",
                "AWS_LAMBDA_FUNCTION_NAME": configured["FunctionName"],
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configured["MemorySize"]),
                "AWS_EXECUTION_ENV": f"AWS_Lambda_{configured['Runtime']}",
                "_HANDLER": configured["Handler"],
            }
        [digest], [layer] = code, layers
        layer_name, _, version = layer.rpartition(":")
        told = client.get_layer_version(LayerName=layer_name.rpartition(":")[2], VersionNumber=int(version))["Content"][
            "CodeSha256"
        ]
        artefact = unpack(zips[digest], zips[told], self._unpacked)
        return Functions(artefact, environments, self._unpacked)


def names() -> list[str]:
    """The eight functions."""
    return list(json.loads((SENTINEL / ".chalice" / "config.json").read_text())["stages"]["dev"]["lambda_functions"])


def copy_tree(project: Path) -> None:
    """Make `project` a clean checkout of this tree as it stands, its build folder kept."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],  # noqa: S607 -- whichever git the user has
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    project.mkdir(parents=True, exist_ok=True)
    for old in project.iterdir():
        if old.name != "build":
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    for name in listed.stdout.split("\0"):
        if name.startswith(("sentinel/", "infra/", "Makefile", "deploy.sh", "requirements-dev.txt", ".gitignore")):
            target = project / name
            if (ROOT / name).exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
    for read in (project / "requirements-dev.txt", project / "sentinel" / "requirements.txt"):
        os.utime(read, (0, 0))  # older than what make makes of it: nothing is to be installed
    (project / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (project / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    for made in ("run", "ready"):
        (project / ".venv" / made).touch()
    shutil.rmtree(project / "build" / "dev" / ".chalice" / "deployed", ignore_errors=True)
    identity = ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@example.com"]
    for words in (["init", "--quiet"], ["add", "sentinel", "infra"], [*identity, "commit", "--quiet", "-m", "as it stands"]):
        subprocess.run(["git", *words], cwd=project, check=True, capture_output=True)  # noqa: S603, S607 -- as above


def _digest(path: Path) -> str:
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def main() -> int:
    """Deploy, play every scenario, and say of each how it went; 0 when all went as promised."""
    from scenarios import SCENARIOS, Wrong

    parser = argparse.ArgumentParser(prog="make rehearse", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    chosen = parser.parse_args().scenarios or list(SCENARIOS)
    failed = []
    began = time.monotonic()
    with Rehearsal() as rehearsal:
        print(rehearsal.said.rstrip())
        print(f"deployed and unpacked in {time.monotonic() - began:.0f} s")
        for name in chosen:
            began = time.monotonic()
            try:
                SCENARIOS[name](rehearsal)
            except Wrong as error:
                failed.append(name)
                print(f"WRONG {name}: {error}")
            else:
                print(f"ok    {name} ({time.monotonic() - began:.1f} s): {SCENARIOS[name].__doc__}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refused as refused:
        sys.exit(f"refused: {refused}")
