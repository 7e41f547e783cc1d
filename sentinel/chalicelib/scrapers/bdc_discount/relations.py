"""What relates amounts in a sentence: a change, a comparison, a range, a cause, a price set by net asset value. Patterns."""

from __future__ import annotations

import re

from chalicelib.scrapers.bdc_discount.words import NAV_PER_SHARE

CHANGE_BEFORE = re.compile(
    r"(?:\b(?:increases?|increased|decreases?|decreased|declines?|declined|grew|grown|growth|rose|risen|rise|fell|fallen|fall|appreciated|drop|dropped|gains?|gained"
    r"|reduction|reduced|change|changed|improvement|improved|slipped|slid|dipped|climbed|edged|ticked|advanced|softened|shed|up|down|higher|lower|accretion|accretive|dilution|dilutive|added|lost)\b"
    r"(?:\s+(?:in\s+(?:our\s+|the\s+)?(?:NAV|net\s+asset\s+value)(?:\s+per\s+share)?))?(?:\s+(?:of|by|in))?"
    r"|\bby)(?:\s+(?:about|approximately|roughly|(?:an?\s+)?(?:additional|cumulative|total|combined|further)(?:\s+of)?))?\s*:?\s*[(+-]*$",
    re.IGNORECASE,
)
CHANGE_OF_NAV = re.compile(
    r"\b(?:increase|decrease|decline|growth|change|drop|reduction|improvement|accretion|rise)\s+(?:in|to|of)\s+(?:our\s+|the\s+|its\s+)?"
    r"(?:NAV|net\s+asset\s+value)\b(?:(?!NAV\b|net\s+asset)[^$;]){0,60}(?:\bof|:)\s+(?:about\s+|approximately\s+)?$"
    r"|(?:\bshare|\bNAV|\bvalue)\s+(?:growth|appreciation|accretion|gains?|increases?|change|dilution|erosion|decline|decrease)\b(?:(?!NAV\b|net\s+asset)[^$;]){0,60}\b(?:of|was|is|totaled|:)\s+$",
    re.IGNORECASE,
)
CHANGE_AFTER = re.compile(
    r"\s*(?:per\s+(?:common\s+)?share\s*|/share\s*|of\s+(?:NAV|net\s+asset\s+value)(?:\s+per\s+share)?\s*)?"
    r"(?:,?\s+or\s+(?:approximately\s+)?\d[\d.]*\s*(?:%|percent)(?!\s*(?:less|more|higher|lower|above|below))|"
    r"\(?(?:quarterly\s+|sequential\s+|net\s+)?(?:increase|decrease|decline|improvement|higher|lower|above|below|gain|loss|growth|rise|drop|accretion"
    r"|accretive|dilution|reduction|change|more\s+than|less\s+than)\b)",
    re.IGNORECASE,
)
LIMIT_BEFORE = re.compile(
    r"\b(?:target|goal|consensus|guidance|budget|objective)\s*(?:of|:|was|is|at)\s*$|\b(?:not|less\s+than|more\s+than|at\s+least|at\s+most|minimum\s+of|floor\s+of|exceed\w*|up\s+to\s+a|when\s+it\s+(?:was|stood)(?:\s+at)?|below|above|under|over)\s*$",
    re.IGNORECASE,
)
EARLIER_AFTER = re.compile(
    r"\s*(?:per\s+(?:common\s+)?share\s*)?(?:(?:at|in|for|as\s+of|during)\s+)?(?:the\s+)?(?:end\s+of\s+)?(?:the\s+)?"
    r"(?:(?:prior|previous|preceding|last|year[\s-]ago)\s+(?:fiscal\s+)?(?:quarter|year|period)|year[\s-]earlier"
    r"|(?:an?|one|two|three|six|nine|twelve)\s+(?:quarters?|years?|months?)\s+(?:ago|earlier|before|prior)|earlier\b|(?:start|beginning)\s+of\s+the)",
    re.IGNORECASE,
)
IN_A_YEAR = re.compile(
    r"\s*(?:per\s+(?:common\s+)?share\s*)?(?:back\s+)?"
    r"(?:in|during|for|(?:at|by)\s+(?:the\s+)?(?:end|start|beginning)\s+of|(?:at\s+)?(?:fiscal\s+)?year[\s-]end)\s+(?P<year>(?:19|20)\d{2})\b",
    re.IGNORECASE,
)
"""A year that follows an amount and dates it."""
OPENING_YEAR = re.compile(
    r"(?:(?:^|[.;,]\s*|\b(?:share|NAV)\s+)(?:back\s+)?(?:in|during|for)|\b(?:finished|ended|closed|exited|left|began|started))\s+(?:fiscal\s+)?"
    r"(?P<year>(?:19|20)\d{2})\b",
    re.IGNORECASE,
)
"""A year that stands before an amount and dates it."""
EARLIER_BEFORE = re.compile(
    r"\b(?:earlier|former|previous|prior|preceding|last[\s-]reported|previously\s+reported)\s+(?:reported\s+|published\s+|announced\s+)?$",
    re.IGNORECASE,
)
"""What makes the measure named after it one of an earlier time."""
FLAT = re.compile(
    r"\b(?:unchanged|flat|steady|stable|level|even)\s+(?:from|since|versus|vs\.?|with|compared\s+(?:to|with))\s+(?:that\s+(?:of|at)\s+)?$",
    re.IGNORECASE,
)
FLAT_AT = re.compile(
    r"\b(?:unchanged|flat|steady|stable|level|even)\s+(?:from|since|versus|vs\.?|with|compared\s+(?:to|with))\b[^$;]{1,60}\bat\s+$",
    re.IGNORECASE,
)
"""A value told with the day since which it has not moved."""
ERROR = re.compile(r"\b(?:error|erroneous\w*|mistake\w*|incorrect\w*|inadvertent\w*|misprint\w*|typographical)\b", re.IGNORECASE)
CORRECT = re.compile(r"\b(?:correct|corrected|actual|right|should|revised|instead|restated)\b", re.IGNORECASE)
"""A value given by mistake, and what sets it right."""
CAUSE_BEFORE = re.compile(
    r"\b(?:due\s+(?:primarily\s+|mainly\s+|largely\s+)?to|offset\s+by|driven\s+by|because\s+of|attributable\s+to|resulting\s+from|plus|minus|less|including"
    r"|excluding|net\s+of|after|before|reflect\w*)\s+(?:(?:the|an?|payment|paying|deducting|distributing|of|approximately)\s+)*$",
    re.IGNORECASE,
)
"""What comes before an amount that made a value what it is."""
SAME_SUM = re.compile(
    r"\s*(?:million|billion)\b,?\s*(?:or|\(|/|equal\s+to|equating\s+to|equivalent\s+to|representing)\s*(?:approximately\s+)?",
    re.IGNORECASE,
)
"""What stands between a total and the same value per share."""
AT_FIRST = re.compile(r"\b(?:IPO|initial\s+public\s+offering|inception)\b[^.;$]{0,40}(?:\$\d+\.\d\d\s*)?$", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()$€£]*\)")
NOW = re.compile(
    r"\b(?:(?:now|currently|today)\b[^.;]{0,30}|should\s+(?:have\s+)?(?:read|been?)\s+|(?:finishing|ending|closing|reaching|standing|landing|bringing)\b[^.;\d]{0,30})$",
    re.IGNORECASE,
)
ISSUED = re.compile(
    r"\b(?:dated|issued|released|published|announced|filed|furnished|distributed|paid|payable|declared|since)(?:\s+(?:on|in|as\s+of))?\s*$",
    re.IGNORECASE,
)
"""What comes before the day of a document, of an act or of a beginning, which no value is of."""
OLDER_ESTIMATE = re.compile(
    r"\b(?:within|compare[sd]?\s+(?:with|to)|in\s+line\s+with|consistent\s+with|confirm\w*|above|below|exceed\w*|versus|vs\.?|midpoint\s+of|end\s+of)\s+(?:the\s+|our\s+|its\s+)?"
    r"(?:\w+\s+){0,3}?(?:preliminary|estimate[sd]?)\b(?:[^.;]|\.\d)*"
    r"|\b(?:midpoint|end|top|bottom)\s+of\s+\$[\d.]+\s+(?:of|in)\s+(?:the|our|its)\s+(?:\w+\s+){0,3}?(?:preliminary|estimate[sd]?|range)\b(?:[^.;]|\.\d)*"
    r"|\b(?:prior|previous(?:ly)?|earlier|former|initial)\s+(?:\w+\s+){0,2}?(?:preliminary|estimate[sd]?|guidance|range)\b(?:[^.;]|\.\d)*",
    re.IGNORECASE,
)
"""An estimate told earlier, which the value is set against."""
DATELINE = re.compile(
    r"\s*(?:/?\s*\(?(?:PR\s?Newswire|Globe\s?Newswire|Business\s?Wire|ACCESS\s+Newswire|Marketwired)\b|\)?\s*--)", re.IGNORECASE
)
"""What comes after the day a release was given out."""
EXPECTED = re.compile(r"expect|anticipate|project|guidance", re.IGNORECASE)
"""Words that call preliminary only what comes after them."""
RISE = re.compile(
    r"\b(?:increased|decreased|declined|rose|fell|grew|moved|went|dropped|improved|changed|up|down|slipped|climbed|rising|falling|increasing|decreasing|declining"
    r"|increase|decrease|decline|advanced|gained|reduced|edged|ticked)\b",
    re.IGNORECASE,
)
RANGE_JOIN = re.compile(
    r"\s*(?:per\s+(?:common\s+)?share\s*)?(?:(?:to|and|through|-)\s*(?:approximately\s+)?|,\s*(?:and\s+)?high(?:\s+end)?(?:\s+of|:)?\s*)",
    re.IGNORECASE,
)
_AMOUNTS_TO = re.compile(
    r"\b(?:equals?|equate[sd]?\s+to|worth|represent\w*|add(?:s|ed|ing)?|costs?|contribut\w+|each|every|lost|gained)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
_RANGES = re.compile(r"\b(?:rang\w+|estimate\w*|between)\b[^$]*$|(?:\bbe|:)\s*$", re.IGNORECASE)
_SPREAD = re.compile(r"\s*(?:per\s+(?:common\s+)?share\s*)?,?\s*(?:plus\s+or\s+minus|\+/-|±)", re.IGNORECASE)
_HYPHENED = re.compile(r"-\$?\d")
RANGE_BEFORE = re.compile(
    r"\b(?:between|range|ranges|ranging|estimated?|estimates?|expects?|expected|preliminary|anticipates?)\b", re.IGNORECASE
)
RESPECTIVELY = re.compile(r"\brespectively\b", re.IGNORECASE)
PERCENT_OR = re.compile(
    r"(?:%|\bpercent|per\s+cent)(?:\s*,?\s*(?:or|\()|(?:(?!\bto\b)[^$;,]|,\s+20){0,60},\s+or)\s*(?:approximately\s+)?$",
    re.IGNORECASE,
)
WHICH = re.compile(r",\s*which\s[^,;]{0,200},\s", re.IGNORECASE)
"""What is said aside of a measure before it is told."""
POSTFIX_NAV = re.compile(
    rf"\s*(?:(?:of|in)?\s*|per\s+(?:share|unit),\s+(?:which\s+(?:is|was)\s+|equal\s+to\s+)?(?:the|our)\s+)(?:{NAV_PER_SHARE})",
    re.IGNORECASE,
)
REPORTED = re.compile(r"\b(?:reported|actual|GAAP)\s+(?:[A-Za-z]+\s+){0,6}$", re.IGNORECASE)
SUPPOSED = re.compile(r"\b(?:assum(?:ing|es?|ed)|would|could|might)\b", re.IGNORECASE)
"""What makes all that comes after it a supposition."""
POSTFIX_OTHER = re.compile(
    r"\s*(?:per\s+(?:common\s+)?share\s*|/share\s*|-per-share\s*)?(?:(?:of|in)\s+)?(?:(?:special|supplemental|regular|quarterly|monthly|base|variable|cash|total|core|adjusted"
    r"|net|aggregate|undistributed|fourth|third|second|first|quarter|year)\s+){0,3}"
    r"(?:dividends?|distributions?|net\s+investment\s+income|NII|earnings|income|EPS|spillover|(?:un)?realized|loss(?:es)?|gains?|appreciation|depreciation|charges?|expenses?|premium|discount|fees?|IPO|analysts?|consensus|price)\b",
    re.IGNORECASE,
)
RATIO_OF = re.compile(r"\s+(?:of|to)\s+(?:the\s+|our\s+|its\s+)?(?:NAV|net\s+asset|book)\b", re.IGNORECASE)
"""What makes a bare figure a part of net asset value."""
ASIDE = re.compile(r"[^$;.,]{0,40}(?:,|,?\s+and)\s*(?:was|is|were|stood\s+at|totaled)\s", re.IGNORECASE)
ASIDE_AMOUNT = re.compile(
    r"(?:\s+of)?\s+\$[\d.]+(?:\s+per\s+share)?[^$;.]{0,60}?,?\s+(?:was|is|were|stood\s+at)\s+\$", re.IGNORECASE
)
LABELS_NEXT = re.compile(
    r"\s*(?:[:=]|,?\s*(?:it\s+)?(?:was|were|is|stood\s+at|amounted\s+to|totaled)\b)\s*(?:approximately\s+)?(?:[A-Z]{1,3}\s?)?[$€£]?\d"
)
AMOUNT_NEXT = re.compile(r"\s*,?\s*(?:[A-Z]{1,3}\s?)?[$€£]\d")
"""What makes a day that of the amount after it."""
FROM = re.compile(r"\bfrom\s+(?:approximately\s+|a\s+(?:NAV|net\s+asset\s+value)[^$]{0,30}\s+of\s+)?$", re.IGNORECASE)
TO = re.compile(r"\bto\s+(?:approximately\s+)?$", re.IGNORECASE)
COMPANION = re.compile(r"\b(?:beginning|start)\s+of\s+(?:the\s+)?(?:period|quarter|year)", re.IGNORECASE)


def in_brackets(text: str, at: int) -> bool:
    """Whether what stands at `at` is in brackets that tell no amount: an aside, which takes no amount after it."""
    return any(found.start() < at < found.end() for found in _BRACKETS.finditer(text))


def ranging(between: str) -> bool:
    """`ranging from X`, as against `increased from X`."""
    found = FROM.search(between)
    return bool(found and _RANGES.search(between[: found.start()]) and not RISE.search(between))


def part_of_nav(text: str, start: int, end: int) -> bool:
    """Whether the amount in `text[start:end]` is a part of net asset value: `0.84 of NAV`, `adds $0.10 of NAV`."""
    return bool(RATIO_OF.match(text, end) and (text[start].isdigit() or _AMOUNTS_TO.search(text[:start])))


def of_a_range(text: str, end: int, *, joined: bool) -> bool:
    """Whether the amount that ends at `end` is the middle of a range, or, when not `joined` to another, an end of one."""
    return bool(_SPREAD.match(text, end) or (not joined and _HYPHENED.match(text, end)))
