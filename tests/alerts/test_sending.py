from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.channels import Message, MessageLine
from itops.alerts.records import EventKind, Key, Notification
from itops.alerts.sending import (
    GIVE_UP_AFTER,
    begun,
    delay,
    due,
    failed,
    given_up,
    inherited,
    is_lost,
    message_in,
    sent,
    taken_over,
)
from itops.documents import from_document, to_document
from itops.verdict import State

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LINE = MessageLine(state=State.CRITICAL, subject="backup: insurance-db", text="کهنه است", owner="R.", since=NOW)
MESSAGE = Message(
    id="a1", thread="t1", kind=EventKind.OPENED, state=State.CRITICAL, office="alborz", language="fa", title="عنوان",
    summary="خلاصه", lines=(LINE,), made_at=NOW, references=("a0",),
)  # fmt: skip


def row(number: int = 1, minutes: float = 0, **more: object) -> Notification:
    at = NOW + minutes * MINUTE
    made = Notification(
        number=number,
        channel="mail",
        kind=EventKind.OPENED,
        state=State.CRITICAL,
        keys=(Key("backup", "x"),),
        document=to_document(MESSAGE),
        made_at=at,
        not_before=at,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def tried(one: Notification, now: datetime = NOW, *, is_final: bool = False) -> Notification:
    return failed(begun(one), now, "no", is_final=is_final)


def numbers(rows: list[Notification], now: datetime) -> list[int]:
    return [one.number for one in due(rows, now)]


def test_a_channel_rests_twice_as_long_each_time_up_to_an_hour():
    assert [delay(tries) / MINUTE for tries in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert delay(10_000) == HOUR


def test_a_failure_moves_the_next_try_and_keeps_the_message():
    one = tried(row())
    assert (one.tries, one.not_before, one.error, one.given_up_at) == (1, NOW + MINUTE, "no", None)
    again = tried(one, NOW + 5 * MINUTE)
    assert (again.tries, again.not_before) == (2, NOW + 7 * MINUTE)
    assert message_in(again) == MESSAGE
    assert (again.failing_since_at, again.failed_at) == (NOW, NOW + 5 * MINUTE)


def test_what_is_refused_for_good_is_asked_once_an_hour():
    assert tried(row(), is_final=True).not_before == NOW + HOUR


def test_after_a_week_of_failing_it_is_given_up_and_counts_as_lost():
    one = tried(row())
    almost = tried(one, NOW + GIVE_UP_AFTER - MINUTE)
    assert almost.given_up_at is None
    over = tried(almost, NOW + GIVE_UP_AFTER)
    assert over.given_up_at == NOW + GIVE_UP_AFTER
    assert (is_lost(one), is_lost(almost), is_lost(over)) == (False, False, True)


def test_what_another_message_tells_and_what_lost_its_channel_is_not_lost():
    old = tried(row())
    assert not is_lost(taken_over(old, NOW + 2 * GIVE_UP_AFTER, 7))
    assert not is_lost(given_up(row(), NOW, "removed"))
    assert taken_over(old, NOW, 7).error == "told in message 7"


def test_a_success_closes_the_row_and_forgets_the_error():
    done = sent(begun(tried(row())), NOW + HOUR)
    assert (done.sent_at, done.error, done.tries) == (NOW + HOUR, "", 2)
    assert due([done], NOW + 2 * HOUR) == ()


def test_the_oldest_goes_first_and_what_waits_for_its_time_waits():
    rows = [row(3), row(1), row(2, not_before=NOW + MINUTE), row(4, sent_at=NOW), row(5, given_up_at=NOW)]
    assert numbers(rows, NOW) == [1, 3]
    assert numbers(rows, NOW + MINUTE) == [1, 2, 3]


def test_a_row_whose_sender_died_is_due_again_at_once():
    assert numbers([begun(row())], NOW) == [1]


def test_while_the_oldest_rests_the_others_wait_for_it():
    down = tried(row())
    rows = [down, row(2)]
    assert numbers(rows, NOW + MINUTE / 2) == []
    assert numbers(rows, NOW + MINUTE) == [1, 2]


def test_what_comes_up_while_a_channel_rests_gives_it_a_chance_by_its_oldest_row():
    down = row()
    for _ in range(9):
        down = tried(down)
    assert numbers([down, row(2)], NOW + 10 * MINUTE) == []
    assert numbers([down, row(2), row(3, minutes=10)], NOW + 10 * MINUTE) == [1, 2, 3]


def test_one_message_that_is_refused_for_good_keeps_no_others():
    poison = tried(row(), is_final=True)
    assert numbers([poison, row(2), row(3)], NOW + MINUTE) == [2, 3]
    assert numbers([poison, row(2), row(3)], NOW + HOUR) == [2, 3, 1]


def test_two_that_are_refused_for_good_let_the_channel_rest():
    refused = [tried(row(number), is_final=True) for number in (1, 2)]
    assert numbers([*refused, row(3)], NOW + MINUTE) == []
    assert numbers([*refused, row(3)], NOW + HOUR) == [3, 1, 2]
    assert numbers([*refused, row(3, minutes=5)], NOW + 5 * MINUTE) == []


@pytest.mark.parametrize("is_final", [True, False])
def test_a_clock_that_was_set_back_holds_nothing(is_final):
    year = timedelta(days=365)
    made_then = row(not_before=NOW + year + MINUTE, made_at=NOW + year)
    failed_then = tried(row(2), NOW + year, is_final=is_final)
    assert set(numbers([made_then, failed_then], NOW)) == {1, 2}


def test_a_message_that_takes_over_fails_on_as_long_as_those_before():
    first, second = tried(row()), tried(row(2), NOW + HOUR, is_final=True)
    taken = inherited(row(4), [first, second, row(3)])
    assert (taken.failing_since_at, taken.failed_at, taken.is_final) == (NOW, NOW + HOUR, False)
    assert (taken.tries, taken.error, message_in(taken)) == (1, "no", MESSAGE)
    assert inherited(row(4), [begun(row())]) == row(4)
    assert from_document(Notification, to_document(taken)) == taken


@given(
    st.lists(st.tuples(st.integers(0, 90), st.booleans(), st.booleans()), max_size=12),
    st.integers(0, 200),
    st.randoms(),
)
def test_whatever_failed_everything_open_is_due_within_an_hour_and_in_any_order_the_same(told, minutes, chance):
    rows = [row(number, minute) for number, (minute, _, _) in enumerate(told, 1)]
    rows = [
        tried(one, one.made_at, is_final=is_final) if is_tried else one
        for one, (_, is_tried, is_final) in zip(rows, told, strict=True)
    ]
    now = NOW + minutes * MINUTE
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert due(shuffled, now) == due(rows, now)
    assert {one.number for one in due(rows, NOW + 90 * MINUTE + HOUR)} == {one.number for one in rows}
