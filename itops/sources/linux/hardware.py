"""What is inside a machine: processor, memory, disks, from the parts of the script."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itops.assets.sightings import Drive
from itops.sources.linux.values import clean, dicts, member, number, quoted_pairs, tree_of, truth

_MOST_FIELDS = 1000
_MOST_DRIVES = 256
_ELSEWHERE = frozenset({"usb", "iscsi", "fc", "fcoe"})  # transports of disks that are not inside the machine
_TOTAL = re.compile(r"^MemTotal:\s+(\d{1,15}) kB", re.MULTILINE)
_BLOCKS = re.compile(r"^block=([0-9a-f]{1,12})\s+(\d{1,9})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """What lscpu says."""

    model: str | None = None
    sockets: int | None = None
    cores: int | None = None
    flags: frozenset[str] = frozenset()


def processor_of(text: str) -> Processor:
    """`lscpu -J` with its nested fields, or the plain `lscpu` of older machines: labels end in a colon in both."""
    told: dict[str, str] = {}
    for label, value in _fields(text):
        told.setdefault(label.strip().rstrip(":"), value.strip())
    sockets = number(told.get("Socket(s)"))
    each = number(told.get("Core(s) per socket"))
    return Processor(
        model=clean(told.get("Model name")),
        sockets=sockets,
        cores=sockets * each if sockets and each and sockets * each < 1 << 20 else None,
        flags=frozenset(told.get("Flags", "").split()[:_MOST_FIELDS]),
    )


def _fields(text: str) -> Iterator[tuple[str, str]]:
    if not text.lstrip().startswith("{"):
        for line in text.splitlines()[:_MOST_FIELDS]:
            label, _, value = line.partition(":")
            yield label, value
        return
    waiting = list(dicts(member(tree_of(text), "lscpu")))[::-1]
    for _ in range(_MOST_FIELDS):
        if not waiting:
            return
        entry = waiting.pop()
        named, told = entry.get("field"), entry.get("data")
        if isinstance(named, str) and isinstance(told, str):
            yield named, told
        waiting += list(dicts(entry.get("children")))[::-1]


def memory_bytes(text: str) -> int | None:
    """What is built in, by the blocks the kernel manages; else what it has for itself, a little less."""
    blocks = _BLOCKS.search(text)
    if blocks and 0 < (found := int(blocks[1], 16) * int(blocks[2])) < 1 << 60:
        return found
    total = _TOTAL.search(text)
    return int(total[1]) * 1024 if total else None


def drives_of(text: str, *, is_virtual: bool) -> tuple[Drive, ...]:
    """The disks inside the machine: no partitions, no USB, no LUNs. A virtual disk turns or not as it likes."""
    found = (_drive(disk, is_virtual=is_virtual) for disk in _disks(text) if _is_inside(disk))
    return tuple(sorted(found, key=lambda drive: drive.name or ""))


def _disks(text: str) -> Sequence[Mapping[str, Any]]:
    if text.lstrip().startswith("{"):
        return list(dicts(member(tree_of(text), "blockdevices")))[:_MOST_DRIVES]
    return [quoted_pairs(line) for line in text.splitlines()[:_MOST_DRIVES]]


def _is_inside(disk: Mapping[str, Any]) -> bool:
    name = clean(disk.get("name")) or ""
    return (
        disk.get("type") == "disk"
        and not truth(disk.get("rm"))
        and clean(disk.get("tran")) not in _ELSEWHERE
        and bool(number(disk.get("size")))
        and not name.startswith(("zram", "ram", "nbd", "loop", "md", "dm-"))
    )


def _drive(disk: Mapping[str, Any], *, is_virtual: bool) -> Drive:
    turns = None if is_virtual else truth(disk.get("rota"))
    return Drive(
        name=clean(disk.get("name")),
        vendor=clean(disk.get("vendor")),
        model=clean(disk.get("model")),
        serial=clean(disk.get("serial")),
        size_bytes=number(disk.get("size")),
        medium={True: "hdd", False: "ssd", None: None}[turns],
    )
