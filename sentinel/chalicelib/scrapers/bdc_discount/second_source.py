"""EDGAR's tagged values for the funds of a day: what is asked, and the observations it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from chalicelib import sessions
from chalicelib.errors import Missing, Unreadable
from chalicelib.model import Notice, Observation
from chalicelib.ports import Fetch
from chalicelib.scrapers.bdc_discount import witness
from chalicelib.scrapers.bdc_discount.watchlist import Watched
from chalicelib.scrapers.bdc_discount.words import quarter_before

_READABLE = timedelta(days=200)
_PAST = timedelta(days=5)
"""A frame fetched later than this after the day may hold what was filed after it."""
_CONCEPT_AFTER = timedelta(days=30)


def values(due: Sequence[Watched], day: date, fetch: Fetch) -> Iterator[Observation | Notice]:
    """The tagged values: two frames for all funds, and one fund's own list for each that the frames lack.

    Frames do not say when a value was filed, so a past day is read from the funds' own lists, which do.
    """
    newest = quarter_before(day)
    frames: list[tuple[date, Mapping[int, witness.Tagged], datetime]] = []
    for end in (newest, quarter_before(newest)):
        try:
            document = fetch.web.get(witness.frame_of(end), shape="json", fresh=True)
        except Missing:
            frames.append((end, {}, fetch.now()))
            continue
        past = document.fetched_at - sessions.close_of(day) > _PAST or document.fetched_at - fetch.now() > _PAST
        frames.append((end, {} if past else witness.read_frame(document.body), document.fetched_at))
    for watched in due:
        held = [(frame[watched.cik], at) for _, frame, at in frames if watched.cik in frame]
        for tagged, at in held:
            yield _tagged(watched.ticker, tagged, min(at, fetch.now()), witness.frame_of(tagged.end))
        lacking = not held or (watched.cik not in frames[0][1] and day - newest >= _CONCEPT_AFTER)
        if lacking:
            yield from _own_list(watched, day, fetch)


def _own_list(watched: Watched, day: date, fetch: Fetch) -> Iterator[Observation | Notice]:
    url = witness.concept_of(watched.cik)
    try:
        document = fetch.web.get(url, shape="json")
        listed = witness.read_concept(document.body, watched.cik)
    except Missing:
        yield Notice("no-witness", watched.ticker, "EDGAR has no tagged net asset value per share", url)
        return
    except Unreadable as error:
        yield Notice("no-witness", watched.ticker, f"{error}", url)
        return
    for tagged in witness.known_by(listed, fetch.now()):
        if day - _READABLE <= tagged.end <= day:
            yield _tagged(watched.ticker, tagged, min(document.fetched_at, fetch.now()), url)


def _tagged(ticker: str, tagged: witness.Tagged, fetched_at: datetime, source: str) -> Observation | Notice:
    if not tagged.plausible:
        return Notice("implausible", ticker, f"tagged {tagged.value} per share for {tagged.end}: not a net asset value", source)
    return Observation(
        key=f"{ticker}/nav/{tagged.end}/edgar/{tagged.accession}",
        kind="nav",
        subject=ticker,
        as_of=tagged.end,
        known_at=tagged.known_at(fetched_at),
        value=tagged.value,
        unit="USD/share",
        confidence="medium",
        source=tagged.url,
        words=f"{witness.TAG} {tagged.value} at {tagged.end} ({tagged.accession})",
        detail={"kind": "final", "origin": "edgar", "dated": "stated", "low": None, "high": None},
    )
