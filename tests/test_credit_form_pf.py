"""Form PF archives: joined, cut, and every hostile file refused by name and place while the others are read."""

import gzip
import io
import socket
import threading
import zipfile
from decimal import Decimal

import pytest

from chalicelib.errors import SentinelError, Unreadable, UpstreamDown
from chalicelib.model import Item, Notice, Observation
from chalicelib.ports import Source
from chalicelib.scrapers import credit_fund
from chalicelib.scrapers.credit_fund import archive, discovery, form_pf, joining, reading, sharing
from tests.fakes.form_pf_documents import Archive, MemoryFiles, document, filing, fund

GOOD = document(filing([fund(1), fund(2, 2000, 1500)]))


def read(body: bytes, start: int = 0, end: int | None = None):
    if start:
        head = form_pf.begins(io.BytesIO(body), "f.xml")
        return list(form_pf.filings(io.BytesIO(body[start:]), "f.xml", start, end, head))
    return list(form_pf.filings(io.BytesIO(body), "f.xml", 0, end))


def run(held: dict[str, bytes], changes=()):
    """Every item's observations, or the error it gave, by item key."""
    fetch = Archive(MemoryFiles(held, set(changes)))
    found = {}
    for item in discovery.discover(credit_fund.windows(fetch.now())[-1], fetch, watched=()):
        if isinstance(item, Item):
            try:
                found[item.key] = [each for each in reading.read(item, fetch) if isinstance(each, Observation)]
            except SentinelError as error:
                found[item.key] = error
    return found


def test_names_types_and_values_are_joined_by_fund_id():
    """A fund's name, type, amounts and returns come from four lists and end in one fund, NA as None."""
    told = (
        "<PFSection1bItemCFundPerformance><FundID>805-0000000002</FundID><GrossValueQuarter2><Value>-3.25</Value>"
        "</GrossValueQuarter2><NetValueMonth1><Value>NA</Value></NetValueMonth1></PFSection1bItemCFundPerformance>"
    )
    body = document(filing([fund(1, name="Société Crédit"), fund(2, 2000, "NA")], performance=told))
    (one,) = read(body)
    first, second = one.funds
    assert [first.name, second.name] == ["Société Crédit", "Fund 2"]
    assert second.amounts == {"gross_asset_value": Decimal(2000), "net_asset_value": None}
    assert second.performance == {"gross-quarter-2": Decimal("-3.25"), "net-month-1": None}


def test_slices_of_any_size_give_each_filing_once():
    """Whatever the slice bounds, the slices together give every filing exactly once, also where a bound cuts a tag."""
    body = document(*(filing([fund(n, n * 10, n)]) for n in range(1, 8)))
    whole = [each.at for each in read(body)]
    for size in (61, 257, 700, 1500):
        cut = [each.at for start in range(0, len(body), size) for each in read(body, start, start + size)]
        assert cut == whole


def test_a_tag_may_stand_anywhere_across_two_blocks():
    """Filing tags at every distance from the end of a read block open and close exactly one filing each."""
    one = filing([fund(1)])
    for distance in range(-20, 150, 3):
        pad = " " * (262_144 - len(GOOD) - distance)
        body = GOOD.replace(b"</PFFunds>", pad.encode() + b"</PFFunds>").rstrip() + one.encode()
        assert len(read(body)) == 2


def test_a_slice_is_read_without_what_precedes_it():
    """Reading a later slice opens the file at the slice's first byte, and at 0 only for the head."""
    body = document(*(filing([fund(n)]) for n in range(1, 40)))
    files = MemoryFiles({"a.xml": body})
    item = discovery._slice(next(files.list("")), "a.xml", "", 9000, 12000)
    found = [each for each in reading.read(item, Archive(files)) if isinstance(each, Observation)]
    assert found
    assert files.opened == [("a.xml", 0), ("a.xml", 9000)]


def long_text(*sizes: int) -> bytes:
    """Filings of so many funds each, numbered on."""
    first = 1
    made = []
    for size in sizes:
        made.append(filing([fund(n, n * 10, n) for n in range(first, first + size)]))
        first += size
    return document(*made)


def slices(body: bytes, length: int, text: int | None = None) -> list[Item]:
    files = MemoryFiles({"a.xml": body})
    size = len(body) if text is None else text
    return [
        discovery._slice(next(files.list("")), "a.xml", "", start, end, text=size, length=length)
        for start, end in archive.Part("", size).slices(length)
    ]


