"""What facts refer to: `xbrli:context` and `xbrli:unit` elements, as values."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from chalicelib.errors import Unreadable
from chalicelib.xbrl.facts import Context
from chalicelib.xbrl.streams import Element

XBRLI = "{http://www.xbrl.org/2003/instance}"
_EXPLICIT = "{http://xbrl.org/2006/xbrldi}explicitMember"
_IDENTIFIER, _START = XBRLI + "identifier", XBRLI + "startDate"
_ENDS = (XBRLI + "endDate", XBRLI + "instant")
_PARTS = (XBRLI + "segment", XBRLI + "scenario")
_FRAME = {XBRLI + name for name in ("context", "entity", "period", "forever")} | {*_PARTS}
_MEASURE, _DENOMINATOR = XBRLI + "measure", XBRLI + "unitDenominator"
_CURRENCIES = "http://www.xbrl.org/2003/iso4217"


def context_of(element: Element) -> Context:
    """A context's meaning. Its elements are gone through flat: XBRL 2.1 allows none of its own inside a segment or scenario."""
    entity, start, end = "", None, None
    members: list[tuple[str, str]] = []
    for each in element.iter():
        tag = each.tag
        if tag == _EXPLICIT:
            members.append((_local(each.get("dimension")), (each.text or "").strip().rpartition(":")[2]))
        elif tag == _IDENTIFIER:
            entity = (each.text or "").strip()
        elif tag == _START:
            start = _first_day(each.text or "")
        elif tag in _ENDS:
            end = _last_day(each.text or "")
        elif tag not in _FRAME and each.getparent().tag in _PARTS:
            members.append(_other_member(each))
    if len(members) > 1:
        members.sort()
        if len(dict(members)) != len(members):
            words = f"context {element.get('id')!r} has one axis twice: {members}"
            raise Unreadable(words[:300], where=f"line {element.sourceline}")
    return tuple.__new__(Context, (entity, start, end, tuple(members)))


def _other_member(child: Element) -> tuple[str, str]:
    """The (axis, text) of a typed member; what is no dimension still makes the context one of a part."""
    axis, tag = child.get("dimension"), child.tag
    name = _local(axis) if axis is not None else tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else "unknown"
    return name, " ".join("".join(child.itertext()).split())


@lru_cache(maxsize=8192)
def _local(name: str | None) -> str:
    text = (name or "").strip()
    return text[text.find(":") + 1 :]


@lru_cache(maxsize=4096)
def _first_day(text: str) -> date:
    """The day a period begins in."""
    try:
        day, _, hour = text.strip().partition("T")
        return date.fromisoformat(day[:10]) + timedelta(days=hour.startswith("24:00:00"))
    except ValueError as error:
        raise Unreadable(f"a context has the date {text.strip()[:40]!r}") from error


@lru_cache(maxsize=4096)
def _last_day(text: str) -> date:
    """The day a period ends in; midnight means the end of the day before."""
    found, hour = _first_day(text), text.partition("T")[2]
    return found - timedelta(days=1) if hour.startswith(("00:00:00", "24:00:00")) else found


def unit_of(element: Element) -> str:
    """A unit as measures by local name: `USD`, `USD/shares`; empty when it has none."""
    above: list[str] = []
    below: list[str] = []
    for measure in element.iter(_MEASURE):
        part = below if measure.getparent().tag == _DENOMINATOR else above
        part.append(_measure(measure))
    return "*".join(above) + ("/" + "*".join(below) if below else "")


def _measure(element: Element) -> str:
    """A measure's local name; with its prefix when it looks like a currency but is not one of ISO 4217."""
    prefix, _, name = (element.text or "").strip().rpartition(":")
    iso = element.nsmap.get(prefix or None) == _CURRENCIES
    return f"{prefix}:{name}" if re.fullmatch("[A-Z]{3}", name) and not iso else name
