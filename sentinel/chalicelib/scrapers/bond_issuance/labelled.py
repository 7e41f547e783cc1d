"""One note from its title and from labels beside values, as pricing supplements of medium-term notes give both.

A label fills what the title leaves out and contradicts what it says otherwise; neither is changed then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from chalicelib import markup, prose
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bond_issuance import labels, periods, terms
from chalicelib.scrapers.bond_issuance.cover import Cover
from chalicelib.scrapers.bond_issuance.tranche import Check, Gathered, Tranche


def read(text: markup.Text, cover: Cover, found: Gathered, base: int) -> Gathered:
    """One tranche with the terms that labels give it: all of them when there was no title, else the missing ones.

    Raises `Unreadable` when neither title nor labels say what is offered.
    """
    stop = min(len(text.text), max(cover.end, cover.start + 8000))
    said = labels.read(text.text, cover.start, stop)
    if not found.tranches:
        return _all_labelled(text, said, *labels.table(text.text, cover.start, stop), base, (cover.start, stop))
    tranche = found.tranches[0]
    pairs = (
        ("principal", tranche.principal, said.principal),
        ("maturity", tranche.maturity, said.maturity),
        ("coupon", tranche.coupon, said.coupon if tranche.coupon_type == "fixed" else None),
        ("price", tranche.price, said.price),
    )
    doubts = [
        f"{name}: {cover_says} on the cover, {label_says} beside its label"
        for name, cover_says, label_says in pairs
        if _differ(cover_says, label_says)
    ]
    filled = replace(
        tranche,
        coupon_type="floating" if _floats(tranche, said) else tranche.coupon_type,
        currency=tranche.currency or said.currency,
        principal=said.principal if tranche.principal is None else tranche.principal,
        maturity=tranche.maturity or (None if found.reasons else said.maturity),
        coupon=_only_rate(tranche, said.coupon, text.text[cover.start : cover.end]),
        floating=tranche.floating or (said.floating if tranche.coupon_type != "fixed" or _floats(tranche, said) else None),
        price=said.price if tranche.price is None else tranche.price,
    )
    again = said.principal is not None and tranche.principal == said.principal and _repeated(text.text[cover.start : stop], said)
    confirmed = [Check("labels", True, said.words)] if again else []
    doubts += labels.net_doubts(text.text[cover.start : stop], filled.principal, filled.price)
    return replace(found, tranches=(filled,), checks=(*found.checks, *confirmed), reasons=(*found.reasons, *doubts))


def fill(text: markup.Text, cover: Cover, found: Gathered) -> Gathered:
    """Tranches whose titles stand without amounts, with those of their blocks of labels; unchanged unless each fits one."""
    several = labels.blocks(text.text, cover.start, min(len(text.text), max(cover.end, cover.start + 8000)))
    filled = []
    for tranche in found.tranches:
        own = [each for each in several if _fits(tranche, each)]
        if len(own) != 1 or len(several) != len(found.tranches):
            return found
        filled.append(
            replace(
                tranche,
                currency=own[0].currency,
                principal=own[0].principal,
                maturity=tranche.maturity or own[0].maturity,
                floating=tranche.floating or (own[0].floating if tranche.coupon_type == "floating" else None),
                price=own[0].price if tranche.price is None else tranche.price,
                words=f"{tranche.words} … {own[0].words}",
            )
        )
    return replace(found, tranches=tuple(filled))


def _fits(tranche: Tranche, said: labels.Labels) -> bool:
    """Whether a block of labels is a tranche's: its year, its rate or that it floats, and its day where both give one."""
    day = tranche.maturity is None or tranche.maturity == said.maturity
    floats = tranche.coupon_type == "floating" and said.coupon is None and said.floating is not None
    same_rate = tranche.coupon is not None and tranche.coupon == said.coupon
    return day and said.maturity is not None and said.maturity.year == tranche.year and (floats or same_rate)


def _repeated(stretch: str, said: labels.Labels) -> bool:
    """Whether the labelled principal stands in a second place, with a currency."""
    amounts = [prose.money(hit)[1] for hit in re.finditer(prose.MONEY, stretch)]
    return amounts.count(said.principal or Decimal(0)) > 1


def _only_rate(tranche: Tranche, labelled: Decimal | None, head: str) -> Decimal | None:
    """A single fixed note's rate: its title's, else its label's, else the one the cover's prose names."""
    if tranche.coupon is not None or tranche.coupon_type not in ("fixed", "step", "fixed-to-floating"):
        return tranche.coupon
    if tranche.coupon_type != "fixed":
        return periods.first_rate(head)
    return labelled if labelled is not None else terms.coupon(head)


def _floats(tranche: Tranche, said: labels.Labels) -> bool:
    """Whether labels give an index and a spread to a note whose title names no rate."""
    return tranche.coupon_type == "fixed" and tranche.coupon is None and said.coupon is None and said.floating is not None


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _all_labelled(
    text: markup.Text,
    said: labels.Labels,
    rows: Sequence[labels.Labels],
    unread: Sequence[str],
    base: int,
    stretch: tuple[int, int],
) -> Gathered:
    """The tranches that a table of labels, or labels alone, describe."""
    if rows:
        return Gathered(tuple(_of_labels(text, row, base) for row in rows), None, (), tuple(unread))
    several = labels.blocks(text.text, *stretch)
    if len({(each.principal, each.maturity, each.coupon, each.floating) for each in several}) > 1:
        doubts = [doubt for each in several for doubt in each.doubts]
        return Gathered(tuple(_of_labels(text, each, base) for each in several), None, (), tuple(doubts))
    if said.principal is None and said.maturity is None and said.coupon is None:
        raise Unreadable(
            "debt is offered, but neither a title nor labels say which", where=f"byte {base}", evidence=text.text[:400]
        )
    doubts = labels.net_doubts(text.text[stretch[0] : stretch[1]], said.principal, said.price)
    return Gathered((_of_labels(text, said, base),), None, (), (*said.doubts, *doubts))


def _of_labels(text: markup.Text, said: labels.Labels, base: int) -> Tranche:
    """One tranche from its labels."""
    floats = said.floating is not None and said.coupon is None
    turns = said.floating is not None and said.floating.spread_bps is not None and said.coupon is not None
    year = said.maturity.year if said.maturity else None
    name = "Floating Rate Notes" if floats else (f"{said.coupon}% Notes" if said.coupon is not None else "Notes")
    return Tranche(
        currency=said.currency,
        principal=said.principal,
        coupon_type="floating" if floats else ("fixed-to-floating" if turns else "fixed"),
        coupon=said.coupon,
        floating=said.floating if floats or turns else None,
        maturity=said.maturity,
        year=year,
        price=said.price,
        title=f"{name} due {year or '____'}",
        label="",
        words=said.words,
        offset=base + text.offset(first_word(text.text, said.at)),
        maturity_words=str(said.maturity or ""),
        maturity_offset=base + text.offset(said.maturity_at) if said.maturity else None,
    )


def first_word(text: str, start: int) -> int:
    """The place of the first character that is no space."""
    while start < len(text) and text[start].isspace():
        start += 1
    return start
