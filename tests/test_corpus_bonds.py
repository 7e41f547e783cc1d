"""Real prospectus filings are read as their hand-made answers say: kind, status and every number of every tranche."""

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib import edgar
from chalicelib.answer import plain
from chalicelib.ports import Source
from chalicelib.scrapers.bond_issuance import deal
from chalicelib.scrapers.bond_issuance.extract import extract

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "424b"
KINDS = ("debt", "convertible", "preferred", "equity", "structured-note", "exchange", "asset-backed", "other")
NUMBERS = ("currency", "principal", "coupon_type", "coupon_pct", "floating", "maturity", "price_to_public_pct", "title")

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus of real filings is not at {CORPUS}")


@pytest.fixture(scope="module")
def answers():
    return json.loads((CORPUS / "answers.json").read_text(), parse_float=Decimal)


@pytest.fixture(scope="module")
def read(answers):
    lines = extract([Source(answer["file"], str(CORPUS / answer["file"])) for answer in answers])
    return {line["file"]: line for line in lines}


def test_every_filing_is_of_the_kind_and_status_a_reader_gives_it(answers, read) -> None:
    """All kinds and statuses are right; the table of kinds printed beside is empty off its diagonal."""
    table = Counter((answer["kind"], read[answer["file"]].get("kind", "unreadable")) for answer in answers)
    print("\nanswered (down) and read (across)")
    print(f"{'':16}" + "".join(f"{kind:>17}" for kind in (*KINDS, "unreadable")))
    for kind in KINDS:
        print(f"{kind:16}" + "".join(f"{table[kind, other]:>17}" for other in (*KINDS, "unreadable")))
    assert [pair for pair in table if pair[0] != pair[1]] == []
    wrong = [answer["file"] for answer in answers if read[answer["file"]]["status"] != answer["status"]]
    assert wrong == []


def test_every_tranche_has_the_answers_numbers(answers, read) -> None:
    """Each tranche, in order, has the right currency, principal, coupon, spread, maturity, price and title."""
    wrong = []
    scores: Counter[str] = Counter()
    for answer in answers:
        got = plain(read[answer["file"]]["tranches"])
        want = plain(answer["tranches"]) if "tranches" in answer else []
        assert len(got) == len(want), answer["file"]
        for number, (one, other) in enumerate(zip(got, want, strict=True)):
            for name in NUMBERS:
                scores[name] += one[name] == other[name]
                if one[name] != other[name]:
                    wrong.append((answer["file"], number, name, one[name], other[name]))
    total = sum(len(answer.get("tranches", ())) for answer in answers)
    print("\n" + "  ".join(f"{name} {scores[name]}/{total}" for name in NUMBERS))
    assert wrong == []


def test_nothing_but_debt_and_convertibles_gives_tranches(answers, read) -> None:
    """Not one tranche comes out of shares, linked notes or asset-backed securities."""
    others = [answer for answer in answers if answer["kind"] not in ("debt", "convertible")]
    assert others
    assert [answer["file"] for answer in others if read[answer["file"]]["tranches"]] == []


def test_priced_deals_are_dated_by_their_supplement_and_confirmed(answers, read) -> None:
    """Finals carry the supplement's own date, high confidence and a witness that agrees."""
    for answer in answers:
        line = read[answer["file"]]
        if answer.get("prospectus_date"):
            assert str(line["priced_on"]) == answer["prospectus_date"], answer["file"]
        if answer["kind"] == "debt" and answer["status"] == "final":
            assert (line["confidence"], line["witness"]["agrees"]) == ("high", True), answer["file"]


def test_words_stand_in_the_document_at_their_offset(answers, read) -> None:
    """At each tranche's offset the file holds the first of the words it was read from."""
    for answer in answers:
        body = (CORPUS / answer["file"]).read_bytes()
        for tranche in read[answer["file"]]["tranches"]:
            first = tranche["words"].split()[0].strip("$€").encode()
            assert first in body[tranche["offset"] : tranche["offset"] + 40], (answer["file"], tranche["words"])


def numbers(read_deal):
    return [(each.currency, each.principal, each.coupon, each.maturity) for each in read_deal.tranches]


@pytest.mark.parametrize("name", ["0001193125-12-482998", "0001193125-23-132617", "0001104659-25-114098", "0001193125-16-670237"])
def test_a_number_changed_in_one_place_is_never_taken_in_silence(name) -> None:
    """One amount or coupon altered, or blanked, on the cover alone is read as it was or flagged low, without the fee witness."""
    body = (CORPUS / f"{name}.txt").read_bytes()
    true = deal.read(edgar.read_submission(body))
    silent = []
    for number, tranche in enumerate(true.tranches):
        stretch = body[tranche.offset : tranche.offset + 900]
        for pattern in (rb"\d{1,3}(?:,\d{3})+", rb"\d\.\d{2,3}"):
            figure = re.search(pattern, stretch)
            assert figure, tranche.words
            for other in (str(int(figure[0][:1]) % 9 + 1).encode() + figure[0][1:], b" " * len(figure[0])):
                start = tranche.offset + figure.start()
                changed = deal.read(edgar.read_submission(body[:start] + other + body[start + len(other) :]))
                if numbers(changed) != numbers(true) and changed.certain != "low":
                    silent.append((number, figure[0], other, changed.certain, changed.checks))
    assert silent == []
