"""Contents and Things of this machine, and fetching them."""

import hashlib
import os
from pathlib import Path

import pytest

from itops.backup.contents import Thing
from itops.backup.formats import Unprovable
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.formats.effort import BoundedEffort
from itops.repositories.local import LocalContent, fetch_thing, file_thing, folder_thing, set_thing


def effort(scratch: Path, **bounds: float) -> BoundedEffort:
    return BoundedEffort(level=Level.RESTORED, scratch=scratch, **bounds)  # type: ignore[arg-type]


def test_a_big_read_is_put_together_from_small_ones(tmp_path: Path) -> None:
    data = os.urandom(3 << 20)
    (tmp_path / "a.bak").write_bytes(data)
    content = LocalContent(tmp_path / "a.bak")
    assert content.read_at(7, 2 << 20) == data[7 : 7 + (2 << 20)]
    assert content.read_at(1 << 20, 10 << 20) == data[1 << 20 :]
    assert content.digest() == hashlib.sha256(data).hexdigest()


def test_a_named_pipe_is_no_content_and_hangs_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.bak")
    with pytest.raises(OSError, match="plain file"):
        LocalContent(tmp_path / "pipe.bak")


def test_a_file_that_becomes_a_pipe_hangs_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.bak"
    path.write_bytes(b"x")
    content = LocalContent(path)
    path.unlink()
    os.mkfifo(path)
    assert b"".join(content.chunks()) == b""


def test_a_folder_is_all_plain_files_below_it_sorted(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a", "lost+found/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "pipe")
    assert [file.name for file in folder_thing(tmp_path).files] == ["a", "b/1", "b/2", "lost+found/x"]
    assert [file.name for file in folder_thing(tmp_path, skip=("lost+found",)).files] == ["a", "b/1", "b/2"]


def test_stripes_in_different_folders_keep_different_names(tmp_path: Path) -> None:
    for disk in ("disk1", "disk2"):
        (tmp_path / disk).mkdir()
        (tmp_path / disk / "x.bak").write_text(disk)
    thing = set_thing((tmp_path / "disk1/x.bak", tmp_path / "disk2/x.bak"), "x.bak")
    assert [file.name for file in thing.files] == ["disk1/x.bak", "disk2/x.bak"]
    assert (thing.head, thing.is_folder) == (b"disk1", False)


@pytest.mark.parametrize("shape", ["file", "set", "folder"])
def test_a_fetched_thing_has_the_same_bytes_under_its_real_names(tmp_path: Path, shape: str) -> None:
    source, into = tmp_path / "from", tmp_path / "into"
    (source / "base").mkdir(parents=True)
    into.mkdir()
    raw = os.fsdecode(b"caf\xe9.bak")
    (source / raw).write_bytes(b"1" * 5000)
    (source / "base" / "2").write_bytes(b"")
    os.utime(source / raw, (1_700_000_000, 1_700_000_000))
    things: dict[str, tuple[Thing, Path]] = {
        "file": (file_thing(source / raw), into / raw),
        "set": (set_thing((source / raw, source / "base" / "2"), "a set"), into),
        "folder": (folder_thing(source), into / "from"),
    }
    thing, expected = things[shape]
    fetched = fetch_thing(thing, into, effort(tmp_path))
    assert fetched == expected
    if shape == "file":
        assert fetched.read_bytes() == b"1" * 5000
    else:
        assert (fetched / raw).read_bytes() == b"1" * 5000
        assert (fetched / "base" / "2").read_bytes() == b""
    written = fetched if shape == "file" else fetched / raw
    assert written.stat().st_mtime == 1_700_000_000


class Hostile:
    """A content whose name leads out of the folder it is fetched into, or that claims to be too big."""

    local_path = None
    modified_at = None

    def __init__(self, name: str, size_bytes: int = 4) -> None:
        self.name, self.size_bytes = name, size_bytes

    def read_at(self, offset: int, length: int) -> bytes:
        return b"evil"[offset : offset + length]

    def chunks(self) -> list[bytes]:
        return [b"evil"]

    def digest(self) -> str:
        return hashlib.sha256(b"evil").hexdigest()


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../out", "\\x2e\\x2e/out"])
def test_nothing_is_fetched_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "into").mkdir()
    with pytest.raises(SourceUnavailable, match="not a path inside"):
        fetch_thing(Thing(path="x", files=(Hostile(name),)), tmp_path / "into", effort(tmp_path))  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_copy_that_does_not_fit_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no room") as failure:
        fetch_thing(Thing(path="x", files=(Hostile("x", 1 << 60),)), tmp_path, effort(tmp_path))  # type: ignore[arg-type]
    assert failure.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_fetching_ends_with_its_time(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "into").mkdir()
    with pytest.raises(Unprovable, match="out-of-time"):
        fetch_thing(file_thing(tmp_path / "a"), tmp_path / "into", effort(tmp_path, max_seconds=0))
