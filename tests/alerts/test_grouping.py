"""Who hears what, with what, and when."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.alerts.grouping import Draft, channels_of, drafts, state_of
from itops.alerts.policy import AlertPolicy, EscalationStep, Quiet, Route
from itops.alerts.records import Event, EventKind, Incident, Key, Notification, Phase
from itops.dates import Hours
from itops.verdict import State
from tests.alerts.making import TEHRAN, at

CHANNELS = {"mail": None, "sms": None, "boss": None}
NOON = at(0)
NIGHT = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)  # 23:30 in Tehran
MORNING = datetime(2026, 10, 25, 4, 0, tzinfo=UTC)  # 07:30
QUIET = {"sms": Quiet(hours=Hours.from_setting("22:00-07:30", Path()))}


def incident(name: str = "db01", check: str = "backup", state: State = State.CRITICAL, **more: object) -> Incident:
    held = Incident(key=Key(check, name), phase=Phase.FIRING, state=state, opened_at=NOON, notify_count=1)
    return replace(held, **more)


def event(kind: EventKind = EventKind.OPENED, moment: datetime = NOON, **more: object) -> Event:
    return Event(kind=kind, incident=incident(**more), at=moment)


def closed(name: str = "db01", **more: object) -> Incident:
    return incident(name, phase=Phase.OK, notify_count=0, closed_at=NOON, **more)


def row(draft: Draft, number: int = 7, **more: object) -> Notification:
    held = Notification(
        number=number,
        channel=draft.channel,
        kind=draft.kind,
        state=draft.state,
        keys=draft.keys,
        document="{}",
        made_at=draft.made_at,
        not_before=draft.not_before,
    )
    return replace(held, **more)


def made(
    events: Iterable[Event],
    policy: AlertPolicy,
    now: datetime = NOON,
    waiting: Iterable[Notification] = (),
    incidents: Iterable[Incident] = (),
) -> tuple[Draft, ...]:
    known = {one.key: one for one in incidents}
    return drafts(events, policy=policy, zone=TEHRAN, now=now, incidents=known, waiting=tuple(waiting))


# Routes.


@pytest.mark.parametrize(
    ("routes", "told", "heard"),
    [
        pytest.param((), event(), ["mail", "sms", "boss"], id="no routes: everybody"),
        pytest.param((Route(channels=("mail",)),), event(), ["mail"], id="one route for all"),
        pytest.param(
            (Route(channels=("mail",)), Route(channels=("sms",), states=("critical",))),
            event(),
            ["mail", "sms"],
            id="two that fit",
        ),
        pytest.param(
            (Route(channels=("mail",)), Route(channels=("sms",), states=("critical",))),
            event(state=State.WARNING),
            ["mail"],
            id="by state",
        ),
        pytest.param((Route(channels=("sms",), checks=("inventory",)),), event(state=State.WARNING), [], id="by check"),
        pytest.param(
            (Route(channels=("sms",), checks=("inventory",)),),
            event(),
            ["mail", "sms", "boss"],
            id="a disaster on no route is told to all",
        ),
        pytest.param((Route(channels=("boss",), objects=("db*",)),), event(), ["boss"], id="by object"),
        pytest.param((), event(name="sms", check="channel"), ["mail", "boss"], id="a dead channel is told by others"),
        pytest.param(
            (Route(channels=("sms",)),),
            event(name="sms", check="channel"),
            ["mail", "boss"],
            id="even if it is the only one on the route",
        ),
    ],
)
def test_who_hears(routes, told, heard):
    assert list(channels_of(told, AlertPolicy(channels=CHANNELS, routes=routes))) == heard


def test_the_only_channel_tells_even_of_itself():
    assert channels_of(event(name="mail", check="channel"), AlertPolicy(channels={"mail": None})) == ("mail",)


def test_a_step_goes_to_its_list_and_the_end_to_all_who_were_told():
    steps = (
        EscalationStep(after=timedelta(hours=4), channels=("sms",)),
        EscalationStep(after=timedelta(hours=12), channels=("boss",)),
    )
    policy = AlertPolicy(channels=CHANNELS, routes=(Route(channels=("mail",)),), escalation=steps)
    assert channels_of(event(EventKind.ESCALATED, escalation=1), policy) == ("sms",)
    assert channels_of(event(EventKind.ESCALATED, escalation=2), policy) == ("boss",)
    assert channels_of(event(EventKind.REMINDER, escalation=2), policy) == ("mail",)
    assert channels_of(event(EventKind.RECOVERED, escalation=2), policy) == ("mail", "sms", "boss")
    assert channels_of(event(EventKind.RECOVERED, escalation=1), policy) == ("mail", "sms")


# Groups.

MAIL = AlertPolicy(channels={"mail": None})


def test_what_happened_to_one_check_goes_in_one_message():
    events = [event(name=f"db{number:02}") for number in range(50)]
    (draft,) = made(events, MAIL)
    assert len(draft.events) == 50
    assert (draft.check, draft.kind, draft.state) == ("backup", EventKind.OPENED, State.CRITICAL)
    assert draft.not_before == NOON + timedelta(minutes=2)


def test_each_check_each_kind_and_each_channel_has_its_own():
    events = [event(), event(check="inventory"), event(EventKind.RECOVERED, name="db02")]
    found = made(events, AlertPolicy(channels={"mail": None, "sms": None}))
    assert sorted((one.channel, one.check, one.kind.value) for one in found) == [
        (channel, check, kind)
        for channel in ("mail", "sms")
        for check, kind in (("backup", "opened"), ("backup", "recovered"), ("inventory", "opened"))
    ]


def test_what_follows_within_the_wait_joins_what_waits():
    (first,) = made([event(name="db02")], MAIL)
    (second,) = made(
        [event(name="db01", moment=at(1))],
        MAIL,
        at(1),
        [row(first)],
        [incident("db01"), incident("db02")],
    )
    assert [key.object for key in second.keys] == ["db01", "db02"]
    assert second.replaces == (7,)
    assert second.not_before == first.not_before


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"tries": 1}, id="was tried"),
        pytest.param({"sent_at": at(1)}, id="was sent"),
        pytest.param({"given_up_at": at(1)}, id="was given up"),
        pytest.param({"not_before": NOON}, id="is due"),
        pytest.param({"channel": "sms"}, id="of another channel"),
        pytest.param({"kind": EventKind.REMINDER}, id="of another kind"),
        pytest.param({"keys": (Key("inventory", "vc01"),)}, id="of another check"),
    ],
)
def test_nothing_else_is_joined(more):
    (first,) = made([event(name="db02")], MAIL)
    known = [incident("db01"), incident("db02"), incident("vc01", "inventory")]
    (second,) = made([event(name="db01")], MAIL, at(1), [row(first, **more)], known)
    assert second.replaces == ()
    assert [key.object for key in second.keys] == ["db01"]


def test_news_that_is_no_longer_true_is_not_told_anew():
    (first,) = made([event(EventKind.RECOVERED, name="db02")], MAIL)
    recovered = Event(kind=EventKind.RECOVERED, incident=closed("db01"), at=at(1))
    (second,) = made([recovered], MAIL, at(1), [row(first)], [closed("db01"), incident("db02")])
    assert second.replaces == ()


# The night.

SMS = AlertPolicy(channels={"sms": None}, quiet=QUIET)


def test_what_is_well_again_before_its_message_went_out_makes_none():
    policy = AlertPolicy(channels={"mail": None})
    (opened,) = made([event()], policy)
    later = NOON + policy.group_wait * 2
    (gone,) = made([event(EventKind.RECOVERED, later)], policy, later, [row(opened)], [closed()])
    assert (gone.events, gone.replaces) == ((), (7,))


def test_of_what_waits_together_only_that_is_left_out_which_is_well_again():
    policy = AlertPolicy(channels={"mail": None})
    (opened,) = made([event(name="db01"), event(name="db02")], policy)
    known = [closed("db01"), incident("db02")]
    later = NOON + policy.group_wait * 2
    (left,) = made([event(EventKind.RECOVERED, later, name="db01")], policy, later, [row(opened)], known)
    assert [one.incident.key.object for one in left.events] == ["db02"]
    assert (left.kind, left.not_before, left.replaces) == (EventKind.OPENED, opened.not_before, (7,))


@pytest.mark.parametrize("more", [{"tries": 1}, {"sent_at": NOON}, {"kind": EventKind.REMINDER}, {"channel": "sms"}])
def test_what_somebody_may_have_heard_is_recovered_aloud(more):
    policy = AlertPolicy(channels={"mail": None})
    (opened,) = made([event()], policy)
    (told,) = made([event(EventKind.RECOVERED)], policy, NOON, [row(opened, **more)], [closed()])
    assert [one.kind for one in told.events] == [EventKind.RECOVERED]


def test_the_night_ends_with_one_digest_of_how_things_are_then():
    events = [event(name="db01", state=State.WARNING), event(name="vc01", check="inventory", state=State.WARNING)]
    (first,) = made(events, SMS, NIGHT)
    assert (first.is_digest, first.check, first.not_before) == (True, "", MORNING)
    recovered = Event(kind=EventKind.RECOVERED, incident=closed("db01", state=State.WARNING), at=NIGHT)
    later = NIGHT + timedelta(hours=2)
    known = [closed("db01", state=State.WARNING), incident("vc01", "inventory", State.WARNING)]
    (second,) = made([recovered], SMS, later, [row(first)], known)
    assert second.replaces == (7,)
    assert [(one.incident.key.object, one.kind.value) for one in second.events] == [
        ("db01", "recovered"),
        ("vc01", "opened"),
    ]
    assert (second.kind, second.state, second.not_before) == (EventKind.OPENED, State.WARNING, MORNING)


def test_a_disaster_goes_out_in_the_night_and_leaves_the_digest_alone():
    (first,) = made([event(name="db01", state=State.WARNING)], SMS, NIGHT)
    (second,) = made([event(name="db02")], SMS, NIGHT, [row(first)], [incident("db01"), incident("db02")])
    assert (second.is_digest, second.replaces) == (False, ())
    assert second.not_before == NIGHT + timedelta(minutes=2)


def test_a_night_in_which_everything_recovered_says_so():
    (first,) = made([event(name="db01", state=State.WARNING)], SMS, NIGHT)
    recovered = Event(kind=EventKind.RECOVERED, incident=closed("db01"), at=NIGHT)
    (second,) = made([recovered], SMS, NIGHT, [row(first)], [closed("db01")])
    assert (second.kind, second.state, len(second.events)) == (EventKind.RECOVERED, State.OK, 1)


def test_of_two_events_of_one_thing_the_digest_tells_the_more_urgent():
    flapping, worse = event(EventKind.FLAPPING, state=State.UNKNOWN), event(EventKind.WORSENED, state=State.UNKNOWN)
    for events in ((flapping, worse), (worse, flapping)):
        (draft,) = made(events, SMS, NIGHT)
        assert [one.kind for one in draft.events] == [EventKind.WORSENED]


def test_a_thing_that_was_forgotten_meanwhile_leaves_the_digest():
    (first,) = made([event(name="db01", state=State.WARNING)], SMS, NIGHT)
    (second,) = made([event(name="db02", state=State.WARNING)], SMS, NIGHT, [row(first)], [incident("db02")])
    assert [key.object for key in second.keys] == ["db02"]
    assert second.replaces == (7,)


@pytest.mark.parametrize(
    ("kind", "phase", "state"),
    [
        (EventKind.OPENED, Phase.FIRING, State.CRITICAL),
        (EventKind.RECOVERED, Phase.OK, State.OK),
        (EventKind.STEADY, Phase.OK, State.OK),
        (EventKind.STEADY, Phase.FIRING, State.CRITICAL),
        (EventKind.FLAPPING, Phase.OK, State.CRITICAL),
    ],
)
def test_the_state_of_what_is_told(kind, phase, state):
    assert state_of(event(kind, phase=phase)) is state


def test_without_channels_there_are_no_messages():
    assert made([event()], AlertPolicy()) == ()
