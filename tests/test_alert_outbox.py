"""Alerts through kills and crowds: none is lost; twice is told only what a kill hid, and then by the same id."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import engine
from chalicelib.adapters.notify import CLAIM, Egress, Notifications, Webhooks
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.deadline import Deadline
from chalicelib.model import Window
from chalicelib.ports import Services
from tests.fakes.counting import Counting
from tests.fakes.memory_telemetry import MemoryTelemetry
from tests.fakes.mortal_store import Killed, MortalStore
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.fakes.world import Nowhere, Remembering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEEKS = (Window.parse("2026-W46"), Window.parse("2026-W47"))
PHASES = {"calm": Decimal(1), "alert": Decimal(3), "high": Decimal(6), "calm again": Decimal(1)}
"""What each of three items is worth; the limit on their sum is 8, twice that is high."""


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "store.db")


@dataclass
class Trigger:
    """One invocation among many, perhaps one that is killed."""

    store: SqliteStore
    receiver: WebhookReceiver
    phase: str
    week: Window = WEEKS[1]
    dies_at: int | None = None
    after: bool = False
    later: timedelta = timedelta()
    mortal: MortalStore = field(init=False)

    def __call__(self, name: int = 0) -> str:
        """The state the run ended in, or the write this process was killed at. Its lease lapses once it is gone."""
        worth = PHASES[self.phase]
        scraper = Counting(3, READER=self.phase, LIMITS={"total": Decimal(8)}, worth=lambda _: worth)
        self.mortal = MortalStore(self.store, self.dies_at, self.after)
        task = engine.Task(scraper, self.week, f"process-{name}", Deadline())
        try:
            return engine.run(task, self._services()).state
        except Killed:
            self.store.release(task.run_id, task.holder)
            return f"killed at {self.mortal.died_in}"

    def _services(self) -> Services:
        memory: Any = Remembering()
        mortal: Any = self.mortal
        hook = {"generic": {"url": f"{self.receiver.base}/alerts", "secret": "shared-signing-secret"}}
        webhooks = Webhooks(lambda: hook, lambda: False, Egress(loopback=True), loopback=True)
        telemetry = MemoryTelemetry()
        nowhere: Any = Nowhere()
        return Services(
            fetch=nowhere,
            store=mortal,
            notifier=Notifications((), telemetry, webhooks=webhooks, store=mortal, clock=lambda: datetime.now(UTC) + self.later),
            telemetry=telemetry,
            continuation=memory,
        )


def told(receiver: WebhookReceiver) -> Counter[str]:
    """How often each alert was received, by its id."""
    assert all(each.headers["Idempotency-Key"] == each.json["id"] for each in receiver.received)
    return Counter(each.headers["Idempotency-Key"] for each in receiver.received)


def identity(week: Window, level: str, episode: int = 1) -> str:
    return f"bond-issuance/{week}/total/{level}/{episode}"


def writes_of_a_run(tmp_path: Path) -> int:
    """How many writes a run with an alert makes."""
    with WebhookReceiver() as receiver:
        trigger = Trigger(SqliteStore(tmp_path / "counted.db"), receiver, "alert")
        trigger()
        return trigger.mortal.writes


def test_killed_at_every_write(tmp_path: Path) -> None:
    """Wherever a process is killed, the next one sends what is owed; twice only when the kill hid the confirmation."""
    writes = writes_of_a_run(tmp_path)
    assert writes >= 8
    places = set()
    for number in range(writes):
        for after in (False, True):
            with WebhookReceiver() as receiver:
                store = SqliteStore(tmp_path / f"{number}-{after}.db")
                ended = Trigger(store, receiver, "alert", dies_at=number, after=after)(1)
                assert ended.startswith("killed at"), ended
                places.add(ended)
                Trigger(store, receiver, "alert", later=2 * CLAIM)(2)
                Trigger(store, receiver, "alert", later=4 * CLAIM)(3)
                unsure = ended == "killed at mark" and not after
                assert told(receiver)[identity(WEEKS[1], "alert")] == (2 if unsure else 1), (number, after, ended)
                assert set(told(receiver)) == {identity(WEEKS[1], "alert")}
                assert store.dispatches(pending=True) == []
    assert {"killed at conclude", "killed at mark", "killed at complete", "killed at save_plan"} <= places


def test_five_hundred_triggers_at_once(store: SqliteStore, receiver: WebhookReceiver) -> None:
    """Five hundred triggers at once, none killed: each level is told exactly once, on the rise, and resolved once."""
    for phase in PHASES:
        triggers = [Trigger(store, receiver, phase) for _ in range(125)]
        with ThreadPoolExecutor(16) as pool:
            states = Counter(pool.map(lambda each: each[1](each[0]), enumerate(triggers)))
        assert states["concluded"] >= 1
        Trigger(store, receiver, phase)(999)
    assert told(receiver) == {identity(WEEKS[1], level): 1 for level in ("alert", "high", "resolved")}


def test_five_hundred_triggers_with_kills(store: SqliteStore, receiver: WebhookReceiver) -> None:
    """Five hundred triggers of two weeks at once, every third killed at a write: all is told, twice only after a hidden send."""
    chance = random.Random(20261123)
    hidden = 0
    for turn, phase in enumerate(PHASES):
        triggers = [
            Trigger(
                store,
                receiver,
                phase,
                week=WEEKS[number % 2],
                dies_at=chance.randrange(9) if number % 3 == 0 else None,
                after=chance.random() < 0.5,
                later=turn * 2 * CLAIM,
            )
            for number in range(125)
        ]
        with ThreadPoolExecutor(16) as pool:
            ended = Counter(pool.map(lambda each: each[1](each[0]), enumerate(triggers)))
        hidden += ended["killed at mark"]
        for week in WEEKS:
            Trigger(store, receiver, phase, week=week, later=(turn + 1) * 2 * CLAIM)(999)
    received = told(receiver)
    assert set(received) == {identity(week, level) for week in WEEKS for level in ("alert", "high", "resolved")}
    assert sum(received.values()) <= len(received) + hidden
    assert store.dispatches(pending=True) == []
