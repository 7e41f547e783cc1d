"""`make run`: the product on its bundled sample archive, with SQLite and no network but loopback.

The documents under sample/archive are served by a loopback server through the same client that asks EDGAR; only the
addresses differ. Results stay in .sentinel/sample, so a second run refreshes them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sentinel")]

from sample.loopback import Loopback  # noqa: E402 -- after the path is set

RUNS = (
    ("bond-issuance", "2025-W44"),
    ("bond-issuance", "2025-W45"),
    ("bond-issuance", "2025-W47"),
    ("bank-provision", "2025Q2"),
    ("bank-provision", "2025Q3"),
    *(("bdc-discount", f"2025-11-{day}") for day in (12, 13, 14)),
    ("credit-fund", "2026Q2"),
)
"""Each scraper with the windows the archive has documents for."""

NEXT = """
That was the bundled sample, served from this machine: true figures of real deals; for the BDCs every price is made up, and every
net asset value but those of ARCC, MAIN, GBDC and OBDC; every credit fund's figures are made up (sample/README.md).
To run it live, say who you are (EDGAR asks for a contact) and choose a scraper:

    export SEC_USER_AGENT="Your Company analyst@example.com"     # your own address here
    .venv/bin/python sentinel/app.py run bond-issuance

Look around:   SENTINEL_DB={db} .venv/bin/python sentinel/app.py status
               SENTINEL_DB={db} .venv/bin/python sentinel/app.py history bond-issuance
"""


def environment(server: Loopback) -> dict[str, str]:
    """The settings that put the loopback server in the place of every supplier, and keep results apart from live ones."""
    home = ROOT / ".sentinel" / "sample"
    return {
        "SEC_WWW_BASE": f"{server.url}/www.sec.gov",
        "SEC_DATA_BASE": f"{server.url}/data.sec.gov",
        "FORM_PF_SOURCE": str(ROOT / "sample" / "form-pf"),
        "SENTINEL_DB": str(home / "sentinel.db"),
        "SENTINEL_CACHE": str(home / "documents"),
        "SEC_MAX_RPS": "100",
        "OTHER_MAX_RPS": "100",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def hosts(name: str) -> tuple[str, ...]:
    """Whom a scraper asks beside EDGAR."""
    from chalicelib import scrapers

    return tuple(host for host in getattr(scrapers.load(name), "HOSTS", ()) if not host.endswith("sec.gov"))


def main() -> int:
    """Run every window of the sample; 0 when each one concluded."""
    from chalicelib.cli import main as command

    folders = (ROOT / "sample" / name for name in ("archive", "feeds", "yahoo"))
    with Loopback(next(folders)) as server, Loopback(next(folders)) as feeds, Loopback(next(folders)) as yahoo:
        os.environ.update(
            environment(server) | {"ROUTES": json.dumps(feeds.routes(*hosts("bdc-discount"))), "YAHOO_BASE": yahoo.url}
        )
        failed = [f"{name} {window}" for name, window in RUNS if command(["run", name, "--window", window])]
    report = ROOT / ".sentinel" / "sample" / "report.html"
    if command(["report", "--out", str(report)]):
        failed.append("report")
    print(f"\nAll of it on one page, to be opened in a browser: {report}")
    print(NEXT.format(db=os.path.relpath(os.environ["SENTINEL_DB"], Path.cwd())))
    if failed:
        print(f"did not conclude: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
