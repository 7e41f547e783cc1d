"""The page as HTML: what must be read without a script is written here, charts and tables are drawn from the data block.

Nothing from a document stands in it unescaped; the content policy allows the two scripts and the style by their hashes only.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib import composite
from chalicelib.errors import Missing
from chalicelib.model import Level, Signal
from chalicelib.report import bonds
from chalicelib.report.gathering import Page, composite_chart, level
from chalicelib.report.shown import Past, link, mapping, rows, text

ASSETS = Path(__file__).resolve().parents[3] / "report_assets"
LIBRARY, LIBRARY_STYLE = "uplot-1.6.32.min.js", "uplot-1.6.32.min.css"
TITLES = {
    "bond-issuance": "Tech bond issuance",
    "bdc-discount": "BDC discount to NAV",
    "credit-fund": "Credit-fund marks",
    "bank-provision": "Bank provisions",
}
_BADGES: Mapping[Level | None, str] = {None: "no alert", "alert": "alert", "medium": "alert: medium", "high": "alert: high"}
MINUS = "\N{MINUS SIGN}"
FRESH_DAYS = {"week": 14, "day": 5, "quarter": 190}
"""A headline of an older period is called old."""


def render(page: Page) -> str:
    """The page."""
    style = _asset(LIBRARY_STYLE) + _asset("report.css")
    library, script = _asset(LIBRARY), _asset("report.js")
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return "".join([
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">',
        '<meta name="color-scheme" content="light dark"><title>Boom-Bust Sentinel</title>',
        f"<style>{style}</style></head><body>",
        _body(page),
        f'<script type="application/json" id="data">{_block(_data(page))}</script>',
        f"<script>{library}</script><script>{script}</script></body></html>\n",
    ])  # fmt: skip


def _asset(name: str) -> str:
    try:
        return (ASSETS / name).read_text("utf-8")
    except OSError as error:
        raise Missing(f"the report's {name} is not in {ASSETS}: run it from a checkout of the project") from error


def _hash(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _block(data: Mapping[str, Any]) -> str:
    """JSON that no byte of can end the element it stands in."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028")


def _data(page: Page) -> dict[str, Any]:
    sections = [dict(each) for each in page.sections]
    for each in sections:
        for fund in each["table"].get("funds", {}).values():
            fund.pop("known", None)
    return {"documents": page.documents.pairs, "composite": composite_chart(page.points), "sections": sections}


def _body(page: Page) -> str:
    when = f"as known at the end of {page.as_of}" if page.as_of else f"{page.made_at:%d %B %Y, %H:%M} UTC"
    cards = "".join(_card(past, page.as_of or page.made_at.date()) for past in page.pasts.values())
    charts = "".join(
        _section(each["chart"], each["table"]["caption"], len(each["chart"]["x"]), past)
        for each, past in zip(page.sections, page.pasts.values(), strict=True)
    )
    return (
        '<a class="skip" href="#quality">Skip to data quality</a>'
        '<header class="top"><div><p class="eyebrow">AI / tech credit cycle</p>'
        f'<h1>Boom-Bust Sentinel</h1></div><p class="when">{_e(when)}</p></header><main>'
        f'<section aria-label="Headlines" class="cards">{cards}</section>{_composite(page)}{charts}{_quality(page)}</main>'
        "<footer><p>Every number is linked to the document it was read from. A number that cannot be had is shown as not "
        "available, never guessed. Shown with uPlot 1.6.32 (MIT).</p></footer>"
        "<noscript><p>Charts and tables need a script; the headlines above and the data-quality panel do not.</p></noscript>"
    )


