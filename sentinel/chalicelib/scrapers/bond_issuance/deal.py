"""A 424B submission read as a deal: its kind, its tranches, what confirms them, and how sure that makes us.

The cover decides; the prose, the table of prices and the total line confirm or contradict it. A contradiction is never
resolved here: it lowers the confidence and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from heapq import merge
from itertools import islice

from chalicelib import edgar, markup, prose
from chalicelib.errors import Unreadable
from chalicelib.model import Confidence
from chalicelib.scrapers.bond_issuance import (
    classify,
    completeness,
    labelled,
    offered_in_prose,
    periods,
    pricing,
    standing,
    terms,
    titles,
)
from chalicelib.scrapers.bond_issuance import cover as covers
from chalicelib.scrapers.bond_issuance.cover import Cover, Offered
from chalicelib.scrapers.bond_issuance.terms import Maturity
from chalicelib.scrapers.bond_issuance.tranche import Check, CouponType, Deal, Gathered, Tranche, coupon_type, normal_title

_FIRST = 16_000
_PROSE = 18_000
_SEARCHED = 400_000
_LONG = 20_000
_WITH_TRANCHES = frozenset({"debt", "convertible"})


def read(body: bytes | edgar.Submission) -> Deal:
    """The deal a submission (or a bare document of one) tells of.

    Raises `Unreadable` when it is no submission, is cut off, or offers debt without one tranche that can be read.
    """
    submission = body if isinstance(body, edgar.Submission) else edgar.read_submission(body)
    source, text = _opened(submission)
    parties = submission.issuers()
    verdict = classify.classify(text.text, form=submission.form, sic=[party.sic for party in parties if party.sic])
    offers = verdict.kind in _WITH_TRANCHES
    front = text.and_on(verdict.cover.end + _PROSE) if offers else text
    found = _gathered(front, verdict.cover, source, submission.main.text_start) if offers else Gathered((), None, (), ())
    priced_on, priced_from = standing.priced_on(front.text, verdict.cover, submission)
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
        reopening=offers and standing.reopened(head),
        corrects=offers and standing.corrects(front.text, verdict.cover),
        guarantors=standing.guarantors(head) if offers else (),
        co_issuers=tuple(party.name for party in parties[1:]),
        seniority=standing.seniority(head, verdict.cover),
        certain="high",
        reasons=(*found.reasons, *_of_kind(verdict, found)),
        kind_words=verdict.reason,
    )
    return replace(deal, certain=_confidence(deal))


def _opened(submission: edgar.Submission) -> tuple[str, markup.Text]:
    """The main document's source and the text of its first part. Raises `Unreadable` when that is empty."""
    source = markup.decode(submission.text(submission.main))
    text = markup.flatten(source, limit=_FIRST)
    if not text.text.strip():
        raise Unreadable("the main document holds no text", where=f"byte {submission.main.text_start}")
    return source, text


def _of_kind(verdict: classify.Verdict, found: Gathered) -> list[str]:
    """Doubts about kind and status; the prices of a preliminary are blank until a deal is priced."""
    doubts = [] if verdict.sure else [f"its kind is not certain: {verdict.reason}"]
    if verdict.status == "preliminary" and any(check.source == "pricing-table" and check.agrees for check in found.checks):
        doubts.append("it calls itself preliminary, but its table of prices is filled in")
    return doubts


def _gathered(front: markup.Text, cover: Cover, source: str, base: int) -> Gathered:
    """The cover's tranches, or those of a supplement of labels and values where the cover names one or no amounts."""
    cover = offered_in_prose.instead(front.text, cover)
    found = _listed(front, cover, source, base)
    head = front.text[cover.start : cover.end]
    doubts = pricing.unlisted(head, [offer.title for offer in cover.offered])
    return replace(found, reasons=(*found.reasons, *doubts, *completeness.more_identifiers(head, len(found.tranches))))


def _listed(front: markup.Text, cover: Cover, source: str, base: int) -> Gathered:
    """The tranches by titles or by labels."""
    found = _tranches(front, cover, source, base)
    if len(found.tranches) <= 1:
        return labelled.read(front, cover, found, base)
    if all(tranche.principal is None for tranche in found.tranches):
        return labelled.fill(front, cover, found)
    return found


