"""The week's signal: how much SEC-registered investment-grade tech debt was priced, on what terms, and what came with it.

Pure. Only priced (final) debt of the window's days counts; what is left out is listed with the reason. The headline is a lower
bound: 144A, private and special-purpose debt is not registered with the SEC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.model import Confidence, Contributor, Json, Observation, Signal, Window
from chalicelib.scrapers.bond_issuance import grading, pairing
from chalicelib.scrapers.bond_issuance.grading import Grade

NAME = "bond-issuance"
SCOPE = "principal of SEC-registered investment-grade tech notes priced in the week; 144A, private and SPV debt is not in it"
HISTORY_WEEKS = 104
HISTORY_LEAST = 26
UNPRICED_DAYS = 10
_LARGEST = 10
_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")
_YEAR = Decimal("365.25")


@dataclass(frozen=True)
class Counted:
    """A tranche of the week with its dollars (None: no rate or no principal), its grade, and why it is left out, if it is."""

    tranche: Observation
    usd: Decimal | None
    grade: Grade
    out: str

    @property
    def deal(self) -> str:
        """The accession number of its filing."""
        return pairing.text(self.tranche.detail, "deal")


def count(found: Sequence[Observation], window: Window) -> list[Counted]:
    """Every priced tranche of the week with what becomes of it."""
    sheets = [each for each in found if each.kind == "term-sheet"]
    priced = [each for each in found if each.kind == "tranche" and pairing.text(each.detail, "status") == "final"]
    twice = pairing.told_twice([each for each in priced if each.value is not None])
    return [_counted(each, sheets, twice.get(each.key)) for each in priced if each.as_of in window]


def _counted(tranche: Observation, sheets: Sequence[Observation], repeats: str | None) -> Counted:
    rate = pairing.text(tranche.detail, "usd_rate")
    usd = tranche.value * Decimal(rate) if tranche.value is not None and rate else None
    grade = grading.grade(tranche, sheets)
    if pairing.text(tranche.detail, "kind") != "debt":
        out = pairing.text(tranche.detail, "kind")
    elif repeats:
        out = repeats
    elif tranche.value is None:
        out = "no principal could be read"
    elif grade.grade != "investment":
        out = f"not investment grade: {grade.words}" if grade.grade == "speculative" else "grade unknown"
    elif usd is None:
        out = f"no rate of exchange for {tranche.unit}"
    else:
        out = ""
    return Counted(tranche, usd, grade, out)


def summarise(found: Sequence[Observation], history: Sequence[Signal], window: Window) -> Signal:
    """The window's signal. `coverage` is the share of the week's debt tranches whose principal in dollars is known."""
    counted = count(found, window)
    inside = [each for each in counted if not each.out]
    debt = [each for each in counted if pairing.text(each.tranche.detail, "kind") == "debt"]
    total = sum((each.usd for each in inside if each.usd is not None), Decimal(0))
    known = [each for each in debt if each.usd is not None and each.grade.grade != "unknown"]
    before = next((each for each in reversed(history) if each.window == window.before().name), None)
    change = total - before.headline if before and before.headline is not None else None
    weakest = min((_ORDER.index(each.tranche.confidence) for each in debt), default=2)
    return Signal(
        scraper=NAME,
        window=window.name,
        as_of=min(window.last, max((each.tranche.as_of for each in counted), default=window.last)),
        headline=_whole(total),
        unit="USD",
        coverage=Decimal(len(known)) / len(debt) if debt else Decimal(1),
        confidence=_ORDER[weakest],
        change=None if change is None else _whole(change),
        change_unit="USD" if change is not None else "",
        compared_with=before.window if change is not None and before else None,
        contributors=tuple(_contributors(inside)),
        data=_figures(found, counted, window) | {"rank": rank(total, history)},
    )


def _figures(found: Sequence[Observation], counted: Sequence[Counted], window: Window) -> dict[str, Json]:
    """The week's figures beside the headline."""
    sheets = [each for each in found if each.kind == "term-sheet"]
    inside = [each for each in counted if not each.out]
    return {
        "scope": SCOPE,
        "principal_by_currency": _by_currency(inside),
        "deals": len({each.deal for each in inside}),
        "tranches": len(inside),
        "weighted_coupon_pct": _text(_weighted_coupon(inside), "0.001"),
        "weighted_maturity_years": _text(_weighted_maturity(inside), "0.01"),
        "floating_share": _text(_share(inside), "0.0001"),
        "rates_of_exchange": _exchange(inside),
        "ig_basis": {basis: sum(each.grade.basis == basis for each in inside) for basis in ("term-sheet", "watch-list")},
        "lines": [_line(each, sheets) for each in inside],
        "left_out": [_left_out(each) for each in counted if each.out],
        "witnesses": _witnesses(found, window),
        "priced_awaiting_final": _awaiting(found, window),
        "announced_unpriced": _unpriced(found, window),
        "other_filings": _others(found, window),
    }


