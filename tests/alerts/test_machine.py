"""One key: each transition, and what people are told of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.machine import (
    GONE,
    Hold,
    acknowledged,
    is_at_rest,
    is_told,
    next_escalation_at,
    next_reminder_at,
    step,
)
from itops.alerts.policy import Pending
from itops.alerts.records import EventKind, Incident, Key, Phase
from itops.verdict import State
from tests.alerts.making import AT_ONCE, KEY, RULE, Life, at, judged, kinds, written_and_read

SILENT = Hold(is_silenced=True)
MAINTAINED = Hold(is_maintained=True)
EXPLAINED = Hold(explained_by=Key("inventory", "site"))


@pytest.mark.parametrize(
    ("signs", "phase", "told"),
    [
        pytest.param("o", Phase.OK, [], id="good stays good"),
        pytest.param("c", Phase.PENDING, [], id="one bad evaluation is pending"),
        pytest.param("cc", Phase.PENDING, [], id="two are pending still"),
        pytest.param("ccc", Phase.FIRING, ["opened"], id="the third fires"),
        pytest.param("cco", Phase.OK, [], id="a blip tells nobody"),
        pytest.param("ccoccocco", Phase.OK, [], id="blips do not add up"),
        pytest.param("cccc", Phase.FIRING, ["opened"], id="firing is told once"),
        pytest.param("ccco", Phase.RECOVERING, ["opened"], id="one good evaluation is no recovery"),
        pytest.param("cccoo", Phase.OK, ["opened", "recovered"], id="the second good one is"),
        pytest.param("cccoccc", Phase.FIRING, ["opened"], id="back from recovering is no news"),
        pytest.param("cccooo", Phase.OK, ["opened", "recovered"], id="a recovery is told once"),
        pytest.param("www" + "c", Phase.FIRING, ["opened", "worsened"], id="worse is told at once"),
        pytest.param("www" + "cwcwc", Phase.FIRING, ["opened", "worsened"], id="and once, however it wavers"),
        pytest.param("ccc" + "w", Phase.FIRING, ["opened"], id="better but bad is no news"),
        pytest.param("ccc" + "u", Phase.FIRING, ["opened"], id="unknown is less than critical"),
        pytest.param("www" + "u", Phase.FIRING, ["opened"], id="one unknown is not worse yet"),
        pytest.param("www" + "uu", Phase.FIRING, ["opened", "worsened"], id="two on end are worse than a warning"),
        pytest.param("www" + "uwuw", Phase.FIRING, ["opened"], id="unknown now and then is not"),
        pytest.param("uuu" + "c", Phase.FIRING, ["opened", "worsened"], id="critical is worse than unknown"),
        pytest.param("uuu" + "w", Phase.FIRING, ["opened"], id="a warning is less than unknown"),
        pytest.param("cccu" + "oo", Phase.OK, ["opened", "recovered"], id="unknown on the way is no recovery"),
        pytest.param("ccco" + "u", Phase.FIRING, ["opened"], id="unknown ends a recovery"),
        pytest.param("c-", Phase.OK, [], id="pending and judged no more: nothing was told"),
        pytest.param("ccc-", Phase.RECOVERING, ["opened"], id="missing once may be a mishap"),
        pytest.param("ccc--", Phase.OK, ["opened", "recovered"], id="missing for long enough closes, and is told"),
        pytest.param("ccc-c", Phase.FIRING, ["opened"], id="missing once and back is no news"),
    ],
)
def test_each_transition(signs, phase, told):
    life = Life()
    assert life.see(signs) == told
    assert life.incident.phase is phase


@pytest.mark.parametrize(
    ("sign", "state"), [("w", State.WARNING), ("c", State.CRITICAL), ("u", State.UNKNOWN)], ids=str
)
def test_the_state_that_was_told_stands_in_the_event(sign, state):
    life = Life()
    life.see(sign * 3)
    assert [event.incident.state for event in life.events] == [state]


def test_pending_may_be_a_time_instead_of_a_count():
    life = Life(rule=replace(RULE, pending=Pending(lasting=timedelta(minutes=15))))
    assert life.see("ccc") == []
    assert life.see("c") == ["opened"]  # 15 minutes after the first


def test_a_key_that_fires_at_once_fires_at_once():
    assert Life(rule=AT_ONCE).see("c") == ["opened"]


def test_what_could_not_be_judged_waits_by_its_own_count():
    life = Life(rule=replace(AT_ONCE, pending_unknown=Pending(count=3)))
    assert life.see("uuo") == []
    assert life.see("uuu") == ["opened"]


def test_the_recovery_knows_how_long_it_lasted():
    life = Life(every_minutes=10)
    life.see("ccc" + "ccc" + "oo")
    recovered = life.events[-1].incident
    assert recovered.opened_at == at(30)
    assert recovered.closed_at == at(80)
    assert recovered.notify_count == 2
    assert not is_told(life.incident)


def test_the_same_evaluation_twice_is_one_evaluation():
    now = at(5)
    once = step(Incident(key=KEY), judged("c", now), RULE, now).incident
    assert step(once, judged("c", now), RULE, now).incident is once
    assert step(once, judged("c", now), RULE, at(6)).incident.bad_count == 1


def test_the_same_unknown_evaluation_twice_does_not_confirm_itself():
    life = Life()
    life.see("wwwu")
    again = judged("u", at(life.minute))
    assert step(life.incident, again, RULE, at(life.minute + 1)).events == ()
    assert life.see("u") == ["worsened"]


# Reminders and acknowledgement.


def test_a_reminder_comes_every_day_while_nobody_acknowledges():
    life = Life(every_minutes=60)
    told = life.see("c" * (24 * 7))
    assert told == ["opened", *["reminder"] * 6]
    moments = [event.at for event in life.events]
    assert all(later - sooner == timedelta(hours=24) for sooner, later in pairwise(moments))


def test_the_next_reminder_can_be_shown():
    life = Life(every_minutes=60)
    assert next_reminder_at(life.incident, RULE) is None
    life.see("ccc")
    assert next_reminder_at(life.incident, RULE) == at(180) + timedelta(hours=24)
    life.see("o")
    assert next_reminder_at(life.incident, RULE) is None


def test_an_acknowledgement_stops_reminders_and_steps_but_not_what_is_worse_nor_the_recovery():
    life = Life(rule=replace(RULE, escalate_after=(timedelta(hours=4),)), every_minutes=60)
    life.see("www")
    life.incident = acknowledged(life.incident, by="a.karimi", note="disk ordered", now=at(life.minute))
    assert life.see("w" * 80) == []
    assert next_reminder_at(life.incident, RULE) is None
    assert life.see("c") == ["worsened"]
    assert life.incident.acked_by == ""
    assert life.see("oo") == ["recovered"]


def test_an_acknowledgement_ends_with_its_incident():
    life = Life(rule=replace(RULE, rest=timedelta()))
    life.see("ccc")
    life.incident = acknowledged(life.incident, by="a.karimi", note="", now=at(life.minute))
    life.see("oo")
    assert (life.incident.acked_by, life.incident.acked_at) == ("", None)
    life.see("ccc")
    assert next_reminder_at(life.incident, RULE) is not None


def test_an_acknowledgement_before_it_was_told_ends_with_a_blip():
    life = Life()
    life.see("c")
    life.incident = acknowledged(life.incident, by="a.karimi", note="", now=at(life.minute))
    life.see("o")
    assert life.incident.acked_by == ""


def test_steps_of_the_escalation_are_taken_one_after_the_other():
    rule = replace(AT_ONCE, escalate_after=(timedelta(hours=4), timedelta(hours=12)))
    life = Life(rule=rule, every_minutes=60)
    assert life.see("ccccc") == ["opened", "escalated"]
    assert life.events[-1].incident.escalation == 1
    assert next_escalation_at(life.incident, rule) == at(60) + timedelta(hours=12)
    assert life.see("c" * 8) == ["escalated"]
    assert life.see("c" * 20) == []
    assert next_escalation_at(life.incident, rule) is None


def test_a_step_is_counted_from_the_end_of_a_silence():
    rule = replace(AT_ONCE, escalate_after=(timedelta(hours=4),))
    life = Life(rule=rule, every_minutes=60)
    life.see("c" * 10, SILENT)
    resumed = Hold(resumed_at=at(life.minute))
    assert life.see("ccc", resumed) == ["opened"]
    assert life.see("c", resumed) == ["escalated"]


def test_a_warning_is_not_escalated_until_it_is_worse():
    life = Life(rule=replace(AT_ONCE, escalate_after=(timedelta(hours=4),)), every_minutes=60)
    assert life.see("w" * 10) == ["opened"]
    assert life.see("cc") == ["worsened", "escalated"]


# Silence: nothing is told, everything goes on.


def test_what_opens_in_a_silence_is_told_afterwards_if_it_is_still_so():
    life = Life()
    assert life.see("ccccc", SILENT) == []
    assert life.incident.phase is Phase.FIRING
    assert life.see("c") == ["opened"]


def test_what_opens_and_recovers_in_a_silence_is_never_told():
    life = Life()
    assert life.see("cccccoo", SILENT) == []
    assert life.see("oo") == []


def test_a_recovery_in_a_silence_is_told_when_it_ends():
    life = Life()
    life.see("ccc")
    assert life.see("oooo", SILENT) == []
    assert life.see("o") == ["recovered"]
    assert life.events[-1].incident.closed_at == at(25)


def test_what_recovered_and_came_back_in_a_silence_never_ended_for_people():
    life = Life()
    life.see("ccc")
    life.see("oo" + "ccc", SILENT)
    assert life.see("c") == []
    assert life.see("oo") == ["recovered"]
    assert life.events[-1].incident.opened_at == at(15)


def test_what_got_worse_in_a_silence_is_told_afterwards():
    life = Life()
    life.see("www")
    assert life.see("cc", SILENT) == []
    assert life.see("c") == ["worsened"]


def test_after_a_silence_the_time_to_the_next_reminder_begins_anew():
    life = Life(every_minutes=60)
    life.see("ccc")
    life.see("c" * 30, SILENT)
    ended = at(life.minute)
    assert life.see("c" * 23, Hold(resumed_at=ended)) == []
    assert life.see("c", Hold(resumed_at=ended)) == ["reminder"]


# Maintenance and what is explained by others: nothing counts.


@pytest.mark.parametrize("hold", [MAINTAINED, EXPLAINED], ids=["maintenance", "explained"])
def test_what_was_open_before_is_not_announced_again_afterwards(hold):
    life = Life()
    life.see("ccc")
    assert life.see("c" * 20, hold) == []
    assert life.see("ccc") == []
    assert life.see("oo") == ["recovered"]


@pytest.mark.parametrize("hold", [MAINTAINED, EXPLAINED], ids=["maintenance", "explained"])
def test_what_went_bad_meanwhile_has_its_whole_pending_time_afterwards(hold):
    life = Life()
    assert life.see("c" * 20, hold) == []
    assert life.incident.phase is Phase.PENDING
    assert life.see("cc") == []
    assert life.see("c") == ["opened"]


@pytest.mark.parametrize("hold", [MAINTAINED, EXPLAINED], ids=["maintenance", "explained"])
@pytest.mark.parametrize("pending", [Pending(count=3), Pending(lasting=timedelta(minutes=10))], ids=["count", "time"])
def test_what_was_pending_before_begins_anew_afterwards(hold, pending):
    life = Life(rule=replace(RULE, pending=pending))
    life.see("cc")
    life.see("cccc", hold)
    assert life.see("cc") == []
    assert life.see("c") == ["opened"]


@pytest.mark.parametrize("hold", [MAINTAINED, EXPLAINED], ids=["maintenance", "explained"])
def test_what_came_and_went_meanwhile_is_never_told(hold):
    life = Life()
    assert life.see("ccccoo", hold) == []
    assert life.see("oo") == []
    assert life.incident.phase is Phase.OK


def test_what_recovered_in_maintenance_is_told_afterwards():
    life = Life()
    life.see("ccc")
    assert life.see("ooo", MAINTAINED) == []
    assert life.see("oo") == ["recovered"]


def test_what_explains_it_is_known_while_it_does():
    life = Life()
    life.see("c", EXPLAINED)
    assert life.incident.explained_by == Key("inventory", "site")
    life.see("c")
    assert life.incident.explained_by is None


def test_a_good_evaluation_needs_no_explanation():
    life = Life()
    life.see("ccc")
    assert life.see("oo", EXPLAINED) == ["recovered"]


# Flapping.


def test_flapping_is_told_once_and_its_end_once():
    life = Life()
    assert life.see("co" * 30) == ["flapping"]
    assert life.incident.is_flapping
    assert life.see("o" * 30) == ["steady"]
    assert life.see("o" * 30) == []


def test_what_stays_bad_after_flapping_is_told():
    life = Life()
    life.see("co" * 15)
    assert life.see("c" * 30) == ["steady", "opened"]
    steady, opened = life.events[-2:]
    assert steady.incident.phase is Phase.FIRING
    assert opened.at - steady.at >= RULE.rest


def test_what_was_open_when_it_began_to_flap_recovers_when_it_is_steady():
    life = Life()
    assert life.see("ccc" + "oc" * 20 + "o" * 30) == ["opened", "flapping", "steady", "recovered"]


def test_flapping_in_a_silence_is_told_only_if_it_goes_on():
    life = Life()
    assert life.see("co" * 20, SILENT) == []
    assert life.see("c") == ["flapping"]
    other = Life()
    other.see("co" * 20 + "o" * 25, SILENT)
    assert other.see("o") == []


def test_what_could_not_be_judged_does_not_make_it_flap():
    assert Life().see("uo" * 40) == []


def test_worse_is_told_while_it_flaps():
    life = Life()
    assert life.see("www" + "ow" * 10) == ["opened", "flapping"]
    assert life.see("c") == ["worsened"]


# What is kept.


def test_a_thing_that_is_judged_no_more_is_closed_as_gone_and_not_as_well():
    life = Life()
    life.see("ccc--")
    assert (life.events[-1].incident.code, life.events[-1].incident.table) == (GONE, "alert")


def test_a_finding_that_is_found_no_more_is_well_again():
    found = replace(judged("c", at(5)), is_finding=True)
    opened = step(Incident(key=found.key), found, AT_ONCE, at(5)).incident
    closed = step(opened, None, AT_ONCE, at(10))
    assert [event.kind for event in closed.events] == ["recovered"]
    assert (closed.incident.code, closed.incident.table) == (found.code, found.table)


def test_after_a_recovery_the_same_thing_rests_before_it_is_announced_anew():
    life = Life(rule=replace(AT_ONCE, rest=timedelta(minutes=30)))
    assert life.see("co") == ["opened", "recovered"]
    assert life.see("cc") == []
    assert life.see("cccc") == ["opened"]


def test_what_is_worse_than_what_recovered_does_not_rest():
    life = Life(rule=replace(AT_ONCE, rest=timedelta(minutes=30)))
    assert life.see("wo") == ["opened", "recovered"]
    assert life.see("w") == []
    assert life.see("c") == ["opened"]
    assert life.see("oc") == ["recovered"]


def test_a_long_closed_key_changes_no_more():
    life = Life()
    life.see("cccoo")
    assert not is_at_rest(life.incident)
    life.see("o" * 21)
    assert is_at_rest(life.incident)


def test_a_clock_that_was_set_back_stops_neither_reminders_nor_recoveries():
    life = Life(every_minutes=60)
    life.see("ccc")
    life.minute -= 7 * 24 * 60
    assert life.see("c" * 25) == ["reminder"]
    assert life.see("oo") == ["recovered"]


@given(st.text(alphabet="owcu-", max_size=120), st.lists(st.sampled_from("sme."), max_size=120))
def test_no_order_of_evaluations_opens_twice_without_a_recovery_between(signs, holds):
    life = Life(rule=replace(RULE, pending=Pending(count=2), rest=timedelta()))
    states = {"s": SILENT, "m": MAINTAINED, "e": EXPLAINED, ".": Hold()}
    for number, sign in enumerate(signs):
        life.see(sign, states[holds[number]] if number < len(holds) else Hold())
    pairs = [one for one in kinds(life.events) if one in {"opened", "recovered"}]
    assert pairs == ["opened", "recovered"] * (len(pairs) // 2) + ["opened"] * (len(pairs) % 2)
    changes = [one for one in kinds(life.events) if one in {"flapping", "steady"}]
    assert changes == ["flapping", "steady"] * (len(changes) // 2) + ["flapping"] * (len(changes) % 2)


@given(st.text(alphabet="owcu-", max_size=80))
def test_whatever_came_before_what_stays_bad_is_told_and_what_stays_good_is_told_again(before):
    life = Life()
    life.see(before)
    life.see("c" * 40)
    assert is_told(life.incident)
    assert life.incident.state is State.CRITICAL
    life.see("o" * 40)
    assert not is_told(life.incident)
    assert life.events[-1].kind in {EventKind.RECOVERED, EventKind.STEADY}


@given(st.text(alphabet="owcu-", max_size=60), st.lists(st.sampled_from("sme.a"), max_size=60))
def test_a_restart_after_each_evaluation_changes_nothing(signs, holds):
    states = {"s": SILENT, "m": MAINTAINED, "e": EXPLAINED, ".": Hold(), "a": Hold()}
    through, anew = Life(), Life()
    for number, sign in enumerate(signs):
        held = holds[number] if number < len(holds) else "."
        for life in (through, anew):
            if held == "a":
                life.incident = acknowledged(life.incident, by="a.karimi", note="seen", now=at(life.minute))
            life.see(sign, states[held])
        anew.incident = written_and_read(anew.incident)
    assert anew.events == through.events
    assert anew.incident == through.incident


def test_what_flapped_and_is_judged_no_more_is_closed_in_the_end():
    life = Life()
    assert life.see("ccc" + "oc" * 12) == ["opened", "flapping"]
    assert life.see("-" * 30) == ["steady", "recovered"]
    assert life.incident.code == GONE
