"""Hardened, streamed parsing: events of well-formed XML, without entities, DTDs, network or unbounded memory.

`Opened` finds the root element first, so that each kind of document is then read with a filter that makes lxml drop what
nobody needs before Python sees it.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator, Mapping, Sequence
from io import SEEK_END, BytesIO
from itertools import islice
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

from chalicelib.errors import Unreadable

Element: TypeAlias = Any
"""An element of lxml, whose published stubs know neither `clear(keep_tail)` nor what an XPath gives."""

MAX_BYTES = 256_000_000
"""A larger document is refused: the largest annual reports of the largest banks have about 60 million bytes."""
MAX_CHILD = 16_000_000
"""A longer child of an instance's root is refused, as it is held whole: libxml2 itself takes no text of more than 10 million."""

_HARDENED: dict[str, Any] = {
    "remove_comments": True,
    "remove_pis": True,
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
}
_CHUNK = 65_536
_XML_NAMES = {b"amp", b"lt", b"gt", b"quot", b"apos"}
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")


def _numeric(found: re.Match[bytes]) -> bytes:
    text = None if found[1] in _XML_NAMES else html.entities.html5.get(found[1].decode() + ";")
    return found[0] if text is None else "".join(f"&#{ord(letter)};" for letter in text).encode()


class _Counted:
    """The bytes of a stream without leading white space, counted against the cap; HTML's entity names as numbers if asked."""

    def __init__(self, stream: BinaryIO, *, entities: bool) -> None:
        self._stream = stream
        self._entities = entities
        self._held = b""
        self._seen = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(max(size, _CHUNK))
        if not self._seen:
            while chunk and not chunk.lstrip():
                chunk = self._stream.read(_CHUNK)
            chunk = chunk.lstrip()
        self._seen += len(chunk)
        if self._seen > MAX_BYTES:
            raise Unreadable(f"the document is larger than {MAX_BYTES:,} bytes", where=f"byte {MAX_BYTES}")
        return self._named(chunk) if self._entities else chunk

    def _named(self, chunk: bytes) -> bytes:
        """`chunk` with names replaced; a name cut by its end waits for the next one."""
        whole = self._held + chunk
        cut = whole.rfind(b"&", max(0, len(whole) - 34)) if chunk else -1
        self._held = whole[cut:] if cut >= 0 and b";" not in whole[cut:] else b""
        ready = whole[: len(whole) - len(self._held)]
        return _NAMED.sub(_numeric, ready) if ready or not chunk else self._named(self._stream.read(_CHUNK))


class Malformed(Exception):
    """The XML is not well formed as it stands; HTML's entity names may be why."""

    def __init__(self, error: Unreadable) -> None:
        super().__init__(str(error))
        self.error = error


class Opened:
    """A document whose root element is known: `root` its tag, `nsmap` its namespace declarations by prefix.

    `entities`: HTML's entity names (`&nbsp;`), which XML does not know, are read as the characters they mean.
    """

    def __init__(self, source: bytes | BinaryIO, name: str, *, entities: bool = False) -> None:
        self.name = name
        self._stream = BytesIO(source) if isinstance(source, bytes) else source
        if not self._stream.seekable():
            # A pipe can be read once only, and the root has to be known before the rest is read.
            self._stream = BytesIO(self._stream.read(MAX_BYTES + 1))
        size = self._stream.seek(0, SEEK_END)
        if size > MAX_BYTES:
            raise Unreadable(f"the document has {size:,} bytes, more than {MAX_BYTES:,}", where=name)
        self._entities = entities
        self.root, self.nsmap = self._look()

    def _look(self) -> tuple[str, Mapping[str | None, str]]:
        for _, element in self.events(None, ("start",)):
            declared = element.getroottree().docinfo.internalDTD
            if declared is not None:
                if any(True for _ in declared.iterentities()):
                    raise Unreadable("the document declares entities of its own", where=self.name)
                self._entities = True
            return element.tag, dict(element.nsmap)
        raise Unreadable("the document has no element", where=self.name)

    def events(self, tags: Sequence[str] | None, events: Sequence[str]) -> Iterator[tuple[str, Element]]:
        """(event, element) of the elements that match `tags`; raises `Malformed` when the XML is not well formed."""
        tag = None if tags is None else tuple(tags)
        try:
            yield from etree.iterparse(self._begun(), events=tuple(events), tag=tag, **_HARDENED)
        except etree.XMLSyntaxError as error:
            raise Malformed(self._unreadable(error)) from error

    def children(self) -> Iterator[Element]:
        """The root's children, each whole, in their order; they are dropped in batches. Raises `Malformed` as `events` does.

        A batch is read without an event for each element in it, which saves half the time of reading small elements.
        """
        stream, root, held = self._begun(), None, 0
        parser: Any = etree.XMLPullParser(events=("start",), tag=self.root, **_HARDENED)
        try:
            while chunk := stream.read():
                parser.feed(chunk)
                for _, element in parser.read_events():
                    root = element.getroottree().getroot()
                # The last child may not have ended yet.
                whole = 0 if root is None else len(root) - 1
                held = 0 if whole > 0 else held + len(chunk)
                if held > MAX_CHILD:
                    raise Unreadable(f"one element has more than {MAX_CHILD:,} bytes", where=self.name)
                if root is not None and whole > 0:
                    yield from islice(root, whole)
                    del root[:whole]
            yield from parser.close()
        except etree.XMLSyntaxError as error:
            raise Malformed(self._unreadable(error)) from error

    def _begun(self) -> _Counted:
        self._stream.seek(0)
        return _Counted(self._stream, entities=self._entities)

    def _unreadable(self, error: etree.XMLSyntaxError) -> Unreadable:
        self._stream.seek(0)
        head = self._stream.read(300).lstrip()
        line, column = error.position
        where = f"{self.name}: line {line}, column {column}"
        for mark, what in ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "gzip"), (b"{", "JSON")):
            if head.startswith(mark):
                return Unreadable(f"the document is {what}, not XBRL", where=self.name)
        words = "the document is empty" if not head else f"the document is not well-formed XML ({error.msg})"
        return Unreadable(words, where=where, evidence=head.decode("latin-1"))
