"""Alerts received on loopback: once per channel, signed, only where we may call, never with a secret in sight."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.notify import Egress, Notifications, Terminal, Topic, Webhooks
from chalicelib.adapters.notify.egress import checked
from chalicelib.adapters.notify.operators import Quiet
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.errors import BadEvent, Forbidden, Missing, UpstreamDown
from tests.fakes.alerts import NOW, alert, dispatch, signal
from tests.fakes.memory_telemetry import MemoryTelemetry
from tests.fakes.webhook_receiver import WebhookReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from chalicelib.messages import Message

TOKEN = "123456789:AAcanaryTokenThatNobodyMaySee-0123456"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


@dataclass
class Kept:
    """A channel that keeps messages, or fails as it is told."""

    name: str = "kept"
    error: Exception | None = None
    got: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        if self.error:
            raise self.error
        self.got.append(message)


def notified(*channels: Any, telemetry: MemoryTelemetry | None = None, **more: Any) -> Notifications:
    """Notifications to `channels` at the hour the alerts of these tests were made."""
    return Notifications(channels, telemetry or MemoryTelemetry(), **{"clock": lambda: NOW, **more})


def webhooks(secret: Mapping[str, object], pauses: list[float] | None = None) -> Webhooks:
    egress = Egress(loopback=True, pause=(pauses if pauses is not None else []).append)
    return Webhooks(lambda: secret, lambda: False, egress, loopback=True)


def everyone(base: str) -> dict[str, object]:
    return {
        "slack": f"{base}/slack",
        "teams": f"{base}/teams",
        "discord": f"{base}/discord",
        "telegram": {"token": TOKEN, "chat_id": "-100", "url": base},
        "generic": {"url": f"{base}/generic", "secret": "shared-signing-secret"},
    }


def test_every_channel_receives_it_once(receiver: WebhookReceiver) -> None:
    """Each configured receiver gets one message in its own shape, and the dispatch says who confirmed."""
    sent = notified(webhooks=webhooks(everyone(receiver.base)), clock=lambda: NOW).send(dispatch(), signal())
    assert set(sent.delivered) == {"slack", "teams", "discord", "telegram", "generic"}
    assert sent.sent_at == NOW
    assert len(receiver.received) == 5
    [slack] = receiver.at("/slack")
    assert slack.json["blocks"][0]["text"]["text"].startswith("MEDIUM: Bond issuance, 2026-W47")
    [telegram] = receiver.at(f"/bot{TOKEN}/sendMessage")
    assert telegram.json["chat_id"] == "-100"
    assert receiver.at("/teams")[0].json["attachments"][0]["content"]["type"] == "AdaptiveCard"
    assert receiver.at("/discord")[0].json["embeds"][0]["title"].startswith("MEDIUM")
    assert {each.headers["Idempotency-Key"] for each in receiver.received} == {dispatch().id}


def test_generic_signature_is_checkable(receiver: WebhookReceiver) -> None:
    """The generic receiver can prove the body and its time came from whoever knows the secret."""
    notified(webhooks=webhooks(everyone(receiver.base))).send(dispatch(), signal())
    [got] = receiver.at("/generic")
    at = got.headers["X-Sentinel-Timestamp"]
    told = hmac.new(b"shared-signing-secret", f"{at}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Sentinel-Signature"] == f"v1={told}"
    assert got.json["id"] == dispatch().id


def test_delivered_channels_are_not_told_again(receiver: WebhookReceiver) -> None:
    """A dispatch that some channels have goes to the others only."""
    notifications = notified(webhooks=webhooks(everyone(receiver.base)))
    notifications.send(dispatch(delivered=("slack", "teams", "telegram", "generic")), signal())
    assert [each.path for each in receiver.received] == ["/discord"]


def test_failing_channel_blocks_no_other(receiver: WebhookReceiver) -> None:
    """One receiver that fails leaves the dispatch pending for it alone, and the operators hear of it."""
    receiver.behaviour["/slack"] = [500]
    critical, telemetry = Kept("critical"), MemoryTelemetry()
    notifications = Notifications((), telemetry, webhooks=webhooks(everyone(receiver.base)), critical=critical, clock=lambda: NOW)
    sent = notifications.send(dispatch(), signal())
    assert set(sent.delivered) == {"teams", "discord", "telegram", "generic"}
    assert sent.sent_at is None
    assert [each.subject for each in critical.got] == ["[OPERATOR] Alert channel failed: slack: 127.0.0.1: answered 500"]
    receiver.behaviour["/slack"] = [200]
    again = notifications.send(sent, signal())
    assert again.sent_at == NOW
    assert len(receiver.at("/teams")) == 1
    assert len(receiver.at("/slack")) == 4


def test_passing_failures_are_tried_again(receiver: WebhookReceiver) -> None:
    """A throttled receiver is asked again after the time it names, a bounded number of times."""
    receiver.behaviour["/slack"] = [429, 503, 200]
    pauses: list[float] = []
    hooks = webhooks({"slack": f"{receiver.base}/slack"}, pauses)
    sent = notified(webhooks=hooks).send(dispatch(), signal())
    assert sent.delivered == ("slack",)
    assert len(receiver.received) == 3
    assert len(pauses) == 2
    assert all(0 < each <= 5 for each in pauses)


def test_back_up_is_told_only_when_the_first_fails(receiver: WebhookReceiver) -> None:
    """A back-up stays silent while its first works, and stands in, in order, when it does not."""
    secret = {**everyone(receiver.base), "backups": {"slack": ["discord", "telegram"]}}
    sent = notified(webhooks=webhooks(secret)).send(dispatch(), signal())
    assert set(sent.delivered) == {"slack", "teams", "generic"}
    receiver.behaviour["/slack"] = [404]
    receiver.behaviour["/discord"] = [404]
    receiver.received.clear()
    critical = Kept("critical")
    sent = notified(webhooks=webhooks(secret), critical=critical).send(dispatch(), signal())
    assert sent.sent_at is not None
    assert "telegram" in sent.delivered
    assert len(receiver.at(f"/bot{TOKEN}/sendMessage")) == 1
    assert len(critical.got) == 1


def test_flood_and_drip_do_not_hold_us(receiver: WebhookReceiver) -> None:
    """A receiver that answers with 10 MB, or closes at once, is bounded: accepted is accepted, broken is a failure."""
    receiver.behaviour["/slack"] = ["flood"]
    receiver.behaviour["/discord"] = ["hang-up"]
    sent = notified(webhooks=webhooks({"slack": f"{receiver.base}/slack", "discord": f"{receiver.base}/discord"})).send(
        dispatch(), signal()
    )
    assert sent.delivered == ("slack",)


def test_stalled_receiver_times_out(receiver: WebhookReceiver) -> None:
    """A receiver that never answers is given up after the time for an answer."""
    receiver.behaviour["/slack"] = ["stall"]
    with pytest.raises(UpstreamDown, match=r"^127\.0\.0\.1: "):
        Egress(loopback=True, pause=lambda _s: None, answer_s=0.2).post(f"{receiver.base}/slack", b"{}", {})
    assert len(receiver.received) == 3


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data/", "https://hooks.slack.com/elsewhere", "/again"])
def test_redirects_are_not_followed(receiver: WebhookReceiver, target: str) -> None:
    """A redirect, inwards or outwards, is a refusal and not a second request."""
    receiver.behaviour["/slack"] = [f"redirect:{target}"]
    with pytest.raises(BadEvent, match="redirects are not followed"):
        Egress(loopback=True).post(f"{receiver.base}/slack", b"{}", {})
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::a00:1]/x",
        "https://10.1.2.3/x",
        "https://172.16.0.1/x",
        "https://192.168.1.1/x",
        "https://100.64.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/x",
        "https://[fd00::1]/x",
        "https://0.0.0.0/x",
        "https://224.0.0.1/x",
        "https://localhost/x",
        "https://metadata.google.internal/x",
        "https://intranet/x",
        "https://user:pass@hooks.example.com/x",
        "https://hooks.example.com:22/x",
        "https://hooks.example.com/x y",
        "https://hooks.example.com/x\r\nHost: evil",
        "https://hooks.example.com:99999/x",
        "https:///x",
        "nonsense",
    ],
)
def test_addresses_that_may_not_be_called(url: str) -> None:
    """Only https to the public internet may be called."""
    with pytest.raises(BadEvent):
        checked(url)


@pytest.mark.parametrize("host", ["127.0.0.1.nip.example", "hooks.example.com"])
def test_name_that_points_inwards(host: str) -> None:
    """A public name that resolves to a private address, even as one of several, is not called."""
    with pytest.raises(BadEvent, match="not on the public internet"):
        Egress(resolve=lambda *_: ["93.184.216.34", "10.0.0.7"]).post(f"https://{host}/x", b"{}", {})


def test_the_connection_goes_to_the_address_that_was_checked(receiver: WebhookReceiver) -> None:
    """A name that points elsewhere when it is asked again is asked once: what was vetted is what is called."""
    answers = [["::1", "127.0.0.1"], ["10.0.0.7"]]
    egress = Egress(loopback=True, resolve=lambda *_: answers.pop(0))
    assert egress.post(f"http://localhost:{receiver.server.server_address[1]}/slack", b"{}", {}).status == 200
    assert len(receiver.at("/slack")) == 1
    assert answers == [["10.0.0.7"]]


def test_a_dead_receiver_is_not_tried_beyond_our_patience(receiver: WebhookReceiver) -> None:
    """Each try of a receiver that fails late is the last one once the patience is used up."""
    receiver.behaviour["/slack"] = [503]
    times = iter((0.0, 25.0))
    with pytest.raises(UpstreamDown):
        Egress(loopback=True, pause=lambda _s: None, clock=lambda: next(times)).post(f"{receiver.base}/slack", b"{}", {})
    assert len(receiver.received) == 1


def test_a_dead_back_up_is_tried_once_for_all_it_stands_in_for(receiver: WebhookReceiver) -> None:
    """Two channels with the same back-up, all three dead: the back-up is asked for the first of them only."""
    for path in ("/slack", "/teams", "/discord"):
        receiver.behaviour[path] = [404]
    secret = {name: f"{receiver.base}/{name}" for name in ("slack", "teams", "discord")}
    sent = notified(webhooks=webhooks({**secret, "backups": {"slack": ["discord"], "teams": ["discord"]}})).send(
        dispatch(), signal()
    )
    assert sent.sent_at is None
    alerts = [each for each in receiver.at("/discord") if "MEDIUM" in each.json["embeds"][0]["title"]]
    assert len(alerts) == 1


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ({"slack": "http://hooks.slack.com/services/T/B/canary-path"}, "slack: hooks.slack.com: the address is not https"),
        ({"slack": 7}, "slack: has no url"),
        ({"carrier-pigeon": "https://example.com/canary-path"}, "carrier-pigeon: is none of"),
        ({"telegram": {"token": "canary-path", "chat_id": "1"}}, "telegram: has no token of Telegram's form"),
        ({"telegram": {"token": TOKEN}}, "telegram: has no chat_id"),
        ({"generic": "https://example.com/canary-path"}, "generic: has no secret to sign with"),
        ({"backups": {"slack": ["x"]}}, "backups: slack, x cannot stand in"),
        ({"operators": ["canary-path"]}, "operators: expected an object"),
    ],
)
def test_malformed_receivers_are_named(secret: dict[str, object], words: str) -> None:
    """What cannot be understood in the secret is told to the operators by name, without its content, and stops nothing else."""
    critical, terminal, telemetry = Kept("critical"), Kept("terminal"), MemoryTelemetry()
    hooks = Webhooks(lambda: secret, lambda: False)
    sent = Notifications((terminal,), telemetry, webhooks=hooks, critical=critical, clock=lambda: NOW).send(dispatch(), signal())
    assert sent.delivered == ("terminal",)
    assert words in critical.got[0].text
    for shown in (critical.got[0].text, str(telemetry.lines)):
        assert "canary-path" not in shown
        assert TOKEN not in shown


def test_telegram_token_is_never_told(receiver: WebhookReceiver) -> None:
    """When Telegram refuses, neither the log, nor the operators' message, nor an exception holds the token."""
    receiver.behaviour[f"/bot{TOKEN}/sendMessage"] = [401]
    critical, telemetry = Kept("critical"), MemoryTelemetry()
    hooks = webhooks({"telegram": {"token": TOKEN, "chat_id": "1", "url": receiver.base}})
    Notifications((), telemetry, webhooks=hooks, critical=critical, clock=lambda: NOW).send(dispatch(), signal())
    channel = hooks.receivers().channels[0]
    with pytest.raises(Forbidden) as caught:
        channel.send(critical.got[0])
    for shown in (str(telemetry.lines), critical.got[0].text, repr(caught.value), repr(channel), str(caught.value.__context__)):
        assert TOKEN not in shown


