"""The records of `model` and `ports` as JSON text and back, exactly: decimals as text, days and instants in ISO 8601.

A float, a number that is not finite, or an instant without a zone is refused: it could not come back as it went.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

from chalicelib.errors import SentinelError
from chalicelib.model import Alert, Contributor, Item, Json, Notice, Observation, Outcome, Signal
from chalicelib.ports import Conclusion, Dispatch, Plan

T = TypeVar("T")


def instant(moment: datetime) -> str:
    """`2026-11-23T08:00:00.000000+00:00`: always UTC and of one width, so that text sorts as time does."""
    if moment.tzinfo is None:
        raise SentinelError(f"the instant {moment.isoformat()} has no zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def number(value: Decimal) -> str:
    """The decimal's own digits, trailing zeros included."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise SentinelError(f"{value!r} is no finite decimal")
    return str(value)


def plain(value: Json) -> Any:  # noqa: ANN401 -- what json.dumps takes
    """The value as JSON's own types; raises `SentinelError` for a float or anything JSON has no exact form of."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Mapping):
        if any(not isinstance(key, str) for key in value):
            raise SentinelError(f"a stored mapping has a key that is no text: {list(value)[:5]!r}")
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(inner) for inner in value]
    raise SentinelError(f"{value!r} ({type(value).__name__}) has no exact JSON form; amounts are stored as decimal text")


def dump_json(value: Json) -> str:
    """`value` as one line of JSON, keys sorted: equal values give equal text."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def load_json(text: str) -> Json:
    """What `dump_json` was given, lists for every sequence."""
    try:
        return _DECODER.decode(text)  # type: ignore[no-any-return]  # json knows no types
    except ValueError as error:
        raise SentinelError(f"a stored value is not JSON: {text[:200]!r}") from error


def dump(record: object) -> str:
    """The record as one line of JSON. Fields at their default are left out. Raises `SentinelError` for what is not exact."""
    return json.dumps(_tree(record), sort_keys=True, separators=(",", ":"), allow_nan=False)


def load(kind: type[T], text: str) -> T:
    """The `kind` that `dump` wrote; raises `SentinelError` when the text is none."""
    try:
        return _record(kind, _DECODER.decode(text))
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
        raise SentinelError(f"a stored {kind.__name__} cannot be read ({error}): {text[:200]!r}") from error


def dump_fact(observation: Observation) -> str:
    """An observation less `key`, `as_of` and `known_at`, which stores keep beside it: what a revision is compared by."""
    return json.dumps(_tree(observation, leave=_BESIDE), sort_keys=True, separators=(",", ":"), allow_nan=False)


def load_fact(text: str, key: str, as_of: date, known_at: datetime) -> Observation:
    """The observation that `dump_fact` wrote, with what was kept beside it."""
    try:
        tree = _DECODER.decode(text)
        if (value := tree.get("value")) is not None:
            tree["value"] = Decimal(value)
        return Observation(key=key, as_of=as_of, known_at=known_at, **tree)
    except (ValueError, TypeError, AttributeError, InvalidOperation) as error:
        raise SentinelError(f"the stored observation {key} cannot be read ({error}): {text[:200]!r}") from error


def exact(observation: Observation) -> Observation:
    """The observation as it would come back, so that equal ones compare equal; raises `SentinelError` when it could not."""
    known_at = datetime.fromisoformat(instant(observation.known_at))
    return load_fact(dump_fact(observation), observation.key, observation.as_of, known_at)


def _no_float(text: str) -> None:
    raise ValueError(f"a float: {text}")


_DECODER = json.JSONDecoder(parse_float=_no_float)


@dataclass(frozen=True)
class _Form:
    """How one field is written and read where JSON's own types do not do."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _or_none(form: _Form) -> _Form:
    return _Form(
        lambda value: None if value is None else form.write(value),
        lambda value: None if value is None else form.read(value),
    )


def _many(kind: type) -> _Form:
    return _Form(
        lambda records: [_tree(each) for each in records],
        lambda trees: tuple(_record(kind, each) for each in trees),
    )


def _one(kind: type) -> _Form:
    return _Form(_tree, lambda tree: _record(kind, tree))


@cache
def _shape(kind: Any) -> tuple[tuple[str, object, _Form | None], ...]:  # noqa: ANN401 -- a class; functools.cache asks for a Hashable
    """Each field of a record: its name, its default (`MISSING` without one), its form."""
    if kind not in _FORMS:
        raise SentinelError(f"{kind.__name__} is no record that is stored")
    return tuple(
        (each.name, each.default_factory() if each.default_factory is not MISSING else each.default, _FORMS[kind].get(each.name))
        for each in fields(kind)
    )


def _tree(record: object, leave: frozenset[str] = frozenset()) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    kind: Any = type(record)
    for name, default, form in _shape(kind):
        value = getattr(record, name)
        if name in leave or (default is not MISSING and value == default):
            continue
        tree[name] = form.write(value) if form else _exact(name, value)
    return tree


def _exact(name: str, value: object) -> object:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    raise SentinelError(f"{name} {value!r} ({type(value).__name__}) has no exact JSON form")


def _record(kind: type[T], tree: Mapping[str, Any]) -> T:
    forms = _FORMS[kind]
    return kind(**{name: forms[name].read(value) if name in forms else value for name, value in tree.items()})


_DAY = _Form(date.isoformat, date.fromisoformat)
_INSTANT = _Form(instant, datetime.fromisoformat)
_NUMBER = _Form(number, Decimal)
_JSON = _Form(plain, lambda value: value)
_TEXTS = _Form(list, tuple)
_BESIDE = frozenset({"key", "as_of", "known_at"})

_FORMS: Mapping[type, Mapping[str, _Form]] = {
    Item: {"detail": _JSON},
    Observation: {"as_of": _DAY, "known_at": _INSTANT, "value": _or_none(_NUMBER), "detail": _JSON},
    Notice: {"detail": _JSON},
    Contributor: {"value": _NUMBER},
    Signal: {
        "as_of": _DAY,
        "headline": _or_none(_NUMBER),
        "coverage": _NUMBER,
        "change": _or_none(_NUMBER),
        "contributors": _many(Contributor),
        "data": _JSON,
    },
    Alert: {"before": _or_none(_NUMBER), "after": _NUMBER, "threshold": _NUMBER, "contributors": _many(Contributor)},
    Outcome: {"at": _INSTANT, "notices": _many(Notice)},
    Plan: {"items": _many(Item), "notices": _many(Notice), "made_at": _INSTANT},
    Dispatch: {"alert": _one(Alert), "created_at": _INSTANT, "sent_at": _or_none(_INSTANT), "delivered": _TEXTS},
    Conclusion: {"signal": _one(Signal), "concluded_at": _INSTANT, "outbox": _many(Dispatch)},
}
