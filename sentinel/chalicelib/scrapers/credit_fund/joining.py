"""Funds joined by FundID from the separate lists of a filing: in memory while they are few, beyond that through files.

Records past `MOST_HELD` of a list go to a temporary file, parted by a hash of the FundID, and are joined part by part:
memory is that of one part however many funds a filing has.
"""

from __future__ import annotations

import marshal
import os
import tempfile
import weakref
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from chalicelib.scrapers.credit_fund.elements import ASSETS, FUND, HEDGE, IDENT, KINDS, LIQUID, PERFORMANCE

MOST_HELD = 20_000
"""Records of one list kept in memory: nearly what an upload, limited to 16 MB, can hold; some 25 MB when joined."""
PARTS = 256

Row: TypeAlias = tuple[str, str]
"""Names and values of one record, each joined by spaces."""
Rows: TypeAlias = dict[str, dict[str, Row]]
"""Rows by FundID, by the list they stand in."""
NOTHING: Row = ("", "")
NO_FLAGS: Row = ("none none", "")
_FLAGS: Mapping[str, bool | None] = {"true": True, "false": False, "none": None}
_TRUTH = {f"{one} {other}": (_FLAGS[one], _FLAGS[other]) for one in _FLAGS for other in _FLAGS}
UNRELATED: Mapping[str, Row] = {flags: (flags, "") for flags in _TRUTH}


@dataclass(frozen=True, slots=True)
class Fund:
    """One fund of a filing. `parts`: ids of other funds its record names; `reported`: it has an assets record.

    `told`, `earned`, `moved`: its amounts, its returns, what investors paid in and took out; names and values as one text
    each, names shared by many funds.
    """

    fund_id: str
    name: str
    type: str
    told: Row = NOTHING
    earned: Row = NOTHING
    moved: Row = NOTHING
    master: bool | None = None
    aggregates_parallel: bool | None = None
    parts: tuple[str, ...] = ()
    hedge: bool = False
    reported: bool = False

    @property
    def amounts(self) -> Mapping[str, Decimal | None]:
        """USD by the names of `elements.AMOUNTS`: None for NA, absent when not given."""
        return _pairs(self.told)

    @property
    def gross(self) -> Decimal | None:
        """Gross assets, USD."""
        names, told = self.told
        text = dict(zip(_names(names), told.split(), strict=True)).get("gross_asset_value", "NA")
        return None if text == "NA" else Decimal(text)

    @property
    def performance(self) -> Mapping[str, Decimal | None]:
        """Per cent by `gross-quarter-3`, `net-month-12`, `gross-year`: None for NA."""
        return _pairs(self.earned, lambda name: not name.startswith("ends-"))

    @property
    def ends(self) -> Mapping[str, str]:
        """The last day of what a return is of, where it is given: `quarter-3`, `year`."""
        names, told = self.earned
        days = zip(_names(names), told.split(), strict=True)
        return {name[5:]: day for name, day in days if name.startswith("ends-") and day != "NA"}

    @property
    def flow(self) -> Decimal | None:
        """What investors added net over the three months, USD; None unless every month is given."""
        moved = _pairs(self.moved)
        signed = [amount if name.startswith("subscriptions") else -amount for name, amount in moved.items() if amount is not None]
        return sum(signed, Decimal(0)) if len(signed) == 6 else None


class Joined:
    """The records of one filing while they come, and its funds once all have come.

    In the order of their list while they are in memory, else part by part. Raises `ValueError` for what does not join.
    """

    def __init__(self) -> None:
        self._rows: Rows = {kind: {} for kind in KINDS}
        self._parts: _Parts | None = None
        self._count = 0

    def add(self, kind: str, fund_id: str, row: Row) -> None:
        """Take a record. Raises `ValueError` when the list has had the fund and it is still in memory."""
        held = self._rows[kind]
        if fund_id in held:
            raise _twice(fund_id, kind)
        held[fund_id] = row
        if len(held) >= MOST_HELD:
            self._spill()

    def check(self) -> None:
        """All records have come: raises `ValueError` for a fund given twice, or one that is not in the list of funds."""
        if self._parts is None:
            self._count = _checked(self._rows)
            return
        self._spill()
        self._count = sum(_checked(self._parts.ids(number)) for number in range(PARTS))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Fund]:
        return self.share(0, 1)

    def share(self, rank: int, of: int) -> Iterator[Fund]:
        """The `rank`-th of `of` shares, which together are all the funds, each once."""
        if self._parts is None:
            for fund_id in list(self._rows[FUND])[rank::of]:
                yield _joined(fund_id, self._rows)
            return
        for number in range(rank, PARTS, of):
            rows = self._parts.rows(number)
            for fund_id in rows[FUND]:
                yield _joined(fund_id, rows)

    def _spill(self) -> None:
        if self._parts is None:
            self._parts = _Parts()
        for kind, held in self._rows.items():
            self._parts.take(kind, held)
            held.clear()