def _whole(value: Decimal) -> Decimal:
    """Whole dollars where nothing is lost by it, cents else."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.quantize(Decimal("0.01"))


def _text(value: Decimal | None, places: str) -> str | None:
    return None if value is None else str(value.quantize(Decimal(places)))


def _by_currency(inside: Iterable[Counted]) -> dict[str, Json]:
    totals: dict[str, Decimal] = {}
    for each in inside:
        totals[each.tranche.unit] = totals.get(each.tranche.unit, Decimal(0)) + (each.tranche.value or 0)
    return {currency: str(total) for currency, total in sorted(totals.items())}


def _weighted(pairs: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    weight = sum((usd for _, usd in pairs), Decimal(0))
    return sum((value * usd for value, usd in pairs), Decimal(0)) / weight if weight else None


def _weighted_coupon(inside: Sequence[Counted]) -> Decimal | None:
    """Mean coupon of the tranches with a fixed one, by dollars."""
    fixed = [(pairing.text(each.tranche.detail, "coupon_pct"), each.usd) for each in inside]
    return _weighted([(Decimal(coupon), usd) for coupon, usd in fixed if coupon and usd is not None])


def _weighted_maturity(inside: Sequence[Counted]) -> Decimal | None:
    """Mean years from pricing to maturity, by dollars, of the tranches with a full date."""
    dated = [(pairing.text(each.tranche.detail, "maturity"), each) for each in inside]
    years = [(Decimal((date.fromisoformat(day) - each.tranche.as_of).days) / _YEAR, each.usd) for day, each in dated if day]
    return _weighted([(value, usd) for value, usd in years if usd is not None])


def _share(inside: Sequence[Counted]) -> Decimal | None:
    """Share of the dollars whose rate floats from the start."""
    total = sum((each.usd or Decimal(0) for each in inside), Decimal(0))
    floating = (each for each in inside if pairing.text(each.tranche.detail, "coupon_type") == "floating")
    return sum((each.usd or Decimal(0) for each in floating), Decimal(0)) / total if total else None


def _exchange(inside: Iterable[Counted]) -> list[Json]:
    """The rates used, each with its source and day."""
    used = {
        (
            each.tranche.unit,
            *(pairing.text(each.tranche.detail, name) for name in ("usd_rate", "usd_rate_source", "usd_rate_day")),
        )
        for each in inside
        if each.tranche.unit != "USD"
    }
    return [{"currency": unit, "usd": rate, "source": source, "day": day} for unit, rate, source, day in sorted(used)]


def _contributors(inside: Sequence[Counted]) -> list[Contributor]:
    """The largest deals, in dollars."""
    deals: dict[str, list[Counted]] = {}
    for each in inside:
        deals.setdefault(each.deal, []).append(each)
    rows = [
        Contributor(
            f"{lines[0].tranche.subject}, {len(lines)} tranches in {'/'.join(sorted({line.tranche.unit for line in lines}))}",
            _whole(sum((line.usd or Decimal(0) for line in lines), Decimal(0))),
            lines[0].tranche.source,
        )
        for lines in deals.values()
    ]
    return sorted(rows, key=lambda row: (-row.value, row.name))[:_LARGEST]


def _line(each: Counted, sheets: Sequence[Observation]) -> dict[str, Json]:
    """A counted tranche with what its term sheet adds."""
    tranche = each.tranche
    joined = pairing.sheet_for(tranche, sheets)
    terms = ("title", "coupon_pct", "coupon_type", "floating", "maturity", "price_pct", "reopening")
    added = ("spread_to_benchmark_bps", "yield_pct", "cusip", "isin")
    return {
        "key": tranche.key,
        "issuer": tranche.subject,
        "priced": tranche.as_of.isoformat(),
        "currency": tranche.unit,
        "principal": str(tranche.value),
        "usd": str(each.usd),
        "confidence": tranche.confidence,
        "grade": f"{each.grade.grade} ({each.grade.basis}: {each.grade.words})",
        "source": tranche.source,
        **{name: tranche.detail.get(name) for name in terms},
        **{name: joined[1].get(name) if joined else None for name in added},
    }


def _left_out(each: Counted) -> dict[str, Json]:
    tranche = each.tranche
    value = None if tranche.value is None else str(tranche.value)
    title = pairing.text(tranche.detail, "title")
    return {
        "issuer": tranche.subject,
        "title": title,
        "principal": value,
        "currency": tranche.unit,
        "why": each.out,
        "source": tranche.source,
    }


def _witnesses(found: Sequence[Observation], window: Window) -> dict[str, Json]:
    """How many of the week's priced deals a second source confirms, and every disagreement with both values."""
    verdicts: dict[str, int] = {"agree": 0, "disagree": 0, "none": 0}
    against: list[Json] = []
    for deal in found:
        if deal.kind != "deal" or deal.as_of not in window or pairing.text(deal.detail, "status") != "final":
            continue
        witness = deal.detail.get("witness")
        agrees = witness.get("agrees") if isinstance(witness, dict) else None
        verdicts["none" if agrees is None else "agree" if agrees else "disagree"] += 1
        if isinstance(witness, dict) and agrees is False:
            against.append({"issuer": deal.subject, "words": str(witness.get("detail")), "source": deal.source})
    return {**verdicts, "disagreements": against}


