"""A scraper's past: its signals as they stand, or as they would have stood on a past day.

As of a day, every window is summarised again from what was public by that day's end (UTC): a revision, a late filing or a
restated value counts only from the moment it was known, whenever we fetched it.
"""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.errors import BadEvent, Missing, SentinelError
from chalicelib.model import Window

if TYPE_CHECKING:
    from chalicelib.model import Observation, Signal
    from chalicelib.ports import Scraper, Store

COLUMNS: Mapping[str, str] = {
    "scraper": "the scraper's name",
    "window": "ISO week, day or quarter the row speaks of",
    "as_of": "last day the headline speaks of (YYYY-MM-DD)",
    "headline": "the headline value, in `unit`; empty when withheld",
    "unit": "unit of the headline (USD, ratio)",
    "change": "change on `compared_with`, in `change_unit`; empty when there is none",
    "change_unit": "unit of the change",
    "compared_with": "the window the change is measured against",
    "coverage": "share of what was due that was read, 0 to 1",
    "confidence": "high, medium or low",
    "withheld": "why there is no headline; empty when there is one",
    "known_at": "when the row was concluded, or the day asked for (UTC)",
}
"""The columns of every export, in order, with what they hold."""

OBSERVATION_COLUMNS: Mapping[str, str] = {
    "scraper": "the scraper's name",
    "key": "names the fact for good, over revisions and runs",
    "kind": "what is told: tranche, deal, price, nav, provision, ...",
    "subject": "of whom: issuer, fund, bank",
    "as_of": "the day it speaks of (YYYY-MM-DD)",
    "known_at": "when this revision became known (UTC)",
    "value": "the number, in `unit`; empty when the source gives none",
    "unit": "ISO currency code, USD/share, ratio, pct or count",
    "confidence": "high, medium or low",
    "source": "address of the document it was read from",
    "words": "the words it was read from",
    "offset": "where the words stand in the document, in bytes; empty when not kept",
    "detail": "what else was read, as JSON; amounts inside it are decimal text",
}
"""The columns of `--observations`, in order, with what they hold."""

MOST = 20_000
"""Windows of one scraper that are read: eighty years of sessions."""

RUN_HOUR = time(9, tzinfo=UTC)
"""Every schedule has started by this time of its day."""
RUN_DAYS: Mapping[str, Callable[[date], bool]] = {
    "bond-issuance": lambda day: day.weekday() == 0,
    "bdc-discount": lambda _: True,
    "credit-fund": lambda day: day.day == 1,
    "bank-provision": lambda day: day.day == 1 and day.month in (1, 4, 7, 10),
}
"""The days on which the schedule of `app.py` runs a scraper."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for a formula's beginning, full-width forms too (OWASP, CSV injection)."""
_LONGEST_WAIT = 500  # days from a window's end within which the last scheduled run works on it


def end_of(day: date) -> datetime:
    """The last instant of `day`, UTC."""
    return datetime.combine(day, time.max, UTC)


def runs_on(scraper: Scraper, window: Window) -> Iterator[datetime]:
    """The scheduled runs that work on `window`, in their order."""
    for passed in range(1, _LONGEST_WAIT):
        day = window.last + timedelta(days=passed)
        if not RUN_DAYS[scraper.NAME](day):
            continue
        if window in scraper.windows(at := datetime.combine(day, RUN_HOUR)):
            yield at
        elif scraper.windows(at)[0].first > window.last:
            return


def first_due(scraper: Scraper, window: Window) -> datetime:
    """The first scheduled run that works on `window`: its signal is known from then on. The next morning where none does."""
    return next(runs_on(scraper, window), datetime.combine(window.last + timedelta(days=1), RUN_HOUR))


def last_due(scraper: Scraper, window: Window) -> datetime:
    """The last scheduled run that works on `window`: what a back-filled run of it may know."""
    return max(runs_on(scraper, window), default=first_due(scraper, window))


def kept_windows(scraper: Scraper, store: Store) -> list[Window]:
    """The windows a signal is kept of, oldest first."""
    return [Window.parse(signal.window) for signal, _ in store.signals(scraper.NAME, limit=MOST)]


def _refuse_to_come(as_of: date) -> None:
    if as_of > datetime.now(UTC).date():
        raise BadEvent(f"--as-of {as_of}: that day is to come")


