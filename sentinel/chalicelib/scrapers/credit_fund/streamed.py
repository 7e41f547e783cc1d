"""Hardened, streamed XML: bytes are pushed in, finished records come out, memory stays that of one block and one record.

No DTD, no entities, no network, no huge_tree: libxml2's own caps (256 levels, 10 MB of text) hold, and tighter ones below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

from chalicelib.errors import Unreadable

Element: TypeAlias = Any
"""An element of lxml, whose published stubs do not know slices of children."""

BLOCK = 1 << 16
"""Bytes given to the parser at a time; between two blocks everything finished is freed."""
HEAD = 1 << 18
"""Within so many bytes the root element must have begun."""
MAX_RECORD = 4_000_000
"""Bytes one record may have."""
MAX_TEXT = 1_000_000
"""Bytes without any tag: longer text is no form."""
_FEW = 12
"""Wanted tags up to which lxml's own choice of children is the faster way."""

ENCODINGS = frozenset({"utf-8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "windows-1252"})
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)([^<>]*)>")
_MARKS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip"),
    (b"{", "JSON"),
    (b"<html", "an HTML page"),
    (b"<!doctype html", "an HTML page"),
)


@dataclass(frozen=True)
class Head:
    """How a document begins: its encoding, its root's start tag and local name, where that tag begins (bytes)."""

    encoding: str
    tag: bytes
    name: str
    namespaces: str
    at: int


def head_of(block: bytes, where: str) -> Head:
    """The beginning of a document; raises `Unreadable` for a DTD, an unknown encoding, or anything that is no XML."""
    if not block.strip():
        raise Unreadable("the document is empty", where=where)
    evidence = block[:200].decode("latin-1")
    for mark, what in _MARKS:
        if block.lstrip()[:20].lower().startswith(mark.lower()):
            raise Unreadable(f"the document is {what}, not XML", where=where, evidence=evidence)
    if b"\0" in block[:4096] or block.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the document is UTF-16, UTF-32 or binary: UTF-8 or ISO-8859-1 is due", where=where, evidence=evidence)
    declared = _DECLARED.search(block, 0, 400)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if encoding not in ENCODINGS:
        raise Unreadable(f"unknown encoding {encoding}", where=where, evidence=evidence)
    at = _past_prologue(block, where)
    root = _ROOT.match(block, at)
    if not root:
        raise Unreadable("no root element", where=f"{where}: byte {at}", evidence=block[at : at + 200].decode("latin-1"))
    return Head(encoding, root[0], root[2].decode(), root[3].decode("latin-1"), at)


def _past_prologue(block: bytes, where: str) -> int:
    """Where the root's start tag begins; a document type declaration is refused unread."""
    at = 3 if block.startswith(b"\xef\xbb\xbf") else 0
    while at < len(block):
        if block[at : at + 1].isspace():
            at += 1
        elif block.startswith((b"<?", b"<!--"), at):
            mark = b"?>" if block.startswith(b"<?", at) else b"-->"
            end = block.find(mark, at)
            if end < 0:
                break
            at = end + len(mark)
        elif block.startswith(b"<!", at):
            words = "a document type declaration (DTD, entities) is never read"
            raise Unreadable(words, where=f"{where}: byte {at}", evidence=block[at : at + 200].decode("latin-1"))
        else:
            return at
    raise Unreadable("no root element", where=f"{where}: byte {at}", evidence=block[:200].decode("latin-1"))


MARK = b"<?root-follows?>"
"""Stands before the root element, so that the tree is reached by one event: events for elements cost a third of the parsing."""


