"""One filing of the week turned into observations: a deal and its tranches, a term sheet, or the fact that it was neither.

Gathers, then hands over to the pure readers; a filing that gives no number still gives one observation that says what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chalicelib import edgar
from chalicelib.errors import Forbidden, Missing, Unreadable
from chalicelib.model import Item, Json, Notice, Observation
from chalicelib.ports import Fetch
from chalicelib.scrapers.bond_issuance import deal as deals
from chalicelib.scrapers.bond_issuance import exchange, term_sheet, witness
from chalicelib.scrapers.bond_issuance.term_sheet import Sheet
from chalicelib.scrapers.bond_issuance.tranche import Deal, Tranche
from chalicelib.scrapers.bond_issuance.witness import Witnessed

_MAX_BYTES = 64_000_000


def read(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    """What the item's filing says. Raises `Unreadable` when the issuer is not who the watch list says, or the text is damaged."""
    if refused := item.detail.get("wrong_id"):
        raise Unreadable(f"not read, its issuer's id is in doubt: {refused}", where=edgar.COMPANY_FILE, evidence=str(refused))
    document = fetch.web.get(item.url, shape="sgml", max_bytes=_MAX_BYTES)
    submission = edgar.read_submission(document.body)
    _check(item, submission)
    if submission.form != item.detail.get("form"):
        words = f"{item.key} is {submission.form} in its header, {item.detail.get('form')} in the index"
        yield Notice("disagreement", str(item.detail.get("issuer")), words, item.url)
    known_at = submission.known_at
    if known_at is None:
        raise Unreadable("neither an acceptance time nor a filing date", where="header", evidence=item.key)
    if submission.form == "FWP":
        yield from of_sheet(item, term_sheet.read(submission), submission, known_at)
        return
    read_out = witness.confirm(deals.read(submission), submission)
    if read_out.deal.kind in ("debt", "convertible"):
        if not read_out.deal.tranches:
            raise Unreadable("debt without a tranche that can be read", where="cover", evidence=read_out.deal.kind_words)
        rates, notices = _rates(item, read_out, fetch)
        yield from notices
        yield from of_deal(item, read_out, rates, known_at)
    else:
        yield _filing(item, submission, read_out.deal, known_at)


def _check(item: Item, submission: edgar.Submission) -> None:
    """The document must be the one that was asked for, of the company that is watched."""
    if submission.accession != item.key:
        raise Unreadable(f"asked for {item.key}, got {submission.accession}", where="header", evidence=submission.accession)
    cik, issuer = str(item.detail.get("cik")), str(item.detail.get("issuer"))
    former = item.detail.get("former_names")
    names = [issuer, *map(str, former if isinstance(former, list | tuple) else ())]
    parties = [party for party in submission.parties if str(party.cik) == cik]
    if not parties:
        told = ", ".join(f"{party.name} ({party.cik})" for party in submission.parties)
        raise Unreadable(f"no party of the filing is CIK {cik}", where="header", evidence=told)
    if not any(edgar.same_name(party.name, name) for party in parties for name in names):
        raise Unreadable(
            f"CIK {cik} is {parties[0].name} in the filing, {issuer} on the watch list", where="header", evidence=parties[0].name
        )


@dataclass(frozen=True)
class Usd:
    """Dollars for one unit of a currency, and where the rate is from."""

    rate: Decimal
    source: str
    day: date


def _rates(item: Item, found: Witnessed, fetch: Fetch) -> tuple[Mapping[str, Usd], list[Notice]]:
    """The rate of each currency of a priced deal: the fee table's own first, the central bank's second."""
    deal = found.deal
    day = _day(deal, item)
    rates: dict[str, Usd] = {"USD": Usd(Decimal(1), "native", day)}
    notices: list[Notice] = []
    for currency in dict.fromkeys(tranche.currency for tranche in deal.tranches):
        if currency is None or currency in rates or deal.status != "final":
            continue
        if currency in found.fx:
            rates[currency] = Usd(found.fx[currency], "fee table of the filing", day)
        elif rate := _reference(currency, day, fetch):
            rates[currency] = Usd(rate.usd, rate.source, rate.day)
        else:
            notices.append(Notice("unconverted", deal.issuer, f"no rate of {currency} for {day}: {item.key}", item.url))
    return rates, notices


def _reference(currency: str, day: date, fetch: Fetch) -> exchange.Rate | None:
    """The central bank's rate; None when it has none. Only an outage is raised: a deal is worth keeping without dollars."""
    try:
        return exchange.reference_rate(currency, day, fetch)
    except (Missing, Forbidden, Unreadable):
        return None


def _day(deal: Deal, item: Item) -> date:
    """The pricing day, else the day of filing."""
    return deal.priced_on or deal.filed or date.fromisoformat(str(item.detail["filed"]))


def _common(item: Item, form: str, filed: date | None) -> dict[str, Json]:
    return {
        "deal": item.key,
        "issuer": str(item.detail.get("issuer")),
        "ticker": str(item.detail.get("ticker")),
        "cik": str(item.detail.get("cik")),
        "form": form,
        "filed": filed.isoformat() if filed else None,
        "grade": str(item.detail.get("grade")),
        "grade_reason": str(item.detail.get("grade_reason")),
        "grade_as_of": str(item.detail.get("grade_as_of")),
    }


