"""What a channel is given: an alert, or a failure the operators must know of, in words.

Every alert says what moved, from, to, the threshold, why now, who contributed with links, coverage, confidence, the run's id
and its own id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

from chalicelib.messages.words import amount, ascii_only, clean, exactly, safe_link
from chalicelib.model import Contributor, Json, Level, Signal
from chalicelib.ports import Dispatch

SUBJECT_MOST = 100
"""Amazon SNS: a subject is at most 100 ASCII characters, begins with a letter, number or punctuation, and has no line break."""
SMS_MOST = 140
"""Bytes of one text message at Amazon SNS; longer ones arrive, and are billed, in pieces."""
_SHOWN = 5
_DETAILS = 12
_TITLES = {
    "bond-issuance": "Bond issuance",
    "bdc-discount": "BDC discount",
    "credit-fund": "Private credit funds",
    "bank-provision": "Bank provisions",
}


@dataclass(frozen=True)
class Document:
    """A contributor as shown: its name, its amount, and an https address, empty when it is none a reader may follow."""

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
    link: str = ""
    run_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Json] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole as plain text, as an e-mail shows it."""
        lines = [self.first, "", *(f"{name}: {value}" for name, value in self.facts)]
        if self.documents:
            lines += ["", "Largest contributors:"]
            lines += [f"- {each.name}: {each.amount}" + (f"  {each.address}" if each.address else "") for each in self.documents]
        if self.link:
            lines += ["", f"Report: {self.link}"]
        return "\n".join([*lines, "", *self.foot]) + "\n"

    @property
    def foot(self) -> tuple[str, ...]:
        """The ids, last in every message."""
        return (*((f"Run: {self.run_id}",) if self.run_id else ()), f"Message: {self.id}")


def of(dispatch: Dispatch, signal: Signal, link: str = "") -> Message:
    """The message for `dispatch`; `link` leads to the report, where there is one."""
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
        sms=_sms(sms, dispatch.id),
        documents=documents,
        link=safe_link(link),
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


def failure(kind: str, words: str, detail: Mapping[str, Json], at: datetime, count: int = 1) -> Message:
    """The message for the operators: what failed, how often since it was last told, and what is known of it."""
    identity = f"operator/{clean(kind)}/{at:%Y%m%dT%H%M%SZ}"
    times = f" ({count} times)" if count > 1 else ""
    said = clean(words, 600)
    facts = [("What", said), ("When", f"{at:%Y-%m-%d %H:%M:%S} UTC")]
    if count > 1:
        facts.append(("How often", f"{count} times since it was last told"))
    facts += [(clean(name, 40), clean(str(value), 300)) for name, value in list(detail.items())[:_DETAILS]]
    run_id = detail.get("run_id")
    return Message(
        id=identity,
        kind="operator",
        level="operator",
        subject=ascii_only(f"[OPERATOR] {clean(kind)}{times}: {said}", SUBJECT_MOST),
        first=f"OPERATOR: {clean(kind)}{times}: {clean(words, 200)}",
        facts=tuple(facts),
        sms=_sms(f"OPERATOR {clean(kind)}{times}: {said}", identity),
        run_id=run_id if isinstance(run_id, str) else "",
        attributes={"kind": "operator", "failure": clean(kind, 100), "dispatch_id": identity},
        data={"id": identity, "kind": "operator", "failure": kind, "words": said, "count": count, "detail": dict(detail)},
    )


def _openings(dispatch: Dispatch, signal: Signal) -> tuple[str, str, str]:
    """Subject, text-message words and first line."""
    alert = dispatch.alert
    title = _TITLES.get(dispatch.scraper, clean(dispatch.scraper))
    limit = amount(alert.threshold, alert.unit)
    headline = clean(alert.headline, 200)
    if dispatch.level is None:
        ended = f"{title} {signal.window}: {clean(dispatch.rule)} is back within {limit}"
        return f"[RESOLVED] {ended}", f"RESOLVED {ended}", f"RESOLVED: {title}, {signal.window}: {headline} no longer holds"
    moved = amount(alert.after, alert.unit)
    if alert.before is not None:
        moved = f"{amount(alert.before, alert.unit)} to {moved}"
    said = f"{title} {signal.window}: {moved}"
    level = dispatch.level.upper()
    return (
        f"[{level}] {said} (limit {limit})",
        f"{level} {said}, limit {limit}",
        f"{level}: {title}, {signal.window}: {headline}",
    )


def _facts(dispatch: Dispatch, signal: Signal) -> list[tuple[str, str]]:
    alert = dispatch.alert
    when = "" if dispatch.level else " (when it alerted)"
    why = clean(alert.why, 400)
    if dispatch.level is None:
        why = f"the rule {clean(dispatch.rule)} was broken at level {alert.level} and this run does not break it"
    now = "not available" if signal.headline is None else exactly(signal.headline, signal.unit)
    if signal.withheld:
        now += f": {clean(signal.withheld, 300)}"
    return [
        ("What moved", clean(alert.headline, 300)),
        (f"From{when}", "not available" if alert.before is None else exactly(alert.before, alert.unit)),
        (f"To{when}", exactly(alert.after, alert.unit)),
        ("Threshold", exactly(alert.threshold, alert.unit)),
        ("Why now", why),
        ("Headline now", f"{now} (as of {signal.as_of.isoformat()})"),
        ("Coverage", f"{signal.coverage * 100:.1f} %"),
        ("Confidence", signal.confidence),
    ]


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
    return Document(clean(each.name) or "unnamed", amount(each.value, unit), safe_link(each.source))


def _sms(text: str, identity: str) -> str:
    """`text` cut so that the id fits after it; an id too long for a text message is told by the start of its SHA-256."""
    told = identity
    if not told.isascii() or len(told) > SMS_MOST // 2:
        told = "#" + sha256(identity.encode()).hexdigest()[:12]
    return f"{ascii_only(text, SMS_MOST - len(told) - 1)} {told}"
