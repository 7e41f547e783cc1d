"""The watch list: which issuers count, since when, and why they are held to be investment grade.

The list is `watchlist.json` beside this module; every id in it is checked against EDGAR's company file on each run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Literal

from chalicelib.errors import Unreadable
from chalicelib.model import Window


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
