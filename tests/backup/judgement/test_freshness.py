"""How old the newest good copy is, whatever the slots say."""

from datetime import timedelta

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.verdict import State
from tests.backup.judgement.factory import at, codes, copy, daily, job, judged, look

MAX_AGE = timedelta(hours=36)
POLICY = job(daily=daily(), max_age=MAX_AGE)
COPY = copy("11-20 23:30")
EDGE = at("11-20 23:30") + MAX_AGE


def fresh(copies, now=EDGE, policy=POLICY, **facts):
    facts.setdefault("looks", (look("11-10 08:00"), look(now)))
    return judged(copies, policy, now, **facts).freshness


@pytest.mark.parametrize(
    ("copies", "late", "state", "reason"),
    [
        pytest.param([COPY], timedelta(), State.OK, "fresh", id="exactly at the limit"),
        pytest.param([COPY], timedelta(seconds=1), State.CRITICAL, "too-old", id="a second past it"),
        pytest.param([], timedelta(), State.CRITICAL, "no-good-copy", id="nothing at all"),
        pytest.param(
            [COPY, copy("11-21 23:30", level=Level.IDENTIFIED)],
            timedelta(seconds=1),
            State.CRITICAL,
            "too-old",
            id="a newer one is proven too little",
        ),
        pytest.param(
            [COPY, copy("11-21 23:30", faults=("cut",))],
            timedelta(seconds=1),
            State.CRITICAL,
            "too-old",
            id="a newer one is damaged",
        ),
        pytest.param(
            [COPY, copy("11-21 23:30", gone=at("11-22 08:00"))],
            timedelta(seconds=1),
            State.CRITICAL,
            "too-old",
            id="a newer one has gone",
        ),
        pytest.param(
            [COPY, copy("11-21 23:30", kind=CopyKind.PARTIAL)],
            timedelta(seconds=1),
            State.CRITICAL,
            "too-old",
            id="a newer one is a part only",
        ),
        pytest.param([COPY, copy("11-21 23:30")], timedelta(seconds=1), State.OK, "fresh", id="a newer one is good"),
    ],
)
def test_the_newest_good_copy_is_young_enough(copies, late, state, reason):
    found = fresh(copies, EDGE + late)
    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(
    ("looked", "state"),
    [
        pytest.param(EDGE + timedelta(minutes=1), State.CRITICAL, id="it was too old when somebody looked"),
        pytest.param(EDGE - timedelta(minutes=1), State.UNKNOWN, id="a newer one may have come since"),
        pytest.param(EDGE, State.UNKNOWN, id="it was just young enough when somebody looked"),
        pytest.param(None, State.UNKNOWN, id="nobody could look"),
    ],
)
def test_too_old_counts_only_where_somebody_looked(looked, state):
    looks = () if looked is None else (look(looked),)
    assert fresh([COPY], EDGE + timedelta(hours=2), looks=looks).state is state


def test_a_first_look_that_finds_no_copy_does_not_wait_to_say_so():
    found = fresh([], at("11-10 08:05"), job(since=None, daily=daily(), max_age=MAX_AGE), looks=(look("11-10 08:00"),))
    assert (found.state, found.reason) == (State.CRITICAL, "no-good-copy")


@pytest.mark.parametrize(
    ("came", "late", "state", "reason"),
    [
        pytest.param("11-20 23:30", timedelta(), State.OK, "new-object", id="it has its first age to get a copy"),
        pytest.param("11-20 23:30", timedelta(seconds=1), State.CRITICAL, "no-good-copy", id="and no longer"),
        pytest.param(
            "11-10 20:00", timedelta(), State.CRITICAL, "no-good-copy", id="it was there when the watch began"
        ),
    ],
)
def test_an_object_that_came_later_has_time_to_get_its_first_copy(came, late, state, reason):
    found = fresh([], EDGE + late, object_seen_at=at(came))
    assert (found.state, found.reason) == (state, reason)


def test_a_copy_older_than_its_object_makes_it_no_less_new():
    found = fresh([copy("11-15 23:30")], EDGE, object_seen_at=at("11-20 23:30"))
    assert (found.state, found.reason) == (State.OK, "new-object")


def test_what_was_never_seen_is_unknown():
    verdict = judged([], job(since=None, daily=daily(), max_age=MAX_AGE), looks=())
    assert (verdict.freshness.state, verdict.freshness.reason, verdict.tiers) == (State.UNKNOWN, "not-looked", ())
    assert (codes(verdict), verdict.state) == (["never-looked"], State.UNKNOWN)


def test_without_a_limit_age_is_told_and_not_judged():
    found = fresh([COPY], policy=job(daily=daily()))
    assert (found.state, found.reason, found.age) == (State.OK, "no-limit", MAX_AGE)


def test_the_last_attempt_is_told_beside_the_last_good_one():
    found = fresh([COPY, copy("11-21 23:30", faults=("cut",))])
    assert (found.newest_at, found.attempt_at) == (at("11-20 23:30"), at("11-21 23:30"))
    assert found.is_attempt_good is False


def test_of_a_retired_object_no_fresh_copy_is_wanted():
    assert fresh([], object_gone_at=at("11-15 08:00")).reason == "retired"


@pytest.mark.parametrize(("hours", "state", "reason"), [(20, State.OK, "fresh"), (9, State.CRITICAL, "rpo-missed")])
def test_the_recovery_point_has_a_limit_of_its_own(hours, state, reason):
    policy = job(daily=daily(), max_age=timedelta(days=3), rpo=timedelta(hours=hours))
    found = fresh([copy("11-21 23:30")], at("11-22 09:00"), policy)
    assert (found.state, found.reason) == (state, reason)
    assert found.rpo == timedelta(hours=hours)
