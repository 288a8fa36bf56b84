"""Restore files: unpack or take them as they are, and count those that match a pattern."""

from pathlib import Path
from typing import ClassVar

from itops import __version__
from itops.backup.copies import Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Damaged, Effort
from itops.drills.unpacking import extract


class FolderDrill:
    """A throw-away folder. The question is a pattern of paths, `**/*.docx`; the answer how many files match it."""

    name: ClassVar[str] = "folder"

    def restore(
        self, copy: Path, identity: Identity | None, question: str | None, scratch: Path, effort: Effort
    ) -> DrillOutcome:
        """See Drill."""
        place = scratch / "files"
        place.mkdir()
        try:
            if copy.is_dir() or not extract(copy, place, effort):
                place = copy if copy.is_dir() else copy.parent
        except Damaged as damage:
            return DrillOutcome(is_restored=False, faults=damage.faults, tool="itops", tool_version=__version__)
        files = [below for below in place.rglob("*") if below.is_file()]
        answer = sum(below.is_file() for below in place.glob(question)) if question else None
        return DrillOutcome(
            is_restored=True,
            answer=answer,
            tool="itops",
            tool_version=__version__,
            evidence={"files": len(files), "bytes": sum(below.stat().st_size for below in files)},
        )
