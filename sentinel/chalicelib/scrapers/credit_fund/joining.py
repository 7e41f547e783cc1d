"""Funds joined by FundID from the separate lists of a filing: in memory while they are few, beyond that through files.

Records past `MOST_HELD` of a list go to a temporary folder, parted by a hash of the FundID, and are joined part by part:
memory is that of one part however many funds a filing has.
"""

from __future__ import annotations

import marshal
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
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
        self._folder: Path | None = None
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
        if self._folder is not None:
            self._spill()
        self._count = sum(_checked(rows) for rows in self._parts(0, 1))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Fund]:
        return self.share(0, 1)

    def share(self, rank: int, of: int) -> Iterator[Fund]:
        """The `rank`-th of `of` shares, which together are all the funds, each once."""
        for rows in self._parts(rank, of) if self._folder is not None else (self._rows,):
            chosen = list(rows[FUND])[rank::of] if self._folder is None else rows[FUND]
            for fund_id in chosen:
                yield _joined(fund_id, rows)

    def _parts(self, rank: int, of: int) -> Iterator[Rows]:
        if self._folder is None:
            yield self._rows
            return
        for number in range(rank, PARTS, of):
            yield _loaded(self._folder / str(number))

    def _spill(self) -> None:
        """Append what is held to the parts, and hold nothing."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="form-pf-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        for kind, held in self._rows.items():
            parted: list[dict[str, Row]] = [{} for _ in range(PARTS)]
            for fund_id, row in held.items():
                parted[zlib.crc32(fund_id.encode()) % PARTS][fund_id] = row
            for number, rows in enumerate(parted):
                if rows:
                    with (self._folder / str(number)).open("ab") as out:
                        marshal.dump((kind, rows), out)
            held.clear()


def _loaded(path: Path) -> Rows:
    rows: Rows = {kind: {} for kind in KINDS}
    if not path.exists():
        return rows
    with path.open("rb") as part:
        end = path.stat().st_size
        while part.tell() < end:
            kind, more = marshal.load(part)  # noqa: S302 -- written a moment ago by this process into a folder only it may enter
            held = rows[kind]
            if twice := held.keys() & more.keys():
                raise _twice(min(twice), kind)
            held |= more
    return rows


def _checked(rows: Rows) -> int:
    names = rows[FUND]
    for kind in KINDS:
        if strangers := [fund_id for fund_id in rows[kind] if fund_id not in names]:
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
