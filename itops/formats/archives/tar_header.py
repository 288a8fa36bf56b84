"""One header block of a tar, and the pax and GNU records before it. Sources: POSIX pax, the GNU tar manual."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from itops.backup.formats import damaged

BLOCK = 512
ZEROS = bytes(BLOCK)
_CHECKSUM = slice(148, 156)
_MAGIC = slice(257, 265)
_PAX_RECORD = re.compile(rb"(\d{1,20}) ([^=\n]+)=")
_MOST_SIZE = 1 << 63


@dataclass(frozen=True, slots=True, kw_only=True)
class TarHeader:
    """What a header says of its member."""

    name: str
    kind: bytes  # the typeflag
    size_bytes: int  # of what follows in the archive
    modified: int | None  # seconds since 1970, UTC
    link: str
    is_extended: bool  # GNU sparse: more blocks of the map follow
    flavour: str  # "gnu", "ustar", "v7"


def has_checksum(block: bytes) -> bool:
    """Whether the header's own checksum is right (signed sums are of very old tars)."""
    said = _octal(block[_CHECKSUM])
    if said is None or len(block) < BLOCK:
        return False
    bare = block[:148] + b" " * 8 + block[156:BLOCK]
    total = sum(bare)
    return said == total or said == total - 256 * sum(byte > 127 for byte in bare)


def is_tar(start: bytes) -> bool:
    """Whether a tar begins so: by its magic, or by a header checksum that is right (v7 has no magic)."""
    if len(start) < BLOCK or not start[0]:
        return False
    return start[257:262] == b"ustar" or has_checksum(start[:BLOCK])


def first_name(start: bytes) -> str:
    """The name of the first member, as its header alone tells."""
    return _text(start[:100])


def read_header(block: bytes, place: str) -> TarHeader:
    """Raises Damaged for a wrong checksum or a number that is none."""
    if not has_checksum(block):
        raise damaged("header-damaged", place=place)
    size = _number(block[124:136])
    if size is None or not 0 <= size < _MOST_SIZE:
        raise damaged("header-damaged", place=place)
    magic = block[_MAGIC]
    name, prefix = _text(block[:100]), _text(block[345:500])
    is_ustar = magic.startswith(b"ustar\0")
    return TarHeader(
        name=f"{prefix}/{name}" if prefix and is_ustar else name,
        kind=block[156:157],
        size_bytes=size,
        modified=_number(block[136:148]),
        link=_text(block[157:257]),
        is_extended=block[156:157] == b"S" and block[482] != 0,
        flavour="ustar" if is_ustar else "gnu" if magic == b"ustar  \0" else "v7",
    )


def read_pax(data: bytes, place: str) -> Mapping[str, str]:
    """The records of a pax header, `length key=value` and a line feed each; raises Damaged."""
    records: dict[str, str] = {}
    position = 0
    while position < len(data) and data[position]:
        match = _PAX_RECORD.match(data, position)
        end = position + int(match[1]) if match else 0
        if match is None or end > len(data) or end <= match.end() or data[end - 1 : end] != b"\n":
            raise damaged("header-damaged", place=place)
        records[match[2].decode("utf-8", "replace")] = data[match.end() : end - 1].decode("utf-8", "surrogateescape")
        position = end
    return records


def pax_number(text: str | None) -> int | None:
    """A whole number of seconds or bytes; None for anything else."""
    match = re.fullmatch(r"(\d{1,19})(?:\.\d*)?", text or "", re.ASCII)
    return int(match[1]) if match else None


@dataclass(slots=True, kw_only=True)
class Pending:
    """What the extension headers before a member said of it."""

    name: str | None = None
    link: str | None = None
    pax: dict[str, str] = field(default_factory=dict)


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _octal(raw: bytes) -> int | None:
    digits = raw.replace(b"\0", b" ").split()
    if not digits:
        return 0
    return int(digits[0], 8) if re.fullmatch(rb"[0-7]+", digits[0]) else None


def _number(raw: bytes) -> int | None:
    """Octal digits, or base 256 when the first bit is set."""
    if not raw[0] & 0x80:
        return _octal(raw)
    return int.from_bytes(raw[1:], "big") if raw[0] == 0x80 else -1  # below zero, or beyond any disk