def signals(scraper: Scraper, store: Store, as_of: date | None = None) -> list[tuple[Signal, datetime]]:
    """Every window's signal, oldest first, with when it became known; as they stood at the end of `as_of` if given.

    As of a day only windows that had ended by then are there, each withheld where too little of it had been read.
    Raises `BadEvent` for a day to come: nobody knows what will be known then.
    """
    if as_of is None:
        return list(store.signals(scraper.NAME, limit=MOST))
    _refuse_to_come(as_of)
    known_by = end_of(as_of)
    ended = [window for window in kept_windows(scraper, store) if window.last <= as_of]
    if not ended:
        return []
    back = timedelta(days=scraper.LOOKBACK_DAYS)
    stored = store.observations(scraper.NAME, ended[0].first - back, ended[-1].last, known_by)
    days = [each.observation.as_of for each in stored]
    seen: list[Signal] = []
    for window in ended:
        among = stored[bisect_left(days, window.first - back) : bisect_right(days, window.last)]
        seen.append(checked(scraper, scraper.summarise([each.observation for each in among], seen, window)))
    return [(signal, known_by) for signal in seen]


def checked(scraper: Scraper, signal: Signal) -> Signal:
    """The signal, withheld below the coverage a run needs."""
    if signal.withheld is None and signal.coverage < scraper.EXPECT.coverage:
        words = f"{signal.coverage:.1%} of what was due could be read, {scraper.EXPECT.coverage:.0%} is needed"
        return signal.without_headline(words)
    return signal


def rows(found: Sequence[tuple[Signal, datetime]]) -> list[dict[str, object]]:
    """The signals as rows of `COLUMNS`."""
    return [
        {
            "scraper": signal.scraper,
            "window": signal.window,
            "as_of": signal.as_of,
            "headline": signal.headline,
            "unit": signal.unit,
            "change": signal.change,
            "change_unit": "" if signal.change is None else signal.change_unit or signal.unit,
            "compared_with": signal.compared_with,
            "coverage": signal.coverage,
            "confidence": signal.confidence,
            "withheld": signal.withheld,
            "known_at": known_at,
        }
        for signal, known_at in found
    ]


def observations(scraper: Scraper, store: Store, as_of: date | None = None) -> list[Observation]:
    """What the kept windows were summarised from, ordered by day and key; as known at the end of `as_of` if given.

    Raises `BadEvent` for a day to come.
    """
    if as_of is not None:
        _refuse_to_come(as_of)
    kept = kept_windows(scraper, store)
    if not kept:
        return []
    first, last = kept[0].first - timedelta(days=scraper.LOOKBACK_DAYS), kept[-1].last
    return [each.observation for each in store.observations(scraper.NAME, first, last, end_of(as_of) if as_of else None)]


def observation_rows(scraper: str, found: Sequence[Observation]) -> list[dict[str, object]]:
    """The observations as rows of `OBSERVATION_COLUMNS`; `detail` as JSON text with its keys in order."""
    return [
        {
            "scraper": scraper,
            "key": each.key,
            "kind": each.kind,
            "subject": each.subject,
            "as_of": each.as_of,
            "known_at": each.known_at,
            "value": each.value,
            "unit": each.unit,
            "confidence": each.confidence,
            "source": each.source,
            "words": each.words,
            "offset": each.offset,
            "detail": json.dumps(each.detail, ensure_ascii=False, sort_keys=True),
        }
        for each in found
    ]


def as_csv(table: Sequence[Mapping[str, object]], columns: Mapping[str, str] = COLUMNS) -> str:
    """Rows as CSV with a head line; text that a spreadsheet would run as a formula is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in columns} for row in table)
    return out.getvalue()


def as_parquet(table: Sequence[Mapping[str, object]], columns: Mapping[str, str] = COLUMNS) -> bytes:
    """Rows as a Parquet file: amounts `decimal(38, 12)`, days `date`, instants `timestamp` UTC, all else text.

    Raises `Missing` when pyarrow, an optional extra, is not installed; `SentinelError` for an amount it cannot hold exactly.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise Missing("Parquet needs pyarrow, which is optional: .venv/bin/python -m pip install pyarrow") from error
    exact = pa.decimal128(38, 12)
    kinds = {"as_of": pa.date32(), "known_at": pa.timestamp("us", tz="UTC"), "offset": pa.int64()}
    amounts = ("headline", "change", "coverage", "value")
    schema = pa.schema([(name, kinds.get(name, exact if name in amounts else pa.string())) for name in columns])
    try:
        made = pa.table(
            {name: pa.array([row[name] for row in table], schema.field(name).type) for name in columns}, schema=schema
        )
    except pa.ArrowInvalid as error:
        raise SentinelError(f"an amount does not fit decimal(38, 12): {error}") from error
    sink = io.BytesIO()
    parquet.write_table(made, sink)
    return sink.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")  # csv does not quote a lone \r, which ends a row for many readers
    return f"'{text}" if text.startswith(_FORMULA) else text
