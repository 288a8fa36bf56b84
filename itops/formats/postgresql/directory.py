"""Format `pg-dump-directory`: `pg_dump -Fd`, a folder with `toc.dat` and a file for each entry with data."""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.formats.compressed_text import Unpacking, is_crlf_mangled, packing_of
from itops.formats.postgresql.archive import MAGIC, TAR, Contents, Header, read_archive, read_header
from itops.formats.postgresql.large_objects import LargeObjects, list_name
from itops.formats.postgresql.rows import Rows

_TOC = "toc.dat"
_SUFFIXES = {"none": "", "gzip": ".gz", "lz4": ".lz4", "zstd": ".zst"}
_DATA = re.compile(r"(\d{1,10}|blob_\d{1,10})\.dat(\.gz|\.lz4|\.zst)?")
_LONGEST_LIST = 256 * MIB


class PgDumpDirectory:
    """A folder of `pg_dump --format=directory`."""

    name: ClassVar[str] = "pg-dump-directory"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """By its table of contents; or, where that is damaged, by having one and files of data beside it."""
        toc = thing.member(_TOC) if thing.is_folder else None
        if toc is None:
            return False
        return toc.read_at(0, len(MAGIC)) == MAGIC or any(_DATA.fullmatch(file.name) for file in thing.files)

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From the header of `toc.dat`."""
        toc = _member(thing, _TOC)
        header = read_header(toc.read_at(0, 4096), toc.size_bytes, effort)
        if header.format != TAR:
            raise damaged("header-damaged", "format")
        return header.identity

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every file that the contents name is there, and each can be read, unpacked, to its end."""
        header, contents = _toc(thing, effort)
        files = {file.name: file for file in thing.files}
        facts = _Files(files, header, effort).check(contents)
        return contents.refine(identity, **facts)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The walk has unpacked every file, under gzip's CRC where it is gzip; the SQL in `toc.dat` has none."""
        if not identity.facts.get("is_checked"):
            raise Unprovable("no-checksums", packing=identity.facts.get("compression"))
        raise Unprovable("partly-checked", unchecked_bytes=_member(thing, _TOC).size_bytes)


class _Files:
    """The data files of a dump."""

    def __init__(self, files: Mapping[str, Content], header: Header, effort: Effort) -> None:
        self._files = files
        self._header = header
        self._effort = effort
        self._packed = sum(content.size_bytes for content in files.values())
        self._read_bytes = 0
        self._is_checked = True

    def check(self, contents: Contents) -> dict[str, int | bool]:
        """Read them all. Raises Damaged(member-missing, cut, unfinished ...)."""
        objects: set[str] = set()
        for entry in contents.data:
            if not entry.what.startswith("BLOB"):
                self._read(entry.file, is_copy=entry.is_copy)
                continue
            for name in self._listed(list_name(self._header, entry)):
                self._read(name, is_copy=False)
                objects.add(name)
        self._no_more(objects)
        contents.check_large_objects(len(objects))
        return {
            "data_bytes": self._read_bytes,
            "large_objects": len(objects),
            "is_checked": self._is_checked,
        }

    def _listed(self, name: str) -> Iterator[str]:
        """The files of the large objects that the list `name` names."""
        content = self._files.get(name)
        if content is None:
            raise damaged("member-missing", name)
        if content.size_bytes > _LONGEST_LIST:
            raise Unprovable("too-many-members", bytes=content.size_bytes)
        objects = LargeObjects(name)
        for chunk in content.chunks():
            yield from objects.fed(chunk)
        objects.finish()

    def _no_more(self, objects: set[str]) -> None:
        """No large object is there that no list names: else the list was cut."""
        for name in self._files:
            if name.startswith("blob_") and name.partition(".dat")[0] + ".dat" not in objects:
                raise damaged("member-unlisted", name)

    def _read(self, name: str, *, is_copy: bool) -> None:
        content = self._found(name)
        packing = packing_of(content.read_at(0, 16)) if content.name != name else None
        if content.name != name and packing != self._header.compression:
            raise damaged("not-its-format" if content.size_bytes else "cut", content.name)
        rows = Rows(name, is_copy=is_copy)
        unpacked = Unpacking(content, packing, self._effort, packed=self._packed)
        for piece in unpacked.chunks():
            rows.watch(piece)
        rows.finish()
        self._is_checked = self._is_checked and unpacked.is_checked
        self._read_bytes += rows.size_bytes

    def _found(self, name: str) -> Content:
        """Itself, or with the suffix of its packing; older headers say only whether it is packed."""
        for suffix in ("", _SUFFIXES[self._header.compression]):
            if (content := self._files.get(name + suffix)) is not None:
                return content
        raise damaged("member-missing", name)


def _toc(thing: Thing, effort: Effort) -> tuple[Header, Contents]:
    toc = _member(thing, _TOC)
    try:
        return read_archive(toc.chunks(), toc.size_bytes, effort, _TOC)
    except Damaged as damage:
        if is_crlf_mangled(toc.read_at(0, MIB)):
            raise damaged("line-endings", _TOC) from damage
        raise


def _member(thing: Thing, name: str) -> Content:
    content = thing.member(name)
    if content is None:
        raise damaged("member-missing", name)
    return content
