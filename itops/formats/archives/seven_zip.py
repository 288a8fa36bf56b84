"""The format `7z`: its headers are read here; its content is tested by the program 7z, where that is installed."""

import re
import shutil
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.formats.archives.crlf import explained
from itops.formats.archives.decoders import MOST_MEMORY
from itops.formats.archives.paths import shown
from itops.formats.archives.seven_zip_header import Listing, read_encoded, read_listing, unpack_header
from itops.programs import Outcome, run_program

MAGIC = b"7z\xbc\xaf\x27\x1c"
PROGRAMS = ("7zz", "7z", "7za")
_START_BYTES = 32
_SMALL = 256 * MIB  # a copy behind a network is fetched for the program when it is no larger
_MOST_PROGRAM_MEMORY = 1 << 30
_WRONG = re.compile(
    r"^(?:ERROR: )?(CRC Failed|Data Error|Unexpected end of data|Headers Error)(?: : (.*))?$",
    re.MULTILINE,
)
_VERSION = re.compile(r"^7-Zip[^:\n]*?\d+\.\d+", re.MULTILINE)
_OUT_OF_MEMORY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """The first 32 bytes. Offsets are in the file."""

    version: str
    header_at: int
    header_bytes: int
    header_crc: int

    @property
    def end(self) -> int:
        """How long the file must be."""
        return self.header_at + self.header_bytes


class SevenZip:
    """A 7z archive."""

    name: ClassVar[str] = "7z"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".7z",)

    def recognises(self, thing: Thing) -> bool:
        """By its six magic bytes."""
        return not thing.is_folder and thing.head.startswith(MAGIC)

    def set_of(self, thing: Thing) -> str | None:
        """The volumes of one archive (.7z.001 ...) tell nothing of each other."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The start header under its CRC."""
        try:
            start = _start(thing.file)
        except Damaged as damage:
            raise explained(damage, thing.file) from damage
        return Identity(made_by=f"7z {start.version}")

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The file ends with its header; the header stands under its CRC; what it says fits the file."""
        try:
            listing = _listing(thing.file, effort)
        except Damaged as damage:
            raise explained(damage, thing.file) from damage
        except Unprovable as unprovable:
            if unprovable.limit.code != "encrypted":
                raise
            return replace(identity, facts={**identity.facts, "headers_encrypted": True})
        if hostile := listing.hostile():
            raise damaged("path-traversal", place=shown(hostile[0]), members=len(hostile))
        if not listing.members:
            raise damaged("nothing-inside")
        return replace(identity, facts={**identity.facts, **listing.facts()})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Let 7z test it; raises Unprovable where it cannot, or for what is encrypted or without checksums."""
        folders = (streams := _listing(thing.file, effort).streams).folders
        if any(folder.is_encrypted for folder in folders):
            raise Unprovable("encrypted")
        memory = max((folder.memory_bytes for folder in folders), default=0)
        if memory > _MOST_PROGRAM_MEMORY:
            raise Unprovable("needs-memory", bytes=_MOST_PROGRAM_MEMORY, wanted_bytes=memory)
        effort.unpacked(sum(folder.unpacked_bytes for folder in folders), packed=thing.size_bytes)
        tested_by = _test(_program(), thing.file, effort)
        if streams.without_crc:
            raise Unprovable("no-checksums", members=streams.without_crc)
        return replace(identity, facts={**identity.facts, "tested_by": tested_by})


def _start(content: Content) -> _Start:
    data = content.read_at(0, _START_BYTES)
    if len(data) < _START_BYTES:
        raise damaged("cut", missing_bytes=_START_BYTES - len(data), size_bytes=len(data))
    if zlib.crc32(data[12:]) != int.from_bytes(data[8:12], "little"):
        raise damaged("header-damaged", place="byte 8")
    return _Start(
        version=f"{data[6]}.{data[7]}",
        header_at=_START_BYTES + int.from_bytes(data[12:20], "little"),
        header_bytes=int.from_bytes(data[20:28], "little"),
        header_crc=int.from_bytes(data[28:], "little"),
    )


