"""The store holds the truth: history of entities, scans, gaps and answers; SQLite or PostgreSQL.

`open_store` writes (SQLAlchemy Core); `open_reader` reads (plain DB-API). Importing this package loads neither;
for annotations take `Store` and `ScanWriter` from `itops.store.writing` and `.scan_writer`, `Reader` from `.reader`.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from itops.store.location import StoreLocation

if TYPE_CHECKING:
    from itops.store.reader import Reader
    from itops.store.writing import Store

__all__ = ["StoreLocation", "open_reader", "open_store"]


def open_store(location: StoreLocation, now: datetime, *, lock_wait_seconds: float = 10.0) -> "Store":
    """Open for writing: make or migrate what is there, and mark what dead processes left behind.

    Raises StoreUnavailable, or StoreLocked when another process writes for longer than `lock_wait_seconds`.
    """
    from itops.store import writing  # noqa: PLC0415  SQLAlchemy costs 250 ms, which only writers pay

    return writing.open_store(location, now, lock_wait_seconds=lock_wait_seconds)


def open_reader(location: StoreLocation) -> "Reader":
    """Open for reading only. Raises StoreUnavailable, also where nobody has scanned yet."""
    from itops.store import reader  # noqa: PLC0415  the driver is loaded when a store is really read

    return reader.open_reader(location)
