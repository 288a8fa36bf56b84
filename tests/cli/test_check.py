"""The contract of `itops check`, with a real store and real processes: every way it can end has its code and line."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from itops.alerts.policy import CHECKS as POLICY_CHECKS
from itops.cli.unknown import Asked, asked_by_monitoring
from itops.tasks.read_checks import CHECKS
from itops.verdict import State
from tests.cli.watch_door import HOUR, MINUTE, WatchDoor, ago, judged, run

BAD = ("backup", "nightly sql02/Payroll", State.CRITICAL)
NO_JOBS = {"code": "schedule.no-jobs", "table": "schedule", "last_good_at": None}


@pytest.fixture
def door(tmp_path: Path) -> WatchDoor:
    return WatchDoor(tmp_path)


# What it says


def test_all_is_well_in_one_line(door):
    door.well()
    done = door.run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ITOPS OK - 5 of 5 in order; oldest good 9h 0m ago | failed=0;0;0;0;5 ")


@pytest.mark.parametrize("state", [State.WARNING, State.CRITICAL, State.UNKNOWN])
def test_the_exit_code_is_the_worst_state(door, state):
    door.well(judged("backup", "nightly sql02/Payroll", state))
    done = door.run("check", "backup")
    assert done.returncode == state.value
    first, detail, *_ = done.stdout.splitlines()
    assert first.startswith(
        f"BACKUP {state.name} - 1 of 3 need action: nightly sql02/Payroll last good 9h 0m ago | failed="
    )
    assert detail == "nightly sql02/Payroll: there is no good copy at all; last good 9h 0m ago"
    assert door.run("check", "inventory").returncode == 0


def test_persian_is_for_people(door):
    door.well(judged(*BAD))
    done = door.run("check", "backup", "--lang", "fa")
    assert done.returncode == 2
    assert done.stdout.startswith("پشتیبان‌گیری بحرانی - ")


def test_every_format_tells_the_same_state(door):
    door.well(judged(*BAD))
    answers = {name: door.run("check", "--format", name) for name in ("checkmk", "prometheus", "zabbix", "json")}
    assert {done.returncode for done in answers.values()} == {2}
    assert answers["checkmk"].stdout.startswith('2 "itops" failed=1;')
    assert '\n2 "itops backup nightly sql02/Payroll" age=' in answers["checkmk"].stdout
    assert 'itops_check_state{check="backup",object="nightly sql02/Payroll"} 2\n' in answers["prometheus"].stdout
    assert json.loads(answers["zabbix"].stdout)["checks"]["backup"]["state"] == 2
    page = json.loads(answers["json"].stdout)
    assert (page["schema"], page["state"]) == ("itops.check/1", "CRITICAL")
    assert {row["check"] for row in page["data"]} == {"backup", "inventory", "schedule", "custody"}


def test_one_object_is_asked_for_by_a_pattern(door):
    door.well(judged(*BAD))
    assert door.run("check", "--object", "*insurance").stdout.startswith("BACKUP OK - 1 of 1 in order")
    assert door.run("check", "backup", "--object", "nightly*").returncode == 2


def test_an_object_that_nothing_has_the_name_of_is_unknown_and_what_is_near_is_named(door):
    door.well()
    done = door.run("check", "backup", "--object", "nightly sql01/Insurence")
    assert done.returncode == 3
    assert done.stdout == (
        "BACKUP UNKNOWN - nothing that is checked has the name nightly sql01/Insurence; "
        "did you mean nightly sql01/Insurance?\n"
    )


def test_what_should_have_been_judged_and_never_was_is_unknown(tmp_path):
    door = WatchDoor(tmp_path, "office: {id: alborz}\nsources: {exports: {type: rvtools, path: exports}}\n")
    door.keep([judged("backup", "nightly sql01/Insurance")])
    done = door.run("check")
    assert done.returncode == 3
    assert done.stdout.startswith("ITOPS UNKNOWN - 1 of 3 need action: inventory never judged |")
    assert door.run("check", "delivery").stdout.startswith("DELIVERY UNKNOWN - nothing was ever judged |")


@pytest.mark.parametrize(
    ("age", "code", "said"),
    [
        (10 * MINUTE, 0, "INVENTORY OK - 1 of 1"),
        (40 * MINUTE, 1, "INVENTORY WARNING - 1 of 1 need action: vc01 not judged for"),
        (4 * HOUR, 3, "INVENTORY UNKNOWN - 1 of 1 need action: vc01 not judged for"),
    ],
    ids=["a round may still come", "no round came", "nobody knows any more"],
)
def test_what_was_well_until_a_moment_that_is_over_is_ok_no_longer(door, age, code, said):
    door.well(judged("inventory", "vc01", judged_at=ago(age + HOUR), valid_until=ago(age)))
    done = door.run("check", "inventory")
    assert (done.returncode, done.stdout[: len(said)]) == (code, said)


@pytest.mark.parametrize(
    ("beat_age", "code", "said"),
    [
        (MINUTE, 0, "HEARTBEAT OK - the scheduler ticked on"),
        (20 * MINUTE, 2, "HEARTBEAT CRITICAL - the scheduler has not ticked since"),
        (-HOUR, 3, "HEARTBEAT UNKNOWN - the scheduler ticked on"),
        (None, 2, "HEARTBEAT CRITICAL - nothing shows that the scheduler ever ticked"),
    ],
    ids=["it ticks", "it stopped", "a clock is wrong", "never"],
)
def test_the_heartbeat_is_looked_at_when_it_is_asked_for(door, beat_age, code, said):
    door.well(beat_age=beat_age)
    done = door.run("check", "--heartbeat")
    assert (done.returncode, done.stdout[: len(said)]) == (code, said)
    assert door.run("check", "schedule").returncode == code
    assert door.run("check").returncode == code
    assert door.run("check", "backup").returncode == 0
    assert door.run("check", "backup", "--heartbeat").returncode == code


def test_the_office_says_how_old_a_beat_may_be(tmp_path):
    door = WatchDoor(tmp_path, "office: {id: alborz}\nschedule: {beat_within: 1h}\n")
    door.well(beat_age=20 * MINUTE)
    assert [door.run("check", "--heartbeat").returncode for _ in range(2)] == [0, 0]


def test_a_live_beat_stands_in_the_place_of_the_one_that_was_judged(door):
    door.well(judged("schedule", "", code="schedule.beating", table="schedule"), beat_age=HOUR)
    done = door.run("check", "schedule")
    assert done.returncode == 2
    assert done.stdout.startswith("SCHEDULE CRITICAL - the scheduler has not ticked since")


def test_where_nothing_is_to_run_nobody_has_to_tick(door):
    door.well(judged("schedule", "", State.WARNING, **NO_JOBS), beat_age=None)
    for words in (["schedule"], ["--heartbeat"], []):
        assert door.run("check", *words).returncode == 1
    assert door.run("check", "--heartbeat").stdout.startswith("HEARTBEAT WARNING - ")


# Whatever goes wrong is UNKNOWN


def first_line(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stdout.partition("\n")[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "--nosuch"], "ITOPS UNKNOWN - No such option"),
        (["check", "backup", "--nosuch"], "BACKUP UNKNOWN - No such option"),
        (["check", "weather"], "ITOPS UNKNOWN - Invalid value"),
        (["check", "backup", "--format", "xml"], "BACKUP UNKNOWN - Invalid value for '--format'"),
        (["check", "--lang", "de"], "ITOPS UNKNOWN - Invalid value for '--lang'"),
        (["check", "backup", "inventory"], "BACKUP UNKNOWN - Got unexpected extra argument"),
        (["check", "--object"], "ITOPS UNKNOWN - Option '--object' requires an argument"),
        (["--nosuch", "check"], "ITOPS UNKNOWN - No such option"),
        (["--config", "missing.yaml", "check", "custody"], "CUSTODY UNKNOWN - /"),
    ],
)
def test_a_command_line_that_cannot_be_is_unknown(tmp_path, words, said):
    done = run(*words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.getcwd()})
    assert done.returncode == 3
    assert first_line(done).startswith(said)
    assert "; " in first_line(done)
    assert "|" not in done.stdout
    assert "Traceback" not in done.stderr


def test_mistakes_in_the_settings_are_unknown_and_each_is_told(tmp_path):
    door = WatchDoor(tmp_path, "office: {id: alborz, nosuch: 1}\nsources: {x: {type: nosuch}}\n")
    done = door.run("check", "backup")
    assert done.returncode == 3
    assert re.fullmatch(r"BACKUP UNKNOWN - .+; .+", first_line(done))
    assert "nosuch" in done.stdout


def test_no_store_is_unknown(door):
    done = door.run("check")
    assert done.returncode == 3
    assert re.fullmatch(r"ITOPS UNKNOWN - there is no store yet at .+; run: itops inventory scan", first_line(done))


def test_a_store_that_is_locked_is_unknown(door):
    door.well()
    with closing(sqlite3.connect(door.location.database, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        done = door.run("check", "backup")
    assert done.returncode == 3
    assert first_line(done).startswith("BACKUP UNKNOWN - another itops is writing to the store")


def test_a_store_that_is_damaged_is_unknown(door):
    door.well()
    door.location.database.write_bytes(b"\xff" * 4096)
    done = door.run("check")
    assert done.returncode == 3
    assert first_line(done).startswith("ITOPS UNKNOWN - the store ")


def test_an_evaluation_that_cannot_be_read_is_unknown_and_its_traceback_is_for_people(door):
    door.well()
    with closing(sqlite3.connect(door.location.database, isolation_level=None)) as other:
        other.execute("UPDATE evaluation SET document = '{'")
    done = door.run("check", "--format", "checkmk")
    assert done.returncode == 3
    assert done.stdout.startswith('3 "itops" - itops itself failed (ValueError); ')
    assert "Traceback" in done.stderr


FAILING = """
import signal, sys
from itops.cli import check
def failing(*_args, **_more):
    {0}
