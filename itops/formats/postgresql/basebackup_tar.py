"""Format `pg-basebackup-tar`: a folder of pg_basebackup in its tar form, verified against the manifest beside the tars.

`base.tar` holds the cluster, `16400.tar` a tablespace, `pg_wal.tar` the WAL; each may be packed. pg_verifybackup reads
such a folder only since PostgreSQL 18.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.compressed_text import Unpacking, packing_of, unpacked_head
from itops.formats.postgresql.basebackup import no_wal, of_manifest
from itops.formats.postgresql.label import label_identity
from itops.formats.postgresql.manifest import (
    MARK,
    NAME,
    WAL,
    ListedIn,
    Manifest,
    checksum_faults,
    read_manifest,
    segment_bytes,
)
from itops.formats.postgresql.reading import Reader
from itops.formats.postgresql.tar_stream import BLOCK, Member, is_tar, members
from itops.formats.postgresql.wal import check_wal

_TAR = re.compile(r"(base|pg_wal|\d{1,10})\.tar(\.gz|\.lz4|\.zst)?")
_FIRST = b"backup_label\0"


class PgBasebackupTar:
    """A folder of `pg_basebackup --format=tar`."""

    name: ClassVar[str] = "pg-basebackup-tar"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """Tars beside a manifest, or a `base.tar` that begins with a label."""
        tars = _tars(thing) if thing.is_folder else {}
        manifest = thing.member(NAME) if tars else None
        if manifest is not None and MARK in manifest.read_at(0, 128):
            return True
        return "base" in tars and _label(tars["base"]) != b""

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From the label, the first member of `base.tar`; packed by lz4 it cannot be read here."""
        tars = _tars(thing)
        if "base" not in tars:
            raise damaged("member-missing", "base.tar")
        return label_identity(_label(tars["base"]), b"", b"")

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every tar to its end, everything there that the manifest lists; where asked to be intact, checksums too."""
        content = thing.member(NAME)
        if content is None:
            if thing.member(NAME + ".tmp") is not None:
                raise damaged("unfinished", NAME + ".tmp")
            raise Unprovable("no-manifest")
        manifest = read_manifest(content, effort)
        walk = _Walk(manifest.compared(), effort, thing.size_bytes)
        for name, tar in sorted(_tars(thing).items()):
            walk.take(name, tar)
        if walk.wrong:
            raise checksum_faults(walk.wrong)
        if faults := manifest.names_faults(walk.present):
            raise Damaged(*faults)
        needed, missing = manifest.missing_wal(walk.present)
        if missing:
            raise no_wal(needed, missing)
        facts: dict[str, Fact] = {"files": len(manifest.files), "wal_files": needed}
        facts |= {"unchecked_wal_bytes": walk.unchecked_wal_bytes, **of_manifest(manifest)}
        if effort.level >= Level.INTACT:
            facts["wal_records"] = walk.wal_records(manifest)
        told = label_identity(walk.label, walk.version, walk.control) if walk.version else identity
        return replace(told, facts={**told.facts, **facts, "is_checked": manifest.is_checked})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The walk has done it: a tar is unpacked only once."""
        if not identity.facts.get("is_checked"):
            raise Unprovable("no-checksums")
        if unchecked := identity.facts.get("unchecked_wal_bytes"):
            raise Unprovable("partly-checked", unchecked_bytes=unchecked)
        return identity


@dataclass(frozen=True, slots=True)
class _Part:
    """A member of a tar that is not packed."""

    tar: Content
    begin: int

    def read_at(self, offset: int, length: int) -> bytes:
        return self.tar.read_at(self.begin + offset, length)


@dataclass(slots=True)
class _Walk:
    """What the tars told so far."""

    listed: Mapping[str, ListedIn]
    effort: Effort
    packed: int  # bytes of the whole folder
    present: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    label: bytes = b""
    version: bytes = b""
    control: bytes = b""
    unchecked_wal_bytes: int = 0  # packed without a checksum, where their records are not looked for
    _wal: dict[str, _Part] = field(default_factory=dict)

    def take(self, name: str, tar: Content) -> None:
        """Read one tar."""
        packing = packing_of(tar.read_at(0, 64))
        if packing is None and tar.name.endswith((".gz", ".lz4", ".zst")):
            raise damaged("not-its-format" if tar.size_bytes else "empty", tar.name)
        unpacked = Unpacking(tar, packing, self.effort, packed=self.packed)
        reader = Reader(unpacked.chunks(), self.effort, tar.name)
        folder = {"base": "", "pg_wal": WAL}.get(name, f"pg_tblspc/{name}/")
        wal: dict[str, _Part] = {}
        for member in members(reader, self.effort):
            if member.is_file:
                path = folder + member.name
                self._file(path, member, reader)
                if path.startswith(WAL):
                    wal[path] = _Part(tar, reader.position - member.size_bytes)
        if packing is None:
            self._wal |= wal
        elif not unpacked.is_checked:
            self.unchecked_wal_bytes += sum(self.present[path] for path in wal)

    def _file(self, path: str, member: Member, reader: Reader) -> None:
        if path in self.present:
            raise damaged("structure-damaged", path)
        self.present[path] = member.size_bytes
        listed = self.listed.get(path)
        pieces = self._watched(path, reader.pieces(member.size_bytes))
        if listed is None or listed.size_bytes != member.size_bytes or self.effort.level < Level.INTACT:
            for _ in pieces:
                pass
        elif listed.checksum_of(pieces, self.effort) not in (None, listed.checksum):
            self.wrong.append(path)

    def _watched(self, path: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, while the beginnings of the files that tell who it is are kept."""
        for number, piece in enumerate(pieces):
            if number == 0 and path in _TELLING:
                setattr(self, _TELLING[path], piece[:4096])
            yield piece

    def wal_records(self, manifest: Manifest) -> int | None:
        """How many records the WAL has, each under its CRC; None where it is packed."""
        if not self._wal:
            return None
        size = segment_bytes(self.present)
        return sum(check_wal(part, size, self._wal, self.effort) for part in manifest.wal)


_TELLING = {"backup_label": "label", "PG_VERSION": "version", "global/pg_control": "control"}


def _tars(thing: Thing) -> dict[str, Content]:
    """The tars by name without suffix."""
    return {found[1]: file for file in thing.files if (found := _TAR.fullmatch(file.name))}


def _label(base: Content) -> bytes:
    """The content of `backup_label`, if the tar begins with it."""
    head = unpacked_head(base, base.read_at(0, 4096))
    if not is_tar(head) or not head.startswith(_FIRST):
        return b""
    return head[BLOCK:].partition(b"\0")[0]
