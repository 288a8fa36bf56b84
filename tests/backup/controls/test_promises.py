"""C01, C02 and C19."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from itops.backup.controls.facts import ControlFacts, DocumentFacts
from itops.backup.controls.policy import ControlsPolicy, DocumentSetting
from itops.backup.coverage import Coverage, coverage
from itops.backup.policy import BackupPlan, Exemption
from tests.backup.controls.office import (
    CRITICAL,
    NOT_EVALUATED,
    OK,
    UNKNOWN,
    WARNING,
    a_job,
    codes,
    covered,
    database,
    evidence,
    facts,
    told,
    verdict,
)
from tests.backup.judgement.factory import at, daily, monthly

TODAY = date(2026, 11, 22)
DOCUMENT = DocumentFacts(path="procedure.pdf", sha256="d" * 64, modified_at=at("2026-03-01 10:00"))


def reviewed(on: date | None) -> ControlsPolicy:
    return ControlsPolicy(document=DocumentSetting(path=Path("procedure.pdf"), reviewed=on))


def exempting(until: date) -> Coverage:
    held = Exemption(reason="read-only archive", owner="R. Karimi", until=until, object="sql01/Old*")
    plan = BackupPlan(jobs={"insurance": a_job()}, exempt=(held,))
    return covered(database(), database("OldPayroll"), plan=plan)


def test_every_database_that_was_listed_is_protected():
    found = verdict("C01", facts())
    assert told(found) == (OK, "assets-covered")
    assert evidence(found, "databases-listed") == [{"count": 1, "protected": 1}]


@pytest.mark.parametrize(
    ("coverage", "state", "reason"),
    [
        pytest.param(covered(database(), database("Payroll")), CRITICAL, "assets-unprotected", id="a new database"),
        pytest.param(covered(database(), database("msdb", is_system=True)), WARNING, "systems-unprotected", id="msdb"),
        pytest.param(covered(database("Payroll")), CRITICAL, "assets-unprotected", id="only another one"),
        pytest.param(exempting(date(2027, 3, 1)), OK, "assets-covered", id="exempt with a reason"),
        pytest.param(exempting(date(2026, 11, 21)), CRITICAL, "exemption-expired", id="exempt until yesterday"),
        pytest.param(Coverage(rows=()), NOT_EVALUATED, "nothing-listed", id="nobody lists anything"),
    ],
)
def test_what_there_is_without_what_is_protected(coverage, state, reason):
    assert told(verdict("C01", facts(coverage=coverage))) == (state, reason)


def test_a_promise_about_a_server_that_nobody_asked_proves_nothing():
    plan = BackupPlan(jobs={"insurance": a_job()})
    never_asked = coverage(plan, (), (), TODAY)
    assert told(verdict("C01", facts(coverage=never_asked))) == (UNKNOWN, "server-never-listed")


def test_an_exception_is_shown_with_its_day_and_its_owner():
    found = verdict("C01", facts(coverage=exempting(date(2027, 3, 1))))
    assert evidence(found, "exempted") == [
        {"object": "sql01/OldPayroll", "owner": "R. Karimi", "until_on": "2027-03-01"}
    ]


def test_a_list_of_the_day_before_yesterday_does_not_show_what_there_is_today():
    held = database(seen="11-20 08:00")
    found = verdict("C01", facts(databases=(held,), coverage=covered(held)))
    assert told(found) == (UNKNOWN, "list-stale")


def test_an_inventory_of_vms_may_be_a_month_old_and_no_older():
    young, old = at("11-01 08:00"), at("10-01 08:00")
    assert told(verdict("C01", facts(vms_seen_at=young, vm_count=3))) == (OK, "assets-covered")
    assert told(verdict("C01", facts(vms_seen_at=old, vm_count=3))) == (UNKNOWN, "list-stale")


@pytest.mark.parametrize(
    ("policy", "state", "reason"),
    [
        pytest.param(reviewed(date(2026, 1, 5)), OK, "scheduled", id="this year"),
        pytest.param(reviewed(date(2025, 11, 22)), OK, "scheduled", id="365 days ago"),
        pytest.param(reviewed(date(2025, 11, 21)), WARNING, "review-overdue", id="366 days ago"),
        pytest.param(reviewed(date(2026, 11, 23)), WARNING, "review-to-come", id="tomorrow"),
        pytest.param(reviewed(None), WARNING, "review-unrecorded", id="nobody wrote it down"),
        pytest.param(ControlsPolicy(), WARNING, "review-unrecorded", id="no document"),
    ],
)
def test_a_schedule_is_reviewed_every_year(policy, state, reason):
    assert told(verdict("C02", facts(policy=policy))) == (state, reason)


@pytest.mark.parametrize(
    ("job", "state", "reason"),
    [
        pytest.param(a_job(), OK, "scheduled", id="daily"),
        pytest.param(a_job(daily=None, max_age=timedelta(days=7)), OK, "scheduled", id="never older than a week"),
        pytest.param(a_job(daily=None, monthly=monthly()), CRITICAL, "not-weekly", id="monthly alone"),
        pytest.param(a_job(daily=None, max_age=timedelta(days=8)), CRITICAL, "not-weekly", id="older than a week"),
        pytest.param(a_job(owner=None), WARNING, "no-owner", id="nobody answers for it"),
    ],
)
def test_a_schedule_is_at_least_weekly_and_somebody_s(job, state, reason):
    assert told(verdict("C02", facts(job=job, policy=reviewed(TODAY)))) == (state, reason)


def test_a_monthly_job_needs_no_more_where_another_job_is_daily():
    of = facts(policy=reviewed(TODAY))
    jobs = {"nightly": a_job(), "bank": a_job(daily=None, monthly=monthly())}
    assert told(verdict("C02", replace(of, plan=replace(of.plan, jobs=jobs)))) == (OK, "scheduled")


def test_a_plan_without_jobs_is_no_schedule():
    of = ControlFacts(plan=BackupPlan(), calendar=facts().calendar, plan_file=DocumentFacts(path="itops.yaml"))
    assert told(verdict("C02", of)) == (CRITICAL, "no-schedule")


def test_the_schedule_is_shown_by_the_hash_of_the_file_and_by_each_job():
    found = verdict("C02", facts(job=a_job(daily=daily(keep=14), max_age=timedelta(hours=26))))
    assert evidence(found, "file-hashed") == [{"path": "itops.yaml", "sha256": "5" * 64}]
    assert evidence(found, "job-scheduled") == [
        {"job": "insurance", "tiers": "daily 14, max_age 26h", "owner": "R. Karimi"}
    ]


@pytest.mark.parametrize(
    ("policy", "document", "state", "reason"),
    [
        pytest.param(ControlsPolicy(), None, NOT_EVALUATED, "no-document", id="none named"),
        pytest.param(reviewed(date(2026, 3, 1)), DOCUMENT, OK, "review-current", id="reviewed the day it was written"),
        pytest.param(reviewed(date(2026, 2, 1)), DOCUMENT, WARNING, "document-changed", id="changed after its review"),
        pytest.param(
            reviewed(TODAY), replace(DOCUMENT, sha256=None, problem="missing"), CRITICAL, "document-missing", id="gone"
        ),
        pytest.param(
            reviewed(TODAY),
            replace(DOCUMENT, sha256=None, problem="unreadable"),
            UNKNOWN,
            "document-unreadable",
            id="no right to read it",
        ),
        pytest.param(reviewed(None), DOCUMENT, NOT_EVALUATED, "review-unrecorded", id="never reviewed, as far as told"),
    ],
)
def test_the_procedure_is_there_reviewed_and_unchanged(policy, document, state, reason):
    assert told(verdict("C19", facts(policy=policy, document=document))) == (state, reason)


def test_an_old_review_and_a_change_since_are_both_told():
    found = verdict("C19", facts(policy=reviewed(date(2025, 1, 1)), document=DOCUMENT))
    assert sorted(codes(found)) == ["document-changed", "review-overdue"]
