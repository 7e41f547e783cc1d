"""A 424B submission read as a deal: its kind, its tranches, what confirms them, and how sure that makes us.

The cover decides; the prose, the table of prices and the total line confirm or contradict it. A contradiction is never
resolved here: it lowers the confidence and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from heapq import merge

from chalicelib import edgar, markup
from chalicelib.errors import Unreadable
from chalicelib.model import Confidence
from chalicelib.scrapers.bond_issuance import classify, labels, pricing, standing, terms, titles
from chalicelib.scrapers.bond_issuance.cover import Cover
from chalicelib.scrapers.bond_issuance.terms import Maturity
from chalicelib.scrapers.bond_issuance.tranche import Check, Deal, Tranche, coupon_type, normal_title

_FIRST = 16_000
_PROSE = 18_000
_SEARCHED = 400_000
_WITH_TRANCHES = frozenset({"debt", "convertible"})


@dataclass(frozen=True)
class _Read:
    """What was gathered of a deal before it is judged."""

    tranches: tuple[Tranche, ...]
    total: Decimal | None
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]


def read(body: bytes | edgar.Submission) -> Deal:
    """The deal a submission (or a bare document of one) tells of.

    Raises `Unreadable` when it is no submission, is cut off, or offers debt without one tranche that can be read.
    """
    submission = body if isinstance(body, edgar.Submission) else edgar.read_submission(body)
    main = submission.main
    source = markup.decode(submission.text(main))
    text = markup.flatten(source, limit=_FIRST)
    if not text.text.strip():
        raise Unreadable("the main document holds no text", where=f"byte {main.text_start}")
    parties = submission.issuers()
    verdict = classify.classify(text.text, form=submission.form, sic=[party.sic for party in parties if party.sic])
    found = _Read((), None, (), ())
    front = text
    if verdict.kind in _WITH_TRANCHES:
        front = text.and_on(verdict.cover.end + _PROSE)
        found = _tranches(front, verdict.cover, source, main.text_start)
        if len(found.tranches) <= 1:
            found = _labelled(front, verdict.cover, found, main.text_start)
    priced_on, priced_from = standing.priced_on(front.text, verdict.cover, submission)
    reasons = [*found.reasons, *([] if verdict.sure else [f"its kind is not certain: {verdict.reason}"])]
    head = front.text[verdict.cover.start : verdict.cover.end]
    deal = Deal(
        kind=verdict.kind,
        status=verdict.status,
        issuer=parties[0].name if parties else "",
        cik=parties[0].cik if parties else None,
        accession=submission.accession,
        form=submission.form,
        filed=submission.filed,
        accepted=submission.accepted,
        known_at=submission.known_at,
        priced_on=priced_on,
        priced_from=priced_from,
        tranches=found.tranches,
        total=found.total,
        checks=found.checks,
        registration=standing.registration(front.text, submission),
        reopening=verdict.kind in _WITH_TRANCHES and standing.reopened(head),
        guarantors=standing.guarantors(head),
        co_issuers=tuple(party.name for party in parties[1:]),
        seniority=standing.seniority(head, verdict.cover),
        certain="high",
        reasons=tuple(reasons),
        kind_words=verdict.reason,
    )
    return replace(deal, certain=_confidence(deal))


def _tranches(text: markup.Text, cover: Cover, source: str, base: int) -> _Read:
    """Every tranche of the cover with what the prose and the tables add."""
    offered = cover.offered
    names = [offer.title for offer in offered]
    head = text.text[cover.start : cover.end]
    prices = pricing.read(head, [(offer.title, offer.amount) for offer in offered])
    dates, doubts = terms.maturities(text.text, names)
    places = [_place(text, found, base) for found in dates]
    if any(found is None and name.year for found, name in zip(dates, names, strict=True)):
        dates, places, doubts = _later(source, text, names, dates, places, doubts, base)
    floats, float_doubts = terms.floating(text.text, names)
    tranches = tuple(
        Tranche(
            currency=offer.currency or (offered[0].currency if offered else None),
            principal=offer.amount,
            coupon_type=coupon_type(offer.title, zero=False),
            coupon=offer.title.rate,
            floating=floats[at],
            maturity=day.day if day else None,
            year=offer.title.year,
            price=prices.prices[at],
            title=normal_title(offer.title),
            label=next((each.label for each in cover.mentions if each.label and each.key == offer.title.key), ""),
            words=" ".join(offer.words.split()),
            offset=base + text.offset(_first_word(text.text, offer.start)),
            maturity_words=" ".join(day.words.split())[-300:] if day else "",
            maturity_offset=places[at],
            seniority=standing.rank(offer.title.adjectives),
        )
        for at, (offer, day) in enumerate(zip(offered, dates, strict=True))
    )
    repeated, other_amounts = _prose_check(text.text, cover, tranches)
    checks = [_total_check(cover, tranches), _price_check(prices), repeated]
    reasons = [*cover.doubts, *doubts, *float_doubts, *other_amounts, *_strange_rates(text.text, tranches)]
    return _Read(tranches, cover.total, tuple(check for check in checks if check), tuple(reasons))


def _labelled(text: markup.Text, cover: Cover, found: _Read, base: int) -> _Read:
    """One tranche with the terms that labels give it: all of them when there was no title, else the missing ones."""
    stop = min(len(text.text), max(cover.end, cover.start + 8000))
    said = labels.read(text.text, cover.start, stop)
    if not found.tranches:
        return _all_labelled(text, said, labels.table(text.text, cover.start, stop), base)
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
        principal=said.principal if tranche.principal is None else tranche.principal,
        maturity=tranche.maturity or (None if found.reasons else said.maturity),
        coupon=_only_rate(tranche, said.coupon, text.text[cover.start : cover.end]),
        floating=tranche.floating or (said.floating if tranche.coupon_type != "fixed" else None),
        price=said.price if tranche.price is None else tranche.price,
    )
    confirmed = [Check("labels", True, said.words)] if said.principal is not None and tranche.principal == said.principal else []
    return replace(found, tranches=(filled,), checks=(*found.checks, *confirmed), reasons=(*found.reasons, *doubts))


def _only_rate(tranche: Tranche, labelled: Decimal | None, head: str) -> Decimal | None:
    """A single fixed note's rate: its title's, else its label's, else the one the cover's prose names."""
    if tranche.coupon is not None or tranche.coupon_type != "fixed":
        return tranche.coupon
    return labelled if labelled is not None else terms.coupon(head)


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _all_labelled(text: markup.Text, said: labels.Labels, rows: Sequence[labels.Labels], base: int) -> _Read:
    """The tranches that a table of labels, or labels alone, describe."""
    if rows:
        return _Read(tuple(_of_labels(text, row, base) for row in rows), None, (), ())
    if said.principal is None and said.maturity is None and said.coupon is None:
        raise Unreadable(
            "debt is offered, but neither a title nor labels say which", where=f"byte {base}", evidence=text.text[:400]
        )
    return _Read((_of_labels(text, said, base),), None, (), said.doubts)


def _of_labels(text: markup.Text, said: labels.Labels, base: int) -> Tranche:
    """One tranche from its labels."""
    floats = said.floating is not None and said.coupon is None
    year = said.maturity.year if said.maturity else None
    name = "Floating Rate Notes" if floats else (f"{said.coupon}% Notes" if said.coupon is not None else "Notes")
    return Tranche(
        currency=said.currency,
        principal=said.principal,
        coupon_type="floating" if floats else "fixed",
        coupon=None if floats else said.coupon,
        floating=said.floating if floats else None,
        maturity=said.maturity,
        year=year,
        price=said.price,
        title=f"{name} due {year or '____'}",
        label="",
        words=said.words,
        offset=base + text.offset(_first_word(text.text, said.at)),
        maturity_words=str(said.maturity or ""),
        maturity_offset=base + text.offset(said.maturity_at) if said.maturity else None,
    )


def _first_word(text: str, start: int) -> int:
    """The place of the first character that is no space."""
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _place(text: markup.Text, found: Maturity | None, base: int) -> int | None:
    return base + text.offset(_first_word(text.text, found.at)) if found else None


_Later = tuple[list[Maturity | None], list[int | None], list[str]]


def _later(
    source: str,
    front: markup.Text,
    names: Sequence[titles.Mention],
    dates: list[Maturity | None],
    places: list[int | None],
    doubts: list[str],
    base: int,
) -> _Later:
    """Maturity dates the front does not give, from the paragraphs further on that speak of maturing."""
    for low, high in _windows(source, front.end):
        missing = {str(name.year) for name, found in zip(names, dates, strict=True) if found is None}
        if not missing:
            break
        if not any(source.find(year, low, high) >= 0 for year in missing):
            continue
        text = markup.flatten(source, low, high)
        more, doubt = terms.maturities(text.text, names)
        for at, found in enumerate(more):
            if dates[at] is None and found is not None:
                dates[at], places[at] = found, _place(text, found, base)
        doubts = [*doubts, *doubt]
    return dates, places, doubts


def _windows(source: str, start: int) -> list[tuple[int, int]]:
    """Stretches of the source around `matur`, in any case, joined where they touch; the first thirty, `_SEARCHED` in all."""
    spans: list[tuple[int, int]] = []
    for place in merge(_places(source, "atur", start), _places(source, "ATUR", start)):
        low = source.rfind("<", max(start, place - 4000), max(start, place - 1500))
        low, high = low if low >= 0 else max(start, place - 1500), place + 2500
        if spans and low <= spans[-1][1]:
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))
        if len(spans) > 30 or sum(end - begin for begin, end in spans) > _SEARCHED:
            break
    return spans


def _places(source: str, word: str, start: int) -> Iterator[int]:
    """Where `word` stands in the source from `start` on."""
    at = source.find(word, start)
    while at >= 0:
        yield at
        at = source.find(word, at + 1)


def _total_check(cover: Cover, tranches: Sequence[Tranche]) -> Check | None:
    """Whether the tranches add up to the line above them."""
    if cover.total is None:
        return None
    amounts = [tranche.principal for tranche in tranches]
    if any(amount is None for amount in amounts):
        return Check("cover-total", None, f"{cover.total_words} stands above tranches without amounts")
    added = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Check("cover-total", added == cover.total, f"tranches add to {added:,}, the cover says {cover.total:,}")


def _price_check(prices: pricing.Prices) -> Check | None:
    """Whether price times principal is printed for every tranche."""
    if not any(verdict is not None for verdict in prices.agree):
        return None
    agrees = False if False in prices.agree else (True if all(prices.agree) else None)
    return Check("pricing-table", agrees, "; ".join(prices.detail) or "price times principal is printed for the tranches")


def _prose_check(text: str, cover: Cover, tranches: Sequence[Tranche]) -> tuple[Check | None, list[str]]:
    """Whether the prose repeats each title with the cover's principal; another principal is a doubt."""
    known = {(offer.title.key, offer.currency): offer for offer in cover.offered if offer.amount is not None}
    said: set[object] = set()
    doubts = []
    later = titles.find(text, cover.end, min(len(text), cover.end + _PROSE - 2_000))
    for mention in (*cover.mentions, *later):
        offer = known.get((mention.key, mention.symbol))
        if not offer and mention.amount and not mention.existing and mention.end <= cover.end:
            doubts.append(f"offered in the prose, not in the list: {' '.join(mention.words.split())!r}")
        if not offer or mention.existing or not mention.amount or mention.start <= offer.title.start:
            continue
        if mention.amount == offer.amount:
            said.add((mention.key, mention.symbol))
        elif mention.linked:
            doubts.append(f"{offer.title.words.strip()!r}, but also {' '.join(mention.words.split())!r}")
    complete = len(said) == len(tranches) > 0
    return Check("prose", True, "the prose repeats every title with its principal") if complete else None, doubts


