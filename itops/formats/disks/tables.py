"""What all virtual disks share: tables read in pieces, and blocks that must not lie on each other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from itops.backup.contents import Content
from itops.backup.formats import MIB, Effort, damaged
from itops.formats.exact import exactly, inside

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

SECTOR = 512
_MOST_TAIL = 64 * MIB
_MOST_BLOCKS = 16 << 20  # of 1 MiB: a disk of 16 TiB; their places take 128 MiB of memory


def table(
    content: Content, effort: Effort, offset: int, count: int, *, kind: str, place: str
) -> "Iterator[tuple[int, NDArray[numpy.int64]]]":
    """The entries of a table as 64-bit numbers, 1 MiB at a time, each piece with the index of its first entry.

    `kind` is how numpy calls an entry (`<u4`, `>u8`). An unsigned 64-bit entry above 2**63 comes out negative.
    """
    import numpy  # noqa: PLC0415  heavy; only disks need it

    width = numpy.dtype(kind).itemsize
    inside(content, offset + count * width, place)
    step = MIB // width
    for first in range(0, count, step):
        effort.tick()
        length = min(step, count - first) * width
        entries = numpy.frombuffer(exactly(content, offset + first * width, length, place), dtype=kind)
        yield first, entries.astype(numpy.uint64).view(numpy.int64)


def zero_tail(content: Content, effort: Effort) -> int:
    """How many zeros the file ends with, looked for in its last 64 MiB.

    A fact and no fault: a guest may have zeros there; but so has a copy that was broken off after its size was set.
    """
    found = 0
    while found < min(_MOST_TAIL, content.size_bytes):
        effort.tick()
        length = min(MIB, content.size_bytes - found)
        rest = exactly(content, content.size_bytes - found - length, length).rstrip(b"\0")
        if rest:
            return found + length - len(rest)
        found += length
    return found


class Blocks:
    """The places of a disk's blocks in its file: all inside it, none upon another."""

    def __init__(self, content: Content, *, block_bytes: int, first_byte: int) -> None:
        self._content = content
        self._block_bytes = block_bytes
        self._first_byte = first_byte  # nothing before it may be a block
        self._kept: list[NDArray[numpy.int64]] = []
        self.count = 0
        self.end = 0  # where the last one ends

    def add(self, offsets: "NDArray[numpy.int64]", place: str) -> None:
        """Blocks at these byte offsets; raises Damaged for one that lies outside."""
        if not len(offsets):
            return
        lowest, highest = int(offsets.min()), int(offsets.max())
        if lowest < self._first_byte:
            raise damaged("structure-damaged", place, offset=lowest)
        self.end = max(self.end, highest + self._block_bytes)
        inside(self._content, self.end, place)
        self.count += len(offsets)
        if self.count <= _MOST_BLOCKS:
            self._kept.append(offsets)

    def nothing_overlaps(self, place: str, *taken: tuple[int, int]) -> None:
        """Raise Damaged when blocks share bytes, or one with a `taken` range; not judged above 16 million blocks."""
        import numpy  # noqa: PLC0415  heavy; only disks need it

        if not self._kept or self.count > _MOST_BLOCKS:
            return
        places = numpy.sort(numpy.concatenate(self._kept))
        shared = numpy.flatnonzero(numpy.diff(places) < self._block_bytes)
        for begin, end in taken:
            if numpy.any((places < end) & (places + self._block_bytes > begin)):
                raise damaged("structure-damaged", place, offset=begin)
        if len(shared):
            raise damaged("structure-damaged", place, offset=int(places[shared[0]]), overlaps=len(shared))
