"""What a repository says of its copies: the short words in which the lab tables are written."""

from collections.abc import Sequence
from pathlib import Path

from itops.backup.copies import Copy
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.backup.repositories import LookGap, ProvesItself
from itops.formats.effort import BoundedEffort
from tests.contracts.repository_contract import NOW


def effort(folder: Path, level: Level, seconds: float = 200.0) -> BoundedEffort:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return BoundedEffort(level=level, scratch=scratch, max_seconds=seconds)


def look(repository) -> tuple[list[Copy], list[LookGap]]:
    """The copies, oldest first, and the gaps."""
    seen = list(repository.look(NOW, {}).seen)
    copies = [thing for thing in seen if isinstance(thing, Copy)]
    return sorted(copies, key=lambda copy: copy.catalogue.started_at or copy.catalogue.finished_at), [
        thing for thing in seen if isinstance(thing, LookGap)
    ]


def prove(repository: ProvesItself, copies: Sequence[Copy], bounds: BoundedEffort) -> list[Examination]:
    """One examination a copy, in the order of the copies."""
    found = list(repository.prove(copies, bounds))
    assert [copy.key for copy, _ in found] == [copy.key for copy in copies]
    return [examination for _, examination in found]


def short(examination: Examination) -> str:
    """`L3`, `L1 cut`, `L1 ~elsewhere-damaged`, `- gone`: the level, the faults, and the limits after a tilde."""
    level = "-" if examination.level is None else f"L{examination.level.value}"
    faults = sorted({fault.code for fault in examination.faults})
    return " ".join([level, *faults, *sorted({f"~{limit.code}" for limit in examination.limits})])
