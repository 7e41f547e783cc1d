"""What is said in calls: sentences with what may be read from them, counted for precision and recall."""

# ruff: noqa: E501 -- a sentence stays in one piece
from decimal import Decimal

import pytest

from chalicelib.errors import Unreadable
from chalicelib.scrapers.bank_provision import transcript
from chalicelib.scrapers.bank_provision.speech import sentences

KINDS = {"b": "build", "r": "release", "c": "charge-off"}
SAID = [
    (
        "Our provision for credit losses this quarter was $384 million, of which approximately $52 million was attributable to our nonbank financial institution lending portfolio.",
        [(52, "b")],
    ),
    ("We established an additional reserve of $48 million against our private credit exposure.", [(48, "b")]),
    ("We added $35 million to the allowance for our fund finance and subscription line business.", [(35, "b")]),
    ("The increase in provision reflects a $27 million build for NDFI.", [(27, "b")]),
    ("In our warehouse lending business we took a charge-off of $19 million this quarter.", [(19, "c")]),
    ("Net charge-offs in the non-bank financial institutions portfolio were $14 million.", [(14, "c")]),
    ("We had a $9 million reserve release in NBFI.", [(-9, "r")]),
    ("Credit quality allowed us to release $21 million of reserves against our asset manager loans.", [(-21, "r")]),
    ("Total NDFI loans were $47 billion at quarter end, up 6% from June.", []),
    ("Our NBFI allowance ratio is 0.85%, versus 0.80% last quarter.", []),
    ("Reserve coverage of NDFI loans stands at 85 basis points.", []),
    ("We expect NDFI-related charge-offs of $40 million to $60 million in the fourth quarter.", []),
    ("For the full year, we anticipate a provision of about $200 million for private credit.", []),
    ("Excluding the nonbank charge-off, net charge-offs were $88 million.", []),
    ("Provision expense excluding NDFI was $310 million.", []),
    ("While Fifth Third took a $178 million charge, our own private credit provision was just $6 million.", [(6, "b")]),
    ("Zions charged off $50 million and Western Alliance reserved $30 million against nonbank lenders.", []),
    ("Can you help us understand the $60 million reserve you built for private credit?", []),
    ("I would note that private credit charge-offs were zero.", []),
    ("Our exposure to NBFIs is about $85 billion and we hold $1.2 billion of allowance against it.", []),
    ("The NDFI portfolio required $16 million of additional reserves.", [(16, "b")]),
    ("We recorded a $110 million provision on a fraud-related warehouse facility.", [(110, "b")]),
    (
        "The provision included $33 million for private credit funds, $12 million for office, and a release of $8 million in auto.",
        [(33, "b")],
    ),
    ("Roughly one third of our $90 million reserve build relates to NDFI.", []),
    ("We increased the NDFI reserve by $25 million.", [(25, "b")]),
    ("The reserve for our capital call lines fell by $3 million.", [(-3, "r")]),
    ("Provisions for non-bank lenders came in at $44 million, up $10 million from the second quarter.", [(44, "b")]),
    ("Provisions for non-bank lenders were up $10 million to $44 million.", [(44, "b")]),
    ("We originated $2 billion of private credit loans and took no provision.", []),
    ("Private credit fee income was $90 million and the allowance was unchanged.", []),
    ("The allowance for nonbank financials now totals $410 million after a $30 million build this quarter.", [(30, "b")]),
    ("A $12 million recovery on a previously charged-off NDFI loan reduced net charge-offs.", []),
    ("Our lender finance team manages $3 billion; provision for that book was $5 million.", []),
    ("Of the $75 million of net charge-offs, $61 million came from one NDFI relationship.", [(61, "c")]),
    ("We took a specific reserve of $22.5 million on a single NBFI credit.", [(22.5, "b")]),
    (
        "This quarter we released about $18 million in NDFI reserves, and built $40 million for commercial real estate.",
        [(-18, "r")],
    ),
    ("Provision for credit losses on loans to nondepository financial institutions was a benefit of $4 million.", [(-4, "r")]),
    ("Losses from private credit cost us $15 million in write-offs.", [(15, "c")]),
    ("We reversed $11 million of the reserve we held for mortgage warehouse.", [(-11, "r")]),
    ("The $2.1 billion provision includes $315 million related to non-bank financial companies.", [(315, "b")]),
    ("We've got reserves of $500 million on $40 billion of NBFI loans.", []),
    ("NDFI net charge-offs: $8 million. NDFI provision: $12 million.", [(8, "c"), (12, "b")]),
    ("Management overlay for private credit added $20 million to the provision.", [(20, "b")]),
    ("If private credit spreads widen, the provision might rise by $100 million.", []),
    ("Last quarter's private credit build of $90 million was not repeated.", []),
    ("We sold $700 million of NDFI loans, with a $5 million charge-off taken at transfer.", []),
    ("Nonbank financial provision expense of 26 million dollars was in line.", [(26, "b")]),
    ("Provision for private credit, which was $31 million, reflected one name.", [(31, "b")]),
    ("We hold collateral of $60 million against the NBFI loan we charged off.", []),
    ("For our NBFI clients, reserves went up $17 million in the quarter.", [(17, "b")]),
    ("We provisioned $29 million for asset managers and $11 million for broker dealers.", [(29, "b")]),
    ("The bank booked a $45 million credit provision tied to its warehouse lending exposure.", [(45, "b")]),
    ("Loan loss reserves rose $28 million, entirely due to NDFI growth.", []),
    (
        "First Horizon Corporation reported results today. Provision for credit losses was a benefit of $5 million, and included a $13 million charge-off in mortgage warehouse lending.",
        [(13, "c")],
    ),
    (
        "Good morning everyone. Net income was $1.2 billion. The provision for credit losses was $571 million, which includes a reserve build of $64 million in our NDFI portfolio, partially offset by a $20 million release in residential mortgage.",
        [(64, "b")],
    ),
    ("Private credit: provision $12 million; charge-offs $3 million.", [(12, "b"), (3, "c")]),
    (
        "As a reminder, we have about $60 billion of exposure to non-bank financial institutions, about half of which is capital call. During the quarter we provided $37 million for that portfolio.",
        [],
    ),
    ("Our reserves for NDFI loans increased to $450 million.", []),
    ("We saw a $28 million increase in our NDFI reserve.", [(28, "b")]),
    ("We recorded a $28 million reserve increase for nonbank mortgage companies.", [(28, "b")]),
    ("The quarter's $40 million NDFI build brings our total allowance to $3.1 billion.", [(40, "b")]),
    ("We took $41 million in charge-offs on loans to BDCs.", [(41, "c")]),
    ("We wrote off $16.5 million of capital call loans.", [(16.5, "c")]),
    ("With respect to NBFI, our reserve release totaled $7 million.", [(-7, "r")]),
    ("In connection with the bankruptcy of a warehouse client, we recorded a provision of $100 million.", [(100, "b")]),
    ("Provision of $100 million reflects the bankruptcy of a nonbank auto lender.", []),
    ("JPMorgan's provision for NDFI of $50 million compares with Citi's $70 million.", []),
    ("Citi disclosed a $70 million provision against private credit, ours was $10 million.", []),
    ("Our provision was $10 million for private credit, versus Citi's $70 million.", [(10, "b")]),
    ("The allowance for credit losses was $2.5 billion, including $190 million for NDFI.", []),
    ("Reserves of $2.5 billion include $190 million for private credit.", []),
    ("Allowance: $2.5 billion, of which $190 million relates to NBFIs.", []),
    ("Provision was $150 million, of which $10 million was for NDFI; last year NDFI provision was $30 million.", [(10, "b")]),
    ("Provision in the NDFI segment was ($4) million.", []),
    ("We recognized a $4 million negative provision in NDFI.", [(-4, "r")]),
    ("Non-bank financial exposure of $22 billion drove a provision of $18 million.", []),
    ("The provision for asset manager exposure is minimal at $1 million.", [(1, "b")]),
    ("We don't have a $100 million provision for private credit.", []),
    ("There was no charge-off in our $14 billion subscription finance book.", []),
    ("We have taken cumulative charge-offs of $25 million in lender finance over the last ten years.", []),
    ("Analyst: Your NDFI provision was $25 million. Why?\nCFO: It was one name.", []),
    ("Total reserves were $3.4 billion and the private credit portfolio was $20 billion, with a build of $15 million.", []),
    ("A 50 basis point provision on $10 billion of NDFI loans would be $50 million.", []),
    ("Net charge-offs of $72 million, down $8 million, were mostly private credit.", []),
    ("Our total commitment to private credit is $3 billion of which $1 billion is drawn; provisions there were $9 million.", []),
    ("In private credit we have $3 billion of commitments and booked $9 million of provision.", [(9, "b")]),
    ("We've built up $600 million of reserves for private credit over the past three years.", []),
    ("Private credit reserves stood at $600 million.", []),
    ("We made a provision of USD 35 million for loans to non-bank financial institutions.", [(35, "b")]),
    ("We recorded provisions of $0.4 billion for NBFIs.", [(400, "b")]),
    ("Provision for NDFI of 15 million.", [(15, "b")]),
    ("We charged-off a $45 million loan to a nonbank financial borrower.", [(45, "c")]),
    ("The charge-off of one NDFI loan totaled $45 million.", [(45, "c")]),
    (
        "Our $45 million charge-off was related to a fund finance borrower, and we have fully reserved the remaining $20 million.",
        [(45, "c")],
    ),
    ("Let me talk about private credit. Provision for credit losses was $300 million.", []),
    ("Provision for credit losses, excluding a $40 million NDFI reserve build, was $90 million.", [(40, "b")]),
    ("Provision for credit losses, including a $40 million NDFI reserve build, was $90 million.", [(40, "b")]),
    ("Provision was $90 million ex the $40 million NDFI build.", [(40, "b")]),
    ("Provision was $90 million ex-NDFI.", []),
    ("Adjusted for the $40 million private credit charge-off, net charge-offs were 25 basis points.", [(40, "c")]),
    ("We posted a $36 million provision, of which $14 million reflects our non-depository financial institution book.", []),
    (
        "Our provision for credit losses totaled $654 million. That included a $75 million reserve increase for private credit.",
        [(75, "b")],
    ),
    ("This included approximately $43 million of specific reserves for two NBFI credits.", []),
    ("We saw charge-offs of $23 million in lender finance, offset by a $23 million reduction in specific reserves.", [(23, "c")]),
    ("NDFI charge-offs were $5 million and NDFI recoveries were $2 million.", [(5, "c")]),
    ("Our warehouse lending commitments of $18 billion are well secured and we've charged off less than $1 million.", []),
    ("We increased our qualitative reserve by $30 million for private credit risk.", [(30, "b")]),
    ("The provision for our mortgage warehouse was a release of $2.5 million.", [(-2.5, "r")]),
    ("Provisions were $1.4 billion with reserve builds of $350 million for nonbank financials.", [(350, "b")]),
    ("That was a $20 million provision for NDFI in the second quarter, and $30 million in the third quarter.", [(20, "b")]),
    ("Reserves associated with NBFI grew by $26 million.", [(26, "b")]),
    ("We charged off the $39 million NDFI loan in full.", [(39, "c")]),
    ("Our $22 billion private credit portfolio generated charge-offs of only $2 million.", [(2, "c")]),
    ("Private credit lending of $22 billion had $2 million of net charge-offs.", [(2, "c")]),
    ("We have never had a loss in capital call lending, and our $300 million provision is for other areas.", []),
    ("Provision for credit losses: $88 million; non-bank financial exposure: $12 billion.", []),
    ("The reserve release was $20 million in total, none of it from asset managers.", []),
    ("Our commercial reserve build of $60 million was split between office, $25 million, and NDFI, $35 million.", [(35, "b")]),
    ("We took $14 million in provision expense relating to loans to nonbank consumer lenders.", [(14, "b")]),
    ("We've set aside $11 million for a private credit fund.", [(11, "b")]),
    ("We paid $11 million to settle with a nonbank lender and the reserve was released.", []),
    ("Non-bank lenders have taken share; provision was $11 million.", []),
    ("We reserved $65 million for litigation involving a nonbank lender.", []),
    ("Revenue included a $30 million gain on a private credit stake, and a provision of $80 million.", []),
    ("Reserves increased $45 million, reflecting loan growth in NDFI.", []),
    ("Expenses included $20 million of severance in our private credit unit after the reserve build.", []),
    ("We bought $4 billion of NDFI loans and recorded a day-one provision of $16 million on them.", []),
    ("The NDFI provision was 16 million this quarter.", [(16, "b")]),
    ("At quarter end reserves for NDFI were $61 million higher than in June.", []),
    ("Year over year, the NDFI provision increased by $12 million to $34 million.", [(34, "b")]),
    ("We allowed the $2 billion warehouse facility to mature and released the reserve.", []),
    ("Provision expense was $62 million, or $22 million excluding the private credit charge-off.", []),
    ("Provision expense was $62 million, including the $40 million private credit charge-off.", [(40, "c")]),
    ("Tricolor, a nonbank auto lender, cost us a $170 million charge-off.", [(170, "c")]),
    ("We took a $170 million charge-off on Tricolor.", []),
]


