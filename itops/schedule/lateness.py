"""What of the schedule is late, went wrong or keeps silent, judged from the ledger alone.

Late is counted from the last run that began: what was due first after it must have begun within `max_delay`. So it
makes no difference whether nobody ticked, a run waits, or a newer run took the place of each that waited.

Codes and facts, never prose; every fact that is a moment (`..._at`) is ISO 8601, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from itops.facts import Fact
from itops.schedule.due import next_due
from itops.schedule.planning import JobMemory, TickFacts, ready_at, unmet_need
from itops.schedule.policy import JobPolicy, SchedulePolicy
from itops.schedule.records import Beat, Run, RunState
from itops.schedule.runs import MISSED, TOO_LATE, coalesced
from itops.verdict import State

CODES: Mapping[str, State] = {
    "schedule.beating": State.OK,
    "schedule.beat-missing": State.CRITICAL,  # nobody ever ticked
    "schedule.beat-old": State.CRITICAL,
    "schedule.beat-ahead": State.UNKNOWN,  # of the future: whether anybody ticks cannot be told
    "schedule.no-jobs": State.WARNING,
    "schedule.well": State.OK,
    "schedule.not-yet-due": State.OK,
    "schedule.waiting": State.OK,  # due, nothing ever ran, and there is time left
    "schedule.running": State.OK,  # the first run of all
    "schedule.unseen": State.WARNING,  # in the schedule, and nobody who ticks has seen it
    "schedule.late": State.CRITICAL,
    "schedule.never-ran": State.CRITICAL,  # late, and none before ever began
    "schedule.needs": State.CRITICAL,  # late, and what it waits for did not end well
    "schedule.failed": State.CRITICAL,
    "schedule.timeout": State.CRITICAL,
    "schedule.abandoned": State.CRITICAL,
    "schedule.interrupted": State.WARNING,
    "schedule.retrying": State.WARNING,
    "schedule.overrunning": State.CRITICAL,  # beyond its limit, and nobody stopped it
    "schedule.missed": State.WARNING,  # on purpose not made up for (`catch_up: none`)
}
"""Every code, and how bad it is."""
_CLOCK_STEP = timedelta(minutes=2)  # clocks that are nearer to each other agree
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one job stands, or the schedule as a whole."""

    job: str  # "": whether anybody ticks
    code: str  # of CODES
    facts: Mapping[str, Fact] = field(default_factory=dict)
    since: datetime | None = None  # when it became so, where the ledger tells
    last_good_at: datetime | None = None  # when a run last ended well; of the beat: the beat
    valid_until: datetime | None = None  # with the same ledger it stays so long; None: until the ledger changes

    @property
    def state(self) -> State:
        """How bad that is."""
        return CODES[self.code]


def judge_schedule(policy: SchedulePolicy, facts: TickFacts, now: datetime) -> tuple[Standing, ...]:
    """Whether anybody ticks, and every job of the schedule, by name."""
    if not policy.jobs:
        return (Standing(job="", code="schedule.no-jobs"),)
    jobs = (_judge_job(policy, facts, name, now) for name in sorted(policy.jobs))
    return (judge_beat(policy, facts.beat, now), *jobs)


def judge_beat(policy: SchedulePolicy, beat: Beat | None, now: datetime) -> Standing:
    """Whether anybody ticks; all that a check of the heartbeat needs to know."""
    if beat is None:
        return Standing(job="", code="schedule.beat-missing")
    facts: dict[str, Fact] = {
        "beat_at": beat.at.isoformat(),
        "host": beat.host,
        "limit_minutes": policy.beat_within // _MINUTE,
    }
    stops_at = beat.at + policy.beat_within
    if beat.at - now > _CLOCK_STEP:
        until = beat.at - _CLOCK_STEP
        return Standing(job="", code="schedule.beat-ahead", facts=facts, last_good_at=beat.at, valid_until=until)
    if now < stops_at:
        return Standing(job="", code="schedule.beating", facts=facts, last_good_at=beat.at, valid_until=stops_at)
    facts["age_minutes"] = (now - beat.at) // _MINUTE
    return Standing(job="", code="schedule.beat-old", facts=facts, since=stops_at, last_good_at=beat.at)


def _unseen(policy: SchedulePolicy, facts: TickFacts, name: str, now: datetime) -> Standing:
    """A job that was written down just now is news to nobody: whoever ticks has a moment to look."""
    until = None if facts.settings_at is None else facts.settings_at + policy.beat_within
    if until is None or not until - policy.beat_within <= now < until:
        return Standing(job=name, code="schedule.unseen", facts={"job": name})
    due_at = next_due(policy.jobs[name].at, facts.zone, facts.calendar, now)
    data = {"job": name, "due_at": due_at.isoformat()}
    return Standing(job=name, code="schedule.not-yet-due", facts=data, valid_until=until)


