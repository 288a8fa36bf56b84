"""Which machines there are: virtual servers, hosts, and servers that only the register knows; none of them twice.

A host and its entry in the register are one machine by serial, UUID, MAC or pin (`itops.assets.matching`), else by name
where neither serial nor UUID says otherwise. A host that is itself a virtual machine of the inventory is that machine.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from itops.assets.devices import Device
from itops.assets.identity import normal_host_name, uuid_key
from itops.assets.matching import Matches, match
from itops.assets.matching.entries import entry_of
from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, AssetKind, AssetStatus
from itops.inventory.entities import Entity
from itops.inventory.merge import Thing, by_preference, merged
from itops.inventory.records import vm_of

_GONE = frozenset({AssetStatus.RETIRED, AssetStatus.DISPOSED, AssetStatus.LOST})
_DeviceOf: TypeAlias = Mapping[tuple[str, str], Device]
"""The device of each view, by its source and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVm:
    """A virtual server of the inventory and what it is for."""

    thing: Thing
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that tells of servers at one moment."""

    vms: tuple[SeenVm, ...] = ()  # without templates, placeholders and agents
    hosts: tuple[Entity, ...] = ()  # every view of every host
    devices: tuple[Device, ...] = ()  # of everything seen, as itops.assets.devices.join gives them
    assets: tuple[Asset, ...] = ()  # the whole register of that moment
    policy: AssetPolicy = field(default_factory=AssetPolicy)
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One server: what is seen of it, and what the register holds of it."""

    vm: SeenVm | None = None
    host: Entity | None = None
    device: Device | None = None
    asset: Asset | None = None

    @property
    def is_virtual(self) -> bool:
        """Also a host that runs inside a virtual machine of somebody else's."""
        return self.vm is not None or (self.device is not None and self.device.is_virtual is True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A host that may be any of several entries of the register: counted once, as the first of them."""

    host: Entity
    assets: tuple[str, ...]  # ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """All servers, each once."""

    all: tuple[Machine, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def is_in_keeping(asset: Asset, today: date) -> bool:
    """Whether the office had it on that day, and for use: one that is put away or in repair is kept, too."""
    came_on = asset.purchase.date if asset.purchase else asset.in_service
    if came_on is not None and came_on > today:
        return False
    if asset.disposal is not None:  # its papers may be written long after, or before
        return asset.disposal.date > today
    return asset.status not in _GONE


def machines_of(known: Known) -> Machines:
    """The servers behind what is known; the order in which it is given makes no difference."""
    matches = match(known.assets, known.devices, known.policy)
    device_of: _DeviceOf = {(one.source, one.key): device for device in known.devices for one in device.sightings}
    hosts = list(_hosts(known, device_of))
    links = _Links(matches, known)
    for host, device in hosts:
        links.decide(host, device)
    virtual = [Machine(vm=one, asset=links.of_views(one.thing, device_of)) for one in known.vms]
    physical = [Machine(host=host, device=device, asset=links.of_device(device)) for host, device in hosts]
    unseen = [
        Machine(device=links.device_of(asset), asset=asset)
        for asset in sorted(known.assets, key=lambda asset: asset.id)
        if asset.kind is AssetKind.SERVER and is_in_keeping(asset, known.today) and asset.id not in links.hosts
    ]
    return Machines(all=(*physical, *unseen, *virtual), doubts=tuple(links.doubts))


def _hosts(known: Known, device_of: _DeviceOf) -> Iterator[tuple[Entity, Device | None]]:
    """Every host once, also where an old export and vCenter know it by different keys."""
    views: dict[str, list[Entity]] = defaultdict(list)
    devices: dict[str, Device | None] = {}
    for thing in merged(known.hosts):
        device = next((found for view in thing.views if (found := device_of.get((view.source, view.key)))), None)
        own = device.key if device else f"host {thing.entity.key}"
        views[own] += thing.views
        devices[own] = device
    seen = {uuid for one in known.vms for uuid in _uuids(one.thing.entity)}
    for own, same in views.items():
        host, device = by_preference(same)[0], devices[own]
        is_nested = device is not None and device.is_virtual is True and not seen.isdisjoint(device.uuids)
        if not is_nested:
            yield host, device


def _uuids(entity: Entity) -> set[str]:
    vm = vm_of(entity)
    return {key for told in (vm.instance_uuid, vm.bios_uuid) if (key := uuid_key(told))}


class _Links:
    """Which entry of the register each device is."""

    def __init__(self, matches: Matches, known: Known) -> None:
        self.doubts: list[Doubt] = []
        self.hosts: set[str] = set()  # ids of the entries that are hosts
        self._asset_of = {one.device.key: one.asset for one in matches.matched if one.asset}
        self._device_of = {one.asset.id: one.device for one in matches.matched if one.asset}
        self._matches, self._known = matches, known
        self._by_name = _named(known.assets, known.today)

    def of_device(self, device: Device | None) -> Asset | None:
        """Its entry."""
        return self._asset_of.get(device.key) if device else None

    def device_of(self, asset: Asset) -> Device | None:
        """What was seen of an entry."""
        return self._device_of.get(asset.id)

    def of_views(self, thing: Thing, device_of: _DeviceOf) -> Asset | None:
        """The entry of a virtual server, by any of its views."""
        found = (self.of_device(device_of.get((view.source, view.key))) for view in thing.views)
        return next((asset for asset in found if asset), None)

    def decide(self, host: Entity, device: Device | None) -> None:
        """Find the entry of a host; where several may be it, the first stands for them, and the doubt is told."""
        asset = self.of_device(device)
        if asset is None and device is not None:
            taken = self.hosts | self._device_of.keys()
            candidates = [one for one in self._candidates(host, device) if one.id not in taken]
            if len(candidates) > 1:
                self.doubts.append(Doubt(host=host, assets=tuple(one.id for one in candidates)))
            asset = candidates[0] if candidates else None
            if asset is not None:
                self._asset_of[device.key] = asset
        if asset is not None:
            self.hosts.add(asset.id)

    def _candidates(self, host: Entity, device: Device) -> Sequence[Asset]:
        """By identity; else by name, where nothing says that it is another machine."""
        found = self._matches.of_device(device.key)
        if found is not None and found.candidates:
            return found.candidates
        named = self._by_name.get(normal_host_name(host.name) or "", ())
        entries = (entry_of(asset, self._known.policy, device.learned) for asset in named)
        return [one.asset for one in entries if not one.contradicts(device)]


def _named(assets: Iterable[Asset], today: date) -> Mapping[str, list[Asset]]:
    """Physical servers in keeping by every name they have."""
    found: dict[str, list[Asset]] = defaultdict(list)
    for asset in sorted(assets, key=lambda asset: asset.id):
        if asset.kind is AssetKind.SERVER and is_in_keeping(asset, today):
            for name in {normal_host_name(told) for told in (asset.host_name, asset.name.en, asset.name.fa)} - {None}:
                found[str(name)].append(asset)
    return found
