"""The banks whose filings are read, as data. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Bank:
    """One bank: EDGAR's id, its ticker, and its name as EDGAR may write it. `note` says what it is known to disclose."""

    cik: int
    ticker: str
    name: str
    note: str = ""


@cache
def banks() -> tuple[Bank, ...]:
    """The watch list."""
    rows = json.loads(resources.files(__package__).joinpath("watchlist.json").read_text())["banks"]
    return tuple(Bank(row["cik"], row["ticker"], row["name"], row.get("note", "")) for row in rows)
