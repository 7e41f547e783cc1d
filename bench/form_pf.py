"""Form PF archives of any size: written here schema-true, then read in one pass beside a bare iterparse loop over the same bytes.

Prints throughput as a ratio to the loop's, peak memory above an idle interpreter's, and the same for one filing of many funds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
FUNDS_A_FILING = 40
_BYTES_A_FUND = 5_640

_OWNERS = (  # noqa: SIM905 -- a list of names reads as words
    "Top5 USPersons NonUSPersons BrokerDealers InsuranceCompanies InvestmentCompanies PrivateFunds NonProfits PensionPlans "
    "BankingInstitutions GovernmentEntities GovernmentPensions ForeignInstitutions NonUSIntermediaries Others"
).split()
_TYPES = ("HEDGE", "PRIVATE EQUITY", "SECURITIZED ASSET", "OTHER PRIVATE")


def gross(number: int, period: int = 0) -> int:
    """Gross assets of fund `number` in period `period`, in dollars: some fall, some rise."""
    return 10_000_000 + number * 7919 % 900_000_000 + period * (number % 11 - 5) * 200_000


def _fund_id(number: int) -> str:
    return f"805-{number:010d}"


def _assets(number: int, period: int) -> str:
    value = gross(number, period)
    owners = "".join(f"<BeneficiallyOwnedBy{owner}Percent>{number % 97}</BeneficiallyOwnedBy{owner}Percent>" for owner in _OWNERS)
    lent = "".join(
        f"<BorrowedFrom{who}Amount>{value // 40}</BorrowedFrom{who}Amount>"
        for who in (
            "USFinancialInstitution",
            "NonUSFinancialInstitution",
            "USNonFinancialInstitution",
            "NonUSNonFinancialInstitution",
        )
    )
    levels = "".join(
        f"<FairValueLevel{n}{side}Amount>{value // (n + 2)}</FairValueLevel{n}{side}Amount>"
        for side in ("Assets", "Liabilities")
        for n in (1, 2, 3)
    )
    return (
        f"<PFSection1bItemBFundAssetsFinancingInvestors><FundID>{_fund_id(number)}</FundID>"
        f"<GrossAssetValue>{value}</GrossAssetValue><NetAssetValue>{value * 4 // 5}</NetAssetValue>"
        f"<EquityValueInOtherFunds>0</EquityValueInOtherFunds><ParallelManagedAccountValue>0</ParallelManagedAccountValue>"
        f"<BorrowedTotalAmount>{value // 10}</BorrowedTotalAmount>{lent}<HasDerivativesPositions>false</HasDerivativesPositions>"
        f"{levels}<CostBasedAssetsAmount>NA</CostBasedAssetsAmount>{owners}"
        "</PFSection1bItemBFundAssetsFinancingInvestors>\n"
    )


def _performance(number: int) -> str:
    parts = []
    for month in range(1, 13):
        rate = (number + month) % 300 / 100 - 1
        parts += [
            f"<LastFiscalDateMonth{month}><Value>2026-{month:02d}-28</Value></LastFiscalDateMonth{month}>",
            f"<GrossValueMonth{month}><Value>{rate:.2f}</Value></GrossValueMonth{month}>",
            f"<NetValueMonth{month}><Value>{rate - 0.1:.2f}</Value></NetValueMonth{month}>",
        ]
        if month % 3 == 0:
            parts.append(f"<GrossValueQuarter{month // 3}><Value>{rate * 3:.2f}</Value></GrossValueQuarter{month // 3}>")
    told = "".join(parts)
    return f"<PFSection1bItemCFundPerformance><FundID>{_fund_id(number)}</FundID>{told}</PFSection1bItemCFundPerformance>\n"


def _hedge(number: int) -> str:
    strategies = "".join(
        f"<PFSection1cItemBHedgeFundInfoStrategy><StrategyType>{n}</StrategyType><StrategyChecked>true</StrategyChecked>"
        f"<StrategyNAVPercent>{n}</StrategyNAVPercent></PFSection1cItemBHedgeFundInfoStrategy>"
        for n in range(1, 9)
    )
    return (
        f"<PFSection1cItemBHedgeFundInfo><FundID>{_fund_id(number)}</FundID><StrategyTypeSM>S</StrategyTypeSM>"
        f"<Strategies>{strategies}</Strategies></PFSection1cItemBHedgeFundInfo>\n"
    )


def filing(first: int, count: int = FUNDS_A_FILING, period: int = 0, filing_type: str = "PF-UPDATING") -> Iterator[bytes]:
    """One filing of funds `first` to `first + count - 1` for 2026's quarter `period + 1`, list by list."""
    numbers = range(first, first + count)
    quarter = period % 4 + 1
    end = f"{2026 + period // 4}-{('03-31', '06-30', '09-30', '12-31')[quarter - 1]}"
    yield (
        f"<PFXMLFiling><FilingType>{filing_type}</FilingType><ReportingPeriodType>Q</ReportingPeriodType>"
        f"<ReportingPeriodEndDate>{end}</ReportingPeriodEndDate><ReportingPeriodQuarter>{quarter}</ReportingPeriodQuarter>\n"
        "<PFSection1aItemAIdentInfo/><PFFunds>\n"
    ).encode()
    for n in numbers:
        name = f"Example Cr\xe9dit Fund {n} LP"
        yield (
            f"<PFFund><FundID>{_fund_id(n)}</FundID><FundType>{_TYPES[n % 4]}</FundType><FundName>{name}</FundName></PFFund>\n"
        ).encode("iso-8859-1")
    yield b"</PFFunds><PFSection1bItemAFundsIdentInfo>\n"
    for n in numbers:
        yield (
            f"<PFSection1bItemAFundIdentInfo><FundID>{_fund_id(n)}</FundID><IsMasterFund>false</IsMasterFund>"
            "<IsParallelFundsAggregated>false</IsParallelFundsAggregated></PFSection1bItemAFundIdentInfo>\n"
        ).encode()
    yield b"</PFSection1bItemAFundsIdentInfo><PFSection1bItemBFundsAssetsFinancingInvestors>\n"
    for n in numbers:
        yield _assets(n, period).encode()
    yield b"</PFSection1bItemBFundsAssetsFinancingInvestors><PFSection1bItemCFundsPerformance>\n"
    for n in numbers:
        yield _performance(n).encode()
    yield b"</PFSection1bItemCFundsPerformance><PFSection1cItemBHedgeFundsInfo>\n"
    for n in numbers:
        if n % 4 == 0:
            yield _hedge(n).encode()
    yield b"</PFSection1cItemBHedgeFundsInfo></PFXMLFiling>\n"