def _card(past: Past, today: date) -> str:
    title = TITLES.get(past.scraper, past.scraper)
    latest = past.latest
    if latest is None:
        return (
            f'<article class="card none" data-scraper="{_e(past.scraper)}"><h2>{_e(title)}</h2>'
            '<p class="value">No data yet</p><p class="sub">It has not concluded a run.</p></article>'
        )
    age = (today - latest.as_of).days
    old = age > FRESH_DAYS[past.kind]
    if latest.headline is None:
        value = '<p class="value na">Not available</p>'
        sub = f'<p class="sub why">{_e(text(latest.withheld, 300))}</p>'
    else:
        value = f'<p class="value" data-value="{latest.headline}">{_e(amount(latest.headline, latest.unit))}</p>'
        sub = f'<p class="sub">{_change(latest)}</p>'
    grave = level(past)
    badge = f'<span class="badge {grave or "calm"}">{_e(_BADGES[grave])}</span>'
    facts = (
        f'<li class="{"old" if old else ""}"><b>{_e(latest.window)}</b> {_e(_age(age))}{" · old" if old else ""}</li>'
        f'<li class="conf {latest.confidence}">{_e(latest.confidence)} confidence</li>'
        f"<li>{latest.coverage:.0%} coverage</li>"
    )
    return (
        f'<article class="card {grave or "calm"}" data-scraper="{_e(past.scraper)}">'
        f'<div class="head"><h2>{_e(title)}</h2>{badge}</div>'
        f'{value}{sub}<ul class="facts">{facts}</ul></article>'
    )


def _age(days: int) -> str:
    if days < 1:
        return "today"
    return f"{days} days old" if days > 1 else "1 day old"


def _change(signal: Signal) -> str:
    """The change in words: points for ratios, dollars for dollars."""
    if signal.change is None:
        return "No earlier period to compare with"
    unit = signal.change_unit or signal.unit
    sign = "+" if signal.change > 0 else MINUS if signal.change < 0 else "±"
    size = abs(signal.change)
    shown = f"{size * 100:.2f} points" if unit == "ratio" else amount(size, unit)
    arrow = "▲" if signal.change > 0 else "▼" if signal.change < 0 else "■"
    on = f" on {_e(signal.compared_with)}" if signal.compared_with else ""
    return f'<span class="arrow" aria-hidden="true">{arrow}</span> {_e(sign + shown)}{on}'


def amount(value: Decimal, unit: str) -> str:
    """`$47.50 bn`, `$12.3 m`, `9.31 %`; another unit stands behind its number."""
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if unit == "ratio":
        return f"{sign}{size * 100:.2f} %"
    if unit != "USD":
        return f"{sign}{size:f} {unit}"
    if size >= 1_000_000_000:
        return f"{sign}${size / 1_000_000_000:,.2f} bn"
    return f"{sign}${size / 1_000_000:,.1f} m" if size >= 1_000_000 else f"{sign}${size:,.0f}"


def _composite(page: Page) -> str:
    point = page.points[-1]
    value = f'<p class="value" data-value="{point.index}">{point.index}<small>/ 100</small></p>' if point.index is not None else (
        '<p class="value na">Not available</p>'
    )  # fmt: skip
    told = "" if point.index is not None else (
        f'<p class="sub">{page.weights.least_share:.0%} of the weight must have enough history.</p>'
    )  # fmt: skip
    parts = []
    for part, score in zip(composite.PARTS, point.parts, strict=True):
        title = TITLES[part.scraper]
        shown = (
            f'<meter min="0" max="100" value="{score.score}" aria-label="{_e(title)}">{score.score}</meter><b>{score.score}</b>'
            if score.score is not None
            else f'<span class="missing">missing: {_e(text(score.missing, 120))}</span>'
        )
        high = f"high means {part.high_means}"
        parts.append(f"<li><span>{_e(title)}<small>{_e(high)} · weight {score.weight.normalize():f}</small></span>{shown}</li>")
    drawn = composite_chart(page.points)
    chart = _canvas(drawn["id"], drawn["title"]) if drawn["x"] else ""
    return (
        '<section class="panel composite" id="s-composite"><div class="head"><h2>Boom-bust index</h2><p>0 bust · 100 boom: '
        'percentile ranks of the four headlines in their own history, nothing imputed</p></div><div class="split">'
        f'<div class="gauge">{value}{told}</div><ul class="parts">{"".join(parts)}</ul></div>{chart}</section>'
    )


def _canvas(name: str, title: str) -> str:
    return (
        f'<div class="tools" data-for="{name}"></div><div class="chart" id="c-{name}" tabindex="0" role="img" '
        f'aria-label="{_e(title)}. Arrow keys move through the values; the table below holds them all."></div>'
        f'<div class="legend" id="l-{name}"></div><p class="live" id="v-{name}" aria-live="polite"></p>'
    )


