"""A real headless Chromium, driven over its debugging pipe: any width, both colour schemes, mouse and keys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_S = 60
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")


class Browser:
    """One page. `console` is everything it complained about: messages, errors that nobody caught, blocked requests."""

    def __init__(self, folder: Path, width: int = 1280, scheme: str = "light") -> None:
        self._folder, self._width, self._scheme = folder, width, scheme
        self.console: list[str] = []
        self._asked = 0
        self._rest = b""

    def __enter__(self) -> Self:
        read, self._to = os.pipe()
        self._from, write = os.pipe()
        flags = [*_FLAGS, f"--user-data-dir={self._folder / 'profile'}"]
        command = ["bash", "-c", f'exec "$0" "$@" 3<&{read} 4>&{write}', str(CHROMIUM), *flags]
        self._process = subprocess.Popen(command, pass_fds=(read, write), stderr=subprocess.DEVNULL)
        os.close(read)
        os.close(write)
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        size = {"width": self._width, "height": 900, "deviceScaleFactor": 1, "mobile": self._width < 640}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": self._scheme}])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command to the page, and its answer."""
        return self._send(method, session=self._session, **parameters)

    def _send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._asked += 1
        told: dict[str, Any] = {"id": self._asked, "method": method, "params": parameters}
        os.write(self._to, json.dumps(told | ({"sessionId": session} if session else {})).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._asked:
                assert "error" not in message, message["error"]
                return dict(message["result"])
            if message.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                self.console.append(json.dumps(message["params"])[:600])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            some = os.read(self._from, 1 << 20)
            assert some, "the browser ended"
            self._rest += some
        first, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(first))

    def open(self, path: Path) -> None:
        """Load a file and wait until its script has drawn it."""
        self.ask("Page.navigate", url=f"file://{path}")
        until = time.monotonic() + PATIENCE_S
        while not self.run("document.documentElement?.dataset.ready === 'yes'"):
            assert time.monotonic() < until, f"{path} was not drawn in {PATIENCE_S} s: {self.console}"
            time.sleep(0.02)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        told = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def hover(self, selector: str) -> None:
        """The mouse over the middle of an element."""
        script = (
            f"(() => {{ const found = document.querySelector({json.dumps(selector)}); "
            "found.scrollIntoView({ block: 'center', behavior: 'instant' }); const box = found.getBoundingClientRect(); "
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        x, y = self.run(script)
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def press(self, key: str) -> None:
        """A key, down and up."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key)