def test_rotated_url_is_read_again(receiver: WebhookReceiver) -> None:
    """A receiver that refuses us is tried once more when its secret has meanwhile changed, without a new deployment."""
    receiver.behaviour["/old"] = [404]
    current = {"slack": f"{receiver.base}/old"}

    def rotated() -> bool:
        current["slack"] = f"{receiver.base}/new"
        return True

    hooks = Webhooks(lambda: dict(current), rotated, Egress(loopback=True), loopback=True)
    sent = notified(webhooks=hooks).send(dispatch(), signal())
    assert sent.delivered == ("slack",)
    assert [each.path for each in receiver.received] == ["/old", "/new"]


def test_teams_failure_inside_a_200(receiver: WebhookReceiver) -> None:
    """Teams answers 200 with an error in words; that is a failure, not a delivery."""
    receiver.answer = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 403 with ..."
    sent = notified(webhooks=webhooks({"teams": f"{receiver.base}/teams"})).send(dispatch(), signal())
    assert sent.delivered == ()
    assert sent.sent_at is None


def test_given_up_after_days() -> None:
    """An alert that a channel does not take for three days is closed, and the operators are told which."""
    critical, broken = Kept("critical"), Kept("slack", BadEvent("slack: no"))
    notifications = Notifications((broken,), MemoryTelemetry(), critical=critical, clock=lambda: NOW + timedelta(days=4))
    sent = notifications.send(dispatch(), signal())
    assert (sent.delivered, sent.sent_at) == (("given-up:slack",), NOW + timedelta(days=4))
    assert "never reached slack" in critical.got[-1].text


