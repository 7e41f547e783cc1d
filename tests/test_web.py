"""The web client against a server that throttles, stalls, truncates, redirects and lies."""

from __future__ import annotations

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise

import pytest

from chalicelib.adapters.documents import Documents, FolderShelf
from chalicelib.adapters.web import DEFAULT_HOSTS, HttpWeb, Times
from chalicelib.deadline import Deadline
from chalicelib.errors import BadEvent, Forbidden, Missing, OutOfTime, Unreadable, UpstreamDown
from sample.loopback import (
    Asked,
    Loopback,
    Reply,
    bomb,
    cut,
    cut_gzip,
    declared_length,
    huge,
    most_in_any_second,
    over_rate,
    redirect,
    slow,
    stall,
    status,
    throttled,
)
from tests.fakes.metronome import measured

SEC = "https://www.sec.gov"
FILING = f"{SEC}/Archives/edgar/data/1326801/000119312525261740/0001193125-25-261740.txt"
SUBMISSION = "<SEC-DOCUMENT>0001193125-25-261740.txt\n" + "words " * 500 + "\n</SEC-DOCUMENT>\n"
BRISK = Times(connect_s=1, read_s=0.3, total_s=0.6, back_off_s=0.01, pause_s=0.2, tries=3)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def server():
    with Loopback({"/www.sec.gov/a.json": '{"a": 1}', FILING.removeprefix("https:/"): SUBMISSION}) as loopback:
        yield loopback


def client(server, **more):
    given = {"times": BRISK, "max_rps": 200, "routes": server.routes("www.sec.gov", "feeds.example.com"), "now": lambda: NOW}
    return HttpWeb(hosts={*DEFAULT_HOSTS, "feeds.example.com"}, **(given | more))


def failing(server, change, times=None, body='{"a": "%s"}' % ("z" * 5000), host="www.sec.gov"):
    server.add(f"/{host}/page", body)
    server.fail(change, f"/{host}/page", times)
    return f"https://{host}/page"


def test_a_document_carries_its_public_address_whatever_server_gave_it(server):
    """The document keeps the canonical address, its bytes' name and the time it was fetched."""
    document = client(server).get(f"{SEC}/a.json", shape="json")
    assert (document.url, document.body, document.fetched_at) == (f"{SEC}/a.json", b'{"a": 1}', NOW)
    assert document.sha256 == "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
    assert document.content_type == "application/json"


def test_bodies_travel_compressed(server):
    """The gzip encoding is asked for and undone."""
    assert client(server).get(FILING, shape="sgml").body == SUBMISSION.encode()
    assert server.requests[0].headers["accept-encoding"] == "gzip"


def test_connections_are_used_again(server):
    """Ten requests of one thread travel over one connection."""
    ports = set()
    server.add("/www.sec.gov/port", lambda asked: ports.add(asked.port) or b"x")
    web = client(server)
    for _ in range(10):
        web.get(f"{SEC}/port")
    assert len(ports) == 1


@pytest.mark.parametrize("agent", [None, "", "Sentinel", "Your Name your.name@example.com", "analyst at company.com"])
def test_edgar_is_not_asked_without_a_contact(agent):
    """A live request to EDGAR without company and reachable e-mail is refused before anything is sent."""
    with pytest.raises(BadEvent, match="SEC_USER_AGENT"):
        HttpWeb(user_agent=agent, resolve=lambda _host: []).get(f"{SEC}/a.json")


def test_the_contact_is_sent(server):
    """The declared User-Agent is what the server sees."""
    client(server, user_agent="Sentinel analyst@example.com").get(f"{SEC}/a.json")
    assert server.requests[0].headers["user-agent"] == "Sentinel analyst@example.com"


def starts_of(server, ask, *, max_rps, within_s=float("inf"), **more):
    """When the requests of `ask(web)` arrived; measured again where a rate was missed while the machine was 20 ms behind."""

    def measure():
        server.requests.clear()
        ask(client(server, max_rps=max_rps, **more))
        return server.starts()

    def holds(starts):
        return most_in_any_second(starts) <= max_rps and starts[-1] - starts[0] < within_s

    return measured(measure, holds, steady_s=0.02)


def test_never_more_starts_in_a_second_than_allowed_however_many_threads_ask(server):
    """40 threads at 20 a second: at the server no second sees more than 20 starts, and the rate is kept up."""
    server.latency_s = 0.2
    server.add("/www.sec.gov/busy", b"x")

    def ask(web):
        with ThreadPoolExecutor(40) as pool:
            list(pool.map(lambda _: web.get(f"{SEC}/busy"), range(70)))

    within_s = 70 / 20 / 0.8
    starts = starts_of(server, ask, max_rps=20, within_s=within_s, times=Times())
    assert len(starts) == 70
    assert most_in_any_second(starts) <= 20
    assert starts[-1] - starts[0] < within_s


