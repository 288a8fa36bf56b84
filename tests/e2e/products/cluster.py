"""A throw-away PostgreSQL that archives its WAL into a backup product; reached by a socket only, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses root
_BINARIES = "/usr/lib/postgresql"
_START_SECONDS = 30.0
_SETTINGS = ("full_page_writes=on", "fsync=off", "wal_level=replica", "max_wal_senders=5", "archive_mode=on")


def binary(name: str) -> str:
    """The newest of the installed servers' programs called `name`."""
    found = sorted(Path(_BINARIES).glob(f"*/bin/{name}"))
    if not found:
        raise FileNotFoundError(f"no {name} below {_BINARIES}: install the package postgresql")
    return str(found[-1])


@contextmanager
def owned_folder(prefix: str) -> Iterator[Path]:
    """A folder with a short name, for a socket lies in it, that belongs to the account of the server."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        if ACCOUNT:
            shutil.chown(folder, ACCOUNT, ACCOUNT)
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(
    arguments: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a program as the account of the server; raises with all it said."""
    done = subprocess.run(
        list(map(str, arguments)),
        check=False,
        capture_output=True,
        text=True,
        user=ACCOUNT,
        group=ACCOUNT,
        extra_groups=[] if ACCOUNT else None,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", "HOME": str(folder), **(environment or {})},
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A running server."""

    folder: Path
    port: int = 5432  # names the socket; nothing listens on the network

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Ask; one value comes back as text."""
        command = [binary("psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", str(self.port)]
        return run([*command, "-U", "itops", "-d", database, "-c", statement], folder=self.folder).stdout.strip()


def initialise(folder: Path) -> None:
    """An empty cluster in `folder`/data."""
    command = [binary("initdb"), "--pgdata", folder / "data", "--username=itops", "--auth=trust", "--encoding=UTF8"]
    run([*command, "--locale=C.UTF-8", "--no-sync", "--data-checksums"], folder=folder)


@contextmanager
def serving(folder: Path, *settings: str) -> Iterator[Cluster]:
    """Serve `folder`/data while the block runs."""
    cluster = Cluster(folder=folder)
    command = [binary("postgres"), "-D", str(cluster.data), "-h", "", "-p", str(cluster.port), "-k", str(folder)]
    for setting in (*_SETTINGS, *settings):
        command += ["-c", setting]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, user=ACCOUNT, group=ACCOUNT, cwd=folder)
        try:
            _wait_until_ready(process, cluster)
            yield cluster
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def add_tablespace(cluster: Cluster) -> None:
    """A table of ten rows outside the data directory: what a restore must never put back where it was."""
    place = cluster.folder / "tablespace"
    place.mkdir()
    if ACCOUNT:
        shutil.chown(place, ACCOUNT, ACCOUNT)
    cluster.sql(f"CREATE TABLESPACE extra LOCATION '{place}'")
    cluster.sql("CREATE TABLE outside TABLESPACE extra AS SELECT generate_series(1, 10) AS g")


def _wait_until_ready(process: "subprocess.Popen[bytes]", cluster: Cluster) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            cluster.sql("SELECT 1")
        except RuntimeError:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (cluster.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            time.sleep(0.2)
        else:
            return
