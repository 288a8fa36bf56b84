"""Format `pg-dump-tar`: `pg_dump -Ft`, a tar of `toc.dat`, a file for each entry with data, and `restore.sql`.

Nothing in it is packed, and a tar checks only its own headers: pg_restore takes half of one for a good one.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.formats.compressed_text import is_crlf_mangled
from itops.formats.postgresql.archive import TAR, Contents, Entry, Header, read_archive, read_header
from itops.formats.postgresql.large_objects import LargeObjects, list_name
from itops.formats.postgresql.reading import Reader
from itops.formats.postgresql.rows import Rows
from itops.formats.postgresql.tar_stream import BLOCK, Member, begins_pg_dump, members

_SCRIPT = "restore.sql"


class PgDumpTar:
    """A file of `pg_dump --format=tar`."""

    name: ClassVar[str] = "pg-dump-tar"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """A tar whose first member begins as a table of contents does."""
        return not thing.is_folder and begins_pg_dump(thing.head)

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From the header of `toc.dat`."""
        header = read_header(thing.head[BLOCK:], thing.size_bytes, effort)
        if header.format != TAR:
            raise damaged("header-damaged", "format")
        return header.identity

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every member to the last byte, and everything there that the contents name."""
        try:
            walked = _walked(thing, effort)
        except Damaged as damage:
            if is_crlf_mangled(thing.file.read_at(0, MIB)):
                raise damaged("line-endings") from damage
            raise
        counts = {"members": walked.members, "large_objects": walked.objects, "data_bytes": walked.data_bytes}
        return walked.contents.refine(identity, **counts)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached: a tar has no checksums of what is in it."""
        raise Unprovable("no-checksums")


@dataclass(slots=True)
class _Walk:
    """What the members told so far."""

    header: Header
    contents: Contents
    most_members: int
    missing: dict[str, Entry] = field(init=False)  # by file
    named_objects: set[str] = field(default_factory=set)
    seen_objects: set[str] = field(default_factory=set)
    has_script: bool = False
    members: int = 1
    data_bytes: int = 0

    def __post_init__(self) -> None:
        self.missing = {
            list_name(self.header, entry) if entry.what.startswith("BLOB") else entry.file: entry
            for entry in self.contents.data
        }

    @property
    def objects(self) -> int:
        """How many large objects it has."""
        return len(self.seen_objects)

    def take(self, member: Member, reader: Reader) -> None:
        """Read one member."""
        self.members += 1
        self.data_bytes += member.size_bytes
        entry = self.missing.pop(member.name, None)
        if entry is None:
            if member.name.startswith("blob_"):
                self.seen_objects.add(member.name)
            elif member.name == _SCRIPT:
                self._script(member, reader)
            else:
                raise damaged("structure-damaged", f"byte {member.position}", member=member.name)
            return
        if entry.what.startswith("BLOB"):
            listed = LargeObjects(member.name)
            for piece in reader.pieces(member.size_bytes):
                self.named_objects.update(listed.fed(piece))
                if len(self.named_objects) > self.most_members:
                    raise Unprovable("too-many-members", members=len(self.named_objects))
            listed.finish()
            return
        rows = Rows(member.name, is_copy=entry.is_copy)
        for piece in reader.pieces(member.size_bytes):
            rows.watch(piece)
        rows.finish()

    def _script(self, member: Member, reader: Reader) -> None:
        """The statements that make the tables: text without a zero byte, always the last member."""
        self.has_script = True
        for piece in reader.pieces(member.size_bytes):
            if b"\0" in piece:
                raise damaged("zeroed", member.name)

    def finish(self) -> None:
        """Raise Damaged(member-missing) for the first that is."""
        absent = [*sorted(self.missing), *sorted(self.named_objects - self.seen_objects)]
        absent += [] if self.has_script else [_SCRIPT]
        if absent:
            raise damaged("member-missing", absent[0], missing_members=len(absent))
        if unlisted := sorted(self.seen_objects - self.named_objects):
            raise damaged("member-unlisted", unlisted[0], unlisted_members=len(unlisted))
        self.contents.check_large_objects(self.objects)


def _walked(thing: Thing, effort: Effort) -> _Walk:
    reader = Reader(thing.file.chunks(), effort)
    tar = members(reader, effort)
    first = next(tar, None)
    if first is None:
        raise damaged("not-its-format")
    toc = read_archive(reader.pieces(first.size_bytes), first.size_bytes, effort, first.name)
    walk = _Walk(*toc, effort.max_members)
    for member in tar:
        walk.take(member, reader)
    walk.finish()
    return walk
