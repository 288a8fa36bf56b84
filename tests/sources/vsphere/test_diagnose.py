"""What an account may do: too little, just enough, or more than reading needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.sources.vsphere.diagnose import judged_rights
from itops.verdict import State

READ_ONLY = ("System.Anonymous", "System.Read", "System.View")
EXTRA = ("Global.Licenses", "Datastore.Browse", "StorageViews.View", "Sessions.TerminateSession")


@pytest.mark.parametrize(
    ("held", "state", "code"),
    [
        pytest.param([], State.CRITICAL, "rights.too-few", id="nothing"),
        pytest.param(["System.View", "System.Anonymous"], State.CRITICAL, "rights.too-few", id="no System.Read"),
        pytest.param(["VirtualMachine.Config.CPUCount"], State.CRITICAL, "rights.too-few", id="writes but cannot read"),
        pytest.param(READ_ONLY, State.OK, "rights.reading", id="Read-only"),
        pytest.param([*READ_ONLY, *EXTRA], State.OK, "rights.reading", id="Read-only and what we ask for"),
        pytest.param([*READ_ONLY, "Global.Settings"], State.WARNING, "rights.too-many", id="one more"),
        pytest.param(
            [*READ_ONLY, "VirtualMachine.Interact.PowerOff"], State.WARNING, "rights.too-many", id="may power off"
        ),
    ],
)
def test_rights_are_judged(held, state, code):
    check = judged_rights("vc01", "itops-ro", held)
    assert (check.state, check.code, check.subject) == (state, code, "source vc01")
    assert "itops-ro" in check.finding
    assert bool(check.remedy) == (state is not State.OK)


def test_a_long_list_of_rights_is_cut_and_counted():
    beyond = [f"VirtualMachine.Config.Right{number}" for number in range(12)]
    finding = judged_rights("vc01", "itops-ro", [*READ_ONLY, *beyond]).finding
    assert finding.count("VirtualMachine.") == 5
    assert finding.endswith("and 7 more")


@given(st.permutations([*READ_ONLY, "Global.Settings", "Host.Config.Power", "Global.Licenses"]))
def test_the_order_in_which_a_server_lists_rights_does_not_matter(held):
    assert judged_rights("vc01", "itops-ro", held) == judged_rights("vc01", "itops-ro", sorted(held))


@given(st.sets(st.sampled_from([*READ_ONLY, *EXTRA])))
def test_what_reading_asks_for_is_never_too_much(held):
    assert judged_rights("vc01", "itops-ro", held).code in ("rights.reading", "rights.too-few")
