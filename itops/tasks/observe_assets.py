"""What machines say of the register's things, and until when their makers support what they are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from itops.assets.ages import Observed
from itops.assets.devices import Device
from itops.assets.matching import match
from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, AssetKind
from itops.assets.selection import begun_on
from itops.assets.support_ends import SupportTable, built_in, extended
from itops.config.support_ends import read_support_ends
from itops.inventory.entities import EntityKey, Kind
from itops.inventory.history import Revision
from itops.tasks.scan_assets import SEEN_KINDS

History: TypeAlias = Callable[[Kind, EntityKey], Iterable[Revision]]
"""What the store remembers of one thing."""


def observed_of(
    assets: Sequence[Asset],
    devices: Sequence[Device],
    history: History,
    policy: AssetPolicy,
    zone: ZoneInfo,
    *,
    aged: Collection[AssetKind] = tuple(AssetKind),
) -> dict[str, Observed] | None:
    """What machines say, by asset id; None where nothing was ever seen.

    `aged`: the kinds whose first sight is looked up where nobody wrote down since when they are in use. Each look is a
    query.
    """
    if not devices:
        return None

    def first_seen_on(asset: Asset, device: Device) -> date | None:
        is_known = asset.kind not in aged or begun_on(asset) is not None
        return None if is_known else _first_seen_on(device, history, zone)

    return {
        found.asset.id: Observed.of(found.device, first_seen_on(found.asset, found.device))
        for found in match(assets, devices, policy).matched
        if found.asset
    }


def _first_seen_on(device: Device, history: History, zone: ZoneInfo) -> date | None:
    """When any of its witnesses first saw it."""
    moments = (
        revision.valid_from
        for key in {sighting.key for sighting in device.sightings}
        for kind in SEEN_KINDS
        for revision in history(kind, key)
    )
    first = min(moments, default=None)
    return None if first is None else first.astimezone(zone).date()


def support_table(path: Path | None) -> SupportTable:
    """The table of support ends, and the office's own before it. Raises ConfigInvalid where that cannot be read."""
    return built_in() if path is None else extended(read_support_ends(path).rows)
