"""A loopback receiver of webhooks: keeps what it is sent, and answers as told: refuse, stall, redirect, talk for 10 MB."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebhookReceiver:
    """`behaviour[path]` is a list of answers, one per request, the last one repeated: a status, or one of the words
    `stall`, `flood`, `redirect:<location>`, `hang-up`, `drip`. Paths without one answer 200.
    """

    behaviour: dict[str, list[int | str]] = field(default_factory=dict)
    answer: bytes = b"ok"
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                receiver.received.append(Received(self.path, dict(self.headers), body))
                receiver._answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the server's own name for it
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self._released = threading.Event()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def at(self, path: str) -> list[Received]:
        return [each for each in self.received if each.path.partition("?")[0] == path]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        planned = self.behaviour.get(handler.path.partition("?")[0], [200])
        answer = planned.pop(0) if len(planned) > 1 else planned[0]
        if answer == "stall":
            self._released.wait(60)
            return
        if answer == "hang-up":
            handler.connection.close()
            return
        handler.send_response(answer if isinstance(answer, int) else 302 if answer.startswith("redirect:") else 200)
        if isinstance(answer, str) and answer.startswith("redirect:"):
            handler.send_header("Location", answer.partition(":")[2])
        handler.end_headers()
        try:
            if answer == "flood":
                for _ in range(10):
                    handler.wfile.write(b"x" * 1_000_000)
            elif answer == "drip":
                while not self._released.is_set():
                    handler.wfile.write(b"x")
                    time.sleep(0.05)
            else:
                handler.wfile.write(self.answer)
        except OSError:
            pass