def of_deal(item: Item, found: Witnessed, rates: Mapping[str, Usd], known_at: datetime) -> Iterator[Observation]:
    """One observation for the deal, one for each of its tranches."""
    deal = found.deal
    issuer, day = str(item.detail.get("issuer")), _day(deal, item)
    shared = _common(item, deal.form, deal.filed) | {
        "kind": deal.kind, "status": deal.status, "registration": deal.registration,
        "reopening": deal.reopening, "corrects": deal.corrects,
    }  # fmt: skip
    totals = _totals(deal.tranches)
    value, unit = _whole(deal.tranches, totals)
    yield Observation(
        key=item.key,
        kind="deal",
        subject=issuer,
        as_of=day,
        known_at=known_at,
        value=value,
        unit=unit,
        confidence=deal.certain,
        source=item.url,
        words=deal.kind_words,
        detail=shared | _of_whole(found, totals),
    )
    for number, tranche in enumerate(deal.tranches, 1):
        yield Observation(
            key=f"{item.key}/{number}",
            kind="tranche",
            subject=issuer,
            as_of=day,
            known_at=known_at,
            value=tranche.principal,
            unit=tranche.currency or "",
            confidence=deal.certain,
            source=item.url,
            words=tranche.words,
            offset=tranche.offset,
            detail=shared | of_tranche(tranche, rates.get(tranche.currency or "")),
        )


def _whole(tranches: Sequence[Tranche], totals: Mapping[str, Decimal]) -> tuple[Decimal | None, str]:
    """The deal's principal and currency; no currency where it has several, no amount where one is blank too."""
    currencies = {tranche.currency or "" for tranche in tranches}
    unit = next(iter(currencies)) if len(currencies) == 1 else ""
    complete = all(tranche.principal is not None for tranche in tranches)
    return (totals.get(unit) if unit and complete else None), unit


def _totals(tranches: Sequence[Tranche]) -> dict[str, Decimal]:
    """Principal by currency, blanks left out."""
    totals: dict[str, Decimal] = {}
    for tranche in tranches:
        if tranche.principal is not None and tranche.currency:
            totals[tranche.currency] = totals.get(tranche.currency, Decimal(0)) + tranche.principal
    return totals


def _of_whole(found: Witnessed, totals: Mapping[str, Decimal]) -> dict[str, Json]:
    """What is said of a deal as a whole: its totals, its witness and every check."""
    deal = found.deal
    check = found.check or next((each for each in deal.checks if each.agrees is not None), None)
    return {
        "priced_from": deal.priced_from,
        "currencies": sorted(currency or "?" for currency in {tranche.currency for tranche in deal.tranches}),
        "totals": {currency: str(total) for currency, total in totals.items()},
        "tranches": len(deal.tranches),
        "titles": [tranche.title for tranche in deal.tranches],
        "witness": {"source": check.source, "agrees": check.agrees, "detail": check.detail} if check else None,
        "checks": [{"source": each.source, "agrees": each.agrees, "detail": each.detail} for each in deal.checks],
        "reasons": list(deal.reasons),
        "guarantors": list(deal.guarantors),
        "co_issuers": list(deal.co_issuers),
        "seniority": deal.seniority,
    }


def of_tranche(tranche: Tranche, usd: Usd | None) -> dict[str, Json]:
    """A tranche's terms as JSON: amounts and rates as decimal text, days as ISO dates."""
    floating = tranche.floating
    spread = floating.spread_bps if floating else None
    return {
        "title": tranche.title,
        "coupon_type": tranche.coupon_type,
        "coupon_pct": _text(tranche.coupon),
        "floating": {"index": floating.index, "spread_bps": _text(spread)} if floating else None,
        "maturity": tranche.maturity.isoformat() if tranche.maturity else None,
        "maturity_year": tranche.maturity.year if tranche.maturity else tranche.year,
        "maturity_words": tranche.maturity_words,
        "price_pct": _text(tranche.price),
        "usd_rate": _text(usd.rate) if usd else None,
        "usd_rate_source": usd.source if usd else None,
        "usd_rate_day": usd.day.isoformat() if usd else None,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _filing(item: Item, submission: edgar.Submission, deal: Deal, known_at: datetime) -> Observation:
    """What a filing without corporate debt was, so that it is seen to have been read."""
    return Observation(
        key=item.key,
        kind="filing",
        subject=str(item.detail.get("issuer")),
        as_of=_day(deal, item),
        known_at=known_at,
        value=None,
        unit="",
        confidence=deal.certain,
        source=item.url,
        words=deal.kind_words,
        detail=_common(item, submission.form, submission.filed) | {"kind": deal.kind, "status": deal.status},
    )


def of_sheet(item: Item, sheet: Sheet, submission: edgar.Submission, known_at: datetime) -> Iterator[Observation]:
    """A final term sheet: its terms and ratings; a free writing prospectus that is none says so."""
    filed = submission.filed or date.fromisoformat(str(item.detail["filed"]))
    numbers = [number for party in submission.issuers() for number in party.file_numbers]
    shared = _common(item, submission.form, submission.filed)
    yield Observation(
        key=item.key,
        kind="term-sheet" if sheet.tranches and sheet.status == "final" else "filing",
        subject=str(item.detail.get("issuer")),
        as_of=sheet.trade_date or known_at.astimezone(edgar.NEW_YORK).date(),
        known_at=known_at,
        value=None,
        unit="",
        confidence=term_sheet.confidence(sheet),
        source=item.url,
        words=sheet.words,
        detail=shared
        | {
            "kind": sheet.kind,
            "status": sheet.status,
            "filed": filed.isoformat(),
            "registration": sheet.registration or (numbers[0] if numbers else ""),
            "ratings": [{"agency": rating.agency, "rating": rating.grade} for rating in sheet.ratings],
            "trade_date": sheet.trade_date.isoformat() if sheet.trade_date else None,
            "settlement_date": sheet.settlement_date.isoformat() if sheet.settlement_date else None,
            "checks": [{"source": each.source, "agrees": each.agrees, "detail": each.detail} for each in sheet.checks],
            "tranches": [term_sheet.as_json(tranche) for tranche in sheet.tranches],
        },
    )
