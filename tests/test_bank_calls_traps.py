"""Sentences that come close to telling a provision for non-bank lending and tell none, one a line in `bank_call_traps.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.scrapers.bank_provision import transcript

TRAPS = (Path(__file__).parent / "bank_call_traps.txt").read_text("utf-8").splitlines()
SHARES = [
    ("About a third of the build, $20 million, relates to business development companies.", "build"),
    ("Nearly half of our net charge-offs, or $20 million, came from a single nonbank lender.", "charge-off"),
    ("The ratio would have been 29 basis points without the $20 million charge-off on an NDFI loan.", "charge-off"),
    ("We downgraded two BDCs, resulting in $20 million of additional provision.", "build"),
    ("After provisioning $20 million for nonbank lenders this quarter, we guide to less.", "build"),
    ("Within provision, capital call lending gave us a $20 million benefit.", "release"),
    ("At $20 million, charge-offs in the nonbank book were higher than usual.", "charge-off"),
]


@pytest.mark.parametrize("words", TRAPS)
def test_what_only_comes_close_gives_nothing(words: str) -> None:
    """A borrower's, another bank's or another time's cost, a level, a share of something else and a wish are not read."""
    assert transcript.find(f"CFO: {words}", "BK-2025Q3") == []


@pytest.mark.parametrize(("words", "kind"), SHARES)
def test_what_is_told_beside_them_is_read(words: str, kind: str) -> None:
    """The same turns of phrase give the amount where the cost is the bank's and for the lending."""
    assert [(abs(said.amount), said.kind) for said in transcript.find(f"CFO: {words}", "BK-2025Q3")] == [(20_000_000, kind)]
