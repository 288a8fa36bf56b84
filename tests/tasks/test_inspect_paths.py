"""Judging files on the spot."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.backup.copies import Identity
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


NOBODY = 65534


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every account can reach."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextmanager
def closed(*paths: Path) -> Iterator[None]:
    """To an account that is not root."""
    was_root = os.geteuid() == 0
    for path in paths:
        path.chmod(0)
    try:
        if was_root:
            os.seteuid(NOBODY)
        yield
    finally:
        if was_root:
            os.seteuid(0)
        for path in paths:
            path.chmod(0o755)


def named(found: list[Inspected]) -> dict[str, State]:
    return {Path(one.path).name: one.state for one in found}


def test_one_folder_and_one_file_that_cannot_be_read_leave_all_others_judged(public):
    tape(public / "one.bak", public / "x/hidden.bak")
    tape(public / "lonely.bak")
    tape(public / "locked.bak")
    with closed(public / "x", public / "locked.bak"):
        found = inspected(public)
    assert named(found) == {
        "lonely.bak": State.OK,
        "one.bak": State.CRITICAL,  # its other stripe is behind the closed door
        "locked.bak": State.UNKNOWN,
        "x": State.UNKNOWN,
    }
    assert all(one.remedy for one in found if one.problem)


def test_a_path_behind_a_closed_door_is_unknown(public):
    tape(public / "x/one.bak")
    with closed(public / "x"):
        [one] = inspected(public / "x" / "one.bak")
        [folder] = inspected(public / "x")
    assert (one.state, folder.state) == (State.UNKNOWN, State.UNKNOWN)
    assert (one.problem, folder.problem) == ("cannot be read: Permission denied",) * 2


class Crate:
    """A format whose backup is a folder with a `crate` in it."""

    name, is_folder, highest, suffixes = "crate", True, Level.IDENTIFIED, ()

    def recognises(self, thing):
        return thing.member("crate") is not None

    def set_of(self, thing):
        return None

    def identify(self, thing, effort):
        return Identity(object="whatever", facts={"files": len(thing.files)})


def test_a_folder_that_is_one_backup_is_not_judged_by_half_of_it(public):
    (public / "a/crate/in").mkdir(parents=True)
    for path in ("a/crate/in/x", "a/crate/crate", "a/crate/in/y"):
        (public / path).write_text("x")
    examiner = Examiner(formats=(Crate(),), zone=TEHRAN)
    [whole] = inspect_paths([public], Level.IDENTIFIED, examiner)
    assert (whole.state, whole.files, Path(whole.path).name) == (State.OK, 3, "crate")
    with closed(public / "a/crate/in"):
        [half] = inspect_paths([public], Level.IDENTIFIED, examiner)
    assert (half.state, Path(half.path).name) == (State.UNKNOWN, "in")


def test_a_file_that_two_paths_lead_to_is_one_thing(tmp_path):
    tape(tmp_path / "d/1.bak", tmp_path / "d/2.bak")
    [one] = inspected(tmp_path, tmp_path / "d", tmp_path / "d/1.bak")
    assert (one.files, one.state) == (2, State.OK)


def test_a_hash_list_that_cannot_be_read_or_believed_is_told_and_takes_nothing_with_it(public):
    tape(public / "one.bak")
    tape(public / "b/two.bak")
    (public / "SHA256SUMS").write_text("")
    digest = hashlib.sha256((public / "b/two.bak").read_bytes()).hexdigest()
    (public / "b/SHA256SUMS").write_text(f"nonsense\n{digest}  two.bak\n")
    (public / "one.bak.sha256").write_text("00\n")
    with closed(public / "one.bak.sha256"):
        found = inspected(public)
    assert sorted((Path(one.path).relative_to(public).as_posix(), one.state) for one in found) == [
        ("SHA256SUMS", State.UNKNOWN),
        ("b/SHA256SUMS", State.WARNING),
        ("b/two.bak", State.OK),
        ("one.bak", State.OK),
        ("one.bak.sha256", State.UNKNOWN),
    ]
    assert next(one for one in found if one.path.endswith("two.bak")).examination.level is Level.SAME


def test_what_windows_and_linux_put_on_a_disk_is_no_backup(tmp_path):
    tape(tmp_path / "one.bak")
    for folder in ("$RECYCLE.BIN", "System Volume Information", "lost+found"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.bak").write_bytes(b"something")
    assert named(inspected(tmp_path)) == {"one.bak": State.OK}


def test_folders_in_folders_in_folders_are_walked_to_the_end(tmp_path, monkeypatch):
    """Deeper than Python calls itself: a path may have 4096 bytes, so each step is a short relative one."""
    monkeypatch.chdir(tmp_path)
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    write_tape([Path("x.bak")], TapeBackup(database="a", started_at=BEGUN, finished_at=BEGUN))
    os.chdir(tmp_path)
    try:
        [one] = inspected(Path("d"))
    finally:
        subprocess.run(["rm", "-rf", "d"], check=True)  # shutil calls itself, too
    assert one.state is State.OK


def test_names_that_are_no_text_are_judged_and_shown_safely(tmp_path):
    tape(tmp_path / "one.bak")
    os.rename(os.fsencode(tmp_path / "one.bak"), os.fsencode(tmp_path) + b"/\xff\x1b[31m.bak")
    [one] = inspected(tmp_path)
    assert (one.state, one.path.rpartition("/")[2]) == (State.OK, "\\xff\\x1b[31m.bak")


def test_links_are_not_followed(tmp_path):
    tape(tmp_path / "real/one.bak")
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk/link.bak").symlink_to(tmp_path / "real/one.bak")
    (tmp_path / "disk/folder").symlink_to(tmp_path / "real")
    assert inspected(tmp_path / "disk") == []
