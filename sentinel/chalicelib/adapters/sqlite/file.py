"""The SQLite file itself: opening, schema, transactions, and SQLite's errors as our kinds."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from chalicelib.errors import Forbidden, Missing, SentinelError, UpstreamDown

SCHEMA = 1
"""Raised when the tables change; kept in the file as `user_version`."""
APPLICATION = 0x42425331
"""Marks the file as ours (`application_id`)."""
BUSY_MS = 30_000
"""How long a writer waits for another."""


class File:
    """One open file; any number of threads take turns at it."""

    def __init__(self, path: Path, busy_ms: int) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            self.db = sqlite3.connect(
                self.path, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            self._open(busy_ms)
        except sqlite3.Error as error:
            self._refuse(error)

    def close(self) -> None:
        """Close it; no more can be read or written."""
        with self._lock:
            self.db.close()

    def _open(self, busy_ms: int) -> None:
        if self._made_by() == (0, 0):
            self._create()
        application, version = self._made_by()
        if application != APPLICATION:
            raise SentinelError(f"{self.path} is a database of another program")
        if version != SCHEMA:
            age = "an older" if version < SCHEMA else "a newer"
            raise SentinelError(
                f"{self.path} was written by {age} version of this program (schema {version}, this one needs {SCHEMA}): "
                "use that version, or another file"
            )
        self._log_ahead(busy_ms)
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.execute("PRAGMA cache_size=-16000")

    def _create(self) -> None:
        """Make the tables, in one transaction, unless another process has just done so."""
        with self.write() as db:
            if self._made_by() != (0, 0):
                return
            if db.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise SentinelError(f"{self.path} is a database of another program")
            for table in files("chalicelib.adapters.sqlite").joinpath("tables.sql").read_text("utf-8").split(";"):
                db.execute(table)
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={SCHEMA}")

    def _log_ahead(self, busy_ms: int) -> None:
        """Switch the file to write-ahead logging; SQLite itself does not wait for others there."""
        until = time.monotonic() + busy_ms / 1000
        while True:
            try:
                self.db.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return

    def _made_by(self) -> tuple[int, int]:
        application = self.db.execute("PRAGMA application_id").fetchone()[0]
        return application, self.db.execute("PRAGMA user_version").fetchone()[0]

    def _refuse(self, error: sqlite3.Error) -> NoReturn:
        """Raise our kind for SQLite's."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        words = f"{self.path}: {error}"
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise SentinelError(f"{self.path} is damaged or no database ({error}): restore it from a copy") from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
            raise Forbidden(f"{self.path} may not be written: {error}") from error
        if code == sqlite3.SQLITE_CANTOPEN:
            if self.path.exists():
                raise Forbidden(f"{self.path} may not be opened") from error
            raise Missing(f"{self.path} cannot be made: is its folder there?") from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise UpstreamDown(words) from error
        raise SentinelError(words) from error

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, after any error, nothing."""
        with self._lock:
            try:
                self.db.execute("BEGIN IMMEDIATE")
                try:
                    yield self.db
                    self.db.execute("COMMIT")
                except BaseException:
                    if self.db.in_transaction:
                        self.db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                self._refuse(error)
            except UnicodeEncodeError as error:
                raise SentinelError(f"a key is no valid text: {error.object[:200]!r}") from error

    def rows(self, query: str, *values: object) -> list[Any]:
        """What the query gives."""
        with self._lock:
            try:
                return self.db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                self._refuse(error)
