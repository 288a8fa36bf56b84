"""Entries of the register with their identities as they are compared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from itops.assets.devices import Device
from itops.assets.identity import (
    canonical_vendor,
    compared,
    good_serial,
    good_tag,
    normal_host_name,
    normal_mac,
    normal_serial,
    uuid_key,
)
from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, AssetKind, PartKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An asset as it is compared. The identities of its case are its own; junk that somebody typed is none."""

    asset: Asset
    serials: frozenset[str]
    vendor: str | None
    uuid: str | None
    mac: str | None
    tags: frozenset[str]
    host_name: str | None

    @property
    def is_virtual(self) -> bool:
        """Virtual and real things never match each other."""
        return self.asset.kind is AssetKind.VIRTUAL_SERVER

    @property
    def is_known(self) -> bool:
        """Whether a scan can recognise it: whoever has no identity can only be suggested by name."""
        return bool(self.serials or self.uuid or self.mac or self.asset.match)

    def may_be(self, device: Device) -> bool:
        """Not one virtual and the other real."""
        return device.is_virtual is None or device.is_virtual is self.is_virtual

    def contradicts(self, device: Device) -> bool:
        """Both have a good value of serial, UUID or MAC, and not the same; the best key that both have decides."""
        if self.is_virtual:
            return False
        if self.serials and device.serial:
            return device.serial not in self.serials
        if self.uuid and device.uuids:
            return self.uuid not in device.uuids
        return bool(self.mac and device.burnt_macs) and self.mac not in device.burnt_macs


def entry_of(asset: Asset, policy: AssetPolicy, learned: Iterable[str]) -> Entry:
    """`learned`: what identifies nothing in this office."""
    cases = [part for part in asset.parts if part.kind is PartKind.CASE]
    junk = frozenset(learned)
    own = good_serial(asset.serial, model=asset.model, host_name=asset.host_name, learned=junk)
    serials = {own} if own else {good_serial(case.serial, learned=junk) for case in cases}
    tags = {good_tag(tag, policy.tag_pattern) for tag in (asset.asset_tag, *(case.asset_tag for case in cases))}
    pin = asset.match
    return Entry(
        asset=asset,
        serials=frozenset(filter(None, serials)),
        vendor=canonical_vendor(asset.vendor),
        uuid=uuid_key(pin.uuid) if pin else None,
        mac=normal_mac(pin.mac) if pin else None,
        tags=frozenset(filter(None, tags)),
        host_name=normal_host_name(asset.host_name),
    )


def pins_of(asset: Asset) -> tuple[str, ...]:
    """What a person said a scan should know it by."""
    pin = asset.match
    if pin is None:
        return ()
    told = (
        ("ip", compared(pin.ip)),
        ("mac", normal_mac(pin.mac)),
        ("serial", normal_serial(pin.serial)),
        ("uuid", uuid_key(pin.uuid)),
        ("agent", compared(pin.agent_id)),
    )
    return tuple(f"{word} {value}" for word, value in told if value)


def pinnable(device: Device) -> set[str]:
    """What a pin may name of a device: also what is no identity by itself, for a person chose it."""
    told = {f"ip {compared(address)}" for address in device.addresses}
    told |= {f"mac {mac}" for mac in device.all_macs}
    told |= {f"serial {normal_serial(one.serial)}" for one in device.sightings if one.serial}
    told |= {f"uuid {uuid_key(one.uuid)}" for one in device.sightings if one.uuid}
    return told | {f"agent {compared(one.agent_id)}" for one in device.sightings if one.agent_id}


def vm_links(asset: Asset) -> tuple[str, ...]:
    """The virtual machine that an entry says it is: by UUID; by name, a weak link, only without one."""
    if asset.kind is not AssetKind.VIRTUAL_SERVER or asset.vm is None:
        return ()
    uuid, name = uuid_key(asset.vm.uuid), compared(asset.vm.name)
    if uuid:
        return (f"uuid {uuid}",)
    return (f"name {name}",) if name else ()


def indexed(entries: Iterable[Entry], values: Callable[[Entry], Iterable[str]]) -> Mapping[str, list[Entry]]:
    """The entries by each of their values."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for value in values(entry):
            found[value].append(entry)
    return dict(found)
