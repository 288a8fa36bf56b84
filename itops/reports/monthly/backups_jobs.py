"""One row for each object of each job, and how far the copies that are at hand are proven."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from itops.backup.judgement.proven import faults_of, level_of, proofs_of
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, Protected
from itops.reports.monthly.backups_drills import Restores
from itops.reports.monthly.backups_slots import Standing, tier_counts
from itops.reports.monthly.figures import Evidence, Figure, count_of
from itops.reports.monthly.parts import JobRow
from itops.verdict import worst


def job_rows(told: Iterable[Standing], restores: Restores) -> tuple[JobRow, ...]:
    """In the order of `told`."""
    return tuple(_row(one, restores) for one in told)


def _row(one: Standing, restores: Restores) -> JobRow:
    fresh, last = one.verdict.freshness, restores.last(one)
    newest = fresh.newest
    level = None if newest is None else level_of(newest, proofs_of(newest))
    alarms = [slot.alarm for slot in one.slots]
    return JobRow(
        job=one.job,
        object=one.object,
        is_database=Protected.parse(one.object).kind == "database",
        owner=one.owner,
        state=worst([*alarms, fresh.state, *(finding.state for finding in one.verdict.findings)]),
        tiers=tier_counts(one.slots),
        newest_at=fresh.newest_at,
        level=None if level is None else int(level),
        restored_at=None if last is None else last.started_at,
        restore_seconds=None if last is None else last.seconds,
    )


def job_figure(told: Iterable[Standing]) -> Figure:
    """How many objects are protected; one of two jobs is one object."""
    jobs: dict[str, list[Standing]] = {}
    for one in told:
        jobs.setdefault(one.object.casefold(), []).append(one)
    evidence = (
        Evidence(kind="thing", ref=held[0].object, note=", ".join(one.job for one in held)) for held in jobs.values()
    )
    return count_of("backup.jobs", evidence)


def levels_of(copies: Iterable[KnownCopy], plan: BackupPlan) -> Mapping[str, int]:
    """Proof level -> copies that are at hand and have nothing wrong with them; what may still grow is no copy yet.

    A copy that two jobs claim is one copy; of a file that was written over only the last state is there.
    """
    newest: dict[tuple[str, str], datetime] = {}
    here: dict[tuple[str, str, str], KnownCopy] = {}
    for known in copies:
        copy = known.copy
        key = copy.repository, copy.key
        newest[key] = max(known.last_seen_at, newest.get(key, known.last_seen_at))
        if known.is_here and copy.job in plan.jobs and copy.repository in plan.jobs[copy.job].repository:
            here[copy.repository, copy.key, copy.fingerprint] = known
    current = (known for place, known in here.items() if known.last_seen_at >= newest[place[:2]])
    counts = Counter(level for known in current if (level := _sound_level(known)) is not None)
    return {str(level.value): counts[level] for level in Level}


def _sound_level(known: KnownCopy) -> Level | None:
    proofs = proofs_of(known)
    return None if faults_of(known, proofs) else level_of(known, proofs)
