"""What a person reads of an alert, channel by channel: subject, first line, facts, links, ids, inside every limit."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import messages
from chalicelib.amounts import amount, exactly, points
from chalicelib.messages.words import ascii_only, clean, place, safe_link
from chalicelib.model import Contributor
from chalicelib.ports import Trouble
from tests.fakes.alerts import DEAL, alert, dispatch, signal

HOSTILE = "<!channel> @everyone *b* [x](http://evil.example) <script>alert(1)</script> \u202egpj.exe\n\r\x1b[2J" + "A" * 500


def test_text_says_everything() -> None:
    """The e-mail text holds what moved, from, to, threshold, why, contributors with links, coverage, confidence and both ids."""
    told = messages.of(dispatch(), signal()).text
    assert told.splitlines()[0] == "MEDIUM: Bond issuance, 2026-W47: Investment-grade tech issuance rose to USD 7.2 bn"
    for line in (
        "What moved: Investment-grade tech issuance rose to USD 7.2 bn",
        "From (2026-W46): USD 3.1 bn (3,100,000,000)",
        "To: USD 7.2 bn (7,234,567,890)",
        "Threshold: more than USD 5.0 bn in a week",
        "Why now: the week is above USD 5 bn and in the top 10 % of its last 104 weeks",
        "Headline now: notes priced in the week USD 7.2 bn (7,234,567,890), as of 2026-11-22",
        "Coverage: 97.5 % of what was due was read",
        "Confidence: high",
        f"- Example Cloud Inc.: USD 4.5 bn  {DEAL}",
        "Run: bond-issuance/2026-W47",
        "Message: bond-issuance/2026-W47/weekly-volume/medium/1",
    ):
        assert line in told.splitlines()


def test_subject_reads_well() -> None:
    """The subject names level, series, window and what moved, in ASCII."""
    assert (
        messages.of(dispatch(), signal()).subject
        == "[MEDIUM] Bond issuance 2026-W47: Investment-grade tech issuance rose to USD 7.2 bn"
    )


def test_resolved_says_so() -> None:
    """A resolved message does not look like an alert, and calls the old figures old."""
    told = messages.of(dispatch(None), signal(headline=Decimal(1_000_000_000)))
    assert told.subject == "[RESOLVED] Bond issuance 2026-W47: no longer: Investment-grade tech issuance rose to USD 7.2 bn"
    assert told.first.startswith("RESOLVED: Bond issuance, 2026-W47")
    assert "To (when it alerted): USD 7.2 bn (7,234,567,890)" in told.text
    assert "Headline now: notes priced in the week USD 1.0 bn (1,000,000,000), as of 2026-11-22" in told.text


def test_missing_numbers_are_not_available() -> None:
    """A move without a starting point and a withheld headline are told as not available, with the reason."""
    told = messages.of(dispatch(alert=alert(before=None)), signal(headline=None, withheld="71.0% of what was due could be read"))
    assert "From (2026-W46): not available: nothing earlier to compare with" in told.text
    assert "not available: 71.0% of what was due could be read, as of 2026-11-22" in told.text


@pytest.mark.parametrize(
    ("value", "unit", "short"),
    [
        ("7234567890", "USD", "USD 7.2 bn"),
        ("-1250000", "EUR", "EUR -1.2 m"),
        ("1300000000000", "USD", "USD 1.3 tn"),
        ("950000", "USD", "USD 950,000"),
        ("999960000", "USD", "USD 1.0 bn"),
        ("0.12", "ratio", "12.0 %"),
        ("4.875", "pct", "4.88 %"),
        ("12.34", "USD/share", "12.34 USD/share"),
        ("1200", "count", "1,200"),
        ("0", "USD", "USD 0"),
    ],
)
def test_amounts(value: str, unit: str, short: str) -> None:
    """An amount is short and carries its unit; a ratio is shown in per cent."""
    assert amount(Decimal(value), unit) == short


def test_exact_amounts_keep_every_digit() -> None:
    """The long form has all digits of the amount."""
    assert exactly(Decimal("7234567890.25"), "USD") == "USD 7.2 bn (7,234,567,890.25)"
    assert exactly(Decimal("0.0512"), "ratio") == "5.12 %"
    assert exactly(Decimal("544000000.00"), "USD") == "USD 544.0 m (544,000,000)"
    assert points(Decimal("-0.0512")) == "5.1 percentage points"


def test_slack() -> None:
    """Slack shows the first line as header, facts as fields, contributors as links, ids in the context."""
    told = messages.slack(messages.of(dispatch(), signal()))
    blocks = told["blocks"]
    assert blocks[0]["text"]["text"] == "MEDIUM: Bond issuance, 2026-W47: Investment-grade tech issuance rose to USD 7.2 bn"
    assert "*Threshold*\nmore than USD 5.0 bn in a week" in [field["text"] for field in blocks[1]["fields"]]
    assert f"• <{DEAL}|Example Cloud Inc.>: USD 4.5 bn" in blocks[2]["text"]["text"]
    assert blocks[-1]["elements"][-1]["text"] == "Message: bond-issuance/2026-W47/weekly-volume/medium/1"


def test_teams() -> None:
    """Teams gets an Adaptive Card whose links open the documents."""
    told = messages.teams(messages.of(dispatch(), signal()))
    card = told["attachments"][0]["content"]
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert runs[0]["text"].startswith("MEDIUM: Bond issuance")
    assert {"type": "Action.OpenUrl", "url": DEAL} in [run.get("selectAction") for run in runs]
    assert "Message: bond-issuance/2026-W47/weekly-volume/medium/1" in [run["text"] for run in runs]


def test_telegram() -> None:
    """Telegram gets HTML with links, no preview, and the ids."""
    told = messages.telegram(messages.of(dispatch(), signal()), "-100123")
    assert told["chat_id"] == "-100123"
    assert told["text"].startswith("<b>MEDIUM: Bond issuance, 2026-W47")
    assert f'• <a href="{DEAL}">Example Cloud Inc.</a>: USD 4.5 bn' in told["text"]
    assert told["text"].endswith("Message: bond-issuance/2026-W47/weekly-volume/medium/1")


def test_generic_is_for_machines() -> None:
    """The generic payload has the id, amounts as decimal text and the person's words."""
    told = messages.generic(messages.of(dispatch(), signal()))
    assert (told["id"], told["after"], told["threshold"], told["coverage"]) == (
        "bond-issuance/2026-W47/weekly-volume/medium/1",
        "7234567890",
        "5000000000",
        "0.975",
    )
    assert json.loads(json.dumps(told)) == told


