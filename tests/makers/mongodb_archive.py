"""A simulation of `mongodump --archive`: written after the published format; the CRC is Python's own, bit by bit."""

import struct
from pathlib import Path

FORMAT = "mongodb-archive"
SUFFIX = ".archive"
OBJECT: str | None = "insurance"
OTHER: str | None = "payroll"
NEEDS: tuple[str, ...] = ()

TERMINATOR = b"\xff\xff\xff\xff"
_POLYNOMIAL = 0xC96C5795D7870F42


def crc64_bit_by_bit(data: bytes) -> int:
    register = 0xFFFF_FFFF_FFFF_FFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (_POLYNOMIAL if register & 1 else 0)
    return register ^ 0xFFFF_FFFF_FFFF_FFFF


def bson(**fields: object) -> bytes:
    body = b"".join(_field(name, value) for name, value in fields.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def _field(name: str, value: object) -> bytes:
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes([value])
    if isinstance(value, int):
        return b"\x12" + key + struct.pack("<q", value)
    text = str(value).encode() + b"\0"
    return b"\x02" + key + struct.pack("<i", len(text)) + text


def namespace(database: str, collection: str, *, ended: int | None = None) -> bytes:
    crc = 0 if ended is None else ended - (1 << 64) * (ended >> 63)
    return bson(db=database, collection=collection, EOF=ended is not None, CRC=crc)


def archive(database: str, documents: int = 60) -> bytes:
    """Two collections in turns, as two threads of mongodump write them."""
    names = ("policies", "claims")
    out = [
        b"\x6d\xe2\x99\x81",
        bson(concurrent_collections=4, version="0.1", server_version="6.0.5", tool_version="100.7.0"),
    ]
    out += [bson(db=database, collection=name, metadata='{"indexes":[]}', size=0, type="collection") for name in names]
    out += [bson(db=database, collection="open", metadata='{"viewOn":"policies"}', size=0, type="view"), TERMINATOR]
    said = dict.fromkeys(names, b"")
    for turn in range(3):
        for name in names:
            piece = b"".join(
                bson(number=turn * documents + row, holder=f"{database} {name} {row}", note="n" * 40)
                for row in range(documents)
            )
            said[name] += piece
            out += [namespace(database, name), piece, TERMINATOR]
    for name in names:
        out += [namespace(database, name, ended=crc64_bit_by_bit(said[name])), TERMINATOR]
    return b"".join(out)


def good(folder: Path) -> Path:
    target = folder / "dump.archive"
    target.write_bytes(archive("insurance"))
    return target


def another(folder: Path) -> Path:
    target = folder / "dump.archive"
    target.write_bytes(archive("payroll"))
    return target
