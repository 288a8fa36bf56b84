"""`itops alerts ack` at the door."""

from datetime import timedelta
from pathlib import Path

import pytest

from itops.alerts.machine import step
from itops.alerts.policy import Rule
from itops.alerts.records import EventKind, Incident, Phase
from itops.store import open_reader
from itops.verdict import State
from tests.cli.test_alerts_list import HOSTILE, MAIL, NOW, SQL, VC, Door, evaluation, firing

NOTE = ("--note", "the disk is ordered", "--by", "R. Karimi")


@pytest.fixture
def door(tmp_path: Path) -> Door:
    door = Door(tmp_path)
    closed = firing(MAIL, phase=Phase.OK, closed_at=NOW, notify_count=0)
    door.round(
        [evaluation(SQL, State.CRITICAL), evaluation(MAIL), evaluation(VC)], [firing(SQL, State.WARNING), closed]
    )
    return door


def kept(door: Door) -> Incident:
    with open_reader(door.location) as reader:
        return reader.watch.incidents()[SQL]


def test_it_is_written_down_with_name_and_note_and_nothing_else_changes(door: Door) -> None:
    ran = door.run("ack", "backup", "sql01", *NOTE)
    assert ran.code == 0
    one = kept(door)
    assert (one.acked_by, one.acked_at, one.ack_note) == ("R. Karimi", NOW, "the disk is ordered")
    assert one.notify_count == 1
    assert "until it gets worse than was told or has recovered" in ran.stderr
    assert "acked by R. Karimi" in ran.stdout
    (row,) = door.json("list")
    assert (row["acked_by"], row["ack_note"]) == ("R. Karimi", "the disk is ordered")


def test_it_ends_reminders_and_ends_itself_when_it_gets_worse(door: Door) -> None:
    door.run("ack", "backup", "sql01", *NOTE)
    later = NOW + timedelta(days=3)
    quiet = evaluation(SQL, State.WARNING)
    assert step(kept(door), quiet, Rule(), later).events == ()
    (event,) = step(kept(door), evaluation(SQL, State.CRITICAL), Rule(), later).events
    assert (event.kind, event.incident.acked_by) == (EventKind.WORSENED, "")


def test_next_moments_are_gone_once_somebody_looks_after_it(door: Door) -> None:
    assert door.json("list")[0]["reminder_at"] is not None
    door.run("ack", "backup", "sql01", *NOTE)
    row = door.json("list")[0]
    assert (row["next"], row["reminder_at"], row["escalation_at"]) == (None, None, None)


def test_a_second_one_takes_the_place_of_the_first_and_says_so(door: Door) -> None:
    door.run("ack", "backup", "sql01", *NOTE)
    told = door.run("ack", "backup", "sql01", "--note", "mine now", "--by", "S. Rahimi").stderr
    assert "R. Karimi had acknowledged it before: the disk is ordered" in told
    assert kept(door).acked_by == "S. Rahimi"


@pytest.mark.parametrize("name", ["daily mail01", "vc01"])
def test_what_is_not_open_is_refused_and_named(door: Door, name: str) -> None:
    check = "inventory" if name == "vc01" else "backup"
    assert f"{check} {name} is not open" in door.refused("ack", check, name, *NOTE).problem


def test_a_part_means_open_ones_alone_but_a_full_name_only_itself(door: Door) -> None:
    assert door.run("ack", "backup", "daily", *NOTE).code == 0  # the other one that is called so is closed
    assert kept(door).acked_by == "R. Karimi"


def test_an_ambiguous_part_changes_nothing(door: Door) -> None:
    door.round(incidents=[firing(HOSTILE), firing(SQL)])
    assert "could mean 2 things" in door.refused("ack", "backup", "i", *NOTE).problem
    assert kept(door).acked_by == ""


def test_hostile_names_can_be_acknowledged_as_they_are_seen(door: Door) -> None:
    door.round(incidents=[firing(HOSTILE)])
    ran = door.run("ack", "backup", "[/] [31mevil {0.__class__}", *NOTE)
    assert ran.code == 0
    assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--note", "  ", "--by", "R."), "--note is empty"),
        (("--note", "\u200f\x1b", "--by", "R."), "--note is empty"),
        (("--note", "x" * 501, "--by", "R."), "--note has 501 letters"),
        (("--note", "x", "--by", " "), "--by is empty"),
        (("--note", "x", "--by", ""), "does not know who you are"),
    ],
)
def test_an_acknowledgement_without_a_person_or_a_note_is_refused(
    door: Door, words: tuple[str, ...], problem: str
) -> None:
    assert problem in door.refused("ack", "backup", "sql01", *words).problem
    assert kept(door).acked_by == ""


def test_the_note_is_not_optional(door: Door) -> None:
    assert door.run("ack", "backup", "sql01").code == 64


def test_of_one_that_nobody_heard_of_it_is_said_that_its_opening_is_still_told(door: Door) -> None:
    door.round(incidents=[Incident(key=SQL, phase=Phase.PENDING, state=State.CRITICAL, bad_count=1)])
    assert "that it is open is still told once" in door.run("ack", "backup", "sql01", *NOTE).stderr
