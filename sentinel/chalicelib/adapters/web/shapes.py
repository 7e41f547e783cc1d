"""Whether a body is what was due: a page out of place is a throttle or an outage, never data."""

from __future__ import annotations

import re

from chalicelib.ports import Shape

_THROTTLE_WORDS = re.compile(rb"Request Rate Threshold Exceeded|Undeclared Automated Tool|unclassified bots", re.IGNORECASE)
_PROLOG = re.compile(rb"(?:\s+|<\?xml[^>]*\?>|<!--.*?-->)+", re.DOTALL)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_UTF_16 = (b"\xff\xfe<", b"\xfe\xff\x00<")
_HEAD = 1 << 14


def is_page(body: bytes) -> bool:
    """Whether this is an HTML page."""
    head = body[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    start = _PROLOG.match(head)
    return _PAGE.match(head, start.end() if start else 0) is not None


def is_throttle_page(body: bytes) -> bool:
    """Whether this is the page EDGAR gives to those who ask too often or do not say who they are."""
    return is_page(body) and _THROTTLE_WORDS.search(body[:_HEAD]) is not None


def misfit(body: bytes, shape: Shape) -> str:
    """Why `body` is not of `shape`, in words; empty when it may be."""
    if shape == "any":
        return ""
    text = body[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "an empty document"
    if shape == "html":
        return "" if b"<" in text else "no HTML"
    if is_page(body) and not (shape == "xml" and b"inlineXBRL" in body[: 4 * _HEAD]):
        return "an HTML page"
    if shape == "json" and text[:1] not in b"{[":
        return "no JSON"
    if shape in ("xml", "feed") and not text.startswith((b"<", *_UTF_16) if shape == "feed" else b"<"):
        return "no XML"
    return ""


def ends_early(body: bytes, shape: Shape) -> bool:
    """Whether a document of `shape` lacks its end although the transfer looked whole."""
    tail = body[-200:].rstrip()
    if shape == "json":
        return not tail.endswith((b"}", b"]"))
    if shape == "sgml":
        return not tail.endswith((b"</SEC-DOCUMENT>", b"-----END PRIVACY-ENHANCED MESSAGE-----"))
    return False
