"""Puts a process together: settings, secrets and adapters, each supplier's module loaded when it is first asked for.

What is dear to make (connections, rate limits, secrets) is made once per process and settings; what belongs to one
invocation (deadline, clock, logs) is made for it.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.adapters.telemetry import LambdaTelemetry, TerminalTelemetry
from chalicelib.deadline import Deadline
from chalicelib.engine import Task
from chalicelib.errors import BadEvent, Missing, SentinelError
from chalicelib.model import Window
from chalicelib.ports import Continuation, Copy, Files, Notifier, Quotes, Scraper, Services, Store, Telemetry, Transcripts, Web
from chalicelib.redaction import Redactor
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from chalicelib.adapters.documents import Documents
    from chalicelib.adapters.notify.operators import Quiet
    from chalicelib.adapters.quotes import YahooQuotes
    from chalicelib.adapters.secrets import Secrets
    from chalicelib.adapters.web import HttpWeb

APPLICATION = "boom-bust-sentinel"
TRANSCRIPT_API = "https://api.api-ninjas.com"
_RESERVE_SHARE = 4
"""Never more than a quarter of the time granted is held back for answering, however large RESERVE_S is."""


def settings(stage: str | None = None) -> Settings:
    """The process's settings; with `stage`, those of that stage's resources, whose names are fixed."""
    if stage is None:
        return Settings.read()
    from chalicelib.settings import stage as known

    name = known(stage)
    prefix = f"{APPLICATION}-{name}"
    fixed = {"STAGE": name, "DYNAMODB_TABLE": prefix, "SECRETS_MANAGER_PREFIX": f"{APPLICATION}/{name}"}
    return Settings.read({**fixed, **os.environ, "STAGE": name})


@lru_cache(maxsize=1)
def redactor() -> Redactor:
    """The one redactor of this process: what it has learned stays masked."""
    return Redactor()


def telemetry_for(function: str, execution_id: str) -> LambdaTelemetry:
    """One invocation's logs and metrics, under the deployed function's name."""
    name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", f"{APPLICATION}-{os.environ.get('STAGE', 'dev')}-{function}")
    level = os.environ.get("LOG_LEVEL", "INFO")
    known = level if level in ("DEBUG", "INFO", "WARNING", "ERROR") else "INFO"
    return LambdaTelemetry(name, execution_id, redactor(), application=name.removesuffix(f"-{function}"), level=known)


def terminal_telemetry(chosen: Settings) -> TerminalTelemetry:
    """Progress for a person, on standard error."""
    return TerminalTelemetry(redactor(), level=chosen.log_level)


def deadline_of(context: object, chosen: Settings) -> Deadline:
    """The invocation's deadline: what Lambda grants less the reserve for answering; none outside Lambda."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if remaining is None:
        return Deadline()
    granted_s = remaining() / 1000
    return Deadline.in_seconds(granted_s - min(chosen.reserve_s, granted_s / _RESERVE_SHARE))


def windows_for(chosen: Scraper, text: str | None, services: Services) -> Sequence[Window]:
    """The windows to work on, oldest first: the one named, or the scraper's own. Raises `BadEvent` for one it cannot have."""
    now = services.fetch.now()
    if text is None:
        return chosen.windows(now)
    window = Window.parse(text)
    if window.kind != chosen.WINDOW:
        raise BadEvent(f"window {text!r}: {chosen.NAME} works by {chosen.WINDOW}")
    if window.first > now.date():
        raise BadEvent(f"window {text!r}: it has not begun")
    return [window]


def task_for(chosen: Scraper, window: Window, deadline: Deadline, execution_id: str | None = None) -> Task:
    """The engine's task; without an execution id one is made."""
    return Task(chosen, window, execution_id or str(uuid.uuid4()), deadline)


def assemble(
    chosen: Settings,
    scraper: Scraper | None,
    deadline: Deadline,
    telemetry: Telemetry,
    *,
    now: datetime | None = None,
    rehearsal: bool = False,
) -> Services:
    """All ports for one invocation of `scraper`. `now` plays another instant; a rehearsal keeps no documents either."""
    shared = _shared(chosen)
    shared.telemetry = telemetry
    return Services(
        fetch=World(shared, deadline, now, scraper.HOSTS if scraper else (), not rehearsal),
        store=shared.store,
        notifier=shared.notifier(telemetry),
        telemetry=telemetry,
        continuation=shared.continuation,
        limits=shared.limits(scraper) if scraper else {},
        copy=shared.copy if scraper else None,
    )


