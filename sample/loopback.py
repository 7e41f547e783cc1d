"""A web server on loopback that stands in for EDGAR, feeds, Yahoo or a webhook, and can be told to misbehave.

Serves a folder laid out by URL path, pages added one by one, or both; records every request with its start time.

    with Loopback({"/www.sec.gov/files/a.json": '{"a": 1}'}) as server:
        server.add("/feed", rss, headers={"Content-Type": "application/rss+xml"})
        server.fail(status(503, retry_after="1"), path="/feed", times=2)
        web = HttpWeb(hosts=["www.sec.gov"], routes=server.routes("www.sec.gov"))
        ...
        assert len(server.requests) == 3
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self, TypeAlias
from urllib.parse import unquote, urlsplit

TYPES = {
    ".json": "application/json",
    ".htm": "text/html",
    ".html": "text/html",
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".idx": "text/plain",
    ".txt": "text/plain",
    ".zip": "application/zip",
    ".gz": "application/x-gzip",
}

THROTTLE_PAGE = b"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head>
<body><h1>Your Request Originates from an Undeclared Automated Tool</h1>
<p>Please declare your traffic by updating your user agent to include company specific information.</p></body></html>"""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. `at_s` is `time.monotonic()` when its head had been read; header names are lower case.

    `port` is the asker's, one per connection.
    """

    at_s: float
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    port: int = 0


@dataclass(frozen=True)
class Reply:
    """What is sent. `delay_s` before the first byte; `cut` closes the connection after that many bytes of the body, `stall_s`
    after them holds it open first; `drip_s` passes between any two bytes; `declared` is a Content-Length that is not the body's.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut: int | None = None
    stall_s: float = 0.0
    drip_s: float = 0.0
    declared: int | None = None


Page: TypeAlias = "bytes | str | Reply | Callable[[Asked], bytes | str | Reply]"
Change: TypeAlias = Callable[[Asked, Reply], Reply]


@dataclass
class Fault:
    """A change made to replies whose path begins with `path`, `times` times (None: always)."""

    change: Change
    path: str = ""
    times: int | None = None


