"""Hosts and virtual machines as sightings."""

from itops.assets.devices import join, sighting_of_host, sighting_of_vm, sightings_of
from itops.assets.sightings import Via, entity_of
from itops.inventory.entities import Kind
from tests.assets.witnesses import MAC_1, POLICY, UUID_1, seen
from tests.inventory.factory import host_entity, host_uuid, office, vm_entity, vm_uuid


def test_a_host_is_a_real_server_with_its_cards_and_serial() -> None:
    card = {"device": "vmnic0", "mac": "3C:1A:20:00:00:01"}
    entity = host_entity(1, {"config.network.pnic": [card], "hardware.systemInfo.serialNumber": "CZ00000KX0"})
    sighting = sighting_of_host(entity)
    assert (sighting.via, sighting.kind, sighting.is_virtual) == (Via.VSPHERE, "server", False)
    assert (sighting.serial, sighting.uuid, sighting.host_name) == ("CZ00000KX0", host_uuid(1), "esx01.example.ir")
    assert [(held.mac, held.name) for held in sighting.cards] == [(MAC_1, "vmnic0")]


def test_a_host_inside_a_virtual_machine_is_virtual() -> None:
    assert sighting_of_host(host_entity(1, {"hardware.systemInfo.vendor": "VMware, Inc."})).is_virtual


def test_a_virtual_machine_is_its_instance_and_knows_its_guests_serial() -> None:
    sighting = sighting_of_vm(vm_entity(3, {"config.uuid": "421a5e2b-7c00-aef2-9c8b-112233445566"}))
    assert (sighting.uuid, sighting.is_virtual, sighting.kind) == (vm_uuid(3), True, "virtual_server")
    assert sighting.serial == "VMware-421a5e2b7c00aef2-9c8b112233445566"
    assert sighting.description == vm_entity(3).name


def test_templates_and_what_is_no_machine_are_no_sightings() -> None:
    device = entity_of(seen(uuid=UUID_1), ref="x")
    entities = [vm_entity(1), vm_entity(2, {"config.template": True}), host_entity(1), device]
    assert [found.via for found in sightings_of(entities)] == [Via.VSPHERE, Via.VSPHERE, Via.SNMP]


def test_every_machine_of_an_office_is_one_device() -> None:
    entities = [entity for entity in office() if entity.kind in {Kind.HOST, Kind.VM}]
    sightings = list(sightings_of(entities))
    assert len(join(sightings, POLICY)) == len(sightings) > 3
