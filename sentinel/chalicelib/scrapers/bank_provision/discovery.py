"""Which reports of watched banks speak of a quarter, from each bank's own list of filings at EDGAR.

A report belongs to the calendar quarter in which its fiscal period ends. With it go the reports of the year before, which are
opened only when a quarter must be had from year-to-date figures; with the call go the earnings releases of the weeks after the
quarter, opened only when no call is had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from chalicelib import edgar
from chalicelib.errors import Missing, Unreadable, UpstreamDown
from chalicelib.model import Item, Json, Notice, Window
from chalicelib.ports import Fetch
from chalicelib.scrapers.bank_provision.watchlist import Bank, banks

FORMS = ("10-Q", "10-K", "10-QT", "10-KT")
_MAX_JSON = 32_000_000
_RELEASED_BY = timedelta(days=45)
"""Results are told before the quarterly report is due, 40 days after the quarter and five of grace."""
_RELEASES = 2


def discover(window: Window, fetch: Fetch, watched: Sequence[Bank] | None = None) -> Iterator[Item | Notice]:
    """One item per quarterly or annual report (and amendment) of the quarter, one per bank for its earnings call or release.

    A wrong id, a bank unknown to EDGAR and banks without a report are notices. Raises `UpstreamDown`, `Unreadable`.
    """
    listed = banks() if watched is None else watched
    companies, unchecked = _companies(fetch)
    yield from unchecked
    wrong = edgar.wrong_ids(listed, companies) if companies else {}
    public = {key for company in companies for key in (company.cik, company.ticker.upper())}
    missing = []
    for bank in listed:
        source = edgar.submissions_url(bank.cik)
        if bank.cik in wrong:
            yield Notice("wrong-id", bank.name, wrong[bank.cik], edgar.COMPANY_FILE)
            if not public.isdisjoint((bank.cik, bank.ticker.upper())):
                continue  # one that is only missing there, as a bank taken over is, has its name checked below
        try:
            issuer, filings = _filings(bank.cik, window.first - timedelta(days=400), fetch)
        except Missing:
            yield Notice("wrong-id", bank.name, f"EDGAR knows no filings of CIK {bank.cik}", source)
            continue
        names = (issuer.name, *issuer.former_names)
        if issuer.cik != bank.cik or not any(edgar.same_name(name, bank.name) for name in names):
            words = f"the filings of CIK {bank.cik} are of {issuer.name} (CIK {issuer.cik}), not of {bank.name}"
            yield Notice("wrong-id", bank.name, words, source)
            continue
        reports = [each for each in filings if each.form.removesuffix("/A") in FORMS and each.period is not None]
        due = [each for each in reports if each.period is not None and each.period in window]
        if not due:
            missing.append(bank.ticker)
        yield from (_item(bank, each, reports) for each in sorted(due, key=lambda each: (each.accepted, each.accession)))
        yield _told(bank, issuer, filings, window)
    if missing:
        yield Notice("no-report", ", ".join(missing), f"no 10-Q or 10-K of {window} is on file for {len(missing)} banks")


def _companies(fetch: Fetch) -> tuple[Sequence[edgar.Company], Sequence[Notice]]:
    """EDGAR's company file; a notice instead when it cannot be had."""
    try:
        body = fetch.web.get(edgar.COMPANY_FILE, shape="json", max_bytes=_MAX_JSON).body
        return tuple(edgar.read_company_file(body)), ()
    except (Missing, Unreadable, UpstreamDown) as error:
        # The names are checked against each bank's own filings as well: numbers need not wait for a list.
        words = f"tickers could not be checked: {error}"
        return (), (Notice("ids-unchecked", "watch list", words, edgar.COMPANY_FILE),)


def _told(bank: Bank, issuer: edgar.Issuer, filings: Sequence[edgar.Filing], window: Window) -> Item | Notice:
    """The bank's call of the quarter, and the releases that are read when there is none."""
    if issuer.fiscal_year_end and not issuer.fiscal_year_end.startswith("12"):
        # Providers number calls by fiscal quarter: the call asked for by calendar quarter would be another quarter's.
        words = f"fiscal year ends {issuer.fiscal_year_end} (month, day): its calls are not asked for by calendar quarter"
        return Notice("fiscal-year", bank.ticker, words, edgar.submissions_url(bank.cik))
    results = [each for each in filings if each.form == "8-K" and "2.02" in each.items]
    releases = sorted(
        (each for each in results if window.last < each.filed <= window.last + _RELEASED_BY), key=lambda each: each.accepted
    )[:_RELEASES]
    detail: dict[str, Json] = {"ticker": bank.ticker, "bank": bank.name, "window": window.name, "cik": bank.cik}
    detail["releases"] = [[each.accession, each.accepted.isoformat()] for each in releases]
    version = " ".join(each.accession for each in releases)
    return Item(
        f"transcript/{bank.ticker}/{window}",
        f"{bank.ticker} earnings call {window}",
        version=version,
        replaces=True,
        detail=detail,
    )


def _filings(cik: int, first: date, fetch: Fetch) -> tuple[edgar.Issuer, list[edgar.Filing]]:
    """A bank and its filings back to `first` at least."""
    url = edgar.submissions_url(cik)
    issuer = edgar.read_submissions_json(fetch.web.get(url, shape="json", max_bytes=_MAX_JSON, fresh=True).body)
    return issuer, edgar.all_filings(issuer, lambda page: fetch.web.get(page, shape="json", max_bytes=_MAX_JSON).body, first)


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
