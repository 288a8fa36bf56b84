"""What a device may be, or may stand in for, when no rule decides: told to a person, never acted upon."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from itops.assets.devices import SAME_SCAN, Device
from itops.assets.devices.marks import kinds_agree
from itops.assets.devices.networks import lies_in, networks_of
from itops.assets.matching.entries import Entry, indexed
from itops.assets.matching.found import Rule, Suggestion
from itops.assets.policy import AssetPolicy


class Doubts:
    """The entries by what is no proof: names, addresses, and MACs that another device has."""

    def __init__(self, entries: Sequence[Entry], holders: Mapping[str, Device], policy: AssetPolicy) -> None:
        """`holders`: the devices that entries were found to be, by asset id."""
        living = [entry for entry in entries if not entry.asset.status.is_over]
        held = [entry for entry in living if entry.asset.id in holders]
        sites = {entry.asset.site for entry in entries}
        self._only_site = sites.pop() if len(sites) == 1 else None
        self._holders = holders
        self._by_name = indexed(living, lambda entry: (entry.host_name,) if entry.host_name else ())
        self._by_mac = indexed(held, lambda entry: holders[entry.asset.id].burnt_macs)
        self._by_address = indexed(held, lambda entry: holders[entry.asset.id].addresses)
        self._dhcp = networks_of(policy.dhcp)

    def replaced(self, device: Device, tagged: Iterable[Entry]) -> tuple[Suggestion, ...]:
        """Entries with its tag, name or MAC and another serial or UUID, and of which nothing was seen beside it."""
        found: dict[str, Suggestion] = {}
        for rule, entries in (
            (Rule.TAG, (entry for entry in tagged if not entry.asset.status.is_over)),
            (Rule.HOST_NAME, self._named(device)),
            (Rule.MAC, self._sharing_mac(device)),
        ):
            for entry in entries:
                holder = self._holders.get(entry.asset.id)
                if _is_other(entry, holder, device) and not _were_together(holder, device):
                    found.setdefault(entry.asset.id, Suggestion(asset=entry.asset, rule=rule))
        return _sorted(found)

    def suggested(self, device: Device, of_same_serial: Iterable[Entry]) -> tuple[Suggestion, ...]:
        """Entries of its serial and another maker or kind; of its name and without identity; at its address."""
        found: dict[str, Suggestion] = {}
        for entry in of_same_serial:
            makers_differ = entry.vendor and device.vendors and entry.vendor not in device.vendors
            rule = Rule.SERIAL_OF_ANOTHER_MAKER if makers_differ else Rule.SERIAL_OF_ANOTHER_KIND
            found[entry.asset.id] = Suggestion(asset=entry.asset, rule=rule)
        for entry in self._named(device):
            if not entry.is_known and entry.asset.id not in self._holders:
                found.setdefault(entry.asset.id, Suggestion(asset=entry.asset, rule=Rule.HOST_NAME))
        for entry in self._at_address(device):
            found.setdefault(entry.asset.id, Suggestion(asset=entry.asset, rule=Rule.ADDRESS))
        return _sorted(found)

    def _named(self, device: Device) -> Iterator[Entry]:
        """Those of its name within its site."""
        site = device.site or self._only_site
        for entry in self._by_name.get(device.host_name or "", ()):
            if entry.asset.site == site and _may_be(entry, device):
                yield entry

    def _at_address(self, device: Device) -> Iterator[Entry]:
        """Those whose device was the last to answer where this one, which tells nothing else, does."""
        for address in () if device.is_telling else device.addresses:
            if lies_in(address, self._dhcp):
                continue
            for entry in self._by_address.get(address, ()):
                if self._holders[entry.asset.id].site == device.site and _may_be(entry, device):
                    yield entry

    def _sharing_mac(self, device: Device) -> Iterator[Entry]:
        for mac in () if device.is_virtual else sorted(device.burnt_macs):
            yield from (entry for entry in self._by_mac.get(mac, ()) if _may_be(entry, device))


def _may_be(entry: Entry, device: Device) -> bool:
    return entry.may_be(device) and kinds_agree(entry.asset.kind, device.kind)


def _is_other(entry: Entry, holder: Device | None, device: Device) -> bool:
    """Whether the device is provably not what the register holds for the entry."""
    return entry.contradicts(device) or bool(
        holder and holder.uuids and device.uuids and not holder.uuids & device.uuids
    )


def _were_together(holder: Device | None, device: Device) -> bool:
    """Whether the entry's own device was seen in the same scan, or later, and somewhere else."""
    if holder is None or holder.seen_at < device.seen_at - SAME_SCAN:
        return False
    return not {one.key for one in holder.sightings} & {one.key for one in device.sightings}


def _sorted(found: Mapping[str, Suggestion]) -> tuple[Suggestion, ...]:
    return tuple(found[asset_id] for asset_id in sorted(found))
