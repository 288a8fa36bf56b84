"""VHDX, the disk of Hyper-V and of Windows backups: headers under CRC-32C, every allocated block inside the file."""

from typing import TYPE_CHECKING, ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import MIB, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.disks.tables import Blocks, table, zero_tail
from itops.formats.disks.vhdx_layout import Layout, read_layout

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_FULLY_PRESENT, _PARTIALLY_PRESENT = 6, 7
_STATES = (0, 1, 2, 3, _FULLY_PRESENT, _PARTIALLY_PRESENT)


class Vhdx:
    """A lone .vhdx or .avhdx."""

    name: ClassVar[str] = "vhdx"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE  # its data have no checksum
    suffixes: ClassVar[tuple[str, ...]] = (".vhdx", ".avhdx")

    def recognises(self, thing: Thing) -> bool:
        """By the file identifier."""
        return not thing.is_folder and len(thing.files) == 1 and thing.head.startswith(b"vhdxfile")

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """Headers, regions and metadata: size, block size, the disk's id, its parent."""
        return vhdx_identity(read_layout(thing.file))

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The whole block allocation table against the file; a log still to be replayed makes that worthless."""
        return walk_vhdx(thing.file, effort)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def vhdx_identity(layout: Layout, **more: Fact) -> Identity:
    """What a layout tells, with counts of a walk."""
    metadata = layout.metadata
    facts: dict[str, Fact] = {
        "virtual_size_bytes": metadata.virtual_size_bytes,
        "block_bytes": metadata.block_bytes,
        "disk_id": str(metadata.disk_id) if metadata.disk_id else None,
        "data_write_id": str(layout.header.data_write_id),
    }
    if metadata.has_parent:
        parent = metadata.parent
        facts["parent"] = parent.get("relative_path") or parent.get("absolute_win32_path")
        facts["parent_data_write_id"] = parent.get("parent_linkage", "").strip("{}").lower() or None
    return Identity(
        kind=CopyKind.DIFFERENTIAL if metadata.has_parent else CopyKind.FULL,
        made_by=layout.creator or None,
        facts={**facts, **more},
    )


def walk_vhdx(content: Content, effort: Effort) -> Identity:
    """The identity with `blocks`; raises Damaged, or Unprovable("log-not-replayed")."""
    layout = read_layout(content)
    blocks = _walked_table(content, effort, layout)
    if content.size_bytes % MIB:  # every region and block is a whole number of MiB
        raise damaged("junk-appended", extra_bytes=content.size_bytes % MIB)
    if layout.header.log_id:
        raise Unprovable("log-not-replayed", log_id=str(layout.header.log_id))
    return vhdx_identity(layout, blocks=blocks.count, zero_tail_bytes=zero_tail(content, effort))


def _walked_table(content: Content, effort: Effort, layout: Layout) -> Blocks:
    metadata, is_dirty = layout.metadata, layout.header.log_id is not None
    ratio = (1 << 23) * metadata.sector_bytes // metadata.block_bytes  # payload blocks for each bitmap block
    count = _entries(metadata.virtual_size_bytes, metadata.block_bytes, ratio, has_parent=metadata.has_parent)
    if count * 8 > layout.bat.length:
        raise damaged("structure-damaged", "block table region", entries=count)
    payload = Blocks(content, block_bytes=metadata.block_bytes, first_byte=MIB)
    bitmaps = Blocks(content, block_bytes=MIB, first_byte=MIB)
    for first, entries in table(content, effort, layout.bat.offset, count, kind="<u8", place="block table"):
        _take(first, entries, ratio, payload, bitmaps)
    if not is_dirty:  # the log may still move blocks
        regions = (layout.bat, layout.metadata_region, layout.header.log)
        payload.nothing_overlaps("block table", *((region.offset, region.offset + region.length) for region in regions))
        bitmaps.nothing_overlaps("block table")
    return payload


def _entries(size: int, block: int, ratio: int, *, has_parent: bool) -> int:
    """Of the table: after each `ratio` payload blocks stands one bitmap block; [MS-VHDX] 2.5."""
    blocks = -(-size // block)
    if has_parent:
        return -(-blocks // ratio) * (ratio + 1)
    return blocks + (blocks - 1) // ratio


def _take(first: int, entries: "NDArray[numpy.int64]", ratio: int, payload: Blocks, bitmaps: Blocks) -> None:
    import numpy  # noqa: PLC0415  heavy; only disks need it

    states = entries & 7
    place = f"block table entries {first} to {first + len(entries) - 1}"
    reserved = (entries >> 3) & 0x1FFFF
    if reserved.any() or not numpy.isin(states, _STATES).all():
        raise damaged("structure-damaged", place)
    offsets = ((entries >> 20) & ((1 << 44) - 1)) << 20
    is_bitmap = (numpy.arange(first, first + len(entries)) % (ratio + 1)) == ratio
    is_there = states >= _FULLY_PRESENT
    # an offset of 2**63 and more has become negative and is refused like any other below the first MiB
    payload.add(offsets[is_there & ~is_bitmap], place)
    bitmaps.add(offsets[is_there & is_bitmap], place)
