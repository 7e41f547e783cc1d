"""Facts from XBRL: what is tagged is what is read, and nothing else becomes a number."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from chalicelib import xbrl
from chalicelib.errors import Unreadable
from chalicelib.xbrl import streams

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "xbrl"
HEAD = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"'
    ' xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" xmlns:xbrli="http://www.xbrl.org/2003/instance"'
    ' xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:us-gaap="http://fasb.org/us-gaap/2025" xmlns:b="http://b.example/2025"'
    ' xmlns:dei="http://xbrl.sec.gov/dei/2025" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><body>'
)
CONTEXTS = (
    '<xbrli:context id="q"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">0000000001</xbrli:identifier>'
    "</xbrli:entity><xbrli:period><xbrli:startDate>2025-07-01</xbrli:startDate><xbrli:endDate>2025-09-30</xbrli:endDate>"
    '</xbrli:period></xbrli:context><xbrli:context id="m"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">'
    '0000000001</xbrli:identifier><xbrli:segment><xbrldi:explicitMember dimension="us-gaap:LoanAxis">b:FundMember'
    '</xbrldi:explicitMember><xbrldi:typedMember dimension="b:LineAxis"><b:Line> 7 </b:Line></xbrldi:typedMember>'
    "</xbrli:segment></xbrli:entity><xbrli:period><xbrli:instant>2025-09-30</xbrli:instant></xbrli:period></xbrli:context>"
)
UNITS = (
    '<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit><xbrli:unit id="ps"><xbrli:divide>'
    "<xbrli:unitNumerator><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unitNumerator><xbrli:unitDenominator>"
    "<xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unitDenominator></xbrli:divide></xbrli:unit>"
)
RESOURCES = f"<ix:header><ix:resources>{CONTEXTS}{UNITS}</ix:resources></ix:header>"


def inline(body: str, resources: str = RESOURCES) -> bytes:
    return f"{HEAD}{resources}{body}</body></html>".encode()


def number(text: str, *, name: str = "us-gaap:Provision", ref: str = "q", unit: str = "usd", **attributes: str) -> str:
    given = {"format": "ixt:num-dot-decimal", "decimals": "-6", **attributes}
    shown = " ".join(f'{key}="{value}"' for key, value in given.items() if value)
    return f'<ix:nonFraction name="{name}" contextRef="{ref}" unitRef="{unit}" {shown}>{text}</ix:nonFraction>'


def one(document: bytes, concept: str = "Provision"):
    (fact,) = xbrl.read(document).named(concept)
    return fact


@pytest.mark.parametrize(
    ("text", "attributes", "value"),
    [
        ("1,234.5", {"scale": "6"}, "1234500000"),
        ("3", {"scale": "6", "sign": "-"}, "-3000000"),
        ("1.234,5", {"format": "ixt:num-comma-decimal"}, "1234.5"),
        ("1.234,5", {"format": "ixt:numcommadecimal"}, "1234.5"),
        ("\u2014", {"format": "ixt:fixed-zero"}, "0"),
        ("\u2014", {"format": "ixt:zerodash"}, "0"),
        ("-", {"format": "ixt:numdash"}, "0"),
        ("twenty-five", {"format": "ixt-sec:numwordsen"}, "25"),
        ("No", {"format": "ixt:num-word-en"}, "0"),
        ("two hundred and fifty thousand", {"format": "ixt-sec:numwordsen"}, "250000"),
        ("twelve hundred", {"format": "ixt-sec:numwordsen"}, "1200"),
        ("0", {"sign": "-"}, "0"),
        ("\uff0d", {"format": "ixt:zerodash"}, "0"),
        ("1<!-- note -->2", {}, "12"),
        ("1<ix:exclude>*</ix:exclude>2", {}, "12"),
        ("1.9", {"scale": "-2"}, "0.019"),
        ("1\u00a0234", {}, "1234"),
        ("<span>1,</span><b>5</b>", {}, "15"),
        ("315000", {"format": "", "decimals": "-6"}, "315000"),
    ],
)
def test_printed_numbers_get_the_value_their_transformation_gives(text, attributes, value):
    """Scale moves the point, sign turns the value, the transformation reads the text; decimals changes nothing."""
    fact = one(inline(number(text, **attributes)))
    assert (fact.value, fact.flaw) == (Decimal(value), "")
    assert "E" not in str(fact.value)


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("(3)", {}),
        ("12abc", {}),
        ("", {}),
        ("1,234", {"format": ""}),
        ("5", {"format": "ixt:num-unheard-of"}),
        ("5", {"scale": "9999"}),
        ("5", {"sign": "+"}),
        ("-5", {"format": "", "sign": "-"}),
        ("9" * 40, {}),
        ("several", {"format": "ixt-sec:numwordsen"}),
        ("five six", {"format": "ixt-sec:numwordsen"}),
        ("twenty thirteen", {"format": "ixt-sec:numwordsen"}),
        ("two thousand three million", {"format": "ixt-sec:numwordsen"}),
        ("5", {"format": "ixt:zerodash"}),
        ("1<p>2</p>3", {}),
        ("\u0661\u0662", {"format": ""}),
        ("5", {"decimals": "some"}),
    ],
)
def test_what_is_no_number_is_a_flaw_never_a_value(text, attributes):
    """A text its transformation does not describe leaves the value None and says why."""
    fact = one(inline(number(text, **attributes)))
    assert fact.value is None
    assert fact.flaw


def test_dimensions_units_periods_and_families_are_read():
    """Members, typed members, divided units, instants, durations and families come out by local name."""
    document = inline(number("5", name="b:Own", ref="m", unit="ps") + number("6"))
    facts = xbrl.read(document)
    own, provision = one(document, "Own"), one(document)
    assert own.context.dimensions == {"LoanAxis": "FundMember", "LineAxis": "7"}
    assert (own.unit, own.family, own.context.instant) == ("USD/shares", "company", date(2025, 9, 30))
    assert (provision.family, provision.context.days, provision.context.entity) == ("us-gaap", 92, "0000000001")
    assert (len(facts.contexts), facts.units) == (2, {"usd": "USD", "ps": "USD/shares"})


def test_contexts_after_the_facts_serve_as_well():
    """A header at the end of the document resolves the facts before it."""
    document = f"{HEAD}{number('7', scale='6')}{RESOURCES}</body></html>".encode()
    assert (one(document).value, one(document).unit) == (Decimal(7000000), "USD")


def test_several_documents_make_one_set():
    """Contexts of one document serve the facts of another, and a continuation may stand in either."""
    first = inline('<ix:nonNumeric name="b:Note" contextRef="q" continuedAt="c2">One </ix:nonNumeric>')
    second = f'{HEAD}{number("8")}<ix:continuation id="c2"><div>two</div></ix:continuation></body></html>'.encode()
    facts = xbrl.read(first, second)
    assert facts.named("Provision")[0].value == 8
    assert facts.named("Provision")[0].document == 1
    assert facts.named("Note")[0].value == "One two"


@pytest.mark.parametrize(("continued", "words"), [("c1", "comes round again"), ("c9", "is missing")])
def test_a_broken_continuation_is_said(continued, words):
    """A chain that loops or leads nowhere is unreadable, not a shorter text."""
    body = (
        '<ix:nonNumeric name="b:Note" contextRef="q" continuedAt="c1">a</ix:nonNumeric>'
        f'<ix:continuation id="c1" continuedAt="{continued}">b</ix:continuation>'
    )
    with pytest.raises(Unreadable, match=words):
        xbrl.read(inline(body))


def test_nested_texts_keep_their_words_and_lose_what_is_excluded():
    """A tagged table inside a tagged note: both have their words; ix:exclude is left out; inner numbers are facts."""
    inner = f'<ix:nonNumeric name="b:Table" contextRef="q"><table><tr><td>{number("9")}</td></tr></table></ix:nonNumeric>'
    body = (
        f'<ix:nonNumeric name="b:Note" contextRef="q"><div><p>Before</p>{inner}'
        "<ix:exclude>page 7</ix:exclude><p>after</p></div></ix:nonNumeric>"
    )
    facts = xbrl.read(inline(body))
    assert facts.named("Table")[0].value == "9"
    assert facts.named("Note")[0].value == "Before9after"
    assert facts.named("Provision")[0].value == 9


def test_nil_hidden_and_tuples():
    """Nil has no value and no flaw; hidden facts say so; facts of tuples and other targets, and fractions, are counted."""
    body = (
        '<ix:nonFraction name="us-gaap:Nil" contextRef="q" unitRef="usd" xsi:nil="true"/>'
        f"<ix:hidden>{number('4', name='b:Hid')}</ix:hidden>"
        f'<ix:tuple name="b:Pair"><td>{number("1", order="1")}</td></ix:tuple>'
        f"{number('2', target='other')}"
        '<ix:fraction name="b:Frac" contextRef="q" unitRef="usd"/>'
    )
    facts = xbrl.read(inline(body))
    nil, hidden = facts.named("Nil")[0], facts.named("Hid")[0]
    assert (nil.value, nil.nil, nil.flaw) == (None, True, "")
    assert (hidden.value, hidden.hidden) == (4, True)
    assert facts.ignored == {"tuple": 1, "in-tuple": 1, "other-target": 1, "fraction": 1}
    assert list(facts.named("Provision")) == []


@pytest.mark.parametrize(
    ("texts", "value", "conflicts"),
    [
        ([("25", "-6", "6"), ("24.8", "-5", "6")], Decimal(24800000), 0),
        ([("25", "-6", "6"), ("25", "-6", "6")], Decimal(25000000), 0),
        ([("25", "-6", "6"), ("26", "-5", "6")], None, 1),
    ],
)
def test_duplicates_are_one_fact_or_a_conflict(texts, value, conflicts):
    """Values equal within their accuracy are one fact, the most accurate; others are no value and reported."""
    facts = xbrl.read(inline("".join(number(text, decimals=decimals, scale=scale) for text, decimals, scale in texts)))
    (fact,) = facts.named("Provision")
    assert (fact.value, len(facts.conflicts)) == (value, conflicts)
    assert len(facts.facts) == 2
    assert bool(fact.flaw) == bool(conflicts)


@pytest.mark.parametrize(
    ("text", "transform", "value"),
    [
        ("September 30, 2025", "ixt:date-monthname-day-year-en", "2025-09-30"),
        ("Sept. 30, 2025", "ixt:datemonthdayyearen", "2025-09-30"),
        ("30/09/2025", "ixt:date-day-month-year", "2025-09-30"),
        ("9/30/25", "ixt:date-month-day-year", "2025-09-30"),
        ("09/30/2025", "ixt:dateslashus", "2025-09-30"),
        ("December 31", "ixt:date-monthname-day-en", "--12-31"),
        ("\u2612", "ixt-sec:boolballotbox", "true"),
        ("\u2610", "ixt-sec:boolballotbox", "false"),
        ("anything", "ixt:fixed-true", "true"),
    ],
)
def test_texts_get_the_value_their_transformation_gives(text, transform, value):
    """Dates become ISO dates, ballot boxes and fixed values booleans."""
    body = f'<ix:nonNumeric name="dei:Text" contextRef="q" format="{transform}">{text}</ix:nonNumeric>'
    assert xbrl.read(inline(body)).text("Text") == value


def test_an_unknown_text_transformation_keeps_the_words_and_says_so():
    """A state's name stays a name, with the flaw beside it."""
    body = '<ix:nonNumeric name="dei:Text" contextRef="q" format="ixt-sec:stateprovnameen">Delaware</ix:nonNumeric>'
    fact = xbrl.read(inline(body)).named("Text")[0]
    assert (fact.value, bool(fact.flaw)) == ("Delaware", True)


