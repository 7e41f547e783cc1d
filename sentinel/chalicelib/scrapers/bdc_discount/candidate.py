"""What one place in a release says of net asset value per share, and what a release says of its own period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from chalicelib.model import Json

Kind = Literal["final", "preliminary-range", "pro-forma"]
Role = Literal["current", "prior"]
Dated = Literal["stated", "period", "none"]

LEAST, MOST = Decimal("0.50"), Decimal(500)
"""Outside this no listed fund's NAV per share lies; what does is another measure."""
_LEAST_ALIKE, _MOST_ALIKE = Decimal("0.8"), Decimal("1.25")


def alike(one: Decimal, other: Decimal) -> bool:
    """Whether two figures are near enough to be one measure at two times."""
    return bool(other) and _LEAST_ALIKE < one / other < _MOST_ALIKE


@dataclass(frozen=True)
class Candidate:
    """A value (or a range) with its day, and the words it was read from.

    `dated`: the day stands beside the value, or is the release's period. `doubt`: why its own words do not bear it out.
    `lost` says why the rule did not choose it.
    """

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    as_of: date | None
    kind: Kind
    role: Role
    dated: Dated
    words: str
    offset: int
    where: Literal["sentence", "table", "title"]
    currency: str = "USD"
    share_class: str = ""
    doubt: str = ""
    lost: str = ""

    @property
    def figure(self) -> Decimal:
        """The value, or the middle of the range."""
        if self.value is not None:
            return self.value
        return ((self.low or Decimal(0)) + (self.high or Decimal(0))) / 2

    def line(self) -> Mapping[str, object]:
        """As `extract` prints it."""
        return {
            "nav_per_share": self.value,
            "as_of": self.as_of,
            "kind": self.kind,
            "low": self.low,
            "high": self.high,
            "words": self.words,
            "offset": self.offset,
            "currency": self.currency,
            "share_class": self.share_class or None,
            "role": self.role,
            "dated": self.dated,
            "lost": self.lost or None,
        }


@dataclass(frozen=True)
class Period:
    """What is known of a release before its figures are read.

    `released`: the day it was published; `ended`: the last day of the period it reports; `sure`: the release itself names
    that day. `preliminary`: its title or lead calls its figures preliminary.
    `names`: its title, where its issuer is named. `refused`: why its issuer is no business development company.
    """

    released: date | None
    ended: date | None
    sure: bool
    preliminary: bool
    year_end_month: int | None = None
    names: str = ""
    refused: str = ""


def detail(candidate: Candidate) -> dict[str, Json]:
    """What an observation keeps of it beside the value."""
    return {
        "kind": candidate.kind,
        "role": candidate.role,
        "dated": candidate.dated,
        "low": None if candidate.low is None else str(candidate.low),
        "high": None if candidate.high is None else str(candidate.high),
        "where": candidate.where,
    }
