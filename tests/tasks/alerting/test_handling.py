"""What people do with incidents, without a door: ends of silences, names, how an incident stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.holding import is_active
from itops.alerts.machine import Hold, step
from itops.alerts.policy import AlertPolicy, EscalationStep, rule_of
from itops.alerts.records import Evaluation, EventKind, Incident, Key, Phase, Silence
from itops.errors import UsageWrong
from itops.names import Identifier
from itops.store import StoreLocation, open_reader, open_store
from itops.store.watch_writer import RoundRows
from itops.tasks.alerting.handling import (
    LONGEST_SILENCE,
    Known,
    Standing,
    acknowledge,
    covered,
    end_silence,
    find_key,
    fits,
    is_total,
    new_silence,
    silence_until,
    standings,
)
from itops.verdict import State, severity

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # 1405-09-01 10:00 in Tehran
HOUR = timedelta(hours=1)
TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
SQL = Key("backup", "daily sql01/Insurance")
POLICY = AlertPolicy(
    channels={"boss": None}, escalation=(EscalationStep(after=4 * HOUR, channels=(Identifier("boss"),)),)
)
STATES = st.sampled_from([State.WARNING, State.CRITICAL, State.UNKNOWN])


def incident(**more: object) -> Incident:
    told: dict[str, object] = {
        "phase": Phase.FIRING,
        "state": State.CRITICAL,
        "opened_at": NOW - HOUR,
        "last_notified_at": NOW - HOUR,
        "last_evaluated_at": NOW - HOUR,
        "notify_count": 1,
        **more,
    }
    return Incident(key=SQL, **told)  # type: ignore[arg-type]


def judged(state: State = State.CRITICAL) -> Evaluation:
    return Evaluation(key=SQL, state=state, code="x", table="check", judged_at=NOW)


def silence(**more: object) -> Silence:
    told: dict[str, object] = {"check": "backup", "object": "*", "begin": NOW - HOUR, "until": NOW + 2 * HOUR, **more}
    return Silence(number=1, by="R.", reason="x", **told)  # type: ignore[arg-type]


def standing(one: Incident, state: State = State.CRITICAL, *silences: Silence, now: datetime = NOW) -> Standing:
    known = Known(evaluations={SQL: judged(state)}, incidents={SQL: one}, silences=silences)
    (found,) = standings(known, [one], policy=POLICY, zone=TEHRAN, now=now)
    return found


# The end of a silence.


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("30m", NOW + HOUR / 2),
        ("2h", NOW + 2 * HOUR),
        ("2 h", NOW + 2 * HOUR),
        ("۲h", NOW + 2 * HOUR),
        ("3d", NOW + 72 * HOUR),
        ("1w", NOW + 168 * HOUR),
        ("90d", NOW + timedelta(days=90)),
        ("1405-09-03 08:00", datetime(2026, 11, 24, 4, 30, tzinfo=UTC)),
        ("۱۴۰۵/۰۹/۰۳ ۰۸:۰۰", datetime(2026, 11, 24, 4, 30, tzinfo=UTC)),
        ("2026-11-24 08:00", datetime(2026, 11, 24, 4, 30, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, 20, 30, tzinfo=UTC)),  # with its last minute
        ("1405-09-01", datetime(2026, 11, 22, 20, 30, tzinfo=UTC)),  # today
    ],
)
def test_an_end_is_a_time_a_day_or_a_moment_of_the_office(typed: str, until: datetime) -> None:
    assert silence_until(typed, NOW, TEHRAN) == until


@pytest.mark.parametrize(
    "typed",
    ["", "h", "2", "-2h", "2y", "2h30m", "1405-09-03 25:00", "never", "99999h", "1405-09-31",
     "9999-12-31", "0001-01-01", "1405-09-01 10:00", "91d", "13w", "2026-11-24T08:00", "١" * 5000,
     "1405-09-03 \x1b[31m"],
)  # fmt: skip
def test_an_end_that_is_none_is_refused_in_one_harmless_line(typed: str) -> None:
    with pytest.raises(UsageWrong) as wrong:
        silence_until(typed, NOW, TEHRAN)
    assert not {"\x1b", "\n"} & set(wrong.value.problem)
    assert len(wrong.value.problem) < 400


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{1,4} ?[mhdw]", fullmatch=True))
def test_whatever_is_typed_a_silence_ends_within_its_longest(typed: str) -> None:
    try:
        until = silence_until(typed, NOW, TEHRAN)
    except UsageWrong:
        return
    assert NOW < until <= NOW + LONGEST_SILENCE


def test_a_day_ends_when_the_office_says_also_when_clocks_change() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert silence_until("2026-10-25", before, BERLIN) == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert silence_until("24h", before, BERLIN) == before + 24 * HOUR


# Silences.


def test_only_what_covers_all_is_total() -> None:
    assert is_total(silence(check="*", object="**"))
    for check, objects in (("*", ""), ("backup", "*"), ("*", "*sql*"), ("b*", "*")):
        assert not is_total(silence(check=check, object=objects))


def test_what_is_covered_is_what_the_engine_will_hold() -> None:
    keys = [SQL, Key("backup", ""), Key("inventory", "sql01"), Key("backup", "پشتيبان sql01")]
    assert covered(silence(object="*sql01*"), keys) == [SQL, Key("backup", "پشتيبان sql01")]
    assert covered(silence(object="پشتیبان*"), keys) == [Key("backup", "پشتيبان sql01")]  # another keyboard's yeh
    assert covered(silence(object=""), keys) == [Key("backup", "")]


def test_a_check_without_a_star_must_be_one_that_there_is() -> None:
    known = Known(evaluations={}, incidents={SQL: incident()}, silences=())
    told = {"until": NOW + HOUR, "by": "R.", "reason": "x", "now": NOW}
    assert new_silence(known, "BACKUP", "*", **told).check == "backup"  # type: ignore[arg-type]
    assert new_silence(known, "back*", "*", **told).check == "back*"  # type: ignore[arg-type]
    with pytest.raises(UsageWrong, match="there is no check"):
        new_silence(known, "tape", "*", **told)  # type: ignore[arg-type]


# Names.


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6, unique=True), st.data())
def test_a_name_in_full_is_always_that_thing(names: list[str], data: st.DataObject) -> None:
    keys = [Key("backup", name) for name in names]
    wanted = data.draw(st.sampled_from(keys))
    assert find_key(keys, "backup", wanted.object) == wanted


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_typed_the_answer_fits_or_is_refused(typed: str, other: str) -> None:
    keys = [SQL, Key("backup", other), Key("inventory", typed)]
    try:
        found = find_key(keys, "backup", typed)
    except UsageWrong:
        return
    assert found.check == "backup"
    assert fits(typed, found.object) or "*" in typed


def test_a_star_that_stands_in_a_name_is_that_name_first() -> None:
    keys = [Key("backup", "a*"), Key("backup", "ab")]
    assert find_key(keys, "backup", "a*").object == "a*"
    assert find_key(keys, "backup", "*b").object == "ab"


# How one stands.


def test_what_is_next_is_the_sooner_of_reminder_and_escalation() -> None:
    found = standing(incident())
    assert found.next is not None
    assert (found.next.kind, found.next.at) == (EventKind.ESCALATED, NOW + 3 * HOUR)
    found = standing(incident(escalation=1))
    assert found.next is not None
    assert (found.next.kind, found.next.at) == (EventKind.REMINDER, NOW + 23 * HOUR)
    assert standing(incident(acked_by="R.")).next is None
    assert standing(incident(phase=Phase.RECOVERING), State.OK).next is None


def test_what_a_silence_holds_comes_after_its_end() -> None:
    later = silence(until=NOW + 5 * HOUR)
    assert standing(incident(), State.CRITICAL, silence(), later).held_until == NOW + 5 * HOUR
    untold = standing(incident(notify_count=0, last_notified_at=None), State.CRITICAL, silence())
    assert untold.next is not None
    assert (untold.next.kind, untold.next.at) == (EventKind.OPENED, NOW + 2 * HOUR)
    ended = silence(ended_by="S.")
    assert not standing(incident(), State.CRITICAL, ended).is_held


def test_what_rests_after_a_recovery_comes_when_the_rest_is_over_and_what_is_worse_does_not_rest() -> None:
    lately = {"notify_count": 0, "last_notified_at": NOW, "state": State.CRITICAL}
    resting = standing(incident(rested_state=State.CRITICAL, **lately))
    assert resting.next is not None
    assert (resting.next.kind, resting.next.at) == (EventKind.OPENED, NOW + resting.rule.rest)
    assert standing(incident(rested_state=State.WARNING, **lately)).next is None


@given(STATES, STATES, st.sampled_from([Phase.FIRING, Phase.RECOVERING, Phase.PENDING]))
def test_an_open_one_is_never_shown_better_than_it_is_or_was_told(told: State, now: State, phase: Phase) -> None:
    state = standing(incident(phase=phase, state=told), now, silence()).state
    assert state is not None
    assert severity(state) == max(severity(told), severity(now))


@given(st.integers(0, 60), st.integers(0, 1), STATES, st.booleans())
def test_what_is_said_to_come_next_is_what_the_machine_then_tells(
    hours: int, escalation: int, state: State, is_silenced: bool
) -> None:
    """Unsilenced, or silenced until a moment: nothing is told before the moment that is shown, and that at it."""
    one = incident(state=state, escalation=escalation, last_notified_at=NOW - min(hours, 1) * HOUR)
    laid = [silence(until=NOW + hours * HOUR)] if is_silenced and hours else []
    found = standing(one, state, *laid)
    assert found.next is not None
    rule = rule_of("backup", POLICY)
    for at, is_due in ((found.next.at - timedelta(seconds=1), False), (found.next.at, True)):
        hold = Hold(
            is_silenced=any(is_active(each, at) for each in laid),
            resumed_at=max((each.until for each in laid if each.until <= at), default=None),
        )
        told = step(one, replace(judged(state), judged_at=at), rule, at, hold).events
        assert [event.kind for event in told] == ([found.next.kind] if is_due else [])


# What is written.


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    (tmp_path / "state").mkdir(mode=0o700)
    return StoreLocation(folder=tmp_path / "state")


def test_one_that_was_closed_meanwhile_is_not_acknowledged(location: StoreLocation) -> None:
    closed = incident(phase=Phase.OK, closed_at=NOW, notify_count=0)
    with open_store(location, NOW) as store:
        store.watch.play_round([], (), lambda facts: RoundRows(changed=[closed]))
        for key in (SQL, Key("backup", "nobody")):
            with pytest.raises(UsageWrong, match="is not open"):
                acknowledge(store, key, by="R.", note="x", now=NOW)
    with open_reader(location) as reader:
        assert reader.watch.incidents() == {SQL: closed}


def test_an_acknowledgement_keeps_what_a_round_wrote_meanwhile(location: StoreLocation) -> None:
    with open_store(location, NOW) as store:
        store.watch.play_round([], (), lambda facts: RoundRows(changed=[incident(bad_count=9)]))
        changed = acknowledge(store, SQL, by=" R. ", note="€ \udc80", now=NOW)
    assert changed == incident(bad_count=9, acked_by="R.", acked_at=NOW, ack_note="€ ?")


@pytest.mark.parametrize(
    "spoil", [lambda one: replace(one, ended_by="S."), lambda one: replace(one, until=NOW), lambda one: None]
)
def test_a_silence_that_does_not_hold_is_not_ended(
    location: StoreLocation, spoil: Callable[[Silence], Silence | None]
) -> None:
    spoilt = spoil(silence())
    with open_store(location, NOW) as store, pytest.raises(UsageWrong):
        end_silence(store, [spoilt] if spoilt else [], 1, by="R.", now=NOW)
