"""What explains what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.inhibition import explanations
from itops.alerts.records import Incident, Key, Phase
from itops.verdict import State
from tests.alerts.making import SIGNS, judged


def key(name: str) -> Key:
    return Key("inventory", name)


def explained(states: dict[str, str], above: dict[str, str], incidents: dict[str, Incident] | None = None):
    """`above`: "vm": "host vc" names what it depends on."""
    evaluations = {
        key(name): judged(sign, key=key(name), depends_on=tuple(map(key, above.get(name, "").split())))
        for name, sign in states.items()
    }
    found = explanations(evaluations, {key(name): one for name, one in (incidents or {}).items()})
    return {one.object: root.object for one, root in found.items()}


@pytest.mark.parametrize(
    ("states", "above", "expected"),
    [
        pytest.param({"vm": "c", "vc": "c"}, {"vm": "vc"}, {"vm": "vc"}, id="a bad one below a bad one"),
        pytest.param({"vm": "c", "vc": "u"}, {"vm": "vc"}, {"vm": "vc"}, id="unknown explains, too"),
        pytest.param({"vm": "c", "vc": "o"}, {"vm": "vc"}, {}, id="a good one explains nothing"),
        pytest.param({"vm": "c", "vc": "w"}, {"vm": "vc"}, {}, id="a warning explains nothing"),
        pytest.param({"vm": "c"}, {"vm": "vc"}, {}, id="what nobody judged explains nothing"),
        pytest.param(
            {"vm": "c", "host": "c", "vc": "c"},
            {"vm": "host", "host": "vc"},
            {"vm": "vc", "host": "vc"},
            id="the root of a chain",
        ),
        pytest.param({"vm": "c", "a": "o", "b": "c"}, {"vm": "a b"}, {"vm": "b"}, id="the bad one of several"),
        pytest.param({"a": "c", "b": "c"}, {"a": "b", "b": "a"}, {"b": "a"}, id="a circle does not hide itself"),
        pytest.param({"a": "c"}, {"a": "a"}, {}, id="nothing explains itself"),
        pytest.param(
            {"a": "c", "b": "c", "c": "c"}, {"a": "c", "c": "b", "b": "c"}, {"a": "b", "c": "b"}, id="into a circle"
        ),
    ],
)
def test_explanations(states, above, expected):
    assert explained(states, above) == expected


@pytest.mark.parametrize(
    ("phase", "state", "explains"),
    [
        (Phase.FIRING, State.CRITICAL, True),
        (Phase.RECOVERING, State.CRITICAL, True),
        (Phase.RECOVERING, State.WARNING, False),
        (Phase.PENDING, State.CRITICAL, False),
        (Phase.OK, State.CRITICAL, False),
    ],
)
def test_it_explains_until_it_has_recovered(phase, state, explains):
    incidents = {"vc": Incident(key=key("vc"), phase=phase, state=state)}
    assert explained({"vm": "c", "vc": "o"}, {"vm": "vc"}, incidents) == ({"vm": "vc"} if explains else {})


NAMES = "abcdef"


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(sorted(SIGNS))),
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES)).map(" ".join)),
)
def test_whatever_explains_something_is_told_itself(states, above):
    found = explained(states, above)
    assert not set(found) & set(found.values())
    assert all(states[root] in "cu" for root in found.values())
