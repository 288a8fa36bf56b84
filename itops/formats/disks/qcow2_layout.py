"""How a qcow2 is laid out: header, snapshots. Source: QEMU's docs/interop/qcow2.txt. All numbers are big-endian."""

import struct
from dataclasses import dataclass

from itops.backup.contents import Content
from itops.backup.formats import MIB, Unprovable, damaged
from itops.facts import Fact
from itops.formats.exact import exactly, text

DIRTY, CORRUPT, EXTERNAL_DATA, COMPRESSION_TYPE, EXTENDED_L2 = 1, 2, 4, 8, 16
_KNOWN = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2
_MOST_SNAPSHOTS = 65_536  # QEMU's own limit
_MOST_L1_BYTES = 32 * MIB  # QEMU's own limit
_MOST_REFCOUNT_TABLE_BYTES = 8 * MIB  # QEMU's own limit
_TOO_LARGE = 1 << 63  # QEMU counts bytes with a sign
_ENCRYPTIONS = {0: None, 1: "aes", 2: "luks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A first-level table: of the disk as it is now, or of a snapshot."""

    offset: int
    entries: int
    virtual_size_bytes: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The header, with the defaults of version 2."""

    version: int
    cluster_bits: int
    virtual_size_bytes: int
    active: Tree
    refcounts_offset: int
    refcounts_clusters: int
    refcount_bits: int
    snapshots: int
    snapshots_offset: int
    features: int
    encryption: str | None
    backing: str | None

    @property
    def cluster_bytes(self) -> int:
        """How much one entry of a second-level table maps."""
        return 1 << self.cluster_bits

    @property
    def entry_bytes(self) -> int:
        """The width of an entry of a second-level table."""
        return 16 if self.features & EXTENDED_L2 else 8

    @property
    def facts(self) -> dict[str, Fact]:
        """What people want to know."""
        facts: dict[str, Fact] = {
            "virtual_size_bytes": self.virtual_size_bytes,
            "version": self.version,
            "cluster_bytes": self.cluster_bytes,
            "snapshots": self.snapshots,
        }
        told = {"parent": self.backing, "encryption": self.encryption}
        return facts | {name: value for name, value in told.items() if value}


def read_layout(content: Content) -> Layout:
    """The header; raises Damaged, or Unprovable for a version or feature nobody knew when this was written."""
    head = content.read_at(0, 4096)
    if len(head) < 72:
        exactly(content, 0, 72, "header")
    version, backing_at, backing_length, cluster_bits, size, encryption, l1_entries = struct.unpack_from(
        ">IQIIQII", head, 4
    )
    l1_offset, refcounts_offset, refcounts_clusters, snapshots, snapshots_offset = struct.unpack_from(
        ">QQIIQ", head, 40
    )
    if version not in {2, 3}:
        raise Unprovable("version-unknown", version=version)
    features, order = _features(content, head) if version == 3 else (0, 4)
    is_sane = 9 <= cluster_bits <= 21 and order <= 6 and encryption in _ENCRYPTIONS and snapshots <= _MOST_SNAPSHOTS
    if (
        not is_sane
        or size >= _TOO_LARGE
        or l1_entries * 8 > _MOST_L1_BYTES
        or refcounts_clusters << cluster_bits > _MOST_REFCOUNT_TABLE_BYTES
    ):
        raise damaged("header-damaged", "header", cluster_bits=cluster_bits, entries=l1_entries)
    if backing_length > 1023:
        raise damaged("header-damaged", "backing file name", length=backing_length)
    return Layout(
        version=version,
        cluster_bits=cluster_bits,
        virtual_size_bytes=size,
        active=Tree(offset=l1_offset, entries=l1_entries, virtual_size_bytes=size, place="the disk"),
        refcounts_offset=refcounts_offset,
        refcounts_clusters=refcounts_clusters,
        refcount_bits=1 << order,
        snapshots=snapshots,
        snapshots_offset=snapshots_offset,
        features=features,
        encryption=_ENCRYPTIONS[encryption],
        backing=text(exactly(content, backing_at, backing_length, "backing file name")) if backing_at else None,
    )


def _features(content: Content, head: bytes) -> tuple[int, int]:
    """The incompatible features and the order of the reference counts, of version 3."""
    if len(head) < 104:
        exactly(content, 0, 104, "header")
    features, _, _, order, header_length = struct.unpack_from(">QQQII", head, 72)
    if features & ~_KNOWN:
        raise Unprovable("version-unknown", features=features)
    if header_length < 104:
        raise damaged("header-damaged", "header", length=header_length)
    return features, order


def snapshot_trees(content: Content, layout: Layout) -> tuple[list[Tree], int]:
    """The first-level tables of the internal snapshots, and where the list of snapshots ends."""
    at, end, trees = layout.snapshots_offset, layout.snapshots_offset, []
    for number in range(layout.snapshots):
        place = f"snapshot {number + 1}"
        head = exactly(content, at, 40, place)
        offset, entries, id_length, name_length = struct.unpack_from(">QIHH", head)
        (extra_length,) = struct.unpack_from(">I", head, 36)
        if entries * 8 > _MOST_L1_BYTES or extra_length > MIB:
            raise damaged("structure-damaged", place, entries=entries)
        extra = exactly(content, at + 40, min(extra_length, 16), place)
        size = int.from_bytes(extra[8:16], "big") if len(extra) == 16 else layout.virtual_size_bytes
        if size >= _TOO_LARGE:
            raise damaged("structure-damaged", place, virtual_size_bytes=size)
        trees.append(Tree(offset=offset, entries=entries, virtual_size_bytes=size, place=place))
        end = at + 40 + extra_length + id_length + name_length
        at = -(-end // 8) * 8
    return trees, end