def test_tries_count_as_starts(server):
    """Requests tried again pass the same gate."""
    url = failing(server, status(503))
    times = Times(back_off_s=0.001, longest_back_off_s=0.01, tries=16)

    def ask(web):
        with pytest.raises(UpstreamDown, match="503"):
            web.get(url)

    starts = starts_of(server, ask, max_rps=10, times=times)
    assert len(starts) == 16
    assert most_in_any_second(starts) <= 10


def test_a_copy_under_another_deadline_shares_the_rate(server):
    """`within` makes no second allowance."""

    def ask(web):
        for _ in range(4):
            web.get(f"{SEC}/a.json")
            web.within(Deadline.in_seconds(30)).get(f"{SEC}/a.json")

    starts = starts_of(server, ask, max_rps=5)
    assert len(starts) == 8
    assert most_in_any_second(starts) <= 5


def test_a_copy_for_other_hosts_shares_the_rate_and_nothing_else(server, tmp_path):
    """Two scrapers of one process have their own allow-list and cache, and one rate at EDGAR."""

    def ask(web):
        other = web.allowing({"www.sec.gov"}, Documents(FolderShelf(str(tmp_path)), pytest.fail))
        for _ in range(4):
            web.get(f"{SEC}/a.json")
            other.get(f"{SEC}/a.json")
        with pytest.raises(Forbidden, match="allow-list"):
            other.get("https://feeds.example.com/a")

    starts = starts_of(server, ask, max_rps=5)
    assert len(starts) == 8
    assert most_in_any_second(starts) <= 5


@pytest.mark.parametrize("code", [500, 502, 503, 504, 408])
def test_a_passing_failure_is_tried_again(server, code):
    """Two failures, then the document."""
    assert client(server).get(failing(server, status(code), times=2)).body.startswith(b'{"a"')
    assert len(server.requests) == 3


def test_tries_are_counted(server):
    """A server that stays down is `UpstreamDown`, after as many tries as allowed."""
    with pytest.raises(UpstreamDown, match="answered 503"):
        client(server).get(failing(server, status(503)))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "change", [cut(20), cut_gzip(), declared_length(9000), declared_length(30), stall(5), slow(5)], ids=lambda _: ""
)
def test_a_body_that_is_not_whole_is_no_document_and_is_not_kept(server, tmp_path, change):
    """Cut, stalled or mis-declared bodies are `UpstreamDown`, and the cache stays empty."""
    cache = Documents(FolderShelf(str(tmp_path)), warn=pytest.fail)
    url = failing(server, change)
    with pytest.raises(UpstreamDown):
        client(server, cache=cache).get(url)
    assert cache.versions(url) == []


def test_json_cut_without_a_trace_is_noticed(server, tmp_path):
    """A short Content-Length that matches what was sent is caught by the JSON's missing end."""
    body = Reply(b'{"a": "zzzz', headers={"Content-Encoding": "identity"})
    with pytest.raises(UpstreamDown, match="before its JSON did"):
        client(server).get(failing(server, lambda _asked, reply: reply, body=body), shape="json")


def test_a_submission_without_its_end_is_given_but_not_kept(server, tmp_path):
    """Its reader must park it with evidence; a later run must get the chance of a whole one."""
    server.add(FILING.removeprefix("https:/"), SUBMISSION[:1000])
    cache = Documents(FolderShelf(str(tmp_path)), warn=pytest.fail)
    assert len(client(server, cache=cache).get(FILING, shape="sgml").body) == 1000
    assert cache.find(FILING) is None


@pytest.mark.parametrize("after", ["1", "date"])
def test_retry_after_is_honoured(server, after):
    """Seconds or a date: the next try comes no earlier."""
    text = after if after == "1" else format_datetime(datetime.fromtimestamp(time.time() + 2, UTC), usegmt=True)
    client(server).get(failing(server, status(503, retry_after=text), times=1))
    first, second = server.starts()
    assert second - first >= 0.9


def test_an_endless_retry_after_is_not_waited_for(server):
    """A wait beyond reason is reported with its length instead."""
    with pytest.raises(UpstreamDown) as caught:
        client(server).get(failing(server, status(503, retry_after="86400")))
    assert caught.value.retry_after_s >= 86400


