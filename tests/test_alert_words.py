"""What a person reads of each scraper's real alerts: what moved, from, to, the limit that was passed, and why, in plain words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import messages, scrapers
from chalicelib.model import Contributor, Signal, Window
from chalicelib.ports import Dispatch

if TYPE_CHECKING:
    from collections.abc import Sequence

FUND = {
    "fund_id": "805-0000000002",
    "name": "Example Credit Fund LP",
    "change": "-0.156250",
    "before": "640000000",
    "now": "540000000",
    "net_change": "-0.186",
    "flow": "-46550000",
    "mark": "-48450000",
    "document": "s3://bucket/form-pf/2026q2.xml",
}
COMPARED = {
    "label": "Form PF (confidential, as given)",
    "basis": "quarterly",
    "compared_period": "2026Q1",
    "change": "-0.160000",
    "gross_before": "1000000000",
    "gross_now": "840000000",
    "funds": 3,
    "split": {"funds": 2, "flow": "-90000000", "mark": "-70000000"},
    "fallen": [FUND],
    "late": [],
    "late_count": 0,
}
PART = (Contributor("Example Corp.", Decimal(4_000_000_000), "https://www.sec.gov/Archives/edgar/data/1/a.htm"),)


def signal(scraper: str, window: str, headline: str, unit: str, **more: Any) -> Signal:
    return Signal(scraper, window, Window.parse(window).last, Decimal(headline), unit, Decimal(1), "high", **more)


def told(now: Signal, history: Sequence[Signal] = ()) -> dict[str, messages.Message]:
    """The messages of all alerts the signal gives, by rule."""
    scraper = scrapers.load(now.scraper)
    at, run_id = datetime(2026, 7, 1, tzinfo=UTC), f"{now.scraper}/{now.window}"
    return {
        alert.rule: messages.of(
            Dispatch(f"{run_id}/{alert.rule}/{alert.level}/1", run_id, now.scraper, alert.rule, alert.level, alert, at), now
        )
        for alert in scraper.alerts(now, history, scraper.LIMITS)
    }


def lines(message: messages.Message) -> dict[str, str]:
    """The text's facts by name; every amount in them is grouped or short, never a row of digits."""
    body = re.sub(r"https://\S+|Message: .*|805-\d+", "", message.text)
    assert not re.search(r"\d{5,}", body), body
    return dict(each.partition(": ")[::2] for each in message.text.splitlines() if ": " in each)


def test_bond_issuance() -> None:
    """A week of dollars above both limits, with a doubt, says the limits, the week before and the doubt."""
    data = {"witnesses": {"disagreements": [{"issuer": "Example Corp."}]}}
    both = told(
        signal(
            "bond-issuance", "2026-W26", "9000000000", "USD", change=Decimal(8_000_000_000), compared_with="2026-W25", data=data
        )
    )
    volume, rise = lines(both["weekly-volume"]), lines(both["weekly-rise"])
    assert (
        both["weekly-volume"].subject
        == "[ALERT] Bond issuance 2026-W26: USD 9.0 bn of investment-grade tech notes priced in the week"
    )
    assert volume["From (2026-W25)"] == "USD 1.0 bn (1,000,000,000)"
    assert volume["Threshold"] == "more than USD 5.0 bn in a week"
    assert "two documents disagree on 1 amount;" in volume["Why now"]
    assert rise["What moved"] == "USD 9.0 bn of investment-grade tech notes priced, USD 8.0 bn more than in 2026-W25"
    assert rise["Threshold"] == "a rise of more than USD 5.0 bn on the week before"


@pytest.mark.parametrize(
    ("after", "level", "limit", "amount"),
    [("121", "ALERT", "20.0 %", "120.0"), ("130", "MEDIUM", "25.0 %", "125.0"), ("160", "HIGH", "50.0 %", "150.0")],
)
def test_bank_provisions(after: str, level: str, limit: str, amount: str) -> None:
    """A rise says both quarters, and the limit of its own level as a share and as the dollars it stands for."""
    now = signal(
        "bank-provision",
        "2026Q2",
        f"{after}000000",
        "USD",
        change=Decimal(after) * 1_000_000 - 100_000_000,
        compared_with="2026Q1",
        data={"same_bank": ["A"]},
    )
    message = told(now)["provision-rise"]
    assert message.first.startswith(
        f"{level}: Bank provisions, 2026Q2: provisions for lending to non-bank financial firms went from"
    )
    assert lines(message)["Threshold"] == f"a rise of more than {limit} on the quarter before: to above USD {amount} m"
    assert "the same 1 bank in both quarters" in lines(message)["Why now"]


def test_bank_provisions_from_a_release() -> None:
    """Where the quarter before allows no per cent the limit is told in dollars."""
    now = signal("bank-provision", "2026Q2", "60000000", "USD", change=Decimal(63_000_000), compared_with="2026Q1")
    assert lines(told(now)["provision-turn"])["Threshold"] == "a rise of more than USD 50.0 m from nothing or a release"


def test_bdc_discount() -> None:
    """A mean that moved says which way, by how many points, since which session, and the limit in points."""
    history = [signal("bdc-discount", "2026-06-26", "0.1056", "ratio")]
    now = signal("bdc-discount", "2026-06-30", "0.1806", "ratio", data={"counted": 31, "due": 33})
    message = told(now, history)["mean-1"]
    assert message.subject == (
        "[MEDIUM] BDC discount 2026-06-30: mean discount to NAV widened by 7.5 percentage points on the..."
    )
    assert lines(message)["From (2026-06-26)"] == "10.56 %"
    assert lines(message)["To"] == "18.06 %"
    assert lines(message)["Threshold"] == "a change of more than 7.0 percentage points on the session before"
    assert "31 of 33 BDCs counted" in lines(message)["Why now"]


def test_credit_funds() -> None:
    """A fallen fund and a fallen aggregate say the limit as share and dollars, what was money moved and what revaluation."""
    data = {"source": "form-pf", "basis": "quarterly", "form_pf": {"quarterly": COMPARED}, "proxy": None}
    both = told(signal("credit-fund", "2026Q2", "-0.16", "ratio", data=data, contributors=PART))
    fund, whole = lines(both["fund-decline:805-0000000002"]), lines(both["decline"])
    assert both["fund-decline:805-0000000002"].subject == (
        "[MEDIUM] Private credit funds 2026Q2: Example Credit Fund LP: gross assets -15.6 % on 2026Q1"
    )
    assert fund["Threshold"] == "a decline of more than 15.0 %: to below USD 544.0 m"
    assert fund["Why now"].endswith("net assets -18.6 %; investors moved USD -46.6 m, revaluation USD -48.4 m")
    assert fund["- Example Credit Fund LP"] == "USD -100.0 m (in 2026q2.xml)"
    assert whole["What moved"] == "gross assets of 3 funds -16.0 % on 2026Q1"
    assert whole["Threshold"] == "a decline of more than 15.0 %: to below USD 850.0 m"
    assert whole["Why now"].endswith("investors moved USD -90.0 m, revaluation USD -70.0 m (told apart for 2 funds)")
