"""`itops backup drill`: restore a copy into a throw-away place and ask it the job's question."""

from collections.abc import Iterator
from typing import Any

import click

from itops import clock
from itops.backup.claims import objects_of
from itops.backup.drilling import best_copy, is_good
from itops.backup.drills import Drill
from itops.backup.ledger import DrillRecord, KnownCopy, LedgerWriter
from itops.backup.policy import DrillPolicy, Job
from itops.backup.repositories import DrillsItself
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.errors import ConfigInvalid, ItopsError, UsageWrong
from itops.jsonable import jsonable
from itops.plugins import Registry
from itops.reports.backups import fault_text
from itops.reports.words import Words, load_words
from itops.tasks.drill_backup import DrillRun, drill, place_for, sql_server_statements
from itops.tasks.examine_things import Examiner
from itops.text import plain
from itops.verdict import State, worst

_FIELDS = (
    "state", "job", "object", "copy", "into", "is_restored", "question", "answer", "at_least", "is_answered",
    "started_at", "seconds", "rto_seconds", "is_in_time", "faults", "tool", "tool_version",
)  # fmt: skip


@click.command("drill")
@click.argument("name", metavar="JOB")
@click.option("--object", "only", metavar="OBJECT", help="One object of a job that protects several.")
@click.option("--copy", "key", metavar="COPY", help="This copy; by default the newest that is not known to be damaged.")
@click.option("--by", metavar="PERSON", help="Who makes the test; kept with its result.")
@click.option("--print", "is_printed", is_flag=True, help="Print the T-SQL for a SQL Server, and send nothing.")
@output_options
@pass_backups
def drill_command(
    backups: BackupOffice,
    name: str,
    output: Output,
    *,
    only: str | None,
    key: str | None,
    by: str | None,
    is_printed: bool,
) -> int:
    """Restore a copy of JOB into a throw-away place, ask it the job's question, keep minutes and answer, clean up.

    The place is the job's `drill.into`. Exits 0 restored and answered, 1 slower than the RTO, 2 not restored or a wrong
    answer, 3 some of several objects could not be tested; 69 when none could.
    """
    backups.jobs([name])
    job = backups.plan.jobs[name]
    policy = _policy(name, job)
    if is_printed:
        _print_statements(backups, name, policy, _chosen(backups, name, job, only, key))
        return State.OK.value
    place = _place(backups, policy)
    words = load_words("en", calendar=backups.office.calendar, marks=False, zone=backups.office.zone)
    with backups.open_store() as store:
        tests = _Tests(backups, store.ledger, policy, place, output)
        for protected, known in _chosen(backups, name, job, only, key):
            tests.make(name, protected, known, by)
        backups.office.close()
    if tests.failures and not tests.records:
        raise tests.failures[0]
    output.show(_listing([_row(record, policy, words) for record in tests.records]), clock.now())
    state = worst([*(_state(record, policy) for record in tests.records), *(State.UNKNOWN for _ in tests.failures)])
    output.note(f"verdict: {state.name}")
    return state.value


def _print_statements(
    backups: BackupOffice, name: str, policy: DrillPolicy, chosen: Iterator[tuple[str, KnownCopy | None]]
) -> None:
    """For whoever is to type them: of each object's copy."""
    for protected, known in chosen:
        if known is None:
            click.echo(f"-- there is no copy of {plain(protected)}")
            continue
        [repository] = backups.build([known.copy.repository])
        run = DrillRun(job=name, object=protected, policy=policy, known=known, repository=repository)
        click.echo(f"-- {plain(known.copy.key)}: FOLDER and the names in MOVE as FILELISTONLY tells them")
        for statement in sql_server_statements(run):
            click.echo(plain(statement))


class _Tests:
    """Restore tests, one after the other: one that cannot be made leaves the others."""

    def __init__(
        self,
        backups: BackupOffice,
        ledger: LedgerWriter,
        policy: DrillPolicy,
        place: Drill | DrillsItself,
        output: Output,
    ) -> None:
        self._backups, self._ledger, self._policy, self._place, self._output = backups, ledger, policy, place, output
        self._examiner = Examiner(formats=(), zone=backups.office.zone)
        self.records: list[DrillRecord] = []
        self.failures: list[ItopsError] = []

    def make(self, name: str, protected: str, known: KnownCopy | None, by: str | None) -> None:
        """Test one copy of one object."""
        try:
            if known is None:
                raise UsageWrong(
                    f"there is no copy of {protected} to restore",
                    remedy="run `itops backup verify`, then check the name",
                )
            [repository] = self._backups.build([known.copy.repository])
            run = DrillRun(job=name, object=protected, policy=self._policy, known=known, repository=repository, by=by)
            self._output.note(f"restoring {known.copy.key} into {self._policy.into}")
            self.records.append(drill(run, self._place, self._ledger, self._examiner, clock.now))
        except ItopsError as failure:
            self._output.note(f"{protected} was not tested: {failure.problem}; {failure.remedy}")
            self.failures.append(failure)


