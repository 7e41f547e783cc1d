"""Files in a folder or under an `s3://bucket/prefix`, read by ranges, never whole. Satisfies `ports.Files`.

Only what lies under the configured roots is opened: no `..`, no symbolic link that leads out.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from chalicelib.errors import Forbidden, Missing, SentinelError, UpstreamDown
from chalicelib.ports import FileInfo

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from mypy_boto3_s3 import S3Client

_BLOCK = 1 << 22
"""Bytes asked of S3 at a time: all of a file that is ever in memory."""

_TRIES = 3
_S3 = "s3://"
_GONE = ("NoSuchKey", "NoSuchBucket", "404")
_REFUSED = ("AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "AllAccessDisabled")


class SourceFiles:
    """Files under `roots` (folders and `s3://bucket/prefix`). `client` makes the S3 client on first use."""

    def __init__(self, roots: Sequence[str], client: Callable[[], S3Client]) -> None:
        self._folders = [Path(root).resolve() for root in roots if not root.startswith(_S3)]
        self._prefixes = [root.rstrip("/") for root in roots if root.startswith(_S3)]
        self._make = client
        self._made: S3Client | None = None
        self._lock = threading.Lock()

    def list(self, prefix: str) -> Iterator[FileInfo]:
        """See `ports.Files.list`. A link that leads out of the roots is listed, and refused when it is opened."""
        if prefix.startswith(_S3):
            self._check_address(prefix)
            return _listed(self._client(), prefix)
        folder = Path(prefix)
        self._check_path(folder, prefix)
        return _walked(folder, prefix)

    def open(self, info: FileInfo, start: int = 0) -> BinaryIO:
        """See `ports.Files.open`. Raises `Missing`, `Forbidden`, and `UpstreamDown` naming a file that has changed."""
        if start < 0:
            raise ValueError("start: expected 0 or more")
        if info.address.startswith(_S3):
            self._check_address(info.address)
            return cast("BinaryIO", io.BufferedReader(_Object(self._client(), info, start), _BLOCK // 4))
        self._check_path(Path(info.address), info.address)
        return cast("BinaryIO", io.BufferedReader(_File(info, start), _BLOCK // 4))

    def _check_path(self, path: Path, name: str) -> None:
        if ".." in path.parts or not any(path.resolve().is_relative_to(folder) for folder in self._folders):
            raise Forbidden(f"{name!r} lies outside the configured folders")

    def _check_address(self, address: str) -> None:
        if ".." in address.split("/") or not any(address == one or address.startswith(one + "/") for one in self._prefixes):
            raise Forbidden(f"{address!r} lies outside the configured buckets")

    def _client(self) -> S3Client:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


class _File(io.RawIOBase):
    """A file on disk that must stay the version it was listed as while it is read."""

    def __init__(self, info: FileInfo, start: int) -> None:
        super().__init__()
        self._info = info
        try:
            self._handle = Path(info.address).open("rb", buffering=0)  # noqa: SIM115 -- closed with this object
        except FileNotFoundError:
            raise Missing(f"{info.address}: not there") from None
        except PermissionError:
            raise Forbidden(f"{info.address}: not permitted") from None
        except OSError as error:
            raise UpstreamDown(f"{info.address}: {error.strerror}") from error
        self._check()
        self._handle.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        try:
            count = self._handle.readinto(buffer)
        except OSError as error:
            raise UpstreamDown(f"{self._info.address}: {error.strerror}") from error
        self._check()
        return count

    def close(self) -> None:
        if not self.closed and hasattr(self, "_handle"):
            self._handle.close()
        super().close()

    def _check(self) -> None:
        if _disk_version(os.fstat(self._handle.fileno())) != self._info.version:
            raise _changed(self._info)


class _Object(io.RawIOBase):
    """An S3 object, a block at a time, each asked for only if it is still the listed version."""

    def __init__(self, client: S3Client, info: FileInfo, start: int) -> None:
        super().__init__()
        self._client = client
        self._info = info
        self._at = start
        self._block = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if not self._block and self._at < self._info.size:
            self._block = memoryview(self._fetched())
            self._at += len(self._block)
        room = memoryview(buffer).cast("B")
        count = min(len(room), len(self._block))
        room[:count] = self._block[:count]
        self._block = self._block[count:]
        return count

    def _fetched(self) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, key = _parts(self._info.address)
        last = min(self._at + _BLOCK, self._info.size) - 1
        for left in reversed(range(_TRIES)):
            try:
                answer = self._client.get_object(
                    Bucket=bucket, Key=key, Range=f"bytes={self._at}-{last}", IfMatch=f'"{self._info.version}"'
                )
                block = answer["Body"].read()
                if len(block) == last + 1 - self._at:
                    return block
            except ClientError as error:
                if error.response["Error"]["Code"] in ("PreconditionFailed", "412", "InvalidRange", "416"):
                    raise _changed(self._info) from error
                raise _failure(self._info.address, error) from error
            except (BotoCoreError, OSError) as error:
                if not left:
                    raise _failure(self._info.address, error) from error
        raise UpstreamDown(f"{self._info.address}: the answer ended early at byte {self._at}")


def _walked(folder: Path, prefix: str) -> Iterator[FileInfo]:
    if folder.is_file():
        found = [(prefix, folder)]
    elif folder.is_dir():
        names = ((Path(top) / name).relative_to(folder) for top, _, names in os.walk(folder, onerror=_refused) for name in names)
        found = sorted((f"{prefix.rstrip('/')}/{name.as_posix()}", folder / name) for name in names)
    else:
        raise Missing(f"{prefix}: no such folder")
    for address, path in found:
        try:
            status = path.stat()
        except FileNotFoundError:
            status = path.lstat()
        yield FileInfo(address, status.st_size, _disk_version(status))


def _refused(error: OSError) -> None:
    raise Forbidden(f"{error.filename}: {error.strerror}")


def _disk_version(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"


def _listed(client: S3Client, prefix: str) -> Iterator[FileInfo]:
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, key = _parts(prefix)
    below = key.rstrip("/") + "/" if key else ""
    nothing = True
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key.rstrip("/")):
            for entry in page.get("Contents", ()):
                if not entry["Key"].endswith("/") and (entry["Key"].startswith(below) or entry["Key"] == key):
                    nothing = False
                    yield FileInfo(f"{_S3}{bucket}/{entry['Key']}", entry["Size"], entry["ETag"].strip('"'))
    except (BotoCoreError, ClientError) as error:
        raise _failure(prefix, error) from error
    if nothing:
        raise Missing(f"{prefix}: no files there")


def _parts(address: str) -> tuple[str, str]:
    bucket, _, key = address.removeprefix(_S3).partition("/")
    return bucket, key


def _changed(info: FileInfo) -> UpstreamDown:
    return UpstreamDown(f"{info.address}: changed while it was being read (it was version {info.version})")


def _failure(address: str, error: Exception) -> SentinelError:
    """What a failed S3 call means; botocore's own words are left out, they may name the account."""
    from botocore.exceptions import ClientError, NoCredentialsError

    code = str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
    if code in _GONE:
        return Missing(f"{address}: not there ({code})")
    if code in _REFUSED or isinstance(error, NoCredentialsError):
        return Forbidden(f"{address}: refused ({code})")
    return UpstreamDown(f"{address}: S3 failed ({code})")
