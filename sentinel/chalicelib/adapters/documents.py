"""Raw documents as they were fetched, named by the SHA-256 of their bytes, in a folder or an S3 bucket.

    objects/ab/abcdef…       the bytes
    addresses/12/1234….json  for one address (SHA-256 of its URL): every different version it had, oldest first

Nothing here raises: a copy that is damaged or cannot be read counts as absent, one that cannot be kept is told of once.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypedDict, cast

from chalicelib.ports import Document

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Version(TypedDict):
    """What is known of one version of an address. `url` is where its bytes came from; `fetched_at` is ISO 8601, UTC."""

    url: str
    sha256: str
    content_type: str
    fetched_at: str
    etag: str
    last_modified: str


class Shelf(Protocol):
    """Named bytes. Raises `OSError` when it cannot read or write."""

    def read(self, name: str) -> bytes | None:
        """The bytes, None when there are none of that name."""
        ...

    def write(self, name: str, body: bytes) -> None:
        """Put the bytes there in one step: a reader sees all of them or none."""
        ...


class FolderShelf:
    """A folder, made on first use."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def read(self, name: str) -> bytes | None:
        """See `Shelf`."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, body: bytes) -> None:
        """See `Shelf`."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(body)
            Path(made).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(made).unlink()
            raise


class BucketShelf:
    """An S3 bucket, below `prefix`. `client` makes the S3 client on first use."""

    def __init__(self, bucket: str, client: Callable[[], S3Client], prefix: str = "documents/") -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._make = client
        self._lock = threading.Lock()
        self._made: S3Client | None = None

    def read(self, name: str) -> bytes | None:
        """See `Shelf`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._client().get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise OSError(f"s3://{self._bucket}: {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise OSError(f"s3://{self._bucket}: {type(error).__name__}") from error

    def write(self, name: str, body: bytes) -> None:
        """See `Shelf`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client().put_object(Bucket=self._bucket, Key=self._prefix + name, Body=body)
        except ClientError as error:
            raise OSError(f"s3://{self._bucket}: {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise OSError(f"s3://{self._bucket}: {type(error).__name__}") from error

    def _client(self) -> S3Client:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


class Documents:
    """The cache the web client is handed. `warn` is told, once, when documents cannot be kept or read."""

    def __init__(self, shelf: Shelf, warn: Callable[[str], None]) -> None:
        self._shelf = shelf
        self._warn = warn
        self._warned = False
        self._lock = threading.Lock()

    def find(self, url: str) -> tuple[Document, Mapping[str, str]] | None:
        """The newest copy of what was asked for at `url` and its validators (`etag`, `last_modified`), None without one."""
        versions = self.versions(url)
        if not versions:
            return None
        newest = versions[-1]
        body = self.read(newest["sha256"])
        if body is None:
            return None
        document = Document(
            newest["url"], body, newest["content_type"], newest["sha256"], datetime.fromisoformat(newest["fetched_at"])
        )
        return document, {"etag": newest["etag"], "last_modified": newest["last_modified"]}

    def read(self, sha256: str) -> bytes | None:
        """The bytes of that name, None when there are none or they are no longer what they were."""
        body = self._read(f"objects/{sha256[:2]}/{sha256}")
        return body if body is not None and hashlib.sha256(body).hexdigest() == sha256 else None

    def versions(self, url: str) -> list[Version]:
        """Every different version kept of `url`, oldest first."""
        text = self._read(_record(url))
        try:
            return [_version(entry) for entry in json.loads(text)["versions"]] if text else []
        except (ValueError, KeyError, TypeError):
            return []

    def keep(self, url: str, document: Document, validators: Mapping[str, str]) -> None:
        """Keep a copy of what was asked for at `url`; the same bytes again only refresh the newest version's validators."""
        new = Version(
            url=document.url,
            sha256=document.sha256,
            content_type=document.content_type,
            fetched_at=document.fetched_at.isoformat(),
            etag=validators.get("etag", ""),
            last_modified=validators.get("last_modified", ""),
        )
        try:
            versions = self.versions(url)
            if versions and versions[-1]["sha256"] == new["sha256"]:
                new["fetched_at"] = versions.pop()["fetched_at"]
            self._shelf.write(f"objects/{document.sha256[:2]}/{document.sha256}", document.body)
            record = {"asked": url, "versions": [*versions, new]}
            self._shelf.write(_record(url), json.dumps(record, indent=1).encode())
        except OSError as error:
            self._tell(f"documents are read but cannot be kept: {error}")

    def _read(self, name: str) -> bytes | None:
        try:
            return self._shelf.read(name)
        except OSError as error:
            self._tell(f"kept documents cannot be read and are fetched again: {error}")
            return None

    def _tell(self, words: str) -> None:
        with self._lock:
            first, self._warned = not self._warned, True
        if first:
            self._warn(words)


def _record(url: str) -> str:
    digest = hashlib.sha256(url.encode()).hexdigest()
    return f"addresses/{digest[:2]}/{digest}.json"


def _version(entry: Mapping[str, object]) -> Version:
    """One entry of a record, checked: a folder may have been written by anybody."""
    fields = {name: entry[name] for name in Version.__annotations__}
    if not all(isinstance(value, str) for value in fields.values()):
        raise TypeError("a version's fields are text")
    version = cast("Version", fields)
    if len(version["sha256"]) != 64 or not set(version["sha256"]) <= set("0123456789abcdef"):
        raise ValueError("no SHA-256")
    if datetime.fromisoformat(version["fetched_at"]).tzinfo is None:
        raise ValueError("fetched_at: no time zone")
    return version
