"""`itops status`: one screen, what is not well first."""

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from itops import clock
from itops.alerts.records import Evaluation, EventKind, Incident, Key, Notification, Phase, Silence
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.cli.status import status
from itops.store import open_store
from itops.store.watch_writer import RoundRows
from itops.verdict import State
from tests.cli.watch_door import HOUR, MINUTE, WatchDoor, ago, judged

PAYROLL = Key("backup", "nightly sql02/Payroll")
BAD = judged(*PAYROLL, State.CRITICAL, since=ago(40 * HOUR), owner="dept5", last_good_at=None)


@pytest.fixture
def door(tmp_path: Path) -> WatchDoor:
    return WatchDoor(tmp_path)


def seen(door: WatchDoor, *words: str) -> Result:
    office = Office(setting=read_setting(door.path), now=clock.now(), config_path=door.path)
    try:
        return CliRunner().invoke(status, words, obj=office, standalone_mode=False)
    finally:
        office.close()


def told(door: WatchDoor) -> Any:
    return json.loads(seen(door, "--output", "json").stdout)["data"]


def incident(door: WatchDoor, evaluations: Iterable[Evaluation], held: Incident, *waiting: Notification) -> None:
    rows = RoundRows(changed=(held,), notifications=waiting)
    with open_store(door.location, clock.now()) as store:
        store.watch.play_round(evaluations, {"backup"}, lambda _: rows)


def test_where_all_is_well_one_line_says_so_and_how_much_was_judged_and_when(door):
    door.well()
    ran = seen(door)
    assert ran.return_value == 0
    first, *rest = ran.stdout.splitlines()
    assert first == "OK: all 5 things that are judged are well; last judged 1m ago"
    assert not any(line.startswith(("state", "check")) for line in rest)
    assert any(line.startswith("scheduler           ticked 1m ago") for line in rest)
    assert any("nightly sql01/Insurance, 9h 0m ago" in line for line in rest)


def test_what_is_not_well_comes_with_how_long_and_whose_it_is(door):
    door.well(judged("inventory", "vc01", State.WARNING), BAD)
    ran = seen(door)
    assert ran.return_value == 2
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert lines[0] == "CRITICAL: 2 things of 6 not well; last judged 1m ago"
    assert "backup CRITICAL 2 1 nightly sql02/Payroll" in lines
    first = lines.index("CRITICAL backup nightly sql02/Payroll there is no good copy at all; owner dept5 1d 16h")
    assert lines[first + 1].startswith("WARNING inventory vc01 ")


def test_who_has_it_in_hand_is_told(door):
    door.well(BAD)
    held = Incident(key=PAYROLL, phase=Phase.FIRING, state=State.CRITICAL, acked_by="R. Ahmadi", acked_at=ago(HOUR))
    waiting = Notification(
        number=0, channel="mail", kind=EventKind.OPENED, state=State.CRITICAL, keys=(PAYROLL,), document="{}",
        made_at=ago(HOUR), not_before=ago(HOUR),
    )  # fmt: skip
    incident(door, [BAD], held, waiting)
    with open_store(door.location, clock.now()) as store:
        silence = Silence(number=0, check="backup", object="nightly*", begin=ago(HOUR), until=ago(-HOUR), by="R.",
                          reason="move")  # fmt: skip
        store.watch.add_silence(silence)
        store.watch.add_silence(replace(silence, until=ago(MINUTE)))
    output = seen(door).stdout
    assert "there is no good copy at all; owner dept5; acked by R. Ahmadi; silenced" in output
    assert "1 wait to be sent" in output
    (row,) = told(door)["exceptions"]
    assert (row["acked_by"], row["phase"], row["owner"]) == ("R. Ahmadi", "firing", "dept5")
    assert row["silenced_until"] is not None
    assert told(door)["waiting_notifications"] == 1


def test_a_silence_of_something_else_or_that_is_over_silences_nothing(door):
    door.well(BAD)
    with open_store(door.location, clock.now()) as store:
        silence = Silence(number=0, check="backup", object="mail*", begin=ago(HOUR), until=ago(-HOUR), by="R.",
                          reason="move")  # fmt: skip
        for one in (
            silence,
            replace(silence, object="*", until=ago(MINUTE)),
            replace(silence, object="*", begin=ago(-MINUTE)),
        ):
            store.watch.add_silence(one)
        store.watch.end_silence(store.watch.add_silence(replace(silence, object="*")).number, "R.", clock.now())
    assert told(door)["exceptions"][0]["silenced_until"] is None


def test_a_scheduler_that_stopped_is_told_at_once(door):
    door.well(beat_age=3 * HOUR)
    ran = seen(door)
    assert ran.return_value == 2
    assert "the scheduler has not ticked since" in ran.stdout


def test_where_nothing_was_judged_it_says_what_to_run(door):
    door.keep([], beat_age=None)
    ran = seen(door)
    assert ran.return_value != 0
    assert "nothing was judged yet" in ran.stdout
    assert "itops alerts evaluate" in ran.stderr


def test_where_there_is_no_store_it_says_what_to_run(door):
    ran = seen(door)
    assert ran.return_value == 3
    assert "itops inventory scan" in ran.stderr


def test_five_hundred_disasters_fit_on_a_screen_and_json_has_them_all(door):
    door.well(*(judged("backup", f"nightly sql{n:03}/Db", State.CRITICAL) for n in range(500)))
    ran = seen(door)
    assert ran.stdout.count("\n") < 40
    assert "and 485 more" in ran.stderr
    assert len(told(door)["exceptions"]) == 500


def test_a_name_that_steers_nothing_reaches_the_screen(door):
    door.well(judged("backup", "\x1b[2J[red]x\u202e\n", State.CRITICAL, owner="\x1b[0m"))
    output = seen(door).stdout
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "[red]x" in output


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
def test_it_fits_eighty_columns(door):
    door.well(BAD, judged("inventory", "x" * 300, State.WARNING, owner="y" * 100))
    master, slave = os.openpty()
    try:
        done = door.run(
            "status", "--color", "never", stdout=slave, stderr=subprocess.PIPE, env={**os.environ, "COLUMNS": "80"}
        )
        os.set_blocking(master, False)
        lines = os.read(master, 100_000).decode().splitlines()
    finally:
        os.close(slave)
        os.close(master)
    assert done.returncode == 2
    assert len(lines) > 10
    assert max(map(len, lines)) <= 80


def test_a_mistyped_option_is_no_verdict(door):
    door.well()
    assert door.run("status", "--nosuch").returncode == 64
    assert door.run("status").returncode == 0
