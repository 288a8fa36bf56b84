"""`itops backup plan`: the plan in plain words, and the next due slots."""

from collections.abc import Iterator
from datetime import timedelta

import click

from itops.backup.policy import DailyPolicy, Job, MonthlyPolicy, TierPolicy, WeeklyPolicy
from itops.backup.slots import DueSlot, next_slots
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.jsonable import jsonable
from itops.text import counted

_FIELDS = ("job", "protects", "repository", "promise")
_NEXT = 10


@click.command()
@click.option(
    "--next", "count", type=click.IntRange(0, 1000), default=_NEXT, show_default=True, help="Due slots shown."
)
@output_options
@pass_backups
def plan(backups: BackupOffice, output: Output, *, count: int) -> None:
    """Tell the plan in plain words, and which slots are due next."""
    rows = [row for name, job in backups.plan.jobs.items() for row in _promises(name, job, backups)]
    due = [_due_row(one) for one in next_slots(backups.plan.jobs.items(), backups.calendar, backups.office.now, count)]
    columns = (
        Column(field="job", title="job"),
        Column(field="protects", title="protects", show=", ".join),
        Column(field="repository", title="kept in", show=", ".join),
        Column(field="promise", title="promise"),
    )
    next_columns = (
        Column(field="due_at", title="next due", show=backups.when),
        Column(field="job", title="job"),
        Column(field="slot", title="slot"),
        Column(field="graced_until", title="late after", show=backups.when),
    )
    next_due = Listing(schema="", rows=due, columns=next_columns, csv_fields=())
    output.show(
        Listing(
            schema="itops.backup.plan/1",
            rows=rows,
            data={"promises": rows, "next": due},
            columns=columns,
            csv_fields=_FIELDS,
            tables=(next_due,),
        ),
        backups.office.now,
    )
    if not rows:
        output.note("the plan has no jobs: nothing is promised")


def _promises(name: str, job: Job, backups: BackupOffice) -> Iterator[Row]:
    for promise in sentences(job, backups):
        yield {
            "job": name,
            "protects": [protected.text for protected in job.protects],
            "repository": list(job.repository),
            "promise": promise,
        }


def sentences(job: Job, backups: BackupOffice) -> Iterator[str]:
    """What the job promises, a sentence for each tier and limit."""
    for tier in job.tiers().values():
        yield _tier_sentence(tier, job, backups)
    if job.max_age is not None:
        yield f"the newest good copy is never older than {_span(job.max_age)}"
    if job.rpo is not None:
        yield f"no more than {_span(job.rpo)} may be lost"
    if job.since is not None:
        yield f"in force since {backups.calendar.show(job.since)}"
    if job.drill is not None:
        asked = f" and asked: {job.drill.question}" if job.drill.question else ""
        yield f"every {_span(job.drill.every)} a copy is restored into {job.drill.into}{asked}"
    for exemption in job.exempt:
        since = f"from {backups.calendar.show(exemption.since)} " if exemption.since else ""
        until = backups.calendar.show(exemption.until)
        yield f"exempt {since}until {until}: {exemption.reason} ({exemption.owner})"


def _tier_sentence(tier: TierPolicy, job: Job, backups: BackupOffice) -> str:
    level = (tier.level or job.level).title
    parts = [f"{_when(tier, backups)}, proven {level}, the last {tier.keep} kept"]
    if tier.due is not None:
        parts.append(f"there by {tier.due:%H:%M}")
    if tier.grace:
        parts.append(f"late copies count for {_span(tier.grace)}")
    if tier.own_copy:
        parts.append("a copy of its own")
    if tier.offsite is not None:
        parts.append(f"one in {tier.offsite}")
    kinds = tier.kinds or job.kinds
    told = ", ".join(kind.value for kind in kinds if kind.value != "unknown")
    return f"{', '.join(parts)} ({told or 'any kind'})"


def _when(tier: TierPolicy, backups: BackupOffice) -> str:
    if isinstance(tier, WeeklyPolicy):
        return f"a copy each week, on {tier.on}"
    if isinstance(tier, MonthlyPolicy):
        day = "the last day" if tier.on.number is None else f"day {tier.on.number}"
        return f"a copy each {backups.calendar.calendar} month, on {day}"
    assert isinstance(tier, DailyPolicy)
    days = tier.on or backups.plan.days.working
    return "a copy each day" if len(days) == 7 else f"a copy on {', '.join(days)}"


def _span(span: timedelta) -> str:
    """ "2 hours", "1 day 6 hours", "30 minutes"."""
    minutes = span // timedelta(minutes=1)
    parts = ((minutes // 1440, "day"), (minutes % 1440 // 60, "hour"), (minutes % 60, "minute"))
    told = " ".join(counted(unit, f"{unit}s", count) for count, unit in parts if count)
    return told or counted("second", "seconds", span.seconds)


def _due_row(one: DueSlot) -> Row:
    return {
        "job": one.job,
        "tier": one.slot.tier.value,
        "slot": f"{one.slot.tier.value} {one.slot.name}",
        "due_at": jsonable(one.slot.due_at),
        "graced_until": jsonable(one.slot.graced_until),
        "begins_at": jsonable(one.slot.begins_at),
        "ends_at": jsonable(one.slot.ends_at),
    }
