"""The members of a zip: their own headers, that none lies inside another, and their content under its CRC."""

import struct
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.facts import Fact
from itops.formats.archives.decoders import Bunzip, Decoder, Inflate, Stored, Unxz, ZipLzma
from itops.formats.archives.frames import Frame
from itops.formats.archives.paths import LONGEST_NAME, Links, is_archive, leaves_folder, shown
from itops.formats.archives.readers import ForwardContent, HoppingReader
from itops.formats.archives.zip_directory import FULL32, LOCAL, Directory, Entry, zip64_field

_LOCAL_BYTES = 30
_SLICE = 32 << 10
_DESCRIPTOR = b"PK\x07\x08"
_DECODERS: Mapping[int, Callable[[], Decoder]] = {
    0: Stored,
    8: lambda: Inflate("nothing"),
    12: Bunzip,
    14: ZipLzma,
    20: Frame,
    93: Frame,
    95: Unxz,
}
"""APPNOTE 4.4.5; of the rest only deflate64 (9, Windows for files over 2 GiB) and PPMd (98) are met."""


@dataclass(slots=True, kw_only=True)
class ZipCounts:
    """What was seen of the members so far."""

    members: int = 0
    unpacked_bytes: int = 0
    newest: int = 0
    encrypted: int = 0
    archives: int = 0
    duplicates: int = 0
    hostile: int = 0
    first_hostile: str = ""
    links: Links = field(default_factory=Links)
    _names: set[int] = field(default_factory=set)
    _spans: "array[int]" = field(default_factory=lambda: array("Q"))

    def note(self, entry: Entry, begin: int, end: int) -> None:
        """A member whose header begins at `begin` and whose content ends at `end`."""
        name = entry.name
        self.members += 1
        self.unpacked_bytes += entry.unpacked_bytes
        self.newest = max(self.newest, entry.dos_time)
        self.encrypted += entry.is_encrypted
        self.archives += is_archive(name)
        self.duplicates += (key := hash(entry.raw_name)) in self._names
        self._names.add(key)
        self._spans.extend((begin, end))
        if len(name) > LONGEST_NAME or leaves_folder(name, backslashes=True) or self.links.carries(name):
            self.hostile += 1
            self.first_hostile = self.first_hostile or shown(name)
        if entry.is_link:
            self.links.add(name, None)  # its target is packed: taken as the worst

    def overlapping(self) -> int:
        """How many members lie partly inside another: no tool writes that, bombs are made so."""
        begins, ends = self._spans[::2], self._spans[1::2]
        spans: Iterable[tuple[int, int]] = zip(begins, ends, strict=True)
        if any(begins[number] > begins[number + 1] for number in range(len(begins) - 1)):
            spans = sorted(spans)
        last, count = 0, 0
        for begin, end in spans:
            count += begin < last
            last = max(last, end)
        return count

    def facts(self, directory: Directory) -> dict[str, Fact]:
        """As an identity shows them."""
        told: dict[str, Fact] = {"members": self.members, "unpacked_bytes": self.unpacked_bytes}
        if (newest := dos_time(self.newest)) is not None:
            told["newest_member_at"] = newest
        some = {
            "encrypted_members": self.encrypted,
            "archives_inside": self.archives,
            "duplicate_names": self.duplicates,
            "links": self.links.outside,
            "unlisted_bytes": self._unlisted(directory),
        }
        told.update({name: count for name, count in some.items() if count})
        return told

    def _unlisted(self, directory: Directory) -> int:
        """Bytes before the directory that belong to no member: descriptors, members deleted in place."""
        held = sum(self._spans[1::2]) - sum(self._spans[::2])
        return max(0, directory.offset - directory.extra_before - held)


def dos_time(value: int) -> str | None:
    """A date and time of DOS as ISO text, without a zone because it has none; None when it is no date."""
    date, time = value >> 16, value & 0xFFFF
    year, month, day = 1980 + (date >> 9), date >> 5 & 15, date & 31
    hour, minute, second = time >> 11, time >> 5 & 63, (time & 31) * 2
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
        return None
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def check_headers(reader: HoppingReader, listed: Iterator[Entry], directory: Directory) -> ZipCounts:
    """Walk all members' own headers against the directory; raises Damaged for the first that differs."""
    counts = ZipCounts()
    for entry in listed:
        if entry.offset + _LOCAL_BYTES > directory.offset:
            raise damaged("structure-damaged", place=shown(entry.name))
        reader.position = entry.offset
        head = reader.read(_LOCAL_BYTES)
        name_length, extra_length = _lengths(head, entry)
        name, extra = reader.read(name_length), reader.read(extra_length)
        _compare(entry, head, name, extra)
        end = reader.position + entry.packed_bytes
        if end > directory.offset:
            raise damaged("structure-damaged", place=shown(entry.name))
        counts.note(entry, entry.offset, end)
    if overlapping := counts.overlapping():
        raise damaged("bomb", overlapping_members=overlapping)
    return counts


