"""`itops schedule history`: the ledger of runs, newest first, with what was noted beside each."""

from collections.abc import Iterator, Mapping

import click

from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.schedule_list import seconds_of, span_column
from itops.dates import parse_day, start_of
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.reports.words import Datum, Words, load_words
from itops.schedule.records import Run, RunState
from itops.store.reader import Reader as StoreReader

_FEWEST, _MOST = 1, 100_000
_ARGUMENT: Mapping[str, str] = {"coalesced": "count", "missed": "count", "retry": "state", "needs": "job"}
"""What stands behind the code of a note, for its words."""
_WELL = (RunState.OK, RunState.SKIPPED, RunState.RUNNING)
_FIELDS = ("job", "due_at", "started_at", "ended_at", "seconds", "state", "exit_code", "attempt", "note", "notes",
           "last_line")  # fmt: skip


@click.command()
@click.argument("job", metavar="[JOB]", required=False)
@click.option("--since", metavar="DAY", help="Due times from this day on: 1405-08-01 or 2026-10-23.")
@click.option(
    "--limit", type=click.IntRange(_FEWEST, _MOST), default=50, show_default=True, help="At most so many runs."
)
@output_options
@pass_office
def history(office: Office, output: Output, *, job: str | None, since: str | None, limit: int) -> None:
    """Tell what ran and how it ended, newest first; with JOB, of one job alone.

    The table has the last line of what a run that went wrong had printed; the JSON all of it that was kept.
    """
    begin = None if since is None else start_of(parse_day(since), office.zone)
    reader = office.any_reader
    assert reader is None or isinstance(reader, StoreReader), "the ledger of runs is in the store alone"
    if job is not None:
        _check_job(office, reader, job)
    runs = reader.watch.runs(job, begin, limit + 1) if reader is not None else []
    words = load_words("en", calendar=office.calendar, marks=False, zone=office.zone)
    output.show(_listing(office, [_row(run, words) for run in runs[:limit]], words), office.now)
    if not runs:
        output.note("nothing has run by itself" + ("" if job is None and since is None else " that was asked for"))
    elif len(runs) > limit:
        output.note(f"there are older ones: --limit {limit * 2} shows more")


def _check_job(office: Office, reader: StoreReader | None, job: str) -> None:
    """A job is known while it is in the schedule, and as long as the ledger tells of it."""
    known = {*office.settings.schedule.jobs, *(reader.watch.last_due() if reader is not None else ())}
    if job not in known:
        remedy = (
            f"use one of: {', '.join(sorted(known))}" if known else "there is none yet; see schedule: in itops.yaml"
        )
        raise UsageWrong(f"there is no job {job!r}", remedy=remedy)


def note_sentences(note: str, words: Words) -> Iterator[str]:
    """What a run's note says. A code without words, of a later itops, is told as it stands."""
    for part in filter(None, note.split(", ")):
        code, _, argument = part.partition(" ")
        data: dict[str, Datum] = {_ARGUMENT[code]: _datum(argument)} if code in _ARGUMENT else {}
        try:
            yield words.say("schedule_note", code, data=data)
        except KeyError:
            yield part


def _datum(argument: str) -> Datum:
    return int(argument) if argument.isascii() and argument.isdigit() and len(argument) < 10 else argument


def _row(run: Run, words: Words) -> Row:
    return {
        "job": run.job,
        "due_at": jsonable(run.due_at),
        "started_at": jsonable(run.started_at),
        "ended_at": jsonable(run.ended_at),
        "seconds": seconds_of(run),
        "state": run.state.value,
        "exit_code": run.exit_code,
        "attempt": run.attempt,
        "not_before_at": jsonable(run.not_before),
        "host": run.host or None,
        "pid": run.pid,
        "note": run.note,
        "notes": list(note_sentences(run.note, words)),
        "output": run.output,
        "last_line": None if run.state in _WELL else _last_line(run.output),
    }


def _last_line(output: str) -> str | None:
    """The last line with anything on it; where that is a remedy, the error before it, which tells more."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if lines and lines[-1].startswith("remedy:"):
        return next((line for line in reversed(lines) if line.startswith("error:")), lines[-1])
    return lines[-1] if lines else None


def _listing(office: Office, rows: list[Row], words: Words) -> Listing:
    when = moments_in(office.calendar, office.zone)
    columns = (
        Column(field="job", title="job"),
        Column(field="due_at", title="due", show=when),
        Column(field="started_at", title="started", show=when, spare=2),
        span_column("seconds", words, spare=1),
        Column(field="state", title="state"),
        Column(field="exit_code", title="exit", is_number=True, spare=3),
        Column(field="attempt", title="try", is_number=True, spare=4),
        Column(field="notes", title="notes", show="; ".join, spare=5),
        Column(field="last_line", title="it last said", widest=60, spare=6),
    )
    return Listing(schema="itops.schedule.history/1", rows=rows, columns=columns, csv_fields=_FIELDS)
