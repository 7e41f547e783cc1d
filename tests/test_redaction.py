"""No secret leaves the process: canaries in every secret and header, searched wherever anything is written."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import engine
from chalicelib.adapters.notify import Egress, Notifications, Terminal, Webhooks
from chalicelib.adapters.postgres import PostgresCopy
from chalicelib.adapters.secrets import OnDisk, Secrets
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.telemetry import LambdaTelemetry, TerminalTelemetry, guard_root
from chalicelib.deadline import Deadline
from chalicelib.errors import Forbidden, Unreadable, UpstreamDown
from chalicelib.model import Window
from chalicelib.ports import Services
from chalicelib.redaction import MASK, Redactor
from tests.fakes.counting import Counting
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.fakes.world import Nowhere, Remembering

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "canary"
KEY, SLACK, DISCORD, SIGNING, DATABASE = (
    f"{CANARY}-{name}-7c1f4e9a" for name in ("key", "slack", "discord", "signing", "database")
)
TELEGRAM = f"123456789:AA{CANARY}TelegramTokenThatIsLongEnough"


@pytest.mark.parametrize(
    "leak",
    [
        f"https://api.telegram.org/bot{TELEGRAM}/sendMessage",
        f"POST /bot{TELEGRAM.replace(':', '%3A')}/sendMessage HTTP/1.1",
        f"https://hooks.slack.com/services/T000/B000/{SLACK}",
        f"https://discord.com/api/webhooks/1/{DISCORD}",
        f"https://acme.webhook.office.com/webhookb2/{SLACK}/IncomingWebhook",
        f"postgresql://user:{DATABASE}@db.example.com:5432/x",
        f"Authorization: Bearer {KEY}",
        f"authorization=Basic {KEY}",
        f'{{"x-api-key": "{KEY}"}}',
        f"{{'Authorization': 'Bearer {KEY}'}}",
        f'{{\\"api_key\\": \\"{KEY}\\"}}',
        f"https://api.example.com/v1?api_key={KEY}&x=1",
        f"https://api.example.com/v1?token={KEY}",
        f"https://bucket.s3.amazonaws.com/a?X-Amz-Credential={KEY}&X-Amz-Signature={KEY}",
        f"Set-Cookie: {KEY}",
        f"password: {DATABASE}",
        f"AWS_SECRET_ACCESS_KEY={KEY}",
        f"bearer {KEY}",
    ],
)
def test_shapes_are_found_unlearned(leak: str) -> None:
    """A credential nobody told us of is recognised by where it stands."""
    assert CANARY not in Redactor().text(f"the call {leak} failed")


@pytest.mark.parametrize(
    "words",
    [
        "4.875% Senior Notes due 2031, Secretary: the token amount of $5,000",
        "https://www.sec.gov/Archives/edgar/data/320193/000032019325000123/0000320193-25-000123-index.htm",
        "bond-issuance/2026-W47/weekly-volume/high/1",
        "arn:aws:sns:us-east-1:123456789012:boom-bust-sentinel-dev-alerts",
        "2026-11-23T08:00:00.000000+00:00 key facts of the keystone basket",
    ],
)
def test_ordinary_words_stay(words: str) -> None:
    """What analysts and engineers need to read is not blotted out."""
    assert Redactor().text(words) == words


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=8, max_size=60), st.text(max_size=40))
def test_learned_secrets_are_found_anywhere(secret: str, around: str) -> None:
    """Whatever a secret is, as text or percent-encoded, a text around it does not show it."""
    secret = f"{CANARY}{secret}".strip()
    redactor = Redactor([secret])
    for shown in (f"{around}{secret}{around}", f"x={quote(secret, safe='')}&", {"a": [f"{around}{secret}"], secret: 1}):
        clean = redactor.value(shown)
        assert secret not in json.dumps(clean, ensure_ascii=False)
        assert CANARY not in str(clean)


def test_values_keep_their_shape() -> None:
    """Redacting a structure changes texts only; what stands under a credential's name goes whole."""
    redactor = Redactor([KEY])
    given_value = {"a": 1, "b": [True, None, f"x {KEY}"], "authorization": "Basic short", "tokens": 5, KEY: "name"}
    assert redactor.value(given_value) == {
        "a": 1,
        "b": [True, None, f"x {MASK}"],
        "authorization": MASK,
        "tokens": 5,
        MASK: "name",
    }


def test_rotated_secret_stays_masked() -> None:
    """Learning the new value does not forget the old one."""
    redactor = Redactor([f"{CANARY}-old-value"])
    redactor.learn({"k": f"{CANARY}-new-value"})
    assert CANARY not in redactor.text(f"{CANARY}-old-value {CANARY}-new-value")