def check_contents(
    content: ForwardContent, listed: Iterator[Entry], packed_bytes: int, effort: Effort, watched: "Watched"
) -> None:
    """Unpack every member that can be, under its CRC; `watched` members' bytes go to their hearers as well.

    Raises Damaged for the first that is wrong; Unprovable at the end, when some could not be judged.
    """
    encrypted, unknown = 0, Counter[int]()
    for entry in listed:
        effort.tick()
        if entry.is_encrypted:
            encrypted += 1
        elif entry.method not in _DECODERS:
            unknown[entry.method] += 1
        else:
            hear = watched.get(entry.raw_name)
            for block in unpack(content, entry, packed_bytes, effort):
                if hear is not None:
                    hear(block)
    content.finish()
    if encrypted:
        raise Unprovable("encrypted", members=encrypted)
    if unknown:
        raise Unprovable("unknown-method", members=unknown.total(), method=min(unknown))


Watched = Mapping[bytes, Callable[[bytes], None]]


def unpack(content: ForwardContent, entry: Entry, packed_bytes: int, effort: Effort) -> Iterator[bytes]:
    """One member's bytes, checked at the end; raises Damaged with the member as its place, or Unprovable."""
    if entry.method not in _DECODERS:
        raise Unprovable("unknown-method", members=1, method=entry.method)
    name_length, extra_length = _lengths(content.read(entry.offset, _LOCAL_BYTES), entry)
    begin = entry.offset + _LOCAL_BYTES + name_length + extra_length
    place = shown(entry.name)
    crc, length = 0, 0
    try:
        for block in _decoded(content, entry, begin):
            effort.unpacked(len(block), packed=packed_bytes)
            crc, length = zlib.crc32(block, crc), length + len(block)
            if length > entry.unpacked_bytes:
                raise damaged("structure-damaged")
            yield block
    except Damaged as damage:
        fault = damage.faults[0]
        raise damaged(fault.code, place=fault.place or place, **fault.facts) from damage
    if length != entry.unpacked_bytes:
        raise damaged("structure-damaged", place=place)
    if crc != entry.crc:
        raise damaged("checksum-mismatch", place=place)
    if entry.has_descriptor:
        _check_descriptor(content, entry, begin + entry.packed_bytes)


def _decoded(content: ForwardContent, entry: Entry, begin: int) -> Iterator[bytes]:
    """The unpacked blocks; the stream must end where its packed bytes end."""
    if not entry.packed_bytes:  # folders, and empty files of writers that call them deflated all the same
        return
    decoder = _DECODERS[entry.method]()
    for packed in content.blocks(begin, entry.packed_bytes):
        for start in range(0, len(packed), _SLICE):
            if decoder.is_done:
                raise damaged("structure-damaged")
            yield from decoder.decode(packed[start : start + _SLICE])
    is_endless = entry.method in {0, 14}  # stored; LZMA without an end marker: the sizes tell
    if decoder.unused or not (decoder.is_done or is_endless):
        raise damaged("structure-damaged")


def _lengths(head: bytes, entry: Entry) -> tuple[int, int]:
    if not head.startswith(LOCAL) or len(head) < _LOCAL_BYTES:
        raise damaged("header-damaged", place=shown(entry.name))
    name, extra = struct.unpack_from("<HH", head, 26)
    return name, extra


def _compare(entry: Entry, head: bytes, name: bytes, extra: bytes) -> None:
    """The member's own header must say what the directory says; sizes may be left to the descriptor after it."""
    flags, method, _, _, crc, packed, unpacked = struct.unpack_from("<HHHHIII", head, 6)
    if flags & 0x2000 and entry.flags & 0x2000:
        return  # the directory is encrypted: the local fields are masked
    wide = zip64_field(extra)
    if FULL32 in {packed, unpacked} and len(wide) >= 16:
        unpacked, packed = struct.unpack_from("<QQ", wide)
    said = (crc, packed, unpacked)
    is_same = said == (entry.crc, entry.packed_bytes, entry.unpacked_bytes) or bool(flags & 8)
    if name != entry.raw_name or method != entry.method or (flags ^ entry.flags) & 1 or not is_same:
        raise damaged("header-damaged", place=shown(entry.name))


def _check_descriptor(content: ForwardContent, entry: Entry, at: int) -> None:
    """The CRC and sizes after the content: with or without a signature, with 4 or 8 bytes for a size."""
    narrow = entry.crc, entry.packed_bytes & FULL32, entry.unpacked_bytes & FULL32
    wide = entry.crc, entry.packed_bytes, entry.unpacked_bytes
    data = content.read(at, 16)
    bare = data[4:] if data.startswith(_DESCRIPTOR) else data
    if struct.unpack_from("<III", bare) == narrow:
        return
    data += content.read(at + 16, 8)
    bare = data[4:] if data.startswith(_DESCRIPTOR) else data
    if struct.unpack_from("<IQQ", bare) != wide:
        raise damaged("header-damaged", place=shown(entry.name))
