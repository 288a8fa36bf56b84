"""A recording scans like the place it was recorded from."""

from datetime import timedelta
from pathlib import Path

import pytest

from itops.errors import InputInvalid, SourceUnavailable
from itops.sources.recording import RecordingSettings, RecordingSource
from itops.sources.recording.file import write_recording
from tests.sources.recording.samples import GAP, NOW, observation, vm

LATER = NOW + timedelta(days=400)


def record(file: Path, *numbers: int, days: int = 0) -> None:
    write_recording(observation(map(vm, numbers), observed_at=NOW + timedelta(days=days)), file, itops_version="0.1.0")


def source(path: Path, name: str = "vc01") -> RecordingSource:
    return RecordingSource(name, RecordingSettings(path=path))


def test_one_file_gives_what_was_recorded_at_its_own_time(tmp_path):
    write_recording(observation([vm(1), GAP, vm(2)]), tmp_path / "a.itops", itops_version="0.1.0")
    (seen,) = source(tmp_path / "a.itops").observe(LATER)
    assert seen.observed_at == NOW
    assert list(seen.seen) == [vm(1), GAP, vm(2)]


def test_what_is_played_is_seen_through_the_source_that_plays_it(tmp_path):
    record(tmp_path / "a.itops", 1)
    (seen,) = source(tmp_path / "a.itops", name="old-office").observe(LATER)
    (entity,) = seen.seen
    assert (seen.source, entity.source, entity.key) == ("old-office", "old-office", vm(1).key)


def test_a_folder_gives_its_recordings_oldest_first(tmp_path):
    record(tmp_path / "a.itops", 1, days=2)
    record(tmp_path / "b.itops", 2, days=1)
    record(tmp_path / "c.itops", 3, days=3)
    (tmp_path / "notes.txt").write_text("not a recording")
    (tmp_path / "folder.itops").mkdir()
    assert [[vm.ref for vm in seen.seen] for seen in source(tmp_path).observe(LATER)] == [["vm-2"], ["vm-1"], ["vm-3"]]


def test_a_pattern_gives_the_files_it_matches(tmp_path):
    record(tmp_path / "vc01-a.itops", 1)
    record(tmp_path / "vc02-a.itops", 2)
    (seen,) = source(tmp_path / "vc01-*.itops").observe(LATER)
    assert next(seen.seen).ref == "vm-1"


def test_a_damaged_file_in_a_folder_harms_no_other(tmp_path):
    (tmp_path / "a.itops").write_bytes(b"not a recording")
    record(tmp_path / "b.itops", 2)
    good, bad = source(tmp_path).observe(LATER)
    assert [vm.ref for vm in good.seen] == ["vm-2"]
    assert bad.observed_at == LATER
    with pytest.raises(InputInvalid, match=r"a\.itops, line 1"):
        list(bad.seen)


@pytest.mark.parametrize("path", ["", "*.itops"], ids=["empty folder", "pattern without a match"])
def test_nothing_to_play_is_unavailable_and_says_what_to_write(tmp_path, path):
    with pytest.raises(SourceUnavailable, match="no recording") as failure:
        list(source(tmp_path / path).observe(LATER))
    assert "itops inventory record" in failure.value.remedy


def test_a_file_that_is_not_there_fails_when_it_is_looked_at(tmp_path):
    (seen,) = source(tmp_path / "absent.itops").observe(LATER)
    with pytest.raises(SourceUnavailable, match="absent"):
        list(seen.seen)


def test_building_the_source_touches_nothing(tmp_path):
    assert source(tmp_path / "absent").name == "vc01"
