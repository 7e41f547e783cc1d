"""What `extract bank-provision FILE…` prints: one mapping a document, in the shape the corpus describes.

Files of one bank given together are read together, so that a quarter can be had from year-to-date figures; every file still has
its own line, in the order given. So are the documents of one inline set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.errors import SentinelError, Unreadable
from chalicelib.ports import Source
from chalicelib.scrapers.bank_provision import transcript
from chalicelib.scrapers.bank_provision.answer import Answer, answer
from chalicelib.scrapers.bank_provision.documents import (
    Totals,
    facts_of,
    facts_of_submission,
    is_inline,
    kind_of,
    released,
    set_of,
)
from chalicelib.scrapers.bank_provision.figures import Report, report
from chalicelib.xbrl import MAX_BYTES


@dataclass(frozen=True)
class _Read:
    """One file as read: a report, a company's totals, a finished line, or an error.

    `page`: an inline document that says nothing alone; with another of its inline set it may.
    """

    name: str
    report: Report | None = None
    totals: Totals | None = None
    line: Mapping[str, object] | None = None
    page: Source | None = None


def extract(sources: Sequence[Source]) -> Iterator[Mapping[str, object]]:
    """One mapping per document; a document that cannot be read gives `file`, `error`, `error_type`."""
    read = _together([_read(source) for source in sources])
    reports = [each.report for each in read if each.report is not None]
    totals = {each.totals.cik: each.totals for each in read if each.totals is not None}
    for each in read:
        if each.line is not None:
            yield each.line
        elif each.report is not None:
            found = answer(each.report, reports)
            yield {**of_answer(each.name, each.report, found), "witness": witness(found, totals.get(each.report.cik))}
        elif each.totals is not None:
            yield _of_totals(each.name, each.totals)


def _together(read: Sequence[_Read]) -> Sequence[_Read]:
    """`read` with the pages of one inline set, given as files of their own, made the one report they are."""
    pages = [each for each in read if each.page is not None]
    joined: dict[str, Report] = {}
    for page in pages:
        for other in pages:
            found = _joined(other, page) if page.report is None and other is not page else None
            if found is not None:
                joined[page.name] = joined[other.name] = found
    return [_Read(each.name, report=joined[each.name]) if each.name in joined else each for each in read]


def _joined(first: _Read, second: _Read) -> Report | None:
    """The report two pages make; None when they make none, or one of two entities."""
    if first.page is None or second.page is None:
        return None
    try:
        with first.page.open() as one, second.page.open() as other:
            facts = set_of([one, other], [first.name, second.name])
            found = report(facts, second.name)
    except (SentinelError, OSError):
        return None
    return found if found.has_statements and len({each.entity for each in facts.contexts.values()}) == 1 else None


def _read(source: Source) -> _Read:
    page = None
    try:
        with source.open() as stream:
            kind = kind_of(stream)
            if kind == "xbrl":
                page = source if is_inline(stream) else None
                found = report(facts_of(stream, source.name), source.name)
                return _Read(source.name, report=found, page=None if found.has_statements else page)
            body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise Unreadable(f"larger than {MAX_BYTES:,} bytes", where=source.name)
        if kind == "submission" and (words := released(body)) is not None:
            return _Read(source.name, line=_said(source.name, transcript.find(words, source.name)))
        if kind == "submission":
            facts, _ = facts_of_submission(body, source.name)
            return _Read(source.name, report=report(facts, source.name))
        if kind == "companyfacts":
            return _Read(source.name, totals=Totals(body, source.name))
        return _Read(source.name, line=_said(source.name, transcript.read(body, source.name)))
    except (SentinelError, OSError) as error:
        line = {"file": source.name, "error": str(error), "error_type": type(error).__name__}
        return _Read(source.name, line=line, page=page)


def of_answer(file: str, of: Report, found: Answer) -> dict[str, object]:
    """An answer as one line; amounts in whole dollars, a release negative."""
    return {
        "file": file,
        "cik": of.cik,
        "bank": of.bank or None,
        "form": of.form or None,
        "period_end": of.period_end.isoformat(),
        "status": found.status,
        "provision": found.provision,
        "exposure": found.exposure,
        "total_provision": found.total_provision,
        "members": list(found.members),
        "unmapped_members": list(of.unmapped),
        "method": found.method,
        "parts": [
            {
                "member": part.member,
                "axis": part.axis,
                "kind": part.kind,
                "amount": part.amount.value,
                "how": part.amount.how,
                "concepts": list(dict.fromkeys(figure.concept for figure in part.amount.from_figures)),
                "words": [figure.words for figure in part.amount.from_figures],
            }
            for part in found.parts
        ],
        "year_to_date": found.year_to_date,
        "allowance": found.allowance,
        "coverage_ratio": found.coverage_ratio,
        "notes": list(found.notes),
        "disagreements": list(found.disagreements),
    }


def witness(found: Answer, totals: Totals | None, accession: str = "") -> dict[str, object] | None:
    """The undimensioned total as the company's own list of values has it; None when there is nothing to compare.

    With `accession` only that filing's own value counts: a later restatement must not reach back.
    """
    if totals is None or found.total is None or found.total.how != "direct" or len(found.total.from_figures) != 1:
        return None
    figure = found.total.from_figures[0]
    start = figure.start.isoformat() if figure.start else ""
    other = totals.value(figure.concept, start, figure.end.isoformat(), accession)
    agrees = None if other is None else other == figure.value
    return {"source": "companyconcept", "agrees": agrees, "detail": f"{figure.concept}: {figure.value} here, {other} there"}


def _of_totals(file: str, totals: Totals) -> dict[str, object]:
    return {
        "file": file,
        "cik": totals.cik,
        "bank": totals.name or None,
        "period_end": None,
        "status": "not-disclosed",
        "provision": None,
        "exposure": None,
        "total_provision": None,
        "members": [],
        "unmapped_members": [],
        "method": "companyfacts",
        "notes": ["companyfacts holds no dimensions: it bears witness to totals only"],
    }


def _said(file: str, said: Sequence[transcript.Said]) -> dict[str, object]:
    amounts = [{"amount": each.amount, "kind": each.kind, "words": each.words, "offset": each.offset} for each in said]
    return {"file": file, "method": "transcript", "amounts": amounts}
