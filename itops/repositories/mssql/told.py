"""What else a server tells: its databases, and what was restored, verified and found damaged on it."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from itops.backup.copies import Database, ServerFact
from itops.repositories.mssql.values import guid, known, moment, truth, whole, words

_SYSTEM = {"master", "model", "msdb", "tempdb"}
_NEVER = 1900  # the year of LastGoodCheckDbTime when there was none
_RESTORE_TYPES = {
    "D": "database",
    "F": "file",
    "G": "filegroup",
    "I": "differential",
    "L": "log",
    "R": "revert",
    "V": "verify only",
}
_PAGE_EVENTS = {1: "read error 823 or 824", 2: "bad checksum", 3: "torn page"}


def database(row: Mapping[str, Any], server: str, zone: tzinfo) -> Database:
    """A row of sys.databases. Raises ValueError."""
    name = words(row.get("name")) or ""
    return Database(
        server=server,
        name=name,
        is_system=name.casefold() in _SYSTEM or bool(truth(row.get("is_distributor"))),
        created_at=moment(row.get("create_date"), zone),
        recovery_model=words(row.get("recovery_model_desc")),
        state=words(row.get("state_desc")),
        facts=known(
            {
                "database_guid": guid(row.get("database_guid")),
                "family_guid": guid(row.get("family_guid")),
                "recovery_fork_guid": guid(row.get("recovery_fork_guid")),
                "is_read_only": truth(row.get("is_read_only")),
                "is_standby": truth(row.get("is_in_standby")),
                "is_encrypted": truth(row.get("is_encrypted")),
                "in_availability_group": None if "replica_id" not in row else row.get("replica_id") is not None,
                "preferred": truth(row.get("preferred")),
                **_checkdb(row.get("last_good_checkdb"), zone),
            }
        ),
    )


def _checkdb(value: object, zone: tzinfo) -> dict[str, str | bool]:
    """When DBCC CHECKDB last found nothing. Nothing is told where the version does not know."""
    if isinstance(value, datetime) and value.year <= _NEVER:
        return {"checkdb_never": True}
    at = moment(value, zone)
    return {} if at is None else {"last_good_checkdb": at.isoformat()}


def restored(row: Mapping[str, Any], server: str, zone: tzinfo) -> ServerFact:
    """A row of msdb.dbo.restorehistory: the object is the database that was in the backup. Raises ValueError."""
    kind = (words(row.get("restore_type")) or "").strip().upper()
    destination = words(row.get("destination_database_name"))
    return ServerFact(
        server=server,
        object=words(row.get("database_name")) or destination or "",
        code="verified-only" if kind == "V" else "restored",
        at=moment(row.get("restore_date"), zone),
        facts=known(
            {
                "kind": _RESTORE_TYPES.get(kind, kind),
                "destination": destination,
                "set_id": guid(row.get("backup_set_uuid")),
                "database_guid": guid(row.get("database_guid")),
                "source_server": words(row.get("server_name")),
                "by": words(row.get("user_name")),
            }
        ),
    )


def suspect(row: Mapping[str, Any], server: str, zone: tzinfo) -> ServerFact:
    """A row of msdb.dbo.suspect_pages. Raises ValueError."""
    event = whole(row.get("event_type"))
    return ServerFact(
        server=server,
        object=words(row.get("database_name")) or f"database {whole(row['database_id'])}",
        code="suspect-page",
        at=moment(row.get("last_update_date"), zone),
        facts=known(
            {
                "file": whole(row.get("file_id")),
                "page": whole(row.get("page_id")),
                "event": None if event is None else _PAGE_EVENTS.get(event, str(event)),
                "errors": whole(row.get("error_count")),
            }
        ),
    )
