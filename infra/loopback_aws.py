"""AWS on loopback for rehearsals and tests: moto, with functions answered by whoever is given in the place of its docker.

`answered_by` alone turns moto's Step Functions interpreter into one that calls real handlers and never waits; `Cloud` is moto's
whole server with that in it.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace, TracebackType
from typing import Any, Self, TypeAlias
from unittest import mock
from urllib.parse import unquote

import boto3
from moto.awslambda.models import LambdaBackend
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from werkzeug.serving import WSGIRequestHandler, make_server

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_SESSION_TOKEN": "testing"}
ACCOUNT = "123456789012"
"""moto's own."""

Answer: TypeAlias = Callable[[str, bytes], tuple[bytes, bool]]
"""From a function's name and payload to its answer's payload, and whether the function broke."""


@contextmanager
def answered_by(answer: Answer) -> Iterator[list[float]]:
    """Within it `lambda:Invoke` is answered by `answer`; yields the seconds the state machines would have waited."""
    waited: list[float] = []

    def invoke(
        _self: LambdaBackend,
        function_name: str,
        _qualifier: str | None,
        body: Any,  # noqa: ANN401 -- moto's own signature
        _headers: object,
        response_headers: dict[str, str],
    ) -> bytes:
        given = body if isinstance(body, bytes) else str(body or "{}").encode()
        payload, broke = answer(function_name.rpartition(":")[2], given)
        if broke:
            response_headers["x-amz-function-error"] = "Unhandled"
        response_headers["Content-Length"] = str(len(payload))
        return payload

    def wait(self: WaitFunction, env: object, wait_seconds: int) -> None:  # noqa: ARG001 -- called by these names
        waited.append(wait_seconds)

    with (
        mock.patch.object(LambdaBackend, "invoke", invoke),
        mock.patch.object(WaitFunction, "_wait_interval", wait),
        mock.patch.object(retrier_decl, "time", SimpleNamespace(sleep=waited.append)),
    ):
        yield waited


class Cloud:
    """moto's server on a free port; while the `with` lasts this process's boto3 talks to it too.

    moto checks DynamoDB's conditions without a lock; here table requests go one by one, so that they are atomic as on AWS. A
    layer that is asked for by its ARN, which moto does not know, is asked for by name and version.
    """

    def __init__(self, answer: Answer) -> None:
        self._answering = answered_by(answer)
        self._lock = threading.Lock()
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True, request_handler=_Silent)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._environment = mock.patch.dict(os.environ, {**self.environment(), "MOTO_PORT": str(self._server.server_port)})
        self.waited: list[float] = []

    @property
    def url(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def environment(self) -> dict[str, str]:
        """What a process needs to take this for AWS."""
        return {**CREDENTIALS, "AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "2"}

    def client(self, service: str) -> Any:  # noqa: ANN401 -- boto3 makes its classes at run time
        """A client of this cloud."""
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url)  # type: ignore[call-overload]  # its stubs want a literal name

    def __enter__(self) -> Self:
        os.environ.pop("AWS_PROFILE", None)
        logging.getLogger("moto").setLevel(logging.CRITICAL)  # a failed task is part of the play
        warnings.filterwarnings("ignore", message="Tried to parse AWS::.*not supported by moto")
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        self._environment.start()
        self.waited = self._answering.__enter__()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._answering.__exit__(kind, error, trace)
        self._environment.stop()
        default_user_config["stepfunctions"] = {"execute_state_machine": False}

    def _app(self) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
        inner = DomainDispatcherApplication(create_backend_app)

        def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 -- WSGI's own
            if str(environ.get("HTTP_X_AMZ_TARGET", "")).startswith("DynamoDB"):
                with self._lock:
                    return list(inner(environ, start))
            if "find=LayerVersion" in str(environ.get("QUERY_STRING")):
                layer, _, version = unquote(environ["QUERY_STRING"].partition("Arn=")[2].partition("&")[0]).rpartition(":")
                path = f"/2018-10-31/layers/{layer.rpartition(':')[2]}/versions/{version}"
                environ |= {"PATH_INFO": path, "QUERY_STRING": "", "REQUEST_URI": path, "RAW_URI": path}
            answer: Iterable[bytes] = inner(environ, start)
            return answer

        return app


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- werkzeug's own name
        """Nothing: failures show in answers."""