def _listing(content: Content, effort: Effort) -> Listing:
    """The header, unpacked as often as it is packed; raises Damaged or Unprovable."""
    start = _start(content)
    _check_length(start, content.size_bytes)
    header = _read(content, start.header_at, start.header_bytes, effort)
    if zlib.crc32(header) != start.header_crc:
        raise damaged("checksum-mismatch", place="7z header")
    while (streams := read_encoded(header)) is not None:
        effort.tick()
        if streams.packed_end > start.header_at - _START_BYTES:
            raise damaged("structure-damaged", place="7z header")
        packed = _read(content, _START_BYTES + streams.packed_at, sum(streams.packed_sizes), effort)
        unpacked = unpack_header(streams, packed)
        effort.unpacked(len(unpacked), packed=content.size_bytes)
        if unpacked == header:
            raise damaged("structure-damaged", place="7z header")
        header = unpacked
    listing = read_listing(header, effort.max_members)
    if listing.streams.packed_end > start.header_at - _START_BYTES:
        raise damaged("structure-damaged", place="7z header")
    return listing


def _check_length(start: _Start, size: int) -> None:
    """The header must end where the file ends."""
    if not start.header_bytes and start.header_at == _START_BYTES:
        raise damaged("nothing-inside") if size == _START_BYTES else damaged("unfinished", size_bytes=size)
    if size < start.end:
        raise damaged("cut", missing_bytes=start.end - size, expected_bytes=start.end, size_bytes=size)
    if size > start.end:
        raise damaged("junk-appended", extra_bytes=size - start.end)
    if not start.header_bytes:
        raise damaged("structure-damaged", place="byte 20")


def _read(content: Content, offset: int, length: int, effort: Effort) -> bytes:
    if length > MOST_MEMORY:
        raise Unprovable("too-big", size_bytes=length, most_bytes=MOST_MEMORY)
    effort.tick()
    data = content.read_at(offset, length)
    if len(data) < length:
        raise damaged("changed-while-read", place=f"byte {offset + len(data)}")
    return data


def _program() -> str:
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    raise Unprovable("program-missing", program=PROGRAMS[1])


def _test(program: str, content: Content, effort: Effort) -> str:
    """Which program found everything right; raises Damaged or Unprovable."""
    if content.local_path is not None:
        return _judged(_run(program, content.local_path, effort))
    if content.size_bytes > _SMALL:
        raise Unprovable("not-local", size_bytes=content.size_bytes, most_bytes=_SMALL)
    fetched = effort.scratch / "fetched.7z"
    try:
        with fetched.open("wb") as file:
            for chunk in content.chunks():
                effort.tick()
                file.write(chunk)
        return _judged(_run(program, fetched, effort))
    finally:
        fetched.unlink(missing_ok=True)


def _run(program: str, path: Path, effort: Effort) -> Outcome:
    arguments: list[str | Path] = [program, "t", "-t7z", "-y", "-bd", "-p", "--", path.absolute()]
    try:
        return run_program(arguments, seconds=effort.seconds_left, folder=effort.scratch, most_output=MIB)
    except SourceUnavailable as unavailable:
        raise Unprovable("program-missing", program=Path(program).name) from unavailable


def _judged(outcome: Outcome) -> str:
    """The program's name and version. Its exit code and its words must both say that all is well."""
    if outcome.is_timeout:
        raise Unprovable("out-of-time", seconds=round(outcome.seconds))
    said = f"{outcome.text}\n{outcome.stderr}"
    if wrong := _WRONG.search(said):
        raise damaged("checksum-mismatch", place=shown(wrong[2] or ""), program_said=wrong[1])
    if outcome.code == _OUT_OF_MEMORY:
        raise Unprovable("needs-memory", bytes=_MOST_PROGRAM_MEMORY)
    if "Unsupported Method" in said:
        raise Unprovable("unknown-method")
    if outcome.code or "Everything is Ok" not in said:
        raise Unprovable("program-failed", program=Path(outcome.arguments[0]).name, exit_code=outcome.code)
    version = _VERSION.search(said)
    return version[0] if version else Path(outcome.arguments[0]).name
