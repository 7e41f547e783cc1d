"""What an XBRL document says, as values: contexts, facts, duplicates made one, conflicts named.

A fact is a plain tuple because a bank's quarterly report has ten thousand of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple


class Context(NamedTuple):
    """Of whom and when a fact speaks. `entity` is the identifier (a CIK with its zeros).

    A duration has `start` and `end` (both inside it); an instant has `end` alone. `members` are (axis, member) pairs by local
    name, sorted; a typed member is its text.
    """

    entity: str
    start: date | None
    end: date | None
    members: tuple[tuple[str, str], ...] = ()

    @property
    def dimensions(self) -> Mapping[str, str]:
        """Member by axis, local names."""
        return dict(self.members)

    @property
    def instant(self) -> date | None:
        """The day of an instant, None for a duration (or for ever)."""
        return self.end if self.start is None else None

    @property
    def days(self) -> int | None:
        """Length of a duration, first and last day included; None for an instant."""
        return None if self.start is None or self.end is None else (self.end - self.start).days + 1


class Fact(NamedTuple):
    """One tagged value.

    `value`: a `Decimal` in whole `unit`s when it has a unit, a text otherwise, None when nil or not readable (`flaw` says why).
    `unit`: `USD`, `USD/shares`, `pure`, ..., empty for a number without a declared unit, None for a text. `decimals`: the
    declared accuracy, `INF` for exact. `shown` is the text of a numeric fact as printed (before scale and sign); `ident` its id,
    `line` its line (from 1) in document number `document` (from 0). `hidden`: in `ix:hidden`, so no reader of the page sees it.
    """

    concept: str
    family: str
    value: Decimal | str | None
    unit: str | None
    context: Context
    decimals: int | Literal["INF"] | None = None
    nil: bool = False
    hidden: bool = False
    shown: str = ""
    ident: str = ""
    line: int = 0
    document: int = 0
    flaw: str = ""

    @property
    def number(self) -> Decimal | None:
        """The value when it is a number."""
        return self.value if isinstance(self.value, Decimal) else None


@dataclass(frozen=True)
class Conflict:
    """Facts of the same concept, context and unit whose values differ by more than their accuracy allows."""

    facts: tuple[Fact, ...]

    @property
    def words(self) -> str:
        """The disagreement in a sentence."""
        first = self.facts[0]
        values = ", ".join("nil" if fact.value is None else str(fact.value) for fact in self.facts)
        return f"{first.concept} is tagged {len(self.facts)} times with different values: {values}"


@dataclass(frozen=True)
class Facts:
    """All facts of a document or an inline set, in document order, as tagged.

    `contexts` and `units` are what the document declares, by id. `ignored` counts what was met and left out, by kind: `tuple`,
    `in-tuple` (facts inside tuples), `fraction`, `other-target`.
    """

    facts: tuple[Fact, ...]
    contexts: Mapping[str, Context]
    units: Mapping[str, str]
    ignored: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def _reconciled(self) -> tuple[Mapping[str, Sequence[Fact]], tuple[Conflict, ...]]:
        groups: dict[tuple[object, ...], list[Fact]] = {}
        for fact in self.facts:
            told_apart = () if fact.unit is not None else fact.value
            groups.setdefault((fact.concept, fact.family, fact.context, fact.unit, told_apart), []).append(fact)
        named: dict[str, list[Fact]] = {}
        conflicts = []
        for group in groups.values():
            fact = group[0]
            if len(group) > 1 and fact.unit is not None:
                if _agree(group):
                    fact = max(group, key=_accuracy)
                elif not all(each.flaw for each in group):
                    conflicts.append(Conflict(tuple(group)))
                    fact = fact._replace(value=None, flaw=conflicts[-1].words)
            named.setdefault(fact.concept, []).append(fact)
        return named, tuple(conflicts)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Duplicates that disagree."""
        return self._reconciled[1]

    def concepts(self) -> Iterable[str]:
        """Every concept that has a fact."""
        return self._reconciled[0].keys()

    def named(self, concept: str, family: str | None = None) -> Sequence[Fact]:
        """The facts of a concept, duplicates made one (the most accurate stays); a conflicting one has no value but a flaw."""
        found = self._reconciled[0].get(concept, ())
        return [fact for fact in found if family is None or fact.family == family]

    def text(self, concept: str, family: str = "dei") -> str | None:
        """The one text of a concept in the undimensioned context(s); None when it is absent or not the same everywhere."""
        texts = {
            fact.value.strip() for fact in self.named(concept, family) if isinstance(fact.value, str) and not fact.context.members
        }
        return texts.pop() if len(texts) == 1 else None

    @property
    def period_end(self) -> date | None:
        """`dei:DocumentPeriodEndDate`, None when absent, ambiguous or no date."""
        try:
            return date.fromisoformat(self.text("DocumentPeriodEndDate") or "")
        except ValueError:
            return None


def _accuracy(fact: Fact) -> int:
    if fact.decimals == "INF":
        return 1_000
    return -1_000 if fact.decimals is None else fact.decimals


def _agree(group: Sequence[Fact]) -> bool:
    """Whether one number could round to every value of the group; a nil agrees only with nils, and one accuracy has one value."""
    values = [fact.number for fact in group]
    if any(value is None for value in values):
        return all(fact.nil for fact in group)
    if len({fact.decimals for fact in group}) < len(set(values)):
        return False
    low, high = [], []
    for fact, value in zip(group, values, strict=True):
        assert value is not None  # noqa: S101 - the line above has excluded it, for the type checker
        slack = Decimal(5).scaleb(-fact.decimals - 1) if isinstance(fact.decimals, int) else Decimal(0)
        low.append(value - slack)
        high.append(value + slack)
    return max(low) <= min(high)
