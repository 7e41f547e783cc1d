"""A PostgreSQL connection from the secret `database-config`, and the migrations that bring its schema up to date.

    {"url": "postgresql://user:password@host:5432/name?sslmode=verify-full", "ca": "-----BEGIN CERTIFICATE…"}
    {"engine": "postgres", "host": …, "port": …, "username": …, "password": …, "dbname": …}      as RDS rotates it

`sslmode` as in libpq: `require` (encrypted; the default away from loopback), `verify-ca`, `verify-full`, `disable`.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from urllib.parse import parse_qs, unquote, urlsplit

import pg8000.native

from chalicelib.errors import BadEvent, Forbidden, SentinelError, UpstreamDown

CONNECT_S = 5
STATEMENT_MS = 30_000
_MODES = ("disable", "require", "verify-ca", "verify-full")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOCK = 7_246_901_532
"""One migration at a time among all processes; any number nobody else uses."""
_DENIED = ("28", "42501", "3D000")
"""SQLSTATE: wrong password or role, missing privilege, no such database."""


@dataclass(frozen=True)
class Address:
    """Where the database is and who we are there."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    sslmode: str
    ca: str = field(default="", repr=False)


def address(config: Mapping[str, object]) -> Address | None:
    """What the secret says, None when it names no database. Raises `BadEvent` with words that repeat nothing of it."""
    if not config or not any(config.values()):
        return None
    url = config.get("url")
    if url is None and config.get("host"):
        return _from_parts(config)
    if not isinstance(url, str):
        raise BadEvent("secret database-config: expected a url or a host")
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        raise BadEvent("secret database-config: its url is malformed") from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise BadEvent("secret database-config: its url is not postgresql://")
    options = parse_qs(parts.query)
    return _checked(
        Address(
            parts.hostname or "",
            port,
            unquote(parts.path.lstrip("/")),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            options.get("sslmode", [""])[0],
            str(config.get("ca") or ""),
        )
    )


def _from_parts(config: Mapping[str, object]) -> Address:
    engine = str(config.get("engine") or "postgres")
    port = str(config.get("port") or "5432")
    if not engine.startswith("postgres") or not re.fullmatch(r"\d{1,5}", port):
        raise BadEvent("secret database-config: expected engine postgres and a port")
    text = {name: str(config.get(name) or "") for name in ("host", "dbname", "username", "password", "sslmode", "ca")}
    return _checked(
        Address(text["host"], int(port), text["dbname"], text["username"], text["password"], text["sslmode"], text["ca"])
    )


def _checked(found: Address) -> Address:
    if not found.host or not found.user or not found.database:
        raise BadEvent("secret database-config: expected a host, a user and a database")
    mode = found.sslmode or ("disable" if found.host in _LOOPBACK else "require")
    if mode not in _MODES:
        raise BadEvent(f"secret database-config: sslmode is none of {', '.join(_MODES)}")
    return Address(found.host, found.port, found.database, found.user, found.password, mode, found.ca)


@contextmanager
def connected(where: Address) -> Iterator[pg8000.native.Connection]:
    """A connection with bounded waits, closed afterwards.

    Raises `Forbidden` (refused for good), `UpstreamDown` (unreachable, failing, too slow); no words of the server's own
    reach a log, for they may quote a value.
    """
    connection: pg8000.native.Connection | None = None
    try:
        connection = pg8000.native.Connection(
            where.user,
            host=where.host,
            port=where.port,
            database=where.database,
            password=where.password,
            ssl_context=_tls(where),
            timeout=CONNECT_S,
            application_name="boom-bust-sentinel",
        )
        connection._usock.settimeout(STATEMENT_MS / 1000 + CONNECT_S)  # noqa: SLF001 -- the driver has one time-out for both; a statement may take longer than a connection
        connection.run(f"SET statement_timeout = {STATEMENT_MS}")
        connection.run("SET lock_timeout = 10000")
        yield connection
    except SentinelError:
        raise
    except pg8000.native.DatabaseError as error:
        raise _meant(error) from None
    except (pg8000.native.InterfaceError, OSError) as error:
        raise UpstreamDown(f"database: cannot be reached ({type(error).__name__})") from None
    finally:
        if connection is not None:
            _close(connection)


def migrate(connection: pg8000.native.Connection) -> int:
    """Apply what is not applied yet, each in a transaction, one process at a time; the schema's version after."""
    connection.run("SELECT pg_advisory_lock(:lock)", lock=_LOCK)
    try:
        connection.run("CREATE SCHEMA IF NOT EXISTS sentinel")
        connection.run(
            "CREATE TABLE IF NOT EXISTS sentinel.migration "
            "(version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        version = int(connection.run("SELECT coalesce(max(version), 0) FROM sentinel.migration")[0][0])
        for number, statements in migrations():
            if number > version:
                _apply(connection, number, statements)
                version = number
        return version
    finally:
        connection.run("SELECT pg_advisory_unlock(:lock)", lock=_LOCK)


def _apply(connection: pg8000.native.Connection, number: int, statements: list[str]) -> None:
    connection.run("START TRANSACTION")
    try:
        for statement in statements:
            connection.run(statement)
        connection.run("INSERT INTO sentinel.migration (version) VALUES (:number)", number=number)
    except pg8000.native.DatabaseError:
        connection.run("ROLLBACK")
        raise
    connection.run("COMMIT")


def migrations() -> list[tuple[int, list[str]]]:
    """The numbered files of `schema/`, each as its statements."""
    files = sorted((each for each in resources.files(__package__).joinpath("schema").iterdir()), key=lambda each: each.name)
    return [
        (int(each.name[:3]), [part.strip() for part in each.read_text(encoding="utf-8").split(";\n") if part.strip()])
        for each in files
        if each.name.endswith(".sql")
    ]


def _tls(where: Address) -> ssl.SSLContext | None:
    if where.sslmode == "disable":
        return None
    context = ssl.create_default_context(cadata=where.ca or None)
    if where.sslmode != "verify-full":
        context.check_hostname = False
    if where.sslmode == "require" and not where.ca:
        context.verify_mode = ssl.CERT_NONE
    return context


def _meant(error: Exception) -> SentinelError:
    code = error.args[0].get("C", "") if error.args and isinstance(error.args[0], dict) else ""
    if str(code).startswith(_DENIED):
        return Forbidden(f"database: refused us (SQLSTATE {code})")
    return UpstreamDown(f"database: failed (SQLSTATE {code or 'unknown'})")


def _close(connection: pg8000.native.Connection) -> None:
    from contextlib import suppress

    with suppress(Exception):
        connection.close()
