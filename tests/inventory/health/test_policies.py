import pytest

from itops.errors import ConfigInvalid
from itops.inventory.health import SETTINGS, Policies
from itops.inventory.health.catalogue import RULES
from itops.verdict import State


def test_defaults_are_the_rules_own() -> None:
    assert Policies.of({}).by_rule == {rule.number: rule.policy for rule in RULES}


def test_every_setting_has_one_rule() -> None:
    assert len(SETTINGS) == sum(len(rule.policy.__dataclass_fields__) for rule in RULES)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("datastore.free_ratio", 0.1, 0.1),
        ("datastore.free_ratio", 0, 0),
        ("snapshot.max_age_days", 3, 3),
        ("datastore.promised_ratio", 3.0, 3.0),
        ("host.is_ssh_allowed", True, True),
        ("snapshot.leftover_names", ["ours"], ("ours",)),
    ],
)
def test_a_setting_reaches_its_rule(name: str, value: object, expected: object) -> None:
    rule, threshold = SETTINGS[name]
    assert getattr(Policies.of({name: value}).by_rule[rule.number], threshold) == expected


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("datastore.free_rato", 0.1, "did you mean datastore.free_ratio"),
        ("datastore.free_ratio", 15, "write 0.15 for 15 %"),
        ("datastore.free_ratio", "15%", "is not a number"),
        ("datastore.free_ratio", True, "is not a number"),
        ("datastore.free_ratio", float("nan"), "is not a number"),
        ("datastore.free_ratio", -0.1, "is not a number from 0 up"),
        ("datastore.max_running_vms", 2.5, "is not a whole number"),
        ("host.is_ssh_allowed", "yes", "is not true or false"),
        ("host.is_ssh_allowed", 1, "is not true or false"),
        ("snapshot.leftover_names", "veeam", "is not a list of words"),
        ("snapshot.leftover_names", [1], "is not a list of words"),
        ("state.vm.hot-ad", "ok", "did you mean vm.hot-add"),
        ("state.vm.hot-add", "fine", "is not a state"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_hint(name: str, value: object, problem: str) -> None:
    with pytest.raises(ConfigInvalid, match=problem):
        Policies.of({name: value})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        Policies.of({"datastore.free_ratio": 15, "nonsense": 1, "state.vm.hot-add": "warning"})
    assert len(caught.value.problem.splitlines()) == 2


def test_states_are_taken_in_any_case() -> None:
    assert Policies.of({"state.vm.hot-add": "Warning"}).states == {"vm.hot-add": State.WARNING}
