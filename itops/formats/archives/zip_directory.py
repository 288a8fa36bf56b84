"""The directory at the end of a zip: where it is, and its entries one by one. Source: PKWARE's APPNOTE 6.3.10."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from itops.backup.contents import Content
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.formats.archives.readers import HoppingReader

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64, _LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_END_BYTES, _LOCATOR_BYTES, _END64_BYTES = 22, 20, 56
_MOST_COMMENT = 0xFFFF
_MOST_SEARCHED = 8 << 20
_FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
_SYSTEMS = {0: "DOS", 3: "Unix", 7: "Macintosh", 10: "NTFS", 11: "NTFS", 19: "macOS"}
_LINK_MODE, _MODE_MASK = 0o120000, 0o170000


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Where the directory lies and what the end of the file says of it. Offsets are in the file."""

    offset: int
    size_bytes: int
    members: int
    comment: bytes
    extra_before: int  # bytes before the zip itself begins: every offset in it is too small by them
    extra_after: int  # bytes after its end; negative: so many of the comment are missing
    is_zip64: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One member, as the directory has it."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    unpacked_bytes: int
    offset: int  # of its local header, in the file
    dos_time: int  # date << 16 | time
    system: int
    version: int  # of the specification its writer knew, times ten
    mode: int  # Unix file mode, 0 where unknown

    @property
    def name(self) -> str:
        """Its name as text: UTF-8 when flagged so, else the code page of the IBM PC."""
        return self.raw_name.decode("utf-8" if self.flags & 0x800 else "cp437", "replace")

    @property
    def is_encrypted(self) -> bool:
        """Whether a password is needed."""
        return bool(self.flags & 1)

    @property
    def has_descriptor(self) -> bool:
        """Whether sizes and CRC stand after the content instead of before it."""
        return bool(self.flags & 8)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link of Unix."""
        return self.mode & _MODE_MASK == _LINK_MODE

    @property
    def made_by(self) -> str:
        """The system and the version of the specification: "zip 3.0 on Unix"."""
        where = _SYSTEMS.get(self.system)
        return f"zip {self.version / 10:.1f}" + (f" on {where}" if where else "")


def find_directory(content: Content) -> Directory:
    """From the last 64 KiB; raises Damaged when there is no ending, Unprovable for one disk of several."""
    size = content.size_bytes
    begin = max(0, size - _END_BYTES - _MOST_COMMENT - _LOCATOR_BYTES)
    tail = content.read_at(begin, size - begin)
    inexact: Directory | None = None
    at = tail.rfind(END)
    if at > len(tail) - _END_BYTES:
        raise damaged("cut", missing_bytes=at + _END_BYTES - len(tail), size_bytes=size)
    while at >= 0:
        directory = _from_end(content, tail, at, begin)
        if directory is not None and directory.extra_after == 0:
            return directory
        inexact = inexact or directory
        at = tail.rfind(END, 0, at)
    if inexact is None:
        raise damaged("unfinished", size_bytes=size)
    return inexact


def entries(content: Content, directory: Directory, effort: Effort) -> Iterator[Entry]:
    """Every entry in its order; raises Damaged where the directory is not what it should be."""
    end = directory.offset + directory.size_bytes
    reader = HoppingReader(content, effort, begin=directory.offset, end=end)
    for number in range(directory.members):
        if number >= effort.max_members:
            raise Unprovable("too-many-members", most=effort.max_members)
        entry = _entry(reader, directory.extra_before)
        if not 0 <= entry.offset <= directory.offset - entry.packed_bytes:
            raise damaged("structure-damaged", place=f"byte {reader.position}")
        yield entry
    if reader.position != end:
        raise damaged("structure-damaged", place=f"byte {reader.position}")


def first_names(content: Content, directory: Directory) -> Iterator[bytes]:
    """The names in the first 8 MiB of the directory (some 100,000 of them); ends where it is damaged."""
    data = content.read_at(directory.offset, min(directory.size_bytes, _MOST_SEARCHED))
    position = 0
    while data[position : position + 4] == CENTRAL and position + 46 <= len(data):
        lengths = struct.unpack_from("<HHH", data, position + 28)
        yield data[position + 46 : position + 46 + lengths[0]]
        position += 46 + sum(lengths)


def _from_end(content: Content, tail: bytes, at: int, begin: int) -> Directory | None:
    """The directory an end record speaks of; None when there can be none."""
    disk, start_disk, _, members, size, offset, comment = struct.unpack_from("<HHHHIIH", tail, at + 4)
    directory = Directory(
        offset=offset,
        size_bytes=size,
        members=members,
        comment=tail[at + _END_BYTES : at + _END_BYTES + comment],
        extra_before=0,
        extra_after=len(tail) - at - _END_BYTES - comment,
    )
    end = begin + at
    locator = tail[at - _LOCATOR_BYTES : at] if at >= _LOCATOR_BYTES else b""
    is_full = _FULL16 in {members, disk} or FULL32 in {size, offset}
    if locator.startswith(_LOCATOR64) and (is_full or _is_end64(content, locator)):
        return _from_end64(content, directory, locator, end - _LOCATOR_BYTES)
    if disk or start_disk:
        raise Unprovable("multi-volume")
    return _placed(content, directory, end)


def _is_end64(content: Content, locator: bytes) -> bool:
    said = int.from_bytes(locator[8:16], "little")
    return said < content.size_bytes and content.read_at(said, 4) == _END64


def _from_end64(content: Content, directory: Directory, locator: bytes, locator_at: int) -> Directory | None:
    """The zip64 record; it stands right before its locator unless somebody put something before the zip."""
    said = int.from_bytes(locator[8:16], "little")
    for at in (said, locator_at - _END64_BYTES):
        record = content.read_at(at, _END64_BYTES) if 0 <= at <= content.size_bytes - _END64_BYTES else b""
        if not record.startswith(_END64) or len(record) < _END64_BYTES:
            continue
        disk, start_disk, _, members, size, offset = struct.unpack_from("<IIQQQQ", record, 16)
        if disk or start_disk:
            raise Unprovable("multi-volume")
        found = replace(directory, offset=offset, size_bytes=size, members=members, is_zip64=True)
        return _placed(content, found, at)
    return None


def _placed(content: Content, directory: Directory, end: int) -> Directory | None:
    """The directory where it really lies: right before its end record, at `end`."""
    begin = end - directory.size_bytes
    if begin < 0 or directory.members * 46 > directory.size_bytes:
        return None
    if directory.members and content.read_at(begin, 4) != CENTRAL:
        return None
    return replace(directory, offset=begin, extra_before=begin - directory.offset)


def _entry(reader: HoppingReader, extra_before: int) -> Entry:
    place = f"byte {reader.position}"
    head = reader.read(46)
    if len(head) < 46 or not head.startswith(CENTRAL):
        raise damaged("header-damaged", place=place)
    (version, system, _, flags, method, time, date, crc, packed, unpacked, name_length, extra_length) = (
        struct.unpack_from("<BBHHHHHIIIHH", head, 4)
    )
    comment_length, _, _, attributes, offset = struct.unpack_from("<HHHII", head, 32)
    name, extra = reader.read(name_length), reader.read(extra_length)
    if reader.skip(comment_length) < comment_length or len(name) + len(extra) < name_length + extra_length:
        raise damaged("structure-damaged", place=place)
    unpacked, packed, offset = _widened(extra, (unpacked, packed, offset), place)
    return Entry(
        raw_name=name,
        flags=flags,
        method=method,
        crc=crc,
        packed_bytes=packed,
        unpacked_bytes=unpacked,
        offset=offset + extra_before,
        dos_time=date << 16 | time,
        system=system,
        version=version,
        mode=attributes >> 16 if system in {3, 19} else 0,
    )


def _widened(extra: bytes, fields: tuple[int, int, int], place: str) -> tuple[int, int, int]:
    """The sizes and the offset, from the zip64 field where they did not fit; raises Damaged when it is not there."""
    if FULL32 not in fields:
        return fields
    wide = zip64_field(extra)
    values = []
    for value in fields:
        if value != FULL32:
            values.append(value)
        elif len(wide) >= 8:
            values.append(int.from_bytes(wide[:8], "little"))
            wide = wide[8:]
        else:
            raise damaged("header-damaged", place=place)
    return values[0], values[1], values[2]


def zip64_field(extra: bytes) -> bytes:
    """The content of the zip64 extra field; empty when there is none."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        if kind == 1:
            return extra[position + 4 : position + 4 + length]
        position += 4 + length
    return b""


def misplaced(directory: Directory, content: Content) -> Damaged | None:
    """What is wrong around the zip: bytes before it, missing inside it, or after it."""
    if directory.extra_before < 0:
        return damaged("cut", missing_bytes=-directory.extra_before, size_bytes=content.size_bytes)
    if directory.extra_after > 0:
        return damaged("junk-appended", extra_bytes=directory.extra_after)
    if directory.extra_after < 0:
        return damaged("cut", missing_bytes=-directory.extra_after, size_bytes=content.size_bytes)
    if directory.extra_before:
        is_zip = content.read_at(directory.extra_before, 4) in {LOCAL, END}
        return damaged("junk-before" if is_zip else "structure-damaged", extra_bytes=directory.extra_before)
    return None
