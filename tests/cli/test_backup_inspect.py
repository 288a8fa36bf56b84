"""`itops backup inspect` at the door."""

import os

import pytest

from tests.cli.backup_door import Door


@pytest.fixture
def door(tmp_path):
    made = Door(tmp_path)
    made.back_up()
    return made


def test_each_thing_is_a_row_and_the_worst_is_the_exit_code(door):
    ran = door.run("inspect", str(door.copies), "--output", "json")
    assert ran.code == 2
    assert sorted(row["state"] for row in ran.data) == ["CRITICAL", "OK", "OK", "WARNING"]
    assert {row["format"] for row in ran.data} == {"mssql-backup", "sqlite"}


@pytest.mark.parametrize(("name", "code"), [("Insurance_20261119_2330.bak", 0), ("Insurance_20261121_2330.bak", 2)])
def test_one_file_is_judged_by_itself(door, name, code):
    assert door.run("inspect", str(door.copies / name)).code == code


def test_an_unknown_format_is_unknown_and_less_than_asked_a_warning(door, tmp_path):
    (tmp_path / "x.raw").write_bytes(b"what is this")
    assert door.run("inspect", str(tmp_path / "x.raw")).code == 3
    ran = door.run("inspect", str(door.copies / "Insurance_20261119_2330.bak"), "--level", "L4")
    assert (ran.code, "no hash is known" in ran.stdout) == (1, True)


def test_an_empty_folder_is_unknown(door, tmp_path):
    (tmp_path / "nothing").mkdir()
    ran = door.run("inspect", str(tmp_path / "nothing"))
    assert (ran.code, "nothing in it that could be restored" in ran.stderr) == (3, True)


def test_a_path_that_is_not_there_is_65_and_a_wrong_level_64(door, tmp_path):
    ran = door.run("inspect", str(tmp_path / "nowhere"))
    assert (ran.code, "mounted" in ran.failure.remedy) == (65, True)
    assert door.run("inspect", str(door.copies), "--level", "L9").code == 64
    assert door.run("inspect").code == 64


def test_what_cannot_be_opened_is_unknown_with_a_remedy(door, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ran = door.run("inspect", str(tmp_path / "pipe"), "--output", "json")
    [row] = ran.data
    assert (ran.code, row["state"], row["problem"]) == (3, "UNKNOWN", "cannot be read: not a plain file")
    assert row["remedy"] in ran.stderr


def test_a_mangled_hash_list_is_a_row_of_its_own(door):
    (door.copies / "SHA256SUMS").write_text("this is no list\n")
    rows = {
        row["path"].rpartition("/")[2]: row for row in door.run("inspect", str(door.copies), "--output", "json").data
    }
    assert rows["SHA256SUMS"]["state"] == "UNKNOWN"
    assert rows["SHA256SUMS"]["problem"] == "a list of hashes: a line of the hash list cannot be read (line 1)"
    assert rows["Insurance_20261119_2330.bak"]["state"] == "OK"


def test_no_settings_are_needed(tmp_path, door, monkeypatch):
    from click.testing import CliRunner  # noqa: PLC0415  as a stranger would call it

    from itops.cli.main import cli  # noqa: PLC0415  as above

    monkeypatch.chdir(door.copies)
    ran = CliRunner().invoke(cli, ["backup", "inspect", "Insurance_20261119_2330.bak"], standalone_mode=False)
    assert (ran.exception, ran.return_value) == (None, 0)
    assert sorted(path.name for path in door.folder.iterdir()) == ["copies", "itops.yaml", "state"]
