"""The WAL segments that a backup needs: there, of the right size, and read by pg_waldump from record to record.

Barman's check-backup looks for them too, but ends with 0 whatever it finds and marks the backup as failed for good,
which is not for us to do; verify-backup does not look at WAL at all.
"""

import bz2
import gzip
import lzma
import re
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from itops.backup.copies import Fault, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.facts import Fact
from itops.programs import run_program

_SEGMENT = re.compile(r"[0-9A-F]{24}")
_LONG_HEADER = struct.Struct("<HHIQI4xQII")  # magic, info, timeline, address, rest, system id, segment and block size
_PAGE_MAGICS = (0xD0, 0xD1)  # the high byte of the magic of PostgreSQL 9 to today
_IS_LONG = 0x0002
_LSN = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}", re.IGNORECASE)
_BLOCK = 1 << 20
_LONGEST_SEGMENT = 1 << 30  # initdb --wal-segsize takes no more
_WALDUMPS = ("/usr/lib/postgresql/{major}/bin/pg_waldump", "/usr/pgsql-{major}/bin/pg_waldump")


def needed_by(identity: Identity | None, paths: Sequence[Path]) -> tuple[Path, ...]:
    """The segments among the files that Barman names as needed; raises Unprovable when it does not name them all."""
    segments = tuple(path for path in paths if _SEGMENT.fullmatch(path.name))
    names = {path.name for path in segments}
    facts = {} if identity is None else identity.facts
    if not segments or facts.get("wal_start") not in names or facts.get("wal_stop") not in names:
        raise Unprovable("wal-unknown")
    return segments


def segment_faults(paths: Sequence[Path]) -> Iterator[Fault]:
    """What a look at each file tells; raises OSError when one may not be read."""
    for path in paths:
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                head = file.read(_LONG_HEADER.size)
        except (FileNotFoundError, NotADirectoryError):
            yield Fault(code="wal-missing", place=path.name)
            continue
        expected = _segment_bytes(head)
        if not head.strip(b"\0") or (expected is not None and expected != size):
            facts: dict[str, Fact] = {"size_bytes": size}
            if expected is not None:
                facts["expected_bytes"] = expected
            yield Fault(code="wal-damaged", place=path.name, facts=facts)


def _segment_bytes(head: bytes) -> int | None:
    """How long an uncompressed segment says it should be."""
    if len(head) < _LONG_HEADER.size:
        return None
    magic, info, *_, segment_bytes, _block = _LONG_HEADER.unpack(head)
    return int(segment_bytes) if magic >> 8 in _PAGE_MAGICS and info & _IS_LONG else None


def read_records(identity: Identity, segments: Sequence[Path], program: Path | None, effort: Effort) -> Fault | None:
    """Have pg_waldump read every record from the start of the backup to its end, each under its CRC.

    Raises Unprovable without the program, without the ends, or for a compression that is not ours to undo.
    """
    facts = identity.facts
    start, stop = str(facts.get("lsn_start")), str(facts.get("lsn_stop"))
    if not (_LSN.fullmatch(start) and _LSN.fullmatch(stop)):
        raise Unprovable("wal-unknown")
    waldump = _program(program, facts.get("postgresql"))
    folder = effort.scratch / "wal"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        for segment in segments:
            _lay_out(segment, folder / segment.name, effort)
        arguments: list[str | Path] = [waldump, "--stats", "--path", folder, "--start", start, "--end", stop]
        timeline = ["--timeline", str(facts["timeline"])] if "timeline" in facts else []
        outcome = run_program([*arguments, *timeline], seconds=effort.seconds_left)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if outcome.is_timeout:
        raise Unprovable("out-of-time", seconds=round(outcome.seconds))
    if outcome.code == 0:
        return None
    return Fault(code="wal-damaged", place=f"{start} - {stop}", facts={"reason": outcome.stderr.strip()[-300:]})


def _program(named: Path | None, version: Fact) -> Path:
    """pg_waldump of the server's major version: another one does not understand its records."""
    major = version // 10000 if isinstance(version, int) else ""
    if named is not None:
        candidates = [named]
    else:
        candidates = [Path(pattern.format(major=major)) for pattern in _WALDUMPS]
        candidates += [Path(found)] if (found := shutil.which("pg_waldump")) else []
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise Unprovable("program-missing", program=f"pg_waldump {major}".strip())


def _lay_out(segment: Path, place: Path, effort: Effort) -> None:
    """A link to the segment, or what it unpacks to; raises Damaged when it does not."""
    with segment.open("rb") as file:
        head = file.read(_LONG_HEADER.size)
    if _segment_bytes(head) is not None:
        place.symlink_to(segment.absolute())
        return
    opened = _unpacked(head, segment)
    if opened is None:
        raise Unprovable("compressed", place=segment.name)
    try:
        with opened as source, place.open("xb") as target:
            while block := source.read(_BLOCK):
                effort.tick()
                if target.tell() + len(block) > _LONGEST_SEGMENT:
                    raise damaged("bomb", segment.name, unpacked_bytes=target.tell() + len(block))
                target.write(block)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as failure:
        raise damaged("wal-damaged", segment.name, reason=str(failure)[:300]) from failure


def _unpacked(head: bytes, segment: Path) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile | None:
    if head.startswith(b"\x1f\x8b"):
        return gzip.open(segment)
    if head.startswith(b"BZh"):
        return bz2.open(segment)
    if head.startswith(b"\xfd7zXZ\0"):
        return lzma.open(segment)
    return None
