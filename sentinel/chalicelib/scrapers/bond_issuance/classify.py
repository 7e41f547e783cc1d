"""What a 424B offers, and whether it is final, from its first pages alone: most filings are bank notes that end here.

Words that name a whole family of deals (a pool of receivables, a note linked to something, an exchange) decide first; then
the earliest words that name an offered security.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from chalicelib.scrapers.bond_issuance import cover as covers
from chalicelib.scrapers.bond_issuance.cover import Cover

Kind = Literal["debt", "convertible", "preferred", "equity", "structured-note", "exchange", "asset-backed", "other"]
Status = Literal["final", "preliminary"]

_PHRASES: dict[str, tuple[str, ...]] = {
    name: tuple(phrases) for name, phrases in json.loads(files(__package__).joinpath("phrases.json").read_text("utf-8")).items()
}
"""What covers of each kind say, lower case with single blanks."""
_HEADED = re.compile(r"^[^\w\n]*preliminary\s+(?:prospectus|pricing)\s+supplement\b", re.IGNORECASE | re.MULTILINE)
_COUNTED = re.compile(r"\d[\d,]+ (?:[\w-]+ ){0,6}?(?:shares|units|adss|warrants|rights|american depositary)\b")
_DEPOSITARY = re.compile(r"(?<!american )depositary shares")
_REMARKETED = re.compile(r"\bremarketing of\b|\bremarketed\b")
_PROGRAMME = re.compile(
    r"(?:medium[ -]+term|internotes|notes)[^.]{0,120}?\bdue (?:from )?(?:at least )?(?:nine|9|twelve|12|one|1|two|2|more than)\b"
    r"[^.]{0,40}?(?:month|year|day)"
)


@dataclass(frozen=True)
class Verdict:
    """What a filing is. `reason`: the words that decided; `sure` False when another kind was nearly as well spoken for."""

    kind: Kind
    status: Status
    reason: str
    sure: bool
    cover: Cover


@dataclass(frozen=True)
class _Front:
    """The cover in one form for every search: lower case, one blank between words. `title_at` is the first title's place."""

    words: str
    lines: frozenset[str]
    title_at: int | None
    titled: int
    priced: int


def classify(text: str, *, form: str = "", sic: Sequence[str] = ()) -> Verdict:
    """The kind and status of the document whose first pages are `text`."""
    cover = covers.read(text)
    top = " ".join(text[: cover.start + 6000].lower().split())
    blank = _first(top, _PHRASES["preliminary"]) or _HEADED.search(text, cover.start, cover.start + 6000)
    status: Status = "preliminary" if blank else "final"
    kind, reason, sure = _kind(_front(text, cover), cover, form, sic)
    return Verdict(kind, status, reason, sure, cover)


def _front(text: str, cover: Cover) -> _Front:
    """What the searches look at."""
    offered = [offer for offer in cover.offered if offer.title.start < cover.start + 6000]
    stretch = text[cover.start : cover.start + 5500]
    place = None
    if offered:
        place = len(" ".join(text[cover.start : offered[0].title.title_at].lower().split()))
    priced = sum(1 for offer in offered if offer.amount is not None and (offer.title.rate is not None or offer.title.floating))
    lines = frozenset(" ".join(line.lower().split()) for line in stretch[:2500].split("\n"))
    return _Front(" ".join(stretch.lower().split()), lines, place, len(offered), priced)


def _first(words: str, phrases: Iterable[str], stop: int | None = None) -> tuple[int, str] | None:
    """The earliest of `phrases` in `words[:stop]`, with its place."""
    found = [(place, phrase) for phrase in phrases if (place := words.find(phrase, 0, stop)) >= 0]
    return min(found) if found else None


def _kind(front: _Front, cover: Cover, form: str, sic: Sequence[str]) -> tuple[Kind, str, bool]:
    """Families first, then whichever security the cover names first."""
    if "6189" in sic:
        return "asset-backed", "SIC 6189", True
    if form.startswith("497"):
        return "other", f"form {form}", True
    family = _family(front) or _no_sale(front)
    if family:
        return (*family, True)
    rivals: list[tuple[int, Kind, str]] = []
    preferred = _first(front.words, _PHRASES["preferred"])
    depositary = _DEPOSITARY.search(front.words)
    if preferred:
        place = min(preferred[0], depositary.start()) if depositary else preferred[0]
        rivals.append((place, "preferred", preferred[1]))
    equity = _first(front.words, _PHRASES["equity"])
    counted = _COUNTED.search(front.words)
    places = [(hit[0], hit[1]) for hit in (equity, (counted.start(), counted[0]) if counted else None) if hit]
    if places:
        rivals.append((min(places)[0], "equity", min(places)[1]))
    if front.title_at is not None:
        titles = " ".join(offer.title.words for offer in cover.offered).lower()
        convertible = any(word in titles for word in ("convertible", "exchangeable", "liquid yield", "lyon"))
        rivals.append((front.title_at, "convertible" if convertible else "debt", cover.offered[0].title.words))
    return _earliest(front, sorted(rivals)) if rivals else _untitled(front)


