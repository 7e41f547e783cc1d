"""Which messages a conclusion owes: once per run and level, again on a rise, a resolved message on a fall back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model import LEVELS, Alert
from chalicelib.outbox import dispatches

if TYPE_CHECKING:
    from chalicelib.model import Level
    from chalicelib.ports import Dispatch

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
RUN = "bond-issuance/2026-W47"


def alert(level: Level = "alert", rule: str = "weekly-volume") -> Alert:
    return Alert(
        rule=rule,
        level=level,
        headline="IG tech issuance",
        before=Decimal(3_000_000_000),
        after=Decimal(7_000_000_000),
        threshold=Decimal(5_000_000_000),
        unit="USD",
        why="above 5 bn",
    )


def due(alerts: list[Alert], earlier: list[Dispatch], run: str = RUN, **more: bool) -> list[Dispatch]:
    return list(dispatches(run, "bond-issuance", alerts, earlier, NOW, **more))


def test_first_break_is_told_once() -> None:
    """A rule broken for the first time gives one message, whose id names run, rule, level and episode."""
    [sent] = due([alert()], [])
    assert sent.id == "bond-issuance/2026-W47/weekly-volume/alert/1"
    assert (sent.level, sent.rule, sent.scraper, sent.created_at, sent.delivered) == (
        "alert",
        "weekly-volume",
        "bond-issuance",
        NOW,
        (),
    )


def test_repeat_is_silent() -> None:
    """A second conclusion of the run at the same level, or a milder one, tells nothing."""
    told = due([alert("medium")], [])
    assert due([alert("medium")], told) == []
    assert due([alert("alert")], told) == []


def test_unsent_counts_as_told() -> None:
    """A message still pending in the outbox is not made a second time."""
    [pending] = due([alert()], [])
    assert pending.sent_at is None
    assert due([alert()], [pending]) == []


def test_rise_is_told_again() -> None:
    """A higher level than before is a new message with its own id; falling to a milder level and back is not."""
    told = due([alert()], [])
    rise = due([alert("high")], told)
    assert [message.id for message in rise] == [f"{RUN}/weekly-volume/high/1"]
    assert due([alert("medium")], told + rise) == []
    assert due([alert("high")], told + rise) == []


def test_fall_back_is_resolved_once() -> None:
    """A rule no longer broken gives one resolved message, which carries the highest alert it ends."""
    told = due([alert()], [])
    told += due([alert("high")], told)
    [resolved] = due([], told)
    assert (resolved.level, resolved.alert.level, resolved.id) == (None, "high", f"{RUN}/weekly-volume/resolved/1")
    assert due([], [*told, resolved]) == []


def test_return_after_resolved_is_a_new_episode() -> None:
    """A rule broken again after its resolved message is told again, with the next episode in its id."""
    told = due([alert()], [])
    told += due([], told)
    [again] = due([alert()], told)
    assert again.id == f"{RUN}/weekly-volume/alert/2"
    told.append(again)
    assert [message.id for message in due([], told)] == [f"{RUN}/weekly-volume/resolved/2"]


def test_each_window_has_its_own_alert() -> None:
    """The next week at the same level is another run and alerts; a week without it resolves the open one, once."""
    week_47 = due([alert()], [])
    week_48 = due([alert()], week_47, run="bond-issuance/2026-W48")
    assert [message.id for message in week_48] == ["bond-issuance/2026-W48/weekly-volume/alert/1"]
    week_49 = due([], week_47 + week_48, run="bond-issuance/2026-W49")
    assert [message.id for message in week_49] == ["bond-issuance/2026-W49/weekly-volume/resolved/1"]
    assert due([], week_47 + week_48 + week_49, run="bond-issuance/2026-W50") == []


def test_old_window_does_not_resolve_a_newer_one() -> None:
    """Running an old week again leaves a newer week's open alert alone."""
    newer = due([alert()], [], run="bond-issuance/2026-W48")
    assert due([], newer) == []


def test_what_nobody_was_told_is_not_resolved() -> None:
    """An alert a back-fill kept silent is not followed by a resolved message, and does not hide an open one before it."""
    silent = [replace(sent, sent_at=NOW, delivered=("silent",)) for sent in due([alert()], [])]
    assert due([], silent) == []
    assert due([], silent, run="bond-issuance/2026-W48") == []
    told = due([alert()], [], run="bond-issuance/2026-W46")
    assert [message.run_id for message in due([], told + silent, run="bond-issuance/2026-W48")] == ["bond-issuance/2026-W48"]


def test_withheld_headline_resolves_nothing() -> None:
    """When nothing could be judged, an open alert stays open."""
    told = due([alert()], [])
    assert due([], told, settled=False) == []


def test_other_scrapers_and_rules_do_not_meet() -> None:
    """Another scraper's outbox and another rule's message neither silence an alert nor are resolved by it."""
    other = dispatches("bdc-discount/2026-11-20", "bdc-discount", [alert()], [], NOW)
    assert [message.id for message in due([alert()], list(other))] == [f"{RUN}/weekly-volume/alert/1"]
    volume = due([alert()], [])
    both = due([alert(), alert(rule="weekly-rise")], volume)
    assert [message.rule for message in both] == ["weekly-rise"]


def test_one_rule_twice_is_told_at_its_highest() -> None:
    """Two alerts of one rule in one conclusion give one message at the higher level."""
    [sent] = due([alert("medium"), alert("high"), alert("alert")], [])
    assert sent.level == "high"


@given(st.lists(st.one_of(st.none(), st.sampled_from(LEVELS)), max_size=12), st.randoms())
def test_receiver_always_knows_the_state(levels: list[Level | None], shuffle) -> None:
    """For any history of a run, ids never repeat, and the last message tells the truth: open exactly when the rule is broken."""
    box: list[Dispatch] = []
    for level in levels:
        alerts = [] if level is None else [alert(level)]
        mixed = list(box)
        shuffle.shuffle(mixed)
        new = due(alerts, mixed)
        assert len(new) <= 1
        assert due(alerts, box + new + box) == []
        assert new == due(alerts, [replace(sent, sent_at=NOW) for sent in box])
        box += new
        told = [sent for sent in box if sent.level is not None]
        assert bool(box and box[-1].level is not None) == (level is not None)
        if level is not None:
            assert LEVELS.index(told[-1].level or "alert") >= LEVELS.index(level)
    assert len({sent.id for sent in box}) == len(box)
