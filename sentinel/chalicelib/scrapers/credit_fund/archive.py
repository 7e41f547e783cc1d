"""Files that hold Form PF: `.xml`, `.xml.gz` and `.zip`, opened at any byte of their text, with caps on what they expand to.

A large text is read in slices of 16 MB: plain files by ranges, compressed ones by expanding and dropping what precedes.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from chalicelib.errors import Unreadable
from chalicelib.ports import FileInfo

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SLICE = 16_000_000
"""Bytes of text of one item: the limit of one upload, so that a slice seldom holds a filing that ends far behind it."""
RATIO = 300
"""A text that expands more is a bomb; XML of forms expands ten to fifty times."""
FREE = 32_000_000
"""Bytes any compressed text may expand to, whatever the ratio."""
MAX_TEXT = 16_000_000_000
MAX_MEMBERS = 10_000
_MAX_DIRECTORY = 16_000_000
_MAX_NAME = 300
_TEXT = (".xml", ".xml.gz")


class Opener(Protocol):
    """What is needed of `ports.Files`."""

    def open(self, info: FileInfo, start: int = 0) -> BinaryIO:
        """A stream from byte `start`."""
        ...


@dataclass(frozen=True)
class Part:
    """One text of a file: the member's name in a ZIP (empty otherwise), its size in bytes (an estimate for gzip).

    `refused` says why it is not opened; `ignored` why it is none of ours.
    """

    member: str
    size: int
    refused: str = ""
    ignored: str = ""

    def slices(self, length: int = SLICE) -> Iterator[tuple[int, int | None]]:
        """`[start, end)` of each item, the last one open-ended; bounds do not move when a file grows."""
        starts = range(0, max(1, self.size), length)
        for start in starts:
            yield start, None if start == starts[-1] else start + length


def parts(info: FileInfo, files: Opener) -> Iterator[Part]:
    """The texts in a file. Raises `Unreadable` when a ZIP's directory is damaged or too large."""
    name = info.address.lower()
    if name.endswith(".zip"):
        yield from _members(info, files)
    elif name.endswith(".gz"):
        yield Part("", _expanded_size(info, files))
    elif name.endswith(".xml"):
        yield Part("", info.size)
    else:
        yield Part("", 0, ignored="neither .xml, .xml.gz nor .zip")


def opened(info: FileInfo, files: Opener, member: str, start: int = 0) -> AbstractContextManager[BinaryIO]:
    """A text of a file from its byte `start`. Reading raises `Unreadable` when it is damaged or expands too far."""
    name = info.address.lower()
    if name.endswith(".zip"):
        archive = _zip(info, files)
        try:
            entry = archive.getinfo(member)
            plain = cast("BinaryIO", archive.open(entry))
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, ValueError) as error:
            raise Unreadable(f"a damaged member: {error}", where=f"{info.address}/{member}") from error
        stream: BinaryIO = _Guarded(plain, entry.compress_size, f"{info.address}/{member}")
        if member.lower().endswith(".gz"):
            stream = _Guarded(
                cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb")), entry.compress_size, f"{info.address}/{member}"
            )
        return _Text(_past(stream, start), stream, archive)
    if name.endswith(".gz"):
        raw = files.open(info)
        stream = _Guarded(cast("BinaryIO", gzip.GzipFile(fileobj=raw, mode="rb")), info.size, info.address)
        return _Text(_past(stream, start), stream, raw)
    raw = files.open(info, start)
    return _Text(raw, raw)


class _Closes(Protocol):
    def close(self) -> None: ...


class _Text(AbstractContextManager[BinaryIO]):
    """A stream with everything that is to be closed after it."""

    def __init__(self, stream: BinaryIO, *held: _Closes) -> None:
        self._stream, self._held = stream, held

    def __enter__(self) -> BinaryIO:
        return self._stream

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for each in self._held:
            each.close()


