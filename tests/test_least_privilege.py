"""Each function's policy, as deployed, allows every AWS call the function makes and nothing that none makes."""

import json
from copy import deepcopy
from dataclasses import dataclass, replace

import boto3
import pytest
from moto import mock_aws

from chalicelib import assembly, scrapers
from chalicelib.errors import UpstreamDown
from chalicelib.model import Window
from sample.loopback import Loopback
from tests.fakes.counting import Counting
from tests.fakes.permissions import ACCOUNT, REGION, allows, of_lambda
from tests.fakes.stage import ROOT, SOURCES, Stage, policy

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")

SCRAPERS = ("bond-issuance", "bdc-discount", "credit-fund", "bank-provision")
FUNCTIONS = (*SCRAPERS, *(f"{name}-chunked" for name in SCRAPERS))
PAGE = "https://www.sec.gov/Archives/edgar/data/1/page.txt"


@dataclass
class Reading(Counting):
    """Counts, more than one transaction holds, and asks every supplier its namesake asks: all AWS services are used."""

    down: bool = False

    def discover(self, window, fetch):
        if self.down:
            raise UpstreamDown("the index is out of order")
        yield from super().discover(window, fetch)

    def read(self, item, fetch):
        fetch.web.get(PAGE)
        if self.NAME in SOURCES:
            for info in fetch.files.list(fetch.setting(SOURCES[self.NAME])):
                fetch.files.open(info).read()
        if self.NAME == "bank-provision":
            fetch.transcripts.find("JPM", Window.parse("2025Q3"))
        for found in super().read(item, fetch):
            yield found
            yield from (replace(found, key=f"{found.key}/{number}") for number in range(100 if item.key.endswith("-1") else 0))


@pytest.fixture
def world(clean_environment):
    """A stage in moto, a page on loopback, a file in a bucket of the user's own."""
    with mock_aws(), Loopback({"/www.sec.gov/Archives/edgar/data/1/page.txt": "words"}) as edgar:
        boto3.client("s3").create_bucket(Bucket="filings-of-mine")
        boto3.client("s3").put_object(Bucket="filings-of-mine", Key="archive/2025/BK-2025Q3.txt", Body=b"words")
        yield Stage(
            clean_environment,
            SEC_WWW_BASE=f"{edgar.url}/www.sec.gov",
            SEC_DATA_BASE=f"{edgar.url}/data.sec.gov",
            SEC_MAX_RPS="200",
            FORM_PF_SOURCE="s3://filings-of-mine/archive",
            TRANSCRIPT_SOURCE="s3://filings-of-mine/archive",
        )
        assembly._shared.cache_clear()


def play(world, monkeypatch, function):
    """All a function does in its life: a run that alerts, the run again, one that fails, one that has no time."""
    name = function.removesuffix("-chunked")
    scraper = Reading(NAME=name)
    monkeypatch.setattr(scrapers, "load", lambda _: scraper)
    week = Window.parse("2025-W44")
    if function == name:
        event = {"source": "manual", "detail": {"window": week.name}}
    else:
        event = {"chunk_size": 10, "chunk_index": 0, "window": week.name}
    answers = [world.invoke(function, event), world.invoke(function, event)]
    scraper.down = True
    later = json.loads(json.dumps(event).replace("2025-W44", "2025-W45"))
    answers.append(world.invoke(function, later))
    scraper.down = False
    answers.append(world.invoke(function, later, 0.001))
    return answers


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_all_it_does_and_nothing_else(world, clean_environment, function):
    """Every AWS call is allowed by the function's deployed policy, and none of its actions and resources is needless."""
    answers = play(world, clean_environment, function)
    assert [answer["statusCode"] for answer in answers] == [200, 200, 503, 408], answers
    assert world.guard.refused == []
    assert answers[0]["body"]["alerts"][0]["sent_at"]
    deployed = world.policies[function]
    calls = {(action, arn, tuple(given.items())): (action, arn, given) for action, arn, given in world.guard.calls}.values()
    assert all(allows(deployed, *call) for call in calls)
    for number, statement in enumerate(deployed["Statement"]):
        for part in ("Action", "Resource"):
            for each in statement[part]:
                less = deepcopy(deployed)
                less["Statement"][number][part].remove(each)
                if each == "arn:aws:s3:::filings-of-mine/archive":
                    continue  # a source that is one file, not a folder
                assert not all(allows(less, *call) for call in calls), f"{statement['Sid']}: {each} is not used"


