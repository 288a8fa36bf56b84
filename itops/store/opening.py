"""Opening the store for reading: a connection, and a schema that this version can read."""

from collections.abc import Iterator
from contextlib import contextmanager

from itops.store.connections import Connection, connect
from itops.store.failures import no_store_yet, schema_too_new, schema_too_old
from itops.store.location import StoreLocation
from itops.store.migrations import SCHEMA_VERSION
from itops.store.watch_reader import WatchReader


def opened(location: StoreLocation) -> Connection:
    """Raises StoreUnavailable, also where nobody has scanned yet."""
    connection = connect(location)
    try:
        _check_schema(connection, location.place)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def open_watch(location: StoreLocation) -> Iterator[WatchReader]:
    """The watch alone, for checks that are made every minute; raises what `opened` raises."""
    connection = opened(location)
    try:
        yield WatchReader(connection)
    finally:
        connection.close()


def _check_schema(connection: Connection, place: str) -> None:
    if not connection.has_table("schema_version"):
        raise no_store_yet(place)
    version = connection.rows("SELECT max(version) FROM schema_version")[0][0] or 0
    if version > SCHEMA_VERSION:
        raise schema_too_new(place, version, SCHEMA_VERSION)
    if version == 0:
        raise no_store_yet(place)
    if version < SCHEMA_VERSION:
        raise schema_too_old(place, version, SCHEMA_VERSION)
