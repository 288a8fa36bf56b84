"""Restore tests: those of the period, and which objects have been restored lately enough."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from itops.backup.drilling import is_good
from itops.backup.ledger import DrillRecord
from itops.backup.policy import BackupPlan, DrillPolicy
from itops.reports.monthly.backups_slots import Standing
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import DrillRow

_EVERY = DrillPolicy(into="").every
"""How often a job that says nothing of it is to be restored."""


def drill_rows(drills: Iterable[DrillRecord], begin: datetime, end: datetime) -> tuple[DrillRow, ...]:
    """Those that began in [begin, end), oldest first."""
    rows = (_row(drill) for drill in drills if begin <= drill.started_at < end)
    return tuple(sorted(rows, key=lambda row: (row.at, row.job, row.object, row.into)))


def _row(drill: DrillRecord) -> DrillRow:
    return DrillRow(
        job=drill.job,
        object=drill.object,
        at=drill.started_at,
        seconds=drill.seconds,
        into=drill.into,
        is_good=is_good(drill),
        answer=drill.answer,
        question=drill.question or "",
        faults=tuple(fault.code for fault in drill.faults),
    )


class Restores:
    """The last good restore test of each object of each job."""

    def __init__(self, plan: BackupPlan, drills: Iterable[DrillRecord], judged_at: datetime) -> None:
        self._plan = plan
        self._judged_at = judged_at
        self._last: dict[tuple[str, str], DrillRecord] = {}
        for drill in sorted(filter(is_good, drills), key=lambda one: (one.started_at, one.key)):
            self._last[drill.job, drill.object] = drill

    def last(self, one: Standing) -> DrillRecord | None:
        """The last good one; None: there was none."""
        return self._last.get((one.job, one.object))

    def is_recent(self, one: Standing) -> bool:
        """Whether it was restored within the time that its job sets."""
        last, policy = self.last(one), self._plan.jobs[one.job].drill
        every = _EVERY if policy is None else policy.every
        return last is not None and self._judged_at - last.started_at <= every


def unknown_drills(reason: str) -> Iterator[Figure]:
    """The figures where nobody can tell."""
    yield Figure(id="backup.restore_tested", value=None, unit="ratio", reason=reason)
    yield Figure(id="backup.drills", value=None, reason=reason)


def drill_figures(told: Sequence[Standing], restores: Restores, rows: Iterable[DrillRow]) -> Iterator[Figure]:
    """How many objects were restored lately, and how many tests there were. An object of two jobs is one object."""
    objects: dict[str, list[Standing]] = {}
    for one in told:
        objects.setdefault(one.object.casefold(), []).append(one)
    tested = [any(map(restores.is_recent, held)) for held in objects.values()]
    evidence = [_evidence(held, restores, is_tested=good) for held, good in zip(objects.values(), tested, strict=True)]
    yield ratio_of("backup.restore_tested", sum(tested), len(tested), evidence)
    yield count_of("backup.drills", (_drill_evidence(row) for row in rows))


def _evidence(held: Sequence[Standing], restores: Restores, *, is_tested: bool) -> Evidence:
    """The last good test of an object; of one that none proves the object itself."""
    found = [(last.started_at, one.name) for one in held if (last := restores.last(one)) is not None]
    if not found:
        return Evidence(kind="thing", ref=held[0].object, note="never-restored")
    at, name = max(found)
    return Evidence(kind="drill", ref=name, at=at, note="good" if is_tested else "restore-overdue")


def _drill_evidence(row: DrillRow) -> Evidence:
    return Evidence(kind="drill", ref=f"{row.job} {row.object}", at=row.at, note="good" if row.is_good else "failed")
