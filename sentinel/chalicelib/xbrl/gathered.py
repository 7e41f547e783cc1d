"""What one pass over the documents collects, and how it becomes `Facts` once every context, unit and continuation is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from chalicelib.errors import Unreadable
from chalicelib.xbrl.declared import context_of, unit_of
from chalicelib.xbrl.facts import Context, Fact, Facts
from chalicelib.xbrl.streams import Element
from chalicelib.xbrl.transforms import MAX_DIGITS as PLAIN_DIGITS
from chalicelib.xbrl.transforms import NUMBERS, plain_number, text_value

MAX_FACTS = 500_000
MAX_CONTEXTS = 250_000

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_FAMILY = re.compile(r"https?://(?:(?:xbrl\.)?fasb\.org|xbrl\.us|xbrl\.sec\.gov)/([a-z-]+)/")
_IFRS = re.compile(r"https?://xbrl\.ifrs\.org/")


def family_of(namespace: str) -> str:
    """`us-gaap`, `dei`, `ffd`, `srt`, ... by the publisher's namespace, whatever its year; `company` for everybody else's."""
    found = _FAMILY.match(namespace)
    if found:
        return found[1]
    return "ifrs" if _IFRS.match(namespace) else "company"


class Pending(NamedTuple):
    """What a fact met before its context, unit or continuation still lacks: their ids, and a text's transformation."""

    place: int
    context: str
    unit: str | None
    continued: str | None
    transform: str | None


Name: TypeAlias = tuple[str, str]
"""A concept's local name and its family."""
Wanted: TypeAlias = Callable[[str, str], bool]
"""Whether the facts of a concept (local name, family) are wanted."""

_fact = Fact._make
_new = tuple.__new__
_TRUE = ("true", "1")
_PLACES: Mapping[str, int | Literal["INF"]] = {"INF": "INF", **{str(places): places for places in range(-12, 13)}}
_NOWHERE = Context("", None, None)


@dataclass
class Gathered:
    """Everything wanted met so far in a set of documents."""

    wanted: Wanted
    contexts: dict[str, Context] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    continuations: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    document: int = 0
    pending: list[Pending] = field(default_factory=list)
    _before: tuple[int, int, int, Counter[str]] = (0, 0, 0, Counter())

    def begin(self, document: int) -> None:
        """Read the document of this number from here on; `forget` takes back what it gives."""
        self.document = document
        self._before = len(self.facts), len(self.pending), len(self.continuations), self.ignored.copy()

    def name(self, concept: str, family: str) -> Name | None:
        """A concept's name, None when its facts are not wanted."""
        return (concept, family) if self.wanted(concept, family) else None

    def add_context(self, element: Element) -> None:
        """Keep an `xbrli:context` element; the same id with another meaning raises `Unreadable`."""
        ident = element.get("id", "").strip()
        context = context_of(element)
        if self.contexts.setdefault(ident, context) != context:
            raise Unreadable(f"context {ident!r} is declared twice with different meanings", where=f"line {element.sourceline}")
        if len(self.contexts) > MAX_CONTEXTS:
            raise Unreadable(f"more than {MAX_CONTEXTS:,} contexts")

    def add_unit(self, element: Element) -> None:
        """Keep an `xbrli:unit` element; the same id with another meaning raises `Unreadable`."""
        ident = element.get("id", "").strip()
        unit = unit_of(element)
        if unit and self.units.setdefault(ident, unit) != unit:
            raise Unreadable(f"unit {ident!r} is declared twice with different meanings", where=f"line {element.sourceline}")

    def add_number(self, name: Name, attributes: Mapping[str, str], text: str, line: int, *, hidden: bool = False) -> None:
        """Keep a fact that names a unit: `attributes` as written on it, `text` the number as printed."""
        get = attributes.get
        nil = get(NIL, "").strip() in _TRUE
        value, decimals, flaw = None, None, ""
        try:
            decimals = _decimals(get("decimals"))
            if not nil:
                value = _numeric(text, _transform(get("format")), get("scale"), get("sign"))
        except ValueError as error:
            flaw = str(error)
        context = self.contexts.get(get("contextRef", ""))
        unit = self.units.get(get("unitRef", ""))
        if context is None or unit is None:
            self._wait(attributes, get("unitRef", ""))
            context, unit = context or _NOWHERE, unit or ""
        place = (get("id", ""), line, self.document)
        self._keep(_fact((*name, value, unit, context, decimals, nil, hidden, text, *place, flaw)))

    def digits(self) -> Callable[[Name, Sequence[str], str, int], bool]:
        """What keeps a fact whose text is nothing but digits, and answers False for any other: name, attributes, text, line.

        The attributes are `contextRef`, `unitRef`, `decimals` and `id`; the fact has no others. A function made for the
        document, because asking for what it needs by name would take a third of its time.
        """
        contexts, units, facts, document = self.contexts, self.units, self.facts, self.document
        keep = facts.append

        def add(name: Name, written: Sequence[str], text: str, line: int) -> bool:
            if not (text.isdigit() or text.removeprefix("-").isdigit()) or not text.isascii() or len(text) > PLAIN_DIGITS:
                return False
            ref, unit_ref, places, ident = written
            try:
                unit, context, accuracy = units[unit_ref], contexts[ref], _PLACES[places]
            except KeyError:
                return False
            if len(facts) >= MAX_FACTS:
                return False
            concept, family = name
            value = Decimal(text)
            # A `NamedTuple`'s own ways to make one cost twice as much.
            keep(_new(Fact, (concept, family, value, unit, context, accuracy, False, False, text, ident, line, document, "")))
            return True

        return add

    def add_text(self, name: Name, attributes: Mapping[str, str], text: str, line: int, *, hidden: bool = False) -> None:
        """Keep a fact without a unit: `text` is what stands in it, without its continuations."""
        get = attributes.get
        nil = get(NIL, "").strip() in _TRUE
        context = self.contexts.get(get("contextRef", ""))
        value, flaw = (None, "") if nil else (text, "")
        if context is None or "continuedAt" in attributes:
            self._wait(attributes, None)
        elif not nil and "format" in attributes:
            value, flaw = _textual(text, _transform(get("format")))
        place = (get("id", ""), line, self.document)
        self._keep(_fact((*name, value, None, context or _NOWHERE, None, nil, hidden, "", *place, flaw)))

    def _wait(self, attributes: Mapping[str, str], unit: str | None) -> None:
        get = attributes.get
        ref, unit = get("contextRef", "").strip(), unit if unit is None else unit.strip()
        waiting = (ref, unit, get("continuedAt"), _transform(get("format")))
        self.pending.append(Pending(len(self.facts), *waiting))

    def _keep(self, fact: Fact) -> None:
        self.facts.append(fact)
        if len(self.facts) > MAX_FACTS:
            raise Unreadable(f"more than {MAX_FACTS:,} facts")

    def forget(self) -> None:
        """Drop what the document gave, as it is read again; contexts and units stay, they can only be met again."""
        facts, pending, continuations, ignored = self._before
        del self.facts[facts:], self.pending[pending:]
        self.continuations = dict(islice(self.continuations.items(), continuations))
        self.ignored = ignored.copy()

    def finish(self) -> Facts:
        """The facts, with the contexts, units and continuations that came after them."""
        for pending in self.pending:
            self.facts[pending.place] = self._completed(self.facts[pending.place], pending)
        return Facts(tuple(self.facts), self.contexts, self.units, dict(self.ignored))

    def _completed(self, fact: Fact, pending: Pending) -> Fact:
        context = self.contexts.get(pending.context)
        if context is None:
            words = f"{fact.concept} names context {pending.context!r}, which is not declared"
            raise Unreadable(words, where=f"line {fact.line}")
        fact = fact._replace(context=context)
        if pending.unit is not None:
            unit = self.units.get(pending.unit)
            if unit is None:
                words = f"unit {pending.unit!r} is not declared with a measure" if pending.unit else "the number has no unit"
                return fact._replace(value=None, flaw=words)
            return fact._replace(unit=unit)
        if isinstance(fact.value, str):
            whole = fact.value
            if pending.continued is not None:
                whole += "".join(self._continued(fact, pending.continued))
            value, flaw = _textual(whole, pending.transform)
            return fact._replace(value=value, flaw=flaw)
        return fact

    def _continued(self, fact: Fact, first: str) -> Iterator[str]:
        met: set[str] = set()
        ident: str | None = first
        while ident is not None:
            if ident in met or ident not in self.continuations:
                why = "comes round again" if ident in met else "is missing"
                raise Unreadable(f"continuation {ident!r} of {fact.concept} {why}", where=f"line {fact.line}")
            met.add(ident)
            text, ident = self.continuations[ident]
            yield text


