"""The second reading of a call by itself: each amount has its noun or verb, that has its lending, and nothing speaks against it.

Every principle with wordings of its own; the lists of `bank_call_wordings.jsonl` weigh both readings together.
"""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.scrapers.bank_provision import transcript
from chalicelib.scrapers.bank_provision.attachment import attached
from chalicelib.scrapers.bank_provision.lexicon import Speaking
from chalicelib.scrapers.bank_provision.linked import joined
from chalicelib.scrapers.bank_provision.phrases import named, phrase_at

OURS = Speaking(frozenset({"fifth third"}), "third", "2025")
KINDS = {"b": "build", "r": "release", "c": "charge-off"}
SINGLE = {
    "a noun to the right": [
        ("We recorded roughly $41 million of provision expense for our lender finance book.", "41b"),
        ("We took $12.5 million of NDFI charge-offs.", "12.5c"),
        ("We booked a $9 million increase in reserves for fund finance clients.", "9b"),
        ("There was a $6 million release of the allowance held against capital call lines.", "-6r"),
    ],
    "a noun to the left": [
        ("Our mortgage warehouse provision came in at $7 million.", "7b"),
        ("Net charge-offs in the private credit portfolio were $19 million.", "19c"),
        ("The provision for BDC loans: $3 million.", "3b"),
        ("The provision for subscription lines was a benefit of $2 million.", "-2r"),
        ("The provision on nonbank lenders rose from $4 million to $11 million.", "11b"),
    ],
    "a verb": [
        ("We charged off $23 million on one loan to a nonbank auto lender.", "23c"),
        ("We set aside $14 million against our warehouse facilities.", "14b"),
        ("We raised the allowance on private credit loans by $8 million.", "8b"),
        ("We lowered reserves for asset managers by $5 million.", "-5r"),
    ],
    "a passive": [
        ("In lender finance, $16 million was charged off.", "16c"),
        ("About $10 million was added to our reserves for direct lenders.", "10b"),
        ("One loan to a specialty finance company was charged off for $4 million.", "4c"),
    ],
    "a part of a whole": [
        ("Provision was $130 million, of which $22 million was for loans to nonbank lenders.", "22b"),
        ("Charge-offs totaled $88 million, including $31 million in our fund finance group.", "31c"),
        ("We released $40 million of reserves, $9 million of which was in mortgage warehouse.", "-9r"),
        ("The provision was $64 million, of which NDFI loans accounted for $18 million.", "18b"),
    ],
    "a share": [
        ("About $26 million of that provision was for our private credit exposure.", "26b"),
        ("The NDFI piece of this provision was $17 million.", "17b"),
    ],
    "a subject": [
        ("Our warehouse lending business required a $6 million provision.", "6b"),
        ("Two nonbank credits led to $27 million of charge-offs.", "27c"),
    ],
    "a scene": [
        ("In lender finance, we had charge-offs of $13 million.", "13c"),
        ("Fund finance: a $1.5 million reserve build.", "1.5b"),
        ("On the BDC side of our NDFI book, provision expense was $2 million.", "2b"),
    ],
    "an aside": [
        ("The provision, in one large piece, was $21 million for nonbank lenders.", "21b"),
        ("That loan, to a lender finance client, was charged off for $12 million.", "12c"),
    ],
}
SEVERAL = [
    ("The NDFI provision was $9 million and NDFI charge-offs were $3 million.", "9b 3c"),
    ("We took a $44 million provision for private credit and released $6 million of reserves on capital call lines.", "44b -6r"),
]
NOTHING = {
    "another time": [
        "Our NDFI provision was $30 million a year ago.",
        "Year to date, charge-offs in lender finance were $52 million.",
        "In 2023, we charged off $15 million on nonbank lenders.",
        "By year-end, our provision for fund finance was $5 million.",
    ],
    "another bank": [
        "JPMorgan took a $170 million charge-off on a nonbank auto lender.",
        "Our client recorded a $45 million provision for its private credit book.",
        "The borrower's provision for nonbank lenders was $45 million.",
    ],
    "what is not real": [
        "We could take a $25 million provision for private credit.",
        "We expect NDFI charge-offs of $10 million.",
        "In our model, the NDFI provision was $60 million.",
        "I doubt that charge-offs in fund finance were $20 million.",
        "We are bracing for $20 million of NDFI charge-offs.",
        "We considered a $45 million provision for nonbank lenders.",
    ],
    "a denial": [
        "We did not record a $12 million provision for lender finance.",
        "None of the $80 million provision was for NDFI loans.",
        "We declined to take a $45 million charge-off in private credit.",
    ],
    "other lending": [
        "The card provision was $900 million while NDFI loans grew.",
        "Charge-offs were $33 million in NDFI and commercial real estate.",
        "In office, we charged off $60 million, and our private credit book was clean.",
    ],
    "a borrower's own": [
        "The nonbank lender charged off $75 million of subprime loans.",
        "The private credit fund's charge-offs were $75 million.",
        "Private equity owners provided $30 million to the nonbank lender.",
    ],
    "a change": [
        "NDFI provision expense rose by $8 million.",
        "Our NDFI provision was $8 million lower than last quarter.",
        "NDFI charge-offs were up $5 million.",
    ],
    "a level": [
        "The allowance for NDFI loans stands at $113 million.",
        "The allowance includes a $26 million overlay for NDFI.",
        "NDFI accounted for $33 million of the allowance.",
        "We have reserves of $58 million for private credit.",
    ],
    "what is lent": [
        "We provided $2 billion in warehouse lines to mortgage originators.",
        "We reserved $300 million of capacity for asset managers.",
        "We released $14 million of cash held for a private credit client.",
        "We bought $4 billion of NDFI loans and took a provision of $16 million on them.",
        "We wrote down a $95 million loan to a warehouse borrower by much.",
    ],
    "what only stands beside a cost": [
        "The charge-off in NDFI left a balance of $45 million.",
        "Charge-offs were $90 million, of which NDFI recoveries were $45 million.",
        "Provision was $90 million against NDFI revenue of $45 million.",
        "Our reserve build was $90 million, and the NDFI portfolio has reserves of $45 million.",
        "The NDFI charge-off was on a facility of $45 million.",
        "The NDFI reserve build was for growth of $45 million.",
        "The fraud behind the NDFI charge-off is put at $45 million.",
        "We have $45 million of NDFI charge-off recoveries.",
        "We got back $45 million of the NDFI charge-off.",
        "The sponsor covered $45 million of the NDFI charge-off.",
        "An NDFI charge-off took the balance from $90 million to $45 million.",
    ],
    "a cost of more than the lending": [
        "Provision for all commercial, including NDFI, was $45 million.",
        "In NDFI, we grew loans, and in total we took a $45 million provision.",
        "On NDFI, the provision for the whole bank was $45 million.",
        "Provision was $45 million, driven by growth in NDFI, cards and auto.",
        "Breaking that down, $58 million was net charge-offs, $43 million was for the nonbank lending book.",
    ],
    "a quarter before": [
        "The $45 million NDFI charge-off that hit us in Q2 is behind us.",
        "Following the $45 million NDFI charge-off, we tightened.",
        "Charge-offs were $90 million, $45 million of which had been reserved for NDFI earlier.",
        "In our history, we've charged off $45 million in fund finance.",
    ],
    "a range or a bound": [
        "The NDFI provision was $10 million to $15 million.",
        "We took charge-offs of up to $30 million in lender finance.",
        "NDFI provision was under $5 million.",
    ],
}
CALLS = [json.loads(line) for line in (Path(__file__).parent / "bank_call_wordings.jsonl").read_text("utf-8").splitlines()]


