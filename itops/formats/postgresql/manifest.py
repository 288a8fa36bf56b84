"""`backup_manifest` of pg_basebackup: every file with size and checksum, the WAL that is needed, and its own SHA-256.

Source: the documented format of the manifest, versions 1 (PostgreSQL 13) and 2 (17).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from itops.backup.contents import Content
from itops.backup.copies import Fault
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.formats.compressed_text import is_crlf_mangled
from itops.formats.crc32c import crc32c

NAME = "backup_manifest"
MARK = b'"PostgreSQL-Backup-Manifest-Version"'
_LONGEST = 256 * MIB  # some 1.4 million files
_SIGNATURE = re.compile(rb'\n"Manifest-Checksum": "([0-9a-f]{64})"\}\n\Z')
_LSN = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")
_SEGMENT = re.compile(r"pg_wal/([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})")
_SEGMENT_SIZES = tuple(MIB << shift for shift in range(11))  # 1 MiB to 1 GiB
# What pg_verifybackup, too, does not compare: it is written, or may be changed, after the manifest.
_UNCOMPARED = (NAME, "postgresql.auto.conf", "recovery.signal", "standby.signal")
WAL = "pg_wal/"
_MOST_FAULTS = 20
_MOST_WAL = 1_000_000  # files: 16 TiB written while the backup ran


class Checksum(Protocol):
    """Fed with a file, tells its checksum as the manifest writes it."""

    def update(self, data: bytes) -> None:
        """Feed more."""

    def hexdigest(self) -> str:
        """In lower-case hex."""
        ...


class _Crc32cHex:
    def __init__(self) -> None:
        self._crc = 0

    def update(self, data: bytes) -> None:
        self._crc = crc32c(data, self._crc)

    def hexdigest(self) -> str:
        return self._crc.to_bytes(4, "little").hex()


_ALGORITHMS: Mapping[str, Callable[[], Checksum]] = {
    "CRC32C": _Crc32cHex,
    "SHA224": hashlib.sha224,
    "SHA256": hashlib.sha256,
    "SHA384": hashlib.sha384,
    "SHA512": hashlib.sha512,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedIn:
    """A file as the manifest lists it."""

    path: str
    size_bytes: int
    algorithm: str | None  # None: made with --manifest-checksums=NONE
    checksum: str

    def checksum_of(self, pieces: Iterable[bytes], effort: Effort) -> str | None:
        """The checksum of its content, as the manifest would write it."""
        if self.algorithm is None:
            return None
        running = _ALGORITHMS[self.algorithm]()
        for piece in pieces:
            effort.tick()
            running.update(piece)
        return running.hexdigest()

    def size_fault(self, size_bytes: int) -> Fault | None:
        """Whether it is shorter or longer than it was."""
        difference = self.size_bytes - size_bytes
        if difference > 0:
            return Fault(code="cut", place=self.path, facts={"missing_bytes": difference})
        if difference < 0:
            return Fault(code="junk-appended", place=self.path, facts={"extra_bytes": -difference})
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalRange:
    """WAL that a restore needs."""

    timeline: int
    start: int
    end: int

    def numbers(self, size: int) -> range:
        """Of its files, each so large, since the beginning of all WAL."""
        return range(self.start // size, max(self.start, self.end - 1) // size + 1)

    def segment(self, number: int, size: int) -> str:
        """The name of the file with that number since the beginning of all WAL."""
        per_log = (1 << 32) // size
        return f"{self.timeline:08X}{number // per_log:08X}{number % per_log:08X}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest whose own checksum fits."""

    files: Mapping[str, ListedIn]
    wal: tuple[WalRange, ...]
    system_identifier: int | None  # since version 2

    @property
    def is_checked(self) -> bool:
        """Whether every file has a checksum."""
        return all(file.algorithm is not None for file in self.files.values())

    def compared(self) -> dict[str, ListedIn]:
        """The files that must be as they were."""
        return {path: file for path, file in self.files.items() if path not in _UNCOMPARED}

    def names_faults(self, present: Mapping[str, int]) -> tuple[Fault, ...]:
        """Compare with the files that are there, by path with their sizes: missing, cut, longer, never listed."""
        faults: list[Fault] = []
        compared = self.compared()
        missing = [path for path in compared if path not in present]
        if missing:
            facts = {"missing_members": len(missing)}
            faults.append(Fault(code="member-missing", place=missing[0], facts=facts))
        sizes = (file.size_fault(present[path]) for path, file in compared.items() if path in present)
        faults += [fault for fault in sizes if fault is not None][:_MOST_FAULTS]
        unlisted = [path for path in present if self._is_unlisted(path)]
        if unlisted:
            facts = {"unlisted_members": len(unlisted)}
            faults.append(Fault(code="member-unlisted", place=unlisted[0], facts=facts))
        return tuple(faults)

    def _is_unlisted(self, path: str) -> bool:
        """A file in a folder of the database that the manifest does not know; a note at the top harms nothing."""
        return "/" in path and not path.startswith(WAL) and path not in self.files

    def missing_wal(self, present: Mapping[str, int]) -> tuple[int, list[str]]:
        """How many WAL files are needed, and which are not there. Raises Damaged("cut"), Unprovable."""
        size = segment_bytes(present)
        count = sum(len(part.numbers(size)) for part in self.wal)
        if count > _MOST_WAL:
            raise Unprovable("too-many-members", members=count)
        needed = [part.segment(number, size) for part in self.wal for number in part.numbers(size)]
        for name in needed:
            if (length := present.get(WAL + name, size)) < size:
                raise damaged("cut", WAL + name, missing_bytes=size - length)
        return len(needed), [name for name in needed if present.get(WAL + name) != size]


