"""Fictional devices of all families, whose makers know the truth and share nothing with these readers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.assets.sightings import Sighting, sighting_of
from itops.demo.devices.making import FAMILIES, MadeDevice, make_recordings
from itops.demo.devices.recording import Recording, Type, dotted
from itops.demo.devices.traps import JUNK_SERIALS
from itops.inventory.entities import Entity
from itops.sources.snmp import SnmpSource
from itops.sources.snmp.client import Value
from tests.sources.snmp.memory import MemoryClient, MemoryLibrary
from tests.sources.snmp.memory import settings as snmp_settings

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
UNCERTAIN = {"texts-as-null", "serial-in-description", "serial-in-name"}
"""Where texts were blotted out, or might have been: nobody knows what of them is still told."""


def answers_of(recording: Recording) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for oid, value in recording.entries:
        content = value.content
        if isinstance(content, tuple):
            found[dotted(oid)] = dotted(content)
        elif value.type is Type.IP and isinstance(content, bytes):
            found[dotted(oid)] = ".".join(map(str, content))
        else:
            found[dotted(oid)] = content
    return found


def seen(device: MadeDevice) -> Sighting:
    library = MemoryLibrary({"10.1.0.5": MemoryClient(answers_of(device.recording))})
    (observation,) = SnmpSource("net", snmp_settings("10.1.0.5"), lambda timing: library).observe(NOW)
    things = list(observation.seen)
    assert all(isinstance(thing, Entity) for thing in things), things
    return sighting_of(things[0])  # type: ignore[arg-type]


@given(st.integers(0, 10**9))
@settings(max_examples=8, deadline=None)
def test_whatever_traps_a_device_has_it_is_known_by_its_own_serial_and_mac(seed: int) -> None:
    for device in make_recordings(len(FAMILIES), seed):
        found = seen(device)
        if device.serial is not None:
            assert found.serial == device.serial, (device.family, device.traps)
        elif not UNCERTAIN & set(device.traps):
            # Junk is told as it stands there, and judged where sightings are joined.
            assert found.serial in {None, *JUNK_SERIALS}, (device.family, device.traps)
        assert device.mac is None or device.mac in {card.mac for card in found.cards}
        assert found.kind in {None, device.kind}


@pytest.mark.parametrize("device", list(make_recordings(len(FAMILIES), 1)), ids=lambda device: device.family)
def test_every_family_tells_its_kind_vendor_and_model(device: MadeDevice) -> None:
    found = seen(device)
    if device.family not in {"linux", "windows", "stranger", "apc-pdu"}:  # which leave doubt
        assert found.kind == device.kind
    if device.vendor and device.family != "linux":
        assert found.vendor == device.vendor
    if device.model:
        assert device.model in (found.model or "")
