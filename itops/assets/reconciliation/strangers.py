"""Of devices that are no entry for certain: new ones, those in another's place, those that may be one, the nameless."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from itops.assets.devices import Device
from itops.assets.identity import good_uuid, normal_serial, uuid_key
from itops.assets.ids import Ids
from itops.assets.matching import DeviceMatch, Matches, Rule, Suggestion
from itops.assets.policy import AssetPolicy
from itops.assets.reconciliation.plan import (
    Ambiguity,
    DeviceFinding,
    LearnedJunk,
    NewAsset,
    Replacement,
    SuggestedMatch,
    Unidentified,
)
from itops.assets.reconciliation.showing import (
    counted,
    evidence_of,
    guessed_kind,
    label_of,
    new_asset,
    pin_of,
    seen_device,
)
from itops.assets.reconciliation.values import value_of
from itops.assets.records import Asset, Register
from itops.assets.sightings import Via


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """What is made of them."""

    new: tuple[NewAsset, ...]
    replacements: tuple[Replacement, ...]
    suggestions: tuple[SuggestedMatch, ...]
    unidentified: tuple[Unidentified, ...]


def strangers(register: Register, found: Sequence[DeviceMatch]) -> Strangers:
    """`found`: devices that were seen of late, no entry and not ambiguous. New ones get the first free ids."""
    ids = Ids(register.assets)
    as_new: dict[str, NewAsset] = {}
    for one in sorted(found, key=lambda one: (not one.is_unmatched, one.device.key)):
        if _is_described(one.device):
            asset_id = ids.next(guessed_kind(one.device))
            as_new[one.device.key] = new_asset(one.device, asset_id, register)
    unknown = [one.device for one in found if one.is_unmatched]
    return Strangers(
        new=tuple(as_new[device.key] for device in unknown if _is_described(device)),
        replacements=tuple(
            _replacement(told, one.device, as_new.get(one.device.key)) for one in found for told in one.replaces
        ),
        suggestions=tuple(
            _suggestion(told, one.device, as_new.get(one.device.key)) for one in found for told in one.suggestions
        ),
        unidentified=tuple(_unidentified(device) for device in unknown if not _is_described(device)),
    )


def _is_described(device: Device) -> bool:
    """Whether somebody told more of it than that it answers: a MAC alone is no entry that anybody wants proposed."""
    return device.is_telling and any(sighting.via is not Via.SWEEP for sighting in device.sightings)


def ambiguities(matches: Matches) -> Iterator[Ambiguity]:
    """Each set of entries once, with all devices that may be them."""
    together: dict[tuple[str, ...], list[Device]] = defaultdict(list)
    for one in matches.ambiguous:
        together[tuple(sorted((asset.id for asset in one.candidates), key=counted))].append(one.device)
    for asset_ids, devices in together.items():
        yield Ambiguity(
            id=f"{asset_ids[0]}.ambiguous",
            asset_ids=asset_ids,
            devices=tuple(seen_device(device) for device in devices),
        )


def learned_junk(devices: Iterable[Device], policy: AssetPolicy) -> Iterator[LearnedJunk]:
    """What the office has not written down yet."""
    known = {normal_serial(text) for text in policy.junk_serials} | {uuid_key(text) for text in policy.junk_serials}
    owners: dict[str, list[Device]] = defaultdict(list)
    for device in devices:
        for value in device.learned - known:
            owners[value].append(device)
    for value, several in owners.items():
        yield LearnedJunk(id=f"junk.{value}", value=value, devices=tuple(seen_device(device) for device in several))


def findings(matches: Matches) -> Iterator[DeviceFinding]:
    """What collectors noticed, once for each device."""
    for one in matches.devices:
        label = one.asset.id if one.asset else f"device.{label_of(one.device)}"
        first = {code: sighting for sighting in reversed(one.device.sightings) for code in sighting.findings}
        for code, sighting in first.items():
            yield DeviceFinding(
                id=f"{label}.{code}",
                code=code,
                asset_id=one.asset.id if one.asset else None,
                device=seen_device(one.device),
                evidence=evidence_of(sighting),
            )


def _replacement(told: Suggestion, device: Device, as_new: NewAsset | None) -> Replacement:
    asset = told.asset
    field, value = _telling(asset, device)
    return Replacement(
        id=f"{asset.id}.replacement",
        asset_id=asset.id,
        rule=told.rule.value,
        field=field,
        register_value=value_of(asset, field),
        seen_value=value,
        device=seen_device(device),
        evidence=evidence_of(device.newest),
        as_new=as_new,
    )


def _telling(asset: Asset, device: Device) -> tuple[str, str | None]:
    """The field of the entry that the device contradicts, and what would stand in it."""
    serial, uuid = device.told("serial"), device.told("uuid")
    if serial:
        return "serial", str(serial[0])
    if asset.match and asset.match.mac and not asset.match.uuid:
        return "match.mac", pin_of(device).get("match.mac")
    return "match.uuid", good_uuid(uuid[0]) if uuid else None


def _suggestion(told: Suggestion, device: Device, as_new: NewAsset | None) -> SuggestedMatch:
    serial = device.told("serial")
    by_hand = {Rule.SERIAL_OF_ANOTHER_MAKER, Rule.SERIAL_OF_ANOTHER_KIND}
    field = "match.serial" if told.rule in by_hand else "serial"
    return SuggestedMatch(
        id=f"{told.asset.id}.match",
        asset_id=told.asset.id,
        rule=told.rule.value,
        pin={field: str(serial[0])} if serial else pin_of(device),
        device=seen_device(device),
        evidence=evidence_of(device.newest),
        as_new=as_new,
    )


def _unidentified(device: Device) -> Unidentified:
    return Unidentified(
        id=f"device.{label_of(device)}", device=seen_device(device), evidence=evidence_of(device.newest)
    )
