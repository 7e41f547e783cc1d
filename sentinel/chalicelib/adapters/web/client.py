"""The web client: each hop checked and paced, passing failures tried again inside the deadline, documents kept.

`get` serves scrapers; `get_private` serves adapters that must show a credential, and keeps nothing.
"""

from __future__ import annotations

import copy
import email.utils
import hashlib
import random
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, Self

from chalicelib.adapters.web import shapes
from chalicelib.adapters.web.addresses import DEFAULT_HOSTS, Addresses, Target, resolved
from chalicelib.adapters.web.gate import Gate, Throttled
from chalicelib.adapters.web.wire import Answer, Times, Wire
from chalicelib.deadline import Deadline
from chalicelib.errors import BadEvent, Forbidden, Missing, OutOfTime, Unreadable, UpstreamDown
from chalicelib.ports import Document, Shape

_ARCHIVE = re.compile(r"https://www\.sec\.gov/Archives/edgar/data/\d+/(?:\d{18}/.+|\d{10}-\d{2}-\d{6}\.txt)", re.IGNORECASE)
"""A filing's documents never change once they are published."""

_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
_NOBODY = re.compile(
    r"@(?:[\w-]+\.)*(?:example(?:\.(?:com|org|net))?|invalid|test|domain\.com|yourcompany\.com)\b", re.IGNORECASE
)
"""Domains that reach nobody (RFC 2606), and those of copied samples."""

_PLAIN_AGENT = "boom-bust-sentinel"
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 500, 502, 503, 504)
_MOST_HOPS = 5
_NOT_THERE = re.compile(rb"<Code>(?:AccessDenied|NoSuchKey)</Code>")
"""EDGAR's store answers 403 with this XML, not 404, for an index or document that does not exist."""


class Cache(Protocol):
    """Where documents are kept. Neither method raises: what cannot be kept is fetched again."""

    def find(self, url: str) -> tuple[Document, Mapping[str, str]] | None:
        """The newest copy of what was asked for at `url`, with its validators (`etag`, `last_modified`)."""
        ...

    def keep(self, url: str, document: Document, validators: Mapping[str, str]) -> None:
        """Keep a copy."""
        ...


@dataclass(frozen=True)
class _Request:
    """One thing to get; `headers` may hold a credential and never reach a message."""

    shape: Shape
    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    private: bool = False


