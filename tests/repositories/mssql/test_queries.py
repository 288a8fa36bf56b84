"""Which rows the statements choose, and in what order: run on SQLite, once the words that it lacks are translated."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from itops.repositories.mssql import queries

_ALL = {
    ("sys", "databases"): ("database_id", "source_database_id", *queries._DATABASE, *queries._DATABASE_LATER),
    ("sys", "database_recovery_status"): ("database_id", *queries._RECOVERY),
    ("msdb", "backupset"): ("media_set_id", *queries._SET),
    ("msdb", "backupmediaset"): ("media_set_id", *queries._MEDIA),
    ("msdb", "backupmediafamily"): ("media_set_id", *queries._FAMILY),
    ("msdb", "suspect_pages"): ("database_id", "file_id", "page_id", "event_type", "error_count", "last_update_date"),
}
_HISTORY = {(table, column) for (schema, table), names in _ALL.items() if schema == "msdb" for column in names}
_TRANSLATED = (("msdb.dbo.", "msdb."), (" N'", " '"), ("sys.fn_hadr", "fn_hadr"), ("%s", "?"))


@pytest.fixture
def server() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        for schema in ("sys", "msdb"):
            connection.execute(f"ATTACH ':memory:' AS {schema}")
        for (schema, table), columns in _ALL.items():
            connection.execute(f"CREATE TABLE {schema}.{table} ({', '.join(dict.fromkeys(columns))})")
        connection.create_function("DATABASEPROPERTYEX", 2, lambda name, what: None)
        connection.create_function("DB_NAME", 1, lambda number: f"db{number}")
        connection.create_function("fn_hadr_backup_is_preferred_replica", 1, lambda name: 1)
        yield connection


def fill(server: sqlite3.Connection, table: str, *rows: Mapping[str, Any]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        server.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def asked(server: sqlite3.Connection, statement: str, *parameters: object) -> list[Mapping[str, Any]]:
    for theirs, ours in _TRANSLATED:
        statement = statement.replace(theirs, ours)
    return [dict(row) for row in server.execute(statement, parameters)]


def test_tempdb_and_snapshots_of_databases_need_no_backup_and_everything_else_is_listed(
    server: sqlite3.Connection,
) -> None:
    fill(
        server,
        "sys.databases",
        {"database_id": 1, "name": "master"},
        {"database_id": 2, "name": "tempdb"},
        {"database_id": 7, "name": "Insurance"},
        {"database_id": 8, "name": "Insurance_before", "source_database_id": 7},
        {"database_id": 9, "name": "Archive", "state_desc": "OFFLINE"},
    )
    fill(server, "sys.database_recovery_status", {"database_id": 7, "database_guid": "g"})
    rows = asked(server, queries.databases(queries._DATABASE_LATER, asks_preferred=True))
    guids = {row["name"]: row["database_guid"] for row in rows}
    assert guids == {"master": None, "Insurance": "g", "Archive": None}  # an offline one has no recovery status


def test_only_a_database_of_a_group_is_asked_whether_its_replica_is_preferred(server: sqlite3.Connection) -> None:
    fill(
        server,
        "sys.databases",
        {"database_id": 7, "name": "Grouped", "replica_id": "r"},
        {"database_id": 8, "name": "Alone"},
    )
    rows = asked(server, queries.databases(queries._DATABASE_LATER, asks_preferred=True))
    assert {row["name"]: row["preferred"] for row in rows} == {"Grouped": 1, "Alone": None}


def a_set(number: int, last_lsn: int, finished: str, **more: object) -> dict[str, object]:
    made = {"backup_set_id": number, "database_name": "Insurance", "last_lsn": last_lsn, "media_set_id": number}
    return {**made, "backup_start_date": finished, "backup_finish_date": finished, **more}


def test_sets_come_in_the_order_of_their_lsns_whatever_the_clock_said(server: sqlite3.Connection) -> None:
    fill(server, "msdb.backupset", a_set(1, 200, "2026-11-20 01:30"), a_set(2, 100, "2026-11-20 02:30"))
    rows = asked(server, queries.history(_HISTORY), "2026-11-01")
    assert [row["last_lsn"] for row in rows] == [100, 200]


def test_a_set_without_its_media_is_still_told(server: sqlite3.Connection) -> None:
    fill(server, "msdb.backupset", a_set(1, 100, "2026-11-20"), a_set(2, 200, "2026-11-21"))
    fill(server, "msdb.backupmediaset", {"media_set_id": 2, "mirror_count": 1})
    fill(server, "msdb.backupmediafamily", {"media_set_id": 2, "physical_device_name": "a.bak"})
    rows = asked(server, queries.history(_HISTORY), "2026-11-01")
    assert [(row["backup_set_id"], row["physical_device_name"]) for row in rows] == [(1, None), (2, "a.bak")]


def test_rows_of_one_set_stand_together_though_another_has_the_same_lsn(server: sqlite3.Connection) -> None:
    fill(server, "msdb.backupset", a_set(1, 100, "2026-11-20"), a_set(2, 100, "2026-11-20"))
    for medium in (1, 2):
        for stripe in (2, 1):
            fill(server, "msdb.backupmediafamily", {"media_set_id": medium, "family_sequence_number": stripe})
    rows = asked(server, queries.history(_HISTORY), "2026-11-01")
    assert [(row["backup_set_id"], row["family_sequence_number"]) for row in rows] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_backup_that_began_before_the_first_day_and_ended_after_it_is_told(server: sqlite3.Connection) -> None:
    early = a_set(1, 100, "2026-11-01 00:30", backup_start_date="2026-10-31 23:30")
    fill(server, "msdb.backupset", early, a_set(2, 200, "2026-10-31 23:59"))
    rows = asked(server, queries.history(_HISTORY), "2026-11-01 00:00")
    assert [row["backup_set_id"] for row in rows] == [1]


def test_a_page_that_was_mended_is_no_longer_suspect(server: sqlite3.Connection) -> None:
    events = [
        {"database_id": 7, "event_type": event} for event in (1, 2, 3, 4, 5, 7)
    ]  # 4 restored, 5 repaired, 7 freed
    fill(server, "msdb.suspect_pages", *events)
    assert [row["event_type"] for row in asked(server, queries.SUSPECT_PAGES)] == [1, 2, 3]


def test_a_2008_r2_is_asked_for_nothing_that_came_later() -> None:
    later = {"replica_id", "fn_hadr", "key_algorithm", "encryptor_type", "is_encrypted"}
    known = {(table, column) for table, column in _HISTORY if column not in later}
    old = queries.databases(queries._DATABASE, asks_preferred=True) + queries.history(known)
    new = queries.databases(queries._DATABASE_LATER, asks_preferred=True) + queries.history(_HISTORY)
    assert {name for name in later if name in old} == set()
    assert {name for name in later if name in new} == later
