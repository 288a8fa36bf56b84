"""The network cards of an inventory: one entry an address there, one card with all its addresses here."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from itops.assets.sightings import NetworkCard
from itops.sources.agents.kept import Item
from itops.sources.macs import mac

_VIRTUAL_TYPES = {"aggregate", "alias", "bridge", "dialup"}
_SOFTWARE = ("ROOT\\", "SWD\\", "{")  # Windows: no bus that a card could sit on
_USB_DRIVERS = re.compile(r"cdc_|r815\d|asix|ax88|smsc\d|dm9601|rndis", re.IGNORECASE)
_MOST_ADDRESSES = 16


def card_of(told: str, addresses: Sequence[str]) -> NetworkCard | None:
    """The one card of a printer or switch."""
    known = mac(told)
    return NetworkCard(mac=known, addresses=tuple(addresses)[:_MOST_ADDRESSES]) if known or addresses else None


def cards(networks: Sequence[Item]) -> Iterator[NetworkCard]:
    """Each card once, in the order in which they were told; the loopback is none."""
    found: dict[tuple[str, str | None], list[Item]] = {}
    for told in networks:
        if told.get("type", "").casefold() != "loopback" and told.get("description", "") != "lo":
            burnt = mac(told.get("mac") or told.get("macaddr"))
            found.setdefault((told.get("description", ""), burnt), []).append(told)
    for (name, burnt), entries in found.items():
        addresses = tuple(dict.fromkeys(address for told in entries for address in _addresses(told)))[:_MOST_ADDRESSES]
        if burnt or addresses:
            yield NetworkCard(mac=burnt, name=name or None, medium=_medium(entries[0]), addresses=addresses)


def address_of(networks: Sequence[Item]) -> str | None:
    """Where the computer is reached: the IPv4 address of a real card, one with a gateway before others."""
    reached = [
        told
        for told in networks
        if _medium(told) not in {"virtual", "bmc"} and told.get("type", "").casefold() != "loopback"
    ]
    reached.sort(key=lambda told: not told.get("ipgateway"))
    return next((address for told in reached for address in _addresses(told) if "." in address), None)


def _addresses(told: Item) -> Iterator[str]:
    for name in ("ipaddress", "ipaddress6"):
        try:
            address = ip_address(told.get(name, ""))
        except ValueError:
            continue
        if not (address.is_loopback or address.is_link_local or address.is_unspecified):
            yield str(address)


def _medium(told: Item) -> str | None:
    """What the card is, as far as the agent leaves no doubt."""
    kind = told.get("type", "").casefold()
    device = told.get("pnpdeviceid", "").upper()
    if told.get("management") == "1":
        return "bmc"
    if told.get("virtualdev") == "1" or kind in _VIRTUAL_TYPES or device.startswith(_SOFTWARE):
        return "virtual"
    if kind in {"wifi", "bluetooth"}:
        return kind
    if "dock" in told.get("description", "").casefold():
        return "dock"
    if device.startswith("USB\\") or _USB_DRIVERS.match(told.get("driver", "")):
        return "usb"
    return "ethernet" if kind == "ethernet" else None
