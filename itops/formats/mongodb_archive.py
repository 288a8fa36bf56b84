"""Walk a mongodump archive: magic, header, metadata, then pieces of collections until each has said its end.

archive = magic header metadata* FFFFFFFF (piece | end)* ; piece = header document+ FFFFFFFF ; end = header FFFFFFFF.
The header of an end carries the CRC-64 (ECMA, as Go computes it) of all documents of its collection, over all its
pieces. Source: mongo-tools, common/archive/spec.md and multiplexer.go.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from itops.backup.formats import Effort, Unprovable, damaged
from itops.formats.mongodb_bson import Value, parse_flat

MAGIC = b"\x6d\xe2\x99\x81"
_TERMINATOR = b"\xff\xff\xff\xff"
_MOST_DOCUMENT = 64 << 20  # MongoDB stores 16 MiB; an oplog entry may be longer
_MOST_NAMESPACES = 1_000_000

Namespace = tuple[str, str]


class Bytes:
    """A window over blocks that come once."""

    def __init__(self, blocks: Iterable[bytes], effort: Effort) -> None:
        self._blocks: Iterator[bytes] = iter(blocks)
        self._effort = effort
        self._passed = 0  # bytes before the window
        self.data = b""
        self.at = 0

    @property
    def position(self) -> int:
        """Of the next byte, in the file."""
        return self._passed + self.at

    def have(self, length: int) -> bool:
        """Whether so many bytes follow; then they are in `data` at `at`."""
        while len(self.data) - self.at < length:
            self._effort.tick()
            block = next(self._blocks, b"")
            if not block:
                return False
            self._passed += self.at
            self.data, self.at = self.data[self.at :] + block, 0
        return True


@dataclass(slots=True, kw_only=True)
class Collection:
    """What was seen of one."""

    documents: int = 0
    bytes: int = 0
    crc: int = 0
    is_ended: bool = False


@dataclass(slots=True, kw_only=True)
class Walked:
    """What an archive holds."""

    header: dict[str, Value]
    promised: dict[Namespace, bool]  # by the metadata; whether it is a view, which need not have data
    collections: dict[Namespace, Collection] = field(default_factory=dict)
    unsummed: int = 0  # ends without a CRC, of the first versions
    prelude_bytes: int = 0  # the header, and every collection's options and indexes: under no CRC


class ArchiveWalk:
    """One reading; `crc` is the checksum to prove, None to prove the structure only."""

    def __init__(
        self, blocks: Iterable[bytes], effort: Effort, crc: Callable[[memoryview, int], int] | None = None
    ) -> None:
        self._bytes = Bytes(blocks, effort)
        self._crc = crc

    def prelude(self) -> Walked:
        """The header and what it promises; raises Damaged."""
        source = self._bytes
        if not source.have(4) or source.data[:4] != MAGIC:
            raise damaged("header-damaged", "magic")
        source.at += 4
        header = self._flat("header")
        if header is None or "version" not in header:
            raise damaged("header-damaged", "header")
        promised: dict[Namespace, bool] = {}
        while (metadata := self._flat("metadata")) is not None:
            promised[_namespace(metadata, f"byte {source.position}")] = _is_view(metadata)
            if len(promised) > _MOST_NAMESPACES:
                raise Unprovable("too-many-members", most=_MOST_NAMESPACES)
        return Walked(header=header, promised=promised, prelude_bytes=source.position)

    def run(self) -> Walked:
        """To the last byte; raises Damaged."""
        walked = self.prelude()
        while self._bytes.have(1):
            place = f"byte {self._bytes.position}"
            header = self._flat(place)
            if header is None:
                raise damaged("structure-damaged", place)
            namespace = _namespace(header, place)
            if len(walked.collections) > _MOST_NAMESPACES:
                raise Unprovable("too-many-members", most=_MOST_NAMESPACES)
            collection = walked.collections.setdefault(namespace, Collection())
            if collection.is_ended:
                raise damaged("structure-damaged", place)
            self._body(collection)
            if header.get("EOF"):
                self._end(walked, collection, header, ".".join(namespace), place)
        return walked

    def _end(self, walked: Walked, collection: Collection, header: dict[str, Value], name: str, place: str) -> None:
        collection.is_ended = True
        crc = header.get("CRC")
        if not isinstance(crc, int) or isinstance(crc, bool):
            walked.unsummed += 1
        elif self._crc and crc & 0xFFFF_FFFF_FFFF_FFFF != collection.crc:
            raise damaged("stream-checksum", name, documents=collection.documents, at=place)

    def _flat(self, place: str) -> dict[str, Value] | None:
        """The next document of the archive itself; None for a terminator."""
        source = self._bytes
        length = self._length(place)
        if length is None:
            source.at += 4
            return None
        if not source.have(length):
            raise self._cut(length)
        fields = parse_flat(source.data[source.at : source.at + length])
        if fields is None:
            raise damaged("structure-damaged", place)
        source.at += length
        return fields

    def _length(self, place: str) -> int | None:
        """Of the next document; None for a terminator."""
        source = self._bytes
        if not source.have(4):
            raise self._cut(4)
        word = source.data[source.at : source.at + 4]
        if word == _TERMINATOR:
            return None
        length = int.from_bytes(word, "little")
        if not 5 <= length <= _MOST_DOCUMENT:
            raise damaged("structure-damaged", place, length=length)
        return length

    def _cut(self, wanted: int) -> Exception:
        source = self._bytes
        there = len(source.data) - source.at
        size = source.position + there
        return damaged("cut", f"byte {source.position}", missing_bytes=wanted - there, size_bytes=size)

    def _body(self, collection: Collection) -> None:
        """The documents of one piece, to its terminator; those that lie in one block are summed together."""
        source = self._bytes
        while True:
            first = source.at
            length = self._whole_documents(collection)
            self._sum(collection, first, source.at)
            if length is None:
                source.at += 4
                return
            if not source.have(length):
                raise self._cut(length)

    def _whole_documents(self, collection: Collection) -> int | None:
        """Pass what lies whole in the window; the length of the first that does not, None at a terminator."""
        source = self._bytes
        data, end = source.data, len(source.data)
        while source.at + 4 <= end:
            length = int.from_bytes(data[source.at : source.at + 4], "little")
            if length == 0xFFFF_FFFF:
                return None
            if not 5 <= length <= _MOST_DOCUMENT:
                raise damaged("structure-damaged", f"byte {source.position}", length=length)
            if source.at + length > end:
                return length
            if data[source.at + length - 1]:
                raise damaged("structure-damaged", f"byte {source.position}", length=length)
            source.at += length
            collection.documents += 1
        return 4

    def _sum(self, collection: Collection, first: int, last: int) -> None:
        collection.bytes += last - first
        if self._crc and last > first:
            collection.crc = self._crc(memoryview(self._bytes.data)[first:last], collection.crc)


def _namespace(fields: dict[str, Value], place: str) -> Namespace:
    database, collection = fields.get("db"), fields.get("collection")
    if not isinstance(database, str) or not isinstance(collection, str):
        raise damaged("structure-damaged", place)
    return database, collection


def _is_view(metadata: dict[str, Value]) -> bool:
    told = str(metadata.get("metadata", "")).replace(" ", "")
    return metadata.get("type") == "view" or '"type":"view"' in told or '"viewOn":' in told