def notifier(chosen: Settings, telemetry: Telemetry) -> Notifier:
    """Who is told, also when the rest cannot be put together."""
    return _shared(chosen).notifier(telemetry)


@lru_cache(maxsize=4)
def _shared(chosen: Settings) -> Shared:
    return Shared(chosen)


class Shared:
    """What all invocations of one process share, made when first needed."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.telemetry: Telemetry | None = None

    @cached_property
    def store(self) -> Store:
        """The table where there is one, else the SQLite file."""
        if self.settings.table:
            from chalicelib.adapters.dynamo import DynamoStore

            return DynamoStore(self.client("dynamodb"), self.settings.table)
        if self.settings.on_lambda:
            raise Missing("DYNAMODB_TABLE is not set: what a function on Lambda kept in a file would be lost")
        from chalicelib.adapters.sqlite import SqliteStore

        path = Path(self.settings.db)
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteStore(path)

    @cached_property
    def secrets(self) -> Secrets:
        """Secrets Manager under the stage's prefix, else files and environment."""
        from chalicelib.adapters.secrets import OnDisk, Origin, Secrets, SecretsManager

        prefix = self.settings.secrets_prefix
        origin: Origin = (
            SecretsManager(self.client("secretsmanager"), prefix)
            if prefix
            else OnDisk(Path(self.settings.secrets_folder), os.environ)
        )
        return Secrets(origin, redactor())

    @cached_property
    def quiet(self) -> Quiet:
        """The operators' quiet, which a process keeps by itself while the store is broken."""
        from chalicelib.adapters.notify.operators import Quiet

        return Quiet(self.store)

    @cached_property
    def continuation(self) -> Continuation:
        """The stage's state machine where there is one."""
        from chalicelib.adapters.continuation import ByHand, StateMachine

        if not self.settings.state_machine:
            return ByHand()
        return StateMachine(self.client("stepfunctions"), self.settings.state_machine, self.settings.stage)

    @cached_property
    def quotes(self) -> YahooQuotes:
        """Yahoo Finance, one rate for the whole process."""
        from chalicelib.adapters.quotes import YahooQuotes

        return YahooQuotes(base=self.settings.yahoo)

    @cached_property
    def copy(self) -> Copy | None:
        """The analysts' PostgreSQL, where the secret names one."""
        secrets = self.secrets
        with contextlib.suppress(SentinelError):  # a secret that cannot be read delays the copy, which then says so
            if not secrets.find("database-config"):
                return None
        from chalicelib.adapters.postgres import PostgresCopy

        return PostgresCopy(lambda: secrets.get("database-config"), lambda: secrets.refused("database-config"), self.store)

    @cached_property
    def edgar(self) -> HttpWeb:
        """The one client of this process: every view of it shares connections and rate."""
        from chalicelib.adapters.web import HttpWeb

        chosen = self.settings
        routes = dict(chosen.routes) | _moved(chosen)
        return HttpWeb(
            routes=routes, user_agent=chosen.user_agent, max_rps=chosen.max_rps, other_rps=chosen.other_rps, warn=self.warn
        )

    @cached_property
    def documents(self) -> Documents:
        """Every raw document fetched, by its content: in the bucket where there is one, else in a folder."""
        from chalicelib.adapters.documents import BucketShelf, Documents, FolderShelf

        bucket = self.settings.document_bucket
        shelf = BucketShelf(bucket, lambda: self.client("s3")) if bucket else FolderShelf(self.settings.cache)
        return Documents(shelf, self.warn)

    def web(self, hosts: Collection[str], *, keep: bool) -> HttpWeb:
        """The client allowed to ask EDGAR and `hosts`, with its documents kept when `keep`."""
        from chalicelib.adapters.web import DEFAULT_HOSTS

        allowed = DEFAULT_HOSTS | {*hosts, urlsplit(TRANSCRIPT_API).netloc}
        return self.edgar.allowing(allowed, self.documents if keep else None)

    def notifier(self, telemetry: Telemetry) -> Notifier:
        """The topics that are configured (the terminal where there is none), and the webhooks of the secret."""
        from chalicelib.adapters.notify import Notifications, Terminal, Topic, Webhooks

        chosen, secrets = self.settings, self.secrets

        def sns() -> SNSClient:
            return self.client("sns")  # type: ignore[no-any-return]  # boto3 makes its classes at run time

        return Notifications(
            [Topic(chosen.topic, sns)] if chosen.topic else [Terminal()],
            telemetry,
            webhooks=Webhooks(lambda: secrets.get("webhook-urls"), lambda: secrets.refused("webhook-urls")),
            critical=Topic(chosen.critical_topic, sns, "critical") if chosen.critical_topic else None,
            store=self.store,
            quiet=self.quiet,
        )

    def limits(self, chosen: Scraper) -> Mapping[str, Mapping[str, Decimal]]:
        """The scraper's thresholds, those kept in the store over its own. Raises `BadEvent` for kept ones that make no sense."""
        from chalicelib.limits import KEPT, overlaid

        kept = self.store.kept(KEPT)
        own = {chosen.NAME: kept[chosen.NAME]} if isinstance(kept, Mapping) and chosen.NAME in kept else None
        return overlaid(own, {chosen.NAME: chosen.LIMITS})

    def warn(self, words: str) -> None:
        """Log a warning of an adapter that outlives invocations."""
        if self.telemetry:
            self.telemetry.log("warning", words)

    def client(self, service: str) -> Any:  # noqa: ANN401 -- one of boto3's own generated classes
        """An AWS client in the settings' region that gives up before an alert's claim lapses."""
        import boto3
        from botocore.config import Config

        patience = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
        return boto3.client(service, region_name=self.settings.region, config=patience)  # type: ignore[call-overload]  # its stubs want a literal name


