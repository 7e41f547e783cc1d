"""One item turned into observations: a slice of a Form PF archive, an N-PORT report, or a non-traded BDC's balance sheets.

A slice's observations come only once all its filings were good. Each says which of the three sources it is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import BinaryIO

from chalicelib import edgar
from chalicelib.errors import Missing, Unreadable
from chalicelib.model import Item, Json, Notice, Observation
from chalicelib.ports import Fetch, FileInfo
from chalicelib.scrapers.credit_fund import archive, form_pf, joining, n_port, sharing
from chalicelib.scrapers.credit_fund.cutting import around, begins
from chalicelib.scrapers.credit_fund.streamed import Head

FORM_PF, N_PORT, BDC = "form-pf", "n-port", "bdc"
_DUE_DAYS = {"quarterly": 60, "annual": 120, "unknown": 120}
_NET_TAGS = ("AssetsNet", "StockholdersEquity")


@dataclass(frozen=True)
class Told:
    """An amount in USD as one filing states it, the day it was filed and its accession number."""

    value: Decimal
    filed: date
    accession: str


def read(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    """What the item says. Raises `Unreadable` naming file and place, and then nothing of the item counts."""
    if refused := item.detail.get("refused"):
        raise Unreadable(str(refused), where=item.label)
    source = item.detail["source"]
    if source == FORM_PF:
        found: list[Observation | Notice] = list(_slice(item, fetch))
    elif source == N_PORT:
        found = list(_report(item, fetch))
    elif source == BDC:
        found = list(_balance_sheets(item, fetch))
    else:
        raise Unreadable(f"unknown source {source!r}", where=item.key)
    yield from found


def _slice(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    detail = item.detail
    info = FileInfo(str(detail["address"]), int(str(detail["size"])), item.version)
    member, start = str(detail["member"]), int(str(detail["start"]))
    end = None if detail["end"] is None else int(str(detail["end"]))
    where = f"{detail['file']}/{member}" if member else str(detail["file"])
    size, length = (int(str(detail.get(name, default))) for name, default in (("text", 0), ("length", archive.SLICE)))
    text = _Text(info, member, where, size, length, fetch.files)
    unread: Counter[str] = Counter()
    for share in _shares(text, start, end):
        yield from of_filing(share.filing, where, info.address, fetch.now(), share.rank, share.of)
        unread.update(share.filing.unread if share.rank == 0 else ())
    for name, count in sorted(unread.items()):
        yield Notice(
            "unread", name, f"stands in {count} filings of {item.label} and is neither read nor left on purpose", info.address
        )


@dataclass(frozen=True)
class _Text:
    """A text of a file, opened at any byte. `size`: what it was said to have when it was cut every `length` bytes; 0 where a
    plan of an earlier version does not say it, and long filings are not shared out.
    """

    info: FileInfo
    member: str
    where: str
    size: int
    length: int
    files: archive.Opener

    @property
    def key(self) -> tuple[str, ...]:
        return self.info.address, self.info.version, self.member

    def opened(self, start: int = 0) -> AbstractContextManager[BinaryIO]:
        return archive.opened(self.info, self.files, self.member, start)


_LATEST = sharing.Latest()


def _shares(text: _Text, start: int, end: int | None) -> Iterator[sharing.Share]:
    """What of which filings belongs to the slice `[start, end)`."""
    with text.opened() as stream:
        head = begins(stream, text.where)
    filing = _LATEST.around(text.key, start, end) if end is not None else None
    if filing is None:
        empty = True
        with text.opened(start) as stream:
            for filing in form_pf.filings(stream, text.where, start, end, head):
                empty = False
                share = sharing.share(filing, start, text.size, text.length)
                if share.of > 1:
                    _LATEST.keep(text.key, filing)
                yield share
        at = around(text.opened, start, end) if empty and text.size and start and end is not None else None
        if at is None or end is None:
            return
        filing = _LATEST.read_once(text.key, start, end, lambda: _filing(text, at, head))
    yield sharing.share(filing, start, text.size, text.length)


def _filing(text: _Text, at: int, head: Head) -> form_pf.Filing:
    """The filing that begins at byte `at`."""
    with text.opened(at) as stream:
        return next(form_pf.filings(stream, text.where, at, at + 1, head))


def of_filing(
    filing: form_pf.Filing, where: str, address: str, now: datetime, rank: int = 0, of: int = 1
) -> Iterator[Observation | Notice]:
    """One observation a fund of the `rank`-th of `of` shares: gross assets, with everything else the filing says of it.

    Confidential: `source` is the file.
    """
    if filing.frequency == "unknown" and rank == 0:
        words = f"ReportingPeriodType {filing.period_type[:40]!r} is neither quarterly nor annual: not compared"
        yield Notice("unmapped-member", where, words, address)
    known_at, known_from = _known(filing, now)
    for fund in filing.funds.share(rank, of):
        doubtful = filing.structure.doubtful(fund)
        if doubtful:
            words = f"{fund.fund_id} looks fed by one of several masters of its filing and is counted: it may be counted twice"
            yield Notice("possible-double", fund.fund_id, words, address)
        gross = fund.gross
        yield Observation(
            key=f"{FORM_PF}/{where}@{filing.at}{f'+{rank}' if rank else ''}/{fund.fund_id}",
            kind=FORM_PF,
            subject=fund.name or fund.fund_id,
            as_of=filing.period_end,
            known_at=known_at,
            value=gross,
            unit="USD",
            confidence="low" if filing.frequency == "unknown" else "medium" if doubtful else "high",
            source=address,
            words=f"GrossAssetValue {gross}",
            offset=filing.at,
            detail={**_of_fund(fund, filing), "known_from": known_from},
        )


def _of_fund(fund: joining.Fund, filing: form_pf.Filing) -> dict[str, Json]:
    """What a filing says of one of its funds beside its gross assets."""
    whole = filing.structure.part_of(fund)
    return {
        "source": FORM_PF,
        "fund_id": fund.fund_id,
        "fund_type": fund.type,
        "filing_type": filing.filing_type,
        "frequency": filing.frequency,
        "quarter": filing.quarter,
        "signed": filing.signed.isoformat() if filing.signed else None,
        "reported": fund.reported,
        "hedge": fund.hedge,
        "master": fund.master,
        "part_of": whole,
        "counted": whole is None,
        "amounts": {name: _text(value) for name, value in fund.amounts.items()},
        "performance": {name: _text(value) for name, value in fund.performance.items()},
        "ends": dict(fund.ends),
        "flow": _text(fund.flow),
    }


def _known(filing: form_pf.Filing, now: datetime) -> tuple[datetime, str]:
    """When the filing was known: the day it was signed, else the day it was due, never later than `now`."""
    day, how = filing.signed, "signature"
    if day is None or day < filing.period_end:
        day, how = filing.period_end + timedelta(days=_DUE_DAYS[filing.frequency]), "deadline"
    return min(datetime.combine(day, time(), UTC), now), how


def _report(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    body = fetch.web.get(item.url, shape="xml", max_bytes=256_000_000).body
    report = n_port.read(BytesIO(body), item.url)
    if report.cik != item.detail["cik"]:
        raise Unreadable(
            f"asked for CIK {item.detail['cik']}, the report is of {report.cik}", where=item.url, evidence=report.name
        )
    if not report.balanced:
        words = f"assets {report.total_assets} less liabilities {report.total_liabilities} are not net assets {report.net_assets}"
        yield Notice("disagreement", report.name, words, item.url)
    yield of_report(report, item.key, item.url, datetime.fromisoformat(str(item.detail["accepted"])))


def of_report(report: n_port.Report, key: str, url: str, known_at: datetime) -> Observation:
    """Total assets of a registered fund, with net assets, flows, levels and what is in default."""
    holdings = report.holdings
    return Observation(
        key=f"{N_PORT}/{key}",
        kind=N_PORT,
        subject=report.name,
        as_of=report.period_end,
        known_at=known_at,
        value=report.total_assets,
        unit="USD",
        confidence="high" if report.balanced else "low",
        source=url,
        words=f"totAssets {report.total_assets}",
        detail={
            "source": N_PORT,
            "fund_id": report.fund_id,
            "fund_type": "registered fund",
            "filing_type": report.form,
            "frequency": "quarterly",
            "counted": True,
            "reported": True,
            "amounts": {
                "gross_asset_value": str(report.total_assets),
                "net_asset_value": str(report.net_assets),
                "borrowed": None if report.borrowed is None else str(report.borrowed),
                "level_3": str(holdings.by_level["3"]),
                "holdings": str(holdings.total),
                "debt": str(holdings.debt),
                "default": str(holdings.default),
            },
            "flow": _text(report.flow),
            "final": report.final,
            "level_3_share": _text(holdings.level_3_share),
            "default_share": _text(holdings.default_share),
            "returns": {name: str(value) for name, value in report.returns.items()},
        },
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _balance_sheets(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    """Each balance sheet at a quarter's end of a BDC that files no N-PORT, by undimensioned XBRL facts; restated ones too."""
    cik, name = int(str(item.detail["cik"])), str(item.detail["name"])
    try:
        body = fetch.web.get(item.url, shape="json", fresh=True).body
    except Missing:
        yield Notice("wrong-id", name, f"EDGAR has no balance sheets of CIK {cik}", item.url)
        return
    company, assets = _company_and_values(body, cik, "Assets")
    if not edgar.equal_name(company, name):
        yield Notice("wrong-id", name, f"CIK {cik} is {company[:80]}: not read", item.url)
        return
    net: Mapping[date, Sequence[Told]] = {}
    for tag in _NET_TAGS:
        try:
            net = concept(fetch.web.get(edgar.company_concept_url(cik, tag), shape="json", fresh=True).body, cik, tag)
            break
        except Missing:
            continue
    for end, told in assets.items():
        if (end + timedelta(days=1)).month not in (1, 4, 7, 10):
            continue
        for number, (gross, beside) in enumerate(stated(told, net.get(end, ()))):
            yield _balance_sheet(cik, name, end, gross, beside, f"{BDC}/{cik}/{end}" + (f"/{number}" if number else ""))


