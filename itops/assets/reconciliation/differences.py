"""Of assets that were recognised: what register and device say differently, who came back, who is elsewhere."""

from collections.abc import Iterable, Iterator

from itops.assets.devices import Device
from itops.assets.reconciliation.plan import Conflict, Elsewhere, Proposal, Revenant
from itops.assets.reconciliation.seen import Looks
from itops.assets.reconciliation.showing import evidence_of, seen_device
from itops.assets.reconciliation.values import Told, is_same, told_values, value_of
from itops.assets.records import Asset, AssetStatus

_GONE = frozenset({AssetStatus.RETIRED, AssetStatus.DISPOSED, AssetStatus.LOST})
Difference = Proposal | Conflict | Elsewhere


def differences(asset: Asset, device: Device) -> Iterator[Difference]:
    """Nothing of an asset that is gone: that it answers at all is what matters then."""
    if asset.status in _GONE:
        return
    for told in told_values(device):
        item = _difference(asset, device, told)
        if item is not None:
            yield item
    if device.site is not None and device.site != asset.site:
        yield Elsewhere(
            id=f"{asset.id}.site",
            asset_id=asset.id,
            register_site=asset.site,
            seen_site=device.site,
            evidence=evidence_of(device.newest),
        )


def is_locked(item: Difference, asset: Asset) -> bool:
    """Whether a person said that no scan shall ask about it any more."""
    field = "site" if isinstance(item, Elsewhere) else item.field
    return bool({field, field.split(".", 1)[0]} & set(asset.lock))


def revenants(recognised: Iterable[tuple[Asset, Device]], looks: Looks) -> Iterator[Revenant]:
    """Those that were gone and answered: after their disposal; in the last scan, where no date is known."""
    for asset, device in recognised:
        if asset.status not in _GONE:
            continue
        left = asset.disposal.date if asset.disposal else None
        if device.seen_at.date() > left if left else looks.is_current(device):
            yield Revenant(
                id=f"{asset.id}.status",
                asset_id=asset.id,
                status=asset.status.value,
                device=seen_device(device),
                evidence=evidence_of(device.newest),
            )


def _difference(asset: Asset, device: Device, told: Told) -> Proposal | Conflict | None:
    held = value_of(asset, told.field)
    item_id, evidence = f"{asset.id}.{told.field}", evidence_of(told.witness)
    if is_same(asset, told, device) or (held is not None and told.is_for_empty_only):
        return None
    if held is None:
        return Proposal(id=item_id, asset_id=asset.id, field=told.field, value=told.value, evidence=evidence)
    return Conflict(
        id=item_id,
        asset_id=asset.id,
        field=told.field,
        register_value=held,
        seen_value=told.value,
        evidence=evidence,
        locked=asset.lock,
    )