def test_sns() -> None:
    """SNS gets text for e-mail, a short one for SMS with the id, attributes to filter on; a FIFO topic drops repeats."""
    told = messages.sns(messages.of(dispatch(), signal()), "arn:aws:sns:us-east-1:1:alerts")
    bodies = json.loads(told["Message"])
    assert set(bodies) == {"default", "email", "sms"}
    assert bodies["sms"] == (
        "MEDIUM Bond issuance 2026-W47: Investment-grade tech issuance rose to USD 7.2 bn "
        "bond-issuance/2026-W47/weekly-volume/medium/1"
    )
    filters = {name: value["StringValue"] for name, value in told["MessageAttributes"].items()}
    assert (filters["scraper"], filters["level"], filters["rule"]) == ("bond-issuance", "medium", "weekly-volume")
    assert "MessageDeduplicationId" not in told
    fifo = [messages.sns(messages.of(dispatch(), signal()), "arn:aws:sns:us-east-1:1:alerts.fifo") for _ in range(2)]
    assert fifo[0]["MessageDeduplicationId"] == fifo[1]["MessageDeduplicationId"]


def hostile_message() -> messages.Message:
    names = tuple(Contributor(HOSTILE, Decimal(1), address) for address in ("javascript:alert(1)", "https://u:p@sec.gov/", DEAL))
    broken = alert(headline=HOSTILE, why=HOSTILE, contributors=names, rule="fund-decline:" + HOSTILE)
    return messages.of(dispatch(alert=broken, rule="fund-decline:" + HOSTILE), signal(withheld=HOSTILE, window="2026-W47"))


