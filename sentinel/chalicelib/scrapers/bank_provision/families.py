"""Which classes are the whole of others by arithmetic: each figure they share is the others' sum, too often for an accident.

Pure. Figures are compared as exactly as they are printed: parts rounded to the million need not add up to the last million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from chalicelib.scrapers.bank_provision.figures import Report, axis_rank


class Class(NamedTuple):
    """One NDFI class: its member, the finest axis it stands on, and its kind of lending."""

    member: str
    axis: str
    kind: str


class _Printed(NamedTuple):
    value: Decimal
    unit: Decimal


_Key = tuple[str, str, "date | None", date]
"""Which figure of a member: role, concept and period."""
_Values = Mapping[str, Mapping[_Key, _Printed]]

ACCIDENT = 100
"""A chance of one in so many that the figures of classes of their own add up is taken for no accident."""
SURE = 100
"""A figure of more last digits than this still tells something when its parts' sum is off by rounding alone."""
_MOST = 10
"""Among more classes than this only the sum of all the others is looked for."""


def families(report: Report, members: Sequence[Class]) -> dict[Class, set[Class]]:
    """The classes that are wholes, those with the fewest parts first, and all that are parts of each."""
    values = _values(report, members)
    found: dict[Class, set[Class]] = {}
    for whole in sorted(members, key=lambda each: (each.kind != "other", -axis_rank(each.axis))):
        others = [each for each in members if each is not whole and whole not in found.get(each, ())]
        for parts, tried in _candidates(whole, others):
            if _is_whole(values, whole, parts, tried):
                found.setdefault(whole, set()).update(parts)
    return dict(sorted(found.items(), key=lambda family: len(family[1])))


def _candidates(whole: Class, others: Sequence[Class]) -> Iterator[tuple[Sequence[Class], int]]:
    """Groups of classes that may make up `whole`, and how many like them are tried: all others, the finer ones, any group."""
    likely = [list(others), [each for each in others if axis_rank(each.axis) < axis_rank(whole.axis)]]
    for group in likely:
        if group:
            yield group, 1
    if len(others) <= _MOST:
        for size in range(len(others) - 1, 0, -1):
            for group in map(list, combinations(others, size)):
                if group not in likely:
                    yield group, 2 ** len(others)


def _values(report: Report, members: Sequence[Class]) -> _Values:
    values: dict[str, dict[_Key, _Printed]] = {each.member: {} for each in members}
    for figure in sorted(report.figures, key=lambda each: len(each.cuts), reverse=True):
        if figure.member in values:
            key = figure.role, figure.concept, figure.start, figure.end
            values[figure.member][key] = _Printed(figure.value, figure.printed_unit)
    return values


def _is_whole(values: _Values, whole: Class, parts: Sequence[Class], tried: int) -> bool:
    """Whether every figure that `whole` and all `parts` have is their sum, more often than `tried` guesses would find."""
    ours, theirs = values[whole.member], [values[each.member] for each in parts]
    exact, telling = True, dict[Decimal, Decimal]()
    for key, printed in ours.items():
        if not all(key in each for each in theirs):
            continue
        off = abs(printed.value - sum((each[key].value for each in theirs), Decimal(0)))
        # Each rounded figure may be off by half its last digit; one that is printed to the dollar, by nothing.
        slack = sum((each.unit for each in (printed, *(each[key] for each in theirs)) if each.unit > 1), Decimal(0)) / 2
        if off > slack:
            return False
        exact = exact and not off
        weight = abs(printed.value) / (2 * slack if off else printed.unit)
        if printed.value and (not off or weight > SURE):
            telling[printed.value] = weight
    named = whole.kind == "other" and len(parts) > 1 and all(each.kind != "other" for each in parts)
    finer = all(axis_rank(each.axis) < axis_rank(whole.axis) for each in parts)
    if len(telling) < (1 if named else 2):
        return False
    odds = Decimal(1)
    for weight in telling.values():
        odds *= max(weight, Decimal(1))
    return odds >= tried * (1 if exact and (named or finer) else ACCIDENT)
