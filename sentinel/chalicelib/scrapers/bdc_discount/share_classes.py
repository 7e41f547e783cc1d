"""Which share class an amount of a sentence is of. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.scrapers.bdc_discount import relations as by
from chalicelib.scrapers.bdc_discount.words import CLASS_NAME, Token

_OF_THE_AMOUNT = re.compile(
    r"\s*(?:per\s+(?:common\s+)?(?:share|unit)\s*)?\(?(?:for|of|on|per)?\s*(?:our\s+|the\s+)?",
)


def class_of(text: str, amount: Token, after: str, first: int, navs: Sequence[int]) -> str:
    """The class of `amount`: by its place among `navs`, the one right `after` it, else the last named before it; often none.

    `first`: where the sentence's first amount stands; before it a class that all amounts are of may be named.
    """
    of_each = _in_turn(text, navs)
    if of_each:
        return of_each[amount.start]
    leads = CLASS_NAME.search(text, 0, first)
    follows = None if leads else CLASS_NAME.search(after)
    if follows and _OF_THE_AMOUNT.fullmatch(after[: follows.start()]):
        return follows[1]
    named = list(CLASS_NAME.finditer(text, 0, amount.start))
    return named[-1][1] if named else ""


def _in_turn(text: str, navs: Sequence[int]) -> dict[int, str]:
    """`Class S and I ... $24.90 and $25.01, respectively`: an amount's class by its place; none where they do not pair."""
    named = [found[1] for found in CLASS_NAME.finditer(text, 0, navs[0])] if len(navs) > 1 else []
    paired = len(named) == len(navs) and by.RESPECTIVELY.search(text)
    return dict(zip(navs, named, strict=True)) if paired else {}
