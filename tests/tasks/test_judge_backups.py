"""Judging by the whole way, with real tapes in real folders: the worked examples, and the shapes that offices have."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.backup.patterns import Pattern
from itops.backup.policy import DailyPolicy, MonthDay, MonthlyPolicy, Tier, WeeklyPolicy
from itops.verdict import State
from tests.backup.judgement.factory import TEHRAN, at, codes, reasons, states, tier_of
from tests.tasks.judging_office import JudgedOffice, Unreachable, by_name, job

NAMES = Pattern.parse("Insurance_{year}{month}{day}_{hour}{minute}.bak")
EACH_DAY = DailyPolicy(keep=14)


def office(folder: Path, **settings) -> JudgedOffice:
    return JudgedOffice(folder, {"insurance": job(files=NAMES, level=Level.INTACT, **settings)})


def nights(first: int, last: int, *without: int) -> Iterator[str]:
    return (f"11-{day:02} 23:30" for day in range(first, last + 1) if day not in without)


def test_two_weeks_of_a_daily_job_from_tapes_to_the_verdict(tmp_path):
    place = office(tmp_path, daily=EACH_DAY)
    for moment in (*nights(8, 20, 13, 15, 16), "11-17 01:30", "11-21 23:30", "12-25 23:30"):
        path = place.tape(moment)
    broken = place.place() / "Insurance_20261121_2330.bak"
    broken.write_bytes(broken.read_bytes()[:-1000])
    assert path.name == "Insurance_20261225_2330.bak"
    place.verify()
    verdict = place.verdict()
    exempt, ok = "EXEMPT", "OK"
    assert states(verdict) == {
        "11-08": exempt, "11-09": exempt, "11-10": ok, "11-11": ok, "11-12": ok, "11-13": exempt, "11-14": ok,
        "11-15": "MISSING", "11-16": ok, "11-17": ok, "11-18": ok, "11-19": ok, "11-20": ok, "11-21": "DAMAGED",
        "11-22": "OPEN",
    }  # fmt: skip
    told = reasons(verdict)
    assert (told["11-08"], told["11-13"], told["11-18"]) == ("before-policy", "not-expected", "anyway")
    daily = tier_of(verdict)
    assert (daily.held, daily.required, daily.extra) == (7, 9, 2)
    sixteenth = next(slot for slot in daily.slots if slot.slot.first_day == date(2026, 11, 16))
    assert (sixteenth.reference_at, sixteenth.level) == (at("11-17 01:30"), Level.INTACT)
    assert {"future-dated", "damaged"} <= set(codes(verdict))
    assert verdict.state is State.CRITICAL


def test_the_same_months_are_another_truth_in_another_calendar_from_tapes_to_the_verdict(tmp_path):
    monthly = MonthlyPolicy(keep=6, on=MonthDay(None), grace=timedelta(days=5))
    place = office(tmp_path, since=date(2026, 8, 1), monthly=monthly)
    for moment in ("09-22 12:00", "10-24 12:00", "11-21 12:00"):
        place.tape(moment)
    place.verify()
    assert by_name(place.verdict(), Tier.MONTHLY) == {
        "1405-06": "OK", "1405-07": "OK-LATE", "1405-08": "OK", "1405-09": "OPEN",
    }  # fmt: skip
    place.calendar = "gregorian"
    assert by_name(place.verdict(), Tier.MONTHLY) == {
        "2026-08": "MISSING", "2026-09": "OK", "2026-10": "OK", "2026-11": "OK",
    }  # fmt: skip


FULL, DIFFERENTIAL, LOG = CopyKind.FULL, CopyKind.DIFFERENTIAL, CopyKind.LOG


def three_jobs(folder: Path) -> JudgedOffice:
    """A full each week, a differential each day, a log every 15 minutes: three jobs over one folder."""

    def named(prefix: str) -> Pattern:
        return Pattern.parse(prefix + "_{year}{month}{day}_{hour}{minute}.bak")

    common = {"level": Level.INTACT, "since": date(2026, 11, 14)}
    return JudgedOffice(
        folder,
        {
            "full": job(files=named("full"), kinds=(FULL,), weekly=WeeklyPolicy(keep=4, on="saturday"), **common),
            "diff": job(files=named("diff"), kinds=(DIFFERENTIAL,), daily=DailyPolicy(keep=7), **common),
            "log": job(
                files=named("log"), kinds=(LOG,), max_age=timedelta(minutes=30), rpo=timedelta(minutes=30), **common
            ),
        },
    )


def lsn(moment: str) -> int:
    """A log sequence number of that moment."""
    return int((at(moment) - at("11-01 00:00")).total_seconds()) * 10**15 // 60 * 60 // 60


def chain_of_a_week(place: JudgedOffice) -> None:
    """A full on Saturday 14 and 21, differentials at 22:00, logs of the last two days, until 08:45 on the 22nd."""
    for day in (14, 21):
        moment = f"11-{day} 20:00"
        place.tape(moment, name="full", first_lsn=lsn(moment), checkpoint_lsn=lsn(moment), last_lsn=lsn(moment) + 5)
    for day in range(14, 22):
        moment, base = f"11-{day} 22:00", f"11-{21 if day >= 21 else 14} 20:00"
        own = {"first_lsn": lsn(moment), "checkpoint_lsn": lsn(moment), "last_lsn": lsn(moment) + 5}
        place.tape(moment, name="diff", kind=DIFFERENTIAL, database_backup_lsn=lsn(base), **own)
    moment = at("11-20 22:00")
    while moment <= at("11-22 08:45"):
        text, before = (f"{one.astimezone(TEHRAN):%m-%d %H:%M}" for one in (moment, moment - timedelta(minutes=15)))
        place.tape(text, name="log", kind=LOG, first_lsn=lsn(before), last_lsn=lsn(text), log_bytes=1024)
        moment += timedelta(minutes=15)


@pytest.fixture
def week(tmp_path) -> JudgedOffice:
    place = three_jobs(tmp_path)
    chain_of_a_week(place)
    return place


def test_full_differential_and_log_in_three_jobs_are_all_green(week):
    week.verify()
    judged = week.judge()
    assert {one.job: one.state for one in judged.verdicts} == dict.fromkeys(("full", "diff", "log"), State.OK), [
        (one.job, codes(one), one.freshness) for one in judged.verdicts
    ]
    assert week.verdict("log").freshness.recovery_at == at("11-22 08:45")


def test_a_differential_whose_full_went_is_worth_nothing_and_the_logs_go_on_from_the_other(week):
    week.verify()
    (week.place() / "full_20261114_2000.bak").unlink()
    week.now += timedelta(minutes=10)
    week.verify()
    assert "base-missing" in codes(week.verdict("diff"))
    assert week.verdict("diff").tiers[0].held == 1
    assert week.verdict("log").freshness.state is State.OK


def test_one_lost_log_of_a_hundred_is_told_and_the_moments_behind_it_are_not_promised(week):
    (week.place() / "log_20261122_0600.bak").unlink()
    week.verify()
    verdict = week.verdict("log")
    assert "log-gap" in codes(verdict)
    assert (verdict.freshness.state, verdict.freshness.recovery_at) == (State.CRITICAL, at("11-22 05:45"))


def test_a_full_with_another_full_between_is_the_base_of_later_differentials(week):
    """Somebody took a full of his own and carried it away: the differentials after it hang on nothing here."""
    for day in (18, 19, 20):
        moment = f"11-{day} 22:00"
        own = {"first_lsn": lsn(moment), "checkpoint_lsn": lsn(moment), "last_lsn": lsn(moment) + 5}
        place_lsn = lsn("11-18 12:00")
        week.tape(moment, name="diff", kind=DIFFERENTIAL, database_backup_lsn=place_lsn, **own)
    week.verify()
    found = states(week.verdict("diff"))
    assert {day: found[day] for day in ("11-17", "11-19", "11-21")} == {
        "11-17": "OK", "11-19": "DAMAGED", "11-21": "OK",
    }  # fmt: skip
    assert "base-missing" in codes(week.verdict("diff"))


def test_a_copy_only_full_fills_its_slot_and_carries_no_differential(week):
    (week.place() / "full_20261121_2000.bak").unlink()
    moment = "11-21 20:00"
    own = {"first_lsn": lsn(moment), "checkpoint_lsn": lsn(moment), "last_lsn": lsn(moment) + 5}
    week.tape(moment, name="full", is_copy_only=True, **own)
    week.verify()
    assert by_name(week.verdict("full"), Tier.WEEKLY)["w1405-08-30"] == "OK"
    assert states(week.verdict("diff"))["11-21"] == "DAMAGED"


def test_a_server_an_hour_ahead_is_noticed_and_its_copies_fall_where_they_belong(tmp_path):
    place = office(tmp_path, daily=EACH_DAY)
    for moment in nights(10, 21):
        place.tape(moment, utc_offset_minutes=270)
    place.verify()
    verdict = place.verdict()
    assert states(verdict)["11-21"] == "OK"
    (offset,) = [one for one in verdict.findings if one.code == "clock-offset"]
    assert (offset.facts["offset_minutes"], offset.facts["expected_minutes"]) == (270, 210)


def two_places(folder: Path) -> JudgedOffice:
    names = Pattern.parse("Insurance_{year}{month}{day}_{hour}{minute}.bak")
    return JudgedOffice(
        folder,
        {"insurance": job(files=names, level=Level.INTACT, repositories=("nas", "far"), daily=EACH_DAY)},
    )


@pytest.mark.parametrize("gone", ["nas", "far"])
def test_a_repository_that_cannot_be_reached_turns_nothing_green_and_nothing_missing(tmp_path, gone):
    place = two_places(tmp_path)
    for moment in nights(10, 18, 13, 15):
        place.tape(moment)
        place.tape(moment, repository="far")
    place.now = at("11-19 09:00")
    place.verify()
    before = states(place.verdict())
    assert (before["11-15"], before["11-16"]) == ("MISSING", "OK")
    place.more[gone] = Unreachable(gone)
    place.now = at("11-22 09:00")
    place.verify()
    after = states(place.verdict())
    assert {day: after[day] for day in before if before[day] != "OPEN"} == {
        day: state for day, state in before.items() if state != "OPEN"
    }
    assert (after["11-19"], after["11-21"]) == ("UNKNOWN", "UNKNOWN")
    assert place.verdict().state is State.CRITICAL  # the 15th is missing still


def test_a_repository_that_could_not_be_looked_at_just_now_is_unknown_with_what_to_do(tmp_path):
    """Yesterday's look was good, and is young enough; this morning the server is dead, and nobody knows."""
    place = two_places(tmp_path)
    for moment in nights(10, 21):
        place.tape(moment)
        place.tape(moment, repository="far")
    place.verify()
    assert place.verdict().state is State.OK
    place.more["far"] = Unreachable("far")
    place.now += timedelta(hours=2)
    place.look()
    verdict = place.verdict()
    assert verdict.state is State.UNKNOWN
    (failed,) = [one for one in verdict.findings if one.code == "look-failed"]
    assert (failed.facts["repository"], failed.facts["remedy"]) == ("far", "look at its cable")
