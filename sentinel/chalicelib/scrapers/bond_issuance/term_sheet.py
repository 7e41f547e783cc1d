"""Final term sheets (free writing prospectuses, Rule 433): the terms of each tranche, ratings, spread, dates and identifiers.

Three layouts: one row per label with a line per tranche in it (`2028 Notes: $1,000,000,000`), one column per tranche, and one
block of rows per tranche. A free writing prospectus without a principal in it (a road show, a notice) is no term sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib import markup, prose
from chalicelib.edgar import Submission
from chalicelib.errors import Unreadable
from chalicelib.model import Confidence, Json
from chalicelib.scrapers.bond_issuance import classify, completeness, ratings, sheet_rows, terms, titles
from chalicelib.scrapers.bond_issuance.completeness import CUSIP, ISIN, day
from chalicelib.scrapers.bond_issuance.ratings import Rating
from chalicelib.scrapers.bond_issuance.sheet_rows import Block
from chalicelib.scrapers.bond_issuance.tranche import Check, Line, coupon_type

_LIMIT = 60_000
_FRONT = 3_000
_MONEY, _RATE = re.compile(prose.MONEY), re.compile(rf"(?<![\d.])({prose.RATE})\s*%")
_BPS = re.compile(
    r"([+\u2212-]?)\s*(\d{1,4}(?:\.\d+)?)\s*(?:basis\s+points?|bps?\b)|T\s*([+\u2212-])\s*(\d{1,4}(?:\.\d+)?)(?![\d.]|\s*%)",
    re.IGNORECASE,
)
_FLOATS = re.compile(r"sofr|libor|euribor|sonia|plus|float|bbsw|treasury\s+rate", re.IGNORECASE)
_ASIDE = re.compile(
    r"\([^)]*\)|,?\s*(?:which\s+|representing\s+|reflecting\s+|an?\s+)*(?:increase|upsize|decrease)d?\b.*", re.IGNORECASE
)
"""What stands beside a principal without being one: a remark in brackets, by how much a deal grew."""
_INDEX_WORD = re.compile(r"(?:USD\s+)?\b(?:LIBOR|EURIBOR)\b")
_NO_NOTES = frozenset({"structured-note", "asset-backed", "preferred", "equity"})
_PRELIMINARY = re.compile(
    r"^[^\w\n]*(?:preliminary|indicative)\s+(?:\w+\s+){0,2}(?:term\s+sheet|terms)\b", re.IGNORECASE | re.MULTILINE
)
_PRICED = re.compile(r"\b(?:priced|final\s+(?:pricing\s+)?terms?)\b", re.IGNORECASE)
_REGISTRATION = re.compile(
    r"(?:registration|file)\s+(?:statement\s+)?(?:file\s+)?nos?\.?:?\s*(333-\d{5,6}(?:-\d+)?)", re.IGNORECASE
)


@dataclass(frozen=True)
class Sheet:
    """A term sheet. `tranches` is empty when the document is none; `registration` as its first lines give it.

    `kind` is `other` for a document that is no term sheet.
    """

    kind: classify.Kind
    status: classify.Status
    issuer: str
    registration: str
    trade_date: date | None
    settlement_date: date | None
    ratings: tuple[Rating, ...]
    tranches: tuple[Line, ...]
    words: str
    checks: tuple[Check, ...] = ()


def read(submission: Submission) -> Sheet:
    """The term sheet in a free writing prospectus. Raises `Unreadable` when amounts and titles cannot be brought together."""
    main = submission.main
    text = markup.flatten(markup.decode(submission.text(main)), limit=_LIMIT)
    if not text.text.strip():
        raise Unreadable("the main document holds no text", where=f"byte {main.text_start}")
    values = list(sheet_rows.values(text.text))
    names = titles.find(text.text)
    blocks = sheet_rows.blocks(values, names)
    shared = {label: _only([value.words for value in values if value.label == label]) for label in sheet_rows.SHARED}
    verdict = classify.classify(text.text[:_FRONT], form="FWP")
    lines = () if verdict.kind in _NO_NOTES else tuple(_line(block, names, text, main.text_start) for block in blocks)
    registration = _REGISTRATION.search(text.text, 0, 4000)
    kind = _kind(verdict.kind, lines)
    lines = lines if kind in ("debt", "convertible") else ()
    status: classify.Status = "preliminary" if _PRELIMINARY.search(text.text, 0, _FRONT) else "final"
    told = {value.label for value in values}
    priced = _PRICED.search(text.text, 0, _FRONT) is not None and any(name.amount and name.rate for name in names)
    if kind == "other" and status == "final" and (priced or ("maturity" in told and told & {"price", "coupon"})):
        raise Unreadable("a term sheet whose tranches cannot be told", where="term sheet", evidence=text.text[:300])
    checks = completeness.checks(text.text, values, names, lines)
    if any(check.source == "titles" and check.agrees is False for check in checks) and any(map(_gap, lines)):
        raise Unreadable("a term sheet whose tranches cannot be told apart", where="term sheet", evidence=checks[0].detail)
    return Sheet(
        kind=kind,
        status=status,
        issuer=shared["issuer"],
        registration=registration[1] if registration else "",
        trade_date=day(shared["trade"]),
        settlement_date=day(shared["settlement"]),
        ratings=ratings.find(shared["ratings"]),
        tranches=lines,
        words=" ".join(text.text[:300].split()),
        checks=checks,
    )


def _kind(verdict: classify.Kind, lines: Sequence[Line]) -> classify.Kind:
    """What the sheet is of: shares, banks' linked notes and pools of assets come as free writing prospectuses too."""
    if verdict in _NO_NOTES:
        return verdict
    if not lines:
        return "other"
    return "convertible" if any(re.search(r"(?i)convertible|exchangeable", line.title) for line in lines) else "debt"


