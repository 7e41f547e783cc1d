"""What operators receive after a run that came to its end: documents not understood, headlines too old, what was only counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import engine, vigil
from chalicelib.adapters.notify import Egress, Notifications, Webhooks
from chalicelib.adapters.notify.operators import QUIET
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.deadline import Deadline
from chalicelib.errors import Forbidden, Unreadable, UpstreamDown
from chalicelib.model import Expect, Signal, Window
from chalicelib.ports import Conclusion, Services
from tests.fakes.counting import Counting
from tests.fakes.memory_telemetry import MemoryTelemetry
from tests.fakes.mortal_store import Killed, MortalStore
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.fakes.world import Nowhere, Remembering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime.now(UTC)
THIS = Window.week_of(NOW.date()).before()
TOKEN = "123456789:AAcanaryTokenThatNobodyMaySee-0123456"


def counting(size: int, **more: Any) -> Counting:
    """A scraper whose total alerts nobody."""
    return Counting(size, LIMITS={"total": Decimal(10**9)}, **more)


def fault(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def changed(number: int, window: Window = THIS, **more: str) -> dict[str, Callable[[], None]]:
    given = {"where": "row 3", "evidence": "Senior Notes due", **more}
    return {f"{window}-{number}": fault(Unreadable("no coupon", **given))}


@dataclass
class Stage:
    """A store, and a loopback receiver that is the operators' channel; `at` is the time."""

    store: SqliteStore
    receiver: WebhookReceiver
    at: datetime = NOW
    telemetry: MemoryTelemetry = field(default_factory=MemoryTelemetry)
    hook: dict[str, object] = field(default_factory=dict)

    def services(self, store: Any = None) -> Services:
        own = {"generic": {"url": f"{self.receiver.base}/operators", "secret": "shared-signing-secret"}}
        webhooks = Webhooks(
            lambda: {"operators": own, **self.hook}, lambda: False, Egress(loopback=True, pause=lambda _s: None), loopback=True
        )
        kept, nowhere, memory = store or self.store, Nowhere(self.at), Remembering()
        notifier = Notifications((), self.telemetry, webhooks=webhooks, store=kept, clock=lambda: self.at)
        return Services(nowhere, kept, notifier, self.telemetry, memory)  # type: ignore[arg-type]

    def run(self, scraper: Counting, *windows: Window, store: Any = None) -> list[engine.Result]:
        services = self.services(store)
        results = [engine.run(engine.Task(scraper, each, "me", Deadline()), services) for each in windows or (THIS,)]
        vigil.watch(scraper, results, services, Deadline())
        return results

    def read(self) -> list[Mapping[str, Any]]:
        """What the operators have received since they last looked."""
        got = [each.json for each in self.receiver.received]
        self.receiver.received.clear()
        return got


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with WebhookReceiver() as receiver:
        yield Stage(SqliteStore(tmp_path / "store.db"), receiver)


def shapes(stage: Stage) -> list[Mapping[str, Any]]:
    """What the operators have received of documents alone."""
    return [each for each in stage.read() if each["failure"] == "shape-changed"]


def test_a_document_that_changed_shape_is_told_while_coverage_holds(stage: Stage) -> None:
    """One parked document of twenty: the headline is published, and the operators read which, where, its words and its link."""
    [result] = stage.run(counting(20, faults=changed(7)))
    assert result.state == "concluded"
    [told] = stage.read()
    assert told["subject"].startswith(f"[OPERATOR] Document not read: bond-issuance/{THIS}: number 7: no coupon at row 3")
    assert f"- number 7: no coupon at row 3; it says: Senior Notes due  https://www.sec.gov/{THIS}-7" in told["text"]
    assert "Headline: published, 95.0 % of what was due was read" in told["text"]
    assert f"Run: bond-issuance/{THIS}" in told["text"]


def test_the_same_document_is_not_told_at_every_refresh(stage: Stage) -> None:
    """Refreshed every day, a parked document is told again after thirty days and not before; another one is told."""
    stage.run(counting(20, faults=changed(7)))
    assert len(shapes(stage)) == 1
    for _ in range(3):
        stage.at += timedelta(days=1)
        stage.run(counting(20, faults=changed(7)))
    assert shapes(stage) == []
    stage.at += timedelta(days=1)
    stage.run(counting(30, faults=changed(7) | changed(21)))
    [other] = shapes(stage)
    assert "number 21" in other["subject"]
    assert "number 7" not in other["text"]
    stage.at += vigil.REPEATED
    stage.run(counting(30, faults=changed(7)))
    assert any("number 7" in each["subject"] for each in shapes(stage))


def test_a_crowd_of_watchers_tells_once(stage: Stage) -> None:
    """A hundred invocations that look after the same run at once send one message."""
    scraper = counting(20, faults=changed(7))
    result = engine.run(engine.Task(scraper, THIS, "me", Deadline()), stage.services())
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: vigil.watch(scraper, [result], stage.services(), Deadline()), range(100)))
    assert [each["failure"] for each in stage.read()] == ["shape-changed"]


