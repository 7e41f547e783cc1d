"""What is declared, configured, permitted and watched agrees: app.py, config.json, the policies, infra/resources.json, README."""

import json
import re
from pathlib import Path

import pytest

from chalicelib import vigil

ROOT = Path(__file__).parent.parent
CHALICE = ROOT / "sentinel" / ".chalice"
STAGES = ("dev", "staging", "prod")
SCRAPERS = ("bond-issuance", "bdc-discount", "credit-fund", "bank-provision")
FUNCTIONS = (*SCRAPERS, *(f"{name}-chunked" for name in SCRAPERS))
SCHEDULES = {
    "bond-issuance": "cron(0 8 ? * MON *)",
    "bdc-discount": "cron(0 6 * * ? *)",
    "credit-fund": "cron(0 7 1 * ? *)",
    "bank-provision": "cron(0 9 1 1,4,7,10 ? *)",
}


@pytest.fixture(scope="module")
def config():
    return json.loads((CHALICE / "config.json").read_text())


@pytest.fixture(scope="module")
def template():
    return json.loads((ROOT / "infra" / "resources.json").read_text())


def policy(stage: str, function: str) -> dict:
    return json.loads((CHALICE / f"policy-{stage}-{function}.json").read_text())


def test_app_declares_the_eight_functions_with_their_schedules():
    """The application registers exactly the eight functions of the README, the four scheduled ones at their times."""
    import app

    resources = app.app
    scheduled = {each.name: each.schedule_expression.to_string() for each in resources.event_sources}
    assert scheduled == SCHEDULES
    assert {each.name for each in resources.pure_lambda_functions} == {f"{name}-chunked" for name in SCRAPERS}


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_configures_all_eight_functions(config, stage):
    """Each stage gives each function its timeout, 1024 MB, its scraper's name and its own policy file, which exists."""
    functions = config["stages"][stage]["lambda_functions"]
    assert tuple(functions) == FUNCTIONS
    for name, given in functions.items():
        assert given["lambda_timeout"] == (600 if name.endswith("-chunked") else 900)
        assert given["lambda_memory_size"] == 1024
        assert given["environment_variables"] == {"SCRAPER_NAME": name.removesuffix("-chunked")}
        assert given["iam_policy_file"] == f"policy-{stage}-{name}.json"
        assert given["autogen_policy"] is False
        assert (CHALICE / given["iam_policy_file"]).exists()
    assert config["stages"][stage]["environment_variables"]["STAGE"] == stage


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_policy_names_only_its_own_stage_and_logs(stage, function):
    """No statement allows a bare `*`, another stage, or another function's log group."""
    for statement in policy(stage, function)["Statement"]:
        assert statement["Effect"] == "Allow"
        assert all("*" not in action for action in statement["Action"])
        for resource in statement["Resource"]:
            assert resource != "*"
            assert re.search(rf"boom-bust-sentinel[-/]{stage}\b", resource), resource
            if ":logs:" in resource:
                assert resource.endswith(f"boom-bust-sentinel-{stage}-{function}:*")


def test_only_scheduled_functions_may_start_the_state_machine():
    """A chunked function cannot start a continuation: no chain of machines can grow."""
    for function in FUNCTIONS:
        actions = {action for statement in policy("dev", function)["Statement"] for action in statement["Action"]}
        assert ("states:StartExecution" in actions) == (not function.endswith("-chunked"))


def test_every_function_has_its_log_group_and_three_alarms(template):
    """Each function has a log group with a retention, and alarms on our errors, Lambda's errors and throttles."""
    resources = template["Resources"].values()
    groups = {each["Properties"]["LogGroupName"]["Fn::Sub"] for each in resources if each["Type"] == "AWS::Logs::LogGroup"}
    assert groups == {f"/aws/lambda/boom-bust-sentinel-${{Stage}}-{name}" for name in FUNCTIONS}
    watched = {
        (
            each["Properties"]["Namespace"],
            each["Properties"]["MetricName"],
            each["Properties"]["Dimensions"][0]["Value"]["Fn::Sub"],
        )
        for each in resources
        if each["Type"] == "AWS::CloudWatch::Alarm" and each["Properties"]["Dimensions"][0]["Name"] == "FunctionName"
    }
    for name in FUNCTIONS:
        full = f"boom-bust-sentinel-${{Stage}}-{name}"
        assert {
            ("AWS/Lambda", "Errors", full),
            ("AWS/Lambda", "Throttles", full),
            ("BoomBustSentinel/Lambda", "Errors", full),
        } <= watched


def test_every_headline_has_an_alarm_at_one_and_a_half_periods(template):
    """A headline older than one and a half of its periods raises an alarm, and so does no report of its age."""
    stale = {
        each["Properties"]["Dimensions"][0]["Value"]: each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm" and each["Properties"]["MetricName"] == "HeadlineAge"
    }
    hours = {name: period.total_seconds() / 3600 for name, period in vigil.PERIODS.items()}
    assert hours == {"bond-issuance": 168, "bdc-discount": 24, "credit-fund": 31 * 24, "bank-provision": 92 * 24}
    assert {name: given["Threshold"] for name, given in stale.items()} == {
        name: each * vigil.TOO_OLD for name, each in hours.items()
    }
    assert all(given["TreatMissingData"] == "breaching" for given in stale.values())


def test_data_outlives_its_stack(template):
    """The table, the secrets and the document bucket are kept when the stack is deleted."""
    for each in template["Resources"].values():
        if each["Type"] in ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::S3::Bucket"):
            assert each["DeletionPolicy"] == "Retain"
    table = template["Resources"]["Table"]["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_template_passes_cfn_lint():
    """The stack's template has no error and no warning in cfn-lint."""
    from cfnlint.api import lint_all

    found = lint_all((ROOT / "infra" / "resources.json").read_text())
    assert [str(match) for match in found if not match.rule.id.startswith("I")] == []
