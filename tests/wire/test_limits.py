"""Time limits that another thread enforces."""

import threading

import pytest

from itops.errors import SourceUnavailable
from itops.wire.limits import seconds_for, within


def broken(hung_up: threading.Event) -> None:
    """What whoever waits on a line sees once it is hung up on."""
    with within(0.01, "there", hung_up.set):
        assert hung_up.wait(20)
        raise SourceUnavailable("the connection broke", remedy="none")


def test_who_takes_too_long_is_hung_up_on_and_told_why() -> None:
    with pytest.raises(SourceUnavailable, match="took longer than"):
        broken(threading.Event())


def test_a_line_that_broke_by_itself_is_not_called_slow() -> None:
    with pytest.raises(SourceUnavailable, match="the connection broke"), within(600, "there", lambda: None):
        raise SourceUnavailable("the connection broke", remedy="none")


def test_nobody_is_hung_up_on_afterwards() -> None:
    hung_up = threading.Event()
    with within(600, "there", hung_up.set):
        timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for timer in timers:
        timer.join(20)
    assert timers
    assert not any(timer.is_alive() for timer in timers)
    assert not hung_up.is_set()


def test_a_line_that_was_broken_already_is_no_error_of_the_timer() -> None:
    failing = threading.Event()

    def hang_up() -> None:
        failing.set()
        raise OSError("not connected")

    with within(0.01, "there", hang_up):
        assert failing.wait(20)


def test_more_bytes_may_take_longer() -> None:
    assert seconds_for(0) < seconds_for(1_000_000) < seconds_for(50_000_000)
