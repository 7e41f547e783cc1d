"""Which rules a week's signal breaks, and the week as a table for a reader. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from chalicelib.amounts import amount
from chalicelib.model import Alert, Level, Observation, Signal, Window
from chalicelib.ports import Table
from chalicelib.scrapers.bond_issuance import pairing, summary

LIMITS: Mapping[str, Decimal] = {
    "weekly_volume_usd": Decimal(5_000_000_000),
    "weekly_rise_usd": Decimal(5_000_000_000),
    "medium_top_share": Decimal("0.10"),
    "high_top_share": Decimal("0.02"),
}
"""Dollars above which a week, or a rise on the week before, alerts; shares of its own history that make it medium or high."""


def alerts(signal: Signal, history: Sequence[Signal], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
    """`weekly-volume` and `weekly-rise`, each at the level the week's rank in its own history gives it."""
    total = signal.headline
    if total is None:
        return
    level, rank = _level(total, history, limits)
    since = signal.compared_with or ""
    before = total - signal.change if signal.change is not None else None
    least, step = limits["weekly_volume_usd"], limits["weekly_rise_usd"]
    now, most, rise = (amount(each, "USD") for each in (total, least, step))
    closing = "; ".join([rank, *_doubts(signal), f"counted is {summary.SCOPE}"])
    if total > least:
        words = f"{now} of investment-grade tech notes priced in the week"
        why = f"the week is above {most}; {closing}"
        limit = f"more than {most} in a week"
        yield Alert("weekly-volume", level, words, before, total, least, "USD", why, signal.contributors, since, limit)
    if signal.change is not None and signal.change > step:
        words = f"{now} of investment-grade tech notes priced, {amount(signal.change, 'USD')} more than in {since}"
        why = f"the week is up more than {rise} on the week before; {closing}"
        limit = f"a rise of more than {rise} on the week before"
        yield Alert("weekly-rise", level, words, before, total, step, "USD", why, signal.contributors, since, limit)


def _doubts(signal: Signal) -> list[str]:
    """How many amounts two documents do not agree on, where there are any."""
    witnesses = signal.data.get("witnesses")
    against = _rows(witnesses.get("disagreements")) if isinstance(witnesses, Mapping) else []
    return [f"two documents disagree on {_many(len(against), 'amount')}"] if against else []


def _level(total: Decimal, history: Sequence[Signal], limits: Mapping[str, Decimal]) -> tuple[Level, str]:
    """The tier, and the rank in words."""
    rank = summary.rank(total, history)
    if rank is None:
        return "alert", f"no rank among earlier weeks yet ({summary.HISTORY_LEAST} are needed)"
    share = Decimal(str(rank["top_share"]))
    words = f"number {rank['place']} by size of {rank['of']} weeks"
    if share <= limits["high_top_share"]:
        return "high", words
    return ("medium" if share <= limits["medium_top_share"] else "alert"), words


def billions(value: Decimal) -> str:
    """`$47.50 bn`."""
    return f"${value / 1_000_000_000:,.2f} bn"


_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def table(signal: Signal, found: Sequence[Observation]) -> Table:
    """The week's deals, priced and announced, one row each, with what they add up to."""
    window = Window.parse(signal.window)
    counted = summary.count(found, window)
    priced = {each.key for each in pairing.pair(found).preliminary.values()}
    rows = [_row(deal, [each for each in counted if each.deal == deal.key], window, priced) for deal in _deals(found, window)]
    data = signal.data
    headline = "not available" if signal.headline is None else billions(signal.headline)
    change = (
        ""
        if signal.change is None
        else f", {'+' if signal.change >= 0 else '-'}{billions(abs(signal.change))} on {signal.compared_with}"
    )
    size = f"{_many(data.get('deals'), 'deal')}, {_many(data.get('tranches'), 'tranche')}"
    terms = f"maturity {data.get('weighted_maturity_years') or '-'} years, floating share {_share(data.get('floating_share'))}"
    notes = [
        f"Total {headline}{change}; {size}; coverage {signal.coverage:.0%}, confidence {signal.confidence}",
        f"Weighted coupon {data.get('weighted_coupon_pct') or '-'} % (fixed), {terms}",
        f"Scope: {summary.SCOPE}",
    ]
    if signal.withheld:
        notes.insert(0, f"Nothing published: {signal.withheld}")
    notes += _notes(signal)
    columns = (
        "Issuer",
        "Priced",
        "Status",
        "Tranches",
        "Principal",
        "USD",
        "Coupons",
        "Matures",
        "Week",
        "Witness",
        "Confidence",
    )
    return Table(f"Bond issuance {signal.window}", columns, rows, notes)


