"""The environment, read once, typed and checked; an unknown stage or a bad value is refused by name.

Every variable and its default stands in `Settings`; nothing else in the product reads the environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.errors import BadEvent

STAGES = ("dev", "staging", "prod")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """What one process runs with. Times in seconds, rates per second; None where a thing is not configured."""

    stage: str = "dev"
    region: str = "us-east-1"
    table: str | None = None
    topic: str | None = None
    critical_topic: str | None = None
    secrets_prefix: str | None = None
    document_bucket: str | None = None
    state_machine: str | None = None
    log_level: str = "INFO"
    user_agent: str | None = None
    max_rps: int = 8
    other_rps: int = 4
    sec_www: str = "https://www.sec.gov"
    sec_data: str = "https://data.sec.gov"
    yahoo: str | None = None
    transcripts: str | None = None
    routes: tuple[tuple[str, str], ...] = ()
    form_pf_source: str | None = None
    transcript_source: str | None = None
    scraper_name: str | None = None
    db: str = ".sentinel/sentinel.db"
    cache: str = ".sentinel/documents"
    secrets_folder: str = ".sentinel/secrets"
    reserve_s: float = 20.0
    on_lambda: bool = False

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of `environment` (the process's own when None). Raises `BadEvent` naming the variable."""
        env = os.environ if environment is None else environment
        on_lambda = "AWS_LAMBDA_FUNCTION_NAME" in env
        return cls(
            stage=stage(env.get("STAGE", "dev")),
            region=env.get("REGION") or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1",
            table=env.get("DYNAMODB_TABLE") or None,
            topic=env.get("SNS_TOPIC_ARN") or None,
            critical_topic=env.get("CRITICAL_ALERTS_SNS_TOPIC") or None,
            secrets_prefix=env.get("SECRETS_MANAGER_PREFIX") or None,
            document_bucket=env.get("DOCUMENT_BUCKET") or None,
            state_machine=env.get("STATE_MACHINE_ARN") or None,
            log_level=_choice(env, "LOG_LEVEL", _LEVELS, "INFO"),
            user_agent=env.get("SEC_USER_AGENT") or None,
            max_rps=int(_number(env, "SEC_MAX_RPS", 8, 1, _most_rps(env))),
            other_rps=int(_number(env, "OTHER_MAX_RPS", 4, 1, 1000 if env.get("ROUTES") else 10)),
            sec_www=_address(env, "SEC_WWW_BASE", "https://www.sec.gov"),
            sec_data=_address(env, "SEC_DATA_BASE", "https://data.sec.gov"),
            yahoo=_address(env, "YAHOO_BASE", "") or None,
            transcripts=_address(env, "TRANSCRIPTS_BASE", "") or None,
            routes=_routes(env),
            form_pf_source=env.get("FORM_PF_SOURCE") or None,
            transcript_source=env.get("TRANSCRIPT_SOURCE") or None,
            scraper_name=env.get("SCRAPER_NAME") or None,
            db=env.get("SENTINEL_DB") or ".sentinel/sentinel.db",
            cache=env.get("SENTINEL_CACHE") or ("/tmp/documents" if on_lambda else ".sentinel/documents"),  # noqa: S108 -- Lambda's only writable folder
            secrets_folder=env.get("SENTINEL_SECRETS") or ".sentinel/secrets",
            reserve_s=_number(env, "RESERVE_S", 20, 0, 300),
            on_lambda=on_lambda,
        )


def stage(name: str) -> str:
    """One of `STAGES`; `production` is accepted for prod. Raises `BadEvent`."""
    known = "prod" if name == "production" else name
    if known not in STAGES:
        raise BadEvent(f"STAGE {name!r}: expected one of {', '.join(STAGES)}")
    return known


def _choice(env: Mapping[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    value = env.get(name) or default
    if value not in known:
        raise BadEvent(f"{name} {value!r}: expected one of {', '.join(known)}")
    return value


def _number(env: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = env.get(name) or str(default)
    try:
        value = float(text)
    except ValueError as error:
        raise BadEvent(f"{name} {text!r}: expected a number") from error
    if not least <= value <= most:
        raise BadEvent(f"{name} {text!r}: expected {least:g} to {most:g}")
    return value


def _most_rps(env: Mapping[str, str]) -> float:
    """EDGAR's own limit is 10 a second (sec.gov/os/accessing-edgar-data); a loopback server has none."""
    bases = (env.get("SEC_WWW_BASE", ""), env.get("SEC_DATA_BASE", ""))
    return 1000 if all(urlsplit(base).hostname in _LOOPBACK for base in bases) else 10


def _address(env: Mapping[str, str], name: str, default: str) -> str:
    return checked_address(name, env.get(name) or default)


def checked_address(name: str, text: str) -> str:
    """`text` without a trailing slash if it is https, or http on loopback; raises `BadEvent` otherwise."""
    if not text:
        return ""
    parts = urlsplit(text)
    loopback = parts.hostname in _LOOPBACK
    if not parts.hostname or parts.scheme not in (("http", "https") if loopback else ("https",)):
        raise BadEvent(f"{name} {text!r}: expected an https address (http only on loopback)")
    return text.rstrip("/")


def _routes(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """`ROUTES`: a JSON object of address prefixes and the loopback addresses that stand in for them."""
    text = env.get("ROUTES")
    if not text:
        return ()
    try:
        routes = json.loads(text)
    except ValueError as error:
        raise BadEvent(f"ROUTES: expected a JSON object of address prefixes, {error}") from error
    if not isinstance(routes, dict) or not all(isinstance(value, str) for value in routes.values()):
        raise BadEvent("ROUTES: expected a JSON object of address prefixes")
    for value in routes.values():
        if urlsplit(value).hostname not in _LOOPBACK:
            raise BadEvent(f"ROUTES {value!r}: only loopback addresses may stand in for others")
    return tuple(sorted(routes.items()))
