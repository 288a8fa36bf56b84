"""Examine the store: it opens, its schema is ours, nothing in it is damaged."""

import sqlite3
from collections.abc import Iterator

from itops.errors import ItopsError
from itops.inventory.diagnosis import Check
from itops.store import StoreLocation, open_reader
from itops.store.connections import connect
from itops.store.migrations import SCHEMA_VERSION
from itops.verdict import State

_SUBJECT = "store"


def check_store(location: StoreLocation) -> Iterator[Check]:
    """Read it without changing anything; a store that was never written is a warning, not a success."""
    if location.url is None and not _may_be_there(location):
        remedy = "run `itops inventory scan`"
        yield _check(State.WARNING, "store.empty", f"{location.database} is not there: nothing was scanned yet", remedy)
        return
    try:
        with open_reader(location) as reader:
            scan_count = len(reader.scans(limit=1))
    except ItopsError as failure:
        yield _check(State.CRITICAL, "store.unusable", failure.problem, failure.remedy)
        return
    yield _check(State.OK, "store.open", f"{location.place} opens, schema version {SCHEMA_VERSION}")
    if scan_count == 0:
        yield _check(State.WARNING, "store.empty", "holds no scan yet", "run `itops inventory scan`")
    if location.url is None:
        yield from _check_sqlite(location)


def _may_be_there(location: StoreLocation) -> bool:
    try:
        return location.database.exists()
    except OSError:
        return True  # a folder that may not be looked into: opening the store explains it


def _check_sqlite(location: StoreLocation) -> Iterator[Check]:
    connection = connect(location)
    try:
        damage = [str(row[0]) for row in connection.rows("PRAGMA quick_check(5)")]
    except ItopsError as failure:
        damage = [failure.problem]
    finally:
        connection.close()
    if damage == ["ok"]:
        yield _check(State.OK, "store.whole", f"nothing is damaged (SQLite {sqlite3.sqlite_version})")
    else:
        remedy = f"copy {location.folder} away, then restore the last backup of {location.database.name}"
        yield _check(State.CRITICAL, "store.damaged", "; ".join(damage), remedy)


def _check(state: State, code: str, finding: str, remedy: str = "") -> Check:
    return Check(state=state, subject=_SUBJECT, code=code, finding=finding, remedy=remedy)
