"""Filed documents as plain text with places: HTML of any age and plain ASCII, each word traceable to its byte.

One pass over the tags and no tree: memory stays flat, reading may stop early, and no entity, script or link is followed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

_TAG = re.compile(r"(<!--|-->|<(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+>|<[^<>]*+>)")
_NAME = re.compile(r"</?\s*([a-zA-Z][\w:]*)")
_HTML = re.compile(r"<(?:html|body|p|div|td|font|span)\b", re.IGNORECASE)
_PREFORMATTED = re.compile(r"<pre\b", re.IGNORECASE)
_CELLS = re.compile(r"<td\b", re.IGNORECASE)
_BLOCKS = frozenset(
    "p div br hr h1 h2 h3 h4 h5 h6 li ul ol dl dt dd center blockquote pre table tbody caption title page section".split()  # noqa: SIM905  a list of tag names reads as words
)
_HIDDEN = frozenset({"script", "style", "title", "ix:header", "ix:hidden"})
_RAISED = re.compile(r"vertical-align:\s*(?:super|top|sub)|position:\s*relative;[^\"']*(?:top|bottom):\s*-?\d", re.IGNORECASE)
_ODD = str.maketrans(
    {
        **dict.fromkeys(map(chr, (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD))),
        "⁄": "/", "∕": "/", "‑": "-", "‐": "-", "−": "-",  # noqa: RUF001  the look-alikes are what is mapped
        "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8", "⅞": " 7/8",
    }
)  # fmt: skip

_ODDITY = re.compile(f"[{''.join(map(chr, _ODD))}]")
_ENTITY = re.compile(r"&#?\w{1,32};?")

_TEXT, _CELL, _CELL_END, _ROW, _BLOCK, _SPACE, _HIDE, _SHOW = range(8)
_STEP = 40_000
_MARKUP_AT_MOST, _MARKUP_PER_CHARACTER = 1_000_000, 30


@dataclass(frozen=True)
class Text:
    r"""Plain text of a document or of a stretch of it: lines end in `\n`, cells of a row in `\t`, other space is one blank.

    `end` is where in the source reading stopped. `at` and `source` are parallel: text position, byte in the source.
    """

    text: str
    end: int
    at: tuple[int, ...]
    source: tuple[int, ...]
    raw: str

    def and_on(self, limit: int) -> Text:
        """The text carried on until it has about `limit` characters."""
        more = flatten(self.raw, self.end, limit=max(0, limit - len(self.text)))
        shifted = tuple(at + len(self.text) for at in more.at)
        return Text(self.text + more.text, more.end, self.at + shifted, self.source + more.source, self.raw)

    def offset(self, position: int) -> int:
        """The byte of the source at which the word at `position` of the text begins."""
        index = bisect_right(self.at, position) - 1
        if index < 0:
            return 0
        start = self.source[index]
        stop = self.source[index + 1] if index + 1 < len(self.source) else self.end
        word = re.match(r"[\w.,%]+", self.text[position:])
        skip = max(0, position - self.at[index])
        if word and (found := self.raw.find(word[0], start, stop)) >= 0:
            return _nearest(self.raw, word[0], start + skip, start, stop, found)
        return min(start + skip, stop)


def _nearest(raw: str, word: str, wanted: int, start: int, stop: int, first: int) -> int:
    """Of the places of `word` in the stretch, the one nearest to `wanted`."""
    best = first
    at = first
    while at >= 0:
        if abs(at - wanted) < abs(best - wanted):
            best = at
        at = raw.find(word, at + 1, stop)
    return max(best, start)


def is_html(source: str) -> bool:
    """Whether a document's first part is laid out by HTML; old filings are plain text, some of it inside `<PRE>`."""
    if _HTML.search(source, 0, 6000) is None:
        return False
    return _PREFORMATTED.search(source, 0, 6000) is None or _CELLS.search(source, 0, 20_000) is not None


def decode(body: bytes) -> str:
    """One character per byte, so that places in it are bytes; accents are put right as text is read out."""
    return body.decode("latin-1")


def flatten(source: str, start: int = 0, stop: int | None = None, limit: int | None = None) -> Text:
    """The text of `source[start:stop]` (as `decode` gives it), at most about `limit` characters of it."""
    stop = len(source) if stop is None else stop
    return _flatten_html(source, start, stop, limit) if is_html(source) else _flatten_plain(source, start, stop, limit)


def _clean(chunk: str) -> str:
    """A run of source text without entities, odd characters and doubled blanks; a blank at either end stays."""
    return _clean_short(chunk) if len(chunk) <= 12 else _cleaned(chunk)


def _cleaned(chunk: str) -> str:
    if not chunk.isascii():
        try:
            chunk = chunk.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            chunk = chunk.encode("latin-1").decode("cp1252", "replace")
    if "&" in chunk:
        chunk = _ENTITY.sub(_entity, chunk)
    if not chunk.isascii() and _ODDITY.search(chunk):
        chunk = chunk.translate(_ODD)
    words = " ".join(chunk.split())
    if not words:
        return " " if chunk else ""
    return f"{' ' if chunk[0].isspace() else ''}{words}{' ' if chunk[-1].isspace() else ''}"


