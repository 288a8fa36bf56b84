"""The recording source keeps the contract of all sources."""

from datetime import timedelta
from pathlib import Path

import pytest

from itops.sources.recording import RecordingSettings, RecordingSource
from itops.sources.recording.file import write_recording
from tests.contracts.source_contract import MakeSource, SourceContract
from tests.sources.recording.samples import GAP, NOW, observation, vm


class TestRecordingSource(SourceContract):
    @pytest.fixture
    def make_source(self, tmp_path: Path) -> MakeSource:
        for name, days in (("a", 1), ("c", 2)):  # b is the oldest: neither way through the folder is in order
            later = observation([vm(2)], observed_at=NOW + timedelta(days=days))
            write_recording(later, tmp_path / f"{name}.itops", itops_version="0.1.0")
        write_recording(observation([vm(1), GAP, vm(2)]), tmp_path / "b.itops", itops_version="0.1.0")
        return lambda name: RecordingSource(name, RecordingSettings(path=tmp_path))

    @pytest.fixture
    def make_broken(self, tmp_path: Path) -> MakeSource:
        return lambda name: RecordingSource(name, RecordingSettings(path=tmp_path / "absent.itops"))