def _moved(chosen: Settings) -> dict[str, str]:
    """EDGAR's two bases where they are not the public ones."""
    bases = (("https://www.sec.gov", chosen.sec_www), ("https://data.sec.gov", chosen.sec_data))
    return {public: base for public, base in bases if base != public} | (
        {TRANSCRIPT_API: chosen.transcripts} if chosen.transcripts else {}
    )


@dataclass(frozen=True)
class World:
    """Satisfies `ports.Fetch`: every supplier behind its port, loaded when it is first asked."""

    shared: Shared
    deadline: Deadline
    instant: datetime | None
    hosts: Collection[str]
    keep: bool

    @cached_property
    def web(self) -> Web:
        """Documents."""
        return self.shared.web(self.hosts, keep=self.keep).within(self.deadline)

    @cached_property
    def quotes(self) -> Quotes:
        """Prices."""
        return self.shared.quotes.within(self.deadline)

    @cached_property
    def files(self) -> Files:
        """Form PF and transcripts, in folders and buckets that are configured."""
        from chalicelib.adapters.files import SourceFiles

        chosen = self.shared.settings
        roots = [root for root in (chosen.form_pf_source, chosen.transcript_source) if root]
        return SourceFiles(roots, lambda: self.shared.client("s3"))

    @cached_property
    def transcripts(self) -> Transcripts:
        """Earnings calls: the files that are configured first, then the provider there is a key for."""
        from chalicelib.adapters.transcripts import PROVIDER, FileTranscripts, FirstOf, ProviderTranscripts

        chosen, secrets = self.shared.settings, self.shared.secrets
        web = self.shared.web(self.hosts, keep=self.keep).within(self.deadline)
        provider = ProviderTranscripts(web, lambda: secrets.api_key(PROVIDER), lambda: secrets.refused("api-keys"))
        files = [FileTranscripts(self.files, chosen.transcript_source)] if chosen.transcript_source else []
        return FirstOf([*files, provider])

    def now(self) -> datetime:
        """The instant being played, else the present."""
        return self.instant or datetime.now(UTC)

    def setting(self, name: str) -> str | None:
        """The settings a scraper may know."""
        chosen = self.shared.settings
        return {"FORM_PF_SOURCE": chosen.form_pf_source, "TRANSCRIPT_SOURCE": chosen.transcript_source}.get(name)
