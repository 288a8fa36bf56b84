"""VHD, the disk of old Hyper-V and Windows backups: a footer with a checksum, and for growing disks its copy in front.

Source: Microsoft's "Virtual Hard Disk Image Format Specification" 1.0. All numbers are big-endian.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.disks.tables import SECTOR, Blocks, table
from itops.formats.exact import cut, exactly, inside, text

_COOKIE, _DYNAMIC_COOKIE = b"conectix", b"cxsparse"
_FIXED, _DYNAMIC, _DIFFERENCING = 2, 3, 4
_UNUSED = 0xFFFFFFFF
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_BLOCK = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The last 512 bytes; also the first of a growing disk."""

    raw: bytes
    data_offset: int
    created_at: datetime
    creator: str
    virtual_size_bytes: int
    disk_type: int
    disk_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Dynamic:
    """The second header of a growing disk."""

    table_offset: int
    entries: int
    block_bytes: int
    parent_id: UUID
    parent: str


class Vhd:
    """A lone .vhd or .avhd."""

    name: ClassVar[str] = "vhd"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = (".vhd", ".avhd", ".vpc")

    def recognises(self, thing: Thing) -> bool:
        """By the cookie in front or, for a disk of fixed size, in the footer."""
        if thing.is_folder or len(thing.files) != 1:
            return False
        size = thing.file.size_bytes
        is_sectors = size >= 2 * SECTOR and size % SECTOR == 0
        return thing.head.startswith(_COOKIE) or (is_sectors and thing.file.read_at(size - SECTOR, 8) == _COOKIE)

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The footer, or its copy in front, and the second header."""
        footer = _front_or_end(thing)
        return _identity(footer, None if footer.disk_type == _FIXED else _dynamic(thing.file, footer))

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The size of a fixed disk; the block table of a growing one, and the footer right behind the last block."""
        footer = _front_or_end(thing)
        if footer.disk_type == _FIXED:
            _fixed_size(thing.file, footer)
            return identity
        dynamic = _dynamic(thing.file, footer)
        blocks = _walked_table(thing.file, effort, dynamic)
        _ending(thing.file, footer, max(blocks.end, dynamic.table_offset + 4 * dynamic.entries))
        return _identity(footer, dynamic, blocks=blocks.count)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _front_or_end(thing: Thing) -> Footer:
    if thing.head.startswith(_COOKIE):
        return _footer(exactly(thing.file, 0, SECTOR, "footer copy"), "footer copy")
    footer = _footer(exactly(thing.file, thing.file.size_bytes - SECTOR, SECTOR, "footer"), "footer")
    if footer.disk_type != _FIXED:
        raise damaged("header-damaged", "footer copy")
    return footer


def _sum(data: bytes, at: int) -> int:
    """The ones' complement of the sum of all bytes but the four of the checksum itself."""
    return ~(sum(data) - sum(data[at : at + 4])) & 0xFFFFFFFF


def _footer(data: bytes, place: str) -> Footer:
    if data[:8] != _COOKIE:
        raise damaged("header-damaged", place)
    (stored,) = struct.unpack_from(">I", data, 64)
    if _sum(data, 64) != stored:
        raise damaged("checksum-mismatch", place)
    data_offset, seconds, creator = struct.unpack_from(">QI4s", data, 16)
    size, _, disk_type = struct.unpack_from(">QII", data, 48)
    if disk_type not in {_FIXED, _DYNAMIC, _DIFFERENCING}:
        raise Unprovable("version-unknown", disk_type=disk_type)
    return Footer(
        raw=data,
        data_offset=data_offset,
        created_at=_EPOCH + timedelta(seconds=seconds),
        creator=text(creator, "latin-1"),
        virtual_size_bytes=size,
        disk_type=disk_type,
        disk_id=UUID(bytes=data[68:84]),
    )


def _dynamic(content: Content, footer: Footer) -> Dynamic:
    data = exactly(content, footer.data_offset, 1024, "dynamic header")
    if data[:8] != _DYNAMIC_COOKIE:
        raise damaged("header-damaged", "dynamic header")
    table_offset, _, entries, block_bytes, stored = struct.unpack_from(">QIIII", data, 16)
    if _sum(data, 36) != stored:
        raise damaged("checksum-mismatch", "dynamic header")
    if not SECTOR <= block_bytes <= _MOST_BLOCK or block_bytes % SECTOR:
        raise damaged("structure-damaged", "dynamic header", block_bytes=block_bytes)
    if entries * block_bytes < footer.virtual_size_bytes:
        raise damaged("structure-damaged", "dynamic header", entries=entries)
    return Dynamic(
        table_offset=table_offset,
        entries=entries,
        block_bytes=block_bytes,
        parent_id=UUID(bytes=data[40:56]),
        parent=text(data[64:576], "utf-16-be"),
    )


def _identity(footer: Footer, dynamic: Dynamic | None, **more: Fact) -> Identity:
    facts: dict[str, Fact] = {
        "virtual_size_bytes": footer.virtual_size_bytes,
        "disk_id": str(footer.disk_id),
        "disk_created_at": footer.created_at.isoformat(),
        "is_fixed": dynamic is None,
    }
    if dynamic:
        facts["block_bytes"] = dynamic.block_bytes
    is_child = dynamic is not None and footer.disk_type == _DIFFERENCING
    if dynamic and is_child:
        facts["parent"], facts["parent_disk_id"] = dynamic.parent or None, str(dynamic.parent_id)
    kind = CopyKind.DIFFERENTIAL if is_child else CopyKind.FULL
    return Identity(kind=kind, made_by=footer.creator or None, facts={**facts, **more})


def _fixed_size(content: Content, footer: Footer) -> None:
    expected = footer.virtual_size_bytes + SECTOR
    inside(content, expected, "data")
    if content.size_bytes > expected:
        raise damaged("structure-damaged", "footer", expected_bytes=expected, size_bytes=content.size_bytes)


def _walked_table(content: Content, effort: Effort, dynamic: Dynamic) -> Blocks:
    """Each block is a bitmap of its sectors, whole sectors long, and its data."""
    bitmap = -(-dynamic.block_bytes // (SECTOR * 8 * SECTOR)) * SECTOR
    blocks = Blocks(content, block_bytes=bitmap + dynamic.block_bytes, first_byte=SECTOR)
    where = "block table"
    for first, entries in table(content, effort, dynamic.table_offset, dynamic.entries, kind=">u4", place=where):
        used = entries[entries != _UNUSED]
        blocks.add(used * SECTOR, f"{where} entries {first} to {first + len(entries) - 1}")
    table_end = dynamic.table_offset + 4 * dynamic.entries
    blocks.nothing_overlaps(where, (0, SECTOR), (dynamic.table_offset, table_end))
    return blocks


def _ending(content: Content, footer: Footer, end: int) -> None:
    """The same footer once more at the very end, behind `end`."""
    size, expected = content.size_bytes, -(-end // SECTOR) * SECTOR + SECTOR
    if size < expected:
        raise cut(content, expected, "footer")
    if size % SECTOR == 0 and content.read_at(size - SECTOR, SECTOR) == footer.raw:
        return
    raise _bad_ending(content, footer, expected)


def _bad_ending(content: Content, footer: Footer, expected: int) -> Damaged:
    """Junk behind a good footer, or a bad footer."""
    if content.size_bytes > expected and content.read_at(expected - SECTOR, SECTOR) == footer.raw:
        return damaged("junk-appended", extra_bytes=content.size_bytes - expected)
    return damaged("header-damaged", "footer")
