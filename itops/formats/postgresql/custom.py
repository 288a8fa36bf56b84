"""Format `pg-dump-custom`: `pg_dump -Fc`.

After the table of contents lie the data blocks, one an entry: its kind, the entry's number, chunks with their
lengths, a chunk of length 0. Large objects are a list of such chunk lists, each after its number, ended by a 0. Where
pg_dump could seek, the contents say where each block begins; where it wrote into a pipe, they do not.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.formats.archives.decoders import Decoder, Inflate
from itops.formats.archives.frames import Frame
from itops.formats.compressed_text import is_crlf_mangled
from itops.formats.postgresql.archive import CUSTOM, MAGIC, Archive, Contents, Entry, Header, read_header
from itops.formats.postgresql.reading import Reader
from itops.formats.postgresql.rows import Rows

_DATA, _LARGE_OBJECTS = 1, 3
_LARGEST_CHUNK = 1 << 30
_DECODERS: Mapping[str, Callable[[], Decoder]] = {"gzip": lambda: Inflate("zlib"), "zstd": Frame}


class PgDumpCustom:
    """A file of `pg_dump --format=custom`."""

    name: ClassVar[str] = "pg-dump-custom"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".dump", ".pgdump", ".backup")

    def recognises(self, thing: Thing) -> bool:
        """By its first five bytes."""
        return not thing.is_folder and thing.head.startswith(MAGIC)

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From the header, in the first KiBs."""
        header = read_header(thing.head, thing.size_bytes, effort)
        if header.format != CUSTOM:
            raise damaged("header-damaged", "format")
        return header.identity

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Through the table of contents and every chunk, to the last byte; all entries with data are there."""
        walked = _walked(thing, effort, _no_check)
        return walked.contents.refine(identity, data_bytes=walked.data_bytes, large_objects=walked.large_objects)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Unpack every block: zlib's Adler-32 stands at the end of each. The SQL in the contents has no checksum."""
        compression = str(identity.facts.get("compression"))
        if compression not in _DECODERS:
            raise Unprovable("no-checksums", packing=compression)
        walked = _walked(thing, effort, _unpacking(_DECODERS[compression], effort, thing.size_bytes))
        if compression == "zstd":  # pg_dump asks zstd for no checksum: it unpacks, which is something
            raise Unprovable("no-checksums", packing="zstd", unpacked_bytes=walked.unpacked_bytes)
        facts = {"unchecked_bytes": walked.contents_bytes, "unpacked_bytes": walked.unpacked_bytes}
        raise Unprovable("partly-checked", **facts)


_NewUnpacker = Callable[[str], "_Unpacker | None"]


@dataclass(slots=True)
class _Walk:
    """A walk through the data blocks."""

    archive: Archive
    contents: Contents
    header: Header
    new_unpacker: _NewUnpacker
    contents_bytes: int
    missing: dict[int, Entry] = field(init=False)
    data_bytes: int = 0
    large_objects: int = 0
    unpacked_bytes: int = 0

    def __post_init__(self) -> None:
        self.missing = {entry.dump_id: entry for entry in self.contents.data}

    def to_end(self, size_bytes: int) -> None:
        """Every block; then nothing may follow, and nothing be missing."""
        reader = self.archive.reader
        while not reader.is_at_end:
            begin = reader.position
            if not self.missing:
                raise damaged("junk-appended", extra_bytes=size_bytes - begin)
            self._block(begin)
        if self.missing:
            first = min(self.missing)
            raise damaged("cut", f"entry {first}", missing_entries=len(self.missing), size_bytes=size_bytes)
        self.contents.check_large_objects(self.large_objects)

    def _block(self, begin: int) -> None:
        place = f"byte {begin}"
        kind = self.archive.reader.take(1)[0]
        entry = self.missing.pop(self.archive.integer(), None)
        if kind not in (_DATA, _LARGE_OBJECTS) or entry is None:
            raise damaged("structure-damaged", place)
        if entry.offset not in (None, begin) or (kind == _LARGE_OBJECTS) != entry.what.startswith("BLOB"):
            raise damaged("structure-damaged", place)
        if kind == _DATA:
            self._chunks(f"entry {entry.dump_id}", is_copy=entry.is_copy)
            return
        while number := self.archive.integer():
            self._chunks(f"large object {number}", is_copy=False)
            self.large_objects += 1

    def _chunks(self, place: str, *, is_copy: bool) -> None:
        """The chunks of one entry: as text where nothing is packed, through an unpacker where there is one."""
        reader = self.archive.reader
        unpacker = self.new_unpacker(place)
        rows = Rows(place, is_copy=is_copy and (unpacker is not None or self.header.compression == "none"))
        while length := self.archive.integer():
            if not 0 < length <= _LARGEST_CHUNK:
                raise damaged("structure-damaged", f"byte {reader.position}")
            self.data_bytes += length
            for piece in reader.pieces(length):
                for unpacked in (piece,) if unpacker is None else unpacker.fed(piece):
                    rows.watch(unpacked)
        if unpacker is not None:
            unpacker.finish()
            self.unpacked_bytes += rows.size_bytes
        rows.finish()


def _walked(thing: Thing, effort: Effort, new_unpacker: _NewUnpacker) -> _Walk:
    try:
        archive = Archive(Reader(thing.file.chunks(), effort), thing.size_bytes)
        header = archive.header()
        contents = archive.contents(header, effort)
        walk = _Walk(archive, contents, header, new_unpacker, archive.reader.position)
        walk.to_end(thing.size_bytes)
    except Damaged as damage:
        if is_crlf_mangled(thing.file.read_at(0, MIB)):
            raise damaged("line-endings") from damage
        raise
    return walk


def _no_check(place: str) -> None:
    return None


def _unpacking(new_decoder: Callable[[], Decoder], effort: Effort, packed: int) -> _NewUnpacker:
    return lambda place: _Unpacker(new_decoder(), place, effort, packed)


class _Unpacker:
    """Unpacks the chunks of one entry or large object: one zlib stream or zstd frame."""

    def __init__(self, decoder: Decoder, place: str, effort: Effort, packed: int) -> None:
        self._decoder, self._place, self._effort, self._packed = decoder, place, effort, packed

    def fed(self, chunk: bytes) -> Iterator[bytes]:
        """What it unpacks to, in pieces of at most 1 MiB; raises Damaged."""
        if self._decoder.is_done:
            raise damaged("structure-damaged", self._place)
        try:
            for piece in self._decoder.decode(chunk):
                self._effort.unpacked(len(piece), packed=self._packed)
                yield piece
        except Damaged as damage:
            raise Damaged(replace(damage.faults[0], place=self._place)) from damage

    def finish(self) -> None:
        """Raise Damaged unless the stream ended with its chunks."""
        if not self._decoder.is_done or self._decoder.unused:
            raise damaged("structure-damaged", self._place)
