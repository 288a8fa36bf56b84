"""What one tick does, as a plan: pure, so it can be printed, and applied in part, because whoever applies it may be
killed after any step.

What the plan rests on:

* The ledger's newest row of a job that is due no later than now tells how far somebody has looked. What was due after
  it and until now is new; nothing else is. Rows of the future (of a clock that was set back) hold nothing back.
* A job without such a row is seen for the first time. It gets a row at once, SKIPPED and `first-sight`, for the newest
  time it would have been due before: nothing from before is made up, and from then on nothing is lost, whoever is
  killed or switched off. `ended_at` of that row is when the job was first seen (`JobMemory.known_since`). So the newest
  row of a job must outlive all pruning.
* A tick claims before it starts, and the due times of a job oldest first.

How a due time that passed is made up for (`catch_up`):

* `all`: each has its own row, oldest first, one run after the other; none is ever dropped. No more than 100 rows wait
  at a time: what else was due follows when they have run.
* `latest`: the newest alone has a row, `coalesced N` of N due times before it. A run that waits when a newer one may
  start is SKIPPED, `superseded`.
* `none`: the newest alone, and only if this tick comes within `tick` of it, or if the tick before came before it was
  due and no longer than `beat_within` ago (ticks of cron are a minute apart). Otherwise it is SKIPPED, `missed N`. One
  that could not start within `max_delay` is SKIPPED, too.

A run that went wrong becomes WAITING again in the same write that records it (`runs.ended`): no kill can lose a retry.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from itops.schedule.due import (
    INSTANT,
    OfficeCalendar,
    closes_at,
    count_due,
    due_times,
    is_open,
    jitter_of,
    newest_due,
    next_due,
    opens_at,
)
from itops.schedule.policy import WATCH, JobPolicy, SchedulePolicy
from itops.schedule.records import Beat, Run, RunState
from itops.schedule.runs import (
    COALESCED,
    FIRST_SIGHT,
    LONGEST_RETRY,
    MISSED,
    NEEDS,
    NO_SUCH_JOB,
    SUPERSEDED,
    TOO_LATE,
    WINDOW,
    coalesced,
    ended,
    given_up,
    noting,
    without,
)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_CLOCK_STEP = timedelta(minutes=2)  # a clock that went back by less was corrected, not set
_MOST_WAITING = 100  # rows of one job: what is more is claimed when these have run, so that ticks stay short


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMemory:
    """What the ledger knows of one job; of rows due no later than now."""

    newest: Run  # by due time, like all of these
    first: Run  # the oldest that is kept
    begun: Run | None = None  # its command was started, however it ended
    over: Run | None = None  # begun and over
    good: Run | None = None  # begun and ended well

    @classmethod
    def of(cls, rows: Iterable[Run]) -> "JobMemory":
        """From at least one row, in any order."""
        ordered = sorted(rows, key=lambda run: run.due_at, reverse=True)
        begun = [run for run in ordered if run.started_at is not None]
        return cls(
            newest=ordered[0],
            first=ordered[-1],
            begun=next(iter(begun), None),
            over=next((run for run in begun if run.state.is_over), None),
            good=next((run for run in begun if run.state is RunState.OK), None),
        )

    @property
    def known_since(self) -> datetime | None:
        """When the job was first seen; None: the row that told is no longer kept."""
        return self.first.ended_at if self.first.note == FIRST_SIGHT else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickFacts:
    """Everything a tick, or whoever judges the schedule, has to know."""

    office: str  # its id: it spreads the jitter
    zone: ZoneInfo
    calendar: OfficeCalendar
    memory: Mapping[str, JobMemory] = field(default_factory=dict)  # of each job that has a row due no later than now
    open: tuple[Run, ...] = ()  # every row that waits or runs, of all jobs, whenever it is due
    beat: Beat | None = None  # the last before this tick's own
    settings_at: datetime | None = None  # when itops.yaml was last changed
    host: str = ""
    children: Mapping[int, timedelta] = field(default_factory=dict)  # pid -> how long, by a clock that nobody sets
    limits: Mapping[str, timedelta] = field(default_factory=dict)  # of children's jobs that left the schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A run that waits, and for what: `not-before`, `behind` (an older run of the job waits), `running` (one runs),
    `window`, `needs JOB`, `busy` (as many run as may)."""

    run: Run
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TickPlan:
    """What one tick does; applied in the order of the fields, each step on its own."""

    claim: tuple[Run, ...] = ()  # new rows: WAITING or SKIPPED. One that is refused is not started
    change: tuple[Run, ...] = ()  # rows that become this
    stop: tuple[Run, ...] = ()  # beyond their limit: end the process group, then record `ended(.., TIMEOUT, ..)`
    start: tuple[Run, ...] = ()  # in this order; record `runs.begun` before the process is there, with its pid after
    held: tuple[Held, ...] = ()
    next_at: datetime | None = None  # before it nothing is to do unless a child ends; None: no job
    clock_back: timedelta | None = None  # how far the clock was set back since the last beat


