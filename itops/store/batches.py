"""Many rows, a few at a time: neither the driver nor SQLAlchemy holds a whole scan."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Executable
from sqlalchemy.engine import Connection

_BATCH = 500
T = TypeVar("T")


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """`items` in lists of a few hundred."""
    source = iter(items)
    while batch := list(islice(source, _BATCH)):
        yield batch


def execute_many(connection: Connection, statement: Executable, rows: Iterable[Mapping[str, Any]]) -> None:
    """Execute a statement once for each row; not at all where there is none."""
    for batch in batches(rows):
        connection.execute(statement, batch)
