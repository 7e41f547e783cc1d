"""From observations to the day's signal: which value stands, what holds a fund, what withholds the headline, what alerts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib import sessions
from chalicelib.model import Observation, Window
from chalicelib.scrapers import bdc_discount
from chalicelib.scrapers.bdc_discount.watchlist import bdcs

DAY = date(2026, 11, 20)
JUNE, SEPTEMBER = date(2026, 6, 30), date(2026, 9, 30)
SUMMER = datetime(2026, 8, 6, 12, tzinfo=UTC)
KNOWN = datetime(2026, 11, 4, 12, tzinfo=UTC)
DUE = [each.ticker for each in bdcs() if each.on(DAY)]


def price(ticker, value="9", day=DAY):
    return Observation(
        f"{ticker}/price/{day}", "price", ticker, day, sessions.close_of(day), Decimal(value), "USD/share", "high", "yahoo"
    )


def nav(ticker, value, as_of=SEPTEMBER, origin="issuer", kind="final", known=KNOWN, low=None, high=None, n=0):
    detail = {"kind": kind, "origin": origin, "low": low, "high": high}
    key = f"{ticker}/nav/{as_of}/{kind}/{origin}{n}"
    amount = None if value is None else Decimal(value)
    return Observation(key, "nav", ticker, as_of, known, amount, "USD/share", "high", "https://x", detail=detail)


def split(ticker, ratio, day):
    return Observation(
        f"{ticker}/split/{day}", "split", ticker, day, sessions.close_of(day), Decimal(ratio), "ratio", "high", "yahoo"
    )


def everybody(day=DAY, share="9"):
    return [made for ticker in DUE for made in (price(ticker, share, day), nav(ticker, "10", JUNE, known=SUMMER))]


def without(found, ticker, kind=None):
    return [each for each in found if each.subject != ticker or (kind and each.kind != kind)]


def of(found, ticker="ARCC", history=(), day=DAY):
    return bdc_discount.summarise(found, history, Window.day_of(day)).data["bdcs"][ticker]


def test_a_withdrawn_value_does_not_stand_and_its_replacement_does() -> None:
    """After a withdrawal the quarter before stands and the withdrawal is told; a value given later for the day counts."""
    later = KNOWN + timedelta(days=2)
    unsaid = replace(nav("ARCC", None, known=later), kind="nav-withdrawn", key="ARCC/nav-withdrawn")
    found = [*everybody(), nav("ARCC", "11"), unsaid]
    fund = of(found)
    assert (fund["nav"], fund["nav_as_of"]) == ("10", JUNE.isoformat())
    assert any("withdrawn" in words for words in fund["told"])
    assert of([*found, nav("ARCC", "10.5", known=later, n=1)])["nav"] == "10.5"


def test_the_headline_is_the_mean_of_all_discounts() -> None:
    """Every fund at 9 on a NAV of 10 is a discount of a tenth: mean, median and deciles say so."""
    signal = bdc_discount.summarise(everybody(), [], Window.day_of(DAY))
    assert (signal.headline, signal.unit, signal.coverage, signal.withheld) == (Decimal("0.1"), "ratio", Decimal(1), None)
    assert (signal.data["median"], signal.data["deciles"][0], signal.data["share_below_0.8_nav"]) == (
        "0.100000",
        "0.100000",
        "0.0000",
    )


def test_figures_of_a_spread_universe() -> None:
    """Mean, median, deviation and the share below 0.8 of NAV of known discounts."""
    found = [made for n, ticker in enumerate(DUE) for made in (price(ticker, str(10 - n % 4)), nav(ticker, "10"))]
    signal = bdc_discount.summarise(found, [], Window.day_of(DAY))
    values = sorted(Decimal(n % 4) / 10 for n in range(len(DUE)))
    assert signal.headline == (sum(values) / len(values)).quantize(Decimal("0.000001"))
    assert signal.data["share_below_0.8_nav"] == str(
        (Decimal(sum(v > Decimal("0.2") for v in values)) / len(values)).quantize(Decimal("0.0001"))
    )


def test_agreement_to_the_cent_is_sure() -> None:
    """A released value that EDGAR's tag repeats is of high confidence."""
    found = [*everybody(), nav("ARCC", "10.20"), nav("ARCC", "10.20", origin="edgar")]
    assert (of(found)["nav"], of(found)["confidence"], of(found)["nav_origin"]) == ("10.20", "high", "issuer")


