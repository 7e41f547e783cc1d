"""What a bank told of a quarter outside its report: in its earnings call or, when none is had, its release (8-K item 2.02).

Either is a fallback: confidence low, labelled with its method, beside the report's number and never in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from chalicelib import edgar
from chalicelib.errors import Forbidden, Missing, Unreadable, UpstreamDown
from chalicelib.model import Item, Json, Notice, Observation, Window
from chalicelib.ports import Fetch
from chalicelib.scrapers.bank_provision import transcript
from chalicelib.scrapers.bank_provision.documents import released
from chalicelib.scrapers.bank_provision.heard import heard_at
from chalicelib.scrapers.bank_provision.transcript import Said


def told(item: Item, fetch: Fetch) -> Iterator[Observation | Notice]:
    """The amounts of the call, else of the first release that names any; one that cannot be had or read is a notice.

    Raises `UpstreamDown` when EDGAR has no release to give now.
    """
    window, ticker = Window.parse(str(item.detail["window"])), str(item.detail["ticker"])
    try:
        document = fetch.transcripts.find(ticker, window)
    except (Forbidden, UpstreamDown) as error:
        document = None
        yield Notice("feed-health", ticker, f"no transcript: {error}")
    called = f"{ticker}-{window}"
    if document is not None:
        known_at = heard_at(document.body, window, fetch.now())
        yield from _observations(item, "transcript", item.key, transcript.read(document.body, called), document.url, known_at)
        return
    for accession, accepted in cast("Sequence[Sequence[str]]", item.detail.get("releases") or ()):
        source = edgar.submission_url(int(str(item.detail["cik"])), accession)
        try:
            words = released(fetch.web.get(source).body)
        except (Missing, Unreadable) as error:
            yield Notice("feed-health", ticker, f"release not read: {error}", source)
            continue
        if said := transcript.find(words or "", called):
            # A second release repeats the first: its amounts would be counted twice.
            known_at = datetime.fromisoformat(accepted)
            yield from _observations(item, "release", f"{item.key}/{accession}", said, source, known_at)
            return


def _observations(
    item: Item, method: str, key: str, said: Sequence[Said], source: str, known_at: datetime
) -> Iterator[Observation]:
    window = Window.parse(str(item.detail["window"]))
    for number, each in enumerate(said, start=1):
        detail: dict[str, Json] = {"method": method, "kind": each.kind, "bank": item.detail["bank"]}
        yield Observation(
            key=f"{key}/{number}",
            kind="transcript",
            subject=str(item.detail["ticker"]),
            as_of=window.last,
            known_at=known_at,
            value=each.amount,
            unit="USD",
            confidence="low",
            source=source,
            words=each.words[:500],
            offset=each.offset,
            detail=detail,
        )
