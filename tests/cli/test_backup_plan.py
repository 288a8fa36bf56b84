"""`itops backup plan` at the door."""

import pytest

from tests.cli.backup_door import PLAN, Door

MORE = """\
    files:
      protects: files/fs01/scans
      repository: nas
      files: "scans_*.tar"
      max_age: 26h
      rpo: 90m
      monthly: {on: last, keep: 12, grace: 1d6h, own_copy: true}
      exempt: [{reason: moved house, owner: R. Karimi, until: 1405-09-10}]
"""


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path, plan=PLAN + MORE)


def promises(door, job):
    return [row["promise"] for row in door.run("plan", "--output", "json").data["promises"] if row["job"] == job]


def test_it_says_what_is_promised_before_anything_was_looked_at(door):
    ran = door.run("plan")
    assert ran.code == 0
    assert promises(door, "insurance") == [
        "a copy each day, proven L3 intact, the last 3 kept, there by 06:00 (full)",
        "in force since 1405-08-28",
    ]
    assert promises(door, "files") == [
        "a copy each jalali month, on the last day, proven L2 complete, the last 12 kept, "
        "late copies count for 1 day 6 hours, a copy of its own (full)",
        "the newest good copy is never older than 1 day 2 hours",
        "no more than 1 hour 30 minutes may be lost",
        "exempt until 1405-09-10: moved house (R. Karimi)",
    ]


def test_the_slots_due_next_are_told_in_their_order(door):
    due = door.run("plan", "--next", "4", "--output", "json").data["next"]
    assert [row["due_at"] for row in due] == sorted(row["due_at"] for row in due)
    assert len(due) == 4
    assert "next due" not in door.run("plan", "--next", "0").stdout


def test_csv_has_a_row_for_each_promise(door):
    heading, *rows = door.run("plan", "--output", "csv").csv
    assert (heading, len(rows)) == (["job", "protects", "repository", "promise"], 9)


def test_a_plan_without_jobs_promises_nothing_and_one_that_is_not_there_says_where_to_write_it(door):
    door.write("office: {id: alborz}\nbackup: {}\n")
    assert "nothing is promised" in door.run("plan").stderr
    door.write("office: {id: alborz}\n")
    ran = door.run("plan")
    assert (ran.code, "docs/how-to/plan-backups.md" in ran.failure.remedy) == (78, True)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"Insurance_{year}', '"Insurance_{yaer}', "there is no {yaer}"),
        ('"Insurance_{year}', '"Insurance_{ year}', "a brace that belongs to no placeholder"),
        ('"Insurance_{year}', '"/Insurance_{year}', "without a / in front"),
        ("repository: nas", "repository: naz", 'there is no repository "naz"; did you mean nas?'),
        ("files/fs01/letters", "files/fs01", "names no file set"),
        ("into: sqlite", "into: folder", None),
        ("protects: sql01/Insurance", "protects: sql01", "names no object"),
        ("daily: {due", "dayly: {due", "did you mean daily?"),
        ("keep: 3", "keep: 0", "0 is not between 1 and 10000"),
    ],
)
def test_a_mistake_in_the_plan_is_told_with_its_place(door, old, new, told):
    door.write(PLAN.replace(old, new, 1))
    ran = door.run("plan")
    if told is None:
        assert ran.code == 0
    else:
        assert (ran.code, told in ran.failure.problem, "backup.jobs." in ran.failure.problem) == (78, True, True)


def test_a_database_is_not_restored_by_copying_it_into_a_folder(door):
    door.write(PLAN.replace("files/fs01/letters", "pg01/letters").replace("into: sqlite", "into: folder"))
    ran = door.run("plan")
    assert (ran.code, "copied, not restored" in ran.failure.problem) == (78, True)
