"""Which sightings are of one device."""

from datetime import timedelta

import pytest

from itops.assets.devices import Device, join
from itops.assets.identity import swapped
from itops.assets.policy import AssetPolicy
from itops.assets.sightings import NetworkCard, Sighting, Via
from itops.errors import ConfigInvalid
from tests.assets.witnesses import DAY, MAC_1, MAC_2, MAC_3, NOW, POLICY, UUID_1, UUID_2, seen


def joined(*sightings: Sighting, policy: AssetPolicy = POLICY) -> list[list[str | None]]:
    """The addresses of each device."""
    devices = join(sightings, policy)
    return sorted((sorted(str(one.address) for one in device.sightings) for device in devices), key=repr)


def one(*sightings: Sighting) -> Device:
    [device] = join(sightings, POLICY)
    return device


A, B, C = "10.1.0.1", "10.1.0.2", "10.1.0.3"


def test_a_host_its_controller_and_its_vsphere_record_are_one_device() -> None:
    controller = seen(A, source="bmc", via=Via.REDFISH, serial="CZ00000KX0", vendor="HPE", uuid=UUID_1, macs=[MAC_1])
    system = seen(B, source="ssh", via=Via.SSH, uuid=swapped(UUID_1), macs=[MAC_2], host_name="srv1")
    record = seen(C, source="vc01", via=Via.VSPHERE, serial="CZ00000KX0", vendor="HP", uuid=UUID_1, macs=[MAC_2])
    device = one(system, record, controller)
    assert device.key == "serial/CZ00000KX0"
    assert device.addresses == (C, B, A)  # its own first, its controller's last
    assert device.host_name == "srv1"


def test_a_controllers_snmp_is_joined_to_its_server_though_every_mac_differs() -> None:
    system = seen(A, via=Via.SNMP_VENDOR, serial="CZ00000KX0", macs=[MAC_1])
    controller = seen(
        B, via=Via.SNMP_VENDOR, serial="CZ00000KX0", macs=[MAC_2], description="Integrated Lights-Out 5 2.44"
    )
    assert joined(system, controller) == [[A, B]]


@pytest.mark.parametrize(
    ("left", "right", "is_one"),
    [
        pytest.param({"serial": "cz0 00"}, {"serial": "CZ000"}, True, id="a serial in two spellings"),
        pytest.param({"serial": "CZ000"}, {"serial": "CZ001"}, False, id="two serials"),
        pytest.param({"serial": "CZ000", "vendor": "HP"}, {"serial": "CZ000", "vendor": "HPE"}, True, id="one maker"),
        pytest.param(
            {"serial": "CZ000", "vendor": "HP"}, {"serial": "CZ000", "vendor": "Dell"}, False, id="two makers"
        ),
        pytest.param({"serial": "CZ000", "kind": "ups"}, {"serial": "CZ000", "kind": "printer"}, False, id="two kinds"),
        pytest.param({"serial": "CZ000", "kind": "ups"}, {"serial": "CZ000"}, True, id="a kind that one does not know"),
        pytest.param({"uuid": UUID_1}, {"uuid": UUID_1.upper()}, True, id="a UUID in two spellings"),
        pytest.param({"uuid": UUID_1}, {"uuid": swapped(UUID_1)}, True, id="a UUID in both byte orders"),
        pytest.param(
            {"uuid": UUID_1, "serial": "CZ000"}, {"uuid": UUID_1, "serial": "CZ001"}, False, id="UUID, serials differ"
        ),
        pytest.param({"macs": [MAC_1]}, {"macs": [MAC_1, MAC_2]}, True, id="a MAC in common"),
        pytest.param(
            {"macs": [MAC_1], "uuid": UUID_1}, {"macs": [MAC_1], "uuid": UUID_2}, False, id="MAC, UUIDs differ"
        ),
        pytest.param(
            {"macs": [MAC_1], "serial": "CZ000"}, {"macs": [MAC_1], "serial": "CZ001"}, False, id="MAC, serials differ"
        ),
        pytest.param(
            {"macs": [MAC_1], "serial": "CZ000"}, {"macs": [MAC_1], "uuid": UUID_1}, True, id="MAC, nothing differs"
        ),
        pytest.param({"board_serial": "BRD0417"}, {"board_serial": "BRD0417"}, True, id="a board"),
        pytest.param(
            {"uuid": UUID_1, "is_virtual": True}, {"uuid": UUID_1, "is_virtual": False}, False, id="virtual and real"
        ),
        pytest.param({"serial": "N/A"}, {"serial": "N/A"}, False, id="a filler"),
        pytest.param({"uuid": "0" * 32}, {"uuid": "0" * 32}, False, id="a filler UUID"),
        pytest.param({"macs": ["00005e000101"]}, {"macs": ["00005e000101"]}, False, id="a floating MAC"),
        pytest.param({"host_name": "pc-14"}, {"host_name": "pc-14"}, False, id="a name proves nothing"),
    ],
)
def test_two_sightings_are_one_device(left: dict[str, object], right: dict[str, object], is_one: bool) -> None:
    sightings = seen(A, source="one", **left), seen(B, source="two", at=NOW - 2 * DAY, **right)  # type: ignore[arg-type]
    assert (len(join(sightings, POLICY)) == 1) is is_one