@pytest.mark.parametrize("unit", ["", "eur"])
def test_a_number_without_a_declared_unit_has_no_value(unit):
    """A missing or undeclared unit is a flaw, never dollars."""
    body = number("5", unit=unit) if unit else number("5").replace('unitRef="usd" ', "")
    fact = one(inline(body))
    assert fact.value is None
    assert "unit" in fact.flaw


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"", "empty"),
        (b"<html><p>cut off", "well-formed"),
        (b"<rss><channel/></rss>", "neither XBRL nor HTML"),
        (b"<html><body><p>Request Rate Threshold Exceeded</p></body></html>", "no XBRL"),
        (inline(number("5", ref="nowhere")), "not declared"),
        (inline("", RESOURCES + CONTEXTS.replace("2025-09-30", "2025-06-30").replace('id="m"', 'id="n"')), "declared twice"),
        (b'<!DOCTYPE html [<!ENTITY x "y">]><html><p>&x;</p></html>', "entities of its own"),
        (b"<html>" + b"<p>" * 400 + b"</p>" * 400 + b"</html>", "well-formed"),
    ],
)
def test_what_is_no_xbrl_is_unreadable(document, words):
    """PDF, nothing, cut-off pages, feeds, error pages, dangling contexts and entity tricks all raise, each saying what it is."""
    with pytest.raises(Unreadable, match=words):
        xbrl.read(document)


