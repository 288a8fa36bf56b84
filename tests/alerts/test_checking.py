"""What is stale, missing or not there at all is never OK, whatever it said of itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.checking import (
    ALL,
    CheckedObject,
    CheckLimits,
    Counts,
    check_results,
    heartbeat,
    joined,
    overall,
)
from itops.alerts.records import Evaluation, Key
from itops.verdict import State, severity, worst

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
JUST, MINUTE, HOUR = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1)
SLACK = 15 * MINUTE
DB01 = Key("backup", "nightly sql01/Insurance")


def judged(name: str = "nightly sql01/Insurance", state: State = State.OK, **facts) -> Evaluation:
    given_facts = {"code": "fresh" if state is State.OK else "too-old", "table": "backup", **facts}
    given_facts.setdefault("judged_at", NOW - 5 * MINUTE)
    return Evaluation(key=Key(given_facts.pop("check", "backup"), name), state=state, **given_facts)


def only(*evaluations: Evaluation, **more) -> CheckedObject:
    (result,) = check_results(evaluations, NOW, **more)
    (one,) = result.objects
    return one


@pytest.mark.parametrize(
    ("evaluation", "state", "code", "is_stale"),
    [
        pytest.param(judged(), State.OK, "fresh", False, id="judged just now"),
        pytest.param(judged(judged_at=NOW - 26 * HOUR), State.OK, "fresh", False, id="exactly as old as it may be"),
        pytest.param(judged(judged_at=NOW - 26 * HOUR - JUST), State.WARNING, "stale", True, id="a moment older"),
        pytest.param(judged(judged_at=NOW - 28 * HOUR), State.WARNING, "stale", True, id="for two hours"),
        pytest.param(judged(judged_at=NOW - 28 * HOUR - JUST), State.UNKNOWN, "stale", True, id="for longer"),
        pytest.param(judged(valid_until=NOW + JUST), State.OK, "fresh", False, id="still valid"),
        pytest.param(judged(valid_until=NOW - SLACK), State.OK, "fresh", False, id="a round may still be on its way"),
        pytest.param(judged(valid_until=NOW - SLACK - JUST), State.WARNING, "stale", True, id="no round came"),
        pytest.param(judged(valid_until=NOW - 3 * HOUR), State.UNKNOWN, "stale", True, id="long not valid"),
        pytest.param(
            judged(judged_at=NOW - 99 * HOUR, valid_until=NOW + HOUR), State.UNKNOWN, "stale", True, id="both count"
        ),
        pytest.param(judged(state=State.CRITICAL), State.CRITICAL, "too-old", False, id="a disaster"),
        pytest.param(
            judged(state=State.CRITICAL, valid_until=NOW - 99 * HOUR),
            State.CRITICAL,
            "too-old",
            True,
            id="an old disaster stays one",
        ),
        pytest.param(
            judged(state=State.WARNING, valid_until=NOW - HOUR), State.WARNING, "too-old", True, id="so does a warning"
        ),
        pytest.param(
            judged(state=State.WARNING, valid_until=NOW - 3 * HOUR),
            State.UNKNOWN,
            "too-old",
            True,
            id="that becomes unknown, and keeps its words",
        ),
        pytest.param(judged(judged_at=NOW + 5 * MINUTE), State.OK, "fresh", False, id="two clocks that nearly agree"),
        pytest.param(judged(judged_at=NOW + 6 * MINUTE), State.UNKNOWN, "judged-ahead", True, id="judged tomorrow"),
    ],
)
def test_an_evaluation_counts_for_what_it_is_worth_now(evaluation, state, code, is_stale):
    one = only(evaluation)
    assert (one.state, one.code, one.is_stale) == (state, code, is_stale)
    assert one.table == ("backup" if code in ("fresh", "too-old") else "check")


def test_the_office_says_how_old_is_too_old():
    limits = {"backup": CheckLimits(judged_within=HOUR, lost_after=HOUR)}
    old = judged(judged_at=NOW - 90 * MINUTE)
    assert only(old, limits=limits).state is State.WARNING
    assert only(replace(old, key=Key("inventory", "vc01")), limits=limits).state is State.OK


def test_what_should_be_there_and_was_never_judged_is_unknown():
    (result,) = check_results([judged()], NOW, expected=[DB01, Key("backup", "mail fs/mail")])
    assert result.state is State.UNKNOWN
    assert [(one.key.object, one.code, one.is_missing) for one in result.objects] == [
        ("mail fs/mail", "never-judged", True),
        ("nightly sql01/Insurance", "fresh", False),
    ]


def test_a_check_without_anything_to_judge_is_unknown():
    (result,) = check_results([], NOW, checks=("backup",))
    assert (result.state, result.counts, result.objects) == (State.UNKNOWN, Counts(), ())
    assert overall([result]) is State.UNKNOWN


def test_nothing_checked_is_unknown():
    assert check_results([], NOW) == ()
    assert overall([]) is State.UNKNOWN


@pytest.mark.parametrize(
    ("evaluation", "objects"),
    [
        pytest.param(judged("old sql01/Gone", valid_until=NOW - HOUR), 1, id="stale: left behind by a rename"),
        pytest.param(
            judged("old sql01/Gone", State.CRITICAL, valid_until=NOW - HOUR), 1, id="stale and bad: left behind, too"
        ),
        pytest.param(judged("old sql01/Gone", State.CRITICAL), 2, id="judged just now: nobody may overlook it"),
    ],
)
def test_what_nobody_expects_any_more_fades_away(evaluation, objects):
    (result,) = check_results([judged(), evaluation], NOW, expected=[DB01])
    assert result.counts.total == objects


def test_without_a_list_of_what_is_expected_nothing_fades_away():
    (result,) = check_results([judged(judged_at=NOW - 999 * HOUR)], NOW)
    assert result.state is State.UNKNOWN


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_evaluations_of_one_thing_the_newer_counts_and_of_one_moment_the_worse(first):
    old, new = judged(state=State.CRITICAL, judged_at=NOW - HOUR), judged()
    pair = [old, new] if first == 0 else [new, old]
    assert only(*pair).state is State.OK
    assert only(*pair, judged(state=State.WARNING)).state is State.WARNING


def test_only_the_checks_asked_for_are_told_in_their_order():
    evaluations = [judged(), judged("vc01", check="inventory"), judged("1405-08", check="delivery")]
    found = check_results(evaluations, NOW, checks=("inventory", "backup", "inventory"))
    assert [result.check for result in found] == ["inventory", "backup"]
    assert [result.check for result in check_results(evaluations, NOW)] == ["backup", "delivery", "inventory"]


def test_the_worst_come_first_and_of_those_the_one_that_lasts_longest():
    evaluations = [
        judged("a"),
        judged("b", State.WARNING),
        judged("c", State.CRITICAL),
        judged("d", State.UNKNOWN),
        judged("e", State.CRITICAL, since=NOW - HOUR),
        judged("f", State.CRITICAL, since=NOW - 2 * HOUR),
    ]
    (result,) = check_results(evaluations, NOW)
    assert [one.key.object for one in result.objects] == ["f", "e", "c", "d", "b", "a"]
    assert [one.key.object for one in result.bad] == ["f", "e", "c", "d", "b"]


def test_every_number_for_the_graphs_is_counted():
    evaluations = [
        judged("a", last_good_at=NOW - HOUR),
        judged("b", State.WARNING, last_good_at=NOW - 76 * HOUR),
        judged("c", State.CRITICAL),
        judged("d", valid_until=NOW - 9 * HOUR),
    ]
    limits = {"backup": CheckLimits(age_warning=24 * HOUR, age_critical=48 * HOUR)}
    (result,) = check_results(evaluations, NOW, expected=[Key("backup", name) for name in "abcde"], limits=limits)
    assert result.counts == Counts(total=5, ok=1, warning=1, critical=1, unknown=2, stale=1, missing=1)
    assert result.counts.bad == 4
    told = [(one.label, one.value, one.unit, one.warning, one.critical, one.least, one.most) for one in result.gauges]
    assert told == [
        ("failed", 1, "", 0, 0, 0, 5),
        ("warning", 1, "", 0, None, 0, 5),
        ("unknown", 2, "", 0, None, 0, 5),
        ("stale", 1, "", 0, None, 0, 5),
        ("never", 1, "", 0, 0, 0, 5),
        ("oldest_age", 76 * 3600, "s", 86_400, 172_800, 0, None),
    ]
    assert result.oldest_good_at == NOW - 76 * HOUR


def test_no_age_is_drawn_where_nothing_good_is_known_and_none_is_negative():
    labels = {one.label for one in check_results([judged()], NOW)[0].gauges}
    assert "oldest_age" not in labels
    (result,) = check_results([judged(last_good_at=NOW + HOUR)], NOW)
    assert result.gauges[-1].value == 0


def test_all_checks_as_one_forget_none_that_judged_nothing():
    results = check_results([judged(last_good_at=NOW - HOUR)], NOW, checks=("backup", "delivery"))
    whole = joined(results, NOW)
    assert (whole.check, whole.state, whole.counts.total) == (ALL, State.UNKNOWN, 2)
    assert [(one.key, one.code) for one in whole.bad] == [(("delivery", ""), "nothing-judged")]
    assert whole.oldest_good_at == NOW - HOUR
    assert joined((), NOW).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("age", "state", "code"),
    [
        pytest.param(timedelta(), State.OK, "beat-fresh", id="now"),
        pytest.param(5 * MINUTE, State.OK, "beat-fresh", id="exactly at its limit"),
        pytest.param(5 * MINUTE + JUST, State.CRITICAL, "beat-stale", id="a moment later"),
        pytest.param(-5 * MINUTE, State.OK, "beat-fresh", id="two clocks that nearly agree"),
        pytest.param(-6 * MINUTE, State.UNKNOWN, "beat-ahead", id="from the future"),
        pytest.param(None, State.CRITICAL, "beat-never", id="never"),
    ],
)
def test_a_scheduler_that_does_not_tick_is_told(age, state, code):
    result = heartbeat(None if age is None else NOW - age, NOW, 5 * MINUTE)
    assert (result.state, result.objects[0].code) == (state, code)
    assert overall([result]) is state


# Whatever there is

states = st.sampled_from(list(State))
moments = st.timedeltas(-200 * HOUR, 200 * HOUR).map(lambda apart: NOW + apart)
evaluations_of = st.lists(
    st.builds(
        Evaluation,
        key=st.builds(Key, st.sampled_from(["backup", "inventory"]), st.sampled_from("abcd")),
        state=states,
        code=st.just("fresh"),
        table=st.just("backup"),
        judged_at=moments,
        valid_until=st.none() | moments,
        since=st.none() | moments,
        last_good_at=st.none() | moments,
    ),
    max_size=8,
)


@given(evaluations_of, moments, st.randoms())
def test_waiting_makes_nothing_better_and_order_means_nothing(evaluations, later, random):
    limits = {"backup": CheckLimits(clock_slack=timedelta(days=99)), "inventory": CheckLimits()}
    now = [one for one in evaluations if one.judged_at <= NOW]
    before = {one.key: one for result in check_results(now, NOW, limits=limits) for one in result.objects}
    shuffled = list(now)
    random.shuffle(shuffled)
    again = check_results(shuffled, NOW, limits=limits)
    assert {one.key: one.state for result in again for one in result.objects} == {
        key: one.state for key, one in before.items()
    }
    after = check_results(now, max(NOW, later), limits=limits)
    for result in after:
        assert result.state is worst(one.state for one in result.objects)
        for one in result.objects:
            assert severity(one.state) >= severity(before[one.key].state)


@given(evaluations_of, st.lists(st.builds(Key, st.just("backup"), st.sampled_from("abcd"))))
def test_a_green_check_has_judged_everything_expected_lately_and_well(evaluations, expected):
    for result in check_results(evaluations, NOW, expected=expected, checks=("backup",)):
        if result.state is not State.OK:
            continue
        assert set(expected) <= {one.key for one in result.objects}
        for one in result.objects:
            assert one.judged_at is not None
            assert NOW - one.judged_at <= 26 * HOUR
            assert one.valid_until is None or one.valid_until >= NOW - SLACK
