"""What one pass over the documents collects, and how it becomes `Facts` once every context, unit and continuation is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from chalicelib.errors import Unreadable
from chalicelib.xbrl.facts import Context, Fact, Facts
from chalicelib.xbrl.streams import Element
from chalicelib.xbrl.transforms import NUMBERS, plain_number, text_value

MAX_FACTS = 500_000
MAX_CONTEXTS = 250_000

XBRLI = "{http://www.xbrl.org/2003/instance}"
_FAMILY = re.compile(r"https?://(?:fasb\.org|xbrl\.us|xbrl\.sec\.gov)/([a-z-]+)/")
_IFRS = re.compile(r"https?://xbrl\.ifrs\.org/")


def family_of(namespace: str) -> str:
    """`us-gaap`, `dei`, `ffd`, `srt`, ... by the publisher's namespace, whatever its year; `company` for everybody else's."""
    found = _FAMILY.match(namespace)
    if found:
        return found[1]
    return "ifrs" if _IFRS.match(namespace) else "company"


class Raw(NamedTuple):
    """A fact as met: attributes as written, text not yet read."""

    concept: str
    family: str
    context: str
    unit: str | None
    text: str
    nil: bool = False
    decimals: str | None = None
    scale: str | None = None
    sign: str | None = None
    transform: str | None = None
    hidden: bool = False
    ident: str = ""
    line: int = 0
    document: int = 0
    continued: str | None = None


@dataclass
class Gathered:
    """Everything met so far in a set of documents."""

    contexts: dict[str, Context] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    raws: list[Raw] = field(default_factory=list)
    continuations: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    document: int = 0

    def add_context(self, element: Element) -> None:
        """Keep an `xbrli:context` element; the same id with another meaning raises `Unreadable`."""
        ident = element.get("id") or ""
        context = _context(element, ident)
        if self.contexts.setdefault(ident, context) != context:
            raise Unreadable(f"context {ident!r} is declared twice with different meanings", where=f"line {element.sourceline}")
        if len(self.contexts) > MAX_CONTEXTS:
            raise Unreadable(f"more than {MAX_CONTEXTS:,} contexts")

    def add_unit(self, element: Element) -> None:
        """Keep an `xbrli:unit` element."""
        ident = element.get("id") or ""
        unit = _unit(element)
        if self.units.setdefault(ident, unit) != unit:
            raise Unreadable(f"unit {ident!r} is declared twice with different meanings", where=f"line {element.sourceline}")

    def add(self, raw: Raw) -> None:
        """Keep a fact."""
        self.raws.append(raw)
        if len(self.raws) > MAX_FACTS:
            raise Unreadable(f"more than {MAX_FACTS:,} facts")

    def finish(self) -> Facts:
        """The facts with their contexts, units, continuations and values."""
        return Facts(tuple(self._facts()), self.contexts, self.units, dict(self.ignored))

    def _facts(self) -> Iterator[Fact]:
        for raw in self.raws:
            context = self.contexts.get(raw.context)
            if context is None:
                raise Unreadable(f"{raw.concept} names context {raw.context!r}, which is not declared", where=f"line {raw.line}")
            if raw.unit is None:
                yield self._textual(raw, context)
            else:
                yield self._numeric(raw, context, raw.unit)

    def _numeric(self, raw: Raw, context: Context, unit_id: str) -> Fact:
        value, flaw = None, ""
        unit = self.units.get(unit_id)
        if unit is None:
            flaw = f"unit {unit_id!r} is not declared"
        elif not raw.nil:
            try:
                value = _number(raw)
            except ValueError as error:
                flaw = str(error)
        decimals, strange = _decimals(raw.decimals)
        return Fact(
            raw.concept,
            raw.family,
            value,
            unit or "",
            context,
            decimals,
            raw.nil,
            raw.hidden,
            raw.text,
            raw.ident,
            raw.line,
            raw.document,
            flaw or strange,
        )

    def _textual(self, raw: Raw, context: Context) -> Fact:
        value, flaw = None, ""
        if not raw.nil:
            value = raw.text if raw.continued is None else raw.text + "".join(self._continued(raw))
            if raw.transform:
                try:
                    value = text_value(" ".join(value.split()), raw.transform)
                except ValueError as error:
                    flaw = str(error)
        return Fact(
            raw.concept,
            raw.family,
            value,
            None,
            context,
            nil=raw.nil,
            hidden=raw.hidden,
            ident=raw.ident,
            line=raw.line,
            document=raw.document,
            flaw=flaw,
        )

    def _continued(self, raw: Raw) -> Iterator[str]:
        met: set[str] = set()
        ident = raw.continued
        while ident is not None:
            if ident in met or ident not in self.continuations:
                why = "comes round again" if ident in met else "is missing"
                raise Unreadable(f"continuation {ident!r} of {raw.concept} {why}", where=f"line {raw.line}")
            met.add(ident)
            text, ident = self.continuations[ident]
            yield text


def _number(raw: Raw) -> Decimal:
    text = raw.text.strip("\u00a0 \t\r\n")
    if raw.transform is None:
        value = plain_number(text)
    elif raw.transform in NUMBERS:
        value = NUMBERS[raw.transform](text)
    else:
        raise ValueError(f"transformation {raw.transform[:60]!r} is not known")
    if raw.scale and raw.scale != "0":
        places = int(raw.scale) if re.fullmatch(r"[+-]?\d{1,2}", raw.scale) else 99
        if abs(places) > 30:
            raise ValueError(f"scale {raw.scale[:20]!r} is not plausible")
        # scaleb alone would leave 2E+6, which prints and stores badly.
        value = Decimal(f"{value.scaleb(places):f}")
    if raw.sign is None:
        return value
    if raw.sign != "-" or value < 0:
        raise ValueError(f"sign {raw.sign[:20]!r} on {text[:60]!r}")
    return -value


def _decimals(text: str | None) -> tuple[int | Literal["INF"] | None, str]:
    if text is None:
        return None, ""
    if text == "INF":
        return "INF", ""
    try:
        return (int(text), "") if len(text) < 5 else (None, f"decimals {text[:20]!r}")
    except ValueError:
        return None, f"decimals {text[:20]!r}"


def _context(element: Element, ident: str) -> Context:
    entity, start, end = "", None, None
    members: list[tuple[str, str]] = []
    for child in element.iter():
        tag = child.tag
        if not isinstance(tag, str):
            raise Unreadable(f"context {ident!r} holds an entity or a comment", where=f"line {element.sourceline}")
        name = tag[tag.rfind("}") + 1 :]
        if name == "explicitMember":
            members.append((_local(child.get("dimension")), _local(child.text)))
        elif name == "typedMember":
            members.append((_local(child.get("dimension")), " ".join("".join(child.itertext()).split())))
        elif name == "identifier":
            entity = (child.text or "").strip()
        elif name == "instant":
            end = _date(child.text, ident, ends=True)
        elif name == "startDate":
            start = _date(child.text, ident, ends=False)
        elif name == "endDate":
            end = _date(child.text, ident, ends=True)
    members.sort()
    if len({axis for axis, _ in members}) != len(members):
        raise Unreadable(f"context {ident!r} has one axis twice: {members}"[:300], where=f"line {element.sourceline}")
    return Context(entity, start, end, tuple(members))


def _local(name: str | None) -> str:
    text = (name or "").strip()
    return text[text.find(":") + 1 :]


def _date(text: str | None, ident: str, *, ends: bool) -> date:
    """The day a period's boundary lies in; midnight at an end means the day before."""
    day, _, clock = (text or "").strip().partition("T")
    try:
        found = date.fromisoformat(day[:10])
    except ValueError as error:
        raise Unreadable(f"context {ident!r} has the date {day[:40]!r}") from error
    return found - timedelta(days=1) if ends and clock.startswith("00:00:00") else found


def _unit(element: Element) -> str:
    above: list[str] = []
    below: list[str] = []
    for measure in element.iter(XBRLI + "measure"):
        part = below if measure.getparent().tag == XBRLI + "unitDenominator" else above
        part.append(_local(measure.text))
    return "*".join(above) + ("/" + "*".join(below) if below else "")
