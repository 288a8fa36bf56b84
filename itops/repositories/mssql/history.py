"""From rows of msdb's backup history to copies: one for each backup set, whatever number of stripes and mirrors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import groupby
from typing import Any

from itops.backup.copies import Chain, Copy, CopyKind, Fault, Identity
from itops.backup.repositories import LookGap
from itops.facts import Fact
from itops.repositories.mssql.values import fixed, guid, known, moment, offset_minutes, truth, whole, words

KINDS = {
    "D": CopyKind.FULL,
    "I": CopyKind.DIFFERENTIAL,
    "L": CopyKind.LOG,
    "F": CopyKind.PARTIAL,  # files or filegroups
    "G": CopyKind.PARTIAL,  # differential of files
    "P": CopyKind.PARTIAL,  # read-write filegroups only
    "Q": CopyKind.PARTIAL,  # differential of those
}
_DEVICES = {2: "disk", 5: "tape", 7: "virtual", 9: "url"}
_PERMANENT = 100  # 102 is a disk with a name of its own
_VIRTUAL = 7
_NOWHERE = {"nul", "nul:", r"\\.\nul", "/dev/null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What must be known of the server to read its history."""

    repository: str
    server: str  # as itops.yaml calls it
    own_names: frozenset[str]  # as it calls itself, casefolded
    own_databases: frozenset[str] = frozenset()  # database_guids of what it has today
    zone: tzinfo = field(kw_only=True)  # for sets that do not tell their offset


def copies(rows: Iterable[Mapping[str, Any]], told: Told) -> Iterator[Copy | LookGap]:
    """One copy for each backup set; a gap for one that cannot be read. Rows of one set stand together."""
    for number, of_one in groupby(rows, key=lambda row: row.get("backup_set_id")):
        try:
            yield _copy(list(of_one), told)
        except ValueError as strange:
            yield LookGap(
                subject=f"backup set {number}",
                code="row.unreadable",
                problem=f"a row of msdb.dbo.backupset holds what it should not: {strange}",
                remedy="report it with the version of the server",
                hides=True,
            )


def _copy(rows: Sequence[Mapping[str, Any]], told: Told) -> Copy:
    first = rows[0]
    identity = _identity(rows, told)
    chain = identity.chain
    key = (chain.set_id if chain else None) or f"set-{whole(first['backup_set_id'])}"
    faults = tuple(_faults(first, rows))
    server = identity.server if identity.facts.get("foreign") else told.server
    marks = (key, identity.finished_at, chain.last_lsn if chain else None, first.get("backup_size"), len(rows))
    return Copy(
        repository=told.repository,
        key=key,
        fingerprint="|".join(map(str, (*marks, *(fault.code for fault in faults)))),
        object=f"{server}/{identity.object}",
        kind=identity.kind,
        size_bytes=whole(first.get("compressed_backup_size")) or whole(first.get("backup_size")),
        catalogue=identity,
        faults=faults,
    )


def _identity(rows: Sequence[Mapping[str, Any]], told: Told) -> Identity:
    row = rows[0]
    offset = offset_minutes(row.get("time_zone"))
    zone = told.zone if offset is None else fixed(offset)
    chain = _chain(row)
    is_foreign = _is_foreign(row, chain, told)
    return Identity(
        object=words(row.get("database_name")),
        server=words(row.get("server_name")) or told.server,
        kind=KINDS.get((words(row.get("type")) or "").strip().upper(), CopyKind.UNKNOWN),
        started_at=moment(row.get("backup_start_date"), zone),
        finished_at=moment(row.get("backup_finish_date"), zone),
        utc_offset_minutes=offset,
        made_by=_made_by(row),
        chain=chain,
        facts=known(
            {**_facts(row), **_media(rows), "foreign": is_foreign or None, "zone_assumed": offset is None or None}
        ),
    )


