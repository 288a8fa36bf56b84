"""What a folder lists, what it will not take for itself, and what is opened in it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from itops.backup.copies import ListedFile
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.formats.effort import BoundedEffort
from itops.repositories.folder import FolderRepository, Settings
from itops.repositories.folder.device import refuse_other_device
from tests.contracts.repository_contract import NAME, NOW, TEHRAN, copy_of, files, gaps, seen

NOBODY = 65534


def repository(path: Path, **settings: Any) -> FolderRepository:
    return FolderRepository(NAME, Settings(path=path, **settings), TEHRAN)


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@contextmanager
def without_rights(folder: Path, mode: int) -> Iterator[None]:
    """The folder with other rights, seen by an account that is not root."""
    was_root = os.geteuid() == 0
    folder.chmod(mode)
    try:
        if was_root:
            os.seteuid(NOBODY)
        yield
    finally:
        if was_root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every account can reach; tmp_path is its owner's alone."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


# What is listed


def test_a_listing_has_paths_sizes_and_times_to_the_nanosecond(tmp_path: Path) -> None:
    path = write(tmp_path / "sql01" / "a.bak", "12345")
    os.utime(path, ns=(1, 1_700_000_000_123_456_700))
    assert seen(repository(tmp_path)) == [ListedFile("sql01/a.bak", 5, 1_700_000_000_123_456_700)]


def test_folders_that_systems_make_for_themselves_are_not_looked_into_unless_asked(tmp_path: Path) -> None:
    for folder in ("lost+found", "$RECYCLE.BIN", "hr/System Volume Information", ".snapshot", "@eaDir"):
        write(tmp_path / folder / "a.bak")
    write(tmp_path / ".hidden" / "a.bak")
    assert sorted(files(seen(repository(tmp_path)))) == [".hidden/a.bak"]
    assert len(files(seen(repository(tmp_path, skip=())))) == 6
    assert sorted(files(seen(repository(tmp_path, skip=(".hidden",)))))[0] == "$RECYCLE.BIN/a.bak"


def test_links_pipes_and_sockets_are_not_copies_and_loops_end(tmp_path: Path) -> None:
    write(tmp_path / "a.bak")
    (tmp_path / "latest.bak").symlink_to("a.bak")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    assert seen(repository(tmp_path)) == [seen(repository(tmp_path))[0]]
    assert list(files(seen(repository(tmp_path)))) == ["a.bak"]


def test_a_link_that_leads_out_is_told_but_hides_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "repository"
    write(tmp_path / "elsewhere" / "a.bak")
    inside.mkdir()
    (inside / "hr").symlink_to("../elsewhere")
    (gap,) = gaps(seen(repository(inside)))
    assert (gap.code, gap.subject, gap.hides) == ("folder.link-outside", "link hr", False)


def test_the_repository_itself_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "disk" / "a.bak")
    (tmp_path / "backup").symlink_to("disk")
    assert list(files(seen(repository(tmp_path / "backup")))) == ["a.bak"]


@pytest.mark.parametrize("mode", [0o000, 0o644], ids=["not to be listed", "to be listed, files not to be seen"])
def test_a_folder_that_cannot_be_read_hides_copies_and_the_others_are_listed(public: Path, mode: int) -> None:
    write(public / "hr" / "a.bak")
    write(public / "sales" / "a.bak")
    with without_rights(public / "hr", mode):
        listed = seen(repository(public))
    assert list(files(listed)) == ["sales/a.bak"]
    (gap,) = gaps(listed)
    assert (gap.code, gap.subject, gap.hides) == ("folder.unreadable", "folder hr", True)


def test_very_many_unreadable_folders_are_counted_not_listed(public: Path) -> None:
    for number in range(130):
        (public / "no" / str(number)).mkdir(parents=True)
    with without_rights(public / "no", 0o444):  # listed, but none of them can be entered
        found = gaps(seen(repository(public)))
    assert len(found) == 101
    assert "30 more" in found[-1].problem
    assert all(gap.hides for gap in found)


def test_the_root_that_cannot_be_read_is_no_gap_but_the_end(public: Path) -> None:
    write(public / "root" / "a.bak")
    with without_rights(public / "root", 0), pytest.raises(SourceUnavailable, match="Permission denied"):
        repository(public / "root").look(NOW, {})


def test_what_vanishes_during_the_look_is_fine(tmp_path: Path) -> None:
    for name in ("a/1", "b/1", "c/1"):
        write(tmp_path / name)
    look = repository(tmp_path).look(NOW, {})
    first = next(look.seen)
    assert isinstance(first, ListedFile)
    for name in {"a", "b", "c"} - {first.path[0]}:
        (tmp_path / name / "1").unlink()
        (tmp_path / name).rmdir()
    assert list(look.seen) == []


def test_a_path_that_is_a_file_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="Not a directory"):
        repository(write(tmp_path / "a.bak")).look(NOW, {})


# The disk that is not mounted


def test_another_device_than_last_time_is_an_unmounted_disk(tmp_path: Path) -> None:
    facts = dict(repository(tmp_path).look(NOW, {}).facts)
    with pytest.raises(SourceUnavailable, match="is not mounted: it lay on ext4 /dev/sdz9") as failure:
        repository(tmp_path).look(NOW, {**facts, "device": "ext4 /dev/sdz9", "filesystem": None})
    assert "any_device" in failure.value.remedy
    assert repository(tmp_path, any_device=True).look(NOW, {**facts, "device": "ext4 /dev/sdz9"}).facts == facts


def test_a_disk_found_under_another_name_is_the_same_by_its_uuid(tmp_path: Path) -> None:
    one = {"device": "ext4 /dev/sdb1", "filesystem": "0b5c-11"}
    refuse_other_device(tmp_path, one, {"device": "ext4 /dev/sdc1", "filesystem": "0b5c-11"})
    refuse_other_device(tmp_path, one, {"device": "ext4 /dev/sdb1"})
    refuse_other_device(tmp_path, {}, one)
    with pytest.raises(SourceUnavailable, match="it lay on 0b5c-11"):
        refuse_other_device(tmp_path, one, {"device": "ext4 /dev/sdb1", "filesystem": "ffff-22"})
    with pytest.raises(SourceUnavailable, match="it lay on ext4 /dev/sdb1"):
        refuse_other_device(tmp_path, one, {"device": "ext4 /dev/sda1"})


def test_a_plain_folder_does_not_pass_for_a_mount_point(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="is not mounted: it is a plain folder") as failure:
        repository(tmp_path, must_be_mounted=True).look(NOW, {})
    assert "mount" in failure.value.remedy
    shm = Path("/dev/shm")
    if shm.is_mount():
        assert repository(shm, must_be_mounted=True).look(NOW, {}).facts["device"] == "tmpfs tmpfs"


def test_a_disk_without_its_sentinel_is_another_disk(tmp_path: Path) -> None:
    write(tmp_path / "a.bak")
    guarded = repository(tmp_path, sentinel=".itops/here")
    with pytest.raises(SourceUnavailable, match=r"its sentinel \.itops/here is not there") as failure:
        guarded.look(NOW, {})
    assert ".itops/here" in failure.value.remedy
    write(tmp_path / ".itops" / "here", "disk-2\nthe green one\n")
    look = guarded.look(NOW, {})
    assert look.facts["sentinel"] == "disk-2"
    assert list(files(list(look.seen))) == ["a.bak"]


@pytest.mark.parametrize("sentinel", ["../x", "/etc/hostname", "a//b", ""])
def test_a_sentinel_lies_inside(tmp_path: Path, sentinel: str) -> None:
    with pytest.raises(ValueError, match="not a file inside"):
        Settings(path=tmp_path, sentinel=sentinel)


def test_an_empty_folder_on_the_same_disk_is_fine_and_says_so(tmp_path: Path) -> None:
    write(tmp_path / "a.bak")
    full = repository(tmp_path).look(NOW, {}).facts
    (tmp_path / "a.bak").unlink()
    look = repository(tmp_path).look(NOW, full)
    assert list(look.seen) == []
    assert (full["is_empty"], look.facts["is_empty"]) == (False, True)


def test_a_disk_that_was_mounted_inside_and_is_not_now_hides_what_was_on_it(tmp_path: Path) -> None:
    facts = repository(tmp_path).look(NOW, {}).facts
    (gap,) = gaps(seen(repository(tmp_path), {**facts, "mounts": "hr\nsales/2"}))[:1]
    assert (gap.code, gap.subject, gap.hides) == ("folder.not-mounted", "folder hr", True)


def test_a_root_that_goes_away_in_the_middle_breaks_the_look(tmp_path: Path) -> None:
    write(tmp_path / "disk" / "a.bak")
    write(tmp_path / "disk" / "hr" / "a.bak")
    look = repository(tmp_path / "disk").look(NOW, {})
    next(look.seen)
    (tmp_path / "disk").rename(tmp_path / "away")
    with pytest.raises(SourceUnavailable, match="was unmounted while"):
        list(look.seen)


# Opening and fetching


def test_stripes_are_one_thing_and_a_key_with_a_slash_is_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "set" / "1.bak", "one")
    write(tmp_path / "set" / "2.bak", "two")
    place = repository(tmp_path)
    one, two = (files(seen(place))[f"set/{number}.bak"] for number in (1, 2))
    with place.open(copy_of(one, two)) as thing:
        assert (thing.is_folder, [file.name for file in thing.files], thing.head) == (False, ["1.bak", "2.bak"], b"one")
        assert thing.path.endswith("set/1.bak")
    with place.open(copy_of(one, two, key="set/")) as thing:
        assert (thing.is_folder, [file.name for file in thing.files]) == (True, ["1.bak", "2.bak"])
    with place.open(copy_of(key="set/1.bak")) as thing:
        assert (thing.is_folder, len(thing.files)) == (False, 1)


@pytest.mark.parametrize("path", ["link.bak", "linked/hostname", "pipe"])
def test_nothing_is_opened_through_a_link_or_a_pipe(tmp_path: Path, path: str) -> None:
    (tmp_path / "link.bak").symlink_to("/etc/hostname")
    (tmp_path / "linked").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a plain file"), repository(tmp_path).open(copy_of(ListedFile(path, 1, 1))):
        pass


def test_a_copy_that_changed_since_it_was_listed_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.bak", "12345")
    place = repository(tmp_path)
    copy = copy_of(files(seen(place))["a.bak"])
    assert place.still_same(copy)
    os.utime(path, ns=(1, 1))
    assert not place.still_same(copy)
    later = copy_of(files(seen(place))["a.bak"])
    assert place.still_same(later)
    path.write_text("123456")
    os.utime(path, ns=(1, 1))
    assert not place.still_same(later)
    path.unlink()
    assert not place.still_same(later)


def test_a_name_that_is_no_text_can_be_opened_and_fetched(tmp_path: Path) -> None:
    raw = os.fsdecode(b"\xc8\xed\xe3\xe5.bak")  # Persian of an old Windows
    write(tmp_path / "from" / raw, "data")
    (tmp_path / "into").mkdir()
    place = repository(tmp_path / "from")
    copy = copy_of(files(seen(place))["\\xc8\\xed\\xe3\\xe5.bak"])
    assert place.still_same(copy)
    with place.open(copy) as thing:
        assert b"".join(thing.file.chunks()) == b"data"
    fetched = place.fetch(copy, tmp_path / "into", BoundedEffort(level=Level.RESTORED, scratch=tmp_path))
    assert fetched == tmp_path / "into" / raw
    assert fetched.read_text() == "data"


def test_a_copy_that_is_gone_cannot_be_fetched_and_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"a\.bak") as failure:
        repository(tmp_path).fetch(
            copy_of(ListedFile("a.bak", 1, 1)), tmp_path, BoundedEffort(level=Level.RESTORED, scratch=tmp_path)
        )
    assert failure.value.remedy
