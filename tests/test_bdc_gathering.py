"""A fund's price, feeds and releases over real HTTP on loopback: what is kept, what is named, what never stops the rest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.errors import UpstreamDown
from chalicelib.model import Item, Notice
from chalicelib.scrapers import bdc_discount
from chalicelib.scrapers.bdc_discount import witness
from chalicelib.scrapers.bdc_discount.feeds import exhibit_of
from chalicelib.scrapers.bdc_discount.watchlist import bdcs
from sample.loopback import Loopback, Reply, huge, status
from tests.fakes.bdc_world import DAY, JUNE, NOW, SEPTEMBER, BdcWorld
from tests.fakes.yahoo import DELISTED

RELEASED = datetime(2026, 11, 4, 21, 5, tzinfo=UTC)
RESULTS = "Ares Capital Corporation Announces September 30, 2026 Financial Results"


@pytest.fixture
def world(tmp_path):
    with Loopback() as server:
        yield BdcWorld(server, tmp_path)


def told(notices, kind):
    return [each.words for each in notices if each.kind == kind]


def navs(found):
    return {(each.as_of, each.value, each.detail["origin"]) for each in found if each.kind == "nav"}


def test_a_run_has_an_item_for_each_fund_that_trades_and_one_for_edgar(world) -> None:
    """A merged fund is not due after its last day; EDGAR's values are one item."""
    keys = [each.key for each in bdc_discount.discover(world.window, world) if isinstance(each, Item)]
    assert f"ARCC/{DAY}" in keys
    assert keys[0] == f"edgar/{DAY}"
    assert not [key for key in keys if key.startswith(("OBDE", "MRCC"))]
    assert len(bdcs()) >= 30


def test_a_wrong_cik_is_told(world) -> None:
    """The watch list's ids are checked against EDGAR's company file on each run."""
    world.companies({each.cik: (each.name if each.ticker != "ARCC" else "Arcadia Mining Inc", each.ticker) for each in bdcs()})
    found = [each for each in bdc_discount.discover(world.window, world) if isinstance(each, Notice)]
    assert [(each.kind, each.subject) for each in found] == [("wrong-id", "ARCC")]


def test_the_value_in_an_entry_is_kept_with_its_instant(world) -> None:
    """A NAV in a feed's entry is known from the moment it was published, and its words are kept."""
    world.feed(
        "ARCC", (RESULTS, "Net assets per share of $20.01 as of September 30, 2026", "https://ir.arescapitalcorp.com/1", RELEASED)
    )
    found, _ = world.read("ARCC")
    (nav,) = [each for each in found if each.kind == "nav"]
    assert (nav.value, nav.as_of, nav.known_at, nav.unit) == (Decimal("20.01"), SEPTEMBER, RELEASED, "USD/share")
    assert "20.01" in nav.words


def test_the_release_behind_an_entry_is_followed(world) -> None:
    """An earnings release without the value in its summary is read at its link."""
    world.feed("ARCC", (RESULTS, "Read more", "https://ir.arescapitalcorp.com/q3", RELEASED))
    heads = "<tr><td></td><td>September 30, 2026</td><td>December 31, 2025</td></tr>"
    table = f"{heads}<tr><td>Net assets per share</td><td>$20.01</td><td>$19.89</td></tr>"
    world.server.add("/ir.arescapitalcorp.com/q3", f"<html><body><p>x</p><table>{table}</table></body></html>")
    found, _ = world.read("ARCC")
    assert navs(found) == {(SEPTEMBER, Decimal("20.01"), "issuer")}


def test_a_withdrawal_is_kept_beside_the_value_it_unsays(world) -> None:
    """An entry that says a value should no longer be relied upon gives no value, and keeps the day it unsays."""
    later = RELEASED + timedelta(days=9)
    words = "The net assets per share of $20.01 as of September 30, 2026 should no longer be relied upon."
    world.feed(
        "ARCC",
        (
            "Ares Capital Corporation: non-reliance on September 30, 2026 results",
            words,
            "https://ir.arescapitalcorp.com/2",
            later,
        ),
        (RESULTS, "Net assets per share of $20.01 as of September 30, 2026", "https://ir.arescapitalcorp.com/1", RELEASED),
    )
    found, _ = world.read("ARCC")
    told = {(each.kind, each.as_of, each.value, each.known_at) for each in found if each.kind.startswith("nav")}
    assert told == {
        ("nav", SEPTEMBER, Decimal("20.01"), RELEASED),
        ("nav-withdrawn", SEPTEMBER, None, later),
    }


