"""What nobody wrote down of an asset that is still ours."""

from collections.abc import Callable, Iterator, Mapping

from itops.assets.ages import age_of
from itops.assets.budget.items import battery_sets
from itops.assets.checking.findings import AssetFinding, Look, found
from itops.assets.identity import good_serial
from itops.assets.records import Asset, AssetKind, AssetStatus
from itops.assets.selection import begun_on

_NOT_A_THING = frozenset({AssetKind.VIRTUAL_SERVER, AssetKind.LINK})
_NO_SERIAL_EXPECTED = frozenset({*_NOT_A_THING, AssetKind.FIRE_SYSTEM, AssetKind.OTHER})
_NOBODYS = frozenset({*_NOT_A_THING, AssetKind.FIRE_SYSTEM, AssetKind.BATTERY, AssetKind.UPS, AssetKind.NETWORK_DEVICE})
"""Kinds that are nobody's in particular: no person took charge of them."""


def missing(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """One finding for each gap; nothing of assets that are over, but the papers of their end."""
    if asset.status is AssetStatus.DISPOSED:
        if asset.disposal is None or not asset.disposal.minutes_no:
            yield found("disposal.no-papers", asset, "disposal.minutes_no")
        return
    if asset.status.is_over or asset.status is AssetStatus.LOST:
        return
    yield from (found(code, asset, *fields) for code, (fields, is_missing) in _FIELDS.items() if is_missing(asset))
    if begun_on(asset) is None and asset.kind not in _NOT_A_THING:
        age = age_of(asset, look.seen(asset), look.today)
        told = {"estimated_on": age.begun_on.isoformat(), "estimated_by": age.source.value} if age else {}
        yield found("asset.no-date", asset, "in_service", "purchase.date", **told)
    yield from _unnumbered_parts(asset)
    yield from _of_its_kind(asset, look)


def _has_no_model(asset: Asset) -> bool:
    return asset.kind not in _NO_SERIAL_EXPECTED and not (asset.vendor and asset.model)


def _has_no_serial(asset: Asset) -> bool:
    is_good = good_serial(asset.serial, model=asset.model, host_name=asset.host_name)
    return asset.kind not in _NO_SERIAL_EXPECTED and not is_good


def _has_no_holder(asset: Asset) -> bool:
    is_held = asset.assigned_to or asset.personnel_code or asset.part_of
    return asset.kind not in _NOBODYS and asset.status is AssetStatus.IN_USE and not is_held


def _is_undated(asset: Asset) -> bool:
    return bool(asset.assigned_to or asset.personnel_code) and asset.custody_date is None


_FIELDS: Mapping[str, tuple[tuple[str, ...], Callable[[Asset], bool]]] = {
    "asset.no-serial": (("serial",), _has_no_serial),
    "asset.no-tag": (("asset_tag",), lambda asset: asset.kind not in _NOT_A_THING and not asset.asset_tag),
    "asset.no-place": (("location",), lambda asset: asset.kind not in _NOT_A_THING and not asset.location),
    "asset.no-model": (("vendor", "model"), _has_no_model),
    "asset.no-holder": (("assigned_to",), _has_no_holder),
    "asset.no-price": (("purchase.price",), lambda asset: asset.purchase is not None and asset.purchase.price is None),
    "asset.never-verified": (
        ("verified_on",),
        lambda asset: asset.kind not in _NOT_A_THING and asset.verified_on is None,
    ),
    "custody.undated": (("custody_date",), _is_undated),
}


def _unnumbered_parts(asset: Asset) -> Iterator[AssetFinding]:
    for position, part in enumerate(asset.parts, start=1):
        if not (part.asset_tag or part.serial):
            yield found("part.no-number", asset, f"parts.{position}", part=part.kind.value, position=position)


def _of_its_kind(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    if asset.kind is AssetKind.BATTERY and asset.part_of is None:
        yield found("battery.no-ups", asset, "part_of")
    if asset.kind is AssetKind.UPS and not _has_batteries(asset, look):
        yield found("ups.no-batteries", asset, "ups.batteries")
    if asset.kind is AssetKind.LINK and (asset.link is None or asset.link.contract_end is None):
        yield found("link.no-contract-end", asset, "link.contract_end")
    if asset.kind is AssetKind.VIRTUAL_SERVER and (asset.vm is None or not asset.vm.uuid):
        name = asset.vm.name if asset.vm else None
        yield found("vm.weak-link", asset, "vm.name", name=name) if name else found("vm.not-linked", asset, "vm")
    if asset.kind is AssetKind.FIRE_SYSTEM and not asset.tests:
        yield found("fire.never-tested", asset, "tests")
    for position, test in enumerate(asset.tests, start=1):
        if not test.document:
            yield found("test.no-document", asset, f"tests.{position}.document", tested_on=test.on.isoformat())


def _has_batteries(asset: Asset, look: Look) -> bool:
    """In its own entry, as assets of their own, or told by the UPS itself."""
    others = look.register.assets
    is_dated = any(one.age for one in battery_sets(asset, look.seen(asset)))
    return is_dated or any(one.kind is AssetKind.BATTERY and one.part_of == asset.id for one in others)