def _tranches(text: markup.Text, cover: Cover, source: str, base: int) -> Gathered:
    """Every tranche of the cover with what the prose and the tables add."""
    if any(offer.currency is None for offer in cover.offered):
        cover = replace(cover, offered=tuple(covers.completed(cover.offered, titles.find(text.text, cover.end))))
    offered = cover.offered
    names = [offer.title for offer in offered]
    head = text.text[cover.start : cover.end]
    labels = [next((each.label for each in cover.mentions if each.label and each.may_be(name)), "") for name in names]
    prices = pricing.read(head, [(offer.title, offer.amount) for offer in offered], labels)
    dates, doubts = terms.maturities(text.text, names, cover.mentions)
    places = [_place(text, found, base) for found in dates]
    if any(found is None and name.year for found, name in zip(dates, names, strict=True)):
        dates, places, doubts = _later(source, text, names, dates, places, doubts, base)
    doubts = [*doubts, *terms.odd_days(text.text, source, [day.day if day else None for day in dates])]
    floats, float_doubts = terms.floating(text.text, names, labels)
    tranches = tuple(
        Tranche(
            currency=offer.currency or offered[0].currency or _lone_sign(head),
            principal=offer.amount,
            coupon_type=coupon_type(offer.title, zero=False),
            coupon=offer.title.rate,
            floating=floats[at],
            maturity=day.day if day else None,
            year=offer.title.year,
            price=prices.prices[at],
            title=normal_title(offer.title),
            label=labels[at],
            words=" ".join(offer.words.split()),
            offset=base + text.offset(labelled.first_word(text.text, offer.start)),
            maturity_words=" ".join(day.words.split())[-300:] if day else "",
            maturity_offset=places[at],
            seniority=standing.rank(offer.title.adjectives),
        )
        for at, (offer, day) in enumerate(zip(offered, dates, strict=True))
    )
    tranches, changes = _changing(text.text[cover.start : cover.end], names, tranches)
    repeated, other_amounts = _prose_check(text.text, cover, tranches)
    checks = [_total_check(cover, tranches), _price_check(prices), repeated]
    reasons = [*cover.doubts, *doubts, *float_doubts, *other_amounts, *changes, *_strange_rates(text.text, cover, tranches)]
    return Gathered(tranches, cover.total, tuple(check for check in checks if check), tuple(reasons))


def _lone_sign(head: str) -> str | None:
    """The currency of a sign that stands alone on a line, as a preliminary prints it for its blank amount."""
    signs = set(re.findall(r"(?m)^[ \t]*((?:U\.?S\.?)?\$|[€£¥])[ \t]*$", head[:3000]))
    return prose.currency(signs.pop()) if len(signs) == 1 else None


def _changing(head: str, names: Sequence[titles.Mention], tranches: tuple[Tranche, ...]) -> tuple[tuple[Tranche, ...], list[str]]:
    """Tranches whose rate the prose lets turn though no title says so: one is put right, of several it is told."""
    if any(tranche.coupon_type in ("fixed-to-floating", "step", "convertible") for tranche in tranches):
        return tranches, []
    tranches = tuple(_rated_by_name(head, name, tranche) for name, tranche in zip(names, tranches, strict=True))
    if any(tranche.coupon_type == "fixed-to-floating" for tranche in tranches):
        return tranches, []
    if not periods.turns(head):
        return tranches, ["the prose names a first rate and another one thereafter"] if periods.steps(head) else []
    if len(tranches) != 1 or tranches[0].coupon_type != "fixed":
        return tranches, ["the prose speaks of a rate that turns, no title does"]
    turned = terms.floating(head, [replace(names[0], adjectives=f"{names[0].adjectives} fixed-to-floating")])[0][0]
    return (replace(tranches[0], coupon_type="fixed-to-floating", floating=turned),), []


