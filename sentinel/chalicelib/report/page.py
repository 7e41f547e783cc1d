"""The page as HTML: what must be read without a script is written here, charts and tables are drawn from the data block.

Nothing from a document stands in it unescaped; the content policy allows the two scripts and the style by their hashes only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib import composite
from chalicelib.errors import Missing
from chalicelib.report import alerted, quality
from chalicelib.report.cards import card
from chalicelib.report.gathering import BOOM, BUST, Page, composite_chart, level
from chalicelib.report.shown import Past, text
from chalicelib.report.words import e, moved, title_of

ASSETS = Path(__file__).resolve().parents[3] / "report_assets"
LIBRARY, LIBRARY_STYLE = "uplot-1.6.32.min.js", "uplot-1.6.32.min.css"
PARTS = ("formats.js", "charts.js", "tables.js", "report.js")
_MONTH_WEEKS, _YEAR_WEEKS = 4, 52


def render(page: Page) -> str:
    """The page."""
    style = _asset(LIBRARY_STYLE) + _asset("report.css")
    library = _asset(LIBRARY)
    script = '"use strict";(() => {\n' + "".join(_asset(name) for name in PARTS) + "})();"
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
    return {
        "documents": page.documents.pairs,
        "composite": composite_chart(page.points),
        "sections": page.sections,
        "alerts": alerted.table(page),
    }


def _body(page: Page) -> str:
    when = f"as known at the end of {page.as_of}" if page.as_of else f"{page.made_at:%d %B %Y, %H:%M} UTC"
    cards = "".join(card(past, page.as_of or page.made_at.date()) for past in page.pasts.values())
    charts = "".join(
        _section(each["chart"], each["table"]["caption"], past)
        for each, past in zip(page.sections, page.pasts.values(), strict=True)
    )
    return (
        '<a class="skip" href="#quality">Skip to data quality</a>'
        '<header class="top"><div><p class="eyebrow">AI / tech credit cycle</p>'
        f'<h1>Boom-Bust Sentinel</h1></div><div class="when"><p>{e(when)}</p>{_state(page)}</div></header><main>'
        f'<section aria-label="Headlines" class="cards">{cards}</section>{_composite(page)}{alerted.panel(page)}{charts}'
        f"{quality.panel(page)}</main>"
        "<footer><p>Every number is linked to the document it was read from. A number that cannot be had is shown as not "
        "available, never guessed. Shown with uPlot 1.6.32 (MIT).</p></footer>"
        "<noscript><p>Charts and tables need a script; the headlines above and the data-quality panel do not.</p></noscript>"
    )


def _state(page: Page) -> str:
    """How many of the newest headlines stand in alert."""
    loud = [past for past in page.pasts.values() if level(past)]
    if not any(past.signals for past in page.pasts.values()):
        return ""
    words = f"{len(loud)} of {len(page.pasts)} headlines in alert" if loud else "no headline in alert"
    return f'<p class="{"loud" if loud else "quiet"}">{e(words)}</p>'


def _composite(page: Page) -> str:
    point = page.points[-1]
    parts = "".join(_part(part, score) for part, score in zip(composite.PARTS, point.parts, strict=True))
    drawn = composite_chart(page.points)
    chart = _canvas(drawn["id"], drawn["title"]) if drawn["x"] else ""
    return (
        '<section class="panel composite" id="s-composite"><div class="head"><h2>Boom-bust index</h2><p>0 bust · 100 boom: '
        "percentile ranks of the four headlines in their own history, nothing imputed</p></div>"
        f'<div class="split">{_gauge(page)}<ul class="parts">{parts}</ul></div>{chart}</section>'
    )


def _gauge(page: Page) -> str:
    index = page.points[-1].index
    if index is None:
        return (
            '<div class="gauge"><p class="value na">Not available</p>'
            f'<p class="sub">{page.weights.least_share:.0%} of the weight must have enough history.</p></div>'
        )
    word = "boom" if index >= BOOM else "bust" if index <= BUST else "neither boom nor bust"
    zones = "".join(
        f'<rect class="{name}" x="{first}" width="{last - first}" y="8" height="8"/>'
        for name, first, last in (("bust", 0, BUST), ("between", BUST, BOOM), ("boom", BOOM, 100))
    )
    moves = "".join(
        f"<li>{moved(index - before, f'{abs(index - before):.1f}')} on {e(words)}</li>"
        for back, words in ((_MONTH_WEEKS, "4 weeks before"), (_YEAR_WEEKS, "a year before"))
        if len(page.points) > back and (before := page.points[-1 - back].index) is not None
    )
    return (
        f'<div class="gauge"><p class="value" data-value="{index}">{index}<small>/ 100</small></p><p class="sub">{word}</p>'
        f'<svg class="scale" viewBox="-2 0 104 20" role="img" aria-label="{index} on a scale from 0 (bust) to 100 (boom)">{zones}'
        f'<path d="M{index} 18 l-3.5 -13 h7 z"/></svg><p class="ends"><span>bust</span><span>boom</span></p>'
        f'<ul class="moves">{moves}</ul></div>'
    )


def _part(part: composite.Part, score: composite.Score) -> str:
    title = title_of(part.scraper)
    shown = (
        f'<meter min="0" max="100" value="{score.score}" aria-label="{e(title)}">{score.score}</meter><b>{score.score}</b>'
        if score.score is not None
        else f'<span class="missing">missing: {e(text(score.missing, 120))}</span>'
    )
    told = f"high means {part.high_means} · weight {score.weight.normalize():f}"
    return f"<li><span>{e(title)}<small>{e(told)}</small></span>{shown}</li>"


def _canvas(name: str, title: str) -> str:
    return (
        f'<div class="tools" data-for="{name}"></div><div class="chart" id="c-{name}" tabindex="0" role="img" '
        f'aria-label="{e(title)}. Arrow keys move through the values; the table below holds them all."></div>'
        f'<div class="legend" id="l-{name}"></div><p class="live" id="v-{name}" aria-live="polite"></p>'
    )


def _section(drawn: Mapping[str, Any], caption: str, past: Past) -> str:
    name, title, latest = e(drawn["id"]), e(drawn["title"]), past.latest
    if not drawn["x"]:
        return (
            f'<section class="panel" id="s-{name}"><div class="head"><h2>{title}</h2></div><p class="empty">No data yet.</p>'
            f'<p class="hint">It is drawn after the first run: <code>run {e(past.scraper)}</code>, '
            f"or <code>backfill {e(past.scraper)}</code> for a past period.</p></section>"
        )
    withheld = f'<p class="warn">{e(latest.window)}: {e(text(latest.withheld, 300))}</p>' if latest and latest.withheld else ""
    return (
        f'<section class="panel" id="s-{name}"><div class="head"><h2>{title}</h2><p>{e(drawn["note"])}</p></div>{withheld}'
        f"{_canvas(name, drawn['title'])}{alerted.place(name, caption)}</section>"
    )
