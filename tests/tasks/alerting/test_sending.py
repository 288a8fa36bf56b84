import threading
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from itops.alerts.channels import ChannelFailed, Message
from itops.alerts.records import Key, Notification
from itops.errors import StoreLocked
from itops.tasks.alerting.sending import Sender, built, send_due
from itops.tasks.evaluation.channels import evaluate_channels
from itops.verdict import State
from tests.tasks.alerting.watch_office import DAY, DOWN, HOUR, JOB, MINUTE, NOW, REFUSED, Duty, WatchedOffice

OTHER = Key("delivery", "1405-07")


@pytest.fixture
def duty() -> Duty:
    return Duty("mail")


@pytest.fixture
def office(tmp_path: Path, duty: Duty) -> WatchedOffice:
    return WatchedOffice(tmp_path, channels=[duty], bad={JOB: State.CRITICAL})


def test_a_failure_is_written_down_and_tried_again_when_its_time_has_come(office: WatchedOffice, duty: Duty) -> None:
    duty.failure = DOWN
    _, sent = office.go()
    (tried,) = sent.tried
    assert (tried.row.sent_at, tried.row.error) == (None, f"{DOWN.problem}; {DOWN.remedy}")
    assert office.rows() == [tried.row]
    assert tried.row.not_before == office.now + MINUTE
    assert (office.send().tried, office.send().waiting) == ((), 1)
    duty.failure = None
    office.now += MINUTE
    (tried,) = office.send().tried
    assert (tried.receipt, tried.row.sent_at, tried.row.error) == ("receipt of mail", office.now, "")
    assert duty.asked[0] == duty.asked[1] == duty.got[0].id
    assert office.send().tried == ()


def test_a_try_is_written_down_before_the_network_is_touched(office: WatchedOffice, duty: Duty) -> None:
    seen: list[int] = []

    def look(message: Message) -> str:
        seen.extend(row.tries for row in office.rows())
        return ""

    duty.send = look  # type: ignore[method-assign]
    office.go()
    assert seen == [1]


def test_a_channel_that_fails_keeps_no_other_one_waiting(office: WatchedOffice, duty: Duty) -> None:
    meanwhile = threading.Event()

    class Slow(Duty):
        def send(self, message: Message) -> str:
            assert meanwhile.wait(20)
            raise DOWN

    class Quick(Duty):
        def send(self, message: Message) -> str:
            told = super().send(message)
            meanwhile.set()
            return told

    slow, quick = Slow("slow"), Quick("quick")
    office.channels = [slow, quick]
    _, sent = office.go()
    assert [(one.row.channel, one.row.sent_at is not None) for one in sent.tried] == [("slow", False), ("quick", True)]


def test_after_a_failure_the_other_rows_of_the_channel_are_left_for_later(office: WatchedOffice, duty: Duty) -> None:
    office.round()
    office.now += MINUTE
    office.bad[OTHER] = State.WARNING
    office.round()
    duty.failure = DOWN
    sent = office.send()
    assert (len(sent.tried), sent.waiting) == (1, 1)
    assert [row.tries for row in office.rows()] == [1, 0]
    duty.failure = None
    office.now += MINUTE
    office.send()
    assert [message.lines[0].subject[-7:] for message in duty.got] == ["1405-08", "1405-07"]


def test_a_channel_that_hangs_is_left_to_itself_and_tried_again(office: WatchedOffice) -> None:
    release = threading.Event()

    class Hanging(Duty):
        def send(self, message: Message) -> str:
            release.wait(30)
            return "late"

    quick = Duty("quick")
    office.channels = [Hanging("hangs"), quick]
    office.round()
    sent = office.send(patience_seconds=0.3)
    assert quick.kinds == ["opened"]
    hung = next(one.row for one in sent.tried if one.row.channel == "hangs")
    assert "did not come back" in hung.error
    assert hung.not_before == office.now + MINUTE
    release.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_channel_with_a_bug_is_a_failure_of_that_channel_alone(office: WatchedOffice) -> None:
    class Broken(Duty):
        def send(self, message: Message) -> str:
            raise ZeroDivisionError

    quick = Duty("quick")
    office.channels = [Broken("broken"), quick]
    _, sent = office.go()
    assert quick.kinds == ["opened"]
    assert ["broke off" in one.row.error for one in sent.tried] == [True, False]


def test_a_slow_channel_begins_nothing_more_when_its_time_is_over(office: WatchedOffice, duty: Duty) -> None:
    office.round()
    sent = office.send(no_new_after_seconds=0.0)
    assert (sent.tried, sent.waiting, duty.asked) == ((), 1, [])


def test_a_message_of_a_channel_that_was_removed_is_given_up_with_the_reason(office: WatchedOffice) -> None:
    office.round()
    office.channels = [Duty("other")]
    _, sent = office.go()
    (row,) = [one.row for one in sent.tried if one.row.channel == "mail"]
    assert (row.given_up_at, row.error) == (office.now, "itops.yaml has no channel of that name any more")
    assert [one.channel for one in office.rows(only_open=True)] == []


