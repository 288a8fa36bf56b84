"""A throw-away PostgreSQL cluster for tests: Debian's binaries, loopback, gone afterwards."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.e2e.child import until_the_end, wait_until

_BINARIES = "/usr/lib/postgresql"
# Nobody needs this data after a power cut.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=30")


@dataclass(frozen=True)
class Server:
    """A running cluster; its only account, `itops`, logs in with a password."""

    port: int
    password: str

    def url(self, database: str) -> str:
        return f"postgresql://itops@127.0.0.1:{self.port}/{database}"

    def new_database(self, encoding: str = "UTF8") -> str:
        """The url of a new, empty database."""
        name = f"store_{secrets.token_hex(6)}"
        with self.connect("postgres") as connection:
            how = f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
            connection.execute(f'CREATE DATABASE "{name}" {how}'.encode())
        return self.url(name)

    def answers(self) -> bool:
        """Whether it takes logins by now."""
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url(database), password=self.password, autocommit=True, connect_timeout=5)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a cluster, as user postgres where we are root, for PostgreSQL refuses root."""
    folder = Path(tempfile.mkdtemp(prefix="itops-postgresql-"))
    account = "postgres" if os.getuid() == 0 else None
    password = secrets.token_urlsafe(12)
    try:
        (folder / "password").write_text(password, encoding="ascii")
        if account:
            shutil.chown(folder, account)
            shutil.chown(folder / "password", account)
        _initialise(folder, account)
        server = Server(port=_free_port(), password=password)
        with _serving(folder, account, server):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binary(name: str) -> str:
    found = sorted(Path(_BINARIES).glob(f"*/bin/{name}"))
    if not found:
        raise FileNotFoundError(f"no {name} below {_BINARIES}: install the package postgresql")
    return str(found[-1])


def _initialise(folder: Path, account: str | None) -> None:
    command = [_binary("initdb"), "--pgdata", str(folder / "data"), "--username=itops", "--auth=scram-sha-256"]
    command += [f"--pwfile={folder / 'password'}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True, user=account, cwd=folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(folder: Path, account: str | None, server: Server) -> Iterator[None]:
    command = [_binary("postgres"), "-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(server.port)]
    command += ["-k", str(folder)]
    for setting in _SETTINGS:
        command += ["-c", setting]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, user=account, cwd=folder, start_new_session=True)
        with until_the_end(process):
            wait_until(server.answers, process, folder / "log", "PostgreSQL")
            yield
