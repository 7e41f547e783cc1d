"""What a channel is given: one message in words. Here an alert's; `failures` has the operators'.

Every alert says what moved, from, to, the threshold, why now, who contributed with links, coverage, confidence, the run's id
and its own id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from chalicelib.amounts import amount, exactly
from chalicelib.messages.words import ascii_only, clean, place, safe_link
from chalicelib.model import Contributor, Json, Level, Signal
from chalicelib.ports import Dispatch

SUBJECT_MOST = 100
"""Amazon SNS: a subject is at most 100 ASCII characters, begins with a letter, number or punctuation, and has no line break."""
SMS_MOST = 140
"""Bytes of one text message at Amazon SNS; longer ones arrive, and are billed, in pieces."""
_SHOWN = 5
_TITLES = {
    "bond-issuance": ("Bond issuance", "notes priced in the week"),
    "bdc-discount": ("BDC discount", "mean discount to NAV"),
    "credit-fund": ("Private credit funds", "change of all funds' gross assets"),
    "bank-provision": ("Bank provisions", "disclosed provisions of the quarter"),
}
"""What a reader calls each scraper, and its headline."""


@dataclass(frozen=True)
class Document:
    """A document as shown: its name, its amount or words, and an https address, empty when it is none a reader may follow."""

    name: str
    amount: str
    address: str


@dataclass(frozen=True)
class Message:
    """One message in words, for any channel. `id` is the same in every repeat; `subject` is ASCII, at most 100 characters.

    `facts` are (name, value) in a reader's order; `attributes` are what a subscription may filter on; `data` is for machines.
    """

    id: str
    kind: Literal["alert", "operator"]
    level: Level | Literal["resolved", "operator"]
    subject: str
    first: str
    facts: tuple[tuple[str, str], ...]
    sms: str
    documents: tuple[Document, ...] = ()
    documents_are: str = "Largest contributors"
    run_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Json] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole as plain text, as an e-mail shows it."""
        lines = [self.first, "", *(f"{name}: {value}" for name, value in self.facts)]
        if self.documents:
            lines += ["", f"{self.documents_are}:"]
            lines += [f"- {each.name}: {each.amount}" + (f"  {each.address}" if each.address else "") for each in self.documents]
        return "\n".join([*lines, "", *self.foot]) + "\n"

    @property
    def foot(self) -> tuple[str, ...]:
        """The ids, last in every message."""
        return (*((f"Run: {self.run_id}",) if self.run_id else ()), f"Message: {self.id}")


def of(dispatch: Dispatch, signal: Signal) -> Message:
    """The message for `dispatch`, with the figures of `signal`, its run's newest."""
    level = dispatch.level or "resolved"
    subject, sms, first = _openings(dispatch, signal)
    contributors = dispatch.alert.contributors or signal.contributors
    documents = tuple(_document(each, dispatch.alert.unit) for each in contributors[:_SHOWN])
    return Message(
        id=dispatch.id,
        kind="alert",
        level=level,
        subject=ascii_only(subject, SUBJECT_MOST),
        first=first,
        facts=tuple(_facts(dispatch, signal)),
        sms=short(sms, dispatch.id),
        documents=documents,
        run_id=dispatch.run_id,
        attributes={
            "kind": "alert",
            "scraper": dispatch.scraper,
            "level": level,
            "rule": clean(dispatch.rule, 200),
            "window": signal.window,
            "confidence": signal.confidence,
            "dispatch_id": dispatch.id,
        },
        data=_data(dispatch, signal),
    )


def _openings(dispatch: Dispatch, signal: Signal) -> tuple[str, str, str]:
    """Subject, text-message words and first line."""
    title = _TITLES.get(dispatch.scraper, (clean(dispatch.scraper), ""))[0]
    headline = clean(dispatch.alert.headline, 200)
    level = (dispatch.level or "resolved").upper()
    if dispatch.level is None:
        headline = f"no longer: {headline}"
    said = f"{title} {signal.window}: {headline}"
    return f"[{level}] {said}", f"{level} {said}", f"{level}: {title}, {signal.window}: {headline}"


def _facts(dispatch: Dispatch, signal: Signal) -> list[tuple[str, str]]:
    alert, since = dispatch.alert, clean(dispatch.alert.since, 20)
    what, when, why = "What moved", f" ({since})" if since else "", clean(alert.why, 400)
    if dispatch.level is None:
        what, when = "What had moved", " (when it alerted)"
        why = f"it was told at level {alert.level}, and this run's figures no longer pass the threshold"
    before = exactly(alert.before, alert.unit) if alert.before is not None else "not available: nothing earlier to compare with"
    return [
        (what, clean(alert.headline, 300)),
        (f"From{when}", before),
        (f"To{'' if dispatch.level else when}", exactly(alert.after, alert.unit)),
        ("Threshold", clean(alert.limit, 200) or exactly(alert.threshold, alert.unit)),
        ("Why now", why),
        ("Headline now", _headline(dispatch, signal)),
        ("Coverage", f"{signal.coverage * 100:.1f} % of what was due was read"),
        ("Confidence", signal.confidence),
    ]


def _headline(dispatch: Dispatch, signal: Signal) -> str:
    named = _TITLES.get(dispatch.scraper, ("", ""))[1]
    now = "not available" if signal.headline is None else exactly(signal.headline, signal.unit)
    if signal.withheld:
        now += f": {clean(signal.withheld, 300)}"
    return f"{named + ' ' if named else ''}{now}, as of {signal.as_of.isoformat()}"


def _data(dispatch: Dispatch, signal: Signal) -> Mapping[str, Json]:
    """The alert for machines: amounts as decimal text in `unit`, `id` to drop repeats by."""
    alert = dispatch.alert
    contributors = alert.contributors or signal.contributors
    return {
        "id": dispatch.id,
        "kind": "alert",
        "run_id": dispatch.run_id,
        "scraper": dispatch.scraper,
        "window": signal.window,
        "rule": dispatch.rule,
        "level": dispatch.level or "resolved",
        "created_at": dispatch.created_at.isoformat(),
        "headline": clean(alert.headline, 300),
        "before": None if alert.before is None else str(alert.before),
        "after": str(alert.after),
        "threshold": str(alert.threshold),
        "limit": clean(alert.limit, 200),
        "since": clean(alert.since, 20),
        "unit": alert.unit,
        "why": clean(alert.why, 400),
        "signal": {
            "headline": None if signal.headline is None else str(signal.headline),
            "unit": signal.unit,
            "as_of": signal.as_of.isoformat(),
            "withheld": signal.withheld,
        },
        "coverage": str(signal.coverage),
        "confidence": signal.confidence,
        "contributors": [
            {"name": clean(each.name), "value": str(each.value), "source": safe_link(each.source)}
            for each in contributors[:_SHOWN]
        ],
    }


def _document(each: Contributor, unit: str) -> Document:
    address = safe_link(each.source)
    where = "" if address else place(each.source)
    return Document(clean(each.name) or "unnamed", amount(each.value, unit) + (f" (in {where})" if where else ""), address)


def short(text: str, identity: str) -> str:
    """A text message: `text` cut so that the id fits after it; an id too long for one is told by the start of its SHA-256."""
    told = identity
    if not told.isascii() or len(told) > SMS_MOST // 2:
        told = "#" + sha256(identity.encode()).hexdigest()[:12]
    return f"{ascii_only(text, SMS_MOST - len(told) - 1)} {told}"
