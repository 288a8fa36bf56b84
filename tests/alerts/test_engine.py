"""A round of all keys: dedupe, what explains what, silences, maintenance, what is judged no more."""

from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.engine import STALE, play
from itops.alerts.policy import AlertPolicy, LocalMoment, Maintenance, Pending, RuleSettings
from itops.alerts.records import Evaluation, Incident, Key, Phase, Silence
from itops.verdict import State
from tests.alerts.making import TEHRAN, Office, at, judged, kinds

PROMPT = AlertPolicy(
    rules={"default": RuleSettings(pending=Pending(count=1), pending_unknown=Pending(count=1), clear=1)}
)
VC, VM, JOB = Key("inventory", "vc01"), Key("inventory", "vc01/app01"), Key("backup", "insurance-db sql01/Insurance")


def silence(check: str = "*", object_: str = "*", begin: float = 0, until: float = 60, **more: object) -> Silence:
    return Silence(
        number=1, check=check, object=object_, begin=at(begin), until=at(until), by="a.karimi", reason="known", **more
    )


def works(begin: time, until: time, *, checks: tuple[str, ...] = ("*",), objects: tuple[str, ...] = ("*",)):
    day = date(2026, 10, 24)
    return Maintenance(
        begin=LocalMoment(day=day, at=begin),
        until=LocalMoment(day=day, at=until),
        reason="new switch",
        checks=checks,
        objects=objects,
    )


def test_what_was_always_good_leaves_no_trace():
    outcome = Office(policy=PROMPT).round({VC: "o", VM: "o"}, at(0))
    assert (outcome.changed, outcome.events) == ((), ())


def test_of_two_evaluations_of_one_key_the_worse_counts():
    office = Office(policy=PROMPT)
    office.round([judged("w", at(0)), judged("c", at(0)), judged("o", at(0))], at(0))
    assert [event.incident.state for event in office.events] == [State.CRITICAL]


def test_only_what_changed_is_to_be_written():
    office = Office(policy=PROMPT)
    office.round({VC: "c", VM: "o"}, at(0))
    outcome = office.round({VC: "c", VM: "o", JOB: "o"}, at(5))
    assert [one.key for one in outcome.changed] == [VC]


def test_the_same_round_again_writes_and_tells_nothing():
    office = Office(policy=PROMPT)
    assert kinds(office.round({VC: "c"}, at(0)).events) == ["opened"]
    again = office.round({VC: "c"}, at(0))
    assert (again.changed, again.events) == ((), ())


# What explains what.


def below(state: str, moment: float) -> Evaluation:
    return judged(state, at(moment), VM, depends_on=(VC,))


def test_of_a_vcenter_and_its_servers_the_vcenter_is_told():
    office = Office(policy=PROMPT)
    office.round([judged("c", at(0), VC), below("u", 0)], at(0))
    assert [event.incident.key for event in office.events] == [VC]
    assert office.incidents[VM].explained_by == VC


def test_what_is_still_bad_when_its_explanation_has_gone_is_told_then():
    office = Office(policy=PROMPT)
    office.round([judged("c", at(0), VC), below("c", 0)], at(0))
    office.round([judged("o", at(5), VC), below("c", 5)], at(5))
    assert office.incidents[VM].explained_by == VC  # in this round it recovers
    told = office.round([judged("o", at(10), VC), below("c", 10)], at(10)).events
    assert [(event.kind.value, event.incident.key) for event in told] == [("opened", VM)]


def test_what_explains_another_does_so_while_it_is_pending():
    office = Office()  # three evaluations
    for minute in (0, 5, 10, 15):
        office.round([judged("c", at(minute), VC), below("c", minute)], at(minute))
    assert [event.incident.key for event in office.events] == [VC]


# Silences.


def test_a_silence_holds_its_keys_and_no_others():
    office = Office(policy=PROMPT, silences=[silence(object_="vc01*")])
    office.round({VC: "c", VM: "c", JOB: "c"}, at(1))
    assert [event.incident.key for event in office.events] == [JOB]


