"""Secrets by name: from AWS Secrets Manager, or on a laptop from a folder or the environment; cached until they expire.

    {prefix}/api-keys         {"polygon": "…"}                           keys by provider
    {prefix}/webhook-urls     {"slack": "https://…", "telegram": {…}}    see `adapters.notify`
    {prefix}/database-config  {"url": "postgresql://…"}                  see `adapters.postgres`

Errors name the secret and never its content; everything read is learned by the redactor before anyone else sees it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from chalicelib.errors import BadEvent, Forbidden, Missing, UpstreamDown

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from chalicelib.redaction import Redactor

Name = Literal["api-keys", "webhook-urls", "database-config"]
TTL_S = 300.0
"""How long a value is used before it is asked for again: a rotation reaches every warm instance within five minutes."""
_LARGEST = 65_536
"""Bytes; Secrets Manager's own limit."""
_DENIED = {
    "AccessDeniedException",
    "AccessDenied",
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "InvalidSignatureException",
}
_GONE = {"ResourceNotFoundException", "InvalidRequestException"}
"""`InvalidRequestException`: the secret is scheduled for deletion."""


class Origin(Protocol):
    """Where secrets come from."""

    def fetch(self, name: Name) -> str:
        """The secret's text. Raises `Missing`, `Forbidden`, `UpstreamDown`, each naming the secret."""
        ...


@dataclass(frozen=True)
class SecretsManager:
    """AWS Secrets Manager under `prefix`."""

    client: SecretsManagerClient
    prefix: str

    def fetch(self, name: Name) -> str:
        """The current version's text."""
        from botocore.exceptions import BotoCoreError, ClientError

        full = f"{self.prefix}/{name}"
        try:
            answer = self.client.get_secret_value(SecretId=full)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _GONE:
                raise Missing(f"secret {full}: there is none") from None
            if code in _DENIED or code == "DecryptionFailure":
                raise Forbidden(f"secret {full}: may not be read ({code})") from None
            raise UpstreamDown(f"secret {full}: Secrets Manager answered {code or 'an error'}") from None
        except BotoCoreError as error:
            raise UpstreamDown(f"secret {full}: Secrets Manager cannot be reached ({type(error).__name__})") from None
        text = answer.get("SecretString")
        if text is None:
            raise BadEvent(f"secret {full}: expected text, it holds bytes")
        return text


@dataclass(frozen=True)
class OnDisk:
    """A laptop's secrets: the variable `SENTINEL_SECRET_API_KEYS` (and so on), else `{folder}/api-keys.json`.

    A file that others may read is refused, as ssh refuses such a key.
    """

    folder: Path
    environment: Mapping[str, str]

    def fetch(self, name: Name) -> str:
        """The variable's or the file's text."""
        variable = f"SENTINEL_SECRET_{name.upper().replace('-', '_')}"
        if self.environment.get(variable):
            return self.environment[variable]
        path = self.folder / f"{name}.json"
        try:
            if path.stat().st_mode & 0o077:
                raise Forbidden(f"secret {path}: others may read this file (chmod 600 it)")
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise Missing(f"secret {name}: neither {variable} nor {path} is there") from None
        except UnicodeDecodeError:
            raise BadEvent(f"secret {path}: is not UTF-8 text") from None
        except OSError as error:
            raise Forbidden(f"secret {path}: cannot be read ({error.strerror})") from None


class Secrets:
    """The secrets of this process. Thread-safe; while the origin is down an expired value goes on being used."""

    def __init__(
        self, origin: Origin, redactor: Redactor, *, ttl_s: float = TTL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._origin, self._redactor, self._ttl_s, self._clock = origin, redactor, ttl_s, clock
        self._kept: dict[Name, tuple[float, Mapping[str, object]]] = {}
        self._lock = threading.Lock()

    def get(self, name: Name) -> Mapping[str, object]:
        """The secret's JSON object. Raises `Missing` (none), `BadEvent` (malformed), `Forbidden`, `UpstreamDown`."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and self._clock() < kept[0]:
                return kept[1]
            try:
                value = self._parsed(name, self._origin.fetch(name))
            except UpstreamDown:
                if kept is None:
                    raise
                return kept[1]
            self._kept[name] = (self._clock() + self._ttl_s, value)
            return value

    def find(self, name: Name) -> Mapping[str, object]:
        """As `get`, empty when there is no such secret."""
        try:
            return self.get(name)
        except Missing:
            return {}

    def refused(self, name: Name) -> bool:
        """A supplier refused what `name` holds: read it again now; whether it has changed, so that another try makes sense."""
        with self._lock:
            before = self._kept.pop(name, None)
        return before is None or self.get(name) != before[1]

    def api_key(self, provider: str) -> str | None:
        """The provider's key, None when there is none. Raises as `get`, and `BadEvent` when it is no text."""
        key = self.find("api-keys").get(provider)
        if key is None or key == "":
            return None
        if not isinstance(key, str):
            raise BadEvent(f"secret api-keys: {provider} is no text")
        return key

    def _parsed(self, name: Name, text: str) -> Mapping[str, object]:
        if len(text) > _LARGEST:
            raise BadEvent(f"secret {name}: longer than {_LARGEST} characters")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            self._redactor.learn(text)
            raise BadEvent(f"secret {name}: is not JSON") from None
        self._redactor.learn(value)
        if not isinstance(value, dict):
            raise BadEvent(f"secret {name}: expected a JSON object, it is {_kind(value)}")
        return value


def _kind(value: object) -> str:
    return {str: "text", list: "a list", int: "a number", float: "a number", bool: "a truth value"}.get(type(value), "null")
