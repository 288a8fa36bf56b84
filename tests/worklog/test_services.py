"""Services beside the plan and the restores that were measured; nothing unmeasured is ever called met."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.ledger import DrillRecord
from itops.backup.policy import (
    BackupPlan,
    DailyPolicy,
    DaysPolicy,
    Job,
    MonthDay,
    MonthlyPolicy,
    ProtectedList,
    Texts,
    WeeklyPolicy,
)
from itops.dates import parse_period
from itops.names import Names
from itops.verdict import State
from itops.worklog.findings import SERVICE_CODES
from itops.worklog.policy import SECTIONS, Dependencies, Percent, Service, ServiceCatalogue, ServiceRules, Statement
from itops.worklog.promises import allowed_downtime, promise_of
from itops.worklog.services import Estate, ServiceVerdict, judge_services

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONTH, TODAY = parse_period("1405-08"), date(2026, 11, 22)
TEXT = Names(fa="متن", en="text")
WHOLE = Statement(
    **dict.fromkeys(SECTIONS, TEXT),  # type: ignore[arg-type]
    valid_from=date(2026, 3, 21),
    valid_to=date(2027, 3, 20),
    term_months=12,
    renewal_months=12,
)
STANDS_ON = Dependencies(vms=("sql01",), databases=("sql01/Insurance",), links=("LINK-1",))


def service(**more: Any) -> Service:
    known: dict[str, Any] = {
        "title": Names(fa="پرونده الکترونیک", en="Electronic record"),
        "service_id": "11141141104",
        "profile": Path("profile.pdf"),
        "sla": WHOLE,
        "depends_on": STANDS_ON,
        "rpo": DAY,
        "rto": 2 * HOUR,
        "availability_target": Percent(Decimal(99)),
    }
    return Service(**(known | more))


def job(protects: str = "sql01/Insurance", **more: Any) -> Job:
    known: dict[str, Any] = {"daily": DailyPolicy(keep=7)}
    return Job(protects=ProtectedList.from_setting(protects, Path()), repository=Texts(("nas",)), **(known | more))


def drill(seconds: float = 3600, **more: Any) -> DrillRecord:
    known: dict[str, Any] = {"object": "sql01/Insurance", "started_at": datetime(2026, 11, 1, tzinfo=UTC)}
    known |= {"is_restored": True, "is_answered": True}
    return DrillRecord(
        job="night", repository="nas", key="a.bak", fingerprint="f", seconds=seconds, into="mssql", **(known | more)
    )


ESTATE = Estate(
    plan=BackupPlan(jobs={"night": job()}),
    drills=(drill(),),
    vms=frozenset({"SQL01"}),
    databases=frozenset({"sql01/insurance"}),
    links=frozenset({"LINK-1"}),
)


def judged(one: Service, estate: Estate = ESTATE, **rules: Any) -> ServiceVerdict:
    catalogue = ServiceCatalogue(services={"record": one}, rules=ServiceRules(**rules))
    return judge_services(catalogue, estate, MONTH, TODAY)[0]


def codes(one: Service, estate: Estate = ESTATE, **rules: Any) -> list[str]:
    return [finding.code for finding in judged(one, estate, **rules).findings]


def test_a_service_with_everything_is_fine():
    verdict = judged(service())
    assert (verdict.findings, verdict.state, verdict.measured) == ((), State.OK, HOUR)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"service_id": None}, "service.no-id"),
        ({"parent": "nobody"}, "service.parent-unknown"),
        ({"parent": "record"}, "service.parent-unknown"),
        ({"profile": None}, "service.no-profile"),
        ({"sla": None}, "service.no-statement"),
        ({"sla": replace(WHOLE, costs=None)}, "service.section-missing"),
        ({"sla": replace(WHOLE, valid_to=None)}, "service.no-validity"),
        ({"sla": replace(WHOLE, renewal_months=None, term_months=36)}, "service.validity-disagrees"),
        ({"rpo": None}, "service.no-rpo"),
        ({"rto": None}, "service.no-rto"),
        ({"rpo": 4 * HOUR}, "service.rpo-missed"),
        ({"rto": HOUR - timedelta(seconds=1)}, "service.rto-missed"),
        ({"depends_on": replace(STANDS_ON, vms=("sql02",))}, "service.vm-unknown"),
        ({"depends_on": replace(STANDS_ON, links=("LINK-2",))}, "service.link-unknown"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_else(changed, code):
    assert codes(service(**changed)) == [code]


@pytest.mark.parametrize(
    ("today", "code"),
    [
        (date(2027, 3, 21), "service.expired"),
        (date(2027, 3, 20), "service.expires-soon"),
        (date(2027, 1, 19), "service.expires-soon"),
        (date(2027, 1, 18), None),
        (date(2026, 3, 20), "service.not-yet-valid"),
    ],
)
def test_a_statement_holds_until_its_last_day(today, code):
    catalogue = ServiceCatalogue(services={"record": service()})
    found = [one.code for one in judge_services(catalogue, ESTATE, MONTH, today)[0].findings]
    assert found == ([] if code is None else [code])


def test_three_years_in_section_6_and_yearly_in_section_7_disagree():
    both = replace(WHOLE, valid_from=None, term_months=36, renewal_months=12)
    (finding,) = judged(service(sla=both)).findings
    assert (finding.code, finding.facts) == ("service.term-disagrees", {"term": 36, "renewal": 12})


@pytest.mark.parametrize(
    ("service_id", "rules", "is_odd"),
    [
        ("40114114111", {}, False),
        ("whatever", {}, False),
        ("40114114111", {"id_length": 11, "id_digits": True}, False),
        ("4011411411", {"id_length": 11}, True),
        ("4011411411x", {"id_length": 11}, False),
        ("4011411411x", {"id_digits": True}, True),
        ("۴۰۱۱۴۱۱۴۱۱۱", {"id_digits": True}, True),  # opaque: it is stored as it was given
    ],
)
def test_a_service_id_is_only_checked_as_the_office_wants(service_id, rules, is_odd):
    assert codes(service(service_id=service_id), **rules) == (["service.id-form"] if is_odd else [])


def test_two_services_with_one_id_are_both_told():
    twice = ServiceCatalogue(services={"a": service(), "b": service()})
    assert [one.findings[0].code for one in judge_services(twice, ESTATE, MONTH, TODAY)] == ["service.id-duplicate"] * 2


@pytest.mark.parametrize(
    ("drills", "code", "state"),
    [
        ((), "service.not-tested", State.UNKNOWN),
        ((drill(is_restored=False, is_verified_only=True),), "service.not-tested", State.UNKNOWN),
        ((drill(object="sql01/Other"),), "service.not-tested", State.UNKNOWN),
        ((drill(is_restored=False),), "service.restore-failed", State.CRITICAL),
        ((drill(is_answered=False),), "service.restore-failed", State.CRITICAL),
        ((drill(), drill(is_restored=False, started_at=datetime(2026, 11, 2, tzinfo=UTC))), "service.restore-failed", State.CRITICAL),  # noqa: E501
        ((drill(7201),), "service.rto-missed", State.CRITICAL),
    ],
)  # fmt: skip
def test_a_recovery_time_that_nobody_measured_is_never_met(drills, code, state):
    verdict = judged(service(), replace(ESTATE, drills=drills))
    assert [one.code for one in verdict.findings] == [code]
    assert verdict.state is state


def test_the_slowest_database_counts_and_one_untested_leaves_the_whole_unmeasured():
    two = service(depends_on=Dependencies(databases=("sql01/Insurance", "sql01/Letters")))
    estate = replace(ESTATE, plan=BackupPlan(jobs={"night": job("sql01/*")}), databases=None)
    both = replace(estate, drills=(drill(60), drill(90, object="SQL01/letters")))
    assert judged(two, both).measured == timedelta(seconds=90)
    assert judged(two, replace(estate, drills=(drill(60),))).measured is None


def test_a_database_that_no_job_protects_is_critical_and_its_rpo_not_judged():
    estate = replace(ESTATE, plan=BackupPlan(jobs={"night": job("sql02/*")}))
    assert codes(service(), estate) == ["service.unprotected"]


def test_where_nobody_looked_nothing_is_called_unknown():
    assert codes(service(), Estate(plan=ESTATE.plan, drills=ESTATE.drills)) == []


@pytest.mark.parametrize(
    ("jobs", "loses", "by"),
    [
        ({"night": job()}, DAY, "daily"),
        ({"night": job(daily=DailyPolicy(keep=7, on=("saturday", "sunday", "monday", "tuesday", "wednesday")))}, 3 * DAY, "daily"),  # noqa: E501
        ({"night": job(daily=DailyPolicy(keep=7, on=("friday",)))}, 7 * DAY, "daily"),
        ({"week": job(daily=None, weekly=WeeklyPolicy(keep=4, on="friday"))}, 7 * DAY, "weekly"),
        ({"month": job(daily=None, monthly=MonthlyPolicy(keep=12, on=MonthDay(None)))}, 31 * DAY, "monthly"),
        ({"night": job(), "log": job(daily=None, rpo=timedelta(minutes=15))}, timedelta(minutes=15), "rpo"),
        ({"night": job(max_age=26 * HOUR)}, DAY, "daily"),
        ({"night": job(daily=None, max_age=26 * HOUR)}, 26 * HOUR, "max_age"),
    ],
)  # fmt: skip
def test_a_plan_may_lose_the_longest_pause_between_two_copies(jobs, loses, by):
    promise = promise_of(BackupPlan(jobs=jobs), "sql01/Insurance")
    assert promise is not None
    assert (promise.loses, promise.by) == (loses, by)


def test_four_hours_against_a_daily_backup_are_told_with_both_numbers():
    (finding,) = judged(service(rpo=4 * HOUR)).findings
    assert finding.facts == {
        "database": "sql01/Insurance", "rpo_seconds": 14_400, "plan_seconds": 86_400, "job": "night",
    }  # fmt: skip
    assert finding.evidence == ("sql01/Insurance", "night", "daily")


@pytest.mark.parametrize(
    ("more", "period", "allowed", "days"),
    [
        ({}, "1405-08", timedelta(hours=7, minutes=12), 30),
        ({}, "1405-01", timedelta(hours=7, minutes=12), 30),
        ({"period_basis": "calendar"}, "1405-01", timedelta(hours=7, minutes=26, seconds=24), 31),
        ({"period_basis": "calendar"}, "1402-12", timedelta(hours=6, minutes=57, seconds=36), 29),
        ({"availability_target": Percent(Decimal("99.95"))}, "1405-08", timedelta(minutes=21, seconds=36), 30),
        ({"availability_target": Percent(Decimal(100))}, "1405-08", timedelta(), 30),
    ],
)
def test_the_allowed_interruption_is_exact_and_knows_its_basis(more, period, allowed, days):
    downtime = allowed_downtime(service(**more), parse_period(period), DaysPolicy())
    assert downtime is not None
    assert (downtime.allowed, downtime.days) == (allowed, days)


@pytest.mark.parametrize("period", [f"1402-{month:02}" for month in range(1, 13)])
def test_office_hours_count_working_days(period):
    days = DaysPolicy(working=("saturday", "sunday", "monday", "tuesday", "wednesday"))
    office = service(hours="office", office_day=7 * HOUR, period_basis="calendar")
    month = parse_period(period)
    downtime = allowed_downtime(office, month, days)
    assert downtime is not None
    counted = sum((month.first + n * DAY).weekday() not in (3, 4) for n in range((month.last - month.first).days + 1))
    assert (downtime.days, downtime.basis) == (counted, counted * 7 * HOUR)


def test_a_holiday_is_no_office_day():
    days = DaysPolicy(working=("saturday",), holidays=(date(2026, 10, 24),))
    office = service(hours="office", office_day=7 * HOUR, period_basis="calendar")
    with_holiday = allowed_downtime(office, MONTH, days)
    without = allowed_downtime(office, MONTH, replace(days, holidays=()))
    assert with_holiday is not None
    assert without is not None
    assert with_holiday.days == without.days - 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: service(hours="office"),
        lambda: service(office_day=7 * HOUR),
        lambda: service(hours="office", office_day=7 * HOUR),
        lambda: service(hours="office", office_day=25 * HOUR, period_basis="calendar"),
        lambda: service(rpo=timedelta()),
        lambda: Dependencies(databases=("Insurance",)),
        lambda: Dependencies(databases=("sql01/*",)),
        lambda: Dependencies(databases=("vm/sql01",)),
        lambda: replace(WHOLE, valid_to=date(2020, 1, 1)),
    ],
)
def test_a_service_that_cannot_be_is_refused(make):
    with pytest.raises(ValueError, match=r"\w"):
        make()


@pytest.mark.parametrize("text", ["99", "99.9", "99.9%", "۹۹", " 100 "])
def test_a_share_is_read_as_it_was_written(text):
    assert 99 <= Percent.from_setting(text, Path()) <= 100


@pytest.mark.parametrize("text", ["", "0", "-1", "101", "nan", "Infinity", "9" * 400, "ninety", "1e2000"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(ValueError, match="availability"):
        Percent.from_setting(text, Path())


@given(
    rpo=st.none() | st.integers(1, 10_000).map(lambda n: timedelta(minutes=n)),
    rto=st.none() | st.integers(1, 10_000).map(lambda n: timedelta(minutes=n)),
    drills=st.lists(
        st.builds(drill, st.floats(0, 1e6), is_restored=st.booleans(), is_answered=st.booleans()), max_size=3
    ),
    jobs=st.lists(st.sampled_from(["sql01/*", "sql01/Insurance", "sql02/*"]), max_size=2),
)
def test_a_promise_without_a_finding_is_backed_by_the_plan_and_by_a_measured_restore(rpo, rto, drills, jobs):
    estate = replace(
        ESTATE, plan=BackupPlan(jobs={f"j{n}": job(held) for n, held in enumerate(jobs)}), drills=tuple(drills)
    )
    verdict = judged(service(rpo=rpo, rto=rto), estate)
    told = {one.code for one in verdict.findings}
    assert told <= set(SERVICE_CODES)
    if rpo is not None and not told & {"service.rpo-missed", "service.unprotected"}:
        promise = promise_of(estate.plan, "sql01/Insurance")
        assert promise is not None
        assert promise.loses <= rpo
    if rto is not None and not told & {"service.rto-missed", "service.not-tested", "service.restore-failed"}:
        assert verdict.measured is not None
        assert verdict.measured <= rto