def test_a_silence_ends_by_itself_and_what_is_open_is_told():
    office = Office(policy=PROMPT, silences=[silence(until=60)])
    assert office.told({VC: "c"}, [0, 30, 59]) == []
    assert office.told({VC: "c"}, [60]) == [("opened", "vc01")]


def test_a_silence_that_somebody_ended_holds_no_more():
    office = Office(policy=PROMPT, silences=[silence(ended_by="m.ahmadi")])
    assert office.told({VC: "c"}, [1]) == [("opened", "vc01")]


def test_a_silence_that_somebody_ended_long_ago_moves_no_reminder_when_its_time_would_have_been_over():
    days = 24 * 60
    ended = replace(silence(until=10 * days, ended_by="m.ahmadi"), ended_at=at(1))
    told = {}
    for name, laid in (("with", [ended]), ("without", [])):
        office = Office(policy=PROMPT, silences=laid)
        told[name] = office.told({VC: "c"}, range(60, 14 * days, 60))
    assert told["with"] == told["without"] != []


def test_a_silence_that_has_not_begun_holds_nothing():
    office = Office(policy=PROMPT, silences=[silence(begin=10)])
    assert office.told({VC: "c"}, [1]) == [("opened", "vc01")]


def test_the_end_of_a_silence_is_no_storm_of_reminders():
    office = Office(policy=PROMPT, silences=[silence(begin=10, until=60 * 48)])
    keys = {Key("inventory", f"esx{number:02}"): "c" for number in range(20)}
    office.told(keys, [0])
    assert office.told(keys, [60 * hour for hour in range(1, 48)]) == []
    assert office.told(keys, [60 * hour for hour in range(48, 71)]) == []
    assert len(office.told(keys, [60 * 73])) == 20


# Maintenance. START is 09:30 in Tehran.


def test_after_maintenance_only_what_is_new_is_told():
    policy = AlertPolicy(rules=PROMPT.rules, maintenance=(works(time(10), time(18)),))
    office = Office(policy=policy)
    assert office.told({VC: "c", VM: "o"}, [0]) == [("opened", "vc01")]
    assert office.told({VC: "c", VM: "c"}, range(30, 510, 30)) == []  # 10:00 to 17:30
    assert office.told({VC: "c", VM: "c"}, [510, 540]) == [("opened", "vc01/app01")]


def test_maintenance_of_one_thing_hides_no_other():
    policy = AlertPolicy(rules=PROMPT.rules, maintenance=(works(time(9), time(18), objects=("vc01*",)),))
    assert Office(policy=policy).told({VC: "c", JOB: "c"}, [0]) == [("opened", JOB.object)]


def test_after_long_maintenance_nothing_is_announced_by_a_reminder_either():
    long = Maintenance(
        begin=LocalMoment(day=date(2026, 10, 24), at=time(10)),
        until=LocalMoment(day=date(2026, 10, 27), at=time(10)),
        reason="moving",
    )
    office = Office(policy=AlertPolicy(rules=PROMPT.rules, maintenance=(long,)))
    office.told({VC: "c"}, [0])
    day = 24 * 60
    assert office.told({VC: "c"}, range(60, 4 * day + 61, 60)) == [("reminder", "vc01")]
    assert office.incidents[VC].last_notified_at == at(4 * day + 60)  # a day after it ended, at the next round


# What is judged no more, and what nobody could judge.


def test_an_object_that_is_judged_no_more_is_closed_and_told():
    office = Office()
    office.told({VC: "c", VM: "o"}, [0, 5, 10])
    assert office.told({VM: "o"}, [15, 20]) == [("recovered", "vc01")]
    assert office.events[-1].incident.code == "gone"


