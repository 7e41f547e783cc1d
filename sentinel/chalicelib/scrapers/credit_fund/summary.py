"""A quarter's signal: same-fund change of gross assets, Form PF where there is a source, beside it the open proxy's own. Pure.

As soon as any Form PF is known the headline is Form PF's and never the proxy's; without it the proxy's, labelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.model import Confidence, Contributor, Json, Observation, Signal, Window
from chalicelib.scrapers.credit_fund.comparison import Compared, Mark, Pair, Standing, compare, standing, usable

NAME = "credit-fund"
LABELS = {
    "form-pf": "Form PF (confidential, as given)",
    "n-port": "open proxy: Form N-PORT",
    "bdc": "open proxy: non-traded BDCs, 10-Q",
}
KEPT = Decimal("-0.05")
"""Funds that fell less are not listed one by one: a signal must stay small enough to store."""
MOST = 200
_LISTED = 50
_ANNUAL_DAYS = 365 + 120


def summarise(found: Sequence[Observation], history: Sequence[Signal], window: Window) -> Signal:
    """The quarter's signal from the newest observations of it and of the 460 days before."""
    stands = standing(found)
    marks = list(stands.marks.values())
    confidential = any(each.kind == "form-pf" for each in found)
    quarterly, annual = (compare(marks, "form-pf", basis, window) for basis in ("quarterly", "annual"))
    n_port, bdc = (compare(marks, source, "quarterly", window) for source in ("n-port", "bdc"))
    if confidential:
        main = quarterly if quarterly.pairs or not annual.pairs else annual
    else:
        main = n_port if n_port.pairs or not bdc.pairs else bdc
    change = main.change
    before = _same(history, window, main)
    return Signal(
        scraper=NAME,
        window=window.name,
        as_of=window.last,
        headline=change,
        unit="ratio",
        coverage=main.coverage,
        confidence=_confidence(main, stands, confidential=confidential),
        change=None if change is None or before is None else change - before,
        change_unit="ratio",
        compared_with=None if before is None else window.before().name,
        withheld=None if change is not None else _why_not(main, window),
        contributors=_contributors(main),
        data={
            "source": main.source,
            "label": LABELS[main.source],
            "basis": main.basis,
            "compared_period": main.before.name,
            "form_pf": {"quarterly": _told(quarterly, window), "annual": _told(annual, window)} if confidential else None,
            "proxy": {"n-port": _told(n_port, window), "bdc": _told(bdc, window)},
            "overdue_annual": _overdue(marks, window),
            "revisions": [_revision(old, new) for old, new in stands.revised if new.as_of in window][:_LISTED],
            "conflicts": [_revision(old, new) for old, new in stands.conflicts][:_LISTED],
            "not_counted": sum(not mark.counted for mark in marks if mark.as_of in window),
            "in_doubt": sum(mark.counted and not usable(mark) for mark in marks if mark.as_of in window),
        },
    )


def _same(history: Sequence[Signal], window: Window, main: Compared) -> Decimal | None:
    """The headline of the quarter before when it was of the same source and basis."""
    last = history[-1] if history else None
    if last is None or last.window != window.before().name:
        return None
    return last.headline if (last.data.get("source"), last.data.get("basis")) == (main.source, main.basis) else None


def _confidence(main: Compared, stands: Standing, *, confidential: bool) -> Confidence:
    if main.change is None or stands.conflicts or main.coverage < Decimal("0.9"):
        return "low"
    return "high" if confidential and main.coverage >= Decimal("0.98") else "medium"


def _why_not(main: Compared, window: Window) -> str:
    if main.late:
        return f"none of the {len(main.late)} funds of {main.before} has reported for {window} yet ({LABELS[main.source]})"
    if main.entered:
        return f"no fund of {window} has reported for {main.before}: nothing to compare with ({LABELS[main.source]})"
    return f"no fund has reported for {window} ({LABELS[main.source]})"


