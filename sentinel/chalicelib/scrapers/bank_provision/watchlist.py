"""The banks whose filings are read, as data. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from chalicelib import edgar

_LEGAL = {
    "INC",
    "CORP",
    "CO",
    "COMPANY",
    "CORPORATION",
    "NA",
    "DE",
    "MN",
    "NEW",
    "THE",
    "GROUP",
    "FINANCIAL",
    "BANCORP",
    "AND",
    "OF",
    "BANK",
    "NATIONAL",
}


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


def wrong_id(bank: Bank, issuer: edgar.Issuer) -> str | None:
    """Why EDGAR's file for the bank's id is another company's; None when it is its own."""
    names = (issuer.name, *issuer.former_names)
    if bank.ticker in issuer.tickers or any(_core(bank.name) & _core(name) for name in names):
        return None
    return f"CIK {bank.cik} is {issuer.name} ({', '.join(issuer.tickers) or 'no ticker'}), not {bank.name}"


def _core(name: str) -> set[str]:
    words = set(re.findall(r"[A-Z0-9]+", name.upper().replace(".", "").replace("&", "")))
    return (words - _LEGAL) or words
