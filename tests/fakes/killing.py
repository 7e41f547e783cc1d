"""Death at an instant: a command of ours started, and killed with all its processes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence


def killed(command: Sequence[str], after_s: float) -> bool:
    """Run `command` for at most `after_s` seconds; whether it had to be killed, with every process it started."""
    process = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False
