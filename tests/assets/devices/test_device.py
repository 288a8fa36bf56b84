"""Whom to believe of one device."""

import pytest

from itops.assets.devices import device_of
from itops.assets.records import AssetKind
from itops.assets.sightings import Sighting, Via
from tests.assets.witnesses import DAY, MAC_1, NOW, seen


def test_the_best_witness_is_believed_whatever_is_newer() -> None:
    said = [
        seen(source=via.value, via=via, at=NOW + rank * DAY, firmware=via.value)
        for rank, via in enumerate(reversed(Via))
    ]
    believed = []
    while said:
        told = device_of(said).told("firmware")
        assert told is not None
        believed.append(told[0])
        said.remove(told[1])
    assert believed == ["redfish", "ipmi", "vsphere", "agent", "ssh", "snmp_vendor", "snmp", "sweep"]


def test_within_one_kind_of_witness_the_newest_is_believed() -> None:
    old, new = seen(source="a", at=NOW - DAY, firmware="1.10"), seen(source="b", firmware="1.9")
    assert device_of([old, new]).told("firmware") == ("1.9", new)


def test_a_source_that_failed_leaves_its_old_value_with_its_date() -> None:
    controller = seen(source="bmc", via=Via.REDFISH, at=NOW - 40 * DAY, firmware="2.44", serial="CZ00000KX0")
    device = device_of([controller, seen(serial="CZ00000KX0")])
    told = device.told("firmware")
    assert told is not None
    assert (told[0], told[1].seen_at, device.seen_at) == ("2.44", NOW - 40 * DAY, NOW)


@pytest.mark.parametrize(
    ("field", "junk", "good"),
    [
        ("serial", "Default string", "5CG0000001"),
        ("vendor", "System manufacturer", "Dell"),
        ("model", "System Product Name", "OptiPlex 7010"),
        ("uuid", "03000200-0400-0500-0006-000700080009", "4c4c4544-0034-4d10-8051-b4c04f4e3131"),
        ("asset_tag", "No Asset Tag", "1402001"),
        ("host_name", "localhost.localdomain", "srv1"),
    ],
)
def test_junk_of_a_better_witness_is_passed_over(field: str, junk: str, good: str) -> None:
    better, worse = seen(via=Via.AGENT, source="a", **{field: junk}), seen(via=Via.SNMP, source="b", **{field: good})
    assert device_of([better, worse]).told(field) == (good, worse)
    assert device_of([better]).told(field) is None


def test_a_desktop_without_maker_is_named_after_its_board() -> None:
    device = device_of(
        [seen(vendor="System manufacturer", board_vendor="ASUSTeK", model="", board_model="PRIME H310M")]
    )
    assert [found[0] for field in ("vendor", "model") if (found := device.told(field))] == ["ASUS", "PRIME H310M"]
    assert device.told_itself("vendor") is None


def test_a_controllers_own_name_is_not_its_servers() -> None:
    controller = seen("10.1.0.1", source="bmc", via=Via.IPMI, host_name="ILOCZ00000KX0")
    system = seen("10.1.0.2", via=Via.SNMP, host_name="srv1.office.example")
    device = device_of([controller, system])
    assert (device.host_name, device.addresses) == ("srv1", ("10.1.0.2", "10.1.0.1"))


def test_that_something_answers_at_its_address_is_not_a_device_seen() -> None:
    recognised = seen(serial="CZ00000KX0", at=NOW - DAY)
    pinged = seen(source="sweep", via=Via.SWEEP)
    assert device_of([recognised, pinged]).seen_at == NOW - DAY


def test_where_it_was_last_seen_is_where_it_is() -> None:
    said = [
        seen(source="a", site="head", at=NOW - DAY, via=Via.REDFISH),
        seen(source="b", site="fardis"),
        seen(source="c"),
    ]
    assert device_of(said).site == "fardis"


@pytest.mark.parametrize(
    ("said", "is_virtual"),
    [
        ({"is_virtual": False, "vendor": "VMware, Inc."}, False),
        ({"vendor": "VMware, Inc."}, True),
        ({"model": "KVM"}, True),
        ({"model": "Virtual Machine", "vendor": "Microsoft Corporation"}, True),
        ({"serial": "VMware-56 4d 7d 3c 00 ae f2 51-9c 8b 11 22 33 44 55 66"}, True),
        ({"macs": ["005056aabbcc", "000c29aabbcc"]}, True),
        ({"macs": ["005056aabbcc", MAC_1]}, None),
        ({"via": Via.IPMI}, False),
        ({}, None),
    ],
)
def test_a_machine_is_virtual_by_what_only_virtual_ones_have(said: dict[str, object], is_virtual: bool | None) -> None:
    assert device_of([seen(**said)]).is_virtual is is_virtual  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"serial": "cz1 234", "uuid": "4c4c4544-0034-4d10-8051-b4c04f4e3131"}, "serial/CZ1234"),
        (
            {"uuid": "4c4c4544-0034-4d10-8051-b4c04f4e3131", "macs": [MAC_1]},
            "uuid/44454c4c-3400-104d-8051-b4c04f4e3131",
        ),
        ({"macs": [MAC_1, "3c1a20000000"]}, "mac/3c1a20000000"),
        ({"serial": "N/A"}, "seen/net/10.1.0.5"),
    ],
)
def test_a_device_is_called_by_the_best_that_it_tells(said: dict[str, object], key: str) -> None:
    assert device_of([seen(**said)]).key == key  # type: ignore[arg-type]


def test_a_kind_that_there_is_not_is_none() -> None:
    def kind(sighting: Sighting) -> AssetKind | None:
        return device_of([sighting]).kind

    assert kind(seen(kind="toaster")) is None
    assert kind(seen(kind="ups")) is AssetKind.UPS
    assert kind(seen(is_virtual=True)) is AssetKind.VIRTUAL_SERVER


def test_a_virtual_machine_is_never_known_by_its_macs() -> None:
    assert not device_of([seen(macs=["005056aabbcc"])]).is_telling
    assert device_of([seen(macs=[MAC_1])]).is_telling


def test_the_name_of_a_management_controller_is_not_its_servers():
    alone = device_of([seen("10.1.9.5", via=Via.REDFISH, serial="CZ00000KX0", vendor="HPE", host_name="ilo-bkp")])
    assert alone.told("host_name") is None
    assert alone.addresses == ("10.1.9.5",)
