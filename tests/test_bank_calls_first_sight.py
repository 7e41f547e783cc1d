"""Wordings written before the reader had seen them, list by list: what is a provision for non-bank lending, and what only looks like one."""

# ruff: noqa: E501 -- a sentence is read whole, as it was said
from __future__ import annotations

from decimal import Decimal

import pytest

from chalicelib.scrapers.bank_provision import transcript

TITLE = "Example Bank Third Quarter 2025 Earnings Call\n\n"
# Millions of dollars with the kind: b build, r release (negative), c charge-off.
FIRST: list[tuple[str, str]] = [
    ("We recognized $38 million of provision expense in the quarter tied to our lender finance book.", "38b"),
    ("This quarter's provision includes $26 million for loans to business development companies.", "26b"),
    ("Roughly $14 million of the build came from private credit.", "14b"),
    ("We put up $22 million of reserves against one warehouse facility to a subprime auto lender.", "22b"),
    ("Charge-offs totaled $96 million, including $61 million related to a nonbank consumer lender.", "61c"),
    ("NDFI charge-offs of $12 million were in line with our modeling.", "12c"),
    ("A $7.5 million reserve release in capital call lending helped the provision.", "-7.5r"),
    (
        "We recorded a $120 million provision for credit losses, $33 million of which was specific to private credit vehicles.",
        "33b",
    ),
    ("The provision for loans to nondepository financial institutions was $41 million in the third quarter.", "41b"),
    ("In fund finance, we released $5 million.", "-5r"),
    ("In fund finance, we released $5 million of reserves.", "-5r"),
    ("We wrote off $17 million in mortgage warehouse.", "17c"),
    ("We built reserves by $58 million, primarily in our non-bank financial portfolio.", ""),
    ("We took an incremental $65 million reserve for NBFI credits.", "65b"),
    ("Against our private credit lending we set aside $28 million this quarter.", "28b"),
    ("Allowance for NDFI went up $19 million.", "19b"),
    ("The NBFI reserve declined $6 million in the quarter.", "-6r"),
    ("Net charge-offs were $140 million, with $82 million attributable to two nonbank borrowers.", "82c"),
    ("The quarter's credit costs included a $30 million reserve build for asset-backed lending to non-bank lenders.", "30b"),
    ("We charged off the remaining $44 million balance of a nonbank lender loan.", "44c"),
    ("Provision: $85 million, of which NDFI $15 million.", "15b"),
    ("We provided $23 million for our exposure to private credit funds.", "23b"),
    ("Of our $75 million in net charge-offs, $50 million came from the NDFI portfolio.", "50c"),
    ("The $50 million net charge-off this quarter was on a non-depository financial institution credit.", "50c"),
    ("Specific reserves of $31 million were established for a warehouse line to a nonbank mortgage originator.", "31b"),
    ("There was a $13 million recapture of reserves in NDFI.", "-13r"),
    ("NDFI provision expense came in at $27 million, down from $39 million last quarter.", "27b"),
    ("We had NDFI net charge-offs of $9 million and NDFI provision of $11 million.", "9c 11b"),
    (
        "Third quarter provision of $290 million included a $100 million charge-off of a nonbank lender loan and $20 million for office.",
        "100c",
    ),
    ("Loss provisions related to asset managers amounted to $8 million.", "8b"),
    ("We increased reserves $16 million for nonbank financials.", "16b"),
    ("We added $24 million in provision against lender finance.", "24b"),
    ("A $3 million provision benefit was recorded for subscription lines.", "-3r"),
    ("The quarter saw us reserve $37 million for a private credit borrower.", "37b"),
    ("Our net charge-offs on NDFI loans amounted to $6.2 million.", "6.2c"),
    ("Private credit accounted for $21 million of the provision.", "21b"),
    ("Our warehouse lending team saw an $18 million loss that we charged off.", "18c"),
    ("Tricolor drove a $170 million charge-off in our NDFI book.", "170c"),
    ("We reversed $10 million of previously established reserves on a nonbank lender.", "-10r"),
    ("The reserve build of $47 million reflects deterioration in loans to nonbank financial institutions.", "47b"),
    # nothing
    ("Our NDFI commitments are $12 billion and the provision was down.", ""),
    ("We have $300 million of reserves for NDFI.", ""),
    ("The allowance for private credit is $90 million.", ""),
    ("We carry a $45 million specific reserve on a nonbank lender.", ""),
    ("If the nonbank lender fails, we would take a $60 million charge-off.", ""),
    ("A hypothetical 10% loss on NDFI would imply provision of $400 million.", ""),
    ("In the second quarter we took a $25 million provision for NDFI.", ""),
    ("Last year we charged off $33 million in lender finance.", ""),
    ("Across the industry, banks took $500 million of provisions on private credit.", ""),
    ("One of our peers built $70 million for nonbank lenders.", ""),
    ("A competitor disclosed a $100 million charge-off on an NDFI credit.", ""),
    ("Our provision was $200 million and our NDFI book grew to $40 billion.", ""),
    ("We recorded a $60 million provision, none of it for NDFI.", ""),
    ("We recorded a $60 million provision and are comfortable with private credit.", ""),
    ("The $60 million provision had nothing to do with nonbank lenders.", ""),
    ("The $60 million build was in office rather than private credit.", ""),
    ("NDFI loans generated $80 million of revenue, and the provision was $20 million.", ""),
    ("We do not expect the $55 million nonbank lender loan to require a provision.", ""),
    ("We could see up to $20 million in charge-offs from private credit.", ""),
    ("Our stress test shows NDFI provision of $900 million under the severely adverse scenario.", ""),
    ("Ex-NDFI, the provision was $150 million.", ""),
    ("Provision aside from private credit was $88 million.", ""),
    ("We sold $45 million of NDFI loans with no charge-off.", ""),
    ("We recovered $15 million on a nonbank lender loan charged off previously.", ""),
    ("Criticized NDFI loans rose $35 million with a modest reserve build.", ""),
    ("Nonaccruals rose by $110 million on a nonbank lender, and we built reserves.", ""),
    ("Our CECL model assumes $30 million of private credit losses.", ""),
    ("The bank's provision of $95 million was lower despite growth in NDFI lending of $2 billion.", ""),
    ("NDFI was the largest driver of loan growth, and the provision was $70 million.", ""),
    ("We raised our provision by $20 million given concerns about private credit.", ""),
    ("With private credit in the news, we built $20 million of reserves.", ""),
    ("We have collateral of $80 million against the nonbank loan we provisioned for.", ""),
    ("The fund itself took a $40 million write-down.", ""),
    ("Private credit managers wrote down $3 billion of loans.", ""),
    ("Year to date, NDFI charge-offs total $64 million.", ""),
    ("NDFI provision for the nine months was $77 million.", ""),
    ("Since 2020, we've charged off $8 million in capital call.", ""),
    ("Over the past decade we have had $2 million of charge-offs in fund finance.", ""),
    ("We are targeting provision of $50 million on lender finance.", ""),
    ("Management guided to NDFI charge-offs around $25 million.", ""),
    ("You've built $45 million for private credit; help me think about that.", ""),
    ("We hold allowance of $1.1 billion, including $140 million for NDFI.", ""),
    ("Our total allowance of $2.3 billion includes $210 million for NDFI.", ""),
    ("Of our allowance, $75 million is allocated to private credit.", ""),
    ("We estimate our maximum loss on the nonbank lender at $35 million, which is fully reserved.", ""),
    ("The charge-off was offset by a $20 million insurance recovery on the nonbank lender.", ""),
    ("Our NDFI loans total $18 billion with $0.1 billion on nonaccrual, and provision was flat.", ""),
    ("Provision for taxes was $60 million, and NDFI balances were up.", ""),
]
SECOND: list[tuple[str, str]] = [
    ("Our third quarter provision of $145 million included $52 million for NDFI borrowers.", "52b"),
    ("We recorded charge-offs of $29 million on two loans to specialty finance companies.", "29c"),
    ("For nonbank lenders, the provision was $34 million.", "34b"),
    ("Provision for our BDC lending business totaled $9 million.", "9b"),
    ("We booked $48 million in provision on private credit facilities.", "48b"),
    ("About $17 million of the provision was attributable to warehouse lines.", "17b"),
    ("Net charge-offs of $71 million included $25 million from a fund finance credit.", "25c"),
    ("We boosted reserves for asset managers by $11 million.", "11b"),
    ("We let go of $6 million of NDFI reserves.", ""),
    ("We released $8 million from the allowance for loans to private credit funds.", "-8r"),
    ("The company took a $77 million charge-off on a nonbank auto lender.", "77c"),
    ("NBFI provision was $19 million this quarter.", "19b"),
    ("We set aside an additional $42 million for potential losses in NDFI.", ""),
    ("The provision related to our direct lending portfolio was $13 million.", "13b"),
    ("A reserve build of $20 million was taken on mortgage warehouse.", "20b"),
    ("Capital call lending saw a provision of $3 million.", "3b"),
    ("Reserves on private credit increased by $26 million.", "26b"),
    ("We charged off $15.5 million of loans to a non-depository financial institution.", "15.5c"),
    ("We had a reserve release of $4 million tied to subscription finance lines.", "-4r"),
    ("The allowance on lender finance loans fell by $7 million.", "-7r"),
    ("The quarter included $88 million of net charge-offs related to private credit.", "88c"),
    ("We strengthened the allowance by $32 million for nonbank financial institutions.", "32b"),
    ("Of the $64 million build, $40 million is for NDFI and $24 million is for office.", "40b"),
    ("The provision for NDFI rose to $23 million from $12 million.", "23b"),
    ("We wrote off $10 million tied to a warehouse facility.", "10c"),
    ("Our NDFI portfolio had $5 million of net charge-offs.", "5c"),
    ("A $2 million provision was recorded in capital call lending.", "2b"),
    ("We made a $21 million provision against a nonbank borrower.", "21b"),
    ("We took provision of $37 million for a single private credit counterparty.", "37b"),
    ("Provision expense was $110 million, including $18 million on NDFI loans, versus $90 million last quarter.", "18b"),
    ("Included in the provision is $16 million for lender finance.", "16b"),
    ("Included in net charge-offs was $28 million from a nonbank mortgage lender.", "28c"),
    ("The $39 million provision this quarter relates to NDFI.", "39b"),
    ("Provision expense attributable to NDFI came to $24 million.", "24b"),
    ("We reduced the private credit reserve by $9 million.", "-9r"),
    ("NDFI accounted for $31 million of net charge-offs.", "31c"),
    ("Loss content was $50 million on the NDFI side, and we charged it off.", ""),
    ("There was an $11 million write-off in warehouse lending.", "11c"),
    ("We built $14 million of reserves in private credit and released $6 million in auto.", "14b"),
    ("Our reserve build for nonbanks amounted to $43 million.", "43b"),
    # nothing
    ("We financed $90 million of NDFI loans and the reserve build was small.", ""),
    ("NDFI deposits increased $60 million, helping offset the provision.", ""),
    ("We recorded provision of $70 million, and NDFI performed well.", ""),
    ("We recorded provision of $70 million as private credit spreads widened.", ""),
    ("Charge-offs were $33 million, and private credit continues to grow.", ""),
    ("Our private credit fund raised $45 million and we took no provision.", ""),
    ("Outside NDFI, charge-offs came in at $24 million.", ""),
    ("Without the NDFI credit, provision was $61 million.", ""),
    ("A $44 million provision on office was our largest, ahead of private credit.", ""),
    ("The FDIC says banks reserved $2 billion for NDFI.", ""),
    ("Regional banks charged off $800 million of nonbank loans.", ""),
    ("The lender disclosed that it charged off $80 million, and we have a warehouse line to it.", ""),
    ("Tricolor, the nonbank lender, reported provision of $95 million.", ""),
    ("Our NDFI client provisioned $12 million for its own loans.", ""),
    ("BDCs we lend to took $130 million in charge-offs.", ""),
    ("We are aiming for charge-offs of $15 million in NDFI.", ""),
    ("It is possible that we reserve another $20 million for nonbanks.", ""),
    ("Let's say we lose $50 million on private credit, the provision is manageable.", ""),
    ("Were that nonbank loan to default, the charge-off is $36 million.", ""),
    ("The provision for NDFI was $29 million in Q2.", ""),
    ("2Q NDFI charge-offs were $22 million.", ""),
    ("Back in 2023 we charged off $14 million in warehouse lending.", ""),
    ("Six months ago we built $30 million for nonbanks.", ""),
    ("NDFI provision was $33 million in the year-ago quarter.", ""),
    ("Specific reserves against the nonbank lender now total $55 million.", ""),
    ("Reserves for private credit ended the quarter at $125 million.", ""),
    ("Our NDFI allowance stands at $99 million, or 90 basis points.", ""),
    ("We have $70 million set aside for NDFI in the allowance.", ""),
    ("ACL for nonbank lenders: $66 million.", ""),
    ("The reserve of $48 million on our NDFI loans covers four times our losses.", ""),
    ("Unfunded NDFI commitments of $900 million carry little provision.", ""),
    ("The $250 million warehouse facility was paid off, and no charge-off was taken.", ""),
    ("Nonperforming NDFI loans of $48 million were fully provided for.", ""),
    ("We own a $75 million nonbank lender loan that we partially charged off.", ""),
    ("We foreclosed on $40 million of collateral after charging off the nonbank loan.", ""),
    ("We recouped $18 million from the NDFI charge-off.", ""),
    ("The legal settlement with the private credit fund led to a $25 million provision for litigation.", ""),
    ("We paid $12 million in fees on the warehouse and the provision was lower.", ""),
    ("Our CRE provision was $58 million, and private credit had none.", ""),
    ("NDFI had no provision, and CRE had $58 million.", ""),
    ("The build in consumer was $46 million; NDFI was stable.", ""),
    ("Do you have a $40 million provision for NDFI in the quarter?", ""),
    ("Some of you have asked about the $60 million nonbank charge-off at another institution.", ""),
    ("Moody's puts NDFI charge-offs at $1.2 billion.", ""),
]
LISTS = FIRST + SECOND
UNITS = {"b": "build", "r": "release", "c": "charge-off"}


def wanted(text: str) -> list[tuple[Decimal, str]]:
    return sorted((Decimal(each[:-1]) * 1_000_000, UNITS[each[-1]]) for each in text.split())


def read(words: str) -> list[tuple[Decimal, str]]:
    return sorted((each.amount, each.kind) for each in transcript.find(TITLE + "Jane Doe -- Chief Financial Officer: " + words))


@pytest.mark.parametrize(("words", "amounts"), LISTS)
def test_nothing_is_read_that_is_not_said(words: str, amounts: str) -> None:
    """No wording of any list gives an amount it does not say."""
    assert set(read(words)) <= set(wanted(amounts))


def test_nine_in_ten_of_what_is_said_is_read() -> None:
    """Recall over all lists is at least nine in ten."""
    said = sum(len(wanted(amounts)) for _, amounts in LISTS)
    assert sum(len(set(read(words)) & set(wanted(amounts))) for words, amounts in LISTS) >= said * Decimal("0.9")
