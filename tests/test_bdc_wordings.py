"""Sentences of a release for the quarter ended 2025-09-30, each with the net asset value per share it gives, or none."""

from datetime import date
from pathlib import Path

import pytest

from chalicelib.scrapers.bdc_discount.choose import choose
from chalicelib.scrapers.bdc_discount.pages import read_page
from chalicelib.scrapers.bdc_discount.releases import candidates_of, period_of

TITLE = "Alder Lending Corp. Reports Results for the Quarter Ended September 30, 2025"
WORDINGS = (Path(__file__).parent / "bdc_wordings.txt").read_text("utf-8")
"""What is chosen (`17.85`; a range by its low end `~17.80`; pro forma `p17.65`; `-` nothing) and the sentence."""


@pytest.mark.parametrize("line", WORDINGS.splitlines())
def test_a_sentence_gives_its_value_and_no_other(line: str) -> None:
    """The value of the quarter is chosen whatever stands beside it: changes, earlier values, dividends, prices, totals."""
    wanted, sentence = (part.strip() for part in line.split(" | ", 1))
    page = read_page(f"<h1>{TITLE}</h1><p>{sentence}</p>")
    period = period_of(page, date(2025, 11, 6), 12)
    (choice,) = choose(candidates_of(page, period), period)
    chosen = choice.chosen
    if chosen is None:
        assert wanted == "-", [(each.figure, each.as_of, each.lost) for each in choice.candidates]
        return
    shown = {"final": f"{chosen.value}", "preliminary-range": f"~{chosen.low}", "pro-forma": f"p{chosen.value}"}[chosen.kind]
    assert (shown, chosen.as_of) == (wanted, date(2025, 9, 30))