def segment_bytes(present: Mapping[str, int]) -> int:
    """How large a WAL file is on that server: as those that are there, 16 MiB where none is."""
    sizes = [size for path, size in present.items() if _SEGMENT.fullmatch(path)]
    return max((size for size in sizes if size in _SEGMENT_SIZES), default=16 * MIB)


def read_manifest(content: Content, effort: Effort) -> Manifest:
    """Raises Damaged (checksum-mismatch, structure-damaged, unfinished, line-endings), Unprovable(too-many-members)."""
    if content.size_bytes > _LONGEST:
        raise Unprovable("too-many-members", bytes=content.size_bytes)
    effort.tick()
    data = b"".join(content.chunks())
    found = _SIGNATURE.search(data)
    if found is None:
        if is_crlf_mangled(data):
            raise damaged("line-endings", NAME)
        raise damaged("unfinished", NAME, ending="Manifest-Checksum")
    if hashlib.sha256(data[: found.start() + 1]).hexdigest().encode() != found[1]:
        raise damaged("line-endings" if is_crlf_mangled(data) else "checksum-mismatch", NAME)
    try:
        return _manifest(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise damaged("structure-damaged", NAME) from error


def _manifest(record: Mapping[str, Any]) -> Manifest:
    files = [_file(file) for file in record["Files"]]
    by_path = {file.path: file for file in files}
    if len(by_path) != len(files):
        raise ValueError("a file is listed twice")
    identifier = record.get("System-Identifier")
    return Manifest(
        files=by_path,
        wal=tuple(map(_wal_range, record.get("WAL-Ranges", ()))),
        system_identifier=int(identifier) if identifier is not None else None,
    )


def _file(record: Mapping[str, Any]) -> ListedIn:
    encoded = record.get("Encoded-Path")  # hex, for what is no UTF-8
    path = bytes.fromhex(encoded).decode("utf-8", "surrogateescape") if encoded is not None else record["Path"]
    algorithm = record.get("Checksum-Algorithm")
    if not isinstance(path, str) or algorithm not in (None, *_ALGORITHMS):
        raise ValueError("no such file or algorithm")
    size = int(record["Size"])
    return ListedIn(path=path, size_bytes=size, algorithm=algorithm, checksum=str(record.get("Checksum", "")))


def _wal_range(record: Mapping[str, Any]) -> WalRange:
    start, end = _lsn(record["Start-LSN"]), _lsn(record["End-LSN"])
    if not start <= end <= start + (1 << 50):
        raise ValueError("a range that goes backwards")
    return WalRange(timeline=int(record["Timeline"]), start=start, end=end)


def _lsn(text: str) -> int:
    found = _LSN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1], 16) << 32 | int(found[2], 16)


def checksum_faults(wrong: list[str]) -> Damaged:
    """What to raise for files whose checksum does not fit."""
    facts = {"wrong_members": len(wrong)}
    return Damaged(*(Fault(code="checksum-mismatch", place=path, facts=facts) for path in wrong[:_MOST_FAULTS]))
