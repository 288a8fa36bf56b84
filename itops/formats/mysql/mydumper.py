"""Format `mydumper`: a folder with a file of SQL for each table, its definition, and `metadata`.

`metadata` ends with the moment it was finished, and is called `metadata.partial` until then. Since mydumper 0.12 it
also lists the tables with their numbers of rows; before that, nothing tells whether a table's file is missing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import MIB, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.compressed_text import Unpacking, packing_of

_METADATA, _PARTIAL = "metadata", "metadata.partial"
_STARTED = re.compile(rb"^(?:# )?Started dump at: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)", re.MULTILINE)
_FINISHED = re.compile(rb"^(?:# )?Finished dump at: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)", re.MULTILINE)
_TABLE = re.compile(rb"^\[`([^`\n]{1,300})`\.`([^`\n]{1,300})`\]$", re.MULTILINE)
_ROWS = re.compile(rb"^rows ?= ?(\d{1,18})$", re.MULTILINE)
_DATABASE = re.compile(r"(.+)-schema-create\.sql(\.gz|\.zst)?")
_DEFINITION = re.compile(r"(.+)-schema\.sql(\.gz|\.zst)?")
_SQL = re.compile(r"(?P<table>.+?)(?:\.(?P<chunk>\d{5,}))?(?:\.(?P<part>\d{5,}))?\.(sql|dat)(?P<packing>\.gz|\.zst)?")
_SPECIAL = re.compile(r".+-(schema(-[a-z]+)?|metadata|checksum)(\.sql)?(\.gz|\.zst)?")
_PACKINGS = {".gz": "gzip", ".zst": "zstd", "": None}
_LONGEST = 64 * MIB
_MOST_NAMES = 50


class Mydumper:
    """A folder of `mydumper`."""

    name: ClassVar[str] = "mydumper"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """By the first lines of its metadata."""
        metadata = _metadata(thing) if thing.is_folder else None
        return metadata is not None and _STARTED.search(metadata.read_at(0, 1024)) is not None

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From its metadata and the names of its files; the times are local ones."""
        text = _text(thing)
        facts: dict[str, Fact] = {}
        for key, pattern in (("local_started_at", _STARTED), ("local_finished_at", _FINISHED)):
            if moment := pattern.search(text):
                facts[key] = b"T".join(moment.groups()).decode("ascii")
        databases = sorted({found[1] for file in thing.files if (found := _DATABASE.fullmatch(file.name))})
        if len(databases) > 1:
            facts["databases"] = len(databases)
            facts["database_names"] = ", ".join(databases[:_MOST_NAMES])
        only = databases[0] if len(databases) == 1 else None
        return Identity(object=only, kind=CopyKind.FULL, made_by="mydumper", facts=facts)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """It was finished, every table with rows has a file, and every file can be read, unpacked, to its end."""
        text = _text(thing)
        if thing.member(_METADATA) is None or not _FINISHED.search(text):
            raise damaged("unfinished", _PARTIAL if thing.member(_METADATA) is None else _METADATA)
        if not any(_SQL.fullmatch(file.name) for file in thing.files):
            raise damaged("nothing-inside")
        tables = _Tables.of(thing)
        tables.check(_rows(text))
        read = _Reading(effort, thing.size_bytes)
        for file in thing.files:
            read.take(file)
        facts: dict[str, Fact] = {"tables": len(tables.defined), "tables_with_data": len(tables.filled)}
        facts |= {"text_bytes": read.text_bytes, "is_checked": read.is_checked}
        return replace(identity, facts={**identity.facts, **facts})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The walk has unpacked every file already, under gzip's CRC where it is gzip."""
        if not identity.facts.get("is_checked"):
            raise Unprovable("no-checksums")
        return identity


@dataclass(slots=True)
class _Tables:
    """Which tables have a definition, and which have rows, from the names of the files."""

    defined: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, thing: Thing) -> "_Tables":
        """From the names of the files; the dot between database and table may stand in a name, too."""
        tables = cls()
        for file in thing.files:
            if found := _DEFINITION.fullmatch(file.name):
                tables.defined.add(found[1])
            elif not _SPECIAL.fullmatch(file.name) and (found := _SQL.fullmatch(file.name)):
                tables.filled.add(found["table"])
        return tables

    def check(self, rows: Mapping[str, int]) -> None:
        """Raise Damaged(member-missing): rows without a file, or, where there are definitions at all, without one."""
        missing = [f"{table}.sql" for table, count in rows.items() if count and table not in self.filled]
        if self.defined:
            missing += [f"{table}-schema.sql" for table in sorted(self.filled - self.defined)]
        if missing:
            raise damaged("member-missing", missing[0], missing_members=len(missing))


@dataclass(slots=True)
class _Reading:
    """Reads the files to their ends."""

    effort: Effort
    packed: int  # bytes of the whole folder
    text_bytes: int = 0
    is_checked: bool = True

    def take(self, file: Content) -> None:
        """One file. Raises Damaged: empty, not-its-format, zeroed, cut, and as unpacking does."""
        found = _SQL.fullmatch(file.name)
        if found is None:
            return
        packing = _PACKINGS[found["packing"] or ""]
        head = file.read_at(0, 64)
        if not head or packing_of(head) != packing:
            raise damaged("not-its-format" if head else "empty", file.name)
        unpacked, last = Unpacking(file, packing, self.effort, packed=self.packed), b""
        for chunk in unpacked.chunks():
            if b"\0" in chunk:
                raise damaged("zeroed", file.name, after_byte=self.text_bytes)
            self.text_bytes += len(chunk)
            last = (last + chunk[-2:])[-2:]
        self.is_checked = self.is_checked and unpacked.is_checked
        if file.name.endswith((".dat", ".dat.gz", ".dat.zst")):
            return
        if last.rstrip(b"\n")[-1:] != b";" or not last.endswith(b"\n"):
            raise damaged("cut", file.name)


def _metadata(thing: Thing) -> Content | None:
    return thing.member(_METADATA) or thing.member(_PARTIAL)


def _text(thing: Thing) -> bytes:
    content = _metadata(thing)
    return b"" if content is None else content.read_at(0, _LONGEST)


def _rows(text: bytes) -> dict[str, int]:
    """How many rows each table had, where the metadata tells; by `database.table`."""
    return dict(_sections(text))


def _sections(text: bytes) -> Iterator[tuple[str, int]]:
    begins = [*_TABLE.finditer(text)]
    for index, begin in enumerate(begins):
        end = begins[index + 1].start() if index + 1 < len(begins) else len(text)
        if rows := _ROWS.search(text, begin.end(), end):
            yield b".".join(begin.groups()).decode("utf-8", "replace"), int(rows[1])
