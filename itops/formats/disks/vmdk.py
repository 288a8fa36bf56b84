"""VMDK, the disk of VMware, as one file: sparse, streamed (each grain with a checksum), a text, or plain sectors."""

import re
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.formats.disks.tables import SECTOR, zero_tail
from itops.formats.disks.vmdk_layout import (
    COMPRESSED,
    DESCRIPTOR_START,
    MAGIC,
    MOST_DESCRIPTOR,
    Header,
    embedded_descriptor,
    parse_descriptor,
    read_header,
    vmdk_identity,
)
from itops.formats.disks.vmdk_stream import StreamWalk, with_footer
from itops.formats.disks.vmdk_tables import Grains, walk_tables
from itops.formats.exact import exactly

_OLD_SPARSE = b"COWD\1\0\0\0"  # snapshots of ESXi up to 6.0
_SE_SPARSE = b"\xbe\xba\xfe\xca\0\0\0\0"  # snapshots of ESXi since 6.5
_PLAIN_NAME = re.compile(r"-(flat|f\d{3})\.vmdk$", re.IGNORECASE)


class Vmdk:
    """A lone .vmdk."""

    name: ClassVar[str] = "vmdk"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT  # streamed ones only; others say no-checksums
    suffixes: ClassVar[tuple[str, ...]] = (".vmdk",)

    def recognises(self, thing: Thing) -> bool:
        """By magic; plain sectors by their name and the boot signature of a partitioned disk."""
        return not thing.is_folder and len(thing.files) == 1 and _shape(thing) is not None

    def set_of(self, thing: Thing) -> str | None:
        """No stripes: a split disk is a folder."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The header and the descriptor."""
        shape = _shape(thing)
        if shape == "text":
            return _described(thing.file)
        if shape != "sparse":
            return Identity(kind=CopyKind.PARTIAL, facts={"type": shape, "virtual_size_bytes": _plain_size(thing)})
        header = read_header(exactly(thing.file, 0, SECTOR, "header"))
        return sparse_identity(thing.file, header)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The directory and the tables of grains; for a stream its footer too."""
        shape = _shape(thing)
        if shape == "text":
            raise Unprovable("data-elsewhere", files=identity.facts.get("files"))
        if shape != "sparse":
            raise Unprovable("structure-unknown")
        grains, header = walk_sparse(thing.file, effort)
        tail = {} if header.is_stream else {"zero_tail_bytes": zero_tail(thing.file, effort)}
        return Identity(kind=identity.kind, facts={**identity.facts, "grains": grains.count, **tail})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every grain of a stream under its Adler-32, and the tables against what is really there."""
        header = read_header(exactly(thing.file, 0, SECTOR, "header"))
        if not header.is_stream:
            raise Unprovable("no-checksums")
        grains, header = walk_sparse(thing.file, effort)
        stream = StreamWalk(thing.file, effort, header)
        stream.run()
        if stream.found != grains:
            raise damaged("structure-damaged", "grain tables", expected=grains.count, present=stream.found.count)
        return Identity(kind=identity.kind, facts={**identity.facts, "unpacked_bytes": stream.unpacked_bytes})


def _shape(thing: Thing) -> str | None:
    head = thing.head
    if head.startswith(MAGIC):
        return "sparse"
    if head.lstrip().startswith(DESCRIPTOR_START):
        return "text"
    if head.startswith(_OLD_SPARSE):
        return "vmfsSparse"
    if head.startswith(_SE_SPARSE):
        return "seSparse"
    is_plain = bool(_PLAIN_NAME.search(thing.path)) and head[510:512] == b"\x55\xaa"
    return "flat" if is_plain else None


def _plain_size(thing: Thing) -> int | None:
    return thing.size_bytes if _shape(thing) == "flat" else None


def _described(content: Content) -> Identity:
    if content.size_bytes > MOST_DESCRIPTOR:
        raise damaged("header-damaged", "descriptor", size_bytes=content.size_bytes)
    descriptor = parse_descriptor(exactly(content, 0, content.size_bytes, "descriptor"))
    return vmdk_identity(descriptor, descriptor.capacity_bytes, files=len(descriptor.extents))


def sparse_identity(content: Content, header: Header) -> Identity:
    """Of a sparse extent."""
    descriptor = embedded_descriptor(content, header)
    return vmdk_identity(descriptor, header.capacity * SECTOR)


def walk_sparse(content: Content, effort: Effort) -> tuple[Grains, Header]:
    """The grains, and the header in front; raises Damaged, or Unprovable("not-closed")."""
    first = read_header(exactly(content, 0, SECTOR, "header"))
    if first.flags & COMPRESSED and not first.is_stream:
        raise Unprovable("structure-unknown")
    header = with_footer(content, first)
    grains = walk_tables(content, effort, header)
    if header.is_unclean:
        raise Unprovable("not-closed")
    return grains, first
