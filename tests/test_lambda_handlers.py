"""Every Lambda function through Chalice's own handler classes: events as written, answers, codes, chunks."""

import json
import re
import subprocess
import sys

import pytest

import app
from tests.conftest import ROOT
from tests.fakes.contexts import Context

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event"}
MANUAL = {"source": "manual"}


def invoke(function, event, seconds=900.0):
    return function(event, Context(seconds))


def test_every_line_a_function_writes_is_one_json_object(clean_environment):
    """Nothing a fresh process writes, the framework's own handler included, is anything but one JSON object a line."""
    program = (
        "import sys; sys.path[:0] = ['sentinel', '.']; import app; from tests.fakes.contexts import Context; "
        "app.bond_issuance({'source': 'manual', 'detail': {'window': '2999-W01'}}, Context(60.0))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["message"] for line in lines if "message" in line].count("answered") == 1
    assert done.stderr == ""


class HandlerContract:
    """What each scheduled function promises whatever it scrapes."""

    name = ""
    function = chunked = None

    def test_another_scrapers_event_is_refused(self, sample_edgar):
        """An event that names another scraper is a 400 that names both."""
        answer = invoke(self.function, {**MANUAL, "detail": {"scraper_name": "nobody"}})
        assert answer["statusCode"] == 400
        assert answer["body"]["error_type"] == "BadEvent"
        assert "nobody" in answer["body"]["error"]
        assert self.name in answer["body"]["error"]

    @pytest.mark.parametrize(
        ("event", "word"),
        [
            ({"source": "somewhere", "detail": {}}, "somewhere"),
            ({"source": "manual", "detail": {"test": "yes"}}, "detail.test"),
            ({"source": "manual", "detail": {"window": "next week"}}, "next week"),
            ({"source": "manual", "detail": {"window": "2999-W01"}}, "2999-W01"),
            ({"source": "manual", "detail": []}, "source"),
            ([], "event"),
        ],
    )
    def test_a_bad_event_is_a_400_that_names_what_is_wrong(self, sample_edgar, event, word):
        """Each malformed event is answered 400 with its own words in the error; nothing is run."""
        if event == {"source": "manual", "detail": []}:
            event = {"source": None, "detail": []}
        answer = invoke(self.function, event)
        assert answer["statusCode"] == 400
        assert answer["body"]["success"] is False
        assert word in answer["body"]["error"]
        assert sample_edgar.requests == []

    @pytest.mark.parametrize(
        ("event", "word"),
        [
            ({"chunk_size": 0, "chunk_index": 0}, "chunk_size"),
            ({"chunk_size": 2}, "chunk_index"),
            ({"chunk_size": 2, "chunk_index": -1}, "chunk_index"),
            ({"chunk_size": True, "chunk_index": 0}, "chunk_size"),
            ({"chunk_size": 2, "chunk_index": 0, "run_id": "other/2025-W44"}, "other/2025-W44"),
            ("text", "event"),
        ],
    )
    def test_a_bad_chunk_is_a_400_that_names_what_is_wrong(self, sample_edgar, event, word):
        """Each malformed chunk event is answered 400 with its own words in the error."""
        answer = invoke(self.chunked, event)
        assert answer["statusCode"] == 400
        assert word in answer["body"]["error"]

    def test_an_unknown_stage_is_a_400_that_names_it(self, sample_edgar, clean_environment):
        """A misspelt STAGE is refused by name before anything is asked."""
        clean_environment.setenv("STAGE", "prd")
        answer = invoke(self.function, {**MANUAL, "detail": {"test": True}})
        assert answer["statusCode"] == 400
        assert "'prd'" in answer["body"]["error"]


class TestBondIssuanceHandler(HandlerContract):
    """The bond functions on the bundled archive."""

    name = "bond-issuance"
    function = staticmethod(app.bond_issuance)
    chunked = staticmethod(app.bond_issuance_chunked)

    def test_the_scheduled_event_as_written_runs_a_window(self, sample_edgar):
        """EventBridge's event with nothing but source, detail-type and detail answers 200 with every promised key."""
        event = {**SCHEDULED, "detail": {"scraper_name": "bond-issuance", "window": "2025-W44"}}
        answer = invoke(self.function, event)
        body = answer["body"]
        assert answer["statusCode"] == 200
        assert {
            "success",
            "scraper",
            "run_id",
            "window",
            "execution_id",
            "execution_time",
            "timestamp",
            "data_summary",
            "alerts",
        } <= set(body)
        assert (body["success"], body["run_id"]) == (True, "bond-issuance/2025-W44")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])
        assert body["data_summary"]["headline"] == 30_000_000_000
        assert body["data_summary"]["unit"] == "USD"

    def test_a_rehearsal_reads_a_few_and_writes_nothing(self, sample_edgar, tmp_path):
        """The manual test event answers with dry_run, and leaves neither a run nor a document behind."""
        answer = invoke(self.function, {**MANUAL, "detail": {"test": True, "window": "2025-W44"}})
        assert answer["statusCode"] == 200
        assert answer["body"]["dry_run"] is True
        assert answer["body"]["data_summary"]["state"] == "rehearsed"
        assert 0 < answer["body"]["data_summary"]["items"]["total"] <= 3
        assert not (tmp_path / "documents").exists()
        again = invoke(self.chunked, {"chunk_size": 1, "chunk_index": 0, "window": "2025-W44"})
        assert again["body"]["progress"]["done"] == 1

    def test_chunks_to_the_end_give_the_signal_of_a_whole_run(self, sample_edgar):
        """Two items at a time, following next_chunk_index, ends with the same headline and covers every item once."""
        seen, index, body = [], 0, {}
        while index is not None:
            answer = invoke(self.chunked, {"chunk_size": 2, "chunk_index": index, "run_id": "bond-issuance/2025-W45"})
            assert answer["statusCode"] == 200
            body = answer["body"]
            seen += body["items_processed"]
            index = body["next_chunk_index"]
        assert body["has_more_chunks"] is False
        assert len(seen) == len(set(seen)) == body["total_items"]
        assert body["signal"]["headline"] == 24_998_400_000
        assert body["progress"] == {"done": body["total_items"], "total": body["total_items"]}

    def test_a_chunk_past_the_end_is_refused(self, sample_edgar):
        """An index no chunk has is a 400 that says how many there are."""
        answer = invoke(self.chunked, {"chunk_size": 2, "chunk_index": 99, "window": "2025-W44"})
        assert answer["statusCode"] == 400
        assert "99" in answer["body"]["error"]

    def test_out_of_time_is_a_408_with_progress_and_continuation(self, sample_edgar):
        """With no time to speak of the answer is 408, and the next call brings the run to its end."""
        from sample.loopback import slow

        sample_edgar.fail(slow(0.4), times=10_000)
        event = {**MANUAL, "detail": {"window": "2025-W44"}}
        answer = invoke(self.function, event, seconds=0.8)
        assert answer["statusCode"] == 408
        assert answer["body"]["error_type"] == "OutOfTime"
        assert set(answer["body"]) >= {"progress", "continuation", "execution_id", "timestamp"}
        sample_edgar.faults.clear()
        assert invoke(self.function, event)["body"]["data_summary"]["headline"] == 30_000_000_000

    def test_a_live_run_without_a_contact_says_so(self, clean_environment):
        """Without SEC_USER_AGENT nothing is asked of EDGAR; the answer names the variable."""
        answer = invoke(self.function, {**MANUAL, "detail": {"window": "2025-W44"}})
        assert answer["statusCode"] == 400
        assert "SEC_USER_AGENT" in answer["body"]["error"]
