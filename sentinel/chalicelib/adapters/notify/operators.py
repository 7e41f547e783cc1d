"""How often the operators are told: the first failure of a kind at once, the rest of the night as one message with a count.

The right to speak of a kind is a lease in the store that lapses after `QUIET`, so all processes together speak once; every
failure meanwhile is kept as an entry of its own, so none is lost when two happen at once.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.messages.words import clean
from chalicelib.model import Json
from chalicelib.ports import Store

QUIET = timedelta(hours=6)
_WORDS_SHOWN = 6


@dataclass(frozen=True)
class Due:
    """What may be told now: how many failures of the kind since it was last told, and their different words."""

    count: int
    words: str
    detail: Mapping[str, Json]


class Quiet:
    """Decides whether a failure is told now. Without a store, or with a broken one, each process keeps its own quiet."""

    def __init__(self, store: Store | None, quiet: timedelta = QUIET) -> None:
        self._store, self._quiet = store, quiet
        self._until: dict[str, datetime] = {}
        self._missed: Counter[str] = Counter()

    def due(self, kind: str, words: str, detail: Mapping[str, Json], now: datetime) -> Due | None:
        """What to tell of this failure, None when it is only counted."""
        if self._store is not None:
            try:
                return self._shared(self._store, kind, words, detail, now)
            except Exception:  # noqa: BLE001 -- the store may be the very thing that failed; the operators must still hear
                return self._alone(kind, words, detail, now)
        return self._alone(kind, words, detail, now)

    def _shared(self, store: Store, kind: str, words: str, detail: Mapping[str, Json], now: datetime) -> Due | None:
        name = f"operator/{clean(kind, 60)}"
        token = uuid.uuid4().hex
        store.keep(name, {"words": clean(words, 300), "token": token}, now)
        if not store.lease(name, token, now + self._quiet, now):
            return None
        before = store.kept(f"{name}/told")
        told = before.get("count", 0) if isinstance(before, Mapping) else 0
        history = store.kept_history(name)
        untold = history[told:] if isinstance(told, int) else history
        store.keep(f"{name}/told", {"count": len(history)}, now)
        said = [str(value["words"]) for _, value in untold if isinstance(value, Mapping) and "words" in value]
        return _due(said or [clean(words, 300)], detail)

    def _alone(self, kind: str, words: str, detail: Mapping[str, Json], now: datetime) -> Due | None:
        if kind in self._until and now < self._until[kind]:
            self._missed[kind] += 1
            return None
        self._until[kind] = now + self._quiet
        return _due([words] * (1 + self._missed.pop(kind, 0)), detail)


def _due(said: list[str], detail: Mapping[str, Json]) -> Due:
    """One message for all of `said`, the latest first."""
    different = list(dict.fromkeys(reversed(said)))
    shown = different[:_WORDS_SHOWN]
    more = f" | and {len(different) - len(shown)} more" if len(different) > len(shown) else ""
    return Due(len(said), " | ".join(shown) + more, detail)