class _Guarded(io.BufferedIOBase, BinaryIO):
    """An expanding stream that stops at the caps and says which file is damaged."""

    def __init__(self, stream: BinaryIO, packed: int, where: str) -> None:
        self._stream, self._where = stream, where
        self._most = min(MAX_TEXT, max(FREE, RATIO * packed))
        self._seen = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes; never everything at once."""
        wanted = 1 << 20 if size is None or size < 0 else size
        block = _damaged(lambda: self._stream.read(wanted), self._where, self._seen)
        self._seen += len(block)
        if self._seen > self._most:
            words = f"expands to more than {self._most:,} bytes, {RATIO} times what is stored: not read on"
            raise Unreadable(words, where=f"{self._where}: byte {self._seen}")
        return block

    def close(self) -> None:
        self._stream.close()
        super().close()


def _damaged(read: Callable[[], bytes], where: str, at: int) -> bytes:
    try:
        return read()
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, struct.error, NotImplementedError) as error:
        raise Unreadable(f"damaged or cut off: {error}", where=f"{where}: byte {at} of its text") from error


def _past(stream: BinaryIO, start: int) -> BinaryIO:
    """The stream after `start` bytes have been dropped."""
    left = start
    while left > 0:
        block = stream.read(min(left, 1 << 20))
        if not block:
            break
        left -= len(block)
    return stream


def _expanded_size(info: FileInfo, files: Opener) -> int:
    """What gzip's last four bytes say its text has: an estimate, since they may lie and count modulo 4 GiB."""
    if info.size < 18:
        return 0
    with files.open(info, info.size - 4) as stream:
        told = int(struct.unpack("<I", stream.read(4))[0])
    return min(told, RATIO * info.size)


def _members(info: FileInfo, files: Opener) -> Iterator[Part]:
    with _zip(info, files) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_MEMBERS:
            raise Unreadable(f"a ZIP of more than {MAX_MEMBERS:,} members", where=info.address)
        taken: set[str] = set()
        for entry in entries:
            if entry.is_dir():
                continue
            ignored = "" if entry.filename.lower().endswith((*_TEXT, ".zip")) else "neither .xml nor .xml.gz"
            if entry.filename.startswith("__MACOSX/"):
                ignored = "a file manager's note"
            refused = _refusal(entry, taken)
            taken.add(entry.filename)
            yield Part(entry.filename[:_MAX_NAME], entry.file_size, refused=refused, ignored="" if refused else ignored)


def _refusal(entry: zipfile.ZipInfo, taken: set[str]) -> str:
    """Why a member is not opened."""
    name = entry.orig_filename
    pieces = name.replace("\\", "/").split("/")
    if ".." in pieces or name.startswith(("/", "\\")) or ":" in pieces[0] or any(ord(letter) < 32 for letter in name):
        return f"the member name {name[:120]!r} leads out of the archive"
    if entry.filename in taken:
        return f"two members are named {name[:120]!r}"
    if entry.flag_bits & 1:
        return "the member is encrypted"
    if name.lower().endswith(".zip"):
        return "a ZIP within a ZIP"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"packed by method {entry.compress_type}, which is neither stored nor deflated"
    if len(name) > _MAX_NAME:
        return f"the member name {name[:120]!r}… is longer than {_MAX_NAME} characters"
    if entry.file_size > max(FREE, RATIO * entry.compress_size) or entry.file_size > MAX_TEXT:
        return f"a bomb: {entry.compress_size:,} bytes say they expand to {entry.file_size:,}"
    return ""


def _zip(info: FileInfo, files: Opener) -> zipfile.ZipFile:
    """The archive behind ranges of the file, its directory checked for size before it is read."""
    _check_directory(info, files)
    try:
        return zipfile.ZipFile(io.BufferedReader(_Ranges(info, files), 1 << 20))
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as error:
        raise Unreadable(f"not a readable ZIP: {error}", where=info.address) from error


def _check_directory(info: FileInfo, files: Opener) -> None:
    begin = max(0, info.size - 66_000)
    with files.open(info, begin) as stream:
        tail = stream.read(66_000)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise Unreadable("not a ZIP, or cut off: it has no end record", where=info.address, evidence=tail[:100].decode("latin-1"))
    size = int(struct.unpack_from("<I", tail, end + 12)[0])
    large = tail.rfind(b"PK\x06\x06", 0, end)
    if size == 0xFFFFFFFF and large >= 0 and len(tail) >= large + 48:
        size = int(struct.unpack_from("<Q", tail, large + 40)[0])
    if size > _MAX_DIRECTORY:
        raise Unreadable(f"a ZIP directory of more than {_MAX_DIRECTORY:,} bytes", where=info.address)


class _Ranges(io.RawIOBase):
    """A seekable file made of ranges: each jump opens the file at another byte."""

    def __init__(self, info: FileInfo, files: Opener) -> None:
        super().__init__()
        self._info, self._files = info, files
        self._at = 0
        self._stream: BinaryIO | None = None
        self._stream_at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._info.size}[whence]
        if base + offset < 0:
            raise ValueError("seek before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        if self._at >= self._info.size:
            return 0
        if self._stream is None or self._stream_at != self._at:
            self._drop()
            self._stream = self._files.open(self._info, self._at)
        block = self._stream.read(len(room))
        room[: len(block)] = block
        self._at += len(block)
        self._stream_at = self._at
        return len(block)

    def close(self) -> None:
        self._drop()
        super().close()

    def _drop(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
