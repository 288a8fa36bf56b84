"""Controllers that a workbook only mentions beside their disks, as devices again.

vSphere numbers controllers by kind and bus (SCSI from 1000, SATA from 15000, NVMe from 31000, IDE from 200, USB
7000), so a label such as "SCSI controller 1" tells the key.
"""

import re

from itops.inventory.entities import Value
from itops.sources.rvtools.drafts import Draft

DEVICES = "config.hardware.device"
_NUMBER = re.compile(r"(\d{1,3})\s*$")
_CLASSES = (  # a word of the summary or label -> class and first key; the first that fits
    ("paravirtual", "ParaVirtualSCSIController", 1000),
    ("logic sas", "VirtualLsiLogicSASController", 1000),
    ("lsi", "VirtualLsiLogicController", 1000),
    ("bus", "VirtualBusLogicController", 1000),
    ("ahci", "VirtualAHCIController", 15000),
    ("sata", "VirtualAHCIController", 15000),
    ("nvme", "VirtualNVMEController", 31000),
    ("ide", "VirtualIDEController", 200),
    ("scsi", "VirtualSCSIController", 1000),
    ("xhci", "VirtualUSBXHCIController", 14000),
    ("usb", "VirtualUSBController", 7000),
)


def device_of(target: Draft, class_name: str) -> dict[str, Value]:
    """The VM's only device of a class, made when it is not there."""
    for device in target.list_at(DEVICES):
        if isinstance(device, dict) and device.get("_type") == class_name:
            return device
    return target.add(DEVICES, {"_type": class_name})


def controller_of(item: dict[str, Value]) -> dict[str, Value]:
    """What a row says of the controller, kept in the item until the row is whole."""
    said = item.setdefault("row.controller", {})
    assert isinstance(said, dict)
    return said


def hang_on_controller(target: Draft, item: dict[str, Value], *, default: str) -> None:
    """Turn what the row said of its controller into a device of the VM and point the item to it.

    `default` is the word for a row that names no kind, e.g. "usb".
    """
    said = item.pop("row.controller", None)
    if not isinstance(said, dict) or not said:
        return
    info = said.get("deviceInfo")
    texts = [str(info.get(name) or "") for name in ("summary", "label")] if isinstance(info, dict) else ["", ""]
    named = " ".join(texts).strip().lower() or default
    kind = next(((name, first) for word, name, first in _CLASSES if word in named), None)
    if kind is None:
        return
    found = _NUMBER.search(texts[1])
    bus = said.get("busNumber")
    number = int(found[1]) if found else bus if isinstance(bus, int) and 0 <= bus < 1000 else 0
    key = kind[1] + number
    item["controllerKey"] = key
    for device in target.list_at(DEVICES):
        if isinstance(device, dict) and device.get("key") == key:
            return
    target.add(DEVICES, {"_type": kind[0], "key": key, **({"busNumber": number} if found else {}), **said})
