"""`itops schedule list`: every job, how it stands, when it ran and runs, and what a run that is due waits for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options, without_cells
from itops.dates import Hours
from itops.jsonable import jsonable
from itops.reports.sla import span
from itops.reports.words import Datum, Words, load_words
from itops.schedule.due import next_due, opens_at
from itops.schedule.lateness import Standing, judge_schedule
from itops.schedule.planning import TickFacts, plan_tick
from itops.schedule.policy import REPORT, WATCH, JobPolicy, SchedulePolicy
from itops.schedule.records import Run, RunState
from itops.store.reader import Reader as StoreReader
from itops.tasks.schedule.facts import facts_of
from itops.verdict import State, worst

EXAMPLE = """\
schedule:
  jobs:
    scan:   {run: inventory scan, at: "daily 02:00"}
    verify: {run: backup verify, at: every 4h, needs: [scan]}
"""
_FIELDS = (
    "job", "run", "at", "state", "code", "message", "since", "last_good_at", "last_due_at", "last_started_at",
    "last_ended_at", "last_seconds", "last_state", "last_exit_code", "next_due_at", "waiting_due_at", "waiting_count",
    "why_not", "why_not_message",
)  # fmt: skip


@click.command("list")
@output_options
@pass_office
def list_command(office: Office, output: Output) -> int:
    """Tell of each job how it stands, when it last ran, when it is next due, and why one that is due does not run.

    Only looks: nothing is started. Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: the worst of all that it tells.
    """
    policy, facts = office.settings.schedule, _facts(office)
    standings = judge_schedule(policy, facts, office.now)
    of_job = {one.job: one for one in standings}
    words = load_words("en", calendar=office.calendar, marks=False, zone=office.zone)
    waits = _waits(policy, facts, of_job[""], office.now)
    rows = [_row(name, of_job[name], policy, facts, waits.get(name), words, office.now) for name in _in_order(policy)]
    output.note(words.say("schedule", of_job[""].code, data=of_job[""].facts))
    output.show(_listing(office, rows, _standing_row(of_job[""], words), words), office.now)
    if rows and of_job[""].state is State.CRITICAL:
        output.note("let somebody tick: start the service; `itops service install` makes it")
    if not rows:
        output.note("write what is to run by itself into itops.yaml, for example:")
        click.echo(EXAMPLE, nl=False, err=True)
    verdict = worst(one.state for one in standings)
    output.note(f"verdict: {verdict.name}")
    return verdict.value


def _facts(office: Office) -> TickFacts:
    """What the ledger tells now; with an empty ledger before anything was ever recorded."""
    place, reader = office.settings.office, office.any_reader
    assert reader is None or isinstance(reader, StoreReader), "the ledger of runs is in the store alone"
    watch = None if reader is None else reader.watch
    return facts_of(place.id, place.zone, place.calendar, watch, office.now, office.settings.path)


def _in_order(policy: SchedulePolicy) -> list[str]:
    """As itops.yaml has them; the two that a schedule has by itself come last."""
    return sorted(policy.jobs, key=lambda name: name in (REPORT, WATCH))


def hours_text(window: Hours) -> str:
    """A part of the day as people write it."""
    return f"{window.begin:%H:%M}-{window.until:%H:%M}"


def seconds_of(run: Run | None) -> int | None:
    """How long a run took; None while that is not known, and for ever where nobody saw its end. A clock that was set
    back makes it no less than nothing.
    """
    if run is None or run.started_at is None or run.ended_at is None or run.state is RunState.ABANDONED:
        return None
    return max(0, int((run.ended_at - run.started_at).total_seconds()))


def span_column(field: str, words: Words, **more: Any) -> Column:
    """A column of seconds, in the units that people think in."""
    return Column(
        field=field, title="took", show=lambda seconds: "" if seconds is None else span(seconds, words), **more
    )


_Wait = tuple[Run, str, dict[str, Datum]]
"""The oldest run of a job that is due and has not begun, the code of why, and its facts."""


def _waits(policy: SchedulePolicy, facts: TickFacts, beat: Standing, now: datetime) -> Mapping[str, _Wait]:
    plan = plan_tick(policy, facts, now)
    ticking = "next-tick" if beat.state is State.OK else "nobody-ticks"
    due = [(run, ticking) for run in plan.start] + [(held.run, held.why) for held in plan.held]
    found: dict[str, _Wait] = {}
    for run, why in sorted(due, key=lambda pair: pair[0].due_at):
        code, _, needed = why.partition(" ")
        found.setdefault(run.job, (run, code, _reasons(run, needed, policy, facts, now)))
    return found


def _reasons(run: Run, needed: str, policy: SchedulePolicy, facts: TickFacts, now: datetime) -> dict[str, Datum]:
    """Everything that the words of a wait may say."""
    window = policy.jobs[run.job].window
    return {
        "job": needed,
        "begins_at": jsonable(max(run.due_at, run.not_before or run.due_at)),
        "opens_at": None if window is None else jsonable(opens_at(window, facts.zone, now)),
        "window": None if window is None else hours_text(window),
        "limit": policy.parallel,
    }


def _row(
    name: str,
    standing: Standing,
    policy: SchedulePolicy,
    facts: TickFacts,
    wait: _Wait | None,
    words: Words,
    now: datetime,
) -> Row:
    job, memory = policy.jobs[name], facts.memory.get(name)
    waiting, why, reasons = wait or (None, None, {})
    return {
        "job": name,
        **_policy_row(job),
        **_standing_row(standing, words),
        **_last_row(memory.begun if memory is not None else None),
        "next_due_at": jsonable(next_due(job.at, facts.zone, facts.calendar, now)),
        "waiting_due_at": jsonable(waiting.due_at) if waiting is not None else None,
        "waiting_count": sum(1 for run in facts.open if run.job == name and run.state == "waiting"),
        "why_not": why,
        "why_not_message": None if why is None else words.say("schedule_wait", why, data=reasons),
    }


def _policy_row(job: JobPolicy) -> Row:
    window = None if job.window is None else hours_text(job.window)
    return {"run": job.run, "at": job.at.text, "needs": list(job.needs), "window": window}


def _standing_row(standing: Standing, words: Words) -> Row:
    return {
        "state": standing.state.name,
        "code": standing.code,
        "message": (message := words.say("schedule", standing.code, data=standing.facts)),
        "_wrong": "" if standing.state is State.OK else message,
        "facts": jsonable(standing.facts),
        "since": jsonable(standing.since),
        "last_good_at": jsonable(standing.last_good_at),
    }


def _last_row(run: Run | None) -> Row:
    """The last run that began, which may not be over."""
    return {
        "last_due_at": jsonable(run.due_at) if run else None,
        "last_started_at": jsonable(run.started_at) if run else None,
        "last_ended_at": jsonable(run.ended_at) if run else None,
        "last_seconds": seconds_of(run),
        "last_state": run.state.value if run else None,
        "last_exit_code": run.exit_code if run else None,
    }


def _listing(office: Office, rows: list[Row], beat: Row, words: Words) -> Listing:
    when = moments_in(office.calendar, office.zone)
    columns = (
        Column(field="state", title="state"),
        Column(field="job", title="job"),
        Column(field="run", title="runs", widest=32, spare=4),
        Column(field="at", title="at", spare=3),
        Column(field="last_due_at", title="last due", show=when, spare=5),
        Column(field="last_state", title="last run", show=lambda state: state or "never ran"),
        span_column("last_seconds", words, spare=6),
        Column(field="next_due_at", title="next due", show=when, spare=2),
        Column(field="why_not_message", title="why not", folds=16, spare=1),
        Column(field="_wrong", title="how it stands", folds=24),
    )
    return Listing(
        schema="itops.schedule.list/1",
        rows=rows,
        data={"beat": beat, "jobs": [without_cells(row) for row in rows]},
        columns=columns,
        csv_fields=_FIELDS,
    )
