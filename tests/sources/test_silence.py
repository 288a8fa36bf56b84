"""Who did not answer: the expected by name, all the others in one gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind
from itops.sources.asking import HIDES, gap_of
from itops.sources.refusals import Refused, Silent
from itops.sources.silence import Silence, named
from tests.contracts.source_contract import NOW


def silent(address: str) -> Gap:
    return gap_of("s", address, Silent("nobody", remedy="look"))


def seen(address: str) -> Entity:
    return Entity(kind=Kind.DEVICE, key=address, ref=address, source="s", seen_at=NOW, properties={})  # type: ignore[arg-type]


def test_an_address_listed_by_itself_is_missed_by_itself_and_unused_ones_in_one_gap():
    silence = Silence("s", ["10.1.0.0/29", "10.1.0.3", "pc.example.ir"], ["10.1.0.6"], protocol="SSH")
    told = list(silence.heard([*map(silent, ("10.1.0.5", "10.1.0.3", "10.1.0.1", "pc.example.ir")), seen("10.1.0.2")]))
    gaps = [thing for thing in told if isinstance(thing, Gap)]
    assert [(gap.code, gap.subject) for gap in gaps] == [
        ("device.silent", "10.1.0.3"),
        ("device.silent", "pc.example.ir"),
        ("sweep.silent", "2 addresses"),
    ]
    assert gaps[-1].problem == "2 of 4 swept addresses did not answer SSH: 10.1.0.1, 10.1.0.5"
    assert gaps[-1].hides == HIDES


@pytest.mark.parametrize("entry", ["10.1.0.7", "10.1.0.7/32", "10.1.0.7-7", "ups1.example.ir"])
def test_one_address_is_expected_however_it_is_written(entry):
    silence = Silence("s", [entry])
    assert all(map(silence.is_expected, silence.addresses))


def test_a_name_that_leads_into_a_swept_network_makes_that_address_expected():
    silence = Silence("s", ["10.1.0.0/30", "pc.example.ir"])
    assert not silence.is_expected("10.1.0.1")
    silence.expect("10.1.0.1")
    assert silence.is_expected("10.1.0.1")
    assert list(silence.unused(["10.1.0.1"])) == []


def test_a_device_that_refuses_is_named_wherever_it_is():
    refused = gap_of("s", "10.1.0.1", Refused("no", remedy="yes"))
    assert next(Silence("s", ["10.1.0.0/30"]).heard([refused, seen("10.1.0.2")])) == refused


@pytest.mark.parametrize(
    ("entries", "problem"),
    [(["10.1.0.0/24"], "none of the 254 addresses could be read by IPMI"), (["a.b"], "a.b could not be read by IPMI")],
)
def test_when_not_one_tells_anything_that_is_said_after_all_gaps(entries, problem):
    silence = Silence("bmc", entries, protocol="IPMI")
    heard = silence.heard(map(silent, silence.addresses))
    assert isinstance(next(heard), Gap)
    with pytest.raises(SourceUnavailable) as nothing:
        next(heard)
    assert nothing.value.problem == problem
    assert "itops inventory gaps --source bmc" in nothing.value.remedy


@given(st.sets(st.integers(1, 254)), st.sets(st.integers(1, 254)))
def test_nobody_is_forgotten_and_nobody_told_twice(listed, silent_ones):
    entries = ["10.1.0.0/24", *(f"10.1.0.{last}" for last in sorted(listed))]
    things = [*(silent(f"10.1.0.{last}") for last in silent_ones), seen("10.9.9.9")]
    gaps = [thing for thing in Silence("s", entries).heard(things) if isinstance(thing, Gap)]
    alone = {gap.subject for gap in gaps if gap.code == "device.silent"}
    assert alone == {f"10.1.0.{last}" for last in silent_ones & listed}
    together = [gap for gap in gaps if gap.code == "sweep.silent"]
    count = len(silent_ones - listed)
    assert [gap.subject.split()[0] for gap in together] == ([str(count)] if count else [])


@pytest.mark.parametrize(("count", "shown"), [(1, "a"), (3, "a, a, a"), (4, "a, a, a and 1 more"), (0, "")])
def test_a_few_are_named_and_the_rest_counted(count, shown):
    assert named(["a"] * count) == shown
