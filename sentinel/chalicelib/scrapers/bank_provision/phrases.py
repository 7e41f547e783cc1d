"""What words stand for in the second reading, as `attachments.json` lists them: classes of phrases, and words asked about.

Pure. A phrase counts only where a word begins and ends; the longest of all classes counts, of two as long the class listed first.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Literal, cast

from chalicelib.scrapers.bank_provision.lexicon import phrases_of

Sort = Literal[
    "provision", "build", "release", "charge-off", "reserve", "lending", "other-lending", "exposure", "them",
    "charged-off", "set-aside", "raised", "released", "took", "was", "rose", "fell", "compared",
    "of-which", "including", "because-of", "apart-from", "mainly", "for", "of", "which", "and", "but",
    "we", "other-bank", "other-time", "unreal", "passing", "amount", "number", "word", "name", "particle",
    "comma", "semicolon", "colon", "open", "close", "dash", "question", "edge",
]  # fmt: skip
"""What a chunk of a sentence may be; an `edge` is beyond its first or last."""
_TABLE = Literal["parts", "classes", "words", "forms"]


@cache
def _table(which: _TABLE) -> list[tuple[str, str, list[str]]]:
    """(name, what it stands for, phrases) in order."""
    read = json.loads(resources.files(__package__).joinpath("attachments.json").read_text("utf-8"))
    return cast(list[tuple[str, str, list[str]]], read[which])


def _any_of(phrases: list[str]) -> str:
    """Any of the phrases, parts put in; a part's own phrases name no part."""
    together = "|".join(phrases)
    for name, _, parts in _table("parts"):
        together = together.replace(f"<{name}>", f"(?:{'|'.join(parts)})")
    return together


def _of_forms(name: str) -> list[str]:
    """What a class has in common with a letter of the forms: its phrases, less those that weigh nothing here."""
    less = {each: (letter, unless) for each, letter, unless in _table("forms")}
    letter, unless = less.get(name, ("", []))
    return [phrase for phrase in phrases_of(letter) if phrase not in unless] if letter else []


@cache
def _classes() -> tuple[tuple[tuple[Sort, re.Pattern[str]], ...], re.Pattern[str]]:
    """Each class, and all of them as one: most words are of none."""
    listed = [
        (cast(Sort, name), rf"(?<![\w$])(?:{_any_of([*phrases, *_of_forms(name)])})(?!\w)")
        for name, _, phrases in _table("classes")
    ]
    every = re.compile("|".join(pattern for _, pattern in listed), re.IGNORECASE)
    return tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in listed), every


def phrase_at(words: str, place: int) -> tuple[Sort, int] | None:
    """The class of the phrase that begins at `place`, and where it ends."""
    classes, every = _classes()
    if every.match(words, place) is None:
        return None
    found = ((name, pattern.match(words, place)) for name, pattern in classes)
    ends = [(name, match.end()) for name, match in found if match is not None]
    return max(ends, key=lambda end: end[1])


@cache
def _word(name: str) -> re.Pattern[str]:
    return re.compile(next(_any_of(phrases) for named, _, phrases in _table("words") if named == name), re.IGNORECASE)


@cache
def _around(name: str, before: str, after: str) -> re.Pattern[str]:
    return re.compile(f"{before}(?:{_word(name).pattern}){after}", re.IGNORECASE)


def called(name: str, words: str) -> bool:
    """Whether the words are one of those listed under a name."""
    return _word(name).fullmatch(words) is not None


def ends_as(name: str, words: str) -> bool:
    """Whether the words end with one of those listed."""
    return _around(name, r"(?<!\w)", r"\s*$").search(words) is not None


def begins_as(name: str, words: str, place: int = 0) -> bool:
    """Whether one of those listed begins at `place`, a space aside."""
    return _around(name, r"\s*", r"(?!\w)").match(words, place) is not None


def holds(name: str, words: str) -> bool:
    """Whether one of those listed is among the words."""
    return _around(name, r"(?<!\w)", r"(?!\w)").search(words) is not None


def named(sort: Sort, words: str) -> bool:
    """Whether a phrase of a class stands among the words."""
    return any(name == sort and pattern.search(words) for name, pattern in _classes()[0])
