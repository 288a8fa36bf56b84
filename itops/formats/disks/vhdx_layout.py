"""How a VHDX is laid out: headers, region table and metadata, each under a CRC-32C or a fixed signature.

Source: [MS-VHDX] 2.2 to 2.6. All numbers are little-endian.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from itops.backup.contents import Content
from itops.backup.copies import Fault
from itops.backup.formats import MIB, Damaged, damaged
from itops.formats.crc32c import crc32c
from itops.formats.exact import exactly, inside, text

KIB = 1 << 10
_HEADERS = (64 * KIB, 128 * KIB)
_REGIONS = (192 * KIB, 256 * KIB)
_MOST_ENTRIES = 2047

_BAT = UUID("2dc27766-f623-4200-9d64-115e9bfd4a08")
_METADATA = UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")
_PARAMETERS = UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b")
_DISK_SIZE = UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8")
_DISK_ID = UUID("beca12ab-b2e6-4523-93ef-c309e000c746")
_SECTOR_SIZE = UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f")
_PARENT = UUID("a8d35f2d-b30b-454d-abf7-d3d84834ab0c")
_WANTED = {_PARAMETERS, _DISK_SIZE, _DISK_ID, _SECTOR_SIZE, _PARENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A part of the file, by byte offset and length."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The newer of the two headers."""

    sequence: int
    data_write_id: UUID  # changes when the guest's data change: what a child names as its parent
    log_id: UUID | None  # set: writes wait in the log
    log: Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the disk is."""

    virtual_size_bytes: int
    block_bytes: int
    sector_bytes: int
    disk_id: UUID | None
    has_parent: bool
    parent: Mapping[str, str]  # parent_linkage, relative_path, absolute_win32_path, volume_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Everything but the block allocation table itself."""

    creator: str
    header: Header
    bat: Region
    metadata_region: Region
    metadata: Metadata


def read_layout(content: Content) -> Layout:
    """A handful of reads, about 200 KiB; raises Damaged."""
    creator = text(exactly(content, 8, 512, "file identifier"), "utf-16-le")
    header = _newer_header(content)
    regions = _regions(content)
    for name, wanted in (("block table", _BAT), ("metadata", _METADATA)):
        if wanted not in regions:
            raise damaged("structure-damaged", f"{name} region")
    bat, metadata = regions[_BAT], regions[_METADATA]
    for name, region in (("log", header.log), ("block table", bat), ("metadata", metadata)):
        inside(content, region.offset + region.length, f"{name} region")
    return Layout(
        creator=creator,
        header=header,
        bat=bat,
        metadata_region=metadata,
        metadata=_metadata(content, metadata),
    )


def _summed(content: Content, offset: int, length: int, signature: bytes, place: str) -> bytes | Fault:
    """A structure whose bytes 4 to 7 are the CRC-32C of it all with those four as zeros."""
    data = exactly(content, offset, length, place)
    if data[:4] != signature:
        return Fault(code="header-damaged", place=place)
    if crc32c(data[:4] + bytes(4) + data[8:]) != int.from_bytes(data[4:8], "little"):
        return Fault(code="checksum-mismatch", place=place)
    return data


def _newer_header(content: Content) -> Header:
    """A file at rest has two good headers: one that is not is a changed file, even where the other would do."""
    good, faults = [], []
    for number, offset in enumerate(_HEADERS, 1):
        data = _summed(content, offset, 4 * KIB, b"head", f"header {number}")
        if isinstance(data, Fault):
            faults.append(data)
        else:
            good.append(_header(data, f"header {number}"))
    if faults:
        raise Damaged(*faults)
    return max(good, key=lambda header: header.sequence)


def _header(data: bytes, place: str) -> Header:
    (sequence,) = struct.unpack_from("<Q", data, 8)
    version, log_length, log_offset = struct.unpack_from("<HIQ", data, 66)
    if version != 1:
        raise damaged("header-damaged", place, version=version)
    log_id = UUID(bytes_le=data[48:64])
    return Header(
        sequence=sequence,
        data_write_id=UUID(bytes_le=data[32:48]),
        log_id=log_id if log_id.int else None,
        log=Region(offset=log_offset, length=log_length),
    )


