"""Which assets should have been seen and were not, and why that may be."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from itops.assets.devices import SAME_SCAN, Device
from itops.assets.devices.marks import kind_class
from itops.assets.policy import AssetPolicy
from itops.assets.reconciliation.plan import NotSeen
from itops.assets.reconciliation.showing import evidence_of, guessed_kind
from itops.assets.records import Asset


class Looks:
    """What collectors have seen where, and when each last saw anything."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._seen = {(kind_class(guessed_kind(device)), device.site) for device in devices}
        self._last: dict[str, datetime] = {}
        for device in devices:
            for sighting in device.sightings:
                source = sighting.source
                self._last[source] = max(sighting.seen_at, self._last.get(source, sighting.seen_at))

    def covers(self, asset: Asset) -> bool:
        """Whether things of its kind were ever seen at its site, or by a collector that serves no certain site."""
        kind = kind_class(asset.kind)
        return (kind, asset.site) in self._seen or (kind, None) in self._seen

    def is_current(self, device: Device) -> bool:
        """Whether it was there in the last scan of a collector."""
        return any(one.seen_at >= self._last[one.source] - SAME_SCAN for one in device.sightings)

    def looked_since(self, device: Device, moment: datetime) -> bool:
        """Whether any of the collectors that know the device has seen anything since."""
        return any(self._last[source] >= moment for source in device.sources)


def not_seen(
    assets: Sequence[Asset], found: dict[str, Device], looks: Looks, policy: AssetPolicy, now: datetime
) -> Iterator[NotSeen]:
    """`found`: the device that an asset is; assets about which a doubt is told elsewhere are left out of `assets`."""
    for asset in assets:
        if not asset.should_answer:
            continue
        device = found.get(asset.id)
        if device is None:
            code = "scan.never-seen" if looks.covers(asset) else "scan.not-covered"
            yield NotSeen(id=f"{asset.id}.seen", code=code, asset_id=asset.id)
        elif now - device.seen_at > policy.stale_after:
            looked = looks.looked_since(device, now - policy.stale_after)
            yield _stale(asset, device, now - device.seen_at, others_were_seen=looked)


def _stale(asset: Asset, device: Device, age: timedelta, *, others_were_seen: bool) -> NotSeen:
    return NotSeen(
        id=f"{asset.id}.seen",
        code="scan.not-seen" if others_were_seen else "scan.not-looked",
        asset_id=asset.id,
        days=age.days,
        evidence=evidence_of(device.newest),
    )
