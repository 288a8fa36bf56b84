"""The grain directory and the grain tables of a sparse VMDK: every grain inside the file, both copies alike."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from itops.backup.contents import Content
from itops.backup.formats import MIB, Effort, damaged
from itops.formats.disks.tables import SECTOR, Blocks, table
from itops.formats.disks.vmdk_layout import COMPRESSED, REDUNDANT, ZEROED_GRAINS, Header
from itops.formats.exact import inside

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_GRAIN_MARKER = 12
_MASK = (1 << 64) - 1


class Grains:
    """A sum over (grain, sector) pairs that does not depend on their order: tables and stream must give the same."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, numbers: "NDArray[numpy.int64]", sectors: "NDArray[numpy.int64]") -> None:
        """Many pairs."""
        import numpy  # noqa: PLC0415  heavy; only disks need it

        mixed = numbers.astype(numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15) + sectors.astype(numpy.uint64)
        mixed ^= mixed >> numpy.uint64(29)
        mixed *= numpy.uint64(0xBF58476D1CE4E5B9)
        self._sum = (self._sum + int((mixed ^ (mixed >> numpy.uint64(32))).sum(dtype=numpy.uint64))) & _MASK
        self.count += len(numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grains) and (self.count, self._sum) == (other.count, other._sum)

    __hash__ = None  # type: ignore[assignment]  # it changes


def walk_tables(content: Content, effort: Effort, header: Header) -> Grains:
    """All grains the directory leads to; raises Damaged."""
    grain_bytes = header.grain * SECTOR
    is_packed = bool(header.flags & COMPRESSED)
    block = _GRAIN_MARKER if is_packed else grain_bytes
    blocks = Blocks(content, block_bytes=block, first_byte=max(header.overhead, 1) * SECTOR)
    found = Grains()
    for number, sectors, place in _entries(content, effort, header, header.directory):
        keep = sectors > (1 if header.flags & ZEROED_GRAINS else 0)
        numbers, used = number[keep], sectors[keep]
        found.add(numbers, used)
        if is_packed:
            blocks.add(used * SECTOR, place)
        else:
            _add_plain(content, header, blocks, numbers, used, place)
    blocks.nothing_overlaps("grain tables")
    _whole_sectors(content)
    if header.flags & REDUNDANT and header.redundant_directory:
        _compare(content, effort, header, found)
    return found


def _whole_sectors(content: Content) -> None:
    odd = content.size_bytes % SECTOR
    if odd and any(content.read_at(content.size_bytes - odd, odd)):
        raise damaged("junk-appended", extra_bytes=odd)
    inside(content, content.size_bytes - odd + SECTOR * bool(odd), "end of file")


def _add_plain(
    content: Content,
    header: Header,
    blocks: Blocks,
    numbers: "NDArray[numpy.int64]",
    sectors: "NDArray[numpy.int64]",
    place: str,
) -> None:
    """Plain grains; the file may end where the disk ends, inside the last of them."""
    is_last = (numbers + 1) * header.grain > header.capacity
    for number, sector in zip(numbers[is_last], sectors[is_last], strict=True):
        inside(content, (int(sector) + max(header.capacity - int(number) * header.grain, 0)) * SECTOR, place)
    blocks.add(sectors[~is_last] * SECTOR, place)


def _entries(
    content: Content, effort: Effort, header: Header, directory: int
) -> "Iterator[tuple[NDArray[numpy.int64], NDArray[numpy.int64], str]]":
    """(grain numbers, their sectors, where that stands), neighbouring grain tables in one read."""
    import numpy  # noqa: PLC0415  heavy; only disks need it

    where = "grain directory"
    for first, tables in table(content, effort, directory * SECTOR, header.tables, kind="<u4", place=where):
        for index, count in _runs(tables, -(-header.entries * 4 // SECTOR)):
            begin = (first + index) * header.entries
            place = f"grain table {first + index}"
            total = min(count * header.entries, max(header.tables * header.entries - begin, 0))
            offset = int(tables[index]) * SECTOR
            for at, sectors in table(content, effort, offset, total, kind="<u4", place=place):
                yield numpy.arange(begin + at, begin + at + len(sectors)), sectors, place


def _runs(tables: "NDArray[numpy.int64]", step: int) -> Iterator[tuple[int, int]]:
    """(index, count) of grain tables that lie behind each other, at most 1 MiB of them; 0: there is none."""
    most = MIB // (step * SECTOR) or 1
    index, places = 0, tables.tolist()
    while index < len(places):
        count = 1
        if places[index]:
            while (
                count < most and index + count < len(places) and places[index + count] == places[index] + count * step
            ):
                count += 1
            yield index, count
        index += count


def _compare(content: Content, effort: Effort, header: Header, found: Grains) -> None:
    """The redundant tables name the same grains."""
    second = Grains()
    for number, sectors, _ in _entries(content, effort, header, header.redundant_directory):
        keep = sectors > (1 if header.flags & ZEROED_GRAINS else 0)
        second.add(number[keep], sectors[keep])
    if second != found:
        raise damaged("structure-damaged", "redundant grain tables", expected=found.count, present=second.count)