def _balance_sheet(cik: int, name: str, end: date, gross: Told, beside: Told | None, key: str) -> Observation:
    filed = max(gross.filed, beside.filed) if beside else gross.filed
    return Observation(
        key=key,
        kind=BDC,
        subject=name,
        as_of=end,
        known_at=datetime.combine(filed, time(22), edgar.NEW_YORK).astimezone(UTC),
        value=gross.value,
        unit="USD",
        confidence="high" if beside else "medium",
        source=edgar.filing_index_url(cik, gross.accession),
        words=f"us-gaap:Assets {gross.value} at {end}",
        detail={
            "source": BDC,
            "fund_id": f"CIK{cik:010d}",
            "fund_type": "non-traded BDC",
            "filing_type": "10-Q/10-K",
            "filed": filed.isoformat(),
            "frequency": "quarterly",
            "counted": True,
            "reported": True,
            "amounts": {"gross_asset_value": str(gross.value), "net_asset_value": str(beside.value) if beside else None},
        },
    )


def stated(gross: Sequence[Told], net: Sequence[Told]) -> Iterator[tuple[Told, Told | None]]:
    """What stood from one filing to the next: gross assets with the net assets known beside them, each change once."""
    last: tuple[Decimal, Decimal | None] | None = None
    for day in sorted({each.filed for each in (*gross, *net)}):
        known = [each for each in gross if each.filed <= day]
        beside = next((each for each in reversed(net) if each.filed <= day), None)
        if known and last != (now := (known[-1].value, beside.value if beside else None)):
            last = now
            yield known[-1], beside


