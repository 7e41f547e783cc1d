"""What is declared, configured, permitted and watched agrees: app.py, config.json, the policies, infra/, README."""

import io
import json
import re
from pathlib import Path

import pytest

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
    """What a stage runs on and is watched by."""
    return json.loads((ROOT / "infra" / "resources.json").read_text())


@pytest.fixture(scope="module")
def data():
    """What a stage keeps."""
    return json.loads((ROOT / "infra" / "data.json").read_text())


def alarms(template):
    return {
        each["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("boom-bust-sentinel-${Stage}-"): each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }


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


def test_every_function_has_its_log_group(template):
    """Each function has a log group whose retention is a parameter."""
    groups = [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::Logs::LogGroup"]
    named = {each["LogGroupName"]["Fn::Sub"] for each in groups}
    assert named == {f"/aws/lambda/boom-bust-sentinel-${{Stage}}-{name}" for name in FUNCTIONS}
    assert {str(each["RetentionInDays"]) for each in groups} == {"{'Ref': 'LogRetentionDays'}"}


def test_six_alarms_tell_all_that_can_go_wrong(template):
    """Our errors, crashes, throttles, overdue headlines, given-up events and failed continuations ring on the critical topic."""
    found = alarms(template)
    assert set(found) == {
        "own-errors",
        "lambda-errors",
        "lambda-throttles",
        "overdue",
        "failed-events",
        "continuation-failed",
    }
    for each in found.values():
        assert each["AlarmActions"] == [{"Ref": "CriticalTopic"}]
    for name, metric in (("lambda-errors", "Errors"), ("lambda-throttles", "Throttles")):
        *summed, total = found[name]["Metrics"]
        stats = [each["MetricStat"]["Metric"] for each in summed]
        assert total["Expression"] == "SUM(METRICS())"
        assert {(each["Namespace"], each["MetricName"]) for each in stats} == {("AWS/Lambda", metric)}
        assert {each["Dimensions"][0]["Value"]["Fn::Sub"] for each in stats} == {
            f"boom-bust-sentinel-${{Stage}}-{name}" for name in SCRAPERS
        }
    watched = {"FailedEvents": found["failed-events"], "Continuation": found["continuation-failed"]}
    for resource, alarm in watched.items():
        assert resource in json.dumps(alarm["Dimensions"])
    assert found["continuation-failed"]["MetricName"] == "ExecutionsFailed"


def test_an_overdue_headline_and_a_run_that_did_not_happen_ring_after_36_hours(template):
    """One and a half days without a report that all is fresh is an alarm: a report of an old one breaks it, and so does none."""
    overdue = alarms(template)["overdue"]
    assert (overdue["MetricName"], overdue["Threshold"], overdue["TreatMissingData"]) == ("Overdue", 1, "breaching")
    assert overdue["Period"] * overdue["EvaluationPeriods"] == 36 * 3600
    assert overdue["DatapointsToAlarm"] == overdue["EvaluationPeriods"]


def test_alarms_watch_metrics_that_are_written(template):
    """The dimensions of our own two alarms are those under which the functions write Errors and Overdue."""
    from chalicelib.adapters.telemetry import LambdaTelemetry
    from chalicelib.redaction import Redactor

    out = io.StringIO()
    telemetry = LambdaTelemetry(
        "boom-bust-sentinel-dev-bdc-discount", "1", Redactor(), application="boom-bust-sentinel-dev", stream=out
    )
    telemetry.metric("Overdue", 0.5, "None", Scraper="all")
    telemetry.close(500, {"success": False, "error_type": "InternalError", "error": "broke"}, 1.0)
    written = {
        (name["Name"], tuple((key, line[key]) for key in sorted(keys)))
        for line in map(json.loads, out.getvalue().splitlines())
        for block in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for keys in block["Dimensions"]
        for name in block["Metrics"]
    }
    for name in ("own-errors", "overdue"):
        alarm = alarms(template)[name]
        dimensions = {
            each["Name"]: each["Value"] if isinstance(each["Value"], str) else each["Value"]["Fn::Sub"].replace("${Stage}", "dev")
            for each in alarm["Dimensions"]
        }
        assert alarm["Namespace"] == "BoomBustSentinel/Lambda"
        assert (alarm["MetricName"], tuple(sorted(dimensions.items()))) in written


def test_the_dashboard_is_one_of_those_that_are_free(template):
    """It shows what an engineer asks for in at most 50 metrics, above which CloudWatch bills it."""
    body = json.loads(template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = [metric for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    assert len(shown) <= 50
    assert {metric[1] for metric in shown} == {
        "HeadlineAge",
        "Confidence",
        "Duration",
        "Executions",
        "Errors",
        "DataPointsProcessed",
        "Coverage",
        "ItemsParked",
    }
    for name in FUNCTIONS:
        full = f"boom-bust-sentinel-${{Stage}}-{name}"
        for metric in (["AWS/Lambda", "Duration"], ["AWS/Lambda", "Errors"], ["BoomBustSentinel/Lambda", "Errors"]):
            assert [*metric, "FunctionName", full] in shown


def test_data_outlives_its_stack(data, template):
    """Table, secrets and buckets are in the stack destroy leaves, and are kept even when that is deleted by hand."""
    keeping = ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::S3::Bucket")
    for each in data["Resources"].values():
        assert (each.get("DeletionPolicy") == "Retain") == (each["Type"] in keeping)
    assert not [each for each in template["Resources"].values() if each["Type"] in keeping]
    table = data["Resources"]["Table"]["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_documents_are_versioned_private_and_encrypted(data):
    """The bucket keeps versions, encrypts, refuses public access and anything but TLS."""
    bucket = data["Resources"]["Documents"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in bucket
    [only] = data["Resources"]["DocumentsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (only["Effect"], only["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_an_audit_trail_records_writes_to_the_table_when_asked(data, template):
    """The trail is made on demand; its bucket is there before it and after it, so that turning it off and on loses nothing."""
    trail = template["Resources"]["Trail"]
    assert trail["Condition"] == "Audited"
    assert template["Parameters"]["AuditTrail"]["Default"] == "false"
    [selector] = trail["Properties"]["EventSelectors"]
    assert (selector["ReadWriteType"], selector["DataResources"][0]["Type"]) == ("WriteOnly", "AWS::DynamoDB::Table")
    assert trail["Properties"]["S3BucketName"] == data["Resources"]["TrailBucket"]["Properties"]["BucketName"]
    assert "Condition" not in data["Resources"]["TrailBucket"]


@pytest.mark.parametrize("stage", STAGES)
def test_every_name_fits_in_every_region(data, stage):
    """Bucket names have at most 63 characters and function names 64, whatever the region's name."""
    import boto3

    longest = max(boto3.session.Session().get_available_regions("lambda"), key=len)
    buckets = [
        each["Properties"]["BucketName"]["Fn::Sub"] for each in data["Resources"].values() if "BucketName" in each["Properties"]
    ]
    assert len(buckets) == 2
    for name in buckets:
        full = name.replace("${Stage}", stage).replace("${AWS::AccountId}", "1" * 12).replace("${AWS::Region}", longest)
        assert len(full) <= 63, full
    assert max(len(f"boom-bust-sentinel-{stage}-{name}") for name in FUNCTIONS) <= 64


@pytest.mark.parametrize("name", ["data", "resources"])
def test_the_templates_pass_cfn_lint(name):
    """Neither stack's template has an error or a warning in cfn-lint, nor more bytes than a call may carry."""
    from cfnlint.api import lint_all

    text = (ROOT / "infra" / f"{name}.json").read_text()
    assert [str(match) for match in lint_all(text) if not match.rule.id.startswith("I")] == []
    assert len(text.encode()) < 51_200
