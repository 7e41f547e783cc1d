"""What is due: every slice of the Form PF archive, the watched funds' N-PORT reports, the non-traded BDCs' balance sheets.

Form PF is confidential and never on EDGAR: it comes only from `FORM_PF_SOURCE`. A damaged file is an item that will be parked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files

from chalicelib import edgar
from chalicelib.errors import Missing, SentinelError, Unreadable
from chalicelib.model import Item, Notice, Window
from chalicelib.ports import Fetch, FileInfo
from chalicelib.scrapers.credit_fund import archive
from chalicelib.scrapers.credit_fund.reading import BDC, FORM_PF, N_PORT

SOURCE = "FORM_PF_SOURCE"
_BACK_DAYS = 480
_FORMS = ("NPORT-P", "NPORT-P/A")
_MAX_JSON = 32_000_000


@dataclass(frozen=True)
class Watched:
    """A fund of the watch list; `cik` is None where it must be found by name."""

    name: str
    cik: int | None
    source: str


def watchlist() -> Sequence[Watched]:
    """The funds of `watchlist.json`."""
    told = json.loads(files("chalicelib.scrapers.credit_fund").joinpath("watchlist.json").read_text("utf-8"))
    return tuple(Watched(row["name"], row["cik"], row["source"]) for row in told["funds"])


def discover(
    window: Window, fetch: Fetch, watched: Sequence[Watched] | None = None, length: int = archive.SLICE
) -> Iterator[Item | Notice]:
    """Every item of the three sources, Form PF in slices of `length` bytes.

    Raises what the folder or bucket raises, and EDGAR's errors where it is all there is.
    """
    source = fetch.setting(SOURCE)
    if source:
        yield from _archive(source, fetch, length)
    else:
        yield Notice("no-source", "Form PF", f"{SOURCE} is not set: the open proxy stands alone, and is labelled so")
    try:
        for each in _open_proxy(window, fetch, watchlist() if watched is None else watched):
            beside = isinstance(each, Item) and bool(source)
            yield replace(each, detail={**each.detail, "beside": True}) if beside and isinstance(each, Item) else each
    except SentinelError as error:
        if not source:
            raise
        yield Notice("held", "open proxy", f"not discovered, Form PF goes on without it: {error}")


def _archive(source: str, fetch: Fetch, length: int) -> Iterator[Item | Notice]:
    for info in fetch.files.list(source):
        name = info.address.removeprefix(source).lstrip("/") or info.address.rpartition("/")[2]
        try:
            for part in archive.parts(info, fetch.files):
                label = f"{name}/{part.member}" if part.member else name
                if part.ignored:
                    yield Notice("ignored", label, part.ignored, info.address)
                elif part.refused:
                    yield _slice(info, name, part.member, 0, None, part.refused)
                else:
                    for start, end in part.slices(length):
                        yield _slice(info, name, part.member, start, end, text=part.size, length=length)
        except Unreadable as error:
            yield _slice(info, name, "", 0, None, str(error))


def _slice(
    info: FileInfo,
    name: str,
    member: str,
    start: int,
    end: int | None,
    refused: str = "",
    *,
    text: int = 0,
    length: int = archive.SLICE,
) -> Item:
    label = f"{name}/{member}" if member else name
    return Item(
        key=f"{FORM_PF}:{label}@{start}",
        label=f"{label} from byte {start}" if start else label,
        url=info.address,
        version=info.version,
        replaces=True,
        detail={
            "source": FORM_PF,
            "address": info.address,
            "file": name,
            "size": info.size,
            "member": member,
            "start": start,
            "end": end,
            "text": text,
            "length": length,
            "refused": refused,
        },
    )


def _open_proxy(window: Window, fetch: Fetch, watched: Sequence[Watched]) -> Iterator[Item | Notice]:
    known = _by_name(watched, fetch)
    for fund in watched:
        cik = fund.cik if fund.cik is not None else known.get(fund.name)
        if cik is None:
            yield Notice(
                "wrong-id",
                fund.name,
                "no CIK is known, and EDGAR's file of listed companies has no such name: not resolvable, not read",
                edgar.COMPANY_FILE,
            )
        elif fund.source == BDC:
            yield Item(
                key=f"{BDC}:{cik}",
                label=f"{fund.name} balance sheets",
                url=edgar.company_concept_url(cik, "Assets"),
                version=fetch.now().date().isoformat(),
                replaces=False,
                detail={"source": BDC, "cik": cik, "name": fund.name},
            )
        else:
            yield from _reports(fund, cik, window, fetch)


def _by_name(watched: Sequence[Watched], fetch: Fetch) -> Mapping[str, int]:
    """CIKs of the funds that have none on the list; a name two companies bear is left out."""
    wanted = {edgar.core_name(fund.name): fund.name for fund in watched if fund.cik is None}
    if not wanted:
        return {}
    companies = edgar.read_company_file(fetch.web.get(edgar.COMPANY_FILE, shape="json", max_bytes=_MAX_JSON, fresh=True).body)
    found: dict[str, set[int]] = {}
    for company in companies:
        if name := wanted.get(edgar.core_name(company.name)):
            found.setdefault(name, set()).add(company.cik)
    return {name: next(iter(ciks)) for name, ciks in found.items() if len(ciks) == 1}


def _reports(fund: Watched, cik: int, window: Window, fetch: Fetch) -> Iterator[Item | Notice]:
    url = edgar.submissions_url(cik)
    try:
        issuer = edgar.read_submissions_json(fetch.web.get(url, shape="json", max_bytes=_MAX_JSON, fresh=True).body)
    except Missing:
        yield Notice("wrong-id", fund.name, f"EDGAR has no filer with CIK {cik}", url)
        return
    names = (issuer.name, *issuer.former_names)
    if issuer.cik != cik or not any(edgar.equal_name(name, fund.name) for name in names):
        yield Notice("wrong-id", fund.name, f"CIK {cik} is {issuer.name}: not read", url)
        return
    first = window.first - timedelta(days=_BACK_DAYS)
    filings = edgar.all_filings(issuer, lambda page: fetch.web.get(page, shape="json", max_bytes=_MAX_JSON).body, first)
    due = [each for each in filings if each.form in _FORMS and first <= each.filed <= _latest(window)]
    if not due:
        yield Notice("no-reports", fund.name, f"CIK {cik} has filed no N-PORT between {first} and {_latest(window)}", url)
    for filing in sorted(due, key=lambda each: (each.filed, each.accession)):
        yield Item(
            key=f"{N_PORT}:{filing.accession}",
            label=f"{fund.name} {filing.form} {filing.filed}",
            url=edgar.document_url(cik, filing.accession, "primary_doc.xml"),
            version="",
            replaces=True,
            detail={"source": N_PORT, "cik": cik, "name": fund.name, "accepted": filing.accepted.isoformat()},
        )


def _latest(window: Window) -> date:
    """Reports of a quarter come 60 days after its end; late ones and amendments for a year more."""
    return window.last + timedelta(days=425)
