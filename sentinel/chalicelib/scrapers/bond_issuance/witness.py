"""A deal beside its fee table: do the two tell of the same tranches and amounts, and at which rate of exchange.

Agreement raises the confidence, disagreement lowers it and is told with both values; neither number is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from chalicelib.edgar import Submission
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bond_issuance import fees, titles
from chalicelib.scrapers.bond_issuance.fees import FeeRow, FeeTable
from chalicelib.scrapers.bond_issuance.tranche import Check, Deal, Tranche

_CENT_ON_TEN_THOUSAND = Decimal("0.000001")
_RATE_SLACK = Decimal("0.002")
_DEBT = ("debt", "convertible")


@dataclass(frozen=True)
class Witnessed:
    """A deal with what its fee table adds: a check, the exchange rates it implies (dollars for one unit), its total."""

    deal: Deal
    table: FeeTable | None
    fx: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def check(self) -> Check | None:
        """The fee table's verdict, None when there is no table."""
        return next((check for check in self.deal.checks if check.source in ("fee-exhibit", "fee-table")), None)


def confirm(deal: Deal, submission: Submission) -> Witnessed:
    """The deal with its fee table's verdict among its checks. Never raises: an unreadable table is a check without a verdict."""
    if deal.kind not in _DEBT or not deal.tranches:
        return Witnessed(deal, None)
    try:
        table = fees.read(submission)
    except Unreadable as error:
        return Witnessed(_with(deal, Check("fee-exhibit", None, f"not readable: {error}")), None)
    if table is None:
        return Witnessed(deal, None)
    verdict, words, fx = compare(deal.tranches, table)
    if deal.kind == "convertible" and verdict is False:
        verdict, words = None, f"{words} (the option to buy more is registered too)"
    return Witnessed(_with(deal, Check(table.source, verdict, words)), table, fx)


def _with(deal: Deal, check: Check) -> Deal:
    certain = deal.certain
    if check.agrees is False:
        certain = "low"
    elif check.agrees and certain == "medium":
        certain = "high"
    reasons = (*deal.reasons, f"{check.source}: {check.detail}") if check.agrees is False else deal.reasons
    return replace(deal, checks=(*deal.checks, check), certain=certain, reasons=reasons)


def compare(tranches: Sequence[Tranche], table: FeeTable) -> tuple[bool | None, str, dict[str, Decimal]]:
    """Whether rows and tranches match one to one in amount; the words that say so; the implied rates of exchange."""
    rows = _merged([row for row in table.rows if row.principal or row.offering])
    if not rows or (len(rows) == 1 < len(tranches) and _key(rows[0].title) is None):
        said = [value for row in rows for value in (row.principal, row.offering) if value]
        return _totals_only(tranches, [*said, *([table.total] if table.total else []), *table.narrative])
    pairs = _pairs(tranches, rows)
    if pairs is None:
        ours, theirs = ", ".join(each.title for each in tranches), ", ".join(row.title for row in rows)
        return False, f"the cover has {len(tranches)} tranches ({ours}), the fee table {len(rows)} ({theirs})", {}
    fx, doubts = _rates(pairs)
    compared = 0
    for tranche, row in pairs:
        verdict, words = _one(tranche, row, fx.get(tranche.currency or "", Decimal(1)))
        compared += verdict is not None
        if verdict is False:
            doubts.append(words)
    added = sum((row.offering for row in rows if row.offering is not None), Decimal(0))
    if table.total is not None and all(row.offering is not None for row in rows) and abs(added - table.total) > len(rows):
        doubts.append(f"the fee table's rows add to {added:,}, its total says {table.total:,}")
    if doubts:
        return False, "; ".join(doubts), fx
    if compared < len(pairs):
        return None, f"only {compared} of {len(pairs)} tranches can be compared", fx
    told = f", at {', '.join(f'{rate} USD for 1 {unit}' for unit, rate in fx.items())}" if fx else ""
    priced = f", offering price {table.total or added:,} USD" if table.total or added else ""
    return True, f"{len(pairs)} tranches{priced}{told}", fx


