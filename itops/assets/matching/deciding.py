"""The rules that decide, in their order, and what to do when two claim one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from itops.assets.devices import Device
from itops.assets.devices.marks import is_vm_record, kinds_agree
from itops.assets.identity import compared, good_tag, normal_serial, uuid_key
from itops.assets.matching.doubts import Doubts
from itops.assets.matching.entries import Entry, entry_of, indexed, pinnable, pins_of, vm_links
from itops.assets.matching.found import DeviceMatch, Matches, Rule
from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset


def match(assets: Iterable[Asset], devices: Iterable[Device], policy: AssetPolicy) -> Matches:
    """Neither the order of the assets nor that of the devices changes the result. `devices` as `join` gives them."""
    ordered = sorted(devices, key=lambda device: device.key)
    learned = frozenset(policy.junk_serials).union(*(device.learned for device in ordered))
    entries = [entry_of(asset, policy, learned) for asset in sorted(assets, key=lambda asset: asset.id)]
    rules = _Rules(entries, policy)
    decided = _without_rivals([rules.decide(device) for device in ordered])
    doubts = Doubts(entries, {one.asset.id: one.device for one in decided if one.asset}, policy)
    return Matches(devices=tuple(_doubted(one, rules, doubts) for one in decided))


def _doubted(one: DeviceMatch, rules: "_Rules", doubts: Doubts) -> DeviceMatch:
    """What a device that is nothing for certain may be."""
    if one.asset or one.candidates:
        return one
    replaces = doubts.replaced(one.device, list(rules.tagged(one.device)))
    suggestions = () if replaces else doubts.suggested(one.device, list(rules.of_same_serial(one.device)))
    return replace(one, replaces=replaces, suggestions=suggestions)


class _Rules:
    """The entries by everything that a device may tell."""

    def __init__(self, entries: Sequence[Entry], policy: AssetPolicy) -> None:
        self._tag_pattern = policy.tag_pattern
        self._by_pin = indexed(entries, lambda entry: pins_of(entry.asset))
        self._by_serial = indexed(entries, lambda entry: entry.serials)
        self._by_tag = indexed(entries, lambda entry: entry.tags)
        self._by_vm = indexed(entries, lambda entry: vm_links(entry.asset))

    def decide(self, device: Device) -> DeviceMatch:
        """The first rule with exactly one candidate; where none has one, the several of the best rule."""
        doubtful: tuple[Asset, ...] = ()
        for rule, candidates in (
            (Rule.PIN, self._pinned),
            (Rule.SERIAL, self._of_serial),
            (Rule.TAG, self._of_tag),
            (Rule.VM, self._of_vm),
        ):
            found = _assets(candidates(device))
            if len(found) == 1:
                through = _how_it_was_known(device) if rule is Rule.SERIAL else rule
                return DeviceMatch(device=device, asset=found[0], rule=through)
            doubtful = doubtful or found
        return DeviceMatch(device=device, candidates=doubtful)

    def of_same_serial(self, device: Device) -> Iterator[Entry]:
        """Entries with its serial, alone or with the slot of its chassis, or with its board's, whoever made them.

        A board's serial says who a device is, never who it is not: the label on the case has another.
        """
        slots = {sighting.slot for sighting in device.sightings} - {None}
        own = {device.serial, *(f"{device.serial}/{slot}".upper() for slot in slots)} if device.serial else set()
        for serial in sorted(filter(None, own | device.board_serials)):
            for entry in self._by_serial.get(serial, ()):
                if entry.may_be(device) and not entry.is_virtual and (serial in own or not entry.contradicts(device)):
                    yield entry

    def tagged(self, device: Device) -> Iterator[Entry]:
        """Entries whose property number it carries in its BIOS."""
        tags = {good_tag(sighting.asset_tag, self._tag_pattern) for sighting in device.sightings}
        for tag in sorted(filter(None, tags)):
            yield from (entry for entry in self._by_tag.get(tag, ()) if entry.may_be(device) and not entry.is_virtual)

    def _pinned(self, device: Device) -> Iterator[Entry]:
        for value in sorted(pinnable(device)):
            yield from self._by_pin.get(value, ())

    def _of_serial(self, device: Device) -> Iterator[Entry]:
        for entry in self.of_same_serial(device):
            if entry.vendor and device.vendors:
                if entry.vendor in device.vendors:
                    yield entry
            elif kinds_agree(entry.asset.kind, device.kind):
                yield entry

    def _of_tag(self, device: Device) -> Iterator[Entry]:
        yield from (entry for entry in self.tagged(device) if not entry.contradicts(device))

    def _of_vm(self, device: Device) -> Iterator[Entry]:
        if not device.is_virtual:
            return
        links = {f"uuid {uuid}" for uuid in device.uuids}
        links |= {f"name {compared(one.description)}" for one in device.sightings if is_vm_record(one)}
        for link in sorted(links):
            yield from self._by_vm.get(link, ())


def _how_it_was_known(device: Device) -> Rule:
    """How the last sighting belongs to the serial: it told it, or shares a UUID or MAC with one that did."""
    last = device.newest
    if {normal_serial(last.serial), normal_serial(last.board_serial)} & {device.serial, *device.board_serials}:
        return Rule.SERIAL
    return Rule.UUID if uuid_key(last.uuid) in device.uuids else Rule.MAC


def _without_rivals(found: Sequence[DeviceMatch]) -> list[DeviceMatch]:
    """Two devices for one entry: a pin decides, else neither is it."""
    claims: dict[str, list[DeviceMatch]] = defaultdict(list)
    for one in found:
        if one.asset:
            claims[one.asset.id].append(one)
    return [_judged(one, claims[one.asset.id]) if one.asset else one for one in found]


def _judged(one: DeviceMatch, claims: Sequence[DeviceMatch]) -> DeviceMatch:
    pinned = [claim for claim in claims if claim.rule is Rule.PIN]
    if len(claims) == 1 or pinned == [one]:
        return one
    rivals = tuple(claim.device for claim in claims if claim is not one)
    candidates = (one.asset,) if one.asset else ()
    return replace(one, asset=None, rule=None, candidates=candidates, rivals=rivals)


def _assets(entries: Iterable[Entry]) -> tuple[Asset, ...]:
    found = {entry.asset.id: entry.asset for entry in entries}
    return tuple(found[asset_id] for asset_id in sorted(found))
