"""A real PostgreSQL server for a test module: its own folder, a loopback port, password authentication. No fake."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self


def binaries() -> Path | None:
    """Where initdb and pg_ctl are, None when there is no server on this machine."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        places.append(Path(found).resolve().parent)
    return next((each for each in places if (each / "initdb").exists() and (each / "pg_ctl").exists()), None)


@dataclass
class PostgresServer:
    """Runs while the `with` block does. PostgreSQL refuses to run as root, so root starts it as another user."""

    bin: Path
    password: str = "first-password-of-the-test"

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="sentinel-pg-"))
        self.user = None
        if os.geteuid() == 0:
            names = {each.pw_name for each in pwd.getpwall()}
            self.user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(self.folder, self.user)
        secret = self.folder / "password"
        secret.write_text(self.password)
        self._run("initdb", "-D", str(self.data), "-U", "sentinel", "-A", "scram-sha-256", f"--pwfile={secret}", "-N")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, password: str | None = None) -> str:
        return f"postgresql://sentinel:{password or self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-t", "60", "-o", options, "start")

    def stop(self) -> None:
        subprocess.run(
            [self.bin / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop"],
            check=False,
            capture_output=True,
            user=self.user,
        )

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.bin / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self.user,
            cwd="/",
            timeout=120,
        )
