"""Which entry of the register a device is."""

from typing import Any

import pytest

from itops.assets.devices import join
from itops.assets.identity import swapped
from itops.assets.matching import DeviceMatch, Matches, Rule, match
from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, AssetKind, AssetStatus, Match, Part, PartKind, VmLink
from itops.assets.sightings import Sighting, Via
from tests.assets.witnesses import DAY, MAC_1, MAC_2, NOW, POLICY, UUID_1, UUID_2, asset, seen

A, B = "10.1.0.1", "10.1.0.2"


def matched(assets: list[Asset], *sightings: Sighting, policy: AssetPolicy = POLICY) -> Matches:
    return match(assets, join(sightings, policy), policy)


def only(assets: list[Asset], *sightings: Sighting, policy: AssetPolicy = POLICY) -> DeviceMatch:
    [found] = matched(assets, *sightings, policy=policy).devices
    return found


SERVER = {"kind": AssetKind.SERVER, "serial": "CZ00000KX0", "vendor": "HPE"}
VM = {"kind": AssetKind.VIRTUAL_SERVER, "vm": VmLink(uuid=UUID_1)}


@pytest.mark.parametrize(
    ("entry", "said", "rule"),
    [
        pytest.param(
            {"serial": "cz00000kx0", "vendor": "HP"}, {"serial": "CZ00000KX0", "vendor": "HPE"}, "serial", id="serial"
        ),
        pytest.param(
            {"serial": "CZ00000KX0"}, {"serial": "CZ00000KX0", "vendor": "HPE"}, "serial", id="maker not written"
        ),
        pytest.param({"serial": "CZ00000KX0", "vendor": "HP"}, {"serial": "CZ00000KX0"}, "serial", id="maker not told"),
        pytest.param({"serial": "BRD0417"}, {"board_serial": "BRD0417"}, "serial", id="the board's serial"),
        pytest.param({"serial": "CHS0417/2"}, {"serial": "CHS0417", "slot": "2"}, "serial", id="a node of a chassis"),
        pytest.param(
            {"parts": (Part(kind=PartKind.CASE, serial="5CG0000001"),)},
            {"serial": "5CG0000001"},
            "serial",
            id="the case's serial",
        ),
        pytest.param({"asset_tag": "۱۴۰۲۰۰۱"}, {"asset_tag": "1402001"}, "tag", id="property number"),
        pytest.param(
            {"parts": (Part(kind=PartKind.CASE, asset_tag="1402001"),)},
            {"asset_tag": "1402001"},
            "tag",
            id="the case's number",
        ),
        pytest.param({"match": Match(ip=A)}, {}, "pin", id="pin: address"),
        pytest.param({"match": Match(mac="3C:1A:20:00:00:01")}, {"macs": [MAC_1]}, "pin", id="pin: MAC"),
        pytest.param(
            {"match": Match(serial="0000")}, {"serial": "0000"}, "pin", id="pin: a serial that is junk elsewhere"
        ),
        pytest.param({"match": Match(uuid=UUID_1)}, {"uuid": swapped(UUID_1)}, "pin", id="pin: UUID"),
        pytest.param({"match": Match(agent_id="a-1")}, {"agent_id": "A-1"}, "pin", id="pin: agent"),
        pytest.param(VM, {"uuid": UUID_1, "is_virtual": True}, "vm", id="virtual machine"),
    ],
)
def test_a_device_is_an_entry(entry: dict[str, Any], said: dict[str, Any], rule: str) -> None:
    found = only([asset("OTH-9", AssetKind.OTHER), asset(**entry)], seen(A, **said))
    assert (found.asset and found.asset.id, found.rule) == ("PC-001", rule)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param({"serial": "N/A"}, {"serial": "N/A"}, id="a filler"),
        pytest.param({"serial": "CZ00000KX0"}, {"serial": "CZ00000KX1"}, id="another serial"),
        pytest.param({"asset_tag": "14020011"}, {"asset_tag": "14020011"}, id="a number that is none of the office's"),
        pytest.param({"serial": "1402001"}, {"asset_tag": "1402001"}, id="a number in the serial's place"),
        pytest.param({"asset_tag": "1402001"}, {"serial": "1402001"}, id="a serial in the number's place"),
        pytest.param({"serial": "CZ00000KX0"}, {"serial": "CZ00000KX0", "is_virtual": True}, id="virtual and real"),
        pytest.param(VM, {"uuid": UUID_1, "is_virtual": False}, id="real and virtual"),
        pytest.param(VM, {"uuid": UUID_2, "is_virtual": True}, id="another instance"),
        pytest.param({"kind": AssetKind.VIRTUAL_SERVER}, {"macs": ["005056aabbcc"]}, id="a virtual machine's MAC"),
        pytest.param({"host_name": "pc-14"}, {"host_name": "pc-14", "site": "fardis"}, id="a name at another site"),
        pytest.param(
            {"host_name": "pc-14"},
            {"host_name": "pc-14", "site": "head", "kind": "printer"},
            id="a printer of its name",
        ),
        pytest.param(
            {"host_name": "pc-14", "status": AssetStatus.DISPOSED}, {"host_name": "pc-14", "site": "head"}, id="gone"
        ),
    ],
)
def test_a_device_is_not_an_entry(entry: dict[str, Any], said: dict[str, Any]) -> None:
    other_site = asset("PC-900", site="fardis")
    assert only([asset(**entry), other_site], seen(A, **said)).is_unmatched


