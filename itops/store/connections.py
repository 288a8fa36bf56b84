"""How readers reach the two engines: one SQL with `?` for parameters, rows as tuples, long answers as streams."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

from itops.store.failures import explained, no_store_yet
from itops.store.location import StoreLocation, refuse_open_doors

Row: TypeAlias = tuple[Any, ...]
Parameter: TypeAlias = "str | int | None"
_BUSY_SECONDS = 5.0
_CONNECT_SECONDS = 10
_ROWS_AT_ONCE = 200


class Connection(Protocol):
    """What a reader needs of an engine."""

    def rows(self, sql: str, parameters: Sequence[Parameter] = ()) -> list[Row]:
        """A short answer, whole."""
        ...

    def stream(self, sql: str, parameters: Sequence[Parameter] = ()) -> Iterator[Row]:
        """A long answer, a few rows in memory at a time; of one moment, whatever is written meanwhile."""
        ...

    def has_table(self, name: str) -> bool:
        """Is there a table of this name?"""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class SqliteConnection:
    """`itops.db`, opened so that nothing can be written through it."""

    def __init__(self, location: StoreLocation) -> None:
        self._place = location.place
        with _explaining(self._place):
            if not location.database.exists():
                raise no_store_yet(location.place)
            refuse_open_doors(location.database)
            uri = f"{location.database.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)

    def rows(self, sql: str, parameters: Sequence[Parameter] = ()) -> list[Row]:
        """See Connection."""
        with _explaining(self._place):
            return self._connection.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Parameter] = ()) -> Iterator[Row]:
        """See Connection."""
        with _explaining(self._place):
            cursor = self._connection.execute(sql, parameters)
        while True:
            with _explaining(self._place):
                batch = cursor.fetchmany(_ROWS_AT_ONCE)
            if not batch:
                return
            yield from batch

    def has_table(self, name: str) -> bool:
        """See Connection."""
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)))

    def close(self) -> None:
        """See Connection."""
        self._connection.close()


class PostgresqlConnection:
    """A PostgreSQL database, in a session that may only read."""

    def __init__(self, location: StoreLocation) -> None:
        import psycopg  # noqa: PLC0415  most stores are SQLite files

        self._place = location.place
        password = None if location.password is None else location.password.reveal()
        try:
            self._connection = psycopg.connect(
                location.url or "",
                password=password,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                application_name="itops",
                options="-c default_transaction_read_only=on",
            )
        except psycopg.Error as error:
            raise explained(error, self._place) from error
        self._errors = psycopg.OperationalError
        self._streams = 0

    def rows(self, sql: str, parameters: Sequence[Parameter] = ()) -> list[Row]:
        """See Connection."""
        try:
            return self._connection.execute(_in_psycopg(sql), parameters).fetchall()
        except self._errors as error:
            raise explained(error, self._place) from error

    def stream(self, sql: str, parameters: Sequence[Parameter] = ()) -> Iterator[Row]:
        """See Connection. The server holds the answer, so that several streams may be open at once."""
        self._streams += 1
        with self._connection.cursor(f"itops_{self._streams}", withhold=True) as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            try:
                cursor.execute(_in_psycopg(sql), parameters)
                yield from cursor
            except self._errors as error:
                raise explained(error, self._place) from error

    def has_table(self, name: str) -> bool:
        """See Connection."""
        return self.rows("SELECT to_regclass(?) IS NOT NULL", (name,))[0][0] is True

    def close(self) -> None:
        """See Connection."""
        self._connection.close()


def connect(location: StoreLocation) -> Connection:
    """A connection for reading; raises StoreUnavailable."""
    return SqliteConnection(location) if location.url is None else PostgresqlConnection(location)


def _in_psycopg(sql: str) -> bytes:
    """None of our statements has a `?` or a `%` of its own."""
    return sql.replace("?", "%s").encode()


@contextmanager
def _explaining(place: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise explained(error, place) from error
