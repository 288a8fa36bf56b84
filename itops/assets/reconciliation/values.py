"""Shared fields: what the register holds, what a device tells, and whether that is the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from itops.assets.devices import Device
from itops.assets.devices.marks import is_vm_record
from itops.assets.identity import (
    canonical_vendor,
    compared,
    model_name,
    normal_host_name,
    normal_model,
    normal_serial,
    uuid_key,
    vendor_name,
)
from itops.assets.reconciliation.plan import ScanPlan
from itops.assets.records import Asset, PartKind, Register
from itops.assets.sightings import Sighting
from itops.text import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A value of a shared field as it would stand in the register, and who said it."""

    field: str
    value: str
    witness: Sighting
    is_for_empty_only: bool = False  # good enough to fill a hole, not to contradict a person


def told_values(device: Device) -> Iterator[Told]:
    """What a device tells of the fields that people write down, too; nothing that is junk."""
    if device.is_virtual:
        yield from _of_virtual(device)
        return
    for field in ("serial", "vendor", "model", "host_name"):
        told = device.told(field)
        value = _written(field, *told) if told else None
        if told and value:
            is_board = device.told_itself(field) is None
            yield Told(field=field, value=value, witness=told[1], is_for_empty_only=is_board)


def _written(field: str, text: str, witness: Sighting) -> str | None:
    """As a person would write it down."""
    if field == "vendor":
        return vendor_name(text)
    if field == "model":
        return model_name(text, witness.vendor if text == witness.model else witness.board_vendor)
    return _short(text) if field == "host_name" else " ".join(plain(text).split())


def _of_virtual(device: Device) -> Iterator[Told]:
    record = next((one for one in device.sightings if is_vm_record(one)), None)
    if record is not None and record.uuid and uuid_key(record.uuid):
        yield Told(field="vm.uuid", value=record.uuid, witness=record)
    told = device.told("host_name")
    name = _short(told[0]) if told else None
    if told and name:
        yield Told(field="host_name", value=name, witness=told[1])


def value_of(asset: Asset, field: str) -> str | None:
    """What the register holds under a dotted name, as text; None for nothing."""
    held: object = asset
    for name in field.split("."):
        held = getattr(held, name, None)
    return held if isinstance(held, str) and held.strip() else None


def is_same(asset: Asset, told: Told, device: Device) -> bool:
    """Whether the register says the same, however it is spelt."""
    held = value_of(asset, told.field)
    if told.field == "serial":
        return _is_same_serial(asset, device)
    if held is None:
        return False
    if told.field == "vendor":
        return canonical_vendor(held) == canonical_vendor(told.value) or canonical_vendor(held) in device.vendors
    if told.field == "model":
        ours = {normal_model(held), normal_model(held, asset.vendor), normal_model(held, told.witness.vendor)}
        return bool(ours & {normal_model(told.value), normal_model(told.value, asset.vendor)})
    if told.field == "host_name":
        return normal_host_name(held) == normal_host_name(told.value)
    return uuid_key(held) == uuid_key(told.value) or compared(held) == compared(told.value)


def _is_same_serial(asset: Asset, device: Device) -> bool:
    """Also where the label's number is the board's, the slot is written behind it, or it stands at the case."""
    cases = [part.serial for part in asset.parts if part.kind is PartKind.CASE] if asset.serial is None else []
    slots = {one.slot for one in device.sightings} - {None}
    own = {device.serial, *device.board_serials, *(f"{device.serial}/{slot}".upper() for slot in slots)}
    return bool(own & {normal_serial(serial) for serial in (asset.serial, *cases) if serial} - {None})


def _short(text: str) -> str | None:
    """Without the domain, as it came."""
    return plain(text).strip().strip(".").split(".", 1)[0] or None


def outdated(plan: ScanPlan, register: Register) -> tuple[str, ...]:
    """The ids of items that were shown over another register: what they would change has changed since."""
    assets: dict[str, Asset] = {asset.id: asset for asset in register.assets}
    shown: list[tuple[str, str, str, str | None]] = [
        *((item.id, item.asset_id, item.field, None) for item in plan.proposals),
        *((item.id, item.asset_id, item.field, item.register_value) for item in plan.conflicts),
        *((item.id, item.asset_id, item.field, item.register_value) for item in plan.replacements),
        *((item.id, item.asset_id, "site", item.register_site) for item in plan.elsewhere),
    ]
    found = [item.id for item in plan.new if item.asset_id in assets]
    found += [item.id for item in plan.suggestions if item.asset_id not in assets]
    return (
        *found,
        *(
            item_id
            for item_id, asset_id, field, value in shown
            if asset_id not in assets or value_of(assets[asset_id], field) != value
        ),
    )
