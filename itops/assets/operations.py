"""What people do to assets, as edits of the register: move, assign, retire. A date is written in ISO Gregorian."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from itops.assets.edits import AddAsset, Edit, SetField
from itops.assets.records import Asset, AssetKind, AssetStatus, Register


def peripherals(register: Register, asset: Asset) -> list[Asset]:
    """What belongs to an asset and goes where it goes, however deep; what is out of use stays."""
    found: dict[str, Asset] = {}
    above = {asset.id}
    while above:
        below = [one for one in register.assets if one.part_of in above and one.id not in found]
        found |= {one.id: one for one in below}
        above = {one.id for one in below}
    return [one for one in found.values() if one.id != asset.id and not one.status.is_over]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """To where: what is None stays as it is."""

    site: str | None = None
    location: str | None = None
    department: str | None = None


def moved(assets: Sequence[Asset], move: Move) -> Iterator[Edit]:
    """Each asset gets the new place; what it has already is not written again."""
    for asset in assets:
        if move.site is not None and move.site != asset.site:
            yield SetField(asset_id=asset.id, field="site", value=move.site)
            if move.location is None and asset.location is not None:  # a room of the old building says nothing there
                yield SetField(asset_id=asset.id, field="location", value=None)
        for field, value in (("location", move.location), ("department", move.department)):
            if value is not None and value != getattr(asset, field):
                yield SetField(asset_id=asset.id, field=field, value=value)


def assigned(asset: Asset, to: str | None, on: date, personnel_code: str | None = None) -> Iterator[Edit]:
    """Into whose hands; None: back to nobody, into the store. The old custody does not outlive the hand-over."""
    if to is None:
        yield SetField(asset_id=asset.id, field="status", value=AssetStatus.STORE.value)
    for field, value in (("assigned_to", to), ("personnel_code", personnel_code)):
        if value != getattr(asset, field):
            yield SetField(asset_id=asset.id, field=field, value=value)
    if to is not None and asset.status is AssetStatus.STORE:
        yield SetField(asset_id=asset.id, field="status", value=AssetStatus.IN_USE.value)
    yield SetField(asset_id=asset.id, field="custody_date", value=on.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an asset ends: RETIRED, LOST or DISPOSED, and the papers of a disposal."""

    status: AssetStatus
    on: date
    minutes_no: str | None = None
    to: str | None = None
    value: int | None = None


def ended(asset: Asset, ending: Ending) -> Iterator[Edit]:
    """The status, and the disposal where it left the house."""
    yield SetField(asset_id=asset.id, field="status", value=ending.status.value)
    if ending.status is not AssetStatus.DISPOSED:
        return
    yield SetField(asset_id=asset.id, field="disposal.date", value=ending.on.isoformat())
    for field in ("minutes_no", "to", "value"):
        value = getattr(ending, field)
        if value is not None:
            yield SetField(asset_id=asset.id, field=f"disposal.{field}", value=str(value))


def added(asset_id: str, kind: AssetKind, fields: dict[str, str]) -> AddAsset:
    """A new entry, its keys in the order in which the register has them."""
    order = {name: position for position, name in enumerate(Asset.__dataclass_fields__)}
    known = {"id": asset_id, "kind": kind.value, **fields}
    ordered = sorted(known.items(), key=lambda entry: order.get(entry[0].split(".")[0], len(order)))
    return AddAsset(asset_id=asset_id, fields=dict(ordered))
