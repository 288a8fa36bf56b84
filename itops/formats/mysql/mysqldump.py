"""Format `mysqldump`: the SQL text of mysqldump or mariadb-dump, also packed by gzip, bzip2, xz or zstd.

With comments it ends with `-- Dump completed`, also when the date is left out. Without them its last statement gives
SQL_NOTES back, if its first ones took it. A `--compact` dump has no ending: nothing tells whether it was cut.
"""

import re
from dataclasses import dataclass, field, replace
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.compressed_text import Text

_SANDBOX = b"/*M!999999\\- enable the sandbox mode */"
_TITLE = re.compile(rb"^-- (MySQL|MariaDB) dump (\S{1,60})(?:\s+Distrib (\S{1,80}))?[^\n]*$", re.MULTILINE)
_PLACE = re.compile(rb"^-- Host: (\S{0,255})    Database: ([^\n]{0,300})$", re.MULTILINE)
_SERVER = re.compile(rb"^-- Server version\s*(\S{1,100})", re.MULTILINE)
_FIRST_STATEMENTS = (
    b"/*!40101 SET @OLD_CHARACTER_SET_CLIENT=",
    b"/*!40101 SET @saved_cs_client ",
    b"/*!40103 SET @OLD_TIME_ZONE=",
)
_TOOK_NOTES = b"SET @OLD_SQL_NOTES=@@SQL_NOTES"
_COMPLETED = re.compile(rb"\n-- Dump completed(?: on (\d{4}-\d\d-\d\d) +(\d?\d:\d\d:\d\d))?(?P<line>\r?\n)?")
_GAVE_NOTES = re.compile(rb"SET SQL_NOTES=@OLD_SQL_NOTES \*/;(?P<line>\r?\n)?(?:\r?\n)*")
_COUNTED = re.compile(
    rb"\n(?:(CREATE TABLE) |(INSERT) |-- (Dumping data) for table |-- Current Database: `([^\n]{1,300})`\r?\n)"
)
_OVERLAP = 400  # longer than anything _COUNTED finds
_TAIL_BYTES = 4096
_MOST_NAMES = 50
_MOST_DATABASES = 10_000
_HERE = ("", "localhost", "127.0.0.1", "::1")


class Mysqldump:
    """A file of `mysqldump` or `mariadb-dump`."""

    name: ClassVar[str] = "mysqldump"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".sql", ".sql.gz", ".sql.bz2", ".sql.xz", ".sql.zst")

    def recognises(self, thing: Thing) -> bool:
        """By its first comment or its first statements."""
        if thing.is_folder:
            return False
        head = Text(thing).head[:2048]
        first = head.removeprefix(_SANDBOX).lstrip()
        return _TITLE.search(head) is not None or first != head.lstrip() or first.startswith(_FIRST_STATEMENTS)

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From its first comments, which name the first of several databases only; the walk corrects that."""
        text = Text(thing)
        title, place, server = (pattern.search(text.head) for pattern in (_TITLE, _PLACE, _SERVER))
        facts: dict[str, Fact] = {"packing": text.packing or "none", "has_header": title is not None}
        if server is not None:
            facts["server_version"] = server[1].decode("utf-8", "replace")
        host = place[1].decode("utf-8", "replace") if place else ""
        if host:
            facts["host"] = host
        return Identity(
            object=(place[2].decode("utf-8", "replace").strip() or None) if place else None,
            server=None if host in _HERE else host,
            kind=CopyKind.FULL,
            made_by=_made_by(title) if title else None,
            facts=facts,
        )

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The whole text, to its ending."""
        text = Text(thing)
        scan = _Scan()
        for chunk in text.chunks(effort):
            scan.watch(chunk)
        has_header = bool(identity.facts.get("has_header"))
        finished = scan.finish(has_header=has_header, took_notes=_TOOK_NOTES in text.head)
        facts = {**identity.facts, **scan.facts, **finished, "is_checked": text.is_checked}
        name = identity.object
        if scan.databases:  # `--databases` or `--all-databases`
            facts["databases"] = len(scan.databases)
            facts["database_names"] = ", ".join(sorted(scan.databases)[:_MOST_NAMES])
            name = min(scan.databases) if len(scan.databases) == 1 else None
        kind = CopyKind.PARTIAL if scan.is_part(has_header=has_header) else identity.kind
        return replace(identity, object=name, kind=kind, facts=facts)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The walk has read it all, under the checksum of its packing where it has one."""
        if not identity.facts.get("is_checked"):
            raise Unprovable("no-checksums", packing=identity.facts.get("packing"))
        return identity


def _made_by(title: "re.Match[bytes]") -> str:
    """`mariadb-dump 10.11.19-MariaDB`; before MariaDB 10.6, or by an old server, both are called MySQL."""
    program = "mariadb-dump" if title[1] == b"MariaDB" else "mysqldump"
    version = (title[3] or title[2]).rstrip(b",")
    return f"{program} {version.decode('utf-8', 'replace')}"


@dataclass(slots=True)
class _Scan:
    """Watches the text go by: what it makes and fills, and how it ends."""

    tables: int = 0
    inserts: int = 0
    filled: int = 0  # tables whose rows it announces, also where there are none
    text_bytes: int = 0
    databases: set[str] = field(default_factory=set)
    _rest: bytes = b"\n"
    _tail: bytes = b""

    @property
    def facts(self) -> dict[str, Fact]:
        """What was counted."""
        return {"text_bytes": self.text_bytes, "tables": self.tables, "inserts": self.inserts}

    def is_part(self, *, has_header: bool) -> bool:
        """Rows without tables, or, where comments announce them, tables without rows."""
        has_rows = self.inserts > 0 or self.filled > 0
        return (has_rows and not self.tables) or (has_header and self.tables > 0 and not has_rows)

    def watch(self, chunk: bytes) -> None:
        """The next piece."""
        self.text_bytes += len(chunk)
        self._tail = (self._tail + chunk[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        data = self._rest + chunk
        position = 0
        for found in _COUNTED.finditer(data):
            position = found.end() - 1  # its line feed may begin the next
            self.tables += found[1] is not None
            self.inserts += found[2] is not None
            self.filled += found[3] is not None
            if found[4] is not None and len(self.databases) < _MOST_DATABASES:
                self.databases.add(found[4].decode("utf-8", "replace").replace("``", "`"))
        self._rest = data[max(position, len(data) - _OVERLAP) :]

    def finish(self, *, has_header: bool, took_notes: bool) -> dict[str, Fact]:
        """When it was finished, as its last line tells. Raises Damaged (unfinished, cut, junk-appended), Unprovable."""
        if not has_header and not took_notes:
            raise Unprovable("no-ending")
        *_, ending = (None, *(_COMPLETED if has_header else _GAVE_NOTES).finditer(self._tail))
        if ending is None:
            raise damaged("unfinished", ending="Dump completed" if has_header else "SQL_NOTES")
        if extra := len(self._tail) - ending.end():
            raise damaged("junk-appended", extra_bytes=extra)
        if not ending["line"]:
            raise damaged("cut", missing_bytes=1)
        facts: dict[str, Fact] = {"line_endings": "crlf"} if ending[0].endswith(b"\r\n") else {}
        if has_header and ending[1]:
            hour = ending[2].decode("ascii").zfill(8)
            facts["local_finished_at"] = f"{ending[1].decode('ascii')}T{hour}"
        return facts
