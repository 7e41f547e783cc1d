"""Lambda on loopback: an unpacked artefact run by AWS's own runtime client against a small Runtime API.

Each copy is a process that can import nothing but the artefact, its layer and what Lambda's runtime has (awslambdaric, boto3),
with the environment it is given and no other.
"""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import sys
import sysconfig
import threading
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

OF_THE_RUNTIME = (
    "awslambdaric",
    "runtime_client*",
    "simplejson",
    "snapshot_restore_py*",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "dateutil",
    "urllib3",
    "six.py",
)
"""What Lambda's Python has besides the standard library, by its names in site-packages."""

_START = """import sys
sys.path[:0] = sys.argv[1].split(":")
from awslambdaric.__main__ import main
main(["bootstrap", sys.argv[2]])"""
_API = "/2018-06-01/runtime"


@dataclass(frozen=True)
class Artefact:
    """Unpacked zips: the function's folder and everything importable, in Lambda's order."""

    task: Path
    path: tuple[Path, ...]


def unpack(function: Path, layer: Path, target: Path) -> Artefact:
    """Unpack a function's zip and its layer below `target`, and put what the runtime has beside them."""
    task, opt = target / "task", target / "opt"
    for archive, folder in ((function, task), (layer, opt)):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)  # our own package
    runtime = target / "runtime"
    runtime.mkdir(exist_ok=True)
    for pattern in OF_THE_RUNTIME:
        for found in Path(sysconfig.get_path("purelib")).glob(pattern):
            if not found.name.endswith(".dist-info") and not (runtime / found.name).exists():
                (runtime / found.name).symlink_to(found)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Artefact(task, (task, opt / "python" / "lib" / version / "site-packages", opt / "python", runtime))


@dataclass(frozen=True)
class Answer:
    """What came back: the function's value, or with `broke` what Lambda tells of its end."""

    value: Any
    broke: bool = False


@dataclass
class _Call:
    event: bytes
    seconds: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Instance:
    """One warm copy of a function. `handler` is `app.bond_issuance`; `environment` is all the process sees."""

    def __init__(self, artefact: Artefact, handler: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = environment.get("AWS_LAMBDA_FUNCTION_NAME", handler)
        self.log = log
        self._calls: queue.Queue[_Call] = queue.Queue()
        self._answers: queue.Queue[tuple[str, Answer]] = queue.Queue()
        self.polled = threading.Event()
        self.polled_at = 0.0
        instance = self

        class Handler(_RuntimeApi):
            serves = instance

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.began = time.perf_counter()
        with log.open("ab") as sink:
            self.process = subprocess.Popen(  # noqa: S603 -- our own interpreter on our own package
                [sys.executable, "-I", "-S", "-B", "-c", _START, ":".join(map(str, artefact.path)), handler],
                cwd=artefact.task,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}"},
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def invoke(self, event: object, seconds: float = 900.0) -> Answer:
        """The answer to one event; `seconds` after its first poll the copy is killed, as Lambda does."""
        while not self.polled.wait(0.02):
            if self.process.poll() is not None:
                return self._ended()
        call = _Call(json.dumps(event).encode(), seconds)
        until = time.monotonic() + seconds
        self._calls.put(call)
        while time.monotonic() < until:
            try:
                answered, answer = self._answers.get(timeout=0.02)
            except queue.Empty:
                if self.process.poll() is not None:
                    return self._ended()
                continue
            if answered == call.id:
                return answer
        self.kill()
        return Answer(
            {"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {seconds:.2f} seconds"}, broke=True
        )

    def until_polled(self) -> float:
        """Seconds from the start of the process to its first poll: what a cold start costs. Raises `RuntimeError` if it ends."""
        while not self.polled.wait(0.02):
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended before its first poll: {self.told()[-1000:]}")
        return self.polled_at - self.began

    def kill(self) -> None:
        """End the process as a crash would: at once."""
        self.process.kill()
        self.process.wait()
        self._server.shutdown()
        self._server.server_close()

    def told(self) -> str:
        """Everything the copy has printed."""
        return self.log.read_text(errors="replace")

    def _ended(self) -> Answer:
        try:
            return self._answers.get_nowait()[1]
        except queue.Empty:
            how = f"Runtime exited with error: {self.process.returncode}"
            return Answer({"errorType": "Runtime.ExitError", "errorMessage": how}, broke=True)


class _RuntimeApi(BaseHTTPRequestHandler):
    """The interface of https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html."""

    serves: Instance
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self.serves.polled.is_set():
            self.serves.polled_at = time.perf_counter()
            self.serves.polled.set()
        call = self.serves._calls.get()  # noqa: SLF001 -- its own server
        headers = {
            "Lambda-Runtime-Aws-Request-Id": call.id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + call.seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:us-east-1:123456789012:function:{self.serves.name}",
            "Lambda-Runtime-Trace-Id": "Root=1-0-0;Sampled=0",
            "Content-Type": "application/json",
        }
        self._send(200, call.event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        what = self.path.removeprefix(_API).strip("/").split("/")
        self._send(202, b'{"status":"OK"}', {"Content-Type": "application/json"})
        broke = what[-1] == "error"
        called = what[1] if what[0] == "invocation" else ""
        self.serves._answers.put((called, Answer(json.loads(body or b"null"), broke)))  # noqa: SLF001 -- its own server

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's own name
        """Silent: the function's own log is what matters."""


_numbers = itertools.count(1)


class Functions:
    """The deployed functions: copies made as needed, one call at a time each, kept warm as Lambda keeps them."""

    def __init__(self, artefact: Artefact, environments: Mapping[str, Mapping[str, str]], logs: Path) -> None:
        self._artefact, self._logs = artefact, logs
        self.environments = {name: dict(each) for name, each in environments.items()}
        self._idle: dict[str, list[Instance]] = {}
        self._lock = threading.Lock()
        self.all: list[Instance] = []

    def fresh(self, name: str, **changed: str) -> Instance:
        """A cold copy of the function, with `changed` in its environment."""
        environment = self.environments[name]
        handler = environment["_HANDLER"]
        log = self._logs / f"{name}-{next(_numbers)}.log"
        instance = Instance(self._artefact, handler, {**environment, **changed}, log)
        self.all.append(instance)
        return instance

    def call(self, name: str, event: object, seconds: float = 120.0) -> Answer:
        """Invoke: a warm copy where one is idle, else a new one."""
        with self._lock:
            idle = self._idle.setdefault(name, [])
            instance = idle.pop() if idle else None
        instance = instance or self.fresh(name)
        answer = instance.invoke(event, seconds)
        if instance.process.poll() is None:
            with self._lock:
                self._idle[name].append(instance)
        return answer

    def close(self) -> None:
        """End every copy."""
        for instance in self.all:
            if instance.process.poll() is None:
                instance.kill()