def read(words: str) -> set[tuple[Decimal, str]]:
    return {(told.amount / 1_000_000, told.kind) for told in attached(words, OURS)}


def of_widget_makers(words: str) -> str:
    """The words with every name of non-bank lending replaced."""
    made, place = "", 0
    while place < len(words):
        found = phrase_at(words, place)
        lending = found is not None and found[0] == "lending"
        made += "widget makers" if lending else words[place]
        place = found[1] if lending else place + 1
    return made


def wanted(amounts: str) -> set[tuple[Decimal, str]]:
    return {(Decimal(each[:-1]), KINDS[each[-1]]) for each in amounts.split()}


ONE = [(words, amounts) for spoken in SINGLE.values() for words, amounts in spoken]


@pytest.mark.parametrize(("words", "amounts"), ONE + SEVERAL)
def test_each_amount_has_its_cost_and_its_lending(words: str, amounts: str) -> None:
    """The second reading alone gives exactly what is said, wherever cost and lending stand."""
    assert read(words) == wanted(amounts)


@pytest.mark.parametrize("words", [words for spoken in NOTHING.values() for words in spoken])
def test_what_speaks_against_an_amount_leaves_none(words: str) -> None:
    """Another time, another bank, what is not real, other lending, a change, a level and a bound give nothing."""
    assert read(words) == set()


