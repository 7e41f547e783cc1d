"""Credit ratings as agencies write them, and whether a set of them is investment grade: every one at least Baa3 or BBB-."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MOODYS = tuple("Aaa Aa1 Aa2 Aa3 A1 A2 A3 Baa1 Baa2 Baa3 Ba1 Ba2 Ba3 B1 B2 B3 Caa1 Caa2 Caa3 Ca".split())  # noqa: SIM905 -- a scale reads best as one line
_OTHERS = tuple("AAA AA+ AA AA- A+ A A- BBB+ BBB BBB- BB+ BB BB- B+ B B- CCC+ CCC CCC- CC".split())  # noqa: SIM905 -- as above
_LAST_INVESTMENT = 9
_AGENCIES = (
    ("Moody's", re.compile(r"moody", re.IGNORECASE)),
    ("S&P", re.compile(r"s\s*&\s*p|standard\s*(?:&|and)\s*poor", re.IGNORECASE)),
    ("Fitch", re.compile(r"fitch", re.IGNORECASE)),
    ("DBRS", re.compile(r"dbrs|morningstar", re.IGNORECASE)),
    ("KBRA", re.compile(r"kbra|kroll", re.IGNORECASE)),
)
_GRADE = re.compile(
    r"(?<![A-Za-z+])(?:(?P<moodys>Aaa|Aa[123]|A[123]|Baa[123]|Ba[123]|B[123]|Caa[123]|Ca)"
    r"|(?P<other>AAA|AA|A|BBB|BB|B|CCC|CC)(?P<mark>[+-]?))(?![A-Za-z0-9])"
)


@dataclass(frozen=True)
class Rating:
    """One agency's rating: `Moody's` `Aa2`, `S&P` `AA+`."""

    agency: str
    grade: str

    @property
    def investment(self) -> bool:
        """Whether it is Baa3 / BBB- or better."""
        scale = _MOODYS if self.grade in _MOODYS else _OTHERS
        return scale.index(self.grade) <= _LAST_INVESTMENT


def find(text: str) -> tuple[Rating, ...]:
    """The ratings in a term sheet's line: `Moody's: Aa2 (Stable); S&P: AA+`, `A1 by Moody's Investors Service`, `A2 / A / A+`."""
    text = text.replace("\u2212", "-").replace("\u2013", "-")
    marks = sorted((hit.start(), name) for name, pattern in _AGENCIES for hit in pattern.finditer(text))
    hits = [hit for hit in _GRADE.finditer(text) if not _in_a_name(text, hit.start())]
    grades = [(hit.start(), hit["moodys"] or hit["other"] + hit["mark"]) for hit in hits]
    if not grades:
        return ()
    agencies = [name for _, name in marks]
    if len(set(agencies)) == len(agencies) == len(grades):
        return tuple(Rating(name, grade) for name, (_, grade) in zip(agencies, grades, strict=True))
    found: dict[str, str] = {}
    for at, grade in grades:
        nearest = min(marks, key=lambda mark: abs(mark[0] - at), default=(0, ""))[1]
        found.setdefault(nearest or ("Moody's" if grade in _MOODYS else "S&P"), grade)
    return tuple(Rating(agency, grade) for agency, grade in found.items())


def _in_a_name(text: str, at: int) -> bool:
    """Whether a letter that could be a grade is a word of prose (`A securities rating`)."""
    return (
        text[at] == "A" and re.match(r"A\s+[a-z]", text[at : at + 3]) is not None and not re.match(r"A\s+by\b", text[at : at + 6])
    )


def all_investment(ratings: Sequence[Rating] | Iterable[Rating]) -> bool | None:
    """Whether the lowest rating is investment grade; None without ratings."""
    listed = list(ratings)
    return all(rating.investment for rating in listed) if listed else None
