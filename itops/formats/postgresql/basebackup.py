"""Format `pg-basebackup`: a folder of pg_basebackup in its plain form, verified against its manifest.

What pg_verifybackup checks, without it: the manifest's own checksum, each file's size and checksum, files missing and
never listed, and the WAL that the restore needs, record by record.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.postgresql.label import LONGEST, label_identity
from itops.formats.postgresql.manifest import (
    MARK,
    NAME,
    ListedIn,
    Manifest,
    checksum_faults,
    read_manifest,
    segment_bytes,
)
from itops.formats.postgresql.wal import check_wal

_LABEL, _VERSION, _CONTROL = "backup_label", "PG_VERSION", "global/pg_control"


class PgBasebackup:
    """A folder of `pg_basebackup --format=plain`."""

    name: ClassVar[str] = "pg-basebackup"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """The files of a cluster, with a label or a manifest: without either it is a server's own folder."""
        if not thing.is_folder or thing.member(_VERSION) is None:
            return False
        manifest = thing.member(NAME)
        if manifest is not None and MARK in manifest.read_at(0, 128):
            return True
        return thing.member(_LABEL) is not None and thing.member(_CONTROL) is not None

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From the label, the version and the control file."""
        label, version, control = (_start(thing, name) for name in (_LABEL, _VERSION, _CONTROL))
        return label_identity(label, version, control)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Everything the manifest lists is there in its size, and so is the WAL."""
        if thing.member(NAME + ".tmp") is not None:
            raise damaged("unfinished", NAME + ".tmp")
        content = thing.member(NAME)
        if content is None:
            raise Unprovable("no-manifest")
        manifest = read_manifest(content, effort)
        files = {file.name: file for file in thing.files}
        present = {name: file.size_bytes for name, file in files.items()}
        linked = _linked_tablespaces(manifest, present)
        manifest = _without(manifest, linked)
        if faults := manifest.names_faults(present):
            raise Damaged(*faults)
        if linked:
            raise Unprovable("linked-elsewhere", tablespaces=len(linked), first=linked[0])
        needed, missing = manifest.missing_wal(present)
        if missing:
            raise no_wal(needed, missing)
        facts: dict[str, Fact] = {"files": len(manifest.files), "wal_files": needed}
        return replace(identity, facts={**identity.facts, **facts, **of_manifest(manifest)})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every file under its checksum, every record of the needed WAL under its own."""
        content = thing.member(NAME)
        if content is None:
            raise Unprovable("no-manifest")
        manifest = read_manifest(content, effort)
        files = {file.name: file for file in thing.files}
        if wrong := [path for path, file in manifest.compared().items() if not _fits(file, files, effort)]:
            raise checksum_faults(wrong)
        if not manifest.is_checked:
            raise Unprovable("no-checksums")
        size = segment_bytes({name: content.size_bytes for name, content in files.items()})
        records = sum(check_wal(part, size, files, effort) for part in manifest.wal)
        return replace(identity, facts={**identity.facts, "wal_records": records})


def no_wal(needed: int, missing: list[str]) -> Exception:
    """Without any WAL it was made to be restored with an archive; with some, it lost the rest."""
    if len(missing) == needed:
        return Unprovable("wal-elsewhere", wal_files=needed, first=missing[0])
    return damaged("member-missing", f"pg_wal/{missing[0]}", missing_members=len(missing))


def of_manifest(manifest: Manifest) -> dict[str, Fact]:
    """What the manifest tells besides."""
    return {} if manifest.system_identifier is None else {"system_identifier": str(manifest.system_identifier)}


def _start(thing: Thing, name: str) -> bytes:
    content = thing.member(name)
    return b"" if content is None else content.read_at(0, LONGEST)


def _linked_tablespaces(manifest: Manifest, present: Mapping[str, int]) -> list[str]:
    """Tablespaces of which nothing is here: pg_basebackup left links to folders that are not part of this one."""
    wanted = {"/".join(path.split("/")[:2]) for path in manifest.files if path.startswith("pg_tblspc/")}
    here = {"/".join(path.split("/")[:2]) for path in present if path.startswith("pg_tblspc/")}
    return sorted(wanted - here)


def _without(manifest: Manifest, linked: list[str]) -> Manifest:
    if not linked:
        return manifest
    folders = tuple(f"{folder}/" for folder in linked)
    return replace(manifest, files={path: at for path, at in manifest.files.items() if not path.startswith(folders)})


def _fits(file: ListedIn, files: Mapping[str, Content], effort: Effort) -> bool:
    """SHA-256 is the one that the far side may compute for us."""
    content = files.get(file.path)
    if content is None:
        return False
    if file.algorithm == "SHA256":
        effort.tick()
        return content.digest() == file.checksum
    return file.checksum_of(content.chunks(), effort) in (None, file.checksum)
