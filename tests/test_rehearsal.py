"""The deployed artefact: shipped by deploy.sh to moto's server, taken back, and run by AWS's own runtime client.

A shorter form of `make rehearse`, which also plays what is not named here.
"""

import sys
from pathlib import Path

import pytest
from moto.cloudformation.models import cloudformation_backends

sys.path.insert(0, str(Path(__file__).parent.parent / "infra"))

from loopback_aws import ACCOUNT
from rehearse import Rehearsal
from scenarios import SCENARIOS

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
SHORT = [
    "bad-events",
    "scheduled-event",
    "manual-events",
    "every-scraper",
    "chunks",
    "invoke",
    "out-of-time",
    "crash",
    "two-at-once",
    "second-deploy",
    "half-finished-deploy",
    "destroy",
    "destroy-data",
]


@pytest.fixture(scope="module")
def rehearsal():
    with Rehearsal() as made:
        yield made


@pytest.mark.parametrize("name", SHORT)
def test_the_deployed_functions_keep_the_promise(rehearsal, name):
    """Each scenario of infra/scenarios.py, whose docstring is its promise, is kept by what was uploaded."""
    SCENARIOS[name](rehearsal)


def one_line(done, code, *words):
    assert done.returncode == code, done
    line = done.stderr.strip().splitlines()[-1]
    assert code == 2 or done.stderr.strip() == line, done.stderr
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-s", "dev/1", "chalice"], 1, ["'dev/1'", "dev, staging, prod"]),
        (["-s", "dev", "-r", "mars-east-1", "chalice"], 1, ["'mars-east-1'"]),
        (["-s", "dev", "rocket"], 2, ["rocket"]),
        (["-s", "dev", "destroy"], 1, ["--yes"]),
    ],
)
def test_a_wrong_order_is_refused_in_one_line(rehearsal, words, code, said):
    """An unknown stage, region or mode, and a destroy nobody confirms, end with one clear line and nothing done."""
    one_line(rehearsal.deploying(*words), code, *said)


def test_without_credentials_or_aws_nothing_is_tried(rehearsal):
    """No credentials, and an AWS that cannot be reached, are each told in one line."""
    none = dict.fromkeys(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
    one_line(rehearsal.deploying("chalice", AWS_EC2_METADATA_DISABLED="true", **none), 1, "no AWS credentials", "AWS_PROFILE")
    one_line(rehearsal.deploying("chalice", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1"), 1, "127.0.0.1:9")


def test_a_tree_with_changes_is_refused(rehearsal):
    """What is not committed is not shipped; the line names the file."""
    added = rehearsal.project / "sentinel" / "not_committed.py"
    added.write_text("A = 1\n")
    try:
        one_line(rehearsal.deploying("chalice"), 1, "not_committed.py", "commit")
    finally:
        added.unlink()


def test_a_dry_run_says_what_it_would_do_and_does_nothing(rehearsal):
    """`--dry-run` names stack and functions; `production` is prod; AWS is only asked who it is."""
    done = rehearsal.deploying("-s", "production", "--dry-run", "chalice")
    assert done.returncode == 0, done.stderr
    for word in ("boom-bust-sentinel-prod-data", "boom-bust-sentinel-prod-resources", "--stage prod", "bank-provision-chunked"):
        assert word in done.stdout
    stacks = rehearsal.cloud.client("cloudformation").list_stacks()["StackSummaries"]
    assert not [each for each in stacks if "prod" in each["StackName"]]


def test_a_stage_in_another_region_is_refused(rehearsal):
    """A stage's roles have no region in their names: a second region would take them from the first."""
    record = rehearsal.project / "sentinel" / ".chalice" / "deployed" / "prod.json"
    record.parent.mkdir(exist_ok=True)
    record.write_text('{"resources": [{"lambda_arn": "arn:aws:lambda:eu-west-1:123456789012:function:boom-bust"}]}')
    try:
        for words in (["chalice"], ["--yes", "destroy"]):
            one_line(rehearsal.deploying("-s", "prod", *words), 1, "prod", "eu-west-1:123456789012", "destroy it there")
    finally:
        record.unlink()


def test_a_half_finished_stack_is_waited_for_or_made_anew(rehearsal):
    """A stack in progress is refused by its state; one that was rolled back is deleted and made again."""
    cloud = rehearsal.cloud.client("cloudformation")
    template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    cloud.create_stack(StackName="boom-bust-sentinel-staging-resources", TemplateBody=template)
    [stack] = [each for each in cloudformation_backends[ACCOUNT]["us-east-1"].stacks.values() if "staging" in each.name]
    stack.status = "UPDATE_IN_PROGRESS"
    one_line(rehearsal.deploying("-s", "staging", "serverless"), 1, "UPDATE_IN_PROGRESS", "run this again")
    stack.status = "ROLLBACK_COMPLETE"
    done = rehearsal.deploying("-s", "staging", "serverless")
    assert done.returncode == 0, done.stderr
    assert "made anew" in done.stdout
    assert "creating stack boom-bust-sentinel-staging-functions" in done.stdout
    assert rehearsal.deploying("-s", "staging", "--yes", "destroy").returncode == 0
    assert rehearsal.cloud.client("lambda").list_functions()["Functions"] == []
