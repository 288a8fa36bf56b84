"""One tick: say that somebody is there, record what ended, and do what the plan says. The daemon and `itops tick` in
cron do the same one, in turn (`locks.turn`).

Rows are written before and after each outside effect, so that a kill at any instant loses nothing and doubles nothing.
A store that cannot be written ends the tick with its error; what ended in the meantime is kept in mind and recorded by
the next one.
"""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from itops import __version__
from itops.schedule.due import command_of
from itops.schedule.planning import TickFacts, TickPlan, abandoned, plan_tick
from itops.schedule.records import Beat, Run, RunState
from itops.schedule.runs import begun, ended
from itops.store import open_reader, open_store
from itops.tasks.schedule import telling
from itops.tasks.schedule.children import GRACE_SECONDS, Launch, launcher, marker_of, stop
from itops.tasks.schedule.facts import facts_of
from itops.tasks.schedule.locks import AlreadyTicking, RunLocks, let_go
from itops.tasks.schedule.orphans import EndOrphans, end_orphans
from itops.tasks.schedule.telling import Log
from itops.tasks.schedule.underway import Key, Ours, Outcome, Scheduled, Ticked, key_of

if TYPE_CHECKING:
    from itops.store.reader import Reader
    from itops.store.writing import Store

_LOCK_WAIT_SECONDS = 4.0  # the next tick is near: a scan that commits is not worth waiting for
_LAST_LOCK_WAIT_SECONDS = 1.0
_LAST_GRACE_SECONDS = 2.5  # with the wait for the store, and for what left its group, it is below 5 s
_LAST_ORPHANS_SECONDS = 1.0
_LONGEST_LIMIT = timedelta(days=1)  # of a job that is no longer in the schedule, on another machine