def secrets_of(folder: Path, base: str, redactor: Redactor) -> Secrets:
    """Every secret there is, each full of canaries."""
    environment = {
        "SENTINEL_SECRET_API_KEYS": json.dumps({"provider": KEY, "nested": {"other": [KEY + "-2"]}}),
        "SENTINEL_SECRET_WEBHOOK_URLS": json.dumps(
            {
                "slack": f"{base}/services/{SLACK}",
                "discord": f"{base}/api/webhooks/{DISCORD}",
                "telegram": {"token": TELEGRAM, "chat_id": "1", "url": base},
                "generic": {"url": f"{base}/generic?token={KEY}", "secret": SIGNING},
                "carrier-pigeon": f"https://example.com/{KEY}",
            }
        ),
        "SENTINEL_SECRET_DATABASE_CONFIG": json.dumps({"url": f"postgresql://user:{DATABASE}@127.0.0.1:1/{DATABASE}"}),
    }
    return Secrets(OnDisk(folder, environment), redactor)


def fails_with(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
@pytest.mark.parametrize("answer", [200, 401, 500, "hang-up", f"redirect:https://example.com/{KEY}"])
def test_whole_run_leaks_nothing(tmp_path: Path, level: str, answer: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """A run with canaries in every secret, however its channels and documents fail, writes none of them anywhere."""
    redactor, logs, terminal, library = Redactor(), io.StringIO(), io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(library)
    logging.getLogger().addHandler(handler)
    try:
        guard_root(redactor)
        with WebhookReceiver() as receiver:
            for path in (f"/services/{SLACK}", f"/api/webhooks/{DISCORD}", f"/bot{TELEGRAM}/sendMessage", "/generic"):
                receiver.behaviour[path] = [answer]
            secrets = secrets_of(tmp_path, receiver.base, redactor)
            secrets.get("api-keys")
            store = SqliteStore(tmp_path / "store.db")
            telemetry = LambdaTelemetry("function", "execution", redactor, level=level, stream=logs)
            hooks = Webhooks(
                lambda: secrets.get("webhook-urls"),
                lambda: secrets.refused("webhook-urls"),
                Egress(loopback=True, pause=lambda _s: None, answer_s=2),
                loopback=True,
            )
            notifier = Notifications((Terminal(terminal),), telemetry, webhooks=hooks, store=store)
            faults = {
                "2026-W47-1": fails_with(Forbidden("provider: refused the key")),
                "2026-W47-2": fails_with(UpstreamDown("provider: failing")),
                "2026-W47-3": fails_with(Unreadable("no table", where="byte 1", evidence="words of the document")),
            }
            scraper = Counting(60, faults=faults)
            memory: Any = Remembering()
            nowhere: Any = Nowhere()
            services = Services(fetch=nowhere, store=store, notifier=notifier, telemetry=telemetry, continuation=memory)
            result = engine.run(engine.Task(scraper, Window.parse("2026-W47"), "me", Deadline()), services)
            notifier.operator(
                "secret-refused", f"the key {KEY} was refused", {"header": f"Bearer {KEY}", "url": f"x://u:{DATABASE}@h"}
            )
            copied = PostgresCopy(
                lambda: secrets.get("database-config"), lambda: secrets.refused("database-config"), store
            ).catch_up("bond-issuance", 7, Deadline())
            telemetry.failure(UpstreamDown(f"GET https://api.example.com/?apikey={KEY}"))
            logging.getLogger("urllib3.connectionpool").warning("Retrying /bot%s/sendMessage", TELEGRAM)
            telemetry.close(500, {"success": False, "error": f"header {KEY}", "error_type": "X"}, 1)
            assert len(receiver.received) >= 4
        assert result.state == "concluded"
        assert copied.delayed.startswith("database: ")
        bodies = "".join(each.body.decode() for each in receiver.received)
        stored = "".join(each.read_bytes().decode("latin-1") for each in tmp_path.glob("store.db*"))
        answered = json.dumps(telemetry.redact(asdict(result)), default=str)
        out, err = capfd.readouterr()
        for place, text in {
            "logs": logs.getvalue(),
            "terminal": terminal.getvalue(),
            "library logs": library.getvalue(),
            "messages": bodies,
            "store": stored,
            "answer": answered,
            "copy": copied.delayed,
            "standard output": out,
            "standard error": err,
        }.items():
            assert CANARY not in text, place
        assert "secret-refused" in logs.getvalue()
        assert "item parked" in logs.getvalue()
    finally:
        logging.getLogger().removeHandler(handler)


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    """Nothing that holds a secret tells it when it is printed."""
    redactor = Redactor()
    with WebhookReceiver() as receiver:
        secrets = secrets_of(tmp_path, receiver.base, redactor)
        hooks = Webhooks(lambda: secrets.get("webhook-urls"), lambda: False, loopback=True)
        for shown in (repr(secrets), repr(hooks), repr(hooks.receivers()), repr(redactor), str(secrets)):
            assert CANARY not in shown


def test_terminal_is_redacted_too() -> None:
    """On a laptop errors, traces and fields pass the redactor as well."""
    out = io.StringIO()
    mine = TerminalTelemetry(Redactor([KEY]), level="DEBUG", stream=out)
    mine.log("info", f"the key {KEY}", header=KEY)
    try:
        raise ValueError(f"with {KEY} inside")
    except ValueError as error:
        mine.failure(error)
    assert CANARY not in out.getvalue()
    assert "ValueError" in out.getvalue()