def _textual(text: str, transform: str | None) -> tuple[str, str]:
    """The value of a text, and what is wrong with it."""
    if transform is None:
        return text, ""
    try:
        return text_value(" ".join(text.split()), transform), ""
    except ValueError as error:
        return text, str(error)


def _numeric(text: str, transform: str | None, scale: str | None, sign: str | None) -> Decimal:
    """The value of a printed number; raises `ValueError` with words when it has none."""
    number = text if text.isalnum() else text.strip("\u00a0 \t\r\n")
    if transform is None:
        value = plain_number(number)
    elif transform in NUMBERS:
        value = NUMBERS[transform](number)
    else:
        raise ValueError(f"transformation {transform[:60]!r} is not known")
    if scale is not None and scale != "0":
        value = _moved(value, _places(scale))
    if sign is None:
        return value
    if sign != "-" or value < 0:
        raise ValueError(f"sign {sign[:20]!r} on {text[:60]!r}")
    return value.copy_negate()


def _moved(value: Decimal, places: int) -> Decimal:
    """`value` times ten to the `places`: multiplying could round and `scaleb` leaves 2E+6, moving the point does neither."""
    sign, digits, exponent = value.as_tuple()
    moved = int(exponent) + places
    return Decimal((sign, digits + (0,) * moved, 0)) if moved > 0 else Decimal((sign, digits, moved))


@lru_cache(maxsize=256)
def _places(scale: str) -> int:
    places = int(scale) if re.fullmatch(r"[+-]?\d{1,2}", scale) else 99
    if abs(places) > 30:
        raise ValueError(f"scale {scale[:20]!r} is not plausible")
    return places


@lru_cache(maxsize=256)
def _transform(qname: str | None) -> str | None:
    return qname[qname.find(":") + 1 :].replace("-", "").lower() if qname else None


@lru_cache(maxsize=64)
def _decimals(text: str | None) -> int | Literal["INF"] | None:
    if text is None:
        return None
    if text == "INF":
        return "INF"
    if not re.fullmatch(r"[+-]?[0-9]{1,3}", text):
        raise ValueError(f"decimals {text[:20]!r}")
    return int(text)
