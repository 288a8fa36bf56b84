"""From what the driver gives to what the records hold. Anything of another shape raises ValueError."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from itops.facts import Fact

_QUARTER_MINUTES = 15
_LARGEST_OFFSET = 56  # quarters of an hour: the Line Islands


def guid(value: object) -> str | None:
    """A uniqueidentifier in lower case."""
    if value is None:
        return None
    if isinstance(value, UUID):
        return str(value)
    raise ValueError(f"{value!r} is no uniqueidentifier")


def whole(value: object) -> int | None:
    """An int, bigint or numeric(25,0)."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return int(value)
    raise ValueError(f"{value!r} is no whole number")


def truth(value: object) -> bool | None:
    """A bit, or a number that stands for one."""
    number = int(value) if isinstance(value, bool) else whole(value)
    return None if number is None else number != 0


def words(value: object) -> str | None:
    """A text; None for an empty one."""
    if value is None or isinstance(value, str):
        return value or None
    raise ValueError(f"{value!r} is no text")


def moment(value: object, zone: tzinfo) -> datetime | None:
    """A datetime of the server's own clock, aware, UTC."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise ValueError(f"{value!r} is no moment")  # noqa: TRY004  all shapes fail alike here
    try:
        return value.replace(tzinfo=value.tzinfo or zone).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value!r} is out of range") from None


def offset_minutes(quarters: object) -> int | None:
    """The server's offset from UTC from `backupset.time_zone`, quarters of an hour; 127 means that nobody knows."""
    number = whole(quarters)
    return None if number is None or abs(number) > _LARGEST_OFFSET else number * _QUARTER_MINUTES


def fixed(minutes: int) -> tzinfo:
    """A zone with this offset."""
    return timezone(timedelta(minutes=minutes))


def server_zone(local: object, universal: object, zone: tzinfo, now: datetime) -> tzinfo:
    """The zone of a server whose clocks show this: `zone` when it has this offset today, else the bare offset.

    The office's zone knows when summer time began; a bare offset does not, and serves only where nothing else fits.
    """
    if not isinstance(local, datetime) or not isinstance(universal, datetime):
        return zone
    quarters = round((local - universal).total_seconds() / 60 / _QUARTER_MINUTES)
    if abs(quarters) > _LARGEST_OFFSET:
        return zone
    told = timedelta(minutes=quarters * _QUARTER_MINUTES)
    return zone if now.astimezone(zone).utcoffset() == told else timezone(told)


def known(facts: Mapping[str, Any]) -> dict[str, Fact]:
    """Without what is None: an absent fact was not told."""
    return {key: value for key, value in facts.items() if value is not None}
