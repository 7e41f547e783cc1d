"""Earnings calls come from a provider over real HTTP on loopback, or from files, and no key ever shows."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalicelib.adapters.files import SourceFiles
from chalicelib.adapters.transcripts import BASE, FileTranscripts, FirstOf, ProviderTranscripts
from chalicelib.adapters.web import HttpWeb
from chalicelib.adapters.web.wire import Times
from chalicelib.errors import Forbidden, Unreadable, UpstreamDown
from chalicelib.model import Window

Q3 = Window.parse("2025Q3")
CALL = {"date": "2025-10-16", "transcript": "Operator: Good morning.\nWe built $20 million of reserves for NDFI."}


class Provider(BaseHTTPRequestHandler):
    """Answers as the server's `plan` says, and keeps what it was asked."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("X-Api-Key")))
        status, body = self.server.plan(self.headers.get("X-Api-Key"))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.asked, server.plan = [], lambda _key: (200, json.dumps(CALL).encode())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def web(server):
    base = f"http://127.0.0.1:{server.server_port}/v1"
    return HttpWeb(hosts={"api.api-ninjas.com"}, routes={BASE: base}, times=Times(tries=1, back_off_s=0.01))


def test_the_provider_gives_the_call_and_sees_the_key_in_a_header_only(provider):
    """The request names ticker, year and quarter; the key stands in X-Api-Key and nowhere else."""
    document = ProviderTranscripts(web(provider), lambda: "s3cret").find("BK", Q3)
    assert json.loads(document.body) == CALL
    assert provider.asked == [("/v1/earningstranscript?ticker=BK&year=2025&quarter=3", "s3cret")]
    assert "s3cret" not in document.url


def test_without_a_key_nothing_is_asked(provider):
    """No key configured: no call, no request."""
    assert ProviderTranscripts(web(provider), lambda: None).find("BK", Q3) is None
    assert provider.asked == []


def test_a_rotated_key_is_taken_without_a_deploy(provider):
    """A key that is turned down is read again once, and the new one is used."""
    provider.plan = lambda key: (200, json.dumps(CALL).encode()) if key == "new" else (401, b"{}")
    keys = iter(["old", "new"])
    assert ProviderTranscripts(web(provider), lambda: next(keys), lambda: True).find("BK", Q3) is not None
    assert [key for _, key in provider.asked] == ["old", "new"]


def test_a_refusal_does_not_show_the_key(provider):
    """Forbidden says whose key it was and never what it is."""
    provider.plan = lambda _key: (403, b'{"message": "s3cret is not valid"}')
    with pytest.raises(Forbidden) as error:
        ProviderTranscripts(web(provider), lambda: "s3cret").find("BK", Q3)
    assert "s3cret" not in str(error.value)
    assert error.value.__cause__ is None


@pytest.mark.parametrize(("status", "body"), [(404, b"{}"), (200, b"{}"), (200, b"[]"), (200, b'{"transcript": ""}')])
def test_no_call_is_none(provider, status, body):
    """A 404 and the provider's empty answers mean that there is no call."""
    provider.plan = lambda _key: (status, body)
    assert ProviderTranscripts(web(provider), lambda: "k").find("BK", Q3) is None


def test_an_outage_is_passing_and_a_page_is_no_call(provider):
    """5xx and a page of HTML are never an empty call."""
    provider.plan = lambda _key: (503, b"")
    with pytest.raises(UpstreamDown):
        ProviderTranscripts(web(provider), lambda: "k").find("BK", Q3)
    provider.plan = lambda _key: (200, b"<html>sign in</html>")
    with pytest.raises((Unreadable, UpstreamDown)):
        ProviderTranscripts(web(provider), lambda: "k").find("BK", Q3)


@pytest.mark.parametrize("name", ["BK-2025Q3.txt", "2025Q3/BK.txt", "BK/2025Q3.json", "2025Q3_BK.txt"])
def test_files_are_found_by_ticker_and_quarter(tmp_path, name):
    """Any of the usual ways of naming a file works; other tickers and quarters are not it."""
    for other in ("BKU-2025Q3.txt", "BK-2025Q2.txt", name):
        (tmp_path / other).parent.mkdir(exist_ok=True)
        (tmp_path / other).write_text(other)
    found = FileTranscripts(SourceFiles([str(tmp_path)], lambda: None), str(tmp_path)).find("BK", Q3)
    assert found.body.decode() == name


def test_two_files_of_one_call_are_said(tmp_path):
    """Two files for one call are no choice to make silently."""
    for name in ("BK-2025Q3.txt", "BK_2025Q3.json"):
        (tmp_path / name).write_text("x")
    with pytest.raises(Unreadable, match="2 transcripts"):
        FileTranscripts(SourceFiles([str(tmp_path)], lambda: None), str(tmp_path)).find("BK", Q3)


def test_sources_are_asked_in_turn(tmp_path, provider):
    """A file given by hand comes before the provider."""
    (tmp_path / "BK-2025Q3.txt").write_text("by hand")
    files = FileTranscripts(SourceFiles([str(tmp_path)], lambda: None), str(tmp_path))
    both = FirstOf([files, ProviderTranscripts(web(provider), lambda: "k")])
    assert both.find("BK", Q3).body == b"by hand"
    assert json.loads(both.find("FHN", Q3).body) == CALL
