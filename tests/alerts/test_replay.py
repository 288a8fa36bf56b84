"""Thirty days of an office of 200 checks, seeded: blips, flaps, an outage of the site and real failures.

What is asserted is what people get: few messages, and of each real failure one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest

from itops.alerts.grouping import Draft, drafts
from itops.alerts.policy import AlertPolicy
from itops.alerts.records import Evaluation, EventKind, Key, Notification
from itops.documents import from_document, to_document
from itops.verdict import State
from tests.alerts.making import TEHRAN, Office, at

EVERY = 30  # minutes
ROUNDS = 30 * 24 * 60 // EVERY
SITE = Key("inventory", "vc01")
KEYS = (
    SITE,
    *(Key("inventory", f"vc01/app{number:03}") for number in range(120)),
    *(Key("backup", f"job{number:02} sql01/db{number:02}") for number in range(60)),
    *(Key("delivery", f"1405-{number:02}") for number in range(1, 8)),
    *(Key("schedule", f"job{number:02}") for number in range(12)),
)
REAL = {KEYS[20]: (100, 130), KEYS[70]: (300, 420), KEYS[125]: (500, 800), KEYS[150]: (900, 960), KEYS[182]: (60, 90)}
FLAPPING = {KEYS[40]: (200, 300), KEYS[90]: (640, 700), KEYS[140]: (1000, 1100)}
OUTAGE = range(700, 716)  # eight hours
POLICY = AlertPolicy(channels={"mail": None})


def script(random: Random, rounds: int) -> Iterator[list[Evaluation]]:
    """The evaluations of each round."""
    for number in range(rounds):
        now = at(number * EVERY)
        yield [
            Evaluation(
                key=key,
                state=(found := state(key, number, random)),
                code="fresh" if found is State.OK else "too-old",
                table="backup",
                judged_at=now,
                depends_on=(SITE,) if key.check == "inventory" else (),
            )
            for key in KEYS
        ]


def state(key: Key, number: int, random: Random) -> State:
    if key in REAL and number in range(*REAL[key]):
        return State.CRITICAL
    if number in OUTAGE and key.check in {"inventory", "backup"}:
        return State.CRITICAL if key == SITE else State.UNKNOWN
    if key in FLAPPING and number in range(*FLAPPING[key]):
        return State.WARNING if random.random() < 0.5 else State.OK
    is_blip = key.check == "inventory" and random.random() < 0.02
    return State.WARNING if is_blip else State.OK


@dataclass
class Replay:
    office: Office
    evaluations: int = 0
    bad: int = 0
    sent: list[Draft] = field(default_factory=list)


def replay(random: Random, rounds: int = ROUNDS, *, restarts: bool = False) -> Replay:
    """Every round, with a sender that takes what is due."""
    made = Replay(Office(policy=POLICY, restarts=restarts))
    waiting: dict[int, tuple[Notification, Draft]] = {}
    for number, evaluations in enumerate(script(random, rounds)):
        now = at(number * EVERY)
        send(made, waiting, now)
        made.evaluations += len(evaluations)
        made.bad += sum(one.state is not State.OK for one in evaluations)
        outcome = made.office.round(evaluations, now)
        rows = [row for row, _ in waiting.values()]
        for draft in drafts(
            outcome.events, policy=POLICY, zone=TEHRAN, now=now, incidents=made.office.incidents, waiting=rows
        ):
            for replaced in draft.replaces:
                del waiting[replaced]
            row = Notification(
                number=len(made.sent) + len(waiting) + number * 1000,
                channel=draft.channel,
                kind=draft.kind,
                state=draft.state,
                keys=draft.keys,
                document="{}",
                made_at=now,
                not_before=draft.not_before,
            )
            waiting[row.number] = (from_document(Notification, to_document(row)), draft)
    send(made, waiting, at(rounds * EVERY) + timedelta(days=1))
    return made


def send(made: Replay, waiting: dict[int, tuple[Notification, Draft]], now: datetime) -> None:
    for number in [number for number, (row, _) in waiting.items() if row.not_before <= now]:
        made.sent.append(waiting.pop(number)[1])


@pytest.fixture(scope="module")
def month() -> Replay:
    return replay(Random(1405))


def test_a_month_of_200_checks_is_a_handful_of_messages(month: Replay):
    assert (len(KEYS), month.evaluations) == (200, 200 * ROUNDS)
    assert month.bad > 5_000
    assert 20 <= len(month.sent) <= 60, len(month.sent)


def test_every_real_failure_is_told_soon_and_its_end_once(month: Replay):
    for key, (begin, end) in REAL.items():
        told = [event for event in month.office.events if event.incident.key == key]
        opened = [event.at for event in told if event.kind is EventKind.OPENED]
        assert any(at(begin * EVERY) <= moment <= at((begin + 3) * EVERY) for moment in opened), key
        assert EventKind.RECOVERED in {event.kind for event in told if event.at >= at(end * EVERY)}, key


def test_every_event_reaches_somebody_once(month: Replay):
    told = [(event.kind, event.incident.key, event.at) for draft in month.sent for event in draft.events]
    assert sorted(told) == sorted((event.kind, event.incident.key, event.at) for event in month.office.events)


def test_of_the_outage_the_site_is_told_and_not_what_stands_behind_it(month: Replay):
    during = [
        event.incident.key
        for event in month.office.events
        if event.kind is EventKind.OPENED and at(700 * EVERY) <= event.at < at(718 * EVERY)
    ]
    assert SITE in during
    assert [key for key in during if key.check == "inventory"] == [SITE]


def test_what_flaps_is_told_as_that(month: Replay):
    flapped = {event.incident.key for event in month.office.events if event.kind is EventKind.FLAPPING}
    assert flapped <= set(FLAPPING)
    assert flapped


def test_no_blip_is_told(month: Replay):
    told = {event.incident.key for event in month.office.events}
    backups = {key for key in KEYS if key.check == "backup"}
    blips = told - set(REAL) - set(FLAPPING) - {SITE} - backups
    assert len(blips) <= 2  # three on end happen by chance: one in 125,000


def test_a_restart_after_each_round_is_the_same_month(month: Replay):
    rounds = OUTAGE.stop + 20
    again = replay(Random(1405), rounds, restarts=True)
    assert again.office.events == [event for event in month.office.events if event.at < at(rounds * EVERY)]
    assert again.sent == month.sent[: len(again.sent)]
    assert len(again.sent) > 20