def test_a_serial_that_two_living_devices_have_is_learned_to_be_junk() -> None:
    devices = join([seen(A, serial="FILLER77", macs=[MAC_1]), seen(B, serial="FILLER77", macs=[MAC_2])], POLICY)
    assert [(device.key, device.serial, device.learned) for device in devices] == [
        (f"mac/{MAC_1}", None, {"FILLER77"}),
        (f"mac/{MAC_2}", None, {"FILLER77"}),
    ]


def test_a_uuid_that_two_living_devices_have_is_learned_too() -> None:
    devices = join([seen(A, uuid=UUID_1, macs=[MAC_1]), seen(B, uuid=swapped(UUID_1), macs=[MAC_2])], POLICY)
    assert [device.key for device in devices] == [f"mac/{MAC_1}", f"mac/{MAC_2}"]
    assert all(device.learned for device in devices)


def test_what_the_office_wrote_down_as_junk_joins_nothing_even_on_different_days() -> None:
    policy = AssetPolicy(junk_serials=("filler 77",))
    sightings = seen(A, serial="FILLER77", macs=[MAC_1]), seen(B, serial="FILLER77", macs=[MAC_2], at=NOW - 9 * DAY)
    assert joined(*sightings, policy=policy) == [[A], [B]]


def test_one_machine_that_two_collectors_see_by_different_cards_is_no_proof_of_junk() -> None:
    agent = seen(A, source="agents", via=Via.AGENT, serial="5CG0000001", uuid=UUID_1, macs=[MAC_1])
    by_ssh = seen(B, source="ssh", via=Via.SSH, serial="5CG0000001", uuid=UUID_1, macs=[MAC_2])
    assert joined(agent, by_ssh) == [[A, B]]


def test_one_serial_with_two_uuids_and_no_card_in_common_is_two_machines_though_they_never_met() -> None:
    first = seen(A, serial="FILLER77", uuid=UUID_1, macs=[MAC_1])
    later = seen(B, serial="FILLER77", uuid=UUID_2, macs=[MAC_2], at=NOW - 9 * DAY)
    assert joined(first, later) == [[A], [B]]


def test_nodes_of_one_chassis_are_told_apart_by_their_slots() -> None:
    nodes = [
        seen(A, source="bmc", via=Via.REDFISH, serial="CHS0417", slot=str(slot), macs=[mac], key=f"bmc/{A}/{slot}")
        for slot, mac in ((1, MAC_1), (2, MAC_2))
    ]
    devices = join(nodes, POLICY)
    assert [device.serial for device in devices] == ["CHS0417", "CHS0417"]
    assert len({device.key for device in devices}) == 2