@pytest.mark.parametrize(
    "ahead", ["Last quarter, ", "If the economy weakens, ", "In the second quarter of 2024, ", "We fear that "]
)
def test_another_time_or_a_condition_ahead_takes_every_statement_back(ahead: str) -> None:
    """Whatever is read of a statement, nothing is when it is of another time or unreal."""
    told = {words: read(ahead + words[0].lower() + words[1:]) for words, _ in ONE}
    assert {words for words, amounts in told.items() if amounts} == set()


def test_an_amount_is_read_only_with_its_lending() -> None:
    """No sentence of the lists gives an amount once its lending is widget makers, though non-bank lending is named beside it."""
    spoken = [
        sentence for call in CALLS for sentence in call["text"].split("\n") if len(sentence) < 400 and named("lending", sentence)
    ]
    assert len(spoken) > 900
    other = (of_widget_makers(sentence).rstrip(".") for sentence in spoken)
    assert [words for words in other if read(f"{words}; NDFI balances were stable.")] == []


@pytest.mark.parametrize(
    ("before", "words", "amounts"),
    [
        ("Provision was $480 million.", "Of that, $120 million was for lender finance.", "120b"),
        (
            "Provision was $480 million, up from $430 million last quarter.",
            "About $90 million of that related to NDFI loans.",
            "90b",
        ),
        ("Net charge-offs were $210 million.", "That included $170 million on a warehouse line to an auto lender.", "170c"),
        ("Charge-offs were $339 million.", "A little over half of that, or $178 million, was in lender finance.", "178c"),
        ("We released $50 million of reserves.", "Of that, $12 million was in fund finance.", "-12r"),
        ("Provision was $480 million.", "Of that, $120 million was for cards, and NDFI was unchanged.", ""),
        ("Loans grew $480 million.", "Of that, $120 million was for lender finance.", ""),
        ("Reserves stood at $480 million.", "Of that, $120 million was for lender finance.", ""),
        ("Last quarter, provision was $480 million.", "Of that, $120 million was for lender finance.", ""),
        ("We expect a provision of $480 million.", "Of that, $120 million was for lender finance.", ""),
        ("Provision was $480 million and charge-offs were $90 million.", "Of that, $12 million was in lender finance.", ""),
        ("Provision was $480 million.", "Of that, $12 billion was lender finance.", ""),
        ("Provision was $480 million.", "Loans grew by $120 million for lender finance.", ""),
    ],
)
def test_a_part_told_in_the_next_sentence_is_read_with_its_whole(before: str, words: str, amounts: str) -> None:
    """Two sentences are one only where the second begins as a part and the first has one cost of the bank's and its quarter."""
    assert {(told.amount / 1_000_000, told.kind) for told in joined(before, words, OURS)} == wanted(amounts)


def test_two_sentences_are_shown_together_and_never_over_another_turn() -> None:
    """The words given are both sentences', from the first one's place; a speaker in between parts them."""
    text = "Credit was good. Provision was $480 million. Of that, $120 million was for lender finance."
    [said] = transcript.find(text, "FITB-2025Q3")
    assert (said.amount, said.kind) == (Decimal(120_000_000), "build")
    assert said.words == "Provision was $480 million. Of that, $120 million was for lender finance."
    assert text[said.offset :].startswith("Provision was")
    parted = "Provision was $480 million.\nJane Smith -- Chief Risk Officer\nOf that, $120 million was for lender finance."
    assert transcript.find(parted, "FITB-2025Q3") == []


@pytest.mark.parametrize(
    "words",
    [
        "$5 million NDFI, " * 150,
        "we, and NDFI provision of $5 million, " * 65,
        "net loan loss " * 170 + "NDFI $5 million",
        "NDFI, a, b, c, $5 million, d, e, " * 75,
        "provision to to to to $5 million NDFI " * 65,
        "non-bank financial financial credit " * 68 + "$5 million",
        "if you look at as you know we said that NDFI $5 million " * 44,
    ],
)
def test_no_sentence_takes_long(words: str) -> None:
    """The longest sentence there may be is read in a blink, whatever it repeats."""
    read("We took a $5 million provision for NDFI loans.")
    begun = time.process_time()
    read(words[:2500])
    assert time.process_time() - begun < 0.25
