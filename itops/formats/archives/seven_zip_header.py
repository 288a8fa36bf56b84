"""The header of a 7z: what is packed how, and which files are in it. Source: 7zFormat.txt of the LZMA SDK.

Every count in it is believed only as far as there are bytes for it.
"""

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from itops.backup.formats import Unprovable, damaged
from itops.facts import Fact
from itops.formats.archives.decoders import MOST_MEMORY, Decoder, Stored, Unxz, lzma2_filter, lzma_filter
from itops.formats.archives.paths import LONGEST_NAME, is_archive, leaves_folder
from itops.formats.archives.seven_zip_bytes import Bytes

_END, _HEADER, _ARCHIVE, _ADDITIONAL, _MAIN, _FILES, _PACK, _UNPACK, _SUBSTREAMS, _SIZE, _CRC = range(11)
_FOLDER, _UNPACK_SIZE, _STREAM_COUNTS, _NAMES, _MODIFIED = 0x0B, 0x0C, 0x0D, 0x11, 0x14
_ENCODED = 0x17
_AES, _LZMA, _LZMA2, _COPY, _PPMD = b"\x06\xf1\x07\x01", b"\x03\x01\x01", b"\x21", b"\x00", b"\x03\x04\x01"
_1601_TO_1970_SECONDS = 11_644_473_600
_MOST_CODERS = 32  # of one folder; the format itself says so


@dataclass(slots=True, kw_only=True)
class Folder:
    """Some files packed together: the coders they went through."""

    methods: list[bytes] = field(default_factory=list)
    properties: list[bytes] = field(default_factory=list)
    outputs: int = 0
    bound: int = 0  # outputs that feed another coder
    packed_streams: int = 0
    sizes: list[int] = field(default_factory=list)
    has_crc: bool = False
    crc: int = 0

    @property
    def is_encrypted(self) -> bool:
        """Whether it needs a password."""
        return _AES in self.methods

    @property
    def memory_bytes(self) -> int:
        """What its largest dictionary takes."""
        return max(map(_memory, self.methods, self.properties), default=0)

    @property
    def unpacked_bytes(self) -> int:
        """The largest size of its coders; that of the last one is never larger by much."""
        return max(self.sizes, default=0)

    def decoder(self) -> Decoder:
        """For a header packed with one plain coder; raises Unprovable for others."""
        if self.is_encrypted:
            raise Unprovable("encrypted")
        if self.methods == [_LZMA] and len(self.properties[0]) == 5:
            return Unxz(lzma_filter(self.properties[0]))
        if self.methods == [_LZMA2] and len(self.properties[0]) == 1:
            return Unxz(lzma2_filter(self.properties[0][0]))
        if self.methods == [_COPY]:
            return Stored()
        raise Unprovable("structure-unknown")


@dataclass(slots=True, kw_only=True)
class Streams:
    """Where the packed bytes lie and what they unpack to."""

    packed_at: int = 0  # from byte 32 of the file
    packed_sizes: list[int] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    without_crc: int = 0  # files whose content has no checksum

    @property
    def packed_end(self) -> int:
        """Where the last packed byte lies, from byte 32 of the file."""
        return self.packed_at + sum(self.packed_sizes)


@dataclass(slots=True, kw_only=True)
class Listing:
    """The whole header."""

    streams: Streams
    members: int = 0
    names: list[str] = field(default_factory=list)
    newest: int = 0  # 100 ns since 1601, UTC

    def hostile(self) -> list[str]:
        """The names that lead out of the folder."""
        return [name for name in self.names if len(name) > LONGEST_NAME or leaves_folder(name, backslashes=True)]

    def facts(self) -> dict[str, Fact]:
        """As an identity shows them."""
        told: dict[str, Fact] = {
            "members": self.members,
            "unpacked_bytes": sum(folder.unpacked_bytes for folder in self.streams.folders),
        }
        if (newest := _moment(self.newest)) is not None:
            told["newest_member_at"] = newest
        some = {
            "encrypted_folders": sum(folder.is_encrypted for folder in self.streams.folders),
            "archives_inside": sum(map(is_archive, self.names)),
            "duplicate_names": len(self.names) - len(set(self.names)),
        }
        told.update({name: count for name, count in some.items() if count})
        return told


def read_encoded(data: bytes) -> Streams | None:
    """Where the packed header lies; None when the header is not packed."""
    source = Bytes(data)
    if source.byte() != _ENCODED:
        return None
    return _streams(source)


def unpack_header(streams: Streams, packed: bytes) -> bytes:
    """The header out of its one folder, under its CRC; raises Damaged or Unprovable."""
    if len(streams.folders) != 1 or len(streams.packed_sizes) != 1:
        raise Unprovable("structure-unknown")
    folder = streams.folders[0]
    decoder = folder.decoder()
    if folder.unpacked_bytes > MOST_MEMORY:
        raise Unprovable("too-big", size_bytes=folder.unpacked_bytes, most_bytes=MOST_MEMORY)
    data = bytearray()
    for block in decoder.decode(packed):
        data += block
        if len(data) >= folder.unpacked_bytes:
            break
    header = bytes(data[: folder.unpacked_bytes])
    if len(header) < folder.unpacked_bytes or (folder.has_crc and zlib.crc32(header) != folder.crc):
        raise damaged("checksum-mismatch", place="7z header")
    return header


