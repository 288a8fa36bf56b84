"""`itops backup status` and `itops backup check`: from the store alone, the exit code is the verdict."""

import pytest

from tests.cli.backup_door import PLAN, Door


@pytest.fixture
def door(tmp_path):
    made = Door(tmp_path, damaged=0)
    made.back_up()
    return made


@pytest.mark.parametrize("command", ["status", "check"])
def test_before_anybody_looked_it_is_unknown_and_says_what_to_run(door, command):
    ran = door.run(command)
    assert ran.code == 3
    assert "run `itops backup verify`" in ran.stderr


@pytest.mark.parametrize("command", ["status", "check"])
def test_a_plan_without_jobs_is_unknown_and_says_so(door, command):
    door.write("office: {id: alborz}\nbackup: {}\n")
    ran = door.run(command)
    assert (ran.code, "the plan has no jobs" in ran.stderr) == (3, True)


def test_what_is_well_is_ok(door):
    door.run("verify")
    door.run("drill", "letters")
    ran = door.run("check")
    assert (ran.code, ran.stdout) == (0, "")
    ran = door.run("status")
    assert ran.code == 0
    assert "+++o 3/3" in ran.stdout


@pytest.mark.parametrize("command", ["status", "check"])
def test_a_restore_that_was_never_tried_is_a_warning(door, command):
    door.run("verify")
    ran = door.run(command)
    assert (ran.code, "no restore was ever tried" in ran.stdout) == (1, True)


@pytest.mark.parametrize("command", ["status", "check"])
def test_a_damaged_copy_is_critical_and_is_told(tmp_path, command):
    door = Door(tmp_path)
    door.back_up()
    door.run("verify")
    ran = door.run(command)
    assert (ran.code, "it is cut short" in ran.stdout) == (2, True)


def test_neither_looks_at_anything(door):
    door.run("verify")
    before = door.run("check", "--output", "json")
    for path in door.copies.iterdir():
        path.unlink()
    door.copies.rmdir()
    after = door.run("check", "--output", "json")
    assert (after.code, after.data) == (before.code, before.data)


def test_a_look_that_is_too_old_is_unknown(door):
    door.run("verify")
    door.run("drill", "letters")
    door.now = door.now.replace(day=24)
    ran = door.run("check")
    assert ran.code == 3
    assert "nobody could look since" in ran.stdout


def test_jobs_are_chosen_by_name_and_an_unknown_one_is_64(door):
    door.run("verify")
    assert {row["job"] for row in door.run("status", "letters", "--output", "json").data} == {"letters"}
    assert door.run("status", "letter").code == 64
    assert door.run("check", "letter").code == 64


def test_csv_has_a_row_for_each_object_and_for_each_thing_that_is_wrong(door):
    door.run("verify")
    heading, *rows = door.run("status", "--output", "csv").csv
    assert (heading[:3], len(rows)) == (["job", "object", "state"], 2)
    row = dict(zip(heading, rows[0], strict=True))
    assert row["newest_level"] == "L3"
    heading, *rows = door.run("check", "--output", "csv").csv
    assert (heading, len(rows)) == (["state", "job", "object", "slot", "code", "message", "copy", "proven"], 1)


def test_every_database_of_a_server_that_nobody_listed_is_unknown_and_never_passed_over(door):
    door.write(PLAN.replace("sql01/Insurance", '"sql01/*"').replace('"Insurance_{', '"{object}_{'))
    door.run("verify")
    ran = door.run("check", "insurance", "--output", "json")
    assert ran.code == 3
    assert [(row["object"], row["code"]) for row in ran.data] == [("sql01/*", "none-listed")]


def test_a_job_that_was_written_just_now_is_unknown_until_somebody_has_looked_for_it(door):
    door.run("verify")
    door.write(PLAN.replace("    insurance:", "    insurance-db:"))
    ran = door.run("check", "insurance-db", "--output", "json")
    assert ran.code == 3
    assert {row["state"] for row in ran.data} == {"UNKNOWN"}
    door.run("scan")
    assert door.run("check", "insurance-db").code == 0


def test_a_copy_of_another_server_is_told_beside_its_weak_slot(door):
    door.write(PLAN.replace("level: L3", "level: L4"))
    door.tape(21, server="SQL02")
    door.run("verify", "insurance")
    rows = door.run("check", "insurance", "--output", "json").data
    newest = [row["code"] for row in rows if row["copy"] == "Insurance_20261121_2330.bak"]
    assert newest == ["WEAK", "wrong-server"]


def test_a_server_that_itops_yaml_calls_by_a_nickname_is_not_another(door):
    door.write(PLAN.replace("sql01/Insurance", "main-sql/Insurance"))
    door.run("verify", "insurance")
    assert door.run("check", "insurance").code == 0


def test_damage_is_told_once_by_its_slot(tmp_path):
    door = Door(tmp_path)
    door.back_up()
    door.run("verify")
    rows = door.run("check", "insurance", "--output", "json").data
    assert [row["code"] for row in rows if row["copy"] == "Insurance_20261121_2330.bak"] == ["DAMAGED"]
