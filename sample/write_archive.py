"""Write `archive/`: a small EDGAR in EDGAR's own formats, laid out by host and path, carrying the true figures of `deals.json`.

    python sample/write_archive.py

The documents are written here, not copied: covers, price tables, term sheets and fee exhibits as short as their readers allow.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
ARCHIVE = HERE / "archive"
sys.path.insert(0, str(HERE.parent / "sentinel"))

from chalicelib import edgar, sessions  # noqa: E402 -- the product's own addresses, found beside this folder
from chalicelib.scrapers.bond_issuance import watchlist  # noqa: E402 -- as above

FIRST, LAST = date(2025, 10, 20), date(2025, 12, 12)
FEE_RATE = Decimal("0.0001381")
CURRENCIES = {"$": "USD", "&#8364;": "EUR"}


def main() -> None:
    told = json.loads((HERE / "deals.json").read_text("utf-8"))
    filings = {each["accession"]: each for each in told["filings"]}
    for filing in filings.values():
        put(edgar.submission_url(filing["cik"], filing["accession"]), submission(filing, filings))
    for filing, text in OTHERS:
        put(
            edgar.submission_url(filing["cik"], filing["accession"]),
            whole(filing, [document(filing["form"], 1, "424b2.htm", text)]),
        )
    for day in sessions.business_days(FIRST, LAST):
        rows = [each for each in [*filings.values(), *told["not_watched"]] if each["filed"] == day.isoformat()]
        put(edgar.daily_index_url("form", day), index(day, rows))
    for issuer in watchlist.issuers():
        mine = [each for each in filings.values() if each["cik"] == issuer.cik]
        put(edgar.submissions_url(issuer.cik), json.dumps(submissions(issuer, mine), indent=1) + "\n")


def put(url: str, text: str) -> None:
    path = ARCHIVE / url.removeprefix("https://")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def submissions(issuer: watchlist.Watched, filings: list[dict]) -> dict:
    newest = sorted(filings, key=lambda each: each["accepted"], reverse=True)
    return {
        "cik": f"{issuer.cik:010d}",
        "name": issuer.name,
        "sic": "",
        "tickers": [issuer.ticker],
        "exchanges": [],
        "formerNames": [],
        "filings": {
            "recent": {
                "accessionNumber": [each["accession"] for each in newest],
                "filingDate": [each["filed"] for each in newest],
                "acceptanceDateTime": [f"{each['accepted']}.000Z" for each in newest],
                "form": [each["form"] for each in newest],
                "fileNumber": [each["registration"] for each in newest],
                "primaryDocument": [f"{each['form'].lower()}.htm" for each in newest],
            },
            "files": [],
        },
    }


def index(day: date, rows: list[dict]) -> str:
    head = (
        "Description:           Daily Index of EDGAR Dissemination Feed by Form Type\n"
        f"Last Data Received:    {day:%b} {day.day:2d}, {day.year}\n"
        "Comments:              webmaster@sec.gov\nAnonymous FTP:         ftp://ftp.sec.gov/edgar/\n \n \n \n \n"
        f"{'Form Type':<12}{'Company Name':<62}{'CIK':<12}Date Filed  File Name\n{'-' * 141}\n"
    )
    lines = (
        f"{each['form']:<12}{each['name']:<62}{each['cik']:<12}{day:%Y%m%d}    "
        f"edgar/data/{each['cik']}/{each['accession']}.txt         \n"
        for each in sorted(rows, key=lambda each: (each["form"], each["name"], each["accession"]))
    )
    return head + "".join(lines)


def header(filing: dict, documents: int) -> str:
    accepted = datetime.fromisoformat(filing["accepted"])
    day = filing["filed"].replace("-", "")
    company = (
        f"\tCOMPANY DATA:\t\n\t\tCOMPANY CONFORMED NAME:\t\t\t{filing['name']}\n"
        f"\t\tCENTRAL INDEX KEY:\t\t\t{filing['cik']:010d}\n"
        f"\t\tSTANDARD INDUSTRIAL CLASSIFICATION:\t{filing['sic']}\n\n\tFILING VALUES:\n\t\tFORM TYPE:\t\t{filing['form']}\n"
    )
    number = f"\t\tSEC ACT:\t\t1933 Act\n\t\tSEC FILE NUMBER:\t{filing['registration']}\n"
    parties = f"FILER:\n\n{company}{number}"
    if filing["form"] == "FWP":
        parties = f"SUBJECT COMPANY:\t\n\n{company}{number}\nFILED BY:\t\t\n\n{company}"
    return (
        f"<SEC-DOCUMENT>{filing['accession']}.txt : {day}\n<SEC-HEADER>{filing['accession']}.hdr.sgml : {day}\n"
        f"<ACCEPTANCE-DATETIME>{accepted:%Y%m%d%H%M%S}\nACCESSION NUMBER:\t\t{filing['accession']}\n"
        f"CONFORMED SUBMISSION TYPE:\t{filing['form']}\nPUBLIC DOCUMENT COUNT:\t\t{documents}\nFILED AS OF DATE:\t\t{day}\n"
        f"DATE AS OF CHANGE:\t\t{day}\n\n{parties}</SEC-HEADER>\n"
    )


def document(kind: str, sequence: int, name: str, text: str) -> str:
    labels = f"<TYPE>{kind}\n<SEQUENCE>{sequence}\n<FILENAME>{name}\n<DESCRIPTION>{kind}\n"
    return f"<DOCUMENT>\n{labels}<TEXT>\n{text}</TEXT>\n</DOCUMENT>\n"


def submission(filing: dict, filings: dict[str, dict]) -> str:
    pages = shares if "lines" in filing else PAGE_OF[filing.get("status", "sheet")]
    text = pages(filing, filings)
    parts = [document(filing["form"], 1, f"{filing['form'].lower()}.htm", text)]
    if "fees" in filing:
        parts.append(document("EX-FILING FEES", 2, "ex-filingfees.htm", f"<XBRL>\n{fees(filing)}</XBRL>\n"))
    return whole(filing, parts)


def whole(filing: dict, documents: list[str]) -> str:
    return header(filing, len(documents)) + "".join(documents) + "</SEC-DOCUMENT>\n"


def shown(name: str) -> str:
    return {"AMAZON COM INC": "Amazon.com, Inc."}.get(name, name)


def title(tranche: dict, noun: str) -> str:
    year = tranche["maturity"][-4:]
    return f"Floating Rate {noun} due {year}" if "floating" in tranche else f"{tranche['coupon']}% {noun} due {year}"


def label(tranche: dict) -> str:
    year = tranche["maturity"][-4:]
    return f"{year} Floating Rate Notes" if "floating" in tranche else f"{year} Notes"


def page(filing: dict, lines: list[str]) -> str:
    rule = filing["form"].replace("424B", "424(b)(") + ")"
    top = f"<p>Filed Pursuant to Rule {rule}</p>\n<p>Registration No. {filing['registration']}</p>"
    return "\n".join([f"<html><head><title>{filing['form']}</title></head><body>", top, *lines, "</body></html>"]) + "\n"


def shares(filing: dict, _filings: dict) -> str:
    return page(filing, [f"<p>{line}</p>" for line in filing["lines"]])


def final(filing: dict, _filings: dict) -> str:
    money, noun, tranches = filing["currency"], filing["noun"], filing["tranches"]
    lines = ["<p><b>PROSPECTUS SUPPLEMENT</b></p>", f"<p>(To Prospectus dated {filing['base']})</p>"]
    if "total" in filing:
        lines.append(f'<p align="center"><b>{money}{filing["total"]:,}</b></p>')
    lines.append(f'<p align="center"><b>{shown(filing["name"])}</b></p>')
    lines += [f'<p align="center"><b>{money}{each["principal"]:,} {title(each, noun)}</b></p>' for each in tranches]
    offered = "; ".join(
        f"{money}{each['principal']:,} aggregate principal amount of our {title(each, noun).replace(noun, noun.lower())} "
        f"(the &#8220;{label(each)}&#8221;)"
        for each in tranches
    )
    mature = " ".join(f"The {label(each)} will mature on {each['maturity']}." for each in tranches)
    floats = " ".join(
        f"The {label(each)} will bear interest at a floating rate equal to {each['floating']}, reset quarterly, "
        f"plus {each['spread']}% per annum."
        for each in tranches
        if "floating" in each
    )
    lines += [f"<p>We are offering {offered}.</p>", f"<p>{mature} {floats}</p>"]
    lines.append(
        "<p>We will issue the notes in denominations of 2,000 and multiples of 1,000 above it. The notes are senior unsecured.</p>"
    )
    if all("price" in each for each in tranches):
        lines.append(prices(filing))
    lines.append(f"<p>The date of this prospectus supplement is {filing['dated']}.</p>")
    return page(filing, lines)


def prices(filing: dict) -> str:
    money, rows = filing["currency"], []
    for each in filing["tranches"]:
        rows.append(f"<tr><td>Per {label(each)[:-1]}</td><td>{each['price']}%</td></tr>")
        rows.append(
            f"<tr><td>{label(each)} total</td><td>{money}{each['principal'] * Decimal(each['price']) / 100:,.0f}</td></tr>"
        )
    return (
        "<table>\n<tr><td></td><td>Price to Public(1)</td></tr>\n"
        + "\n".join(rows)
        + "\n</table>\n<p>(1) Plus accrued interest, if any.</p>"
    )


def preliminary(filing: dict, _filings: dict) -> str:
    money, noun, gap = filing["currency"], filing["noun"], "&#8195;&#8195;&#8195;"
    floating = [f'<p align="center"><b>{money}{gap}Floating Rate {noun} due 20{gap}</b></p>'] * filing.get("blank_floating", 0)
    fixed = [f'<p align="center"><b>{money}{gap}{gap}% {noun} due 20{gap}</b></p>'] * filing["blank"]
    return page(
        filing,
        [
            f"<p><b>SUBJECT TO COMPLETION, DATED {filing['dated'].upper()}</b></p>",
            "<p>The information in this preliminary prospectus supplement is not complete and may be changed.</p>",
            "<p><b>PRELIMINARY PROSPECTUS SUPPLEMENT</b></p>",
            f"<p>(To Prospectus dated {filing['base']})</p>",
            f'<p align="center"><b>{money}{gap}</b></p>',
            f'<p align="center"><b>{shown(filing["name"])}</b></p>',
            *floating,
            *fixed,
            "<p>The notes will be our senior unsecured obligations.</p>",
            f"<p>The date of this prospectus supplement is {filing['dated']}.</p>",
        ],
    )


def sheet(filing: dict, filings: dict[str, dict]) -> str:
    deal = filings[filing["sheet_of"]]
    tranches = deal["tranches"]
    many = {
        "Title:": [f"{title(each, deal['noun'])} (the &#8220;{label(each)}&#8221;)" for each in tranches],
        "Size:": [f"{label(each)}: {deal['currency']}{each['principal']:,}" for each in tranches],
        "Maturity Date:": [f"{label(each)}: {each['maturity']}" for each in tranches],
        "Coupon (Interest Rate):": [f"{label(each)}: {rate(each)}" for each in tranches],
    }
    if all("price" in each for each in tranches):
        many["Public Offering Price:"] = [f"{label(each)}: {each['price']}% of principal amount" for each in tranches]
    rows = [("Issuer:", [shown(filing["name"])]), *many.items(), ("Trade Date:", [filing["trade"]])]
    if "settlement" in filing:
        rows.append(("Settlement Date:", [filing["settlement"]]))
    if "ratings" in filing:
        rows.append(("Ratings*:", [filing["ratings"]]))
    cells = "\n".join(f"<tr><td>{head}</td><td>{''.join(f'<p>{line}</p>' for line in body)}</td></tr>" for head, body in rows)
    return (
        "<html><head><title>FWP</title></head><body>\n<p>Filed pursuant to Rule 433</p>\n"
        f"<p>Registration No. {filing['registration']}</p>\n"
        f"<p>{shown(filing['name'])}</p>\n<p>Pricing Term Sheet</p>\n<table>\n{cells}\n</table>\n</body></html>\n"
    )


def rate(tranche: dict) -> str:
    if "floating" in tranche:
        return f"{tranche['floating']} plus {Decimal(tranche['spread']) * 100:.0f} basis points"
    return f"{tranche['coupon']}% per annum"


def fees(filing: dict) -> str:
    """An inline XBRL fee exhibit: one context a row; dollars throughout; `slip` puts a wrong principal in one row on purpose."""
    usd = Decimal(filing["fees"].get("usd", "1"))
    slip = filing["fees"].get("slip", {})
    contexts, rows, total = [], [], Decimal(0)
    for n, each in enumerate(filing["tranches"], 1):
        true = each["principal"] * usd
        principal = Decimal(slip["principal"]) if slip.get("tranche") == n else true
        contexts.append(
            f'<xbrli:context id="offrl_{n}"><xbrli:entity>'
            f'<xbrli:identifier scheme="http://www.sec.gov/CIK">{filing["cik"]:010d}</xbrli:identifier>'
            f'<xbrli:segment><xbrldi:typedMember dimension="ffd:OfferingAxis"><dei:lineNo>{n}</dei:lineNo></xbrldi:typedMember></xbrli:segment>'
            f"</xbrli:entity><xbrli:period><xbrli:startDate>{filing['filed']}</xbrli:startDate><xbrli:endDate>{filing['filed']}</xbrli:endDate>"
            "</xbrli:period></xbrli:context>"
        )
        cells = [text("OfferingSctyTp", n, "Debt"), text("OfferingSctyTitl", n, title(each, filing["noun"]))]
        cells.append(number("AmtSctiesRegd", n, "shares", f"{principal:,.0f}"))
        if "price" in each:
            offering = true * Decimal(each["price"]) / 100
            total += offering
            cells.append("$" + number("MaxAggtOfferingPric", n, "USD", f"{offering:,.2f}"))
            cells.append("$" + number("FeeAmt", n, "USD", f"{offering * FEE_RATE:,.2f}"))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    printed = number("TtlOfferingAmt", None, "USD", f"{total:,.2f}") if total else ""
    table = "\n".join(rows) + (f"\n<tr><td>Total Offering Amounts:</td><td>${printed}</td></tr>" if printed else "")
    return EXHIBIT.format(cik=f"{filing['cik']:010d}", day=filing["filed"], contexts="\n".join(contexts), rows=table)


def text(name: str, row: int, value: str) -> str:
    return f'<ix:nonNumeric name="ffd:{name}" contextRef="offrl_{row}">{value}</ix:nonNumeric>'


def number(name: str, row: int | None, unit: str, value: str) -> str:
    context = f"offrl_{row}" if row else "rc"
    where = f'contextRef="{context}" unitRef="{unit}" decimals="2" format="ixt:numdotdecimal"'
    return f'<ix:nonFraction name="ffd:{name}" {where}>{value}</ix:nonFraction>'


EXHIBIT = """<?xml version='1.0' encoding='ASCII'?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"
 xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2015-02-26"
 xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"
 xmlns:dei="http://xbrl.sec.gov/dei/2025" xmlns:ffd="http://xbrl.sec.gov/ffd/2025">
