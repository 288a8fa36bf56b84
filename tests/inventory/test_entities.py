"""Entities and gaps as every room reads them."""

from dataclasses import FrozenInstanceError, replace

import pytest

from itops.inventory.entities import Gap, Kind, Place
from tests.inventory.factory import vm_entity


def test_a_thing_is_called_by_its_name_and_else_by_what_the_source_calls_it():
    vm = vm_entity(1, {"name": "سرور بیمه"})
    assert vm.name == "سرور بیمه"
    for nameless in ({}, {"name": ""}, {"name": None}, {"name": 7}):
        assert replace(vm, properties=nameless).name == vm.ref


def test_what_the_source_did_not_give_is_none_and_what_is_false_stays_false():
    vm = replace(vm_entity(), properties={"config.template": False, "config.hardware.numCPU": 0})
    assert vm.get("config.template") is False
    assert vm.get("config.hardware.numCPU") == 0
    assert vm.get("config.annotation") is None


@pytest.mark.parametrize("field", ["key", "source", "properties"])
def test_an_entity_is_not_changed_in_place(field):
    with pytest.raises(FrozenInstanceError):
        setattr(vm_entity(), field, "other")


def test_a_gap_hides_nothing_unless_it_says_so():
    gap = Gap(source="vc01", subject="tags", code="tags.unavailable", problem="p", remedy="r")
    assert gap.hides == frozenset()


def test_the_words_of_kinds_are_stable():
    # They stand in the store, in recordings and in the JSON contract.
    assert {kind.value for kind in Kind} == {
        "vm", "host", "cluster", "datastore", "datastore_cluster", "network", "portgroup", "switch",
        "resource_pool", "datacenter", "license", "endpoint", "device",
    }  # fmt: skip


def test_places_are_apart_from_api_paths_and_from_each_other():
    places = [value for name, value in vars(Place).items() if name.isupper()]
    assert len(places) == len(set(places))
    assert all(place.startswith("at.") for place in places)
