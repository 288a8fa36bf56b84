"""Format `sqlite`: a database file of SQLite, from `.backup`, `VACUUM INTO` or a copy of the file.

SQLite itself says "ok" of a file of 0 bytes, and has no checksums: its check of integrity proves the structure, the
indexes against their tables and the constraints, not the letters of a text that no index covers. So a sound file is
complete, and no more.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.compressed_text import is_crlf_mangled

MAGIC = b"SQLite format 3\0"
_MANGLED_MAGIC = b"SQLite format 3"
_HEADER_BYTES = 100
_ENCODINGS = {1: "UTF-8", 2: "UTF-16le", 3: "UTF-16be"}
_LARGEST_COPY = 8 << 30  # of a file that lies elsewhere
_STEPS = 100_000  # of SQLite's machine between two looks at the clock: some milliseconds
_MOST_MESSAGES = 20
# SQLite lacks something the application brings along: that is no damage.
_FOREIGN = ("no such collation", "no such function", "no such module", "unknown tokenizer", "unknown function")
_SIDECARS = ("-wal", "-journal")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """The first 100 bytes."""

    page_bytes: int
    pages: int | None  # None: written by something too old to keep the count
    is_wal: bool
    encoding: str
    made_by: str

    @property
    def facts(self) -> dict[str, Fact]:
        return {"page_bytes": self.page_bytes, "pages": self.pages, "encoding": self.encoding, "is_wal": self.is_wal}


class Sqlite:
    """A database file of SQLite 3."""

    name: ClassVar[str] = "sqlite"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = (".sqlite", ".sqlite3", ".db3")

    def recognises(self, thing: Thing) -> bool:
        """By its first 15 letters."""
        return not thing.is_folder and thing.head.startswith(_MANGLED_MAGIC)

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From its header, which names no database."""
        header = _header(thing)
        return Identity(kind=CopyKind.FULL, made_by=header.made_by, facts=header.facts)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """As many pages as it counts; no log or journal beside it, whose transactions it may lack; and SQLite's own
        check of integrity, read-only, of the file where it lies or of a copy of it.
        """
        header = _header(thing)
        size, odd = thing.size_bytes, thing.size_bytes % header.page_bytes
        expected = size - odd if header.pages is None else header.pages * header.page_bytes
        if size < expected or (odd and header.pages is None):
            missing = expected - size if size < expected else header.page_bytes - odd
            raise _told(thing, damaged("cut", missing_bytes=missing, expected_bytes=size + missing, size_bytes=size))
        if size > expected:
            raise _told(thing, damaged("junk-appended", extra_bytes=size - expected))
        if sidecar := _sidecar(thing.file):
            raise Unprovable("open-transactions", file=sidecar.name, bytes=sidecar.stat().st_size)
        with _at_hand(thing.file, effort) as path:
            messages = _integrity(path, effort)
        if messages != ["ok"]:
            faults = (Fault(code="structure-damaged", place=message[:200]) for message in messages[:_MOST_MESSAGES])
            raise Damaged(*faults)
        return replace(identity, facts={**identity.facts, "integrity_check": "ok"})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _header(thing: Thing) -> _Header:
    """Raises Damaged: cut, header-damaged, line-endings."""
    head = thing.head[:_HEADER_BYTES]
    if len(head) < _HEADER_BYTES:
        raise damaged("cut", missing_bytes=_HEADER_BYTES - len(head), size_bytes=thing.size_bytes)
    page_bytes = int.from_bytes(head[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    encoding, version = int.from_bytes(head[56:60], "big"), int.from_bytes(head[96:100], "big")
    is_sound = (
        head.startswith(MAGIC)
        and page_bytes in {512 << shift for shift in range(8)}
        and head[18] in {1, 2}
        and head[19] in {1, 2}
        and head[21:24] == b"\x40\x20\x20"
        and encoding in {0, *_ENCODINGS}
    )
    if not is_sound:
        raise _told(thing, damaged("header-damaged"))
    # Only a version that keeps the count leaves the two counters equal.
    is_counted = head[24:28] == head[92:96]
    pages = int.from_bytes(head[28:32], "big") if is_counted else 0
    number = f" {version // 1_000_000}.{version // 1000 % 1000}.{version % 1000}" if version else ""
    return _Header(
        page_bytes=page_bytes,
        pages=pages or None,
        is_wal=head[18] == 2,
        encoding=_ENCODINGS.get(encoding, "UTF-8"),
        made_by=f"SQLite{number}",
    )


def _told(thing: Thing, damage: Damaged) -> Damaged:
    """A transfer in text mode, where that explains it."""
    return damaged("line-endings") if is_crlf_mangled(thing.file.read_at(0, MIB)) else damage


def _sidecar(content: Content) -> Path | None:
    """The log or journal beside it, unless empty."""
    if content.local_path is None:
        return None
    for suffix in _SIDECARS:
        beside = content.local_path.with_name(content.local_path.name + suffix)
        if beside.is_file() and beside.stat().st_size > 0:
            return beside
    return None


@contextmanager
def _at_hand(content: Content, effort: Effort) -> Iterator[Path]:
    """A path that SQLite can open. Raises Unprovable("not-local") for what is too large to be copied."""
    if content.local_path is not None:
        yield content.local_path.absolute()
        return
    free = shutil.disk_usage(effort.scratch).free
    if content.size_bytes > min(_LARGEST_COPY, free // 2):
        raise Unprovable("not-local", size_bytes=content.size_bytes)
    copy = effort.scratch.absolute() / "copy.sqlite"
    try:
        with copy.open("wb") as file:
            for chunk in content.chunks():
                effort.tick()
                file.write(chunk)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _integrity(path: Path, effort: Effort) -> list[str]:
    """What `PRAGMA integrity_check` says; nothing in the file may make it do more than look."""
    import sqlite3  # noqa: PLC0415  only an examination needs it

    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.text_factory = bytes
            connection.set_progress_handler(lambda: int(effort.seconds_left <= 0), _STEPS)
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA cell_size_check=ON")
            rows = connection.execute(f"PRAGMA integrity_check({_MOST_MESSAGES})").fetchall()
    except sqlite3.Error as error:
        effort.tick()  # it may have been we who stopped it
        messages = [str(error)]
    except UnicodeDecodeError as error:  # a message that quotes what is no text
        messages = [error.object.decode("utf-8", "replace")]
    else:
        messages = ["; ".join(row[0].decode("utf-8", "replace").splitlines()) for row in rows]
    if foreign := next((text for text in messages if any(words in text for words in _FOREIGN)), None):
        raise Unprovable("extension-missing", message=foreign[:200])
    return messages
