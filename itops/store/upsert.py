"""INSERT ... ON CONFLICT, which both engines have and SQLAlchemy keeps in two places."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Table
from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

Insert: TypeAlias = "sqlite.Insert | postgresql.Insert"


def insert_missing(connection: Connection, table: Table) -> Insert:
    """An insert that leaves rows with a key that exists as they are."""
    return _insert(connection, table).on_conflict_do_nothing()


def insert_or_replace(connection: Connection, table: Table, key: Sequence[str], replaced: Sequence[str]) -> Insert:
    """An insert that overwrites the columns `replaced` of a row with the same unique `key`."""
    insert = _insert(connection, table)
    return insert.on_conflict_do_update(
        index_elements=list(key), set_={name: insert.excluded[name] for name in replaced}
    )


def _insert(connection: Connection, table: Table) -> Insert:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415  30 ms for the engine that is not used

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  as above

    return postgresql.insert(table)