def _strange_rates(text: str, tranches: Sequence[Tranche]) -> list[str]:
    """Coupons that the prose, which names the rates the notes bear, names nowhere."""
    said = terms.rates(text)
    return [
        f"{tranche.title!r}: the prose names {', '.join(f'{each}%' for each in sorted(said)[:6])}"
        for tranche in tranches
        if said and tranche.coupon is not None and tranche.coupon not in said and not _repeated(text, tranche)
    ]


def _repeated(text: str, tranche: Tranche) -> bool:
    """Whether the coupon's figures stand in the text more than once."""
    printed = re.match(r"[\d./ -]+(?=%)", tranche.title)
    figures = r"\s*".join(map(re.escape, printed[0].split())) if printed else ""
    return bool(figures) and len(re.findall(rf"(?<![\d.,]){figures}\s*%", text)) > 1


def _confidence(deal: Deal) -> Confidence:
    """Low on any contradiction or gap in a final; medium when nothing in the document confirms the amounts."""
    if deal.reasons or any(check.agrees is False for check in deal.checks):
        return "low"
    if deal.kind not in _WITH_TRANCHES or deal.status == "preliminary":
        return "high"
    if not deal.tranches or any(_gap(tranche) for tranche in deal.tranches):
        return "low"
    if any(check.agrees for check in deal.checks):
        return "high"
    return "low" if any("…" in tranche.words for tranche in deal.tranches) else "medium"


def _gap(tranche: Tranche) -> bool:
    """Whether a final's tranche lacks what every priced note has."""
    rate = (
        tranche.floating
        if tranche.coupon_type == "floating"
        else (tranche.coupon is not None or tranche.coupon_type in ("zero", "convertible"))
    )
    return tranche.principal is None or tranche.maturity is None or not rate
