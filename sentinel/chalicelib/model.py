"""The values every floor shares: windows, items, observations, signals, alerts.

Frozen, typed, standard library only. Money and rates are `Decimal`; days are `date`; instants are aware UTC `datetime`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from chalicelib.errors import BadEvent

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"
"""What may be stored beside an amount: JSON without floats; an amount inside it is decimal text, `"2500000000"`."""

Confidence = Literal["high", "medium", "low"]
Level = Literal["alert", "medium", "high"]
LEVELS: tuple[Level, ...] = ("alert", "medium", "high")
"""Alert tiers, mildest first."""

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")


@dataclass(frozen=True, order=True)
class Window:
    """A period a run speaks of: an ISO week `2026-W47`, a day `2026-11-23` or a calendar quarter `2026Q3`.

    `first` and `last` are its first and last day, both inside it. Windows of one kind sort by time.
    """

    first: date
    last: date
    name: str

    @classmethod
    def parse(cls, text: str) -> Window:
        """The window `text` names; raises `BadEvent` when it names none."""
        try:
            if week := _WEEK.fullmatch(text):
                monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
                return cls(monday, monday + timedelta(days=6), text)
            if _DAY.fullmatch(text):
                day = date.fromisoformat(text)
                return cls(day, day, text)
            if quarter := _QUARTER.fullmatch(text):
                year, number = int(quarter[1]), int(quarter[2])
                after = date(year + number // 4, number % 4 * 3 + 1, 1)
                return cls(date(year, number * 3 - 2, 1), after - timedelta(days=1), text)
        except ValueError as error:
            raise BadEvent(f"window {text!r}: {error}") from error
        raise BadEvent(f"window {text!r}: expected a week 2026-W47, a day 2026-11-23 or a quarter 2026Q3")

    @classmethod
    def week_of(cls, day: date) -> Window:
        """The ISO week `day` lies in."""
        year, week, _ = day.isocalendar()
        return cls.parse(f"{year}-W{week:02d}")

    @classmethod
    def quarter_of(cls, day: date) -> Window:
        """The calendar quarter `day` lies in."""
        return cls.parse(f"{day.year}Q{(day.month + 2) // 3}")

    @classmethod
    def day_of(cls, day: date) -> Window:
        """The window of one day."""
        return cls(day, day, day.isoformat())

    @property
    def kind(self) -> Literal["week", "day", "quarter"]:
        """Which of the three kinds this is."""
        if "W" in self.name:
            return "week"
        return "quarter" if "Q" in self.name else "day"

    def before(self) -> Window:
        """The window of the same kind that ends the day before this one begins."""
        eve = self.first - timedelta(days=1)
        return {"week": Window.week_of, "day": Window.day_of, "quarter": Window.quarter_of}[self.kind](eve)

    def after(self) -> Window:
        """The window of the same kind that begins the day after this one ends."""
        morrow = self.last + timedelta(days=1)
        return {"week": Window.week_of, "day": Window.day_of, "quarter": Window.quarter_of}[self.kind](morrow)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Expect:
    """How large a healthy run is: how many items it has (inclusive), and which share of them must be read (0 to 1)."""

    items: tuple[int, int]
    coverage: Decimal


@dataclass(frozen=True)
class Item:
    """One thing a run has to read: a filing, a fund's feeds, a slice of an archive.

    `key` is unique among the scraper's items and stable from run to run. `version` changes when the thing must be read
    again although its key is the same (an ETag; the day of a quote). `replaces`: the item's observations are all its
    document says, so one that a later reading no longer gives is withdrawn. `detail` is the scraper's own; `beside` in it says
    that the headline does not rest on the item: one that cannot be read withholds nothing.
    """

    key: str
    label: str
    url: str = ""
    version: str = ""
    replaces: bool = False
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Observation:
    """One number, or one fact, with where it was read and how sure we are.

    `key` names the fact for good, over revisions and runs: `0001193125-25-261740/3`. `as_of` is the day it speaks of,
    `known_at` when the world could know it. `value` is in `unit` (ISO currency code, `USD/share`, `ratio`, `pct`, `count`);
    None when the source gives none. `words` are the exact words it was read from, `offset` their place in the document.
    """

    key: str
    kind: str
    subject: str
    as_of: date
    known_at: datetime
    value: Decimal | None
    unit: str
    confidence: Confidence
    source: str
    words: str = ""
    offset: int | None = None
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """Something a run must say aloud although it is no number: two sources that disagree, a wrong id, an unmapped member.

    `kind` is one of a few fixed words (`disagreement`, `wrong-id`, `unmapped-member`, `feed-health`, `held`, ...).
    """

    kind: str
    subject: str
    words: str
    source: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Contributor:
    """One of the largest parts of a headline: its name, its amount in the headline's unit, the document it came from."""

    name: str
    value: Decimal
    source: str


@dataclass(frozen=True)
class Signal:
    """What a run concludes. `headline` is in `unit`, None when it cannot be had, and then `withheld` says why.

    `change` is against `compared_with` (a window's name), in the headline's unit unless `change_unit` says `ratio`.
    `coverage` is the share (0 to 1) of what was due that was read. `data` holds the scraper's own figures.
    """

    scraper: str
    window: str
    as_of: date
    headline: Decimal | None
    unit: str
    coverage: Decimal
    confidence: Confidence
    change: Decimal | None = None
    change_unit: str = ""
    compared_with: str | None = None
    withheld: str | None = None
    contributors: tuple[Contributor, ...] = ()
    data: Mapping[str, Json] = field(default_factory=dict)

    def without_headline(self, why: str) -> Signal:
        """The same signal with its headline withheld because of `why`."""
        return replace(self, headline=None, change=None, withheld=why, confidence="low")


@dataclass(frozen=True)
class Alert:
    """A rule that a signal broke. `rule` is stable (`weekly-volume`, `fund-decline:805-0000000001`).

    `before` and `after` are what moved, from and to, in `unit`; `threshold` is the amount that was crossed, same unit.
    `since` names what `before` speaks of (`2025-W44`); `limit` tells the rule in words where the amount alone would not.
    """

    rule: str
    level: Level
    headline: str
    before: Decimal | None
    after: Decimal
    threshold: Decimal
    unit: str
    why: str
    contributors: tuple[Contributor, ...] = ()
    since: str = ""
    limit: str = ""


@dataclass(frozen=True)
class Stored:
    """An observation as the store keeps it: which item gave it, when we fetched it, and whether it was withdrawn."""

    observation: Observation
    item: str
    fetched_at: datetime
    withdrawn: bool = False


@dataclass(frozen=True)
class Outcome:
    """How reading one item ended.

    `state` is `done`, `parked` (the document changed shape: `evidence` shows where) or `failed` (a passing reason; tried
    again until `attempts` runs out). `version`, `reader` and `generation` tell what was read, by which reader, in which
    generation of the run.
    """

    item: str
    state: Literal["done", "parked", "failed"]
    version: str
    reader: str
    generation: int
    at: datetime
    attempts: int = 1
    observations: int = 0
    error_type: str = ""
    evidence: str = ""
    notices: tuple[Notice, ...] = ()
