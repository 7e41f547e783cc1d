"""The data-quality panel: what was not read, what disagrees, what is old; readable without a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.model import Signal
from chalicelib.report import bonds
from chalicelib.report.gathering import Page
from chalicelib.report.shown import Past, link, mapping, rows, text
from chalicelib.report.words import PERIODS, amount, count, e, title_of

_OPEN_BELOW = 6
_MOST = 30


def panel(page: Page) -> str:
    """The whole panel."""
    told = {str(each["scraper"]): each for each in page.told["scrapers"]}
    blocks = "".join(_of_one(past, told.get(past.scraper, {}), page.as_of) for past in page.pasts.values())
    return (
        '<section class="panel" id="quality"><div class="head"><h2>Data quality</h2>'
        "<p>What was not read, what disagrees, what is old"
        f'{", as things stand now" if page.as_of else ""}</p></div><div class="quality">{blocks}</div></section>'
    )


def _of_one(past: Past, told: Mapping[str, Any], as_of: date | None) -> str:
    latest = past.latest
    lists = [
        ("Disagreeing witnesses", [*(_cited(each) for each in bonds.witnesses(past)), *_notices(told, "disagreement")]),
        ("Parked or failed", [_line(each["item"], each["evidence"]) for each in rows(told.get("not_read"))]),
        ("Unmapped members", _notices(told, "unmapped-member")),
        ("Stale", _stale(latest)),
        ("Feeds with errors", [_line(each["ticker"], each["error"]) for each in rows(told.get("feeds")) if each["error"]]),
        ("Left out", [_line(name, why) for name, why in _left_out(latest)]),
        ("Other notices", _others(told)),
    ]  # fmt: skip
    shown = "".join(_list(name, entries) for name, entries in lists)
    nothing = '<p class="fine">Nothing to report.</p>' if latest and not shown else ""
    limits = "".join(f"<li><code>{e(name)}</code> {e(_limit(name, value))}</li>" for name, value in past.limits.items())
    return (
        f'<article data-scraper="{e(past.scraper)}"><h3>{e(title_of(past.scraper))}</h3>{_coverage(past, as_of)}{shown}{nothing}'
        f'<details class="limits"><summary>Alert thresholds</summary><ul>{limits}</ul></details></article>'
    )


def _coverage(past: Past, as_of: date | None) -> str:
    if past.latest is None:
        return "<p>No run has concluded.</p>"
    share = past.latest.coverage
    kept = "" if as_of else f" · {count(len(past.signals), *PERIODS[past.kind])} kept"
    return (
        f'<p class="cov"><meter min="0" max="1" value="{share:.4f}" aria-label="Coverage">{share:.0%}</meter> '
        f"<span>coverage <b>{share:.0%}</b> in {e(past.latest.window)}{e(kept)}</span></p>"
    )


def _limit(name: str, value: Decimal) -> str:
    return amount(value, "USD") if name.endswith("_usd") else f"{value.normalize():f}"


def _line(whose: object, words: object) -> str:
    return f"<b>{e(text(whose, 160))}</b> {e(text(words, 300))}"


def _list(name: str, entries: Sequence[str]) -> str:
    if not entries:
        return ""
    shown = "".join(f"<li>{each}</li>" for each in entries[:_MOST])
    more = f"<li>and {len(entries) - _MOST} more</li>" if len(entries) > _MOST else ""
    opened = " open" if len(entries) < _OPEN_BELOW else ""
    return f"<details{opened}><summary>{e(name)} ({len(entries)})</summary><ul>{shown}{more}</ul></details>"


def _cited(each: tuple[str, str, str]) -> str:
    whose, words, source = each
    address = link(source)
    cited = f' <a href="{e(address)}" rel="noopener noreferrer">document</a>' if address else ""
    return f"{_line(whose, words)}{cited}"


def _notices(told: Mapping[str, Any], kind: str) -> list[str]:
    return [
        _cited((each["subject"], each["words"], each["source"])) for each in rows(told.get("notices")) if each["kind"] == kind
    ]


def _others(told: Mapping[str, Any]) -> list[str]:
    known = ("disagreement", "unmapped-member")
    return [
        _cited((each["subject"], f"{each['kind']}: {each['words']}", each["source"]))
        for each in rows(told.get("notices"))
        if each["kind"] not in known
    ]


def _stale(latest: Signal | None) -> list[str]:
    names = latest.data.get("stale") if latest else None
    return [_line(each, "price of an earlier session") for each in names] if isinstance(names, list | tuple) else []


def _left_out(latest: Signal | None) -> Iterable[tuple[str, str]]:
    if latest is None:
        return
    yield from ((str(name), str(why)) for name, why in mapping(latest.data.get("missing")).items())
    for each in rows(latest.data.get("left_out")):
        yield f"{each.get('issuer')} {each.get('title') or ''}", str(each.get("why"))