@pytest.mark.parametrize("number", [3, 40])
def test_many_documents_are_one_message_with_a_count(stage: Stage, number: int) -> None:
    """However many documents of a run changed shape, one message says how many, shows five, and does not come again."""
    faults = {key: value for n in range(1, number + 1) for key, value in changed(n).items()}
    for _ in range(2):
        stage.run(counting(500, faults=faults))
        stage.at += timedelta(days=1)
    [told] = stage.read()
    assert told["subject"].startswith(f"[OPERATOR] Document not read ({number}): bond-issuance/{THIS}: {number} of 500")
    assert told["text"].count("https://www.sec.gov/") == min(number, 5)


def test_a_broken_night_is_told_at_once_and_then_with_the_count(stage: Stage) -> None:
    """Documents of later runs are counted while the operators are left in quiet, and told by the first run after it."""
    weeks = [THIS.before().before(), THIS.before(), THIS]
    for week in weeks:
        stage.run(counting(20, faults=changed(1, week) | changed(2, week)), week)
        stage.at += timedelta(hours=1)
    [first] = shapes(stage)
    assert f"bond-issuance/{weeks[0]}" in first["subject"]
    stage.at += QUIET
    stage.run(counting(20))
    [later] = shapes(stage)
    assert later["count"] == 4
    assert all(f"bond-issuance/{week}" in later["text"] for week in weeks[1:])
    stage.at += QUIET
    stage.run(counting(20))
    assert stage.read() == []


def test_a_refused_key_is_told_as_such(stage: Stage) -> None:
    """A supplier that refuses our key is no changed document: its message names what refuses."""
    stage.run(counting(20, faults={f"{THIS}-3": fault(Forbidden("api.example.com: refused the key (401)"))}))
    [told] = stage.read()
    assert told["failure"] == "secret-refused"
    assert "api.example.com: refused the key (401)" in told["text"]


def test_evidence_is_redacted_and_bounded(stage: Stage) -> None:
    """A document that shows a token, or has no end, gives a message without the token and of a page at most."""
    stage.run(counting(20, faults=changed(7, evidence=f"https://api.telegram.org/bot{TOKEN}/x " + "long " * 10_000)))
    [told] = stage.read()
    assert TOKEN not in str(told)
    assert len(told["text"]) < 3000


@pytest.mark.parametrize("number", range(8))
def test_a_kill_while_telling_leaves_it_to_the_next_run(stage: Stage, number: int) -> None:
    """Killed at any write between the claim and the confirmation, the operators hear of the document all the same."""
    scraper = counting(20, faults=changed(7))
    [result] = [engine.run(engine.Task(scraper, THIS, "me", Deadline()), stage.services())]
    mortal = MortalStore(stage.store, number)
    try:
        vigil.watch(scraper, [result], stage.services(mortal), Deadline())
    except Killed:
        stage.at += QUIET
    else:
        assert number >= 5
    stage.at += timedelta(minutes=10)
    stage.run(scraper)
    told = shapes(stage)
    assert 1 <= len(told) <= 2
    assert "number 7" in told[0]["text"]


def conclude(stage: Stage, scraper: str, window: str, at: datetime, withheld: str | None = None) -> None:
    """A run of some past day, as the store has it."""
    headline = None if withheld else Decimal("0.1")
    signal = Signal(scraper, window, Window.parse(window).last, headline, "ratio", Decimal(1), "high", withheld=withheld)
    stage.store.conclude(Conclusion(f"{scraper}/{window}", 1, signal, at))


def test_a_headline_is_remembered_however_many_runs_withheld_theirs(stage: Stage) -> None:
    """Twenty withheld days on end: the operators read which headline is the newest and its age, not that there was none."""
    day = Window.parse("2026-10-22")
    conclude(stage, "bdc-discount", day.name, stage.at - timedelta(days=21))
    for passed in range(20, 0, -1):
        day = day.after()
        conclude(stage, "bdc-discount", day.name, stage.at - timedelta(days=passed), withheld="too little could be read")
    stage.run(counting(3))
    [told] = [each for each in stage.read() if each["failure"] == "data-too-old"]
    assert "bdc-discount: the newest headline is that of 2026-10-22" in told["words"]
    assert "21 days ago" in told["words"]


@pytest.mark.parametrize(("hours", "old"), [(35, False), (37, True)])
def test_another_scrapers_old_headline_is_told_once(stage: Stage, hours: int, old: bool) -> None:
    """A run that ends tells of any headline older than one and a half periods: which, how old, what is allowed; not twice."""
    at = stage.at - timedelta(hours=hours)
    conclude(stage, "bdc-discount", "2026-11-20", at)
    stage.run(counting(3))
    told = stage.read()
    assert len(told) == old
    if old:
        assert told[0]["failure"] == "data-too-old"
        assert f"bdc-discount: the newest headline is that of 2026-11-20, concluded {at:%Y-%m-%d %H:%M} UTC" in told[0]["text"]
        assert "37 hours ago; 36 hours are allowed" in told[0]["text"]
    stage.at += timedelta(hours=7)
    stage.run(counting(3))
    assert not [each for each in stage.read() if old]