@pytest.mark.parametrize("sizes", [(400,), (3, 400), (400, 3), (2, 300, 1, 300, 2), (60, 60, 60)])
@pytest.mark.parametrize("text", [None, 90_000])
def test_a_long_filing_is_cut_into_items_that_each_give_their_share(monkeypatch, sizes, text):
    """Whatever filings a file holds and whatever it was said to measure, its items give every fund once, read in any order."""
    body = long_text(*sizes)
    items = slices(body, 20_000, text)
    for known in (True, False):
        monkeypatch.setattr(reading, "_LATEST", sharing.Latest())
        given = []
        for item in reversed(items):
            if not known:
                monkeypatch.setattr(reading, "_LATEST", sharing.Latest())
            given.append([each.detail["fund_id"] for each in reading.read(item, Archive(MemoryFiles({"a.xml": body})))])
        told = sorted(fund_id for each in given for fund_id in each)
        assert told == [f"805-{n:010d}" for n in range(1, sum(sizes) + 1)]
        assert max(len(each) for each in given) < max(sizes) * (0.3 if text is None and max(sizes) > 100 else 2.1)


def test_a_later_item_of_a_long_filing_reads_nothing_before_that_filing(monkeypatch):
    """A resumed process opens the file at its slice, looks back for the filing's begin, and reads from there."""
    monkeypatch.setattr(reading, "_LATEST", sharing.Latest())
    body = long_text(400, 400)
    begins = body.rindex(b"<PFXMLFiling>")
    files = MemoryFiles({"a.xml": body})
    item = next(each for each in slices(body, 20_000) if each.detail["start"] > begins)
    assert list(reading.read(item, Archive(files)))
    start = item.detail["start"]
    assert files.opened == [("a.xml", at) for at in (0, start, start, start - 20_000, begins)]


def test_a_damaged_long_filing_gives_nothing_from_any_of_its_items(monkeypatch):
    """One bad amount near the end of a long filing parks each item that has a share of it."""
    monkeypatch.setattr(reading, "_LATEST", sharing.Latest())
    body = long_text(400).replace(b"<GrossAssetValue>4000<", b"<GrossAssetValue>-400<")
    for item in slices(body, 20_000)[:-1]:
        with pytest.raises(Unreadable, match="negative"):
            next(reading.read(item, Archive(MemoryFiles({"a.xml": body}))))


MANY = joining.MOST_HELD + 500


def test_a_filing_of_any_number_of_funds_is_joined_through_files():
    """More funds than are held in memory: each is given once with its own name and amounts, and the file is gone afterwards."""
    (one,) = read(document(filing([fund(n, n * 10, n, f"Name {n}") for n in range(1, MANY + 1)])))
    kept = one.funds._parts._file
    told = {each.fund_id: (each.name, each.gross) for each in one.funds}
    assert len(one.funds) == len(told) == MANY
    assert told["805-0000000007"] == ("Name 7", 70)
    assert sum(value for _, value in told.values()) == 10 * MANY * (MANY + 1) // 2
    shares = [{each.fund_id for each in one.funds.share(rank, 3)} for rank in range(3)]
    assert [len(shares[0] | shares[1] | shares[2]), sum(map(len, shares))] == [MANY, MANY]
    del one
    assert kept.closed


@pytest.mark.parametrize(
    ("numbers", "strangers", "words"),
    [([*range(1, MANY + 1), 7], (), "0000000007 stands twice"), (range(1, MANY + 1), (MANY + 5,), f"{MANY + 5} has a PFS")],
)
def test_what_does_not_join_is_refused_among_any_number_of_funds(numbers, strangers, words):
    """A fund given twice far apart, and values of a fund that is not listed, are refused also when joined through files."""
    funds = [fund(n) for n in numbers] + [(fund(n)[0], "", fund(n)[2]) for n in strangers]
    with pytest.raises(Unreadable, match=words):
        read(document(filing(funds)))


def test_wrapped_and_namespaced_filings_are_read():
    """A wrapper element, a prefix and a default namespace change nothing."""
    inner = filing([fund(1)])
    prefixed = inner.replace("</", "</pf:").replace("<PF", "<pf:PF").replace("<F", "<pf:F").replace("<R", "<pf:R")
    prefixed = prefixed.replace("<G", "<pf:G").replace("<N", "<pf:N")
    for body in (
        f'<?xml version="1.0"?><All xmlns="urn:pf"><!-- two -->{inner}{inner}</All>',
        f'<?xml version="1.0"?><x:All xmlns:x="urn:x" xmlns:pf="urn:pf">{prefixed}{prefixed}</x:All>',
        inner.replace("<PFXMLFiling>", '<PFXMLFiling xmlns="urn:pf" version="2">') * 2,
    ):
        assert [next(iter(each.funds)).amounts["gross_asset_value"] for each in read(body.encode())] == [1000, 1000]


