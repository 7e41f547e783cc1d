"""Provisions for non-bank financial lending as said in a call or a release: an amount, what it was, and the sentence.

Pure. An amount counts inside one of the forms of `forms`, which name the cost and the lending in its own clause or in the one it
hangs on, or where `attachment` finds both beside it. Exposures, levels, ratios, guidance, other periods, other banks and
questions are neither, and so is what is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.errors import Unreadable
from chalicelib.scrapers.bank_provision import vocabulary as v
from chalicelib.scrapers.bank_provision.attachment import attached
from chalicelib.scrapers.bank_provision.forms import Kind
from chalicelib.scrapers.bank_provision.grammar import told
from chalicelib.scrapers.bank_provision.lexicon import Speaking, quarters_named, tokens
from chalicelib.scrapers.bank_provision.linked import joined
from chalicelib.scrapers.bank_provision.speech import Sentence, plain_text, sentences
from chalicelib.scrapers.bank_provision.spoken import corrected, in_figures
from chalicelib.scrapers.bank_provision.watchlist import banks

_COMPARED = re.compile(
    r"\b(?:from|compar\w+|versus|vs\.?|than|expect\w*|anticipat\w*|next|guid\w+|forecast\w*|will|would|relative to|against)\b"
    r"[^.;\n]{0,80}",
    re.IGNORECASE,
)
"""Words about another quarter: what a figure is compared with, or what is to come."""
_CALL = re.compile(r"[^.\n]{0,200}\b(?:earnings|conference)\s+call\b[^.\n]{0,200}", re.IGNORECASE)
_LONGEST = 2_500
"""Letters of a sentence; what is longer is no sentence that anybody said."""


@dataclass(frozen=True)
class Said:
    """One amount said: signed dollars (a release is negative), the sentence, and its place in the text."""

    amount: Decimal
    kind: Kind
    words: str
    offset: int


def read(body: bytes, called: str = "") -> list[Said]:
    """Every provision, release or charge-off for non-bank financial lending that is said; an amount said twice is given once.

    `called` is the document's name, which may tell the bank and the quarter (`BK-2025Q3.txt`). Raises `Unreadable` for a document
    that is no call (PDF, a page that names no call, binary, damaged JSON), naming it and the place.
    """
    try:
        return find(plain_text(body), called)
    except Unreadable as error:
        if not called:
            raise
        raise Unreadable(f"{error} of {called}", evidence=error.evidence) from None


def find(text: str, called: str = "") -> list[Said]:
    """As `read`, from words."""
    speaking = _speaking(text, called)
    found: dict[tuple[Decimal, Kind], Said] = {}
    before: Sentence | None = None
    for sentence in corrected(sentences(text)):
        if sentence.analyst or sentence.words.rstrip("\"\u201d')").endswith("?") or len(sentence.words) > _LONGEST:
            before = None
            continue
        if before is not None and "\n" in text[before.offset : sentence.offset].strip():
            before = None
        for said in _told(sentence, before, speaking):
            found.setdefault((said.amount, said.kind), said)
        before = sentence
    return list(found.values())


def _told(sentence: Sentence, before: Sentence | None, speaking: Speaking) -> Iterator[Said]:
    """What a sentence tells by its forms, at other places by what its amounts attach to, or as a part of what was told before."""
    words = in_figures(_plain(sentence.words))
    if not v.MONEY.search(words):
        return
    shown, offset = sentence.shown or sentence.words, sentence.offset
    found = {each.start: each for each in (*attached(words, speaking), *told(tokens(words, speaking), words))}
    for each in found.values():
        yield Said(each.amount, each.kind, shown, offset)
    if not found and before is not None:
        for each in joined(in_figures(_plain(before.words)), words, speaking):
            yield Said(each.amount, each.kind, f"{before.shown or before.words} {shown}", before.offset)


def _plain(words: str) -> str:
    """The words with one kind of space, apostrophe and hyphen; a dash between words stays a dash."""
    words = re.sub(r"[\u2018\u2019]", "'", re.sub(r"\s+", " ", words))
    return re.sub(r"(?<=[A-Za-z])[\u2010-\u2013](?=[A-Za-z])", "-", words)


def _speaking(text: str, called: str) -> Speaking:
    """Whose call it is and about which quarter, from its name, its title, its opening and how the operator names it."""
    opening = text[:600]
    titles = [line for line in opening.splitlines()[:4] if len(line) < 150 and not re.search(r"[$?]|[.!]\s*$", line)]
    given = re.match(r"[A-Z.]{1,6} Q[1-4] \S* earnings call$", text.partition("\n")[0])
    named = re.sub(r"(20[12]\d)[-_ ]?Q([1-4])", r" Q\2 \1 ", f"{called} {given[0] if given else ''}")
    calls = [found[0] for found in _CALL.finditer(text[:20_000])]
    own = {name[0].lower() for name in v.OTHER_BANK.finditer("\n".join([*titles, *calls]))}
    tickers = set(re.findall(r"(?<![A-Za-z])[A-Z]{1,5}(?![A-Za-z])", named))
    own |= {name[0].lower() for bank in banks() if bank.ticker in tickers for name in v.OTHER_BANK.finditer(bank.name)}
    # A title comes before the name a file was given: a fiscal quarter may be called otherwise than the calendar's.
    quarter = _quarter(["\n".join(titles), named, "\n".join(calls), opening, text])
    year = re.search(r"\b20[12]\d\b", " ".join([*titles, named, opening]))
    return Speaking(frozenset(own), quarter, year[0] if year and quarter else None)


def _quarter(parts: Sequence[str]) -> str | None:
    """The quarter of the call: the only one that the first part to name one at all names as its own; None when it names two."""
    for part in parts:
        named = quarters_named(_COMPARED.sub(" ", part))
        if named:
            return named.pop() if len(named) == 1 else None
    return None