def test_a_document_over_the_cap_is_refused_before_it_is_read(monkeypatch):
    """A document larger than the cap is refused by its size."""
    monkeypatch.setattr(streams, "MAX_BYTES", 1000)
    with pytest.raises(Unreadable, match="more than 1,000"):
        xbrl.read(BytesIO(inline(number("5"))))


def test_a_child_of_the_root_over_its_cap_is_refused(monkeypatch):
    """A tuple that would have to be held in memory whole is refused by its length."""
    monkeypatch.setattr(streams, "MAX_CHILD", 100_000)
    xbrl.read(instance(item("5") * 5000))
    with pytest.raises(Unreadable, match="more than 100,000"):
        xbrl.read(instance(f"<b:Pair>{item('5') * 5000}</b:Pair>"))


def test_html_entity_names_are_read_as_the_characters_they_mean():
    """`&nbsp;`, which XML does not know, does not make a report unreadable."""
    document = inline(number("1&nbsp;234") + "<p>&mdash; R&amp;D</p>")
    assert one(document).value == 1234


def test_what_stood_before_an_entity_name_is_kept_once():
    """A report that is read again for its entity names gives its facts, continued texts and counts once."""
    note = '<ix:nonNumeric name="b:Note" contextRef="q" continuedAt="c1">one</ix:nonNumeric>'
    continued = '<ix:continuation id="c1"> two</ix:continuation>'
    other = inline(number("7", name="b:Other"), "")
    again = inline(f"{note}{continued}{number('5')}{number('2', target='other')}{'<p>far</p>' * 20_000}<p>&mdash;</p>")
    facts = xbrl.read(again, other)
    assert [(fact.concept, fact.value) for fact in facts.facts] == [("Note", "one two"), ("Provision", 5), ("Other", 7)]
    assert facts.ignored == {"other-target": 1}