def test_hostile_names_do_nothing() -> None:
    """A name from a document mentions nobody, forges no link, breaks no line and hides no mark, in any channel."""
    message = hostile_message()
    assert len(message.text.splitlines()) == len(messages.of(dispatch(), signal()).text.splitlines()) + 1
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", message.text)
    assert [each.address for each in message.documents] == ["", "", DEAL]
    slack = json.dumps(messages.slack(message), ensure_ascii=False)
    assert "<!channel>" not in slack
    assert "<script>" not in slack
    telegram = str(messages.telegram(message, "1")["text"])
    assert "<script>" not in telegram
    assert telegram.count("<a href=") == 1
    discord = messages.discord(message)
    assert discord["allowed_mentions"] == {"parse": []}
    assert not re.search(r"(?<!\\)\]\(http://evil", json.loads(json.dumps(discord))["embeds"][0]["title"])
    cards = json.dumps(messages.teams(message))
    assert '"TextBlock"' not in cards
    assert cards.count("Action.OpenUrl") == 1


NAMES = st.text(max_size=700)


def assert_limits(message: messages.Message) -> None:
    """Every channel's documented limits, and the id in each message."""
    assert len(message.subject) <= 100
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert message.subject[0] == "["
    assert len(message.sms) <= 140
    assert message.sms.isascii()
    assert message.id in message.sms
    assert message.id in message.text
    slack = messages.slack(message)
    assert len(slack["blocks"]) <= 50
    assert all(
        len(block["text"]["text"]) <= (150 if block["type"] == "header" else 3000) for block in slack["blocks"] if "text" in block
    )
    assert all(0 < len(field["text"]) <= 2000 for block in slack["blocks"] for field in block.get("fields", []))
    assert all(len(block.get("fields", [])) <= 10 for block in slack["blocks"])
    assert message.id in json.dumps(slack)
    telegram = messages.telegram(message, "1")["text"]
    assert len(telegram.encode("utf-16-le")) // 2 <= 4096
    assert message.id in telegram
    embed = messages.discord(message)["embeds"][0]
    assert len(embed["title"]) <= 256
    assert len(embed["fields"]) <= 25
    assert all(0 < len(field["name"]) <= 256 and 0 < len(field["value"]) <= 1024 for field in embed["fields"])
    whole = len(embed["title"]) + len(embed["footer"]["text"]) + sum(len(f["name"]) + len(f["value"]) for f in embed["fields"])
    assert whole <= 6000
    assert len(embed["footer"]["text"]) <= 2048
    assert message.id in embed["footer"]["text"]
    assert len(json.dumps(messages.teams(message)).encode()) <= 28_000
    assert len(messages.sns(message, "arn:aws:sns:us-east-1:1:alerts")["Message"].encode()) <= 262_144