def test_a_check_that_failed_as_a_whole_closes_nothing():
    office = Office()
    office.told({VC: "c", JOB: "o"}, [0, 5, 10])
    assert office.told({JOB: "o"}, range(15, 600, 5)) == []
    assert office.incidents[VC].phase is Phase.FIRING


def test_a_check_that_was_judged_as_a_whole_and_has_no_object_left_is_closed():
    office = Office()
    office.told({VC: "c"}, [0, 5, 10])
    for minute in (15, 20):
        office.round({}, at(minute), frozenset({"inventory"}))
    assert office.incidents[VC].phase is Phase.OK


def test_keys_closed_long_ago_are_forgotten_and_others_are_not():
    office = Office(policy=AlertPolicy(rules=PROMPT.rules, keep=timedelta(days=10)))
    office.told({VC: "c", VM: "c"}, [0])
    office.told({VM: "o"}, range(5, 200, 5))
    assert office.round({VM: "o"}, at(9 * 24 * 60)).forgotten == ()
    assert office.round({VM: "o"}, at(11 * 24 * 60)).forgotten == (VC,)
    assert office.round({VM: "o", VC: "o"}, at(12 * 24 * 60)).forgotten == ()


@pytest.mark.parametrize(("minute", "told"), [(25, []), (26, [("opened", "vc01")])])
def test_what_was_well_until_a_moment_that_is_over_is_well_no_longer(minute, told):
    office = Office(policy=PROMPT)
    events = office.round([judged("o", at(0), valid_until=at(10))], at(minute)).events
    assert [(event.kind.value, event.incident.key.object) for event in events] == told
    assert {event.incident.code for event in events} <= {STALE}


def test_what_was_bad_stays_bad_however_old_it_is():
    office = Office(policy=PROMPT)
    office.round([judged("c", at(0), valid_until=at(10))], at(600))
    assert office.events[0].incident.state is State.CRITICAL


# What is true of any rounds.

SCRIPT = st.lists(st.lists(st.sampled_from("owcu-"), min_size=4, max_size=4), max_size=40)
KEYS = [VC, VM, JOB, Key("delivery", "1405-07")]


def script_rounds(script: list[list[str]]) -> list[list[Evaluation]]:
    return [
        [
            judged(sign, at(5 * number), key, depends_on=(VC,) if key == VM else ())
            for key, sign in zip(KEYS, signs, strict=True)
            if sign != "-"
        ]
        for number, signs in enumerate(script)
    ]


@given(SCRIPT)
def test_a_restart_after_each_round_changes_nothing(script):
    silences = [silence(check="delivery", begin=20, until=70)]
    through, anew = Office(silences=silences), Office(silences=silences, restarts=True)
    for number, evaluations in enumerate(script_rounds(script)):
        through.round(evaluations, at(5 * number))
        anew.round(evaluations, at(5 * number))
    assert anew.events == through.events
    assert anew.incidents == through.incidents


@given(SCRIPT, st.randoms(use_true_random=False))
def test_the_order_of_evaluations_does_not_matter(script, random: Random):
    one, other = Office(), Office()
    for number, evaluations in enumerate(script_rounds(script)):
        shuffled = random.sample(evaluations, len(evaluations))
        assert one.round(evaluations, at(5 * number)) == other.round(shuffled, at(5 * number))


@given(SCRIPT)
def test_no_key_is_opened_twice_without_a_recovery_between(script):
    office = Office(policy=PROMPT)
    for number, evaluations in enumerate(script_rounds(script)):
        office.round(evaluations, at(5 * number))
    for key in KEYS:
        told = [
            one for one in kinds(e for e in office.events if e.incident.key == key) if one in ("opened", "recovered")
        ]
        assert told == (["opened", "recovered"] * len(told))[: len(told)]


def test_a_round_leaves_its_incidents_as_they_were():
    before = {VC: Incident(key=VC)}
    play([judged("c")], before, policy=PROMPT, zone=TEHRAN, now=at(0))
    assert before == {VC: Incident(key=VC)}
