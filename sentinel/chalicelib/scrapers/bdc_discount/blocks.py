"""What a document is made of, whatever its make: paragraphs and tables in order, each with its place. Plain text is read here.

Quotes and dashes are made plain, one for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

REACH = 6_000
"""How far on in the source words are looked for; tags and entities may part them so that they are not found."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),  # noqa: RUF001  the look-alikes are what is mapped
        **dict.fromkeys("–—‒―−‑‐", "-"),  # noqa: RUF001  as above
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000\t\r\n\f\v\u2028\u2029", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad"),
        "＄": "$",  # noqa: RUF001  as above
        "﹩": "$",
    }
)

_ENDS = re.compile(r"(?<=[.!?;])(?<!\.\.)[\"')]*\s+(?=[\"'(]*[A-Z0-9$•*])|\s*[•▪●◦·]\s*")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Inc|Corp|Co|Ltd|LLC|L\.P|LP|No|Mr|Ms|Mrs|Dr|vs|approx|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|St|Jr|Sr|[A-Z])\.)[\"')]*$"
)


_MARK = r"(?:-{1,2}|[*•▪●◦·])\s+(?=[A-Z\"'$(])"
"""What an item of a list begins with where the list is typed."""
_MARK_ALONE = re.compile(r"[^\w\s$€£]{1,2}|[oüØ§]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]")


_GLUED = re.compile(r"^(?P<label>[^$]*[a-z)])(?P<figure>\$\d[\d,]*(?:\.\d+)?)\s*$")
"""A line of a table of two columns that a copy ran together: `Net asset value per share$10.23`."""


_CLOSE = re.compile(r"(?P<label>\s*[A-Za-z][^$]*[A-Za-z)])\s(?P<figure>\$\s?\d[\d,]*(?:\.\d+)?\s*)$")
"""A label and its first figure with one blank between them, before other figures."""


@dataclass(frozen=True)
class Cell:
    """One cell: its words and the columns `[first, last)` it spans."""

    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Paragraph:
    """Running text. `offset`: where about in the document it begins. `heading`: it is marked as one."""

    text: str
    offset: int
    heading: bool = False


@dataclass(frozen=True)
class Grid:
    """A table; empty cells are left out."""

    rows: tuple[tuple[Cell, ...], ...]
    offset: int


@dataclass(frozen=True)
class Page:
    """A document: its title, its blocks in order and the source they came from."""

    title: str
    blocks: tuple[Paragraph | Grid, ...]
    source: str

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences of its paragraphs, in order."""
        return tuple(sentence for block in self.blocks if isinstance(block, Paragraph) for sentence, _ in cut(block.text))

    def offset_of(self, words: str, after: int) -> int:
        """Where about in the source `words` stand, at or after `after`."""
        at = self.source.find(words, after, after + REACH)
        return at if at >= 0 else after


def plain(text: str) -> str:
    """Text with plain quotes, dashes and single blanks."""
    return re.sub(r" {2,}", " ", text.translate(_PLAIN)).strip()


def unmarked(text: str) -> str:
    """An item of a typed list without its mark."""
    return re.sub(rf"^{_MARK}", "", text)


def items_of(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The items of a table that only sets out a list: a mark and a text in each row, or a text alone; none of any other table."""
    told = [[cell.text for cell in row if not _MARK_ALONE.fullmatch(cell.text)] for row in rows if row]
    return [texts[0] for texts in told if texts] if all(len(texts) <= 1 for texts in told) else []


def cut(text: str) -> Iterator[tuple[str, int]]:
    """A paragraph's sentences, each with its place in it."""
    start = 0
    for found in _ENDS.finditer(text):
        if _ABBREVIATED.search(text[max(0, found.start() - 12) : found.start()]):
            continue
        if text.count("(", start, found.start()) > text.count(")", start, found.start()):
            continue
        if piece := text[start : found.start()].strip():
            yield piece, start
        start = found.end()
    if piece := text[start:].strip():
        yield piece, start


def read_plain(source: str, offset: int = 0) -> Page:
    """Plain text: paragraphs end at an empty line; lines with columns parted by blanks or tabs are a table's rows."""
    blocks: list[Paragraph | Grid] = []
    for found in re.finditer(r"(?:[^\n]*\S[^\n]*(?:\n|$))+", source):
        lines = [_GLUED.sub(r"\g<label>   \g<figure>", line) for line in found[0].split("\n")]
        told = [re.sub(rf"^\s*{_MARK}", "", line) for line in lines]
        columned = [line for line in told if re.search(r"\S(?:\t| {3,}|\s*\.{4,}\s*|\s*\|\s*)\S", line)]
        if len(columned) >= 2 or (columned and len(lines) <= 3):
            rows = tuple(_plain_row(line) for line in lines if line.strip())
            blocks.append(Grid(rows, offset + found.start()))
        else:
            parts = re.split(rf"\n(?=\s*{_MARK})", found[0])
            items = [unmarked(plain(part.replace("\n", " "))) for part in parts]
            blocks += [Paragraph(item, offset + found.start()) for item in items]
    first = next((block.text for block in blocks if isinstance(block, Paragraph)), "")
    return Page(first[:300], tuple(blocks), source)


def _plain_row(line: str) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for piece in re.finditer(r"(?:(?!\t| {3,}|\.{4,}|\|).)+", line):
        text, end = plain(piece[0]), piece.end()
        if cells == [] and end < len(line.rstrip()) and (close := _CLOSE.match(piece[0])):
            cells.append(Cell(plain(close["label"]), piece.start(), piece.start() + close.end("label")))
            cells.append(Cell(plain(close["figure"]), piece.start() + close.start("figure"), end))
        elif text and not re.fullmatch(r"[-=_+]+", text):
            cells.append(Cell(text, piece.start(), max(piece.start() + 1, end)))
    return tuple(cells)
