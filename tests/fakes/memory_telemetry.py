"""Telemetry that keeps what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.redaction import Redactor


@dataclass
class MemoryTelemetry:
    lines: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    metrics: list[tuple[str, float, str, dict[str, str]]] = field(default_factory=list)
    redactor: Redactor = field(default_factory=Redactor)

    def log(self, level: str, message: str, **fields: object) -> None:
        self.lines.append((level, message, fields))

    def metric(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        self.metrics.append((name, value, unit, dimensions))

    def flush(self) -> None:
        pass

    def redact(self, value: object) -> object:
        return self.redactor.value(value)