def _rated_by_name(head: str, name: titles.Mention, tranche: Tranche) -> Tranche:
    """A tranche whose title names no rate, with the one that its own sentence in the prose gives it."""
    short = tranche.label or (f"Series {name.series}" if name.series else "")
    if tranche.coupon is not None or tranche.coupon_type != "fixed" or not short:
        return tranche
    said = periods.sentence_of(head, short)
    rate = periods.first_rate(said)
    kind: CouponType = "fixed-to-floating" if periods.turns(said) else "fixed"
    return tranche if rate is None else replace(tranche, coupon=rate, coupon_type=kind)


def _place(text: markup.Text, found: Maturity | None, base: int) -> int | None:
    return base + text.offset(labelled.first_word(text.text, found.at)) if found else None


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
    counted = re.match(prose.MONEY, cover.total_words)
    unit = prose.currency(counted["cur"]) if counted else None
    amounts = [tranche.principal for tranche in tranches if unit in (None, tranche.currency)]
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
    known = [offer for offer in cover.offered if offer.amount is not None]
    said: set[int] = set()
    doubts = []
    later = titles.find(text, cover.end, min(len(text), cover.end + _PROSE - 2_000))
    for mention in (*cover.mentions, *later):
        of_it = [each for each in known if each.currency == mention.symbol and each.title.may_be(mention)]
        offer = next((each for each in of_it if each.amount == mention.amount), of_it[0] if of_it else None)
        if not offer and mention.amount and not mention.existing and mention.end <= cover.end and not _named(mention, known):
            doubts.append(f"offered in the prose, not in the list: {' '.join(mention.words.split())!r}")
        if not offer or mention.existing or not mention.amount or mention.start <= offer.title.start:
            continue
        if mention.amount == offer.amount:
            said.update(at for at, each in enumerate(known) if each is offer)
        elif mention.linked:
            doubts.append(f"{offer.title.words.strip()!r}, but also {' '.join(mention.words.split())!r}")
    complete = len(said) == len(tranches) > 0
    return Check("prose", True, "the prose repeats every title with its principal") if complete else None, doubts


def _named(mention: titles.Mention, known: Sequence[Offered]) -> bool:
    """Whether prose that names no rate repeats an offered amount of its year: `$750,000,000 of our notes due 2024 bearing …`."""
    bare = mention.rate is None and not mention.blank_rate
    return bare and any((o.title.year, o.currency, o.amount) == (mention.year, mention.symbol, mention.amount) for o in known)


def _strange_rates(text: str, cover: Cover, tranches: Sequence[Tranche]) -> list[str]:
    """Coupons that stand once only where the prose, a title of the same year or a long text would repeat them."""
    single = [tranche for tranche in tranches if tranche.coupon is not None and not _repeated(text, tranche)]
    said = terms.rates(text) if single else set()
    doubts = []
    for tranche in single:
        if said and tranche.coupon not in said:
            doubts.append(f"{tranche.title!r}: the prose names {', '.join(f'{each}%' for each in sorted(said)[:6])}")
        rivals = [
            each
            for each in cover.mentions
            if each.rate is not None and each.year == tranche.year and not each.existing and each.rate != tranche.coupon
        ]
        if strange := next((each for each in rivals if each.rate not in {other.coupon for other in tranches}), None):
            doubts.append(f"{tranche.title!r}, but also {' '.join(strange.words.split())!r}")
        elif len(text) > _LONG and tranche.coupon not in said:
            doubts.append(f"{tranche.title!r}: its rate stands nowhere else")
    return doubts


def _repeated(text: str, tranche: Tranche) -> bool:
    """Whether the coupon's figures stand in the text more than once."""
    printed = re.match(r"[\d./ -]+(?=%)", tranche.title)
    figures = printed[0].split() if printed else []
    if not figures:
        return False
    rest = re.compile(r"\s*".join(["", *map(re.escape, figures[1:]), "%"]))
    places = _places(text, figures[0], 0)
    alone = (at for at in places if at == 0 or text[at - 1] not in "0123456789.,")
    return sum(1 for _ in islice((at for at in alone if rest.match(text, at + len(figures[0]))), 2)) > 1


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