def _only(words: Sequence[str]) -> str:
    """The one thing several lines say, their words joined when they are parts of it (three agencies on three lines)."""
    return "; ".join(dict.fromkeys(words))


def _line(block: Block, names: Sequence[titles.Mention], text: markup.Text, base: int) -> Line:
    """One tranche's terms; its title is found by coupon and year when no label gives it."""
    said = {label: value.words for label, value in block.values.items()}
    amount = block.values["principal"]
    currency, principal = _principal(amount.words)
    maturity = day(said.get("maturity", ""))
    paid = said.get("fixed") or said.get("coupon") or ("" if maturity is None else said.get("floats", ""))
    rate = _RATE.search(paid)
    first = _FLOATS.search(paid)
    floating_words = first is not None and not (rate and rate.start() < first.start())
    coupon = None if floating_words or not rate else prose.rate(rate[1])
    mine = _title(said.get("title", ""), names, coupon, maturity, floats=floating_words)
    turns = said.get("fixed") is not None and bool(said.get("floats"))
    floating = _floating(said, paid) if floating_words or turns or (mine and mine.turning) else None
    price, yields = _RATE.search(said.get("price", "")), _RATE.search(said.get("yield", ""))
    codes = said.get("cusip", "")
    isin = ISIN.search(codes)
    cusip = CUSIP.search(ISIN.sub(" ", codes))
    kind = coupon_type(mine, zero=False) if mine else "fixed"
    if kind == "fixed" and (floating_words or turns):
        kind = "floating" if floating_words else "fixed-to-floating"
    return Line(
        coupon_type=kind,
        title=" ".join(mine.words[mine.title_at - mine.start :].split()) if mine else "",
        currency=currency,
        principal=principal,
        maturity=maturity,
        coupon=coupon if coupon is not None or floating_words or not mine else mine.rate,
        floating=floating,
        price=prose.rate(price[1]) if price else None,
        yield_pct=prose.rate(yields[1]) if yields else None,
        benchmark=said.get("benchmark", "")[:120],
        spread_bps=_bps(said.get("spread", "")),
        cusip=cusip[1].replace(" ", "") if cusip else (isin[1][2:11] if isin and isin[1].startswith("US") else ""),
        isin=isin[1] if isin else "",
        words=" ".join(amount.words.split())[:300],
        offset=base + text.offset(amount.at),
    )


def _principal(words: str) -> tuple[str, Decimal]:
    """The one amount the words give. Raises `Unreadable` when there is none, or more than one outside an aside."""
    money = _MONEY.search(words)
    if money is None:
        raise Unreadable("no principal", where="term sheet", evidence=words)
    if len(_MONEY.findall(_ASIDE.sub("", words.partition(". ")[0]))) > 1:
        raise Unreadable("several principals for one tranche", where="term sheet", evidence=words[:300])
    return prose.money(money)


def _floating(said: Mapping[str, str], paid: str) -> terms.Floating | None:
    """The index and spread a tranche pays, now or after its fixed period; each may have a label of its own, the tenor too."""
    words = said.get("floats") or paid
    margin = said.get("margin") or ("" if "benchmark" in said else said.get("spread", ""))
    joined = re.search(r"(?i)plus|\+|minus", words)
    if margin and not joined:
        words = f"{words} plus {margin.lstrip('+ ')}"
    index = terms.index_name(said.get("coupon", ""))
    if joined and index and not terms.index_name(words):
        words = f"{index} {words[joined.start() :]}"
    tenor = re.match(r"\w+[\s-]months?\b", said.get("tenor", ""), re.IGNORECASE)
    if tenor and not re.search(r"(?i)\bmonths?\b", words):
        words = _INDEX_WORD.sub(f"{tenor[0]} \\g<0>", words, count=1)
    return terms.only_floating(words)


