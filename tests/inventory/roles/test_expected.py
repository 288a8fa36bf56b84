"""What is missing of what the office expects."""

import pytest

from itops.inventory.roles.expected import NOBODY, missing_roles, role_holder
from itops.inventory.roles.judge import roles_of
from itops.verdict import State
from tests.inventory.roles.builders import NOW, RULES, result, vm


def holders(*entities):
    return [role_holder(entity, roles_of(entity, (), (), RULES)) for entity in entities]


def codes(expected, *entities):
    return [(finding.code, finding.state) for finding in missing_roles(expected, holders(*entities), NOW)]


def sure(name, **more):
    return vm(name, guest__hostName=name, **more)


@pytest.mark.parametrize(
    ("entities", "found"),
    [
        pytest.param([vm("app7")], [("role.missing", State.CRITICAL)], id="none"),
        pytest.param([], [("role.missing", State.UNKNOWN)], id="nothing was seen at all"),
        pytest.param([sure("DC1")], [("role.too-few", State.WARNING)], id="one of two"),
        pytest.param([sure("DC1"), vm("DC2")], [("role.only-likely", State.WARNING)], id="one only likely"),
        pytest.param([sure("DC1"), sure("DC2")], [], id="two"),
        pytest.param([sure("DC1"), sure("PDC")], [], id="the PDC is a DC"),
        pytest.param(
            [sure("DC1"), sure("DC2", config__template=True)], [("role.too-few", State.WARNING)], id="template"
        ),
        pytest.param(
            [sure("DC1"), sure("DC2", **{"runtime.powerState": "poweredOff"})],
            [("role.too-few", State.WARNING)],
            id="off",
        ),
        pytest.param([sure("DC1"), sure("DC1")], [("role.too-few", State.WARNING)], id="one VM seen twice"),
        pytest.param(
            [
                sure("DC1"),
                sure(
                    "DC2",
                    **{
                        "config.managedBy.extensionKey": "com.vmware.vcDr-1",
                        "config.managedBy.type": "placeholderVm",
                    },
                ),
            ],
            [("role.too-few", State.WARNING)],
            id="placeholder",
        ),
        pytest.param(
            [sure("DC1"), sure("DC2", **{"runtime.connectionState": "orphaned"})],
            [("role.too-few", State.WARNING)],
            id="orphaned",
        ),
    ],
)
def test_two_domain_controllers_are_expected(entities, found):
    assert codes({"dc": 2}, *entities) == found


def test_the_finding_names_those_that_do_not_count_and_why():
    off = sure("WSUS", **{"runtime.powerState": "suspended"})
    (finding,) = missing_roles({"wsus": 1}, holders(off), NOW)
    assert (finding.subject, finding.subject_id, finding.source) == ("wsus", "role:wsus", "expects.roles")
    assert finding.data["not_counted"] == "WSUS (powered-off)"
    assert (finding.data["expected_count"], finding.data["serving_count"]) == (1, 0)


def test_a_likely_holder_is_named_as_such():
    (finding,) = missing_roles({"sql": 1}, holders(vm("SQL01")), NOW)
    assert (finding.data["certain"], finding.data["likely"]) == (NOBODY, "SQL01")


def test_a_probe_turns_likely_into_fulfilled():
    entity = vm("SQL01")
    holder = role_holder(entity, roles_of(entity, (), [result(entity, "sql")], RULES))
    assert list(missing_roles({"sql": 1}, [holder], NOW)) == []


def test_expecting_none_is_always_fulfilled():
    assert codes({"sccm": 0}) == []


def test_a_vm_seen_off_in_one_source_and_serving_in_another_counts_once():
    off = sure("KMS", **{"runtime.powerState": "poweredOff"})
    assert codes({"kms": 1}, sure("KMS"), off) == codes({"kms": 1}, off, sure("KMS")) == []
