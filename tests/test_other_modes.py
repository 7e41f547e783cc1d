"""SAM and Terraform: what other_modes.py writes is valid as far as can be told without AWS and Terraform's registry."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "infra"))

import other_modes  # noqa: E402 -- after the path is set
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


def test_todays_terraform_is_not_refused(terraform):
    """Chalice's upper limit on Terraform's version is lifted: the language it writes is still today's."""
    assert terraform["chalice.tf.json"]["terraform"]["required_version"] == ">= 1.0"


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
