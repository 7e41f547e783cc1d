"""A submission text file: EDGAR's header and the documents in it, split by byte offsets.

Pure. Today's form, the mail armour of the 1990s, the dissemination feed's tagged header and a bare document are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from chalicelib.edgar.addresses import NEW_YORK, calendar_day, eastern, refuse_html
from chalicelib.errors import Unreadable

_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")


@dataclass(frozen=True)
class Party:
    """Who a filing is of. `role`: `filer`, `subject company`, `filed by`, `serial company`, ... as the header calls it."""

    role: str
    cik: int
    name: str
    sic: str | None = None
    file_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One document of a submission: its place `[start, end)` in the file's bytes, its text's `[text_start, text_end)`."""

    type: str
    sequence: int
    filename: str
    description: str
    start: int
    end: int
    text_start: int
    text_end: int


@dataclass(frozen=True)
class Submission:
    """A whole filing. `accepted` is true UTC; header fields are empty or None where an old or bare file has none."""

    accession: str
    form: str
    filed: date | None
    accepted: datetime | None
    parties: tuple[Party, ...]
    parts: tuple[Part, ...]
    body: bytes

    def text(self, part: Part) -> bytes:
        """A document's own bytes, without EDGAR's `<TEXT>`, `<XBRL>` or `<XML>` around them."""
        return self.body[part.text_start : part.text_end]

    @property
    def main(self) -> Part:
        """The document that gives the filing its form type: the first one."""
        return self.parts[0]

    @property
    def known_at(self) -> datetime | None:
        """When the world could know it: acceptance, else the close of EDGAR (22:00 Eastern) on the filing day."""
        if self.accepted or not self.filed:
            return self.accepted
        return datetime.combine(self.filed, time(22), NEW_YORK).astimezone(UTC)

    def issuers(self) -> tuple[Party, ...]:
        """Those whose securities the filing is about: the subject companies where there are any, else the filers."""
        subjects = tuple(party for party in self.parties if party.role == "subject company")
        return subjects or tuple(party for party in self.parties if party.role == "filer")


def read_submission(body: bytes) -> Submission:
    """The header and documents of a submission text file.

    Read as EDGAR serves them today, wrapped in the mail armour of the 1990s, in the tagged form of the dissemination feed, or a
    bare `<DOCUMENT>`. Raises `Unreadable` (place in bytes) when the file is an HTML page, garbled, or ends too early.
    """
    refuse_html(body, "a submission")
    first = _line_start(body, b"<DOCUMENT>", 0)
    if first < 0:
        raise Unreadable("no <DOCUMENT> in it: not a submission", where="byte 0", evidence=_show(body, 0))
    head = body[:first].decode("utf-8", "replace")
    parts = tuple(_parts(body, first))
    if "<SEC-DOCUMENT>" in head and b"</SEC-DOCUMENT>" not in body[parts[-1].end :]:
        raise Unreadable("cut off: no </SEC-DOCUMENT>", where=f"byte {len(body)}", evidence=_show(body, len(body) - 200))
    if "<SUBMISSION>" in head and b"</SUBMISSION>" not in body[parts[-1].end :]:
        raise Unreadable("cut off: no </SUBMISSION>", where=f"byte {len(body)}", evidence=_show(body, len(body) - 200))
    fields, parties = _tagged(head) if "<SUBMISSION>" in head else _labelled(head)
    accession = fields.get("accession number", "")
    if head.strip() and not _ACCESSION.fullmatch(accession):
        raise Unreadable("no accession number in the header", where="byte 0", evidence=_show(body, 0))
    filed = fields.get("filed as of date") or fields.get("filing date")
    accepted = fields.get("acceptance-datetime")
    return Submission(
        accession=accession,
        form=fields.get("conformed submission type", parts[0].type),
        filed=calendar_day(filed, "FILED AS OF DATE") if filed else None,
        accepted=eastern(accepted) if accepted else None,
        parties=parties,
        parts=parts,
        body=body,
    )


def _show(body: bytes, at: int) -> str:
    return body[max(0, at) : max(0, at) + 200].decode("latin-1")


def _line_start(body: bytes, tag: bytes, start: int, stop: int | None = None) -> int:
    """Where `tag` next begins a line, -1 when it does not."""
    at = body.find(tag, start, stop)
    while at > 0 and body[at - 1 : at] not in (b"\n", b"\r"):
        at = body.find(tag, at + 1, stop)
    return at


