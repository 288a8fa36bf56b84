"""The daemon: ticks every `policy.tick` until it is asked to end.

The package `schedule` is its ticker and nothing more: what is due, what was missed and what runs is in the ledger.

What passes (a store that is locked, a disk that is full, a mistake in itops.yaml) is told in the log, and the next tick
tries again; meanwhile the watchdog is not fed. Whatever else goes wrong is a mistake of ours: it ends the process, and
whoever looks after services starts it anew.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import schedule

from itops.errors import ItopsError
from itops.schedule.records import RunState
from itops.sd_notify import Notifier
from itops.tasks.schedule import telling
from itops.tasks.schedule.asked import Wait
from itops.tasks.schedule.locks import RunLocks, turn
from itops.tasks.schedule.ticking import Ticker
from itops.tasks.schedule.underway import Scheduled, Ticked

_TURN_WAIT_SECONDS = 3.0  # a single tick of cron has its turn for less


class Pulse:
    """Does something every so often. `schedule` counts by the wall clock, so that one which is set back a day would
    stop it for a day: a second look, at the clock that nobody sets, starts it again.
    """

    def __init__(self, act: Callable[[], None], interval: timedelta, monotonic: Callable[[], float] = time.monotonic):
        self._act, self._monotonic = act, monotonic
        self._interval = timedelta()
        self._acted_at = monotonic()
        self._scheduler = schedule.Scheduler()
        self.change(interval)

    def change(self, interval: timedelta) -> None:
        """From now on so often."""
        if interval != self._interval:
            self._interval = interval
            self._scheduler.clear()
            seconds = cast("int", interval.total_seconds())  # of fractions it makes a timedelta as well
            self._scheduler.every(seconds).seconds.do(self._do)

    def beat(self, *, at_once: bool = False) -> timedelta:
        """Do it if it is time; how long to wait until the next."""
        if at_once or self._monotonic() - self._acted_at > 2 * self._interval.total_seconds():
            self._scheduler.run_all()
        else:
            self._scheduler.run_pending()
        left = timedelta(seconds=self._scheduler.idle_seconds or 0)
        return min(max(left, timedelta()), self._interval)

    def _do(self) -> None:
        self._acted_at = self._monotonic()
        self._act()


@dataclass(kw_only=True)
class Daemon:
    """`load` reads itops.yaml and may raise ConfigInvalid; `clock` is the wall clock."""

    ticker: Ticker
    load: Callable[[], Scheduled]
    clock: Callable[[], datetime]
    notifier: Notifier = field(default_factory=lambda: Notifier(None))
    _is_ready: bool = field(default=False, init=False)
    _problem: str = field(default="", init=False)
    _refusal: str = field(default="", init=False)
    _fingerprint: bytes = field(default=b"", init=False)

    def run(self, wait: Wait) -> None:
        """Until `wait` says so. Raises AlreadyTicking where another itops looks after this state folder."""
        folder = self.ticker.scheduled.location.folder
        with turn(folder, _TURN_WAIT_SECONDS):
            RunLocks(folder).sweep()
            self._fingerprint = self.ticker.scheduled.fingerprint()
            pulse = Pulse(self._tick, self.ticker.scheduled.policy.tick)
            self._tell(f"itops looks after the schedule of {folder}")
            left = pulse.beat(at_once=True)
            while not wait(left):
                self._reload()
                pulse.change(self.ticker.scheduled.policy.tick)
                # What has ended is written down at once, and what waited for it begins.
                left = pulse.beat(at_once=self.ticker.has_ended)
            self._end()

    def _tick(self) -> None:
        try:
            ticked = self.ticker.tick(self.clock())
        except (ItopsError, OSError) as failure:
            self._tell_problem(telling.problem("no tick", failure))
            return
        if self._problem:
            self._tell("ticking again")
            self._problem = ""
        if not self._is_ready:
            self.notifier.tell(READY=1)
            self._is_ready = True
        self.notifier.tell(WATCHDOG=1, STATUS=self._status(ticked))

    def _reload(self) -> None:
        """Take a changed itops.yaml. One with mistakes, or that is gone, is told once, and the old one goes on; it is
        read again until it is taken, as what is wrong may be a file that it names.
        """
        seen = self.ticker.scheduled.fingerprint()
        if seen != self._fingerprint:
            self._refusal = ""
        elif not self._refusal:
            return
        self._fingerprint = seen
        try:
            new = self.load()
        except (ItopsError, OSError) as failure:
            told = telling.problem("the configuration changed and is not taken", failure)
            if told != self._refusal:
                self._tell(told)
            self._refusal = told
            return
        self._refusal = ""
        old = self.ticker.scheduled.location
        if (new.location.folder, new.location.url) != (old.folder, old.url):
            self._tell("the configuration changed and is not taken: another state folder or store needs a restart")
            return
        self.ticker.scheduled = new
        self._tell("the configuration changed and is taken")

    def _status(self, ticked: Ticked) -> str:
        retried = sum(run.state is RunState.WAITING for run in ticked.ended)
        following = f", next {ticked.next_at:%Y-%m-%d %H:%M} UTC" if ticked.next_at else ""
        refused = "; itops.yaml has changed and is not taken: see the log" if self._refusal else ""
        return f"{self.ticker.busy} running, {len(ticked.held) + retried} waiting{following}{refused}"

    def _end(self) -> None:
        self.notifier.tell(STOPPING=1, STATUS="ending")
        self._tell("asked to end")
        self.ticker.interrupt(self.clock())
        self._tell("ended")

    def _tell_problem(self, text: str) -> None:
        """Once, and not at every tick."""
        if text != self._problem:
            self._tell(text)
        self._problem = text

    def _tell(self, text: str) -> None:
        self.ticker.log(telling.line(self.clock(), text))