def test_an_announcement_of_a_date_is_not_followed(world) -> None:
    """`to report results on` is no earnings release."""
    world.feed(
        "ARCC", ("Ares Capital Corporation to Report Third Quarter Results", "x", "https://ir.arescapitalcorp.com/q3", RELEASED)
    )
    world.read("ARCC")
    assert world.server.starts("/ir.arescapitalcorp.com/q3") == []


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "http://ir.arescapitalcorp.com/q3", "https://10.0.0.1/q3", "https://evil.example/q3"]
)
def test_a_link_off_the_allowed_hosts_is_named_and_never_asked(world, link) -> None:
    """A feed cannot lead the reader to a file, to http, to a private address or to a host that is not on the list."""
    world.feed("ARCC", (RESULTS, "Read more", link, RELEASED))
    before = len(world.server.requests)
    found, notices = world.read("ARCC")
    assert "not read" in told(notices, "release-unread")[0]
    assert not [each for each in found if each.kind == "nav"]
    assert not [each for each in world.server.requests[before:] if each.path.endswith(("passwd", "q3"))]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"<!DOCTYPE html><html><body>denied</body></html>", "HTML page"),
        (b"", "empty"),
        (b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>', "entities"),
        ('<!ENTITY a "b"><rss version="2.0"/>'.encode("utf-16"), "entities"),
        (b'<?xml version="1.0" encoding="\xe4\xf6"?><rss version="2.0"><channel/></rss>', "damaged"),
        (Reply(b"gone", 410), "no answer"),
    ],
    ids=["html", "empty", "entities", "entities-in-utf-16", "no-such-encoding", "gone"],
)
def test_a_bad_feed_is_named_and_the_price_is_still_read(world, page, words) -> None:
    """What is wrong with a feed stands in its health; the fund's other sources are read."""
    world.server.add(world.feed_path("ARCC"), page)
    found, notices = world.read("ARCC")
    assert words in told(notices, "feed-health")[0]
    assert [each.value for each in found if each.kind == "price"] == [Decimal(9)]


def test_a_feed_of_fifty_megabytes_is_cut_off(world) -> None:
    """A feed larger than any real one is refused by its size."""
    world.server.add(world.feed_path("ARCC"), b"x")
    world.server.fail(huge(50_000_000), path=world.feed_path("ARCC"))
    _, notices = world.read("ARCC")
    assert "Unreadable" in told(notices, "feed-health")[0]


def test_a_feed_that_stopped_is_told(world) -> None:
    """A feed that answers but whose newest entry is of 2023 is called stopped, with the age of that entry."""
    world.feed(
        "ARCC", (RESULTS, "NAV per share of $19.00", "https://ir.arescapitalcorp.com/1", datetime(2023, 10, 24, tzinfo=UTC))
    )
    found, notices = world.read("ARCC")
    assert "stopped; newest entry 1124 days old" in told(notices, "feed-health")[0]
    assert navs(found) == set()


def test_all_sources_down_leaves_the_item_to_be_tried_again(world) -> None:
    """A fund of which nothing answers for a passing reason is not done."""
    world.server.fail(status(503), path="/")
    item = Item(f"ARCC/{DAY}", "ARCC", detail={"ticker": "ARCC", "day": DAY.isoformat()})
    with pytest.raises(UpstreamDown):
        list(bdc_discount.read(item, world))


def test_a_delisted_share_is_named(world) -> None:
    """A symbol Yahoo does not know leaves the fund without a price, and says why."""
    world.server.add("/yahoo/v8/finance/chart/ARCC", Reply(DELISTED.encode(), 404, {"Content-Type": "application/json"}))
    found, notices = world.read("ARCC")
    assert "YFPricesMissingError" in told(notices, "no-price")[0]
    assert not [each for each in found if each.kind == "price"]


def test_a_price_in_pence_is_never_a_price_in_dollars(world) -> None:
    """A close in another currency is named, not compared."""
    world.price("ARCC", 1259.5, currency="GBp")
    found, notices = world.read("ARCC")
    assert "GBp" in told(notices, "currency")[0]
    assert not [each for each in found if each.kind == "price"]


def test_two_share_classes_give_no_value_for_the_listed_share(world) -> None:
    """A release with a value for each class does not say which is the listed share's."""
    text = "As of September 30, 2026, net asset value per share was $20.01 for Class A shares and $19.80 for Class B shares."
    world.feed("ARCC", (RESULTS, text, "https://ir.arescapitalcorp.com/1", RELEASED))
    found, notices = world.read("ARCC")
    assert "Class" not in str(navs(found))
    assert navs(found) == set()
    assert "A 20.01, B 19.80" in told(notices, "share-classes")[0]


