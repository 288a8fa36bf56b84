"""When an inventory was made: by our own clock where we received it, else by the computer's, else by its file's."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from itops.sources.agents.kept import Inventory

CLOCK_WRONG = "agent.clock-wrong"
"""A finding of a sighting: the computer believes that its inventory was made in a time to come."""
_TOLERATED = timedelta(days=1)
_LOCAL = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)
_FIRST_YEAR = 2000  # a clock without its battery begins before that
_LAST_SECOND = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Made:
    """When, and what was wrong with what was said of it."""

    at: datetime  # aware, UTC, never later than now
    findings: tuple[str, ...] = ()


def changed_at(seconds: float) -> datetime:
    """The time that a file system keeps of a file; a year that no calendar has is cut to one that it has."""
    return datetime.fromtimestamp(min(max(0.0, seconds), _LAST_SECOND), UTC)


def made(inventory: Inventory, *, changed_at: datetime, zone: ZoneInfo, now: datetime) -> Made:
    """When the inventory was made. `changed_at` is its file's; `zone` that of computers that do not say theirs."""
    if inventory.received_at is not None:
        return Made(min(inventory.received_at, now))
    told = _told(inventory, zone)
    if told is None or told.year < _FIRST_YEAR:
        return Made(min(changed_at, now))
    if told > now + _TOLERATED:
        return Made(min(changed_at, now), (CLOCK_WRONG,))
    return Made(min(told, now))


def _told(inventory: Inventory, zone: ZoneInfo) -> datetime | None:
    found = _LOCAL.match(inventory.single("accesslog").get("logdate", ""))
    if found is None:
        return None
    own = _zone(inventory.single("operatingsystem").get("timezone.offset", "")) or zone
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=own).astimezone(UTC)  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        return None


def _zone(offset: str) -> tzinfo | None:
    found = _OFFSET.fullmatch(offset)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(ahead if found[1] == "+" else -ahead)
