"""Cold start: process start to first poll of the Runtime API, each function beside a Chalice application with one empty function.

Both run as packaged, under AWS's own runtime client, in processes that see nothing else; copies take turns, so that a busy
moment of the machine falls on all alike.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "infra")]

EMPTY = """from chalice.app import Chalice

app = Chalice(app_name="empty")


@app.lambda_function(name="empty")
def empty(event, context):
    return {}
"""
MOST = 1.6


def main(full: bool) -> None:
    from loopback_lambda import Artefact, Instance, unpack
    from rehearse import names

    from build import build, package

    turns = 15 if full else 7
    project = ROOT / "build" / "cold-start"
    build("dev", project)
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        package(project, "dev", there / "zips")
        ours = unpack(there / "zips" / "deployment.zip", there / "zips" / "layer-deployment.zip", there / "ours")
        empty = there / "empty"
        shutil.copytree(ours.task / "chalice", empty / "chalice")
        (empty / "app.py").write_text(EMPTY)
        theirs = Artefact(empty, (empty, *ours.path[1:]))
        copies = {"empty": (theirs, "app.empty")} | {name: (ours, f"app.{name.replace('-', '_')}") for name in names()}
        seen: dict[str, list[float]] = {name: [] for name in copies}
        for turn in range(turns + 1):
            for name, (artefact, handler) in copies.items():
                environment = {"AWS_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_NAME": name, "STAGE": "dev"}
                with Instance(artefact, handler, environment, there / "log") as copy:
                    took = copy.until_polled()
                if turn:  # the first turn fills the disk's cache
                    seen[name].append(took)
    baseline = statistics.median(seen["empty"])
    print(f"process start to first poll, median of {turns}, under awslambdaric; baseline: one empty function")
    print(f"{'empty Chalice function':<24} {baseline * 1000:6.0f} ms")
    for name in names():
        median = statistics.median(seen[name])
        ratio = median / baseline
        print(f"{name:<24} {median * 1000:6.0f} ms  {ratio:.2f}x  {'ok' if ratio <= MOST else f'more than {MOST}x'}")
