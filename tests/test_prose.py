"""Money, rates and dates in English become exact values, and what is none is refused."""

import re
from datetime import date
from decimal import Decimal

import pytest

from chalicelib import prose
from chalicelib.errors import Unreadable


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("$1,250,000,000", "USD", "1250000000"),
        ("U.S. $500 million", "USD", "500000000"),
        ("US$1.25 billion", "USD", "1250000000"),
        ("€600,000,000", "EUR", "600000000"),
        ("E600,000,000", "EUR", "600000000"),
        ("CHF 875,000,000", "CHF", "875000000"),
        ("C$2,500,000,000", "CAD", "2500000000"),
        ("A$400,000,000", "AUD", "400000000"),
        ("¥31,300,000,000", "JPY", "31300000000"),
        ("ACME INC $400,000,000", "USD", "400000000"),
    ],
)
def test_money_has_its_currency(text: str, currency: str, amount: str) -> None:
    """The sign and the letters before it make the currency; letters of a name do not."""
    found = re.search(prose.MONEY, text)
    assert found
    assert prose.money(found) == (currency, Decimal(amount))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4.375", "4.375"),
        ("4 3/8", "4.375"),
        ("4-3/8", "4.375"),
        ("7 1 / 4", "7.25"),
        (".650", "0.650"),
        ("5½", "5.5"),
        ("3/8", "0.375"),
    ],
)
def test_rates_are_exact(text: str, value: str) -> None:
    """Decimals and fractions, with or without a whole number, are the same numbers."""
    assert prose.rate(text) == Decimal(value)


@pytest.mark.parametrize("text", ["4 9/8", "1/0", "", "four", "4.3.7"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    """Improper fractions and words are unreadable, never zero."""
    with pytest.raises(Unreadable):
        prose.rate(text)
    assert prose.rate_or_none(text) is None


@pytest.mark.parametrize("text", ["November 15, 2028", "Nov. 15 , 2028", "15 November 2028", "NOVEMBER 15, 2028"])
def test_dates_are_read_in_any_usual_order(text: str) -> None:
    """Month first or day first, short or long, in capitals."""
    assert re.fullmatch(prose.DATE, text)
    assert prose.day(text) == date(2028, 11, 15)


def test_a_day_that_does_not_exist_is_refused() -> None:
    """30 February is unreadable, not the first of March."""
    with pytest.raises(Unreadable):
        prose.day("February 30, 2028")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Five Hundred Million", 500_000_000),
        ("one billion two hundred fifty million", 1_250_000_000),
        ("Seventy-Five Million", 75_000_000),
    ],
)
def test_numbers_in_words(text: str, number: int) -> None:
    """Spelled amounts are added up by their scales."""
    assert prose.number_in_words(text) == number
    assert prose.number_in_words("five hundred old") is None