def _deals(found: Sequence[Observation], window: Window) -> list[Observation]:
    return sorted(
        (each for each in found if each.kind == "deal" and each.as_of in window),
        key=lambda each: (each.as_of, each.subject, each.key),
    )


def _many(number: object, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _share(value: object) -> str:
    return "-" if value is None else f"{Decimal(str(value)) * 100:.1f} %"


def _row(deal: Observation, lines: Sequence[summary.Counted], window: Window, priced: Collection[str]) -> list[str]:
    totals = deal.detail.get("totals")
    amounts = totals if isinstance(totals, Mapping) else {}
    principal = " + ".join(_amount(str(currency), Decimal(str(amount))) for currency, amount in amounts.items()) or "blank"
    usd = [each.usd for each in lines if not each.out and each.usd is not None]
    coupons = [pairing.text(each.tranche.detail, "coupon_pct") for each in lines]
    fixed = sorted({Decimal(coupon) for coupon in coupons if coupon})
    years = sorted({pairing.text(each.tranche.detail, "maturity_year") for each in lines} - {""})
    floats = sum(pairing.text(each.tranche.detail, "coupon_type") == "floating" for each in lines)
    spans = [_span([f"{coupon}%" for coupon in fixed]), *(["floating"] if floats else [])]
    return [
        deal.subject,
        deal.as_of.isoformat(),
        pairing.text(deal.detail, "status")
        + (", priced" if deal.key in priced else ", reopening" if deal.detail.get("reopening") else ""),
        pairing.text(deal.detail, "tranches"),
        principal,
        billions(sum(usd, Decimal(0))) if usd else "-",
        " + ".join(span for span in spans if span) or "-",
        _span(years) or "-",
        window.name,
        _witness(deal),
        deal.confidence,
    ]


def _amount(currency: str, amount: Decimal) -> str:
    return f"{_SIGNS.get(currency, currency + ' ')}{amount / 1_000_000_000:,.2f} bn"


def _span(values: Sequence[str]) -> str:
    """First and last of sorted values."""
    return "" if not values else values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}"


def _witness(deal: Observation) -> str:
    witness = deal.detail.get("witness")
    if not isinstance(witness, Mapping):
        return "none"
    agrees = witness.get("agrees")
    return f"{witness.get('source')}: {'agrees' if agrees else 'DISAGREES' if agrees is False else 'silent'}"


def _notes(signal: Signal) -> list[str]:
    """What the reader must not miss: disagreements, what was left out, what is announced, which rates were used."""
    data = signal.data
    witnesses = data.get("witnesses")
    against = witnesses.get("disagreements") if isinstance(witnesses, Mapping) else None
    others = data.get("other_filings")
    kinds = [f"{number} {kind}" for kind, number in others.items()] if isinstance(others, Mapping) else []
    return [
        *(f"Disagreement, {each['issuer']}: {each['words']}" for each in _rows(against)),
        *(f"Left out, {each['issuer']} {each['title']}: {each['why']}" for each in _rows(data.get("left_out"))),
        *(
            f"1 {each['currency']} = {each['usd']} USD ({each['source']}, {each['day']})"
            for each in _rows(data.get("rates_of_exchange"))
        ),
        *(
            f"Priced, final not filed yet: {each['issuer']} {each['title']}, {each['currency']} {each['principal']}"
            for each in _rows(data.get("priced_awaiting_final"))
        ),
        *(
            f"Announced, not priced: {each['issuer']}, {each['tranches']} tranches, {each['announced']}"
            for each in _rows(data.get("announced_unpriced"))
        ),
        *([f"No debt: {', '.join(kinds)}"] if kinds else []),
    ]


def _rows(value: object) -> list[Mapping[str, object]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []
