"""The rows of a term sheet sorted to tranches: which label says what, for which tranche.

A row may hold a line per tranche (`2028 Notes: $1,000,000,000`), a column per tranche, or one tranche's value in a block of rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib import prose
from chalicelib.scrapers.bond_issuance import titles

_INDEX = "(?:three-month |3-month )?(?:usd )?(?:sofr|libor|euribor|sonia|bbsw|corra|index)"
_LABELS = tuple(
    (name, re.compile("|".join(patterns), re.IGNORECASE))
    for name, *patterns in (
        ("issuer", "issuer", "name of issuer", "company"),
        (
            "title",
            r"title(?: of (?:the )?(?:securities|notes|series))?",
            r"securit(?:y|ies)(?: offered| title| description)?",
            r"(?:description of )?(?:the )?(?:securities|notes) ?(?:offered)?",
            "series",
        ),
        (
            "principal",
            r"(?:aggregate )?(?:principal|offering|issue) (?:amount|size)(?: offered)?",
            r"(?:issue |reopening )?size",
            "principal",
        ),
        ("principal", "amount offered", "total principal amount", r"(?:aggregate )?nominal amount"),
        ("maturity", r"(?:stated |final |scheduled )*maturity(?: date)?s?", "(?:due date|date of maturity)"),
        (
            "coupon",
            r"coupon(?: rate| interest rate)?s?",
            r"(?:annual )?interest rate(?:s| basis)?",
            "rate of interest",
        ),
        ("coupon", "base rate", "floating rate index", "benchmark rate"),
        (
            "fixed",
            "(?:initial )?fixed (?:interest )?rate",
            "(?:initial )?fixed rate coupon",
            "fixed rate period (?:coupon|interest rate)",
        ),
        (
            "floats",
            "(?:floating|initial) (?:interest )?rate",
            "floating rate coupon",
            "(?:initial )?interest rate formula",
            "floating rate period (?:coupon|interest rate)",
        ),
        (
            "price",
            r"(?:initial )?(?:price to (?:the )?(?:public|investors)|(?:public |re-?)?offer(?:ing)? price|issue price|price)",
        ),
        ("yield", r"yield(?: to maturity)?", r"re-?offer yield"),
        ("benchmark", r"(?:treasury )?benchmark(?: u\.?s\.?)?(?: treasury| security| bund)*", "reference treasury"),
        (
            "spread",
            r"(?:re-?offer )?spread",
            r"(?:re-?offer )?spread to (?:the )?benchmark(?: u\.?s\.?)?(?: treasury| security| bund)?",
            r"(?:re-?offer )?spread to (?:the )?(?:treasury(?: benchmark)?|mid-?swaps?)",
        ),
        (
            "margin",
            r"(?:interest rate |floating rate )?margin",
            rf"spread (?:to|over) (?:the )?(?:(?:daily )?compounded |term )?(?:{_INDEX}|base rate|benchmark rate|index)",
            "floating rate spread",
        ),
        ("tenor", "(?:index|designated) maturity"),
        ("trade", r"(?:trade|pricing) date(?: and time)?"),
        ("settlement", r"(?:expected |original )?(?:settlement|closing|issue)(?: date)?", "date of issue", "delivery date"),
        (
            "ratings",
            r"(?:(?:expected|anticipated|issue|credit|security|long-term|senior|issuer|debt|current) )*ratings?(?: of .*)?",
        ),
        (
            "cusip",
            r"(?:cusip|isin|common code)(?:(?: and)? (?:cusip|isin|common code))?(?: numbers?)?s?",
            r"security (?:identifiers?|codes?)",
        ),
    )
)
_NOISE = re.compile(r"\([^)]*\)|[*†‡:]|\b(?:no|nos)\.|/")
_KIND = r"(?:[\s-]+(?:floating|fixed|rate|senior|[a-z]|\d{1,2}(?:\.\d+)?%))*"
_NAME = (
    rf"(?:20\d\d{_KIND}|\d{{1,2}}(?:\.\d+)?%{_KIND}|FRN(?:\s+\d{{1,2}}[\s-]+years?)?|(?:floating|fixed){_KIND}(?:[\s-]+20\d\d)?)"
    r"[\s-]+(?:notes?|bonds?|debentures?)"
)
_SUB = re.compile(
    rf"(?:^|(?<=\s))(?<!the )({_NAME}|(?:tranche|series)\s+[a-z\d]{{1,2}}|\d{{1,3}}[\s-]+years?(?:\s+notes?)?)"
    rf"(?:\s*:\s*|\s+[\u2013\u2014-]\s+|\s+(?=[$€£¥+]|\d|T\s?\+|(?:{prose.MONTH})\s+\d))",
    re.IGNORECASE,
)
"""A short name before its value: `2031 Notes: $3,000,000,000`, with a dash or with nothing between."""
_BARE = re.compile(_NAME, re.IGNORECASE)
_OWN = re.compile(
    rf"\s*(?:\(\s*(?:the\s+)?[“\"]?({_NAME})[”\"]?\s*\)|,?\s+(?:for|of|on)\s+the\s+({_NAME}))[;,]?\s*", re.IGNORECASE
)
"""A short name behind its value: `¥41,600,000,000 (2025 Notes)`, `$500,000,000 for the 2030 Notes`."""
_MONEY = re.compile(prose.MONEY)
_PARTED = re.compile(r"([$€£¥])[ \t]+(?=\d)")
_SIGNED = re.compile(r"[ \t]+(%)")
_PAGE = re.compile(r"\W*(?:[A-Z]{1,2}-)?\d{1,3}\W*|(?i:table\s+of\s+contents)")
_HEADING = "heading"
_SPANNING = frozenset({"maturity", "trade", "settlement"})
_CYCLE = frozenset({"title", "principal", "maturity"})
_TERMS = frozenset({"title", "maturity", "coupon", "fixed", "floats", "price"})
"""Without any of these beside it an amount is no tranche's, but the total of a deal."""
SHARED = ("issuer", "trade", "settlement", "ratings")
"""Labels that speak of the whole deal."""