def _silent(_words: str) -> None:
    """Where nobody listens to warnings."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class HttpWeb:
    """Satisfies `ports.Web`. Safe for many threads; one per process, so that all share connections and rate.

    `hosts`: the allow-list (`.example.com` for all names under one). `routes`: canonical prefixes and the bases that stand in
    for them. `user_agent`: company and contact e-mail, needed for EDGAR unless it is routed to loopback. `max_rps`: most
    requests that may start in any second at EDGAR, all its hosts together; `other_rps`: at each other host. `warn` is told
    of throttling.
    """

    def __init__(
        self,
        *,
        hosts: Collection[str] = DEFAULT_HOSTS,
        routes: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        max_rps: int = 8,
        other_rps: int = 4,
        cache: Cache | None = None,
        deadline: Deadline | None = None,
        warn: Callable[[str], None] = _silent,
        times: Times | None = None,
        now: Callable[[], datetime] = _utc_now,
        resolve: Callable[[str], Sequence[str]] = resolved,
    ) -> None:
        self._routes = routes or {}
        self._resolve = resolve
        self._addresses = Addresses(hosts, self._routes, resolve)
        self._user_agent = user_agent
        self._rates = {"sec.gov": max_rps, "": other_rps}
        self._cache = cache
        self._deadline = deadline or Deadline()
        self._warn = warn
        self._times = times or Times()
        self._now = now
        self._wire = Wire(self._times)
        self._gates: dict[str, Gate] = {}
        self._lock = threading.Lock()

    def within(self, deadline: Deadline) -> Self:
        """The same client, with the same connections and the same rate, under another deadline."""
        other = copy.copy(self)
        other._deadline = deadline  # noqa: SLF001 -- a copy of ourselves
        return other

    def allowing(self, hosts: Collection[str], cache: Cache | None) -> Self:
        """The same client, with the same connections and the same rate, for another allow-list and another cache."""
        other = copy.copy(self)
        other._addresses = Addresses(hosts, self._routes, self._resolve)  # noqa: SLF001 -- a copy of ourselves
        other._cache = cache  # noqa: SLF001 -- as above
        return other

    def get(self, url: str, *, shape: Shape = "any", max_bytes: int = 64_000_000, fresh: bool = False) -> Document:
        """See `ports.Web.get`. A filing's documents are asked for once; anything else is asked for again each time, with the
        kept copy's validators, and not transferred when it has not changed.

        Raises `OutOfTime` besides, when the deadline comes first, and `BadEvent` when EDGAR is asked without a contact.
        """
        target = self._addresses.target(url)
        kept = self._cache.find(target.url) if self._cache else None
        if kept and (len(kept[0].body) > max_bytes or shapes.misfit(kept[0].body, shape)):
            kept = None
        if kept and not fresh and _ARCHIVE.fullmatch(target.url):
            return kept[0]
        here, answer = self._ask(target, _Request(shape, max_bytes, _conditions(kept[1]) if kept else {}))
        if kept and answer.status == 304:
            return kept[0]
        document = self._document(here, answer)
        if self._cache and not shapes.ends_early(answer.body, shape):
            validators = {"etag": answer.header("ETag"), "last_modified": answer.header("Last-Modified")}
            self._cache.keep(target.url, document, validators)
        return document

    def get_private(self, url: str, headers: Mapping[str, str], *, shape: Shape = "any", max_bytes: int = 16_000_000) -> Document:
        """A document that is given only to who shows a credential in `headers` (never in the address).

        Nothing is kept, no message holds a header or a query, and a redirect to another host is refused.
        """
        target = self._addresses.target(url)
        return self._document(*self._ask(target, _Request(shape, max_bytes, headers, private=True)))

    def _document(self, here: Target, answer: Answer) -> Document:
        digest = hashlib.sha256(answer.body).hexdigest()
        kind = answer.header("Content-Type")[:200]
        return Document(url=here.url, body=answer.body, content_type=kind, sha256=digest, fetched_at=self._now())

    def _ask(self, target: Target, request: _Request) -> tuple[Target, Answer]:
        """The answer, and where after redirects it came from."""
        here = target
        for _ in range(_MOST_HOPS + 1):
            answer = self._ask_patiently(here, request)
            if answer.status not in _REDIRECTS:
                return here, answer
            location = answer.header("Location")
            if not location:
                raise Unreadable("a redirect that leads nowhere", where=here.name)
            onward = self._addresses.follow(here, location)
            if request.private and onward.host != here.host:
                raise Forbidden(f"{here.name}: redirected to {onward.host}, which must not see the credential")
            here = onward
        raise Unreadable(f"more than {_MOST_HOPS} redirects", where=target.name)

    def _ask_patiently(self, target: Target, request: _Request) -> Answer:
        gate = self._gate(target)
        headers = {"User-Agent": self._agent(target), "Accept": "*/*", **request.headers}
        for attempt in range(1, self._times.tries + 1):
            turn = gate.enter(self._deadline)
            try:
                with turn:
                    return self._ask_once(target, request, headers)
            except Throttled as trouble:
                self._warn(f"{trouble}; nobody asks there for {gate.shut_s():.0f} s")
                self._refuse_long(trouble, gate.shut_s())
                if attempt == self._times.tries:
                    raise UpstreamDown(str(trouble), retry_after_s=gate.shut_s()) from None
            except UpstreamDown as trouble:
                if attempt == self._times.tries:
                    raise
                self._back_off(attempt, trouble)
        raise AssertionError("tries is at least 1")

    def _ask_once(self, target: Target, request: _Request, headers: Mapping[str, str]) -> Answer:
        try:
            answer = self._wire.ask(target.address, headers, request.max_bytes, self._deadline, direct=target.loopback)
        except UpstreamDown as error:
            raise UpstreamDown(f"{target.name}: {error}") from None
        except Unreadable as error:
            raise Unreadable(str(error), where=target.name, evidence=error.evidence) from None
        _judge(answer, target, request)
        return answer

    def _back_off(self, attempt: int, trouble: UpstreamDown) -> None:
        """Sleep before the next try: full jitter below a doubling limit, and at least what Retry-After asked for."""
        limit_s = min(self._times.longest_back_off_s, self._times.back_off_s * 2 ** (attempt - 1))
        wait_s = random.uniform(0, limit_s) + (trouble.retry_after_s or 0.0)  # noqa: S311 -- spreads load, keeps no secret
        self._refuse_long(trouble, wait_s)
        if wait_s >= self._deadline.remaining_s():
            raise OutOfTime(f"{trouble}; the time for this run ends before the next try") from trouble
        time.sleep(wait_s)

    def _refuse_long(self, trouble: UpstreamDown, wait_s: float) -> None:
        if wait_s > self._times.longest_wait_s:
            raise UpstreamDown(str(trouble), retry_after_s=wait_s) from trouble

    def _gate(self, target: Target) -> Gate:
        name = "sec.gov" if target.sec else target.host
        with self._lock:
            if name not in self._gates:
                self._gates[name] = Gate(self._rates.get(name, self._rates[""]), self._times.pause_s)
            return self._gates[name]

    def _agent(self, target: Target) -> str:
        """How we present ourselves; EDGAR must be told whom to write to."""
        agent = (self._user_agent or "").strip()
        if target.sec and not target.loopback and (not _CONTACT.search(agent) or _NOBODY.search(agent)):
            raise BadEvent(
                "SEC_USER_AGENT: EDGAR answers only those who name a company and a contact e-mail that reaches someone "
                f'(SEC_USER_AGENT="Company name name@company"); it is {agent or "not set"!r}'
            )
        return agent or _PLAIN_AGENT


def _conditions(validators: Mapping[str, str]) -> Mapping[str, str]:
    names = {"etag": "If-None-Match", "last_modified": "If-Modified-Since"}
    return {header: validators[name] for name, header in names.items() if validators.get(name)}


def _judge(answer: Answer, target: Target, request: _Request) -> None:
    """Nothing when the answer is what was asked for, a redirect or "not changed"; raises what else it is."""
    code, name, after_s = answer.status, target.name, _retry_after_s(answer)
    if code == 429 or (target.sec and (shapes.is_throttle_page(answer.body) or (code == 403 and shapes.is_page(answer.body)))):
        raise Throttled(f"{name}: throttled ({code})", retry_after_s=after_s)
    if code in (404, 410) or (target.sec and code == 403 and _NOT_THERE.search(answer.body)):
        raise Missing(f"{name}: not there ({code})")
    if code in _PASSING or code > 504:
        raise UpstreamDown(f"{name}: answered {code}", retry_after_s=after_s)
    if 400 <= code < 500:
        raise Forbidden(f"{name}: refused ({code})")
    if code == 304 and not request.headers:
        raise UpstreamDown(f"{name}: answered 304 although no copy was named")
    if code in (304, *_REDIRECTS):
        return
    if code != 200:
        raise Unreadable(f"answered {code}", where=name)
    _judge_body(answer.body, target, request)


def _judge_body(body: bytes, target: Target, request: _Request) -> None:
    why = shapes.misfit(body, request.shape)
    if why and target.sec and shapes.is_page(body) and request.shape in ("json", "index", "sgml"):
        raise Throttled(f"{target.name}: {why} where {request.shape} was due", full=False)
    if why:
        beginning = "" if request.private else body[:200].decode("utf-8", "replace")
        raise Unreadable(f"{why} where {request.shape} was due", where=target.name, evidence=beginning)
    if request.shape == "json" and shapes.ends_early(body, "json"):
        raise UpstreamDown(f"{target.name}: the answer ended before its JSON did")


def _retry_after_s(answer: Answer) -> float | None:
    """Retry-After in seconds, from a number or a date; None when there is none or it is neither."""
    text = answer.header("Retry-After").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() - time.time())
