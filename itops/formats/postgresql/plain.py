"""Format `pg-dump-plain`: the SQL text of pg_dump or pg_dumpall, also packed by gzip, bzip2, xz or zstd.

It ends with a comment that says so, since August 2025 followed by a line `\\unrestrict` with a token.
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.compressed_text import Text

_BEGIN = re.compile(rb"--\n-- PostgreSQL database (cluster )?dump\n--\n")
_SERVER = re.compile(rb"^-- Dumped from database version ([\x20-\x7e]{1,200})$", re.MULTILINE)
_PROGRAM = re.compile(rb"^-- Dumped by pg_dump version ([\x20-\x7e]{1,200})$", re.MULTILINE)
_CONNECT = re.compile(rb"^\\connect (?:-reuse-previous=on )?([^\n]{1,500})$", re.MULTILINE)
_CONNECTION = re.compile(r"\"dbname='(.*)'\"")  # how a name with strange letters is written
_STATEMENT = re.compile(rb"\n(?:(COPY) [^\n]{1,65536} FROM stdin;|\\connect [^\n]{1,500})\r?\n")
_END_OF_ROWS = re.compile(rb"\n\\\.\r?\n")
_LONGEST_STATEMENT = 1 << 17
_TAIL_BYTES = 4096
_ENDING = re.compile(
    rb"-- PostgreSQL database (cluster )?dump complete\r?\n--\r?\n"
    rb"(?P<blank>\r?\n)?(?P<token>\\unrestrict [A-Za-z0-9]+(?P<line>\r?\n)?(?P<last>\r?\n)?)?"
)


class PgDumpPlain:
    """A file of `pg_dump --format=plain` or of `pg_dumpall`."""

    name: ClassVar[str] = "pg-dump-plain"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".sql", ".sql.gz", ".sql.bz2", ".sql.xz", ".sql.zst")

    def recognises(self, thing: Thing) -> bool:
        """By its first comment."""
        return not thing.is_folder and _BEGIN.search(Text(thing).head, 0, 1024) is not None

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From its first comments; the database's name only where pg_dump had to create it (`-C`)."""
        text = Text(thing)
        begin = _BEGIN.search(text.head)
        is_cluster = begin is not None and begin[1] is not None
        connected = None if is_cluster else _CONNECT.search(text.head)
        program, server = _PROGRAM.search(text.head), _SERVER.search(text.head)
        facts: dict[str, Fact] = {"packing": text.packing or "none", "is_cluster": is_cluster}
        if server is not None:
            facts["server_version"] = server[1].decode("ascii")
        made_by = "pg_dumpall" if is_cluster else "pg_dump"
        return Identity(
            object=_database(connected[1]) if connected else None,
            kind=CopyKind.FULL,
            made_by=f"{made_by} {program[1].decode('ascii')}" if program and not is_cluster else made_by,
            facts=facts,
        )

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The whole text, to its ending."""
        text = Text(thing)
        scan = _Scan()
        for chunk in text.chunks(effort):
            scan.watch(chunk)
        scan.finish(is_cluster=bool(identity.facts.get("is_cluster")))
        return Identity(
            object=identity.object,
            kind=identity.kind,
            made_by=identity.made_by,
            facts={**identity.facts, **scan.facts, "is_checked": text.is_checked},
        )

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The walk has read it all, under the checksum of its packing where it has one."""
        if not identity.facts.get("is_checked"):
            raise Unprovable("no-checksums", packing=identity.facts.get("packing"))
        return identity


def _database(text: bytes) -> str:
    """The name in a `\\connect`."""
    name = text.decode("utf-8", "replace").strip()
    if found := _CONNECTION.fullmatch(name):
        return found[1].replace("\\'", "'").replace("\\\\", "\\")
    if name.startswith('"') and name.endswith('"'):
        return name[1:-1].replace('""', '"')
    return name


@dataclass(slots=True)
class _Scan:
    """Watches the text go by: how many tables have rows, and how it ends."""

    tables: int = 0
    text_bytes: int = 0
    databases: int = 0
    _rest: bytes = b"\n"
    _tail: bytes = b""
    _is_in_rows: bool = False
    _is_crlf: bool = field(default=False)

    @property
    def facts(self) -> dict[str, Fact]:
        """What was counted."""
        counted: dict[str, Fact] = {"text_bytes": self.text_bytes, "tables_with_data": self.tables}
        if self.databases:
            counted["databases"] = self.databases
        if self._is_crlf:
            counted["line_endings"] = "crlf"
        return counted

    def watch(self, chunk: bytes) -> None:
        """The next piece."""
        self.text_bytes += len(chunk)
        self._tail = (self._tail + chunk[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        data = self._rest + chunk
        position = 0
        while (found := (_END_OF_ROWS if self._is_in_rows else _STATEMENT).search(data, position)) is not None:
            position = found.end() - 1
            if self._is_in_rows:
                self._is_in_rows = False
            elif found[1]:
                self._is_in_rows = True
                self.tables += 1
            else:
                self.databases += 1
        # A statement may go on in the next piece, so everything from the last line feed on is kept.
        self._rest = data[max(position, data.rfind(b"\n", 0, len(data) - 1), len(data) - _LONGEST_STATEMENT) :]

    def finish(self, *, is_cluster: bool) -> None:
        """Raise Damaged: unfinished, cut, junk-appended."""
        endings = [found for found in _ENDING.finditer(self._tail) if bool(found[1]) == is_cluster]
        if not endings or self._is_in_rows:
            raise damaged("unfinished", ending="PostgreSQL database dump complete", size_bytes=self.text_bytes)
        ending = endings[-1]
        self._is_crlf = b"\r\n" in ending[0]
        extra = len(self._tail) - ending.end()
        if extra:
            raise damaged("junk-appended", extra_bytes=extra)
        if not ending["blank"] or (ending["token"] and not ending["last"]):
            raise damaged("cut", missing_bytes=1)
