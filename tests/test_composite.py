"""The boom-bust index: ranks, directions, weights, and what is missing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from chalicelib import composite
from chalicelib.composite import PARTS, Value, points, weights
from chalicelib.errors import BadEvent

DAY = date(2026, 11, 23)
STEPS = {"bond-issuance": 7, "bdc-discount": 1, "credit-fund": 91, "bank-provision": 91}


def rising(scraper, number):
    """`number` values, each higher than the one before, the newest known on DAY."""
    step = timedelta(days=STEPS[scraper])
    return [Value(DAY - step * (number - 1 - n), f"w{n}", Decimal(n)) for n in range(number)]


def full(**changed):
    return {part.scraper: rising(part.scraper, part.least) for part in PARTS} | changed


def test_a_highest_value_scores_by_its_direction():
    """The highest of its history is near 100 where high means boom and near 0 where it means bust: the mid-rank."""
    [point] = points(full(), [DAY])
    scores = {each.scraper: each.score for each in point.parts}
    assert scores == {
        "bond-issuance": Decimal("98.1"),
        "bdc-discount": Decimal("0.8"),
        "credit-fund": Decimal("93.8"),
        "bank-provision": Decimal("6.2"),
    }
    assert point.index == Decimal("49.7")
    assert point.missing == ()


def test_too_short_a_history_is_named_and_not_imputed():
    """A part one value short of its least is missing, and the index is the mean of the other three."""
    short = {"bond-issuance": rising("bond-issuance", 25)}
    [point] = points(full(**short), [DAY])
    assert point.missing == ("bond-issuance",)
    assert point.parts[0].missing == "25 of the 26 values that are needed"
    assert point.index == ((Decimal("0.8") + Decimal("93.8") + Decimal("6.2")) / 3).quantize(Decimal("0.1"))


def test_below_three_quarters_of_the_weight_there_is_no_index():
    """Two of four parts make no index; nor does an empty store."""
    [point] = points(full(**{"bond-issuance": [], "credit-fund": []}), [DAY])
    assert point.index is None
    assert [each.missing for each in points({}, [DAY])[0].parts] == ["no value yet"] * 4


def test_an_old_value_no_longer_counts():
    """A daily value eleven days old is missing and its age is told."""
    [point] = points(full(), [DAY + timedelta(days=11)])
    assert point.missing == ("bdc-discount",)
    assert "11 days old" in point.parts[1].missing


def test_what_comes_later_changes_no_earlier_point():
    """The index of a past day is the same whatever is added afterwards."""
    late = full()
    early = {name: [each for each in values if each.known <= DAY - timedelta(days=30)] for name, values in late.items()}
    days = [DAY - timedelta(days=n) for n in (60, 45, 30)]
    assert points(late, days) == points(early, days)


def test_equal_values_share_the_middle():
    """A history of one value over and over is neither boom nor bust."""
    same = [Value(each.known, each.window, Decimal(7)) for each in rising("bdc-discount", 60)]
    assert points({"bdc-discount": same}, [DAY])[0].parts[1].score == Decimal("50.0")


def test_weights_are_read_from_what_is_kept():
    """A weight of zero takes a part out of the index, and out of what must be there."""
    chosen = weights({"weights": {"bank-provision": "0", "bond-issuance": "2"}})
    [point] = points(full(), [DAY], chosen)
    assert point.index == ((2 * Decimal("98.1") + Decimal("0.8") + Decimal("93.8")) / 4).quantize(Decimal("0.1"))


@pytest.mark.parametrize(
    "kept",
    [
        7,
        {"weight": {}},
        {"weights": []},
        {"weights": {"moon": "1"}},
        {"weights": {"bdc-discount": "-1"}},
        {"weights": {"bdc-discount": "NaN"}},
        {"weights": {"bdc-discount": True}},
        {"weights": {part.scraper: "0" for part in PARTS}},
        {"least_share": "0"},
        {"least_share": "1.5"},
    ],
)
def test_weights_nobody_meant_are_refused(kept):
    """Weights that make no sense are refused by name."""
    with pytest.raises(BadEvent, match="composite"):
        composite.weights(kept)
