"""C15: failures in the history of verdicts, and what became of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.controls.failures import failures_in
from itops.backup.controls.policy import ControlsPolicy
from itops.backup.ledger import RecordedVerdict
from itops.backup.levels import Level
from tests.backup.controls.office import (
    CRITICAL,
    FULL,
    NOT_EVALUATED,
    OK,
    UNKNOWN,
    WARNING,
    a_job,
    codes,
    evidence,
    facts,
    history,
    told,
    verdict,
)
from tests.backup.judgement.factory import NOW, at


def recorded(slot: str, state: str, moment: str, **more: object) -> RecordedVerdict:
    given = {"job": "insurance", "object": "sql01/Insurance", "reason": "", "needed": Level.COMPLETE, **more}
    return RecordedVerdict(slot=f"daily 1405-08-{slot}", state=state, judged_at=at(moment), **given)


def dealing_with(*verdicts: RecordedVerdict, **more: object):
    of = facts(FULL, **more)
    return replace(of, history=(*history(of, "11-10 08:00"), *verdicts))


def test_a_history_without_failures_is_told_with_its_length():
    found = verdict("C15", dealing_with())
    assert told(found) == (OK, "no-failures")
    [shown] = evidence(found, "history")
    assert (shown["verdicts"], shown["failures"], shown["since_on"]) == (13, 0, "2026-11-10")


@pytest.mark.parametrize(
    ("verdicts", "state", "reason"),
    [
        pytest.param([recorded("26", "MISSING", "11-18 08:00")], CRITICAL, "failure-unhandled", id="nobody acted"),
        pytest.param([recorded("29", "MISSING", "11-20 08:00")], OK, "failures-handled", id="there still is time"),
        pytest.param(
            [recorded("26", "MISSING", "11-18 08:00"), recorded("27", "OK", "11-19 08:00")], OK, "failures-handled",
            id="the next night was good",
        ),
        pytest.param(
            [recorded("26", "MISSING", "11-16 08:00"), recorded("29", "OK", "11-21 08:00")], WARNING, "failure-slow",
            id="after five days",
        ),
        pytest.param(
            [recorded("26", "DAMAGED", "11-16 08:00"), recorded("26", "OK", "11-17 08:00")], OK, "failures-handled",
            id="made again",
        ),
        pytest.param(
            [recorded("26", "MISSING", "11-16 08:00"), recorded("26", "EXEMPT", "11-17 08:00")], OK, "failures-handled",
            id="exempted by somebody",
        ),
        pytest.param(
            [recorded("26", "MISSING", "11-16 08:00"), recorded("26", "DAMAGED", "11-21 08:00")], CRITICAL,
            "failure-unhandled", id="another kind of failure is none the better",
        ),
        pytest.param(
            [recorded("25", "OK", "11-16 08:00"), recorded("26", "MISSING", "11-16 08:00")], CRITICAL,
            "failure-unhandled", id="an older good one makes up for nothing",
        ),
        pytest.param(
            [recorded("26", "MISSING", "11-16 08:00"), recorded("27", "OK", "11-17 08:00", object="sql01/Payroll")],
            CRITICAL, "failure-unhandled", id="nor does one of something else",
        ),
    ],
)  # fmt: skip
def test_a_failure_is_dealt_with_in_time_or_told(verdicts, state, reason):
    of = replace(facts(FULL), history=tuple(verdicts))
    assert told(verdict("C15", of)) == (state, reason)


def test_how_long_that_may_take_is_the_office_s_to_say():
    verdicts = (recorded("26", "MISSING", "11-18 08:00"), recorded("27", "OK", "11-19 08:00"))
    of = replace(facts(FULL, policy=ControlsPolicy(handled_within=timedelta(hours=23))), history=verdicts)
    assert told(verdict("C15", of)) == (WARNING, "failure-slow")


def test_a_failure_that_no_run_told_of_is_unnoticed():
    of = facts([*FULL[:4], *FULL[5:]])
    found = verdict("C15", replace(of, history=history(facts(FULL), "11-13 08:00")))
    assert "failure-unnoticed" in codes(found)
    noticed = replace(of, history=history(of, "11-15 08:00"))
    assert "failure-unnoticed" not in codes(verdict("C15", noticed))


def test_a_failure_that_came_back_is_counted():
    verdicts = (
        recorded("20", "MISSING", "11-12 08:00"),
        recorded("21", "OK", "11-13 08:00"),
        recorded("26", "MISSING", "11-18 08:00"),
        recorded("27", "OK", "11-19 08:00"),
    )
    [shown] = evidence(verdict("C15", replace(facts(FULL), history=verdicts)), "history")
    assert (shown["failures"], shown["again"]) == (2, 1)


def test_on_the_first_day_no_failure_is_no_success_yet():
    of = replace(facts(FULL), history=(recorded("30", "OPEN", "11-22 08:00"),))
    assert told(verdict("C15", of)) == (UNKNOWN, "no-slot-over")


def test_a_plan_that_nobody_ran_has_no_history():
    assert told(verdict("C15", facts(FULL))) == (UNKNOWN, "no-history")


def test_a_history_that_nobody_goes_on_with_is_stale():
    assert told(verdict("C15", dealing_with(), later=timedelta(days=3))) == (UNKNOWN, "history-stale")


def test_a_plan_without_slots_has_no_failures_to_handle():
    tierless = a_job(daily=None, max_age=timedelta(hours=26))
    assert told(verdict("C15", facts(FULL, job=tierless))) == (NOT_EVALUATED, "no-tiers")


VERDICTS = st.lists(
    st.builds(
        recorded,
        st.integers(10, 30).map(str),
        st.sampled_from(["OK", "OK-LATE", "MISSING", "DAMAGED", "EXEMPT", "WEAK", "UNKNOWN"]),
        st.integers(10, 21).map(lambda day: f"11-{day} 08:00"),
    )
)


@given(VERDICTS, st.randoms())
def test_the_order_in_which_verdicts_are_handed_in_means_nothing(verdicts, random):
    unique = list({(one.slot, one.judged_at): one for one in verdicts}.values())
    shuffled = random.sample(unique, len(unique))
    assert failures_in(unique) == failures_in(shuffled)


@given(VERDICTS)
def test_a_failure_never_ends_before_it_was_told(verdicts):
    for failure in failures_in(verdicts):
        assert failure.ended_at is None or failure.ended_at >= failure.told_at
        assert failure.lasted(NOW) >= timedelta()
