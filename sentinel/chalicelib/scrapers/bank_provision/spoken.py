"""How people say numbers: in words, corrected in the next breath, set aside between commas. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chalicelib.scrapers.bank_provision import vocabulary as v
from chalicelib.scrapers.bank_provision.speech import Sentence

_TO_NINE = "zero one two three four five six seven eight nine"
_TO_NINETEEN = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: value for value, word in enumerate(f"{_TO_NINE} {_TO_NINETEEN}".split())}
_VALUES |= {word: value for value, word in zip(range(20, 100, 10), _TENS.split(), strict=True)}
_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"\b(?P<number>(?:(?:an?|{_WORD})[\s-]hundred(?:\s+and)?(?:[\s-](?:{_WORD})){{0,2}}|(?:{_WORD})(?:[\s-](?:{_WORD}))?))"
    rf"(?:(?P<half>\s+and\s+a\s+half)|\s+point(?P<decimals>(?:\s+(?:{_WORD})){{1,3}}))?[\s-](?P<unit>million|billion|thousand)\b(?:\s+(?:dollars?|bucks)\b)?",
    re.IGNORECASE,
)

_FRACTIONS = tuple(
    (re.compile(rf"\b{words}\s+a\s+(?P<unit>million|billion)\b(?:\s+dollars?)?", re.IGNORECASE), digits)
    for words, digits in ((r"(?:a\s+)?quarter\s+of", "0.25"), (r"three[\s-]quarters\s+of", "0.75"), (r"half(?:\s+of)?", "0.5"))
)


def in_figures(text: str) -> str:
    """`text` with its amounts in figures: `twenty-five million dollars` as `$25 million`."""

    def figure(found: re.Match[str]) -> str:
        part = ".5" if found["half"] else "".join(str(_VALUES[word]) for word in (found["decimals"] or "").lower().split())
        return f"${_value(found['number'])}{'.' if found['decimals'] else ''}{part} {found['unit']}"

    for fraction, digits in _FRACTIONS:
        text = fraction.sub(rf"${digits} \g<unit>", text)
    return _IN_WORDS.sub(figure, text)


def _value(words: str) -> int:
    total = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word == "hundred":
            total = max(total, 1) * 100
        elif word in _VALUES:
            total += _VALUES[word]
    return total


def corrected(said: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences with what a speaker takes back replaced by what they put in its place, also in the next sentence."""
    held: Sentence | None = None
    for sentence in said:
        if held is not None and v.CORRECTION.match(in_figures(sentence.words).lstrip("-\u2014\u2013. ")):
            shown = f"{held.shown or held.words} {sentence.words}"
            held = replace(_settled(replace(held, words=f"{held.words.rstrip('.')} -- {sentence.words}")), shown=shown)
            continue
        if held is not None:
            yield held
        held = _settled(sentence)
    if held is not None:
        yield held


def _settled(sentence: Sentence) -> Sentence:
    """One sentence without the amount it corrects; the new amount takes its place, and its unit when none is said."""
    words = in_figures(sentence.words)
    found = v.CORRECTION.search(words)
    if found is None:
        return sentence
    old = [each for each in v.MONEY.finditer(words[: found.start()]) if each["before"] or each["unit"]]
    new = v.MONEY.match(words, found.end())
    if not old or new is None:
        return sentence
    unit = new["unit"] or old[-1]["unit"] or ""
    rest = re.sub(r"[\s,\u2014\u2013-]+$", "", words[old[-1].end() : found.start()])
    tail = words[new.end() :]
    lead = " " if old[-1][0][:1].isspace() else ""
    settled = f"{words[: old[-1].start()]}{lead}${new['digits']} {unit}{rest}{tail}"
    return replace(sentence, words=settled, shown=sentence.shown or sentence.words)