def _contributors(main: Compared) -> tuple[Contributor, ...]:
    """The largest parts of the change: each fund's own change as a share of all that was there before."""
    total = main.gross[0]
    if not total:
        return ()
    moved = [(pair, ((pair.now.gross or Decimal(0)) - (pair.before.gross or Decimal(0))) / total) for pair in main.pairs]
    moved.sort(key=lambda each: (-abs(each[1]), each[0].now.fund_id))
    return tuple(Contributor(pair.now.name, part.quantize(Decimal("0.000001")), pair.now.document) for pair, part in moved[:10])


def _told(compared: Compared, window: Window) -> Mapping[str, Json]:
    """A comparison as it is stored: amounts as text, the falls one by one, late and new funds by name."""
    before, now = compared.gross
    fallen = sorted((pair for pair in compared.pairs if pair.change <= KEPT), key=lambda pair: (pair.change, pair.now.fund_id))
    splits = [pair.split for pair in compared.pairs if pair.split is not None]
    return {
        "label": LABELS[compared.source],
        "basis": compared.basis,
        "compared_period": compared.before.name,
        "change": _text(compared.change),
        "net_change": _text(compared.net_change),
        "gross_before": str(before),
        "gross_now": str(now),
        "funds": len(compared.pairs),
        "coverage": str(compared.coverage.quantize(Decimal("0.0001"))),
        "split": {
            "funds": len(splits),
            "flow": str(sum((flow for flow, _ in splits), Decimal(0))),
            "mark": str(sum((mark for _, mark in splits), Decimal(0))),
        },
        "fallen": [_fall(pair) for pair in fallen[:MOST]],
        "fallen_count": len(fallen),
        "late": [_named(mark, window.last) for mark in compared.late[:_LISTED]],
        "late_count": len(compared.late),
        "left": [_named(mark, window.last) for mark in compared.left[:_LISTED]],
        "left_count": len(compared.left),
        "entered": [_named(mark, window.last) for mark in compared.entered[:_LISTED]],
        "entered_count": len(compared.entered),
    }


def _fall(pair: Pair) -> Mapping[str, Json]:
    split = pair.split
    return {
        "fund_id": pair.now.fund_id,
        "name": pair.now.name,
        "before": str(pair.before.gross),
        "now": str(pair.now.gross),
        "change": str(pair.change.quantize(Decimal("0.000001"))),
        "net_change": _text(pair.net_change.quantize(Decimal("0.000001")) if pair.net_change is not None else None),
        "flow": _text(split[0]) if split else None,
        "mark": _text(split[1]) if split else None,
        "performance": str(pair.now.performance[1]) if pair.now.performance else None,
        "document": pair.now.document,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _named(mark: Mark, day: date) -> Mapping[str, Json]:
    return {
        "fund_id": mark.fund_id,
        "name": mark.name,
        "last": mark.as_of.isoformat(),
        "age_days": (day - mark.as_of).days,
        "gross": _text(mark.gross),
    }


def _overdue(marks: Sequence[Mark], window: Window) -> list[Mapping[str, Json]]:
    """Annual filers whose last period is so old that the next one is past due."""
    newest: dict[str, Mark] = {}
    for mark in sorted(marks, key=lambda each: each.as_of):
        if mark.frequency == "annual":
            newest[mark.fund_id] = mark
    due = window.last - timedelta(days=_ANNUAL_DAYS)
    return [_named(mark, window.last) for mark in newest.values() if mark.as_of < due][:_LISTED]


def _revision(old: Mark, new: Mark) -> Mapping[str, Json]:
    return {
        "fund_id": new.fund_id,
        "name": new.name,
        "as_of": new.as_of.isoformat(),
        "from": _text(old.gross),
        "to": _text(new.gross),
        "net_from": _text(old.net),
        "net_to": _text(new.net),
        "documents": [old.document, new.document],
    }
