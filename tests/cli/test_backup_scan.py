"""`itops backup scan` at the door."""

from contextlib import closing
from datetime import timedelta

import pytest

from itops.backup.ledger import LookRecord
from itops.store import StoreLocation, open_store
from tests.cli.backup_door import PLAN, Door

TWO = PLAN.replace("  jobs:", "    vault: {type: folder, path: vault}\n  jobs:", 1)


@pytest.fixture
def door(tmp_path):
    made = Door(tmp_path)
    made.back_up()
    return made


def test_it_counts_what_is_there_and_reads_nothing(door):
    ran = door.run("scan", "--output", "json")
    [row] = ran.data
    assert ran.code == 0
    assert (row["repository"], row["state"], row["copies"], row["files"]) == ("nas", "complete", 4, 4)
    assert "nas: 4 copies in 4 files" in ran.stderr
    assert "damaged" not in ran.stdout + ran.stderr


def test_one_that_fails_leaves_the_others_and_is_69(door):
    door.write(TWO)
    ran = door.run("scan", "--output", "json")
    assert ran.code == 69
    states = {row["repository"]: (row["state"], row["copies"]) for row in ran.data}
    assert states == {"nas": ("complete", 4), "vault": ("failed", None)}
    assert "error:  vault: " in ran.stderr
    assert "remedy: mount it" in ran.stderr


def test_only_those_that_are_named_are_looked_at(door):
    door.write(TWO)
    ran = door.run("scan", "nas", "--output", "csv")
    assert (ran.code, [row[0] for row in ran.csv]) == (0, ["repository", "nas"])
    assert door.run("scan", "naz").code == 64


def test_files_of_no_job_are_told_with_examples(door):
    (door.copies / "notes.txt").write_text("of nobody")
    ran = door.run("scan")
    assert "1 file of no job: notes.txt\n" in ran.stderr


def test_a_failed_look_ends_no_copy_and_changes_no_verdict_to_missing(door):
    door.run("verify")
    before = door.run("status", "--output", "json").data
    door.copies.rename(door.folder / "away")
    assert door.run("scan").code == 69
    after = door.run("status", "--output", "json").data
    assert [row["daily"] for row in after] == [row["daily"] for row in before]


def test_where_a_rarely_seen_folder_lay_is_remembered_however_often_others_were_seen(door):
    door.write(TWO)
    (door.folder / "vault").mkdir()
    past = door.now - timedelta(days=60)
    with closing(open_store(StoreLocation(folder=door.folder / "state"), door.now)) as store:
        seen = LookRecord(
            repository="vault", looked_at=past, ended_at=past, is_complete=True, facts={"device": "ext4 /dev/another"}
        )
        store.ledger.record_look(seen, [], [], [])
        for minute in range(1001):
            at = past + timedelta(minutes=minute)
            store.ledger.record_look(
                LookRecord(repository="nas", looked_at=at, ended_at=at, is_complete=True), [], [], []
            )
    ran = door.run("scan", "vault")
    assert (ran.code, "it lay on ext4 /dev/another at the last look" in ran.stderr) == (69, True)
