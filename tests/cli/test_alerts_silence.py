"""`itops alerts silence`, `silences` and `unsilence` at the door."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from itops.alerts.holding import is_active
from itops.alerts.records import Silence
from itops.store import open_reader
from itops.verdict import State
from tests.cli.test_alerts_list import HOSTILE, MAIL, NOW, SQL, VC, Door, evaluation, firing

WHY = ("--reason", "the room moves", "--by", "R. Karimi")


@pytest.fixture
def door(tmp_path: Path) -> Door:
    door = Door(tmp_path)
    door.round([evaluation(SQL, State.CRITICAL), evaluation(MAIL), evaluation(VC)], [firing(SQL)])
    return door


def kept(door: Door) -> list[Silence]:
    with open_reader(door.location) as reader:
        return reader.watch.silences()


def test_it_is_written_down_with_an_end_and_says_what_goes_quiet(door: Door) -> None:
    ran = door.run("silence", "backup", "*sql01*", "--until", "2h", *WHY)
    assert ran.code == 0
    (one,) = kept(door)
    assert one == Silence(
        number=1, check="backup", object="*sql01*", begin=NOW, until=NOW + timedelta(hours=2), by="R. Karimi",
        reason="the room moves",
    )  # fmt: skip
    assert "silence 1 holds until 1405-09-01 12:00, for 2 h" in ran.stderr
    assert "1 object goes quiet" in ran.stderr
    assert "open now, and quiet from here on: backup daily sql01/Insurance" in ran.stderr
    (row,) = door.json("list")
    assert row["held"] == ["silence"]


def test_without_a_pattern_the_whole_check_goes_quiet(door: Door) -> None:
    told = door.run("silence", "backup", "--until", "1d", *WHY).stderr
    assert "2 objects go quiet" in told


def test_everything_can_go_quiet_and_that_is_said_loudly(door: Door) -> None:
    told = door.run("silence", "*", "--until", "1h", *WHY).stderr
    assert "EVERYTHING goes quiet: 2 checks with 3 objects, and whatever comes up" in told
    assert "EVERYTHING" not in door.run("silence", "*", "", "--until", "1h", *WHY).stderr  # checks as a whole alone


def test_a_pattern_that_fits_nothing_is_said_with_what_was_probably_meant(door: Door) -> None:
    ran = door.run("silence", "backup", "sql01", "--until", "2h", *WHY)
    assert 'nothing that was ever judged fits it; a pattern fits whole names: write "*sql01*"' in ran.stderr
    assert "none of it is open now" in ran.stderr


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("backup", "--until", "91d"), "at most 90"),
        (("backup", "--until", "2027-11-24"), "at most 90"),
        (("backup", "--until", "forever"), "neither a time nor a moment"),
        (("backup", "--until", "1405-08-30"), "is over already"),
        (("backup", "--until", "0h"), "is over already"),
        (("backup", "--until", "1405-13-01"), "does not exist"),
        (("bakcup", "--until", "2h"), "there is no check"),
    ],
)
def test_a_silence_without_an_honest_end_or_check_is_refused(door: Door, words: tuple[str, ...], problem: str) -> None:
    assert problem in door.refused("silence", *words, *WHY).problem
    assert kept(door) == []


@pytest.mark.parametrize(
    "words", [("--reason", "x"), ("--until", "2h"), ("--until", "2h", "--reason", " ", "--by", "R.")]
)
def test_end_and_reason_are_not_optional(door: Door, words: tuple[str, ...]) -> None:
    assert door.run("silence", "backup", *words).code == 64
    assert kept(door) == []


def test_silences_lists_what_holds_and_on_request_what_held(door: Door) -> None:
    for until in ("2h", "3h"):
        door.run("silence", "backup", "--until", until, *WHY)
    door.run("unsilence", "1", "--by", "S. Rahimi")
    assert [(row["number"], row["open"]) for row in door.json("silences")] == [(2, ["backup daily sql01/Insurance"])]
    rows = door.json("silences", "--all")
    assert [(row["number"], row["holds"], row["ended_by"]) for row in rows] == [
        (1, False, "S. Rahimi"),
        (2, True, None),
    ]
    door.now = NOW + timedelta(hours=4)
    assert "no silence holds: everything is told" in door.run("silences").stderr


def test_ending_one_is_written_down_and_says_what_is_still_silent(door: Door) -> None:
    door.run("silence", "backup", "--until", "2h", *WHY)
    door.run("silence", "*", "*sql*", "--until", "2h", *WHY)
    ran = door.run("unsilence", "1", "--by", "S. Rahimi")
    assert "still silenced by others: backup daily sql01/Insurance" in ran.stderr
    assert [is_active(one, NOW) for one in kept(door)] == [False, True]


@pytest.mark.parametrize(("number", "hours", "problem"), [(7, 0, "no silence 7"), (1, 3, "its time is over")])
def test_what_does_not_hold_cannot_be_ended(door: Door, number: int, hours: int, problem: str) -> None:
    door.run("silence", "backup", "--until", "2h", *WHY)
    door.now = NOW + timedelta(hours=hours)
    before = kept(door)
    assert problem in door.refused("unsilence", str(number), "--by", "S.").problem
    assert kept(door) == before


def test_one_is_ended_once_and_by_somebody(door: Door) -> None:
    door.run("silence", "backup", "--until", "2h", *WHY)
    assert "does not know who" in door.refused("unsilence", "1", "--by", "").problem
    door.run("unsilence", "1", "--by", "S. Rahimi")
    assert "S. Rahimi ended it" in door.refused("unsilence", "1", "--by", "R.").problem
    assert kept(door)[0].ended_by == "S. Rahimi"


def test_a_silence_before_the_first_round_makes_the_store(tmp_path: Path) -> None:
    door = Door(tmp_path)
    assert door.run("silence", "backup", "--until", "2h", *WHY).code == 0
    assert len(kept(door)) == 1


def test_hostile_names_and_reasons_steer_nothing(door: Door) -> None:
    door.round([evaluation(HOSTILE, State.CRITICAL)], [firing(HOSTILE)])
    ran = door.run("silence", "backup", "*\x1b[31m*", "--until", "2h", "--reason", "\x1b]0;x\x07 \udc80", "--by", "R.")
    assert ran.code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(ran.stdout + ran.stderr)
    assert replace(kept(door)[0], number=0).reason.endswith("?")
