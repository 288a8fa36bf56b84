"""Bring a database from the schema it has to the one this itops knows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, inspect, select
from sqlalchemy.engine import Connection

from itops.store.failures import schema_too_new
from itops.store.gate import Gate
from itops.store.schema import SCHEMA_VERSION

_VERSION_TABLE = "CREATE TABLE schema_version (version {integer} PRIMARY KEY, applied_at {integer} NOT NULL){strict}"


def migrate(gate: Gate, now: datetime, steps: Sequence[Sequence[str]]) -> None:
    """Apply the steps that are missing, each in one transaction, after a backup of what is there.

    Raises StoreUnavailable, and changes nothing, when the database has a newer schema than the last of `steps`.
    """
    with gate.writing(is_durable=True) as connection:
        version = _version(connection)
    if version > len(steps):
        raise schema_too_new(gate.place, version, len(steps))
    if 0 < version < len(steps):
        gate.back_up(version)
    for number in range(version + 1, len(steps) + 1):
        _apply(gate, now, number, steps[number - 1])


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(SCHEMA_VERSION.name):
        return 0
    return connection.execute(select(func.max(SCHEMA_VERSION.c.version))).scalar() or 0


def _apply(gate: Gate, now: datetime, number: int, statements: Sequence[str]) -> None:
    with gate.writing(is_durable=True) as connection:
        if _version(connection) >= number:  # another process was quicker
            return
        if number == 1:
            connection.exec_driver_sql(_VERSION_TABLE.format(**gate.ddl_words))
        for statement in statements:
            connection.exec_driver_sql(statement.format(**gate.ddl_words))
        connection.execute(SCHEMA_VERSION.insert(), {"version": number, "applied_at": now})