@dataclass(frozen=True)
class Value:
    """What stands beside a label: for which tranche (`sub`, a short name, or `column` of `among`), the words and their place.

    `heading`: a title that stands alone above a tranche's rows.
    """

    label: str
    sub: str
    column: int
    words: str
    at: int
    among: int = 1
    heading: bool = False


@dataclass
class Block:
    """The values of one tranche by label."""

    values: dict[str, Value] = field(default_factory=dict)


def _known(words: str) -> str | None:
    """The label some words are, None when they are none."""
    bare = " ".join(_NOISE.sub(" ", words).split())
    if not bare or len(bare) > 60:
        return None
    return next((name for name, pattern in _LABELS if pattern.fullmatch(bare)), None)


def values(text: str) -> Iterator[Value]:
    """Every label's values in order; a line that begins with an unknown label ends the one before it."""
    label: str | None = None
    heads: list[str | None] = []
    at = 0
    for line in text.split("\n"):
        cells = [cell.strip() for cell in _SIGNED.sub(r"\1", _PARTED.sub(r"\1", line)).split("\t") if cell.strip(" \u00a0")]
        place, at = at, at + len(line) + 1
        if not cells or _PAGE.fullmatch(" ".join(cells)):
            continue
        if heads and len(cells) == len(heads):
            yield from (Value(head, f"row {place}", 0, cell, place) for head, cell in zip(heads, cells, strict=True) if head)
            continue
        pairs = _pairs(cells)
        heads = [] if pairs else _heads(cells)
        for part in pairs or [cells]:
            label, rest = _labelled(label, line, part)
            if label == _HEADING:
                yield Value("title", "", 0, rest[0], place, heading=True)
                label = None
            elif label:
                yield from _in_row(label, rest, place)


def _pairs(cells: list[str]) -> list[list[str]]:
    """The labels of a row with their values when it holds several, `Coupon: | 5.450% | Maturity Date: | …`; none else."""
    pairs = [cells[at : at + 2] for at in range(0, len(cells), 2)]
    labelled = [len(pair) == 2 and pair[0].endswith(":") and not pair[1].endswith(":") for pair in pairs]
    known = [_known(pair[0]) for pair in pairs]
    return pairs if len(pairs) > 1 and all(labelled) and any(known[1:]) and len(set(known)) == len(known) else []


def _heads(cells: Sequence[str]) -> list[str | None]:
    """The labels of a row that heads a table of one tranche a row; none for any other row."""
    known = [_known(cell) for cell in cells]
    named = [label for label in known if label]
    return known if "principal" in named and len(set(named)) == len(named) > 2 else []


def _labelled(label: str | None, line: str, cells: list[str]) -> tuple[str | None, list[str]]:
    """The label a row's values have, and those values: its own first cell, or the label of the row before."""
    head, colon, rest = cells[0].partition(":")
    found = _known(cells[0]) or (_known(head) if colon else None)
    if found:
        agencies = re.findall(r"\([^)]*\)", head) if found == "ratings" else []
        cells = ([rest.strip()] if colon and rest.strip() else []) + cells[1:]
        return found, [" ".join([*agencies, *cells])] if agencies and cells else cells
    if len(cells) == 1 and _BARE.fullmatch(cells[0]):
        return _HEADING, cells
    if (not _SUB.match(f"{cells[0]} ") and cells[0].endswith(":")) or all(_BARE.fullmatch(cell) for cell in cells):
        return None, cells
    if titles.find(line) and label not in ("title", None) and len(cells) == 1:
        return _HEADING, cells
    if len(cells) > 1 and all(titles.find(cell) for cell in cells):
        return "title", cells
    return label, cells