def _place(backups: BackupOffice, policy: DrillPolicy) -> Drill | DrillsItself:
    drills = Registry[Any].from_entry_points("itops.drills")
    servers = {held: backups.build([held])[0] for held in ([policy.server] if policy.server else [])}
    return place_for(policy, {held: drills[held]() for held in drills}, servers)


def _policy(name: str, job: Job) -> DrillPolicy:
    if job.drill is None:
        raise ConfigInvalid(
            f"job {name} has no restore test", remedy="write `drill: {into: postgresql, question: ...}` in the job"
        )
    return job.drill


def _chosen(
    backups: BackupOffice, name: str, job: Job, only: str | None, key: str | None
) -> Iterator[tuple[str, KnownCopy | None]]:
    """Each object of the job with the copy to restore, None where there is none; raises UsageWrong."""
    listed = (held.database for held in backups.databases() if not held.database.is_system)
    objects = list(objects_of(job, ((held.server, held.name) for held in listed)))
    chosen = [held for held in objects if only is None or held.text.casefold() == only.casefold()]
    if not chosen:
        known = ", ".join(held.text for held in objects) or "(no database of its servers was ever listed)"
        raise UsageWrong(f"job {name} protects no {only or 'object that is known'}", remedy=f"use one of: {known}")
    copies = backups.ledger.copies(job=name, gone_after=backups.office.now)
    if key is not None and key not in {known.copy.key for known in copies if known.is_here}:
        raise UsageWrong(f"job {name} has no copy {key!r}", remedy="`itops backup status --output json` names them")
    for held in chosen:
        of_object = [known for known in copies if known.copy.object in (None, held.text)]
        named = next((known for known in of_object if known.is_here and known.copy.key == key), None)
        if key is None or named is not None:
            yield held.text, named or best_copy(of_object, held)


def _is_in_time(record: DrillRecord, policy: DrillPolicy) -> bool | None:
    return None if policy.rto is None else record.seconds <= policy.rto.total_seconds()


def _state(record: DrillRecord, policy: DrillPolicy) -> State:
    if not is_good(record):
        return State.CRITICAL
    return State.WARNING if _is_in_time(record, policy) is False else State.OK


def _row(record: DrillRecord, policy: DrillPolicy, words: Words) -> Row:
    return {
        "state": _state(record, policy).name,
        "job": record.job,
        "object": record.object,
        "repository": record.repository,
        "copy": record.key,
        "into": record.into,
        "is_restored": record.is_restored,
        "question": record.question,
        "answer": record.answer,
        "at_least": record.at_least,
        "is_answered": record.is_answered,
        "started_at": jsonable(record.started_at),
        "seconds": record.seconds,
        "rto_seconds": None if policy.rto is None else policy.rto.total_seconds(),
        "is_in_time": _is_in_time(record, policy),
        "faults": [{**jsonable(fault), "message": fault_text(fault, words)} for fault in record.faults],
        "evidence": jsonable(record.evidence),
        "tool": record.tool,
        "tool_version": record.tool_version,
        "by": record.by,
    }


def _listing(rows: list[Row]) -> Listing:
    columns = (
        Column(field="state", title="state"),
        Column(field="object", title="object"),
        Column(field="copy", title="copy"),
        Column(field="into", title="restored into"),
        Column(field="answer", title="answer", show=_number, is_number=True),
        Column(field="at_least", title="wanted", show=_number, is_number=True),
        Column(field="seconds", title="minutes", show=lambda value: f"{value / 60:.1f}", is_number=True),
        Column(field="_why", title="why"),
    )
    shown = [{**row, "_why": _why(row)} for row in rows]
    return Listing(schema="itops.backup.drill/1", rows=shown, data=rows, columns=columns, csv_fields=_FIELDS)


def _number(value: float | None) -> str:
    """Whole, where it is: a count of a million rows is no 1e+06."""
    return "" if value is None else f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


def _why(row: Row) -> str:
    """The faults; for an answer that never came, what was said instead."""
    told = [held["message"] for held in row["faults"]]
    if row["is_answered"] is False and row["answer"] is None:
        told.append(f"no number answered: {row['evidence'].get('said') or 'nothing was said'}")
    return "; ".join(told)
