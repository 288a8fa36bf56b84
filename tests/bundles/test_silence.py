from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles.keys import AllowedKey
from itops.bundles.silence import Arrived, OfficeHeard, judge_offices
from itops.bundles.targets import HeartbeatFile
from itops.verdict import State, severity
from tests.bundles.beating import BEATS, beat
from tests.bundles.made import HUB_KEY, NOW, OTHER_KEY, allowed, later

QAZVIN = allowed(OTHER_KEY, "qazvin")


def arrived(file: HeartbeatFile, office: str | None = None, place: str = "") -> Arrived:
    return Arrived(place=place or file.name, office=office or file.office, content=file.content)


def judged(*found: Arrived, keys: tuple[AllowedKey, ...] = (BEATS,), now: datetime = NOW) -> list[OfficeHeard]:
    return list(judge_offices(found, keys, now))


@pytest.mark.parametrize(
    ("now", "code", "state"),
    [
        (NOW, "heartbeat.heard", State.OK),
        (later(minutes=-5), "heartbeat.heard", State.OK),
        (later(hours=25, minutes=59, seconds=59), "heartbeat.heard", State.OK),
        (later(hours=26), "heartbeat.silent", State.CRITICAL),
        (later(days=400), "heartbeat.silent", State.CRITICAL),
        (later(minutes=-6), "heartbeat.from-future", State.UNKNOWN),
    ],
)
def test_an_office_is_silent_after_26_hours(now: datetime, code: str, state: State) -> None:
    (one,) = judged(arrived(beat()), now=now)
    assert (one.office, one.code, one.state, one.age) == ("alborz", code, state, now - NOW)


def test_an_office_that_never_spoke_is_as_bad_as_one_that_fell_silent() -> None:
    (one,) = judged()
    assert (one.code, one.state, one.heartbeat) == ("heartbeat.never", State.CRITICAL, None)


@pytest.mark.parametrize(
    ("beat_at", "code"),
    [
        (None, "heartbeat.heard"),
        (later(minutes=-119), "heartbeat.heard"),
        (later(hours=-2), "heartbeat.scheduler-still"),
        (later(hours=3), "heartbeat.heard"),
    ],
)
def test_a_heartbeat_that_somebody_else_sends_does_not_hide_a_dead_scheduler(
    beat_at: datetime | None, code: str
) -> None:
    (one,) = judged(arrived(beat(beat_at=beat_at)))
    assert one.code == code
    (old,) = judged(arrived(beat(beat_at=beat_at)), now=later(days=2))
    assert old.code == "heartbeat.silent"


def test_an_old_heartbeat_put_back_makes_nobody_look_alive() -> None:
    replayed = arrived(beat(made_at=later(days=-3)))
    assert [one.code for one in judged(replayed)] == ["heartbeat.silent"]
    fresh = arrived(beat(), place="other/drop")
    assert [(one.code, one.place) for one in judged(fresh, replayed)] == [("heartbeat.heard", "other/drop")]
    assert judged(fresh, replayed) == judged(replayed, fresh)


def test_a_heartbeat_under_another_offices_name_speaks_for_nobody() -> None:
    mixed = arrived(beat(), office="qazvin")
    found = judged(mixed, keys=(BEATS, QAZVIN))
    assert [(one.office, one.code, one.state) for one in found] == [
        ("alborz", "heartbeat.never", State.CRITICAL),
        ("qazvin", "heartbeat.other-office", State.UNKNOWN),
    ]


def test_a_forged_one_beside_a_good_one_is_told_and_hides_nothing() -> None:
    forged = arrived(beat(HUB_KEY), place="forged")
    found = judged(forged, arrived(beat()))
    assert [(one.office, one.code) for one in found] == [
        ("alborz", "heartbeat.unknown-key"),
        ("alborz", "heartbeat.heard"),
    ]


def test_what_cannot_be_read_is_unknown_and_not_never() -> None:
    (one,) = judged(Arrived(place="x", office="alborz", content=None, problem="Permission denied"))
    assert (one.code, one.state) == ("heartbeat.unreadable", State.UNKNOWN)
    assert one.objections[0].facts == {"problem": "Permission denied"}


def test_an_office_whose_keys_count_no_more_or_sign_other_things_is_not_missed() -> None:
    closed = allowed(OTHER_KEY, "qazvin", valid_to=NOW)
    coming = allowed(OTHER_KEY, "semnan", valid_from=later(days=1))
    receipts = allowed(HUB_KEY, "headquarters", namespaces=frozenset({"itops-receipt"}))
    assert judged(keys=(closed, coming, receipts)) == []
    assert [one.office for one in judged(keys=(closed, allowed(HUB_KEY, "qazvin")))] == ["qazvin"]


_AGES = st.integers(-600, 60 * 60 * 24 * 40)


@given(ages=st.lists(st.integers(-300, 60 * 60 * 24 * 40), min_size=1, max_size=4), more=st.integers(0, 10**7))
def test_waiting_never_makes_an_office_less_silent(ages: list[int], more: int) -> None:
    made = (beat(made_at=NOW - timedelta(seconds=age), beat_at=None) for age in ages)
    files = [arrived(file, place=f"{number}") for number, file in enumerate(made)]
    (now,), (later_on,) = judged(*files), judged(*files, now=NOW + timedelta(seconds=more))
    assert severity(later_on.state) >= severity(now.state)
    assert now.age == timedelta(seconds=min(ages))


@given(st.lists(_AGES, min_size=1, max_size=4))
def test_every_known_office_is_told_of_whatever_lies_there(ages: list[int]) -> None:
    files = [arrived(beat(made_at=NOW - timedelta(seconds=age)), place=f"{n}") for n, age in enumerate(ages)]
    found = judged(*files, keys=(BEATS, QAZVIN))
    assert {one.office for one in found} == {"alborz", "qazvin"}
    assert [severity(one.state) for one in found] == sorted((severity(one.state) for one in found), reverse=True)
