"""The offer as the cover's sentences make it, for a cover whose list cannot be read: `We are offering $X of our Y% Notes due Z`.

A list that can be read is never replaced; the table of prices then confirms the sentences or contradicts them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.scrapers.bond_issuance.cover import Cover, Offered
from chalicelib.scrapers.bond_issuance.titles import Mention

_OFFERS = re.compile(r"\b(?:offering|selling|issuing|offered)\b[^.\n]*$", re.IGNORECASE)


def instead(text: str, cover: Cover) -> Cover:
    """The cover with its sentences' tranches when its list names fewer, or leaves out a rate or an amount; else unchanged."""
    said = _said(text, cover)
    years = {mention.year for mention in said}
    listed = cover.offered
    fewer = len(listed) < len(said) > 1
    if not (fewer or (len(said) == len(listed) and any(_lacks(offer) for offer in listed))):
        return cover
    if not all(offer.title.year in years for offer in listed):
        return cover
    offered = [
        Offered(mention, mention.symbol, mention.amount, " ".join(mention.words.split()), mention.start) for mention in said
    ]
    return replace(cover, offered=tuple(offered), total=None, total_words="", doubts=())


def _said(text: str, cover: Cover) -> list[Mention]:
    """The titles with principal and rate that one sentence of the cover offers; none when it offers one of them twice."""
    found: list[Mention] = []
    for mention in cover.mentions:
        if mention.existing or not mention.linked or mention.amount is None or not _rated(mention) or mention.year is None:
            continue
        if not found and not _OFFERS.search(text[max(cover.start, mention.start - 200) : mention.start]):
            continue
        if any(mention.may_be(other) for other in found):
            return []
        found.append(mention)
    return found if _one_sentence(text, found) else []


def _one_sentence(text: str, found: Sequence[Mention]) -> bool:
    return bool(found) and not re.search(r"[a-z)”]\.\s+[A-Z]", text[found[0].start : found[-1].end])


def _rated(mention: Mention) -> bool:
    return mention.rate is not None or mention.floating


def _lacks(offer: Offered) -> bool:
    """Whether a listed title names neither a rate, nor a blank for one, nor that it floats, or has no amount."""
    return offer.amount is None or not (_rated(offer.title) or offer.title.blank_rate or offer.title.turning)
