"""Who says that a net asset value is one: the issuer, or analysts, brokers, holders and rumours, whose figures are none. Pure."""

from __future__ import annotations

import re

from chalicelib.scrapers.bdc_discount.words import DAY, PRELIMINARY, QUARTER

_FORESEES = (
    r"(?:expect|forecast|model|project|estimat|anticipat|predict|look\s+for|call\s+for|see|saw|peg|pencil"
    r"|assum|value|rate|reckon|put|point\s+to|ha[sd]\b|keep|hold|g[ia]ve)"
)
_PROJECTED = re.compile(
    r"\b(?:my|the\s+street's|consensus)\s+(?:own\s+)?(?:projections?|models?|forecasts?|estimates?|expectations?)\b"
    rf"|\b(?:analysts?|brokers?|brokerages?|(?:the|Wall)\s+Street|consensus|sell[\s-]side|[A-Z]\w+\s+(?-i:Securities|Research))\b(?:[^.;$]|\.\d){{0,60}}\b{_FORESEES}\w*\b[^;]*$"
    r"|\b(?:estimates?|forecasts?|projections?)\s+(?:compiled|collected|gathered|from)\s[^;$]*$|\b(?:average|mean|median)\s+of\s+(?:\w+\s+){0,2}(?:analysts?|brokers?|estimates?)\b[^;$]*$"
    r"|\b(?:we|I)\s+(?:now\s+|currently\s+|still\s+|had\s+|have\s+){0,2}(?:model|forecast|pencil|peg|reckon|rate)(?:s|ed|led|ged)?\b[^;]*$"
    r"|\bour\s+(?:own\s+)?(?:(?:price|NAV)\s+target|model|rating|fair[\s-]value\s+estimate|forecasts?|projections?)\b[^;]*$"
    r"|\b(?:den(?:y|ies|ied|ying)|refut\w+|disput\w+|alleg\w+|rumou?r\w*|speculat\w+|claim(?:s|ed|ing)?|contends?)\b[^;$]*$",
    re.IGNORECASE,
)
"""Whose figures before a net asset value are none of the issuer's."""
_SEEN = re.compile(
    r"\s*(?:per\s+(?:common\s+)?share\s*)?(?:(?:as\s+of|at|for|on)\s+(?:the\s+)?[\w\s,]{0,25})?(?:is\s+|was\s+)?(?:seen|forecast|predicted|likely|rumou?red|said\s+to)\b",
    re.IGNORECASE,
)
"""What after it makes it one that others see."""
_ANOTHERS = (
    r"(?:analysts?|consensus|(?:the|Wall)\s+Street|broker(?:age)?s?|Securities|Research|FactSet|Bloomberg|Zacks|LSEG"
    r"|Visible\s+Alpha|Capital\s+IQ)\b"
)
_SAID_BY_ANOTHER = re.compile(
    rf"E\b|\s*(?:per\s+(?:common\s+)?share\s*)?(?:(?:as\s+of|at|for|on)\s+(?:the\s+)?(?:{DAY}|{QUARTER})\s*)?,?\s*\(?\s*"
    rf"(?:(?:according\s+to|in\s+the\s+(?:view|opinion)\s+of|(?:as\s+)?(?:estimated|projected|forecast|expected|modell?ed|claimed|alleged)\s+by|by|from|per|says?|said|estimates?)"
    rf"\s+(?:[\w&'.-]+\s+){{0,4}}?{_ANOTHERS}|(?:the\s+)?(?:Street|consensus|analyst)\b(?!\s+(?:was|of|had|stood))"
    r"|(?:was|is|being)\s+(?:the\s+|an?\s+|our\s+|only\s+)*(?:\w+\s+){0,2}(?:expectation|forecast|consensus|target|assumption|guess|claim|rumou?r)\b)",
    re.IGNORECASE,
)
"""What follows an amount that is an estimate or a claim of others."""
_NOT_SETTLED = re.compile(
    r"[^;$]{0,60}\b(?:not|never)\s+(?:yet\s+)?(?:been\s+)?(?:approved|final|finali[sz]ed|confirmed|determined|reported|announced|correct|accurate)\b",
    re.IGNORECASE,
)
_ANALYST_PAGE = re.compile(
    r"\banalysts?(?:'s?)?\s+(?:note|view|take|report|estimates?|says?|sees?|expects?|cuts?|raises?|rat\w+)\b|\bprice\s+target|\b(?:initiat|resum|assum|start)\w*\s+(?:\w+\s+){0,3}coverage\b"
    r"|\b(?:up|down)grade[sd]?\b|\bconsensus\b|\b(?:the|Wall)\s+Street\b|\bpreview\b|(?-i:\bsays\s+(?!NAV|Net)[A-Z])|\bwhat\s+to\s+expect\b|\b(?:equity|research)\s+(?:note|research)\b",
    re.IGNORECASE,
)
"""A headline of a page on an issuer that is not the issuer's."""
_REPORTED_THERE = re.compile(r"\b(?:reported|announced|posted|disclosed|said\s+its|had|ended|as\s+of)\b", re.IGNORECASE)
_OF_ESTIMATORS = re.compile(rf"\b{_ANOTHERS}", re.IGNORECASE)
_FIGURES_OF = 160


def foreseen(text: str, start: int, end: int) -> bool:
    """Whether the net asset value named in `text[start:end]` is one that others than the issuer see, claim or guess."""
    return bool(_PROJECTED.search(text[:start]) or _SEEN.match(text, end))


def refused(text: str, end: int, names: str) -> str:
    """Why the amount that ends at `end` is not the issuer's word on a page that `names` heads; empty when nothing says so."""
    if _SAID_BY_ANOTHER.match(text, end):
        return "an estimate of others than the issuer"
    if _NOT_SETTLED.match(text, end):
        return "told as not settled"
    if _ANALYST_PAGE.search(names) and (PRELIMINARY.search(text) or not _REPORTED_THERE.search(text)):
        return "told on a page of those who estimate it"
    return ""


def heads_estimates(head: str, names: str) -> bool:
    """Whether the line above a table, or the page it stands on, makes its figures estimates of others."""
    short = len(head) <= _FIGURES_OF and not head.rstrip().endswith(".")
    return bool(_ANALYST_PAGE.search(names) or (short and _OF_ESTIMATORS.search(head)))


def speaks_of_estimators(sentence: str) -> bool:
    """Whether a sentence tells what others had expected."""
    return _OF_ESTIMATORS.search(sentence) is not None
