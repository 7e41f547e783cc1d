"""The table of prices on the cover: each tranche's price to the public, checked against the totals printed beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib import prose
from chalicelib.scrapers.bond_issuance.titles import Mention

_HEAD = re.compile(
    r"(?:initial\s+)?(?:price\s+to\s+(?:the\s+)?(?:public|investors?)|public\s+offering\s+price|offering\s+price|issue\s+price"
    r"|public\s+price|per\s+(?:\S+\s+){0,6}?(?:notes?|debentures?|bonds?)\b|price\s+to\b)",
    re.IGNORECASE,
)
_PERCENT = re.compile(rf"(?<![\d.])({prose.RATE})\s*%")
_SUM = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?")
_NOT_PRICE = re.compile(r"discount|commission|proceeds|concession|spread|fee\b", re.IGNORECASE)
_FIGURE_ENDS = re.compile(r"\s*(?:\t|$)")
_CALLED = re.compile(r"redemption|redeem|repurchase|purchase\s+price", re.IGNORECASE)
_WRAPPED = re.compile(r"\W*(?:proceeds|underwrit|discount|commission)", re.IGNORECASE)
_UNITS = frozenset(map(Decimal, (10, 25, 50, 100, 500, 1000, 2000, 5000)))
_PER_UNIT = re.compile(r"(?<![\d,.])[$€£]\s*(\d{1,3}(?:,\d{3})?(?:\.\d+)?)(?![\d,])")
_CLAIM = re.compile(
    rf"(?<!redemption )(?<!purchase )(?<!exercise )(?<!conversion )\bprice\b[^%\n]{{0,40}}?({prose.RATE})\s*%", re.IGNORECASE
)
_PER = re.compile(
    r"\bper\s+(?:(?P<float>(?:20\d\d\s+)?(?:senior\s+)?floating[\s-]+rate\s+(?:notes?|bonds?)\b)"
    r"|(?:[\w.%-]+[ ]+){0,5}?(?P<year>20\d\d)\s+(?:[\w.%-]+[ ]+){0,4}?(?:notes?|bonds?|debentures?)\b"
    r"|(?:[\w.%-]+[ ]+){0,5}?(?:notes?|bonds?|debentures?)\s+due\s+(?:[A-Z]\w+\s+\d+,\s+)?(?P<due>20\d\d))",
    re.IGNORECASE,
)
_PER_KIND = re.compile(r"\bper\s+(note|debenture|bond)\b", re.IGNORECASE)
_LOW, _HIGH = Decimal(20), Decimal(130)


@dataclass(frozen=True)
class Row:
    """A price with the words before it and the first sum on its line or the next (price times principal where printed).

    `nets`: the words of a line whose price less discount is not its proceeds; empty when it is or they are not printed.
    """

    label: str
    price: Decimal
    total: Decimal | None
    digits: int
    nets: str = ""


@dataclass(frozen=True)
class Prices:
    """Prices in the order of the tranches asked for (None: not found) and whether price times principal is a printed total."""

    prices: tuple[Decimal | None, ...]
    agree: tuple[bool | None, ...]
    detail: tuple[str, ...]


def read(cover: str, tranches: Sequence[tuple[Mention, Decimal | None]], labels: Sequence[str] = ()) -> Prices:
    """The prices of `tranches` (title, principal) in the cover's text; `labels` are the short names the prose gives them."""
    head = _HEAD.search(cover)
    table = cover[head.start() : head.start() + 6000] if head else ""
    rows = _rows(table, [title.year for title, _ in tranches])
    chosen = _assign(rows, [title for title, _ in tranches], labels or [""] * len(tranches))
    if len(tranches) == 1 and chosen[0] is None:
        chosen = [_single(rows, tranches[0][1]) or _per_unit(table, tranches[0][1])]
    if len(tranches) == 1 and chosen[0] is None and (claim := _CLAIM.search(cover)) and "/" not in claim[1]:
        chosen = [Row(claim[0], prose.rate(claim[1]), None, _digits(claim[1]))]
    sums = [Decimal(hit[0].replace(",", "")) for hit in _SUM.finditer(table)]
    principals = [principal for _, principal in tranches]
    whole = _whole(chosen, principals, sums)
    said = _said_whole(table, principals) if whole is None and len({title.symbol for title, _ in tranches}) == 1 else None
    added = sum((value for value in principals if value is not None), Decimal(0))
    agree: list[bool | None] = []
    detail = []
    for row, (title, principal) in zip(chosen, tranches, strict=True):
        if row is not None and row.total is not None and row.total == added:
            row = replace(row, total=None)  # noqa: PLW2901  the next line is the sum of principals, no price times principal
        verdict, words = _verify(row, principal, sums, title)
        exact = row is None or not row.nets or (whole is not None and abs(whole - _product(chosen, principals)) <= 1)
        if whole is not None and verdict is not True and exact and (row is None or row.total in (None, whole)):
            verdict, words = True, ""
        agree.append(verdict)
        detail.append(words)
    if said is not None and None in agree and False not in agree and all(chosen):
        agree = [False] * len(agree)
        detail = [f"prices times principals do not add to the {said:,} the table says"]
    return Prices(tuple(row.price if row else None for row in chosen), tuple(agree), tuple(word for word in detail if word))


