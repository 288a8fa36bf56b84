"""VDI, the disk of VirtualBox: a block map whose blocks must fill the file exactly. Source: VirtualBox's VDICore.h."""

import struct
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.disks.tables import Blocks, table, zero_tail
from itops.formats.exact import exactly, inside, text

_SIGNATURE = 0xBEDA107F
_UNDO, _DIFFERENCING = 3, 4
_DISCARDED = 0xFFFFFFFE  # this and the one above: no block in the file
_HEADER_BYTES = 0x1C8


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands in front; all numbers are little-endian."""

    creator: str
    image_type: int
    map_offset: int
    data_offset: int
    virtual_size_bytes: int
    block_bytes: int  # with what is stored before each block
    blocks: int
    allocated: int
    disk_id: UUID
    parent_id: UUID


class Vdi:
    """A lone .vdi."""

    name: ClassVar[str] = "vdi"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = (".vdi",)

    def recognises(self, thing: Thing) -> bool:
        """By the sentence in front, so that one mangled on its way is recognised too."""
        is_vdi = thing.head.startswith(b"<<< ") and b"Disk Image >>>" in thing.head[:64]
        return not thing.is_folder and len(thing.files) == 1 and is_vdi

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The header."""
        return _identity(_header(thing.file))

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The block map: as many blocks as the header counts, each once, and the file ends with the last."""
        header = _header(thing.file)
        blocks = _walked_map(thing.file, effort, header)
        if blocks.count != header.allocated:
            facts: dict[str, Fact] = {"expected": header.allocated, "present": blocks.count}
            raise damaged("structure-damaged", "block map", **facts)
        end = header.data_offset + header.allocated * header.block_bytes
        inside(thing.file, end, "data")
        if thing.file.size_bytes > end:
            raise damaged("junk-appended", extra_bytes=thing.file.size_bytes - end)
        return _identity(header, zero_tail_bytes=zero_tail(thing.file, effort))

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _header(content: Content) -> Header:
    data = exactly(content, 0, _HEADER_BYTES, "header")
    signature, version, _, image_type = struct.unpack_from("<IIII", data, 0x40)
    if signature != _SIGNATURE:
        is_mangled = b">>>\r\n" in data[:64]
        raise damaged("line-endings" if is_mangled else "header-damaged", "header")
    if version >> 16 != 1:
        raise Unprovable("version-unknown", version=f"{version >> 16}.{version & 0xFFFF}")
    map_offset, data_offset = struct.unpack_from("<II", data, 0x154)
    size, block, extra, blocks, allocated = struct.unpack_from("<QIIII", data, 0x170)
    if not 512 <= block <= 1 << 30 or extra > block or blocks * block < size or allocated > blocks:
        raise damaged("header-damaged", "header", block_bytes=block, blocks=blocks, virtual_size_bytes=size)
    return Header(
        creator=text(data[:64], "latin-1").strip("<> \n"),
        image_type=image_type,
        map_offset=map_offset,
        data_offset=data_offset,
        virtual_size_bytes=size,
        block_bytes=block + extra,
        blocks=blocks,
        allocated=allocated,
        disk_id=UUID(bytes_le=data[0x188:0x198]),
        parent_id=UUID(bytes_le=data[0x1A8:0x1B8]),
    )


def _identity(header: Header, **more: Fact) -> Identity:
    is_child = header.image_type in {_UNDO, _DIFFERENCING}
    facts: dict[str, Fact] = {
        "virtual_size_bytes": header.virtual_size_bytes,
        "block_bytes": header.block_bytes,
        "disk_id": str(header.disk_id),
        "blocks": header.allocated,
    }
    if is_child:
        facts["parent"] = str(header.parent_id)
    kind = CopyKind.DIFFERENTIAL if is_child else CopyKind.FULL
    return Identity(kind=kind, made_by=header.creator or None, facts={**facts, **more})


def _walked_map(content: Content, effort: Effort, header: Header) -> Blocks:
    blocks = Blocks(content, block_bytes=header.block_bytes, first_byte=header.data_offset)
    inside(content, header.map_offset + 4 * header.blocks, "block map")
    if header.map_offset + 4 * header.blocks > header.data_offset:
        raise damaged("structure-damaged", "block map", offset=header.data_offset)
    for first, entries in table(content, effort, header.map_offset, header.blocks, kind="<u4", place="block map"):
        used = entries[entries < _DISCARDED]
        place = f"block map entries {first} to {first + len(entries) - 1}"
        if len(used) and int(used.max()) >= header.allocated:
            raise damaged("structure-damaged", place, block=int(used.max()), expected=header.allocated)
        blocks.add(used * header.block_bytes + header.data_offset, place)
    blocks.nothing_overlaps("block map")
    return blocks
