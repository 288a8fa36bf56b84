"""Walk a tar as a stream, strictly: header checksums, sizes, the end marks. Python's tarfile forgives too much."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from itops.backup.formats import Effort, Unprovable, damaged
from itops.formats.postgresql.archive import FORMAT_AT, MAGIC, TAR
from itops.formats.postgresql.reading import Reader

BLOCK = 512
_OCTAL = re.compile(rb"[ 0]*([0-7]*)[ \0]*")
_CHECKSUM_AT = slice(148, 156)
_FILE_TYPES = (b"0", b"\0")
_KNOWN_TYPES = (*_FILE_TYPES, b"2", b"5")  # a link, a folder: they have no data
_ENDING_BLOCKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member; `position` is where its header begins."""

    name: str
    size_bytes: int
    is_file: bool
    position: int


def is_tar(head: bytes) -> bool:
    """Whether the first header of a tar stands here, by its magic; whether it is sound, the walk will say."""
    return head[257:262] == b"ustar"


def begins_pg_dump(head: bytes) -> bool:
    """Whether it is the tar that pg_dump writes, by its contents, which come first: not a tar around a custom dump."""
    is_named = head[:100].partition(b"\0")[0] == b"toc.dat"
    return (
        is_tar(head)
        and head[BLOCK:].startswith(MAGIC)
        and (is_named or head[BLOCK + FORMAT_AT :].startswith(bytes((TAR,))))
    )


def members(reader: Reader, effort: Effort) -> Iterator[Member]:
    """Each member, whose data the caller may read from `reader` before asking for the next.

    Raises Damaged: cut (also without its end marks), structure-damaged (place), junk-appended.
    """
    count = 0
    while (header := reader.take(BLOCK)) != b"\0" * BLOCK:
        position = reader.position - BLOCK
        member = _member(header, position, reader.at(position))
        count += 1
        if count > effort.max_members:
            raise Unprovable("too-many-members", members=count)
        end = reader.position + -(-member.size_bytes // BLOCK) * BLOCK
        yield member
        reader.skip(end - reader.position)
    for _ in range(_ENDING_BLOCKS - 1):
        if reader.take(BLOCK) != b"\0" * BLOCK:
            raise damaged("structure-damaged", reader.at(reader.position - BLOCK))
    _only_zeros(reader)


def _only_zeros(reader: Reader) -> None:
    """Some writers fill the last record with zeros."""
    begin = reader.position
    is_clean = all(not block.strip(b"\0") for block in reader.rest_blocks())
    if not is_clean:
        reader.rest()
        raise damaged("junk-appended", reader.place, extra_bytes=reader.position - begin)


def _member(header: bytes, position: int, place: str) -> Member:
    kind = header[156:157]
    if header[257:262] != b"ustar" or not _checksum_fits(header):
        raise damaged("structure-damaged", place)
    if kind not in _KNOWN_TYPES:
        raise Unprovable("structure-unknown", member_type=kind.decode("latin-1"))
    name = header[:100].partition(b"\0")[0]
    if (prefix := header[345:500].partition(b"\0")[0]) and header[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    size = _number(header[124:136]) if kind in _FILE_TYPES else 0
    if size is None:
        raise damaged("structure-damaged", place)
    text = name.decode("utf-8", "surrogateescape").removeprefix("./")
    return Member(name=text, size_bytes=size, is_file=kind in _FILE_TYPES, position=position)


def _checksum_fits(header: bytes) -> bool:
    told = _number(header[_CHECKSUM_AT])
    return told == sum(header) - sum(header[_CHECKSUM_AT]) + 8 * ord(" ")


def _number(field: bytes) -> int | None:
    """Octal digits, or with the first bit set a big-endian binary number."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    octal = _OCTAL.fullmatch(field)
    return int(octal[1] or b"0", 8) if octal else None