def test_sections_and_fields_nobody_knows_are_told_of():
    """Section 2b and a new field of the assets are named, with how many filings hold them; those left on purpose are not."""
    text = filing([fund(1, extra="<NewAmount>5</NewAmount><CostBasedLiabilitiesAmount>1</CostBasedLiabilitiesAmount>")])
    text = text.replace("</PFXMLFiling>", "<PFSection2bX><a>1</a></PFSection2bX><PFSection1aItemAIdentInfo/></PFXMLFiling>")
    body = document(text, filing([fund(2)]), text.replace("0001<", "0003<"))
    (item,) = slices(body, 1_000_000)
    notices = [each for each in reading.read(item, Archive(MemoryFiles({"a.xml": body}))) if isinstance(each, Notice)]
    told = {each.subject: each.words.split(" of ")[0] for each in notices if each.kind == "unread"}
    name = "PFSection1bItemBFundAssetsFinancingInvestors/NewAmount"
    assert told == {"PFSection2bX": "stands in 2 filings", name: "stands in 2 filings"}


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BAD = {
    "billion laughs": (LAUGHS + filing([fund(1, name="&b;")]), "document type"),
    "external entity": (
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + filing([fund(1, name="&e;")]),
        "document type",
    ),
    "external DTD": ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + filing([fund(1)]), "document type"),
    "DTD between filings": (filing([fund(1)]) + LAUGHS + filing([fund(2)]), "document type"),
    "entity without a DTD": (filing([fund(1, name="&e;")]), "not well-formed"),
    "1,000 levels": (filing([fund(1, extra="<x>" * 1000 + "</x>" * 1000)]), "depth"),
    "truncated": (filing([fund(1)])[:-40], "cut off"),
    "filing in a filing": ("<PFXMLFiling>" + filing([fund(1)]) + "</PFXMLFiling>", "within a filing"),
    "commented filing": (filing([fund(1)]) + "<!--" + filing([fund(2)]) + "-->", "other than filings"),
    "duplicate FundID": (filing([fund(1), fund(1)]), "twice"),
    "not a FundID": (filing([fund(1)]).replace("805-", "806-"), "is none"),
    "negative gross": (filing([fund(1, -5, 1)]), "negative"),
    "negative net": (filing([fund(1, 5, -1)]), "negative"),
    "absurd": (filing([fund(1, 10**16, 1)]), "absurd"),
    "separators": (filing([fund(1, "1,000", 1)]), "not a number"),
    "empty amount": (filing([fund(1, "", 1)]), "not a number"),
    "spaces for separators": (filing([fund(1, "1 000", 1)]), "not a number"),
    "other digits": (filing([fund(1, "&#1633;&#1634;", 1)]), "not a number"),
    "instruction": (filing([fund(1, "1<?x?>000", 1)]), "processing instruction"),
    "two elements in one": (filing([fund(1, "<a>1</a><b>2</b>", 1)]), "2 elements"),
    "exponent": (filing([fund(1, "1e9", 1)]), "not a number"),
    "net above gross": (filing([fund(1, 5, 6)]), "above"),
    "amount twice": (filing([fund(1, extra="<GrossAssetValue>5</GrossAssetValue>")]), "twice"),
    "values of nobody": (filing([(fund(1)[0], "", fund(1)[2])]), "not in PFFunds"),
    "no funds": (filing([]), "without funds"),
    "unknown filing type": (filing([fund(1)], kind="PF-FINAL"), "PF-FINAL"),
    "no date": (filing([fund(1)], end="30/06/2026"), "no date"),
    "N-PORT": ('<edgarSubmission xmlns="http://www.sec.gov/edgar/nport"><formData/></edgarSubmission>', "N-PORT"),
    "no XML": ("hello", "no root"),
    "HTML": ("<html><body>throttled</body></html>", "HTML"),
    "empty": ("", "empty"),
    "unknown encoding": ('<?xml version="1.0" encoding="utf-7"?>' + filing([fund(1)]), "utf-7"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_with_file_and_place(what):
    """Each hostile or damaged file raises Unreadable that names the file and says why."""
    text, words = BAD[what]
    with pytest.raises(Unreadable) as raised:
        read(text.encode())
    assert words in str(raised.value)
    assert "f.xml" in str(raised.value)


def test_a_wrong_encoding_declaration_is_refused_both_ways():
    """ISO-8859-1 bytes under UTF-8 and UTF-8 bytes under ISO-8859-1 are refused; no name is garbled."""
    body = filing([fund(1, name="Société")])
    with pytest.raises(Unreadable, match="well-formed"):
        read(b'<?xml version="1.0" encoding="UTF-8"?>' + body.encode("iso-8859-1"))
    with pytest.raises(Unreadable, match="is UTF-8"):
        read(b'<?xml version="1.0" encoding="iso-8859-1"?>' + body.encode())
    with pytest.raises(Unreadable, match="UTF-16"):
        read(body.encode("utf-16"))


class Endless(io.RawIOBase):
    """A filing whose fund name, attribute or element list never ends: `begin`, then `more` for a gigabyte."""

    def __init__(self, begin: bytes, more: bytes) -> None:
        self.begin, self.more, self.given = begin, more, 0

    def read(self, size: int = -1) -> bytes:
        block, self.begin = self.begin, b""
        block = block or self.more * (max(1, size) // len(self.more))
        self.given += len(block)
        return block if self.given < 1_000_000_000 else b""


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"<PFXMLFiling><PFFunds><PFFund><FundName>", b"x" * 1000),
        (b"<PFXMLFiling><PFFunds><PFFund a='", b"x" * 1000),
        (b"<PFXMLFiling><PFFunds><PFFund>", b"<x/>" * 250),
        (b"<PFXMLFiling><PFFunds><!--", b"x<" * 500),
        (b"<PFXMLFiling><a>", b"<x>" * 333),
    ],
)
def test_an_endless_text_is_refused_long_before_its_end(begin, more):
    """A text node, attribute, record, comment or nesting of a gigabyte is refused within the first 20 MB."""
    stream = Endless(begin, more)
    head = form_pf.begins(io.BytesIO(GOOD), "f.xml")
    with pytest.raises(Unreadable):
        list(form_pf.filings(stream, "f.xml", head=head))
    assert stream.given < 20_000_000