def test_an_8k_leads_to_its_exhibit(world) -> None:
    """EDGAR's own list of filings is a feed: item 2.02 leads through the index to exhibit 99.1."""
    index = "https://www.sec.gov/Archives/edgar/data/1287750/000128775026000040/0001287750-26-000040-index.htm"
    summary = "&lt;b&gt;Filed:&lt;/b&gt; 2026-11-04 Item 2.02: Results of Operations and Financial Condition"
    world.server.add(
        world.feed_path("ARCC", "filings"),
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>ARES CAPITAL CORP</title>'
        "<entry><title>8-K - Current report</title>"
        f'<link href="{index}"/><summary type="html">{summary}</summary>'
        "<updated>2026-11-04T07:00:00-05:00</updated><id>urn:x</id></entry></feed>",
    )
    link = '<a href="/Archives/edgar/data/1287750/000128775026000040/ex991.htm">ex991.htm</a>'
    row = f"<table><tr><td>2</td><td>EX-99.1</td><td>{link}</td><td>EX-99.1</td></tr></table>"
    world.server.add(index.removeprefix("https:/"), f"<html><body>{row}</body></html>")
    text = "<html><body><p>Net assets per share were $20.01 as of September 30, 2026</p></body></html>"
    world.server.add("/www.sec.gov/Archives/edgar/data/1287750/000128775026000040/ex991.htm", text)
    found, _ = world.read("ARCC")
    assert navs(found) == {(SEPTEMBER, Decimal("20.01"), "filings")}
    assert exhibit_of(row.encode(), index).endswith("/000128775026000040/ex991.htm")


def test_one_frame_serves_every_fund(world) -> None:
    """Two requests give two quarters of all funds; only a fund the frames lack is asked for by itself."""
    world.tags(SEPTEMBER, {each.cik: "9.90" for each in bdcs() if each.ticker != "ARCC"})
    world.concept(1287750, {JUNE: ("19.90", date(2026, 7, 29)), SEPTEMBER: ("20.01", date(2026, 10, 28))})
    found, _ = world.read_edgar()
    assert len(world.server.starts("/data.sec.gov/api/xbrl/frames")) == 2
    assert len(world.server.starts("/data.sec.gov/api/xbrl/companyconcept")) == 1
    assert {each.value for each in found if each.subject == "ARCC" and each.as_of == SEPTEMBER} == {Decimal("20.01")}


def test_an_implausible_tag_is_named(world) -> None:
    """A fund tagged as 0.03 per share has no witness from it."""
    world.tags(SEPTEMBER, {each.cik: "0.03" if each.ticker == "MAIN" else "9.9" for each in bdcs()})
    found, notices = world.read_edgar()
    assert [each.subject for each in notices if each.kind == "implausible"] == ["MAIN"]
    assert not [each for each in found if each.subject == "MAIN" and each.as_of == SEPTEMBER]


def test_a_past_day_is_read_from_lists_that_say_when_each_value_was_filed(world) -> None:
    """In a backfill frames are not used, and nothing filed after the instant being played is seen."""
    world.concept(1287750, {JUNE: ("19.90", date(2026, 7, 29)), SEPTEMBER: ("20.01", date(2026, 10, 28))})
    past = replace(world, at=datetime(2026, 10, 2, 6, tzinfo=UTC))
    past.web._now = lambda: NOW
    item = Item("edgar/2026-10-01", "x", detail={"day": "2026-10-01"})
    found = [each for each in bdc_discount.read(item, past) if hasattr(each, "key") and each.subject == "ARCC"]
    assert [(each.as_of, each.value) for each in found] == [(JUNE, Decimal("19.9"))]


def test_the_last_filed_of_a_day_counts() -> None:
    """Companyconcept repeats a quarter in later reports; the value filed last is taken."""
    rows = ",".join(
        f'{{"end":"2026-06-30","val":{value},"accn":"a","filed":"{day}"}}'
        for value, day in ((19.9, "2026-07-29"), (19.91, "2026-10-28"))
    )
    body = f'{{"cik":1287750,"tag":"{witness.TAG}","units":{{"USD/shares":[{rows}]}}}}'.encode()
    assert [each.value for each in witness.read_concept(body, 1287750)] == [Decimal("19.91")]


WIRE = "https://www.globenewswire.com/news-release/arcc-q3"


