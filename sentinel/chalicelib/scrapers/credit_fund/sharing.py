"""A filing longer than a slice of its file, shared by the items it covers: each gives its share of the funds, all give all.

The filing is read once a process: the last long one is kept, joined, for the items that follow. A process that resumes a run
finds where the filing begins by looking back from its own slice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.scrapers.credit_fund.form_pf import Filing


@dataclass(frozen=True)
class Share:
    """The `rank`-th of the `of` shares of a filing."""

    filing: Filing
    rank: int
    of: int


def share(filing: Filing, start: int, text: int, length: int) -> Share:
    """What of a filing belongs to the slice that begins at byte `start`, of a text of `text` bytes cut every `length` bytes.

    The slice a filing begins in and those wholly within it have a share; the last slice, open-ended, only of what begins in it.
    """
    first, last = (min(at, max(0, text - 1)) // length for at in (filing.at, filing.end))
    return Share(filing, start // length - first, last - first) if last - first > 1 else Share(filing, 0, 1)


class Latest:
    """The long filing read last, of one version of one text."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[tuple[str, ...], Filing] | None = None

    def keep(self, text: tuple[str, ...], filing: Filing) -> None:
        """Keep a filing in place of the one before."""
        self._kept = text, filing

    def around(self, text: tuple[str, ...], start: int, end: int) -> Filing | None:
        """The kept filing, if `[start, end)` of this text lies within it."""
        kept, filing = self._kept or ((), None)
        return filing if filing and kept == text and filing.at < start and end <= filing.end else None

    def read_once(self, text: tuple[str, ...], start: int, end: int, read: Callable[[], Filing]) -> Filing:
        """The kept filing around `[start, end)`, or the one `read` gives, which is kept: one reads while the others wait."""
        with self._lock:
            filing = self.around(text, start, end) or read()
            self.keep(text, filing)
            return filing