class _Parts:
    """Records in a temporary file that has no name, in `PARTS` parts by a hash of the FundID; read by several threads at once.

    Of each batch of a list and part: its FundIDs, then its rows.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="form-pf-")  # noqa: SIM115 -- closed when nothing holds the parts any more
        self._close = weakref.finalize(self, self._file.close)
        self._size = 0
        self._batches: list[list[tuple[str, int, int, int]]] = [[] for _ in range(PARTS)]

    def take(self, kind: str, held: Mapping[str, Row]) -> None:
        """Write records of a list behind the others."""
        parted: list[list[tuple[str, Row]]] = [[] for _ in range(PARTS)]
        for each in held.items():
            parted[zlib.crc32(each[0].encode()) % PARTS].append(each)
        for batches, some in zip(self._batches, parted, strict=True):
            if some:
                ids, rows = (marshal.dumps(each) for each in zip(*some, strict=True))
                batches.append((kind, self._size, len(ids), len(rows)))
                self._size += self._file.write(ids) + self._file.write(rows)
        self._file.flush()

    def ids(self, number: int) -> Mapping[str, Collection[str]]:
        """The FundIDs of a part by list. Raises `ValueError` for one that a list has twice."""
        found: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for kind, at, size, _ in self._batches[number]:
            more = marshal.loads(os.pread(self._file.fileno(), size, at))  # noqa: S302 -- written by this object
            if twice := found[kind].intersection(more):
                raise _twice(min(twice), kind)
            found[kind].update(more)
        return found

    def rows(self, number: int) -> Rows:
        """The records of a part."""
        found: Rows = {kind: {} for kind in KINDS}
        for kind, at, size, rest in self._batches[number]:
            data = os.pread(self._file.fileno(), size + rest, at)
            ids, rows = marshal.loads(data[:size]), marshal.loads(data[size:])  # noqa: S302 -- written by this object
            found[kind].update(zip(ids, rows, strict=True))
        return found


def _checked(ids: Mapping[str, Collection[str]]) -> int:
    """How many funds there are; raises `ValueError` for a record of one that is not in their list."""
    names = ids[FUND]
    for kind in KINDS:
        if strangers := [fund_id for fund_id in ids[kind] if fund_id not in names]:
            raise ValueError(f"{strangers[0]} has a {kind} and is not in PFFunds")
    return len(names)


def _twice(fund_id: str, kind: str) -> ValueError:
    return ValueError(f"{fund_id} stands twice in the list of {kind}")


def _joined(fund_id: str, rows: Rows) -> Fund:
    fund_type, name = rows[FUND][fund_id]
    flags, parts = rows[IDENT].get(fund_id, NO_FLAGS)
    master, parallel = _TRUTH[flags]
    assets = rows[ASSETS].get(fund_id)
    return Fund(
        fund_id=fund_id,
        name=name,
        type=fund_type,
        told=assets or NOTHING,
        earned=rows[PERFORMANCE].get(fund_id, NOTHING),
        master=master,
        aggregates_parallel=parallel,
        parts=tuple(parts.split()),
        moved=rows[LIQUID].get(fund_id, NOTHING),
        hedge=fund_id in rows[HEDGE],
        reported=assets is not None,
    )


@lru_cache(maxsize=1024)
def _names(names: str) -> tuple[str, ...]:
    """Names of a record's values, the same texts for every record of a layout."""
    return tuple(names.split())


def _pairs(row: Row, wanted: Callable[[str], bool] = bool) -> dict[str, Decimal | None]:
    names, told = row
    pairs = zip(_names(names), told.split(), strict=True)
    return {name: None if value == "NA" else Decimal(value) for name, value in pairs if wanted(name)}
