"""README's `chalice local` example, run as it is written there."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_chalice_local_serves_the_application(clean_environment):
    """The README's command loads the application and serves it: with no HTTP route every path answers 403, as API Gateway does."""
    command = re.search(r"\.\./\.venv/bin/chalice local (--stage \w+)", (ROOT / "README.md").read_text())
    assert command
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(Path(sys.executable).parent / "chalice"), "local", *command[1].split(), "--port", str(port)]
    process = subprocess.Popen(words, cwd=ROOT / "sentinel", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
            except urllib.error.HTTPError as error:
                assert error.code == 403
                assert json.loads(error.read()) == {"message": "Missing Authentication Token"}
                return
            except urllib.error.URLError:
                assert process.poll() is None, "chalice local has ended"
                time.sleep(0.25)
        raise AssertionError("chalice local never answered")
    finally:
        process.terminate()
        process.wait()