@given(NAMES, NAMES, NAMES, st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_limits_hold_for_any_words(headline: str, why: str, name: str, value: Decimal) -> None:
    """Whatever a document is called, each channel's limits hold and the id is in the message."""
    changed = alert(headline=headline, why=why, after=value, contributors=(Contributor(name, value, DEAL),) * 9)
    assert_limits(messages.of(dispatch(alert=changed), signal()))


def test_long_ids_fit_a_text_message() -> None:
    """An id too long for a text message is told by its hash, the same each time."""
    long = dispatch(id="credit-fund/2026Q3/fund-decline:" + "x" * 200 + "/high/1")
    first, second = (messages.of(long, signal()).sms for _ in range(2))
    assert first == second
    assert re.search(r" #[0-9a-f]{12}$", first)
    assert len(first) <= 140


def test_operators_message() -> None:
    """A failure tells the operators what, when, how often and what to do, with the run it hit and every different word."""
    at = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
    detail = {"run_id": "bdc-discount/2026-11-20", "execution_id": "e-1"}
    told = messages.failure("run-failed", ["bdc-discount: UpstreamDown", "credit-fund: no table"], detail, at, 7, of=4)
    assert told.subject == "[OPERATOR] Run failed (7): bdc-discount: UpstreamDown"
    for line in (
        "What: bdc-discount: UpstreamDown",
        "Also: credit-fund: no table",
        "Also: 2 more like these",
        "How many: 7 since this was last told",
        "When: 2026-11-23 06:05:00 UTC",
        "Execution id: e-1",
        "Run: bdc-discount/2026-11-20",
    ):
        assert line in told.text.splitlines()
    assert "What to do: find the execution id in the log" in told.text
    assert told.attributes == {"kind": "operator", "failure": "run-failed", "dispatch_id": told.id}


@pytest.mark.parametrize("mark", ["\U0001f4a5", "\ud800", "&", "|", "\u202e", "<"])
def test_marks_that_count_double_fit_too(mark: str) -> None:
    """Emoji, halves of characters and marks that are escaped keep every limit, also in the longest messages."""
    words = mark * 700
    said = [f"{n}{words}" for n in range(6)]
    detail = {"documents": [{"name": words, "words": words, "url": DEAL}] * 5, **{f"d{n}": words for n in range(8)}}
    assert_limits(messages.failure("shape-changed", said, detail, datetime(2026, 11, 23, tzinfo=UTC), 99, of=50))
    changed = alert(headline=words, why=words, limit=words, since=words, contributors=(Contributor(words, Decimal(1), DEAL),) * 9)
    told = messages.of(dispatch(alert=changed), signal(withheld=words))
    assert_limits(told)
    assert told.text.encode()


HOSTILE_DETAIL = {
    "run_id": "bond-issuance/2026-W47",
    "documents": [{"name": HOSTILE, "words": HOSTILE * 3, "url": url} for url in ("javascript:x", "https://u:p@sec.gov/", DEAL)]
    * 4,
    **{f"detail {n}": HOSTILE for n in range(40)},
}


@pytest.mark.parametrize("kind", get_args(Trouble))
def test_every_kind_of_failure_fits_every_channel(kind: Trouble) -> None:
    """Each kind has a name and advice, and with words and details without end it stays inside every channel's limits."""
    message = messages.failure(
        kind, [f"{n} {HOSTILE}" for n in range(6)], HOSTILE_DETAIL, datetime(2026, 11, 23, tzinfo=UTC), 99, of=50
    )
    assert_limits(message)
    assert kind not in message.first.replace(" ", "-").lower().split(":")[0]
    assert [each.address for each in message.documents][:3] == ["", "", DEAL]
    assert "<!channel>" not in json.dumps(messages.slack(message), ensure_ascii=False)


def test_a_file_without_a_link_is_named() -> None:
    """A contributor read from a file or bucket is told with the file's name; what is no file's name is not shown."""
    told = [
        messages.of(dispatch(alert=alert(contributors=(Contributor("Fund", Decimal(5), source),))), signal()).documents[0].amount
        for source in ("s3://bucket/form-pf/2026q2.xml", "/data/pf/2026q2.xml", "javascript:alert(1)", "https://u:p@sec.gov/x")
    ]
    assert told == ["USD 5 (in 2026q2.xml)", "USD 5 (in 2026q2.xml)", "USD 5", "USD 5"]
    assert place("s3://key:secret@bucket/x") == ""


def test_words() -> None:
    """Cleaning keeps words and drops what hides; ASCII folds accents; only https links a reader may follow stay."""
    assert clean("a\u200bb\nc\u202ed") == "a b c d"
    assert ascii_only("Société Générale \u2013 5 €", 100) == "Societe Generale - 5 ?"
    assert safe_link(DEAL) == DEAL
    assert [
        safe_link(each) for each in ("http://sec.gov/", "https://sec.gov/a b", 'https://sec.gov/">', "https://a@b/", "https://")
    ] == [""] * 5
