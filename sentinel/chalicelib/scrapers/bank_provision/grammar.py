"""Finds the forms of `forms` in a sentence's letters: provisions, releases and charge-offs for non-bank lending.

Pure. An amount counts only inside a form that begins where a statement may begin and is followed by what may follow one. A word
in between that is not known, another time, another bank or a condition makes the form fail: then nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from chalicelib.scrapers.bank_provision import forms
from chalicelib.scrapers.bank_provision.forms import Kind
from chalicelib.scrapers.bank_provision.lexicon import Token

_KINDS: dict[str, Kind] = {"P": "build", "B": "build", "R": "build", "L": "release", "K": "charge-off"}
_FOLDS = (
    ("_+x?(?=[MPBLKRNEHv])", ""),
    ("_", ""),
    ("(?<=[fiw])[HOxQv]*[vQ][HOxQv]*,[NE][Hv]*(?=$|[,;:&])", "E"),
    ("^[xQ]+,E,", "E"),
    ("Q+,?(?=E)", ""),
    ("[NE],r[NE],?", "N"),
    ("SS", "S"),
    ("[NE]H*[v]+H*", "E"),
    ("[NE]H+", "N"),
    ("H+[fiwo][NE],(?=E)", ""),
    ("H+[fiwo][NE]", "N"),
    ("Nw[xOQ]*[vE]", "N"),
    ("(?<=[fi])M(?:H+[fiwo]|o)?(?=[NE](?![PBLKR]))", ""),
    ("^M(?=N[hg])", ""),
    ("^NoM(?=[hg])", "N"),
    ("(?<=[fiw])vi[NE]", "E"),
    ("[NE](?:[,&]+[NE])+(?![PBLKRHhgc])", "N"),
    ("[NE](?:,[NE])*&[NE](?=c)", "N"),
)
"""Larger names made one letter: "our $2 billion book of loans to NDFIs" is N; a fund or a lender beside the name is E."""
_ASIDES = (("(?<=[NE]),cM,", ""), (",e[^,;]*,(?=c)", ""), ("(?<=[NE]),F(?:[^,;SUZX]*|[^,;MPBLKR]*),", ","))
"""What is said between two commas and may be heard without: "excluding …", "which was …"."""
_SCENE = re.compile(r"(?:^|[,;:&])(?:[fi][NE](?:oM)?[,:]?|[NE]:)$")
_SCENE_GOES_ON = re.compile(r"(?:^|;)(?:[fi][NE][,:]?[^;NEO]*&|[NE]:[^;NEO]*[,&])$")
"""The lending named ahead of a statement ("In fund finance, ..."), and still meant after an "and"."""
_START = re.compile(rf"(?:^|[,;:&])$|{_SCENE.pattern}|{_SCENE_GOES_ON.pattern}")
_FOLLOWS = re.compile(r"(?=$|[,;:&FeDIudfi]|r(?!M)|w[PR])(?![&,]*[fi]?O(?![ci,]*M|c|[PBLKR]))")
"""What may come after a statement: an end, a reason, a comparison; no range, and no other lending without its own amount."""
_ADJUNCT = re.compile(r"(?:^|[,;&])[fiweD][^SUZXMctghVFI,;&]*$")
"""A setting ahead of "we" that no comma ends: "after a full review we ..."."""
_ELSE = re.compile(r"[xVS]")
"""What may come after the lending's name, where an unknown word can no longer change the amount."""
_NEVER_FIRST = frozenset("xVQc,;:&HOvXZUqwyersGD")
"""Letters no form begins with."""
_GOVERNS = re.compile(r"(?:(?<!R)(?<!R[oc]M)I|[eDc]|[IeS](?:[^;,SZU]*M[^;,SZU]*[,&]+)+|S[th][^;]*[,&]+)$")
"""What asserts a cost named as a noun: a verb, an inclusion, a cause, or the list it stands in."""
_HOLDS = re.compile(r"P[^;RS]*[ID]$|Ii[qFx]*c$")
"""What makes reserves a part of a provision."""
_OURS = re.compile(r"\b(?:we|our|us|my|the bank|the company)\b", re.IGNORECASE)
_SET_BESIDE = re.compile(r"(?<=M)c?[udFG][FGwfi]*M?[wfi]*X")
"""What an amount told is compared with: "up $12 million from last quarter"."""
_THEN = re.compile(r"[fi]?X,[^;]*$")
"""Another time named ahead of all that is said: "Last quarter, ..."."""
_OF_A_COST = re.compile("[oiq]([PBLK])")
"""The cost a part is told to be of: "including $5 million of charge-offs"."""
_CAUSE = re.compile(r"(?<![^,;:&])[xVHj]{1,4}$")
"""What a cost came of: "lower volumes led to ..."."""
_WHOLE_AHEAD = re.compile(r"(?:[SP]I|S[htx]+j*i)$")
"""What asserts a whole: the quarter included it."""
_TAKEN_THEN = re.compile(r"F?S[a-z]X")
"""What a relative clause sets in another time: "the build that we took last quarter"."""
_COMPARES = re.compile(r",?c?[FudeDG]")
_PREDICATE = re.compile(r"(?:[,&]+M[fi][NEO])*(?=$|[;:]|F|c(?:$|[tbpkaufiMFGeDQ&,;:cdxj])|[tudeDga]|Ic?)")
"""What may be said of a cost that is the subject: no "would be", no "remains"."""
_MOST = 300
"""Tokens of a sentence; one with more is none that anybody said, and reading it takes the square of them."""
_NOT_OURS = re.compile(r"(?: this quarter)?,? (?:not|isn't|wasn't|aren't|weren't) (?:ours|us)\b", re.IGNORECASE)
_EACH_ITS_OWN = re.compile(r"\brespectively\b", re.IGNORECASE)
WHOLE_BANK = re.compile(
    r"\b(?:total|overall|firm-?wide|bank-?wide|company-?wide|consolidated|(?:company|bank|firm|group)'s)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Row:
    """A sentence's letters and, for each, its token."""

    letters: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Told:
    """An amount of a kind, and where its words stand in the sentence."""

    amount: Decimal
    kind: Kind
    start: int


def folded(tokens: Sequence[Token]) -> Row:
    """The row with larger names made one letter."""
    return _replaced(Row("".join(each.letter for each in tokens), tuple(tokens)), _FOLDS * 2)


def without_asides(row: Row) -> Row:
    """The row without what is said between two commas and may be heard without."""
    return _replaced(row, _ASIDES)


def _replaced(row: Row, folds: Sequence[tuple[str, str]]) -> Row:
    letters, kept = row.letters, list(row.tokens)
    for pattern, letter in folds:
        while (found := re.search(pattern, letters)) is not None and found[0] != letter:
            first, last = found.span()
            name = [Token(letter, kept[first].start, kept[last - 1].end)] if letter else []
            letters, kept = letters[:first] + letter + letters[last:], [*kept[:first], *name, *kept[last:]]
    return Row(letters, tuple(kept))


@cache
def _forms(who: frozenset[str], *, scene: bool) -> tuple[tuple[str, Kind | None, re.Pattern[str]], ...]:
    """(who may say it, its kind or the cost's own, form) for those; with `scene` the ones whose lending was named ahead."""
    table: list[tuple[str, Kind | None, str]] = [("anyone", *form) for form in forms.STATEMENTS]
    table += [(who_may, *form) for who_may, said in (("given", forms.GIVEN), ("caused", forms.CAUSED)) for form in said]
    for speaker, lead in (("bank", "S"), ("shared", "")):
        table += [(speaker, kind, f"{lead}{form}") for kind, form in forms.OWN]
        table += [(speaker, kind, f"{lead}[th]{form}") for kind, form in forms.COSTS]
        table += [(speaker, "build", f"{lead}[ta]{form}") for form in forms.RESERVES]
    table += [("bank", kind, f"SV{form}") for kind, form in forms.COSTS[:3]]
    table += [(speaker, *form) for speaker in ("subject", "governed") for form in forms.COSTS]
    table += [("held", "build", form) for form in forms.RESERVES]
    if not scene:
        table += [("part", None, form) for form in forms.PARTS]
        table += [("part", *form) for form in forms.PARTS_OF]
    chosen = [each for each in table if each[0] in who and (not scene or "<" in each[2])]
    return tuple((name, kind, _compiled(form, scene=scene)) for name, kind, form in chosen)


@cache
def _compiled(form: str, *, scene: bool) -> re.Pattern[str]:
    after, before = ("", "") if scene else ("(?:,?f|[iw]|(?<=[KL])o)[NE]", "[NE]")
    letters = form.replace("<r>", f"(?:{after})").replace("<n>", f"(?:{before})")
    return re.compile(letters.replace("C", "(?P<C>[PBLK])").replace("A", "(?P<A>M)"))


def told(tokens: Sequence[Token], words: str) -> Iterator[Told]:
    """Every amount of a form in the sentence, once each."""
    letters = {each.letter for each in tokens}
    if "M" not in letters or not letters & set("NE") or ("O" in letters and _EACH_ITS_OWN.search(words)):
        return
    if len(tokens) > _MOST:
        return
    whole = folded(tokens)
    found: dict[int, Told] = {}
    for row in {whole.letters: whole, (short := without_asides(whole)).letters: short}.values():
        for each in _told(row, words):
            found.setdefault(each.start, each)
    yield from found.values()


def _told(row: Row, words: str) -> Iterator[Told]:
    for place in range(len(row.letters)):
        if row.letters[place] in _NEVER_FIRST:
            continue
        left = row.letters[:place]
        who = frozenset() if _unreal(left, row.letters[place]) else _speakers(left, row.letters[place])
        ahead = _CAUSE.sub("", left) if row.letters[place] == "g" else left
        scenes = (False, True) if _SCENE.search(ahead) or _SCENE_GOES_ON.search(ahead) else (False,)
        for speaker, kind, form in (each for scene in scenes for each in _forms(who, scene=scene)):
            found = form.match(row.letters, place)
            if found is None or not _stands(row, found, speaker, words):
                continue
            token = row.tokens[found.start("A")]
            if speaker == "part" and _no_part(row, found):
                continue
            own = _OF_A_COST.match(row.letters, found.end("A")) if speaker == "part" else None
            named: Kind = kind or _KINDS[own[1] if own else found.groupdict().get("C") or "R"]
            if token.amount is not None:
                yield Told(-token.amount if named == "release" else token.amount, named, token.start)


def _no_part(row: Row, found: re.Match[str]) -> bool:
    """Whether an amount is so much larger than its whole, the first amount told, that no release explains it."""
    amounts = [each.amount for each in row.tokens[found.start() : found.start("A") + 1] if each.amount is not None]
    return bool(amounts) and amounts[-1] > 3 * amounts[0]


def _unreal(left: str, letter: str) -> bool:
    """Whether what stands ahead makes it a condition, a hope, another's words, or speaks of another time.

    A verb after "and" without a subject of its own has that of the verb before it, and its time.
    """
    if "U" in left.rpartition(";")[2] or _THEN.match(left):
        return True
    near = re.split(r"[;&]", _SET_BESIDE.sub("", left.removesuffix("&") if letter.islower() else left))[-1]
    return any("X" in part and not re.match(r"[FudeDG]", part) for part in near.split(","))


def _speakers(left: str, letter: str) -> frozenset[str]:
    """Which forms may begin after what stands ahead: those anyone may say, those only the bank's own verb makes true, ..."""
    begins = _START.search(left) is not None
    own = letter == "S" and (left[-1:] in {"F", "e"} or _ADJUNCT.search(left) is not None)
    may = {
        "given": True,
        "caused": _CAUSE.search(left) is not None,
        "governed": _GOVERNS.search(left) is not None,
        "held": _HOLDS.search(left) is not None,
        "shared": re.search(r"S.*[,&]$", left) is not None,
        "subject": begins or _SCENE_GOES_ON.search(left) is not None,
        "part": begins or own or _WHOLE_AHEAD.search(left) or _START.search(left.rstrip("xOQ")) is not None,
        "anyone": begins,
        "bank": begins or own,
    }
    return frozenset(who for who, allowed in may.items() if allowed)


def _stands(row: Row, found: re.Match[str], who: str, words: str) -> bool:
    """Whether a form is about this bank and its quarter, and what follows it leaves it as it is."""
    left, rest = row.letters[: found.start()], row.letters[found.end() :]
    since = row.tokens[found.start() - 1].end if found.start() else 0
    said = words[since : row.tokens[found.end() - 1].end]
    if "Z" in left.rpartition(";")[2] and not _OURS.search(said):
        return False
    if re.match(r"[iowf]Z", rest) or _NOT_OURS.match(words, row.tokens[found.end() - 1].end):
        return False
    if who == "given":
        return rest[:1] not in {"X", "M", "O"}
    if _another_time(rest) or (_SCENE_GOES_ON.search(left) and WHOLE_BANK.search(said)):
        return False
    if who == "subject":
        return (_PREDICATE.match(rest) is not None and "U" not in re.split("[,;:]", rest)[0]) or (
            rest[:1] in {",", "&"} and _SCENE.search(left) is not None
        )
    return _FOLLOWS.match(rest) is not None or (row.letters[found.end() - 1] in "NE" and _ELSE.match(rest) is not None)


def _another_time(rest: str) -> bool:
    """Whether what follows says that another time is meant, before a comma or a comparison."""
    near = re.split(r"[,;:&S]", rest, maxsplit=1)[0]
    return _TAKEN_THEN.match(rest) is not None or ("X" in near and not _COMPARES.match(near))