def _is_foreign(row: Mapping[str, Any], chain: Chain, told: Told) -> bool:
    """Whether another server made it: RESTORE writes the sets it reads into the history of the restoring server.

    A server that was renamed keeps its old name in old rows; then the database's own id decides.
    """
    name = words(row.get("server_name"))
    if name is None or name.casefold() in told.own_names:
        return False
    return chain.database_id not in told.own_databases


def _chain(row: Mapping[str, Any]) -> Chain:
    return Chain(
        first_lsn=whole(row.get("first_lsn")),
        last_lsn=whole(row.get("last_lsn")),
        checkpoint_lsn=whole(row.get("checkpoint_lsn")),
        database_backup_lsn=whole(row.get("database_backup_lsn")),
        base_id=guid(row.get("differential_base_guid")),
        set_id=guid(row.get("backup_set_uuid")),
        database_id=guid(row.get("database_guid")),
        fork_id=guid(row.get("last_recovery_fork_guid")),
        is_copy_only=truth(row.get("is_copy_only")),
    )


def _made_by(row: Mapping[str, Any]) -> str:
    parts = [row.get(f"software_{part}_version") for part in ("major", "minor", "build")]
    version = ".".join(str(whole(part)) for part in parts if part is not None)
    return f"Microsoft SQL Server {version}".strip()


def _facts(row: Mapping[str, Any]) -> dict[str, Fact]:
    return {
        "type": words(row.get("type")),
        "name": words(row.get("backup_name")),
        "recovery_model": words(row.get("recovery_model")),
        "position": whole(row.get("position")),
        "machine": words(row.get("machine_name")),
        "made_by_account": words(row.get("user_name")),
        "family_id": guid(row.get("family_guid")),
        "backup_bytes": whole(row.get("backup_size")),
        "compressed_bytes": whole(row.get("compressed_backup_size")),
        "has_checksums": truth(row.get("has_backup_checksums")),
        "is_compressed": truth(row.get("is_compressed")),
        "is_encrypted": truth(row.get("is_encrypted")),
        "key_algorithm": words(row.get("key_algorithm")),
        "encryptor": words(row.get("encryptor_type")),
        "begins_log_chain": truth(row.get("begins_log_chain")),
        "has_bulk_logged_data": truth(row.get("has_bulk_logged_data")),
        "is_tail": truth(row.get("is_force_offline")),
    }


def _media(rows: Sequence[Mapping[str, Any]]) -> dict[str, Fact]:
    """Where it was written to: `devices` is one physical name a line, stripe by stripe, each with its mirrors."""
    first = rows[0]
    kind = _device(first)
    names = [name for row in rows if (name := words(row.get("physical_device_name"))) is not None]
    return {
        "media_id": guid(first.get("media_uuid")),
        "device": None if kind is None else _DEVICES.get(kind, f"type {kind}"),
        "devices": "\n".join(names) or None,
        "device_count": len(names),
        "stripes": whole(first.get("media_family_count")),
        "mirrors": whole(first.get("mirror_count")),
        "vss": True if truth(first.get("is_snapshot")) or kind == _VIRTUAL else None,
    }


def _device(row: Mapping[str, Any]) -> int | None:
    number = whole(row.get("device_type"))
    return number if number is None or number < _PERMANENT else number - _PERMANENT


def _faults(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """What msdb itself says is wrong with it."""
    if truth(row.get("is_damaged")):
        yield Fault(code="reported-damaged")
    if truth(row.get("has_incomplete_metadata")):
        yield Fault(code="incomplete-metadata")
    stripes: dict[Any, list[str | None]] = {}
    for device in rows:
        name = words(device.get("physical_device_name"))
        stripes.setdefault(device.get("family_sequence_number"), []).append(name)
    for names in stripes.values():
        # A mirror that was really written saves its stripe.
        if all(name is not None and name.strip().casefold() in _NOWHERE for name in names):
            yield Fault(code="thrown-away", place=names[0] or "")
            return