def test_a_throttle_page_stops_all_threads_and_one_tries_first(server):
    """After 403-HTML nobody asks during the pause; then one request goes alone, and all resume."""
    server.latency_s = 0.3
    server.add("/www.sec.gov/busy", b"x")
    web = client(server, max_rps=100, times=Times(pause_s=1.0, tries=4))
    web.get(f"{SEC}/busy")
    server.fail(throttled(), "/www.sec.gov/busy", times=8)
    with ThreadPoolExecutor(8) as pool:
        bodies = [document.body for document in pool.map(lambda _: web.get(f"{SEC}/busy"), range(24))]
    assert bodies == [b"x"] * 24
    starts = server.starts()[1:]
    quiet, at = max((after - before, index) for index, (before, after) in enumerate(pairwise(starts)))
    assert 0.9 <= quiet < 2.0, "the throttled requests of one moment are one throttle, not a pause doubled by each"
    assert at < 9
    assert starts[at + 2] - starts[at + 1] >= 0.05


def test_throttling_is_told_and_the_pause_is_in_the_error(server):
    """When pauses do not help, the caller learns how long to stay away."""
    told = []
    with pytest.raises(UpstreamDown, match="throttled") as caught:
        client(server, warn=told.append).get(failing(server, throttled()))
    assert caught.value.retry_after_s > 0
    assert len(told) == 3


def test_a_pause_longer_than_the_deadline_is_not_begun(server):
    """`UpstreamDown` with the pause's length at once, not `OutOfTime` later."""
    web = client(server, times=Times(pause_s=60), deadline=Deadline.in_seconds(5))
    began = time.monotonic()
    with pytest.raises(UpstreamDown) as caught:
        web.get(failing(server, throttled()))
    assert caught.value.retry_after_s > 50
    assert time.monotonic() - began < 4
    with pytest.raises(UpstreamDown):
        web.get(f"{SEC}/a.json")
    assert len(server.requests) == 1


def test_429_is_throttling_anywhere(server):
    """429 with Retry-After pauses, then the document comes."""
    url = failing(server, status(429, retry_after="1"), times=1, host="feeds.example.com")
    client(server).get(url)
    first, second = server.starts()
    assert second - first >= 0.9


@pytest.mark.parametrize("shape", ["json", "index", "sgml"])
def test_a_page_where_data_was_due_is_throttling_not_data(server, shape):
    """200 with HTML is tried again, and is never returned."""
    url = failing(server, status(200, b"<html><body>Maintenance</body></html>", kind="text/html"), times=1)
    assert client(server).get(url, shape=shape).body.startswith(b'{"a"')
    with pytest.raises(UpstreamDown, match="HTML page"):
        client(server).get(failing(server, status(200, b"<!DOCTYPE html><html>")), shape=shape)


def test_the_throttle_page_is_known_even_where_html_was_due(server):
    """Its words give it away although the status is 200 and HTML was asked for."""
    url = failing(server, throttled(200), times=1, body="<html>the filing</html>")
    assert client(server).get(url, shape="html").body == b"<html>the filing</html>"
    assert len(server.requests) == 2


def test_a_feed_that_is_a_page_is_unreadable_with_its_words(server):
    """Elsewhere than at EDGAR a page in a feed's place is a changed source."""
    url = failing(server, status(200, b"<html><title>Moved</title>"), host="feeds.example.com")
    with pytest.raises(Unreadable) as caught:
        client(server).get(url, shape="feed")
    assert "Moved" in caught.value.evidence
    assert len(server.requests) == 1


def test_inline_xbrl_is_xml(server):
    """An XHTML page that declares inline XBRL is the document asked for."""
    page = (
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"></html>'
    )
    server.add("/www.sec.gov/ix.htm", page)
    assert client(server).get(f"{SEC}/ix.htm", shape="xml").body == page


@pytest.mark.parametrize(
    ("code", "error"), [(404, Missing), (410, Missing), (400, Forbidden), (401, Forbidden), (451, Forbidden)]
)
def test_final_answers_are_not_asked_for_again(server, code, error):
    """404 is `Missing`, other 4xx `Forbidden`; one request each."""
    with pytest.raises(error):
        client(server).get(failing(server, status(code)))
    assert len(server.requests) == 1


def test_edgars_store_says_403_for_what_is_not_there(server):
    """AccessDenied in XML, EDGAR's answer for a holiday's index, is `Missing`."""
    xml = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
    with pytest.raises(Missing):
        client(server).get(failing(server, status(403, xml, kind="application/xml")), shape="index")


@pytest.mark.parametrize("change", [huge(3_000_000), bomb(100_000_000)], ids=["huge", "bomb"])
def test_size_is_capped_on_the_wire_and_unpacked(server, change):
    """Two million bytes are allowed; more are not read to their end."""
    with pytest.raises(Unreadable, match="2,000,000"):
        client(server).get(failing(server, change), max_bytes=2_000_000)


