"""Writing to SQLite: WAL, BEGIN IMMEDIATE, and a file lock of our own around every write and checkpoint.

The lock is there besides SQLite's own because versions before 3.51.3 can corrupt a WAL when two connections write and
checkpoint at the same instant, and Debian 12 ships 3.40.1.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from filelock import Timeout
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

from itops.errors import StoreLocked
from itops.locks import private_lock
from itops.store.failures import locked
from itops.store.gate import explaining
from itops.store.location import StoreLocation, refuse_open_doors

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_BUSY_SECONDS = 5.0
_WRITERS = "writers"
_SETTINGS = (
    "PRAGMA page_size = 8192",  # counts only before the first table
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -8000",  # KiB; a scan's transaction spills into the WAL, not into memory
)


class SqliteGate:
    """The gate of `itops.db` in a state folder."""

    ddl_words = {  # noqa: RUF012  a constant of the class
        "identity": "INTEGER PRIMARY KEY",
        "integer": "INTEGER",
        "bytes": "BLOB",
        "strict": " STRICT",
        "compact": " WITHOUT ROWID, STRICT",
    }

    def __init__(self, location: StoreLocation, writer: str, lock_wait_seconds: float) -> None:
        self.place = location.place
        self._database = location.database
        with explaining(self.place):
            _make_private_folder(location.folder)
            _make_private_folder(location.folder / _WRITERS)
            self._turn = Lock()
            self._lock = private_lock(location.folder / "itops.lock", lock_wait_seconds)
            self._alive = private_lock(self._writer_file(writer), 0)
            with self._alone():
                # Under the write lock: whoever sweeps may not find our file before we hold it.
                self._alive.acquire()
                self._sweep()
                _make_private_file(self._database)
                refuse_open_doors(self._database)
                self._engine = create_engine("sqlite://", creator=self._connect, poolclass=StaticPool)
                with self._engine.connect():
                    pass

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._database, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for setting in _SETTINGS:
            connection.execute(setting)
        return connection

    def _sweep(self) -> None:
        """Remove the files of writers that died."""
        for file in (self._database.parent / _WRITERS).glob("*.lock"):
            self.is_alive(file.stem)

    def _writer_file(self, writer: str) -> Path:
        return self._database.parent / _WRITERS / f"{writer}.lock"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn:
            try:
                self._lock.acquire()
            except Timeout:
                raise locked(self.place) from None
            try:
                yield
            finally:
                self._lock.release()

    @contextmanager
    def writing(self, *, is_durable: bool = False) -> Iterator[Connection]:
        """See Gate."""
        with explaining(self.place), self._alone(), self._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def is_alive(self, writer: str) -> bool:
        """See Gate. The lock on a writer's file goes with its process, however that ends."""
        file = self._writer_file(writer)
        if self._alive.lock_file == str(file):
            return True
        if not file.exists():
            return False
        probe = private_lock(file, 0)
        try:
            probe.acquire()
        except Timeout:
            return True
        probe.release()
        file.unlink(missing_ok=True)
        return False

    def back_up(self, version: int) -> None:
        """See Gate. The copy stands beside the store: itops.db.schema-1."""
        copy = self._database.with_name(f"{self._database.name}.schema-{version}")
        with explaining(self.place), self._alone():
            _make_private_file(copy)
            with (
                closing(sqlite3.connect(self._database, timeout=_BUSY_SECONDS)) as origin,
                closing(sqlite3.connect(copy)) as target,
            ):
                origin.backup(target)

    def close(self) -> None:
        """See Gate. The last connection to close checkpoints the WAL: that too under the lock."""
        with explaining(self.place):
            try:
                with self._alone():
                    self._engine.dispose()
            except StoreLocked:
                self._engine.dispose()  # somebody else is connected: ours is not the last one and checkpoints nothing
            finally:
                Path(self._alive.lock_file).unlink(missing_ok=True)
                self._alive.release()


def _make_private_folder(folder: Path) -> None:
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)


def _make_private_file(file: Path) -> None:
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE))
