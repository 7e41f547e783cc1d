"""Which preliminary became which final, which term sheet belongs to which deal, and which tranches are told twice.

Preliminary and final belong together by issuer, registration number, currency and list of tranches; two deals of one issuer may
run side by side. All of it is pure, over observations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.model import Json, Observation
from chalicelib.scrapers.bond_issuance import titles

PAIR_DAYS = 14
"""How long after its preliminary a final may be priced."""
SHEET_DAYS = 6
TWICE_DAYS = 14


def text(detail: Mapping[str, Json], name: str) -> str:
    """A detail as text, empty when it is not there."""
    value = detail.get(name)
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Pairing:
    """`preliminary` by the key of its final; `unpriced` are preliminaries no final has come for yet."""

    preliminary: Mapping[str, Observation]
    unpriced: tuple[Observation, ...]


def pair(deals: Iterable[Observation]) -> Pairing:
    """Each final with the nearest earlier preliminary that fits it best."""
    debt = [deal for deal in deals if deal.kind == "deal" and text(deal.detail, "kind") == "debt"]
    finals = sorted((deal for deal in debt if text(deal.detail, "status") == "final"), key=lambda deal: (deal.as_of, deal.key))
    waiting = sorted(
        (deal for deal in debt if text(deal.detail, "status") == "preliminary"), key=lambda deal: (deal.as_of, deal.key)
    )
    found: dict[str, Observation] = {}
    for final in finals:
        fitting = [each for each in waiting if _fits(each, final)]
        if fitting:
            best = max(fitting, key=lambda each: (_likeness(each, final), each.as_of, each.known_at))
            found[final.key] = best
            waiting = [each for each in waiting if each.key != best.key and not _same_launch(each, best)]
    return Pairing(found, tuple(waiting))


def _fits(preliminary: Observation, final: Observation) -> bool:
    """Whether a preliminary can be of a final at all."""
    one, other = preliminary.detail, final.detail
    days = final.as_of - preliminary.as_of
    return (
        text(one, "cik") == text(other, "cik")
        and _root(text(one, "registration")) == _root(text(other, "registration"))
        and _currencies(one) == _currencies(other)
        and timedelta(0) <= days <= timedelta(days=PAIR_DAYS)
        and preliminary.known_at <= final.known_at
        and not _contradict(preliminary, final)
    )


def _root(registration: str) -> str:
    """`333-286752` of `333-286752-01`: co-registrants share the number before the suffix."""
    return "-".join(registration.split("-")[:2])


def _currencies(detail: Mapping[str, Json]) -> frozenset[str]:
    value = detail.get("currencies")
    return frozenset(str(each) for each in value) if isinstance(value, list | tuple) else frozenset()


def _years(deal: Observation) -> list[int]:
    value = deal.detail.get("titles")
    names = [str(each) for each in value] if isinstance(value, list | tuple) else []
    return sorted(found[0].year for found in map(titles.find, names) if found and found[0].year)


def _contradict(preliminary: Observation, final: Observation) -> bool:
    """Whether the preliminary names maturities of which the final has none."""
    announced, priced = set(_years(preliminary)), set(_years(final))
    return bool(announced) and bool(priced) and not announced & priced


def _likeness(preliminary: Observation, final: Observation) -> int:
    """How well two tranche lists agree: same number of tranches, same years."""
    same_count = preliminary.detail.get("tranches") == final.detail.get("tranches")
    return 2 * same_count + (_years(preliminary) == _years(final))


def _same_launch(one: Observation, other: Observation) -> bool:
    """An amended preliminary of the same deal: same issuer, registration, currency and tranches, days apart."""
    return (
        text(one.detail, "cik") == text(other.detail, "cik")
        and _root(text(one.detail, "registration")) == _root(text(other.detail, "registration"))
        and _currencies(one.detail) == _currencies(other.detail)
        and one.detail.get("tranches") == other.detail.get("tranches")
        and abs(one.as_of - other.as_of) <= timedelta(days=PAIR_DAYS)
    )


def lines(sheet: Observation) -> list[Mapping[str, Json]]:
    """The tranches of a term sheet."""
    value = sheet.detail.get("tranches")
    return [line for line in value if isinstance(line, Mapping)] if isinstance(value, list | tuple) else []


def sheet_for(tranche: Observation, sheets: Iterable[Observation]) -> tuple[Observation, Mapping[str, Json]] | None:
    """The term sheet that names a tranche, with its line there; None when none or more than one different line does."""
    found = []
    for sheet in sheets:
        near = abs(sheet.as_of - tranche.as_of) <= timedelta(days=SHEET_DAYS)
        if sheet.kind == "term-sheet" and near and text(sheet.detail, "cik") == text(tranche.detail, "cik"):
            found += [(sheet, line) for line in lines(sheet) if _same_terms(tranche, line)]
    return found[-1] if found and len({str(sorted(line.items(), key=str)) for _, line in found}) == 1 else None


def prices(sheet: Observation, preliminary: Observation) -> bool:
    """Whether a term sheet prices what a preliminary announces."""
    one, other = sheet.detail, preliminary.detail
    days = sheet.as_of - preliminary.as_of
    return (
        text(one, "cik") == text(other, "cik")
        and _root(text(one, "registration")) == _root(text(other, "registration"))
        and {str(line.get("currency")) for line in lines(sheet)} == _currencies(other)
        and timedelta(0) <= days <= timedelta(days=PAIR_DAYS)
    )


def _same_terms(tranche: Observation, line: Mapping[str, Json]) -> bool:
    """Whether a term sheet's line is of this tranche: currency, coupon or floating, maturity year."""
    return (
        tranche.unit == line.get("currency")
        and text(tranche.detail, "maturity_year") == text(line, "maturity")[:4]
        and (tranche.detail.get("floating") is not None) == (line.get("floating") is not None)
        and _number(tranche.detail.get("coupon_pct")) == _number(line.get("coupon_pct"))
    )