def test_a_store_that_is_locked_in_the_middle_is_said_and_the_message_goes_out_again(
    office: WatchedOffice, duty: Duty
) -> None:
    class Locked:
        changed: list[Notification] = []  # noqa: RUF012  of one test

        def change_notification(self, notification: Notification) -> None:
            if notification.sent_at is not None:
                raise StoreLocked("locked", remedy="wait")
            self.changed.append(notification)

    office.round()
    settings = office.settings
    sender = Sender(
        store=Locked(),
        policy=settings.alerts,
        zone=settings.office.zone,
        now=office.now,
        channels=built(settings.alerts),
    )
    with pytest.raises(StoreLocked):
        send_due(sender, office.rows())
    office.send()
    assert [message.id for message in duty.got] == [duty.got[0].id] * 2


def test_what_failed_before_quiet_hours_does_not_wake_anybody(office: WatchedOffice, duty: Duty) -> None:
    office.be_quiet("mail", time(22), time(7, 30))
    office.now = NOW + 10 * HOUR + 20 * MINUTE  # 21:50 in Tehran
    office.bad = {JOB: State.WARNING}
    duty.failure = DOWN
    office.go()
    duty.failure = None
    office.go(HOUR)
    assert (duty.got, len(duty.asked)) == ([], 1)
    office.go(9 * HOUR)
    assert duty.kinds[0] == "opened"


@pytest.mark.parametrize("failure", [DOWN, REFUSED])
def test_a_channel_that_failed_for_a_week_loses_the_message_and_the_others_hear_of_it(
    office: WatchedOffice, duty: Duty, failure: ChannelFailed
) -> None:
    other = Duty("other")
    office.channels = [duty, other]
    office.more = {"channel": evaluate_channels}
    duty.failure = failure
    for _ in range(8 * 4):
        office.go(6 * HOUR)
    assert duty.got == []
    told = [line for message in other.got for line in message.lines if line.subject == "alert channel: mail"]
    assert told
    assert {line.state for line in told if line.state is State.CRITICAL}
    lost = [row for row in office.rows() if row.given_up_at and not row.told_in]
    assert {row.channel for row in lost} == {"mail"}
    assert len(office.rows(only_open=True)) <= 6
    duty.failure = None
    office.go(2 * HOUR)
    office.go(2 * HOUR)
    office.go(2 * HOUR)
    last = [line for message in other.got[-3:] for line in message.lines if line.subject == "alert channel: mail"]
    assert last[-1].state is State.OK


def test_a_channel_that_was_down_for_a_day_says_how_it_is_now_and_not_all_that_was(
    office: WatchedOffice, duty: Duty
) -> None:
    duty.failure = DOWN
    office.bad = {}
    names = [Key("delivery", f"vm{number}") for number in range(40)]
    for place in range(len(names)):
        office.bad = dict.fromkeys(names[: place + 1], State.WARNING)
        office.good = set(names) - set(office.bad)
        office.go(40 * MINUTE)
        assert len(office.rows(only_open=True)) <= 6
    waiting = office.rows(only_open=True)
    told_in = [row for row in office.rows() if row.error.startswith("told in message")]
    assert len(told_in) > 20
    numbers = {row.number for row in office.rows()}
    assert all(row.told_in in numbers for row in told_in)
    since = waiting[0].failing_since_at
    assert since is not None
    assert office.now - since > DAY - HOUR / 2
    duty.failure = None
    office.go(2 * HOUR)
    assert 1 <= len(duty.got) <= 6
    assert any(message.title.startswith("While this channel was down: ") for message in duty.got)
    heard: dict[str, State] = {}
    for message in duty.got:
        heard |= {line.subject.split()[-1]: line.state for line in message.lines}
    assert {name for name, state in heard.items() if state is not State.OK} == {key.object for key in office.bad}
    assert office.rows(only_open=True) == []


def test_few_messages_go_out_as_they_were_written(office: WatchedOffice, duty: Duty) -> None:
    duty.failure = DOWN
    for _ in range(3):
        office.go(20 * MINUTE)
    written = [row.number for row in office.rows()]
    duty.failure = None
    office.go(2 * HOUR)
    assert [row.number for row in office.rows() if row.sent_at] == written


def test_what_waits_for_the_end_of_quiet_hours_joins_no_digest_of_failures(office: WatchedOffice, duty: Duty) -> None:
    office.be_quiet("mail", time(22), time(7, 30))
    duty.failure = DOWN
    for number in range(6):
        office.bad = {Key("delivery", f"vm{number}"): State.CRITICAL}
        office.good = {Key("delivery", f"vm{before}") for before in range(number)}
        office.go(20 * MINUTE)
    office.now = NOW + 12 * HOUR
    office.bad |= {Key("custody", "b1"): State.WARNING}
    office.go()
    held = [row for row in office.rows(only_open=True) if Key("custody", "b1") in row.keys]
    assert [replace(row, document="") for row in held if row.tries] == []
    assert held[0].not_before > office.now + HOUR
