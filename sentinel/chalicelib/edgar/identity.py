"""Whether the ids of a watch list are those EDGAR's company file gives for its names and tickers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from chalicelib.edgar.lists import Company

_LEGAL = frozenset("INC INCORPORATED CORP CORPORATION CO COMPANY LTD LIMITED PLC LLC LP SA NV AG THE DE NY MD MN NEW".split())  # noqa: SIM905 -- a list of words reads best as words


class Entry(Protocol):
    """What of a watch list's entry is checked."""

    @property
    def cik(self) -> int:
        """EDGAR's id."""
        ...

    @property
    def ticker(self) -> str:
        """Its ticker."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...


def same_name(one: str, other: str) -> bool:
    """Whether two names are of one company, legal forms, states of incorporation, case and punctuation aside."""
    first, second = core_name(one), core_name(other)
    return bool(first) and bool(second) and (first == second or first.startswith(second) or second.startswith(first))


def equal_name(one: str, other: str) -> bool:
    """As `same_name`, but neither may go on after the other: sister funds bear one another's names with a word more."""
    return bool(core_name(one)) and core_name(one) == core_name(other)


def core_name(name: str) -> str:
    """The letters of a name without legal forms, state of incorporation, case and punctuation: equal for one company."""
    words = re.findall(r"[A-Z0-9]+", re.sub(r"['.\u2019]", "", re.split(r"[/\\]", name.upper())[0].replace("&", " AND ")))
    kept = [word for word in words if word not in _LEGAL]
    return "".join(kept or words)


def wrong_ids(watched: Iterable[Entry], companies: Iterable[Company]) -> dict[int, str]:
    """By CIK, what EDGAR's company file says against an entry: another company's id, another ticker's, or none."""
    names: dict[int, str] = {}
    by_ticker: dict[str, Company] = {}
    for company in companies:
        names.setdefault(company.cik, company.name)
        by_ticker.setdefault(company.ticker.upper(), company)
    wrong: dict[int, str] = {}
    for entry in watched:
        listed = by_ticker.get(entry.ticker.upper())
        if entry.cik not in names:
            wrong[entry.cik] = f"CIK {entry.cik} of {entry.name} is not in EDGAR's company file"
        elif not same_name(names[entry.cik], entry.name):
            wrong[entry.cik] = f"CIK {entry.cik} is {names[entry.cik]}, not {entry.name}"
        elif listed and listed.cik != entry.cik:
            wrong[entry.cik] = f"ticker {entry.ticker} is CIK {listed.cik} ({listed.name}), not {entry.cik}"
    return wrong
