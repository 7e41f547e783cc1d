"""Backfilling bonds over a loopback EDGAR without latency, storage included: filings a second, memory, and what kills change.

The filings are written here in EDGAR's own formats from made-up deals; the server runs in a process of its own. Killed runs
are started again until they end, and their exports compared byte by byte with those of a run nobody killed.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sentinel")]

from chalicelib import edgar, sessions  # noqa: E402 -- the product is found through the line above
from chalicelib.scrapers.bond_issuance import watchlist  # noqa: E402 -- as above
from sample import write_archive  # noqa: E402 -- as above

NAME = "bond-issuance"
SERVE = """
import sys, time
from sample.loopback import Loopback
with Loopback(sys.argv[1]) as server:
    print(server.url, flush=True)
    time.sleep(1e6)
"""


def write(folder: Path, first: date, last: date, filings: int) -> int:
    """An EDGAR of `filings` prospectuses of watched issuers from `first` to `last`; how many were written."""
    write_archive.ARCHIVE = folder
    dice, made = random.Random(15), []
    days = list(sessions.business_days(first, last))
    watched = list(watchlist.issuers())
    for n in range(filings):
        day = days[n * len(days) // filings]
        issuer = dice.choice([each for each in watched if each.first <= day and (each.last is None or each.last >= day)])
        made.append(_filing(n, day, issuer, dice))
    for filing in made:
        write_archive.put(edgar.submission_url(filing["cik"], filing["accession"]), write_archive.submission(filing, {}))
    quarters: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for filing in made:
        day = date.fromisoformat(filing["filed"])
        quarters.setdefault((day.year, (day.month + 2) // 3), []).append(filing)
    for (year, quarter), mine in quarters.items():
        head = write_archive.index(first, [])
        rows = [write_archive.index(date.fromisoformat(each["filed"]), [each]).splitlines(keepends=True)[-1] for each in mine]
        # A full index lists every business day; days without a watched filing hold somebody else's.
        other = [
            write_archive.index(day, [{"form": "8-K", "name": "SOMEBODY INC", "cik": 99, "accession": "0000000099-16-000001"}])
            .splitlines(keepends=True)[-1]
            for day in days
            if (day.year, (day.month + 2) // 3) == (year, quarter)
        ]  # fmt: skip
        write_archive.put(edgar.full_index_url("form", year, quarter), head + "".join([*rows, *other]))
    for issuer in watched:
        mine = [each for each in made if each["cik"] == issuer.cik]
        write_archive.put(edgar.submissions_url(issuer.cik), json.dumps(write_archive.submissions(issuer, mine)))
    companies = [[each.cik, each.name, each.ticker, ""] for each in watched]
    write_archive.put(edgar.COMPANY_FILE, json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": companies}))
    return len(made)


def _filing(n: int, day: date, issuer: watchlist.Watched, dice: random.Random) -> dict[str, Any]:
    tranches = [
        {
            "principal": dice.randrange(1, 12) * 250_000_000,
            "coupon": f"{dice.randrange(30, 65) / 10:.3f}",
            "maturity": f"November 15, {day.year + years}",
            "price": "99.500",
        }
        for years in sorted(dice.sample(range(3, 40), dice.randrange(1, 5)))
    ]
    return {
        "accession": f"0001193125-{day:%y}-{n:06d}", "form": "424B2", "cik": issuer.cik,
        "name": issuer.name, "sic": "SERVICES [7370]",
        "registration": "333-287971", "filed": day.isoformat(), "accepted": f"{day}T16:30:00", "status": "final", "currency": "$",
        "noun": "Notes", "base": "May 1, 2015", "dated": f"{day:%B} {day.day}, {day.year}", "tranches": tranches,
        "total": sum(each["principal"] for each in tranches),
    }  # fmt: skip


class Backfill:
    """The command on a store of its own."""

    def __init__(self, home: Path, url: str, first: date, last: date) -> None:
        self.environment = {
            **os.environ, "SEC_WWW_BASE": f"{url}/www.sec.gov", "SEC_DATA_BASE": f"{url}/data.sec.gov", "SEC_MAX_RPS": "1000",
            "SENTINEL_DB": str(home / "s.db"), "SENTINEL_CACHE": str(home / "documents"), "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        self.command = [sys.executable, str(ROOT / "sentinel" / "app.py")]
        self.told = home / "stderr"
        self.span = ["--from", str(first), "--to", str(last)]

    def start(self) -> subprocess.Popen[bytes]:
        command = [*self.command, "backfill", NAME, *self.span]
        with self.told.open("ab") as told:
            return subprocess.Popen(command, env=self.environment, stderr=told, start_new_session=True)

    def export(self) -> bytes:
        parts = [["--format", "csv", "--as-of", "2026-11-01"], ["--observations", "--format", "json", "--as-of", "2026-11-01"]]
        run = [
            subprocess.run([*self.command, "history", NAME, *more], env=self.environment, capture_output=True, check=True)
            for more in parts
        ]
        return b"".join(each.stdout for each in run)


def watch(process: subprocess.Popen[bytes]) -> list[float]:
    """The group's resident memory in MB, every half second until it ends."""
    seen = []
    while process.poll() is None:
        seen.append(sum(_resident(int(path.name), process.pid) for path in Path("/proc").iterdir() if path.name.isdigit()))
        time.sleep(0.5)
    return seen


