"""What matching finds."""

from dataclasses import dataclass
from enum import StrEnum

from itops.assets.devices import Device
from itops.assets.records import Asset


class Rule(StrEnum):
    """By what a device is held for an asset. The first six decide, the best first; the others only suggest."""

    PIN = "pin"
    SERIAL = "serial"
    UUID = "uuid"  # its last sighting told no serial, but the UUID of one that did
    MAC = "mac"  # the same with a MAC
    TAG = "tag"
    VM = "vm"
    HOST_NAME = "host-name"
    ADDRESS = "address"
    SERIAL_OF_ANOTHER_MAKER = "serial-of-another-maker"
    SERIAL_OF_ANOTHER_KIND = "serial-of-another-kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An entry that a device may be; a person decides."""

    asset: Asset
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMatch:
    """What was found for one device: an asset, or candidates, or replaces, or suggestions, or nothing at all."""

    device: Device
    asset: Asset | None = None
    rule: Rule | None = None
    candidates: tuple[Asset, ...] = ()  # ambiguous: several entries may be it, or `rivals` may be the one entry
    rivals: tuple[Device, ...] = ()
    replaces: tuple[Suggestion, ...] = ()  # the same name, tag or MAC, and another serial: a new board or a new device
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def is_unmatched(self) -> bool:
        """Whether nothing in the register has to do with it."""
        return not (self.asset or self.candidates or self.replaces or self.suggestions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Every device with what was found for it, in the order of their keys."""

    devices: tuple[DeviceMatch, ...]

    @property
    def matched(self) -> tuple[DeviceMatch, ...]:
        """Those that are one entry each."""
        return tuple(found for found in self.devices if found.asset)

    @property
    def unmatched(self) -> tuple[DeviceMatch, ...]:
        """Those that the register does not know."""
        return tuple(found for found in self.devices if found.is_unmatched)

    @property
    def ambiguous(self) -> tuple[DeviceMatch, ...]:
        """Those that may be several entries, or that share one with others."""
        return tuple(found for found in self.devices if found.candidates)

    def of_asset(self, asset_id: str) -> DeviceMatch | None:
        """The device that an asset is."""
        return next((found for found in self.devices if found.asset and found.asset.id == asset_id), None)

    def of_device(self, key: str) -> DeviceMatch | None:
        """What was found for the device of that key."""
        return next((found for found in self.devices if found.device.key == key), None)