def _earliest(front: _Front, rivals: list[tuple[int, Kind, str]]) -> tuple[Kind, str, bool]:
    """The security named first; a preferred share may be printed after its count of shares."""
    place, kind, words = rivals[0]
    if kind == "equity" and any(other == "preferred" and at - place < 160 for at, other, _ in rivals[1:]):
        kind = "preferred"
    if kind in ("equity", "preferred"):
        limited = "up to $" in front.words[:3000] and "any combination of" not in front.words[:3000]
        if sum(line in front.lines for line in _PHRASES["generic"]) >= 3 and not limited:
            return "other", "a shelf of several securities", True
        if kind == "preferred" and "common stock" in front.words[:place]:
            kind = "equity"
    return kind, " ".join(words.split()), True


def _family(front: _Front) -> tuple[Kind, str] | None:
    """Families whose words decide whatever else the cover says: pools, linked notes, exchanges."""
    pooled = _first(front.words, _PHRASES["pooled"])
    if pooled and (not front.priced or _leads(front, pooled[0])):
        return "asset-backed", pooled[1]
    linked = [phrase for phrase in _PHRASES["linked"] if phrase in front.words]
    strong = any(word in phrase for phrase in linked for word in _PHRASES["strong"])
    if len(linked) >= (3 if front.priced else 2) or (strong and (len(linked) >= 2 or not front.priced)):
        return "structured-note", ", ".join(phrase.strip() for phrase in linked[:3])
    exchange = _first(front.words, _PHRASES["exchange"], 3000)
    if exchange and _leads(front, exchange[0]):
        return "exchange", exchange[1]
    return None


def _leads(front: _Front, place: int) -> bool:
    """Whether words stand before the first title or inside it: what is said later is said about it."""
    return front.title_at is None or place < front.title_at + 80


def _no_sale(front: _Front) -> tuple[Kind, str] | None:
    """Filings that sell nothing new: remarketings, resales by holders, funds, a programme's own prospectus."""
    updated = front.words.find("updates and supplements the", 0, 2500)
    if updated >= 0 and _leads(front, updated):
        return "other", "a supplement that brings a prospectus up to date"
    if not front.titled and "proxy statement" in front.words[:1500]:
        return "other", "a proxy statement"
    remarketed = _REMARKETED.search(front.words[:3000])
    if remarketed and _leads(front, remarketed.start()):
        return "other", "a remarketing"
    resale = _first(front.words, _PHRASES["sellers"], 3500)
    if resale and front.titled and not _shares_first(front):
        return "other", f"a resale: {resale[1]}"
    fund = _first(front.words, _PHRASES["fund"], 3000)
    if fund and not front.titled and not _first(front.words, _PHRASES["equity"], 1500):
        return "other", fund[1]
    programme = _PROGRAMME.search(front.words[:3500])
    if programme and not front.priced and "pricing supplement no" not in front.words[:1500]:
        return "other", f"a programme: {programme[0]}"
    return None


def _shares_first(front: _Front) -> bool:
    """Whether the cover names shares before any title of notes."""
    shares = _first(front.words, _PHRASES["equity"])
    counted = _COUNTED.search(front.words)
    places = [each for each in (shares[0] if shares else None, counted.start() if counted else None) if each is not None]
    return front.title_at is not None and bool(places) and min(places) < front.title_at


def _untitled(front: _Front) -> tuple[Kind, str, bool]:
    """A cover that names no security by title: a pricing supplement of labels and values, or something else."""
    labels = [label for label in _PHRASES["labels"] if label in front.words]
    if len(labels) >= 4 and ("pricing supplement" in front.words or "term sheet" in front.words):
        return "debt", f"labels of a pricing supplement: {', '.join(labels[:4])}", True
    return "other", "no security named on the cover", False
