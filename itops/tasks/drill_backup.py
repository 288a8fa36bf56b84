"""Restore one copy into a throw-away place, ask it the job's question, keep the minutes and the answer, clean up."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from itops.backup.copies import Identity
from itops.backup.drilling import is_answer_enough
from itops.backup.drills import Drill, DrillOutcome
from itops.backup.formats import Damaged, Effort, Unprovable
from itops.backup.ledger import DrillRecord, KnownCopy, LedgerWriter
from itops.backup.levels import Level
from itops.backup.policy import DrillPolicy
from itops.backup.proofs import Examination, Limit, Proof
from itops.backup.repositories import DrillsItself, Fetches, Repository
from itops.errors import SourceUnavailable
from itops.tasks.examine_things import Examiner


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRun:
    """One restore test to be made."""

    job: str
    object: str
    policy: DrillPolicy
    known: KnownCopy
    repository: Repository
    by: str | None = None

    @property
    def identity(self) -> Identity | None:
        """Who the copy says it is."""
        found = next((proof.examination.identity for proof in reversed(self.known.proofs)), None)
        return found or self.known.copy.catalogue


def drill(
    run: DrillRun,
    place: Drill | DrillsItself,
    writer: LedgerWriter,
    examiner: Examiner,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float] = time.monotonic,
) -> DrillRecord:
    """Restore and ask. What is measured is from the first byte fetched to the answer.

    A copy that its repository holds and cannot give back has failed. Raises SourceUnavailable when the repository
    cannot be asked or the place cannot be made: nothing was tested then, and nothing is recorded.
    """
    started_at, began = clock(), monotonic()
    with TemporaryDirectory(prefix="itops-drill-", dir=examiner.scratch) as folder:
        scratch = Path(folder)
        try:
            outcome = _restored(run, place, scratch, examiner.effort(Level.ANSWERED, scratch))
        except Unprovable as limit:
            raise SourceUnavailable(
                f"the restore test of {run.job} was not ended: {limit.limit.code}",
                remedy="give it more time, or test a smaller copy",
            ) from limit
        except OSError as failure:
            raise SourceUnavailable(
                f"the restore test of {run.job} failed on this machine: {failure.strerror or failure}",
                remedy=f"make room in {scratch.parent}, or see whether this system can hold what the copy holds",
            ) from failure
    record = _record(run, outcome, started_at, monotonic() - began)
    writer.record_drill(record)
    writer.record_proof(_proof(run, record, outcome))
    return record


def _restored(run: DrillRun, place: Drill | DrillsItself, scratch: Path, effort: Effort) -> DrillOutcome:
    copy, policy = run.known.copy, run.policy
    if isinstance(place, DrillsItself):
        return place.drill(_seen_by_server(run), run.identity, policy.question, effort, verify_only=policy.verify_only)
    if not isinstance(run.repository, Fetches):
        raise SourceUnavailable(
            f"copies of {run.repository.name} cannot be fetched for a restore test",
            remedy="name another repository of the same copies first in the job's `repository`",
        )
    fetched, work = scratch / "copy", scratch / "restored"
    fetched.mkdir()
    work.mkdir()
    try:
        where = run.repository.fetch(copy, fetched, effort)
    except Damaged as damage:  # whoever keeps it cannot give it back: that is a restore which failed
        tool = str(damage.faults[0].facts.get("tool", ""))
        return DrillOutcome(is_restored=False, faults=damage.faults, tool=tool)
    return place.restore(where, run.identity, policy.question, work, effort)


def _seen_by_server(run: DrillRun) -> tuple[str, ...]:
    """The paths of the copy's files as the server for restores sees them; raises SourceUnavailable."""
    copy, base = run.known.copy, run.policy.server_path
    devices = copy.catalogue.facts.get("devices") if copy.catalogue else None
    if isinstance(devices, str) and not copy.files:
        return tuple(devices.splitlines())  # msdb knows where the server itself wrote them
    if base is None or not copy.files:
        raise SourceUnavailable(
            f"nobody said where the server for restores sees the copies of {run.job}",
            remedy="write it as the job's drill.server_path, for example \\\\nas\\sql",
        )
    separator = "\\" if "\\" in base else "/"
    return tuple(base.rstrip("\\/") + separator + file.path.replace("/", separator) for file in copy.files)


