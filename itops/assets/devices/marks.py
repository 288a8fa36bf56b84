"""What one sighting tells of identity, judged: serials, UUIDs in one byte order, burnt-in MACs, real or virtual."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from itops.assets.identity import (
    canonical_vendor,
    compared,
    good_serial,
    identity_macs,
    is_virtual_mac,
    junk_rules,
    normal_mac,
    uuid_key,
)
from itops.assets.records import AssetKind
from itops.assets.sightings import Sighting, Via

_VMWARE_SERIAL = re.compile(r"VMWARE-([0-9A-F]{16})-([0-9A-F]{16})")
_ONE_CLASS = {AssetKind.NOTEBOOK: AssetKind.COMPUTER}
"""An agent calls a computer what its chassis says, people what they see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """By what one sighting may be known again."""

    serial: str | None
    board_serial: str | None  # tells who a device is, but never who it is not: the label on the case has another
    vendor: str | None
    board_vendor: str | None
    uuids: frozenset[str]
    macs: frozenset[str]
    is_virtual: bool | None
    is_manager: bool  # a server's management controller: its own MAC and name, the server's serial

    @property
    def is_telling(self) -> bool:
        """Whether it would be known again at all."""
        return bool(self.serial or self.board_serial or self.uuids or self.macs)


def marks_of(sighting: Sighting, learned: Collection[str] = (), shared: Collection[str] = ()) -> Marks:
    """`learned`: serials (upper case) and UUIDs that several devices have; `shared`: MACs that several have."""
    serial = good_serial(sighting.serial, model=sighting.model, host_name=sighting.host_name, learned=learned)
    board = good_serial(sighting.board_serial, model=sighting.board_model, learned=learned)
    vmware = _VMWARE_SERIAL.fullmatch(serial or "")
    told = (sighting.uuid, "".join(vmware.groups()) if vmware else None)
    uuids = frozenset(key for text in told if (key := uuid_key(text)) and key not in learned)
    return Marks(
        serial=serial,
        board_serial=None if board == serial else board,
        vendor=canonical_vendor(sighting.vendor),
        board_vendor=canonical_vendor(sighting.board_vendor),
        uuids=uuids,
        macs=identity_macs(sighting.cards, shared),
        is_virtual=_is_virtual(sighting, is_vmware=vmware is not None),
        is_manager=is_manager(sighting),
    )


def is_manager(sighting: Sighting) -> bool:
    """Whether a management controller answered: it speaks for its server, under another name and MAC."""
    if sighting.via in {Via.REDFISH, Via.IPMI}:
        return True
    if sighting.via not in {Via.SNMP_VENDOR, Via.SNMP, Via.SWEEP}:  # these speak with the operating system
        return False
    if any(card.medium == "bmc" for card in sighting.cards):
        return True
    words = (sighting.description, sighting.model, sighting.os)
    return any(junk_rules().managers.fullmatch(compared((text or "")[:500])) for text in words)


def is_vm_record(sighting: Sighting) -> bool:
    """Whether vSphere itself told of a virtual machine: its UUID then is the instance's."""
    return sighting.via is Via.VSPHERE and sighting.is_virtual is True and sighting.kind == AssetKind.VIRTUAL_SERVER


def kind_of(text: str | None) -> AssetKind | None:
    """The kind that a sighting names, if it names one that there is."""
    return AssetKind(text) if text in set(AssetKind) else None


def kinds_agree(one: AssetKind | None, other: AssetKind | None) -> bool:
    """Whether two witnesses may mean one thing; one who does not know does not disagree."""
    return one is None or other is None or _ONE_CLASS.get(one, one) == _ONE_CLASS.get(other, other)


def kind_class(kind: AssetKind) -> AssetKind:
    """The kind under which collectors see it: a notebook is a computer to them."""
    return _ONE_CLASS.get(kind, kind)


def _is_virtual(sighting: Sighting, *, is_vmware: bool) -> bool | None:
    """As it says; else by what only virtual machines have. None: it may be either."""
    if sighting.is_virtual is not None:
        return sighting.is_virtual
    if sighting.via in {Via.REDFISH, Via.IPMI}:
        return False
    if is_vmware or sighting.kind == AssetKind.VIRTUAL_SERVER:
        return True
    if any(junk_rules().virtual_machines.fullmatch(compared(text)) for text in (sighting.vendor, sighting.model)):
        return True
    macs = [mac for card in sighting.cards if (mac := normal_mac(card.mac))]
    return True if macs and all(map(is_virtual_mac, macs)) else None
