"""The recording source: files that scan like the places they were recorded from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from glob import glob
from pathlib import Path

from itops.errors import ItopsError, SourceUnavailable
from itops.inventory.entities import Observation, Seen
from itops.sources.recording.file import read_recording

SUFFIX = ".itops"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSettings:
    """What itops.yaml says about a recording source."""

    path: Path
    """A recording, a folder (its *.itops files) or a pattern with `*`: one observation each, oldest first."""


class RecordingSource:
    """Plays recordings under the name this source has in itops.yaml; everything else is as it was recorded."""

    Settings = RecordingSettings
    is_live = False

    def __init__(self, name: str, settings: RecordingSettings) -> None:
        self._name = name
        self._path = settings.path

    @property
    def name(self) -> str:
        """The name in itops.yaml."""
        return self._name

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One observation for each file, oldest first, and at last those whose header cannot be read, at `now`.

        A file that is damaged raises InputInvalid when its own observation is iterated; the others are not harmed.
        Raises SourceUnavailable when there is no file at all.
        """
        files = self._files()
        if not files:
            raise SourceUnavailable(
                f"there is no recording at {self._path}",
                remedy=f"correct `path` of the source {self._name}, or write one with `itops inventory record`",
            )
        observations = [self._observation(file, now) for file in files]
        observations.sort(key=lambda found: (found.fingerprint is None, found.observed_at))
        yield from observations

    def _files(self) -> list[Path]:
        path = self._path
        if path.is_dir():
            return sorted(file for file in path.iterdir() if file.suffix == SUFFIX and file.is_file())
        if path.exists() or "*" not in str(path):
            return [path]
        return sorted(Path(found) for found in glob(str(path)) if Path(found).is_file())

    def _observation(self, file: Path, now: datetime) -> Observation:
        try:
            recorded = read_recording(file)
        except ItopsError:
            # Not swallowed: reading it again, when its turn has come, complains again, and the others are safe.
            return Observation(source=self._name, observed_at=now, seen=_read_later(file))
        return replace(recorded, source=self._name, seen=self._renamed(recorded.seen))

    def _renamed(self, seen: Iterator[Seen]) -> Iterator[Seen]:
        return (replace(thing, source=self._name) for thing in seen)


def _read_later(file: Path) -> Iterator[Seen]:
    yield from read_recording(file).seen
