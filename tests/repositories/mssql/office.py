"""The msdb of a fictional office for the simulated server, which answers column by column."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from itops.repositories.mssql import MssqlHistory, MssqlSettings
from itops.secrets import Secret
from tests.repositories.mssql.tds_server import Answer, Error, Rows, Script, TdsServer

TEHRAN = ZoneInfo("Asia/Tehran")
GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
INSURANCE = "aaaaaaaa-0000-4000-8000-000000000001"
PAYROLL = "aaaaaaaa-0000-4000-8000-000000000002"
FINISH = datetime(2026, 11, 21, 23, 30, 5)  # in Tehran; 20:00:05 UTC

TYPES = {
    **dict.fromkeys(
        ("backup_set_uuid", "database_guid", "family_guid", "differential_base_guid", "last_recovery_fork_guid"),
        "uniqueidentifier",
    ),
    **dict.fromkeys(("recovery_fork_guid", "media_uuid", "replica_id", "BackupSetGUID"), "uniqueidentifier"),
    **dict.fromkeys(("first_lsn", "last_lsn", "checkpoint_lsn", "database_backup_lsn", "backup_size"), "numeric"),
    **dict.fromkeys(("is_copy_only", "is_snapshot", "has_backup_checksums", "is_damaged", "is_force_offline"), "bit"),
    **dict.fromkeys(("has_incomplete_metadata", "begins_log_chain", "has_bulk_logged_data"), "bit"),
    **dict.fromkeys(("is_compressed", "is_encrypted", "is_read_only", "is_in_standby", "is_distributor"), "bit"),
    **dict.fromkeys(("HasBackupChecksums", "preferred", "is_auto_close_on"), "bit"),
    **dict.fromkeys(("backup_start_date", "backup_finish_date", "expiration_date", "create_date"), "datetime"),
    **dict.fromkeys(("last_good_checkdb", "restore_date", "last_update_date", "local_time"), "datetime"),
    **dict.fromkeys(("universal_time", "expiration_date"), "datetime"),
    **dict.fromkeys(("backup_set_id", "database_id", "position", "file_id", "event_type", "error_count"), "int"),
    **dict.fromkeys(("Position", "sees_all", "restore_history_id", "software_build_version"), "int"),
    **dict.fromkeys(("software_major_version", "software_minor_version", "mirror_count", "mirror"), "tinyint"),
    **dict.fromkeys(("media_family_count", "family_sequence_number", "device_type", "compatibility_level"), "tinyint"),
    **dict.fromkeys(("BackupType",), "smallint"),
    **dict.fromkeys(("time_zone",), "smallint"),
    **dict.fromkeys(("compressed_backup_size", "page_id"), "bigint"),
}
"""The type of each column in the real tables; nvarchar for all others."""

ABOUT = {
    "server_name": "SQLNODE1",
    "version": "15.0.2000.5",
    "edition": "Standard Edition (64-bit)",
    "machine_name": "SQLNODE1",
    "local_time": datetime(2026, 11, 22, 8, 30),
    "universal_time": datetime(2026, 11, 22, 5, 0),
    "login_name": "itops",
    "sees_all": 1,
}
DATABASE = {
    "name": "Insurance",
    "database_id": 5,
    "state_desc": "ONLINE",
    "recovery_model_desc": "FULL",
    "is_read_only": False,
    "is_in_standby": False,
    "create_date": datetime(2020, 5, 1, 10, 0),
    "is_distributor": False,
    "is_encrypted": False,
    "replica_id": None,
    "is_auto_close_on": False,
    "compatibility_level": 150,
    "database_guid": INSURANCE,
    "family_guid": INSURANCE,
    "recovery_fork_guid": INSURANCE,
    "preferred": None,
    "last_good_checkdb": datetime(2026, 11, 15, 3, 0),
}
BACKUP = {
    "backup_set_id": 101,
    "backup_set_uuid": GUID.upper(),
    "database_name": "Insurance",
    "database_guid": INSURANCE,
    "family_guid": INSURANCE,
    "type": "D",
    "backup_name": None,
    "is_copy_only": False,
    "is_snapshot": False,
    "has_backup_checksums": True,
    "is_damaged": False,
    "has_incomplete_metadata": False,
    "is_force_offline": False,
    "begins_log_chain": False,
    "has_bulk_logged_data": False,
    "recovery_model": "FULL",
    "backup_start_date": FINISH - timedelta(minutes=10),
    "backup_finish_date": FINISH,
    "time_zone": 14,
    "first_lsn": 35000000012300037,
    "last_lsn": 35000000012400001,
    "checkpoint_lsn": 35000000012300037,
    "database_backup_lsn": 34000000000100001,
    "differential_base_guid": None,
    "last_recovery_fork_guid": INSURANCE,
    "backup_size": 5_000_000_000,
    "compressed_backup_size": 1_200_000_000,
    "server_name": "SQLNODE1",
    "machine_name": "SQLNODE1",
    "user_name": "OFFICE\\backup",
    "position": 1,
    "expiration_date": None,
    "software_major_version": 15,
    "software_minor_version": 0,
    "software_build_version": 2000,
    "key_algorithm": None,
    "encryptor_type": None,
    "media_uuid": "bbbbbbbb-0000-4000-8000-000000000001",
    "media_family_count": 1,
    "mirror_count": 1,
    "is_compressed": True,
    "is_encrypted": False,
    "family_sequence_number": 1,
    "mirror": 0,
    "device_type": 2,
    "physical_device_name": "E:\\backup\\Insurance_20261121.bak",
}
MEDIA = {"media_uuid", "media_family_count", "mirror_count", "is_compressed", "is_encrypted"}
FAMILY = {"family_sequence_number", "mirror", "device_type", "physical_device_name"}
LATER_THAN_2008 = {"replica_id", "is_encrypted", "key_algorithm", "encryptor_type", "is_auto_close_on"}


def result(records: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> Rows:
    """These records as rows; columns of the first record unless told otherwise."""
    names = tuple(columns or (records[0] if records else ()))
    return Rows(
        tuple((name, TYPES.get(name, "nvarchar")) for name in names),
        tuple(tuple(record.get(name) for name in names) for record in records),
    )


def selected(statement: str, records: Sequence[Mapping[str, Any]], known: frozenset[str]) -> Answer:
    """The columns between SELECT and FROM; error 207 for one that this server does not have."""
    listed = re.split(r",(?![^()]*\))", re.split(r"\nFROM ", statement.removeprefix("SELECT "))[0])
    names = [re.split(r"\sAS\s|\.", column.strip())[-1] for column in listed]
    unknown = [name for name in names if name not in known]
    if unknown:
        return Error(((207, f"Invalid column name '{unknown[0]}'."),))
    return result(records, names)


def office(
    *,
    backups: Sequence[Mapping[str, Any]] = (BACKUP,),
    databases: Sequence[Mapping[str, Any]] = (DATABASE,),
    about: Mapping[str, Any] = ABOUT,
    missing: frozenset[str] = frozenset(),
    instead: Script = (),
    restores: Sequence[Mapping[str, Any]] = (),
    pages: Sequence[Mapping[str, Any]] = (),
) -> Script:
    """The answers of such a server; `missing` columns do not exist on it, `instead` comes first."""
    of_databases = frozenset(DATABASE) - missing
    of_history = frozenset(BACKUP) - missing
    tables = [
        {
            "table_name": "backupmediaset" if name in MEDIA else "backupmediafamily" if name in FAMILY else "backupset",
            "column_name": "name" if name == "backup_name" else name,
        }
        for name in of_history
    ]
    restore_columns = ("restore_date", "destination_database_name", "restore_type", "user_name", "backup_set_uuid")
    restore_columns += ("database_name", "server_name", "database_guid")
    page_columns = ("database_name", "database_id", "file_id", "page_id", "event_type", "error_count")
    return (
        *instead,
        ("SERVERPROPERTY\\('Edition'\\)", result([about])),
        ("FROM sys.all_columns", result([{"name": name} for name in of_databases])),
        ("FROM msdb.sys.all_columns", result(tables)),
        ("FROM sys.databases", lambda asked: selected(asked, databases, of_databases)),
        ("FROM msdb.dbo.backupset", lambda asked: selected(asked, backups, of_history)),
        ("FROM msdb.dbo.restorehistory", result(restores, restore_columns)),
        ("FROM msdb.dbo.suspect_pages", result(pages, (*page_columns, "last_update_date"))),
    )


def history_of(server: TdsServer, *, zone: ZoneInfo = TEHRAN, **settings: Any) -> MssqlHistory:
    """The repository that looks at this server."""
    told = {"host": "127.0.0.1", "username": "itops", "password": Secret("right"), "tls": "off", "timeout_seconds": 5.0}
    return MssqlHistory("sql01", MssqlSettings(port=server.port, **{**told, **settings}), zone)
