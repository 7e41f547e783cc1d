"""A call's text as sentences with who says them: prepared remarks, answers, analysts' questions.

Pure. Knows the providers' JSON shapes, speaker headings, rosters of participants, and the operator's "next question comes from".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib import markup
from chalicelib.errors import Unreadable

MAX_TEXT = 4_000_000
HEAD = 65_536
CALL = re.compile(rb"(?:earnings|conference)\s+call|call\s+transcript", re.IGNORECASE)
"""How a page says that it holds a call."""
_NAME = r"[A-Z][\w.'\u2019-]+(?: [A-Z][\w.'\u2019-]*){1,3}"
_HEADING = re.compile(
    rf"^\W{{0,3}}(?P<who>{_NAME}"
    r"|(?:Operator|Moderator|Question|Answer|Analyst|Executive|Management|C[EFOR]O|Host|Q|A)(?!\w))"
    r"(?P<role>\s*(?:--|[-\u2013\u2014,|(\[]).{2,120})?\s*(?P<colon>:)?(?P<rest>.*)$"
)
_TURN = re.compile(
    r"(?<=[.?!] )(?=(?:Q|A|Question|Answer|(?:\w+ )?Analyst|C[EFOR]O|Chief (?:\w+ ){0,3}(?:Officer|Executive)|President|Treasurer"
    r"|Management|Executive|Operator|Moderator):)"
)
"""Where another begins to speak within a line."""
_QUESTION_FROM = re.compile(
    r"(?:questions?|first|next|last|one)\s+(?:comes?|is|will\s+(?:come|be)|today\s+comes?|coming|are)\s+(?:from|with)\s+"
    rf"(?:the\s+line\s+of\s+)?(?P<who>{_NAME})"
    rf"|(?:go\s+to|line\s+of|hear\s+from)\s+(?:the\s+line\s+of\s+)?(?P<who2>{_NAME})"
)
_ANALYST = re.compile(r"\banalysts?\b", re.IGNORECASE)
_ROSTER_ANALYSTS = re.compile(r"^\W*(?:analysts?|(?:conference\s+)?call\s+participants|other\s+participants)\W*$", re.IGNORECASE)
_ROSTER_OTHERS = re.compile(
    r"^\W*(?:executives?|(?:corporate|company)\s+participants|management|presentation|operator)\W*$", re.IGNORECASE
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:U\.S|Inc|Corp|Co|Ltd|Mr|Mrs|Ms|Dr|Jr|Sr|St|vs|No|approx|etc|e\.g|i\.e|Q|N\.A|Bancorp\.,? Inc|[A-Z]))\.$"
)
_DENIAL = re.compile(r"\s*No\.\s+\D")
"""An answer, where `No. 4` is a number."""
_END = re.compile(r"[.!?]+[\"\u201d')\]]*\s+(?=[\"\u201c'(\[]?[A-Z0-9$])")
_TEXT_KEYS = ("content", "transcript", "text", "body", "speech")


@dataclass(frozen=True)
class Sentence:
    """One sentence, its place in the text, and whether an analyst says it; `shown` is as said, where `words` are corrected."""

    words: str
    offset: int
    analyst: bool
    shown: str = ""


def plain_text(body: bytes) -> str:
    """The words of a transcript: plain text, a provider's JSON, or a page of HTML that names a call.

    Raises `Unreadable` for anything else.
    """
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, what in (
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0", "an old Office file"),
        (b"\x1f\x8b", "gzip"),
    ):
        if head.startswith(mark):
            raise Unreadable(f"the transcript is {what}, not text", where="byte 0")
    if b"\x00" in body[:4096] or not head:
        raise Unreadable("the transcript is empty" if not head else "the transcript is binary, not text", where="byte 0")
    if len(body) > MAX_TEXT:
        raise Unreadable(f"the transcript is larger than {MAX_TEXT:,} bytes", where="its end")
    if head[:1] == b"<":
        return _page(body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    if head[:1] in (b"{", b"["):
        try:
            text = "\n".join(_spoken(json.loads(text), 0))
        except (ValueError, RecursionError) as error:
            raise Unreadable("the transcript's JSON is damaged", where="byte 0", evidence=text[:200]) from error
        if not text.strip():
            raise Unreadable("the JSON holds no transcript", where="byte 0", evidence=head[:200].decode("latin-1"))
    return text


def _page(body: bytes) -> str:
    """The words of a page of HTML that holds a call; any other page is no transcript."""
    text = markup.flatten(markup.decode(body)).text
    if not CALL.search(body[:HEAD]):
        raise Unreadable("the page of HTML or XML names no earnings call", where="byte 0", evidence=text[:200])
    return text


def _spoken(value: object, depth: int) -> Iterator[str]:
    """The texts of a provider's JSON, each turn headed by its speaker."""
    if depth > 20:
        raise Unreadable("the transcript's JSON is nested too deeply")
    if isinstance(value, list):
        for each in value:
            yield from _spoken(each, depth + 1)
    elif isinstance(value, Mapping):
        turns = value.get("transcript_split") or value.get("speakers") or value.get("turns")
        if isinstance(turns, list):
            yield from _spoken(turns, depth + 1)
            return
        role = " ".join(str(value.get(key) or "") for key in ("role", "title", "company")).strip()
        speaker = str(value.get("speaker") or value.get("name") or "").strip()
        if depth <= 1 and (value.get("symbol") or value.get("ticker")) and value.get("quarter"):
            quarter = str(value["quarter"]).rpartition("Q")
            yield f"{value.get('symbol') or value.get('ticker')} Q{quarter[2]} {value.get('year') or quarter[0]} earnings call"
        for key in _TEXT_KEYS:
            if isinstance(value.get(key), str):
                yield (f"{speaker}{f' -- {role}' if role else ''}:\n" if speaker else "") + str(value[key])
                return
            if isinstance(value.get(key), list | Mapping):
                yield from _spoken(value[key], depth + 1)
                return
        for each in value.values():
            if isinstance(each, list | Mapping):
                yield from _spoken(each, depth + 1)


