"""A web that serves a folder laid out by host and path, with single addresses replaced, removed or failing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from chalicelib.errors import Missing
from chalicelib.ports import Document

SAMPLE = Path(__file__).parents[2] / "sample" / "archive"


@dataclass
class FolderWeb:
    """`changed` maps an address to other bytes, to None (404) or to the error it raises; `asked` keeps every address."""

    root: Path = SAMPLE
    changed: Mapping[str, bytes | Exception | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, shape: str = "any", max_bytes: int = 64_000_000, fresh: bool = False) -> Document:
        self.asked.append(url)
        path = self.root / url.removeprefix("https://")
        body = self.changed.get(url, path.read_bytes() if path.is_file() else None)
        if isinstance(body, Exception):
            raise body
        if body is None:
            raise Missing(url)
        return Document(url, body, "text/plain", sha256(body).hexdigest(), datetime(2025, 12, 8, tzinfo=UTC))


@dataclass
class Archive:
    """What a scraper is given: the folder's web and a clock that stands still."""

    web: FolderWeb = field(default_factory=FolderWeb)
    at: datetime = datetime(2025, 12, 8, 8, 0, tzinfo=UTC)
    quotes = files = transcripts = None

    def now(self) -> datetime:
        return self.at

    def setting(self, name: str) -> str | None:
        return None
