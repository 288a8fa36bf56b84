"""A sighting from what ipmitool prints of one BMC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from itops.assets.records import AssetKind
from itops.assets.sightings import NetworkCard, Sighting, Via
from itops.inventory.entities import EntityKey
from itops.sources.macs import mac
from itops.text import plain

_MOST_LETTERS = 256
_MOST_LINES = 2000
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_EPOCH = date(1996, 1, 1)  # a FRU that says nothing


def answered(text: str) -> Mapping[str, str]:
    """`Name : value` lines, the first of a name."""
    held: dict[str, str] = {}
    for line in text.splitlines()[:_MOST_LINES]:
        name, is_pair, value = line.partition(":")
        cleaned = " ".join(plain(value).split())[:_MOST_LETTERS].strip()
        if is_pair and cleaned:
            held.setdefault(name.strip(), cleaned)
    return held


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a BMC told, by question."""

    controller: Mapping[str, str]  # mc info
    fru: Mapping[str, str]  # fru print 0
    guid: Mapping[str, str]  # mc guid
    lan: Mapping[str, str]  # lan print


def sighting_of(
    source: str, address: str, seen_at: datetime, facts: Facts, *, site: str | None, findings: tuple[str, ...]
) -> Sighting:
    """A server as its BMC knows it. The product's serial is the server's; that of the chassis where it has none."""
    fru = facts.fru
    return Sighting(
        source=source,
        key=EntityKey(f"{source}/{address}"),
        seen_at=seen_at,
        via=Via.IPMI,
        address=address,
        site=site,
        kind=AssetKind.SERVER.value,
        vendor=fru.get("Product Manufacturer") or fru.get("Board Mfg"),
        model=fru.get("Product Name") or fru.get("Board Product"),
        serial=fru.get("Product Serial") or fru.get("Chassis Serial"),
        uuid=facts.guid.get("System GUID"),
        asset_tag=fru.get("Product Asset Tag"),
        board_vendor=fru.get("Board Mfg"),
        board_model=fru.get("Board Product"),
        board_serial=fru.get("Board Serial"),
        is_virtual=False,
        cards=_card(address, facts.lan),
        description=_description(facts.controller),
        made_on=made_on(fru.get("Board Mfg Date", "")),
        findings=findings,
    )


def made_on(text: str) -> date | None:
    """`Mon Mar 26 10:24:00 2018 UTC`; None for what is no date and for the zero of a FRU, 1 January 1996."""
    try:
        made = datetime.strptime(text.removesuffix(" UTC"), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return made if made > _EPOCH else None


def _card(address: str, lan: Mapping[str, str]) -> tuple[NetworkCard, ...]:
    found = mac(lan.get("MAC Address"))
    if found is None:
        return ()
    own = lan.get("IP Address", "")
    shown = own if _IPV4.fullmatch(own) and own != "0.0.0.0" else address  # noqa: S104  a BMC that says nothing
    return (NetworkCard(mac=found, medium="bmc", is_permanent=True, addresses=(shown,)),)


def _description(controller: Mapping[str, str]) -> str | None:
    """The BMC itself: it is no part of what the server is, and its firmware is not the server's."""
    maker = controller.get("Manufacturer Name", "")
    words = [
        f"IPMI {controller['IPMI Version']}" if "IPMI Version" in controller else "",
        f"BMC firmware {controller['Firmware Revision']}" if "Firmware Revision" in controller else "",
        "" if maker.lower().startswith("unknown") else maker,
    ]
    return ", ".join(word for word in words if word) or None