def _resident(pid: int, group: int) -> float:
    try:
        if os.getpgid(pid) != group:
            return 0.0
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (OSError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def main(full: bool) -> None:
    """A quarter's 300 filings, killed three times; with `full`, ten years' 20,000, killed ten times."""
    first, last, filings = (date(2015, 1, 5), date(2024, 12, 31), 20_000) if full else (date(2024, 1, 1), date(2024, 3, 31), 300)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        write(site, first, last + timedelta(days=14), filings)
        server = subprocess.Popen([sys.executable, "-c", SERVE, str(site)], stdout=subprocess.PIPE, cwd=ROOT)
        assert server.stdout
        url = server.stdout.readline().decode().strip()
        try:
            whole, took = _whole(Path(folder) / "whole", url, first, last, filings)
            _killed(Path(folder) / "killed", url, first, last, 10 if full else 3, took, whole)
        finally:
            server.terminate()


def _whole(home: Path, url: str, first: date, last: date, filings: int) -> tuple[bytes, float]:
    home.mkdir()
    backfill = Backfill(home, url, first, last)
    begun = time.perf_counter()
    process = backfill.start()
    memory = watch(process)
    took = time.perf_counter() - begun
    assert process.returncode == 0, backfill.told.read_text()[-2000:]
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    early, late = memory[len(memory) // 4 : len(memory) // 2] or memory, memory[len(memory) // 2 :] or memory
    print(f"{filings} filings from {first} to {last}, two cores shared with the server:")
    print(f"  {took:8.1f} s   {filings / took:6.0f} filings/s, storage and conclusions included; load {os.getloadavg()[0]:.0f}")
    print(f"  {spent.ru_utime + spent.ru_stime:8.1f} s of a core's time, the server's not counted")
    print(f"  memory, all processes: most {max(memory):.0f} MB; first half {max(early):.0f}, second half {max(late):.0f}")
    return backfill.export(), took


def _killed(home: Path, url: str, first: date, last: date, times: int, took: float, whole: bytes) -> None:
    home.mkdir()
    backfill = Backfill(home, url, first, last)
    dice, kills = random.Random(4), 0
    while True:
        process = backfill.start()
        if kills < times:
            try:
                process.wait(took * dice.uniform(0.02, 0.8 / times))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
                time.sleep(0.5)
                continue
        assert process.wait() == 0
        break
    assert kills == times, f"it ended after {kills} kills"
    same = backfill.export() == whole
    print(f"  killed {kills} times: exports of {len(whole):,} bytes are {'identical' if same else 'DIFFERENT'}")
    assert same


if __name__ == "__main__":
    main("--full" in sys.argv)