def _in_row(label: str, cells: Sequence[str], place: int) -> Iterator[Value]:
    """The values of one row: short names before or behind them, or one a column."""
    cells = [cell for cell in cells if cell not in ("|", "%")]
    if len(cells) == 2 and _SUB.fullmatch(cells[0]):
        cells = [" ".join(cells)]
    for column, cell in enumerate(cells):
        subs = list(_SUB.finditer(cell))
        ends = [*(sub.start() for sub in subs[1:]), *([len(cell)] if subs else [])]
        for sub, end in zip(subs, ends, strict=True):
            words = cell[sub.end() : end].strip()
            if words:
                yield Value(label, _short(sub[1]), 0, words, place)
        owned = list(_OWN.finditer(cell)) if not subs and label != "title" else []
        if owned and owned[-1].end() == len(cell):
            begins = [0, *(own.end() for own in owned)]
            for own, begin in zip(owned, begins, strict=False):
                yield Value(label, _short(own[1] or own[2]), 0, cell[begin : own.start()].strip(), place)
        elif cell and not subs:
            yield Value(label, "", column if len(cells) > 1 else 0, cell, place, len(cells))


def _short(name: str) -> str:
    return " ".join(name.lower().replace("-", " ").split())


def blocks(said: Sequence[Value], names: Sequence[titles.Mention] = ()) -> list[Block]:
    """The values sorted to tranches: by short name, else by column, else by the order in which labels come round again.

    Without a principal beside a label those in `names` count, the titles of the whole sheet.
    """
    amounts = [value for value in said if value.label == "principal" and _MONEY.search(value.words)]
    subs = list(dict.fromkeys(value.sub for value in amounts if value.sub))
    if subs:
        return [_named(sub, [value for value in said if value.sub == sub]) for sub in subs]
    if not amounts:
        return _titled(said, names)
    if any(value.among > 1 for value in amounts):
        return [block for section in _sections(said, amounts) for block in _columns(section) if _TERMS & block.values.keys()]
    found: list[Block] = [Block()]
    for value in said:
        if value.label in SHARED:
            continue
        here = found[-1].values
        again = value.label in here and value.label in _CYCLE and here[value.label].words != value.words
        if (again or value.heading) and ("principal" in here or value.label != "maturity"):
            found.append(Block())
        found[-1].values.setdefault(value.label, value)
    found = [block for block in found if _TERMS & block.values.keys()]
    return [block for block in found if "principal" in block.values and _MONEY.search(block.values["principal"].words)]


def _sections(said: Sequence[Value], amounts: Sequence[Value]) -> Iterator[list[Value]]:
    """The values of each table that has a row of principals: the next begins where a label comes again in another row."""
    shared = [value for value in said if value.among == 1 and value.label in SHARED]
    section: list[Value] = []
    seen: dict[str, int] = {}
    rows = {value.at for value in amounts}
    for value in said:
        again = seen.get(value.label, value.at) != value.at and value not in shared
        if again and rows & set(seen.values()) and any(row >= value.at for row in rows):
            yield [*section, *shared]
            section, seen = [], {}
        if value not in shared:
            section.append(value)
            seen.setdefault(value.label, value.at)
    yield [*section, *shared]


def _columns(section: Sequence[Value]) -> Iterator[Block]:
    """A table's tranches, one a column; a value that spans them all belongs to each."""
    amounts = [value for value in section if value.label == "principal" and _MONEY.search(value.words)]
    wide = max((value.among for value in amounts), default=1)
    for column in sorted({value.column for value in amounts}):
        yield _gathered(
            value
            for value in section
            if (value.column == column and value.among == wide) or (value.among == 1 and value.label in _SPANNING)
        )


def _titled(said: Sequence[Value], names: Sequence[titles.Mention]) -> list[Block]:
    """Tranches whose principal stands only in their titles, each with the values under its short name."""
    found: dict[object, Block] = {}
    for title in sorted(names, key=lambda name: not name.label):
        if title.amount is None or title.existing or title.key in found:
            continue
        own = [value for value in said if value.sub and value.sub == _short(title.label)]
        alone = [value for value in said if not value.sub and value.among == 1 and value.label not in ("title", "principal")]
        block = _gathered([*own, *alone])
        words = title.words[title.title_at - title.start :]
        block.values["title"] = Value("title", "", 0, words, title.title_at)
        block.values["principal"] = Value("principal", "", 0, title.words, title.start)
        found[title.key] = block
    named = all(any(value.sub for value in block.values.values()) for block in found.values())
    priced = all({"maturity", "price"} <= block.values.keys() for block in found.values())
    inorder = sorted(found.values(), key=lambda block: block.values["principal"].at)
    return inorder if priced and (named or len(found) == 1) else []


def _named(sub: str, own: Sequence[Value]) -> Block:
    """The tranche of one short name; a name like `4.450% notes` is its coupon where no label gives one."""
    block = _gathered(own)
    if rate := re.match(r"\d{1,2}(?:\.\d+)?%", sub):
        block.values.setdefault("coupon", Value("coupon", sub, 0, rate[0], own[0].at))
    return block


def _gathered(values: Iterable[Value]) -> Block:
    block = Block()
    for value in values:
        block.values.setdefault(value.label, value)
    return block
