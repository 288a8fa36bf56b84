"""Every statement that is sent to look at a server. All of them read; docs/reference/backup-sql-server.md lists them.

Columns that older versions do not have are left out, by what the server itself says it has: 2008 R2 to 2022.
"""

from collections.abc import Collection

SERVER = """\
SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(256)) AS server_name,
       CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
       CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition,
       CAST(SERVERPROPERTY('MachineName') AS nvarchar(128)) AS machine_name,
       GETDATE() AS local_time, GETUTCDATE() AS universal_time, SUSER_SNAME() AS login_name,
       HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW ANY DATABASE') AS sees_all"""

COLUMNS_OF_DATABASES = """\
SELECT name FROM sys.all_columns WHERE object_id = OBJECT_ID(N'sys.databases')"""

COLUMNS_OF_HISTORY = """\
SELECT t.name AS table_name, c.name AS column_name
FROM msdb.sys.all_columns AS c JOIN msdb.sys.tables AS t ON t.object_id = c.object_id
WHERE t.name IN (N'backupset', N'backupmediaset', N'backupmediafamily')"""

RESTORES = """\
SELECT r.restore_date, r.destination_database_name, r.restore_type, r.user_name, bs.backup_set_uuid, bs.database_name,
       bs.server_name, bs.database_guid
FROM msdb.dbo.restorehistory AS r LEFT JOIN msdb.dbo.backupset AS bs ON bs.backup_set_id = r.backup_set_id
WHERE r.restore_date >= %s ORDER BY r.restore_history_id"""

SUSPECT_PAGES = """\
SELECT DB_NAME(p.database_id) AS database_name, p.database_id, p.file_id, p.page_id, p.event_type, p.error_count,
       p.last_update_date
FROM msdb.dbo.suspect_pages AS p WHERE p.event_type IN (1, 2, 3)"""

_DATABASE: tuple[str, ...] = (
    "name",
    "database_id",
    "state_desc",
    "recovery_model_desc",
    "is_read_only",
    "is_in_standby",
    "create_date",
)
_DATABASE_LATER = ("is_distributor", "is_encrypted", "replica_id")
_RECOVERY = ("database_guid", "family_guid", "recovery_fork_guid")

_SET: tuple[str, ...] = (
    "backup_set_id",
    "backup_set_uuid",
    "database_name",
    "database_guid",
    "family_guid",
    "type",
    "name",
)
_SET += ("is_copy_only", "is_snapshot", "has_backup_checksums", "is_damaged", "has_incomplete_metadata")
_SET += ("is_force_offline", "begins_log_chain", "has_bulk_logged_data", "recovery_model", "backup_start_date")
_SET += ("backup_finish_date", "time_zone", "first_lsn", "last_lsn", "checkpoint_lsn", "database_backup_lsn")
_SET += ("differential_base_guid", "last_recovery_fork_guid", "backup_size", "compressed_backup_size")
_SET += ("server_name", "machine_name", "user_name", "position")
_SET += ("software_major_version", "software_minor_version", "software_build_version")
_SET += ("key_algorithm", "encryptor_type")
_MEDIA = ("media_uuid", "media_family_count", "mirror_count", "is_compressed", "is_encrypted")
_FAMILY = ("family_sequence_number", "mirror", "device_type", "physical_device_name")
_NEVER_MISSING = {"backup_set_id", "database_name", "type", "backup_finish_date", "last_lsn", "family_sequence_number"}


def databases(columns: Collection[str], *, asks_preferred: bool) -> str:
    """The databases to protect: not tempdb, no snapshots. `columns`: those that this server's sys.databases has."""
    wanted = [f"d.{name}" for name in (*_DATABASE, *_DATABASE_LATER) if name in _DATABASE or name in columns]
    wanted += [f"rs.{name}" for name in _RECOVERY]
    if asks_preferred and "replica_id" in columns:
        # Asked only for databases of an availability group: for others the function says yes, which tells nothing.
        wanted.append(
            "CASE WHEN d.replica_id IS NOT NULL THEN sys.fn_hadr_backup_is_preferred_replica(d.name) END AS preferred"
        )
    # NULL where the version does not know the property; a date of 1900 means never.
    wanted.append("CAST(DATABASEPROPERTYEX(d.name, N'LastGoodCheckDbTime') AS datetime) AS last_good_checkdb")
    return (
        f"SELECT {', '.join(wanted)}\n"
        "FROM sys.databases AS d LEFT JOIN sys.database_recovery_status AS rs ON rs.database_id = d.database_id\n"
        "WHERE d.database_id <> 2 AND d.source_database_id IS NULL ORDER BY d.name"
    )


def history(columns: Collection[tuple[str, str]]) -> str:
    """The backup sets since %s, one row for each stripe and mirror, those of one set together, in LSN order.

    Never in the order of dates: the clock of a server goes back once a year, or when somebody sets it.
    """
    tables = (("bs", "backupset", _SET), ("ms", "backupmediaset", _MEDIA), ("mf", "backupmediafamily", _FAMILY))
    wanted = [
        f"{short}.{name}{' AS backup_name' if name == 'name' else ''}"
        for short, table, names in tables
        for name in names
        if name in _NEVER_MISSING or (table, name) in columns
    ]
    return (
        f"SELECT {', '.join(wanted)}\n"
        "FROM msdb.dbo.backupset AS bs LEFT JOIN msdb.dbo.backupmediaset AS ms ON ms.media_set_id = bs.media_set_id\n"
        "LEFT JOIN msdb.dbo.backupmediafamily AS mf ON mf.media_set_id = bs.media_set_id\n"
        "WHERE bs.backup_finish_date >= %s\n"
        "ORDER BY bs.database_name, bs.last_lsn, bs.backup_set_id, mf.family_sequence_number, mf.mirror"
    )