def _judge_job(policy: SchedulePolicy, facts: TickFacts, name: str, now: datetime) -> Standing:
    memory = facts.memory.get(name)
    if memory is None:
        return _unseen(policy, facts, name, now)
    judge = _Judge(policy=policy, facts=facts, name=name, job=policy.jobs[name], memory=memory, now=now)
    found = judge.overrunning() or judge.late() or judge.went_wrong() or judge.missed() or judge.fine()
    code, data, since = found
    return Standing(
        job=name,
        code=code,
        facts={"job": name, **data},
        since=since,
        last_good_at=memory.good.ended_at if memory.good else None,
        valid_until=min((moment for moment in judge.boundaries() if moment > now), default=None),
    )


_Found = tuple[str, dict[str, Fact], datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """One job. Each judgement is a code, its facts and since when it is so; or None, and the next one has its say."""

    policy: SchedulePolicy
    facts: TickFacts
    name: str
    job: JobPolicy
    memory: JobMemory
    now: datetime

    def overrunning(self) -> _Found | None:
        """A run beyond its limit, by as much as a beat may be late: whoever should have stopped it has not."""
        for run, limit_at in self._limits():
            if self.now >= limit_at:
                return "schedule.overrunning", {"started_at": _iso(run.started_at), **self._limit()}, limit_at
        return None

    def late(self) -> _Found | None:
        """What was due first after the last run that began has not begun in time."""
        due_at, late_at = self._awaited()
        if self.now < late_at:
            return None
        data: dict[str, Fact] = {"due_at": due_at.isoformat(), "late_at": late_at.isoformat()}
        waiting = min((run.due_at for run in self._open() if run.state is RunState.WAITING), default=due_at)
        needed = unmet_need(self.policy, self.facts, self.name, waiting)
        if needed is not None:
            return "schedule.needs", {**data, "needed": needed}, late_at
        return ("schedule.late" if self.memory.begun else "schedule.never-ran"), data, late_at

    def went_wrong(self) -> _Found | None:
        """How the last run ended, or its last try; a run that was begun anew and is not over does not make it good."""
        for run in self._open():
            if run.attempt > 1:
                data: dict[str, Fact] = {"attempt": run.attempt, "attempts": self.job.retries + 1}
                return "schedule.retrying", {**data, "due_at": run.due_at.isoformat()}, None
        last = self.memory.over
        if last is None or last.state is RunState.OK:
            return None
        return f"schedule.{last.state}", {**_told(last), **self._limit()}, last.ended_at

    def missed(self) -> _Found | None:
        """What was due last passed without a run, as `catch_up: none` wants it."""
        last = self.memory.newest
        codes = {part.partition(" ")[0] for part in last.note.split(", ")}
        if last.state is not RunState.SKIPPED or not codes & {MISSED, TOO_LATE}:
            return None
        return "schedule.missed", {"due_at": last.due_at.isoformat()}, last.due_at

    def fine(self) -> _Found:
        """Nothing is wrong."""
        if self.memory.over is not None:
            return "schedule.well", _told(self.memory.over), self.memory.over.ended_at
        if self.memory.begun is not None:
            started_at = self.memory.begun.started_at
            return "schedule.running", {"started_at": _iso(started_at)}, started_at
        due_at, _ = self._awaited()
        code = "schedule.not-yet-due" if self.now < due_at else "schedule.waiting"
        return code, {"due_at": due_at.isoformat()}, None

    def boundaries(self) -> tuple[datetime, ...]:
        """When the judgement may become another though nothing happens."""
        due_at, late_at = self._awaited()
        return (due_at, late_at, *(limit_at for _, limit_at in self._limits()))

    def _awaited(self) -> tuple[datetime, datetime]:
        """The first due time after the last run that began, and the moment at which it is late."""
        last = self.memory.begun or self.memory.first
        due_at = next_due(self.job.at, self.facts.zone, self.facts.calendar, last.due_at)
        return due_at, ready_at(self.facts, self.name, self.job, due_at) + self.job.max_delay

    def _limits(self) -> list[tuple[Run, datetime]]:
        """Runs under way, and when somebody must have stopped them."""
        limit = self.job.timeout + self.policy.beat_within
        return [
            (run, run.started_at + limit)
            for run in self._open()
            if run.state is RunState.RUNNING and run.started_at is not None
        ]

    def _limit(self) -> dict[str, Fact]:
        return {"limit_minutes": self.job.timeout // _MINUTE}

    def _open(self) -> list[Run]:
        return [run for run in self.facts.open if run.job == self.name]


def _told(run: Run) -> dict[str, Fact]:
    """What the words of a run that is over may say."""
    return {
        "due_at": run.due_at.isoformat(),
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "attempt": run.attempt,
        "exit_code": run.exit_code,
        "coalesced": coalesced(run),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
