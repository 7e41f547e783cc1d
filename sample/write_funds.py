"""Write the open proxy of the sample: watched funds' N-PORT reports and non-traded BDCs' balance sheets, every figure made up.

python sample/write_funds.py
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sentinel"))

from chalicelib import edgar  # noqa: E402 -- the product's own addresses, found beside this folder
from chalicelib.scrapers.credit_fund import discovery, reading  # noqa: E402

QUARTERS = ((date(2026, 3, 31), date(2026, 5, 29)), (date(2026, 6, 30), date(2026, 8, 28)))
"""Each quarter's last day with the day its reports became public."""

BY_HAND = (1735964, 1803498)
"""Cliffwater's reports and Blackstone's balance sheets were written by hand, for tests hold their figures."""

REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<!-- A synthetic sample: not a filing; its figures are invented. -->
<edgarSubmission xmlns="http://www.sec.gov/edgar/nport">
<headerData>
<submissionType>NPORT-P</submissionType>
</headerData>
<formData>
<genInfo>
<regName>{name}</regName>
<regCik>{cik:010d}</regCik>
<seriesName>N/A</seriesName>
<repPdEnd>2027-03-31</repPdEnd>
<repPdDate>{day}</repPdDate>
</genInfo>
<fundInfo>
<totAssets>{assets}.00</totAssets>
<totLiabs>{owed}.00</totLiabs>
<netAssets>{net}.00</netAssets>
{flows}
</fundInfo>
<invstOrSecs>
{holdings}
</invstOrSecs>
</formData>
</edgarSubmission>
"""
FLOW = '<mon{month}Flow sales="{sales}" reinvestment="0" redemption="{redeemed}"/>'
HOLDING = """<invstOrSec>
<name>Sample loan</name>
<valUSD>{value}</valUSD>
<assetCat>LON</assetCat>
<fairValLevel>{level}</fairValLevel>
<debtSec>
<maturityDt>2030-01-01</maturityDt>
<isDefault>{default}</isDefault>
</debtSec>
</invstOrSec>"""


def main() -> None:
    for number, fund in enumerate(discovery.watchlist()):
        if fund.cik is None or fund.cik in BY_HAND:
            continue
        assets = [figure * 1_000_000 for figure in made_up(number)]
        if fund.source == reading.BDC:
            put(edgar.company_concept_url(fund.cik, "Assets"), concept(fund, "Assets", assets))
            put(edgar.company_concept_url(fund.cik, "StockholdersEquity"), concept(fund, "StockholdersEquity", map(net, assets)))
        else:
            put(edgar.submissions_url(fund.cik), submissions(fund))
            for (day, _), total, accession in zip(QUARTERS, assets, accessions(fund.cik), strict=True):
                put(edgar.document_url(fund.cik, accession, "primary_doc.xml"), report(fund, day, total))


def made_up(number: int) -> tuple[int, int]:
    """Total assets at both quarters' ends, USD million: falls of up to 5 % and rises of up to 2 %."""
    before = 4_000 + 3_700 * (number % 7) + 310 * number
    return before, before * (1000 + (number * 37 % 71) - 50) // 1000


def net(assets: int) -> int:
    """What is left after borrowings of 40 %."""
    return assets * 6 // 10


def accessions(cik: int) -> tuple[str, str]:
    return f"{cik:010d}-26-900001", f"{cik:010d}-26-900002"


def concept(fund: discovery.Watched, tag: str, values: list[int] | map[int]) -> str:
    rows = [
        {"end": f"{day}", "val": value, "accn": accession, "fy": 2026, "fp": f"Q{at}", "form": "10-Q", "filed": f"{filed}"}
        for at, ((day, filed), value, accession) in enumerate(zip(QUARTERS, values, accessions(fund.cik), strict=True), 1)
    ]
    head = {"cik": fund.cik, "taxonomy": "us-gaap", "tag": tag, "label": "synthetic sample", "entityName": fund.name}
    words = "A synthetic sample: not EDGAR's answer; its figures are invented."
    return json.dumps({**head, "description": words, "units": {"USD": rows}}, indent=1)


def submissions(fund: discovery.Watched) -> str:
    newest = list(zip(QUARTERS, accessions(fund.cik), strict=True))[::-1]
    recent = {
        "accessionNumber": [accession for _, accession in newest],
        "filingDate": [f"{filed}" for (_, filed), _ in newest],
        "reportDate": [f"{day}" for (day, _), _ in newest],
        "acceptanceDateTime": [f"{filed}T16:01:00.000Z" for (_, filed), _ in newest],
        "form": ["NPORT-P"] * len(newest),
        "fileNumber": ["811-00000"] * len(newest),
        "primaryDocument": ["xslFormNPORT-P_X01/primary_doc.xml"] * len(newest),
    }
    told = {"cik": str(fund.cik), "name": fund.name, "sic": "", "tickers": [], "formerNames": []}
    return json.dumps({**told, "filings": {"recent": recent, "files": []}}, indent=1)


def report(fund: discovery.Watched, day: date, assets: int) -> str:
    """Investors took out two per cent of net assets more than they brought in; nine tenths of the loans are of level 3."""
    sales, redeemed = net(assets) // 200, net(assets) // 60
    flows = "\n".join(FLOW.format(month=month, sales=sales, redeemed=redeemed) for month in (1, 2, 3))
    shares = ((80, 3, "N"), (1, 3, "Y"), (9, 2, "N"))
    holdings = "\n".join(
        HOLDING.format(value=assets * share // 100, level=level, default=default) for share, level, default in shares
    )
    figures = {"assets": assets, "net": net(assets), "owed": assets - net(assets)}
    return REPORT.format(name=fund.name, cik=fund.cik, day=day, flows=flows, holdings=holdings, **figures)


def put(url: str, text: str) -> None:
    file = HERE / "archive" / url.removeprefix("https://")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.rstrip("\n") + "\n", "utf-8")


if __name__ == "__main__":
    main()