def _parts(body: bytes, at: int) -> Iterator[Part]:
    while at >= 0:
        text = _line_start(body, b"<TEXT>", at)
        close = _line_start(body, b"</TEXT>", text) if text >= 0 else -1
        end = body.find(b"</DOCUMENT>", close) if close >= 0 else -1
        if end < 0:
            raise Unreadable("cut off inside a document", where=f"byte {at}", evidence=_show(body, len(body) - 200))
        labels = _labels(body[at:text])
        rival = _line_start(body, b"<DOCUMENT>", at + 1, close)
        if rival >= 0 or not labels.get("TYPE"):
            raise Unreadable("a document without its own type and text", where=f"byte {at}", evidence=_show(body, at))
        sequence = labels.get("SEQUENCE", "0")
        start, stop = _unwrapped(body, text + len(b"<TEXT>"), close)
        end += len(b"</DOCUMENT>")
        yield Part(
            type=labels["TYPE"],
            sequence=int(sequence) if sequence.isdecimal() else 0,
            filename=labels.get("FILENAME", ""),
            description=labels.get("DESCRIPTION", ""),
            start=at,
            end=end,
            text_start=start,
            text_end=stop,
        )
        at = _line_start(body, b"<DOCUMENT>", end)


def _labels(head: bytes) -> Mapping[str, str]:
    lines = (line.strip() for line in head.decode("utf-8", "replace").splitlines())
    pairs = (line[1:].partition(">") for line in lines if line.startswith("<") and ">" in line)
    return {tag: value.strip() for tag, _, value in pairs}


def _unwrapped(body: bytes, start: int, stop: int) -> tuple[int, int]:
    """`[start, stop)` without blank edges and EDGAR's wrapper inside `<TEXT>`."""
    while start < stop and body[start : start + 1].isspace():
        start += 1
    for tag in (b"XBRL", b"XML", b"JSON", b"PDF"):
        if body.startswith(b"<" + tag + b">", start):
            end = body.rfind(b"</" + tag + b">", start, stop)
            start += len(tag) + 2
            while start < stop and body[start : start + 1].isspace():
                start += 1
            return start, end if end >= 0 else stop
    return start, stop


def _labelled(head: str) -> tuple[dict[str, str], tuple[Party, ...]]:
    """The header of today: `LABEL:<tabs>value`, a party's block under its role at the margin."""
    fields: dict[str, str] = {}
    blocks: list[tuple[str, dict[str, list[str]]]] = []
    for line in head.splitlines():
        if line.startswith("<ACCEPTANCE-DATETIME>"):
            fields["acceptance-datetime"] = line.split(">", 1)[1].strip()
        label, colon, value = line.partition(":")
        if not colon:
            continue
        label, value = label.strip().lower(), value.strip()
        if not value and line[:1].isalpha():
            blocks.append((label, {}))
        elif line[:1].isspace() and blocks:
            blocks[-1][1].setdefault(label, []).append(value)
        elif line[:1].isalpha():
            fields.setdefault(label, value)
    return fields, tuple(_party(role, block) for role, block in blocks if "central index key" in block)


_TAGS = {
    "ACCESSION-NUMBER": "accession number",
    "FILING-DATE": "filing date",
    "ACCEPTANCE-DATETIME": "acceptance-datetime",
    "CONFORMED-NAME": "company conformed name",
    "CIK": "central index key",
    "ASSIGNED-SIC": "standard industrial classification",
    "FILE-NUMBER": "sec file number",
}


def _tagged(head: str) -> tuple[dict[str, str], tuple[Party, ...]]:
    """The header of the dissemination feed: `<TAG>value`, a party's block in `<FILER>…</FILER>`."""
    fields: dict[str, str] = {}
    blocks: list[tuple[str, dict[str, list[str]]]] = []
    inside = ""
    for line in head.splitlines():
        tag, _, value = line.strip().removeprefix("<").partition(">")
        if inside:
            if tag == "/" + inside:
                inside = ""
            elif value:
                blocks[-1][1].setdefault(_TAGS.get(tag, tag.lower()), []).append(value.strip())
        elif tag == "TYPE":
            fields["conformed submission type"] = value.strip()
        elif value:
            fields.setdefault(_TAGS.get(tag, tag.lower()), value.strip())
        elif tag and tag != "SUBMISSION" and not tag.startswith("/"):
            inside = tag
            blocks.append((tag.replace("-", " ").lower(), {}))
    return fields, tuple(_party(role, block) for role, block in blocks if "central index key" in block)


def _party(role: str, block: Mapping[str, Sequence[str]]) -> Party:
    cik = block["central index key"][0]
    if not cik.isdecimal():
        raise Unreadable("not a CIK", where=f"header, {role}", evidence=cik[:80])
    sic = re.search(r"\d{4}", block.get("standard industrial classification", [""])[0][-6:])
    names = block.get("company conformed name") or block.get("conformed name") or [""]
    numbers = tuple(number for number in block.get("sec file number", []) if number)
    return Party(role, int(cik), names[0], sic[0] if sic else None, numbers)