def unlisted(cover: str, tranches: Sequence[Mention]) -> list[str]:
    """Notes the table of prices names that no tranche is: `Per 2034 note` where none is due in 2034."""
    head = _HEAD.search(cover)
    table = cover[max(0, head.start() - 200) : head.start() + 6000] if head and tranches else ""
    years = {year for title in tranches for year in (str(title.year), *re.findall(r"20\d\d", title.words))}
    dated = all(title.year for title in tranches)
    found = [hit[0] for hit in _PER.finditer(table) if dated and (hit["year"] or hit["due"]) not in {*years, None}]
    if not any(title.floating for title in tranches):
        found += [hit[0] for hit in _PER.finditer(table) if hit["float"]]
    kinds = {hit[1].lower(): hit[0] for hit in _PER_KIND.finditer(table)}
    ours = {title.noun.lower().removesuffix("s") for title in tranches}
    found += [words for kind, words in kinds.items() if len(kinds) > 1 and kind not in ours]
    return [f"the table of prices names {' '.join(words.split())!r}, no tranche read is it" for words in dict.fromkeys(found)]


def _product(rows: Sequence[Row | None], principals: Sequence[Decimal | None]) -> Decimal:
    """Prices times principals of the rows that have both, added up."""
    pairs = zip(rows, principals, strict=True)
    return sum((value * row.price / 100 for row, value in pairs if row is not None and value is not None), Decimal(0))


def _whole(rows: Sequence[Row | None], principals: Sequence[Decimal | None], sums: Sequence[Decimal]) -> Decimal | None:
    """The printed sum of price times principal over all tranches, None when none is printed."""
    product, slack = Decimal(0), Decimal(1)
    for row, principal in zip(rows, principals, strict=True):
        if row is None or principal is None:
            return None
        product += principal * row.price / 100
        slack += principal / 2 / 10 ** (row.digits + 2)
    return next((value for value in sums if abs(value - product) <= slack), None)


def _single(rows: Sequence[Row], principal: Decimal | None) -> Row | None:
    """The row of a single tranche: the one whose total is price times principal, else the one price all rows give."""
    rows = [row for row in rows if not _CALLED.search(row.label)]
    summed = [row for row in rows if row.total is not None]
    proved = [row for row in summed if principal is not None and abs(principal * row.price / 100 - (row.total or 0)) <= 1]
    if len({row.price for row in proved}) == 1:
        return proved[0]
    return next(iter(summed or rows)) if len({row.price for row in rows}) == 1 else None


def _per_unit(table: str, principal: Decimal | None) -> Row | None:
    """The price of a note sold by the piece, `Public offering price $25.00 $750,000,000`: its total over the principal."""
    for line in table.split("\n"):
        label = line.partition("\t")[0]
        unit = _PER_UNIT.search(line)
        total = max((Decimal(hit[0].replace(",", "")) for hit in _SUM.finditer(line)), default=None)
        if not principal or not total or unit is None or _NOT_PRICE.search(label) or not _HEAD.search(label):
            continue
        price = total * 100 / principal
        piece = Decimal(unit[1].replace(",", "")) * 100 / price
        if _LOW <= price <= _HIGH and piece in _UNITS:
            return Row(label, price.normalize() + 0, total, 6)
    return None


