"""Form PF and N-PORT documents in the source's own format, small, put together from parts; and files kept in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.errors import UpstreamDown
from chalicelib.ports import FileInfo

DECLARED = '<?xml version="1.0" encoding="iso-8859-1"?>\n'


def fund(number: int, gross: object = 1000, net: object = 800, name: str = "", extra: str = "") -> tuple[str, str, str]:
    fund_id = f"805-{number:010d}"
    name = name or f"Fund {number}"
    listed = f"<PFFund><FundID>{fund_id}</FundID><FundType>PRIVATE EQUITY</FundType><FundName>{name}</FundName></PFFund>"
    assets = (
        f"<PFSection1bItemBFundAssetsFinancingInvestors><FundID>{fund_id}</FundID><GrossAssetValue>{gross}</GrossAssetValue>"
        f"<NetAssetValue>{net}</NetAssetValue>{extra}</PFSection1bItemBFundAssetsFinancingInvestors>"
    )
    return fund_id, listed, assets


def filing(
    funds: Sequence[tuple[str, str, str]],
    end: str = "2026-06-30",
    kind: str = "PF-UPDATING",
    period: str = "Q",
    ident: str = "",
    performance: str = "",
    quarter: str = "2",
) -> str:
    return (
        f"<PFXMLFiling><FilingType>{kind}</FilingType><ReportingPeriodType>{period}</ReportingPeriodType>"
        f"<ReportingPeriodEndDate>{end}</ReportingPeriodEndDate><ReportingPeriodQuarter>{quarter}</ReportingPeriodQuarter>"
        f"<PFFunds>{''.join(each[1] for each in funds)}</PFFunds>"
        f"<PFSection1bItemAFundsIdentInfo>{ident}</PFSection1bItemAFundsIdentInfo>"
        "<PFSection1bItemBFundsAssetsFinancingInvestors>"
        f"{''.join(each[2] for each in funds)}</PFSection1bItemBFundsAssetsFinancingInvestors>"
        f"<PFSection1bItemCFundsPerformance>{performance}</PFSection1bItemCFundsPerformance></PFXMLFiling>"
    )


def document(*filings: str) -> bytes:
    return (DECLARED + "\n".join(filings) + "\n").encode("iso-8859-1")


@dataclass
class MemoryFiles:
    """Files in memory behind `ports.Files`; `opened` remembers every start; `changes` fail as a changed S3 object does."""

    held: dict[str, bytes]
    changes: set[str] = field(default_factory=set)
    opened: list[tuple[str, int]] = field(default_factory=list)

    def list(self, prefix: str) -> Iterator[FileInfo]:
        for address, body in sorted(self.held.items()):
            yield FileInfo(address, len(body), f"etag-{len(body)}")

    def open(self, info: FileInfo, start: int = 0) -> io.BufferedReader:
        self.opened.append((info.address, start))
        if info.address in self.changes:
            raise UpstreamDown(f"{info.address}: changed while it was being read (it was version {info.version})")
        return io.BufferedReader(io.BytesIO(self.held[info.address][start:]))


@dataclass
class Archive:
    """A `Fetch` that knows only an archive of files and the time."""

    files: MemoryFiles
    at: datetime = datetime(2026, 11, 30, tzinfo=UTC)
    web = quotes = transcripts = None

    def now(self) -> datetime:
        return self.at

    def setting(self, name: str) -> str | None:
        return "mem://" if name == "FORM_PF_SOURCE" else None