def test_a_pin_beats_every_rule() -> None:
    pinned, by_serial = asset("PC-001", match=Match(ip=A)), asset("PC-002", serial="CZ00000KX0")
    found = only([by_serial, pinned], seen(A, serial="CZ00000KX0"))
    assert (found.asset, found.rule) == (pinned, Rule.PIN)


def test_a_serial_beats_a_property_number() -> None:
    by_serial, by_tag = asset("PC-002", serial="CZ00000KX0"), asset("PC-001", asset_tag="1402001")
    assert only([by_tag, by_serial], seen(A, serial="CZ00000KX0", asset_tag="1402001")).asset == by_serial


def test_where_a_better_rule_has_two_candidates_a_worse_one_with_one_decides() -> None:
    assets = [asset("SRV-1", AssetKind.SERVER, serial="CZ00000KX0", vendor="HP", asset_tag="1402001")]
    assets.append(asset("SRV-2", AssetKind.SERVER, serial="CZ00000KX0"))
    said = {"serial": "CZ00000KX0", "vendor": "HP"}
    assert [held.id for held in only(assets, seen(A, **said)).candidates] == ["SRV-1", "SRV-2"]
    assert only(assets, seen(A, asset_tag="1402001", **said)).rule is Rule.TAG


def test_two_devices_for_one_entry_are_neither() -> None:
    sightings = seen(A, asset_tag="1402001", macs=[MAC_1]), seen(B, asset_tag="1402001", macs=[MAC_2])
    found = matched([asset(asset_tag="1402001")], *sightings)
    assert [one.asset for one in found.devices] == [None, None]
    assert [[held.id for held in one.candidates] for one in found.ambiguous] == [["PC-001"], ["PC-001"]]
    assert [one.rivals[0].key for one in found.ambiguous] == [f"mac/{MAC_2}", f"mac/{MAC_1}"]


def test_of_two_devices_for_one_entry_the_one_pinned_by_hand_is_it() -> None:
    entry = asset(serial="CZ00000KX0", match=Match(ip=B))
    found = matched([entry], seen(A, serial="CZ00000KX0"), seen(B, macs=[MAC_2]))
    decided = found.of_asset("PC-001")
    assert decided is not None
    assert decided.device.addresses == (B,)
    assert [one.device.addresses for one in found.ambiguous] == [(A,)]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"uuid": UUID_1}, Rule.UUID),
        ({"macs": [MAC_1]}, Rule.MAC),
        ({"serial": "CZ00000KX0"}, Rule.SERIAL),
    ],
)
def test_how_the_last_sighting_was_recognised_is_told(said: dict[str, Any], rule: Rule) -> None:
    before = seen(A, source="bmc", at=NOW - DAY, serial="CZ00000KX0", uuid=UUID_1, macs=[MAC_1])
    assert only([asset(serial="CZ00000KX0")], before, seen(B, **said)).rule is rule


@pytest.mark.parametrize(
    ("entry", "said", "rule"),
    [
        ({"host_name": "PC-14"}, {"host_name": "pc-14.office.example", "site": "head"}, Rule.HOST_NAME),
        (
            {"host_name": "PC-14", "serial": "N/A"},
            {"host_name": "pc-14", "site": "head", "serial": "5CG0000001"},
            Rule.HOST_NAME,
        ),
        (
            {"serial": "CZ00000KX0", "vendor": "HP"},
            {"serial": "CZ00000KX0", "vendor": "Dell"},
            Rule.SERIAL_OF_ANOTHER_MAKER,
        ),
        ({"serial": "CZ00000KX0"}, {"serial": "CZ00000KX0", "kind": "ups"}, Rule.SERIAL_OF_ANOTHER_KIND),
    ],
)
def test_what_is_no_proof_is_only_suggested(entry: dict[str, Any], said: dict[str, Any], rule: Rule) -> None:
    found = only([asset(**entry), asset("PC-900", site="fardis")], seen(A, **said))
    assert found.asset is None
    assert [(told.asset.id, told.rule) for told in found.suggestions] == [("PC-001", rule)]


def test_an_entry_with_an_identity_of_its_own_is_not_suggested_by_name() -> None:
    said = seen(A, host_name="pc-14", site="head", macs=[MAC_2])
    assert only([asset(host_name="pc-14", serial="5CG0000001")], said).is_unmatched


def test_a_name_without_a_site_counts_only_where_the_register_has_one_site() -> None:
    said = seen(A, host_name="pc-14", macs=[MAC_1])
    assert only([asset(host_name="pc-14")], said).suggestions
    assert only([asset(host_name="pc-14"), asset("PC-900", site="fardis")], said).is_unmatched