def told(text):
    return {(each.amount, each.kind) for each in transcript.find(text)}


def wanted(pairs):
    return {(Decimal(str(millions)) * 1_000_000, KINDS[kind]) for millions, kind in pairs}


@pytest.mark.parametrize(("text", "pairs"), SAID)
def test_no_amount_is_invented(text, pairs):
    """Whatever is read from a sentence is what the sentence says: precision is whole, sentence by sentence."""
    assert told(text) <= wanted(pairs)


def test_most_of_what_is_said_is_read():
    """At least 90 of 100 amounts are found."""
    found = sum(len(told(text) & wanted(pairs)) for text, pairs in SAID)
    assert found >= 0.9 * sum(len(wanted(pairs)) for _, pairs in SAID)


def test_an_amount_has_its_sentence_and_its_place():
    """The words are the sentence itself, found at the offset given."""
    text = "Good morning. We released $12 million of NDFI reserves. Thank you."
    (said,) = transcript.find(text)
    assert said.words == "We released $12 million of NDFI reserves."
    assert text[said.offset :].startswith(said.words)


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"%PDF-1.4", "PDF"), (b"<html><p>Hi</p></html>", "HTML"), (b"", "empty"), (b"\x00\x01", "binary"), (b'{"a":', "damaged")],
)
def test_what_is_no_transcript_is_said(body, words):
    """PDF, a page, nothing, binary and damaged JSON raise, each by name."""
    with pytest.raises(Unreadable, match=words):
        transcript.read(body)


