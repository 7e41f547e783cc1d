"""Reading one prospectus submission: CPU time and memory of `deal.read` beside a bare lxml parse of its main document.

The same files are read by edgartools too when its environment is there (development only): build/venv-edgartools, made by
`python -m venv` and `pip install edgartools`. Without the corpus of real filings a written one of the same size is read.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "424b"
EDGARTOOLS = ROOT / "build" / "venv-edgartools" / "bin" / "python"
FINALS = (
    "0001193125-25-267244",
    "0001104659-25-114098",
    "0001193125-25-261217",
    "0001193125-25-110061",
    "0001193125-25-107005",
    "0001193125-22-103074",
)

_PEAK = """
import sys
sys.path.insert(0, sys.argv[1])
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
bare = peak()
from chalicelib import edgar
from chalicelib.scrapers.bond_issuance import deal, witness
loaded = peak()
body = open(sys.argv[2], "rb").read()
submission = edgar.read_submission(body)
witness.confirm(deal.read(submission), submission)
print(bare, loaded, peak())
"""
_OTHER = """
import json, sys, time
from edgar import Filing
from edgar.offerings.prospectus import Prospectus424B
def once(path):
    start = time.process_time()
    filing = Filing.from_sgml(path)
    found = Prospectus424B.from_filing(filing)
    pricing = found.pricing
    return time.process_time() - start, str(found.offering_type), found.cover_page.offering_amount
once(sys.argv[1])
rows = [once(path) for path in sys.argv[1:]]
print(json.dumps([[row[0], row[1], str(row[2])] for row in rows]))
lines = open("/proc/self/status").read().splitlines()
print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
"""


def main(full: bool) -> None:
    sys.path.insert(0, str(ROOT / "sentinel"))
    paths = [CORPUS / f"{name}.txt" for name in (FINALS if full else FINALS[:3])]
    if not CORPUS.is_dir():
        paths = [_written()]
    print("reading a priced deal, CPU ms (median)")
    print(f"{'file':34}{'MB':>6}{'lxml':>8}{'read':>8}{'ratio':>7}{'+ fees':>9}")
    ratios = [_one(path, 15 if full else 7) for path in paths]
    print(
        f"ratio to lxml.html.fromstring + text_content: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f} (limit 3)"
    )
    output = subprocess.run(
        [sys.executable, "-c", _PEAK, str(ROOT / "sentinel"), str(paths[0])], capture_output=True, text=True, check=True
    )
    bare, loaded, top = map(float, output.stdout.split())
    above = f"above the interpreter {top - bare:.0f} (limit 60)"
    print(f"peak memory {top:.0f} MB: interpreter {bare:.0f}, modules loaded {loaded:.0f}, {above}")
    _banks(full)
    _edgartools(paths)


def _median_ms(work, times: int) -> float:
    spent = []
    work()
    for _ in range(times):
        gc.collect()
        start = time.process_time()
        work()
        spent.append((time.process_time() - start) * 1000)
    return statistics.median(spent)


def _one(path: Path, times: int) -> float:
    import lxml.html

    from chalicelib import edgar
    from chalicelib.scrapers.bond_issuance import deal, witness

    body = path.read_bytes()
    submission = edgar.read_submission(body)
    document = submission.text(submission.main)
    rounds = [
        (_median_ms(lambda: lxml.html.fromstring(document).text_content(), 1), _median_ms(lambda: deal.read(body), 1))
        for _ in range(times)
    ]
    bare, ours = (statistics.median(each) for each in zip(*rounds, strict=True))
    deal_read = deal.read(submission)
    fees = _median_ms(lambda: witness.confirm(deal_read, submission), times)
    print(f"{path.name:34}{len(body) / 1e6:>6.2f}{bare:>8.1f}{ours:>8.1f}{ours / bare:>7.2f}{fees:>9.1f}")
    return ours / bare


def _banks(full: bool) -> None:
    """Most 424Bs are bank notes: how many of them one core turns away a second."""
    from chalicelib.scrapers.bond_issuance import deal

    names = ("0001918704-25-005479", "0001481057-23-010389", "0001213900-25-026186")
    bodies = [path.read_bytes() for name in names if (path := CORPUS / f"{name}.txt").exists()]
    if bodies:
        spent = _median_ms(lambda: [deal.read(body) for body in bodies], 9 if full else 3)
        print(f"bank notes turned away: {spent / len(bodies):.1f} ms each, {len(bodies) / spent * 1000:.0f} a second on one core")


def _edgartools(paths: list[Path]) -> None:
    if not EDGARTOOLS.exists():
        print(f"edgartools is not measured: no {EDGARTOOLS.relative_to(ROOT)}")
        return
    done = subprocess.run([str(EDGARTOOLS), "-c", _OTHER, *map(str, paths)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"edgartools is not measured: {done.stderr.strip().splitlines()[-1]}")
        return
    rows, memory = done.stdout.strip().splitlines()[-2:]
    for path, (seconds, kind, amount) in zip(paths, json.loads(rows), strict=True):
        print(f"edgartools {path.name}: {seconds * 1000:.0f} ms, {kind}, offering amount {amount}")
    print(f"edgartools peak memory {float(memory):.0f} MB")


def _written() -> Path:
    """A submission of half a megabyte made of a reading case and prose."""
    case = ROOT / "tests" / "cases" / "bond-issuance" / "one-cell-per-word" / "input.txt"
    page = '<P STYLE="margin-top:12pt"><FONT>The indenture limits liens on principal property. </FONT></P>\n'
    target = ROOT / "build" / "bench-reading.txt"
    target.parent.mkdir(exist_ok=True)
    target.write_text(case.read_text().replace("</BODY>", page * 4500 + "</BODY>"))
    return target


if __name__ == "__main__":
    main("--full" in sys.argv)