def test_an_unknown_content_encoding_is_unreadable(server):
    """What we did not ask for is not guessed at."""
    body = Reply(b"\x0b\x02\x80", headers={"Content-Encoding": "br"})
    with pytest.raises(Unreadable, match="content encoding"):
        client(server).get(failing(server, lambda _asked, reply: reply, body=body))


def test_a_trickle_is_cut_off(server):
    """A body that arrives byte by byte, each in time, still ends at the cap for one request."""

    def drip(asked: Asked) -> Reply:
        return Reply(gzip.compress(b"slow" * 1000), headers={"Content-Encoding": "gzip"}, drip_s=0.02)

    server.add("/www.sec.gov/drip", drip)
    with pytest.raises(UpstreamDown, match="longer than one request may"):
        client(server, times=Times(read_s=5, total_s=0.2, tries=1)).get(f"{SEC}/drip")


@pytest.mark.parametrize(
    "url",
    [
        "http://www.sec.gov/a",
        "ftp://www.sec.gov/a",
        "file:///etc/passwd",
        "https://www.sec.gov.evil.example/a",
        "https://user:word@www.sec.gov/a",
        "https://www.sec.gov:8443/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest/meta-data",
        "https://www.sec.gov\\@evil.example/",
        "https://www.sec.gov/a b",
        "https://www.sec.gov/a\r\nX: y",
        "https://www.sec.gov:port/",
        "",
    ],
)
def test_only_https_on_the_allow_list_is_asked(server, url):
    """Everything else is `Forbidden` and nothing is sent."""
    with pytest.raises(Forbidden):
        client(server).get(url)
    assert server.requests == []


def test_names_that_lead_inside_are_refused():
    """An allowed name that resolves to a private address is not asked."""
    web = HttpWeb(hosts={".example.com"}, resolve=lambda host: {"feeds.example.com": ["93.184.216.34", "10.0.0.7"]}[host])
    with pytest.raises(Forbidden, match=r"10\.0\.0\.7"):
        web.get("https://feeds.example.com/a")


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "http://www.sec.gov/a.json",
        "http://127.0.0.1:1/a",
        "https://10.0.0.1/",
        "//evil.example/a",
        "file:///etc/passwd",
    ],
)
def test_redirects_lead_nowhere_that_could_not_be_asked(server, to):
    """Each hop is checked as if it were asked for."""
    with pytest.raises(Forbidden):
        client(server).get(failing(server, redirect(to)))
    assert len(server.requests) == 1


@pytest.mark.parametrize("to", ["/a.json", f"{SEC}/a.json", "a.json"])
def test_redirects_within_allowed_hosts_are_followed(server, to):
    """The document's address is the one it came from."""
    assert client(server).get(failing(server, redirect(to, 301))).url == f"{SEC}/a.json"


def test_a_redirect_to_the_server_itself_becomes_canonical(server):
    """A server behind a route that names itself is understood."""
    to = f"{server.url}/www.sec.gov/a.json"
    assert client(server).get(failing(server, redirect(to))).url == f"{SEC}/a.json"


def test_redirects_end(server):
    """A loop is `Unreadable` after five hops."""
    with pytest.raises(Unreadable, match="5 redirects"):
        client(server).get(failing(server, redirect("/page")))
    assert len(server.requests) == 6


@pytest.mark.parametrize("base", ["http://mirror.example.com", "http://10.0.0.1", "ftp://127.0.0.1"])
def test_a_base_that_is_not_https_is_refused_unless_loopback(base):
    """A route to plain http elsewhere is a bad setting."""
    with pytest.raises(BadEvent, match="https base"):
        HttpWeb(routes={f"{SEC}/": base})


def test_a_filing_is_asked_for_once(server, tmp_path):
    """Also by the next process; `fresh` asks again."""
    for _ in range(2):
        web = client(server, cache=Documents(FolderShelf(str(tmp_path)), warn=pytest.fail))
        assert web.get(FILING, shape="sgml").body == SUBMISSION.encode()
    assert len(server.requests) == 1
    web.get(FILING, shape="sgml", fresh=True)
    assert len(server.requests) == 2


def test_what_may_change_is_asked_for_again_but_travels_once(server, tmp_path):
    """The kept copy's ETag is sent; 304 gives the copy, a change gives the new document."""
    web = client(server, cache=Documents(FolderShelf(str(tmp_path)), warn=pytest.fail))
    first, second = web.get(f"{SEC}/a.json"), web.get(f"{SEC}/a.json")
    assert first == second
    assert "if-none-match" in server.requests[1].headers
    server.add("/www.sec.gov/a.json", '{"a": 2}')
    assert web.get(f"{SEC}/a.json").body == b'{"a": 2}'


