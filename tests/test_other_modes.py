"""SAM and Terraform: what other_modes.py writes is valid as far as can be told without AWS and Terraform's registry."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "infra"))

import other_modes  # noqa: E402 -- after the path is set
from orders import Order  # noqa: E402 -- as above
from other_modes import complete_sam, fixed_environment, terraform_folder  # noqa: E402 -- as above

from build import package  # noqa: E402 -- as above
from tests.test_deployment_files import FUNCTIONS  # noqa: E402 -- as above

ACCOUNT, REGION = "123456789012", "eu-west-1"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:boom-bust-sentinel-dev-failed-events"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The Chalice project of stage dev as build.py makes it, but for its wheels, which no template names."""
    made = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("build._vendor", lambda vendor, _version: (vendor / "nothing").mkdir(parents=True, exist_ok=True))
        environment = fixed_environment("dev", REGION, ACCOUNT)
        sys.modules["build"].build("dev", made, account=ACCOUNT, region=REGION, environment=environment)
    (made / "vendor" / "six.py").write_text("")
    return made


@pytest.fixture(scope="module")
def sam(project, tmp_path_factory):
    out = tmp_path_factory.mktemp("sam")
    package(project, "dev", out, region=REGION)
    return complete_sam(json.loads((out / "sam.json").read_text()), "dev", QUEUE)


@pytest.fixture(scope="module")
def terraform(project, tmp_path_factory):
    """The Terraform package, its two files read."""
    place = tmp_path_factory.mktemp("root")

    class Order:
        stage, region, account, target = "dev", REGION, ACCOUNT, project
        say = staticmethod(print)
        stack = staticmethod("boom-bust-sentinel-dev-{}".format)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(other_modes, "ROOT", place)
        patched.setattr(other_modes, "build", lambda *_, **__: None)
        patched.setattr(other_modes, "weigh", lambda _: [])
        (place / "infra").mkdir()
        (place / "infra" / "resources.json").write_bytes((ROOT / "infra" / "resources.json").read_bytes())
        out = terraform_folder(Order, {})
    return {name: json.loads((out / name).read_text()) for name in ("chalice.tf.json", "resources.tf.json")} | {"folder": out}


def test_the_sam_template_passes_cfn_lint(sam):
    """The completed SAM template has no error in cfn-lint."""
    from cfnlint.api import lint_all

    found = [str(each) for each in lint_all(json.dumps(sam)) if each.rule.id.startswith("E")]
    assert found == []


def test_sam_names_every_function_and_where_its_failed_events_go(sam):
    """All eight functions have their fixed name, two retries, and the queue for events that were given up."""
    functions = [each["Properties"] for each in sam["Resources"].values() if each["Type"] == "AWS::Serverless::Function"]
    assert {each["FunctionName"] for each in functions} == {f"boom-bust-sentinel-dev-{name}" for name in FUNCTIONS}
    for each in functions:
        assert each["EventInvokeConfig"]["MaximumRetryAttempts"] == 2
        assert each["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"] == QUEUE
        assert each["Environment"]["Variables"]["DYNAMODB_TABLE"] == "boom-bust-sentinel-dev"


def test_terraform_makes_the_stack_first(terraform):
    """Every function depends on the resource stack, which is made from the same template as in every other mode."""
    functions = terraform["chalice.tf.json"]["resource"]["aws_lambda_function"]
    stack = terraform["resources.tf.json"]["resource"]["aws_cloudformation_stack"]["resources"]
    assert {each["function_name"] for each in functions.values()} == {f"boom-bust-sentinel-dev-{name}" for name in FUNCTIONS}
    assert all("aws_cloudformation_stack.resources" in each["depends_on"] for each in functions.values())
    assert stack["template_body"] == '${file("${path.module}/resources.template.json")}'
    copied = (terraform["folder"] / "resources.template.json").read_text()
    assert json.loads(copied) == json.loads((ROOT / "infra" / "resources.json").read_text())


def test_todays_terraform_and_runtimes_are_not_refused(terraform):
    """Chalice's upper limits are lifted: today's Terraform is allowed, and a provider that knows the runtime is asked for."""
    asked = terraform["chalice.tf.json"]["terraform"]
    assert asked["required_version"] == ">= 1.0"
    assert asked["required_providers"]["aws"]["version"] == ">= 6.20"


def test_terraforms_resources_fit_the_providers_schema(terraform):
    """Every attribute is one AWS's provider knows for that resource, and none it requires is missing."""
    known = json.loads((ROOT / "tests" / "terraform_schema.json").read_text())["resources"]
    meta = {"depends_on", "lifecycle", "provider", "count", "for_each"}
    for written in (terraform["chalice.tf.json"], terraform["resources.tf.json"]):
        for kind, resources in written["resource"].items():
            for name, given in resources.items():
                required, optional = set(known[kind]["required"]), set(known[kind]["optional"])
                assert required <= set(given), f"{kind}.{name}"
                assert set(given) <= required | optional | meta, f"{kind}.{name}"


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")
def test_terraform_itself_can_read_the_package(terraform):
    """Terraform reads the files and looks no further than for its providers, which it may not be able to fetch."""
    done = subprocess.run(
        ["terraform", "validate", "-json"], cwd=terraform["folder"], capture_output=True, text=True, check=False
    )
    said = json.loads(done.stdout)
    assert {each["summary"] for each in said["diagnostics"]} <= {"Missing required provider"}


def test_terraform_keeps_its_hands_off_the_data(tmp_path, monkeypatch):
    """Deploy makes the stack of data itself; destroy runs terraform destroy on all the rest and drops its record."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "terraform").write_text('#!/bin/sh\necho "$@" >> "$0.log"\n')
    (bin_ / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    out = tmp_path / "build" / "dev-terraform"
    out.mkdir(parents=True)
    monkeypatch.setattr(other_modes, "ROOT", tmp_path)
    monkeypatch.setattr(other_modes, "SENTINEL", tmp_path)
    monkeypatch.setattr(other_modes, "terraform_folder", lambda *_: out)
    made = []
    monkeypatch.setattr(other_modes.stacks, "applied", lambda _order, template: made.append(template))
    order = Order("dev", REGION, ACCOUNT, dry=False, say=print)
    other_modes.ship_with_terraform(order, {})
    state = tmp_path / ".chalice" / "deployed" / "dev.tfstate"
    state.write_text("{}")
    other_modes.destroy_with_terraform(order)
    assert made == ["data"]
    assert not state.exists()
    assert (bin_ / "terraform.log").read_text().splitlines() == [
        "init -input=false",
        f"apply -input=false -auto-approve -state={state}",
        "init -input=false",
        f"destroy -input=false -auto-approve -state={state}",
    ]


def test_terraforms_references_lead_somewhere(terraform):
    """Every resource an event-invoke setting refers to is declared, and each function has one."""
    declared = terraform["chalice.tf.json"]["resource"]["aws_lambda_function"]
    settings = terraform["resources.tf.json"]["resource"]["aws_lambda_function_event_invoke_config"]
    assert set(settings) == set(declared)
    for name, each in settings.items():
        assert each["function_name"] == f"${{aws_lambda_function.{name}.function_name}}"
        assert each["destination_config"]["on_failure"]["destination"].endswith(".outputs.FAILEDEVENTSARN}")
    outputs = json.loads((ROOT / "infra" / "resources.json").read_text())["Outputs"]
    assert "FAILEDEVENTSARN" in outputs
