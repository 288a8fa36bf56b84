"""Devices: the sightings of one thing, joined; what it is known by, and who of its witnesses said what."""

from itops.assets.devices.device import Device, device_of
from itops.assets.devices.from_inventory import sighting_of_host, sighting_of_vm, sightings_of
from itops.assets.devices.joining import SAME_SCAN, join

__all__ = [
    "SAME_SCAN",
    "Device",
    "device_of",
    "join",
    "sighting_of_host",
    "sighting_of_vm",
    "sightings_of",
]