def plan_tick(policy: SchedulePolicy, facts: TickFacts, now: datetime) -> TickPlan:
    """What is to be claimed, given up, stopped and started now, and what waits for what."""
    tick = _Tick(policy=policy, facts=facts, now=now)
    claims = tuple(run for name, job in policy.jobs.items() for run in tick.claims(name, job))
    known = frozenset((*facts.open, *claims))
    over, queue = tick.sifted(run for run in known if run.state is RunState.WAITING)
    start, held = tick.sorted_out(queue)
    noted = [run for run in (*start, *(one.run for one in held)) if run not in known]
    return TickPlan(
        claim=claims,
        change=(*over, *noted),
        stop=tick.beyond_their_limit(),
        start=start,
        held=held,
        next_at=min(tick.moments(claims, queue, start), default=None),
        clock_back=_step_back(facts.beat, now),
    )


def abandoned(policy: SchedulePolicy, facts: TickFacts, now: datetime) -> tuple[Run, ...]:
    """For the start of whoever ticks: every row that runs and is no child of ours, as it is to be recorded.

    `ended_at` is when that was found out. Rows keep host and pid to look for: what they started may live on.
    """
    return tuple(
        ended(policy.jobs.get(run.job), run, RunState.ABANDONED, now)
        for run in facts.open
        if run.state is RunState.RUNNING and not _is_ours(run, facts)
    )


def ready_at(facts: TickFacts, job: str, policy: JobPolicy, due_at: datetime) -> datetime:
    """When the run of a due time may start: its jitter later."""
    return due_at + jitter_of(facts.office, job, policy.jitter)


