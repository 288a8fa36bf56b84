"""The one door to writing: who may write now, and on which connection.

A gate holds one connection. Every write transaction goes through `writing()`, which admits one thread of one process
at a time: in this process by a lock of its own, between processes by what the engine offers.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import exc
from sqlalchemy.engine import Connection

from itops.store.failures import explained

_NOT_OURS = (exc.IntegrityError, exc.ProgrammingError, exc.DataError, exc.NotSupportedError)


class Gate(Protocol):
    """What the store needs of an engine."""

    @property
    def place(self) -> str:
        """What to call the store in a message."""
        ...

    @property
    def ddl_words(self) -> dict[str, str]:
        """The words in which engines differ; see migrations."""
        ...

    def writing(self, *, is_durable: bool = False) -> AbstractContextManager[Connection]:
        """One transaction, alone; committed at the end, rolled back by any exception.

        `is_durable` waits until the disk has it: for what a person typed, which no later scan brings back. Raises
        StoreLocked when another process goes on writing for longer than we wait.
        """
        ...

    def is_alive(self, writer: str) -> bool:
        """Is the process that opened the store under this name still there?"""
        ...

    def back_up(self, version: int) -> None:
        """Keep a copy of the store as it is at this schema version; nothing where the engine's own tools do that."""
        ...

    def close(self) -> None:
        """Let go of the connection and of being alive."""
        ...


@contextmanager
def explaining(place: str) -> Iterator[None]:
    """Turn what drivers and the system raise into our own errors; bugs in our SQL stay bugs."""
    try:
        yield
    except _NOT_OURS:
        raise
    except exc.DBAPIError as error:
        raise explained(error.orig or error, place) from error
    except OSError as error:
        raise explained(error, place) from error
