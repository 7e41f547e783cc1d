"""What `extract credit-fund FILE…` prints: one mapping a document, in the shape the corpus describes.

A ZIP gives one mapping a member; an archive of filings of several periods one a period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from chalicelib.errors import SentinelError, Unreadable
from chalicelib.ports import FileInfo, Source
from chalicelib.scrapers.credit_fund import archive, form_pf, n_port
from chalicelib.scrapers.credit_fund.cutting import begins
from chalicelib.scrapers.credit_fund.elements import AMOUNTS
from chalicelib.scrapers.credit_fund.joining import Fund
from chalicelib.scrapers.credit_fund.reading import FORM_PF, N_PORT
from chalicelib.scrapers.credit_fund.streamed import HEAD, head_of


@dataclass(frozen=True)
class _Given:
    """A document on disk behind the port the archive reads through."""

    source: Source

    def open(self, info: FileInfo, start: int = 0) -> BinaryIO:  # noqa: ARG002 - the port's signature; there is one file
        """A stream from byte `start`."""
        stream = self.source.open()
        stream.seek(start)
        return stream


def extract(sources: Sequence[Source]) -> Iterator[Mapping[str, object]]:
    """One mapping per document; a document that cannot be read gives `file`, `error`, `error_type`."""
    for source in sources:
        try:
            info, given = _info(source), _Given(source)
            members = list(archive.parts(info, given))
        except (SentinelError, OSError) as error:
            yield _failed(source.name, "", error)
            continue
        if all(part.ignored for part in members):
            yield _failed(source.name, "", Unreadable("an archive without any .xml or .xml.gz", where=source.name))
        for part in members:
            if part.ignored and info.address.lower().endswith(".zip"):
                continue
            try:
                if part.refused:
                    raise Unreadable(part.refused, where=source.name)
                yield from list(_document(source.name, part.member, info, given))
            except (SentinelError, OSError) as error:
                yield _failed(source.name, part.member, error)


def _info(source: Source) -> FileInfo:
    """The document with the ending its first bytes call for: names are not relied on here."""
    with source.open() as stream:
        begin = stream.read(4)
    size = Path(source.path).stat().st_size
    ending = ".zip" if begin.startswith(b"PK") else ".xml.gz" if begin.startswith(b"\x1f\x8b") else ".xml"
    address = source.name if source.name.lower().endswith(ending) else source.name + ending
    return FileInfo(address, size, "given")


def _failed(file: str, member: str, error: Exception) -> Mapping[str, object]:
    line: dict[str, object] = {"file": file, "error": str(error), "error_type": type(error).__name__}
    return line | ({"member": member} if member else {})


def _document(file: str, member: str, info: FileInfo, given: _Given) -> Iterator[Mapping[str, object]]:
    where = f"{file}/{member}" if member else file

    def text() -> AbstractContextManager[BinaryIO]:
        return archive.opened(info, given, member)

    with text() as stream:
        root = head_of(stream.read(HEAD), where).name
    beside = {"file": file} | ({"member": member} if member else {})
    if root == "edgarSubmission":
        with text() as stream:
            yield beside | of_report(n_port.read(stream, where))
        return
    with text() as stream:
        head = begins(stream, where)
    with text() as stream:
        filings = list(form_pf.filings(stream, where, head=head))
    if not filings:
        raise Unreadable("no filing in it", where=where)
    for period_end in sorted({filing.period_end for filing in filings}):
        yield beside | of_filings([filing for filing in filings if filing.period_end == period_end], period_end)


def of_filings(filings: Sequence[form_pf.Filing], period_end: date) -> dict[str, object]:
    """The filings of one period as one line: an amendment's values in place of those it amends."""
    lines: dict[str, dict[str, object]] = {}
    ordered = sorted(filings, key=lambda each: (each.amendment, each.signed or date.min, each.at))
    for filing in ordered:
        for fund in filing.funds:
            line = _fund(fund, filing, filing.structure.part_of(fund))
            earlier = lines.get(fund.fund_id)
            if earlier is None:
                lines[fund.fund_id] = line
            elif fund.reported:
                if earlier["filing_type"] == filing.filing_type != "PF-AMEND" and _differ(earlier, line):
                    words = f"{fund.fund_id} has two original filings of {period_end} that differ"
                    raise Unreadable(words, where=f"filing at byte {filing.at}")
                replaced = {"gross_asset_value": earlier["gross_asset_value"], "net_asset_value": earlier["net_asset_value"]}
                lines[fund.fund_id] = line | ({"replaces": replaced} if _differ(earlier, line) else {})
    return {
        "source": FORM_PF,
        "period_end": period_end,
        "filing_type": ordered[-1].filing_type,
        "frequency": ordered[-1].frequency,
        "unread": sorted({name for filing in filings for name in filing.unread}),
        "funds": list(lines.values()),
    }


def _differ(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return any(one[name] != other[name] for name in ("gross_asset_value", "net_asset_value"))


def _fund(fund: Fund, filing: form_pf.Filing, part_of: str | None) -> dict[str, object]:
    amounts: dict[str, object] = dict.fromkeys(AMOUNTS.values())
    return {
        "fund_id": fund.fund_id,
        "fund_name": fund.name or None,
        "fund_type": fund.type or None,
        **amounts,
        **fund.amounts,
        "counted": part_of is None,
        "part_of": part_of,
        "filing_type": filing.filing_type,
        "master": fund.master,
        "aggregates_parallel": fund.aggregates_parallel,
        "performance": fund.performance,
        "flow": fund.flow,
    }


def of_report(report: n_port.Report) -> dict[str, object]:
    """An N-PORT report as one line with one fund."""
    holdings = report.holdings
    return {
        "source": N_PORT,
        "period_end": report.period_end,
        "form": report.form or None,
        "holdings": holdings.count,
        "funds": [
            {
                "fund_id": report.fund_id,
                "fund_name": report.name,
                "fund_type": "registered fund",
                "gross_asset_value": report.total_assets,
                "net_asset_value": report.net_assets,
                "liabilities": report.total_liabilities,
                "borrowed": report.borrowed,
                "counted": True,
                "registrant": report.registrant,
                "cik": f"{report.cik:010d}",
                "series_id": report.series_id or None,
                "flow": report.flow,
                "level_3": holdings.by_level["3"],
                "level_3_share": holdings.level_3_share,
                "debt": holdings.debt,
                "default": holdings.default,
                "default_share": holdings.default_share,
                "confidence": "high" if report.balanced else "low",
            }
        ],
    }
