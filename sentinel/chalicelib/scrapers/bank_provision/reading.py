"""One report or one call of a bank, fetched and read into observations and notices.

The extracted instance is asked for first: it holds the facts of every document of the inline set, also of an annual report whose
statements stand in an exhibit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import cast

from chalicelib import edgar, xbrl
from chalicelib.errors import Missing, Unreadable
from chalicelib.model import Confidence, Item, Json, Notice, Observation
from chalicelib.ports import Fetch
from chalicelib.scrapers.bank_provision.answer import Answer, answer
from chalicelib.scrapers.bank_provision.documents import Totals
from chalicelib.scrapers.bank_provision.extract import of_answer, witness
from chalicelib.scrapers.bank_provision.figures import Report, report, wanted
from chalicelib.scrapers.bank_provision.telling import told
from chalicelib.xbrl import Facts

_LARGEST = 256_000_000


def read(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    """The observations of one filing or call. Raises `Unreadable` (no XBRL, no period, no unit), `Missing`, `UpstreamDown`."""
    if item.key.startswith("transcript/"):
        yield from told(item, fetch)
        return
    cik, ticker = int(str(item.detail["cik"])), str(item.detail["ticker"])
    found, source = _report(cik, item.key, str(item.detail["document"]), fetch)
    if found.cik.lstrip("0") != str(cik):
        raise Unreadable(f"the filing's facts are of CIK {found.cik}, not of {cik}", where=source)
    result = answer(found)
    if result.total is None or result.method == "year-to-date-only" or _longer(found):
        result = answer(found, list(_earlier(item, cik, fetch)))
    checked = _witness(cik, item.key, result, fetch)
    yield from _observations(item, found, result, checked, source)
    yield from _notices(item, found, result, checked, source)
    if result.method == "no-statements":
        yield Notice("no-statements", ticker, "no document of the filing holds statements in XBRL", source)


def _longer(found: Report) -> bool:
    """Whether an NDFI class has figures of longer periods only, so that the report before may give the quarter."""
    periods = {each.days for each in found.figures if each.member and each.start is not None and each.end == found.period_end}
    return bool(periods) and max(periods) > 100 and not any(80 <= days <= 100 for days in periods)


def _report(cik: int, accession: str, document: str, fetch: Fetch) -> tuple[Report, str]:
    """A filing's figures and the address they were read from."""
    instance = re.sub(r"\.html?$", "_htm.xml", document, flags=re.IGNORECASE)
    url = edgar.document_url(cik, accession, instance)
    try:
        if instance == document:
            raise Missing(url)
        return report(xbrl.read(fetch.web.get(url, shape="xml", max_bytes=_LARGEST).body, names=[url], only=wanted), url), url
    except Missing:
        url = edgar.document_url(cik, accession, document)
        body = fetch.web.get(url, max_bytes=_LARGEST).body
    facts, others = xbrl.read(body, names=[url], only=wanted), 0
    first = report(facts, url)
    if first.has_statements or first.figures:
        return first, url
    whole, others = _inline_set(cik, accession, document, body, fetch)
    return (report(whole, url) if others else first), url


def _inline_set(cik: int, accession: str, document: str, body: bytes, fetch: Fetch) -> tuple[Facts, int]:
    """The facts of the main document and every other inline document of the filing, and how many others there are."""
    try:
        listing = json.loads(fetch.web.get(edgar.filing_index_url(cik, accession), shape="json").body)
        names = [str(each["name"]) for each in listing["directory"]["item"]]
    except Missing:
        return xbrl.read(body, only=wanted), 0
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("the filing's list of files is damaged", where=edgar.filing_index_url(cik, accession)) from error
    texts = [body]
    for name in names:
        if re.fullmatch(r"[\w.-]+\.html?", name, re.IGNORECASE) and name != document and not re.match(r"R\d+\.htm", name):
            other = fetch.web.get(edgar.document_url(cik, accession, name), max_bytes=_LARGEST).body
            if b"inlineXBRL" in other[:65_536]:
                texts.append(other)
    return xbrl.read(*(BytesIO(text) for text in texts), only=wanted), len(texts) - 1


def _earlier(item: Item, cik: int, fetch: Fetch) -> Iterator[Report]:
    """The report of the quarter before, its amendments first."""
    earlier = item.detail.get("earlier")
    for accession, document in cast("Sequence[Sequence[str]]", earlier or ()):
        try:
            yield _report(cik, accession, document, fetch)[0]
        except (Missing, Unreadable):
            # An earlier report that cannot be read leaves the quarter without an answer; its own item says why.
            continue


def _witness(cik: int, accession: str, result: Answer, fetch: Fetch) -> dict[str, object] | None:
    if result.total is None or result.total.how != "direct" or len(result.total.from_figures) != 1:
        return None
    url = edgar.company_concept_url(cik, result.total.from_figures[0].concept)
    try:
        return witness(result, Totals(fetch.web.get(url, shape="json").body, url), accession)
    except Missing:
        return None


def _observations(
    item: Item, found: Report, result: Answer, checked: Mapping[str, object] | None, source: str
) -> Iterator[Observation]:
    ticker, known_at = str(item.detail["ticker"]), datetime.fromisoformat(str(item.detail["accepted"]))
    line = {**of_answer(item.key, found, result), "witness": checked, "ticker": ticker, "bank": item.detail["bank"]}
    line |= {"form": item.detail["form"], "accession": item.key}
    detail = cast("Mapping[str, Json]", plain(line))
    sure = _confidence(result, checked)
    words = "; ".join(f"{part.member}: {figure.words}" for part in result.parts for figure in part.amount.from_figures[:4])
    end = found.period_end

    def one(kind: str, value: Decimal | None, words: str, more: Mapping[str, Json]) -> Observation:
        return Observation(
            f"{item.key}/{kind}", kind, ticker, end, known_at, value, "USD", sure, source, words[:500], detail=more
        )

    yield one("provision", result.provision, words, detail)
    if result.exposure is not None:
        shown = "; ".join(f"{each.member}: {each.words}" for each in result.exposures)
        yield one("exposure", result.exposure, shown, {"members": [each.member for each in result.exposures]})
    if result.total is not None:
        figure = result.total.from_figures[0]
        yield one("total-provision", result.total.value, figure.words, {"concept": figure.concept, "how": result.total.how})


def _confidence(result: Answer, checked: Mapping[str, object] | None) -> Confidence:
    if result.notes or result.disagreements or (checked and checked["agrees"] is False):
        return "low"
    if result.status == "derived" or result.method != "direct" or not checked or checked["agrees"] is None:
        return "medium"
    return "high"


def _notices(item: Item, found: Report, result: Answer, checked: Mapping[str, object] | None, source: str) -> Iterator[Notice]:
    ticker = str(item.detail["ticker"])
    for member in found.unmapped:
        yield Notice("unmapped-member", ticker, f"{member} matches no member rule", source, {"member": member})
    for words in (*result.disagreements, *result.notes):
        yield Notice("disagreement", ticker, words, source)
    if checked and checked["agrees"] is False:
        yield Notice("disagreement", ticker, f"total provision: {checked['detail']}", source)


def plain(value: object) -> Json:
    """`value` as JSON without floats: amounts as decimal text."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)
