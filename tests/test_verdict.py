"""The four states, their exit codes and their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.verdict import State, severity, worst

states = st.lists(st.sampled_from(State), max_size=6)


def test_exit_codes_are_those_of_monitoring_systems():
    assert [(state.name, int(state)) for state in State] == [
        ("OK", 0),
        ("WARNING", 1),
        ("CRITICAL", 2),
        ("UNKNOWN", 3),
    ]


def test_a_known_disaster_comes_before_an_unknown_and_an_unknown_before_a_warning():
    assert sorted(State, key=severity) == [State.OK, State.WARNING, State.UNKNOWN, State.CRITICAL]


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        pytest.param([], State.OK, id="none"),
        pytest.param([State.OK, State.OK], State.OK, id="all well"),
        pytest.param([State.UNKNOWN, State.CRITICAL], State.CRITICAL, id="the number 3 does not win"),
        pytest.param([State.WARNING, State.UNKNOWN, State.OK], State.UNKNOWN, id="not seen is not fine"),
    ],
)
def test_the_worst_of_some(some, expected):
    assert worst(some) is expected


@given(states, states)
def test_more_states_never_make_it_better(some, more):
    assert severity(worst([*some, *more])) == max(severity(worst(some)), severity(worst(more)))


@given(states)
def test_the_order_of_states_does_not_matter(some):
    assert worst(some) is worst(reversed(some))
