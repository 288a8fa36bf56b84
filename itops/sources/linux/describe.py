"""A sighting from the parts of the script; and what of it could not be seen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from itops.assets.sightings import Readings, Sighting, Via
from itops.inventory.entities import EntityKey, Gap
from itops.sources.asking import Answer
from itops.sources.linux.hardware import drives_of, memory_bytes, processor_of
from itops.sources.linux.machine import machine_of
from itops.sources.linux.network import cards_of, neighbours_of
from itops.sources.linux.script import NOTHING, PARTS, Part
from itops.sources.linux.values import clean, pairs

_UPTIME = re.compile(r"(\d{1,10})(?:\.\d+)? ")
_RELEASE = re.compile(r"(.+?)(?: Linux)?(?: release)? (\d+(?:\.\d+)*)\b")  # CentOS release 6.10 (Final)
_NEEDED = frozenset(PARTS) - {"firmware", "place", "virt", "tree"}  # they have their own words for what is missing
_OPTIONAL_IN_CONTAINERS = frozenset({"disks", "cards"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom, and how it went."""

    source: str
    address: str
    site: str | None
    at: datetime
    parts: Mapping[str, Part]
    is_whole: bool  # the script came to its end
    findings: tuple[str, ...] = ()


def answer_of(asked: Asked) -> Answer:
    """The machine, and a gap each for a missing serial number and for parts that said nothing."""
    parts = asked.parts
    kernel = _lines(parts, "kernel", 4)
    processor = processor_of(_text(parts, "processor"))
    machine = machine_of(parts, processor.flags)
    missing = [
        name
        for name in PARTS
        if name in _NEEDED
        and parts.get(name, NOTHING).code != 0
        and not (machine.is_container and name in _OPTIONAL_IN_CONTAINERS)
    ]
    system, version = _system(_text(parts, "release"))
    sighting = Sighting(
        source=asked.source,
        key=EntityKey(f"{asked.source}/{asked.address}"),
        seen_at=asked.at,
        via=Via.SSH,
        address=asked.address,
        host_name=kernel[3],
        site=asked.site,
        kind=machine.kind.value if machine.kind else None,
        vendor=machine.vendor,
        model=machine.model,
        serial=machine.serial,
        uuid=machine.uuid,
        asset_tag=machine.asset_tag,
        board_vendor=machine.board_vendor,
        board_model=machine.board_model,
        board_serial=machine.board_serial,
        is_virtual=machine.is_virtual,
        cards=cards_of(_text(parts, "cards"), _text(parts, "addresses")),
        description=" ".join(word for word in kernel[:3] if word) or None,
        contact_place=_told(_text(parts, "place"), "LOCATION"),
        os=system,
        os_version=version,
        firmware=machine.firmware,
        bios_on=machine.bios_on,
        cpu=processor.model,
        cpu_count=processor.sockets,
        core_count=processor.cores,
        memory_bytes=memory_bytes(_text(parts, "memory")),
        drives=() if machine.is_container else drives_of(_text(parts, "disks"), is_virtual=bool(machine.is_virtual)),
        findings=asked.findings,
        is_partial=bool(missing) or not asked.is_whole,
        readings=Readings(
            uptime_seconds=_uptime(_text(parts, "uptime")), neighbours=neighbours_of(_text(parts, "neighbours"))
        ),
    )
    gaps = [_partly(asked, missing)] if missing or not asked.is_whole else []
    if machine.lacks_serial:
        gaps.append(_no_serial(asked))
    return Answer(sightings=(sighting,), gaps=gaps)


def is_linux(parts: Mapping[str, Part]) -> bool:
    """Whether the kernel says so."""
    return _lines(parts, "kernel", 1)[0] == "Linux"


def kernel_name(parts: Mapping[str, Part]) -> str | None:
    """What the kernel calls itself; None where the script was not run at all."""
    return _lines(parts, "kernel", 1)[0]


def _text(parts: Mapping[str, Part], name: str) -> str:
    return parts.get(name, NOTHING).text


def _lines(parts: Mapping[str, Part], name: str, count: int) -> list[str | None]:
    found = [clean(line) for line in _text(parts, name).splitlines()[:count]]
    return found + [None] * (count - len(found))


def _system(text: str) -> tuple[str | None, str | None]:
    """Name and version, by os-release or by the one line of older systems."""
    if name := _told(text, "NAME"):
        return name, _told(text, "VERSION_ID")
    first = clean(text.partition("\n")[0])
    found = _RELEASE.match(first or "")
    return (found[1], found[2]) if found else (first, None)


def _told(text: str, name: str) -> str | None:
    """Of a file as os-release and machine-info are."""
    return clean(_unquoted(pairs(text).get(name, "")))


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _uptime(text: str) -> int | None:
    found = _UPTIME.match(text)
    return int(found[1]) if found else None


def _partly(asked: Asked, missing: list[str]) -> Gap:
    codes = [f"{name} ({_why(asked.parts.get(name, NOTHING))})" for name in missing]
    return Gap(
        source=asked.source,
        subject=asked.address,
        code="device.partly-read",
        problem=f"{asked.address} did not tell everything: {', '.join(codes) or 'its answer was cut'}",
        remedy="run lscpu, lsblk and ip there by hand: install util-linux and iproute2, or raise script_timeout",
    )


def _why(part: Part) -> str:
    return {None: "no end", 124: "too slow", 127: "no such program"}.get(part.code, f"exit code {part.code}")


def _no_serial(asked: Asked) -> Gap:
    return Gap(
        source=asked.source,
        subject=asked.address,
        code="device.serial-unread",
        problem=f"{asked.address} keeps its serial number for root",
        remedy="let the account run dmidecode: install it and write ACCOUNT ALL=(root) NOPASSWD: /usr/sbin/dmidecode "
        "into /etc/sudoers.d/itops there",
    )
