"""Which addresses may be asked, and where they really are.

Only https on the allow-list. A route puts another base (a mirror, a loopback server) in the place of a canonical prefix.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from chalicelib.errors import BadEvent, Forbidden

DEFAULT_HOSTS = frozenset({"www.sec.gov", "data.sec.gov", "www.ecb.europa.eu", "data-api.ecb.europa.eu"})
"""EDGAR, and the European Central Bank's reference rates."""

_LONGEST = 2048


@dataclass(frozen=True)
class Target:
    """An address that may be asked: its canonical `url` and `host`, the `address` to connect to, whether that is loopback."""

    url: str
    host: str
    address: str
    loopback: bool

    @property
    def sec(self) -> bool:
        """Whether EDGAR's rules of access hold here."""
        return self.host == "sec.gov" or self.host.endswith(".sec.gov")

    @property
    def name(self) -> str:
        """The address as messages name it: without its query, which may hold what is nobody's business."""
        return self.url.partition("?")[0]


def resolved(host: str) -> Sequence[str]:
    """The IP addresses of `host`; none when its name is not known, which the connection then reports."""
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    except OSError:
        return []


class Addresses:
    """The allow-list and the routes.

    `hosts` are exact names, or `.example.com` for every name under it. `routes` maps canonical prefixes
    (`https://www.sec.gov/`) to bases: https anywhere, http on loopback only; raises `BadEvent` for any other.
    """

    def __init__(
        self, hosts: Collection[str], routes: Mapping[str, str], resolve: Callable[[str], Sequence[str]] = resolved
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        pairs = ((prefix.rstrip("/") + "/", base.rstrip("/") + "/") for prefix, base in routes.items())
        self._routes = sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)
        self._resolve = resolve
        self._public: set[str] = set()
        for prefix, base in self._routes:
            _checked_base(prefix, base)

    def target(self, url: str) -> Target:
        """Where `url` is to be asked; raises `Forbidden` when it may not be."""
        parts = _split(url)
        host = (parts.hostname or "").lower()
        name = url.partition("?")[0][:200]
        if parts.scheme != "https":
            raise Forbidden(f"{name!r}: only https addresses are asked")
        if parts.username or parts.password or parts.port not in (None, 443):
            raise Forbidden(f"{name!r}: an address with a user name, a password or a port is not asked")
        if not self._allowed(host):
            raise Forbidden(f"{name!r}: the host {host!r} is not on the allow-list")
        canonical = parts._replace(netloc=host, path=parts.path or "/", fragment="").geturl()
        for prefix, base in self._routes:
            if canonical.startswith(prefix):
                loopback = _is_loopback(urlsplit(base).hostname or "")
                return Target(canonical, host, base + canonical[len(prefix) :], loopback)
        self._refuse_private(host)
        return Target(canonical, host, canonical, loopback=False)

    def follow(self, target: Target, location: str) -> Target:
        """The target a redirect from `target` leads to; raises `Forbidden` when it leaves what is allowed."""
        if not urlsplit(location).netloc:
            return self.target(urljoin(target.url, location))
        absolute = urljoin(target.address, location)
        for prefix, base in self._routes:
            if absolute.startswith(base):
                return self.target(prefix + absolute[len(base) :])
        return self.target(absolute)

    def _allowed(self, host: str) -> bool:
        parents = (host[at:] for at, character in enumerate(host) if character == ".")
        return host in self._hosts or any(parent in self._hosts for parent in parents)

    def _refuse_private(self, host: str) -> None:
        if host in self._public:
            return
        for text in self._resolve(host):
            if not ipaddress.ip_address(text.partition("%")[0]).is_global:
                raise Forbidden(f"{host!r} leads to the private address {text}")
        self._public.add(host)


def _split(url: str) -> SplitResult:
    if len(url) > _LONGEST or not url.isascii() or any(character <= " " or character in '\\"<>\x7f' for character in url):
        raise Forbidden(f"{url[:200]!r} is no address: too long, or characters that must be escaped")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- reading it is what checks it
    except ValueError as error:
        raise Forbidden(f"{url[:200]!r} is no address: {error}") from None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_base(prefix: str, base: str) -> None:
    parts = urlsplit(base)
    if urlsplit(prefix).scheme != "https":
        raise BadEvent(f"route {prefix!r}: expected a canonical https prefix")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))):
        raise BadEvent(f"route {prefix!r} to {base!r}: expected an https base (http only on loopback)")
