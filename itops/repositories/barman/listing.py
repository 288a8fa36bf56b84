"""What `barman -f json list-backups` and `show-backup` tell. Epochs are strings, and warnings stand beside servers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from itops.backup.copies import Copy, CopyKind, Fault, Identity
from itops.facts import Fact

FINISHED = "DONE"
_FAILED = "FAILED"


def entries_of(answer: Any, server: str) -> list[Mapping[str, Any]]:
    """The backups of our server; raises KeyError or TypeError when this is no such list."""
    return [dict(entry) for entry in answer[server]]


def messages_of(answer: Any, kind: str = "_ERROR") -> list[str]:
    """What Barman said beside its answer: errors, or `_WARNING`."""
    told = answer.get(kind) if isinstance(answer, dict) else None
    return [str(message).strip() for message in told] if isinstance(told, list) else []


def copy_of(entry: Mapping[str, Any], shown: Mapping[str, Any], server: str, repository: str) -> Copy:
    """A backup as it is listed and as it is shown; raises KeyError, TypeError or ValueError for what is none."""
    key, status = str(entry["backup_id"]), str(entry["status"])
    base = shown.get("base_backup_information") or {}
    end = entry.get("end_time_timestamp") or base.get("end_time_timestamp")
    kind = CopyKind.INCREMENTAL if entry.get("backup_type") == "incremental" else CopyKind.FULL
    facts: dict[str, Fact] = {
        "status": status,
        "retention": entry.get("retention_status"),
        "wal_start": base.get("begin_wal"),
        "wal_stop": base.get("end_wal"),
        "lsn_start": base.get("begin_lsn"),
        "lsn_stop": base.get("end_lsn"),
        "timeline": base.get("timeline"),
        "postgresql": shown.get("postgresql_version"),
    }
    return Copy(
        repository=repository,
        key=key,
        fingerprint=f"{key} {end or status}",
        kind=kind,
        size_bytes=base.get("disk_usage_bytes", entry.get("size_bytes")),
        catalogue=Identity(
            server=server,
            kind=kind,
            started_at=_moment(base.get("begin_time_timestamp")),
            finished_at=_moment(end),
            facts={name: fact for name, fact in facts.items() if fact is not None},
        ),
        faults=_faults(status, shown.get("error")),
    )


def _faults(status: str, error: object) -> tuple[Fault, ...]:
    if status == FINISHED:
        return ()
    facts: dict[str, Fact] = {"status": status}
    if error:
        facts["reason"] = str(error)[:500]
    return (Fault(code="marked-failed" if status == _FAILED else "unfinished", facts=facts),)


def _moment(epoch: object) -> datetime | None:
    return None if epoch in {None, ""} else datetime.fromtimestamp(int(str(epoch)), UTC)
