"""Count who refers to each cluster of a qcow2 and compare with the counts it keeps itself, as `qemu-img check` does."""

from typing import TYPE_CHECKING

from itops.backup.contents import Content
from itops.backup.formats import Effort, damaged
from itops.formats.disks.qcow2_layout import DIRTY, EXTERNAL_DATA, Layout, Tree, snapshot_trees
from itops.formats.disks.tables import table
from itops.formats.exact import exactly, inside

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_OFFSET = 0x00FF_FFFF_FFFF_FE00  # bits 9 to 55
_RESERVED_FIRST, _RESERVED_SECOND = 0x7F00_0000_0000_01FF, 0x3F00_0000_0000_01FE
_IS_MAPPED, _IS_COPIED = 1, 2
_COMPRESSED = 1 << 62
_MOST_CLUSTERS = 64 << 20  # of 64 KiB: a file of 4 TiB; three bytes of memory each


class References:
    """How often each cluster of the file is referred to."""

    def __init__(self, content: Content, effort: Effort, layout: Layout) -> None:
        import numpy  # noqa: PLC0415  heavy; only disks need it

        self._content, self._effort, self._layout = content, effort, layout
        self.clusters = -(-content.size_bytes // layout.cluster_bytes)
        self._counts = numpy.zeros(self.clusters if self.is_counted else 0, dtype=numpy.uint16)
        self._flags = numpy.zeros(len(self._counts), dtype=numpy.uint8)  # by the disk as it is now
        self._ends: set[int] = set()  # where metadata end inside a cluster: the file may end there too
        self.data_clusters = 0
        self.compressed_clusters = 0

    @property
    def is_counted(self) -> bool:
        """Whether the file is small enough for counts in memory; its tables are walked in any case."""
        return self.clusters <= _MOST_CLUSTERS

    def count(self) -> None:
        """Walk everything that refers to clusters; raises Damaged for what lies outside the file."""
        layout = self._layout
        self._refer(0, layout.cluster_bytes, "header")
        snapshots, end = snapshot_trees(self._content, layout)
        if snapshots:
            self._refer(layout.snapshots_offset, end - layout.snapshots_offset, "list of snapshots")
        for tree in (layout.active, *snapshots):
            self._walk(tree)
        self._refer(layout.refcounts_offset, layout.refcounts_clusters * layout.cluster_bytes, "reference counts")

    def _refer(self, offset: int, length: int, place: str) -> None:
        """A range that may end with the file before its last cluster does."""
        first, last = offset // self._layout.cluster_bytes, -(-(offset + length) // self._layout.cluster_bytes)
        if offset % self._layout.cluster_bytes or first >= self.clusters:
            inside(self._content, offset + min(length, 1), place)
            raise damaged("structure-damaged", place, offset=offset)
        self._ends.add(offset + length)
        if self.is_counted:
            self._counts[first:last] += 1

    def _map(self, tree: Tree, entries: "NDArray[numpy.int64]") -> None:
        """Remember which clusters the disk itself maps, and whether it calls them its own (bit 63: negative)."""
        if self.is_counted and tree is self._layout.active:
            clusters = (entries & _OFFSET) // self._layout.cluster_bytes
            self._flags[clusters] |= _IS_MAPPED
            self._flags[clusters[entries < 0]] |= _IS_COPIED

    def _walk(self, tree: Tree) -> None:
        if not tree.entries:
            return
        place = f"first-level table of {tree.place}"
        self._refer(tree.offset, tree.entries * 8, place)
        covered = self._layout.cluster_bytes // self._layout.entry_bytes * self._layout.cluster_bytes
        for first, entries in table(self._content, self._effort, tree.offset, tree.entries, kind=">u8", place=place):
            if (entries & _RESERVED_FIRST).any():
                raise damaged("structure-damaged", place)
            used = _nonzero(entries & _OFFSET)
            for index in used:
                self._second_level(tree, int(entries[index]) & _OFFSET, (first + index) * covered)
            self._map(tree, entries[used])

    def _second_level(self, tree: Tree, offset: int, guest: int) -> None:
        """One table; `guest` is the first byte of the disk it maps."""
        import numpy  # noqa: PLC0415  heavy; only disks need it

        place = f"second-level table of {tree.place} for byte {guest}"
        cluster = self._layout.cluster_bytes
        self._effort.tick()
        raw = numpy.frombuffer(exactly(self._content, offset, cluster, place), dtype=">u8")
        self._refer(offset, cluster, place)
        entries = raw[:: self._layout.entry_bytes // 8].astype(numpy.uint64).view(numpy.int64)
        is_compressed = (entries & _COMPRESSED) != 0
        self._compressed(entries[is_compressed], place)
        if (entries[~is_compressed] & _RESERVED_SECOND).any():
            raise damaged("structure-damaged", place)
        plain = numpy.flatnonzero(~is_compressed & ((entries & _OFFSET) != 0))
        if not self._layout.features & EXTERNAL_DATA:
            self._data(entries[plain] & _OFFSET, guest + plain * cluster, tree, place)
            self._map(tree, entries[plain])

    def _data(self, offsets: "NDArray[numpy.int64]", guests: "NDArray[numpy.int64]", tree: Tree, place: str) -> None:
        """Data clusters; the file may end where the disk ends, inside the last of them."""
        import numpy  # noqa: PLC0415  heavy; only disks need it

        if not len(offsets):
            return
        if (offsets % self._layout.cluster_bytes).any():
            raise damaged("structure-damaged", place)
        wanted = numpy.clip(tree.virtual_size_bytes - guests, 512, self._layout.cluster_bytes)
        inside(self._content, int((offsets + wanted).max()), f"data of {place}")
        self.data_clusters += len(offsets)
        if self.is_counted:
            numpy.add.at(self._counts, offsets // self._layout.cluster_bytes, 1)

    def _compressed(self, entries: "NDArray[numpy.int64]", place: str) -> None:
        """Compressed clusters: a byte offset, and how many further sectors they touch; several share a cluster."""
        import numpy  # noqa: PLC0415  heavy; only disks need it

        if not len(entries):
            return
        width = 62 - (self._layout.cluster_bits - 8)
        offsets = entries & ((1 << width) - 1)
        sectors = (entries & (_COMPRESSED - 1)) >> width
        ends = (offsets // 512 + sectors + 1) * 512
        inside(self._content, int(offsets.max()) + 1, f"data of {place}")
        inside(self._content, int(ends.max()) - 511, f"data of {place}")
        self.compressed_clusters += len(entries)
        if self.is_counted:
            first, last = offsets // self._layout.cluster_bytes, (ends - 1) // self._layout.cluster_bytes
            for step in range(int((last - first).max()) + 1):  # at most two, by the width of `sectors`
                touched = first + step
                numpy.add.at(self._counts, touched[(touched <= last) & (touched < self.clusters)], 1)

    def compare(self) -> int:
        """Leaked clusters; raises Damaged where a cluster in use counts for less than its references."""
        if not self.is_counted or self._layout.features & DIRTY:
            return 0
        each = self._layout.cluster_bytes * 8 // self._layout.refcount_bits
        entries = self._layout.refcounts_clusters * self._layout.cluster_bytes // 8
        blocks: dict[int, int] = {}
        where = "reference counts"
        for first, offsets in table(
            self._content, self._effort, self._layout.refcounts_offset, entries, kind=">u8", place=where
        ):
            blocks.update({first + index: int(offsets[index]) for index in _nonzero(offsets)})
        for offset in blocks.values():
            self._refer(offset, self._layout.cluster_bytes, where)
        self._nothing_behind()
        return sum(self._compared(start // each, start, each, blocks) for start in range(0, self.clusters, each))

    def _nothing_behind(self) -> None:
        """What QEMU frees at the end stays there in whole sectors; an odd rest was put there by somebody else."""
        import numpy  # noqa: PLC0415  heavy; only disks need it

        used = numpy.flatnonzero(self._counts)
        end = (int(used[-1]) + 1) * self._layout.cluster_bytes if len(used) else 0
        size = self._content.size_bytes
        if size > end and (size - end) % 512:
            raise damaged("junk-appended", extra_bytes=size - end)
        if size % 512 and size not in self._ends:
            inside(self._content, -(-size // 512) * 512, "end of file")

    def _compared(self, number: int, start: int, each: int, blocks: dict[int, int]) -> int:
        import numpy  # noqa: PLC0415  heavy; only disks need it

        self._effort.tick()
        referred = self._counts[start : start + each]
        place = f"reference counts of clusters {start} to {start + len(referred) - 1}"
        stored = numpy.zeros(len(referred), dtype=numpy.uint64)
        if number in blocks:
            data = exactly(self._content, blocks[number], self._layout.cluster_bytes, place)
            stored = _unpacked(data, self._layout.refcount_bits)[: len(referred)]
        if (stored < referred).any():
            wrong = numpy.flatnonzero(stored < referred)
            raise damaged("structure-damaged", place, offset=int(wrong[0] + start) * self._layout.cluster_bytes)
        flags = self._flags[start : start + each]
        disputed = numpy.flatnonzero(((flags & _IS_MAPPED) != 0) & ((stored == 1) != ((flags & _IS_COPIED) != 0)))
        if len(disputed):
            raise damaged("structure-damaged", place, offset=int(disputed[0] + start) * self._layout.cluster_bytes)
        return int(numpy.count_nonzero(stored > referred))


def _nonzero(entries: "NDArray[numpy.int64]") -> list[int]:
    import numpy  # noqa: PLC0415  heavy; only disks need it

    return [int(index) for index in numpy.flatnonzero(entries)]


def _unpacked(data: bytes, bits: int) -> "NDArray[numpy.uint64]":
    """Reference counts of `bits` each; below a byte the first is in the lowest bits."""
    import numpy  # noqa: PLC0415  heavy; only disks need it

    if bits >= 8:
        return numpy.frombuffer(data, dtype=f">u{bits // 8}").astype(numpy.uint64)
    each = numpy.frombuffer(data, dtype=numpy.uint8)
    parts = [(each >> shift) & ((1 << bits) - 1) for shift in range(0, 8, bits)]
    return numpy.stack(parts, axis=1).reshape(-1).astype(numpy.uint64)
