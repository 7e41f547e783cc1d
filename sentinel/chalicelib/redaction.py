"""Keeps secrets out of whatever leaves the process: log lines, errors, answers, messages, stored evidence.

Two nets: the values read from secrets (learned, so found wherever they stand) and the shapes credentials have (so one that
nobody learned is found too). A value is replaced by its kind in brackets, never shortened: a part of a secret is a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote, urlsplit

MASK = "[redacted]"
_SHORTEST = 6
"""Shorter texts are no secrets, and masking them would blot out ordinary words."""

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\bbot\d{5,}(?::|%3a)[\w-]{10,}"), "bot" + MASK),
    (re.compile(r"\b\d{6,12}:[A-Za-z0-9_-]{30,}"), MASK),
    (re.compile(r"(?i)(hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/)[^\s\"'<>]+"), r"\1" + MASK),
    (re.compile(r"(?i)(discord(?:app)?\.com/api/(?:v\d+/)?webhooks/)[^\s\"'<>]+"), r"\1" + MASK),
    (re.compile(r"(?i)((?:webhook\.office\.com|logic\.azure\.com|powerplatform\.com)(?::\d+)?/)[^\s\"'<>]+"), r"\1" + MASK),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/@\"'<>]{1,400}@"), r"\1" + MASK + "@"),
    (
        re.compile(
            r"(?i)((?:proxy-)?authorization|x-api-key|api[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|passwd|password"
            r"|secret(?:[-_]?(?:access[-_]?)?key)?|set-cookie|cookie|signature|x-amz-(?:security-token|signature|credential)|[?&](?:sig|token|key))"
            r"(\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?)(?:(?:bearer|basic|token|aws4-hmac-sha256)\s{1,3})?(?!\[redacted)[^\s\"'&,;}\]\\]{4,}"
        ),
        r"\1\2" + MASK,
    ),
    (re.compile(r"(?i)\b(bearer)\s+[\w.~+/-]{8,}=*"), r"\1 " + MASK),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), MASK),
    (re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"), MASK),
)
_NAMES = re.compile(
    r"(?i)(?:.*[-_])?(?:authorization|cookie|passw(?:or)?d|api[-_]?key|(?:access|auth|bot|security|session|refresh)[-_]?token|token"
    r"|(?:client|signing|shared)?[-_]?secret(?:[-_]?(?:access[-_]?)?key)?|signature)"
)
_HINTS = (
    "://", "bot", "auth", "key", "token", "secret", "passw", "cookie", "signature", "sig=", "x-amz", "bearer", "akia", "asia",
    "xox", "hooks", "webhook",
)  # fmt: skip
_BARE_TOKEN = re.compile(r":[A-Za-z0-9_-]{30}")
"""A text without any of these cannot hold any of the shapes; a few cheap searches spare ten dear ones."""


class Redactor:
    """Knows the secrets of this process. Learning is additive: a rotated secret's old value stays masked as well."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        for value in known:
            self.learn(value)

    def learn(self, secret: object) -> None:
        """Mask every text inside `secret` (text, mapping, sequence) from now on, also URL-encoded, and a URL's own parts."""
        added = {form for text in _texts(secret) for form in _forms(text)}
        if added <= self._known:
            return
        self._known |= added
        self._pattern = re.compile("|".join(re.escape(each) for each in sorted(self._known, key=len, reverse=True)))

    def text(self, text: str) -> str:
        """`text` without secrets."""
        if self._pattern is not None and self._knows(text):
            text = self._pattern.sub(MASK, text)
        if _hinted(text):
            for shape, instead in _SHAPES:
                text = shape.sub(instead, text)
        return text

    def suspects(self, line: str) -> bool:
        """Whether a line of JSON may hold a secret or a credential's shape; False spares looking at each of its texts."""
        return self._knows(line) or _hinted(line)

    def _knows(self, text: str) -> bool:
        """Whether a known secret stands in `text`: looking for each is quicker than one pattern of them all."""
        return any(each in text for each in self._known)

    def value(self, value: object) -> object:
        """`value` with every text in it, keys included, without secrets; mappings become dicts, sequences lists."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes | bytearray):
            return self.text(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return {
                self.text(key) if isinstance(key, str) else key: MASK if _tells(key, each) else self.value(each)
                for key, each in value.items()
            }
        if isinstance(value, Sequence | set | frozenset):
            return [self.value(each) for each in value]
        if isinstance(value, BaseException):
            return self.text(f"{type(value).__name__}: {value}")
        return value


def _hinted(text: str) -> bool:
    low = text.lower()
    return any(hint in low for hint in _HINTS) or _BARE_TOKEN.search(text) is not None


def _tells(key: object, value: object) -> bool:
    """Whether a text stands under a name that only credentials have."""
    return isinstance(key, str) and isinstance(value, str) and value != "" and _NAMES.fullmatch(key) is not None


def _texts(secret: object) -> Iterable[str]:
    if isinstance(secret, str):
        yield secret
    elif isinstance(secret, Mapping):
        for each in secret.values():
            yield from _texts(each)
    elif isinstance(secret, Sequence):
        for each in secret:
            yield from _texts(each)


def _forms(text: str) -> Iterable[str]:
    """The ways a secret may stand in a text: as it is, percent-encoded, escaped in JSON; of a URL, its telling parts."""
    stripped = text.strip()
    if len(stripped) < _SHORTEST or stripped.lower() in _ORDINARY:
        return
    if re.match(r"[a-z][a-z0-9+.-]*://", stripped, re.IGNORECASE):
        yield from _parts(stripped)
        return
    yield stripped
    yield quote(stripped, safe="")
    yield quote(stripped)
    yield json.dumps(stripped)[1:-1]


def _parts(url: str) -> Iterable[str]:
    """A URL's password and its path with query: the host alone is no secret and helps whoever reads the log."""
    try:
        parts = urlsplit(url)
    except ValueError:
        yield url
        return
    tail = parts.path + (f"?{parts.query}" if parts.query else "")
    if parts.password and len(unquote(parts.password)) >= 4:
        yield parts.password
        yield unquote(parts.password)
    if parts.scheme.startswith("http"):
        yield from (each for each in (tail, unquote(tail)) if len(each) >= _SHORTEST)
        yield from (each for each in parts.path.split("/") if len(each) >= 16)


_ORDINARY = frozenset(
    {"channel", "enabled", "disabled", "slack", "teams", "discord", "telegram", "generic", "webhook", "primary"}
)
