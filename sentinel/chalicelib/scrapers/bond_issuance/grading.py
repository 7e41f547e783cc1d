"""Whether a tranche is investment grade, and on what ground: its term sheet's ratings, else the curated list, else unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chalicelib.model import Json, Observation
from chalicelib.scrapers.bond_issuance import pairing
from chalicelib.scrapers.bond_issuance.ratings import Rating, all_investment


@dataclass(frozen=True)
class Grade:
    """`basis`: `term-sheet`, `watch-list` or `unknown`; `words` name the ratings or the list's reason with its day."""

    grade: Literal["investment", "speculative", "unknown"]
    basis: Literal["term-sheet", "watch-list", "unknown"]
    words: str
    source: str = ""


def grade(tranche: Observation, sheets: Sequence[Observation]) -> Grade:
    """The grade of a tranche; the lowest rating decides."""
    joined = pairing.sheet_for(tranche, sheets)
    if joined:
        ratings = _ratings(joined[0].detail)
        verdict = all_investment(ratings)
        if verdict is not None:
            words = ", ".join(f"{rating.agency} {rating.grade}" for rating in ratings)
            return Grade("investment" if verdict else "speculative", "term-sheet", words, joined[0].source)
    listed = pairing.text(tranche.detail, "grade")
    words = f"{pairing.text(tranche.detail, 'grade_reason')} (as of {pairing.text(tranche.detail, 'grade_as_of')})"
    if listed == "investment":
        return Grade("investment", "watch-list", words)
    if listed == "speculative":
        return Grade("speculative", "watch-list", words)
    return Grade("unknown", "unknown", "neither a term sheet with ratings nor an entry on the watch list")


def _ratings(detail: Mapping[str, Json]) -> list[Rating]:
    value = detail.get("ratings")
    listed = value if isinstance(value, list | tuple) else []
    return [Rating(str(each["agency"]), str(each["rating"])) for each in listed if isinstance(each, Mapping)]