def write(path: Path, megabytes: float = 0, funds: int = 0, a_filing: int = FUNDS_A_FILING, period: int = 0) -> int:
    """An archive of at least that size or of so many funds, its filings in one wrapper; how many funds it holds."""
    first, size = 1, 0
    with path.open("wb") as out:
        out.write(b'<?xml version="1.0" encoding="iso-8859-1"?>\n<PFXMLFilings>\n')
        while size < megabytes * 1e6 or first <= funds:
            count = min(a_filing, funds - first + 1) if funds else a_filing
            for part in filing(first, count, period):
                size += out.write(part)
            first += count
        out.write(b"</PFXMLFilings>\n")
    return first - 1


_PROGRAM = """
import json, sys, time
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
idle = peak()
sys.path.insert(0, {sentinel!r})
path = {path!r}
{work}
begun = time.process_time()
done = work()
print(json.dumps([time.process_time() - begun, done, peak() - idle]))
"""
_BARE = """
from lxml import etree
def work():
    for _, element in etree.iterparse(path):
        element.clear()
    return 0
"""
_OURS = """
from chalicelib.scrapers.credit_fund import form_pf
def work():
    total = 0
    with open(path, "rb") as stream:
        for filing in form_pf.filings(stream, "archive"):
            for fund in filing.funds:
                total += int(fund.gross)
    return total
"""


def _run(path: Path, work: str) -> tuple[float, int, float]:
    program = _PROGRAM.format(path=str(path), sentinel=str(ROOT / "sentinel"), work=work)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=1800)
    spent, result, peak = json.loads(done.stdout.strip().splitlines()[-1])
    return spent, result, peak


def _measure(name: str, path: Path, funds: int, times: int) -> None:
    """Both sides in turn, each in its own process; processor time, medians, the ratio of each turn's two."""
    size = path.stat().st_size / 1e6
    turns = [(_run(path, _BARE), _run(path, _OURS)) for _ in range(times)]
    bare, ours = (median(turn[side][0] for turn in turns) for side in (0, 1))
    ratios = sorted(turn[0][0] / turn[1][0] for turn in turns)
    bare_peak, peak = (max(turn[side][2] for turn in turns) for side in (0, 1))
    total = sum(gross(n) for n in range(1, funds + 1))
    right = "total right" if all(turn[1][1] == total for turn in turns) else "TOTAL WRONG"
    print(
        f"{size:6.0f} MB {name}: {size / ours:5.0f} MB/s, {median(ratios):4.0%} of bare iterparse ({size / bare:.0f} MB/s; "
        f"{times} turns, {ratios[0]:.0%} to {ratios[-1]:.0%}); "
        f"peak {peak:.0f} MB above the interpreter (bare {bare_peak:.0f}); {funds:,} funds, {right}"
    )


def main(full: bool) -> None:
    BUILD.mkdir(exist_ok=True)
    path = BUILD / "bench-form-pf.xml"
    for megabytes in (100, 1000) if full else (10, 40):
        _measure("in many filings", path, write(path, megabytes=megabytes), 3 if megabytes > 100 else 5)
    for megabytes in (100, 1000) if full else (40,):
        funds = int(megabytes * 1e6 / _BYTES_A_FUND)
        _measure("in one filing  ", path, write(path, funds=funds, a_filing=funds), 3)
    path.unlink()
