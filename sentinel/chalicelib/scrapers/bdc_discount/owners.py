"""Whose net asset value a text tells of: the issuer's, or a sister's, a holding's, a peer's or another listed fund's. Pure."""

from __future__ import annotations

import re

_WORD = r"[A-Z][\w&'-]*"
_FORM = r"(?:,?\s+(?:Inc|Corp|Corporation|LLC|L\.?P|Ltd|Limited|Trust)\b\.?)"
NAME = rf"{_WORD}(?:\s+(?:(?:of|and|&)\s+)?{_WORD}){{0,7}}{_FORM}?"
"""A name: words that begin with capitals, and a legal form."""
_VENTURE = re.compile(
    r"\binvestments?\s+in\s+[A-Z]|\bjoint\s+venture\b|\bSLF\b|\bSenior\s+Loan\s+(?:Fund|Program)\b|\bJV\b|\bSBIC\s+(?:fund|subsidiary|LP|L\.P)\b"
    r"|\b(?i:our|its|the\s+Company's)\s+(?:[a-z-]+\s+){0,3}(?:affiliate|sister|subsidiary|competitor|peer)\b"
    r"|\b(?:an?|another)\s+(?:[a-z-]+\s+){0,3}(?:affiliate|sister|subsidiary|competitor|peer)\b(?!\s+of\b)"
    r"|\b(?:also\s+)?(?:managed|advised|sponsored)\s+by\s+(?:our|the\s+same)\s"
)
"""Whose net asset value is not the fund's."""
_OTHER = (
    r"(?:(?:portfolio|holding|acquired|acquiring|target|flagship|feeder|underlying|private|equity|third[\s-]party|other|managed|sister)\s+(?:\w+\s+)?"
    r"(?:company|fund|entity|trust|corporation|BDC|vehicle)"
    r"|(?:exchange[\s-]traded|interval|mutual|index)\s+fund|(?-i:ETF|REIT)|index|target|peer|competitor|benchmark)"
)
_OTHERS = re.compile(
    rf"\b{_OTHER}(?:'s\s+(?:\w+\s+){{0,2}}$|s'\s+(?:\w+\s+){{0,2}}$|\s+(?:had|has|reported|posted|recorded|showed)\b[^,;$]*$)"
    r"|\b(?:the|an?|our|this|that)\s+(?:\w+\s+){0,2}(?:holding|investee|portfolio\s+company|borrower|issuer)\b[^;]*\b(?:its|their|whose)\s+$",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(rf"\s+(?:of|for|at)\s+(?:the|an?|our|its)\s+{_OTHER}\b", re.IGNORECASE)
"""Another fund or company that is only described."""
_OWNER_AFTER = re.compile(
    r"(?:\s+of\s+\$[\d.]+(?:\s+per\s+share)?)?\s+(?:of|for|at|(?:applies|relates|refers|belongs)\s+to|is\s+(?:that\s+)?of)\s+(?:Class\s+\w+\s+(?:units|shares)\s+of\s+)?"
    r"(?:the\s+)?(?:(?:our|its|the)\s+(?:[a-z]+,?\s+){1,3})?(?P<name>[A-Z][\w&]+(?:\s+[A-Z][\w&]*)*\s+(?:Corp|Corporation|Inc|Capital|BDC|Fund|Finance|Lending|Trust|LLC|L\.?P)\b)"
)
_NO_NAME = (
    r"(?!(?:Company|Corporation|Fund|Trust|Firm|BDC|Partnership|Business|Today|Quarter|Year|Period|Last|Prior|January|February|March|April|May|June|July"
    r"|August|September|October|November|December|This|Our|The|It)\b)"
)
_OWNER_BEFORE = re.compile(rf"(?P<name>\b{_NO_NAME}[A-Z][\w&]+(?:\s+[A-Z][\w&]+)*)\.?'s?\s+(?:\w+\s+){{0,2}}$")
"""Whose net asset value it is, where a name says so."""
_OWNER_SHORT = re.compile(rf"\b(?P<name>{_NO_NAME}[A-Z][\w&]+)\s+$")
_FUND_FORM = r"(?:Trust|Fund|BDC|Corp|Corporation|Inc|LLC|LP|Ltd|Capital|Lending|Finance|Financial|Credit|Partners|Company)"
_LABEL_NAME = re.compile(r"(?P<name>[A-Z][a-z]+(?:\s+[A-Z][a-z]+)?)\s+(?=NAV\b|Net\s+[Aa]sset|net\s+asset)")
_PLAIN_LABEL = re.compile(
    r"(?:Total|End|Ending|Closing|Reported|Adjusted|Book|Common|Stock|Stockholders?|Shareholders?|Basic|Diluted|Fund|Company|Trust|Portfolio|Period|Month|Year"
    r"|Consolidated|Core|Official|Current|Latest|Published|Capital|Financial|Key|Final|Audited|Unaudited|Estimated|Preliminary|Quarter|Quarterly|Monthly|Daily"
    r"|Pro|Forma|Per|Share|Unit|Class|Beginning|Opening|Average|Prior|Previous|First|Second|Third|Fourth|Fiscal|Our|The|Market|Price|Premium|Discount|Change"
    r"|In|To|Of|And|As|At|Net|Value|Values|Assets?|January|February|March|April|May|June|July|August|September|October|November|December)"
)
_COMMON = re.compile(
    r"[A-Z]{2,5}|Non|Reported|Adjusted|Estimated|Preliminary|Q\d|Class|Ending|Final|Net|With|At|As|And|Our|Its|Total|Third|Second|First|Fourth|Quarter|Fiscal|Monthly|Unaudited|Audited"
)
"""What is written large before a net asset value and names nobody."""
_BEGINS = re.compile(r"^[A-Z][\w&]+\s+$")
FUND_ENDS = r"Trust|.Fund|.Corp|Corp\.|..Inc|.Inc\.|..LLC|...LP|..BDC"
"""How the name of a fund ends: its last five characters, for a look-behind."""
_FUND = rf"(?P<name>{_NO_NAME}{NAME})(?<={FUND_ENDS})"
_OWNER_DIRECT = re.compile(rf"{_FUND}\s+$")
_CLAIMANT = re.compile(
    rf"(?:^|[.;:]\s+|,\s+|\b(?:and|while|but)\s+)(?P<name>{_NO_NAME}(?!(?:We|I|Management|Board|Advis[eo]r|Directors|Sponsor|Officers|Executives|CEO|CFO|Preliminary|Estimates?)\b){NAME})"
    r"(?:\s*\([^()]*\))?,?\s+(?i:(?:now\s+|also\s+|still\s+)?(?:sees|saw|expect(?:s|ed)|estimate[sd]|project(?:s|ed)|forecasts?|models|pegs|puts|keeps|maintains|reiterates|lifts|cuts|raises|thinks|reckons|rates|claim(?:s|ed)|argue[sd]|believe[sd]|wrote)(?=\s))\b[^;]*$"
)
"""A name that sees a net asset value, as an issuer's own does not need to be told."""
_FUND_NAMED = re.compile(rf"(?:^|\b(?:of|for|at)\s+(?:the\s+)?){_FUND}(?!\w)")
A_FUND_NAMED = re.compile(rf"(?P<name>\b{_NO_NAME}{NAME})(?<={FUND_ENDS}|..ETF|.REIT)(?!\w)")
_ITS = re.compile(r"\b(?:its|their)\s+(?:\w+\s+){0,2}$")
_WITH = re.compile(
    rf"^(?P<name>{_NO_NAME}(?!\w+ly\b|(?:Meanwhile|However|Still|Overall|Also|Now|Again|Together|Management|Shareholders)\b)[A-Z][a-z]+(?:\s+[A-Z][a-z]+)?),\s+(?:with|whose)\s[^.;$]{{0,30}}$"
)
"""A name whose net asset value is told aside."""
_LONGEST_HEAD = 160
_OWNER_HEAD = re.compile(rf"(?:^|[.;]\s+)(?:(?:For|At|In)\s+)?{_FUND}\s*[:,-]\s*(?:the\s+|its\s+)?$")
"""A name that heads what is told of a net asset value."""
_OWNER_SUBJECT = re.compile(
    rf"(?:^|[.;:,]\s+|\s--?\s|\b(?:and|while|but|whereas)\s+)(?P<name>{_NO_NAME}{NAME})(?:\s*\([^()]*\)|,[^;.$]{{1,160}},)*"
    r",?\s+(?:also\s+|today\s+|had\s+|has\s+|have\s+|separately\s+){0,2}"
    r"(?i:reported|reports|announced|announces|disclosed|posted|posts|recorded|had|has|ended|ends|closed|published|estimated|estimates|delivered|saw|struck|said|says)\b"
    r"(?![^;$]*\b(?:our|we)\b)"
)
"""The subject of the clause a net asset value is told in, where it is a name."""
_A_FUND = re.compile(
    r"^(?!(?:Total|Net|Gross|Core|Adjusted|First|Second|Third|Fourth|Q\d|Fiscal|Financial|Portfolio|Chief|Board|Operating|Weighted|New|Our|Key)\b).*\b(?:Trust|Fund|BDC|Corp|Corporation|Inc|LLC|LP|L\.P|Ltd|Capital|Lending|Finance|Financial|Credit|Income|Partners|Holdings|Investments?|Company|SBIC)\b"
)
_OWNER_WHICH = re.compile(rf"(?P<name>{_NO_NAME}{NAME})\.?(?:\s*\([^()]*\))?,?\s+(?:which|that|whose|with)\s+[^.;$]{{0,60}}$")
"""The name that a clause on its net asset value goes on about."""
_HOLDERS = re.compile(
    rf"(?P<name>\b{_NO_NAME}(?!Common|Existing|Public)[A-Z][a-z&]+(?:\s+[A-Z][\w&]+)*)(?:'s)?\s+(?:share|stock|unit)holders\b"
)
"""Whose holders are given what a net asset value sets."""
_LISTING = re.compile(
    r"\(\s*(?:[^():]{0,20}\s)?(?:NYSE|Nasdaq|NYSEAMERICAN|AMEX|OTC)\w*(?:\s+\w+)?\s*:\s*(?P<ticker>[A-Z.]{1,6})\b", re.IGNORECASE
)
_FAR = 200
"""How far before a net asset value its owner may be named, in characters."""
_NUMBERED = re.compile(r"[IVX]{1,4}|\d+")
_LEGAL = frozenset(("INC", "INCORPORATED", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LIMITED", "LP", "LLC", "TRUST", "BDC"))


def of_another(text: str, start: int, end: int, names: str) -> bool:
    """Whether the net asset value named in `text[start:end]` is that of another than the issuer `names` tells of."""
    before, after = text[max(0, start - 60) : start], text[end : end + 80]
    if _VENTURE.search(text[:start]) or _OTHERS.search(text[:start]) or _OF_OTHERS.match(after):
        return True
    owner = (
        _OWNER_AFTER.match(after)
        or _OWNER_BEFORE.search(before)
        or _short_name(text, start)
        or _OWNER_DIRECT.search(text[:start])
        or _CLAIMANT.search(text[:start])
        or _WITH.search(text[:start])
        or (_ITS.search(before) and last_fund(text[:start]))
        or _OWNER_HEAD.search(text[:start])
        or _subject(text[:start])
        or _HOLDERS.search(text[:start])
    )
    return bool(owner and names and not is_named(owner["name"], names))


def last_fund(text: str) -> re.Match[str] | None:
    """The fund a text names last."""
    return max(A_FUND_NAMED.finditer(text), key=lambda found: found.start(), default=None)


def names_another(head: str, names: str) -> bool:
    """Whether the head of a column is the name of another fund."""
    return bool(names and A_FUND_NAMED.fullmatch(head.strip()) and not is_named(head, names))


def heads_another(head: str, names: str) -> bool:
    """Whether the line above a table names a venture or another fund, whose table it then is."""
    if len(head) > _LONGEST_HEAD or head.rstrip().endswith("."):
        return False
    found = _FUND_NAMED.search(head)
    return bool(_VENTURE.search(head) or (found and names and not is_named(found["name"], names)))


def labels_another(label: str, names: str) -> bool:
    """Whether a table's label begins with a name that is not the issuer's: `Penhale NAV per share`."""
    found = _LABEL_NAME.match(label)
    if (after := _OWNER_AFTER.search(label)) and names and not is_named(after["name"], names):
        return True
    words = found["name"].split() if found else []
    return bool(
        words and names and all(not _PLAIN_LABEL.fullmatch(word) for word in words) and not is_named(" ".join(words), names)
    )


def _short_name(text: str, start: int) -> re.Match[str] | None:
    """A name in one word right before a net asset value: the start of one told earlier, or written large among small words."""
    before = text[:start]
    found = _OWNER_SHORT.search(before)
    if found is None:
        return None
    named = re.search(rf"\b{re.escape(found['name'])}\s+(?:[A-Z][\w&]*\s+){{0,4}}{_FUND_FORM}\b", before)
    small, large = (len(re.findall(rf"(?<![\w.-]){first}\w+", text)) for first in ("[a-z]", "[A-Z]"))
    if small > large and not _BEGINS.match(before):
        return found if named or not _COMMON.fullmatch(found["name"]) else None
    return found if named else None


def _subject(before: str) -> re.Match[str] | None:
    """The last name before a net asset value that is a fund's and does something, or is told more of."""
    found = [each for each in _OWNER_SUBJECT.finditer(before) if _A_FUND.search(each["name"])]
    told = _OWNER_WHICH.search(before[-_FAR:])
    return found[-1] if found else told if told and _A_FUND.search(told["name"]) else None


def is_named(owner: str, names: str) -> bool:
    """Whether `owner` is the company `names` tells of: its name or the start of it, a legal form aside, and no sister's."""
    words, told = _words(owner), f" {' '.join(_words(names))} "
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
    return f" {' '.join(words)} " in told or (len(words) == 1 and words[0] in told and not _NUMBERED.fullmatch(words[0]))


def listed_in(text: str) -> set[str]:
    """The tickers that stand beside an exchange's name in brackets."""
    return {found["ticker"].upper() for found in _LISTING.finditer(text)}


def is_news_of_another(sentence: str, names: str) -> bool:
    """Whether a sentence gives tickers, none of them the issuer's where that is known."""
    own, given = listed_in(names), listed_in(sentence)
    return bool(own and given and not own & given)


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z0-9]+", re.sub(r"['.]", "", text.upper()))
