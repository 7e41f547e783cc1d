"""Write the BDC part of the sample: feeds and releases, EDGAR's tagged values and Yahoo's charts, laid out by host and path.

    python sample/write_bdc.py

Net asset values of ARCC, MAIN, GBDC and OBDC are those published; every other value and every price is made up.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sentinel"))

from chalicelib import edgar, sessions  # noqa: E402 -- the product's own calendar, found beside this folder
from chalicelib.scrapers.bank_provision.watchlist import banks  # noqa: E402 -- as above
from chalicelib.scrapers.bdc_discount import watchlist, witness  # noqa: E402 -- as above
from chalicelib.scrapers.bond_issuance.watchlist import issuers  # noqa: E402 -- as above

FIRST, LAST = date(2025, 10, 1), date(2025, 11, 14)
JUNE, SEPTEMBER = date(2025, 6, 30), date(2025, 9, 30)
PUBLISHED = {"ARCC": ("19.90", "20.01"), "MAIN": ("32.30", None), "GBDC": ("15.04", None), "OBDC": ("15.03", "14.89")}
RELEASED = {"ARCC": "2025-10-28", "OBDC": "2025-11-05", "TRIN": "2025-11-05", "CSWC": "2025-11-03", "KBDC": "2025-11-10"}
RANGE = ("32.74", "32.82")
OTHER_NEWS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>8-K filings</title><id>sample</id><updated>2025-09-02T09:00:00-04:00</updated>
<entry><title>8-K  - Current report</title><id>urn:sample</id><updated>2025-09-02T09:00:00-04:00</updated>
<link href="https://www.sec.gov/Archives/edgar/data/0/none-index.htm"/><summary type="html">Item 5.02: Departure of Directors or Certain Officers</summary></entry></feed>"""

WIRE = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Yahoo! Finance: news</title><link>https://finance.yahoo.com/</link><description>Latest news</description>
<item><title>Three lenders that yield more than ten percent</title><link>https://finance.yahoo.com/news/three-lenders</link><pubDate>Wed, 12 Nov 2025 15:00:00 +0000</pubDate><description>Net asset value per share of $17.00 makes one of them cheap.</description></item>
<item><title>Ares Capital Corporation Announces September 30, 2025 Financial Results</title><link>https://finance.yahoo.com/news/arcc-q3</link><pubDate>Tue, 28 Oct 2025 11:00:00 +0000</pubDate><description>Ares Capital Corporation (NASDAQ: ARCC) announced net assets per share of $20.01 as of September 30, 2025</description></item>
</channel></rss>"""


def main() -> None:
    for number, watched in enumerate(each for each in watchlist.bdcs() if each.on(LAST)):
        june, september = values(watched.ticker, number)
        put("yahoo", f"v8/finance/chart/{watched.ticker}", chart(watched.ticker, float(june), number))
        put("archive", witness.concept_of(watched.cik).removeprefix("https://"), concept(watched, june, september))
        issuer = next(feed for feed in watched.feeds if feed.kind == "issuer")
        put("feeds", issuer.url.removeprefix("https://"), feed(watched, issuer.host, june))
        if watched.ticker in RELEASED:
            put("feeds", f"{issuer.host}/news/q3-2025", release(watched, june, september or june))
    put("yahoo", "v1/test/getcrumb", "sample")
    put("archive", "www.sec.gov/cgi-bin/browse-edgar", OTHER_NEWS)
    for address in {feed.url for watched in watchlist.bdcs() for feed in watched.feeds if feed.kind == "newswire"}:
        put("feeds", address.removeprefix("https://").partition("?")[0], WIRE)
    company_file()


def company_file() -> None:
    """EDGAR's list of companies: the watched issuers, banks and BDCs."""
    rows = [[each.cik, each.name, each.ticker, ""] for each in (*issuers(), *banks())]
    rows += [[each.cik, each.name, each.ticker, "NYSE"] for each in watchlist.bdcs() if each.on(LAST)]
    lines = ",\n".join(json.dumps(row) for row in rows)
    fields = ["cik", "name", "ticker", "exchange"]
    put("archive", edgar.COMPANY_FILE.removeprefix("https://"), f'{{"fields": {json.dumps(fields)}, "data": [\n{lines}\n]}}\n')


def values(ticker: str, number: int) -> tuple[str, str | None]:
    """The net asset values of June and September; None for a September that had not been published by the sample's end."""
    if ticker in PUBLISHED:
        return PUBLISHED[ticker]
    june = 1100 + 137 * (number % 9) + 17 * number
    return f"{june / 100:.2f}", f"{(june - number % 4 * 6) / 100:.2f}" if ticker in RELEASED else None