_clean_short = lru_cache(maxsize=8192)(_cleaned)


def _entity(found: re.Match[str]) -> str:
    return _unescaped(found[0])


_unescaped = lru_cache(maxsize=1024)(unescape)


@lru_cache(maxsize=4096)
def _action(tag: str) -> int:
    """What a tag does to the text before it."""
    if tag in ("<!--", "-->"):
        return _HIDE if tag == "<!--" else _SHOW
    named = _NAME.match(tag)
    if not named:
        return _TEXT
    name, closing = named[1].lower(), tag[1] == "/"
    if name in _HIDDEN:
        return _SHOW if closing or tag.endswith("/>") else _HIDE
    if name in ("td", "th"):
        return _CELL_END if closing else _CELL
    if name == "tr":
        return _ROW
    if name in _BLOCKS:
        return _BLOCK
    if name in ("sup", "sub") or (name in ("span", "font") and _RAISED.search(tag)):
        return _SPACE
    return _TEXT


class _Pen:
    """Writes words and marks one after the other and remembers which word came from which byte."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.at: list[int] = []
        self.places: list[int] = []
        self.length = 0
        self.fresh = True
        self.in_cell = False
        self.hidden = False

    def take(self, pieces: list[str], place: int) -> None:
        """Text and tags in turn, as split; `place` is the source's byte of the first."""
        tags = pieces[1::2]
        tags.append("")
        for chunk, tag in zip(pieces[::2], tags, strict=True):
            if chunk and not self.hidden:
                self.words(chunk, place)
            place += len(chunk) + len(tag)
            action = _action(tag)
            if action:
                self.mark(action)

    def words(self, chunk: str, place: int) -> None:
        """A run of text; blanks at its edges are kept as one, and dropped where the line begins or a blank stands."""
        words = _clean(chunk)
        if self.fresh:
            words = words.lstrip()
        if not words:
            return
        if words != " ":
            self.at.append(self.length)
            self.places.append(place)
        self.out.append(words)
        self.length += len(words)
        self.fresh = words[-1] == " "

    def mark(self, action: int) -> None:
        """What a tag does: ends a cell, a row or a block, parts two words, hides text or shows it again."""
        if action == _BLOCK and self.in_cell:
            action = _SPACE
        if action == _SPACE:
            sign = "" if self.fresh else " "
        elif action == _CELL_END:
            self.in_cell, sign = False, "\t"
        elif action in (_ROW, _BLOCK):
            self.in_cell, sign = False, "\n"
        else:
            sign = ""
            if action == _CELL:
                self.in_cell = True
            else:
                self.hidden = action == _HIDE
        if sign:
            self.out.append(sign)
            self.length += 1
            self.fresh = True


def _flatten_html(source: str, start: int, stop: int, limit: int | None) -> Text:
    """As `flatten`, of HTML. The source is cut into steps, so that reading the front costs only the front."""
    pen, place = _Pen(), start
    if limit is not None:
        stop = min(stop, start + _MARKUP_AT_MOST + _MARKUP_PER_CHARACTER * limit)
    while place < stop and (limit is None or pen.length < limit):
        edge = min(stop, place + _STEP)
        cut = source.rfind("<", place, edge) if edge < stop else edge
        edge = cut if cut > place else edge
        pen.take(_TAG.split(source[place:edge]), place)
        place = edge
    return Text("".join(pen.out), place, tuple(pen.at), tuple(pen.places), source)


_LONGEST_LINE = 20_000
_SGML = re.compile(r"</?[A-Za-z][^<>]*+>")
_COLUMNS = re.compile(r"(?<=\S)(?:\s*+(?:\.\s?){3,}+\s*+| {2,}+|\t++)(?=\S)")


def _flatten_plain(source: str, start: int, stop: int, limit: int | None) -> Text:
    """As `flatten`, of plain text: leaders and runs of blanks between words become cell ends, tags of tables vanish."""
    out: list[str] = []
    at: list[int] = []
    places: list[int] = []
    length, place = 0, start
    while place < stop and (limit is None or length < limit):
        bound = min(stop, place + _LONGEST_LINE)
        edge = source.find("\n", place, bound)
        edge = bound if edge < 0 else edge + 1
        line = source[place:edge]
        if "<" in line:
            line = _SGML.sub(lambda tag: " " * len(tag[0]), line)
        cells = "\t".join(" ".join(_clean(cell).split()) for cell in _COLUMNS.split(line.strip()))
        at.append(length)
        places.append(place + len(line) - len(line.lstrip()))
        out.append(f"{cells}\n")
        length += len(cells) + 1
        place = edge
    return Text("".join(out), place, tuple(at), tuple(places), source)
