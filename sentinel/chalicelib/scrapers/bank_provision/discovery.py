"""Which reports of watched banks speak of a quarter, from each bank's own list of filings at EDGAR.

A report belongs to the calendar quarter in which its fiscal period ends. With it go the reports of the year before, which are
opened only when a quarter must be had from year-to-date figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from chalicelib import edgar
from chalicelib.errors import Missing
from chalicelib.model import Item, Json, Notice, Window
from chalicelib.ports import Fetch
from chalicelib.scrapers.bank_provision.watchlist import Bank, banks, wrong_id

FORMS = ("10-Q", "10-K", "10-QT", "10-KT")
_MAX_JSON = 32_000_000


def discover(window: Window, fetch: Fetch, watched: Sequence[Bank] | None = None) -> Iterator[Item | Notice]:
    """One item per quarterly or annual report (and amendment) of the quarter, one per bank for its earnings call.

    A wrong id, a bank unknown to EDGAR and banks without a report are notices. Raises `UpstreamDown`, `Unreadable`.
    """
    missing = []
    for bank in banks() if watched is None else watched:
        try:
            issuer, filings = _filings(bank.cik, window.first - timedelta(days=400), fetch)
        except Missing:
            yield Notice("wrong-id", bank.name, f"EDGAR knows no filings of CIK {bank.cik}", edgar.submissions_url(bank.cik))
            continue
        wrong = "other CIK" if issuer.cik != bank.cik else wrong_id(bank, issuer)
        if wrong:
            yield Notice("wrong-id", bank.name, wrong, edgar.submissions_url(bank.cik))
            continue
        reports = [each for each in filings if each.form.removesuffix("/A") in FORMS and each.period is not None]
        due = [each for each in reports if each.period is not None and each.period in window]
        if not due:
            missing.append(bank.ticker)
        yield from (_item(bank, each, reports) for each in sorted(due, key=lambda each: (each.accepted, each.accession)))
        if issuer.fiscal_year_end and not issuer.fiscal_year_end.startswith("12"):
            # Providers number calls by fiscal quarter: the call asked for by calendar quarter would be another quarter's.
            words = f"fiscal year ends {issuer.fiscal_year_end} (month, day): its calls are not asked for by calendar quarter"
            yield Notice("fiscal-year", bank.ticker, words, edgar.submissions_url(bank.cik))
            continue
        detail: dict[str, Json] = {"ticker": bank.ticker, "bank": bank.name, "window": window.name}
        yield Item(f"transcript/{bank.ticker}/{window}", f"{bank.ticker} earnings call {window}", replaces=True, detail=detail)
    if missing:
        yield Notice("no-report", ", ".join(missing), f"no 10-Q or 10-K of {window} is on file for {len(missing)} banks")


def _filings(cik: int, first: date, fetch: Fetch) -> tuple[edgar.Issuer, list[edgar.Filing]]:
    """A bank and its filings back to `first` at least."""
    url = edgar.submissions_url(cik)
    issuer = edgar.read_submissions_json(fetch.web.get(url, shape="json", max_bytes=_MAX_JSON, fresh=True).body)
    filings = list(issuer.filings)
    for page in issuer.older:
        if page.last >= first:
            body = fetch.web.get(edgar.older_page_url(page.name), shape="json", max_bytes=_MAX_JSON).body
            filings += edgar.read_older_page(body)
    return issuer, filings


def _item(bank: Bank, filing: edgar.Filing, reports: Sequence[edgar.Filing]) -> Item:
    period = filing.period or filing.filed
    earlier = sorted(
        (
            each
            for each in reports
            if each.period is not None and 60 < (period - each.period).days < 110 and each.accepted <= filing.accepted
        ),
        key=lambda each: each.accepted,
        reverse=True,
    )
    detail: dict[str, Json] = {
        "cik": bank.cik,
        "ticker": bank.ticker,
        "bank": bank.name,
        "form": filing.form,
        "accession": filing.accession,
        "document": filing.primary_document,
        "period": period.isoformat(),
        "accepted": filing.accepted.isoformat(),
        "earlier": [[each.accession, each.primary_document] for each in earlier],
    }
    url = edgar.document_url(bank.cik, filing.accession, filing.primary_document)
    return Item(filing.accession, f"{bank.ticker} {filing.form} {period}", url, filing.accession, replaces=True, detail=detail)
