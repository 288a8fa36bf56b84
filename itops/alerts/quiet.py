"""Hours: when a channel keeps still, when its digest goes out, when the weekly message is due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from itops.alerts.policy import STATES, Alive, Quiet
from itops.alerts.records import Event, EventKind
from itops.backup.policy import WEEKDAYS

_WAKES = frozenset({EventKind.OPENED, EventKind.WORSENED, EventKind.ESCALATED})
"""Good news and reminders can wait until the morning."""
_DAY = timedelta(days=1)


def held_until(quiet: Quiet | None, event: Event, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the digest that takes the event goes out; None: it may go now."""
    if quiet is None or not quiet.hours.holds(now.astimezone(zone).time()):
        return None
    passes = event.kind in _WAKES and event.incident.state in {STATES[name] for name in quiet.but}
    return None if passes else digest_at(quiet, now, zone)


def digest_at(quiet: Quiet, now: datetime, zone: ZoneInfo) -> datetime:
    """When the digest of the quiet hours in which `now` lies goes out."""
    end = _next(quiet.hours.until, now, zone)
    return end if quiet.digest is None else _next(quiet.digest, end, zone)


def alive_due_at(alive: Alive, now: datetime, zone: ZoneInfo) -> datetime:
    """The newest moment, not after now, at which the weekly message was due. It is sent if none was sent since."""
    local = now.astimezone(zone)
    back = (local.weekday() - WEEKDAYS.index(alive.weekday)) % len(WEEKDAYS)
    due = datetime.combine(local.date() - timedelta(days=back), alive.at, zone).astimezone(UTC)
    return due if due <= now else datetime.combine(local.date() - (back + 7) * _DAY, alive.at, zone).astimezone(UTC)


def _next(at: time, since: datetime, zone: ZoneInfo) -> datetime:
    """The first moment, not before `since`, at which the office's clock shows `at`."""
    day = since.astimezone(zone).date()
    moment = datetime.combine(day, at, zone).astimezone(UTC)
    return moment if moment >= since else datetime.combine(day + _DAY, at, zone).astimezone(UTC)
