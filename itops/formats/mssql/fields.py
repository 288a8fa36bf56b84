"""The values inside blocks and records: strings, dates, GUIDs, log sequence numbers."""

import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

_UNKNOWN_OFFSET = 127
_QUARTERS = range(-4 * 14, 4 * 14 + 1)  # no place on earth is further from UTC
_YEARS = range(1980, 2200)


def text_at(fields: bytes, offset: int) -> str | None:
    """A UTF-16 string given by its length and place in bytes, counted from the start of its block or record."""
    length, place = struct.unpack_from("<HH", fields, offset)
    text = fields[place : place + length]
    return text[: len(text) & ~1].decode("utf-16-le", "replace").split("\0")[0] or None


def date_at(fields: bytes, offset: int) -> datetime | None:
    """A local moment of 40 bits, naive; None for zeros; raises ValueError for what is no date."""
    value = int.from_bytes(fields[offset : offset + 5], "big")
    if not value:
        return None
    year = value >> 26
    if year not in _YEARS:
        raise ValueError(f"year {year}")
    return datetime(  # noqa: DTZ001  the server's local time: its offset stands elsewhere
        year, value >> 22 & 15, value >> 17 & 31, value >> 12 & 31, value >> 6 & 63, value & 63
    )


def guid_at(fields: bytes, offset: int) -> str | None:
    """A GUID in lower case; None for zeros or past the end."""
    value = fields[offset : offset + 16]
    return str(UUID(bytes_le=value)) if len(value) == 16 and any(value) else None


def lsn_at(fields: bytes, offset: int) -> int:
    """A log sequence number as msdb prints it."""
    log_file, block, slot = struct.unpack_from("<IIH", fields, offset)
    return int(log_file * 10**15 + block * 10**5 + slot)


def offset_minutes(quarters: int) -> int | None:
    """Minutes from UTC; None where the tape says "not known" or nonsense."""
    return quarters * 15 if quarters != _UNKNOWN_OFFSET and quarters in _QUARTERS else None


def to_utc(local: datetime | None, minutes: int | None) -> datetime | None:
    """The aware moment; None without a date or without an offset: a guess would be worse."""
    if local is None or minutes is None:
        return None
    return (local - timedelta(minutes=minutes)).replace(tzinfo=UTC)
