"""Facts of a large bank's quarterly report: time and memory of `xbrl.read` beside a bare iterparse loop over the same bytes.

`all` reads every fact, `answer` those a bank's answer can depend on (one concept in ten here), as bank-provision does.

Arelle and edgartools are measured too when their environments are there (development only): build/venv-arelle and
build/venv-edgartools, each made by `python -m venv` and `pip install arelle-release` or `pip install edgartools`.
"""

from __future__ import annotations

import html
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"

_STYLE = "padding:2px 0 2px 1pt;text-align:right;vertical-align:bottom;background-color:#cceeff"
_FONT = "color:#000000;font-family:'Arial',sans-serif;font-size:9pt;font-weight:400;line-height:120%"
_HEAD = """<?xml version='1.0' encoding='ASCII'?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"
 xmlns:bnk="http://www.bank.example/20250930"
 xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" xmlns:xbrli="http://www.xbrl.org/2003/instance"
 xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:us-gaap="http://fasb.org/us-gaap/2025" xmlns:dei="http://xbrl.sec.gov/dei/2025"
 xmlns:iso4217="http://www.xbrl.org/2003/iso4217"><head><title>bnk-20250930</title></head><body><div style="display:none">
<ix:header><ix:hidden><ix:nonNumeric name="dei:DocumentPeriodEndDate" contextRef="c-0">2025-09-30</ix:nonNumeric></ix:hidden>
<ix:resources>"""


def _context(number: int) -> str:
    cut = (
        '<xbrli:segment><xbrldi:explicitMember dimension="us-gaap:FinancingReceivablePortfolioSegmentAxis">'
        f'bnk:Class{number}Member</xbrldi:explicitMember><xbrldi:explicitMember dimension="us-gaap:LoanTypeAxis">'
        f"bnk:Type{number % 7}Member</xbrldi:explicitMember></xbrli:segment>"
    )
    return (
        f'<xbrli:context id="c-{number}"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">0000000001'
        f"</xbrli:identifier>{cut if number else ''}</xbrli:entity><xbrli:period><xbrli:startDate>2025-07-01</xbrli:startDate>"
        "<xbrli:endDate>2025-09-30</xbrli:endDate></xbrli:period></xbrli:context>"
    )


def _concept(number: int) -> str:
    return f"Concept{number}" if number % 10 else "FinancingReceivableExcludingAccruedInterestCreditLossExpenseReversal"


def _table(number: int, contexts: int, wanted: int) -> tuple[str, int]:
    """A table of forty rows and the number of the last fact in it; no facts beyond `wanted`."""
    rows = []
    for row in range(40):
        cells = []
        for column in range(6):
            text = f"Loans of class {row}"
            if column and number < wanted:
                number += 1
                text = (
                    f'<ix:nonFraction unitRef="usd" contextRef="c-{number % contexts}" decimals="-6" '
                    f'name="us-gaap:{_concept(row)}" '
                    f'format="ixt:num-dot-decimal" scale="6" id="f-{number}">{number % 9000:,}</ix:nonFraction>'
                )
            cells.append(f'<td colspan="3" style="{_STYLE}"><span style="{_FONT}">{text}</span></td>')
        rows.append("<tr>" + "".join(cells) + "</tr>")
    return f'<div><table style="border-collapse:collapse;width:100%">{"".join(rows)}</table></div>', number


def document(megabytes: float, facts_per_mb: int = 600, contexts_per_mb: int = 220) -> bytes:
    """An inline quarterly report of that size: notes in tagged texts, tables in them, a fact in every so-many-th cell."""
    contexts = max(2, int(megabytes * contexts_per_mb))
    parts = [_HEAD, *map(_context, range(contexts))]
    parts.append('<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit></ix:resources></ix:header></div>')
    size, fact, note = sum(map(len, parts)), 0, 0
    while size < megabytes * 1e6:
        note += 1
        table, fact = _table(fact, contexts, int((size / 1e6 + 0.5) * facts_per_mb))
        parts.append(
            f'<div><ix:nonNumeric name="us-gaap:Note{note}TextBlock" contextRef="c-0" id="t-{note}" escape="true">'
            f'<div style="margin-top:6pt"><span style="{_FONT}">Note {note}: loans and allowance.</span></div>'
            f"{table}</ix:nonNumeric></div>\n"
        )
        size += len(parts[-1])
    parts.append("</body></html>")
    return "".join(parts).encode()


