"""Examine the watch: does anybody tick, and would anybody hear of what is wrong?"""

from collections.abc import Iterator
from datetime import datetime

from itops.config.settings import Settings
from itops.dates import show_moment
from itops.errors import ItopsError
from itops.inventory.diagnosis import Check
from itops.schedule.lateness import judge_beat
from itops.schedule.records import Beat
from itops.store import StoreLocation, open_reader
from itops.verdict import State

_REMEDIES = {
    "schedule.beat-missing": "start `itops schedule run`; `itops service install` writes its unit",
    "schedule.beat-old": "look why it stopped (journalctl -u itops), and start `itops schedule run`",
    "schedule.beat-ahead": "set this machine's clock, and let it follow a time server",
}


def check_watch(settings: Settings, location: StoreLocation, now: datetime) -> Iterator[Check]:
    """Reads the store alone; what a missing store means is told by its own check."""
    yield _ticking(settings, location, now)
    count = len(settings.alerts.channels)
    if count:
        finding = (
            f"{count} channel{'' if count == 1 else 's'}; `itops alerts test` tries {'it' if count == 1 else 'them'}"
        )
        yield _check(State.OK, "alerts.channels", finding)
    else:
        remedy = "name a way to people there; docs/how-to/hear-of-it.md"
        finding = "nobody is told of anything: itops.yaml has no alerts.channels"
        yield _check(State.WARNING, "alerts.no-channel", finding, remedy)


def _ticking(settings: Settings, location: StoreLocation, now: datetime) -> Check:
    if not settings.schedule.jobs:
        remedy = "name jobs there; docs/how-to/run-by-itself.md"
        finding = "nothing runs by itself: itops.yaml has no schedule.jobs"
        return _check(State.WARNING, "schedule.no-jobs", finding, remedy)
    standing = judge_beat(settings.schedule, _beat(location), now)
    office = settings.office
    beat_at = standing.last_good_at
    told = f"last beat {show_moment(beat_at, office.calendar, office.zone)}" if beat_at else "there was never a beat"
    if standing.state is State.OK:
        return _check(State.OK, standing.code, f"somebody ticks; {told}")
    finding = f"{len(settings.schedule.jobs)} jobs are to run by themselves, and nobody ticks: {told}"
    return _check(State.WARNING, standing.code, finding, _REMEDIES[standing.code])


def _beat(location: StoreLocation) -> Beat | None:
    try:
        with open_reader(location) as reader:
            return reader.watch.beat()
    except ItopsError:  # the check of the store tells
        return None


def _check(state: State, code: str, finding: str, remedy: str = "") -> Check:
    return Check(state=state, subject="watch", code=code, finding=finding, remedy=remedy)
