"""IF-MIB and the addresses of IP-MIB: the network cards, each MAC once."""

from collections.abc import Mapping

from itops.assets.sightings import NetworkCard
from itops.sources.snmp.client import Answers
from itops.sources.snmp.makers import table
from itops.sources.snmp.values import column, ipv4, is_group, mac, number, numbers_of, text

_DESCRIPTIONS = "1.3.6.1.2.1.2.2.1.2"
_TYPES = "1.3.6.1.2.1.2.2.1.3"
_MACS = "1.3.6.1.2.1.2.2.1.6"
_NAMES = "1.3.6.1.2.1.31.1.1.1.1"
_ADDRESSES = "1.3.6.1.2.1.4.20.1.2"  # index: the address; value: the interface
BRIDGE_ADDRESS = "1.3.6.1.2.1.17.1.1.0"
TABLES = (_DESCRIPTIONS, _TYPES, _MACS, _NAMES, _ADDRESSES)
_ETHERNET, _WIFI = 6, 71
_VIRTUAL_TYPES = {24, 53, 131, 135, 136, 161, 209}  # loopback, virtual, tunnel, VLANs, aggregate, bridge
_LOCALLY_ADMINISTERED = 0x02
_MOST = 256  # cards; a full modular switch has about as many ports


def names(answers: Answers) -> dict[str, str]:
    """What each interface is called, by its number: the short name where there is one."""
    found = {index: said for index, value in column(answers, _DESCRIPTIONS).items() if (said := text(value))}
    found.update({index: said for index, value in column(answers, _NAMES).items() if (said := text(value))})
    return found


def cards(answers: Answers, *, is_bmc: bool = False) -> tuple[NetworkCard, ...]:
    """The network cards; a switch's own MAC first. Interfaces without a MAC are left out, repeated MACs joined."""
    called = names(answers)
    addresses = _addresses(answers)
    found: dict[str, NetworkCard] = {}
    own = mac(answers.get(BRIDGE_ADDRESS))
    if own and not is_group(own):
        found[own] = NetworkCard(mac=own, name="bridge", is_permanent=_permanent(own))
    for index, value in column(answers, _MACS).items():
        address = mac(value)
        if address is None or is_group(address) or (len(found) >= _MOST and address not in found):
            continue
        card = _card(address, _titles(answers, called, index), number(answers.get(f"{_TYPES}.{index}")), is_bmc=is_bmc)
        found[address] = _joined(found.get(address), card, addresses.get(index, ()))
    return tuple(found.values())


def _titles(answers: Answers, called: Mapping[str, str], index: str) -> tuple[str, ...]:
    """The name of an interface and its description: Windows and Linux tell in different places what it is."""
    both = (called.get(index), text(answers.get(f"{_DESCRIPTIONS}.{index}")))
    return tuple(dict.fromkeys(title for title in both if title))


def _addresses(answers: Answers) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for index, value in column(answers, _ADDRESSES).items():
        address = ipv4(numbers_of(index))
        if address:
            interface = str(number(value))
            found[interface] = (*found.get(interface, ()), address)
    return found


def _card(address: str, titles: tuple[str, ...], kind: int | None, *, is_bmc: bool) -> NetworkCard:
    medium = "bmc" if is_bmc else _medium(titles, kind)
    return NetworkCard(
        mac=address,
        name=titles[0] if titles else None,
        medium=medium,
        is_permanent=False if medium == "virtual" else _permanent(address),
    )


def _medium(titles: tuple[str, ...], kind: int | None) -> str | None:
    for medium, patterns in table().media.items():
        if any(pattern.search(title) for pattern in patterns for title in titles):
            return medium
    if kind in _VIRTUAL_TYPES:
        return "virtual"
    return {_ETHERNET: "ethernet", _WIFI: "wifi"}.get(kind or 0)


def _permanent(address: str) -> bool | None:
    """SNMP does not tell whether a MAC is burnt in; one that says itself that it was given by hand is not."""
    return False if int(address[:2], 16) & _LOCALLY_ADMINISTERED else None


def _joined(before: NetworkCard | None, card: NetworkCard, addresses: tuple[str, ...]) -> NetworkCard:
    """One MAC on several interfaces, as VLANs and teams have it: the first that is hardware names it."""
    kept = before if before and (before.medium != "virtual" or card.medium == "virtual") else card
    known = before.addresses if before else ()
    return NetworkCard(
        mac=kept.mac,
        name=kept.name,
        medium=kept.medium,
        is_permanent=kept.is_permanent,
        addresses=tuple(dict.fromkeys((*known, *addresses))),
    )
