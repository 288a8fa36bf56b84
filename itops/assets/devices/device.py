"""One device: everything that was seen of it, and for each field the witness to believe."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itops.assets.devices.marks import Marks, is_manager, is_vm_record, kind_of, marks_of
from itops.assets.identity import (
    good_serial,
    identity_macs,
    is_junk,
    normal_host_name,
    normal_mac,
    uuid_key,
    vendor_name,
)
from itops.assets.records import AssetKind
from itops.assets.sightings import Sighting, Via

_RANK = {via: rank for rank, via in enumerate(Via)}
_OF_THE_SYSTEM = frozenset({"host_name", "os", "os_version"})
"""What a management controller says of itself here is not said of its server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The sightings of one thing, the best witness first, the newest first within a kind of witness."""

    key: str  # the best of its identities, the same in every scan: "serial/CZ00000KX0"
    sightings: tuple[Sighting, ...]
    newest: Sighting  # of those by which it would be known again; of several at one moment the best
    serial: str | None = None  # as compared; of the system, never the board's
    board_serials: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()  # canonical, the boards' too
    uuids: frozenset[str] = frozenset()  # in one byte order, see identity.uuid_key
    macs: frozenset[str] = frozenset()  # burnt in, and no other device has them
    burnt_macs: frozenset[str] = frozenset()  # those that another device shows, too
    all_macs: frozenset[str] = frozenset()  # docks and VPNs, too
    is_virtual: bool | None = None
    learned: frozenset[str] = frozenset()  # what it tells and what identifies nothing in this office

    @property
    def seen_at(self) -> datetime:
        """When it was last recognised; that something answers at its address is not enough."""
        return self.newest.seen_at

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it answers, its own first, then its management controller's."""
        return tuple(dict.fromkeys(one.address for one in self._witnesses("address") if one.address))

    @property
    def sources(self) -> tuple[str, ...]:
        """Who saw it, the best witness first."""
        return tuple(dict.fromkeys(sighting.source for sighting in self.sightings))

    @property
    def kind(self) -> AssetKind | None:
        """What it is, as far as a witness leaves no doubt."""
        told = self.told("kind")
        return AssetKind.VIRTUAL_SERVER if self.is_virtual else kind_of(told[0]) if told else None

    @property
    def site(self) -> str | None:
        """Where it was last seen."""
        placed = [sighting for sighting in self.sightings if sighting.site]
        return _newest(placed).site if placed else None

    @property
    def host_name(self) -> str | None:
        """Short and small, as it is compared."""
        told = self.told("host_name")
        return normal_host_name(told[0]) if told else None

    @property
    def is_telling(self) -> bool:
        """Whether it would be known again. A virtual machine is never known by its MACs: copies have the same."""
        return bool(self.serial or self.board_serials or self.uuids or (self.macs and not self.is_virtual))

    def told(self, field: str) -> tuple[Any, Sighting] | None:
        """The value to believe of a field of Sighting, and who said it; None where nobody told anything but junk.

        Where no system names its maker or model, the board's stands for it.
        """
        found = self.told_itself(field)
        return self.told_itself(f"board_{field}") if found is None and field in {"vendor", "model"} else found

    def told_itself(self, field: str) -> tuple[Any, Sighting] | None:
        """As `told`, and nothing stands for anything else."""
        value = _JUDGED.get(field, _as_told)
        for sighting in self._witnesses(field):
            found = value(self, sighting, field)
            if found is not None and found != ():
                return found, sighting
        return None

    def _witnesses(self, field: str) -> Iterable[Sighting]:
        if field == "address":
            return sorted(self.sightings, key=is_manager)
        if field in _OF_THE_SYSTEM:
            return [sighting for sighting in self.sightings if not is_manager(sighting)]
        return self.sightings


