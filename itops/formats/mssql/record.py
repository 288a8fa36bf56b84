"""The SCIN record of a backup set: the database, the server, the kind, the moments and the log sequence numbers.

It stands in the MQCI stream of the MSCI block when the backup begins, and again, completed, in the MSLS block.
"""

import struct
from dataclasses import dataclass
from datetime import datetime

from itops.backup.formats import Unprovable
from itops.formats.mssql.blocks import MOST_FIELDS, Block
from itops.formats.mssql.fields import date_at, guid_at, lsn_at, text_at
from itops.formats.mssql.window import Window

HAS_CHECKSUMS = 16
MADE_DAMAGED = 32
INCOMPLETE_METADATA = 128
_SHORTEST = 112  # up to the server's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One SCIN record. Moments are naive: the server's local time."""

    flags: int
    build: str  # "10.50.1600"
    kind: str  # D, I, L, or another letter of msdb
    first_lsn: int
    last_lsn: int
    checkpoint_lsn: int
    database_backup_lsn: int
    created: datetime | None  # the database
    started: datetime | None
    finished: datetime | None  # None until the backup is finished
    compatibility: int
    database_version: int
    backup_bytes: int  # of the whole set, all stripes
    database: str | None
    server: str | None
    base_id: str | None


def read_record(window: Window, block: Block) -> Record:
    """The record of an MSCI or MSLS block; raises Unprovable("structure-unknown") where there is none."""
    stream = next((stream for stream in block.streams if stream.kind == b"MQCI"), None)
    payload = b"" if stream is None else window.at(stream.payload, min(stream.length, MOST_FIELDS))
    begin = payload.find(b"SCIN")
    if begin < 0 or len(payload) < begin + _SHORTEST:
        raise Unprovable("structure-unknown", block=block.kind.decode("ascii"))
    try:
        return _parse(payload[begin:])
    except ValueError as error:  # the record has no checksum of its own: an impossible date is all that can be seen
        raise window.wrong("header-damaged", block.offset) from error


def _parse(record: bytes) -> Record:
    flags, build, minor, major = struct.unpack_from("<I12xHBB", record, 8)
    compatibility, version, size = struct.unpack_from("<B2xHQ", record, 91)
    return Record(
        flags=flags,
        build=f"{major}.{minor}.{build}",
        kind=record[87:88].decode("latin-1"),
        first_lsn=lsn_at(record, 32),
        last_lsn=lsn_at(record, 42),
        checkpoint_lsn=lsn_at(record, 52),
        database_backup_lsn=lsn_at(record, 62),
        created=_tolerant_date(record, 72),
        started=date_at(record, 77),
        finished=date_at(record, 82),
        compatibility=compatibility,
        database_version=version,
        backup_bytes=size,
        database=text_at(record, 104),
        server=text_at(record, 108),
        base_id=_base_id(record),
    )


def _base_id(record: bytes) -> str | None:
    """The GUID of the differential base, where the record has room for it before its first text."""
    (texts,) = struct.unpack_from("<H", record, 106)
    return guid_at(record, 200) if texts >= 216 else None


def _tolerant_date(record: bytes, offset: int) -> datetime | None:
    """Of no consequence: an odd one is left out."""
    try:
        return date_at(record, offset)
    except ValueError:
        return None
