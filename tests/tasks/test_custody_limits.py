"""Limits of off-site custody to the very hour, where `custody_findings` adds several of them up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from itops.backup.custody.checks import custody_findings
from itops.backup.custody.deposits import only_on
from itops.backup.custody.objections import refusal_of
from itops.backup.custody.records import Entry, Incident, Mishap
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, WeeklyPolicy
from itops.verdict import State
from tests.backup.custody.building import (
    CALENDAR,
    JOB,
    M1,
    M2,
    MONTHLY,
    PLAN,
    POLICY,
    TEHRAN,
    added,
    at,
    deposited,
    file,
    moved,
    received,
    register,
    sealed,
    written,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
QUIET = BackupPlan(jobs={"insurance": replace(JOB, monthly=replace(MONTHLY, offsite=None))}, custody=POLICY)


def codes(entries: Sequence[Entry], now: datetime, plan: BackupPlan = QUIET) -> set[str]:
    return {one.code for one in custody_findings(register(*entries), plan, CALENDAR, now)}


def autumn(month: int, day: int) -> datetime:
    """When that day of 2026 begins in Tehran."""
    return datetime(2026, month, day, tzinfo=TEHRAN)


def plan_of(grace_days: int, deposit_days: int, *, is_weekly: bool = False) -> BackupPlan:
    monthly = replace(MONTHLY, grace=grace_days * DAY)
    job = replace(
        JOB, monthly=monthly, weekly=WeeklyPolicy(on="thursday", offsite="bank", keep=4) if is_weekly else None
    )
    return replace(PLAN, jobs={"insurance": job}, custody=replace(POLICY, deposit_grace=deposit_days * DAY))


@pytest.mark.parametrize(
    ("plan", "overdue_from"),
    [
        # Made on 20 September. 31 days are over on Wednesday 21 October, a day when the bank is open.
        pytest.param(plan_of(0, 0), autumn(10, 22), id="a month of 31 days"),
        pytest.param(plan_of(0, 7), autumn(10, 29), id="and a week to carry it there"),
        pytest.param(plan_of(5, 0), autumn(10, 27), id="and the grace of the tier"),
        pytest.param(plan_of(5, 7), autumn(11, 3), id="and both"),
        pytest.param(plan_of(2, 0), autumn(10, 25), id="Friday is closed: Saturday is the last day"),
        pytest.param(plan_of(0, 0, is_weekly=True), autumn(9, 28), id="the tier that comes more often decides"),
    ],
)
def test_the_newest_deposit_grows_old_at_the_end_of_the_last_open_day(plan: BackupPlan, overdue_from: datetime) -> None:
    assert "deposit-overdue" not in codes(deposited(), overdue_from - MINUTE, plan)
    assert "deposit-overdue" in codes(deposited(), overdue_from, plan)


@pytest.mark.parametrize("escrow", ["office", "Office", " office "])
def test_a_key_beside_its_medium_is_known_however_it_is_written(escrow: str) -> None:
    assert "escrow-beside" in codes([added(encryption="LUKS", key_escrow=escrow), written()], at(2))


def test_a_key_in_the_place_that_the_medium_has_left_lies_elsewhere() -> None:
    entries = [added(encryption="LUKS", key_escrow="office"), written(), sealed(), moved()]
    assert "escrow-beside" in codes(entries[:-1], at(1.15))
    assert "escrow-beside" not in codes(entries, at(1.25))


def test_a_medium_that_came_back_to_the_vault_is_not_away_and_the_next_absence_begins_anew() -> None:
    fetched = [
        *deposited(),
        moved(days=5, origin="bank", destination="office"),
        received(days=5.1, place="office"),
    ]
    back = [*fetched, moved(days=20, origin="office", destination="bank"), received(days=20.1)]
    again = [*back, moved(days=40, origin="bank", destination="office"), received(days=40.1, place="office")]
    assert "away-long" in codes(fetched, at(51))
    assert "away-long" not in codes(back, at(80))
    assert "away-long" not in codes(again, at(84))
    assert "away-long" in codes(again, at(86))


@pytest.mark.parametrize(
    ("plan", "due_from"),
    [
        pytest.param(plan_of(0, 7), autumn(9, 24), id="the morning after the first open day"),
        pytest.param(plan_of(5, 7), autumn(9, 29), id="the grace of the tier comes first"),
        pytest.param(plan_of(2, 7), autumn(9, 27), id="Friday is closed: it is carried on Saturday"),
    ],
)
def test_a_month_is_asked_for_when_it_could_have_been_carried_and_not_before(
    plan: BackupPlan, due_from: datetime
) -> None:
    assert "offsite-due" not in codes([added()], due_from - MINUTE, plan)
    assert "offsite-due" in codes([added()], due_from, plan)


def test_of_two_copies_of_a_month_in_the_box_the_better_proven_one_counts() -> None:
    seen, proven = file("a.bak", level=Level.SEEN), file("b.bak", level=Level.COMPLETE)
    assert "offsite-weak" in codes(deposited(M1, 0, "A-100", seen), at(5), PLAN)
    assert "offsite-weak" not in codes(deposited(M1, 0, "A-100", seen, proven), at(5), PLAN)


@pytest.mark.parametrize(
    ("what", "state"),
    [
        ("lost", State.CRITICAL),
        ("unreadable", State.CRITICAL),
        ("wrong-medium", State.CRITICAL),
        ("seal-broken", State.CRITICAL),
        ("other", State.WARNING),
    ],
)
def test_an_incident_that_costs_copies_or_secrets_is_grave(what: Mishap, state: State) -> None:
    entries = [added(), Incident(medium=M1, at=at(1), by="R. Karimi", what=what)]
    found = custody_findings(register(*entries), QUIET, CALENDAR, at(2))
    assert [one.state for one in found if one.code == "incident-open"] == [state]


@pytest.mark.parametrize("entry", [written(days=3, opened_seal="A-100"), sealed(days=3, seal="A-101")])
def test_nobody_writes_or_seals_a_medium_that_lies_in_the_box(entry: Entry) -> None:
    refused = refusal_of(register(*deposited()), entry, POLICY, at(4))
    assert refused is not None
    assert refused.code == "in-vault"
    at_home = [added(), written(), sealed()]
    assert refusal_of(register(*at_home), entry, POLICY, at(4)) is None


def test_what_is_lost_with_a_medium_is_what_no_other_holds() -> None:
    def lost(*entries: Entry) -> list[str]:
        held = register(*sorted(entries, key=lambda entry: entry.at))
        return [one.slot.name for one in only_on(held, PLAN, CALENDAR, at(10), M1)]

    assert lost(*deposited(M1)) == ["1405-06"]
    assert lost(*deposited(M1), *deposited(M2, 0.01, "A-101")) == []
    assert lost(*deposited(M1), *deposited(M2, 0.01, "A-101", file(faults=("cut",)))) == ["1405-06"]
    assert lost(*deposited(M2)) == []
