"""Shared ground: an environment without anybody's settings, and the sample archive served on loopback."""

from pathlib import Path

import pytest

from sample.loopback import Loopback

ROOT = Path(__file__).parent.parent
OURS = [
    "STAGE",
    "REGION",
    "DYNAMODB_TABLE",
    "SNS_TOPIC_ARN",
    "CRITICAL_ALERTS_SNS_TOPIC",
    "SECRETS_MANAGER_PREFIX",
    "SCRAPER_NAME",
    "LOG_LEVEL",
    "SEC_USER_AGENT",
    "SEC_MAX_RPS",
    "OTHER_MAX_RPS",
    "SEC_WWW_BASE",
    "SEC_DATA_BASE",
    "FORM_PF_SOURCE",
    "TRANSCRIPT_SOURCE",
    "SENTINEL_DB",
    "SENTINEL_CACHE",
    "SENTINEL_SECRETS",
    "RESERVE_S",
    "ROUTES",
    "YAHOO_BASE",
    "TRANSCRIPTS_BASE",
    "DOCUMENT_BUCKET",
    "STATE_MACHINE_ARN",
    "AWS_PROFILE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_ENDPOINT_URL",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fails any test whose output shows a canary: the word every made-up secret of these tests carries."""
    report = yield
    shown = [name for name, text in report.sections if "log" not in name and "canary" in text.lower()]
    if report.when == "teardown" and shown:
        report.outcome, report.longrepr = "failed", f"{item.nodeid}: a canary stands in {', '.join(shown)}"
    return report


@pytest.fixture
def clean_environment(monkeypatch, tmp_path):
    """None of the machine's own settings, a store, a cache and secrets of this test's own, made-up AWS credentials."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SENTINEL_DB", str(tmp_path / "sentinel.db"))
    monkeypatch.setenv("SENTINEL_CACHE", str(tmp_path / "documents"))
    monkeypatch.setenv("SENTINEL_SECRETS", str(tmp_path / "secrets"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return monkeypatch


@pytest.fixture
def sample_edgar(clean_environment):
    """The bundled archive on loopback in EDGAR's place, asked as fast as the settings allow."""
    with Loopback(ROOT / "sample" / "archive") as server:
        clean_environment.setenv("SEC_WWW_BASE", f"{server.url}/www.sec.gov")
        clean_environment.setenv("SEC_DATA_BASE", f"{server.url}/data.sec.gov")
        clean_environment.setenv("SEC_MAX_RPS", "200")
        yield server