def _awaiting(found: Sequence[Observation], window: Window) -> list[Json]:
    """Tranches a term sheet of the week prices and no final prospectus has come for yet: not in the headline until one does."""
    finals = [each for each in found if each.kind == "tranche" and pairing.text(each.detail, "status") == "final"]
    sheets = [each for each in found if each.kind == "term-sheet"]
    told = {id(joined[1]) for each in finals if (joined := pairing.sheet_for(each, sheets))}
    return [
        {
            "issuer": sheet.subject,
            "title": line.get("title"),
            "principal": line.get("principal"),
            "currency": line.get("currency"),
            "priced": sheet.as_of.isoformat(),
            "source": sheet.source,
        }
        for sheet in sheets
        if sheet.as_of in window and pairing.text(sheet.detail, "kind") != "convertible"
        for line in pairing.lines(sheet)
        if id(line) not in told
    ]


def _unpriced(found: Sequence[Observation], window: Window) -> list[Json]:
    """Debt announced in or just before the week that neither a final nor a term sheet has priced yet: supply, not issuance."""
    first = window.first - timedelta(days=UNPRICED_DAYS)
    waiting = pairing.pair(found).unpriced
    sheets = [each for each in found if each.kind == "term-sheet"]
    return [
        {
            "issuer": deal.subject,
            "announced": deal.as_of.isoformat(),
            "tranches": deal.detail.get("tranches"),
            "currencies": deal.detail.get("currencies"),
            "principal": None if deal.value is None else str(deal.value),
            "source": deal.source,
        }
        for deal in waiting
        if first <= deal.as_of <= window.last and not any(pairing.prices(sheet, deal) for sheet in sheets)
    ]


def _others(found: Sequence[Observation], window: Window) -> dict[str, Json]:
    """The week's filings that are no debt, by kind."""
    kinds = [pairing.text(each.detail, "kind") for each in found if each.kind == "filing" and each.as_of in window]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def rank(total: Decimal, history: Sequence[Signal]) -> Mapping[str, Json] | None:
    """A week's place among the last 104 before it; None until there are 26 of them."""
    earlier = [signal.headline for signal in history if signal.headline is not None][-HISTORY_WEEKS:]
    if len(earlier) < HISTORY_LEAST:
        return None
    place = 1 + sum(value > total for value in earlier)
    return {
        "place": place,
        "of": len(earlier) + 1,
        "top_share": str((Decimal(place) / (len(earlier) + 1)).quantize(Decimal("0.0001"))),
    }
