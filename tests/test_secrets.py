"""Secrets: cached, rotated without a deployment, and named but never told when something is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.secrets import OnDisk, Secrets, SecretsManager
from chalicelib.errors import BadEvent, Forbidden, Missing, SentinelError, UpstreamDown
from chalicelib.redaction import Redactor

if TYPE_CHECKING:
    from chalicelib.adapters.secrets import Name

PREFIX = "boom-bust-sentinel/dev"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Origin:
    """Gives what it is set to, counts how often it was asked, or raises."""

    def __init__(self, text: str = '{"polygon": "first-canary-key"}') -> None:
        self.text, self.asked, self.error = text, 0, None

    def fetch(self, name: Name) -> str:
        self.asked += 1
        if self.error:
            raise self.error
        return self.text


@mock_aws
def test_secrets_manager_is_read_by_prefix() -> None:
    """A secret under the stage's prefix is read as its JSON object."""
    client = boto3.client("secretsmanager", "us-east-1")
    client.create_secret(Name=f"{PREFIX}/api-keys", SecretString=json.dumps({"polygon": "canary-key-1"}))
    secrets = Secrets(SecretsManager(client, PREFIX), Redactor())
    assert secrets.api_key("polygon") == "canary-key-1"
    assert secrets.api_key("unknown") is None


@mock_aws
def test_missing_secret_is_named() -> None:
    """A secret that is not there is `Missing` with its full name; asking for a key in it gives none."""
    secrets = Secrets(SecretsManager(boto3.client("secretsmanager", "us-east-1"), PREFIX), Redactor())
    with pytest.raises(Missing, match=f"secret {PREFIX}/webhook-urls: there is none"):
        secrets.get("webhook-urls")
    assert secrets.api_key("polygon") is None
    assert secrets.find("database-config") == {}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", Forbidden),
        ("DecryptionFailure", Forbidden),
        ("ResourceNotFoundException", Missing),
        ("InvalidRequestException", Missing),
        ("ThrottlingException", UpstreamDown),
        ("InternalServiceError", UpstreamDown),
    ],
)
def test_each_refusal_has_its_class(code: str, kind: type[SentinelError]) -> None:
    """What Secrets Manager answers becomes the class that tells whether to ask again, naming the secret."""
    client = boto3.client("secretsmanager", "us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
    with Stubber(client) as stub:
        stub.add_client_error("get_secret_value", code, "the server's words with canary-arn")
        with pytest.raises(kind, match=f"secret {PREFIX}/api-keys") as caught:
            Secrets(SecretsManager(client, PREFIX), Redactor()).get("api-keys")
    assert "canary" not in str(caught.value)


def test_cache_expires() -> None:
    """A value is asked for once until it expires; a rotated one is seen after that."""
    origin, clock = Origin(), Clock()
    secrets = Secrets(origin, Redactor(), ttl_s=300, clock=clock)
    assert [secrets.api_key("polygon") for _ in range(3)] == ["first-canary-key"] * 3
    assert origin.asked == 1
    origin.text = '{"polygon": "second-canary-key"}'
    clock.now += 299
    assert secrets.api_key("polygon") == "first-canary-key"
    clock.now += 2
    assert secrets.api_key("polygon") == "second-canary-key"
    assert origin.asked == 2


def test_refusal_reads_again_at_once() -> None:
    """After a supplier's refusal the secret is read again and says whether it has changed."""
    origin = Origin()
    secrets = Secrets(origin, Redactor())
    secrets.get("api-keys")
    assert secrets.refused("api-keys") is False
    origin.text = '{"polygon": "second-canary-key"}'
    assert secrets.refused("api-keys") is True
    assert secrets.api_key("polygon") == "second-canary-key"
    assert origin.asked == 3


def test_outage_keeps_the_old_value() -> None:
    """While the origin is down an expired value goes on being used; without one the outage is raised."""
    origin, clock = Origin(), Clock()
    secrets = Secrets(origin, Redactor(), ttl_s=1, clock=clock)
    secrets.get("api-keys")
    origin.error = UpstreamDown("secret api-keys: down")
    clock.now += 10
    assert secrets.api_key("polygon") == "first-canary-key"
    with pytest.raises(UpstreamDown):
        secrets.get("webhook-urls")


@pytest.mark.parametrize(
    "text",
    [
        "canary-not-json",
        '{"polygon": "canary-cut',
        '["canary-list"]',
        '"canary-text"',
        "7",
        "null",
        "",
        "[" * 60_000,
        "x" * 70_000,
    ],
)
def test_malformed_secret_is_named_not_told(text: str) -> None:
    """A secret that is no JSON object is refused with its name, without its content, and its text is masked from then on."""
    redactor = Redactor()
    with pytest.raises(BadEvent, match="secret webhook-urls") as caught:
        Secrets(Origin(text), redactor).get("webhook-urls")
    shown = str(caught.value) + str(caught.value.__cause__) + repr(caught.value.args)
    assert "canary" not in shown
    assert caught.value.__cause__ is None


def test_key_that_is_no_text() -> None:
    """A key that is no text is refused by the provider's name."""
    with pytest.raises(BadEvent, match="secret api-keys: polygon is no text"):
        Secrets(Origin('{"polygon": 5}'), Redactor()).api_key("polygon")


def test_everything_read_is_masked() -> None:
    """What a secret holds is known to the redactor before the caller has it."""
    redactor = Redactor()
    Secrets(Origin('{"a": {"b": ["deep-canary-value"]}}'), redactor).get("api-keys")
    assert redactor.text("x deep-canary-value y") == "x [redacted] y"


def test_laptop_reads_files_and_environment(tmp_path: Path) -> None:
    """On a laptop a variable comes first, then a private file in the folder."""
    path = tmp_path / "api-keys.json"
    path.write_text('{"polygon": "from-the-file"}')
    path.chmod(0o600)
    assert Secrets(OnDisk(tmp_path, {}), Redactor()).api_key("polygon") == "from-the-file"
    environment = {"SENTINEL_SECRET_API_KEYS": '{"polygon": "from-the-environment"}'}
    assert Secrets(OnDisk(tmp_path, environment), Redactor()).api_key("polygon") == "from-the-environment"


def test_laptop_file_that_others_may_read(tmp_path: Path) -> None:
    """A secret file with open permissions is refused, naming the file and the remedy."""
    path = tmp_path / "api-keys.json"
    path.write_text('{"polygon": "canary"}')
    path.chmod(0o644)
    with pytest.raises(Forbidden, match="chmod 600"):
        Secrets(OnDisk(tmp_path, {}), Redactor()).get("api-keys")


def test_laptop_without_secrets(tmp_path: Path) -> None:
    """No file and no variable is `Missing`, saying where it was looked for."""
    with pytest.raises(Missing, match="SENTINEL_SECRET_WEBHOOK_URLS"):
        Secrets(OnDisk(tmp_path, {}), Redactor()).get("webhook-urls")
