"""Typed records: the border where API units and oddities end."""

from datetime import UTC, datetime

import pytest

from itops.inventory.devices import guest_nic, ip_addresses_of, nics_of
from itops.inventory.entities import Entity, EntityKey, Kind, Value
from itops.inventory.records import vlan_text, vm_of
from itops.inventory.snapshots import snapshots_of
from itops.inventory.values import moment

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def vm(**properties: Value) -> Entity:
    return Entity(kind=Kind.VM, key=EntityKey("k"), ref="vm-1", source="vc01", seen_at=NOW, properties=properties)


def link(*keys: int) -> Value:
    return {"fileKey": list(keys)}


def disk(*links: Value) -> Value:
    return {"key": 2000, "chain": list(links)}


BASE, FIRST, SECOND = link(1, 2), link(3, 4), link(5, 6)
FILES: list[Value] = [
    {"key": key, "size": size}
    for key, size in {1: 1, 2: 50_000, 3: 1, 4: 700, 5: 1, 6: 90, 10: 5, 11: 6, 12: 1000}.items()
]


def node(ref: str, *children: Value) -> Value:
    return {"snapshot": ref, "name": ref, "childSnapshotList": list(children)}


def test_each_delta_counts_for_the_snapshot_that_made_it_grow() -> None:
    found = snapshots_of(
        vm(
            **{
                "snapshot.rootSnapshotList": [node("old", node("new"))],
                "layoutEx.file": FILES,
                "layoutEx.snapshot": [
                    {"key": "old", "dataKey": 10, "memoryKey": -1, "disk": [disk(BASE)]},
                    {"key": "new", "dataKey": 11, "memoryKey": 12, "disk": [disk(BASE, FIRST)]},
                ],
                "layoutEx.disk": [disk(BASE, FIRST, SECOND)],
            }
        )
    )
    assert {snapshot.name: snapshot.size_bytes for snapshot in found} == {"old": 5 + 701, "new": 6 + 1000 + 91}
    assert [snapshot.depth for snapshot in found] == [0, 1]


@pytest.mark.parametrize("layout", [{}, {"layoutEx.snapshot": [{"key": "old", "dataKey": 3}]}])
def test_a_snapshot_without_the_list_of_files_has_no_known_size(layout: dict[str, Value]) -> None:
    (found,) = snapshots_of(vm(**{"snapshot.rootSnapshotList": [node("old")], **layout}))
    assert found.size_bytes is None


def test_an_orphan_without_configuration_keeps_its_name_and_guesses_nothing() -> None:
    found = vm_of(vm(name="lost", **{"runtime.connectionState": "orphaned"}))
    assert (found.name, found.cpu_count, found.disk_count, found.is_template) == ("lost", None, None, None)


def nic(key: int, *addresses: str, mac: str = "") -> Value:
    configured: list[Value] = [{"ipAddress": address, "prefixLength": 24} for address in addresses]
    return {"deviceConfigId": key, "macAddress": mac, "ipConfig": {"ipAddress": configured}}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param({"guest.ipAddress": "10.0.0.5"}, ("10.0.0.5",), id="only what the tools report"),
        pytest.param(
            {"guest.ipAddress": "172.17.0.1", "guest.net": [nic(-1, "172.17.0.1"), nic(4000, "10.0.0.5")]},
            ("10.0.0.5",),
            id="docker's bridge is not the server's address",
        ),
        pytest.param(
            {
                "guest.ipAddress": "10.0.0.5",
                "guest.net": [nic(4000, "10.0.0.5"), nic(4001, "10.9.9.9")],
                "guest.ipStack": [
                    {
                        "ipRouteConfig": {
                            "ipRoute": [{"network": "0.0.0.0", "prefixLength": 0, "gateway": {"ipAddress": "10.9.9.1"}}]
                        }
                    }
                ],
            },
            ("10.9.9.9", "10.0.0.5"),
            id="the one beside the gateway comes first",
        ),
        pytest.param({"guest.net": [nic(4000, "fe80::1", "169.254.3.4")]}, (), id="link-local is nobody's address"),
        pytest.param({"guest.net": "nonsense"}, (), id="rubbish"),
    ],
)
def test_the_primary_address(properties: dict[str, Value], expected: tuple[str, ...]) -> None:
    assert ip_addresses_of(vm(**properties)) == expected


def test_a_card_is_found_in_the_guest_by_its_key_then_by_its_mac() -> None:
    entity = vm(**{"guest.net": [nic(7, "10.0.0.7"), nic(8, "10.0.0.8", mac="00:50:56:00:00:08")]})
    assert guest_nic(entity, {"key": 7})["deviceConfigId"] == 7
    assert guest_nic(entity, {"key": 99, "macAddress": "00:50:56:00:00:08"})["deviceConfigId"] == 8
    assert guest_nic(entity, {"key": 99}) == {}


def test_only_cards_are_cards() -> None:
    device: Value = {"_type": "VirtualVmxnet3", "key": 7, "macAddress": "00:50:56:00:00:07", "network": "Servers"}
    (found,) = nics_of(vm(**{"config.hardware.device": [device, {"_type": "VirtualCdrom", "key": 3000}]}))
    assert (found.adapter, found.network) == ("Vmxnet3", "Servers")


def test_moments_without_an_offset_are_not_moments() -> None:
    assert moment("2026-11-01T10:00:00Z") == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert moment("2026-11-01T10:00:00") is None
    assert moment("soon") is None


@pytest.mark.parametrize(
    ("vlan", "expected"),
    [
        ({"vlanId": 12}, "12"),
        ({"vlanId": [{"start": 0, "end": 4094}]}, "0-4094"),
        ({"pvlanId": 7}, "7"),
        (None, None),
    ],
)
def test_vlans_of_every_kind(vlan: Value, expected: str | None) -> None:
    assert vlan_text(vlan) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [("1970-01-01T00:00:00Z", None), ("2025-04-12T06:10:05Z", datetime(2025, 4, 12, 6, 10, 5, tzinfo=UTC))],
)
def test_the_first_moment_of_1970_is_no_birth_date(said: str, expected: datetime | None) -> None:
    assert vm_of(vm(**{"config.createDate": said})).created_at == expected
