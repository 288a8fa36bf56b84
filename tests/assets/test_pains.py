"""What users of other registers suffer from, as regressions: each test is one complaint that must not come true here.

The numbers are those of the list of pains in the reference; the repositories named are where people complained.
"""

import pytest

from itops.assets.devices import join
from itops.assets.identity import good_serial, swapped
from itops.assets.matching import match
from itops.assets.reconciliation import ScanPlan, reconcile
from itops.assets.records import Asset, AssetKind, AssetStatus, VmLink
from itops.assets.sightings import NetworkCard, Readings, Sighting, UpsReading, Via
from tests.assets.witnesses import DAY, MAC_1, MAC_2, MAC_3, NOW, POLICY, UUID_1, UUID_2, asset, register, seen

A, B, C = "10.1.0.1", "10.1.0.2", "10.1.0.3"


def plan(assets: list[Asset], *sightings: Sighting) -> ScanPlan:
    return reconcile(register(*assets), join(sightings, POLICY), POLICY, NOW)


def count(*sightings: Sighting) -> int:
    return len(join(sightings, POLICY))


def test_pain_1_two_machines_with_one_uuid_do_not_become_one() -> None:
    """fusioninventory-for-glpi 878."""
    assert count(seen(A, uuid=UUID_1, macs=[MAC_1]), seen(B, uuid=UUID_1, macs=[MAC_2])) == 2
    assert count(seen(A, uuid=UUID_1, serial="5CG0000001"), seen(B, uuid=UUID_1, serial="5CG0000002")) == 2


def test_pain_1_a_device_that_did_not_change_is_not_found_twice() -> None:
    """fusioninventory-for-glpi 1684, fusioninventory-agent 1024: nor by another collector, address or spelling."""
    first = seen(A, source="agents", via=Via.AGENT, serial="5CG0000001", uuid=UUID_1, macs=[MAC_1])
    again = seen(
        B, source="ssh", via=Via.SSH, serial="5cg0000001 ", uuid=swapped(UUID_1).upper(), macs=[MAC_1], at=NOW - DAY
    )
    found = plan([asset(serial="5CG0000001")], first, again)
    assert (found.new, found.ambiguous, found.unchanged) == ((), (), 1)


def test_pain_1_a_property_number_typed_by_hand_never_passes_for_a_serial() -> None:
    """glpi 22597."""
    entry = asset(asset_tag="1402001", serial="5CG0000001")
    found = plan([entry], seen(A, serial="5CG0000001", asset_tag="9999999"), seen(B, serial="1402001"))
    assert found.conflicts == found.replacements == found.ambiguous == ()
    assert [item.fields["serial"] for item in found.new] == ["1402001"]


def test_pain_1_two_computers_of_one_name_in_two_branch_offices_stay_two() -> None:
    """glpi-agent 124."""
    entries = [asset("PC-1", host_name="PC-14", site="head"), asset("PC-2", host_name="PC-14", site="fardis")]
    found = plan(entries, seen(A, host_name="pc-14", site="fardis", macs=[MAC_1]))
    assert [item.asset_id for item in found.suggestions] == ["PC-2"]
    assert count(seen(A, host_name="pc-14", site="head"), seen(B, host_name="pc-14", site="fardis")) == 2


@pytest.mark.parametrize("filler", ["System Serial Number", "To be filled by O.E.M.", "unknown"])
def test_pain_2_a_makers_filler_makes_no_duplicates(filler: str) -> None:
    """OCSInventory-ocsreports 1440, flyve-mdm 39."""
    entries = [asset("PC-1", serial=filler), asset("PC-2", serial=filler)]
    found = plan(entries, seen(A, serial=filler, macs=[MAC_1]), seen(B, serial=filler, macs=[MAC_2]))
    assert len(found.new) == 2
    assert found.conflicts == found.ambiguous == ()


def test_pain_2_no_asset_tag_never_overwrites_a_property_number() -> None:
    """fusioninventory-for-glpi 2968."""
    entry = asset(serial="5CG0000001", asset_tag="1402001")
    assert list(plan([entry], seen(A, serial="5CG0000001", asset_tag="No Asset Tag")).items()) == []