def test_no_file_and_no_connection_is_opened_for_an_entity(tmp_path):
    """A document that asks for a URL and for a named pipe is refused, and neither is touched."""
    import os

    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.3)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    asked = []
    threading.Thread(target=lambda: _accept(server, asked), daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
    for target in (url, pipe.as_uri()):
        doctype = f'<!DOCTYPE x SYSTEM "{target}" [<!ENTITY e SYSTEM "{target}">]>'
        with pytest.raises(Unreadable):
            read((doctype + filing([fund(1, name="&e;")])).encode())
        path = tmp_path / "x.xml"
        path.write_text(f'{doctype}<edgarSubmission xmlns="http://www.sec.gov/edgar/nport"><a>&e;</a></edgarSubmission>')
        (line,) = credit_fund.extract([Source("x.xml", str(path))])
        assert line["error_type"] == "Unreadable"
        path.write_text(
            f'<edgarSubmission xmlns="http://www.sec.gov/edgar/nport" xmlns:xi="http://www.w3.org/2001/XInclude">'
            f'<xi:include href="{target}"/></edgarSubmission>'
        )
        (line,) = credit_fund.extract([Source("x.xml", str(path))])
        assert line["error_type"] == "Unreadable"
    server.close()
    assert asked == []


def _accept(server, asked):
    try:
        asked.append(server.accept())
    except OSError:
        return


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in members.items():
            made.writestr(name, body)
    return out.getvalue()


def test_the_rest_of_the_archive_is_read_beside_bad_members():
    """A `../` name, a bomb, a nested ZIP, an N-PORT and a truncated member are errors that name them; the good ones are read."""
    held = {
        "mixed.zip": zipped(
            {
                "good.xml": GOOD,
                "../evil.xml": GOOD,
                "bomb.xml": b" " * 50_000_000,
                "inner.zip": zipped({"a.xml": GOOD}),
                "nport.xml": b'<edgarSubmission xmlns="http://www.sec.gov/edgar/nport"/>',
                "short.xml": GOOD[:-30],
                "packed.xml.gz": gzip.compress(GOOD),
                "readme.txt": b"hello",
            }
        ),
        "packed.xml.gz": gzip.compress(GOOD),
        "cut.xml.gz": gzip.compress(GOOD)[:-12],
        "cut.zip": zipped({"a.xml": GOOD})[:-30],
        "plain.xml": GOOD,
    }
    found = run(held)
    good = {key.split(":")[1].split("@")[0] for key, each in found.items() if isinstance(each, list)}
    assert good == {"mixed.zip/good.xml", "mixed.zip/packed.xml.gz", "packed.xml.gz", "plain.xml"}
    errors = {key.split(":")[1].split("@")[0]: str(each) for key, each in found.items() if not isinstance(each, list)}
    assert "leads out" in errors["mixed.zip/../evil.xml"]
    assert "bomb" in errors["mixed.zip/bomb.xml"]
    assert "ZIP within" in errors["mixed.zip/inner.zip"]
    assert "N-PORT" in errors["mixed.zip/nport.xml"]
    assert "cut off" in errors["mixed.zip/short.xml"]
    assert "cut.xml.gz" in errors["cut.xml.gz"]
    assert "cut.zip" in errors["cut.zip"]


def test_a_gzip_bomb_is_stopped_at_its_cap():
    """Text that expands a thousandfold is read no further than the cap, whatever gzip says of its size."""
    bomb = gzip.compress(GOOD[:-15] + b"<x/>" * 25_000_000)
    found = run({"bomb.xml.gz": bomb})
    assert {type(each) for each in found.values()} == {Unreadable}
    assert any("expands" in str(each) for each in found.values())


def test_a_file_that_changes_while_it_is_read_fails_for_now_and_gives_nothing():
    """An object of another ETag raises UpstreamDown, so the item is tried again; the other file is read."""
    found = run({"a.xml": GOOD, "b.xml": GOOD}, changes={"a.xml"})
    assert isinstance(found["form-pf:a.xml@0"], UpstreamDown)
    assert len(found["form-pf:b.xml@0"]) == 2


def test_nothing_of_a_bad_slice_is_given():
    """A slice whose last filing is damaged gives no observation of its good ones."""
    body = document(filing([fund(1)]), filing([fund(2, -1, 0)]))
    files = MemoryFiles({"a.xml": body})
    item = discovery._slice(next(files.list("")), "a.xml", "", 0, None)
    given = reading.read(item, Archive(files))
    with pytest.raises(Unreadable, match="negative"):
        next(given)


def test_large_texts_are_cut_into_slices_that_do_not_move():
    """A file of 40 MB has three slices, and the first two keep their bounds when it grows."""
    assert list(archive.Part("", 40_000_000).slices()) == [(0, 16_000_000), (16_000_000, 32_000_000), (32_000_000, None)]
    assert list(archive.Part("", 60_000_000).slices())[:2] == list(archive.Part("", 40_000_000).slices())[:2]


def test_feeders_and_parallel_funds_are_dropped_once():
    """A feeder of its filing's master and a parallel fund of an aggregate are not counted; the whole ones are."""
    ident = "".join(
        f"<PFSection1bItemAFundIdentInfo><FundID>805-{n:010d}</FundID><IsMasterFund>{m}</IsMasterFund>"
        f"<IsParallelFundsAggregated>{p}</IsParallelFundsAggregated></PFSection1bItemAFundIdentInfo>"
        for n, m, p in (
            (1, "true", "false"),
            (2, "false", "false"),
            (3, "false", "true"),
            (4, "false", "false"),
            (5, "false", "false"),
        )
    )
    funds = [
        fund(1, 1000, 900, "Alpha Credit Master Fund LP"),
        fund(2, 500, 500, "Alpha Credit Offshore Ltd", "<EquityValueInOtherFunds>495</EquityValueInOtherFunds>"),
        fund(3, 700, 600, "Beta Lending Fund II LP"),
        fund(4, 200, 150, "Beta Lending Fund II (Parallel) LP"),
        fund(5, 300, 250, "Gamma Income LP"),
    ]
    fetch_now = Archive(MemoryFiles({})).now()
    (one,) = read(document(filing(funds, ident=ident)))
    found = [each for each in reading.of_filing(one, "f", "f", fetch_now) if not isinstance(each, Notice)]
    assert [each.detail["counted"] for each in found] == [True, False, True, False, True]
    assert [found[1].detail["part_of"], found[3].detail["part_of"]] == ["805-0000000001", "805-0000000003"]


def test_a_member_whose_header_lies_is_an_error_beside_the_others(tmp_path):
    """A member whose local header is overwritten, and a ZIP of nothing readable, give an error line each beside the good ones."""
    body = bytearray(zipped({"a.xml": GOOD, "b.xml": GOOD}))
    body[0:4] = b"XXXX"
    held = {"lies.zip": b"PK\x03\x04" + bytes(body)[4:].replace(b"a.xml", b"z.xml", 1), "none.zip": zipped({"a.txt": b"x"})}
    lines = []
    for name, each in held.items():
        (tmp_path / name).write_bytes(each)
        lines += credit_fund.extract([Source(name, str(tmp_path / name))])
    assert [line.get("error_type") for line in lines] == ["Unreadable", None, "Unreadable"]
    assert lines[0]["member"] == "a.xml"
    assert [fund["gross_asset_value"] for fund in lines[1]["funds"]] == [1000, 2000]
