"""`itops backup drill` at the door."""

import pytest

from tests.cli.backup_door import PLAN, Door


@pytest.fixture
def door(tmp_path):
    made = Door(tmp_path)
    made.back_up()
    made.run("verify")
    return made


def test_a_copy_that_is_restored_and_answers_is_ok_and_is_kept_as_the_best_proof(door):
    ran = door.run("drill", "letters", "--by", "R. Karimi", "--output", "json")
    [row] = ran.data
    assert ran.code == 0
    assert (row["is_restored"], row["answer"], row["is_answered"], row["by"]) == (True, 9, True, "R. Karimi")
    [status] = door.run("status", "letters", "--output", "json").data
    assert status["newest_level"] == "L7"


def test_an_answer_that_is_not_enough_is_critical(door):
    door.write(PLAN.replace("at_least: 5", "at_least: 1000000"))
    ran = door.run("drill", "letters")
    assert (ran.code, "1,000,000" in ran.stdout) == (2, True)


def test_a_question_that_fails_is_critical_and_tells_what_was_said(door):
    door.write(PLAN.replace("FROM letter", "FROM lettr"))
    ran = door.run("drill", "letters")
    assert ran.code == 2
    assert "no number answered: no such table: lettr" in ran.stdout


def test_the_time_it_took_is_held_against_what_it_may_take(door):
    ran = door.run("drill", "letters", "--output", "json")
    assert (ran.data[0]["is_in_time"], ran.data[0]["rto_seconds"]) == (True, 3600.0)


def test_a_damaged_copy_is_not_restored(door):
    path = door.copies / "letters_20261119.sqlite"
    path.write_bytes(path.read_bytes()[:5000])
    door.run("scan")
    ran = door.run("drill", "letters", "--output", "json")
    assert (ran.code, ran.data[0]["is_restored"]) == (2, False)
    assert ran.data[0]["faults"][0]["message"]


def test_one_object_without_a_copy_leaves_the_others_and_is_unknown(door):
    both = "[files/fs01/letters, files/fs01/plans]"
    door.write(PLAN.replace("protects: files/fs01/letters", f"protects: {both}").replace('"letters_{', '"{object}_{'))
    door.run("scan")
    ran = door.run("drill", "letters", "--output", "json")
    assert (ran.code, [row["object"] for row in ran.data]) == (3, ["files/fs01/letters"])
    assert "files/fs01/plans was not tested: there is no copy of files/fs01/plans" in ran.stderr
    assert door.run("drill", "letters", "--object", "files/fs01/letters").code == 0
    assert door.run("drill", "letters", "--object", "files/fs01/plans").code == 64


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("drill",), 64),
        (("drill", "nojob"), 64),
        (("drill", "insurance"), 78),
        (("drill", "letters", "--object", "files/fs01/other"), 64),
        (("drill", "letters", "--copy", "nothing.sqlite"), 64),
    ],
)
def test_what_cannot_be_tested_has_its_code_and_a_remedy(door, words, code):
    ran = door.run(*words)
    assert ran.code == code
    assert ran.failure is None or ran.failure.remedy


def test_a_place_that_is_not_there_is_69_and_names_what_there_is(door):
    door.write(PLAN.replace("into: sqlite", "into: sqllite"))
    ran = door.run("drill", "letters")
    assert (ran.code, "sqlite" in ran.failure.remedy) == (69, True)


def test_before_anything_was_looked_at_there_is_nothing_to_restore(tmp_path):
    ran = Door(tmp_path).run("drill", "letters")
    assert (ran.code, "verify" in ran.failure.remedy) == (64, True)


def test_a_copy_can_be_chosen_and_csv_tells_of_it(door):
    ran = door.run("drill", "letters", "--copy", "letters_20261119.sqlite", "--output", "csv")
    heading, row = ran.csv
    assert dict(zip(heading, row, strict=True))["copy"] == "letters_20261119.sqlite"


def test_nothing_is_left_behind(door, tmp_path, monkeypatch):
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    monkeypatch.setattr("tempfile.tempdir", None)
    door.run("drill", "letters")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_statements_for_a_sql_server_are_printed_and_nothing_is_sent(door):
    place = "{into: mssql, server: sql01, server_path: '\\\\nas\\sql', question: \"SELECT count(*) FROM o'hara\"}"
    start = PLAN.index("drill:")
    door.write(PLAN[:start] + f"drill: {place}" + PLAN[PLAN.index("\n", start) :])
    ran = door.run("drill", "letters", "--print")
    assert ran.code == 0
    assert "RESTORE VERIFYONLY FROM DISK = N'\\\\nas\\sql\\letters_" in ran.stdout
    assert "RESTORE DATABASE [itops_drill_letters]" in ran.stdout
    assert ran.stdout.count("DROP DATABASE [itops_drill_letters]") == 1
