"""Quiet hours, digests and the weekly message, by the office's own clock."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.policy import Alive, Hours, Quiet
from itops.alerts.quiet import alive_due_at, digest_at, held_until
from itops.alerts.records import Event, EventKind, Incident
from itops.verdict import State
from tests.alerts.making import KEY, TEHRAN

NIGHT = Quiet(hours=Hours.from_setting("22:00-07:30", Path()))
LATE = Quiet(hours=NIGHT.hours, digest=time(8))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TEHRAN).astimezone(UTC)


def event(kind: EventKind = EventKind.OPENED, state: State = State.WARNING) -> Event:
    return Event(kind=kind, incident=Incident(key=KEY, state=state), at=moment("2026-10-24 23:00"))


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "2026-10-24 21:59", None),
        (NIGHT, "2026-10-24 22:00", "2026-10-25 07:30"),
        (NIGHT, "2026-10-25 00:00", "2026-10-25 07:30"),
        (NIGHT, "2026-10-25 07:29", "2026-10-25 07:30"),
        (NIGHT, "2026-10-25 07:30", None),
        (LATE, "2026-10-24 22:00", "2026-10-25 08:00"),
        (LATE, "2026-10-25 07:45", None),
        (None, "2026-10-24 23:00", None),
    ],
)
def test_a_warning_of_the_night_waits_for_the_morning(quiet, now, until):
    assert held_until(quiet, event(), moment(now), TEHRAN) == (until and moment(until))


@pytest.mark.parametrize(
    ("kind", "state", "is_held"),
    [
        (EventKind.OPENED, State.CRITICAL, False),
        (EventKind.WORSENED, State.CRITICAL, False),
        (EventKind.ESCALATED, State.CRITICAL, False),
        (EventKind.OPENED, State.UNKNOWN, True),
        (EventKind.REMINDER, State.CRITICAL, True),
        (EventKind.RECOVERED, State.CRITICAL, True),
        (EventKind.FLAPPING, State.CRITICAL, True),
    ],
)
def test_only_new_disasters_wake_people(kind, state, is_held):
    held = held_until(NIGHT, event(kind, state), moment("2026-10-25 03:00"), TEHRAN)
    assert (held is not None) is is_held


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.sampled_from(["Asia/Tehran", "Europe/Berlin"]))
def test_a_digest_comes_within_a_day_and_outside_the_quiet_hours(now, zone):
    place, at = ZoneInfo(zone), now.replace(tzinfo=UTC)
    for quiet in (NIGHT, LATE):
        due = digest_at(quiet, at, place)
        assert at <= due <= at + timedelta(hours=49)
        assert not quiet.hours.holds(due.astimezone(place).time())


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-10-24 08:30", "2026-10-24 08:30"),  # a Saturday
        ("2026-10-24 08:29", "2026-10-17 08:30"),
        ("2026-10-30 23:59", "2026-10-24 08:30"),
        ("2026-10-31 08:30", "2026-10-31 08:30"),
    ],
)
def test_the_weekly_message_is_due_once_a_week(now, due):
    assert alive_due_at(Alive(), moment(now), TEHRAN) == moment(due)
