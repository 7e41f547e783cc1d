"""One POST to an address somebody configured: https, to a public address only, bounded in time, size and tries.

The host is resolved once, every address it has is vetted, and the connection goes to the vetted address itself, so that a
name cannot point elsewhere between the check and the use. Redirects are not followed. No error names more than the host.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from chalicelib.errors import BadEvent, Forbidden, Missing, SentinelError, UpstreamDown

CONNECT_S = 5.0
ANSWER_S = 10.0
"""From the connection to the last byte of the answer, however slowly it drips."""
TRIES = 3
PATIENCE_S = 20.0
"""After this long no further try begins: one dead receiver holds an alert for well under a minute."""
_LONGEST_WAIT_S = 5.0
_ANSWER_MOST = 64_000
_GONE = {404, 410}
_REFUSED = {401, 403}
_PASSING = {408, 425, 429}


@dataclass(frozen=True)
class Answer:
    """What the receiver said; `body` is cut at 64,000 bytes."""

    status: int
    body: bytes


class Egress:
    """Posts to public https addresses. `loopback` allows 127.0.0.1 over http as well: for tests and rehearsals.

    `resolve` gives all addresses of a host and port; `answer_s` bounds one try from the connection on.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        tls: ssl.SSLContext | None = None,
        pause: Callable[[float], None] = time.sleep,
        resolve: Callable[[str, int], Sequence[str]] | None = None,
        answer_s: float = ANSWER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loopback, self._pause, self._answer_s, self._clock = loopback, pause, answer_s, clock
        self._resolve = resolve or _resolved
        self._tls = tls or ssl.create_default_context()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to a POST, a 2xx one. Tries again while that may help.

        Raises `BadEvent` (an address that may not be called, a message that was not accepted), `Forbidden` (401, 403),
        `Missing` (404, 410), `UpstreamDown` (unreachable, throttled, failing).
        """
        parts = checked(url, loopback=self._loopback)
        began = self._clock()
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(parts, body, headers)
            except UpstreamDown as error:
                if attempt == TRIES or self._clock() - began >= PATIENCE_S:
                    raise
                self._pause(min(error.retry_after_s or 0.5 * 2**attempt, _LONGEST_WAIT_S))
        raise AssertionError("the last try returns or raises")

    def _once(self, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self._vetted(host, port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection(host, port)
        watch: threading.Timer | None = None
        try:
            link: socket.socket = socket.create_connection((address, port), timeout=CONNECT_S)
            if parts.scheme == "https":
                link = self._tls.wrap_socket(link, server_hostname=host, do_handshake_on_connect=False)
            link.settimeout(self._answer_s)
            connection.sock = link
            watch = threading.Timer(self._answer_s, _hang_up, (link,))
            watch.daemon = True
            watch.start()
            if isinstance(link, ssl.SSLSocket):
                link.do_handshake()
            connection.request("POST", path, body, {"User-Agent": "boom-bust-sentinel", **headers, "Host": parts.netloc})
            with connection.getresponse() as response:
                return _judged(host, response)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UpstreamDown(f"{host}: {_kind(error)}") from None
        finally:
            if watch:
                watch.cancel()
            connection.close()

    def _vetted(self, host: str, port: int) -> str:
        """One of the host's addresses, once all of them are found to be allowed; of version 4 first, which Lambda can reach."""
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise UpstreamDown(f"{host}: its name cannot be resolved") from None
        for address in addresses:
            if not _allowed(address, loopback=self._loopback):
                raise BadEvent(f"{host}: is not on the public internet")
        return min(addresses, key=lambda each: ":" in each)


def _resolved(host: str, port: int) -> list[str]:
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def checked(url: str, *, loopback: bool = False) -> SplitResult:
    """The parts of an address that may be called. Raises `BadEvent` with words that do not repeat it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadEvent("the address is malformed") from None
    host = parts.hostname or ""
    if not host or any(ord(each) <= 0x20 or ord(each) >= 0x7F for each in url):
        raise BadEvent("the address is malformed")
    if parts.username or parts.password:
        raise BadEvent(f"{host}: the address holds a user name")
    local = loopback and host in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise BadEvent(f"{host}: the address is not https")
    if port not in (None, 443, 8443) and not local:
        raise BadEvent(f"{host}: port {port} is not one for https")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        if not local and ("." not in host or host.rpartition(".")[2].lower() in ("localhost", "internal", "local", "arpa")):
            raise BadEvent(f"{host}: is not on the public internet") from None
        return parts
    if not _allowed(str(literal), loopback=loopback):
        raise BadEvent(f"{host}: is not on the public internet")
    return parts


def _allowed(address: str, *, loopback: bool) -> bool:
    """Whether a connection may go to the numeric `address`."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        embedded = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        number = embedded or number
        if isinstance(number, ipaddress.IPv6Address) and number in ipaddress.ip_network("64:ff9b::/96"):
            number = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    if number.is_loopback:
        return loopback
    return number.is_global and not number.is_multicast


def _judged(host: str, response: http.client.HTTPResponse) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer(status, _some(response))
    if 300 <= status < 400:
        raise BadEvent(f"{host}: redirects elsewhere ({status}); redirects are not followed")
    raise refusal(host, status, response.getheader("Retry-After"))


def refusal(host: str, status: int, retry_after: str | None = None) -> SentinelError:
    """The error an answer means that is not 2xx."""
    if status in _REFUSED:
        return Forbidden(f"{host}: refused us ({status})")
    if status in _GONE:
        return Missing(f"{host}: there is no such receiver ({status})")
    if status in _PASSING or status >= 500:
        wait = float(retry_after) if retry_after and retry_after.strip().isdecimal() else None
        return UpstreamDown(f"{host}: answered {status}", retry_after_s=wait)
    return BadEvent(f"{host}: did not accept the message ({status})")


def _some(response: http.client.HTTPResponse) -> bytes:
    """The answer's beginning. The receiver has accepted: what goes wrong while it goes on talking changes nothing."""
    body = bytearray()
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        while len(body) < _ANSWER_MOST and (piece := response.read1(_ANSWER_MOST - len(body))):
            body += piece
    return bytes(body)


def _hang_up(link: socket.socket) -> None:
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def _kind(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not valid"
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "refused the connection"
    return f"the connection broke ({type(error).__name__})"
