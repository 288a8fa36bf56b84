"""The exact T-SQL of verifying and restoring a backup file: text only, nothing is sent from here.

Nothing here overwrites: no REPLACE, no name but one made for the drill, every file moved to a name of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

PREFIX = "itops_drill_"
_LARGEST_NAME = 128
_LARGEST_PATH = 4000
_LOG, _FILESTREAM = "L", "S"


def text(value: str) -> str:
    """A literal: N'...' with quotes doubled. Raises ValueError for what cannot stand in one."""
    if "\0" in value or len(value) > _LARGEST_PATH:
        raise ValueError("a text for SQL Server has no NUL and at most 4000 characters")
    return "N'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A quoted identifier: [...] with closing brackets doubled. Raises ValueError for what cannot be one."""
    if not value or "\0" in value or len(value) > _LARGEST_NAME:
        raise ValueError("a name of SQL Server has 1 to 128 characters and no NUL")
    return "[" + value.replace("]", "]]") + "]"


def devices(paths: Sequence[str]) -> str:
    """`DISK = N'...'`, one for each stripe; URL for a blob."""
    if not paths:
        raise ValueError("a backup has at least one file")
    return ", ".join(f"{'URL' if _is_url(path) else 'DISK'} = {text(path)}" for path in paths)


def _is_url(path: str) -> bool:
    return path.lower().startswith(("https://", "http://", "s3://"))


def header_only(paths: Sequence[str]) -> str:
    """What sets the file holds."""
    return f"RESTORE HEADERONLY FROM {devices(paths)};"


def file_list_only(paths: Sequence[str], position: int = 1) -> str:
    """Which files the database of the set has."""
    return f"RESTORE FILELISTONLY FROM {devices(paths)} WITH FILE = {int(position)};"


def verify_only(paths: Sequence[str], position: int = 1, *, has_checksums: bool) -> str:
    """Let the server read the set to its end. CHECKSUM is an error (3187) for a backup made without."""
    options = ", CHECKSUM, STOP_ON_ERROR" if has_checksums else ""
    return f"RESTORE VERIFYONLY FROM {devices(paths)} WITH FILE = {int(position)}{options};"


def restore_as(
    database: str, paths: Sequence[str], moves: Mapping[str, str], position: int = 1, *, has_checksums: bool
) -> str:
    """Restore the set as `database`, its logical files moved. Raises ValueError for a name that is not a drill's."""
    if not database.startswith(PREFIX):
        raise ValueError(f"a drill restores only into names that begin with {PREFIX}")
    moved = "".join(f", MOVE {text(logical)} TO {text(path)}" for logical, path in moves.items())
    options = ", CHECKSUM, STOP_ON_ERROR" if has_checksums else ""
    where = f"{devices(paths)} WITH FILE = {int(position)}{moved}{options}"
    return f"RESTORE DATABASE {name(database)} FROM {where}, RECOVERY;"


def drop(database: str) -> str:
    """Drop it, whatever state it is in. Raises ValueError for a name that is not a drill's."""
    if not database.startswith(PREFIX):
        raise ValueError(f"a drill drops only names that begin with {PREFIX}")
    quoted = name(database)
    # A database left in the middle of a restore cannot be altered, but can be dropped.
    return (
        f"USE [master]; IF DATABASEPROPERTYEX({text(database)}, N'Status') = N'ONLINE' "
        f"ALTER DATABASE {quoted} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; "
        f"IF DB_ID({text(database)}) IS NOT NULL DROP DATABASE {quoted};"
    )


def use(database: str) -> str:
    """Ask this database from now on."""
    return f"USE {name(database)};"


def moves(files: Sequence[Mapping[str, Any]], database: str, folder: str) -> dict[str, str]:
    """Where each logical file of FILELISTONLY goes: names of our own in `folder`, nothing of the backup's paths."""
    slash = "\\" if "\\" in folder or not folder.startswith("/") else "/"
    base = folder.rstrip("\\/") + slash + database
    found = {}
    for number, file in enumerate(files, 1):
        kind = str(file.get("Type") or "").strip().upper()
        ending = {_LOG: ".ldf", _FILESTREAM: ""}.get(kind, ".mdf" if number == 1 else ".ndf")
        found[str(file.get("LogicalName") or "")] = f"{base}_{number}{ending}"
    return found
