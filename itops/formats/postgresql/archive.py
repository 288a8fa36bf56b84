"""The header and the table of contents of a pg_dump archive (`PGDMP`), as all its binary formats have them.

Source: the layout that pg_restore reads, archive versions 1.11 (PostgreSQL 8.4) to 1.16 (17), and real files of 1.14.
Integers are a sign byte and as many bytes as the header says, little-endian; a text is its length and its bytes, -1
for none. Neither header nor contents have a checksum, so everything is asked for its plausibility.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.facts import Fact
from itops.formats.compressed_text import is_crlf_mangled
from itops.formats.postgresql.reading import Reader

MAGIC = b"PGDMP"
FORMAT_AT = 10  # the byte of the header that says which
CUSTOM, TAR = 1, 3  # a directory's toc.dat says TAR, too
_OLDEST, _NEWEST = (1, 11), (1, 16)
_COMPRESSIONS = {0: "none", 1: "gzip", 2: "lz4", 3: "zstd"}
_LONGEST_NAME = 1024
_LONGEST_TEXT = 256 * MIB  # the SQL of one object, a function's body for instance
_MOST_ENTRIES = 50_000_000
_MOST_KINDS = 500  # PostgreSQL 17 knows some sixty
_SMALLEST_ENTRY = 60  # bytes, fourteen integers and a few flags
_VERSION = re.compile(r"\d+(\.\d+|devel|beta|rc|alpha)[\x20-\x7e]*")
_NOT_SET, _SET, _NO_DATA = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the table of contents."""

    version: tuple[int, int]
    integer_bytes: int
    offset_bytes: int
    format: int
    compression: str
    started_at: datetime  # naive: the local time of the machine that ran pg_dump
    database: str
    server_version: str
    dump_version: str
    entries: int

    @property
    def identity(self) -> Identity:
        """What the header tells."""
        return Identity(
            object=self.database,
            kind=CopyKind.FULL,
            made_by=f"pg_dump {self.dump_version}",
            facts={
                "local_started_at": self.started_at.isoformat(),
                "server_version": self.server_version,
                "archive_version": ".".join(map(str, self.version)),
                "compression": self.compression,
                "toc_entries": self.entries,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the table of contents that holds data."""

    dump_id: int
    what: str  # "TABLE DATA", "BLOBS", "MATERIALIZED VIEW DATA"
    is_copy: bool  # its data are lines for COPY, ended by `\\.`
    offset: int | None  # where it lies in a custom file, where that was kept
    file: str  # its file in a directory or tar; "" in a custom file


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The table of contents: the entries with data, and how many there are of each kind."""

    data: tuple[Entry, ...]
    counts: Mapping[str, int]

    def check_large_objects(self, found: int) -> None:
        """Raise Damaged if there are fewer than the contents list; from archive version 1.16 on they do not."""
        listed = self.counts.get("BLOB", 0)
        if "BLOBS" in self.counts and found < listed:
            raise damaged("member-missing", "large objects", missing_members=listed - found)

    def refine(self, identity: Identity, **facts: Fact) -> Identity:
        """The identity, with what the contents tell: a dump without data, or without tables, is only a part."""
        tables, rows = self.counts.get("TABLE", 0), self.counts.get("TABLE DATA", 0)
        is_part = (tables > 0) != (rows > 0)
        told = {"tables": tables, "tables_with_data": rows, **facts}
        return Identity(
            object=identity.object,
            server=identity.server,
            kind=CopyKind.PARTIAL if is_part else identity.kind,
            made_by=identity.made_by,
            facts={**identity.facts, **told},
        )


class Archive:
    """Reads header and contents from the front of a stream."""

    def __init__(self, reader: Reader, size_bytes: int) -> None:
        self.reader = reader
        self._size = size_bytes
        self._integer = 4

    def header(self) -> Header:
        """Raises Damaged("header-damaged", "cut") and Unprovable("version-unknown")."""
        start = self.reader.take(8)
        if start[:5] != MAGIC:
            raise damaged("not-its-format")
        version = (start[5], start[6])
        if not _OLDEST <= version <= _NEWEST:
            if version[0] != 1:
                raise damaged("header-damaged", "version")
            raise Unprovable("version-unknown", version=f"{version[0]}.{version[1]}")
        self._integer = self._in("size of integers", self.reader.take(1)[0], range(4, 9))
        offset_bytes = self._in("size of offsets", self.reader.take(1)[0], range(4, 9))
        kind = self._in("format", self.reader.take(1)[0], (CUSTOM, TAR))
        return Header(
            version=version,
            integer_bytes=self._integer,
            offset_bytes=offset_bytes,
            format=kind,
            compression=self._compression(version),
            started_at=self._moment(),
            database=self._name("database"),
            server_version=self._version("server version"),
            dump_version=self._version("pg_dump version"),
            entries=self._in("number of entries", self.integer(), range(1, self._most_entries())),
        )

    def _most_entries(self) -> int:
        return min(_MOST_ENTRIES, self._size // _SMALLEST_ENTRY + 2)

    def _compression(self, version: tuple[int, int]) -> str:
        if version >= (1, 15):
            return _COMPRESSIONS[self._in("compression", self.reader.take(1)[0], _COMPRESSIONS)]
        level = self._in("compression", self.integer(), range(-1, 10))
        return "none" if level == 0 else "gzip"

    def _moment(self) -> datetime:
        """Second to year-1900, and whether summer time was on, which nobody needs."""
        second, minute, hour, day, month, year, _ = (self.integer() for _ in range(7))
        second = min(59, self._in("date", second, range(62)))  # a leap second is the 60th
        try:
            return datetime(year + 1900, month + 1, day, hour, minute, second)  # noqa: DTZ001  it has no zone
        except (ValueError, OverflowError) as error:
            raise damaged("header-damaged", "date") from error

    def _name(self, place: str) -> str:
        try:
            name = self.text(_LONGEST_NAME).decode()
        except UnicodeDecodeError as error:
            raise damaged("header-damaged", place) from error
        except Damaged as damage:
            if damage.faults[0].code == "cut":
                raise
            raise damaged("header-damaged", place) from damage
        if not name or not name.isprintable():
            raise damaged("header-damaged", place)
        return name

    def _version(self, place: str) -> str:
        version = self._name(place)
        if not _VERSION.fullmatch(version):
            raise damaged("header-damaged", place)
        return version

    def _in(self, place: str, value: int, allowed: Iterable[int]) -> int:
        if value not in allowed:
            raise damaged("header-damaged", place)
        return value

    def contents(self, header: Header, effort: Effort) -> Contents:
        """The table of contents. Raises Damaged("structure-damaged", "cut")."""
        data: list[Entry] = []
        counts: dict[str, int] = {}
        seen: set[int] = set()
        for number in range(header.entries):
            effort.tick()
            what, entry = self._entry(header, f"entry {number + 1} of {header.entries}")
            counts[what] = counts.get(what, 0) + 1
            if len(counts) > _MOST_KINDS:
                raise damaged("structure-damaged", f"entry {number + 1} of {header.entries}")
            if entry is None:
                continue
            if entry.dump_id in seen:
                raise damaged("structure-damaged", f"entry {number + 1} of {header.entries}")
            seen.add(entry.dump_id)
            data.append(entry)
            if len(data) > effort.max_members:
                raise Unprovable("too-many-members", members=len(data))
        return Contents(data=tuple(data), counts=counts)

    def _entry(self, header: Header, place: str) -> tuple[str, Entry | None]:
        """Its kind, and itself if it holds data."""
        try:
            dump_id = self._in(place, self.integer(), range(1, 1 << 31))
            has_data = bool(self._in(place, self.integer(), (0, 1)))
            self._digits(place)  # the table of the catalogue it is from
            self._digits(place)
            self._sql(place)  # its tag
            what = self._sql(place, _LONGEST_NAME).decode("ascii")
            self._in(place, self.integer(), range(1, 5))  # section
            self._sql(place)
            self._sql(place)
            is_copy = self._sql(place).startswith(b"COPY ")
            self._rest_of_entry(header, place)
            offset, file = self._place_of_data(header, place, has_data=has_data)
        except UnicodeDecodeError as error:
            raise damaged("structure-damaged", place) from error
        except Damaged as damage:
            if damage.faults[0].code == "header-damaged":
                raise damaged("structure-damaged", place) from damage
            raise
        if not has_data:
            return what, None
        return what, Entry(dump_id=dump_id, what=what, is_copy=is_copy, offset=offset, file=file)

    def _rest_of_entry(self, header: Header, place: str) -> None:
        self._sql(place)  # schema
        self._sql(place)  # tablespace
        if header.version >= (1, 14):
            self._sql(place)  # access method
        if header.version >= (1, 16):
            self.integer()  # relkind
        self._sql(place)  # owner
        if self._sql(place) not in (b"true", b"false"):  # WITH OIDS
            raise damaged("structure-damaged", place)
        while (dependency := self.optional_text(_LONGEST_NAME)) is not None:
            if not dependency.isdigit():
                raise damaged("structure-damaged", place)

    def _place_of_data(self, header: Header, place: str, *, has_data: bool) -> tuple[int | None, str]:
        if header.format != CUSTOM:
            return None, self._sql(place, _LONGEST_NAME).decode()
        state = self._in(place, self.reader.take(1)[0], (_NOT_SET, _SET, _NO_DATA))
        offset = int.from_bytes(self.reader.take(header.offset_bytes), "little")
        if state == _SET and has_data:
            return offset, ""  # where the file ends before it, the walk will say "cut"
        return None, ""

    def _digits(self, place: str) -> None:
        if not self.text(_LONGEST_NAME).isdigit():
            raise damaged("structure-damaged", place)

    def _sql(self, place: str, most: int = _LONGEST_TEXT) -> bytes:
        """A text that may be missing; no text of PostgreSQL has a zero byte."""
        text = self.optional_text(most) or b""
        if b"\0" in text:
            raise damaged("structure-damaged", place)
        return text

    def integer(self) -> int:
        """A signed integer."""
        data = self.reader.take(self._integer + 1)
        if data[0] > 1:
            raise damaged("structure-damaged", f"byte {self.reader.position - len(data)}")
        value = int.from_bytes(data[1:], "little")
        return -value if data[0] else value

    def optional_text(self, most: int) -> bytes | None:
        """A text of at most so many bytes, or None."""
        length = self.integer()
        if length < 0:
            return None
        if length > most:
            raise damaged("structure-damaged", f"byte {self.reader.position}")
        return self.reader.take(length)

    def text(self, most: int) -> bytes:
        """A text that must be there."""
        text = self.optional_text(most)
        if text is None:
            raise damaged("structure-damaged", f"byte {self.reader.position}")
        return text


def read_header(head: bytes, size_bytes: int, effort: Effort) -> Header:
    """The header from the first KiBs of a file; tells a transfer in text mode from other damage."""
    try:
        return Archive(Reader(iter((head,)), effort), size_bytes).header()
    except Damaged as damage:
        if is_crlf_mangled(head):
            raise damaged("line-endings") from damage
        raise


def read_archive(blocks: Iterator[bytes], size_bytes: int, effort: Effort, place: str) -> tuple[Header, Contents]:
    """Header and contents of a `toc.dat`, which must end there."""
    archive = Archive(Reader(blocks, effort, place), size_bytes)
    header = archive.header()
    contents = archive.contents(header, effort)
    if extra := archive.reader.rest():
        raise damaged("junk-appended", place, extra_bytes=extra)
    return header, contents
