"""Every way of writing a moment that is read, and those that are refused rather than guessed."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.repositories.vm_stamps.moments import Ambiguous, Moment, Order, Unreadable, parse_leading, parse_moment

TEHRAN = ZoneInfo("Asia/Tehran")
EVENING = datetime(2026, 11, 21, 20, 0, 5, tzinfo=UTC)  # 23:30:05 in Tehran
MINUTE = EVENING.replace(second=0)
DAY = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # the day begins in Tehran


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-21T20:00:05Z", EVENING),
        ("2026-11-21 20:00:05 UTC", EVENING),
        ("2026-11-21T23:30:05+03:30", EVENING),
        ("2026-11-21 23:30:05.123 +0330", EVENING),
        ("2026-11-21 23:30:05", EVENING),
        ("2026/11/21 23:30", MINUTE),
        ("2026.11.21 23:30", MINUTE),
        ("20261121T200005Z", EVENING),
        ("20261121233005", EVENING),
        ("11/21/2026 11:30:05 PM", EVENING),
        ("11/21/2026 11:30:05\u202fPM", EVENING),
        ("11/21/2026 11:30 p.m.", MINUTE),
        ("21/11/2026 23:30:05", EVENING),
        ("21.11.2026 23:30", MINUTE),
        ("21.11.2026, 23:30:05", EVENING),
        ("21-11-2026 23:30", MINUTE),
        ("21 Nov 2026 23:30:05", EVENING),
        ("21-Nov-2026 11:30:05 PM", EVENING),
        ("Saturday, 21 November 2026 23:30", MINUTE),
        ("Nov 21, 2026 11:30:05 PM", EVENING),
        ("Sat Nov 21 23:30:05 2026", EVENING),
        ("Sat Nov 21 20:00:05 UTC 2026", EVENING),
        ("1405/08/30 23:30:05", EVENING),
        ("۱۴۰۵/۰۸/۳۰ ۲۳:۳۰:۰۵", EVENING),
        ("۱۴۰۵/۰۸/۳۰ ۱۱:۳۰:۰۵ ب.ظ", EVENING),
        ("1795291205", EVENING),
        ("1795291205000", EVENING),
        ("11/11/2026 12:00 AM", datetime(2026, 11, 10, 20, 30, tzinfo=UTC)),
        ("11/11/2026 12:00 PM", datetime(2026, 11, 11, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_any_usual_writing(text: str, at: datetime) -> None:
    assert parse_moment(text, TEHRAN) == Moment(at)


@pytest.mark.parametrize("text", ["2026-11-21", "20261121", "21.11.2026", "11/21/2026", "Nov 21, 2026", "1405-08-30"])
def test_a_day_without_a_time_is_its_beginning_and_says_so(text: str) -> None:
    assert parse_moment(text, TEHRAN) == Moment(DAY, is_day_only=True)


@pytest.mark.parametrize(
    ("order", "day"), [("mdy", datetime(2026, 11, 12)), ("dmy", datetime(2026, 12, 11)), (None, None)]
)
def test_a_date_that_is_two_days_is_read_as_the_office_says_or_not_at_all(order: Order, day: datetime | None) -> None:
    if day is None:
        with pytest.raises(Ambiguous):
            parse_moment("11/12/2026 10:00", TEHRAN, order)
    else:
        assert parse_moment("11/12/2026 10:00", UTC, order).at == day.replace(hour=10, tzinfo=UTC)


@pytest.mark.parametrize(("text", "order"), [("11/21/2026 10:00", "dmy"), ("21/11/2026 10:00", "mdy")])
def test_a_date_against_the_order_is_not_turned_round(text: str, order: Order) -> None:
    with pytest.raises(Unreadable):
        parse_moment(text, TEHRAN, order)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Success", "2026-13-01", "2026-02-30 10:00", "11/21/2026 25:00", "11/21/2026 13:00 PM", "31.11.2026"),
        *("2026-11-21 10:00 IRST", "99999999999", "1405/12/31", "0000-00-00", "21/11/26", "10:00", "2026-11-21 9"),
        *("Sat Nov 21 23:30:05", "2026-11-21 10:00 +99:99", "x" * 500),
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_moment(text, TEHRAN)


def test_a_format_of_ones_own_is_obeyed() -> None:
    assert parse_moment("21_11_26 23h30", TEHRAN, form="%d_%m_%y %Hh%M") == Moment(MINUTE)
    assert parse_moment("21_11_26", TEHRAN, form="%d_%m_%y") == Moment(DAY, is_day_only=True)
    with pytest.raises(Unreadable):
        parse_moment("2026-11-21", TEHRAN, form="%d_%m_%y")


@pytest.mark.parametrize(
    "text",
    [
        "Sat Nov 21 23:30:05 2026,nbmaster01,VMware-daily",
        "Nov 21, 2026 11:30:05 PM; job Daily",
        "2026-11-21 23:30:05 | Success",
        "21.11.2026, 23:30:05, full",
    ],
)
def test_what_stands_after_the_moment_does_not_matter(text: str) -> None:
    assert parse_leading(text, TEHRAN) == Moment(EVENING)


def test_an_ambiguous_moment_stays_so_whatever_follows() -> None:
    with pytest.raises(Ambiguous):
        parse_leading("11/12/2026 10:00, Success", TEHRAN)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%a %b %d %H:%M:%S %Y", "%b %d, %Y %I:%M:%S %p"]),
)
def test_writing_and_reading_gives_the_moment_back(moment: datetime, form: str) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_moment(moment.strftime(form), UTC).at == moment.replace(tzinfo=UTC)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["mdy", "dmy"]))
def test_the_order_decides_and_without_it_nothing_is_ever_guessed(moment: datetime, order: Order) -> None:
    moment = moment.replace(second=0, microsecond=0)
    text = moment.strftime("%m/%d/%Y %H:%M" if order == "mdy" else "%d/%m/%Y %H:%M")
    assert parse_moment(text, UTC, order).at == moment.replace(tzinfo=UTC)
    try:
        assert parse_moment(text, UTC).at == moment.replace(tzinfo=UTC)
    except Ambiguous:
        assert moment.day <= 12
        assert moment.day != moment.month


@given(st.text(max_size=120))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    with suppress(Unreadable):
        assert parse_leading(text, TEHRAN).at.tzinfo is UTC


@given(st.from_regex(r"\A\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}[ T]?\d{0,2}:?\d{0,2} ?([AaPp][Mm])?Z?\Z"))
def test_anything_like_a_date_is_a_moment_or_refused(text: str) -> None:
    with suppress(Unreadable):
        assert parse_leading(text, timezone(timedelta(hours=14))).at.tzinfo is UTC
