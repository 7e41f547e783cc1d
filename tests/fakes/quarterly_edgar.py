"""An EDGAR of quarterly filers laid out by host and path: submissions, N-PORT reports, balance sheets, banks' inline reports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chalicelib import edgar


@dataclass(frozen=True)
class Filed:
    """One filing: `values` is what its document tells, by the document's own rule."""

    accession: str
    form: str
    period: date
    accepted: str
    values: Mapping[tuple[date, date], int] | tuple[int, int]


def put(folder: Path, url: str, text: str) -> None:
    path = folder / url.removeprefix("https://")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def submissions(folder: Path, cik: int, name: str, ticker: str, filed: Sequence[Filed], document: str) -> None:
    newest = sorted(filed, key=lambda each: each.accepted, reverse=True)
    recent = {
        "accessionNumber": [each.accession for each in newest],
        "filingDate": [each.accepted[:10] for each in newest],
        "reportDate": [each.period.isoformat() for each in newest],
        "acceptanceDateTime": [f"{each.accepted}.000Z" for each in newest],
        "form": [each.form for each in newest],
        "fileNumber": ["001-00000" for _ in newest],
        "primaryDocument": [document for _ in newest],
    }
    told = {
        "cik": f"{cik:010d}", "name": name, "sic": "", "tickers": [ticker], "exchanges": [], "formerNames": [],
        "filings": {"recent": recent, "files": []},
    }  # fmt: skip
    put(folder, edgar.submissions_url(cik), json.dumps(told))


def companies(folder: Path) -> None:
    put(folder, edgar.COMPANY_FILE, json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": [[1, "X", "X", ""]]}))


def fund(folder: Path, cik: int, name: str, filed: Sequence[Filed]) -> None:
    """A registered fund: `values` of each report are its assets and liabilities."""
    submissions(folder, cik, name, "", filed, "xslFormNPORT-P_X01/primary_doc.xml")
    for each in filed:
        assets, owed = each.values
        head = {"form": each.form, "name": name, "cik": f"{cik:010d}", "end": each.period}
        text = N_PORT.format(**head, assets=assets, owed=owed, net=assets - owed)
        put(folder, edgar.document_url(cik, each.accession, "primary_doc.xml"), text)


def concept(folder: Path, cik: int, name: str, tag: str, rows: Sequence[tuple[str, int, str]]) -> None:
    """A companyconcept answer of (day, value, day filed)."""
    facts = [{"end": end, "val": value, "accn": f"{cik:010d}-{filed[2:4]}-{n:06d}", "filed": filed}
             for n, (end, value, filed) in enumerate(rows)]  # fmt: skip
    body = {"cik": cik, "tag": tag, "entityName": name, "units": {"USD": facts}}
    put(folder, edgar.company_concept_url(cik, tag), json.dumps(body))


def bank(folder: Path, cik: int, name: str, ticker: str, filed: Sequence[Filed]) -> None:
    """A bank: `values` of each report are an NDFI class's provision in dollars by (start, end)."""
    submissions(folder, cik, name, ticker, filed, "report.htm")
    for each in filed:
        contexts, rows = [], []
        for n, ((start, end), value) in enumerate(each.values.items()):
            contexts.append(CONTEXT.format(n=n, cik=f"{cik:010d}", start=start, end=end))
            rows.append(ROW.format(n=n, sign=' sign="-"' if value < 0 else "", value=f"{abs(value):,}"))
        put(folder, edgar.document_url(cik, each.accession, "report.htm"), REPORT.format(
            cik=f"{cik:010d}", name=name, form=each.form, first=date(each.period.year, 1, 1), end=each.period,
            contexts="\n".join(contexts), rows="\n".join(rows)))  # fmt: skip


N_PORT = """<?xml version="1.0" encoding="UTF-8"?>
<edgarSubmission xmlns="http://www.sec.gov/edgar/nport"><headerData><submissionType>{form}</submissionType></headerData><formData>
<genInfo><regName>{name}</regName><regCik>{cik}</regCik><seriesName>N/A</seriesName><repPdEnd>2024-12-31</repPdEnd>
<repPdDate>{end}</repPdDate></genInfo>
<fundInfo><totAssets>{assets}.00</totAssets><totLiabs>{owed}.00</totLiabs><netAssets>{net}.00</netAssets></fundInfo>
<invstOrSecs><invstOrSec><name>Loan</name><valUSD>{assets}</valUSD><assetCat>LON</assetCat><fairValLevel>3</fairValLevel>
</invstOrSec></invstOrSecs></formData></edgarSubmission>
"""
ENTITY = '<xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">{cik}</xbrli:identifier>'
PERIOD = (
    "<xbrli:period><xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate></xbrli:period></xbrli:context>"
)
CONTEXT = (
    '<xbrli:context id="c-{n}">' + ENTITY + '<xbrli:segment><xbrldi:explicitMember dimension="us-gaap:'
    'FinancingReceivablePortfolioSegmentAxis">x:FinancialInstitutionsMember</xbrldi:explicitMember></xbrli:segment>'
    "</xbrli:entity>" + PERIOD
)
ROW = (
    '<tr><td>Provision</td><td><ix:nonFraction name="us-gaap:ProvisionForLoanLeaseAndOtherLosses" contextRef="c-{n}" '
    'unitRef="usd" decimals="0"{sign} format="ixt:num-dot-decimal">{value}</ix:nonFraction></td></tr>'
)
REPORT = (
    """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"
 xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" xmlns:xbrli="http://www.xbrl.org/2003/instance"
 xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:us-gaap="http://fasb.org/us-gaap/2024" xmlns:dei="http://xbrl.sec.gov/dei/2024"
 xmlns:x="http://x.example/2024" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"><head><title>{form}</title></head><body>
<div style="display:none"><ix:header><ix:hidden><ix:nonNumeric name="dei:DocumentType" contextRef="whole">{form}</ix:nonNumeric>
<ix:nonNumeric name="dei:DocumentPeriodEndDate" contextRef="whole">{end}</ix:nonNumeric>
<ix:nonNumeric name="dei:EntityRegistrantName" contextRef="whole">{name}</ix:nonNumeric>
<ix:nonNumeric name="dei:EntityCentralIndexKey" contextRef="whole">{cik}</ix:nonNumeric></ix:hidden><ix:resources>
<xbrli:context id="whole">"""
    + ENTITY
    + "</xbrli:entity>"
    + PERIOD.replace("{start}", "{first}")
    + """
{contexts}
<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit></ix:resources></ix:header></div>
<table>
{rows}
</table></body></html>
"""
)
