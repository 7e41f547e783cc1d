"""How often the operators are told: the first failure of a kind at once, the rest of the night as one message with a count.

The right to speak of a kind is a lease in the store that lapses after `QUIET`, so all processes together speak once; every
failure meanwhile is kept as an entry of its own, so none is lost when two happen at once. What was counted only is told by the
first process that looks once the quiet is over. What nobody could be told, or a kill cut short, counts as untold.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.messages.failures import WORDS_MOST
from chalicelib.messages.words import clean
from chalicelib.model import Json
from chalicelib.ports import Store, Trouble

QUIET = timedelta(hours=6)
_WORDS_SHOWN = 6
_DOCUMENTS_KEPT = 5
_DETAILS_KEPT = 8


@dataclass(frozen=True)
class Due:
    """What may be told now: how many failures of the kind since it was last told, and their different words, the latest first.

    `of` is how many different words there are in all; `told` is to be called once somebody has been told.
    """

    count: int
    said: tuple[str, ...]
    of: int
    detail: Mapping[str, Json]
    told: Callable[[], None]


class Quiet:
    """Decides whether a failure is told now. Without a store, or with a broken one, each process keeps its own quiet."""

    def __init__(self, store: Store | None, quiet: timedelta = QUIET) -> None:
        self._store, self._quiet = store, quiet
        self._until: dict[str, datetime] = {}
        self._missed: Counter[str] = Counter()

    def due(self, kind: Trouble, words: str, detail: Mapping[str, Json], now: datetime, count: int = 1) -> Due | None:
        """What to tell of this failure, None when it is only counted."""
        token = uuid.uuid4().hex
        entry: dict[str, Json] = {"words": clean(words, WORDS_MOST), "token": token, "count": count, "detail": _bounded(detail)}
        if self._store is not None:
            try:
                self._store.keep(f"operator/{kind}", entry, now)
                return self._shared(self._store, kind, token, now)
            except Exception:  # noqa: BLE001 -- the store may be the very thing that failed; the operators must still hear
                return self._alone(kind, entry, now)
        return self._alone(kind, entry, now)

    def overdue(self, kind: Trouble, now: datetime) -> Due | None:
        """What of this kind was counted only and may be told now. Raises the store's errors."""
        if self._store is None:
            return None
        newest = self._store.kept(f"operator/{kind}")
        if not isinstance(newest, Mapping):
            return None
        told = self._store.kept(f"operator/{kind}/told")
        if isinstance(told, Mapping) and told.get("token") == newest.get("token"):
            return None
        return self._shared(self._store, kind, uuid.uuid4().hex, now)

    def _shared(self, store: Store, kind: Trouble, holder: str, now: datetime) -> Due | None:
        name = f"operator/{kind}"
        if not store.lease(name, holder, now + self._quiet, now):
            return None
        before = store.kept(f"{name}/told")
        known = before.get("count", 0) if isinstance(before, Mapping) else 0
        history = [value for _, value in store.kept_history(name)]
        untold = [each for each in (history[known:] if isinstance(known, int) else history) if isinstance(each, Mapping)]
        if not untold:
            return None
        mark: dict[str, Json] = {"count": len(history), "token": untold[-1].get("token")}
        return _due(untold, lambda: store.keep(f"{name}/told", mark, now))

    def _alone(self, kind: Trouble, entry: Mapping[str, Json], now: datetime) -> Due | None:
        if kind in self._until and now < self._until[kind]:
            self._missed[kind] += _count(entry)
            return None
        self._until[kind] = now + self._quiet
        return _due([{**entry, "count": _count(entry) + self._missed.pop(kind, 0)}], lambda: None)


def _due(untold: Sequence[Mapping[str, Json]], told: Callable[[], None]) -> Due:
    """One message for all of `untold`, the latest first."""
    newest_first = list(reversed(untold))
    different = list(dict.fromkeys(str(each.get("words")) for each in newest_first))
    details = [given for each in newest_first if isinstance(given := each.get("detail"), Mapping)]
    latest: dict[str, Json] = dict(details[0]) if details else {}
    if documents := [document for each in details for document in _documents(each)]:
        latest["documents"] = documents[:_DOCUMENTS_KEPT]
    return Due(sum(map(_count, untold)), tuple(different[:_WORDS_SHOWN]), len(different), latest, told)


def _count(entry: Mapping[str, Json]) -> int:
    count = entry.get("count", 1)
    return count if isinstance(count, int) else 1


def _documents(detail: Mapping[str, Json]) -> Sequence[Json]:
    given = detail.get("documents")
    return given if isinstance(given, list | tuple) else ()


def _bounded(detail: Mapping[str, Json]) -> dict[str, Json]:
    """The detail as it is kept: the first few values, each short."""
    plain = [(name, value) for name, value in detail.items() if name != "documents"][:_DETAILS_KEPT]
    kept: dict[str, Json] = {clean(name, 40): clean(str(value), 300) for name, value in plain}
    if documents := _documents(detail):
        kept["documents"] = [
            {name: clean(str(each.get(name, "")), 1000 if name == "url" else 300) for name in ("name", "words", "url")}
            for each in documents[:_DOCUMENTS_KEPT]
            if isinstance(each, Mapping)
        ]
    return kept
