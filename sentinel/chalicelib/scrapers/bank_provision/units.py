"""What an amount may be of: a kind of cost with its chunks, something else, or nothing named.

Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from chalicelib.scrapers.bank_provision.chunks import PLAIN, Sentence
from chalicelib.scrapers.bank_provision.forms import Kind
from chalicelib.scrapers.bank_provision.phrases import Sort, ends_as

KINDS: dict[Sort, Kind] = {
    "provision": "build", "build": "build", "release": "release", "charge-off": "charge-off",
    "set-aside": "build", "raised": "build", "released": "release", "charged-off": "charge-off",
}  # fmt: skip
"""What a noun makes an amount, or a verb that says what was done."""
NOUNS: frozenset[Sort] = PLAIN | {"lending"}
_WHOLE = re.compile(r"provision|build|charge-?off|expense|cost")


@dataclass(frozen=True, slots=True)
class Unit:
    """What an amount is of, its first and last chunk, whether lending is named in it, and whether it moved to the amount."""

    kind: Kind | Literal["reserve", "other", "bare"]
    first: int = -1
    last: int = -1
    lending: bool = False
    moved: bool = False

    @property
    def cost(self) -> Kind | None:
        """The kind it makes the amount, by itself."""
        return None if self.kind in {"other", "bare", "reserve"} else cast(Kind, self.kind)


OTHER, BARE = Unit("other"), Unit("bare")


def whole_named(words: str) -> Kind | None:
    """The kind of the cost that is named as a whole: "of that provision"."""
    found = _WHOLE.search(words)
    if found is None:
        return None
    return "charge-off" if found[0].startswith("charge") else "build"


def is_credit(said: Sentence, place: int) -> bool:
    """Whether what stands ahead of the amount makes a cost a benefit."""
    return ends_as("credit ahead", said.left(place))