def put(part: str, path: str, text: str) -> None:
    file = HERE / part / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.rstrip("\n") + "\n", "utf-8")


def concept(watched: watchlist.Watched, june: str, september: str | None) -> str:
    rows = [
        {
            "end": JUNE.isoformat(),
            "val": float(june),
            "accn": f"{watched.cik:010d}-25-900001",
            "fy": 2025,
            "fp": "Q2",
            "form": "10-Q",
            "filed": "2025-08-07",
        }
    ]
    if september and watched.ticker in ("ARCC", "OBDC", "TRIN"):
        rows.append(
            {
                **rows[0],
                "end": SEPTEMBER.isoformat(),
                "val": float(september),
                "accn": f"{watched.cik:010d}-25-900002",
                "fp": "Q3",
                "filed": RELEASED[watched.ticker],
            }
        )
    head = {
        "cik": watched.cik,
        "taxonomy": "us-gaap",
        "tag": witness.TAG,
        "label": "Net Asset Value Per Share",
        "entityName": watched.name,
    }
    return json.dumps({**head, "units": {"USD/shares": rows}}, indent=1)


def chart(ticker: str, june: float, number: int) -> str:
    """Daily bars from a premium of 2 to a discount of 24 %, with a wave; the last session is three points cheaper."""
    days = list(sessions.sessions(FIRST, LAST))
    share = 1.7 if ticker == "MAIN" else 1.02 - number * 7 % 33 * 0.008
    closes = [round(june * (share - 0.004 * (at % 5)) * (0.97 if day == LAST else 1), 2) for at, day in enumerate(days)]
    stamps = [int(datetime.combine(day, time(9, 30), sessions.NEW_YORK).timestamp()) for day in days]
    meta = {
        "currency": "USD",
        "symbol": ticker,
        "exchangeTimezoneName": "America/New_York",
        "instrumentType": "EQUITY",
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1mo", "max"],
        "gmtoffset": -18000,
        "timezone": "EST",
        "currentTradingPeriod": {
            "regular": {"timezone": "EST", "start": stamps[-1], "end": stamps[-1] + 23400, "gmtoffset": -18000}
        },
    }
    quote = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": [100000] * len(days)}
    result = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [quote], "adjclose": [{"adjclose": closes}]}}
    return json.dumps({"chart": {"result": [result], "error": None}})


def feed(watched: watchlist.Watched, host: str, june: str) -> str:
    items = [
        (
            "2025-08-06",
            f"{watched.name} Announces Second Quarter 2025 Results",
            f"Net asset value per share of ${june} as of June 30, 2025",
            "q2-2025",
        )
    ]
    if watched.ticker in RELEASED:
        items.insert(
            0,
            (
                RELEASED[watched.ticker],
                f"{watched.name} Announces September 30, 2025 Financial Results",
                "Read the full release.",
                "q3-2025",
            ),
        )
    if watched.ticker == "MAIN":
        words = f"preliminary estimate of NAV per share as of September 30, 2025 is ${RANGE[0]} to ${RANGE[1]}, representing an increase of $0.44 to $0.52 per share from the NAV per share of $32.30 as of June 30, 2025"
        items.insert(
            0,
            ("2025-10-16", "Main Street Announces Preliminary Estimate of Third Quarter 2025 Operating Results", words, "prelim"),
        )
    body = "".join(
        f"<item><title>{title.replace('&', '&amp;')}</title><link>https://{host}/news/{slug}</link>"
        f"<pubDate>{datetime.fromisoformat(day) + timedelta(hours=12):%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>{words}</description></item>\n"
        for day, title, words, slug in items
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{watched.name}</title>\n{body}</channel></rss>'


def release(watched: watchlist.Watched, june: str, september: str) -> str:
    """A release whose table has a column for the quarter before beside the new one."""
    label = "Net assets per share" if watched.ticker == "ARCC" else "Net asset value per share"
    day = date.fromisoformat(RELEASED[watched.ticker])
    return f"""<html><head><title>{watched.name} Announces September 30, 2025 Financial Results</title></head><body>
<p>NEW YORK--{day:%B} {day.day}, {day.year}--{watched.name} (NYSE: {watched.ticker}) announced its results for the quarter ended September 30, 2025.</p>
<table><tr><td></td><td colspan="2">As of</td></tr>
<tr><td></td><td>September 30, 2025</td><td>June 30, 2025</td></tr>
<tr><td>Net investment income per share</td><td>$0.50</td><td>$0.51</td></tr>
<tr><td>{label}</td><td>${september}</td><td>${june}</td></tr></table></body></html>"""


if __name__ == "__main__":
    main()