def _title(
    words: str, names: Sequence[titles.Mention], coupon: Decimal | None, maturity: date | None, *, floats: bool
) -> titles.Mention | None:
    """The title that has the tranche's coupon and year."""
    year = maturity.year if maturity else None
    own = titles.find(words)
    fitting = [name for name in (*own, *names) if (name.year == year or year is None) and _pays(name, coupon, floats=floats)]
    if fitting:
        return fitting[0]
    return own[0] if len(own) == 1 and coupon is None else None


def _pays(name: titles.Mention, coupon: Decimal | None, *, floats: bool) -> bool:
    """Whether a title can be of a tranche of that coupon: its own, a floating one, or one that turns and names none."""
    return name.rate == coupon or (floats and name.floating) or (name.rate is None and name.turning)


def _bps(words: str) -> Decimal | None:
    """A spread in basis points: `+80 bps`, `T + 45`, `0.45%`."""
    found = _BPS.search(words)
    if found:
        digits, sign = found[2] or found[4], found[1] or found[3]
        return -Decimal(digits) if sign in ("-", "\u2212") else Decimal(digits)
    rate = _RATE.search(words)
    return prose.rate(rate[1]) * 100 if rate else None


def as_json(line: Line) -> Mapping[str, Json]:
    """A tranche as an observation keeps it: amounts and rates as decimal text."""

    def text(value: Decimal | None) -> str | None:
        return None if value is None else str(value)

    floating = line.floating
    return {
        "title": line.title,
        "currency": line.currency,
        "principal": text(line.principal),
        "maturity": line.maturity.isoformat() if line.maturity else None,
        "coupon_pct": text(line.coupon),
        "floating": {"index": floating.index, "spread_bps": text(floating.spread_bps)} if floating else None,
        "price_pct": text(line.price),
        "yield_pct": text(line.yield_pct),
        "benchmark": line.benchmark,
        "spread_to_benchmark_bps": text(line.spread_bps),
        "cusip": line.cusip,
        "isin": line.isin,
    }


def _gap(line: Line) -> bool:
    """Whether a tranche lacks a maturity or a rate."""
    return line.maturity is None or not (line.coupon is not None or line.floating)


def confidence(sheet: Sheet) -> Confidence:
    """Low for a tranche without rate or maturity or one that may be lost; high when the sheet's own count confirms them all."""
    lines = sheet.tranches
    if any(map(_gap, lines)):
        return "low"
    if any(check.agrees is False for check in sheet.checks):
        return "low"
    counted = any(check.agrees for check in sheet.checks)
    return "high" if lines and counted and all(line.title for line in lines) else "medium"


def of_extract(file: str, submission: Submission) -> dict[str, object]:
    """A free writing prospectus as `extract` prints it."""
    sheet = read(submission)
    parties = submission.issuers()
    return {
        "file": file,
        "accession": submission.accession or None,
        "form": submission.form,
        "filed": submission.filed,
        "accepted": submission.accepted,
        "issuer": parties[0].name if parties else sheet.issuer or None,
        "cik": f"{parties[0].cik:010d}" if parties else None,
        "kind": sheet.kind,
        "status": sheet.status,
        "priced_on": sheet.trade_date,
        "trade_date": sheet.trade_date,
        "settlement_date": sheet.settlement_date,
        "ratings": [{"agency": rating.agency, "rating": rating.grade} for rating in sheet.ratings],
        "registration": sheet.registration or None,
        "tranches": [_extracted(line) for line in sheet.tranches],
        "confidence": confidence(sheet),
        "witness": _witness(sheet.checks),
    }


def _witness(checks: Sequence[Check]) -> dict[str, object] | None:
    """The check that says most: a disagreement first."""
    ranked = sorted(checks, key=lambda check: check.agrees is not False)
    return {"source": ranked[0].source, "agrees": ranked[0].agrees, "detail": ranked[0].detail} if ranked else None


def _extracted(line: Line) -> dict[str, object]:
    floating = line.floating
    return {
        "currency": line.currency,
        "principal": line.principal,
        "coupon_type": line.coupon_type,
        "coupon_pct": line.coupon,
        "floating": {"index": floating.index, "spread_bps": floating.spread_bps} if floating else None,
        "maturity": line.maturity,
        "price_to_public_pct": line.price,
        "title": line.title or None,
        "words": line.words,
        "offset": line.offset,
        "spread_to_benchmark_bps": line.spread_bps,
        "benchmark": line.benchmark or None,
        "yield_pct": line.yield_pct,
        "cusip": line.cusip or None,
        "isin": line.isin or None,
    }
