"""The part as a whole: the counts of a year that was published, what cannot be known, and that a period is a value."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.copies import Database, Fault
from itops.backup.coverage import KnownVm
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, DailyPolicy, DaysPolicy, MonthDay, MonthlyPolicy, WeeklyPolicy
from itops.dates import parse_day, parse_period
from itops.reports.monthly.backups import no_backups
from itops.reports.monthly.backups_coverage import has_old_lists
from itops.reports.monthly.figures import FigureBook
from itops.verdict import State, severity
from tests.reports.monthly.test_backups_building import (
    ABAN,
    DAY,
    EVERY_DAY,
    HOUR,
    JOB,
    OBJECT,
    TEHRAN,
    copy,
    database,
    days_of,
    drill,
    figure,
    findings,
    job,
    look,
    looks_of,
    night,
    nightly,
    part,
    plan,
    proof,
    settled,
    value,
)

YEAR = parse_period("1402")
# The holidays of the country in 1402 by month, the two days of Mordad that were closed for the heat among them.
HOLIDAYS = tuple(
    parse_day(f"1402-{month:02}-{day:02}")
    for month, days in {
        1: (1, 2, 3, 4, 12, 13, 23),
        2: (2, 3, 26),
        3: (14, 15),
        4: (8, 16),
        5: (5, 6, 10, 11),
        6: (15, 23, 25),
        7: (2, 11),
        9: (26,),
        11: (5, 19, 22),
        12: (6, 29),
    }.items()
    for day in days
)
WORKED = ("saturday", "sunday", "monday", "tuesday", "wednesday")
ALL_TIERS = job(
    daily=EVERY_DAY, weekly=WeeklyPolicy(keep=4, on="friday"), monthly=MonthlyPolicy(keep=12, on=MonthDay(None))
)


def test_a_year_of_nightly_copies_has_the_published_counts_of_days_weeks_and_months() -> None:
    found = part(plan(ALL_TIERS), YEAR, copies=nightly(YEAR), looks=looks_of(YEAR))
    parts = {name: (figure(found, name).part, figure(found, name).of) for name in ("backup.daily", "backup.weekly")}
    assert parts == {"backup.daily": (365, 365), "backup.weekly": (52, 52)}
    assert (figure(found, "backup.monthly").part, figure(found, "backup.monthly").of) == (12, 12)
    assert (value(found, "backup.slots"), value(found, "backup.slots_ok")) == (365 + 52 + 12, 1)
    assert len(found.days) == 365
    assert found.jobs[0].tiers == {"daily": {"OK": 365}, "weekly": {"OK": 52}, "monthly": {"OK": 12}}


def test_a_copy_on_a_day_that_is_not_worked_is_no_demanded_one() -> None:
    days = DaysPolicy(start=time(6), working=WORKED, holidays=HOLIDAYS)
    found = part(plan(job(daily=DailyPolicy(keep=14)), days=days), YEAR, copies=nightly(YEAR), looks=looks_of(YEAR))
    assert (value(found, "backup.slots"), figure(found, "backup.daily").part) == (241, 241)
    months = [row.slot[5:7] for row in found.slots if row.reason != "anyway"]
    assert [months.count(f"{number:02}") for number in range(1, 13)] == [
        *(17, 19, 21, 21, 21, 19),
        *(20, 22, 20, 21, 21, 19),
    ]


def test_the_slots_of_a_year_are_those_of_its_months_each_once() -> None:
    copies, looks = nightly(YEAR), looks_of(YEAR)
    whole = part(plan(ALL_TIERS), YEAR, copies=copies, looks=looks)
    months = [parse_period(f"1402-{number:02}") for number in range(1, 13)]
    told = [row for month in months for row in part(plan(ALL_TIERS), month, copies=copies, looks=looks).slots]
    assert sorted((row.tier, row.slot) for row in told) == sorted((row.tier, row.slot) for row in whole.slots)


def test_every_figure_has_an_id_of_its_own_and_the_same_ones_stand_without_a_plan() -> None:
    found = FigureBook.of(part(plan(), copies=nightly(ABAN)).figures)
    assert list(FigureBook.of(no_backups(ABAN).figures).figures) == list(found.figures)
    assert all(one.id.partition(".")[0] in {"backup", "custody"} for one in found.figures.values())


def test_without_a_plan_nothing_is_known_and_no_figure_is_nought() -> None:
    found = no_backups(ABAN)
    assert {(one.value, one.reason) for one in found.figures} == {(None, "no-plan")}
    assert len(found.days) == 30


def test_a_plan_without_jobs_still_tells_which_databases_nobody_backs_up() -> None:
    found = part(BackupPlan(), databases=[database("Insurance")])
    assert (value(found, "backup.slots"), figure(found, "backup.slots").reason) == (None, "no-plan")
    assert (value(found, "backup.databases"), value(found, "backup.databases_protected")) == (1, 0)
    assert [one.subject for one in findings(found, "report.unprotected")] == [OBJECT]


def test_a_job_that_nobody_ever_looked_for_has_no_count_of_slots() -> None:
    found = part(plan(job(since=None)), looks=[])
    assert (value(found, "backup.slots"), figure(found, "backup.daily").reason) == (None, "never-looked")
    assert value(found, "backup.jobs") == 1


def test_without_a_place_of_custody_nothing_is_said_of_deposits() -> None:
    found = part(plan(), copies=nightly(ABAN))
    told = [figure(found, name) for name in ("custody.deposits", "custody.months", "custody.media")]
    assert [(one.value, one.reason) for one in told] == [(None, "no-place")] * 3


def test_a_database_that_servers_list_and_no_job_protects_is_found() -> None:
    listed = [
        database("Insurance"),
        database("Archive"),
        database("tempdb", is_system=True),
        database("master", is_system=True),
    ]
    found = part(plan(), copies=nightly(ABAN), databases=listed)
    assert (value(found, "backup.databases"), value(found, "backup.databases_protected")) == (2, 0.5)
    assert [(one.subject, one.state) for one in findings(found, "report.unprotected")] == [
        ("sql01/Archive", State.CRITICAL),
        ("sql01/master", State.WARNING),  # the server's own: it can be built anew
    ]
    assert found.lists_databases
    assert found.covers[0].object == "sql01/Archive"


def test_where_no_server_listed_its_databases_it_is_not_said_that_all_are_protected() -> None:
    found = part(plan(), copies=nightly(ABAN), databases=[database("Archive", seen_at=settled(ABAN) + HOUR)])
    assert not found.lists_databases
    assert figure(found, "backup.databases_protected").value is None
    assert figure(found, "backup.databases_protected").reason == "never-listed"


def test_a_database_that_went_after_the_report_was_settled_still_counts() -> None:
    gone = database("Archive", gone_at=settled(ABAN) + DAY)
    found = part(plan(), copies=nightly(ABAN), databases=[database("Insurance"), gone])
    assert value(found, "backup.databases") == 2


def test_a_vm_of_the_inventory_has_a_row_and_no_finding() -> None:
    found = part(plan(), copies=nightly(ABAN), vms=[KnownVm(name="DC", seen_at=settled(ABAN))])
    assert [(row.object, row.cover) for row in found.covers if row.kind == "vm"] == [("vm/DC", "unprotected")]
    assert findings(found, "report.unprotected") == []


@pytest.mark.parametrize(
    ("missing", "count", "first", "last"),
    [
        pytest.param([3], 1, "1405-08-04", "1405-08-04", id="one day"),
        pytest.param([3, 4, 20], 3, "1405-08-04", "1405-08-21", id="three days"),
    ],
)
def test_missing_slots_are_one_finding_that_names_the_first_and_the_last(
    missing: list[int], count: int, first: str, last: str
) -> None:
    days = days_of(ABAN)
    copies = nightly(ABAN, without=[days[number] for number in missing])
    found = part(plan(job(owner="R. Karimi")), copies=copies)
    (one,) = findings(found, "report.slots-missing")
    assert one.facts == {"slot_count": count, "first_slot": first, "last_slot": last, "tier_list": "daily"}
    assert (one.subject, one.owner, one.state) == (f"{JOB} {OBJECT}", "R. Karimi", State.CRITICAL)
    assert [held.note for held in one.evidence] == ["MISSING"] * count
    assert one.evidence[0].ref == f"daily {first} {JOB} {OBJECT}"
    assert (value(found, "backup.missing"), figure(found, "backup.daily").part) == (count, 30 - count)
    assert found.jobs[0].state is State.CRITICAL


def test_slots_that_nobody_could_look_at_are_unknown_and_not_fine() -> None:
    days = days_of(ABAN)
    found = part(plan(), copies=nightly(ABAN, without=[days[-1]]), looks=looks_of(ABAN)[5:])
    assert (value(found, "backup.unknown"), value(found, "backup.missing")) == (1, 0)
    assert figure(found, "backup.slots_ok").part == 29
    assert findings(found, "report.slots-unknown")[0].state is State.UNKNOWN


def test_damaged_and_weak_copies_are_told_apart() -> None:
    days = days_of(ABAN)
    bad = copy(night(days[2]), proofs=(proof(night(days[3]), level=None, fault="cut", started_at=night(days[2])),))
    weak = copy(night(days[5]), proofs=(proof(night(days[6]), level=Level.SEEN, started_at=night(days[5])),))
    found = part(plan(), copies=[*nightly(ABAN, without=[days[2], days[5]]), bad, weak])
    assert (value(found, "backup.damaged"), value(found, "backup.weak")) == (1, 1)
    assert (len(findings(found, "report.slots-damaged")), len(findings(found, "report.slots-weak"))) == (1, 1)
    row = next(row for row in found.slots if row.state == "WEAK")
    assert (row.level, row.needed, row.on) == (0, 2, days[5])


def test_a_late_copy_is_ok_and_counted_as_late() -> None:
    days = days_of(ABAN)
    late = DailyPolicy(keep=14, on=EVERY_DAY.on, grace=timedelta(hours=6))
    made = night(days[4]) + 9 * HOUR  # 08:00 of the next morning, when that day has begun
    found = part(plan(job(daily=late)), copies=[*nightly(ABAN, without=[days[4]]), copy(made)])
    assert (value(found, "backup.late"), value(found, "backup.slots_ok")) == (1, 1)


def test_the_copies_at_hand_are_counted_by_what_is_proven_of_them() -> None:
    here = copy(night(ABAN.last))
    gone = copy(night(ABAN.first), gone_at=night(ABAN.last))
    bad = replace(copy(night(ABAN.last - DAY)), proofs=())
    bad = replace(bad, copy=replace(bad.copy, faults=(Fault(code="stripe-missing"),)))
    levels = part(plan(), copies=[here, gone, bad]).levels
    assert levels == {"0": 0, "1": 0, "2": 1, "3": 0, "4": 0, "5": 0, "6": 0, "7": 0}


def test_of_a_file_that_was_written_over_only_the_last_state_is_at_hand() -> None:
    new = copy(night(ABAN.last))
    old = replace(new, copy=replace(new.copy, fingerprint="g"), last_seen_at=new.last_seen_at - 2 * HOUR)
    assert sum(part(plan(), copies=[old, new]).levels.values()) == 1
    other = replace(old, copy=replace(old.copy, key="other"))
    assert sum(part(plan(), copies=[other, new]).levels.values()) == 2


def test_a_job_tells_its_newest_copy_and_its_last_good_restore() -> None:
    tests = [drill(night(ABAN.first), seconds=30), drill(night(ABAN.first) + DAY, is_restored=False)]
    (row,) = part(plan(), copies=nightly(ABAN), drills=tests[::-1]).jobs
    assert (row.newest_at, row.level, row.is_database) == (night(ABAN.last), 2, True)
    assert (row.restored_at, row.restore_seconds) == (night(ABAN.first), 30)


def test_the_age_of_the_newest_copy_is_a_finding_where_the_plan_limits_it() -> None:
    old = part(plan(job(max_age=timedelta(hours=26))), copies=nightly(ABAN, without=days_of(ABAN)[-3:]))
    (one,) = findings(old, "too-old")
    assert one.table == "backup"
    assert one.facts["limit_hours"] == 26
    assert findings(part(plan(job(max_age=timedelta(days=4))), copies=nightly(ABAN)), "too-old") == []


def test_a_slot_of_a_running_period_that_is_not_over_is_not_demanded() -> None:
    judged_at = night(ABAN.first + 3 * DAY) - HOUR
    found = part(plan(), copies=nightly(ABAN), judged_at=judged_at)
    assert (value(found, "backup.slots"), value(found, "backup.slots_ok")) == (3, 1)
    assert [row.state for row in found.slots] == ["OK"] * 3 + ["OPEN"]


def test_a_weak_copy_in_a_slot_that_still_has_time_is_no_finding_yet() -> None:
    made = night(ABAN.first) - 2 * HOUR
    weak = copy(made, seen_at=made + HOUR, proofs=(proof(made + HOUR, level=Level.SEEN, started_at=made),))
    found = part(plan(), copies=[weak], judged_at=made + 2 * HOUR)
    assert [row.state for row in found.slots] == ["WEAK"]
    assert (findings(found, "report.slots-weak"), found.jobs[0].state) == ([], State.OK)


def test_a_week_belongs_to_the_month_that_its_copy_is_expected_in() -> None:
    weeks = job(daily=None, weekly=WeeklyPolicy(keep=4, on="tuesday"))
    copies, looks = nightly(parse_period("1405")), looks_of(parse_period("1405"))
    told = {
        name: [row.slot for row in part(plan(weeks), parse_period(name), copies=copies, looks=looks).slots]
        for name in ("1405-08", "1405-09")
    }
    # Aban is from a Friday to a Saturday: its last week begins in it and is expected on a Tuesday of Azar.
    assert told["1405-08"] == ["w1405-08-02", "w1405-08-09", "w1405-08-16", "w1405-08-23"]
    assert told["1405-09"][0] == "w1405-08-30"


def test_a_job_that_keeps_a_single_copy_has_every_slot_told() -> None:
    few = replace(EVERY_DAY, keep=1)
    found = part(plan(job(daily=few)), copies=nightly(ABAN, without=[ABAN.first]))
    assert (value(found, "backup.slots"), value(found, "backup.missing")) == (30, 1)


CHOICES = st.lists(st.sampled_from(range(30)), unique=True, max_size=12)


@st.composite
def _copies(draw: st.DrawFn) -> list[KnownCopy]:
    """The nights of the month without some, some of them weak, damaged or pruned."""
    days = days_of(ABAN)
    missing, weak, bad, gone = (set(draw(CHOICES)) for _ in range(4))
    found = []
    for number, day in enumerate(days):
        if number in missing:
            continue
        one = copy(night(day))
        if number in weak | bad:
            level, fault = (None, "cut") if number in bad else (Level.SEEN, "")
            held = proof(one.first_seen_at + HOUR, level=level, fault=fault, started_at=night(day))
            one = replace(one, proofs=(held,))
        found.append(replace(one, gone_at=one.first_seen_at + 2 * DAY) if number in gone else one)
    return found


@settings(max_examples=60, deadline=None)
@given(copies=_copies(), minutes=st.integers(1, 500_000), data=st.data())
def test_the_same_report_asked_later_says_the_same(copies: list[KnownCopy], minutes: int, data: st.DataObject) -> None:
    held = plan(replace(ALL_TIERS, max_age=timedelta(days=3)))
    listed, tests = [database("Insurance"), database("Archive")], [drill(night(ABAN.first))]
    before = part(held, copies=copies, databases=listed, drills=tests)
    then = settled(ABAN) + timedelta(minutes=minutes)
    lasts = [data.draw(st.sampled_from(("stays", "seen", "pruned", "proven", "damaged"))) for _ in copies]
    seen = [_later(one, fate, then) for one, fate in zip(copies, lasts, strict=True)]
    found_late = [copy(night(day), seen_at=then) for day in days_of(ABAN)]
    new = [replace(one, copy=replace(one.copy, key=f"late_{one.copy.key}")) for one in found_late]
    late_database = replace(listed[0], last_seen_at=then, gone_at=then, database=_changed(listed[0].database, then))
    after = part(
        held,
        copies=[*seen, *new],
        looks=[look(then), look(settled(ABAN) - timedelta(minutes=1), minutes=120), *looks_of(ABAN)],
        databases=[late_database, listed[1], database("New", seen_at=then)],
        drills=[drill(then), drill(settled(ABAN) - HOUR, seconds=7200), *tests],
    )
    assert after == before


def _changed(held: Database, then: datetime) -> Database:
    """What a server tells of a database by then."""
    return replace(held, recovery_model="SIMPLE", facts={"last_good_checkdb": then.isoformat()})


def _later(one: KnownCopy, fate: str, then: datetime) -> KnownCopy:
    """The copy as a look of later found it; of one that had gone nothing more is heard."""
    if one.gone_at is not None:
        return one
    if fate == "pruned":
        return replace(one, gone_at=then)
    if fate in {"stays", "seen"}:
        return one if fate == "stays" else replace(one, last_seen_at=then)
    made_at = one.copy.modified_at or then
    level, fault = (None, "cut") if fate == "damaged" else (Level.ANSWERED, "")
    return replace(one, proofs=(*one.proofs, proof(then, level=level, fault=fault, started_at=made_at)))


@settings(max_examples=60, deadline=None)
@given(copies=_copies(), data=st.data())
def test_removing_a_copy_never_makes_a_report_better(copies: list[KnownCopy], data: st.DataObject) -> None:
    if not copies:
        return
    place = data.draw(st.integers(0, len(copies) - 1))
    whole, less = (
        part(plan(ALL_TIERS), copies=copies),
        part(plan(ALL_TIERS), copies=copies[:place] + copies[place + 1 :]),
    )
    for name in ("backup.slots_ok", "backup.daily", "backup.weekly", "backup.monthly"):
        assert (figure(less, name).part or 0) <= (figure(whole, name).part or 0)
        assert figure(less, name).of == figure(whole, name).of
    if copies[place].proofs[0].examination.faults:
        return  # a damaged copy is worse than none only in what its finding says
    assert severity(less.jobs[0].state) >= severity(whole.jobs[0].state)


def test_a_copy_that_is_seen_again_later_was_seen_by_the_looks_before() -> None:
    looks = looks_of(ABAN)
    before = part(plan(), copies=[copy(night(day), last_at=looks[0].looked_at) for day in days_of(ABAN)], looks=looks)
    later = settled(ABAN) + 30 * DAY
    seen = [copy(night(day), last_at=later) for day in days_of(ABAN)]
    assert part(plan(), copies=seen, looks=[look(later), *looks]) == before


def test_a_report_of_a_month_before_anything_was_seen_knows_no_copy() -> None:
    seen = [copy(night(day), seen_at=datetime(2027, 1, 1, tzinfo=UTC)) for day in days_of(ABAN)]
    found = part(plan(), copies=seen, looks=[look(datetime(2027, 1, 1, tzinfo=UTC))])
    assert value(found, "backup.unknown") == 30
    ratio = figure(found, "backup.slots_ok")
    assert (ratio.value, ratio.of, ratio.reason) == (None, 30, "never-looked")
    assert found.levels["2"] == 0


def test_no_day_of_the_period_is_told_twice() -> None:
    found = part(plan(ALL_TIERS), copies=nightly(ABAN))
    assert len({(row.job, row.object, row.tier, row.slot) for row in found.slots}) == len(found.slots)
    assert found.days == tuple(days_of(ABAN))
    assert found.days[0] == date(2026, 10, 23)


@pytest.mark.parametrize(
    ("hours", "is_complete", "is_old"),
    [
        pytest.param((), True, False, id="no look at it is known"),
        pytest.param((-1, 1), True, False, id="looked at in the month"),
        pytest.param((-1,), True, True, id="looked at before it"),
        pytest.param((1,), False, False, id="in vain, and never else"),
    ],
)
def test_a_server_that_listed_its_databases_before_the_month_alone_is_told(
    hours: Any, is_complete: bool, is_old: bool
) -> None:
    begin = ABAN.moments(TEHRAN)[0]
    own = [replace(look(begin + one * HOUR), repository="sql01", is_complete=is_complete) for one in hours]
    looks = [look(begin - HOUR), *own]
    assert has_old_lists([database("Insurance")], looks, begin) is is_old
    assert not has_old_lists([database("Insurance", gone_at=begin)], looks, begin)
