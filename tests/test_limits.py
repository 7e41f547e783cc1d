"""Thresholds: defaults overlaid by kept values, every bad one refused with words, every change recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.errors import BadEvent
from chalicelib.limits import KEPT, changed, changes, overlaid

if TYPE_CHECKING:
    from pathlib import Path

DEFAULTS = {
    "bdc-discount": {"alert_change": Decimal("0.05"), "medium_change": Decimal("0.07"), "high_change": Decimal("0.10")},
    "bond-issuance": {
        "weekly_volume_usd": Decimal(5_000_000_000),
        "medium_top_share": Decimal("0.10"),
        "high_top_share": Decimal("0.02"),
    },
}


def test_kept_over_defaults() -> None:
    """A kept threshold replaces its default; the others stay."""
    limits = overlaid({"bdc-discount": {"alert_change": "0.06"}}, DEFAULTS)
    assert limits["bdc-discount"]["alert_change"] == Decimal("0.06")
    assert limits["bdc-discount"]["high_change"] == Decimal("0.10")
    assert limits["bond-issuance"] == DEFAULTS["bond-issuance"]
    assert overlaid(None, DEFAULTS) == DEFAULTS


@pytest.mark.parametrize(
    "value", ["-0.01", "-1", -5, "NaN", "sNaN", "Infinity", "-Infinity", "much", "", "0x10", "1e400", True, None, [], {}]
)
def test_bad_thresholds(value: Any) -> None:
    """Negative, text, NaN, infinite and shapeless thresholds are refused, naming scraper and threshold."""
    with pytest.raises(BadEvent, match="limits: bdc-discount alert_change"):
        overlaid({"bdc-discount": {"alert_change": value}}, DEFAULTS)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ([], "expected an object of scrapers"),
        ({"bdc": {}}, "'bdc' is no scraper"),
        ({"bdc-discount": []}, "bdc-discount: expected an object"),
        ({"bdc-discount": {"chnage": "1"}}, "has no 'chnage'; expected one of"),
        ({"bdc-discount": {"medium_change": "0.2"}}, "wrong way round"),
        ({"bond-issuance": {"high_top_share": "0.5"}}, "wrong way round"),
    ],
)
def test_misspelt_or_crossed(kept: Any, words: str) -> None:
    """A name nobody has, and tiers the wrong way round, are refused with what was expected."""
    with pytest.raises(BadEvent, match=words):
        overlaid(kept, DEFAULTS)


@pytest.mark.parametrize(("said", "kept"), [("6%", "0.06"), ("6.5 %", "0.065"), ("0.06", "0.06"), (" 0.06 ", "0.06")])
def test_per_cent_may_be_said(said: str, kept: str) -> None:
    """A ratio may be given in per cent; what is kept is the ratio."""
    assert changed(None, "bdc-discount", "alert_change", said, DEFAULTS) == {"bdc-discount": {"alert_change": kept}}


@pytest.mark.parametrize("said", ["5", "100", "-5%", "NaN%", "%"])
def test_a_ratio_that_silences_its_rule_is_refused(said: str) -> None:
    """`5` where 5 % is meant, and nonsense in per cent, are refused."""
    with pytest.raises(BadEvent, match="limits: bdc-discount alert_change"):
        changed(None, "bdc-discount", "alert_change", said, DEFAULTS)


def test_changes_are_told_with_their_time() -> None:
    """Each change of a scraper's thresholds is told once: when, which, to what, and when it was taken back."""
    first, second, third = (datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21, 22))
    kept = [
        (first, {"bdc-discount": {"alert_change": "0.06"}}),
        (second, {"bdc-discount": {"alert_change": "0.06"}, "bond-issuance": {"weekly_volume_usd": "1"}}),
        (third, {"bond-issuance": {"weekly_volume_usd": "1"}}),
    ]
    assert changes(kept, "bdc-discount") == [
        {"at": first, "name": "alert_change", "value": "0.06"},
        {"at": third, "name": "alert_change", "value": "default"},
    ]
    assert changes(kept, "bond-issuance") == [{"at": second, "name": "weekly_volume_usd", "value": "1"}]


def test_changes_are_recorded(tmp_path: Path) -> None:
    """Each change is kept with its time; taking one back leaves the default."""
    store = SqliteStore(tmp_path / "store.db")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    store.keep(KEPT, changed(store.kept(KEPT), "bdc-discount", "alert_change", "0.06", DEFAULTS), now)
    store.keep(KEPT, changed(store.kept(KEPT), "bdc-discount", "alert_change", None, DEFAULTS), now + timedelta(days=1))
    assert store.kept_history(KEPT) == [(now, {"bdc-discount": {"alert_change": "0.06"}}), (now + timedelta(days=1), {})]
    assert overlaid(store.kept(KEPT), DEFAULTS) == DEFAULTS
    with pytest.raises(BadEvent):
        changed(store.kept(KEPT), "bdc-discount", "alert_change", "-1", DEFAULTS)
    with pytest.raises(BadEvent):
        changed(store.kept(KEPT), "nobody", "alert_change", "1", DEFAULTS)
