"""What a document is, by its content, and the facts or words in it.

Pure. Inline documents and instances are streamed; a submission's instance is preferred to its inline set, which is read whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import BinaryIO, Literal

from chalicelib import edgar, markup, xbrl
from chalicelib.errors import Unreadable
from chalicelib.scrapers.bank_provision.figures import wanted
from chalicelib.scrapers.bank_provision.speech import CALL, HEAD
from chalicelib.xbrl import Facts

Kind = Literal["xbrl", "submission", "companyfacts", "transcript"]


def kind_of(stream: BinaryIO) -> Kind:
    """What the document is; the stream is left at its beginning. Raises `Unreadable` for an empty one."""
    head = stream.read(HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    stream.seek(0)
    if not head:
        raise Unreadable("the document is empty", where="byte 0")
    upper = head[:4096].upper()
    if upper.startswith(
        (b"-----BEGIN PRIVACY", b"<SEC-DOCUMENT", b"<SEC-HEADER", b"<SUBMISSION>", b"<DOCUMENT>", b"<IMS-DOCUMENT")
    ):
        return "submission"
    if head.startswith(b"<"):
        return "transcript" if CALL.search(head) and b"xbrl" not in head.lower() else "xbrl"
    if head.startswith(b"{") and b'"facts"' in head and b'"cik"' in head:
        return "companyfacts"
    return "transcript"


def facts_of(stream: BinaryIO, name: str) -> Facts:
    """The facts of an inline document or an instance."""
    return xbrl.read(stream, names=[name], only=wanted)


def is_inline(stream: BinaryIO) -> bool:
    """Whether a document is a page with XBRL in it; the stream is left at its beginning."""
    head = stream.read(HEAD)
    stream.seek(0)
    return b"inlineXBRL" in head


def set_of(streams: Sequence[BinaryIO], names: Sequence[str]) -> Facts:
    """The facts of an inline set."""
    return xbrl.read(*streams, names=names, only=wanted)


def facts_of_submission(body: bytes, name: str) -> tuple[Facts, edgar.Submission]:
    """The facts of a whole submission. Raises `Unreadable` when none of its documents holds XBRL."""
    submission = edgar.read_submission(body)
    for part in submission.parts:
        if part.filename.lower().endswith("_htm.xml") or part.type.upper() == "EX-101.INS":
            text = BytesIO(submission.text(part))
            return xbrl.read(text, names=[f"{name}/{part.filename}"], only=wanted), submission
    inline = [part for part in submission.parts if b"inlineXBRL" in body[part.text_start : part.text_start + HEAD]]
    if not inline:
        raise Unreadable(
            "no document of the submission holds XBRL", where=name, evidence=str([p.type for p in submission.parts])[:500]
        )
    names = [f"{name}/{part.filename}" for part in inline]
    return xbrl.read(*(submission.text(part) for part in inline), names=names, only=wanted), submission


def released(body: bytes) -> str | None:
    """The words of an 8-K's exhibits 99; None for any other form. Raises `Unreadable` for an 8-K without such an exhibit."""
    submission = edgar.read_submission(body)
    if not submission.form.startswith("8-K"):
        return None
    exhibits = [part for part in submission.parts if part.type.upper().startswith("EX-99") and _is_page(submission.text(part))]
    if not exhibits:
        raise Unreadable("an 8-K without exhibit 99", where=submission.accession)
    return "\n".join(markup.flatten(markup.decode(submission.text(part))).text for part in exhibits)


def _is_page(text: bytes) -> bool:
    """Whether an exhibit is words: slides are also filed as PDF and as pictures."""
    return not text.startswith((b"begin ", b"%PDF"))


class Totals:
    """A company's undimensioned values, from companyfacts or companyconcept JSON: the witness of totals."""

    def __init__(self, body: bytes, name: str) -> None:
        try:
            value = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        except (ValueError, RecursionError) as error:
            raise Unreadable("the JSON is damaged", where=name, evidence=body[:200].decode("latin-1")) from error
        if not isinstance(value, Mapping) or "cik" not in value:
            raise Unreadable("the JSON is no company's values", where=name, evidence=body[:200].decode("latin-1"))
        self.cik = str(value["cik"]).zfill(10)
        self.name = str(value.get("entityName") or "")
        families = value.get("facts")
        self._concepts = families.get("us-gaap", {}) if isinstance(families, Mapping) else {str(value.get("tag")): value}

    def value(self, concept: str, start: str, end: str, accession: str = "") -> Decimal | None:
        """The value filed last for a concept and period, in dollars; with `accession` the one that filing gave."""
        units = self._concepts.get(concept, {}).get("units", {})
        rows = [row for row in units.get("USD", ()) if row.get("start") == start and row.get("end") == end]
        if accession:
            rows = [row for row in rows if row.get("accn", accession) == accession]
        latest = max(rows, key=lambda row: str(row.get("filed", "")), default=None)
        return latest["val"] if latest is not None and isinstance(latest.get("val"), Decimal) else None
