"""One exchange with a server: connect, ask, read under caps of size and time, unpack, notice when a body ends early.

Connections are kept and shared by all threads; no cookies, no passwords from the machine, no redirects.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter

from chalicelib.deadline import Deadline
from chalicelib.errors import Unreadable, UpstreamDown

_PIECE = 1 << 16
_ERROR_PAGE = 1 << 16
_CONNECTIONS = 64
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_NO_PROXY = {"http": "", "https": "", "all": ""}


@dataclass(frozen=True)
class Times:
    """Seconds: to connect, between two pieces of a body, for one whole exchange; back-off of the first retry and its limit;
    first pause after a throttle; longest wait a Retry-After may ask for. `tries` counts the first attempt too.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    total_s: float = 120.0
    back_off_s: float = 0.5
    longest_back_off_s: float = 30.0
    pause_s: float = 30.0
    longest_wait_s: float = 900.0
    tries: int = 5


@dataclass(frozen=True)
class Answer:
    """What a server said; the body unpacked, of an error page only its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, empty when it is absent."""
        return self.headers.get(name, "")


class Wire:
    """The connections, shared by all threads."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._session = requests.Session()
        self._session.headers.clear()
        self._session.auth = _as_it_is
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS, max_retries=0))

    def ask(self, address: str, headers: Mapping[str, str], max_bytes: int, deadline: Deadline, *, direct: bool) -> Answer:
        """The server's answer. `direct`: never through a proxy.

        Raises `UpstreamDown` when the line fails, stalls or ends early, `Unreadable` when a body is larger than `max_bytes`
        on the wire or unpacked, `OutOfTime` when the deadline came meanwhile.
        """
        left_s = min(self._times.total_s, deadline.remaining_s())
        until_s = time.monotonic() + left_s
        timeout = (max(0.001, min(self._times.connect_s, left_s)), max(0.001, min(self._times.read_s, left_s)))
        asking = {**headers, "Accept-Encoding": "gzip"}
        proxies = _NO_PROXY if direct else None
        try:
            with self._session.get(
                address, headers=asking, timeout=timeout, stream=True, allow_redirects=False, proxies=proxies
            ) as response:
                return _read(response, max_bytes, until_s)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, zlib.error, UpstreamDown) as error:
            deadline.check()
            if isinstance(error, UpstreamDown):
                raise
            raise UpstreamDown(f"the connection failed: {type(error).__name__}") from None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authentication by nobody: with it, requests leaves the machine's .netrc alone."""
    return request


def _read(response: requests.Response, max_bytes: int, until_s: float) -> Answer:
    good = response.status_code == requests.codes.ok
    limit = max_bytes if good else _ERROR_PAGE
    length = response.headers.get("Content-Length", "")
    if good and length.isascii() and length.isdigit() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    for piece in _unpacked(_pieces(response.raw, limit, until_s), response.headers.get("Content-Encoding", ""), limit):
        body += piece
        if len(body) > limit:
            if good:
                raise _too_large(max_bytes)
            break
    return Answer(response.status_code, response.headers, bytes(body[:limit]))


def _pieces(raw: urllib3.HTTPResponse, limit: int, until_s: float) -> Iterator[bytes]:
    """The body as it arrives, at most a piece beyond `limit`; urllib3 raises when it is shorter than its Content-Length."""
    seen = 0
    while seen <= limit and (piece := raw.read1(_PIECE, decode_content=False)):
        seen += len(piece)
        yield piece
        if time.monotonic() > until_s:
            raise UpstreamDown("the answer took longer than one request may")


def _unpacked(pieces: Iterator[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The body without its content encoding, a bomb let out only a piece at a time; raises when it ends early."""
    if encoding.strip().lower() in ("", "identity"):
        yield from pieces
        return
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise Unreadable("a content encoding we did not ask for", evidence=encoding)
    unpack = zlib.decompressobj(_GZIP_OR_ZLIB)
    seen = 0
    for piece in pieces:
        packed = piece
        while packed and seen <= limit:
            if unpack.eof:
                unpack = zlib.decompressobj(_GZIP_OR_ZLIB)
            plain = unpack.decompress(packed, _PIECE)
            packed = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
            seen += len(plain)
            yield plain
    if seen <= limit and not unpack.eof:
        raise UpstreamDown("the answer ended before its compressed body did")


def _too_large(max_bytes: int) -> Unreadable:
    return Unreadable(f"larger than the {max_bytes:,} bytes allowed")
