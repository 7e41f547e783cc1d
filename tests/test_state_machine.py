"""The continuation's state machine of infra/resources.json, run by moto's interpreter, calling the real handlers."""

import json
import threading
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from chalicelib import assembly, scrapers
from sample.loopback import slow, status
from tests.fakes.counting import Counting
from tests.fakes.stage import ROOT, Stage, answered_by

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
W44, W45 = 30_000_000_000, 24_998_400_000
CRASH = {"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited with error: signal: killed"}


class Machine:
    """The stage's state machine; `answers` are given, in order, before the handlers are asked."""

    def __init__(self, stage):
        template = json.loads((ROOT / "infra" / "resources.json").read_text())
        definition = template["Resources"]["Continuation"]["Properties"]["DefinitionString"]
        self.stage, self.asked, self.answers = stage, [], []
        self.states = boto3.Session().client("stepfunctions")  # no function's policy applies to the test
        self.arn = stage.environment["STATE_MACHINE_ARN"]
        self.states.create_state_machine(
            name=self.arn.rpartition(":")[2], definition=definition, roleArn="arn:aws:iam::123456789012:role/continue"
        )

    def answer(self, function, payload):
        event = json.loads(payload)
        self.asked.append((function, event["window"], event["chunk_index"]))
        if self.answers and (scripted := self.answers.pop(0)) is not None:
            if callable(scripted):
                return json.dumps(scripted(event)).encode(), False
            return json.dumps(scripted).encode(), scripted is CRASH
        return json.dumps(self.stage.invoke(function.removeprefix("boom-bust-sentinel-dev-"), event)).encode(), False

    def start(self, *windows, chunk_size=2):
        order = {"function": "boom-bust-sentinel-dev-bond-issuance-chunked", "windows": list(windows), "chunk_size": chunk_size}
        started = self.states.start_execution(stateMachineArn=self.arn, name="by-hand", input=json.dumps(order))
        return self.settled(started["executionArn"])

    def settled(self, execution):
        for _ in range(1200):
            told = self.states.describe_execution(executionArn=execution)
            if told["status"] != "RUNNING":
                return told
            threading.Event().wait(0.05)
        raise AssertionError(f"still running after {len(self.asked)} calls")

    def headline(self, window):
        answer = self.stage.invoke("bond-issuance", {"source": "manual", "detail": {"window": window}})
        return answer["body"]["data_summary"]["headline"]


@pytest.fixture
def machine(clean_environment, sample_edgar):
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        bases = {"SEC_WWW_BASE": f"{sample_edgar.url}/www.sec.gov", "SEC_DATA_BASE": f"{sample_edgar.url}/data.sec.gov"}
        made = Machine(Stage(clean_environment, SEC_MAX_RPS="200", **bases))
        with answered_by(made.answer) as made.waited:
            yield made
        assembly._shared.cache_clear()


def test_a_run_out_of_time_is_driven_to_its_conclusion(machine, sample_edgar):
    """The function that answered 408 started the machine, which calls the chunked function until the week is concluded."""
    sample_edgar.fail(slow(0.4))
    answer = machine.stage.invoke("bond-issuance", {"source": "manual", "detail": {"window": "2025-W45"}}, 0.8)
    sample_edgar.faults.clear()
    assert answer["statusCode"] == 408
    told = machine.settled(answer["body"]["continuation"]["execution"])
    assert told["status"] == "SUCCEEDED"
    assert json.loads(told["output"]) == [{"window": "2025-W45", "run_id": "bond-issuance/2025-W45"}]
    before = len([asked for asked in sample_edgar.requests if asked.path.endswith(".txt")])
    assert machine.headline("2025-W45") == W45
    assert len([asked for asked in sample_edgar.requests if asked.path.endswith(".txt")]) == before


def test_chunks_follow_one_another_to_the_end(machine):
    """Each chunk is called once, in order, and the last concludes the run."""
    told = machine.start("2025-W45")
    assert told["status"] == "SUCCEEDED"
    indexes = [index for _, _, index in machine.asked]
    assert indexes == list(range(len(indexes)))
    assert len(indexes) > 1
    assert machine.waited == []
    assert machine.headline("2025-W45") == W45


def test_a_backfill_goes_window_by_window(machine):
    """Several windows are run one after the other, the next once the one before is concluded."""
    told = machine.start("2025-W44", "2025-W45")
    assert [each["run_id"] for each in json.loads(told["output"])] == ["bond-issuance/2025-W44", "bond-issuance/2025-W45"]
    windows = [window for _, window, _ in machine.asked]
    assert windows == sorted(windows)
    assert (machine.headline("2025-W44"), machine.headline("2025-W45")) == (W44, W45)


