"""Who a machine is: what SMBIOS, the device tree and the virtualisation say, from the parts of the script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from itops.assets.records import AssetKind
from itops.sources.linux.script import NOTHING, Part
from itops.sources.linux.values import clean, number, pairs, us_date

_CHASSIS = {
    **dict.fromkeys((8, 9, 10, 14, 31, 32), AssetKind.NOTEBOOK),
    **dict.fromkeys((3, 4, 6, 13, 15, 16, 24, 35, 36), AssetKind.COMPUTER),
    **dict.fromkeys((17, 23, 25, 28), AssetKind.SERVER),
}
"""SMBIOS 7.4.1, where it leaves no doubt: a tower (7) or a pizza box (5) may be a server or a computer."""
_CHASSIS_WORDS = {
    **dict.fromkeys(
        ("portable", "laptop", "notebook", "sub notebook", "convertible", "detachable"), AssetKind.NOTEBOOK
    ),
    **dict.fromkeys(("desktop", "low profile desktop", "mini tower", "all in one", "space-saving"), AssetKind.COMPUTER),
    **dict.fromkeys(("lunch box", "sealed-case pc", "mini pc", "stick pc"), AssetKind.COMPUTER),
    **dict.fromkeys(("main server chassis", "rack mount chassis", "multi-system", "blade"), AssetKind.SERVER),
}
"""The same as dmidecode spells it."""
_CONTAINERS = frozenset(
    "openvz lxc lxc-libvirt systemd-nspawn docker podman rkt wsl proot pouch container-other".split()  # noqa: SIM905
)
_VIRTUAL_MAKERS = ("vmware", "qemu", "innotek", "xen", "bochs", "parallels", "nutanix", "openstack", "ovirt", "red hat")
_FIRMWARE = {
    "BIOS Information": {"Version": "bios_version", "Release Date": "bios_date"},
    "System Information": {
        "Manufacturer": "sys_vendor",
        "Product Name": "product_name",
        "Serial Number": "product_serial",
        "UUID": "product_uuid",
    },
    "Base Board Information": {
        "Manufacturer": "board_vendor",
        "Product Name": "board_name",
        "Serial Number": "board_serial",
    },
    "Chassis Information": {
        "Type": "chassis_word",
        "Serial Number": "chassis_serial",
        "Asset Tag": "chassis_asset_tag",
    },
}
"""dmidecode's words, as the files of /sys/class/dmi/id are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The fields of a sighting that say who it is."""

    kind: AssetKind | None = None
    is_virtual: bool | None = None
    is_container: bool = False
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    uuid: str | None = None
    asset_tag: str | None = None
    board_vendor: str | None = None
    board_model: str | None = None
    board_serial: str | None = None
    firmware: str | None = None
    bios_on: date | None = None
    lacks_serial: bool = field(default=False)  # there is SMBIOS, and the account may not read who the machine is


def machine_of(parts: Mapping[str, Part], cpu_flags: frozenset[str]) -> Machine:
    """Who it is. A container sees the SMBIOS of the machine it runs on: that is not its own and is left out."""
    board = pairs(parts.get("board", NOTHING).text)
    firmware = parts.get("firmware", NOTHING)
    told = {**_firmware(firmware.text), **board}
    virt = _virtualisation(parts.get("virt", NOTHING).text)
    if virt in _CONTAINERS:
        return Machine(kind=AssetKind.VIRTUAL_SERVER, is_virtual=True, is_container=True)
    is_virtual = _is_virtual(virt, told, cpu_flags)
    tree = pairs(parts.get("tree", NOTHING).text)
    return Machine(
        kind=AssetKind.VIRTUAL_SERVER if is_virtual else _chassis(told),
        is_virtual=is_virtual,
        vendor=clean(told.get("sys_vendor")),
        model=clean(told.get("product_name")) or clean(tree.get("model")),
        serial=clean(told.get("product_serial"))
        or clean(told.get("chassis_serial"))
        or clean(tree.get("serial-number")),
        uuid=clean(told.get("product_uuid")),
        asset_tag=clean(told.get("chassis_asset_tag")),
        board_vendor=clean(told.get("board_vendor")),
        board_model=clean(told.get("board_name")),
        board_serial=clean(told.get("board_serial")),
        firmware=clean(told.get("bios_version")),
        bios_on=us_date(told.get("bios_date")),
        lacks_serial=bool(board) and firmware.code != 0 and "product_serial" not in told,
    )


def _firmware(text: str) -> dict[str, str]:
    """dmidecode's output; of several boards or chassis the first."""
    told: dict[str, str] = {}
    names: Mapping[str, str] = {}
    for line in text.splitlines():
        if not line.startswith(("\t", " ")):
            names = _FIRMWARE.get(line.strip(), {})
            continue
        word, is_pair, value = line.strip().partition(":")
        if is_pair and word in names:
            told.setdefault(names[word], value.strip())
    return told


def _virtualisation(text: str) -> str:
    """One word of systemd-detect-virt, or "" where nothing is said."""
    return (clean(text) or "").removeprefix("container=").lower()


def _is_virtual(virt: str, told: Mapping[str, str], cpu_flags: frozenset[str]) -> bool | None:
    """systemd knows best; else the processor's own flag, else the maker. None where nothing at all is said."""
    if virt:
        return virt != "none"
    maker, model = told.get("sys_vendor", "").lower(), told.get("product_name", "").lower()
    if "hypervisor" in cpu_flags or maker.startswith(_VIRTUAL_MAKERS) or model in {"virtual machine", "kvm"}:
        return True
    return False if cpu_flags or maker else None


def _chassis(told: Mapping[str, str]) -> AssetKind | None:
    code = number(told.get("chassis_type"))
    if code is not None:
        return _CHASSIS.get(code)
    return _CHASSIS_WORDS.get(told.get("chassis_word", "").lower())