@dataclass(kw_only=True)
class Ticker:
    """Ticks, and remembers its children in between. `scheduled` may be given anew between two ticks."""

    scheduled: Scheduled
    log: Log
    launch: Launch | None = None  # None: itops itself
    end_orphans: EndOrphans = end_orphans
    host: str = field(default_factory=platform.node)
    _ours: dict[Key, Ours] = field(default_factory=dict, init=False)

    @property
    def has_ended(self) -> bool:
        """Whether there is a run that is over and whose end is not recorded yet."""
        return any(one.child is None or one.child.exit_code() is not None for one in self._ours.values())

    @property
    def is_waiting(self) -> bool:
        """Whether any run goes on."""
        return any(one.child is not None and one.child.exit_code() is None for one in self._ours.values())

    @property
    def busy(self) -> int:
        """How many runs there are whose end is not recorded yet."""
        return len(self._ours)

    def tick(self, now: datetime) -> Ticked:
        """To be called by whoever has the turn. Raises StoreLocked and StoreUnavailable: then there is no beat; and
        AlreadyTicking where another machine ticks on the same database.
        """
        location = self.scheduled.location
        with open_store(location, now, lock_wait_seconds=_LOCK_WAIT_SECONDS) as store, open_reader(location) as reader:
            before = reader.watch.beat()
            self._stand_back(before, now)
            store.watch.write_beat(Beat(at=now, pid=os.getpid(), host=self.host, version=__version__))
            dead = self._abandon(store, reader, now)
            over = self._settle(store, now)
            facts = replace(self._facts(reader, now), beat=before)
            plan = plan_tick(self.scheduled.policy, facts, now)
            lost = self._record(store, plan, {key_of(run): run for run in (*facts.open, *plan.claim)}, now)
            over += self._stop(store, [self._ours[key_of(run)] for run in plan.stop], now)
            started = self._start_all(store, [run for run in plan.start if key_of(run) not in lost], now)
            over += self._settle(store, now)
        return Ticked(
            started=started,
            ended=over,
            abandoned=dead,
            held=plan.held,
            clock_back=plan.clock_back,
            next_at=plan.next_at,
        )

    def attend(self, now: datetime) -> tuple[Run, ...]:
        """Record what has ended, and stop what runs beyond its limit; needs no turn, plans and claims nothing."""
        late = [one for one in self._ours.values() if one.child and one.child.age >= self._limit(one)]
        for one in self._ours.values():
            one.look(now)
        if not late and all(one.outcome is None for one in self._ours.values()):
            return ()
        with open_store(self.scheduled.location, now, lock_wait_seconds=_LOCK_WAIT_SECONDS) as store:
            return self._settle(store, now) + self._stop(store, late, now)

    def interrupt(self, now: datetime) -> tuple[Run, ...]:
        """End all children, because we were asked to end; within 5 s. Raises StoreLocked and StoreUnavailable."""
        if not self._ours:
            return ()
        self._end(self._ours.values(), RunState.INTERRUPTED, now, _LAST_GRACE_SECONDS, _LAST_ORPHANS_SECONDS)
        with open_store(self.scheduled.location, now, lock_wait_seconds=_LAST_LOCK_WAIT_SECONDS) as store:
            return self._settle(store, now)

    def _limit(self, one: Ours) -> timedelta:
        """As itops.yaml has it now; as it had it when the run began, where the job is gone since then."""
        return self.scheduled.policy.jobs.get(one.run.job, one.job).timeout

    def _stand_back(self, before: Beat | None, now: datetime) -> None:
        """Of one database two machines may think it is theirs to tick; the locks of files are one machine's."""
        if before is None or not self._is_elsewhere(before.host):
            return
        if abs(now - before.at) < self.scheduled.policy.beat_within:
            raise AlreadyTicking(
                f"the machine {before.host} looks after this schedule: its beat is of {before.at.isoformat()}",
                remedy="stop it there first, or take `store` out of one of the two itops.yaml",
            )

    def _is_elsewhere(self, host: str) -> bool:
        return self.scheduled.location.url is not None and host != self.host

    def _abandon(self, store: "Store", reader: "Reader", now: datetime) -> tuple[Run, ...]:
        """Rows that run and whose ticker is dead; what they had started is ended first, as they may be tried again.

        Its ticker records how a run ended before it lets go of the lock: so rows are read again after asking.
        """
        suspects = [run for run in reader.watch.open_runs() if self._is_dead(run, now)]
        if not suspects:
            return ()
        dead = [run for run in reader.watch.open_runs() if run in suspects]
        self._end_left_behind([self._marker(run) for run in dead], GRACE_SECONDS, now)
        rows = abandoned(self.scheduled.policy, replace(self._facts(reader, now), open=tuple(dead)), now)
        # Of one that another machine has found dead as well it has said so already.
        told = tuple(row for run, row in zip(dead, rows, strict=True) if store.watch.exchange(run, row))
        for row in told:
            self._tell(now, telling.ended(row, RunState.ABANDONED))
        return told

    def _is_dead(self, run: Run, now: datetime) -> bool:
        if run.state is not RunState.RUNNING or key_of(run) in self._ours:
            return False
        if not self._is_elsewhere(run.host):
            return not self._locks.is_held(run)
        job = self.scheduled.policy.jobs.get(run.job)
        limit = (job.timeout if job else _LONGEST_LIMIT) + self.scheduled.policy.beat_within
        return run.started_at is None or now - run.started_at > limit

    def _facts(self, reader: "Reader", now: datetime) -> TickFacts:
        """The ledger's, and what we know of our own children."""
        known, scheduled = self._ours, self.scheduled
        facts = facts_of(scheduled.office, scheduled.zone, scheduled.calendar, reader.watch, now)
        children = (one.child for one in known.values())
        return replace(
            facts,
            open=tuple(known[key_of(run)].run if key_of(run) in known else run for run in facts.open),
            host=self.host,
            children={child.pid: child.age for child in children if child is not None},
            limits={one.run.job: one.job.timeout for one in known.values()},
        )

    def _record(self, store: "Store", plan: TickPlan, was: Mapping[Key, Run], now: datetime) -> frozenset[Key]:
        """Claim and change; the due times that somebody else has claimed, or changed since they were read."""
        if plan.clock_back is not None:
            self._tell(now, telling.clock_back(plan.clock_back))
        lost = {key_of(run) for run in plan.claim if not store.watch.claim(run)}
        changed = [run for run in plan.change if key_of(run) not in lost]
        lost |= {key_of(run) for run in changed if not store.watch.exchange(was[key_of(run)], run)}
        new = {key_of(run) for run in (*plan.claim, *changed)} - lost
        for run in (*plan.claim, *changed):
            if run.state.is_over and key_of(run) in new:
                self._tell(now, telling.given_up(run))
        for one in plan.held:
            if key_of(one.run) in new:
                self._tell(now, telling.held(one))
        return frozenset(lost)

    def _start_all(self, store: "Store", runs: Iterable[Run], now: datetime) -> tuple[Run, ...]:
        begun_runs = (self._start(store, run, now) for run in runs)
        return tuple(run for run in begun_runs if run is not None)

    def _start(self, store: "Store", run: Run, now: datetime) -> Run | None:
        """None: whoever had the run before has not let go of it yet, somebody else was faster, or the command cannot be
        started at all.
        """
        lock = self._locks.hold(run)
        if lock is None:
            return None
        row = begun(run, now, self.host)
        is_ours = False
        try:
            is_ours = store.watch.exchange(run, row)
        finally:
            if not is_ours:
                let_go(lock)
        if not is_ours:
            return None
        job = self.scheduled.policy.jobs[run.job]
        one = self._ours[key_of(run)] = Ours(run=row, job=job, marker=self._marker(run), lock=lock)
        words = command_of(job, run.due_at, self.scheduled.zone, self.scheduled.calendar)
        try:
            one.child = (self.launch or launcher(self.scheduled.config))(words, one.marker)
        except OSError as error:
            said = f"it could not be started: {error.strerror or error}"
            one.outcome = Outcome(state=RunState.FAILED, at=now, exit_code=None, output=said)
            return None
        one.run = begun(run, now, self.host, one.child.pid)
        self._tell(now, telling.started(one.run))
        store.watch.change(one.run)
        return one.run

    def _stop(self, store: "Store", late: Sequence[Ours], now: datetime) -> tuple[Run, ...]:
        if not late:
            return ()
        self._end(late, RunState.TIMEOUT, now, GRACE_SECONDS, GRACE_SECONDS)
        return self._settle(store, now)

    def _end(
        self, runs: Iterable[Ours], state: RunState, now: datetime, grace_seconds: float, orphans_seconds: float
    ) -> None:
        """End them with all that they started, whatever group that is in; one that ended by itself stays as it is."""
        for one in (ours := list(runs)):
            one.look(now)
        alive = [one for one in ours if one.outcome is None]
        stop([one.child for one in alive if one.child is not None], grace_seconds)
        self._end_left_behind([one.marker for one in alive], orphans_seconds, now)
        for one in alive:
            one.settle(state, now)

    def _end_left_behind(self, markers: list[str], grace_seconds: float, now: datetime) -> None:
        if found := self.end_orphans(markers, grace_seconds):
            self._tell(now, telling.orphans(len(found)))

    def _settle(self, store: "Store", now: datetime) -> tuple[Run, ...]:
        """Record what has ended; first the row, then the lock."""
        over: list[Run] = []
        for key, one in list(self._ours.items()):
            one.look(now)
            if (outcome := one.outcome) is None:
                continue
            row = ended(
                self.scheduled.policy.jobs.get(one.run.job),
                one.run,
                outcome.state,
                outcome.at,
                exit_code=outcome.exit_code,
                output=outcome.output,
            )
            store.watch.change(row)
            let_go(one.lock)
            del self._ours[key]
            over.append(row)
            self._tell(now, telling.ended(row, outcome.state))
        return tuple(over)

    @property
    def _locks(self) -> RunLocks:
        return RunLocks(self.scheduled.location.folder)

    def _marker(self, run: Run) -> str:
        return marker_of(self.scheduled.office, run.job, run.due_at, self.scheduled.config)

    def _tell(self, now: datetime, text: str) -> None:
        self.log(telling.line(now, text))
