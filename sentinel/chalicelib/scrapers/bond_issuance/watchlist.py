"""The watch list: which issuers count, since when, and why they are held to be investment grade.

The list is `watchlist.json` beside this module; every id in it is checked against EDGAR's company file on each run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Literal

from chalicelib.edgar import Company
from chalicelib.errors import Unreadable
from chalicelib.model import Window

_LEGAL = frozenset("INC INCORPORATED CORP CORPORATION CO COMPANY LTD LIMITED PLC LLC LP SA NV AG THE DE NY MD MN NEW".split())  # noqa: SIM905 -- a list of words reads best as words


@dataclass(frozen=True)
class Watched:
    """One issuer of the list. `first`/`last`: the days it counts (None: still); `grade` with its `reason` as of a day."""

    cik: int
    ticker: str
    name: str
    first: date
    last: date | None
    grade: Literal["investment", "speculative"]
    reason: str
    as_of: date

    def during(self, window: Window) -> bool:
        """Whether it counts on any day of the window."""
        return self.first <= window.last and (self.last is None or self.last >= window.first)


def parse(text: str) -> tuple[Watched, ...]:
    """The issuers of a watch-list file; raises `Unreadable` naming the entry that is wrong or double."""
    found: list[Watched] = []
    for n, entry in enumerate(json.loads(text)["issuers"]):
        try:
            watched = Watched(
                cik=int(entry["cik"]),
                ticker=str(entry["ticker"]),
                name=str(entry["name"]),
                first=date.fromisoformat(entry["from"]),
                last=date.fromisoformat(entry["to"]) if entry["to"] else None,
                grade={"investment": "investment", "speculative": "speculative"}[entry["grade"]],  # type: ignore[arg-type]
                reason=str(entry["reason"]),
                as_of=date.fromisoformat(entry["as_of"]),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise Unreadable(f"watch list: {error!r}", where=f"issuers[{n}]", evidence=str(entry)) from error
        if any(watched.cik == other.cik for other in found):
            raise Unreadable("watch list: an issuer stands twice", where=f"issuers[{n}]", evidence=str(entry))
        found.append(watched)
    return tuple(found)


@lru_cache(maxsize=1)
def issuers() -> tuple[Watched, ...]:
    """The bundled watch list."""
    return parse(resources.files(__package__ or "").joinpath("watchlist.json").read_text("utf-8"))


def same_name(one: str, other: str) -> bool:
    """Whether two names are of one company, legal forms, states of incorporation, case and punctuation aside."""
    first, second = _core(one), _core(other)
    return bool(first) and bool(second) and (first == second or first.startswith(second) or second.startswith(first))


def _core(name: str) -> str:
    words = re.findall(r"[A-Z0-9]+", re.sub(r"['.\u2019]", "", name.upper().split("/")[0].replace("&", " AND ")))
    kept = [word for word in words if word not in _LEGAL]
    return "".join(kept or words)


def wrong_ids(watched: Sequence[Watched], companies: Iterable[Company]) -> dict[int, str]:
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
