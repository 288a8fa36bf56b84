"""Column types of our own.

Of SQLAlchemy's common types only Integer, Text and LargeBinary pass in a STRICT table of SQLite, and its DateTime
silently loses the zone there. These three build on what passes and read back the same on both engines.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from itops.store.encoding import storable
from itops.store.moments import from_micros, to_micros

Int64 = BigInteger
Bytes = LargeBinary


class Str(TypeDecorator[str]):
    """Text from outside; NUL and half surrogates become U+FFFD, for no engine takes both."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else storable(value)


class UtcMicros(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds since 1970 in UTC; a naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the database."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else from_micros(value)


class JsonText(TypeDecorator[Any]):
    """A small JSON value as text, keys sorted."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str:
        """To the database."""
        return json.dumps(value, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """From the database."""
        return None if value is None else json.loads(value)