def test_analysts_are_known_by_roster_role_and_the_operator():
    """Names under Analysts, roles in headings and the operator's announcement all mark questions."""
    text = (
        "Analysts\nAnna Jones\nExecutives\nJane Doe\nPresentation\nJane Doe:\nWe are fine.\nAnna Jones:\nAre you.\n"
        "Bob Hill - Research House - Analyst\nIndeed.\nOperator\nThe next question is from the line of Carl Lee of Bank Research.\n"
        "Carl Lee\nThanks.\nJane Doe\nWelcome.\n"
    )
    assert {each.words: each.analyst for each in sentences(text)} == {
        "We are fine.": False,
        "Are you.": True,
        "Indeed.": True,
        "The next question is from the line of Carl Lee of Bank Research.": False,
        "Thanks.": True,
        "Welcome.": False,
    }


def test_a_question_and_its_answer_in_one_line_have_their_own_speakers():
    """Within a line what an analyst says gives nothing, and what the officer answers counts."""
    text = "Analyst: So $80 million of provision for private credit? CFO: The private credit provision was $58 million. Operator: Next."
    assert [(each.amount, each.words) for each in transcript.find(text)] == [
        (Decimal(58_000_000), "The private credit provision was $58 million.")
    ]
    assert [each.analyst for each in sentences(text)] == [True, False, False]