def test_no_channel_is_told() -> None:
    """With nowhere to send an alert it stays pending and the operators hear of it."""
    critical = Kept("critical")
    sent = notified(critical=critical).send(dispatch(), signal())
    assert sent == dispatch()
    assert "No alert channel" in critical.got[0].subject


def test_broken_channel_code_never_raises() -> None:
    """A channel that breaks in an unforeseen way is a failed channel; its words, which may hold a secret, are not repeated."""
    telemetry = MemoryTelemetry()
    sent = notified(Kept("a", RuntimeError("canary")), Kept("b"), telemetry=telemetry).send(dispatch(), signal())
    assert sent.delivered == ("b",)
    assert "canary" not in str(telemetry.lines)


def test_broken_night_is_one_message() -> None:
    """Forty failures of a kind in a night give one message; the next one after the quiet says how many there were."""
    critical = Kept("critical")
    now = NOW
    notifications = Notifications((), MemoryTelemetry(), critical=critical, quiet=Quiet(None), clock=lambda: now)
    for minute in range(40):
        now = NOW + timedelta(minutes=minute)
        notifications.operator("run-failed", f"bdc-discount: try {minute}", {"run_id": "bdc-discount/2026-11-20"})
    assert [each.subject for each in critical.got] == ["[OPERATOR] Run failed: bdc-discount: try 0"]
    now = NOW + timedelta(hours=7)
    notifications.operator("run-failed", "bdc-discount: again", {})
    assert "Run failed (40)" in critical.got[1].subject
    notifications.operator("secret-refused", "api-keys", {})
    assert len(critical.got) == 3


