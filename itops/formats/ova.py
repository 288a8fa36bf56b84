"""OVA and OVF, what VMware and VirtualBox export: all files the OVF names, under the hashes of their manifest.

An .ova is a tar whose first member is the .ovf. The disks inside are judged by the manifest's hashes, not opened.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import unquote

from itops.backup.contents import Content, Thing
from itops.backup.copies import Fault, Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.formats.archives.tar_header import first_name, is_tar
from itops.formats.exact import exactly
from itops.formats.ova_envelope import MOST_BYTES, Envelope, NamedFile, read_envelope
from itops.formats.ova_manifest import MOST_BYTES as MOST_MANIFEST
from itops.formats.ova_manifest import Part, Promise, broken_promises, parse_manifest
from itops.formats.ova_members import Members, tar_members

_MOST_PIECES = 100_000
_SIGNATURES = (".mf", ".cert")
_PLAUSIBLE = 946_684_800  # 2000-01-01: VirtualBox' older exports carry 1970


class Ova:
    """A lone .ova."""

    name: ClassVar[str] = "ova"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".ova",)

    def recognises(self, thing: Thing) -> bool:
        """A tar whose first member ends in .ovf."""
        is_lone = not thing.is_folder and len(thing.files) == 1
        return is_lone and is_tar(thing.head) and first_name(thing.head).lower().endswith(".ovf")

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The OVF, which comes first: the machine, its disks, who exported it and when."""
        members = tar_members(thing.file, effort, most=1)
        return _envelope(members.parts[0], effort).identity()

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """From header to header to the end of the tar; every file the OVF names is there, of its size."""
        members = tar_members(thing.file, effort)
        envelope = _envelope(members.parts[0], effort)
        _complete(members.parts, envelope)
        newest = members.newest
        if envelope.made_at is None and newest is not None and newest >= _PLAUSIBLE:
            identity = replace(identity, finished_at=datetime.fromtimestamp(newest, UTC))
        return replace(identity, facts={**identity.facts, "members": len(members.parts)})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every byte under the manifest."""
        return _hashed(tar_members(thing.file, effort).parts, effort, identity)


class Ovf:
    """A folder with one .ovf, its disks and its manifest."""

    name: ClassVar[str] = "ovf"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """Exactly one .ovf lies in it, and that begins as XML or is empty; two are two backups."""
        found = _ovf_files(thing)
        if not thing.is_folder or len(found) != 1:
            return False
        head = found[0].read_at(0, 200).lstrip(b"\xef\xbb\xbf \r\n\t")
        return head.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<")) or not head.strip(b"\0")

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The OVF."""
        return _envelope(_folder_parts(thing)[0], effort).identity()

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every file the OVF names is there, of its size."""
        parts = _folder_parts(thing)
        _complete(parts, _envelope(parts[0], effort))
        return replace(identity, facts={**identity.facts, "members": len(parts)})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every byte under the manifest."""
        return _hashed(_folder_parts(thing), effort, identity)


def _ovf_files(thing: Thing) -> list[Content]:
    return [file for file in thing.files if file.name.lower().endswith(".ovf") and "/" not in file.name]


def _folder_parts(thing: Thing) -> Members:
    """The OVF first, as in a tar."""
    (ovf,) = _ovf_files(thing)
    rest = [file for file in thing.files if file is not ovf]
    return [Part(name=file.name, content=file, offset=0, size_bytes=file.size_bytes) for file in (ovf, *rest)]


def _envelope(part: Part, effort: Effort) -> Envelope:
    if part.size_bytes == 0:
        raise damaged("empty", part.name)
    if part.size_bytes > MOST_BYTES:
        raise Unprovable("too-big", size_bytes=part.size_bytes, most_bytes=MOST_BYTES)
    return read_envelope(_slices(part), effort, part.name)


def _slices(part: Part) -> Iterator[bytes]:
    for offset in range(0, part.size_bytes, MIB):
        yield exactly(part.content, part.offset + offset, min(MIB, part.size_bytes - offset), part.name)


def _complete(parts: Members, envelope: Envelope) -> None:
    sizes = {part.name: part.size_bytes for part in parts}
    faults = [fault for file in envelope.files for fault in _file_faults(file, sizes)]
    if faults:
        raise Damaged(*faults)
    if any("://" in file.href for file in envelope.files):
        raise Unprovable("data-elsewhere", files=sum("://" in file.href for file in envelope.files))


def _file_faults(file: NamedFile, sizes: dict[str, int]) -> list[Fault]:
    if "://" in file.href:
        return []
    if file.chunk_bytes and file.size_bytes is not None:
        return _piece_faults(file, file.chunk_bytes, file.size_bytes, sizes)
    name = file.href if file.href in sizes else unquote(file.href)
    return _size_faults(name, file.size_bytes, sizes)


def _piece_faults(file: NamedFile, piece: int, size: int, sizes: dict[str, int]) -> list[Fault]:
    count = -(-size // piece)
    if count > _MOST_PIECES:
        return [Fault(code="structure-damaged", place=file.href, facts={"entries": count})]
    faults = []
    for number in range(count):
        faults += _size_faults(f"{file.href}.{number:09}", min(piece, size - number * piece), sizes)
    return faults


def _size_faults(name: str, expected: int | None, sizes: dict[str, int]) -> list[Fault]:
    size = sizes.get(name)
    if size is None:
        return [Fault(code="member-missing", place=name)]
    if expected is None or size == expected:
        return []
    if size < expected:
        facts = {"missing_bytes": expected - size, "expected_bytes": expected, "size_bytes": size}
        return [Fault(code="cut", place=name, facts=facts)]
    return [Fault(code="junk-appended", place=name, facts={"extra_bytes": size - expected})]


def _hashed(parts: Members, effort: Effort, identity: Identity) -> Identity:
    promises = _promises(parts)
    names = {part.name for part in parts}
    missing = [Fault(code="member-missing", place=name) for name in promises if name not in names]
    faults = missing + broken_promises(parts, promises, effort)
    if faults:
        raise Damaged(*faults)
    unlisted = [part for part in parts if part.name not in promises and not part.name.lower().endswith(_SIGNATURES)]
    if unlisted:
        raise Unprovable("partly-checked", unchecked_bytes=sum(part.size_bytes for part in unlisted))
    return replace(identity, facts={**identity.facts, "hashed_files": len(promises)})


def _promises(parts: Members) -> dict[str, Promise]:
    """From the manifest of the same name as the OVF, else from the only one."""
    manifests = [part for part in parts if part.name.lower().endswith(".mf")]
    if not manifests:
        raise Unprovable("no-checksums")
    own = parts[0].name.rpartition(".")[0] + ".mf"
    manifest = next((part for part in manifests if part.name == own), manifests[0])
    if manifest.size_bytes > MOST_MANIFEST:
        raise Unprovable("too-big", size_bytes=manifest.size_bytes, most_bytes=MOST_MANIFEST)
    return parse_manifest(exactly(manifest.content, manifest.offset, manifest.size_bytes, manifest.name), manifest.name)
