"""A world without suppliers: a clock that stands still, and notifier, telemetry and continuation that remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chalicelib.model import Json, Signal, Window
from chalicelib.ports import Dispatch, Services, Store, Undelivered

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass
class Nowhere:
    """Fetches nothing; knows the time."""

    at: datetime = NOW
    web = quotes = files = transcripts = None

    def now(self) -> datetime:
        return self.at

    def setting(self, name: str) -> str | None:
        return None


@dataclass
class Remembering:
    """Notifier, telemetry and continuation in one: everything told is kept for the test to read."""

    sent: list[Dispatch] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    lines: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    metrics: list[tuple[str, float]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    down: bool = False

    def send(self, dispatch: Dispatch, signal: Signal) -> Dispatch:
        if self.down:
            return dispatch
        self.sent.append(dispatch)
        return replace(dispatch, sent_at=NOW, delivered=("memory",))

    def undelivered(self) -> Sequence[Undelivered]:
        return ()

    def operator(self, kind: str, words: str, detail: Mapping[str, Json], count: int = 1) -> None:
        self.told.append((kind, words))

    def overdue(self) -> None:
        pass

    def log(self, level: str, message: str, **fields: object) -> None:
        self.lines.append((level, message, fields))

    def metric(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        self.metrics.append((name, value))

    def redact(self, value: object) -> object:
        return value

    def flush(self) -> None:
        self.lines.append(("info", "flushed", {}))

    def start(self, scraper: str, run_id: str, window: Window) -> Mapping[str, Json]:
        self.started.append(run_id)
        return {"started": True, "how": "memory"}


def services(store: Store, memory: Remembering | None = None, at: datetime = NOW) -> Services:
    memory = memory or Remembering()
    return Services(fetch=Nowhere(at), store=store, notifier=memory, telemetry=memory, continuation=memory)  # type: ignore[arg-type]