def device_of(sightings: Iterable[Sighting], learned: Collection[str] = (), shared: Collection[str] = ()) -> Device:
    """A device of sightings that are known to be of one thing. `learned` and `shared`: as in `marks_of`."""
    ordered = tuple(sorted(_current(list(sightings)), key=_trust))
    marks = [marks_of(sighting, learned, shared) for sighting in ordered]
    serial = next((mark.serial for mark in marks if mark.serial), None)
    return Device(
        key=_key(ordered, marks, serial),
        sightings=ordered,
        newest=_newest([one for one, mark in zip(ordered, marks, strict=True) if mark.is_telling] or ordered),
        serial=serial,
        board_serials=frozenset(mark.board_serial for mark in marks if mark.board_serial),
        vendors=frozenset(name for mark in marks for name in (mark.vendor, mark.board_vendor) if name),
        uuids=frozenset().union(*(mark.uuids for mark in marks)),
        macs=frozenset().union(*(mark.macs for mark in marks)),
        burnt_macs=frozenset().union(*(identity_macs(one.cards) for one in ordered)),
        all_macs=frozenset(mac for one in ordered for card in one.cards if (mac := normal_mac(card.mac))),
        is_virtual=_virtual(marks),
        learned=frozenset(learned) & frozenset(text for one in ordered for text in _claims(one)),
    )


def _current(sightings: list[Sighting]) -> list[Sighting]:
    """A whole new look of one collector replaces its older ones; a partial one only adds to them."""
    whole: dict[tuple[str, str], datetime] = {}
    for one in sightings:
        if not one.is_partial:
            whole[one.source, one.key] = max(one.seen_at, whole.get((one.source, one.key), one.seen_at))
    return [one for one in sightings if one.seen_at >= whole.get((one.source, one.key), one.seen_at)]


def _trust(sighting: Sighting) -> tuple[Any, ...]:
    return (_RANK[sighting.via], -sighting.seen_at.timestamp(), sighting.source, sighting.key, repr(sighting))


def _newest(sightings: Sequence[Sighting]) -> Sighting:
    return max(sightings, key=lambda sighting: (sighting.seen_at, -_RANK[sighting.via]))


def _virtual(marks: Sequence[Marks]) -> bool | None:
    said = {mark.is_virtual for mark in marks} - {None}
    return said.pop() if len(said) == 1 else None


def _key(sightings: Sequence[Sighting], marks: Sequence[Marks], serial: str | None) -> str:
    instances = {uuid_key(one.uuid) for one in sightings if is_vm_record(one)} - {None}
    uuids = frozenset().union(*(mark.uuids for mark in marks))
    macs = frozenset().union(*(mark.macs for mark in marks))
    if _virtual(marks) and uuids:
        return f"uuid/{min(filter(None, instances or uuids))}"
    if serial:
        return f"serial/{serial}"
    for word, found in (("uuid", uuids), ("mac", macs)):
        if found:
            return f"{word}/{min(found)}"
    return f"seen/{min(sighting.key for sighting in sightings)}"


def _claims(sighting: Sighting) -> Iterable[str]:
    found = (good_serial(sighting.serial), good_serial(sighting.board_serial), uuid_key(sighting.uuid))
    return (text for text in found if text)


def _as_told(device: Device, sighting: Sighting, field: str) -> Any:
    return getattr(sighting, field)


def _text(device: Device, sighting: Sighting, field: str) -> str | None:
    value: str | None = getattr(sighting, field)
    return None if is_junk(value) else value


def _serial(device: Device, sighting: Sighting, field: str) -> str | None:
    value: str | None = getattr(sighting, field)
    is_good = good_serial(value, model=sighting.model, host_name=sighting.host_name, learned=device.learned)
    return value if is_good else None


def _uuid(device: Device, sighting: Sighting, field: str) -> str | None:
    return sighting.uuid if uuid_key(sighting.uuid) in device.uuids else None


def _vendor(device: Device, sighting: Sighting, field: str) -> str | None:
    return vendor_name(getattr(sighting, field))


def _host_name(device: Device, sighting: Sighting, field: str) -> str | None:
    return sighting.host_name if normal_host_name(sighting.host_name) else None


_JUDGED: dict[str, Callable[[Device, Sighting, str], Any]] = {
    "serial": _serial,
    "board_serial": _serial,
    "uuid": _uuid,
    "vendor": _vendor,
    "board_vendor": _vendor,
    "model": _text,
    "board_model": _text,
    "asset_tag": _text,
    "host_name": _host_name,
}