class Loopback:
    """The server; `url` is its address while the `with` lasts. `latency_s` is waited before every reply.

    `site` is a folder laid out by URL path, or a mapping from path (with `?query` where that matters) to page. Pages carry
    an ETag and answer 304 to the one who has it; bodies are gzipped for those who accept it unless `gzip` is False.
    """

    def __init__(self, site: Path | str | Mapping[str, Page] | None = None, *, latency_s: float = 0.0, gzip: bool = True) -> None:
        self.folder = Path(site).resolve() if isinstance(site, (str, Path)) else None
        self.pages: dict[str, Page] = dict(site) if isinstance(site, Mapping) else {}
        self.latency_s = latency_s
        self.gzip = gzip
        self.faults: list[Fault] = []
        self.requests: list[Asked] = []
        self._lock = threading.Lock()
        loopback = self

        class Handler(_Handler):
            site = loopback

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The server's address, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, path: str, body: Page, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Serve `body` (bytes, text, a `Reply`, or a function from `Asked` to one of them) at `path` (`/host/a.json?q=1`)."""
        self.pages[path] = body if callable(body) else _reply(body, status, headers or {})

    def fail(self, change: Change, path: str = "", times: int | None = None) -> None:
        """From now on change replies under `path`, the next `times` of them; later faults are applied after earlier ones."""
        self.faults.append(Fault(change, path, times))

    def routes(self, *hosts: str) -> dict[str, str]:
        """For a web client: the canonical prefix of each host and this server's folder of that name."""
        return {f"https://{host}/": f"{self.url}/{host}/" for host in hosts}

    def starts(self, path: str = "") -> list[float]:
        """When each request under `path` arrived, in order."""
        return sorted(asked.at_s for asked in self.requests if asked.path.startswith(path))

    def answer(self, asked: Asked) -> Reply:
        """The reply to one request, faults and revalidation included."""
        reply = self._page(asked)
        for fault in self._due(asked):
            reply = fault.change(asked, reply)
        headers = dict(reply.headers)
        if reply.status == HTTPStatus.OK and reply.body:
            tag = headers.setdefault("ETag", f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"')
            if asked.headers.get("if-none-match") == tag:
                return replace(reply, status=304, body=b"", headers=headers)
            if self.gzip and "gzip" in asked.headers.get("accept-encoding", "") and "Content-Encoding" not in headers:
                return replace(reply, body=_gzipped(reply.body), headers={**headers, "Content-Encoding": "gzip"})
        return replace(reply, headers=headers)

    def _due(self, asked: Asked) -> Iterator[Fault]:
        with self._lock:
            for fault in self.faults:
                if asked.path.startswith(fault.path) and fault.times != 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    yield fault

    def _page(self, asked: Asked) -> Reply:
        page = self.pages.get(f"{asked.path}?{asked.query}" if asked.query else asked.path, self.pages.get(asked.path))
        if callable(page):
            page = page(asked)
        if page is not None:
            reply = _reply(page, 200, {})
            return replace(reply, headers={**_type(asked.path), **reply.headers})
        if self.folder is not None:
            file = (self.folder / unquote(asked.path).lstrip("/")).resolve()
            if file.is_relative_to(self.folder) and file.is_file():
                return Reply(file.read_bytes(), headers=_type(file.name))
        return Reply(b"<html><body>404 not found</body></html>", 404, {"Content-Type": "text/html"})


def most_in_any_second(starts: Sequence[float], seconds: float = 1.0) -> int:
    """The largest number of `starts` (sorted) inside any window of `seconds`."""
    most = first = 0
    for last, at in enumerate(starts):
        while starts[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def status(code: int, body: bytes = b"out of order", *, retry_after: str | None = None, kind: str = "text/plain") -> Change:
    """Answer with `code` instead."""
    headers = {"Content-Type": kind} | ({"Retry-After": retry_after} if retry_after else {})
    return lambda _asked, _reply: Reply(body, code, headers)


def throttled(code: int = 403) -> Change:
    """Answer with EDGAR's throttle page; with `code` 200 the page comes where data was due."""
    return status(code, THROTTLE_PAGE, kind="text/html")


def over_rate(limit: int, penalty_s: float = 0.0) -> Change:
    """The throttle page to whoever asks more than `limit` times in a second, and for `penalty_s` after that to everybody."""
    lock = threading.Lock()
    starts: list[float] = []
    shut = [0.0]

    def change(asked: Asked, reply: Reply) -> Reply:
        with lock:
            starts.append(asked.at_s)
            starts[:] = [at for at in starts if at > asked.at_s - 1]
            if len(starts) > limit:
                shut[0] = asked.at_s + penalty_s
            return throttled()(asked, reply) if len(starts) > limit or asked.at_s < shut[0] else reply

    return change


def slow(seconds: float) -> Change:
    """Wait before the first byte."""
    return lambda _asked, reply: replace(reply, delay_s=seconds)


def stall(seconds: float, after: int = 10) -> Change:
    """Send `after` bytes of the body, hold the line open, then hang up."""
    return lambda _asked, reply: replace(reply, cut=after, stall_s=seconds)


def cut(after: int = 10) -> Change:
    """Hang up after `after` bytes of the body as sent."""
    return lambda _asked, reply: replace(reply, cut=after)


def declared_length(length: int) -> Change:
    """A Content-Length that is not the body's."""
    return lambda _asked, reply: replace(reply, declared=length)


def cut_gzip(after: int = 20) -> Change:
    """A gzipped body that ends early although its Content-Length is right."""
    return lambda _asked, reply: replace(
        reply, body=_gzipped(reply.body)[:after], headers={**reply.headers, "Content-Encoding": "gzip"}
    )


def redirect(to: str, code: int = 302) -> Change:
    """Send the asker elsewhere."""
    return lambda _asked, _reply: Reply(b"", code, {"Location": to})


def huge(size: int) -> Change:
    """A body of `size` bytes, as they are."""
    return lambda _asked, reply: Reply(b"x" * size, headers={**reply.headers, "Content-Encoding": "identity"})


def bomb(size: int) -> Change:
    """A small gzipped body that grows to `size` bytes."""
    packed = gzip.compress(b" " * size, 1)
    return lambda _asked, reply: Reply(packed, headers={**reply.headers, "Content-Encoding": "gzip"})


def _reply(page: bytes | str | Reply, code: int, headers: Mapping[str, str]) -> Reply:
    if isinstance(page, Reply):
        return page
    return Reply(page.encode() if isinstance(page, str) else page, code, headers)


def _type(name: str) -> dict[str, str]:
    return {"Content-Type": TYPES.get(Path(name).suffix.lower(), "application/octet-stream")}


@lru_cache(maxsize=64)
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, 1, mtime=0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    site: ClassVar[Loopback]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(time.monotonic(), self.command, parts.path, parts.query, headers, port=self.client_address[1])
        if length := int(headers.get("content-length", "0")):
            asked = replace(asked, body=self.rfile.read(length))
        self.site.requests.append(asked)
        reply = self.site.answer(asked)
        time.sleep(self.site.latency_s + reply.delay_s)
        self.send_response(reply.status)
        length = len(reply.body) if reply.declared is None else reply.declared
        for name, value in {**reply.headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        with contextlib.suppress(OSError):
            self.end_headers()
            if self.command != "HEAD":
                self._send(reply.body[: reply.cut], reply.drip_s)
            self.wfile.flush()
        time.sleep(reply.stall_s)
        self.close_connection = self.close_connection or reply.cut is not None or reply.declared is not None

    def _send(self, body: bytes, drip_s: float) -> None:
        if not drip_s:
            self.wfile.write(body)
            return
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            self.wfile.flush()
            time.sleep(drip_s)

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815 -- the names http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's own name
        """Silent: `requests` is the log."""