def test_pain_3_a_ups_is_a_ups_with_its_battery() -> None:
    """glpi-agent 247, glpi 17728."""
    ups = seen(
        A, serial="QA0000000001", vendor="APC", site="head", readings=Readings(ups=UpsReading(needs_new_battery=True))
    )
    [item] = plan([], ups).new
    assert (item.fields["kind"], item.asset_id) == ("ups", "UPS-001")


def test_pain_4_a_scan_writes_nothing_over_what_people_typed() -> None:
    """glpi-inventory-plugin 108, glpi 16256: place, person and note are not even proposed."""
    entry = asset(serial="5CG0000001", location="room 1", assigned_to="archive", note="lent in May")
    said = seen(A, serial="5CG0000001", contact_place="room 2", description="something else")
    assert list(plan([entry], said).items()) == []


def test_pain_4_a_scan_that_tells_nothing_blanks_nothing() -> None:
    """fusioninventory-for-glpi 3185."""
    entry = asset(serial="5CG0000001", vendor="HP", model="EliteDesk 800", host_name="pc-1")
    assert list(plan([entry], seen(A, serial="5CG0000001")).items()) == []


def test_pain_4_a_lock_holds_from_the_first_scan_and_freezes_nothing_else() -> None:
    """fusioninventory-for-glpi 2946, 2968, 2596: a lock silences one question; what devices say stays true."""
    entry = asset(serial="5CG0000001", model="EliteDesk 705", lock=("model", "os"))
    sighting = seen(A, serial="5CG0000001", model="EliteDesk 800", os="Windows 11", vendor="HP")
    found = plan([entry], sighting)
    assert [item.id for item in found.items()] == ["PC-001.vendor"]
    assert found.silenced == ("PC-001.model",)
    [device] = join([sighting], POLICY)
    assert device.told("os") == ("Windows 11", sighting)


def test_pain_5_a_dock_that_wanders_joins_nobody() -> None:
    """fusioninventory-agent 707: also when the source does not say that it is a dock."""
    told = [NetworkCard(mac=MAC_3, medium="dock")]
    assert count(seen(A, macs=[MAC_1], cards=told), seen(B, macs=[MAC_2], cards=told)) == 2
    first = seen(A, serial="5CG0000001", macs=[MAC_3], at=NOW - DAY)
    assert count(first, seen(B, serial="5CG0000002", macs=[MAC_3])) == 2


def test_pain_5_a_cloned_image_does_not_mint_or_merge_computers() -> None:
    """WindowsAgent 75, ocsreports 1273: clones carry one agent id; their hardware tells them apart."""
    was = seen(A, source="agents", via=Via.AGENT, key="agents/a-1", agent_id="a-1", serial="5CG0000001", macs=[MAC_1])
    clone = seen(B, source="agents", via=Via.AGENT, key="agents/a-2", agent_id="a-1", serial="5CG0000002", macs=[MAC_2])
    renewed = seen(
        A, source="agents", via=Via.AGENT, key="agents/a-3", agent_id="a-3", serial="5CG0000001", macs=[MAC_1]
    )
    assert [device.serial for device in join([was, clone, renewed], POLICY)] == ["5CG0000001", "5CG0000002"]


def test_pain_5_one_bluetooth_mac_on_many_machines_joins_none() -> None:
    """ocsreports 1440."""
    bluetooth = [NetworkCard(mac=MAC_3, medium="bluetooth")]
    assert count(*(seen(address, cards=bluetooth, macs=[mac]) for address, mac in ((A, MAC_1), (B, MAC_2)))) == 2


def test_pain_5_zeros_are_no_mac() -> None:
    """glpi-inventory-plugin 183."""
    zeros = "00:00:00:00:00:00"
    devices = join([seen(A, macs=[zeros, MAC_1]), seen(B, macs=[zeros, MAC_2])], POLICY)
    assert [device.all_macs for device in devices] == [{MAC_1}, {MAC_2}]


