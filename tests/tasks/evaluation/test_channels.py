from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from itops.alerts.channels import ChannelFailed
from itops.alerts.records import Evaluation, Key, Notification
from itops.reports.words import load_words, placeholders
from itops.store.watch_writer import RoundRows
from itops.tasks.evaluation.channels import TABLE, evaluate_channels
from itops.verdict import State
from tests.alerts.test_sending import NOW, row, tried
from tests.tasks.alerting.watch_office import DAY, DOWN, HOUR, JOB, MINUTE, REFUSED, Duty, WatchedOffice


@pytest.fixture
def office(tmp_path: Path) -> WatchedOffice:
    return WatchedOffice(tmp_path, channels=[Duty("mail")])


def judged(office: WatchedOffice, rows: list[Notification], now: datetime = NOW) -> Evaluation:
    """`mail`, with these rows in the store."""
    office.now = now
    with office.opened() as (store, _):
        store.watch.play_round([], (), lambda facts: RoundRows(notifications=rows))
    with office.opened() as (_, watched):
        found = list(evaluate_channels(watched))
    return next(one for one in found if one.key == Key("channel", "mail"))


def said(one: Evaluation) -> tuple[str, str]:
    return one.state.name, one.code


def test_without_any_channel_nobody_is_told_and_that_is_a_warning(office: WatchedOffice) -> None:
    office.channels = []
    with office.opened() as (_, watched):
        (one,) = evaluate_channels(watched)
    assert (one.key, said(one)) == (Key("channel", ""), ("WARNING", "channel.none"))


def test_one_that_was_never_tried_is_well_and_says_so(office: WatchedOffice) -> None:
    assert said(judged(office, [])) == ("OK", "channel.untried")


def test_one_that_took_a_message_is_well(office: WatchedOffice) -> None:
    one = judged(office, [row(sent_at=NOW - HOUR), row(2, sent_at=NOW - DAY), row(3)])
    assert said(one) == ("OK", "channel.works")
    assert one.last_good_at == NOW - HOUR


@pytest.mark.parametrize(
    ("age", "is_final", "expected"),
    [
        (timedelta(0), False, ("OK", "channel.retrying")),
        (DAY - MINUTE, False, ("OK", "channel.retrying")),
        (DAY, False, ("CRITICAL", "channel.failing")),
        (timedelta(0), True, ("WARNING", "channel.refused")),
        (DAY, True, ("CRITICAL", "channel.failing")),
    ],
)
def test_one_that_fails_is_critical_after_a_day(
    office: WatchedOffice, age: timedelta, is_final: bool, expected: tuple[str, str]
) -> None:
    failing = tried(tried(row(), NOW, is_final=is_final), NOW, is_final=is_final)
    one = judged(office, [failing, row(2)], NOW + age)
    assert said(one) == expected
    assert one.facts["failing_since_at"] == NOW.isoformat()
    assert one.facts["error"] == "no"
    assert one.valid_until == (None if one.state is State.CRITICAL else NOW + DAY)


def test_what_was_given_up_is_critical_until_something_goes_out_again(office: WatchedOffice) -> None:
    week = timedelta(days=7)
    lost = tried(tried(row(), NOW - week), NOW)
    one = judged(office, [lost], NOW + 3 * DAY)
    assert said(one) == ("CRITICAL", "channel.lost")
    assert one.facts["lost_count"] == 1
    assert said(judged(office, [row(2, sent_at=NOW + DAY)], NOW + 3 * DAY)) == ("OK", "channel.works")


def test_what_is_told_in_a_digest_or_lost_its_channel_is_no_fault_of_the_channel(office: WatchedOffice) -> None:
    rows = [row(given_up_at=NOW, error="told in message 9"), row(2, given_up_at=NOW, error="removed")]
    assert said(judged(office, rows)) == ("OK", "channel.untried")


def test_a_try_that_nobody_saw_the_end_of_is_no_failure(office: WatchedOffice) -> None:
    assert said(judged(office, [replace(row(), tries=1)])) == ("OK", "channel.untried")


def test_each_channel_is_judged_by_its_own_rows(office: WatchedOffice) -> None:
    office.channels.append(Duty("other"))
    judged(office, [tried(row())], NOW + DAY)
    with office.opened() as (_, watched):
        found = {one.key.object: one.code for one in evaluate_channels(watched)}
    assert found == {"mail": "channel.failing", "other": "channel.untried"}


@pytest.mark.parametrize("failure", [DOWN, REFUSED])
def test_the_others_are_told_once_that_a_channel_does_not_work_and_once_that_it_does(
    office: WatchedOffice, failure: ChannelFailed
) -> None:
    mail, other = office.channels[0], Duty("other")
    office.channels = [mail, other]
    office.more = {"channel": evaluate_channels}
    office.bad = {JOB: State.CRITICAL}
    mail.failure = failure
    for _ in range(13):
        office.go(2 * HOUR)
    office.go()
    about = [
        (message.kind.value, message.state.name)
        for message in other.got
        if message.lines[0].subject == "alert channel: mail"
    ]
    expected = [("opened", "CRITICAL")] if failure is DOWN else [("opened", "WARNING"), ("worsened", "CRITICAL")]
    assert [one for one in about if one[0] != "reminder"] == expected
    mail.failure = None
    office.go(2 * HOUR)
    office.go()
    office.go()
    assert other.kinds[-1] == "recovered"
    assert mail.got


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_code_can_be_said_with_the_facts_it_comes_with(office: WatchedOffice, language: str) -> None:
    week = timedelta(days=7)
    words = load_words(language)
    stories = [[], [row(sent_at=NOW)], [tried(row())], [tried(row(), is_final=True)], [tried(row(), NOW - DAY)]]
    stories.append([tried(tried(row(), NOW - week), NOW)])
    seen = {"channel.none"}
    for number, story in enumerate(stories):
        fresh = WatchedOffice(office.folder / str(number), channels=[Duty("mail")])
        fresh.folder.mkdir()
        one = judged(fresh, story)
        seen.add(one.code)
        assert placeholders(words.template(TABLE, one.code)) <= set(one.facts)
        assert words.say(TABLE, one.code, data=dict(one.facts))  # type: ignore[arg-type]
    assert seen == set(words.tables[TABLE])