def _section(drawn: Mapping[str, Any], caption: str, points: int, past: Past) -> str:
    name = _e(drawn["id"])
    title = _e(drawn["title"])
    latest = past.latest
    withheld = f'<p class="warn">{_e(latest.window)}: {_e(text(latest.withheld, 300))}</p>' if latest and latest.withheld else ""
    if not points:
        head = f'<div class="head"><h2>{title}</h2></div>'
        return f'<section class="panel" id="s-{name}">{head}<p class="empty">No data yet.</p></section>'
    return (
        f'<section class="panel" id="s-{name}"><div class="head"><h2>{title}</h2><p>{_e(drawn["note"])}</p></div>{withheld}'
        f'{_canvas(name, drawn["title"])}<details class="table" open data-for="{name}"><summary>{_e(caption)}</summary>'
        f'<div class="tabletools"></div>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_e(caption)}"></div></details></section>'
    )


def _quality(page: Page) -> str:
    told = {str(each["scraper"]): each for each in page.told["scrapers"]}
    blocks = "".join(_of_one(past, told.get(past.scraper, {}), page.as_of) for past in page.pasts.values())
    return (
        '<section class="panel" id="quality"><div class="head"><h2>Data quality</h2>'
        "<p>What was not read, what disagrees, what is old"
        f'{", as things stand now" if page.as_of else ""}</p></div><div class="quality">{blocks}</div></section>'
    )


def _of_one(past: Past, told: Mapping[str, Any], as_of: date | None) -> str:
    title = TITLES.get(past.scraper, past.scraper)
    latest = past.latest
    lists = [
        ("Disagreeing witnesses", [*(_cited(each) for each in bonds.witnesses(past)), *_notices(told, "disagreement")]),
        ("Parked or failed", [_line(each["item"], each["evidence"]) for each in rows(told.get("not_read"))]),
        ("Unmapped members", _notices(told, "unmapped-member")),
        ("Stale", _stale(latest)),
        ("Left out", [_line(name, why) for name, why in _left_out(latest)]),
        ("Other notices", _others(told)),
    ]  # fmt: skip
    shown = "".join(_list(name, entries) for name, entries in lists)
    coverage = f"{latest.coverage:.0%}" if latest else "none"
    limits = ", ".join(f"{_e(name)} {value.normalize():f}" for name, value in past.limits.items())
    nothing = "" if shown else '<p class="fine">Nothing to report.</p>'
    return (
        f'<article data-scraper="{_e(past.scraper)}"><h3>{_e(title)}</h3><p class="cov">Coverage <b>{coverage}</b>'
        f"{' · ' + str(len(past.signals)) + ' periods kept' if not as_of else ''}</p>{shown}{nothing}"
        f'<p class="limits">Limits: {limits}</p></article>'
    )


def _line(whose: object, words: object) -> str:
    return f"<b>{_e(text(whose, 60))}</b> {_e(text(words, 300))}"


def _list(name: str, entries: Sequence[str]) -> str:
    if not entries:
        return ""
    shown = "".join(f"<li>{each}</li>" for each in entries[:30])
    more = f"<li>and {len(entries) - 30} more</li>" if len(entries) > 30 else ""
    opened = " open" if len(entries) < 6 else ""
    return f"<details{opened}><summary>{_e(name)} ({len(entries)})</summary><ul>{shown}{more}</ul></details>"


def _cited(each: tuple[str, str, str]) -> str:
    whose, words, source = each
    address = link(source)
    cited = f' <a href="{_e(address)}" rel="noopener noreferrer">document</a>' if address else ""
    return f"{_line(whose, words)}{cited}"


def _notices(told: Mapping[str, Any], kind: str) -> list[str]:
    return [
        f"<b>{_e(text(each['subject'], 60))}</b> {_e(text(each['words'], 300))}"
        for each in rows(told.get("notices"))
        if each["kind"] == kind
    ]


def _others(told: Mapping[str, Any]) -> list[str]:
    known = ("disagreement", "unmapped-member")
    rest = [each for each in rows(told.get("notices")) if each["kind"] not in known]
    return [
        f"<b>{_e(text(each['subject'], 60))}</b> {_e(text(each['kind'], 30))}: {_e(text(each['words'], 300))}" for each in rest
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


def _e(value: object) -> str:
    return html.escape("" if value is None else str(value), quote=True)