def test_a_mac_that_two_serials_claim_belongs_to_neither() -> None:
    """A dock that went from desk to desk: whoever shows only its MAC may be any of them."""
    first = seen(A, source="agents", serial="5CG0000001", macs=[MAC_1, MAC_3])
    second = seen(B, source="agents", serial="5CG0000002", macs=[MAC_2, MAC_3])
    third = seen(C, source="sweep", via=Via.SWEEP, macs=[MAC_3])
    devices = join([first, second, third], POLICY)
    assert joined(first, second, third) == [[A], [B], [C]]
    assert [device.macs for device in devices if C in device.addresses] == [frozenset()]


def test_a_device_between_two_that_contradict_each_other_joins_neither() -> None:
    first = seen(A, source="agents", serial="5CG0000001", macs=[MAC_1])
    second = seen(B, source="agents", serial="5CG0000002", macs=[MAC_2])
    both = seen(C, source="other", macs=[MAC_1, MAC_2])
    assert joined(first, second, both) == [[A], [B], [C]]


def test_what_a_ups_says_and_what_a_sweep_sees_at_its_address_is_one_device() -> None:
    ups = seen(A, serial="QA0000000001", site="head")
    swept = seen(A, source="sweep", via=Via.SWEEP, macs=[MAC_1], at=NOW + timedelta(minutes=20))
    assert one(ups, swept).macs == {MAC_1}


@pytest.mark.parametrize(
    "swept",
    [
        pytest.param({"at": NOW - DAY, "macs": [MAC_1]}, id="yesterday"),
        pytest.param({"site": "fardis", "macs": [MAC_1]}, id="another site"),
        pytest.param({"serial": "QA0000000002"}, id="another serial"),
    ],
)
def test_an_address_joins_nothing_else(swept: dict[str, object]) -> None:
    ups = seen(A, serial="QA0000000001", site="head")
    assert len(join([ups, seen(A, source="sweep", via=Via.SWEEP, **swept)], POLICY)) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["10.9.0.7", "127.0.0.1", "169.254.0.1"])
def test_an_address_that_is_lent_or_nobodys_own_joins_nothing(address: str) -> None:
    policy = AssetPolicy(dhcp=("10.9.0.0/24",))
    sightings = seen(address, serial="QA0000000001"), seen(address, source="sweep", via=Via.SWEEP, macs=[MAC_1])
    assert len(join(sightings, policy)) == 2


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ConfigInvalid, match=r"assets\.dhcp: 'ten' is no network"):
        join([], AssetPolicy(dhcp=("ten",)))


def test_a_partial_file_belongs_to_the_agents_whole_one_and_clears_nothing() -> None:
    whole = seen(
        A, source="agents", via=Via.AGENT, key="agents/a-1", at=NOW - DAY, serial="5CG0000001", os="Windows 10"
    )
    partial = seen(A, source="agents", via=Via.AGENT, key="agents/a-1", is_partial=True, os="Windows 11")
    device = one(partial, whole)
    assert device.told("os") == ("Windows 11", partial)
    assert device.told("serial") == ("5CG0000001", whole)


def test_a_whole_new_look_replaces_the_same_collectors_older_one() -> None:
    old = seen(A, at=NOW - DAY, serial="CZ00000KX0", contact_place="room 2")
    new = seen(A, serial="CZ00000KX0")
    device = one(old, new)
    assert device.sightings == (new,)
    assert device.told("contact_place") is None


def test_another_device_at_an_old_address_does_not_wipe_out_who_was_there() -> None:
    was = seen(A, at=NOW - 3 * DAY, serial="CZ00000KX0", macs=[MAC_1])
    now = seen(A, serial="CZ00000KX1", macs=[MAC_2])
    assert [(device.serial, device.seen_at) for device in join([now, was], POLICY)] == [
        ("CZ00000KX0", NOW - 3 * DAY),
        ("CZ00000KX1", NOW),
    ]


