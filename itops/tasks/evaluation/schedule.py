"""The schedule, from its ledger: whether anybody ticks, and every job.

A schedule without any job is a WARNING and not "not configured": that nothing runs by itself must not look fine.
"""

from collections.abc import Iterator

from itops.alerts.records import Evaluation, Key
from itops.schedule.lateness import Standing, judge_schedule
from itops.tasks.evaluation.watched import Watched
from itops.tasks.schedule.facts import facts_of

CHECK = "schedule"
BEAT = Key(CHECK, "")
"""Whether anybody ticks: when nobody does, that is why each job is late."""


def evaluate_schedule(watched: Watched) -> tuple[Evaluation, ...]:
    """The beat (or that there is no job at all), then every job by name."""
    office = watched.settings.office
    path = watched.settings.path
    facts = facts_of(office.id, office.zone, office.calendar, watched.reader.watch, watched.now, path)
    standings = judge_schedule(watched.settings.schedule, facts, watched.now)
    return tuple(_evaluation(one, watched) for one in standings)


def _evaluation(standing: Standing, watched: Watched) -> Evaluation:
    return Evaluation(
        key=Key(CHECK, standing.job),
        state=standing.state,
        code=standing.code,
        table="schedule",
        judged_at=watched.now,
        valid_until=standing.valid_until,
        facts=standing.facts,
        since=standing.since,
        last_good_at=standing.last_good_at,
        depends_on=tuple(_reasons(standing)),
    )


def _reasons(standing: Standing) -> Iterator[Key]:
    """Nobody ticks; or the job that this one waits for went wrong."""
    if standing.job:
        yield BEAT
    needed = standing.facts.get("needed")
    if isinstance(needed, str):
        yield Key(CHECK, needed)