def read_listing(data: bytes, most_members: int) -> Listing:
    """The header itself; raises Damaged or Unprovable."""
    source = Bytes(data)
    source.expect(_HEADER)
    listing = Listing(streams=Streams())
    while (kind := source.byte()) != _END:
        if kind == _ARCHIVE:
            while source.byte() != _END:
                source.take(source.number())
        elif kind == _ADDITIONAL:
            _streams(source)
        elif kind == _MAIN:
            listing.streams = _streams(source)
        elif kind == _FILES:
            _files(source, listing, most_members)
        else:
            raise damaged("structure-damaged", place="7z header")
    return listing


def _streams(source: Bytes) -> Streams:
    streams = Streams()
    counts: list[int] | None = None
    while (kind := source.byte()) != _END:
        if kind == _PACK:
            _pack_info(source, streams)
        elif kind == _UNPACK:
            _unpack_info(source, streams)
        elif kind == _SUBSTREAMS:
            counts = _substreams(source, streams)
        else:
            raise damaged("structure-damaged", place="7z header")
    if counts is None:
        streams.without_crc = sum(not folder.has_crc for folder in streams.folders)
    return streams


def _pack_info(source: Bytes, streams: Streams) -> None:
    streams.packed_at = source.number()
    count = source.count()
    while (kind := source.byte()) != _END:
        if kind == _SIZE:
            streams.packed_sizes = [source.number() for _ in range(count)]
        elif kind == _CRC:
            source.take(4 * source.defined(count))
        else:
            raise damaged("structure-damaged", place="7z header")


def _unpack_info(source: Bytes, streams: Streams) -> None:
    source.expect(_FOLDER)
    count = source.count()
    source.expect(0)  # not kept elsewhere
    streams.folders = [_folder(source) for _ in range(count)]
    source.expect(_UNPACK_SIZE)
    for folder in streams.folders:
        folder.sizes = [source.number() for _ in range(folder.outputs)]
    while (kind := source.byte()) != _END:
        if kind != _CRC:
            raise damaged("structure-damaged", place="7z header")
        flags = [True] * count if source.byte() else source.bits(count)
        for folder, has_crc in zip(streams.folders, flags, strict=True):
            folder.has_crc = has_crc
            folder.crc = int.from_bytes(source.take(4), "little") if has_crc else 0


def _folder(source: Bytes) -> Folder:
    folder = Folder()
    inputs = 0
    coders = source.number()
    if not 1 <= coders <= _MOST_CODERS:
        raise damaged("structure-damaged", place="7z header")
    for _ in range(coders):
        flags = source.byte()
        folder.methods.append(source.take(flags & 0x0F))
        ins, outs = (source.count(), source.count()) if flags & 0x10 else (1, 1)
        inputs, folder.outputs = inputs + ins, folder.outputs + outs
        folder.properties.append(source.take(source.number()) if flags & 0x20 else b"")
    if not 1 <= folder.outputs <= _MOST_CODERS or inputs > _MOST_CODERS:
        raise damaged("structure-damaged", place="7z header")
    folder.bound = folder.outputs - 1
    for _ in range(2 * folder.bound):
        source.number()
    folder.packed_streams = inputs - folder.bound
    if folder.packed_streams > 1:
        for _ in range(folder.packed_streams):
            source.number()
    return folder


def _substreams(source: Bytes, streams: Streams) -> list[int]:
    """How many files each folder holds; counts those whose content has no CRC."""
    counts = [1] * len(streams.folders)
    kind = source.byte()
    if kind == _STREAM_COUNTS:
        counts = [source.count() for _ in streams.folders]
        kind = source.byte()
    if kind == _SIZE:
        for count in counts:
            for _ in range(count - 1):
                source.number()
        kind = source.byte()
    open_streams = sum(
        count for count, folder in zip(counts, streams.folders, strict=True) if count != 1 or not folder.has_crc
    )
    streams.without_crc = open_streams
    while kind != _END:
        if kind != _CRC or open_streams > 8 * source.left:
            raise damaged("structure-damaged", place="7z header")
        defined = source.defined(open_streams)
        source.take(4 * defined)
        streams.without_crc = open_streams - defined
        kind = source.byte()
    return counts


def _files(source: Bytes, listing: Listing, most_members: int) -> None:
    listing.members = source.count()
    if listing.members > most_members:
        raise Unprovable("too-many-members", most=most_members)
    while (kind := source.byte()) != _END:
        content = Bytes(source.take(source.number()))
        if kind == _NAMES:
            content.expect(0)
            listing.names = content.take(content.left).decode("utf-16-le", "replace").split("\0")[:-1]
        elif kind == _MODIFIED:
            defined = content.defined(listing.members)
            content.expect(0)
            times = content.take(8 * defined)
            listing.newest = max(
                (int.from_bytes(times[at : at + 8], "little") for at in range(0, len(times), 8)), default=0
            )
    if listing.names and len(listing.names) != listing.members:
        raise damaged("structure-damaged", place="7z header")


def _memory(method: bytes, properties: bytes) -> int:
    if method in {_LZMA, _PPMD} and len(properties) == 5:
        return int.from_bytes(properties[1:], "little")
    if method == _LZMA2 and len(properties) == 1:
        return lzma2_filter(properties[0], most=1 << 62)["dict_size"]
    return 0


def _moment(filetime: int) -> str | None:
    """A FILETIME as ISO text, UTC; None for one that is no date."""
    seconds = filetime // 10_000_000 - _1601_TO_1970_SECONDS
    return datetime.fromtimestamp(seconds, UTC).isoformat() if 0 < seconds < 253_402_300_800 else None