def test_a_guest_is_joined_to_its_virtual_machine_by_the_bios_uuid_in_its_serial() -> None:
    bios = "VMware-42 1a 5e 2b 7c 00 ae f2-9c 8b 11 22 33 44 55 66"
    record = seen(A, source="vc01", via=Via.VSPHERE, is_virtual=True, kind="virtual_server", uuid=UUID_1, serial=bios)
    guest = seen(B, source="ssh", via=Via.SSH, uuid=swapped("421a5e2b-7c00-aef2-9c8b-112233445566"), is_virtual=True)
    assert joined(record, guest) == [[A, B]]


def test_a_clone_with_the_same_mac_and_bios_uuid_is_another_machine() -> None:
    bios = "VMware-42 1a 5e 2b 7c 00 ae f2-9c 8b 11 22 33 44 55 66"
    records = [
        seen(
            address,
            source="vc01",
            via=Via.VSPHERE,
            is_virtual=True,
            kind="virtual_server",
            uuid=uuid,
            serial=bios,
            macs=[MAC_1],
        )
        for address, uuid in ((A, UUID_1), (B, UUID_2))
    ]
    assert joined(*records) == [[A], [B]]


def test_one_instance_on_two_hosts_is_a_machine_and_its_copy() -> None:
    records = [
        seen(None, source=host, via=Via.VSPHERE, is_virtual=True, kind="virtual_server", uuid=UUID_1, slot=host)
        for host in ("esx1", "esx2")
    ]
    assert [device.key for device in join(records, POLICY)] == [
        f"uuid/{min(UUID_1, swapped(UUID_1))}@esx{n}" for n in (1, 2)
    ]


def test_a_flood_of_devices_with_one_mac_is_no_device() -> None:
    flood = [seen(f"10.{number // 200}.0.{number % 200}", macs=[MAC_1]) for number in range(600)]
    assert len(join(flood, POLICY)) == 600


def test_nothing_seen_is_no_device() -> None:
    assert join([], POLICY) == ()


def test_a_bmc_card_is_its_servers() -> None:
    controller = seen(A, via=Via.SNMP_VENDOR, serial="CZ00000KX0", cards=[NetworkCard(mac=MAC_1, medium="bmc")])
    assert one(controller, seen(B, source="ssh", via=Via.SSH, serial="CZ00000KX0", macs=[MAC_2])).macs == {MAC_1, MAC_2}


def test_a_network_card_that_was_exchanged_last_month_is_no_junk() -> None:
    was, now = seen(A, serial="CZ00000KX0", macs=[MAC_1], at=NOW - 30 * DAY), seen(B, serial="CZ00000KX0", macs=[MAC_2])
    assert one(was, now).serial == "CZ00000KX0"


def test_one_number_of_two_makers_is_no_junk() -> None:
    devices = join(
        [
            seen(A, serial="CZ00000KX0", vendor="HP", macs=[MAC_1]),
            seen(B, serial="CZ00000KX0", vendor="Dell", macs=[MAC_2]),
        ],
        POLICY,
    )
    assert [(device.serial, device.learned) for device in devices] == [("CZ00000KX0", frozenset())] * 2
    assert len({device.key for device in devices}) == 2


def test_who_speaks_with_the_operating_system_is_no_controller_whatever_the_machine_is_called() -> None:
    """Two desktops with one filler, and a description that only sounds like a controller's."""
    first = seen(A, source="ssh", via=Via.SSH, serial="FILLER77", macs=[MAC_1], description="bmc lab machine")
    second = seen(B, source="ssh", via=Via.SSH, serial="FILLER77", macs=[MAC_2])
    assert joined(first, second) == [[A], [B]]
