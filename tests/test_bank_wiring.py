"""Calls through the real command: a provider on loopback, its key in a laptop's secret, the sample archive in EDGAR's place."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalicelib.cli import main
from chalicelib.model import Window
from chalicelib.scrapers.bank_provision.heard import heard_at

Q3 = Window.parse("2025Q3")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALL = {"date": "2025-10-16", "transcript": "We built $20 million of reserves for NDFI in the quarter."}


class Provider(BaseHTTPRequestHandler):
    """One bank's call; for every other ticker the provider's empty answer."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("X-Api-Key")))
        body = json.dumps(CALL if "ticker=BK&" in self.path else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_the_command_hears_a_call_with_the_key_of_a_secret(sample_edgar, clean_environment, provider, tmp_path, capsys):
    """TRANSCRIPTS_BASE and a key in api-keys.json are all it takes; the key goes in a header and shows nowhere."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "api-keys.json").write_text(json.dumps({"api-ninjas": "k-0123456789"}))
    (folder / "api-keys.json").chmod(0o600)
    clean_environment.setenv("TRANSCRIPTS_BASE", f"http://127.0.0.1:{provider.server_port}")
    assert main(["run", "bank-provision", "--window", "2025Q3", "--json"]) == 0
    told = capsys.readouterr()
    assert {key for _, key in provider.asked} == {"k-0123456789"}
    assert any("ticker=BK&year=2025&quarter=3" in path for path, _ in provider.asked)
    assert "k-0123456789" not in told.out + told.err
    said = json.loads(told.out)["data_summary"]["data"]["transcripts"]["BK"]
    assert (said["amount"], said["sentences"]) == ("20000000", [CALL["transcript"]])


@pytest.mark.parametrize(
    ("body", "day"),
    [
        (json.dumps(CALL).encode(), (2025, 10, 16)),
        (b"Example Bank Third Quarter 2025 Earnings Call\nOctober 17, 2025\nGood morning.", (2025, 10, 17)),
        (b"Good morning.", (2025, 11, 14)),
        (b"Call of 2024-10-16, wrongly dated.", (2025, 11, 14)),
    ],
)
def test_a_call_is_known_from_its_day_on(body, day):
    """The day named counts when it can be the call's; else the day by which calls are held: never before it was said."""
    assert heard_at(body, Q3, NOW) == datetime(*day, 23, 59, 59, tzinfo=UTC)


def test_nothing_is_known_later_than_now():
    """A call heard the same day is known now."""
    now = datetime(2025, 10, 16, 15, tzinfo=UTC)
    assert heard_at(json.dumps(CALL).encode(), Q3, now) == now
