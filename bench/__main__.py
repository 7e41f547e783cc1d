"""Runs the measurements: `python -m bench [TOPIC…] [--full]`; without topics all of them, one heading each.

Every other module of this folder is a topic with a `main(full)`. One that fails is named, the others still run.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "sentinel")]


def main() -> int:
    topics = sorted(path.stem for path in HERE.glob("[a-z]*.py"))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(topics))
    parser.add_argument("--full", action="store_true", help="full sizes, which may take minutes")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.topics) - set(topics)):
        parser.error(f"no such topic: {', '.join(unknown)}; there are {', '.join(topics)}")
    failed = []
    for topic in asked.topics or topics:
        print(f"\n== {topic}", flush=True)
        try:
            import_module(f"bench.{topic}").main(asked.full)
        except Exception:  # noqa: BLE001 -- one measurement must not keep the others from running
            traceback.print_exc()
            failed.append(topic)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
