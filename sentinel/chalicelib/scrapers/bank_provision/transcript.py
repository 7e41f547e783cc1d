"""Provisions for non-bank financial lending as said in a call or a release: an amount, what it was, and the sentence.

Pure. An amount counts only when a word of provisioning and a word of such lending govern it: in its own clause, or in the one
it hangs on ("of which", "with"). Exposures, levels, ratios, guidance, other periods, other banks and questions never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from chalicelib.scrapers.bank_provision import vocabulary as v
from chalicelib.scrapers.bank_provision.speech import Sentence, plain_text, sentences
from chalicelib.scrapers.bank_provision.spoken import clause_texts, corrected, in_figures

Kind = Literal["build", "release", "charge-off"]


@dataclass(frozen=True)
class Said:
    """One amount said: signed dollars (a release is negative), the sentence, and its place in the text."""

    amount: Decimal
    kind: Kind
    words: str
    offset: int


@dataclass(frozen=True)
class _Money:
    amount: Decimal
    start: int
    end: int


@dataclass(frozen=True)
class _Clause:
    """A clause and the amounts in it."""

    text: str
    money: tuple[_Money, ...]

    def before(self, number: int) -> str:
        """The words between the amount before (or the clause's beginning) and this one."""
        return self.text[self.money[number - 1].end if number else 0 : self.money[number].start]

    def reach_back(self, number: int) -> str:
        """`before`, and what stands before a balance that only says how large the class is ("for our $26 billion book")."""
        before = self.before(number)
        if number and v.OF_THE_SIZE.search(self.before(number - 1)) and v.EXPOSURE_NOUN.match(self.after(number - 1)):
            return f"{self.before(number - 1)}$0{before}"
        return f"{self.before(number - 1)}$0{before}" if number and before.strip() == ":" else before

    def reach_on(self, number: int) -> str:
        """`after`, and what follows an amount that this one is a part of ("of our $2 billion provision")."""
        after = self.after(number)
        if number + 1 < len(self.money) and (v.ON_THE_SIZE.search(after) or v.WHOLE_OF.fullmatch(after)):
            return after + self.after(number + 1)
        return after

    def after(self, number: int) -> str:
        """The words between this amount and the next one (or the clause's end)."""
        stop = self.money[number + 1].start if number + 1 < len(self.money) else len(self.text)
        return self.text[self.money[number].end : stop]


@dataclass(frozen=True)
class _Setting:
    """What the whole text says of itself: names of the bank speaking, the quarter spoken of (`third`) and its year."""

    own: frozenset[str]
    quarter: str | None
    year: str | None


def read(body: bytes) -> list[Said]:
    """Every provision, release or charge-off for non-bank financial lending that is said; an amount said twice is given once.

    Raises `Unreadable` for a document that is no text (PDF, HTML, binary, damaged JSON).
    """
    return find(plain_text(body))


def find(text: str) -> list[Said]:
    """As `read`, from words."""
    setting = _setting(text)
    found: dict[tuple[Decimal, Kind], Said] = {}
    for sentence in corrected(sentences(text)):
        if sentence.analyst or sentence.words.rstrip("\"\u201d')").endswith("?") or len(sentence.words) > 2_500:
            continue
        for amount, kind in _in_sentence(sentence, setting):
            found.setdefault((amount, kind), Said(amount, kind, sentence.shown or sentence.words, sentence.offset))
    return list(found.values())


def _setting(text: str) -> _Setting:
    opening = text[:600]
    titles = [line for line in opening.splitlines()[:4] if len(line) < 150 and not re.search(r"[$?]|[.!]\s*$", line)]
    own = {name[0].lower() for name in v.OTHER_BANK.finditer("\n".join(titles))}
    for sentence in re.finditer(r"[^.\n]{0,200}\b(?:earnings|conference)\s+call\b[^.\n]{0,200}", text[:20_000], re.IGNORECASE):
        own |= {name[0].lower() for name in v.OTHER_BANK.finditer(sentence[0])}
    quarter = re.search(r"\b(first|second|third|fourth)[\s-]quarter\b|\b[Qq]([1-4])\b|\b([1-4])Q", opening, re.IGNORECASE)
    year = re.search(r"\b20[12]\d\b", opening)
    named = None
    if quarter:
        named = quarter[1] or ("first", "second", "third", "fourth")[int(quarter[2] or quarter[3]) - 1]
    return _Setting(frozenset(own), named.lower() if named else None, year[0] if year and quarter else None)


def _in_sentence(sentence: Sentence, setting: _Setting) -> Iterator[tuple[Decimal, Kind]]:
    words = in_figures(re.sub(r"[\u2018\u2019]", "'", re.sub(r"\s+", " ", sentence.words)))
    if not v.NDFI.search(words) or not v.MONEY.search(words):
        return
    clauses = [_Clause(text, tuple(_money(text))) for text in clause_texts(words)]
    for place, clause in enumerate(clauses):
        for number in range(len(clause.money)):
            kind = _kind(clauses, place, number, setting)
            if kind is not None:
                amount = clause.money[number].amount
                yield (-amount if kind == "release" else amount), kind


def _money(text: str) -> Iterator[_Money]:
    """Amounts of US dollars with their unit; a number without one, or of something else, is none."""
    for found in v.MONEY.finditer(text):
        unit = (found["unit"] or "").lower()
        if not found["before"] and len(unit) < 3 and "dollars" not in found[0].lower():
            continue
        if v.FOREIGN.search(text[: found.start()]) or v.NO_MONEY.match(text[found.end() :]):
            continue
        amount = Decimal(found["digits"].replace(",", "")).scaleb(v.UNITS.get(unit, 0))
        if amount < 10_000:
            continue
        yield _Money(Decimal(f"{amount:f}"), found.start() + len(found[0]) - len(found[0].lstrip()), found.end())


def _kind(clauses: Sequence[_Clause], place: int, number: int, setting: _Setting) -> Kind | None:
    """What the amount is a provision as, None when it is none."""
    before = clauses[place].before(number)
    if _disqualified(clauses, place, number, setting):
        return None
    lending = _lending(clauses, place, number)
    if lending is None:
        return None
    kind, word = _cost_of(clauses, place, number, setting)
    if kind is None or v.SHARE_ONLY.search(lending) or v.OTHER_LENDING.search(v.NDFI.sub(" ", lending)):
        return None
    flow = not re.search(r"reserv|allowance|acl", word, re.IGNORECASE)
    return None if flow and (v.CHANGED_BY.search(before) or v.MOVED_BY.search(before)) else kind


def _cost_of(clauses: Sequence[_Clause], place: int, number: int, setting: _Setting) -> tuple[Kind | None, str]:
    """The kind of cost and its word: from the amount's own clause, from the list it stands in, or from what it hangs on."""
    clause = clauses[place]
    before, after = clause.before(number), clause.after(number)
    kind, word = _cost(clause.reach_back(number), clause.reach_on(number))
    if kind is None and place and v.LEVEL.search(clauses[place - 1].text):
        scene = v.WITHIN_RESERVES.match(clauses[place - 1].text) and v.ADDED.match(before)
        if scene or v.BUILT_TOO.match(before):
            kind, word = "build", "reserves"
    if kind is None and number and (v.LISTED.fullmatch(before) or v.INCLUDES.search(before)):
        kind, word = _cost(clause.before(number - 1), "")
    if kind is not None:
        return kind, word
    donor = clauses[place - 1] if place and v.OF_WHICH.match(after) else _donor(clauses, place)
    return (None, "") if donor is None or _unfit(donor.text, setting) else _cost(donor.text, "")


def _disqualified(clauses: Sequence[_Clause], place: int, number: int, setting: _Setting) -> bool:
    """Whether the amount is an exposure, part of a comparison or range, guidance, of another time, or another bank's."""
    clause = clauses[place]
    before, after = clause.before(number), clause.after(number)
    changed = re.search(r"\bby\s+(?:\w+\s+)?$", before) or v.CHANGED_BY.search(before)
    exposure = v.EXPOSURE_NOUN.match(after)
    if exposure and not changed and not v.LINK.search(exposure[0]) and not v.COST_OF.search(before):
        return True
    if (
        v.SHARE_OF.search(before)
        or v.RECOVERY_AFTER.match(after)
        or v.RECOVERY_BEFORE.search(before)
        or _balance(clause.reach_back(number))
    ):
        return True
    if (v.COMPARES.search(before) and not v.REACHED.search(before)) or (number and v.WHOLE_OF.fullmatch(before)):
        return True
    spread = re.match(r"\s*(?:to|or|-|\u2013)\s*\$?\d", clause.text[clause.money[number].end :])
    if (spread and not changed) or re.search(r"\bbetween\b", before):
        return True
    if re.search(r"\d\s*(?:to|or|and|-|\u2013)\s*$", clause.text[: clause.money[number].start]):
        return True
    if v.STARTS_COMPARISON.match(clause.text) or _unfit(clause.text, setting) or v.NEGATED.search(clause.text):
        return True
    first = clauses[0]
    if place and not first.money and not v.STARTS_COMPARISON.match(first.text) and _unfit(first.text, setting):
        return True
    return _of_other_things(before, after) or _of_others(clauses, place, setting)


def _of_other_things(before: str, after: str) -> bool:
    """Whether the amount is money lent or held ready, a cost that is no credit cost, or what a borrower did itself."""
    acts = v.BORROWER_ACTS.search(before)
    if acts is not None and v.ONE_BORROWER.search(acts[0]):
        return True
    if v.NOT_CREDIT.search(before) or (v.HELD.search(before) and v.HELD_FOR.match(after)):
        return True
    return v.FUNDS.match(after) is not None and v.COST_NOUN.search(before) is None


def _balance(before: str) -> bool:
    """Whether the amount is the size of something lent or held, and no cost is named before that."""
    found = v.BALANCE_OF.search(before)
    if found is None:
        return False
    return not any(each.search(before[: found.start()]) for each in (v.CHARGE_OFF, v.RELEASE, v.BUILD, v.LEVEL))


def _unfit(text: str, setting: _Setting) -> bool:
    """Whether the words speak of the future, of a condition, or of another period."""
    if v.GUIDANCE.search(text) or v.OTHER_TIME.search(text):
        return True
    years = set(re.findall(r"\b20[12]\d\b", text))
    if setting.year and years and setting.year not in years:
        return True
    named = {name.lower() for name in re.findall(r"\b(first|second|third|fourth)[\s-]quarter", text, re.IGNORECASE)}
    for found in re.finditer(r"\bQ([1-4])\b|\b([1-4])Q", text, re.IGNORECASE):
        named.add(("first", "second", "third", "fourth")[int(found[1] or found[2]) - 1])
    months = re.findall(r"\b(march|june|september|december)[\s-]quarter", text, re.IGNORECASE)
    named |= {v.QUARTER_MONTHS[month.lower()] for month in months}
    return bool(setting.quarter and named and setting.quarter not in named)


def _of_others(clauses: Sequence[_Clause], place: int, setting: _Setting) -> bool:
    """Whether the clause, or the one it takes its subject from, is about another bank."""
    if v.THEIR_OWN.search(clauses[place].text):
        return True
    for acts in v.ACTS.finditer(clauses[place].text):
        lent = v.LENT_TO.search(clauses[place].text[: acts.end("agent")])
        if lent or not v.OWN_AGENT.fullmatch(acts["agent"]):
            return True
    for back, clause in enumerate(reversed(clauses[: place + 1])):
        others = [name for name in v.OTHER_BANK.finditer(clause.text) if name[0].lower() not in setting.own]
        if others:
            return True
        if v.OURS.search(clause.text):
            return False
        if not back and re.search(r"\b(?:they|their|them|he|she|his|her)\b", clause.text, re.IGNORECASE):
            return True
    return False


def _lending(clauses: Sequence[_Clause], place: int, number: int) -> str | None:
    """The words in which such lending is named for the amount; None when it is not, or is what the amount leaves out."""
    clause = clauses[place]
    before, after = clause.reach_back(number), clause.reach_on(number)
    for text in (after, before if not number or "$0" in before else re.split(r"\band\b", before)[-1]):
        named = list(v.NDFI.finditer(text))
        if any(v.NOT_NDFI.search(text[: each.start()]) for each in named):
            return None
        if named and text is not after:
            beside = v.ELSEWHERE.match(after) or v.TURNS_TO_ALL.search(text[named[-1].end() :])
            return None if beside else v.GAVE.sub("", text)
        if named and (v.REASON.match(text[named[-1].end() :]) or _another_matter(text[: named[0].start()])):
            return None
        if named:
            # What follows the name may add other lending to it, but no longer says how the amount hangs on it.
            return text[: named[-1].end()] + _coordinated(text[named[-1].end() :])
    if number == 0 and place and not clauses[place - 1].money and v.LEADING.match(clauses[place - 1].text):
        lead = clauses[place - 1].text
        named = list(v.NDFI.finditer(lead))
        if named and v.SETS_SCENE.match(lead) and not any(v.NOT_NDFI.search(lead[: each.start()]) for each in named):
            return f"{lead} {after}"
    if number == len(clause.money) - 1 and place + 1 < len(clauses):
        tail = clauses[place + 1]
        named = list(v.NDFI.finditer(tail.text))
        if (
            named
            and not tail.money
            and (v.TRAILING.match(tail.text) or (v.APPOSITION.match(tail.text) and v.BORROWER.search(after)))
            and not v.CAUSE.search(tail.text)
            and not v.NOT_NDFI.search(tail.text[: named[0].start()])
        ):
            return f"{after} {tail.text}"
    return None


def _another_matter(between: str) -> bool:
    """Whether a new statement or a cause begins between an amount and the name of the lending."""
    return v.NEW_PREDICATE.search(between) is not None or v.ANOTHER_CAUSE.search(between) is not None


def _coordinated(rest: str) -> str:
    """Other lending the name is joined with, if any."""
    found = v.JOINED.match(rest)
    return found[0] if found else ""


def _cost(before: str, after: str) -> tuple[Kind | None, str]:
    """The kind of cost named nearest to the amount that stands between `before` and `after`, and its word."""
    found: list[tuple[int, int, Kind, str, bool]] = []
    patterns: tuple[tuple[int, Kind, re.Pattern[str]], ...] = (
        (0, "charge-off", v.CHARGE_OFF),
        (0, "release", v.RELEASE),
        (1, "build", v.BUILD),
    )
    for order, kind, pattern in patterns:
        found += [(len(before) - each.end(), order, kind, each[0], True) for each in pattern.finditer(before)]
        found += [
            (each.start(), order, kind, each[0], False)
            for each in pattern.finditer(after)
            if not v.APART.search(after[: each.start()])
        ]
    if not found:
        if (direct := v.DIRECT_BUILD.match(after)) is not None:
            return "build", direct[0]
        whole = f"{before} $0 {after}"
        build = next((each for each in v.BUILD.finditer(whole) if "$0" in each[0]), None) or v.TAKEN.search(whole)
        return ("build", build[0]) if build else (None, "")
    ahead = [each for each in found if each[4]]
    if ahead and v.STATED.search(before):
        found = ahead
    # "negative provision" and "reserve release" hold a word of building too: the narrower kind has the word.
    if v.BENEFIT_BEFORE.search(before) or v.BENEFIT_AFTER.match(after):
        return "release", min(found)[3]
    nearest = min(found, key=lambda each: (max(0, each[0] - (25 if each[2] == "release" else 0)), each[1]))
    return nearest[2], nearest[3]


def _donor(clauses: Sequence[_Clause], place: int) -> _Clause | None:
    """The clause whose provision this amount is a part of."""
    for back in range(place, 0, -1):
        hangs = v.PARTITIVE.match(clauses[back].text) or (back == place and v.OF_THE.match(clauses[back - 1].text))
        if hangs:
            return clauses[back - 1]
        if not v.LIST_ITEM.match(clauses[back].text):
            return None
        if v.INCLUDES.search(clauses[back - 1].text):
            return clauses[back - 1]
    return None