def test_a_doctype_without_entities_of_its_own_is_read():
    """The XHTML document type is harmless, and is not fetched."""
    head = b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1:9/never.dtd">'
    document = inline(number("1&nbsp;234")).replace(b'<?xml version="1.0"?>', head)
    assert one(document).value == 1234


def instance(body: str, *, contexts: str = CONTEXTS, units: str = UNITS, head: str = "") -> bytes:
    spaces = HEAD[HEAD.index("xmlns:ix=") : HEAD.index("><body>")]
    return f"{head}<xbrli:xbrl {spaces}>{contexts}{units}{body}</xbrli:xbrl>".encode()


def item(text: str, attributes: str = 'contextRef="q" unitRef="usd" decimals="-6" id="f"') -> str:
    return f"<us-gaap:Provision {attributes}>{text}</us-gaap:Provision>"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5000", 5000),
        ("-5000", -5000),
        ("\n 5000 ", 5000),
        ("+1.5E3", 1500),
        ("1<?mark up?>2", 12),
        ("<![CDATA[12]]>", 12),
        ("&#49;2", 12),
        ("5,000", None),
        ("5\u00a0000", None),
        ("1_000", None),
        ("NaN", None),
        ("\u0661\u0662", None),
        ("5<b:note>3</b:note>", None),
        ("", None),
    ],
)
def test_a_number_of_an_instance_is_what_xml_schema_calls_one(text, value):
    """Digits as XML Schema writes them are the value, whatever `decimals` says; anything else is a flaw."""
    fact = one(instance(item(text)))
    assert (fact.value, bool(fact.flaw)) == (value, value is None)


@pytest.mark.parametrize(
    ("attributes", "text", "value"),
    [
        ('contextRef=" q " unitRef="\nusd" decimals="0"', "5", 5),
        ('contextRef="q" unitRef="usd" xsi:nil=" true "', "5", None),
        ('contextRef="q" unitRef="usd" precision="1"', "1234", 1234),
    ],
)
def test_attributes_are_read_as_their_types_say(attributes, text, value):
    """References and booleans may have blanks around them; a nil fact has no value whatever stands in it."""
    fact = one(instance(item(text, attributes)))
    assert (fact.value, fact.unit, fact.flaw) == (value, "USD", "")