def test_a_small_disagreement_is_told_with_both_values() -> None:
    """A cent apart, the released value stands at low confidence and both are shown."""
    found = [*everybody(), nav("ARCC", "10.20"), nav("ARCC", "10.21", origin="edgar")]
    assert (of(found)["nav"], of(found)["confidence"]) == ("10.20", "low")
    assert "released 10.20, tagged 10.21" in of(found)["told"][0]


def test_a_large_disagreement_holds_the_new_value() -> None:
    """Far apart, neither counts; the value before stands, older, and both are told."""
    found = [*everybody(), nav("ARCC", "10.20"), nav("ARCC", "10.90", origin="edgar")]
    assert of(found)["nav_as_of"] == "2026-06-30"
    assert "10.20" in of(found)["told"][0]


def test_without_a_feed_the_tagged_value_serves_labelled() -> None:
    """When no feed gives a value EDGAR's does, and says where it came from."""
    found = [*everybody(), nav("ARCC", "10.20", origin="edgar")]
    assert (of(found)["nav"], of(found)["nav_origin"]) == ("10.20", "edgar")


def test_a_jump_is_held_until_a_witness_agrees() -> None:
    """More than 15 % from the value before waits for a second source; with it, the new value counts."""
    alone = [*everybody(), nav("ARCC", "8.40")]
    assert (of(alone)["nav"], of(alone)["nav_as_of"]) == ("10", "2026-06-30")
    assert "held until a second source agrees" in of(alone)["told"][0]
    both = [*alone, nav("ARCC", "8.40", origin="edgar")]
    assert (of(both)["nav"], of(both)["nav_as_of"]) == ("8.40", "2026-09-30")


def test_an_amended_release_replaces_the_first() -> None:
    """Of two releases of one day the one published last counts, and both are told."""
    found = [*everybody(), nav("ARCC", "10.10"), nav("ARCC", "10.20", known=KNOWN + timedelta(days=1), n=1)]
    assert of(found)["nav"] == "10.20"
    assert "10.10, 10.20" in of(found)["told"][0]


def test_a_range_stays_a_range() -> None:
    """A preliminary range gives low and high, is labelled, and is never of more than low confidence."""
    found = [*everybody(), nav("ARCC", None, kind="preliminary-range", low="10.20", high="10.30")]
    fund = of(found)
    assert (fund["nav_low"], fund["nav_high"], fund["nav_kind"], fund["confidence"]) == (
        "10.20",
        "10.30",
        "preliminary-range",
        "low",
    )


def test_a_final_value_takes_the_place_of_a_range() -> None:
    """Once the final value of the day is out the range is history."""
    found = [*everybody(), nav("ARCC", None, kind="preliminary-range", low="10.20", high="10.30"), nav("ARCC", "10.25", n=2)]
    assert (of(found)["nav"], of(found)["nav_kind"]) == ("10.25", "final")


def test_a_pro_forma_value_is_not_compared_with_a_price() -> None:
    """The value before stands."""
    assert of([*everybody(), nav("ARCC", "9.70", kind="pro-forma")])["nav_as_of"] == "2026-06-30"


def test_a_reverse_split_between_value_and_price_holds_the_fund() -> None:
    """A NAV per old share is not compared with a price per new one: the fund is left out and the split named."""
    found = [*without(everybody(), "PSEC", "price"), price("PSEC", "90"), split("PSEC", "0.1", date(2026, 11, 2))]
    fund = of(found, "PSEC")
    assert fund["discount"] is None
    assert "1:10 (reverse) on 2026-11-02" in fund["missing"]


def test_a_split_before_the_value_changes_nothing() -> None:
    """Once the NAV is per new share the comparison holds."""
    assert of([*everybody(), split("PSEC", "0.1", date(2026, 6, 1))], "PSEC")["discount"] == "0.100000"


def test_a_stale_price_is_marked_with_its_age() -> None:
    """The last good close stands in for up to five sessions, and says how old it is; then the fund is left out."""
    old = [*without(everybody(), "ARCC", "price"), price("ARCC", "9", date(2026, 11, 18))]
    assert (of(old)["stale_sessions"], of(old)["discount"]) == (2, "0.100000")
    assert bdc_discount.summarise(old, [], Window.day_of(DAY)).data["stale"] == ["ARCC"]
    older = [*without(everybody(), "ARCC", "price"), price("ARCC", "9", date(2026, 11, 6))]
    assert of(older)["discount"] is None
    assert "2026-11-06" in of(older)["missing"]


def test_a_value_of_a_year_ago_is_none() -> None:
    """A fund whose newest NAV is too old is left out and named."""
    found = [*without(everybody(), "ARCC", "nav"), nav("ARCC", "10", date(2025, 12, 31))]
    assert of(found)["missing"] == "no net asset value"