def _said_whole(table: str, principals: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of all prices that the table prints: its one line `Total` that is near the tranches' principal but not it."""
    added = sum((value for value in principals if value is not None), Decimal(0))
    lines = re.findall(r"(?im)^\W*total\b(?![^\t\n]*\d)[^\n]*", table)
    if not lines:
        rows = [line for line in table.split("\n") if _HEAD.match(line) and len(_PERCENT.findall(line)) == len(principals) > 1]
        lines = [line for line in rows if len(_SUM.findall(line)) == 1]
    said = _first_sum(lines[0]) if len(lines) == 1 and None not in principals else None
    near = said is not None and said != added and abs(said - added) * 5 < added
    return said if near else None


def _nets(line: str, hits: Sequence[re.Match[str]]) -> str:
    """The words of a line of three rates of which the first less the second is not the third."""
    rates = [prose.rate_or_none(hit[1]) for hit in _PERCENT.finditer(line, hits[0].start())]
    if len(rates) != 3 or len(hits) == 3 or None in rates:
        return ""
    price, discount, proceeds = rates
    wrong = price is None or discount is None or proceeds is None or price - discount != proceeds
    return f"{price}% less {discount}% is not {proceeds}%" if wrong else ""


def _columns(label: str, lines: Sequence[str], at: int, hits: Sequence[re.Match[str]], years: Sequence[int | None]) -> list[Row]:
    """The prices of line `at`, a column per tranche, in the tranches' order: as the heads name their years, else as printed."""
    line, ends = lines[at], [*(hit.start() for hit in hits[1:]), len(lines[at])]
    sums = [_first_sum(line[hit.end() : end]) for hit, end in zip(hits, ends, strict=True)]
    below = [[prose.rate_or_none(hit[1]) for hit in _PERCENT.finditer(each)] for each in lines[at + 1 : at + 6]]
    below = [each for each in below if len(each) == len(hits) and None not in each]
    rows = []
    for n, hit in enumerate(hits):
        price = prose.rate(hit[1])
        less = [each[n] or Decimal(0) for each in below[:2]]
        nets = f"{price}% less {less[0]}% is not {less[1]}%" if len(less) == 2 and price - less[0] != less[1] else ""
        rows.append(Row(label, price, None if None in sums else sums[n], _digits(hit[1]), nets))
    heads = "\n".join(lines[max(0, at - 3) : at])
    named = [int(year) for year in re.findall(r"(?<!\d)20\d\d(?!\d)", heads)][-len(years) :]
    if len(set(years)) == len(years) and sorted(named) == sorted(year or 0 for year in years):
        return [rows[named.index(year or 0)] for year in years]
    return rows


def _rows(table: str, years: Sequence[int | None]) -> list[Row]:
    """The priced lines of the table; one line of prices for several tranches gives a row for each."""
    lines = [line for line in table.split("\n") if line.strip(" \t")]
    wanted = len(years)
    rows: list[Row] = []
    for at, line in enumerate(lines):
        hits = [hit for hit in _PERCENT.finditer(line) if "/" not in hit[1] and _LOW <= Decimal(hit[1]) <= _HIGH]
        label = line[: hits[0].start()] if hits else ""
        wrapped = at > 0 and "\t" not in lines[at - 1] and _WRAPPED.match(lines[at - 1])
        behind = (
            any(hit.start() < hits[0].start() and _FIGURE_ENDS.match(line, hit.end()) for hit in _PERCENT.finditer(line))
            if hits
            else False
        )
        if behind or not hits or _NOT_PRICE.search(label) or len(label) > 240 or wrapped:
            continue
        after = _PERCENT.search(line, hits[0].end())
        own = _first_sum(line[hits[0].end() : after.start() if after else len(line)])
        total = own if own is not None else _next_total(lines, at)
        priced = _HEAD.search(label) is not None and not re.search(r"(?i)\bper\s", label)
        if priced and len(hits) >= wanted > 1:
            rows.extend(_columns(label, lines, at, hits[:wanted], years))
        else:
            rows.append(Row(label, prose.rate(hits[0][1]), total, _digits(hits[0][1]), _nets(line, hits)))
    return rows


def _digits(text: str) -> int:
    """How many decimals a price is printed with."""
    return len(text.partition(".")[2])


def _first_sum(text: str) -> Decimal | None:
    found = _SUM.search(text)
    return Decimal(found[0].replace(",", "")) if found else None


def _next_total(lines: Sequence[str], at: int) -> Decimal | None:
    """The first sum of the following line when that line is a total."""
    if at + 1 < len(lines) and re.search(r"(?i)\btotal\b", lines[at + 1]):
        return _first_sum(lines[at + 1])
    return None


def _assign(rows: Sequence[Row], titles: Sequence[Mention], labels: Sequence[str]) -> list[Row | None]:
    """A row for each title: by what the row names, else its short name, else by order when there are as many rows as titles."""
    chosen: list[Row | None] = []
    for title in titles:
        named = [row for row in rows if _names(row.label, title, alone=title.floating and sum(t.floating for t in titles) == 1)]
        chosen.append(named[0] if len({row.price for row in named}) == 1 else None)
    taken = [row for row in chosen if row is not None]
    for at, label in enumerate(labels):
        short = " ".join(label.lower().split()).removesuffix("s")
        named = [row for row in rows if short and short in row.label.lower() and row not in taken]
        if chosen[at] is None and len(named) == 1 and sum(short in each.lower() for each in labels) == 1:
            chosen[at] = named[0]
    if all(chosen):
        return chosen
    in_order = all(row is None or row is rows[at] for at, row in enumerate(chosen)) if len(rows) == len(titles) else False
    if in_order and not any(_of_another_year(row.label, title) for row, title in zip(rows, titles, strict=True)):
        return list(rows)
    return chosen


def _of_another_year(label: str, title: Mention) -> bool:
    """Whether a row's label names a year that is not in the title, its series included."""
    years = set(re.findall(r"(?<!\d)20\d\d(?!\d)", label))
    return bool(years) and title.year is not None and not years & {str(title.year), *re.findall(r"20\d\d", title.words)}


def _names(label: str, title: Mention, *, alone: bool) -> bool:
    """Whether a row's label speaks of this title and of no other: its rate, or its year and whether it floats.

    `alone`: no other title floats, so that no year need be named.
    """
    rates = [prose.rate_or_none(hit[1]) for hit in _PERCENT.finditer(label)]
    if any(rates):
        return title.rate in rates
    years = set(re.findall(r"(?<!\d)20\d\d(?!\d)", label))
    if not years and alone:
        return "float" in label.lower()
    if not years or str(title.year) not in years:
        return False
    return ("float" in label.lower()) == title.floating if re.search(r"(?i)float|fixed", label) else not title.floating


def _verify(row: Row | None, principal: Decimal | None, sums: Sequence[Decimal], title: Mention) -> tuple[bool | None, str]:
    """Whether price times principal is printed; half a unit of the price's last decimal is allowed for rounding."""
    other = {prose.rate_or_none(hit[1]) for hit in _PERCENT.finditer(row.label)} - {None} if row is not None else set()
    if row is not None and other and title.rate is not None and title.rate not in other:
        return False, f"{title.words.strip()}: the table of prices names {' '.join(row.label.split())!r}"
    if row is None or principal is None:
        return None, ""
    product = principal * row.price / 100
    slack = max(Decimal(1), principal / 2 / 10 ** (row.digits + 2))
    strange = row.total is not None and abs(product - row.total) > slack and row.total != principal
    if not strange and any(abs(product - value) <= slack for value in sums):
        return True, ""
    if row.nets:
        return False, f"{title.words.strip()}: {row.nets}"
    if row.total is None:
        return None, ""
    return False, f"{title.words.strip()}: {row.price}% of {principal:,} is {product:,.2f}, the table says {row.total:,}"