def test_a_run_that_withholds_tells_when_its_own_headline_grows_old(stage: Stage) -> None:
    """Nothing published for the second week: the operators hear of the withheld run and of the age of what still stands."""
    before = THIS.before().before()
    conclude(stage, "bond-issuance", before.name, stage.at - timedelta(days=11))
    stage.run(counting(3, EXPECT=Expect((50, 60), Decimal("0.9"))))
    told = {each["failure"]: each for each in stage.read()}
    assert set(told) == {"nothing-published", "data-too-old"}
    assert f"bond-issuance: the newest headline is that of {before}" in told["data-too-old"]["text"]


def test_a_refreshed_old_window_does_not_hide_that_the_new_one_is_missing(stage: Stage) -> None:
    """The week before is looked at again each Monday: its fresh conclusion does not make an old headline a new one."""
    conclude(stage, "bond-issuance", THIS.before().before().name, stage.at - timedelta(minutes=1))
    stage.run(counting(3, EXPECT=Expect((50, 60), Decimal("0.9"))))
    told = [each for each in stage.read() if each["failure"] == "data-too-old"]
    assert [each["subject"].partition(":")[0] for each in told] == ["[OPERATOR] Data too old"]
    assert "a newer one has been due for half a week" in told[0]["text"]


def test_a_failed_run_tells_ages_too_and_a_past_window_does_not(stage: Stage) -> None:
    """After a failure ages are looked at; after a past week run by hand they are not."""
    conclude(stage, "bdc-discount", "2026-11-20", stage.at - timedelta(days=9))
    stage.run(counting(3), Window.parse("2020-W10"))
    assert stage.read() == []
    vigil.watch(counting(3), (), stage.services(), Deadline())
    assert [each["failure"] for each in stage.read()] == ["data-too-old"]


def test_a_channel_that_cannot_work_is_told_before_an_alert_needs_it(stage: Stage) -> None:
    """A receiver that is malformed in the secret is told after any run, though no alert was due."""
    stage.hook["slack"] = "http://hooks.slack.com/services/T/B/canary-path"
    stage.run(counting(3))
    [told] = stage.read()
    assert told["failure"] == "webhook-refused"
    assert "slack: hooks.slack.com: the address is not https" in told["text"]
    assert "canary-path" not in str(told)


def test_an_old_headline_is_told_again_after_a_week(stage: Stage) -> None:
    """While a headline stays old the operators are reminded once a week."""
    conclude(stage, "bdc-discount", "2026-11-20", stage.at - timedelta(days=9))
    for day in range(15):
        vigil.watch(counting(3), (), stage.services(), Deadline())
        stage.at += timedelta(days=1)
        told = [each["failure"] for each in stage.read() if "bdc-discount: " in each["words"]]
        assert told == (["data-too-old"] if day in (0, 7, 14) else []), day


def test_ages_are_reported_as_metrics(stage: Stage) -> None:
    """The age of each newest headline that was published goes out under its scraper's name."""
    conclude(stage, "bdc-discount", "2026-11-20", stage.at - timedelta(hours=30))
    conclude(stage, "bdc-discount", "2026-11-23", stage.at - timedelta(hours=6), withheld="too little was read")
    vigil.watch(counting(3), (), stage.services(), Deadline())
    assert ("HeadlineAge", 30.0, "None", {"Scraper": "bdc-discount"}) in stage.telemetry.metrics


def test_slow_channels_do_not_hold_the_answer(stage: Stage) -> None:
    """With a second left and operators' channels that never answer, watching ends with the time, and the next run tells."""
    stage.receiver.behaviour["/operators"] = ["stall"]
    scraper = counting(20, faults=changed(7))
    result = engine.run(engine.Task(scraper, THIS, "me", Deadline()), stage.services())
    began = time.monotonic()
    vigil.watch(scraper, [result], stage.services(), Deadline.in_seconds(0.1))
    assert time.monotonic() - began < 5
    stage.receiver.behaviour["/operators"] = [200]
    stage.read()
    stage.at += QUIET
    stage.run(scraper)
    assert "shape-changed" in [each["failure"] for each in stage.read()]


def test_a_broken_store_ends_no_run(stage: Stage) -> None:
    """When the store fails under the watch the run's answer stands and the log says what was left undone."""

    class Broken:
        def __getattr__(self, name: str) -> object:
            raise UpstreamDown("table: down")

    vigil.watch(counting(3), (), stage.services(Broken()), Deadline())
    assert ("warning", "the watch after the run failed", {"scraper": "bond-issuance", "error": "table: down"}) in (
        stage.telemetry.lines
    )
