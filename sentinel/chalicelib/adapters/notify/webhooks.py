"""Receivers from the secret `webhook-urls`: Slack, Teams, Telegram, Discord, and a generic one signed with HMAC.

{"slack": "https://hooks.slack.com/…",
"teams": "https://….webhook.office.com/…",
"discord-desk": "https://discord.com/api/webhooks/…",          a name may go on after its kind
"telegram": {"token": "…", "chat_id": "-100…"},
"generic": {"url": "https://…", "secret": "…"},
"backups": {"slack": ["telegram"]},                            told, in this order, only when slack fails
"operators": {"slack": "https://…"}}                           where failures go when the critical topic cannot
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from chalicelib import messages
from chalicelib.adapters.notify.egress import Egress, checked, refusal
from chalicelib.errors import BadEvent, SentinelError
from chalicelib.messages import Message
from chalicelib.model import Json

_KINDS = ("slack", "teams", "telegram", "discord", "generic")
_TELEGRAM = "https://api.telegram.org"
_CHANNELS_MOST = 20
_TEAMS_FAILED = re.compile(rb"HTTP error (\d{3})")


class Channel(Protocol):
    """One way to reach people."""

    @property
    def name(self) -> str:
        """What `Dispatch.delivered` calls it."""
        ...

    def send(self, message: Message) -> None:
        """Returns once the receiver has accepted; raises `SentinelError` otherwise, naming the receiver and no secret."""
        ...


@dataclass(frozen=True)
class Webhook:
    """A receiver of JSON at `url`. `secret` signs the body; `chat_id` is Telegram's."""

    name: str
    kind: str
    url: str
    egress: Egress
    secret: str = ""
    chat_id: str = ""
    clock: Callable[[], float] = time.time

    def __repr__(self) -> str:
        return f"Webhook({self.name!r})"

    def send(self, message: Message) -> None:
        """Post the message in the receiver's shape; the id is in the header `Idempotency-Key` too."""
        body = json.dumps(self._payload(message), separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
        if self.secret:
            headers |= signed(body, self.secret, int(self.clock()))
        answer = self.egress.post(self.url, body, headers)
        if self.kind == "teams" and (failed := _TEAMS_FAILED.search(answer.body)):
            raise refusal(urlsplit(self.url).hostname or "", int(failed[1]))

    def _payload(self, message: Message) -> Mapping[str, Json]:
        if self.kind == "telegram":
            return messages.telegram(message, self.chat_id)
        shapes: Mapping[str, Callable[[Message], Mapping[str, Json]]] = {
            "slack": messages.slack,
            "teams": messages.teams,
            "discord": messages.discord,
            "generic": messages.generic,
        }
        return shapes[self.kind](message)


def signed(body: bytes, secret: str, at: int) -> dict[str, str]:
    """The headers a generic receiver checks: HMAC-SHA256 over `{timestamp}.{body}`, so that an old one cannot be replayed."""
    told = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Sentinel-Timestamp": str(at), "X-Sentinel-Signature": f"v1={told}"}


@dataclass(frozen=True)
class Receivers:
    """What `webhook-urls` says: the channels, who stands in for whom, the operators' own, and what could not be understood.

    `unread`: why the secret as a whole could not be read, so that nobody knows whom it names.
    """

    channels: tuple[Channel, ...] = ()
    backups: Mapping[str, tuple[str, ...]] | None = None
    operators: tuple[Channel, ...] = ()
    refused: tuple[str, ...] = ()
    unread: SentinelError | None = None


def read(secret: Mapping[str, object], egress: Egress, *, loopback: bool = False) -> Receivers:
    """The receivers. An entry that may not be called or is malformed is named in `refused` and stops no other."""
    refused: list[str] = []
    plain = {name: value for name, value in secret.items() if name not in ("backups", "operators") and value}
    channels = _channels(plain, egress, refused, loopback=loopback)
    apart = secret.get("operators") or {}
    operators: list[Channel] = []
    if isinstance(apart, Mapping):
        operators = _channels(apart, egress, refused, loopback=loopback)
    else:
        refused.append("operators: expected an object of receivers")
    return Receivers(tuple(channels), _backups(secret.get("backups"), channels, refused), tuple(operators), tuple(refused))


def _channels(entries: Mapping[str, object], egress: Egress, refused: list[str], *, loopback: bool) -> list[Channel]:
    channels: list[Channel] = []
    for name, value in entries.items():
        try:
            if len(channels) >= _CHANNELS_MOST:
                raise BadEvent(f"more than {_CHANNELS_MOST} receivers")
            channels.append(_webhook(str(name), value, egress, loopback=loopback))
        except SentinelError as error:
            refused.append(f"{str(name)[:40]}: {error}")
    return channels


def _webhook(name: str, value: object, egress: Egress, *, loopback: bool) -> Webhook:
    entry: Mapping[str, object] = {"url": value} if isinstance(value, str) else value if isinstance(value, Mapping) else {}
    kind = str(entry.get("kind") or re.split(r"[-_.: ]", name.lower())[0])
    if kind not in _KINDS:
        raise BadEvent(f"is none of {', '.join(_KINDS)}")
    url, secret = _text(entry, "url"), _text(entry, "secret")
    if kind == "telegram":
        url, chat_id = _telegram(entry, url)
        checked(url, loopback=loopback)
        return Webhook(name, kind, url, egress, chat_id=chat_id)
    if not url:
        raise BadEvent("has no url")
    checked(url, loopback=loopback)
    if kind == "generic" and not secret:
        raise BadEvent("has no secret to sign with")
    return Webhook(name, kind, url, egress, secret=secret)


def _telegram(entry: Mapping[str, object], url: str) -> tuple[str, str]:
    """The address of `sendMessage` and the chat, from a token or from a whole address."""
    token, chat = _text(entry, "token"), entry.get("chat_id")
    if url and not token:
        parts = urlsplit(url)
        chat = chat or parse_qs(parts.query).get("chat_id", [""])[0]
        url = parts._replace(query="", fragment="").geturl()
    elif re.fullmatch(r"\d+:[\w-]+", token):
        url = f"{url.rstrip('/') or _TELEGRAM}/bot{token}/sendMessage"
    else:
        raise BadEvent("has no token of Telegram's form")
    if isinstance(chat, bool) or not isinstance(chat, str | int) or not re.fullmatch(r"-?\d{1,20}|@\w{3,64}", str(chat)):
        raise BadEvent("has no chat_id")
    return url, str(chat)


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name) or ""
    if not isinstance(value, str):
        raise BadEvent(f"its {name} is no text")
    return value.strip()


def _backups(value: object, channels: list[Channel], refused: list[str]) -> Mapping[str, tuple[str, ...]]:
    """Who stands in for whom; a name that is no channel is refused, not passed over."""
    if value is None:
        return {}
    known = {each.name for each in channels} | {"sns"}
    backups: dict[str, tuple[str, ...]] = {}
    if not isinstance(value, Mapping):
        refused.append("backups: expected an object, a receiver's name to a list of names")
        return {}
    for first, others in value.items():
        names = [others] if isinstance(others, str) else others if isinstance(others, list) else []
        strange = [str(each)[:40] for each in (first, *names) if each not in known or (each == first and each in names)]
        if strange or not names:
            refused.append(f"backups: {', '.join(strange) or str(first)[:40]} cannot stand in")
        else:
            backups[first] = tuple(names)
    return backups
