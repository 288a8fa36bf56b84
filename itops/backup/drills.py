"""The interface of a restore test. Wired by `[project.entry-points."itops.drills"]`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from itops.backup.copies import Fault, Identity
from itops.backup.formats import Effort
from itops.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillOutcome:
    """What a restore gave. `answer` is None when there was no question or nothing answered it."""

    is_restored: bool
    answer: float | None = None
    faults: tuple[Fault, ...] = ()
    tool: str = ""
    tool_version: str = ""
    evidence: Mapping[str, Fact] = field(default_factory=dict)


class Drill(Protocol):
    """A throw-away place to restore into: a database server of its own, or a folder. Built as `cls()`."""

    name: ClassVar[str]

    def restore(
        self, copy: Path, identity: Identity | None, question: str | None, scratch: Path, effort: Effort
    ) -> DrillOutcome:
        """Restore the file or folder `copy` below `scratch`, ask, and leave nothing running and nothing behind.

        Raises SourceUnavailable when the place cannot be made (no server program here): then nothing was tested.
        """
        ...
