"""pg_dump archives written by hand, in any version and packing; base backups with their manifest and some WAL."""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import zstandard

from itops.formats.crc32c import crc32c

ROWS = b"".join(b"%d\tholder %d\n" % (number, number * 7919 % 10007) for number in range(400)) + b"\\.\n\n\n"
LARGE_OBJECTS = {16402: b"\xde\xad\xbe\xef", 16403: bytes(range(256)) * 20}
PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": zlib.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=False).compress,
    "lz4": lambda data: b"\x04\x22\x4d\x18" + data,
}
_CODES = {"none": 0, "gzip": 1, "lz4": 2, "zstd": 3}


@dataclass(frozen=True)
class Entry:
    """One entry; `data` None for one without."""

    what: str
    tag: str
    data: bytes | None = None
    copy: str = ""
    file: str = ""


ENTRIES = (
    Entry("ENCODING", "ENCODING"),
    Entry("TABLE", "policies"),
    Entry("TABLE DATA", "policies", ROWS, "COPY public.policies (id, holder) FROM stdin;\n", "3.dat"),
    Entry("BLOB", "16402"),
    Entry("BLOB", "16403"),
    Entry("BLOBS", "BLOBS", b"", "", "blobs.toc"),
)


def integer(value: int) -> bytes:
    return bytes([value < 0]) + abs(value).to_bytes(4, "little")


def text(value: str | None) -> bytes:
    data = (value or "").encode()
    return integer(-1) if value is None else integer(len(data)) + data


def header(
    *,
    version: tuple[int, int] = (1, 14),
    kind: int = 1,
    packing: str = "gzip",
    moment: Sequence[int] = (48, 24, 16, 22, 10, 126, 0),
    database: str = "Insurance",
    entries: int = len(ENTRIES),
) -> bytes:
    compression = bytes([_CODES[packing]]) if version >= (1, 15) else integer(0 if packing == "none" else -1)
    start = b"PGDMP" + bytes([*version, 0, 4, 8, kind]) + compression
    names = text(database) + text("15.18 (Debian 15.18-0+deb12u1)") + text("15.18 (Debian 15.18-0+deb12u1)")
    return start + b"".join(map(integer, moment)) + names + integer(entries)


def _entry(entry: Entry, number: int, version: tuple[int, int], place: bytes) -> bytes:
    parts = [integer(number), integer(entry.data is not None), text("0"), text("0"), text(entry.tag), text(entry.what)]
    parts += [integer(3), text(f"-- {entry.tag}\n" * 8), text(""), text(entry.copy), text("public"), text(None)]
    parts += [text(None)] if version >= (1, 14) else []
    parts += [integer(114)] if version >= (1, 16) else []
    parts += [text("itops"), text("false"), text("1"), text(None), place]
    return b"".join(parts)


def contents(
    entries: Sequence[Entry] = ENTRIES, *, version: tuple[int, int] = (1, 14), offsets: Mapping[int, int] | None = None
) -> bytes:
    """The entries; `offsets` by number for a custom file, None for the others."""
    found = []
    for number, entry in enumerate(entries, 1):
        if offsets is None:
            place = text(entry.file)
        else:
            state = 3 if entry.data is None else 2 if number in offsets else 1
            place = bytes([state]) + offsets.get(number, 0).to_bytes(8, "little")
        found.append(_entry(entry, number, version, place))
    return b"".join(found)


def _chunks(data: bytes, packing: str) -> bytes:
    packed = PACKERS[packing](data)
    pieces = [packed[start : start + 4096] for start in range(0, len(packed), 4096)]
    return b"".join(integer(len(piece)) + piece for piece in pieces) + integer(0)


def _block(number: int, entry: Entry, packing: str) -> bytes:
    if entry.what != "BLOBS":
        return b"\x01" + integer(number) + _chunks(entry.data or b"", packing)
    objects = b"".join(integer(oid) + _chunks(data, packing) for oid, data in LARGE_OBJECTS.items())
    return b"\x03" + integer(number) + objects + integer(0)


def custom(
    entries: Sequence[Entry] = ENTRIES,
    *,
    version: tuple[int, int] = (1, 14),
    packing: str = "gzip",
    has_offsets: bool = True,
    **more: str,
) -> bytes:
    """A whole custom file."""
    front = header(version=version, packing=packing, entries=len(entries), **more)  # type: ignore[arg-type]
    blocks = {n: _block(n, entry, packing) for n, entry in enumerate(entries, 1) if entry.data is not None}
    position = len(front) + len(contents(entries, version=version, offsets={}))
    offsets = {}
    for number, block in blocks.items():
        offsets[number] = position
        position += len(block)
    return (
        front + contents(entries, version=version, offsets=offsets if has_offsets else {}) + b"".join(blocks.values())
    )


def directory(packing: str = "gzip", version: tuple[int, int] = (1, 14)) -> dict[str, bytes]:
    """The files of a directory dump."""
    suffix = {"none": "", "gzip": ".gz", "zstd": ".zst", "lz4": ".lz4"}[packing]
    pack = gzip.compress if packing == "gzip" else PACKERS[packing]
    objects = {f"blob_{oid}.dat{suffix}": pack(data) for oid, data in LARGE_OBJECTS.items()}
    toc = header(version=version, kind=3, packing=packing) + contents(version=version)
    return {"toc.dat": toc, f"3.dat{suffix}": pack(ROWS), "blobs.toc": _list(), **objects}


