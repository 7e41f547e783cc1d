"""The second source of net asset value per share: `us-gaap:NetAssetValuePerShare` as funds tag it in their reports to EDGAR.

One `frames` answer holds a quarter for every fund; `companyconcept` holds every quarter of one. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import cast

from chalicelib.edgar import NEW_YORK, WWW, company_concept_url, frames_url
from chalicelib.edgar.addresses import calendar_day
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bdc_discount.candidate import LEAST, MOST

TAG = "NetAssetValuePerShare"
_LAST_ACCEPTANCE = time(22, 0)
"""EDGAR gives a filing accepted by this hour, New York, that day's date at the latest."""


@dataclass(frozen=True)
class Tagged:
    """One tagged value. `filed` is None in a frame, which does not say."""

    cik: int
    end: date
    value: Decimal
    accession: str
    filed: date | None

    @property
    def plausible(self) -> bool:
        """Whether it can be a listed fund's NAV per share; a well-known one is tagged as 0.03 by mistake."""
        return LEAST <= self.value <= MOST

    @property
    def url(self) -> str:
        """The filing's own page."""
        return f"{WWW}/Archives/edgar/data/{self.cik}/{self.accession.replace('-', '')}/{self.accession}-index.htm"

    def known_at(self, fetched_at: datetime) -> datetime:
        """When the world could know it: the end of its filing day, or when a frame that had it was fetched."""
        if self.filed is None:
            return fetched_at
        return min(fetched_at, datetime.combine(self.filed, _LAST_ACCEPTANCE, NEW_YORK).astimezone(UTC))


def frame_of(day: date) -> str:
    """The address of the frame of the calendar quarter that ends on `day`, or within a month of it."""
    return frames_url(TAG, "USD-per-shares", f"CY{day.year}Q{(day.month + 2) // 3}I")


def concept_of(cik: int) -> str:
    """The address of one fund's values."""
    return company_concept_url(cik, TAG)


def read_frame(body: bytes) -> Mapping[int, Tagged]:
    """By CIK the value of a frame; raises `Unreadable` when it is none."""
    value = _object(body)
    rows = value.get("data")
    if (
        value.get("tag") != TAG
        or not isinstance(rows, list)
        or "per-shares" not in str(value.get("uom", "")).replace("/", "-per-")
    ):
        raise Unreadable("no frame of net asset values per share", where="tag, uom, data", evidence=str(value)[:300])
    return {tagged.cik: tagged for tagged in (_tagged(row, f"data[{n}]") for n, row in enumerate(rows))}


def read_concept(body: bytes, cik: int) -> Sequence[Tagged]:
    """One fund's values in dollars, of each day the one filed last; none when it has none in dollars."""
    value = _object(body)
    if value.get("tag") != TAG or str(value.get("cik", "")).lstrip("0") != str(cik) or not isinstance(value.get("units"), dict):
        raise Unreadable(f"no net asset values per share of CIK {cik}", where="tag, cik, units", evidence=str(value)[:300])
    units = cast("dict[str, object]", value["units"])
    rows = units.get("USD/shares", [])
    if not isinstance(rows, list):
        raise Unreadable("values of another shape", where="units.USD/shares", evidence=str(rows)[:300])
    newest: dict[date, Tagged] = {}
    for n, row in enumerate(rows):
        tagged = _tagged(row, f"units.USD/shares[{n}]", cik)
        kept = newest.get(tagged.end)
        if kept is None or (tagged.filed or date.min) >= (kept.filed or date.min):
            newest[tagged.end] = tagged
    return [newest[end] for end in sorted(newest)]


def known_by(values: Sequence[Tagged], now: datetime) -> Iterator[Tagged]:
    """Those of `values` that were filed by `now`."""
    return (each for each in values if each.filed is None or each.known_at(datetime.max.replace(tzinfo=UTC)) <= now)


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}", where="byte 0", evidence=body[:200].decode("latin-1")) from error
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object", where="byte 0", evidence=body[:200].decode("latin-1"))
    return value


def _tagged(row: object, where: str, cik: int | None = None) -> Tagged:
    try:
        cells = cast("Mapping[str, object]", row)
        amount = cells["val"]
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            raise TypeError(f"val is {amount!r}")
        filed = cells.get("filed")
        return Tagged(
            cik=int(str(cells["cik"])) if cik is None else cik,
            end=calendar_day(str(cells["end"]), where),
            value=Decimal(amount),
            accession=str(cells["accn"]),
            filed=calendar_day(str(filed), where) if filed else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"a value of another shape: {error!r}", where=where, evidence=str(row)[:300]) from error
