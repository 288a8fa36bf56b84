"""Judging files on the spot."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.backup.levels import Level
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.errors import InputInvalid
from itops.formats.mssql import MssqlBackup
from itops.tasks.examine_things import Examiner
from itops.tasks.inspect_paths import Inspected, inspect_paths
from itops.verdict import State
from tests.tasks.backup_office import TEHRAN

BEGUN = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
EXAMINER = Examiner(formats=(MssqlBackup(),), zone=TEHRAN)


def tape(*paths: Path, database: str = "Insurance") -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_tape(paths, TapeBackup(database=database, started_at=BEGUN, finished_at=BEGUN + timedelta(minutes=5)))


def inspected(*paths: Path, level: Level = Level.INTACT) -> list[Inspected]:
    return list(inspect_paths(paths, level, EXAMINER))


def test_every_file_below_a_folder_is_a_thing_of_its_own(tmp_path):
    tape(tmp_path / "a/one.bak")
    tape(tmp_path / "two.bak", database="Payroll")
    found = inspected(tmp_path)
    assert sorted((Path(one.path).name, one.examination.identity.object, one.state) for one in found) == [
        ("one.bak", "Insurance", State.OK),
        ("two.bak", "Payroll", State.OK),
    ]


def test_stripes_are_one_thing_wherever_they_lie_and_one_alone_is_useless(tmp_path):
    tape(tmp_path / "d/1.bak", tmp_path / "e/2.bak")
    [whole] = inspected(tmp_path)
    assert (whole.files, whole.state) == (2, State.OK)
    [half] = inspected(tmp_path / "d")
    assert (half.state, [fault.code for fault in half.examination.faults]) == (State.CRITICAL, ["stripe-missing"])


@pytest.mark.parametrize(("is_right", "state"), [(True, State.OK), (False, State.CRITICAL)])
def test_a_hash_list_above_the_file_is_compared_and_is_no_thing_itself(tmp_path, is_right, state):
    (tmp_path / "x").mkdir()
    unknown = tmp_path / "x/raw.img"
    unknown.write_bytes(b"something of others" * 99)
    digest = hashlib.sha256(unknown.read_bytes() if is_right else b"").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  x/raw.img\n")
    [one] = inspected(tmp_path)
    assert (one.state, one.examination.level) == (state, Level.SAME if is_right else Level.SEEN)


def test_an_unknown_format_is_unknown_and_a_lesser_proof_a_warning(tmp_path):
    (tmp_path / "notes.xyz").write_bytes(b"what is this")
    tape(tmp_path / "one.bak")
    assert {Path(one.path).name: one.state for one in inspected(tmp_path)} == {
        "notes.xyz": State.UNKNOWN,
        "one.bak": State.OK,
    }
    [one] = inspected(tmp_path / "one.bak", level=Level.SAME)
    assert one.state is State.WARNING


@pytest.mark.parametrize("content", [b"", b"\0" * 9000, b"<!DOCTYPE html><html>502</html>", b"not a tape"])
def test_what_is_no_backup_though_its_name_says_so_is_damaged(tmp_path, content):
    path = tmp_path / "one.bak"
    path.write_bytes(content)
    [one] = inspected(path)
    assert (one.state, len(one.examination.faults)) == (State.CRITICAL, 1)


def test_a_path_that_is_not_there_is_refused_with_a_remedy(tmp_path):
    with pytest.raises(InputInvalid, match="there is no"):
        inspected(tmp_path / "nowhere")


def test_nothing_is_written_beside_what_is_inspected(tmp_path):
    tape(tmp_path / "one.bak")
    before = sorted(tmp_path.rglob("*"))
    inspected(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