def concept(body: bytes, cik: int, tag: str) -> dict[date, list[Told]]:
    """A companyconcept answer: by day every value in USD that differs from the one filed before it. Raises `Unreadable`."""
    return _company_and_values(body, cik, tag)[1]


def _company_and_values(body: bytes, cik: int, tag: str) -> tuple[str, dict[date, list[Told]]]:
    """As `concept`, with whose answer it is."""
    where = f"companyconcept {tag} of CIK {cik}"
    try:
        told = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        rows = told["units"]["USD"]
        if int(told["cik"]) != cik or told["tag"] != tag:
            raise Unreadable("another company's or another tag's", where=where, evidence=str(told.get("entityName"))[:80])
        found: dict[date, list[Told]] = {}
        for row in sorted(rows, key=lambda each: each["filed"]):
            value, accession = row["val"], row["accn"]
            if not isinstance(value, Decimal) or not re.fullmatch(r"\d{10}-\d{2}-\d{6}", accession):
                raise Unreadable("not a value of a filing", where=where, evidence=str(row)[:300])
            if value < 0 and tag == "Assets":
                raise Unreadable(f"assets of {value}", where=where, evidence=str(row)[:300])
            told_before = found.setdefault(date.fromisoformat(row["end"]), [])
            if not told_before or told_before[-1].value != value:
                told_before.append(Told(value, date.fromisoformat(row["filed"]), accession))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"not a companyconcept answer: {error!r}", where=where, evidence=body[:200].decode("latin-1")) from error
    return str(told.get("entityName")), found
