"""What is recorded scans like the source it came from."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Observation
from itops.inventory.redaction import Redactor
from itops.sources.recording import RecordingSettings, RecordingSource
from itops.sources.recording.file import read_header, read_recording
from itops.tasks.record_source import record_source
from tests.inventory.redaction_samples import GAP, office
from tests.sources.recording.samples import NOW, broken_after, observation, vm


class Monthly:
    """A folder of exports: three observations, oldest first."""

    name = "vc01"

    def observe(self, now: datetime) -> Iterator[Observation]:
        for month in (2, 1, 0):
            yield observation([vm(month)], observed_at=now - timedelta(days=30 * month))


class Once:
    name = "vc01"

    def __init__(self, *seen: object, error: Exception | None = None) -> None:
        self._seen = seen
        self._error = error

    def observe(self, now: datetime) -> Iterator[Observation]:
        seen = broken_after(self._seen, self._error) if self._error else iter(self._seen)  # type: ignore[arg-type]
        yield observation(seen, observed_at=now)  # type: ignore[arg-type]


def test_a_recording_plays_what_the_source_showed(tmp_path):
    file = tmp_path / "a.itops"
    recorded = record_source(Once(vm(1), GAP), file, now=NOW, itops_version="0.1.0")
    (played,) = RecordingSource("vc01", RecordingSettings(path=file)).observe(NOW + timedelta(days=1))
    assert list(played.seen) == [vm(1), GAP]
    assert (recorded.observed_at, recorded.observation_count) == (played.observed_at, 1)


def test_of_several_observations_the_newest_is_recorded_and_the_number_said(tmp_path):
    recorded = record_source(Monthly(), tmp_path / "a.itops", now=NOW, itops_version="0.1.0")
    assert (recorded.observed_at, recorded.observation_count) == (NOW, 3)
    assert [thing.ref for thing in read_recording(tmp_path / "a.itops").seen if isinstance(thing, Entity)] == ["vm-0"]


def test_a_source_that_fails_leaves_no_file(tmp_path):
    broken = Once(vm(1), error=SourceUnavailable("vc01 hung up", remedy="try again"))
    with pytest.raises(SourceUnavailable, match="hung up"):
        record_source(broken, tmp_path / "a.itops", now=NOW, itops_version="0.1.0")
    assert list(tmp_path.iterdir()) == []


def test_a_redacted_recording_says_so_and_names_nobody(tmp_path):
    file = tmp_path / "a.itops"
    record_source(Once(*office(), GAP), file, now=NOW, itops_version="0.1.0", redaction=Redactor(bytes(32)))
    header, played = read_header(file), list(read_recording(file).seen)
    assert (header.is_redacted, header.source) == (True, "source-0001")
    assert len(played) == len(office()) + 1
    assert "vc01" not in str(played)
    assert "karimi" not in str(played).lower()
