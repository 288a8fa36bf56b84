"""Walk a tar from its first header to its last block, without believing it and without keeping its members."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from itops.backup.copies import Fault
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.facts import Fact
from itops.formats.archives.paths import LONGEST_NAME, Links, is_archive, leaves_folder, shown
from itops.formats.archives.readers import Reader
from itops.formats.archives.tar_header import BLOCK, ZEROS, Pending, TarHeader, pax_number, read_header, read_pax

_MOST_RECORDS = 1 << 20  # of one pax header or long name; Linux' longest path has 4096 bytes
_MOST_EXTENSIONS = 16  # headers that extend one member; real ones have three
_NO_PAYLOAD = b"123456"  # hard link, symbolic link, devices, folder, pipe
_RECORDS = (10_240, *(1 << power for power in range(15, 22)))  # what tars are padded to
_EMPTY = "nothing-inside"


@dataclass(slots=True, kw_only=True)
class TarCounts:
    """What was seen so far."""

    members: int = 0
    unpacked_bytes: int = 0
    newest: int | None = None
    archives: int = 0
    sparse: int = 0
    hostile: int = 0
    first_hostile: str = ""
    flavour: str = ""
    comment: str | None = None

    def facts(self, links: Links) -> dict[str, Fact]:
        """As an identity shows them."""
        told: dict[str, Fact] = {"members": self.members, "unpacked_bytes": self.unpacked_bytes}
        if self.newest is not None:
            told["newest_member_at"] = datetime.fromtimestamp(self.newest, UTC).isoformat()
        some = {"archives_inside": self.archives, "sparse_members": self.sparse, "links_outside": links.outside}
        told.update({name: count for name, count in some.items() if count})
        told["flavour"] = self.flavour
        if self.comment:
            told["comment"] = shown(self.comment)
        return told


class TarWalk:
    """One walk over one tar."""

    def __init__(self, reader: Reader, effort: Effort) -> None:
        self._reader = reader
        self._effort = effort
        self._counts = TarCounts()
        self._links = Links()
        self._global: dict[str, str] = {}

    def run(self) -> dict[str, Fact]:
        """Facts of a tar without a fault; raises Damaged or Unprovable."""
        while (block := self._block()) is not None:
            self._member(block)
        padding = self._after_end()
        if self._counts.hostile:
            counts = self._counts
            raise damaged("path-traversal", place=counts.first_hostile, members=counts.hostile)
        if not self._counts.members:
            raise damaged(_EMPTY)
        return {**self._counts.facts(self._links), "padding_bytes": padding}

    def _block(self) -> bytes | None:
        """The next header; None after the two zero blocks that end a tar."""
        self._effort.tick()
        place = self._reader.position
        block = self._full(BLOCK)
        if block != ZEROS:
            return block
        if self._full(BLOCK) != ZEROS:
            raise damaged("structure-damaged", place=_at(place))
        return None

    def _full(self, length: int) -> bytes:
        data = self._reader.read(length)
        if not data and length == BLOCK and self._reader.position % BLOCK == 0:
            raise damaged("unfinished", size_bytes=self._reader.position)
        if len(data) < length:
            self._cut(length - len(data))
        return data

    def _cut(self, missing: int) -> None:
        raise damaged("cut", missing_bytes=missing, size_bytes=self._reader.position)

    def _skip(self, length: int) -> None:
        if (passed := self._reader.skip(length)) < length:
            self._cut(length - passed)

    def _member(self, block: bytes) -> None:
        """A header with everything that extends it, and its payload passed over."""
        pending = Pending()
        place = _at(self._reader.position - BLOCK)
        header = read_header(block, place)
        for _ in range(_MOST_EXTENSIONS):
            if header.kind not in b"xgXLK":
                break
            self._extend(header, pending, place)
            place = _at(self._reader.position)
            header = read_header(self._full(BLOCK), place)
        else:
            raise damaged("structure-damaged", place=place)
        self._note(header, pending)
        size = pax_number(pending.pax.get("size", self._global.get("size")))
        self._pass_payload(header, header.size_bytes if size is None else size)

    def _extend(self, header: TarHeader, pending: Pending, place: str) -> None:
        if header.size_bytes > _MOST_RECORDS:
            raise Unprovable("too-big", size_bytes=header.size_bytes, most_bytes=_MOST_RECORDS)
        data = self._full(header.size_bytes) if header.size_bytes else b""
        self._skip(-header.size_bytes % BLOCK)
        if header.kind == b"L":
            pending.name = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif header.kind == b"K":
            pending.link = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif header.kind == b"g":
            self._global.update(read_pax(data, place))
            if len(self._global) > 1000:
                raise Unprovable("too-big", size_bytes=len(data), most_bytes=_MOST_RECORDS)
            self._counts.comment = self._global.get("comment", self._counts.comment)
        else:
            pending.pax.update(read_pax(data, place))
            self._counts.flavour = "pax"

    def _note(self, header: TarHeader, pending: Pending) -> None:
        counts = self._counts
        counts.flavour = counts.flavour or header.flavour
        if header.kind == b"V":
            counts.comment = header.name
            return
        if header.kind == b"M":
            raise Unprovable("multi-volume")
        counts.members += 1
        if counts.members > self._effort.max_members:
            raise Unprovable("too-many-members", most=self._effort.max_members)
        name = pending.pax.get("GNU.sparse.name") or pending.pax.get("path") or pending.name or header.name
        modified = pax_number(pending.pax.get("mtime")) or header.modified
        if modified is not None and 0 < modified < 253_402_300_800:  # the year 10000
            counts.newest = max(counts.newest or 0, modified)
        counts.archives += is_archive(name) and header.kind in b"\x000"
        counts.sparse += header.kind == b"S" or any(key.startswith("GNU.sparse") for key in pending.pax)
        link = pending.pax.get("linkpath") or pending.link or header.link
        if self._is_hostile(name, link, header.kind):
            counts.hostile += 1
            counts.first_hostile = counts.first_hostile or shown(name)

    def _is_hostile(self, name: str, link: str, kind: bytes) -> bool:
        if len(name) > LONGEST_NAME or len(link) > LONGEST_NAME:
            return True
        outside = leaves_folder(name, backslashes=False) or self._links.carries(name)
        if kind == b"2":
            self._links.add(name, link)
        elif kind == b"1":  # a hard link names another member: never anything outside
            outside = outside or leaves_folder(link, backslashes=False) or self._links.carries(link)
        return outside

    def _pass_payload(self, header: TarHeader, size: int) -> None:
        is_extended = header.is_extended
        while is_extended:
            self._effort.tick()
            is_extended = self._full(BLOCK)[504] != 0
        if header.kind in _NO_PAYLOAD:
            return
        self._counts.unpacked_bytes += size
        self._skip(size + -size % BLOCK)

    def _after_end(self) -> int:
        """How many zeros follow the end; raises Damaged for anything else, or for more zeros than any tar writes."""
        after = 0
        for block in _ticked(self._reader.rest(), self._effort):
            if stripped := block.lstrip(b"\0"):
                rest = sum(map(len, _ticked(self._reader.rest(), self._effort)))
                raise damaged("junk-appended", extra_bytes=len(stripped) + rest)
            after += len(block)
        size = self._reader.position
        if size % BLOCK:
            raise damaged("cut", missing_bytes=BLOCK - size % BLOCK, size_bytes=size)
        if after >= _RECORDS[0] and not any(record > after and size % record == 0 for record in _RECORDS):
            raise damaged("tail-zeroed", zero_bytes=after)
        return after


def walk_tar(reader: Reader, effort: Effort) -> dict[str, Fact]:
    """Facts of the tar that `reader` reads to its end; raises Damaged or Unprovable."""
    return TarWalk(reader, effort).run()


def joined(first: Damaged, second: Damaged) -> Damaged:
    """Both damages as one."""
    codes = {(fault.code, fault.place) for fault in first.faults}
    extra: tuple[Fault, ...] = tuple(fault for fault in second.faults if (fault.code, fault.place) not in codes)
    return Damaged(*first.faults, *extra)


def _at(position: int) -> str:
    return f"byte {position}"


def _ticked(blocks: Iterator[bytes], effort: Effort) -> Iterator[bytes]:
    for block in blocks:
        effort.tick()
        yield block
