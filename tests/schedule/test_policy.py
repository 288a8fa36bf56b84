"""The section `schedule`: times as people write them, and what is refused before anything runs."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.policy import WEEKDAYS, MonthDay
from itops.dates import Hours
from itops.schedule.policy import JobPolicy, SchedulePolicy, When

HERE = Path()
_MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
_EVERY = st.one_of(
    st.integers(1, 9999).map(lambda count: timedelta(minutes=count)),
    st.integers(1, 31 * 24).map(lambda count: timedelta(hours=count)),
)
WHENS = st.one_of(
    st.builds(When, every=_EVERY),
    st.builds(When, at=_MINUTES),
    st.builds(When, at=_MINUTES, weekday=st.sampled_from(WEEKDAYS)),
    st.builds(
        When,
        at=_MINUTES,
        day=st.builds(MonthDay, st.none() | st.integers(1, 31)),
        calendar=st.sampled_from(["office", "jalali", "gregorian"]),
    ),
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("daily 02:00", When(at=time(2))),
        ("Daily  2:05", When(at=time(2, 5))),
        ("daily ۰۲:۳۰", When(at=time(2, 30))),
        ("every 4h", When(every=timedelta(hours=4))),
        ("every 90 m", When(every=timedelta(minutes=90))),
        ("every 31d", When(every=timedelta(days=31))),
        ("weekly saturday 09:00", When(at=time(9), weekday="saturday")),
        ("monthly 1 08:00", When(at=time(8), day=MonthDay(1))),
        ("monthly last 23:59", When(at=time(23, 59), day=MonthDay(None))),
        ("jalali-monthly last 08:00", When(at=time(8), day=MonthDay(None), calendar="jalali")),
        ("gregorian-monthly 31 08:00", When(at=time(8), day=MonthDay(31), calendar="gregorian")),
    ],
)
def test_a_time_is_understood_as_people_write_it(written, meant):
    assert When.from_setting(written, HERE) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "daily",
        "daily 24:00",
        "daily 02:60",
        "daily saturday 02:00",
        "weekly 09:00",
        "weekly saturn 09:00",
        "monthly 08:00",
        "monthly 0 08:00",
        "monthly 32 08:00",
        "every 0m",
        "every 32d",
        "every 4 weeks",
        "every -4h",
        "fortnightly 1 08:00",
        None,
        ["daily 02:00", "daily 14:00"],
    ],
)
def test_what_is_no_time_is_refused(written):
    with pytest.raises(ValueError, match=r"is no|is not"):
        When.from_setting(written, HERE)


@given(st.text(max_size=40))
def test_no_text_does_worse_than_being_refused(text):
    for kind in (When, Hours):
        try:
            kind.from_setting(text, HERE)
        except ValueError as refusal:
            assert str(refusal)  # noqa: PT017  any text may be refused, and must be with words


@pytest.mark.parametrize(
    ("written", "begin", "until"),
    [("20:00-06:00", time(20), time(6)), ("۸:۰۰ - ۱۶:۳۰", time(8), time(16, 30))],
)
def test_a_window_is_two_hours_of_the_day(written, begin, until):
    assert Hours.from_setting(written, HERE) == Hours(begin=begin, until=until)


@pytest.mark.parametrize("written", ["20:00", "20:00-", "20:00-20:00", "20:00-25:00", "night", None])
def test_what_is_no_window_is_refused(written):
    with pytest.raises(ValueError, match="is no part of a day"):
        Hours.from_setting(written, HERE)


@pytest.mark.parametrize("name", ["max_delay", "timeout", "retry_after"])
def test_a_limit_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=name):
        JobPolicy(run="scan", at=When(at=time(2)), **{name: timedelta()})


def test_a_job_without_a_command_is_refused():
    with pytest.raises(ValueError, match="names no command"):
        JobPolicy(run="  ", at=When(at=time(2)))


def needing(*names):
    return JobPolicy(run="scan", at=When(at=time(2)), needs=names)


def test_a_job_that_needs_an_unknown_one_is_refused():
    with pytest.raises(ValueError, match=r"jobs\.report\.needs: there is no job verify"):
        SchedulePolicy(jobs={"report": needing("verify")})


@pytest.mark.parametrize(
    "jobs", [{"a": needing("a")}, {"a": needing("b"), "b": needing("c"), "c": needing("a")}], ids=["itself", "a ring"]
)
def test_jobs_that_wait_for_each_other_for_ever_are_refused(jobs):
    with pytest.raises(ValueError, match="it waits for itself"):
        SchedulePolicy(jobs=jobs)


def test_jobs_may_need_the_same_one():
    assert SchedulePolicy(jobs={"a": needing(), "b": needing("a"), "c": needing("a", "b")})


@given(WHENS)
def test_times_are_written_as_they_are_read(when):
    assert When.from_setting(when.text, HERE) == when


@pytest.mark.parametrize(
    "text",
    ["daily 02:00", "every 4h", "every 1d", "every 90m", "weekly saturday 09:00", "monthly 1 08:00",
     "jalali-monthly last 08:00", "gregorian-monthly 31 23:59"],
)  # fmt: skip
def test_times_are_shown_as_people_write_them(text):
    assert When.from_setting(text, HERE).text == text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"watch": timedelta(seconds=59)}, "watch: should be between 1m and 1h"),
        ({"tick": timedelta()}, "tick: should be between 1s and 5m"),
        ({"tick": timedelta(minutes=6)}, "tick: should be"),
        ({"beat_within": timedelta(seconds=30)}, "beat_within: should be between 1m and 1d"),
        ({"tick": timedelta(minutes=2)}, "at least three times as long as tick"),
        ({"keep": timedelta(days=1)}, "keep: should be between 30d"),
    ],
)
def test_what_would_make_the_watch_useless_is_refused(more, said):
    with pytest.raises(ValueError, match=said):
        SchedulePolicy(**more)


@pytest.mark.parametrize(
    ("more", "said"), [({"jitter": timedelta(days=2)}, "jitter"), ({"allows": (300,)}, "0 to 255")]
)
def test_a_job_has_bounds_too(more, said):
    with pytest.raises(ValueError, match=said):
        JobPolicy(run="backup verify", at=When(every=timedelta(hours=1)), **more)