@pytest.mark.parametrize(
    ("measure", "unit"),
    [
        ('<xbrli:measure xmlns:cur="http://www.xbrl.org/2003/iso4217"> cur:USD </xbrli:measure>', "USD"),
        ("<xbrli:measure>b:USD</xbrli:measure>", "b:USD"),
        ("<xbrli:measure>USD</xbrli:measure>", ":USD"),
        ("<xbrli:measure>iso4217:USD</xbrli:measure><xbrli:measure>xbrli:shares</xbrli:measure>", "USD*shares"),
    ],
)
def test_only_a_measure_of_iso_4217_is_a_currency(measure, unit):
    """Whatever its prefix a currency is known by its namespace; a company's own `USD` is not dollars."""
    assert one(instance(item("5"), units=f'<xbrli:unit id="usd">{measure}</xbrli:unit>')).unit == unit


def test_a_unit_without_a_measure_is_no_unit():
    """An empty unit is as good as none: the fact has no value."""
    fact = one(instance(item("5"), units='<xbrli:unit id="usd"/>'))
    assert (fact.value, "measure" in fact.flaw) == (None, True)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2025-07-01T00:00:00", "2025-10-01T00:00:00"),
        ("2025-06-30T24:00:00", "2025-09-30T24:00:00"),
        ("2025-07-01Z", "2025-09-30T23:59:59"),
    ],
)
def test_midnight_belongs_to_the_day_it_ends(start, end):
    """A period's last instant may be written as the next day's first, as the last day's 24th hour, or in it."""
    contexts = CONTEXTS.replace(">2025-07-01<", f">{start}<").replace(">2025-09-30</xbrli:endDate>", f">{end}</xbrli:endDate>")
    context = one(instance(item("5"), contexts=contexts)).context
    assert (context.start, context.end) == (date(2025, 7, 1), date(2025, 9, 30))


def test_an_instance_counts_fractions_and_nested_tuples():
    """Numerator and denominator are never run together; every tuple and every fact in one is counted."""
    third = "<xbrli:numerator>1</xbrli:numerator><xbrli:denominator>3</xbrli:denominator>"
    fraction = f'<b:Part contextRef="q" unitRef="usd">{third}</b:Part>'
    facts = xbrl.read(instance(f"{fraction}<b:Outer><b:Inner>{item('5')}</b:Inner></b:Outer>"))
    assert (facts.facts, facts.ignored) == ((), {"fraction": 1, "tuple": 2, "in-tuple": 1})


@pytest.mark.parametrize("kind", ["inline", "instance"])
def test_an_unknown_entity_in_a_number_is_a_flaw(kind):
    """What a document type that is not fetched may have meant is never left out of a number."""
    head = '<!DOCTYPE any SYSTEM "http://127.0.0.1:9/never.dtd">'
    page = inline(number("1&unheard;2")).replace(b'<?xml version="1.0"?>', head.encode())
    fact = one(page if kind == "inline" else instance(item("1&unheard;2"), head=head))
    assert (fact.value, bool(fact.flaw)) == (None, True)


def test_an_instance_of_several_chunks_keeps_every_fact_once():
    """Facts, and texts longer than what is parsed at once, come whole and in their order wherever a chunk ends."""
    body = "".join(
        item(str(n)) + (f'<b:Note contextRef="q">{"word " * 30_000}</b:Note>' if n % 500 == 0 else "") for n in range(1, 3001)
    )
    facts = xbrl.read(BytesIO(instance(body)))
    assert [fact.value for fact in facts.facts if fact.unit] == list(range(1, 3001))
    assert [len(str(fact.value)) for fact in facts.facts if fact.concept == "Note"] == [150_000] * 6


def test_an_instance_ignores_tuples_with_a_count_and_keeps_texts():
    """Facts inside tuples are counted; a fact without a unit is a text."""
    spaces = HEAD[HEAD.index("xmlns:ix=") : HEAD.index("><body>")]
    document = (
        f"<xbrli:xbrl {spaces}>{CONTEXTS}{UNITS}"
        '<us-gaap:Provision contextRef="q" unitRef="usd" decimals="-3">1919000</us-gaap:Provision>'
        '<b:Pair><b:One contextRef="q" unitRef="usd">1</b:One><b:Two contextRef="q" unitRef="usd">2</b:Two></b:Pair>'
        '<dei:DocumentPeriodEndDate contextRef="q">2025-09-30</dei:DocumentPeriodEndDate>'
        "</xbrli:xbrl>"
    ).encode()
    facts = xbrl.read(document)
    assert facts.named("Provision")[0].value == 1919000
    assert facts.ignored == {"tuple": 1, "in-tuple": 2}
    assert facts.period_end == date(2025, 9, 30)


