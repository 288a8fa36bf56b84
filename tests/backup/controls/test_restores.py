"""C06 and C07."""

from dataclasses import replace
from datetime import timedelta

import pytest

from itops.backup.controls.policy import ControlsPolicy
from itops.backup.copies import Fault, ServerFact
from itops.backup.policy import DrillPolicy
from tests.backup.controls.office import (
    CRITICAL,
    FULL,
    NOT_EVALUATED,
    OBJECT,
    OK,
    UNKNOWN,
    WARNING,
    a_drill,
    a_job,
    codes,
    evidence,
    facts,
    told,
    verdict,
)
from tests.backup.judgement.factory import at, nightly

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("drills", "state", "reason"),
    [
        pytest.param([a_drill()], OK, "restores-tested", id="a week ago"),
        pytest.param([a_drill("2026-08-25 10:00")], OK, "restores-tested", id="89 days ago"),
        pytest.param([a_drill("2026-08-20 10:00")], WARNING, "sample-overdue", id="94 days ago"),
        pytest.param([a_drill("2025-11-01 10:00")], WARNING, "type-restore-overdue", id="more than a year ago"),
        pytest.param([], CRITICAL, "never-restored", id="never"),
        pytest.param(
            [a_drill(is_restored=False, is_answered=None, faults=(Fault(code="cut"),))],
            CRITICAL,
            "never-restored",
            id="tried in vain",
        ),
        pytest.param([a_drill(is_answered=False)], CRITICAL, "never-restored", id="restored, and a wrong answer"),
        pytest.param(
            [a_drill(is_restored=False, is_answered=None, is_verified_only=True)],
            CRITICAL,
            "never-restored",
            id="verified on the server is not restored",
        ),
        pytest.param(
            [a_drill(), a_drill("11-20 10:00", is_restored=False, is_answered=None)],
            CRITICAL,
            "restore-failed",
            id="the last one failed after a good one",
        ),
        pytest.param([a_drill(object="sql01/Other")], CRITICAL, "never-restored", id="of something else"),
    ],
)
def test_a_restore_counts_when_it_was_made_lately_and_answered(drills, state, reason):
    assert told(verdict("C06", facts(FULL, drills=drills))) == (state, reason)


def test_a_test_in_vain_is_shown_with_its_copy():
    found = verdict("C06", facts(FULL, drills=[a_drill(is_restored=False, is_answered=None, key="bad.bak")]))
    assert evidence(found, "restored-in-vain") == [{"object": OBJECT, "copy": "bad.bak", "into": "mssql"}]


def test_a_restore_of_one_type_says_nothing_of_another():
    of = facts(FULL, drills=[a_drill()])
    machine = replace(of.verdicts[0], object="vm/dc01", freshness=replace(of.verdicts[0].freshness, newest=None))
    found = verdict("C06", replace(of, verdicts=(*of.verdicts, machine)))
    assert told(found) == (WARNING, "type-never-restored")
    assert found.facts["type"] == "vm"


def test_what_was_sampled_is_told_with_how_many_there_are():
    found = verdict("C06", facts(FULL, drills=[a_drill(), a_drill("11-17 10:00")]))
    assert evidence(found, "sample") == [
        {"tests": 2, "sampled": 1, "objects": 1, "names": OBJECT, "limit_days": 92}
    ]  # fmt: skip


def test_a_restore_in_a_server_s_own_history_is_shown_and_not_counted():
    told_by_server = ServerFact(server="sql01", object="Insurance", code="restored", at=at("11-15 10:00"))
    found = verdict("C06", facts(FULL, server_facts=(told_by_server,)))
    assert told(found) == (CRITICAL, "never-restored")
    assert evidence(found, "restored-by-server") == [{"object": "Insurance"}]


def test_the_limits_are_the_office_s():
    strict = ControlsPolicy(restore_test_every=timedelta(days=5), sample_every=timedelta(days=5))
    found = verdict("C06", facts(FULL, drills=[a_drill()], policy=strict))
    assert sorted(codes(found)) == ["sample-overdue", "type-restore-overdue"]


def promising(minutes: int):
    return a_job(drill=DrillPolicy(into="mssql", rto=minutes * MINUTE))


@pytest.mark.parametrize(
    ("minutes", "drill", "state", "reason"),
    [
        pytest.param(10, a_drill(), OK, "rto-met", id="ten minutes measured, ten promised"),
        pytest.param(9, a_drill(), CRITICAL, "rto-missed", id="ten minutes measured, nine promised"),
        pytest.param(19, a_drill(size_bytes=500), CRITICAL, "rto-missed", id="the copy is twice as big by now"),
        pytest.param(20, a_drill(size_bytes=500), OK, "rto-met", id="and that was thought of"),
        pytest.param(5, a_drill(size_bytes=10_000), CRITICAL, "rto-missed", id="a smaller copy is not faster"),
        pytest.param(10, a_drill(size_bytes=None), UNKNOWN, "rto-size-unknown", id="nothing to compare with"),
        pytest.param(10, None, UNKNOWN, "rto-unmeasured", id="never measured"),
    ],
)
def test_the_restore_time_grows_with_the_copy(minutes, drill, state, reason):
    of = facts(FULL, job=promising(minutes), drills=[drill] if drill else [])
    assert told(verdict("C07", of)) == (state, reason)


def test_the_rate_that_was_measured_is_shown():
    found = verdict("C07", facts(FULL, job=promising(60), drills=[a_drill(size_bytes=600_000)]))
    [shown] = evidence(found, "restore-measured")
    assert (shown["rate_bytes"], shown["test_minutes"], shown["now_bytes"]) == (1000, 10.0, 1000)


def test_without_a_promised_time_there_is_nothing_to_measure():
    assert told(verdict("C07", facts(FULL, drills=[a_drill()]))) == (NOT_EVALUATED, "no-rto")


def test_an_object_without_a_promised_time_keeps_the_control_from_being_green():
    of = facts(nightly("11-10", "11-21"), job=promising(10), drills=[a_drill()])
    jobs = {**of.plan.jobs, "payroll": a_job()}
    other = replace(of.verdicts[0], job="payroll", object="sql01/Payroll")
    found = verdict("C07", replace(of, plan=replace(of.plan, jobs=jobs), verdicts=(*of.verdicts, other)))
    assert told(found) == (WARNING, "rto-undeclared")
