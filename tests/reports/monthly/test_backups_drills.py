"""Restore tests of the period, and which objects were restored lately enough."""

from datetime import timedelta

import pytest

from itops.backup.ledger import DrillRecord
from itops.backup.policy import BackupPlan, DrillPolicy
from tests.reports.monthly.test_backups_building import (
    ABAN,
    DAY,
    HOUR,
    OBJECT,
    drill,
    figure,
    findings,
    job,
    night,
    nightly,
    part,
    plan,
    settled,
    value,
)

MIDDLE = night(ABAN.first) + 10 * DAY
THEN = settled(ABAN)


def test_the_restore_tests_that_began_in_the_period_are_told_oldest_first() -> None:
    begin, end = night(ABAN.first) - 23 * HOUR, night(ABAN.last) + HOUR
    moments = [begin - HOUR, begin, MIDDLE, end - HOUR, end]
    found = part(plan(), copies=nightly(ABAN), drills=[drill(at) for at in reversed(moments)])
    assert [row.at for row in found.drills] == [begin, MIDDLE, end - HOUR]
    assert value(found, "backup.drills") == 3


def test_a_restore_test_tells_its_answer_and_whether_it_was_enough() -> None:
    held = drill(MIDDLE, question="select count(*) from person", answer=12, is_answered=False)
    (row,) = part(plan(), copies=nightly(ABAN), drills=[held]).drills
    assert (row.question, row.answer, row.is_good, row.seconds) == ("select count(*) from person", 12, False, 600)


@pytest.mark.parametrize(
    ("drills", "every", "tested"),
    [
        pytest.param([], None, 0, id="never"),
        pytest.param([drill(THEN - 92 * DAY)], None, 1, id="at the end of a quarter"),
        pytest.param([drill(THEN - 92 * DAY - HOUR)], None, 0, id="longer ago than a quarter"),
        pytest.param([drill(THEN - 30 * DAY)], timedelta(days=7), 0, id="the job wants it weekly"),
        pytest.param([drill(THEN - 300 * DAY)], timedelta(days=365), 1, id="the job is content with a year"),
        pytest.param([drill(THEN - DAY, is_restored=False)], None, 0, id="it failed"),
        pytest.param([drill(THEN - DAY, is_restored=False), drill(THEN - 2 * DAY)], None, 1, id="one before was good"),
        pytest.param([drill(THEN + HOUR)], None, 0, id="only later"),
    ],
)
def test_an_object_is_tested_when_it_was_restored_within_its_time(
    drills: list[DrillRecord], every: timedelta | None, tested: int
) -> None:
    policy = None if every is None else DrillPolicy(into="postgresql", every=every)
    found = figure(part(plan(job(drill=policy)), copies=nightly(ABAN), drills=drills), "backup.restore_tested")
    assert (found.part, found.of) == (tested, 1)
    assert len(found.evidence) == 1


def test_an_object_of_two_jobs_is_one_object_and_one_restore_of_it_is_enough() -> None:
    two = BackupPlan(jobs={"insurance-db": job(), "insurance-log": job()})
    found = part(two, copies=nightly(ABAN), drills=[drill(MIDDLE)])
    assert (value(found, "backup.jobs"), value(found, "backup.restore_tested")) == (1, 1)
    assert figure(found, "backup.jobs").evidence[0].note == "insurance-db, insurance-log"
    assert len(found.jobs) == 2


def test_what_the_restore_tests_lack_is_a_finding_of_the_job_that_promises_them() -> None:
    promised = job(drill=DrillPolicy(into="postgresql"), owner="R. Karimi")
    (one,) = findings(part(plan(promised), copies=nightly(ABAN)), "never-restored")
    assert (one.table, one.room, one.subject, one.owner) == ("backup", "backup", f"insurance-db {OBJECT}", "R. Karimi")
    assert findings(part(plan(), copies=nightly(ABAN)), "never-restored") == []