def _list() -> bytes:
    return b"".join(b"%d blob_%d.dat\n" % (oid, oid) for oid in LARGE_OBJECTS)


def tar(leave_out: str = "") -> bytes:
    """A whole tar dump."""
    toc = header(kind=3, packing="none") + contents()
    objects = {f"blob_{oid}.dat": data for oid, data in LARGE_OBJECTS.items()}
    members = {"toc.dat": toc, "3.dat": ROWS, "blobs.toc": _list(), **objects, "restore.sql": b"-- it\n"}
    return packed_tar({name: data for name, data in members.items() if name != leave_out})


def packed_tar(members: Mapping[str, bytes]) -> bytes:
    """A tar with its two ending blocks and no padding, as PostgreSQL writes it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        size = archive.offset
    return buffer.getvalue()[: size + 1024]


# -- base backups

_SEGMENT = 1 << 20
START = 2 * _SEGMENT + 40


def wal(records: Sequence[bytes], start: int = START) -> tuple[bytes, int]:
    """One WAL file of 1 MiB with these records from `start` on, and where the last one ends."""
    begin = start // _SEGMENT * _SEGMENT
    data = bytearray(_SEGMENT)
    position = start
    _page_header(data, begin, begin, 0)
    previous = 0
    for body in records:
        front = (24 + len(body)).to_bytes(4, "little") + bytes(4) + previous.to_bytes(8, "little") + b"\x00\x0a\x00\x00"
        record = front + crc32c(front, crc32c(body)).to_bytes(4, "little") + body
        previous = position
        while record:
            if position % 8192 == 0:
                _page_header(data, begin, position, len(record) if position != previous else 0)
                position += 24
            room = 8192 - position % 8192
            data[position - begin : position - begin + len(record[:room])] = record[:room]
            position += len(record[:room])
            record = record[room:]
        position = -(-position // 8) * 8
    return bytes(data), position


def _page_header(data: bytearray, begin: int, position: int, remaining: int) -> None:
    flags = (2 if position == begin else 0) | (1 if remaining else 0)
    header_ = (0xD110).to_bytes(2, "little") + flags.to_bytes(2, "little") + (1).to_bytes(4, "little")
    header_ += position.to_bytes(8, "little") + remaining.to_bytes(4, "little")
    data[position - begin : position - begin + len(header_)] = header_


LABEL = (
    b"START WAL LOCATION: 0/200028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/200060\n"
    b"BACKUP METHOD: streamed\nBACKUP FROM: primary\nSTART TIME: 2026-11-22 19:54:49 +0330\nLABEL: nightly\n"
)
RECORDS = tuple(bytes([number % 251]) * (number * 37 % 3000) for number in range(1, 40))
WAL_NAME = "pg_wal/000000010000000000000002"
_SUMS: Mapping[str, Callable[[bytes], str]] = {
    "CRC32C": lambda data: crc32c(data).to_bytes(4, "little").hex(),
    "SHA224": lambda data: hashlib.sha224(data).hexdigest(),
    "SHA256": lambda data: hashlib.sha256(data).hexdigest(),
    "SHA384": lambda data: hashlib.sha384(data).hexdigest(),
    "SHA512": lambda data: hashlib.sha512(data).hexdigest(),
}


def cluster() -> dict[str, bytes]:
    """The files of a cluster, without WAL."""
    control = (7_711_032_617_388_885_012).to_bytes(8, "little") + bytes(8184)
    return {
        "backup_label": LABEL,
        "PG_VERSION": b"15\n",
        "global/pg_control": control,
        "base/1/1259": bytes(range(256)) * 64,
        "base/1/empty": b"",
    }


def manifest(files: Mapping[str, bytes], end: int, algorithm: str | None = "CRC32C") -> bytes:
    """A manifest over them with its own checksum."""
    listed = []
    for name, data in files.items():
        entry: dict[str, object] = {"Path": name, "Size": len(data), "Last-Modified": "2026-11-22 16:24:49 GMT"}
        if algorithm is not None:
            entry |= {"Checksum-Algorithm": algorithm, "Checksum": _SUMS[algorithm](data)}
        listed.append(json.dumps(entry))
    wal_range = {"Timeline": 1, "Start-LSN": "0/200028", "End-LSN": f"{end >> 32:X}/{end & 0xFFFFFFFF:X}"}
    body = '{ "PostgreSQL-Backup-Manifest-Version": 1,\n"Files": [\n' + ",\n".join(listed) + "\n],\n"
    body += '"WAL-Ranges": [\n' + json.dumps(wal_range) + "\n],\n"
    return body.encode() + f'"Manifest-Checksum": "{hashlib.sha256(body.encode()).hexdigest()}"}}\n'.encode()


def base_backup(algorithm: str | None = "CRC32C") -> dict[str, bytes]:
    """The files of a plain base backup."""
    files, (log, end) = cluster(), wal(RECORDS)
    return {**files, "backup_manifest": manifest(files, end, algorithm), WAL_NAME: log}


def base_backup_tar(pack: Callable[[bytes], bytes] = bytes, suffix: str = "") -> dict[str, bytes]:
    """The files of a base backup in tars."""
    files, (log, end) = cluster(), wal(RECORDS)
    logs = packed_tar({WAL_NAME.removeprefix("pg_wal/"): log})
    tars = {f"base.tar{suffix}": pack(packed_tar(files)), f"pg_wal.tar{suffix}": pack(logs)}
    return {**tars, "backup_manifest": manifest(files, end)}