def test_a_cache_that_cannot_be_written_costs_nothing_but_a_word(server, tmp_path):
    """The document is returned, the failure told once."""
    (tmp_path / "file").write_text("in the way")
    told = []
    web = client(server, cache=Documents(FolderShelf(str(tmp_path / "file")), told.append))
    assert [web.get(FILING).body for _ in range(3)] == [SUBMISSION.encode()] * 3
    assert len(told) == 1


def test_a_deadline_that_has_passed_sends_nothing(server):
    """`OutOfTime` before the request."""
    with pytest.raises(OutOfTime):
        client(server, deadline=Deadline.in_seconds(0)).get(f"{SEC}/a.json")
    assert server.requests == []


def test_a_next_try_that_would_not_fit_is_out_of_time(server):
    """Retry-After beyond the deadline is not slept through."""
    began = time.monotonic()
    with pytest.raises(OutOfTime):
        client(server, deadline=Deadline.in_seconds(5)).get(failing(server, status(503, retry_after="30")))
    assert time.monotonic() - began < 4


def test_a_server_that_never_answers_is_left_at_the_deadline(server):
    """The read's own time-out is cut to what is left."""
    web = client(server, times=Times(), deadline=Deadline.in_seconds(0.3))
    with pytest.raises(OutOfTime):
        web.get(failing(server, slow(3)))


def test_a_turn_after_the_deadline_is_out_of_time(server):
    """Waiting for the gate does not outlive the deadline."""
    web = client(server, max_rps=1, deadline=Deadline.in_seconds(0.5))
    web.get(f"{SEC}/a.json")
    with pytest.raises(OutOfTime):
        web.get(f"{SEC}/a.json")
    assert len(server.requests) == 1


def test_over_the_servers_rate_the_client_slows_down_and_finishes(server):
    """A server that allows less than we do gets its pauses, and every document arrives."""
    server.add("/www.sec.gov/busy", b"x")
    server.fail(over_rate(8, penalty_s=0.3))
    web = client(server, max_rps=16, times=Times(pause_s=0.5, tries=12))
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(lambda _: web.get(f"{SEC}/busy"), range(30)))) == 30


def test_a_private_get_shows_its_credential_and_keeps_nothing(server, tmp_path):
    """The header arrives; cache, errors and redirects to others never see it."""
    server.add("/feeds.example.com/call", '{"text": "hello"}')
    cache = Documents(FolderShelf(str(tmp_path / "kept")), warn=pytest.fail)
    web = client(server, cache=cache)
    url = "https://feeds.example.com/call?ticker=WFC"
    assert web.get_private(url, {"X-Api-Key": "canary-7"}, shape="json").body == b'{"text": "hello"}'
    assert server.requests[0].headers["x-api-key"] == "canary-7"
    assert not (tmp_path / "kept").exists()
    for change in (status(401), status(503), cut(3), status(200, b"no json canary-7")):
        server.faults.clear()
        server.fail(change)
        with pytest.raises((Forbidden, UpstreamDown, Unreadable)) as caught:
            web.get_private(url, {"X-Api-Key": "canary-7"}, shape="json")
        assert "canary" not in f"{caught.value!r}{caught.value.__context__!r}{getattr(caught.value, 'evidence', '')}"


def test_a_credential_does_not_travel_to_another_host(server):
    """A redirect elsewhere is refused although the host is allowed, and nothing is sent there."""
    url = failing(server, redirect(f"{SEC}/a.json"), host="feeds.example.com")
    with pytest.raises(Forbidden, match="credential"):
        client(server).get_private(url, {"X-Api-Key": "canary-7"})
    assert len(server.requests) == 1


def test_no_cookies_are_kept(server):
    """What one answer sets is not sent with the next request."""
    server.add("/www.sec.gov/c", b"x", headers={"Set-Cookie": "id=1; Path=/"})
    web = client(server)
    web.get(f"{SEC}/c")
    web.get(f"{SEC}/c")
    assert "cookie" not in server.requests[1].headers


def test_many_threads_get_what_they_asked_for(server):
    """Answers are not mixed up."""
    server.add("/www.sec.gov/n", lambda asked: asked.query.encode())
    web = client(server, max_rps=1000)
    with ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda n: web.get(f"{SEC}/n?{n}").body, range(200)))
    assert bodies == [str(n).encode() for n in range(200)]