check.read_checks = failing
from itops.cli.main import main
sys.argv = ["itops", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("signal.raise_signal(signal.SIGINT)", "BACKUP UNKNOWN - it was stopped before it could answer; run it again"),
        ("1 / 0", "BACKUP UNKNOWN - itops itself failed (ZeroDivisionError); "),
        ("raise RecursionError", "BACKUP UNKNOWN - itops itself failed (RecursionError); "),
        ("raise MemoryError", "BACKUP UNKNOWN - itops itself failed (MemoryError); "),
        ("raise ImportError('x')", "BACKUP UNKNOWN - itops itself failed (ImportError); "),
    ],
    ids=["ctrl-c", "a bug", "too deep", "no memory", "a broken installation"],
)
def test_a_crash_is_unknown(door, how, said):
    door.well()
    command = [sys.executable, "-c", FAILING.format(how), "--config", str(door.path), "check", "backup"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert done.returncode == 3
    assert first_line(done).startswith(said)


def test_ctrl_c_from_outside_is_unknown(door):
    door.well()
    waiting = FAILING.format("import time; print(file=sys.stderr, flush=True); time.sleep(50)")
    command = [sys.executable, "-c", waiting, "--config", str(door.path), "check"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    assert child.stderr is not None
    child.stderr.readline()
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 3
    assert out == "ITOPS UNKNOWN - it was stopped before it could answer; run it again\n"


def test_an_answer_that_nobody_can_read_is_none(door):
    door.well()
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        gone = door.run("check", stdout=write_end, stderr=subprocess.PIPE)
    finally:
        os.close(write_end)
    assert gone.returncode == 3
    assert "Traceback" not in gone.stderr
    closed = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "itops", "--config", str(door.path), "check"],
        stderr=subprocess.PIPE, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert closed.returncode == 3


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk to write to")
def test_a_full_disk_is_unknown(door):
    door.well()
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = door.run("check", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 3
    assert done.stderr.startswith("error:  the output could not be written")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("checkmk", '3 "itops backup" - there is no store yet at '),
        ("prometheus", ""),
        ("nagios", "BACKUP UNKNOWN - there is no store yet at "),
    ],
)
def test_each_reader_is_told_in_its_own_format(door, name, told):
    done = door.run("check", "backup", f"--format={name}")
    assert done.returncode == 3
    assert done.stdout.startswith(told)
    assert done.stdout.count("\n") == (1 if told else 0)
    assert done.stderr.startswith("error:  there is no store yet at ")


