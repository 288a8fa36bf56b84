"""The network cards of a machine, their addresses, and the neighbours it has talked to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from itops.assets.sightings import Neighbour, NetworkCard
from itops.sources.linux.values import address, clean, dicts, member, tree_of
from itops.sources.macs import mac

_MOST_CARDS = 128
_MOST_ADDRESSES = 32
_MOST_NEIGHBOURS = 2000
_MEDIA = {"wifi": "wifi", "usb": "usb", "bluetooth": "bluetooth"}
_PERMANENT = "0"  # addr_assign_type NET_ADDR_PERM


@dataclass(frozen=True, slots=True)
class _Card:
    """One line of the part `cards`: an interface with a device behind it."""

    mac: str | None
    medium: str
    is_permanent: bool


def cards_of(cards: str, addresses: str) -> tuple[NetworkCard, ...]:
    """Every card with a device behind it, and every other interface that has an address of its own.

    The MAC of such another one (a bridge, a bond, a tunnel) is made up or borrowed from a card: it is left out.
    """
    real = dict(_real(cards))
    known = _addresses(addresses)
    names = list(dict.fromkeys([*real, *(name for name, held in known.items() if held)]))[:_MOST_CARDS]
    return tuple(
        NetworkCard(
            mac=card.mac if (card := real.get(name)) else None,
            name=name,
            medium=card.medium if card else "virtual",
            is_permanent=card.is_permanent if card else False,
            addresses=tuple(sorted(set(known.get(name, ()))))[:_MOST_ADDRESSES],
        )
        for name in sorted(names)
    )


def _real(text: str) -> Iterator[tuple[str, _Card]]:
    for line in text.splitlines():
        name, shown, assigned, bus, borne = (*line.split(" "), "", "", "", "")[:5]
        cleaned = clean(name)
        if cleaned and shown:
            own = mac(borne)  # of a card in a bond, which shows the bond's
            yield (
                cleaned,
                _Card(
                    mac=own or mac(shown),
                    medium=_MEDIA.get(bus, "ethernet"),
                    is_permanent=own is not None or assigned == _PERMANENT,
                ),
            )


def _addresses(text: str) -> Mapping[str, Sequence[str]]:
    """By interface; only those that others can reach it by. `ip -j addr`, or `ip -o addr` of older machines."""
    found: dict[str, list[str]] = {}
    for name, value in _interfaces(text) if text.lstrip().startswith("[") else _lines(text):
        held = address(value)
        cleaned = clean(name)
        if cleaned and held and _is_reachable(held):
            found.setdefault(cleaned, []).append(held)
    return found


def _interfaces(text: str) -> Iterator[tuple[object, object]]:
    for interface in dicts(tree_of(text)):
        for entry in dicts(interface.get("addr_info")):
            if not entry.get("temporary"):
                yield interface.get("ifname"), entry.get("local")


def _lines(text: str) -> Iterator[tuple[object, object]]:
    """`2: eth0    inet 10.1.0.5/24 brd ...`."""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 4 and words[2] in {"inet", "inet6"} and "temporary" not in words:
            yield words[1].partition("@")[0], words[3]


def _is_reachable(text: str) -> bool:
    held = ip_address(text)
    return not (held.is_loopback or held.is_link_local or held.is_unspecified or held.is_multicast)


def neighbours_of(text: str) -> tuple[Neighbour, ...]:
    """Who has an address and a MAC: `ip -j neigh`, or /proc/net/arp."""
    rows = _neighbour_rows(text) if text.lstrip().startswith("[") else _arp_rows(text)
    found = (
        Neighbour(mac=mac(layer), address=address(place), port=clean(port), told_by="arp")
        for place, layer, port in rows
        if mac(layer) and address(place)
    )
    ordered = sorted(set(found), key=lambda one: (one.port or "", one.address or "", one.mac or ""))
    return tuple(ordered[:_MOST_NEIGHBOURS])


def _neighbour_rows(text: str) -> Iterator[tuple[object, object, object]]:
    for entry in dicts(tree_of(text)):
        yield member(entry, "dst"), member(entry, "lladdr"), member(entry, "dev")


def _arp_rows(text: str) -> Iterator[tuple[object, object, object]]:
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) == 6:
            yield words[0], words[3], words[5]
