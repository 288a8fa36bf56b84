"""From the records of a tape to an Identity: whose backup, of which kind, from when, hanging on which others."""

from collections.abc import Sequence
from datetime import datetime

from itops.backup.copies import Chain, CopyKind, Identity
from itops.facts import Fact
from itops.formats.mssql.fields import to_utc
from itops.formats.mssql.record import HAS_CHECKSUMS, INCOMPLETE_METADATA, Record
from itops.formats.mssql.tape import BackupSet, Media

_KINDS = {
    "D": CopyKind.FULL,
    "I": CopyKind.DIFFERENTIAL,
    "L": CopyKind.LOG,
    "F": CopyKind.PARTIAL,  # files or filegroups
    "G": CopyKind.PARTIAL,
    "P": CopyKind.PARTIAL,
    "Q": CopyKind.PARTIAL,
}
_MOST_FIRST = (CopyKind.FULL, CopyKind.DIFFERENTIAL, CopyKind.PARTIAL, CopyKind.UNKNOWN, CopyKind.LOG)


def kind_of(backup: BackupSet) -> CopyKind:
    """How much of the database it holds, by its record's letter."""
    return _KINDS.get(backup.begun.kind, CopyKind.UNKNOWN)


def main_set(sets: Sequence[BackupSet]) -> BackupSet:
    """The one that stands for a file of several: the newest of those that hold most."""
    most = min((kind_of(backup) for backup in sets), key=_MOST_FIRST.index)
    return [backup for backup in sets if kind_of(backup) is most][-1]


def identity_of(media: Media, backup: BackupSet) -> Identity:
    """What the records tell; what only the end of the tape knows is there when it was walked."""
    begun = backup.begun
    record = backup.ending or begun
    minutes = backup.utc_offset_minutes
    return Identity(
        object=begun.database,
        server=begun.server,
        kind=kind_of(backup),
        started_at=to_utc(begun.started, minutes),
        finished_at=to_utc(record.finished, minutes),
        utc_offset_minutes=minutes,
        made_by=f"Microsoft SQL Server {begun.build}",
        chain=Chain(
            first_lsn=record.first_lsn or begun.first_lsn,
            last_lsn=record.last_lsn or begun.last_lsn,
            checkpoint_lsn=record.checkpoint_lsn or begun.checkpoint_lsn,
            database_backup_lsn=record.database_backup_lsn or begun.database_backup_lsn,
            base_id=record.base_id or begun.base_id,
            is_copy_only=True if backup.is_copy_only else None,  # its absence was never confirmed to mean "no"
        ),
        facts={key: value for key, value in _facts(media, backup, record).items() if value is not None},
    )


def _facts(media: Media, backup: BackupSet, record: Record) -> dict[str, Fact]:
    zoneless = None if backup.utc_offset_minutes is not None else _iso(backup.begun.started)
    return {
        "machine": backup.machine,
        "device": backup.device,
        "set_name": backup.name,
        "set_number": backup.number,
        "media_set": media.set_id,
        "media_family": media.family,
        "stripes": media.stripes,
        "stripe": media.stripe,
        "mirrors": media.mirrors if media.mirrors > 1 else None,
        "has_checksums": bool(record.flags & HAS_CHECKSUMS),
        "has_incomplete_metadata": True if record.flags & INCOMPLETE_METADATA else None,
        "backup_bytes": record.backup_bytes or None,
        "database_created": _iso(record.created),
        "database_version": record.database_version,
        "compatibility_level": record.compatibility,
        "started_local": zoneless,  # only where the tape does not say which zone that is
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(" ")


def set_facts(sets: Sequence[BackupSet]) -> dict[str, Fact]:
    """Of a file with appended sets: how many, and of how many databases."""
    databases = {backup.begun.database for backup in sets}
    facts: dict[str, Fact] = {"sets": len(sets)}
    if len(databases) > 1:
        facts["databases"] = len(databases)
    return facts
