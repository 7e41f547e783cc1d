"""What a member means: lending to non-bank financial firms (and of which kind), its opposite, another cut, or not yet ruled on.

Rules are data (`members.json`). Pure.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

Role = Literal["ndfi", "opposite", "never", "neutral", "parent", "other", "unmapped"]
"""`never`: a cut that is not a class of loans (held for sale, past due, vintage); `neutral`: says nothing of which loans
are meant (all operating segments, credit as the kind of concentration); `parent`: a larger class that may stand beside
its part; `other`: a class of loans that is no lending to non-bank financial firms."""


@dataclass(frozen=True)
class Verdict:
    """What a member on an axis means; `kind` of exposure only for `ndfi`."""

    role: Role
    kind: str | None = None


@dataclass(frozen=True)
class _Rules:
    never_axes: re.Pattern[str]
    never: re.Pattern[str]
    neutral_axes: re.Pattern[str]
    neutral: re.Pattern[str]
    left_out: re.Pattern[str]
    opposite: re.Pattern[str]
    whole: re.Pattern[str]
    division: re.Pattern[str]
    ndfi: tuple[tuple[str, re.Pattern[str]], ...]
    parent: re.Pattern[str]
    in_doubt: re.Pattern[str]
    other: re.Pattern[str]
    segments: re.Pattern[str]


@cache
def _rules() -> _Rules:
    data = json.loads(resources.files(__package__).joinpath("members.json").read_text())

    def any_of(patterns: list[str]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))

    return _Rules(
        never_axes=any_of(data["never"]["axes"]),
        never=any_of(data["never"]["members"]),
        neutral_axes=any_of(data["neutral"]["axes"]),
        neutral=any_of(data["neutral"]["members"]),
        left_out=re.compile(data["left-out"]),
        opposite=any_of(data["opposite"]),
        whole=re.compile(data["divisions"]["whole"]),
        division=re.compile(data["divisions"]["parts"]),
        ndfi=tuple((kind, any_of(patterns)) for kind, patterns in data["ndfi"].items()),
        parent=any_of(data["parent"]),
        in_doubt=any_of(data["in-doubt"]),
        other=any_of(data["other"]),
        segments=any_of(data["segments"]),
    )


@lru_cache(maxsize=16384)
def classify(axis: str, member: str) -> Verdict:
    """The verdict on `member` (a local name, with or without its final `Member`) on `axis`."""
    rules = _rules()
    name = re.sub(r"(?:Member|Domain)$", "", member)
    if rules.never_axes.search(axis) or rules.never.search(name):
        return Verdict("never")
    if rules.neutral_axes.search(axis) or rules.neutral.search(name):
        return Verdict("neutral")
    head, *left_out = rules.left_out.split(name, maxsplit=1)
    kind = _kind(head)
    if left_out and kind is not None and _kind(left_out[0]) not in (None, kind, "other"):
        return Verdict("ndfi", kind)
    if rules.opposite.search(name):
        return Verdict("opposite")
    if kind is not None:
        return Verdict("ndfi", kind)
    if rules.parent.search(name):
        return Verdict("parent")
    known = rules.other.search(name) or ("BusinessSegment" in axis and rules.segments.search(name))
    in_doubt = rules.in_doubt.search(name) and "BusinessSegment" not in axis
    return Verdict("other" if known and not in_doubt else "unmapped")


def _kind(name: str) -> str | None:
    return next((kind for kind, pattern in _rules().ndfi if pattern.search(name)), None)


@lru_cache(maxsize=4096)
def divides(whole: str, part: str) -> bool:
    """Whether the class `part` is by its name one of those that lending of the class `whole` is divided into."""
    rules = _rules()
    return bool(rules.whole.search(whole) and not rules.division.search(whole) and rules.division.search(part))
