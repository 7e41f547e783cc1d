"""An archive of Form PF filings cut at its filing elements, from any byte on, so that a slice is read without what precedes it.

A filing belongs to the slice its `<PFXMLFiling` begins in. Roots may follow one another or stand in a wrapper element.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import takewhile
from typing import BinaryIO, Literal

from chalicelib.errors import Unreadable
from chalicelib.scrapers.credit_fund.streamed import HEAD, Head, head_of

ROOT = b"PFXMLFiling"
_BLOCK = 1 << 18
_TAIL = 128
"""Bytes kept back at a block's end: a tag that begins there is completed by the next block."""
_OPENING = re.compile(rb"<(/?)(?:[A-Za-z_][\w.-]{0,60}:)?\Z")
_GAP = re.compile(rb"(?>\s++|\xef\xbb\xbf|<\?[^<>]{0,2000}\?>|<!--[^<>]{0,4000}-->|</?[A-Za-z_][\w.:-]*(?:\s[^<>]*)?>)*+\Z")
_MAX_GAP = 65_536
_MAX_HELD = 4_000_000

Kind = Literal["bytes", "open", "close"]


def begins(stream: BinaryIO, where: str) -> Head:
    """The head of an archive, which must hold Form PF; raises `Unreadable` naming what it is instead."""
    block = stream.read(HEAD)
    head = head_of(block, where)
    if head.name != ROOT.decode() and ROOT not in block:
        what = "Form N-PORT" if "sec.gov/edgar/nport" in head.namespaces else f"root element {head.name}"
        raise Unreadable(f"no Form PF: {what} where PFXMLFiling is due", where=where, evidence=block[:300].decode("latin-1"))
    return head


@dataclass(frozen=True)
class Piece:
    """A stretch of a filing: `open` at its first byte, `bytes` of it, `close` with its end tag. `at` is the byte in the file."""

    kind: Kind
    at: int
    data: bytes = b""


def pieces(stream: BinaryIO, start: int, end: int | None, where: str) -> Iterator[Piece]:
    """The filings that begin in `[start, end)`, `stream` standing at byte `start`; the last one is read to its own end.

    Raises `Unreadable` for a filing that is cut off or begins inside another, and for anything else between filings.
    """
    inside, between = False, _Between(where, start, end)
    for piece in _marks(stream, start):
        if inside and piece.kind == "open":
            raise Unreadable("a filing begins within a filing", where=f"{where}: byte {piece.at}")
        if inside or piece.kind == "open":
            if not inside and between.over(piece):
                return
            yield piece
            inside = piece.kind != "close"
        elif between.past(piece):
            return
    if inside:
        raise Unreadable("cut off inside a filing", where=f"{where}: its end")
    between.check(start)


def around(opened: Callable[[int], AbstractContextManager[BinaryIO]], start: int, end: int) -> int | None:
    """Where the filing begins that `[start, end)` lies wholly within; None when none does.

    Looks back twice as far each time, so that what precedes the filing is not read.
    """
    with opened(start) as stream:
        if any(piece.kind != "bytes" and piece.at < end for piece in _until(stream, start, end)):
            return None
    back, begin = end - start, start
    while begin > 0:
        begin = max(0, start - back)
        with opened(begin) as stream:
            marks = [piece for piece in _until(stream, begin, start) if piece.kind != "bytes" and piece.at < start]
        if marks:
            return marks[-1].at if marks[-1].kind == "open" else None
        back *= 2
    return None


def _until(stream: BinaryIO, start: int, end: int) -> Iterator[Piece]:
    """The marks from `start` on, up to the first piece that begins behind `end`."""
    return takewhile(lambda piece: piece.at <= end + _BLOCK, _marks(stream, start))


class _Between:
    """What stands between filings. Before a later slice's first filing it is the end of one that belongs to the slice before."""

    def __init__(self, where: str, start: int, end: int | None) -> None:
        self._where, self._end = where, end
        self._foreign = start > 0
        self._gap = bytearray()

    def over(self, opening: Piece) -> bool:
        """Whether the slice ends before the filing that opens; raises `Unreadable` for what stood before it."""
        self.check(opening.at)
        self._foreign = False
        return self._end is not None and opening.at >= self._end

    def past(self, piece: Piece) -> bool:
        """Take a piece outside of filings; whether nothing of the slice can follow."""
        if self._foreign:
            return self._end is not None and piece.at > self._end + _BLOCK
        if piece.kind == "close":
            raise Unreadable("a filing ends that never began", where=f"{self._where}: byte {piece.at}")
        self._gap += piece.data
        if len(self._gap) > _MAX_GAP:
            self.check(piece.at)
        return False

    def check(self, at: int) -> None:
        """Raise `Unreadable` unless it is white space, comments without tags, declarations and wrapper tags."""
        gap = bytes(self._gap)
        self._gap.clear()
        if self._foreign or (len(gap) <= _MAX_GAP and _GAP.match(gap)):
            return
        words = "something other than filings"
        if b"<!DOCTYPE" in gap or b"<!ENTITY" in gap:
            words = "a document type declaration (DTD, entities) is never read"
        raise Unreadable(words, where=f"{self._where}: before byte {at}", evidence=gap[:300].decode("latin-1"))


def _marks(stream: BinaryIO, at: int) -> Iterator[Piece]:
    """Everything from `at` on, with the places where filing elements open and close."""
    held, told = b"", -1
    while True:
        block = stream.read(_BLOCK)
        held += block
        if len(held) > _MAX_HELD:
            raise Unreadable("a tag that does not end", where=f"byte {at}", evidence=held[:200].decode("latin-1"))
        place = search = 0
        while (hit := held.find(ROOT, search)) >= 0:
            after = hit + len(ROOT)
            opening = _OPENING.search(held, max(place, hit - 64), hit)
            gt = held.find(b">", after) if opening and opening[1] else after
            if block and (after >= len(held) or gt < 0):
                break
            search = after
            if not opening or held[after : after + 1] not in (b">", b" ", b"\t", b"\r", b"\n", b"/"):
                continue
            if opening.start() > place:
                yield Piece("bytes", at + place, held[place : opening.start()])
            place = opening.start()
            if opening[1]:
                yield Piece("close", at + place, held[place : gt + 1])
                place = search = gt + 1
            elif at + place != told:  # a start tag kept back at a block's end is met again
                told = at + place
                yield Piece("open", told)
        if not block:
            yield Piece("bytes", at + place, held[place:])
            return
        cut = max(place, len(held) - _TAIL)
        if hit >= 0:
            cut = max(place, min(cut, hit - 64))
        yield Piece("bytes", at + place, held[place:cut])
        held, at = held[cut:], at + cut
