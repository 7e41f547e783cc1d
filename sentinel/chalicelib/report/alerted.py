"""The alerts of all four, newest first, with what moved, from what to what, the threshold and the largest contributor."""

from __future__ import annotations

from typing import Any

from chalicelib.model import LEVELS
from chalicelib.report.gathering import Page
from chalicelib.report.shown import link, text
from chalicelib.report.words import amount, e, title_of

MOST = 300
CAPTION = "Every alert, newest first"


def panel(page: Page) -> str:
    """The panel; without an alert it says so."""
    if not any(past.alerts.values() for past in page.pasts.values()):
        return ""
    return (
        '<section class="panel" id="s-alerts"><div class="head"><h2>Alerts</h2><p>What crossed its threshold, also where a '
        f"back-fill computed it and nobody was told</p></div>{place('alerts', CAPTION)}</section>"
    )


def place(name: str, caption: str) -> str:
    """Where the script puts a table."""
    return (
        f'<details class="table" open data-for="{name}"><summary>{e(caption)}</summary><div class="tabletools"></div>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{e(caption)}"></div></details>'
    )


def table(page: Page) -> dict[str, Any]:
    """Columns and rows as the page's script takes them."""
    columns = [
        ("Period", "day"), ("Indicator", "text"), ("Level", "level"), ("What", "wide"), ("Before", "right"), ("After", "right"),
        ("Threshold", "right"), ("Largest part", "text"),
    ]  # fmt: skip
    body: list[tuple[Any, list[Any]]] = []
    for past in page.pasts.values():
        for signal, _ in past.signals:
            for level, alert in past.alerts.get(signal.window, ()):
                largest = alert.contributors[0] if alert.contributors else None
                document = page.documents.number(largest.source, largest.name) if largest and link(largest.source) else None
                before = "" if alert.before is None else amount(alert.before, alert.unit)
                body.append((
                    (signal.as_of, LEVELS.index(level)),
                    [
                        signal.window, title_of(past.scraper), level, text(alert.headline, 160), before,
                        [amount(alert.after, alert.unit), document], amount(alert.threshold, alert.unit),
                        [text(largest.name, 60), document] if largest else "",
                    ],
                ))  # fmt: skip
    body.sort(key=lambda each: each[0], reverse=True)
    left = len(body) - MOST
    note = f"{left} older alerts are not shown." if left > 0 else ""
    return {"caption": CAPTION, "columns": columns, "rows": [row for _, row in body[:MOST]], "note": note}
