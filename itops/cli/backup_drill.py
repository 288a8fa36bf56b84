"""`itops backup drill`: restore a copy into a throw-away place and ask it the job's question."""

from collections.abc import Sequence
from typing import Any

import click

from itops import clock
from itops.backup.claims import objects_of
from itops.backup.drilling import best_copy, is_good
from itops.backup.ledger import DrillRecord, KnownCopy
from itops.backup.policy import DrillPolicy, Job
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.output import Column, Listing, Output, Row, jsonable, output_options
from itops.errors import ConfigInvalid, UsageWrong
from itops.plugins import Registry
from itops.reports.backups import fault_text
from itops.reports.words import Words, load_words
from itops.tasks.drill_backup import DrillRun, drill, place_for
from itops.tasks.examine_things import Examiner
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
@output_options
@pass_backups
def drill_command(
    backups: BackupOffice, name: str, output: Output, *, only: str | None, key: str | None, by: str | None
) -> int:
    """Restore a copy of JOB into a throw-away place, ask it the job's question, keep minutes and answer, clean up.

    The place is the job's `drill.into`. Exits 0 restored and answered, 1 slower than the RTO, 2 not restored or a wrong
    answer; 69 when nothing could be tested.
    """
    backups.jobs([name])
    job = backups.plan.jobs[name]
    policy = _policy(name, job)
    examiner = Examiner(formats=(), zone=backups.office.zone)
    drills = Registry[Any].from_entry_points("itops.drills")
    places = {held: drills[held]() for held in drills}
    servers = {held: backups.build([held])[0] for held in ([policy.server] if policy.server else [])}
    place = place_for(policy, places, servers)
    records = []
    with backups.open_store() as store:
        for protected, known in _chosen(backups, name, job, only, key):
            [repository] = backups.build([known.copy.repository])
            run = DrillRun(job=name, object=protected, policy=policy, known=known, repository=repository, by=by)
            output.note(f"restoring {known.copy.key} into {policy.into}")
            records.append(drill(run, place, store.ledger, examiner, clock.now))
        backups.office.close()
    words = load_words("en", calendar=backups.office.calendar, marks=False, zone=backups.office.zone)
    output.show(_listing([_row(record, policy, words) for record in records]), clock.now())
    state = worst(_state(record, policy) for record in records)
    output.note(f"verdict: {state.name}")
    return state.value


def _policy(name: str, job: Job) -> DrillPolicy:
    if job.drill is None:
        raise ConfigInvalid(
            f"job {name} has no restore test", remedy="write `drill: {into: postgresql, question: ...}` in the job"
        )
    return job.drill


def _chosen(
    backups: BackupOffice, name: str, job: Job, only: str | None, key: str | None
) -> Sequence[tuple[str, KnownCopy]]:
    """Each object of the job with the copy to restore; raises UsageWrong when there is none."""
    databases = ((held.database.server, held.database.name) for held in backups.databases())
    objects = [held.text for held in objects_of(job, databases) if only in (None, held.text)]
    copies = backups.ledger.copies(job=name, gone_after=backups.office.now)
    chosen = []
    for text in objects:
        of_object = [known for known in copies if known.copy.object in (None, text) and key in (None, known.copy.key)]
        known = next((held for held in of_object if held.is_here), None) if key else best_copy(of_object)
        if known is not None:
            chosen.append((text, known))
    if not chosen:
        wanted = key or only or name
        raise UsageWrong(
            f"there is no copy of {wanted} to restore", remedy="run `itops backup verify`, then check the name"
        )
    return chosen


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
        Column(
            field="answer", title="answer", show=lambda value: "" if value is None else f"{value:g}", is_number=True
        ),
        Column(
            field="at_least", title="wanted", show=lambda value: "" if value is None else f"{value:g}", is_number=True
        ),
        Column(field="seconds", title="minutes", show=lambda value: f"{value / 60:.1f}", is_number=True),
        Column(field="faults", title="faults", show=lambda faults: "; ".join(held["message"] for held in faults)),
    )
    return Listing(schema="itops.backup.drill/1", rows=rows, columns=columns, csv_fields=_FIELDS)