@pytest.mark.parametrize(
    ("action", "status", "error_type"),
    [
        ("dynamodb:GetItem", 403, "Forbidden"),
        ("dynamodb:PutItem", 403, "Forbidden"),
        ("dynamodb:UpdateItem", 403, "Forbidden"),
        ("dynamodb:ConditionCheckItem", 403, "Forbidden"),
        ("dynamodb:Query", 403, "Forbidden"),
    ],
)
def test_a_refused_table_is_a_403(world, clean_environment, action, status, error_type):
    """Without an action on the table a run answers 403 and names the action."""
    for statement in world.policies["bond-issuance"]["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action]
    clean_environment.setattr(scrapers, "load", lambda _: Reading())
    answer = world.invoke("bond-issuance", {"source": "manual", "detail": {"window": "2025-W44"}})
    assert (answer["statusCode"], answer["body"]["error_type"]) == (status, error_type)
    assert action in answer["body"]["error"]


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_another_stages_resources_are_refused(stage, function):
    """No function of a stage may touch another stage's table, topics, secrets, documents, logs, queue or state machine."""
    deployed = policy(stage, function, ACCOUNT, REGION, {})
    other = {"dev": "prod", "staging": "dev", "prod": "staging"}[stage]
    at = f"{REGION}:{ACCOUNT}"
    for action, arn in (
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{at}:table/boom-bust-sentinel-{other}"),
        ("dynamodb:PutItem", f"arn:aws:dynamodb:{at}:table/boom-bust-sentinel-{other}"),
        ("sns:Publish", f"arn:aws:sns:{at}:boom-bust-sentinel-{other}-alerts"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{at}:secret:boom-bust-sentinel/{other}/webhook-urls-AbCdEf"),
        ("s3:GetObject", f"arn:aws:s3:::boom-bust-sentinel-{other}-docs-{ACCOUNT}-{REGION}/documents/a"),
        ("s3:GetObject", "arn:aws:s3:::filings-of-mine/archive/a"),
        ("states:StartExecution", f"arn:aws:states:{at}:stateMachine:boom-bust-sentinel-{other}-continue"),
    ):
        assert allows(deployed, action, arn.replace(other, stage), {}) or action in ("states:StartExecution", "s3:GetObject")
        assert not allows(deployed, action, arn, {}), arn
    for action, arn, _ in of_lambda(f"boom-bust-sentinel-{other}-{function}"):
        assert not allows(deployed, action, arn, {})
    for elsewhere in (f"eu-west-1:{ACCOUNT}", f"{REGION}:999999999999"):
        assert not allows(deployed, "dynamodb:GetItem", f"arn:aws:dynamodb:{elsewhere}:table/boom-bust-sentinel-{stage}", {})


def test_a_source_of_ones_own_is_readable_below_its_prefix_only():
    """FORM_PF_SOURCE opens its prefix to the credit-fund functions: no other prefix, no other function."""
    given = {"FORM_PF_SOURCE": "s3://filings/pf/2025/"}
    deployed = policy("dev", "credit-fund-chunked", ACCOUNT, REGION, given)
    assert allows(deployed, "s3:GetObject", "arn:aws:s3:::filings/pf/2025/a.zip", {})
    assert allows(deployed, "s3:ListBucket", "arn:aws:s3:::filings", {"s3:prefix": "pf/2025"})
    assert not allows(deployed, "s3:ListBucket", "arn:aws:s3:::filings", {"s3:prefix": "pf"})
    assert not allows(deployed, "s3:GetObject", "arn:aws:s3:::filings/pf/2024/a.zip", {})
    assert not allows(deployed, "s3:PutObject", "arn:aws:s3:::filings/pf/2025/a.zip", {})
    assert policy("dev", "bond-issuance", ACCOUNT, REGION, given) == policy("dev", "bond-issuance", ACCOUNT, REGION, {})


def test_the_state_machine_may_call_the_chunked_functions_of_its_stage_only():
    """The state machine's role invokes the four chunked functions of its stage, and no scheduled or other stage's one."""
    text = (ROOT / "infra" / "resources.json").read_text().replace("${AWS::Partition}", "aws").replace("${Stage}", "dev")
    template = json.loads(text.replace("${AWS::Region}", REGION).replace("${AWS::AccountId}", ACCOUNT))
    [granted] = [each["PolicyDocument"] for each in template["Resources"]["ContinuationRole"]["Properties"]["Policies"]]
    for statement in granted["Statement"]:
        statement["Resource"] = [each["Fn::Sub"] for each in statement["Resource"]]
    for name in FUNCTIONS:
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:boom-bust-sentinel-dev-{name}"
        assert allows(granted, "lambda:InvokeFunction", arn, {}) == name.endswith("-chunked")
        assert not allows(granted, "lambda:InvokeFunction", arn.replace("-dev-", "-prod-"), {})


def test_nothing_in_infra_is_open_to_everybody():
    """No role of the stack allows `*` as action or resource."""
    template = json.loads((ROOT / "infra" / "resources.json").read_text())
    for each in template["Resources"].values():
        for attached in each["Properties"].get("Policies", []):
            for statement in attached["PolicyDocument"]["Statement"]:
                assert "*" not in json.dumps([statement["Action"], statement["Resource"]])