def sql_server_statements(run: DrillRun) -> tuple[str, ...]:
    """What a person types on a SQL Server to verify the copy, and to restore it under another name; nothing is sent.

    The logical names in the MOVEs are the usual ones: FILELISTONLY tells the real ones. Raises SourceUnavailable where
    nobody said where that server sees the copy.
    """
    from itops.repositories.mssql import restores  # noqa: PLC0415  texts that most restore tests never need

    paths = _seen_by_server(run)
    identity = run.identity
    has_checksums = identity is not None and identity.facts.get("has_checksums") is True
    database = f"{restores.PREFIX}{run.object.rpartition('/')[2]}"
    logical = run.object.rpartition("/")[2]
    moves = {logical: f"FOLDER\\{database}.mdf", f"{logical}_log": f"FOLDER\\{database}.ldf"}
    asked = (run.policy.question,) if run.policy.question else ()
    return (
        restores.header_only(paths),
        restores.verify_only(paths, has_checksums=has_checksums),
        restores.file_list_only(paths),
        restores.restore_as(database, paths, moves, has_checksums=has_checksums),
        restores.use(database),
        *asked,
        restores.drop(database),
    )


def _record(run: DrillRun, outcome: DrillOutcome, started_at: datetime, seconds: float) -> DrillRecord:
    copy, policy = run.known.copy, run.policy
    is_answered = is_answer_enough(outcome.answer, policy.question, policy.at_least) if outcome.is_restored else None
    return DrillRecord(
        job=run.job,
        object=run.object,
        repository=copy.repository,
        key=copy.key,
        fingerprint=copy.fingerprint,
        started_at=started_at,
        seconds=round(seconds, 3),
        into=policy.into,
        is_restored=outcome.is_restored,
        is_verified_only=outcome.evidence.get("verified_only") is True,
        question=policy.question,
        answer=outcome.answer,
        at_least=policy.at_least,
        is_answered=is_answered,
        size_bytes=copy.size_bytes,
        tool=outcome.tool,
        tool_version=outcome.tool_version,
        faults=outcome.faults,
        evidence=outcome.evidence,
        by=run.by,
    )


def _proof(run: DrillRun, record: DrillRecord, outcome: DrillOutcome) -> Proof:
    """A restore is the strongest reading there is: it counts as a proof of the copy, too."""
    last = run.known.proofs[-1].examination if run.known.proofs else None
    level = _level(record)
    limits = (Limit(code="answer-wrong", facts={"answer": record.answer}),) if record.is_answered is False else ()
    if level is Level.COMPLETE:
        limits = (Limit(code="no-checksums"),)
    base = last or Examination(format=None, attempted=Level.ANSWERED, level=None, identity=run.identity)
    examination = replace(
        base,
        attempted=Level.ANSWERED,
        level=level,
        faults=outcome.faults,
        limits=limits,
        tool=outcome.tool,
        tool_version=outcome.tool_version,
        evidence=outcome.evidence,
    )
    return Proof(
        repository=record.repository,
        key=record.key,
        fingerprint=record.fingerprint,
        proved_at=record.started_at,
        duration_seconds=record.seconds,
        examination=examination,
    )


def _level(record: DrillRecord) -> Level:
    """VERIFYONLY reads all of a backup, but what it reads only checksums tell right from wrong."""
    if record.is_restored:
        return Level.ANSWERED if record.is_answered else Level.RESTORED
    if record.faults or not record.is_verified_only:
        return Level.SEEN
    return Level.INTACT if record.evidence.get("has_checksums") is True else Level.COMPLETE


def place_for(policy: DrillPolicy, drills: Mapping[str, Drill], servers: Mapping[str, object]) -> Drill | DrillsItself:
    """Where the policy says; raises SourceUnavailable naming what there is."""
    if policy.server is not None:
        server = servers.get(policy.server)
        if not isinstance(server, DrillsItself):
            raise SourceUnavailable(
                f"{policy.server} is no server that restores can be tried on",
                remedy="name a repository of type mssql in the job's drill.server",
            )
        return server
    if policy.into not in drills:
        raise SourceUnavailable(
            f"there is no place called {policy.into!r} for restore tests", remedy=f"use one of: {', '.join(drills)}"
        )
    return drills[policy.into]