def _regions(content: Content) -> dict[UUID, Region]:
    """From the first of the two region tables; both must be whole and alike."""
    tables, faults = [], []
    for number, offset in enumerate(_REGIONS, 1):
        data = _summed(content, offset, 64 * KIB, b"regi", f"region table {number}")
        if isinstance(data, Fault):
            faults.append(data)
        else:
            tables.append(data)
    if faults:
        raise Damaged(*faults)
    count = int.from_bytes(tables[0][8:12], "little")
    if tables[0] != tables[1] or count > _MOST_ENTRIES:
        raise damaged("structure-damaged", "region table", entries=count)
    found = {}
    for at in range(16, 16 + 32 * count, 32):
        offset, length = struct.unpack_from("<QI", tables[0], at + 16)
        if offset < MIB or offset % MIB:
            raise damaged("structure-damaged", "region table", offset=offset)
        found[UUID(bytes_le=tables[0][at : at + 16])] = Region(offset=offset, length=length)
    return found


def _metadata(content: Content, region: Region) -> Metadata:
    items = _metadata_items(content, region)
    block_bytes, flags = struct.unpack_from("<II", _item(items, _PARAMETERS, 8))
    size = int.from_bytes(_item(items, _DISK_SIZE, 8)[:8], "little")
    sector = int.from_bytes(_item(items, _SECTOR_SIZE, 4)[:4], "little")
    is_power = block_bytes & (block_bytes - 1) == 0
    if not is_power or not MIB <= block_bytes <= 256 * MIB or sector not in {512, 4096} or not 0 < size <= 64 << 40:
        raise damaged("structure-damaged", "metadata", block_bytes=block_bytes, virtual_size_bytes=size)
    disk_id = items.get(_DISK_ID)
    has_parent = bool(flags & 2)
    return Metadata(
        virtual_size_bytes=size,
        block_bytes=block_bytes,
        sector_bytes=sector,
        disk_id=UUID(bytes_le=disk_id) if disk_id and len(disk_id) == 16 else None,
        has_parent=has_parent,
        parent=_locator(_item(items, _PARENT, 20)) if has_parent else {},
    )


def _metadata_items(content: Content, region: Region) -> dict[UUID, bytes]:
    head = exactly(content, region.offset, 64 * KIB, "metadata")
    count = int.from_bytes(head[10:12], "little")
    if head[:8] != b"metadata" or count > _MOST_ENTRIES:
        raise damaged("structure-damaged", "metadata", entries=count)
    items = {}
    for at in range(32, 32 + 32 * count, 32):
        offset, length = struct.unpack_from("<II", head, at + 16)
        if length > MIB or (length and not 64 * KIB <= offset <= region.length - length):
            raise damaged("structure-damaged", "metadata", offset=offset, length=length)
        if (item := UUID(bytes_le=head[at : at + 16])) in _WANTED:
            items[item] = exactly(content, region.offset + offset, length, "metadata")
    return items


def _item(items: Mapping[UUID, bytes], wanted: UUID, at_least: int) -> bytes:
    item = items.get(wanted, b"")
    if len(item) < at_least:
        raise damaged("structure-damaged", "metadata", item=str(wanted))
    return item


def _locator(item: bytes) -> dict[str, str]:
    """The names of the parent: UTF-16 keys and values by offset and length."""
    found: dict[str, str] = {}
    for entry in range(min(int.from_bytes(item[18:20], "little"), 16)):
        described = item[20 + 12 * entry : 32 + 12 * entry]
        if len(described) < 12:
            break
        key_at, value_at, key_length, value_length = struct.unpack("<IIHH", described)
        key = text(item[key_at : key_at + key_length], "utf-16-le")
        found[key] = text(item[value_at : value_at + value_length], "utf-16-le")
    return found