def _totals_only(tranches: Sequence[Tranche], said: Sequence[Decimal]) -> tuple[bool | None, str, dict[str, Decimal]]:
    """A table that gives only sums: they must be the principal or price times principal of all tranches, in dollars."""
    principal = [tranche.principal for tranche in tranches]
    if not said or {tranche.currency for tranche in tranches} != {"USD"} or any(value is None for value in principal):
        return None, "the fee table gives no amounts to compare", {}
    whole = sum((value for value in principal if value is not None), Decimal(0))
    proceeds = [_proceeds(tranche) for tranche in tranches]
    paid = None if None in proceeds else sum((value for value in proceeds if value is not None), Decimal(0))
    strange = [value for value in said if abs(value - whole) > 1 and (paid is None or abs(value - paid) > len(tranches))]
    if strange and paid is None:
        return None, f"the fee table says {strange[0]:,}, the cover's principal is {whole:,} and has no prices", {}
    if strange:
        return False, f"the fee table says {strange[0]:,}, the cover {whole:,} at {paid:,}", {}
    return True, f"the fee table's total is {said[0]:,} USD", {}


def _proceeds(tranche: Tranche) -> Decimal | None:
    if tranche.principal is None or tranche.price is None:
        return None
    return tranche.principal * tranche.price / 100


def _pairs(tranches: Sequence[Tranche], rows: Sequence[FeeRow]) -> list[tuple[Tranche, FeeRow]] | None:
    """Tranches and rows by coupon and year, else by year, else by their order; None when one has more of them."""
    if len(tranches) != len(rows):
        return None
    theirs = [_key(row.title) for row in rows]
    ours = [(tranche.coupon, tranche.coupon_type == "floating", tranche.year) for tranche in tranches]
    for told_by in (0, 1):
        mine = [key[told_by:] for key in ours]
        said = [key[told_by:] if key else None for key in theirs]
        if len(set(mine)) == len(mine) and set(mine) == set(said):
            return [(tranche, rows[said.index(key)]) for tranche, key in zip(tranches, mine, strict=True)]
    return list(zip(tranches, rows, strict=True))


def _merged(rows: Sequence[FeeRow]) -> list[FeeRow]:
    """Rows of one title added up: a tranche may be paid for in two parts, one of them carried forward."""
    merged: dict[object, FeeRow] = {}
    for n, row in enumerate(rows):
        key = _key(row.title) or n
        other = merged.get(key)
        merged[key] = (
            row
            if other is None
            else replace(row, principal=_plus(row.principal, other.principal), offering=_plus(row.offering, other.offering))
        )
    return list(merged.values())


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def _key(title: str) -> tuple[Decimal | None, bool, int | None] | None:
    """Coupon, floating, year of a title; None when it gives no year."""
    found = titles.find(title)
    return found[0].key if len(found) == 1 and found[0].year else None


def _rates(pairs: Sequence[tuple[Tranche, FeeRow]]) -> tuple[dict[str, Decimal], list[str]]:
    """Dollars for one unit of each foreign currency, when all its rows imply the same; and what contradicts that."""
    found: dict[str, list[Decimal]] = {}
    for tranche, row in pairs:
        if tranche.currency in (None, "USD") or not tranche.principal:
            continue
        base = tranche.principal if row.principal is not None else _proceeds(tranche)
        amount = row.principal if row.principal is not None else row.offering
        if base and amount and abs(amount - base) > 1:
            found.setdefault(tranche.currency or "", []).append(amount / base)
    doubts = []
    rates: dict[str, Decimal] = {}
    for currency, values in found.items():
        if max(values) - min(values) > _RATE_SLACK * min(values):
            doubts.append(f"the fee table implies {min(values):.4f} to {max(values):.4f} USD for 1 {currency}")
        else:
            rates[currency] = Decimal(format(sorted(values)[len(values) // 2].quantize(Decimal("0.000001")).normalize(), "f"))
    return rates, doubts


def _one(tranche: Tranche, row: FeeRow, rate: Decimal) -> tuple[bool | None, str]:
    """One tranche beside its row: principal where the row has one, price times principal else."""
    if tranche.principal is None:
        return None, ""
    key = _key(row.title)
    if key and key[0] is not None and tranche.coupon is not None and key[0] != tranche.coupon:
        return False, f"{tranche.title} on the cover, {row.title} in the fee table"
    if row.principal is not None:
        expected, said, what = tranche.principal * rate, row.principal, "principal"
    else:
        proceeds = _proceeds(tranche)
        if proceeds is None or row.offering is None:
            return None, ""
        expected, said, what = proceeds * rate, row.offering, "price times principal"
    slack = max(Decimal(1), expected * (_RATE_SLACK if rate != 1 else _CENT_ON_TEN_THOUSAND))
    if abs(expected - said) <= slack:
        return True, ""
    return False, f"{tranche.title}: {what} {said:,} in the fee table, {expected:,.0f} on the cover"