def sentences(text: str) -> Iterator[Sentence]:
    """The text's sentences in order."""
    analysts, analyst, offset, roster = _announced(text), False, 0, ""
    for line in (turn for whole in text.splitlines(keepends=True) for turn in _TURN.split(whole)):
        start, offset = offset, offset + len(line)
        bare = line.strip()
        if not bare:
            continue
        if _ROSTER_ANALYSTS.match(bare) or _ROSTER_OTHERS.match(bare):
            roster, analyst = ("analysts" if _ROSTER_ANALYSTS.match(bare) else ""), False
            continue
        heading = _heading(bare)
        if heading is None:
            roster = ""
            yield from _split(line, start, analyst=analyst)
            continue
        who, role, rest = heading
        if roster == "analysts" and not rest:
            analysts.add(who)
            continue
        analyst = who in {"Q", "Question"} or bool(_ANALYST.search(f"{who} {role}")) or who in analysts
        if rest:
            yield from _split(rest, start + line.rfind(rest), analyst=analyst)


def _announced(text: str) -> set[str]:
    """Names the operator gives the floor to."""
    return {_trimmed(found["who"] or found["who2"]) for found in _QUESTION_FROM.finditer(text)}


def _trimmed(name: str) -> str:
    return re.sub(r"[.,]$", "", name)


def _heading(line: str) -> tuple[str, str, str] | None:
    """(who, role, what follows) when the line opens a turn."""
    found = _HEADING.match(line)
    if not found:
        return None
    who, role, colon, rest = found["who"], found["role"] or "", found["colon"], (found["rest"] or "").strip()
    if who in {"Q", "A"} and not (colon or role.strip().startswith(("-", "\u2013", "\u2014"))):
        return None
    if colon and len(line) - len(rest) < 160:
        return who, role, rest
    if role and ":" in role and not colon:
        title, _, spoken = line[found.start("role") :].partition(":")
        return who, title, spoken.strip()
    whole = (
        not rest and len(line) < 160 and not re.search(r"[.!?]$", line) and (role.strip()[:1] in "-\u2013\u2014|([" or not role)
    )
    if whole and (role or len(who.split()) > 1 or who == "Operator") and not re.search(r"[$\d]", line):
        return who, role, ""
    return None


def _split(text: str, start: int, *, analyst: bool) -> Iterator[Sentence]:
    begin = 0
    for end in _END.finditer(text):
        if _ABBREVIATION.search(text[begin : end.start() + 1]) and not _DENIAL.match(text, begin, end.end() + 1):
            continue
        yield Sentence(text[begin : end.end()].strip(), start + begin, analyst)
        begin = end.end()
    if text[begin:].strip():
        yield Sentence(text[begin:].strip(), start + begin, analyst)
