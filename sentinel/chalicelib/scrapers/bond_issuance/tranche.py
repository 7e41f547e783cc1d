"""A tranche and a deal as values: what a filing offers, the words each was read from, and how sure the reading is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from chalicelib.model import Confidence
from chalicelib.scrapers.bond_issuance.classify import Kind, Status
from chalicelib.scrapers.bond_issuance.terms import Floating
from chalicelib.scrapers.bond_issuance.titles import Mention

CouponType = Literal["fixed", "floating", "zero", "fixed-to-floating", "step", "convertible"]


@dataclass(frozen=True)
class Tranche:
    """One line of a deal. `principal` in whole units of `currency`; `coupon`, `price` in per cent; None: blank or not read.

    `year` is the maturity's year where no day is given. `words` and `offset` (a byte of the submission) are where principal
    and title stand, `maturity_words` and `maturity_offset` where the date does. `label` is the short name the text gives it.
    `seniority` is the rank its title names, lower case, empty when it names none.
    """

    currency: str | None
    principal: Decimal | None
    coupon_type: CouponType
    coupon: Decimal | None
    floating: Floating | None
    maturity: date | None
    year: int | None
    price: Decimal | None
    title: str
    label: str
    words: str
    offset: int
    maturity_words: str = ""
    maturity_offset: int | None = None
    seniority: str = ""


@dataclass(frozen=True)
class Line:
    """One tranche of a term sheet: amounts in whole units of `currency`, rates in per cent, spreads in basis points."""

    title: str
    coupon_type: CouponType
    currency: str | None
    principal: Decimal | None
    maturity: date | None
    coupon: Decimal | None
    floating: Floating | None
    price: Decimal | None
    yield_pct: Decimal | None
    benchmark: str
    spread_bps: Decimal | None
    cusip: str
    isin: str
    words: str
    offset: int


@dataclass(frozen=True)
class Check:
    """One comparison of the reading with the document itself or another one.

    `source` is one of `cover-total`, `pricing-table`, `prose`, `labels`, `fee-table`, `fee-exhibit`, of a term sheet
    `titles`, `identifiers`, `principals`, `maturities`;
    `agrees` None: nothing to compare with.
    """

    source: str
    agrees: bool | None
    detail: str


@dataclass(frozen=True)
class Gathered:
    """What was gathered of a deal before it is judged."""

    tranches: tuple[Tranche, ...]
    total: Decimal | None
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Deal:
    """What one 424B says. `certain` with the `reasons` that lowered it; `kind` structured-note, asset-backed, … have no tranches.

    `priced_on` is the prospectus supplement's date, else the day of acceptance in New York (`priced_from` says which).
    `notes` are facts beside the numbers: reopenings, guarantors, seniority, co-issuers.
    """

    kind: Kind
    status: Status
    issuer: str
    cik: int | None
    accession: str
    form: str
    filed: date | None
    accepted: datetime | None
    known_at: datetime | None
    priced_on: date | None
    priced_from: str
    tranches: tuple[Tranche, ...]
    total: Decimal | None
    checks: tuple[Check, ...]
    registration: str
    reopening: bool
    corrects: bool
    guarantors: tuple[str, ...]
    co_issuers: tuple[str, ...]
    seniority: str
    certain: Confidence
    reasons: tuple[str, ...]
    kind_words: str = ""


def coupon_type(title: Mention, *, zero: bool) -> CouponType:
    """How a tranche pays, from its title."""
    words = title.adjectives
    if re.search(r"(?i)convertible|exchangeable|liquid\s+yield|lyon", f"{words} {title.noun}"):
        return "convertible"
    if title.turning:
        return "fixed-to-floating"
    if title.floating:
        return "floating"
    if re.search(r"(?i)\bstep|increasing|multi-step", words):
        return "step"
    return "zero" if zero or re.search(r"(?i)zero[\s-]*coupon|original\s+issue\s+discount", words) else "fixed"


_SMALL = {"to", "and", "of", "in", "due", "the"}


def normal_title(title: Mention) -> str:
    """`4.600% Senior Notes due 2028`, `__% Notes due 20__`: one spelling for what covers print in many."""
    printed = " ".join(title.words[title.title_at - title.start :].split())
    rate = re.match(r"[\d\s./\[\]\u25cf\u2022\u00b7-]*%", printed)
    shown = (re.sub(r"\s*([/%])\s*", r"\1", rate[0]) if rate and title.rate is not None else "__%") + " " if rate else ""
    kind = " ".join(word if word in _SMALL else _titled(word) for word in title.adjectives.split())
    if title.floating and "rate" not in kind.lower():
        kind = re.sub(r"Floating", "Floating Rate", kind)
    noun = title.noun[0].upper() + title.noun[1:].lower()
    if title.year is None and not re.search(r"(?i)\bdue\b", title.words):
        return f"{shown}{kind + ' ' if kind else ''}{noun}"
    year = str(title.year) if title.year else ("20__" if re.search(r"(?i)due[\s\S]*20", title.words) else "____")
    return f"{shown}{kind + ' ' if kind else ''}{noun} due {year}"


def _titled(word: str) -> str:
    """A word of a title with its first letters large: `fixed-to-floating` becomes `Fixed-to-Floating`."""
    parts = re.split(r"([-/])", word)
    return "".join(part if part in ("to", "-", "/") else part[:1].upper() + part[1:].lower() for part in parts)