@pytest.mark.parametrize(("dhcp", "is_suggested"), [((), True), (("10.1.0.0/24",), False)])
def test_an_address_suggests_who_last_had_it_but_never_where_it_is_lent(
    dhcp: tuple[str, ...], is_suggested: bool
) -> None:
    policy = AssetPolicy(dhcp=dhcp)
    was, now = seen(A, serial="CZ00000KX0", at=NOW - 3 * DAY), seen(A, source="sweep", via=Via.SWEEP)
    found = matched([asset(serial="CZ00000KX0")], was, now, policy=policy).of_device(f"seen/sweep/{A}")
    assert found is not None
    assert [told.rule for told in found.suggestions] == ([Rule.ADDRESS] if is_suggested else [])


@pytest.mark.parametrize(
    ("entry", "before", "said", "rule"),
    [
        pytest.param({"host_name": "pc-14"}, {}, {"host_name": "pc-14", "site": "head"}, Rule.HOST_NAME, id="name"),
        pytest.param({"asset_tag": "1402001"}, {}, {"asset_tag": "1402001"}, Rule.TAG, id="property number"),
        pytest.param({}, {"macs": [MAC_1]}, {"macs": [MAC_1]}, Rule.MAC, id="MAC"),
    ],
)
def test_the_same_name_tag_or_mac_with_another_serial_is_a_possible_replacement(
    entry: dict[str, Any], before: dict[str, Any], said: dict[str, Any], rule: Rule
) -> None:
    was = seen(A, serial="5CG0000001", at=NOW - 3 * DAY, **before)
    found = matched([asset(serial="5CG0000001", **entry)], was, seen(B, serial="5CG0000002", **said))
    stranger = found.of_device("serial/5CG0000002")
    assert stranger is not None
    assert stranger.asset is None
    assert [(told.asset.id, told.rule) for told in stranger.replaces] == [("PC-001", rule)]


def test_who_was_there_in_the_same_scan_was_not_replaced() -> None:
    entry = asset(serial="5CG0000001", host_name="pc-14")
    there = seen(A, serial="5CG0000001"), seen(B, serial="5CG0000002", host_name="pc-14", site="head")
    stranger = matched([entry], *there).of_device("serial/5CG0000002")
    assert stranger is not None
    assert stranger.is_unmatched


def test_another_uuid_without_any_serial_is_a_possible_replacement_too() -> None:
    was = seen(A, serial="5CG0000001", uuid=UUID_1, macs=[MAC_1], at=NOW - 3 * DAY)
    stranger = matched([asset(serial="5CG0000001")], was, seen(B, uuid=UUID_2, macs=[MAC_1])).of_device(
        f"uuid/{min(UUID_2, swapped(UUID_2))}"
    )
    assert stranger is not None
    assert [told.rule for told in stranger.replaces] == [Rule.MAC]


def test_a_number_carried_by_another_serial_does_not_match_it() -> None:
    found = only([asset(asset_tag="1402001", serial="5CG0000001")], seen(A, asset_tag="1402001", serial="5CG0000002"))
    assert found.asset is None
    assert [told.rule for told in found.replaces] == [Rule.TAG]


def test_a_boards_serial_never_says_who_a_device_is_not() -> None:
    """The label on the case has another number than the board: that is no replacement."""
    entry = asset(serial="FRS-4711", asset_tag="1402001")
    found = only([entry], seen(A, board_serial="BRD0417", asset_tag="1402001", serial="Default string"))
    assert (found.asset, found.rule) == (entry, Rule.TAG)


def test_a_virtual_machine_known_by_name_only_is_found_by_it() -> None:
    entry = asset("VM-1", AssetKind.VIRTUAL_SERVER, vm=VmLink(name="SQL01"))
    record = seen(
        A, source="vc01", via=Via.VSPHERE, is_virtual=True, kind="virtual_server", uuid=UUID_1, description="sql01"
    )
    assert only([entry], record).rule is Rule.VM


def test_a_virtual_machine_and_its_copy_are_listed_both() -> None:
    records = [
        seen(None, source=host, via=Via.VSPHERE, is_virtual=True, kind="virtual_server", uuid=UUID_1, slot=host)
        for host in ("esx1", "esx2")
    ]
    found = matched([asset("VM-1", **VM)], *records)
    assert [[held.id for held in one.candidates] for one in found.devices] == [["VM-1"], ["VM-1"]]


def test_a_boards_serial_does_not_outvote_the_systems_own() -> None:
    """A board that was moved into another case: the case's serial is the better witness."""
    entries = [asset("PC-001", serial="5CG0000001"), asset("PC-002", serial="5CG0000002")]
    found = only(entries, seen(A, serial="5CG0000002", board_serial="5CG0000001"))
    assert (found.asset and found.asset.id, found.rule) == ("PC-002", Rule.SERIAL)
