"""A machine is counted once, whoever tells of it: the inventory, a management controller, the register."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.devices import join, sightings_of
from itops.assets.policy import AssetPolicy
from itops.assets.records import (
    Asset,
    AssetKind,
    AssetStatus,
    Disposal,
    Match,
    Part,
    PartKind,
    Purchase,
    VmLink,
)
from itops.assets.sightings import NetworkCard, Sighting, Via, entity_of
from itops.inventory.entities import Entity, EntityKey, Value
from itops.inventory.merge import merged
from itops.names import Identifier, Names
from itops.reports.monthly.servers_machines import Known, Machines, SeenVm, is_in_keeping, machines_of
from tests.inventory.sightings import HOST1, HOST2, host, vm

TODAY = date(2026, 11, 21)
SEEN = datetime(2026, 11, 21, 6, tzinfo=UTC)
UUID = "564d1234-5678-9abc-def0-123456789abc"
MAC = "3c:ec:ef:12:34:56"


def esx(key: str = HOST1, **more: Value) -> Entity:
    base: dict[str, Value] = {"hardware__systemInfo__vendor": "HPE", "hardware__systemInfo__serialNumber": "CZ1234560A"}
    return host(key, **(base | more))


def asset(number: int = 1, kind: AssetKind = AssetKind.SERVER, **more: Any) -> Asset:
    prefix = "VM" if kind is AssetKind.VIRTUAL_SERVER else "SRV"
    known = {"name": Names(fa=f"سرور {number}", en=f"Server {number}"), "site": "head-office", **more}
    return Asset(id=Identifier(f"{prefix}-{number:03}"), kind=kind, **known)


def known(entities: Sequence[Entity] = (), *assets: Asset) -> Known:
    hosts = tuple(one for one in entities if one.kind == "host")
    vms = merged(one for one in entities if one.kind == "vm")
    return Known(
        vms=tuple(SeenVm(thing=thing) for thing in vms),
        hosts=hosts,
        devices=join(sightings_of(entities), AssetPolicy()),
        assets=assets,
        today=TODAY,
    )


def kinds(found: Machines) -> tuple[int, int]:
    """Physical ones, virtual ones."""
    virtual = sum(one.is_virtual for one in found.all)
    return len(found.all) - virtual, virtual


@pytest.mark.parametrize(
    ("entry", "physical"),
    [
        pytest.param(asset(serial="cz12 34560a", vendor="Hewlett Packard Enterprise"), 1, id="its serial"),
        pytest.param(asset(serial="CZ1234560A"), 1, id="its serial, and nobody names the maker"),
        pytest.param(asset(parts=(Part(kind=PartKind.CASE, serial="CZ1234560A"),)), 1, id="the serial of its case"),
        pytest.param(asset(match=Match(uuid=UUID)), 1, id="its UUID, said by hand"),
        pytest.param(asset(match=Match(mac=MAC)), 1, id="its MAC, said by hand"),
        pytest.param(asset(host_name="ESX01"), 1, id="its name"),
        pytest.param(asset(name=Names(fa="میزبان", en="esx01.office.example")), 1, id="what people call it"),
        pytest.param(asset(host_name="esx01", serial="To be filled by O.E.M."), 1, id="its name and a filler"),
        pytest.param(asset(host_name="esx01", serial="CZ9999990Z"), 2, id="its name, and another serial"),
        pytest.param(
            asset(host_name="esx01", match=Match(uuid="4c4c4544-0035-4d10-8051-b7c04f4b3132")),
            2,
            id="its name, and another UUID",
        ),
        pytest.param(asset(host_name="esx02"), 2, id="another name"),
        pytest.param(asset(serial="0000000"), 2, id="nothing but junk"),
    ],
)
def test_a_host_and_its_entry_are_one_machine_by(entry, physical):
    card: Value = [{"device": "vmnic0", "mac": MAC}]
    seen = esx(hardware__systemInfo__uuid=UUID, config__network__pnic=card)
    found = machines_of(known([seen], entry))
    assert kinds(found) == (physical, 0)
    assert {one.asset.id for one in found.all if one.asset} == {entry.id}
    assert found.doubts == ()


def test_the_same_host_of_an_old_export_and_of_a_vcenter_is_one():
    old = replace(esx(hardware__systemInfo__uuid=None), key=EntityKey("rv:esx01"), source="rvtools")
    assert kinds(machines_of(known([esx(), old]))) == (1, 0)
    assert kinds(machines_of(known([esx(), replace(esx(), source="esx01")]))) == (1, 0)


def test_a_host_that_is_a_virtual_machine_of_the_inventory_is_counted_as_that():
    nested = esx(hardware__systemInfo__vendor="VMware, Inc.", hardware__systemInfo__uuid=UUID)
    seen = vm("a", config__uuid=UUID)
    assert kinds(machines_of(known([nested, seen]))) == (0, 1)
    assert kinds(machines_of(known([nested]))) == (0, 1)
    assert kinds(machines_of(known([nested, vm("a", config__uuid=HOST2)]))) == (0, 2)


def test_a_virtual_server_of_the_register_is_not_counted_beside_its_vm_nor_without_it():
    entries = [asset(1, AssetKind.VIRTUAL_SERVER, vm=VmLink(name="sql01"))]
    found = machines_of(known([vm("a", "sql01")], *entries))
    assert kinds(found) == (0, 1)
    assert [one.asset and one.asset.id for one in found.all] == ["VM-001"]
    assert machines_of(known([], *entries)).all == ()


def test_a_physical_server_that_is_called_like_a_vm_is_another_machine():
    assert kinds(machines_of(known([vm("a", "sql01")], asset(host_name="sql01")))) == (1, 1)


def test_a_host_that_may_be_two_entries_is_counted_once_and_the_doubt_is_told():
    twins = asset(1, host_name="esx01"), asset(2, host_name="esx01", site="fardis")
    found = machines_of(known([esx()], *twins))
    assert kinds(found) == (2, 0)
    assert [(one.host.name, one.assets) for one in found.doubts] == [("esx01.example.ir", ("SRV-001", "SRV-002"))]


def test_a_server_that_only_its_controller_shows_is_that_of_the_register_and_a_stranger_is_none():
    controller = Sighting(
        source="ilo",
        key=EntityKey("ilo/192.0.2.9"),
        seen_at=SEEN,
        via=Via.REDFISH,
        address="192.0.2.9",
        kind="server",
        serial="CZ7777770A",
        cards=(NetworkCard(mac="3cecef000001"),),
    )
    seen = [entity_of(controller, "1")]
    assert machines_of(known(seen)).all == ()
    (only,) = machines_of(known(seen, asset(serial="CZ7777770A"))).all
    assert only.device
    assert only.device.addresses == ("192.0.2.9",)


@pytest.mark.parametrize(
    ("told", "is_kept"),
    [
        pytest.param({}, True, id="in use"),
        pytest.param({"status": AssetStatus.STORE}, True, id="in the store"),
        pytest.param({"status": AssetStatus.REPAIR}, True, id="in repair"),
        pytest.param({"status": AssetStatus.LENT}, True, id="lent"),
        pytest.param({"status": AssetStatus.RETIRED}, False, id="retired"),
        pytest.param({"status": AssetStatus.DISPOSED}, False, id="disposed of"),
        pytest.param({"status": AssetStatus.LOST}, False, id="lost"),
        pytest.param(
            {"status": AssetStatus.DISPOSED, "disposal": Disposal(date=date(2026, 11, 21))}, False, id="today"
        ),
        pytest.param({"status": AssetStatus.DISPOSED, "disposal": Disposal(date=date(2026, 11, 22))}, True, id="later"),
        pytest.param({"purchase": Purchase(date=date(2026, 11, 21))}, True, id="bought today"),
        pytest.param({"purchase": Purchase(date=date(2026, 11, 22))}, False, id="bought later"),
        pytest.param({"in_service": date(2026, 12, 1)}, False, id="in service later"),
        pytest.param(
            {"in_service": date(2026, 12, 1), "purchase": Purchase(date=date(2026, 11, 1))}, True, id="in its box"
        ),
    ],
)
def test_a_server_is_in_keeping_when(told, is_kept):
    entry = asset(**told)
    assert is_in_keeping(entry, TODAY) is is_kept
    assert len(machines_of(known([], entry)).all) == is_kept


def test_a_retired_entry_of_a_host_that_is_still_seen_makes_no_second_machine():
    (only,) = machines_of(known([esx()], asset(serial="CZ1234560A", status=AssetStatus.RETIRED))).all
    assert only.asset
    assert only.host


HOSTS = st.lists(st.sampled_from([("1", "CZ1234560A"), ("2", "CZ1234560B"), ("3", None)]), unique=True, max_size=3)
ENTRIES = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from([None, "CZ1234560A", "CZ1234560B", "CZ1234560C"]),
        st.sampled_from([None, "esx01", "esx03"]),
    ),
    unique_by=lambda told: told[0],
    max_size=5,
)


@given(hosts=HOSTS, entries=ENTRIES, data=st.data())
def test_every_host_and_every_entry_is_in_exactly_one_machine_in_whatever_order_they_come(hosts, entries, data):
    seen = [esx(f"{HOST1[:-1]}{key}", hardware__systemInfo__serialNumber=serial) for key, serial in hosts]
    assets = [asset(number, serial=serial, host_name=name) for number, serial, name in entries]
    found = machines_of(known(seen, *assets))
    assert sorted(one.host.key for one in found.all if one.host) == sorted(one.key for one in seen)
    told = [one.asset.id for one in found.all if one.asset]
    assert sorted(told) == sorted(one.id for one in assets)
    shuffled = known(data.draw(st.permutations(seen)), *data.draw(st.permutations(assets)))
    assert set(map(repr, machines_of(shuffled).all)) == set(map(repr, found.all))