def _number(value: Json) -> str:
    words = "" if value is None else str(value)
    return words.rstrip("0").rstrip(".") if "." in words else words


def told_twice(tranches: Sequence[Observation]) -> Mapping[str, str]:
    """By key, why a tranche is no new money: the same issuer's same line stands in an earlier filing, or a later one corrects it.

    A reopening of the same line counts when it was priced on another day.
    """
    first: dict[tuple[str, ...], Observation] = {}
    reasons: dict[str, str] = {}
    in_order = sorted(tranches, key=lambda each: (each.known_at, each.key))
    for tranche in in_order:
        earlier = first.setdefault((*_amount_and_day(tranche), _number(tranche.detail.get("coupon_pct"))), tranche)
        new_money = tranche.detail.get("reopening") and tranche.as_of != earlier.as_of
        if _other_filing(earlier, tranche) and not new_money:
            reasons[tranche.key] = f"told twice, first in {earlier.key}"
    for tranche in in_order:
        if tranche.detail.get("corrects") and tranche.key not in reasons:
            same = [each for each in in_order if _amount_and_day(each) == _amount_and_day(tranche)]
            wrong = [each for each in same if _other_filing(each, tranche) and each.known_at < tranche.known_at]
            reasons |= {each.key: f"corrected in {tranche.key}" for each in wrong}
    return reasons


def _amount_and_day(tranche: Observation) -> tuple[str, ...]:
    """What a correction of another term leaves alone: issuer, amount, how the rate is set and when it falls due."""
    detail = tranche.detail
    due = text(detail, "maturity") or text(detail, "maturity_year")
    return text(detail, "cik"), tranche.unit, str(tranche.value), text(detail, "coupon_type"), due


def _other_filing(one: Observation, other: Observation) -> bool:
    """Whether two tranches stand in two filings of one fortnight."""
    apart = text(one.detail, "deal") != text(other.detail, "deal")
    return apart and abs(other.as_of - one.as_of) <= timedelta(days=TWICE_DAYS)