def unmet_need(policy: SchedulePolicy, facts: TickFacts, job: str, due_at: datetime) -> str | None:
    """The first job that this one waits for; None: nothing is in its way.

    What it needs must have ended well for its newest due time until then, or for a later one, which makes up for it.
    """
    for needed in policy.jobs[job].needs:
        due = newest_due(policy.jobs[needed].at, facts.zone, facts.calendar, due_at)
        memory = facts.memory.get(needed)
        if memory is None:
            return needed
        was_unknown = memory.first.note == FIRST_SIGHT and memory.first.due_at >= due  # then there was nothing to do
        if not was_unknown and (memory.good is None or memory.good.due_at < due):
            return needed
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tick:
    """The parts of one plan."""

    policy: SchedulePolicy
    facts: TickFacts
    now: datetime

    def claims(self, name: str, job: JobPolicy) -> Iterator[Run]:
        """New rows of one job, oldest first."""
        zone, calendar, memory = self.facts.zone, self.facts.calendar, self.facts.memory.get(name)
        if memory is None:
            before = newest_due(job.at, zone, calendar, self.now - INSTANT)
            yield Run(job=name, due_at=before, state=RunState.SKIPPED, ended_at=self.now, note=FIRST_SIGHT)
            return
        seen = memory.newest.due_at
        if job.catch_up == "all":
            times = due_times(job.at, zone, calendar, seen + INSTANT, self.now + INSTANT)
            waiting = sum(run.job == name and run.state is RunState.WAITING for run in self.facts.open)
            yield from (self._waiting(name, job, due_at) for due_at in islice(times, max(0, _MOST_WAITING - waiting)))
        elif count := count_due(job.at, zone, calendar, seen, self.now):
            yield self._newest(name, job, newest_due(job.at, zone, calendar, self.now), count)

    def _newest(self, name: str, job: JobPolicy, due_at: datetime, count: int) -> Run:
        """The one row for the newest of several due times."""
        if job.catch_up == "none" and not self._is_in_time(due_at):
            note = f"{MISSED} {count}"
            return Run(job=name, due_at=due_at, state=RunState.SKIPPED, ended_at=self.now, note=note)
        kind = COALESCED if job.catch_up == "latest" else MISSED
        return self._waiting(name, job, due_at, f"{kind} {count - 1}" if count > 1 else "")

    def _waiting(self, name: str, job: JobPolicy, due_at: datetime, note: str = "") -> Run:
        ready = ready_at(self.facts, name, job, due_at)
        not_before = ready if ready > due_at else None
        return Run(job=name, due_at=due_at, state=RunState.WAITING, not_before=not_before, note=note)

    def _is_in_time(self, due_at: datetime) -> bool:
        """Whether somebody ticked when it was due."""
        if self.now - due_at <= self.policy.tick:
            return True
        beat = self.facts.beat
        return beat is not None and beat.at <= due_at and self.now - beat.at <= self.policy.beat_within

    def sifted(self, waiting: Iterable[Run]) -> tuple[list[Run], list[Run]]:
        """Rows that wait no longer, as they become; and those that do."""
        over: list[Run] = []
        left: list[Run] = []
        by_job: dict[str, list[Run]] = defaultdict(list)
        for run in sorted(waiting, key=_order):
            by_job[run.job].append(run)
        for name, runs in by_job.items():
            job = self.policy.jobs.get(name)
            if job is None:
                over += [given_up(run, NO_SUCH_JOB, self.now) for run in runs]
            elif job.catch_up == "all":
                left += runs
            else:
                late = [run for run in runs if job.catch_up == "none" and self.now >= self._too_late_at(run, job)]
                over += [given_up(run, TOO_LATE, self.now) for run in late]
                self._supersede([run for run in runs if run not in late], job, over, left)
        return over, left

    def _supersede(self, runs: list[Run], job: JobPolicy, over: list[Run], left: list[Run]) -> None:
        """The newest run that may start makes up for all before it."""
        newest = max((place for place, run in enumerate(runs) if self._is_ready(run, job)), default=0)
        older, rest = runs[:newest], runs[newest:]
        # What they made up for the newest does: it does not stay noted beside them.
        over += [given_up(replace(run, note=without(run.note, COALESCED)), SUPERSEDED, self.now) for run in older]
        if made_up := sum(1 + coalesced(run) for run in older if run.started_at is None):
            rest[0] = replace(rest[0], note=noting(rest[0].note, f"{COALESCED} {made_up + coalesced(rest[0])}"))
        left += rest

    def _is_ready(self, run: Run, job: JobPolicy) -> bool:
        """Whether jitter and retry let it start. None waits longer than it ever had to: the clock was set back. One
        that a clock which was ahead had claimed waits for its time.
        """
        if run.started_at is None and run.due_at > self.now:
            return False
        wait = run.not_before - self.now if run.not_before else timedelta()
        return not timedelta() < wait <= max(job.jitter, job.retry_after, LONGEST_RETRY)

    def _too_late_at(self, run: Run, job: JobPolicy) -> datetime:
        return ready_at(self.facts, run.job, job, run.due_at) + job.max_delay

    def sorted_out(self, queue: Iterable[Run]) -> tuple[tuple[Run, ...], tuple[Held, ...]]:
        """What starts now, and what is held back, with the notes that say by what. Jobs take turns: first the one that
        began longest ago, so that one with years to make up for keeps nobody else waiting; of a job the oldest first.
        """
        running = [run.job for run in self.facts.open if run.state is RunState.RUNNING]
        taken = sum(job != WATCH for job in running)  # the watch waits for nobody: it must tell of those that hang
        start: list[Run] = []
        held: list[Held] = []
        seen: set[str] = set()
        for run in sorted(queue, key=lambda run: (self._began_at(run.job), *_order(run))):
            why = "behind" if run.job in seen else self._hindrance(run, running)
            seen.add(run.job)
            if not why and run.job != WATCH and taken >= self.policy.parallel:
                why = "busy"
            if not why:
                start.append(run)
                taken += run.job != WATCH
            elif why.startswith((WINDOW, NEEDS)):
                held.append(Held(run=replace(run, note=noting(run.note, why)), why=why))
            else:
                held.append(Held(run=run, why=why))
        return tuple(start), tuple(held)

    def _began_at(self, job: str) -> datetime:
        """When a run of it last began; long ago, where none ever did."""
        memory = self.facts.memory.get(job)
        last = memory.begun if memory is not None else None
        return last.started_at if last is not None and last.started_at is not None else _LONG_AGO

    def _hindrance(self, run: Run, running: Sequence[str]) -> str:
        job = self.policy.jobs[run.job]
        if not self._is_ready(run, job):
            return "not-before"
        if run.job in running:
            return "running"
        if job.window is not None and not is_open(job.window, self.facts.zone, self.now):
            return WINDOW
        unmet = unmet_need(self.policy, self.facts, run.job, run.due_at)
        return f"{NEEDS} {unmet}" if unmet else ""

    def beyond_their_limit(self) -> tuple[Run, ...]:
        """Our children that run for too long."""
        return tuple(run for run, left in self._limits() if left <= timedelta())

    def _limits(self) -> Iterator[tuple[Run, timedelta]]:
        for run in self.facts.open:
            job = self.policy.jobs.get(run.job)
            limit = self.facts.limits.get(run.job) if job is None else job.timeout
            is_ours = run.state is RunState.RUNNING and _is_ours(run, self.facts)
            if limit is not None and run.pid is not None and is_ours:
                yield run, limit - self.facts.children[run.pid]

    def moments(self, claims: Sequence[Run], queue: Iterable[Run], start: Iterable[Run]) -> Iterator[datetime]:
        """When something is to be done again."""
        for name, job in self.policy.jobs.items():
            new = [run for run in claims if run.job == name]
            is_unfinished = len(new) == _MOST_WAITING or any(run.note == FIRST_SIGHT for run in new)
            after = new[-1].due_at if is_unfinished else self.now
            yield max(next_due(job.at, self.facts.zone, self.facts.calendar, after), self.now)
        for run in queue:
            yield from (moment for moment in self._changes(run) if moment > self.now)
        yield from (self.now + self.policy.jobs[run.job].timeout for run in start)
        yield from (max(self.now + left, self.now) for _, left in self._limits())

    def _changes(self, run: Run) -> Iterator[datetime]:
        job = self.policy.jobs[run.job]
        yield run.due_at
        if run.not_before is not None:
            yield run.not_before
        if job.window is not None:
            turns = closes_at if is_open(job.window, self.facts.zone, self.now) else opens_at
            yield turns(job.window, self.facts.zone, self.now)
        if job.catch_up == "none":
            yield self._too_late_at(run, job)


def _order(run: Run) -> tuple[datetime, str]:
    return run.due_at, run.job


def _is_ours(run: Run, facts: TickFacts) -> bool:
    return run.host == facts.host and run.pid in facts.children


def _step_back(beat: Beat | None, now: datetime) -> timedelta | None:
    return beat.at - now if beat is not None and beat.at - now > _CLOCK_STEP else None