def test_pain_6_esxi_and_the_guest_write_one_uuid_in_two_ways() -> None:
    """glpi-agent 839."""
    entry = asset("VM-1", AssetKind.VIRTUAL_SERVER, vm=VmLink(uuid=UUID_1))
    [found] = match([entry], join([seen(A, uuid=swapped(UUID_1).upper(), is_virtual=True)], POLICY), POLICY).devices
    assert found.asset == entry


def test_pain_6_a_clone_with_one_mac_and_uuid_is_not_merged_into_its_original() -> None:
    """netbox-sync 470."""
    bios = "VMware-42 1a 5e 2b 7c 00 ae f2-9c 8b 11 22 33 44 55 66"
    clones = [
        seen(
            None,
            source="vc01",
            via=Via.VSPHERE,
            key=uuid,
            is_virtual=True,
            kind="virtual_server",
            uuid=uuid,
            serial=bios,
            macs=[MAC_1],
        )
        for uuid in (UUID_1, UUID_2)
    ]
    assert count(*clones) == 2
    assert count(*clones, seen(A, source="ssh", via=Via.SSH, serial=bios, macs=[MAC_1])) == 3


def test_pain_6_five_blades_with_the_serial_of_their_chassis_are_five() -> None:
    """fusioninventory-for-glpi 1904."""
    blades = [
        seen(f"10.1.0.{number}", serial="CHS0000417", vendor="HPE", kind="server", macs=[f"3c1a2000010{number}"])
        for number in range(5)
    ]
    found = plan([asset("SRV-1", AssetKind.SERVER, serial="CHS0000417")], *blades)
    assert [item.value for item in found.learned_junk] == ["CHS0000417"]
    assert len(found.new) == 5
    assert found.ambiguous == ()


def test_pain_6_a_renamed_guest_is_still_the_same_asset() -> None:
    """glpi-agent 1042."""
    entry = asset("VM-1", AssetKind.VIRTUAL_SERVER, vm=VmLink(uuid=UUID_1), host_name="sql01")
    record = seen(
        None, source="vc01", via=Via.VSPHERE, is_virtual=True, kind="virtual_server", uuid=UUID_1, host_name="sql02"
    )
    assert [(item.id, item.register_value, item.seen_value) for item in plan([entry], record).conflicts] == [
        ("VM-1.host_name", "sql01", "sql02")
    ]


def test_pain_11_a_thing_found_in_the_wrong_place_is_told_and_not_moved() -> None:
    """snipe-it 8095, 10909: nor does a scan that knows no place wipe the real one."""
    entry = asset(serial="5CG0000001", location="room 1")
    assert [item.id for item in plan([entry], seen(A, serial="5CG0000001", site="fardis")).elsewhere] == ["PC-001.site"]
    assert list(plan([entry], seen(A, serial="5CG0000001", site=None)).items()) == []


def test_pain_12_a_device_that_is_back_is_not_called_missing() -> None:
    """fusioninventory-for-glpi 2978."""
    entry = asset(serial="5CG0000001")
    gone = seen(A, serial="5CG0000001", at=NOW - 60 * DAY)
    other = seen(C, serial="5CG0000009")
    assert [item.days for item in plan([entry], gone, other).not_seen] == [60]
    assert plan([entry], gone, other, seen(B, source="ssh", serial="5CG0000001")).not_seen == ()


def test_an_unanchored_digit_dot_digit_rule_would_throw_these_away() -> None:
    """GLPI's built-in list of invalid serials."""
    assert [good_serial(text) for text in ("0.12345", "S12.3456", "1.2AB34")] == ["0.12345", "S12.3456", "1.2AB34"]


def test_a_status_is_never_changed_by_a_scan() -> None:
    entry = asset(serial="5CG0000001", status=AssetStatus.RETIRED)
    found = plan([entry], seen(A, serial="5CG0000001"))
    assert found.edits_of(item.id for item in found.items()) == ()
    assert [item.code for item in found.items()] == ["scan.revenant"]