def instance(megabytes: float, facts_per_mb: int = 800, contexts_per_mb: int = 250) -> bytes:
    """The same report as EDGAR extracts it: contexts, facts, and notes whose HTML stands escaped in tagged texts."""
    contexts = max(2, int(megabytes * contexts_per_mb))
    head = _HEAD[_HEAD.index("xmlns:bnk") : _HEAD.index("><head>")]
    parts = [f"<?xml version='1.0' encoding='ASCII'?>\n<xbrli:xbrl {head}>", *map(_context, range(contexts))]
    parts.append('<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>\n')
    parts.append('<dei:DocumentPeriodEndDate contextRef="c-0" id="f-0">2025-09-30</dei:DocumentPeriodEndDate>\n')
    size = sum(map(len, parts))
    wanted = int(megabytes * facts_per_mb)
    notes = max(1, int(megabytes * 12))
    for number in range(1, wanted + 1):
        parts.append(
            f'<us-gaap:{_concept(number % 40)} contextRef="c-{number % contexts}" decimals="-6" id="f-{number}" unitRef="usd">'
            f"{number % 9000}000000</us-gaap:{_concept(number % 40)}>\n"
        )
        size += len(parts[-1])
    table = html.escape(_table(0, contexts, 0)[0])
    each = max(1, int((megabytes * 1e6 - size) / notes / len(table)))
    parts += (
        f'<us-gaap:Note{note}TextBlock contextRef="c-0" id="t-{note}">{table * each}</us-gaap:Note{note}TextBlock>\n'
        for note in range(notes)
    )
    parts.append("</xbrli:xbrl>")
    return "".join(parts).encode()


_PEAK = """
def peak():
    # The high-water mark of this program alone; getrusage's is inherited from the one that started it.
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
"""
_BARE = """
def work():
    for _, element in etree.iterparse(path):
        element.clear()
    return 0
"""
_OURS = """
from chalicelib import xbrl
def work():
    with open(path, "rb") as stream:
        return len(xbrl.read(stream).facts)
"""
_ANSWER = """
from chalicelib import xbrl
from chalicelib.scrapers.bank_provision.figures import wanted
def work():
    with open(path, "rb") as stream:
        return len(xbrl.read(stream, only=wanted).facts)
"""
_MEASURE = """
import json, sys, time
sys.path.insert(0, {sentinel!r})
from lxml import etree
path = {path!r}
{work}
best = None
for _ in range({times}):
    begun = time.process_time()
    done = work()
    spent = time.process_time() - begun
    best = spent if best is None else min(best, spent)
print(json.dumps([best, done, peak()]))
"""
_ARELLE = """
import json, time
from arelle import Cntlr
begun = time.process_time()
controller = Cntlr.Cntlr(logFileName="logToBuffer")
controller.webCache.workOffline = True
model = controller.modelManager.load({path!r})
print(json.dumps([time.process_time() - begun, len(model.facts) if hasattr(model, "facts") else 0, peak()]))
"""
_EDGARTOOLS = """
import json, time
from edgar.xbrl import XBRL
begun = time.process_time()
facts = XBRL.from_files(instance_file={path!r})
print(json.dumps([time.process_time() - begun, len(facts._facts), peak()]))
"""


def _run(python: str, program: str) -> tuple[float, int, float]:
    done = subprocess.run([python, "-c", _PEAK + program], capture_output=True, text=True, check=True, cwd=BUILD, timeout=900)
    spent, facts, peak = json.loads(done.stdout.strip().splitlines()[-1])
    return spent, facts, peak


def _line(megabytes: int, name: str, spent: float, baseline: float, peak: float, facts: int) -> str:
    return f"{megabytes} MB  {name:14} {spent:7.3f} s  {spent / baseline:6.2f} of bare  peak {peak:5.0f} MB  {facts} facts"


def _beside_bare(megabytes: int, path: str, kind: str) -> float:
    """Each measured in turn, five times, each in a program of its own; the medians count."""
    spent: dict[str, list[float]] = {}
    last = {}
    for _ in range(5):
        for name, work in ((f"{kind} bare", _BARE), (f"{kind} all", _OURS), (f"{kind} answer", _ANSWER)):
            program = _MEASURE.format(path=path, sentinel=str(ROOT / "sentinel"), times=3, work=work)
            seconds, facts, peak = _run(sys.executable, program)
            spent.setdefault(name, []).append(seconds)
            last[name] = (facts, peak)
    baseline = statistics.median(spent[f"{kind} bare"])
    for name, (facts, peak) in last.items():
        print(_line(megabytes, name, statistics.median(spent[name]), baseline, peak, facts))
    return baseline


def main(full: bool) -> None:
    BUILD.mkdir(exist_ok=True)
    for megabytes in (15, 20) if full else (10,):
        path = str(BUILD / f"bench-xbrl-{megabytes}_htm.xml")
        Path(path).write_bytes(instance(megabytes))
        _beside_bare(megabytes, path, "instance")
        path = str(BUILD / f"bench-xbrl-{megabytes}.htm")
        Path(path).write_bytes(document(megabytes))
        baseline = _beside_bare(megabytes, path, "inline")
        for name, venv, program in (("Arelle", "venv-arelle", _ARELLE), ("edgartools", "venv-edgartools", _EDGARTOOLS)):
            python = BUILD / venv / "bin" / "python"
            if not python.exists():
                print(f"{megabytes} MB  {name:14} not measured: {python.relative_to(ROOT)} is not there")
                continue
            try:
                spent, facts, peak = _run(str(python), program.format(path=path))
            except subprocess.CalledProcessError as error:
                print(f"{megabytes} MB  {name:14} failed: {error.stderr.strip().splitlines()[-1][:150]}")
                continue
            print(_line(megabytes, name, spent, baseline, peak, facts))