def test_a_chunk_out_of_time_is_called_again(machine, sample_edgar):
    """A chunk that answers 408 is called again after a pause, and the run concludes."""

    def hurried(event):
        sample_edgar.fail(slow(0.3))
        answer = machine.stage.invoke("bond-issuance-chunked", event, 0.5)
        sample_edgar.faults.clear()
        assert answer["statusCode"] == 408
        return answer

    machine.answers = [hurried]
    assert machine.start("2025-W44")["status"] == "SUCCEEDED"
    assert [index for _, _, index in machine.asked][:2] == [0, 0]
    assert machine.waited == [30]
    assert machine.headline("2025-W44") == W44


def test_a_chunk_whose_supplier_is_down_is_called_again(machine, sample_edgar):
    """A chunk that answers 503 is called again after a pause."""

    def down(event):
        sample_edgar.fail(status(503), path="/www.sec.gov/Archives/edgar/daily-index")
        answer = machine.stage.invoke("bond-issuance-chunked", event, 4)
        sample_edgar.faults.clear()
        assert answer["statusCode"] in (408, 503)
        return answer

    machine.answers = [down]
    assert machine.start("2025-W44")["status"] == "SUCCEEDED"
    assert machine.waited == [30]
    assert machine.headline("2025-W44") == W44


def test_a_crashed_chunk_is_tried_again_with_back_off(machine):
    """A function that crashes is called again after 15, then 30 seconds, and nothing is doubled."""
    machine.answers = [None, CRASH, CRASH]
    assert machine.start("2025-W45")["status"] == "SUCCEEDED"
    assert [index for _, _, index in machine.asked][:4] == [0, 1, 1, 1]
    assert machine.waited == [15, 30]
    assert machine.headline("2025-W45") == W45


def test_a_chunk_that_keeps_crashing_is_caught_and_named(machine):
    """After five tries at growing intervals the execution fails with the function's own error, so that its alarm rings."""
    machine.answers = [CRASH] * 100
    told = machine.start("2025-W44")
    assert (told["status"], len(machine.asked), machine.waited) == ("FAILED", 6, [15, 30, 60, 120, 240]), told
    assert "signal: killed" in told["cause"]


def test_an_answer_is_never_longer_than_a_state_may_hand_on(machine, monkeypatch):
    """A signal whose own figures would burst Step Functions' 262,144 bytes is answered without them, all else kept."""

    class Lengthy(Counting):
        def summarise(self, found, history, window):
            return replace(super().summarise(found, history, window), data={"funds": ["x" * 100] * 3000})

    monkeypatch.setattr(scrapers, "load", lambda _: Lengthy())
    answer = machine.stage.invoke("bond-issuance-chunked", {"chunk_size": 9, "chunk_index": 0, "window": "2025-W44"})
    assert (answer["statusCode"], answer["body"]["signal"]["headline"], answer["body"]["signal"]["data"]) == (200, 15, {})
    assert "left_out" in answer["body"]["signal"]
    assert len(json.dumps(answer)) < 262_144
    whole = machine.stage.invoke("bond-issuance", {"source": "manual", "detail": {"window": "2025-W44"}})
    assert len(whole["body"]["data_summary"]["data"]["funds"]) == 3000


def test_no_chunk_may_take_longer_than_its_function():
    """A chunk is given up a minute after its function's own time-out, and only the machine's role is used."""
    template = json.loads((ROOT / "infra" / "resources.json").read_text())
    definition = json.loads(template["Resources"]["Continuation"]["Properties"]["DefinitionString"])
    chunk = definition["States"]["Windows"]["ItemProcessor"]["States"]["Chunk"]
    assert chunk["TimeoutSeconds"] == 600 + 60
    assert definition["States"]["Windows"]["MaxConcurrency"] == 1


def test_a_chunk_that_never_ends_well_is_given_up(machine):
    """After 20 pauses the execution fails, so that its alarm rings; it does not go on for ever."""
    machine.answers = [{"statusCode": 503, "body": {}}] * 100
    told = machine.start("2025-W44")
    assert (told["status"], told["error"]) == ("FAILED", "ChunkFailed"), told
    assert (len(machine.asked), machine.waited) == (21, [30] * 20)


@pytest.mark.parametrize("code", [403, 500])
def test_a_refused_chunk_ends_the_execution_at_once(machine, code):
    """Answers that trying again cannot mend end the execution as failed."""
    machine.answers = [{"statusCode": code, "body": {}}]
    told = machine.start("2025-W44")
    assert (told["status"], len(machine.asked)) == ("FAILED", 1)