def test_quiet_is_shared_by_processes(tmp_path: Path) -> None:
    """Eight functions that fail all night, at once and each in its own process, give one message, and then one with the count."""
    store, critical = SqliteStore(tmp_path / "store.db"), Kept("critical")

    def fail(minute: int) -> None:
        now = NOW + timedelta(minutes=minute, microseconds=minute)
        process = Notifications((), MemoryTelemetry(), critical=critical, store=store, clock=lambda: now)
        process.operator("run-failed", f"function {minute % 8}: UpstreamDown", {})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fail, range(80)))
    assert len(critical.got) == 1
    fail(8 * 60)
    assert len(critical.got) == 2
    told = [int(each.data["count"]) for each in critical.got]
    assert sum(told) == 81
    assert "function 3: UpstreamDown" in critical.got[1].text


def test_broken_store_does_not_silence_operators() -> None:
    """When the store itself is down the operators hear of it all the same, once."""

    class Broken:
        def __getattr__(self, name: str) -> object:
            raise UpstreamDown("table: down")

    critical = Kept("critical")
    broken: Any = Broken()
    notifications = Notifications((), MemoryTelemetry(), critical=critical, store=broken, clock=lambda: NOW)
    for _ in range(3):
        notifications.operator("run-failed", "table: down", {})
    assert len(critical.got) == 1
    assert notifications.send(dispatch(), signal()) == dispatch()


