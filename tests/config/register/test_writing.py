"""One writer at a time, on what the files say now; an editor that saved meanwhile loses nothing."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from itops.assets.edits import AddAsset, SetField
from itops.config.patching import write_all
from itops.config.register.loading import load, load_whole
from itops.config.register.writing import register_lock, write_edits
from itops.config.yaml import load as load_yaml
from itops.errors import ConfigInvalid, StoreLocked

ROOT = "include: [b.yaml]\nsites: {h: x}\nassets:\n  - {id: A, kind: other, name: a, site: h}\n"
OTHER = "assets:\n  - {id: B, kind: other, name: b, site: h}\n"
NOTES = [SetField(asset_id="A", field="note", value="یک"), SetField(asset_id="B", field="note", value="دو")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "inventory.yaml").write_text(ROOT, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(OTHER, encoding="utf-8")
    return tmp_path / "inventory.yaml"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


def test_edits_of_several_files_are_written_and_nothing_else_is_left(path):
    changed = write_edits(path, NOTES)
    assert [file.name for file in changed.files] == ["inventory.yaml", "b.yaml"]
    assert {asset.id: asset.note for asset in load(path).assets} == {"A": "یک", "B": "دو"}
    assert sorted(file.name for file in path.parent.iterdir()) == [".inventory.yaml.lock", "b.yaml", "inventory.yaml"]


def test_edits_that_are_refused_write_nothing(path):
    before = contents(path.parent)
    with pytest.raises(ConfigInvalid):
        write_edits(path, [*NOTES, SetField(asset_id="A", field="site", value="nowhere")])
    assert contents(path.parent) == before


def test_what_stands_there_already_is_not_written_again(path):
    write_edits(path, NOTES)
    before = path.stat()
    assert write_edits(path, NOTES).files == ()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_mode_mark_line_breaks_and_link_stay(path, tmp_path):
    real = tmp_path / "real.yaml"
    real.write_bytes(b"\xef\xbb\xbf" + ROOT.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    path.unlink()
    path.symlink_to(real)
    write_edits(path, NOTES)
    assert path.is_symlink()
    assert real.read_bytes().startswith(b"\xef\xbb\xbfinclude: [b.yaml]\r\n")
    assert real.read_bytes().count(b"\n") == real.read_bytes().count(b"\r\n") == 4
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("saved", ["inventory.yaml", "b.yaml"])
def test_when_an_editor_saved_one_of_the_files_none_is_written(path, saved):
    files = [(one, load_yaml(one), "sites: {}\n") for one in (path, path.with_name("b.yaml"))]
    with path.with_name(saved).open("a", encoding="utf-8") as file:
        file.write("# by hand\n")
    before = contents(path.parent)
    with pytest.raises(ConfigInvalid) as caught:
        write_all(files)
    assert f"{saved} was changed meanwhile; nothing was written" in caught.value.problem
    assert contents(path.parent) == before


def test_a_file_that_disappeared_is_told_and_nothing_is_written(path):
    files = [(one, load_yaml(one), "sites: {}\n") for one in (path, path.with_name("b.yaml"))]
    path.with_name("b.yaml").unlink()
    with pytest.raises(ConfigInvalid) as caught:
        write_all(files)
    assert "b.yaml cannot be written" in caught.value.problem
    assert contents(path.parent) == {"inventory.yaml": ROOT.encode()}


def test_a_second_writer_waits_and_then_says_so(path):
    with register_lock(path), pytest.raises(StoreLocked) as caught:
        write_edits(path, NOTES, wait_seconds=0)
    assert "inventory.yaml" in caught.value.problem
    assert write_edits(path, NOTES, wait_seconds=0).files


def test_the_lock_of_a_writer_that_died_holds_nobody_up(path):
    code = (
        "import os, sys; from pathlib import Path; from itops.config.register.writing import register_lock\n"
        "with register_lock(Path(sys.argv[1])): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    assert write_edits(path, NOTES, wait_seconds=0).files


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_who_may_write_the_register_may_take_turns(path):
    path.chmod(0o660)
    write_edits(path, NOTES)
    assert stat.S_IMODE(path.with_name(".inventory.yaml.lock").stat().st_mode) == 0o660


def test_writers_at_the_same_time_lose_nothing(path):
    command = [sys.executable, "-m", "tests.config.register.writers", str(path)]
    writers = [subprocess.Popen([*command, name, "10"]) for name in "pqr"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    asset = load(path).get("A")
    assert asset is not None
    assert {test.by for test in asset.tests} == {f"{name}-{number}" for name in "pqr" for number in range(10)}


def test_a_new_asset_is_where_the_loader_finds_it(path):
    fields = {"name": "n", "kind": "printer", "site": "h"}
    changed = write_edits(path, [AddAsset(asset_id="AA", fields=fields)])
    assert changed.register == load(path)
    assert load_whole(path).shown_place("AA") == "inventory.yaml:5"
