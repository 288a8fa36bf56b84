"""How the parts of a demand make one verdict."""

from hypothesis import given
from hypothesis import strategies as st

from itops.backup.controls.verdicts import (
    ControlState,
    Evidence,
    Reason,
    decided,
    not_evaluated,
    ok,
    together,
    unknown,
    warning,
)
from itops.verdict import State

SHOWN = Evidence(code="slots", at=None, source="itops.yaml")
REASONS = st.lists(st.builds(Reason, state=st.sampled_from(ControlState), code=st.sampled_from(["a", "b", "c"])))


def test_green_without_evidence_is_unknown():
    assert decided("C01", [ok("fine")]).state is ControlState.UNKNOWN
    assert decided("C01", [ok("fine"), SHOWN]).state is ControlState.OK


def test_a_part_that_nobody_could_evaluate_takes_the_green_away():
    verdict = decided("C02", [ok("fine"), not_evaluated("untold"), SHOWN])
    assert (verdict.state, verdict.reason) == (ControlState.WARNING, "untold")


def test_a_control_of_which_nothing_could_be_evaluated_is_not_evaluated_though_it_has_evidence():
    verdict = decided("C13", [not_evaluated("untold"), SHOWN])
    assert (verdict.state, verdict.state.verdict) == (ControlState.NOT_EVALUATED, None)


def test_the_worst_part_speaks_and_the_others_are_not_lost():
    verdict = decided("C03", [warning("weak"), ok("fine"), unknown("not-looked"), SHOWN])
    assert (verdict.state, verdict.reason) == (ControlState.UNKNOWN, "not-looked")
    assert [held.code for held in verdict.also] == ["weak"]


@given(REASONS, st.booleans())
def test_green_is_only_said_when_every_part_is_green_and_shown(reasons, is_shown):
    verdict = decided("C01", [*reasons, *([SHOWN] if is_shown else [])])
    is_green = bool(reasons) and all(one.state is ControlState.OK for one in reasons) and is_shown
    assert (verdict.state is ControlState.OK) == is_green


@given(REASONS.filter(len))
def test_a_known_disaster_is_never_softened(reasons):
    verdict = decided("C01", [*reasons, SHOWN])
    assert (verdict.state is ControlState.CRITICAL) == any(one.state is ControlState.CRITICAL for one in reasons)


def test_exit_codes_are_those_of_every_other_verdict():
    assert [state.verdict for state in ControlState] == [State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN, None]


def test_the_same_of_several_objects_is_told_once_with_the_first_and_how_many():
    found = [warning("old", object="a", age_days=3), SHOWN, warning("old", object="b", age_days=9), ok("fine")]
    assert list(together(found)) == [SHOWN, warning("old", objects=2, first="a", age_days=3), ok("fine")]
