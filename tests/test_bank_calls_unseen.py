"""Fifty-two lists of calls, each written before the reader had met it, and what must be read from them.

`bank_call_wordings.jsonl`: a text, the name it is given under, and its amounts in millions with their kind (b build, r release,
c charge-off); an empty list where nothing may be read, which is half of them and more.
"""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from chalicelib.scrapers.bank_provision import transcript

LINES = (Path(__file__).parent / "bank_call_wordings.jsonl").read_text("utf-8").splitlines()
CALLS = [json.loads(line) for line in LINES]
LISTS = sorted({call["list"] for call in CALLS})
KINDS = {"b": "build", "r": "release", "c": "charge-off"}


@cache
def read_and_wanted(number: int) -> tuple[tuple[str, Counter, Counter], ...]:
    """Of each call of a list its text, what is read and what is said."""
    return tuple((call["text"], read(call), wanted(call)) for call in CALLS if call["list"] == number)


def wanted(call: dict) -> Counter:
    return Counter((Decimal(each[:-1]) * 1_000_000, KINDS[each[-1]]) for each in call["amounts"])


def read(call: dict) -> Counter:
    return Counter((said.amount, said.kind) for said in transcript.find(call["text"], call["called"]))


@pytest.mark.parametrize("number", LISTS)
def test_nothing_is_read_that_is_not_said(number: int) -> None:
    """No call of a list gives an amount it does not say, nor one of another kind or sign."""
    assert [(text, invented) for text, found, said in read_and_wanted(number) if (invented := found - said)] == []


def test_nine_in_ten_of_what_is_said_is_read() -> None:
    """Recall over all lists is at least nine in ten; shown list by list with `pytest -s`."""
    said, found = Counter(), Counter()
    for number in LISTS:
        for _, was_read, was_said in read_and_wanted(number):
            said[number] += sum(was_said.values())
            found[number] += sum((was_read & was_said).values())
        print(f"list {number}: {found[number]} of {said[number]} read")
    print(f"together: {sum(found.values())} of {sum(said.values())} read")
    assert sum(found.values()) >= Decimal("0.9") * sum(said.values())
