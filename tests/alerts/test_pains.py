"""What others suffered of their alerts, one by one: the table in the reference about services, section (b)."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from itops.alerts.grouping import channels_of
from itops.alerts.machine import NOTHING_HELD, acknowledged, is_told, next_reminder_at
from itops.alerts.policy import (
    AlertPolicy,
    LocalMoment,
    Maintenance,
    Pending,
    RuleSettings,
    rule_of,
)
from itops.alerts.records import Event, EventKind, Incident, Key, Phase, Silence
from itops.verdict import State
from tests.alerts.making import AT_ONCE, RULE, TEHRAN, Life, Office, at, judged, kinds, of_kind, written_and_read

VC, DB = Key("inventory", "vc01"), Key("backup", "insurance-db sql01/Insurance")
DAY = 24 * 60


@pytest.mark.parametrize("signs", ["oc", "occ", "oocc", "ooccc", "ooocccc", "oooooccccc"])
@pytest.mark.parametrize("rule", [RULE, rule_of("delivery", AlertPolicy())], ids=["by count", "at once"])
def test_one_mis_set_period_does_not_send_two_dozen_mails_an_hour(signs, rule):
    life = Life(rule=rule, every_minutes=1)
    life.see(signs * (3 * 60 // len(signs)))
    most = max(
        sum(hour * 60 <= (one.at - at(0)).total_seconds() / 60 < hour * 60 + 60 for one in life.events)
        for hour in range(3)
    )
    assert most <= 5


def test_one_mail_alone_is_not_all_it_reminds_until_somebody_answers():
    life = Life(every_minutes=60)
    assert life.see("c" * 24 * 10).count("reminder") == 9
    life.incident = acknowledged(life.incident, by="a.karimi", note="", now=at(life.minute))
    assert life.see("c" * 24 * 10) == []


def test_our_own_locked_store_is_not_a_server_that_is_down():
    office = Office()
    keys = {Key("inventory", f"vc01/app{number:02}"): "o" for number in range(40)}
    office.told(keys, range(0, 60, 5))
    locked = dict.fromkeys(keys, "u")
    assert office.told(locked, [60, 65]) == []
    assert office.told(keys, [70, 75]) == []
    assert {kind for kind, _ in office.told(locked, [80, 85, 90])} == {"opened"}
    assert {event.incident.state for event in office.events} == {State.UNKNOWN}


def test_what_was_down_before_the_maintenance_is_not_announced_after_each_one():
    nights = tuple(
        Maintenance(
            begin=LocalMoment(day=date(2026, 10, day), at=time(22)),
            until=LocalMoment(day=date(2026, 10, day), at=time(23)),
            reason="patching",
        )
        for day in range(24, 28)
    )
    office = Office(policy=AlertPolicy(maintenance=nights))
    told = office.told({VC: "c"}, range(0, 4 * DAY, 15))
    assert [kind for kind, _ in told].count("opened") == 1
    assert len(told) <= 4  # and a reminder a day


def test_a_reminder_is_a_time_and_the_next_one_can_be_shown():
    with pytest.raises(ValueError, match="a time between two reminders"):
        RuleSettings(remind_every=timedelta(seconds=50))
    life = Life(rule=replace(RULE, remind_every=timedelta(minutes=50)))
    life.see("ccc")
    assert next_reminder_at(life.incident, life.rule) == at(15 + 50)
    assert life.see("c" * 30) == ["reminder"] * 3


def test_a_restart_announces_nothing_again_forgets_no_silence_and_loses_no_recovery():
    quiet = Silence(number=1, check="backup", object="*", begin=at(0), until=at(600), by="a.karimi", reason="tape")
    office = Office(silences=[quiet], restarts=True)
    assert office.told({VC: "c", DB: "c"}, [0, 5, 10]) == [("opened", "vc01")]
    office.incidents = {key: written_and_read(one) for key, one in office.incidents.items()}
    assert office.told({VC: "c", DB: "c"}, range(15, 300, 5)) == []
    # Nobody ticked while vc01 recovered.
    assert office.told({VC: "o", DB: "c"}, [590, 595]) == [("recovered", "vc01")]
    assert office.told({VC: "o", DB: "c"}, [600]) == [("opened", DB.object)]


def test_a_job_that_says_well_for_ever_although_nothing_runs_becomes_unknown():
    """The licence expired, no job ran, nothing alarmed: the verdict of yesterday is good only for so long."""
    office = Office()
    old = judged("o", at(0), DB, valid_until=at(DAY))
    for minute in range(0, DAY + 5 * 60, 5):
        office.round([old], at(minute))
    assert [(event.kind, event.incident.state, event.incident.code) for event in office.events] == [
        (EventKind.OPENED, State.WARNING, "stale"),
        (EventKind.WORSENED, State.UNKNOWN, "stale"),
    ]


def test_a_whole_kind_of_jobs_that_is_looked_at_no_more_is_told_of_what_was_open():
    office = Office()
    office.told({VC: "c", DB: "o"}, [0, 5, 10])
    told = []
    for minute in (15, 20, 25):
        told += kinds(
            office.round([judged("o", at(minute), DB)], at(minute), frozenset({"inventory", "backup"})).events
        )
    assert told == ["recovered"]
    assert office.events[-1].incident.code == "gone"


def test_never_is_told_by_its_own_code_and_not_as_an_error_of_ours():
    office = Office(policy=AlertPolicy(rules={"backup": RuleSettings(pending=Pending(count=1))}))
    office.round([judged("c", at(0), DB, code="no-good-copy")], at(0))
    assert [(one.incident.code, one.incident.state) for one in office.events] == [("no-good-copy", State.CRITICAL)]


def test_moments_of_another_zone_are_the_same_moments():
    here, there = Office(), Office()
    for number, sign in enumerate("cccoooccc"):
        now = at(5 * number)
        here.round([judged(sign, now)], now)
        there.round([judged(sign, now.astimezone(TEHRAN))], now.astimezone(TEHRAN))
    assert [(event.kind, event.at) for event in here.events] == [(event.kind, event.at) for event in there.events]


def test_each_way_in_which_a_backup_is_silently_absent_is_an_incident_of_its_own():
    office = Office()
    codes = ["no-good-copy", "too-old", "not-looked", "rpo-missed"]
    for minute in (0, 5, 10):
        evaluations = [judged("c", at(minute), Key("backup", code), code=code) for code in codes]
        office.round(evaluations, at(minute))
    assert sorted(event.incident.code for event in of_kind(office.events, EventKind.OPENED)) == sorted(codes)


def test_a_channel_that_failed_is_told_on_the_others():
    failed = Incident(key=Key("channel", "sms"), phase=Phase.FIRING, state=State.CRITICAL)
    policy = AlertPolicy(channels={"mail": None, "sms": None})
    assert channels_of(Event(kind=EventKind.OPENED, incident=failed, at=at(0)), policy) == ("mail",)


def test_nothing_can_be_silenced_without_an_end():
    with pytest.raises(TypeError, match="until"):
        Silence(number=1, check="*", object="*", begin=at(0), by="a.karimi", reason="tired")  # type: ignore[call-arg]


def test_after_any_of_this_a_real_failure_is_told_within_a_day():
    for before in ("co" * 40, "ccc" + "oc" * 20, "c" * 300 + "oo", "uuuo" * 10):
        for rule in (RULE, AT_ONCE):
            life = Life(rule=rule, every_minutes=30)
            life.see(before)
            life.see("c" * 48, NOTHING_HELD)
            assert is_told(life.incident)
