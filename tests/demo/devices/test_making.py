"""The fictional devices: reproducible, of every family, and their truth stands in their recordings."""

from collections import Counter

from itops.assets.records import AssetKind
from itops.demo.devices.making import FAMILIES, make_recordings
from itops.demo.devices.recording import numbers_of
from itops.demo.devices.traps import JUNK_SERIALS, TRAPS

COUNT = 900
DEVICES = list(make_recordings(COUNT, seed=7))
_MACS = numbers_of("1.3.6.1.2.1.2.2.1.6")


def test_equal_seeds_make_equal_devices_and_others_do_not():
    assert list(make_recordings(60, seed=7)) == DEVICES[:60]
    assert list(make_recordings(60, seed=8)) != DEVICES[:60]


def test_every_family_and_every_trap_occurs():
    assert len({device.family for device in DEVICES}) == len(FAMILIES)
    assert set(TRAPS) <= {trap for device in DEVICES for trap in device.traps}


def test_kinds_are_those_of_the_register():
    assert {device.kind for device in DEVICES} <= set(AssetKind)


def test_a_serial_that_is_said_to_be_told_is_told_and_no_two_devices_share_one():
    for device in DEVICES:
        told = [value.content for _, value in device.recording.entries if isinstance(value.content, bytes)]
        if device.serial is not None:
            assert any(device.serial.encode() in content for content in told), device
    serials = Counter(device.serial for device in DEVICES if device.serial)
    assert max(serials.values()) == 1
    assert len(serials) > COUNT / 2


def test_no_serial_that_counts_is_junk():
    assert not {device.serial for device in DEVICES} & set(JUNK_SERIALS)


def test_a_mac_that_is_said_to_be_told_is_told_and_is_no_groups_or_local_one():
    for device in DEVICES:
        if device.mac:
            macs = [value.content for oid, value in device.recording.entries if oid[: len(_MACS)] == _MACS]
            assert bytes.fromhex(device.mac) in macs
            assert not bytes.fromhex(device.mac)[0] & 3
