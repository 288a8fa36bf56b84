"""Sleeping: what wakes, with real signals to this very process."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from threading import Timer

from itops.tasks.schedule.asked import Asked

LONG, SHORT = timedelta(seconds=60), timedelta(milliseconds=20)


def test_who_is_not_asked_sleeps_so_long() -> None:
    with Asked() as asked:
        began = time.monotonic()
        assert not asked.wait(SHORT)
        assert time.monotonic() - began >= SHORT.total_seconds()


def test_the_end_of_a_child_wakes_and_asks_for_nothing() -> None:
    with Asked() as asked:
        began = time.monotonic()
        child = subprocess.Popen([sys.executable, "-c", "pass"])
        assert not asked.wait(LONG)
        assert time.monotonic() - began < LONG.total_seconds()
        assert child.wait() == 0
        assert not asked.wait(SHORT)


def test_who_is_asked_to_end_wakes_at_once_and_stays_asked() -> None:
    with Asked() as asked:
        Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert asked.wait(LONG)
        assert asked.wait(LONG)


def test_afterwards_signals_are_what_they_were() -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
    before = [signal.getsignal(number) for number in numbers]
    with Asked():
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before