<head><title>EX-FILING FEES</title></head><body>
<div style="display: none"><ix:header><ix:resources>
<xbrli:context id="rc"><xbrli:entity>
<xbrli:identifier scheme="http://www.sec.gov/CIK">{cik}</xbrli:identifier></xbrli:entity>
<xbrli:period><xbrli:startDate>{day}</xbrli:startDate><xbrli:endDate>{day}</xbrli:endDate></xbrli:period></xbrli:context>
{contexts}
<xbrli:unit id="USD"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>
<xbrli:unit id="shares"><xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unit>
</ix:resources></ix:header></div>
<p>Calculation of Filing Fee Tables</p>
<table>
{rows}
</table>
</body></html>
"""

PAGE_OF = {"final": final, "preliminary": preliminary, "sheet": sheet}
OTHERS = [
    (
        {
            "accession": "0000891020-03-002074",
            "form": "424B2",
            "cik": 1018724,
            "name": "AMAZON COM INC",
            "sic": "RETAIL-CATALOG & MAIL-ORDER HOUSES [5961]",
            "registration": "333-78797",
            "filed": "2003-08-08",
            "accepted": "2003-08-08T17:16:40",
        },
        (
            "<html><body><p>Filed pursuant to Rule 424(b)(2)</p><p>Registration No. 333-78797</p><p>PROSPECTUS SUPPLEMENT</p>"
            "<p>(To Prospectus dated June 11, 1999)</p><p><b>18,481 Shares</b></p><p>Amazon.com, Inc.</p><p><b>Common Stock</b></p>"
            "<table><tr><td></td><td>Per Share</td><td>Total</td></tr><tr><td>Initial price to public</td><td>$39.35</td><td>$727,227.35</td></tr>"
            "</table><p>Prospectus Supplement dated August 6, 2003.</p></body></html>\n"
        ),
    ),
    (
        {
            "accession": "0001918704-25-005479",
            "form": "424B2",
            "cik": 1682472,
            "name": "BofA Finance LLC",
            "sic": "NATIONAL COMMERCIAL BANKS [6021]",
            "registration": "333-268718-01",
            "filed": "2025-03-31",
            "accepted": "2025-03-31T16:35:42",
        },
        (
            "<html><body><p>Filed Pursuant to Rule 424(b)(2)</p><p>Registration Statement No. 333-268718-01</p><p>659,466 Units</p>"
            "<p>$10 principal amount per unit</p><p>BofA Finance LLC</p><p><b>Accelerated Return Notes Linked to the iShares U.S. Aerospace &amp; "
            "Defense ETF</b></p><p>Pricing Date March 27, 2025. Settlement Date April 3, 2025. Maturity Date May 29, 2026.</p>"
            "<p>3-to-1 upside exposure to increases in the Underlying Fund, subject to a capped return of 13.02%. No periodic interest payments."
            "</p></body></html>\n"
        ),
    ),
]
"""Filings of other kinds, as they look at EDGAR: shares, and a structured note."""


if __name__ == "__main__":
    main()