def test_operators_fall_back_to_other_channels() -> None:
    """When the critical topic fails, the operators' message goes to the channels there are."""
    critical, slack, telemetry = Kept("critical", Missing("topic gone")), Kept("slack"), MemoryTelemetry()
    Notifications((slack,), telemetry, critical=critical).operator("run-failed", "words", {})
    assert [each.subject for each in slack.got] == ["[OPERATOR] Run failed: words"]
    assert ("error", "an operators' channel failed", {"channel": "critical", "error": "topic gone"}) in telemetry.lines


def test_terminal_shows_the_text() -> None:
    """On a laptop the message is printed as text."""
    out = io.StringIO()
    sent = Notifications((Terminal(out),), MemoryTelemetry(), clock=lambda: NOW).send(dispatch(), signal())
    assert sent.delivered == ("terminal",)
    assert "Threshold: more than USD 5.0 bn in a week" in out.getvalue()


@mock_aws
def test_sns_is_received() -> None:
    """A subscriber of the topic reads subject, body and attributes; a filter policy on level lets only its own through."""
    sns, sqs = boto3.client("sns", "us-east-1"), boto3.client("sqs", "us-east-1")
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("all", "high")]
    for url, policy in zip(urls, ("{}", '{"level": ["high"]}'), strict=True):
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes={"FilterPolicy": policy})
    notifications = Notifications((Topic(arn, lambda: sns),), MemoryTelemetry(), clock=lambda: NOW)
    for level in ("alert", "high"):
        sent = notifications.send(dispatch(level, alert=alert(level=level)), signal())
        assert sent.delivered == ("sns",)
    got = [
        [json.loads(each["Body"]) for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]
        for url in urls
    ]
    assert sorted(each["Subject"].split()[0] for each in got[0]) == ["[ALERT]", "[HIGH]"]
    [high] = got[1]
    assert high["Subject"] == "[HIGH] Bond issuance 2026-W47: Investment-grade tech issuance rose to USD 7.2 bn"
    assert high["Message"].splitlines()[0].startswith("HIGH: Bond issuance, 2026-W47")


@mock_aws
def test_topic_that_is_gone() -> None:
    """A deleted topic is `Missing`, named, and the alert waits."""
    sns = boto3.client("sns", "us-east-1")
    topic = Topic("arn:aws:sns:us-east-1:123456789012:gone", lambda: sns)
    telemetry, critical = MemoryTelemetry(), Kept("critical")
    sent = notified(topic, telemetry=telemetry, critical=critical).send(dispatch(), signal())
    assert sent == replace(dispatch())
    assert "topic gone: is gone" in critical.got[0].text
