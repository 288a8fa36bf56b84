"""How a VMDK is laid out: the header of a sparse extent, the text that describes a disk and its extents.

Source: VMware's "Virtual Disk Format 5.0". All numbers are little-endian and count sectors of 512 bytes.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from itops.backup.contents import Content
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import MIB, Unprovable, damaged
from itops.facts import Fact
from itops.formats.disks.tables import SECTOR
from itops.formats.exact import exactly, text

MAGIC = b"KDMV"
DESCRIPTOR_START = b"# Disk DescriptorFile"
REDUNDANT, ZEROED_GRAINS, COMPRESSED, MARKERS = 1 << 1, 1 << 2, 1 << 16, 1 << 17
AT_END = (1 << 64) - 1  # the grain directory is told by the footer
MOST_DESCRIPTOR = MIB
_NEWLINES = b"\n \r\n"  # in the header to show what an ASCII-mode transfer did
_NO_PARENT = "ffffffff"

_SETTING = re.compile(r'^\s*([\w.:]+)\s*=\s*"?(.*?)"?\s*$')
_EXTENT = re.compile(r'^\s*(?:RW|RDONLY|NOACCESS)\s+(\d{1,19})\s+([A-Z]+)(?:\s+"(.*)")?(?:\s+(\d{1,19}))?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Of a sparse extent; a streamed one has it once more near the end."""

    flags: int
    capacity: int  # sectors
    grain: int  # sectors
    descriptor: int
    descriptor_length: int
    entries: int  # of one grain table
    redundant_directory: int
    directory: int
    overhead: int
    is_unclean: bool
    compression: int

    @property
    def is_stream(self) -> bool:
        """Whether compressed grains follow each other behind markers."""
        return bool(self.flags & MARKERS)

    @property
    def tables(self) -> int:
        """How many grain tables map the disk."""
        return -(-self.capacity // (self.grain * self.entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A file that holds a part of the disk."""

    sectors: int
    kind: str  # FLAT, SPARSE, VMFS, ZERO ...
    file: str
    offset: int  # sectors into the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """The text that describes a disk, alone in a file or inside a sparse extent."""

    settings: Mapping[str, str]
    extents: tuple[Extent, ...]

    @property
    def parent(self) -> str | None:
        """The file of the parent of a snapshot."""
        is_child = self.settings.get("parentCID", _NO_PARENT).lower() != _NO_PARENT
        return self.settings.get("parentFileNameHint", "") if is_child else None

    @property
    def capacity_bytes(self) -> int:
        """Of all extents together."""
        return SECTOR * sum(extent.sectors for extent in self.extents)


def read_header(data: bytes, place: str = "header") -> Header:
    """From 512 bytes; raises Damaged, or Unprovable for an unknown version."""
    magic, version, flags = struct.unpack_from("<4sII", data)
    if magic != MAGIC:
        raise damaged("header-damaged", place)
    newlines = data[73:77]
    if newlines != _NEWLINES:
        raise damaged("line-endings" if newlines.strip(b"\r\n ") == b"" else "header-damaged", place)
    if not 1 <= version <= 3:
        raise Unprovable("version-unknown", version=version)
    capacity, grain, descriptor, length, entries, redundant, directory, overhead, unclean = struct.unpack_from(
        "<QQQQIQQQB", data, 12
    )
    is_sane = 8 <= grain <= 2 * MIB and grain & (grain - 1) == 0 and 1 <= entries <= 65_536
    if not is_sane or capacity >= 1 << 48 or data[77:79] not in {b"\0\0", b"\1\0"}:
        raise damaged("header-damaged", place, grain_sectors=grain, entries=entries)
    return Header(
        flags=flags,
        capacity=capacity,
        grain=grain,
        descriptor=descriptor,
        descriptor_length=length,
        entries=entries,
        redundant_directory=redundant,
        directory=directory,
        overhead=overhead,
        is_unclean=unclean != 0,
        compression=data[77],
    )


def embedded_descriptor(content: Content, header: Header) -> Descriptor | None:
    """None for an extent without one (each further piece of a split disk)."""
    if not header.descriptor:
        return None
    length = min(header.descriptor_length * SECTOR, MOST_DESCRIPTOR)
    data = exactly(content, header.descriptor * SECTOR, length, "descriptor")
    return parse_descriptor(data) if data.strip(b"\0") else None


def parse_descriptor(data: bytes) -> Descriptor:
    """Lenient: what it does not understand it leaves out. Raises Damaged when nothing of it makes sense."""
    settings: dict[str, str] = {}
    extents = []
    for line in text(data).splitlines():
        if extent := _EXTENT.match(line):
            sectors, kind, file, offset = extent.groups()
            extents.append(Extent(sectors=int(sectors), kind=kind, file=file or "", offset=int(offset or 0)))
        elif setting := _SETTING.match(line):
            settings[setting[1]] = setting[2]
    if "CID" not in settings or "createType" not in settings or not extents:
        raise damaged("header-damaged", "descriptor")
    return Descriptor(settings=settings, extents=tuple(extents))


def vmdk_identity(descriptor: Descriptor | None, size_bytes: int, **more: Fact) -> Identity:
    """What header and descriptor tell."""
    facts: dict[str, Fact] = {"virtual_size_bytes": size_bytes}
    if descriptor is None:
        return Identity(kind=CopyKind.PARTIAL, facts={**facts, **more})
    facts["type"] = descriptor.settings["createType"]
    facts["content_id"] = descriptor.settings["CID"]
    if descriptor.parent is not None:
        facts["parent"] = descriptor.parent or None
    kind = CopyKind.FULL if descriptor.parent is None else CopyKind.DIFFERENTIAL
    return Identity(kind=kind, facts={**facts, **more})
