"""A throw-away MariaDB server for tests: Debian's programs, a socket only, gone afterwards."""

import getpass
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.child import wait_until

# Nobody needs this data after a power cut; and small files make small backups.
_SETTINGS = (
    "--skip-networking",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=16M",
    "--skip-log-bin",
    "--character-set-server=utf8mb4",
    "--performance-schema=OFF",
)


class ProgramFailed(RuntimeError):
    """A client program ended with an error."""


@dataclass(frozen=True)
class Server:
    """A running server; its account `root` has no password, but only who reaches the socket can use it."""

    folder: Path

    @property
    def socket(self) -> Path:
        """Where it listens; there is no port."""
        return self.folder / "socket"

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    @property
    def scratch(self) -> Path:
        """Its own place for temporary tables: a server that starts deletes those of the others in a shared one."""
        return self.folder / "tmp"

    @property
    def options(self) -> tuple[str, ...]:
        """For any client program (mariadb, mariadb-dump, mariabackup), before its own options."""
        return ("--no-defaults", f"--socket={self.socket}", "--user=root")

    def run(self, statements: str, database: str = "") -> str:
        """Run SQL through the client; tab-separated rows without their heading."""
        command = ["mariadb", *self.options, "--default-character-set=utf8mb4", "--batch", "--skip-column-names"]
        command += [database] if database else []
        return _ran(command, statements.encode()).decode()

    def client(self, *command: str | Path, into: Path | None = None) -> bytes:
        """Run a client program with the options of this server after its name; its output, also kept in `into`."""
        program, *rest = map(str, command)
        output = _ran([program, *self.options, *rest])
        if into is not None:
            into.write_bytes(output)
        return output


def _ran(command: list[str], given: bytes = b"") -> bytes:
    """The output of a program; what it complains of is told when it fails."""
    done = subprocess.run(command, input=given, check=False, capture_output=True)
    if done.returncode:
        raise ProgramFailed(f"{command[0]} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


@contextmanager
def running_server(*settings: str) -> Iterator[Server]:
    """Start a server of one's own; `settings` are further options of mariadbd."""
    # The path of a socket may have 107 bytes at most, which pytest's own folders can exceed.
    folder = Path(tempfile.mkdtemp(prefix="itops-mariadb-"))
    try:
        server = Server(folder=folder)
        server.scratch.mkdir()
        _initialise(server, settings)
        with _serving(server, settings):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(server: Server, settings: tuple[str, ...]) -> None:
    command = ["mariadb-install-db", "--no-defaults", f"--datadir={server.data}", f"--user={getpass.getuser()}"]
    command += ["--auth-root-authentication-method=normal", "--skip-test-db", f"--tmpdir={server.scratch}", *settings]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=server.folder)
    if done.returncode:
        raise RuntimeError(f"MariaDB could not be initialised:\n{done.stdout}{done.stderr}")


@contextmanager
def _serving(server: Server, settings: tuple[str, ...]) -> Iterator[None]:
    command = [_server_program(), "--no-defaults", f"--datadir={server.data}", f"--socket={server.socket}"]
    command += [f"--pid-file={server.folder / 'pid'}", f"--user={getpass.getuser()}", f"--tmpdir={server.scratch}"]
    command += [*_SETTINGS, *settings]
    log = server.folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=server.folder, start_new_session=True)
        try:
            wait_until(lambda: _answers(server), process, log, "MariaDB")
            yield
        finally:
            process.kill()  # it would write everything out first, which nobody will read
            process.wait()


def _server_program() -> str:
    found = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError("no mariadbd: install the package mariadb-server")
    return found


def _answers(server: Server) -> bool:
    try:
        server.run("SELECT 1")
    except ProgramFailed:
        return False
    return True
