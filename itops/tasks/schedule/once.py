"""One tick, for cron, systemd timers and the Task Scheduler, which call for it every minute.

It has the turn while it evaluates, and lets go of it while it waits for what it started: the next tick finds those
runs alive (`locks.RunLocks`), leaves them alone and starts whatever else is due.

A systemd timer, and the Task Scheduler as it comes, start no second one while the first is there. So one that waits
ticks again every minute, or the schedule would stand still as long as its longest job; but not by an itops.yaml that
has changed: that one is left to those who have read it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from itops.errors import StoreLocked, StoreUnavailable
from itops.tasks.schedule import telling
from itops.tasks.schedule.asked import Wait
from itops.tasks.schedule.locks import AlreadyTicking, RunLocks, turn
from itops.tasks.schedule.ticking import Ticker

_TURN_WAIT_SECONDS = 2.0
_LOOK_EVERY = timedelta(milliseconds=200)
LOOKS_A_TICK = timedelta(minutes=1) // _LOOK_EVERY
"""How often it looks after its children until it ticks again."""
_AFTER_A_FAILURE = timedelta(seconds=5)
_MOST_FAILURES = 60  # to use the store, one after the other: with the wait for a lock, up to nine minutes


def tick_once(ticker: Ticker, clock: Callable[[], datetime], wait: Wait) -> None:
    """Evaluate, start, and stay until everything that was started has ended, at the latest at its limit.

    Raises AlreadyTicking where another itops has the turn: then nothing is to do; StoreLocked, StoreUnavailable.
    """
    folder = ticker.scheduled.location.folder
    read = ticker.scheduled.fingerprint()
    with turn(folder, _TURN_WAIT_SECONDS):
        RunLocks(folder).sweep()
        ticker.tick(clock())
    looks = failures = 0
    while ticker.busy:
        if wait(_AFTER_A_FAILURE if failures else _LOOK_EVERY):
            ticker.interrupt(clock())
            return
        looks += 1
        is_tick = looks % LOOKS_A_TICK == 0 and ticker.scheduled.fingerprint() == read
        try:
            _look(ticker, clock(), is_tick=is_tick)
            failures = 0
        except (StoreLocked, StoreUnavailable) as failure:
            failures += 1
            if failures == 1:
                ticker.log(telling.line(clock(), telling.problem("how a run ended is not written down yet", failure)))
            if failures >= _MOST_FAILURES and not ticker.is_waiting:  # what still runs would be ended with us
                raise


def _look(ticker: Ticker, now: datetime, *, is_tick: bool) -> None:
    """After our children; and after the whole schedule, if nobody else does just now."""
    if is_tick:
        try:
            with turn(ticker.scheduled.location.folder, 0):
                ticker.tick(now)
                return
        except AlreadyTicking:
            pass
    ticker.attend(now)
