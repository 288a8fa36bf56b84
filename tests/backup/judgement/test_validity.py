"""Until when a verdict stays true by itself: never told too late, and not so early that it says nothing."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.copies import CopyKind
from itops.backup.drilling import drill_findings
from itops.backup.judgement import ObjectVerdict, Question, judge
from itops.backup.judgement.validity import drills_valid_until, valid_until
from itops.backup.ledger import DrillRecord
from itops.backup.levels import Level
from itops.backup.policy import DrillPolicy, Exemption, Job
from itops.backup.proofs import TEST_READ
from itops.verdict import State
from tests.backup.judgement.factory import (
    NOW,
    TEHRAN,
    at,
    codes,
    copy,
    daily,
    differential,
    full,
    job,
    judged,
    log,
    look,
    monthly,
    nightly,
    proof,
    question,
    states,
    weekly,
)
from tests.backup.judgement.test_properties import any_copies, aware, questions

JUST = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAR = timedelta(days=3 * 365)

around_now = st.timedeltas(-9 * DAY, 9 * DAY).map(lambda apart: NOW + apart)
spans = st.sampled_from([timedelta(), timedelta(minutes=40), 5 * HOUR, 26 * HOUR, 9 * DAY, 40 * DAY])


@st.composite
def asked(draw: Any) -> tuple[Question, datetime]:
    """Any question with dates ahead of their time, and a moment to judge it: before, amid or after its facts."""
    base = draw(questions(own_copies=True))
    now = draw(st.just(NOW) | around_now)
    copies = list(base.copies)
    for known in draw(st.lists(any_copies, max_size=4)):
        ahead = draw(st.none() | st.timedeltas(-DAY, 3 * DAY))
        seen_at = draw(around_now)
        named_at = known.copy.named_at if ahead is None else seen_at + ahead
        held = replace(known.copy, named_at=named_at, repository=draw(st.sampled_from(["nas", "disk"])))
        copies.append(replace(known, copy=held, first_seen_at=seen_at, last_seen_at=seen_at + draw(spans)))
    kinds = tuple(draw(st.lists(st.sampled_from(list(CopyKind)), min_size=1, unique=True)))
    asking = replace(
        base,
        job=replace(base.job, kinds=kinds, rpo=draw(st.none() | spans), max_age=draw(st.none() | spans)),
        copies=tuple(copies),
        bases=tuple(draw(st.lists(any_copies, max_size=2))),
        object_gone_at=draw(st.none() | st.none() | around_now | aware),
        object_seen_at=draw(st.none() | around_now),
        reread_within=draw(spans),
        look_within=draw(spans),
    )
    return asking, now


def told(verdict: ObjectVerdict) -> object:
    """What an alarm can depend on: all but ages."""
    return (
        verdict.state,
        verdict.freshness.state,
        verdict.freshness.reason,
        [(tier.tier, tier.held, tier.required) for tier in verdict.tiers],
        [(slot.slot.name, slot.state, slot.alarm, slot.reason) for tier in verdict.tiers for slot in tier.slots],
        [(finding.code, finding.state) for finding in verdict.findings],
    )


@settings(max_examples=250)
@given(asked(), st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_nothing_changes_before_the_moment_told(asked, parts):
    asking, now = asked
    verdict = judge(asking, now)
    until = valid_until(asking, verdict, now)
    assert until is None or until > now
    last = now + FAR if until is None else until - JUST
    for moment in [last, *(now + (last - now) * part for part in parts)]:
        assert told(judge(asking, moment)) == told(verdict), moment


@settings(max_examples=60)
@given(asked(), st.data())
def test_from_moment_to_moment_every_change_of_a_fortnight_is_met(asked, data):
    asking, now = asked
    end = now + data.draw(st.timedeltas(HOUR, 14 * DAY))
    verdict, moment = judge(asking, now), now
    while True:
        until = valid_until(asking, verdict, moment)
        if until is None or until > end:
            break
        moment, verdict = until, judge(asking, until)
    assert told(judge(asking, end)) == told(verdict)


OFFICE = job(
    daily=daily(grace=9 * HOUR, due=time(23, 30)), weekly=weekly(grace=DAY), monthly=monthly(), max_age=36 * HOUR
)


def moments(asking: Question, now: datetime, end: datetime) -> list[datetime]:
    found = []
    until = valid_until(asking, judge(asking, now), now)
    while until is not None and until < end:
        found.append(until)
        until = valid_until(asking, judge(asking, until), until)
    return found


@pytest.mark.parametrize(
    ("policy", "most"),
    [
        pytest.param(job(daily=daily()), 1, id="a daily job: the day's end"),
        pytest.param(job(daily=daily(grace=9 * HOUR, due=time(23, 30))), 3, id="with an hour and a grace: two more"),
        pytest.param(OFFICE, 4, id="three tiers and an age"),
        pytest.param(job(daily=daily(grace=30 * DAY)), 2, id="thirty days in their grace at once: one of them a day"),
        pytest.param(job(monthly=monthly()), 1, id="a monthly job"),
    ],
)
def test_a_day_has_but_a_few_moments(policy, most):
    asking = question(nightly("11-10", "11-21"), policy, look_within=365 * DAY)
    day = [moment for moment in moments(asking, NOW, NOW + 4 * DAY) if moment >= NOW + 2 * DAY]
    assert len(day) <= 2 * most


def test_a_question_judged_at_each_moment_of_a_day_meets_its_whole_course():
    asking = question(nightly("11-10", "11-21"), job(daily=daily(grace=9 * HOUR, due=time(23, 30)), max_age=36 * HOUR))
    found = moments(asking, NOW, at("11-23 23:00"))
    assert found == [
        at("11-22 15:00"),  # yesterday leaves its grace
        at("11-23 06:00"),  # the day ends unfilled, and never was overdue: its grace is as long as what was left
        at("11-23 10:55") + JUST,  # the last look is too old
        at("11-23 11:30") + JUST,  # so is the newest copy
        at("11-23 15:00"),
    ]
    assert states(judge(asking, at("11-23 06:00")))["11-22"] == "PENDING"
    assert codes(judge(asking, at("11-23 10:55") + JUST)) == ["look-stale"]
    assert states(judge(asking, at("11-23 15:00")))["11-22"] == "UNKNOWN"


GOOD = nightly("11-10", "11-21")
FRESH = job(max_age=36 * HOUR)
NEVER_STALE = {"look_within": 9999 * DAY, "reread_within": 9999 * DAY}


@pytest.mark.parametrize(
    ("asking", "until"),
    [
        pytest.param(question(GOOD, job(daily=daily()), **NEVER_STALE), at("11-23 06:00"), id="the next day begins"),
        pytest.param(
            question(GOOD, job(daily=daily(due=time(18), grace=HOUR)), **NEVER_STALE),
            at("11-22 19:00"),
            id="the slot falls overdue",
        ),
        pytest.param(
            question(GOOD, job(daily=daily(due=time(7), grace=HOUR)), **NEVER_STALE),
            at("11-23 06:00"),
            id="overdue already, the slot ends",
        ),
        pytest.param(
            question(GOOD, job(daily=daily(grace=4 * HOUR)), **NEVER_STALE), at("11-22 10:00"), id="a grace runs out"
        ),
        pytest.param(
            question(GOOD, job(daily=daily(grace=28 * HOUR)), **NEVER_STALE),
            at("11-22 10:00"),
            id="the grace of the day before yesterday runs out",
        ),
        pytest.param(question(GOOD, FRESH, **NEVER_STALE), at("11-23 11:30") + JUST, id="the newest grows too old"),
        pytest.param(
            question([*GOOD, log("11-22 08:00", 1, 2)], job(rpo=36 * HOUR), **NEVER_STALE),
            at("11-23 11:30") + JUST,
            id="a log without a base is no moment to go back to",
        ),
        pytest.param(
            question((), FRESH, object_seen_at=at("11-22 01:00"), **NEVER_STALE),
            at("11-23 13:00") + JUST,
            id="a new object has had its first age",
        ),
        pytest.param(
            question(GOOD, FRESH, look_within=5 * HOUR, reread_within=9999 * DAY),
            at("11-22 13:55") + JUST,
            id="nobody looks any more",
        ),
        pytest.param(
            question(GOOD, job(max_age=99 * DAY), look_within=9999 * DAY, reread_within=12 * DAY),
            at("11-23 01:30") + JUST,
            id="the first proof is to be renewed",
        ),
        pytest.param(
            question([copy("11-21 23:30", gone=NOW)], FRESH, looks=(), reread_within=12 * DAY),
            None,
            id="what has gone needs no proof",
        ),
        pytest.param(
            question(
                [copy("11-01 10:00"), copy("11-21 23:30")],
                job(max_age=99 * DAY),
                look_within=9999 * DAY,
                reread_within=12 * DAY,
            ),
            at("11-21 23:30") + 99 * DAY + JUST,
            id="one proof too old is as bad as two",
        ),
        pytest.param(
            question([copy("11-22 12:00", seen=at("11-22 08:00"))], FRESH, **NEVER_STALE),
            at("11-22 11:55"),
            id="a date in the future comes true, where the look may have lasted so long",
        ),
        pytest.param(
            question(
                [copy(NOW + 2 * HOUR, seen=at("11-12 08:00"))],
                FRESH,
                looks=(replace(look("11-12 08:00"), ended_at=NOW + DAY),),
                look_within=9999 * DAY,
            ),
            NOW + 2 * HOUR - 5 * MINUTE,
            id="so it does where the look did last so long",
        ),
        pytest.param(
            question([copy("11-25 12:00", seen=at("11-22 08:00"))], FRESH, object_gone_at=NOW + HOUR, **NEVER_STALE),
            NOW + HOUR,
            id="it retires",
        ),
        pytest.param(question((), FRESH, looks=()), None, id="nothing at all: it cannot get worse"),
        pytest.param(question((), job(daily=daily(), since=None), looks=()), None, id="nobody ever looked"),
        pytest.param(
            question(
                nightly("11-10", "11-21", gone=NOW), job(daily=daily()), object_gone_at=at("11-15 08:00"), looks=()
            ),
            None,
            id="retired",
        ),
    ],
)
def test_the_moment_told(asking, until):
    assert valid_until(asking, judge(asking, NOW), NOW) == until


@pytest.mark.parametrize(
    ("asking", "code"),
    [
        pytest.param(question(GOOD, FRESH, look_within=5 * HOUR, reread_within=9999 * DAY), "look-stale", id="looks"),
        pytest.param(
            question(GOOD, job(max_age=99 * DAY), look_within=9999 * DAY, reread_within=12 * DAY),
            "reread-due",
            id="proofs",
        ),
    ],
)
def test_at_the_moment_told_it_is_so_and_just_before_it_is_not(asking, code):
    until = valid_until(asking, judge(asking, NOW), NOW)
    assert code in codes(judge(asking, until))
    assert code not in codes(judge(asking, until - JUST))


def test_a_test_read_of_a_medium_makes_nobody_judge_later_than_needed():
    made = copy("11-20 23:30")  # proven two hours later
    elsewhere = proof(at("11-22 08:00"), level=Level.READABLE_ELSEWHERE)
    elsewhere = replace(elsewhere, examination=replace(elsewhere.examination, tool=TEST_READ))
    asking = question([replace(made, proofs=(*made.proofs, elsewhere))], job(max_age=99 * DAY), reread_within=2 * DAY)
    assert valid_until(asking, judge(asking, NOW), NOW) == at("11-23 01:30") + JUST


def test_a_date_in_the_future_of_another_jobs_copy_comes_true_too():
    seen = at("11-22 08:30")
    logs = [log("11-20 22:00", 95, 200), log("11-21 22:00", 300, 400)]
    others = (full("11-22 10:00", 100, seen=seen), differential("11-22 11:00", last_lsn=350, seen=seen))
    asking = question(logs, job(max_age=99 * DAY), bases=others, **NEVER_STALE)
    until = valid_until(asking, judge(asking, NOW), NOW)
    assert until == at("11-22 09:55")
    assert gaps(judge(asking, until - JUST)) == [State.CRITICAL]
    assert gaps(judge(asking, until)) == [State.WARNING]  # the differential has its base, and heals the gap


def gaps(verdict: ObjectVerdict) -> list[State]:
    return [finding.state for finding in verdict.findings if finding.code == "log-gap"]


def test_an_exempt_day_still_ends():
    exempt = Exemption(reason="moving", owner="N. Karimi", until=date(2026, 12, 1))
    asking = question(GOOD, job(daily=daily(), exempt=(exempt,)), **NEVER_STALE)
    assert valid_until(asking, judge(asking, NOW), NOW) == at("11-23 06:00")


def test_the_clock_of_the_office_and_utc_are_one():
    asking = question(GOOD, OFFICE)
    verdict = judge(asking, NOW)
    assert valid_until(asking, verdict, NOW.astimezone(TEHRAN)) == valid_until(asking, verdict, NOW)


def test_limits_of_thousands_of_years_end_somewhere():
    forever = timedelta(weeks=999_999)
    policy = Job(protects=OFFICE.protects, repository=OFFICE.repository, max_age=forever)
    asking = question(GOOD, policy, look_within=forever, reread_within=forever)
    until = valid_until(asking, judged(GOOD, policy), NOW)
    assert until is not None
    assert until - NOW > 30_000 * DAY


# Restore tests

DRILLED = DrillPolicy(into="postgresql", every=92 * DAY)


def drill(days_ago: int, *, is_restored: bool = True) -> DrillRecord:
    return DrillRecord(
        job="insurance",
        object="sql01/Insurance",
        repository="nas",
        key="k",
        fingerprint="f",
        started_at=NOW - days_ago * DAY,
        seconds=60,
        into="postgresql",
        is_restored=is_restored,
    )


@pytest.mark.parametrize(
    ("drills", "days"),
    [
        pytest.param([], None, id="none at all"),
        pytest.param([drill(91)], 1, id="one more day"),
        pytest.param([drill(92)], 0, id="just now"),
        pytest.param([drill(93)], None, id="too old as it is"),
        pytest.param([drill(2, is_restored=False), drill(90)], 2, id="a failed one renews nothing"),
    ],
)
def test_a_restore_test_lasts_as_long_as_the_office_says(drills, days):
    until = drills_valid_until(DRILLED, drills, NOW)
    assert until == (None if days is None else NOW + days * DAY + JUST)
    if until is not None:
        assert "restore-overdue" in {one.code for one in drill_findings(DRILLED, drills, until)}
        assert "restore-overdue" not in {one.code for one in drill_findings(DRILLED, drills, until - JUST)}
