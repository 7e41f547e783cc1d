"""README's `chalice local` example, run as it is written there."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent


def answered(url: str, process: subprocess.Popen) -> requests.Response:
    """The first answer of a server that is still starting."""
    for _ in range(120):
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            assert process.poll() is None, "chalice local has ended"
            time.sleep(0.25)
    raise AssertionError("chalice local never answered")


def test_chalice_local_serves_the_application(clean_environment):
    """The README's command serves the application: with no HTTP route every path answers 403, as API Gateway does."""
    command = re.search(r"\.\./\.venv/bin/chalice local (--stage \w+)", (ROOT / "README.md").read_text())
    assert command
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(Path(sys.executable).parent / "chalice"), "local", *command[1].split(), "--port", str(port)]
    process = subprocess.Popen(words, cwd=ROOT / "sentinel", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answer = answered(f"http://127.0.0.1:{port}/", process)
    finally:
        process.terminate()
        process.wait()
    assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})