def test_too_few_funds_publish_nothing() -> None:
    """Below the coverage that is demanded there is no headline, and it says why."""
    few = [each for each in everybody() if each.subject in DUE[:10]]
    signal = bdc_discount.summarise(few, [], Window.day_of(DAY))
    assert signal.headline is None
    assert "10 of" in signal.withheld


def test_prices_all_of_yesterday_publish_nothing() -> None:
    """When no price is of the session the day has no headline: yesterday's is not told again."""
    signal = bdc_discount.summarise(everybody(date(2026, 11, 19)), [], Window.day_of(DAY))
    assert signal.headline is None
    assert "only 0 of" in signal.withheld


def test_nothing_known_later_is_used() -> None:
    """On each day only the value known that day: one released a month later does not change the past."""
    found = [*everybody(date(2026, 10, 20)), nav("ARCC", "11.00", known=KNOWN)]
    assert of(found, day=date(2026, 10, 20))["nav"] == "10"
    assert of([*found, *everybody()], day=DAY)["nav"] == "11.00"


def series(shares):
    days = list(sessions.sessions(date(2026, 10, 1), DAY))[-len(shares) :]
    history = []
    for day, share in zip(days, shares, strict=True):
        history.append(bdc_discount.summarise(everybody(day, share), history, Window.day_of(day)))
    return history


@pytest.mark.parametrize(
    ("share", "level"), [("8.5", None), ("8.49", "alert"), ("8.29", "medium"), ("7.99", "high"), ("10.01", "high")]
)
def test_the_mean_alerts_by_its_change_in_either_direction(share, level) -> None:
    """Exactly the threshold is no alert; above it the highest level passed is told, once per rule."""
    *history, signal = series(["9", share])
    assert [(each.rule, each.level) for each in bdc_discount.alerts(signal, history, bdc_discount.LIMITS)] == (
        [("mean-1", level)] if level else []
    )


def test_a_slow_move_alerts_over_twenty_sessions() -> None:
    """Six points in steps of a third of a point: no day alerts, twenty sessions together do."""
    shares = [str(Decimal(9) - Decimal("0.03") * n) for n in range(21)]
    *history, signal = series(shares)
    (alert,) = bdc_discount.alerts(signal, history, bdc_discount.LIMITS)
    assert (alert.rule, alert.level, alert.before, alert.after) == ("mean-20", "alert", Decimal("0.1"), Decimal("0.16"))


def test_the_change_names_what_it_is_measured_on_and_who_moved() -> None:
    """The signal carries the window it is compared with and the funds that moved most."""
    before = bdc_discount.summarise(everybody(date(2026, 11, 19)), [], Window.day_of(date(2026, 11, 19)))
    moved = [*without(everybody(), "FSK", "price"), price("FSK", "7")]
    signal = bdc_discount.summarise(moved, [before], Window.day_of(DAY))
    assert signal.compared_with == "2026-11-19"
    assert (signal.contributors[0].name, signal.contributors[0].value) == ("FSK", Decimal("0.2"))


def test_the_last_success_of_a_feed_outlives_its_failure() -> None:
    """A feed that fails today still shows when it last answered."""
    state = {"https://f": {"kind": "issuer", "last_success": "2026-11-19T06:00:00+00:00", "error": ""}}
    health = Observation("ARCC/feeds", "feeds", "ARCC", date(2026, 11, 19), KNOWN, Decimal(1), "count", "high", "", detail=state)
    before = bdc_discount.summarise([*everybody(date(2026, 11, 19)), health], [], Window.day_of(date(2026, 11, 19)))
    failing = replace(health, as_of=DAY, detail={"https://f": {"kind": "issuer", "last_success": None, "error": "down"}})
    signal = bdc_discount.summarise([*everybody(), failing], [before], Window.day_of(DAY))
    assert signal.data["feeds"]["https://f"]["last_success"] == "2026-11-19T06:00:00+00:00"


def test_the_table_shows_every_fund_and_names_the_missing() -> None:
    """A row per fund, deepest discount first; who is left out stands under it with the reason."""
    found = [*without(everybody(), "ARCC", "nav"), nav("FSK", "12", n=3)]
    signal = bdc_discount.summarise(found, [], Window.day_of(DAY))
    shown = bdc_discount.table(signal, found)
    assert shown.rows[-1][0] == "ARCC"
    assert "left out: ARCC: no net asset value" in shown.notes
    assert all(len(row) == len(shown.columns) for row in shown.rows)
