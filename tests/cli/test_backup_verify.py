"""`itops backup verify` at the door: what was proven, what was not, and no verdict that is better than the facts."""

import pytest

from tests.cli.backup_door import PLAN, Door


@pytest.fixture
def door(tmp_path):
    made = Door(tmp_path)
    made.back_up()
    return made


@pytest.fixture
def good(tmp_path):
    made = Door(tmp_path, damaged=0)
    made.back_up()
    return made


def test_all_that_is_read_and_well_is_ok_and_says_what_was_read(good):
    ran = good.run("verify")
    assert (ran.code, ran.stdout) == (0, "")
    assert "4 copies read, 0 read before and unchanged" in ran.stderr
    assert ran.stderr.endswith("note: verdict: OK\n")


def test_a_damaged_copy_is_critical_and_the_table_shows_only_what_is_wrong(door):
    ran = door.run("verify")
    assert ran.code == 2
    assert "it is cut short" in ran.stdout
    assert "20261119" not in ran.stdout
    assert "Insurance_20261121_2330.bak is damaged" in ran.stderr


def test_damage_stays_critical_on_the_nights_on_which_nothing_is_read_again(door):
    door.run("verify")
    ran = door.run("verify")
    assert ran.code == 2
    assert "0 copies read, 4 read before" in ran.stderr
    assert "not well, as was known before: Insurance_20261121_2330.bak" in ran.stderr


def test_a_copy_of_another_database_stays_critical_too(good):
    good.tape(21, database="Payroll")
    assert good.run("verify").code == 2
    assert good.run("verify").code == 2


def test_what_the_budget_left_unread_is_not_ok(good):
    ran = good.run("verify", "--budget", "0s")
    assert ran.code == 1
    assert "4 copies left for the next run" in ran.stderr
    assert good.run("verify").code == 0


def test_where_no_copy_of_any_job_is_there_nothing_is_ok(good):
    good.write(PLAN.replace("Insurance_{", "Insurence_{").replace("letters_{", "latters_{"))
    ran = good.run("verify")
    assert ran.code == 3
    assert "insurance: no copy of it is there" in ran.stderr
    assert "4 files of no job" in ran.stderr


def test_one_job_without_copies_is_told_beside_the_others(good):
    good.write(PLAN.replace("letters_{", "latters_{"))
    ran = good.run("verify")
    assert (ran.code, "letters: no copy of it is there" in ran.stderr) == (0, True)


def test_a_repository_that_cannot_be_looked_at_is_unknown_and_leaves_the_others(good):
    good.write(
        PLAN.replace("  jobs:", "    gone: {type: folder, path: nowhere}\n  jobs:", 1).replace(
            'repository: nas\n      files: "letters', 'repository: gone\n      files: "letters'
        )
    )
    ran = good.run("verify", "--output", "json")
    assert ran.code == 3
    assert [row["state"] for row in ran.data] == ["OK"] * 3
    assert "error:  gone: " in ran.stderr
    assert "remedy: mount it" in ran.stderr


def test_a_hash_list_that_nobody_can_believe_takes_no_copy_with_it_and_is_told(good):
    (good.copies / "SHA256SUMS").write_text("this is no list\n")
    ran = good.run("verify", "--output", "json")
    assert ran.code == 1
    assert {row["state"] for row in ran.data} == {"OK"}
    assert "SHA256SUMS: a list of hashes that was not used whole: a line of the hash list cannot be read" in ran.stderr


def test_a_level_is_asked_for_and_one_that_reading_cannot_prove_is_refused(good):
    ran = good.run("verify", "--level", "same")
    assert ran.code == 1
    assert "no hash is known that was taken when it was made" in ran.stdout
    assert good.run("verify", "--level", "L6").code == 64


@pytest.mark.parametrize("words", [("--budget", "soon"), ("--level", "L9"), ("nojob",), ("--budget", "-1h")])
def test_a_mistake_on_the_command_line_is_64(good, words):
    ran = good.run("verify", *words)
    assert ran.code == 64
    assert ran.failure is None or ran.failure.remedy


def test_without_a_plan_or_a_repository_it_says_where_to_write_one(good):
    good.write("office: {id: alborz}\n")
    ran = good.run("verify")
    assert (ran.code, "docs/how-to/plan-backups.md" in ran.failure.remedy) == (78, True)
    good.write("office: {id: alborz}\nbackup: {}\n")
    assert good.run("verify").code == 78


def test_only_the_jobs_that_are_named_are_looked_at_and_read(good):
    assert [row["job"] for row in good.run("verify", "letters", "--output", "json").data] == ["letters"]


def test_csv_has_a_row_for_every_copy_that_was_read(good):
    heading, *rows = good.run("verify", "--output", "csv").csv
    assert heading[:4] == ["state", "job", "repository", "copy"]
    assert len(rows) == 4


def test_a_job_that_got_another_name_reads_nothing_again(good):
    good.run("verify")
    good.write(PLAN.replace("    insurance:", "    insurance-db:"))
    ran = good.run("verify")
    assert (ran.code, "0 copies read, 4 read before" in ran.stderr) == (0, True)
