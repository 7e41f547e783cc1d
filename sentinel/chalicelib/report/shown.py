"""What a page may show: text without controls, addresses only of https, documents named once, numbers as JSON numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeAlias

from chalicelib.messages.words import safe_link
from chalicelib.model import Alert, Level, Signal
from chalicelib.report.words import count

Chart: TypeAlias = dict[str, Any]
"""What the page's script draws: `x` in seconds, `labels`, `series`, `thresholds`, `alerts`."""
NAME_LENGTH = 80
WORDS_LENGTH = 400
NAMED = 9
"""Names with a colour of their own in a chart; the rest are added up."""
DAY = "\u0001"
"""Stands for a row's own day in words that differ by it alone, so that they are kept once."""
link = lru_cache(maxsize=4096)(safe_link)
"""The address when a reader may be sent there, as in messages; empty for any other. A page names few addresses many times."""
_KEPT_MARKS = {"\n": " ", "\r": " ", "\t": " "}


@dataclass(frozen=True)
class Past:
    """A scraper's signals, oldest first, with when each became known, its alerts by window and the thresholds in force."""

    scraper: str
    kind: str
    signals: Sequence[tuple[Signal, datetime]]
    alerts: Mapping[str, Sequence[tuple[Level, Alert]]]
    limits: Mapping[str, Decimal]

    @property
    def latest(self) -> Signal | None:
        """The newest signal, with a headline or without."""
        return self.signals[-1][0] if self.signals else None


@dataclass
class Documents:
    """Addresses and the words read there, each pair once; a cell names it by its number."""

    pairs: list[list[str]] = field(default_factory=list)
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def number(self, url: str, words: str = "", day: str = "") -> int:
        """The pair's number; `day` in the words is kept as a mark, for the row to fill in."""
        shown = text(words.replace(day, DAY) if day else words, WORDS_LENGTH)
        pair = (link(url), shown)
        if pair not in self._numbers:
            self._numbers[pair] = len(self.pairs)
            self.pairs.append(list(pair))
        return self._numbers[pair]


def text(value: object, length: int = NAME_LENGTH) -> str:
    """`value` without controls and marks that turn the direction of writing, cut with an ellipsis."""
    raw = "" if value is None else str(value)[: 4 * length]
    kept = raw if raw.isprintable() else "".join(
        _KEPT_MARKS.get(c, c)
        for c in raw
        if c in _KEPT_MARKS or c == DAY or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
    )  # fmt: skip
    return kept if len(kept) <= length else kept[: length - 1] + "…"


def number(value: object) -> float | int | None:
    """A stored decimal text, or a Decimal, as the page's number; None for none."""
    if value is None or value == "":
        return None
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def seconds(day: date) -> int:
    """Midnight UTC of `day` as the charts count time."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def mapping(value: object) -> Mapping[str, Any]:
    """`value` when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Mapping[str, Any]]:
    """The mappings of a sequence."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []


def stacks(amounts: Mapping[str, Sequence[Decimal | None]]) -> Iterator[dict[str, Any]]:
    """A stacked series for each of the names with the largest amounts, and one for the rest together; None is no bar."""
    ordered = sorted(amounts, key=lambda name: (-sum(abs(each or Decimal(0)) for each in amounts[name]), name))
    for name in ordered[:NAMED]:
        yield {"label": text(name, 40), "kind": "stack", "values": [number(each) for each in amounts[name]]}
    if rest := ordered[NAMED:]:
        sums = [
            sum((each or Decimal(0) for each in place), Decimal(0))
            for place in zip(*(amounts[name] for name in rest), strict=True)
        ]
        label = count(len(rest), "other", "others")
        yield {"label": label, "kind": "stack", "values": [number(each) if each else None for each in sums]}


def chart(past: Past, widest_gap: timedelta, names: Mapping[str, str]) -> tuple[Chart, list[Signal | None]]:
    """An empty chart over the windows of `past`, and the signal at each place; None marks a gap no line may bridge."""
    places: list[Signal | None] = []
    x: list[int] = []
    for signal, _ in past.signals:
        before = places[-1] if places else None
        if before is not None and signal.as_of - before.as_of > widest_gap:
            x.append((seconds(before.as_of) + seconds(signal.as_of)) // 2)
            places.append(None)
        if before is not None and signal.as_of <= before.as_of:
            continue
        x.append(seconds(signal.as_of))
        places.append(signal)
    alerts = [
        {"at": n, "level": level, "words": text(alert.headline, WORDS_LENGTH)}
        for n, signal in enumerate(places)
        if signal is not None
        for level, alert in past.alerts.get(signal.window, ())
    ]
    labels = ["" if each is None else each.window for each in places]
    return {**names, "x": x, "labels": labels, "series": [], "thresholds": [], "alerts": alerts}, places