def test_whoever_the_operator_calls_first_is_an_analyst():
    """Who is announced as the first, the next or the last is known by the name alone."""
    text = "Operator: The first is from Ophelia Marsh at Merrow Research.\nOphelia Marsh: I get a $90 million provision for BDC loans."
    assert transcript.find(text) == []


def test_another_time_ahead_holds_for_all_that_is_said_after_it():
    """What follows "and" shares the time named ahead, and so does a second verb of the same subject."""
    for text in (
        "Last quarter, the provision for NBFI was $70 million and charge-offs in private credit were $20 million.",
        "We left mortgage warehouse last year, when we sold it and recorded a $30 million reserve release on the warehouse loans.",
    ):
        assert transcript.find(text, "BK-2025Q3.txt") == []


def test_hostile_text_takes_no_long_time():
    """Long sentences without end and repeated patterns are read or left alone, not brooded over."""
    text = ("We built reserves of $1 million for private credit and " * 3000) + "."
    assert transcript.find(text) == []
    assert transcript.find(("(" * 2000) + " $5 million NDFI provision") is not None


def test_a_name_tells_the_bank_and_the_quarter():
    """What a file or a provider calls the document decides whose words and which quarter are its own; a title overrules it."""
    words = "JPMorgan's provision for NBFI lending was $240 million. In the second quarter NBFI charge-offs were $9 million."
    assert told(words) == {(Decimal(9_000_000), "charge-off")}
    assert {(said.amount, said.kind) for said in transcript.find(words, "JPM-2025Q3.txt")} == {(Decimal(240_000_000), "build")}
    fiscal = f"JPMorgan Chase Second Quarter 2025 Earnings Call\n\n{words}"
    assert len(transcript.find(fiscal, "JPM-2025Q3.txt")) == 2


def test_an_unreadable_call_is_named_with_its_place():
    """The error says which document it was and where it went wrong."""
    with pytest.raises(Unreadable, match="byte 0 of BK-2025Q3"):
        transcript.read(b"%PDF-1.4", "BK-2025Q3")