def test_a_fact_whose_namespace_is_declared_on_itself_is_not_lost():
    """An instance that declares a company's namespace late is read again without the filter that would drop it."""
    spaces = HEAD[HEAD.index("xmlns:ix=") : HEAD.index("><body>")]
    late = '<z:Own xmlns:z="http://z.example/2025" contextRef="q" unitRef="usd" decimals="0">5</z:Own>'
    early = '<us-gaap:Provision contextRef="q" unitRef="usd" decimals="0">4</us-gaap:Provision>'
    facts = xbrl.read(f"<xbrli:xbrl {spaces}>{CONTEXTS}{UNITS}{early}{late}</xbrli:xbrl>".encode())
    assert [(fact.concept, fact.family, fact.value) for fact in facts.facts] == [
        ("Provision", "us-gaap", 4),
        ("Own", "company", 5),
    ]


@pytest.mark.parametrize("late", ["", ' xmlns:z="http://z.example/2025"'])
def test_only_wanted_facts_are_kept_with_their_contexts_whole(late):
    """What `only` refuses is dropped, inline, in an instance and in one read twice; the rest is as without it."""

    def only(concept, family):
        return (concept, family) == ("Provision", "us-gaap")

    spaces = HEAD[HEAD.index("xmlns:ix=") : HEAD.index("><body>")]
    instance = (
        f'<xbrli:xbrl {spaces}>{CONTEXTS}{UNITS}<b:Own{late} contextRef="m" unitRef="usd">1</b:Own>'
        '<us-gaap:Note contextRef="q">words</us-gaap:Note>'
        '<us-gaap:Provision contextRef="m" unitRef="usd" decimals="0">-4</us-gaap:Provision></xbrli:xbrl>'
    ).encode()
    page = inline(
        '<ix:nonNumeric name="us-gaap:Note" contextRef="q" escape="true"><div><p>words <ix:nonFraction name="us-gaap:Provision"'
        ' contextRef="m" unitRef="usd" decimals="0" sign="-" format="ixt:num-dot-decimal">4</ix:nonFraction></p></div>'
        '</ix:nonNumeric><ix:nonFraction name="b:Own" contextRef="m" unitRef="usd" decimals="0">1</ix:nonFraction>'
    )
    for document in (instance, page):
        kept, every = xbrl.read(document, only=only), xbrl.read(document)
        assert [fact._replace(line=0) for fact in kept.facts] == [
            fact._replace(line=0) for fact in every.facts if fact.concept == "Provision"
        ]
        assert kept.contexts == every.contexts
        assert kept.facts[0].value == -4
        assert kept.facts[0].context.dimensions == {"LoanAxis": "FundMember", "LineAxis": "7"}


def _at(facts, concept, days, end):
    found = [fact for fact in facts.named(concept, "us-gaap") if not fact.context.members and fact.context.end == end]
    return [fact.number for fact in found if (fact.context.days or 0) in days]


@pytest.mark.skipif(not CORPUS.exists(), reason="../shared/corpus is not there: the real documents are not measured")
def test_the_real_documents_give_their_counts_and_facts_exactly():
    """Facts, numbers, contexts, units and chosen values of the corpus instances are exactly those of its answers."""
    for answer in json.loads((CORPUS / "answers.json").read_text()):
        if "facts" not in answer:
            continue
        with (CORPUS / answer["file"]).open("rb") as stream:
            facts = xbrl.read(stream)
        counts = (len(facts.facts), sum(fact.unit is not None for fact in facts.facts), len(facts.contexts), len(facts.units))
        assert counts == tuple(answer[name] for name in ("facts", "numeric_facts", "contexts", "units"))
        end = facts.period_end
        assert str(end) == answer["period_end"]
        for key, days in (("quarter", range(80, 101)), ("year_to_date", range(170, 300)), ("instant", range(1))):
            for concept, value in answer.get(key, {}).items():
                assert _at(facts, concept, days, end) == [value], (answer["file"], concept)
