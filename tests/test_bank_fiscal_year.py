"""A bank whose fiscal year is not the calendar's has its reports read and its calls left alone, aloud."""

import json

import pytest
from test_bank_provision import BANK, LATEST, Q3, row, submissions, world

from chalicelib import edgar
from chalicelib.model import Item, Notice
from chalicelib.scrapers.bank_provision.discovery import discover


@pytest.mark.parametrize(("year_end", "called"), [("1231", True), ("", True), ("0930", False), ("1031", False)])
def test_a_call_is_asked_for_only_where_fiscal_and_calendar_quarters_agree(year_end, called):
    """Reports are read either way; a call that the provider numbers by another year is not taken for this quarter's."""
    said = json.loads(submissions(row(LATEST, "10-Q", "2025-09-30"))) | {"fiscalYearEnd": year_end}
    found = list(discover(Q3, world({edgar.submissions_url(1): json.dumps(said).encode()}), [BANK]))
    keys = [each.key for each in found if isinstance(each, Item)]
    assert keys == [LATEST] + ["transcript/EXB/2025Q3"] * called
    assert [each.kind for each in found if isinstance(each, Notice)] == ["fiscal-year"] * (not called)