class Pushed:
    """A parser that bytes are pushed into. `records` are the local names of the elements wanted whole.

    `MARK` must stand before the root element. `where` names the file, `base` the byte of it that the first pushed byte is;
    both stand in every error. `parts`: names of the elements met within the outer one called `parts_of`.
    """

    def __init__(self, records: Sequence[str], where: str, base: int = 0, parts_of: str = "") -> None:
        self.parts: set[str] = set()
        self._parts_of = parts_of
        self._names = Keys({name: name for name in records})
        self._tags = [f"{{*}}{name}" for name in records]
        self._where, self._base, self._fed = where, base, 0
        self._mark: Element = None
        self._root: Element = None
        self._open: Element = None
        self._open_since = 0
        self._textual = 0
        self._parser = etree.XMLPullParser(
            events=("pi",),
            remove_comments=True,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )

    def place(self, element: Element = None) -> str:
        """Where reading is, for a message."""
        line = f"line {element.sourceline}, " if element is not None else ""
        return f"{self._where}: {line}before byte {self._base + self._fed}"

    def push(self, data: bytes, *, counted: bool = True) -> Iterator[Element]:
        """Give the parser more bytes; the records that ended in them. `counted`: the bytes are the file's own."""
        for start in range(0, len(data), BLOCK):
            block = data[start : start + BLOCK]
            self._textual = 0 if b"<" in block else self._textual + len(block)
            if self._textual > MAX_TEXT:
                raise Unreadable(f"a text or tag of more than {MAX_TEXT:,} bytes", where=self.place())
            try:
                self._parser.feed(block)
            except etree.XMLSyntaxError as error:
                raise self._unreadable(error) from error
            self._fed += len(block) if counted else 0
            yield from self._finished()

    def finish(self, data: bytes = b"") -> Iterator[Element]:
        """The end of the document; raises `Unreadable` when it is cut off or not well formed."""
        yield from self.push(data, counted=False)
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            raise self._unreadable(error) from error
        self._instructions()
        if self._root is not None:
            yield from self._root.iter(*self._tags)

    def _instructions(self) -> None:
        """Find the root after the mark; any instruction further inside is refused, for it would part a text in two."""
        element: Element
        for _, element in self._parser.read_events():
            if element.getparent() is not None:
                raise Unreadable("a processing instruction among the values", where=self.place(element))
            if self._mark is None and element.target == MARK[2:-2].decode():
                self._mark = element
        if self._root is None and self._mark is not None:
            self._root = self._mark.getnext()
            if self._root is not None and self._root.getroottree().docinfo.internalDTD is not None:
                raise Unreadable("a document type declaration (DTD, entities) is never read", where=self.place())

    def _finished(self) -> Iterator[Element]:
        """The records that are finished: all but the last child, down the path that is still open. They are freed behind us."""
        self._instructions()
        node = self._root
        while node is not None and len(node) and not self._names[node.tag]:
            if self._parts_of and node.tag.rpartition("}")[2] == self._parts_of:
                self.parts.update(child.tag.rpartition("}")[2] for child in node.iterchildren("*"))
            if len(node) > 1:
                for child in node[:-1]:
                    if self._names[child.tag]:
                        yield child
                    elif len(child):
                        yield from child.iter(*self._tags)
                del node[:-1]
            node = node[-1]
        if node is not self._open:
            self._open, self._open_since = node, self._fed
        elif self._fed - self._open_since > MAX_RECORD:
            raise Unreadable(f"an element of more than {MAX_RECORD:,} bytes", where=self.place())

    def _unreadable(self, error: etree.XMLSyntaxError) -> Unreadable:
        line, column = error.position
        words = f"not well-formed XML ({error.msg})"
        return Unreadable(words, where=f"{self._where}: line {line}, column {column} after byte {self._base}")


def read_whole(stream: BinaryIO, records: Sequence[str], where: str, max_bytes: int) -> Iterator[tuple[Head, Element]]:
    """Every record of one document, each with how the document begins. Raises `Unreadable` past `max_bytes`."""
    block = stream.read(HEAD)
    head = head_of(block, where)
    blank = len(block) - len(block.lstrip())  # white space before the declaration is common on EDGAR, and no XML
    block = block[blank : head.at] + MARK + block[head.at :]
    pushed = Pushed(records, where, blank)
    seen = -len(MARK)
    while block:
        seen += len(block)
        if seen > max_bytes:
            raise Unreadable(f"larger than {max_bytes:,} bytes", where=where)
        for element in pushed.push(block):
            yield head, element
        block = stream.read(HEAD)
    for element in pushed.finish():
        yield head, element


class Keys(dict[str, str]):
    """Qualified tag to the name kept for it, empty for what is not wanted; local names are looked up once a tag."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        super().__init__()
        self._wanted = wanted
        self._tags = [f"{{*}}{name}" for name in wanted] if len(wanted) <= _FEW else []

    def of(self, record: Element) -> Element:
        """The children that can be wanted: chosen inside lxml where they are few, which makes no proxy of the others."""
        return record.iterchildren(*self._tags) if self._tags else record

    def __missing__(self, tag: str) -> str:
        key = self._wanted.get(tag.rpartition("}")[2], "")
        if len(self) < 10_000:
            self[tag] = key
        return key


def values(record: Element, keys: Keys) -> dict[str, str]:
    """A record's wanted children: their text or that of what is inside; raises `Unreadable` for one given twice."""
    found: dict[str, str] = {}
    for child in keys.of(record):
        key = keys[child.tag]
        if not key:
            continue
        inside = len(child)
        text = _inner(child) if inside > 1 else child[0].text if inside else child.text
        if key in found:
            raise Unreadable(f"{key} stands twice in one record", where=f"line {record.sourceline}", evidence=str(text)[:80])
        found[key] = text.strip() if text else ""
    return found


def _inner(child: Element) -> str | None:
    """The text of the one `Value` among several elements inside one."""
    found = [inner.text for inner in child if inner.tag.rpartition("}")[2] == "Value"]
    if len(found) != 1:
        words = f"{child.tag.rpartition('}')[2]} holds {len(child)} elements, of which {len(found)} are a Value"
        raise Unreadable(words, where=f"line {child.sourceline}")
    return str(found[0] or "")


def children(record: Element) -> dict[str, str]:
    """As `values`, of every child, by its local name."""
    return values(record, Keys({name: name for name in (child.tag.rpartition("}")[2] for child in record)}))
