"""What whoever ticks, judges or shows the schedule knows of it: from the ledger in the store."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.schedule.due import OfficeCalendar
from itops.schedule.planning import TickFacts
from itops.store.watch_reader import WatchReader


def facts_of(
    office: str,
    zone: ZoneInfo,
    calendar: OfficeCalendar,
    watch: WatchReader | None,
    now: datetime,
    settings: Path | None = None,
) -> TickFacts:
    """As the ledger tells them now; without a store nothing is remembered. `office`: its id, `settings`: its file.

    Whose children run only whoever ticks can tell: nobody's are in it.
    """
    if watch is None:
        return TickFacts(office=office, zone=zone, calendar=calendar)
    return TickFacts(
        office=office,
        zone=zone,
        calendar=calendar,
        memory=watch.memory(now),
        open=tuple(watch.open_runs()),
        beat=watch.beat(),
        settings_at=None if settings is None else _changed_at(settings),
    )


def _changed_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None  # whoever reads it tells
