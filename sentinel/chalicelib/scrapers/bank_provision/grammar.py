"""Finds the forms of `forms` in a sentence's letters: which amounts are provisions, releases or charge-offs for non-bank lending.

Pure. An amount counts only inside a form that begins where a statement may begin and is followed by what may follow one. A word in
between that is not known, another time, another bank or a condition makes the form fail: then nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from chalicelib.scrapers.bank_provision import forms
from chalicelib.scrapers.bank_provision.lexicon import Token

Kind = Literal["build", "release", "charge-off"]
_KINDS: dict[str, Kind] = {"P": "build", "B": "build", "R": "build", "L": "release", "K": "charge-off"}
_FOLDS = (
    ("_+x?(?=[MPBLKRNEHv])", ""),
    ("_", ""),
    ("(?<=[fiw])[HOxQv]*[vQ][HOxQv]*,E(?=$|[,;:&])", "E"),
    ("^[xQ]+,E,", "E"),
    ("Q+,?(?=E)", ""),
    ("SS", "S"),
    (",e[^,;]*,(?=c)", ""),
    ("(?<=[NE]),F[^,;SUZX]*,", ","),
    ("[NE]H*[v]+H*", "E"),
    ("[NE]H+", "N"),
    ("H+[fiwo][NE],(?=E)", ""),
    ("H+[fiwo][NE]", "N"),
    ("Nw[xOQ]*[vE]", "N"),
    ("(?<=[fi])M(?:H+[fiwo])?(?=N)", ""),
    ("^M(?=N[hg])", ""),
    ("^NoM(?=[hg])", "N"),
    ("[NE](?:[,&]+[NE])+(?![PBLKRHhg])", "N"),
)
"""Larger names made one letter: "our $2 billion book of loans to NDFIs" is N; a fund or a lender beside the name is E."""
_SCENE = re.compile(r"(?:^|[,;:&])(?:[fi][NE](?:oM)?[,:]?|[NE]:)$")
_SCENE_GOES_ON = re.compile(r"(?:^|;)(?:[fi][NE][,:]?[^;NEO]*&|[NE]:[^;NEO]*[,&])$")
_START = re.compile(rf"(?:^|[,;:&])$|{_SCENE.pattern}|{_SCENE_GOES_ON.pattern}")
_FOLLOWS = re.compile(r"(?=$|[,;:&FeDIudfi]|r(?!M))(?![&,]*[fi]?O(?![ci,]*M|c))")
_ADJUNCT = re.compile(r"(?:^|[,;&])[fiweD][^SUZXMctghVFI,;&]*$")
_ELSE = re.compile(r"[xVS_]")
_COMPARES = re.compile(r",?c?[FudeDG]")
_PREDICATE = re.compile(r"(?=$|[;:]|F|c(?:$|[tbplkaufiMFGeDQ&,;:cdxj])|[tudeDga]|Ic?)")
_WHOLE_BANK = re.compile(r"\b(?:total|overall|firmwide|company-?wide|consolidated)\b", re.IGNORECASE)


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
    letters, kept = "".join(each.letter for each in tokens), list(tokens)
    for pattern, letter in _FOLDS * 2:
        while (found := re.search(pattern, letters)) is not None and found[0] != letter:
            first, last = found.span()
            name = [Token(letter, kept[first].start, kept[last - 1].end)] if letter else []
            letters, kept = letters[:first] + letter + letters[last:], [*kept[:first], *name, *kept[last:]]
    return Row(letters, tuple(kept))


@cache
def _forms(*, scene: bool) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """(who may say it, its kind or the cost's own, form); with `scene` those whose lending was named ahead."""
    table = [("anyone", *form) for form in forms.STATEMENTS] + [("given", *form) for form in forms.GIVEN]
    for who, lead in (("bank", "S"), ("shared", "")):
        table += [(who, kind, f"{lead}{form}") for kind, form in forms.OWN]
        table += [(who, kind, f"{lead}[th]{form}") for kind, form in forms.COSTS]
        table += [(who, "build", f"{lead}[ta]{form}") for form in forms.RESERVES]
    table += [("bank", kind, f"SV{form}") for kind, form in forms.COSTS[:3]]
    table += [(who, *form) for who in ("subject", "governed") for form in forms.COSTS]
    table += [("held", "build", form) for form in forms.RESERVES]
    if not scene:
        table += [("part", "", form) for form in forms.PARTS]
    return tuple((who, kind, _compiled(form, scene=scene)) for who, kind, form in table if not scene or "<" in form)


def _compiled(form: str, *, scene: bool) -> re.Pattern[str]:
    after, before = ("", "") if scene else ("(?:,?f|[iw]|(?<=[KL])o)[NE]", "[NE]")
    letters = form.replace("<r>", f"(?:{after})").replace("<n>", f"(?:{before})")
    return re.compile(letters.replace("C", "(?P<C>[PBLK])").replace("A", "(?P<A>M)"))


def told(tokens: Sequence[Token], words: str) -> Iterator[Told]:
    """Every amount of a form in the sentence, once each."""
    letters = {each.letter for each in tokens}
    if "M" not in letters or not letters & set("NE"):
        return
    row, seen = folded(tokens), set()
    for place in range(len(row.letters)):
        left = row.letters[:place]
        for scene in (False, True):
            if scene and not (_SCENE.search(left) or _SCENE_GOES_ON.search(left)):
                continue
            for who, kind, form in _forms(scene=scene):
                found = form.match(row.letters, place)
                if found is None or not _stands(row, found, who, words):
                    continue
                at = found.start("A")
                if at in seen:
                    continue
                seen.add(at)
                amount = row.tokens[at].amount
                named: Kind = kind or _KINDS[found.groupdict().get("C") or "R"]  # type: ignore[assignment]
                if amount is not None:
                    yield Told(-amount if named == "release" else amount, named, row.tokens[at].start)


def _stands(row: Row, found: re.Match[str], who: str, words: str) -> bool:
    """Whether what is around a form lets it be a statement of this bank about its quarter."""
    left, rest = row.letters[: found.start()], row.letters[found.end() :]
    since = row.tokens[found.start() - 1].end if found.start() else 0
    said = words[since : row.tokens[found.end() - 1].end]
    if _unreal(left, said):
        return False
    if who == "given":
        return rest[:1] not in {"X", "M", "O"}
    if _another_time(rest) or (_SCENE_GOES_ON.search(left) and _WHOLE_BANK.search(said)):
        return False
    if who == "subject":
        goes_on = (_SCENE.search(left) or _SCENE_GOES_ON.search(left)) is not None and rest[:1] in {"", ",", "&"}
        return (_START.search(left) is not None and _PREDICATE.match(rest) is not None) or goes_on
    told_last = row.letters[found.end() - 1]
    follows = _FOLLOWS.match(rest) is not None or (told_last in "NE" and _ELSE.match(rest) is not None)
    return follows and _may_say(left, who, own=found[0].startswith("S"))


def _may_say(left: str, who: str, *, own: bool) -> bool:
    """Whether what stands ahead of a form is where such a form begins."""
    if who == "governed":
        return re.search(r"(?:(?<!R)I|[eDc]|[IeS](?:[^;,SZU]*M[^;,SZU]*[,&]+)+|S[th][^;]*[,&]+)$", left) is not None
    if who == "held":
        return re.search(r"P[^;R]*[ID]$|Ii[qFx]*c$", left) is not None
    if who == "shared":
        return re.search(r"S.*[,&]$", left) is not None
    if who == "part":
        left = left.rstrip("xOQ")
    return _START.search(left) is not None or (own and (left[-1:] in {"F", "e"} or _ADJUNCT.search(left) is not None))


def _another_time(rest: str) -> bool:
    """Whether what follows says that another time is meant, before a comma or a comparison."""
    near = re.split(r"[,;:&]", rest, maxsplit=1)[0]
    return "X" in near and not _COMPARES.match(near)


def _unreal(left: str, form: str) -> bool:
    """Whether what stands ahead makes it a condition, a hope, another time or another bank's."""
    ahead = left.rpartition(";")[2]
    if "U" in ahead:
        return True
    if "Z" in ahead and not re.search(r"\b(?:we|our|us|my|the bank|the company)\b", form, re.IGNORECASE):
        return True
    near = re.split(r"[;&]", left)[-1]
    return any("X" in part and not re.match(r"[FudeD]", part) for part in near.split(","))