def test_every_fund_has_a_newswire_feed() -> None:
    """The newswires' address is given once and asked for each ticker."""
    asked = {next(feed.url for feed in each.feeds if feed.kind == "newswire") for each in bdcs()}
    assert len(asked) == len(bdcs())
    assert any("s=ARCC&" in url for url in asked)


@pytest.mark.parametrize(
    "title",
    [
        "Ares Capital: Net Asset Value Per Share Of $18.00 Is Next",
        "Main Street and Ares Capital Report Results",
        "Why Ares Capital Corporation Announces Dividends",
        "Golub Capital BDC, Inc. Announces Financial Results",
    ],
)
def test_a_newswires_entry_counts_only_when_it_is_the_funds_own_announcement(world, title) -> None:
    """Articles about a fund, and other issuers' releases, give it no value however they are worded."""
    world.feed(
        "ARCC", (title, "(NASDAQ: ARCC) net assets per share of $18.00 as of September 30, 2026", WIRE, RELEASED), kind="newswire"
    )
    found, _ = world.read("ARCC")
    assert navs(found) == set()
    assert world.server.starts("/www.globenewswire.com") == []


def test_a_newswires_release_is_followed_when_the_funds_own_feeds_give_no_value(world) -> None:
    """Its link leads to a newswire's own pages, which are on the allow-list; what is read there is labelled as a newswire's."""
    world.feed("ARCC", (RESULTS, "Read more", WIRE, RELEASED), kind="newswire")
    page = f"<html><h1>{RESULTS}</h1><p>Net assets per share of $20.01 as of September 30, 2026</p></html>"
    world.server.add(WIRE.removeprefix("https:/"), page)
    found, _ = world.read("ARCC")
    assert navs(found) == {(SEPTEMBER, Decimal("20.01"), "newswire")}


def test_a_newswires_release_is_not_asked_for_again_when_the_fund_gave_the_value(world) -> None:
    """A value from the fund's own feed saves the newswire's page; the newswire's health is recorded all the same."""
    words = "Net assets per share of $20.01 as of September 30, 2026"
    world.feed("ARCC", (RESULTS, words, "https://ir.arescapitalcorp.com/1", RELEASED))
    world.feed("ARCC", (RESULTS, "Read more", WIRE, RELEASED), kind="newswire")
    found, _ = world.read("ARCC")
    assert navs(found) == {(SEPTEMBER, Decimal("20.01"), "issuer")}
    assert world.server.starts("/www.globenewswire.com") == []
    (health,) = [each for each in found if each.kind == "feeds"]
    assert {state["kind"]: state["error"] for state in health.detail.values()}["newswire"] == ""


def test_a_feed_that_moved_to_another_host_is_named_with_its_new_address(world) -> None:
    """A 301 to a host off the list is not followed: the feed's health says where it moved, and the fund is read without it."""
    world.server.add(world.feed_path("ARCC"), Reply(b"", 301, {"Location": "https://news.example.com/arcc.xml"}))
    found, notices = world.read("ARCC")
    assert "news.example.com" in told(notices, "feed-health")[0]
    assert [each.value for each in found if each.kind == "price"] == [Decimal(9)]


def test_a_feed_that_moved_within_the_allowed_hosts_is_read_there(world) -> None:
    """A 301 to an allowed host is followed, and its entries count."""
    moved = "https://www.globenewswire.com/arcc.xml"
    world.feed("ARCC", (RESULTS, "Net assets per share of $20.01 as of September 30, 2026", WIRE, RELEASED))
    world.server.pages[moved.removeprefix("https:/")] = world.server.pages[world.feed_path("ARCC")]
    world.server.add(world.feed_path("ARCC"), Reply(b"", 301, {"Location": moved}))
    found, _ = world.read("ARCC")
    assert navs(found) == {(SEPTEMBER, Decimal("20.01"), "issuer")}


def test_a_value_in_another_currency_is_named_and_not_kept(world) -> None:
    """A release in Canadian dollars gives the fund no value and says so."""
    link = "https://ir.arescapitalcorp.com/q3"
    world.feed("ARCC", (RESULTS, "Read more", link, RELEASED))
    page = f"<html><h1>{RESULTS}</h1><p>Net assets per share of C$20.01 as of September 30, 2026</p></html>"
    world.server.add(link.removeprefix("https:/"), page)
    found, notices = world.read("ARCC")
    assert navs(found) == set()
    assert "in CAD, not in dollars" in told(notices, "no-nav")[0]
