"""What `extract bond-issuance FILE…` prints: one mapping a document, in the shape the corpus describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from chalicelib import edgar
from chalicelib.errors import SentinelError, Unreadable
from chalicelib.ports import Source
from chalicelib.scrapers.bond_issuance import deal as deals
from chalicelib.scrapers.bond_issuance import term_sheet, witness
from chalicelib.scrapers.bond_issuance.tranche import Check, Deal, Tranche

_LARGEST = 64_000_000


def extract(sources: Sequence[Source]) -> Iterator[Mapping[str, object]]:
    """One mapping per document; a document that cannot be read gives `file`, `error`, `error_type`."""
    for source in sources:
        try:
            with source.open() as stream:
                body = stream.read(_LARGEST + 1)
            if len(body) > _LARGEST:
                raise Unreadable(f"larger than {_LARGEST:,} bytes", where="its end")
            submission = edgar.read_submission(body)
            if submission.form == "FWP":
                yield term_sheet.of_extract(source.name, submission)
            else:
                yield of_deal(source.name, witness.confirm(deals.read(submission), submission).deal)
        except (SentinelError, OSError) as error:
            yield {"file": source.name, "error": str(error), "error_type": type(error).__name__}


def of_deal(file: str, deal: Deal) -> dict[str, object]:
    """A deal as one line of output; amounts in whole currency units, rates in per cent."""
    best = _best(deal.checks)
    return {
        "file": file,
        "accession": deal.accession or None,
        "form": deal.form,
        "filed": deal.filed,
        "accepted": deal.accepted,
        "issuer": deal.issuer or None,
        "cik": f"{deal.cik:010d}" if deal.cik is not None else None,
        "kind": deal.kind,
        "status": deal.status,
        "priced_on": deal.priced_on,
        "priced_from": deal.priced_from,
        "tranches": [of_tranche(tranche) for tranche in deal.tranches],
        "total": deal.total,
        "confidence": deal.certain,
        "reasons": list(deal.reasons),
        "witness": best,
        "checks": [{"source": check.source, "agrees": check.agrees, "detail": check.detail} for check in deal.checks],
        "registration": deal.registration or None,
        "reopening": deal.reopening,
        "corrects": deal.corrects,
        "guarantors": list(deal.guarantors),
        "co_issuers": list(deal.co_issuers),
        "seniority": deal.seniority or None,
        "kind_words": deal.kind_words,
    }


def of_tranche(tranche: Tranche) -> dict[str, object]:
    """A tranche as `extract` prints it; the maturity is a year where the document gives no day."""
    floating = tranche.floating
    return {
        "currency": tranche.currency,
        "principal": tranche.principal,
        "coupon_type": tranche.coupon_type,
        "coupon_pct": tranche.coupon,
        "floating": {"index": floating.index, "spread_bps": _number(floating.spread_bps)} if floating else None,
        "maturity": tranche.maturity or (str(tranche.year) if tranche.year else None),
        "price_to_public_pct": tranche.price,
        "title": tranche.title,
        "label": tranche.label or None,
        "words": tranche.words,
        "offset": tranche.offset,
        "maturity_words": tranche.maturity_words or None,
        "maturity_offset": tranche.maturity_offset,
        "seniority": tranche.seniority or None,
    }


def _number(value: Decimal | None) -> Decimal | None:
    return None if value is None else value


def _best(checks: Sequence[Check]) -> dict[str, object] | None:
    """The check that says most: a disagreement first, then the fee exhibit, then what the document says of itself."""
    order = ("fee-exhibit", "fee-table", "cover-total", "pricing-table", "prose", "labels")
    ranked = sorted(checks, key=lambda check: (check.agrees is not False, check.agrees is None, order.index(check.source)))
    return {"source": ranked[0].source, "agrees": ranked[0].agrees, "detail": ranked[0].detail} if ranked else None
