"""Which prospectuses of watched issuers a week's deals may be in: daily form indexes, cross-checked with each issuer's filings.

A final may be filed until the second business day after pricing and is dated the next day when it comes after 17:30, so the
indexes of four business days after the week's Friday are read too. What the two sources disagree on is said, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from chalicelib import edgar, sessions
from chalicelib.errors import Missing, Unreadable, UpstreamDown
from chalicelib.model import Item, Notice, Window
from chalicelib.ports import Fetch
from chalicelib.scrapers.bond_issuance import watchlist
from chalicelib.scrapers.bond_issuance.watchlist import Watched

DAYS_AFTER = 4
"""Business days after the week's Friday whose indexes are read."""
_AT_ONCE = 8
_MAX_JSON = 32_000_000


@dataclass
class _Seen:
    """One filing, with where it was seen."""

    cik: int
    form: str
    filed: date
    in_index: bool = False
    in_issuer: bool = False
    parties: set[int] = field(default_factory=set)


def discover(window: Window, fetch: Fetch, watched: Sequence[Watched] | None = None) -> Iterator[Item | Notice]:
    """Every 424B and free writing prospectus of the week's watched issuers, and every disagreement about them.

    Raises `UpstreamDown` when the index of a past business day is not there, `Unreadable` when one is damaged.
    """
    counted = [each for each in (watchlist.issuers() if watched is None else watched) if each.during(window)]
    by_cik = {each.cik: each for each in counted}
    companies = edgar.read_company_file(fetch.web.get(edgar.COMPANY_FILE, shape="json", max_bytes=_MAX_JSON, fresh=True).body)
    wrong = edgar.wrong_ids(counted, companies)
    for cik, words in wrong.items():
        yield Notice("wrong-id", by_cik[cik].name, words, edgar.COMPANY_FILE)
    today = fetch.now().astimezone(edgar.NEW_YORK).date()
    friday = window.first + timedelta(days=4)
    last = min(sessions.business_days_after(friday, DAYS_AFTER), today)
    indexed: list[date] = []
    seen: dict[str, _Seen] = {}
    for day, rows in _indexes(window.first, last, today, fetch):
        indexed.append(day)
        for row in rows:
            if row.cik in by_cik and wanted(row.form):
                _see(seen, row.accession, row.cik, row.form, row.filed).in_index = True
    names: dict[int, tuple[str, ...]] = {}
    yield from _issuers(counted, wrong, window.first, last, fetch, seen, names)
    yield from _disagreements(seen, indexed, by_cik)
    order = {cik: n for n, cik in enumerate(by_cik)}
    for accession, found in sorted(seen.items(), key=lambda each: (each[1].filed, each[0])):
        yield _item(accession, found, by_cik, wrong, order, names)


def wanted(form: str) -> bool:
    """Whether a form may hold a deal."""
    return form.startswith("424B") or form == "FWP"


def _see(seen: dict[str, _Seen], accession: str, cik: int, form: str, filed: date) -> _Seen:
    found = seen.setdefault(accession, _Seen(cik, form, filed))
    found.parties.add(cik)
    return found


def _indexes(first: date, last: date, today: date, fetch: Fetch) -> Iterator[tuple[date, Sequence[edgar.IndexRow]]]:
    """The rows of every daily index of the span that exists."""
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        if day.weekday() > 4:
            continue
        url = edgar.daily_index_url("form", day)
        try:
            document = fetch.web.get(url, shape="index", fresh=(today - day).days < 7)
        except Missing as error:
            if day < today and sessions.index_is_certain(day):
                raise UpstreamDown(f"no daily index of {day}, a past business day: {url}") from error
            continue
        try:
            yield day, edgar.read_index(document.body)
        except Unreadable as error:
            raise Unreadable(f"daily index of {day}: {error}", where=url, evidence=error.evidence) from error


def _issuers(
    counted: Sequence[Watched],
    wrong: Mapping[int, str],
    first: date,
    last: date,
    fetch: Fetch,
    seen: dict[str, _Seen],
    called: dict[int, tuple[str, ...]],
) -> Iterator[Notice]:
    """Add what each issuer's own list of filings holds, and its names; say which lists are under another name."""
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="discover")
    try:
        futures = [(each, pool.submit(_filings, each.cik, first, last, fetch)) for each in counted]
        for each, future in futures:
            issuer, filings = future.result()
            names = called[each.cik] = (issuer.name, *issuer.former_names)
            if each.cik not in wrong and not any(edgar.same_name(name, each.name) for name in names):
                words = f"the filings of CIK {each.cik} are of {issuer.name}, not of {each.name}"
                yield Notice("wrong-id", each.name, words, edgar.submissions_url(each.cik))
            for filing in filings:
                if wanted(filing.form) and first <= filing.filed <= last:
                    _see(seen, filing.accession, each.cik, filing.form, filing.filed).in_issuer = True
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _filings(cik: int, first: date, last: date, fetch: Fetch) -> tuple[edgar.Issuer, list[edgar.Filing]]:
    """An issuer and all its filings of `[first, last]`, among others."""
    body = fetch.web.get(edgar.submissions_url(cik), shape="json", max_bytes=_MAX_JSON, fresh=True).body
    issuer = edgar.read_submissions_json(body)
    if issuer.cik != cik:
        raise Unreadable(f"asked for CIK {cik}, got {issuer.cik}", where=edgar.submissions_url(cik), evidence=issuer.name)
    older = partial(fetch.web.get, shape="json", max_bytes=_MAX_JSON)
    return issuer, edgar.all_filings(issuer, lambda page: older(page).body, first, last)


def _disagreements(seen: Mapping[str, _Seen], indexed: Sequence[date], by_cik: Mapping[int, Watched]) -> Iterator[Notice]:
    """Filings only one of the two sources knows, on days both could know."""
    for accession, found in sorted(seen.items()):
        if found.in_index and not found.in_issuer:
            words = f"{found.form} {accession} stands in the daily index of {found.filed}, not in the issuer's own list"
        elif found.in_issuer and not found.in_index and found.filed in indexed:
            words = f"{found.form} {accession} stands in the issuer's own list, not in the daily index of {found.filed}"
        else:
            continue
        yield Notice("disagreement", by_cik[found.cik].name, words, edgar.submission_url(found.cik, accession))


def _item(
    accession: str,
    found: _Seen,
    by_cik: Mapping[int, Watched],
    wrong: Mapping[int, str],
    order: Mapping[int, int],
    names: Mapping[int, tuple[str, ...]],
) -> Item:
    cik = min(found.parties, key=lambda each: (each in wrong, order[each]))
    watched = by_cik[cik]
    return Item(
        key=accession,
        label=f"{watched.name} {found.form} {found.filed}",
        url=edgar.submission_url(cik, accession),
        replaces=True,
        detail={
            "cik": cik,
            "issuer": watched.name,
            "ticker": watched.ticker,
            "former_names": names.get(cik, ())[1:],
            "form": found.form,
            "filed": found.filed.isoformat(),
            "grade": watched.grade,
            "grade_reason": watched.reason,
            "grade_as_of": watched.as_of.isoformat(),
            "wrong_id": wrong.get(cik),
        },
    )