def test_json_and_zabbix_are_told_in_json(door):
    page = json.loads(door.run("check", "--format", "json").stdout)
    assert (page["schema"], page["state"], page["data"]) == ("itops.check/1", "UNKNOWN", [])
    assert page["error"]["remedy"] == "run: itops inventory scan"
    page = json.loads(door.run("check", "backup", "--format", "zabbix").stdout)
    assert page["checks"]["backup"]["state"] == 3
    assert "discovery" not in page  # an empty one would make Zabbix forget its items


def test_asking_for_help_is_no_failure():
    done = run("check", "--help")
    assert done.returncode == 0
    assert "--heartbeat" in done.stdout


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("check", Asked("check", "", "nagios")),
        ("--config x check backup --format json", Asked("check", "backup", "json")),
        ("--config=x check --format=zabbix --object backup all", Asked("check", "", "zabbix")),
        ("check --format json --format checkmk", Asked("check", "", "checkmk")),
        ("check --heartbeat", Asked("check", "heartbeat", "nagios")),
        ("metrics --textfile x", Asked("metrics", "", "prometheus")),
        ("status", None),
        ("backup check", None),
        ("--config check", None),
        ("", None),
    ],
)
def test_what_was_asked_for_is_seen_in_any_command_line(words, asked):
    assert asked_by_monitoring(words.split()) == asked


def test_the_checks_are_those_that_are_judged():
    assert CHECKS == POLICY_CHECKS


# What it costs

HEAVY = {"sqlalchemy", "pydantic", "rich", "pyVmomi", "paramiko", "yaml", "cryptography", "ssl", "asyncio"}


@pytest.mark.parametrize("words", [["check"], ["check", "--format", "json"], ["metrics"]])
def test_it_imports_nothing_heavy_once_the_settings_were_judged(door, words):
    door.well(judged(*BAD))
    door.run("check")
    command = [sys.executable, "-X", "importtime", "-m", "itops", "--config", str(door.path), *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "click" in imported
    assert imported & HEAVY == set()
    assert done.returncode in (0, 2)
