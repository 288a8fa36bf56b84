"""Who else is there: LLDP, the forwarding tables of switches, the ARP tables of routers."""

from collections.abc import Iterator

from itops.assets.sightings import Neighbour
from itops.sources.snmp.client import Answers, Value
from itops.sources.snmp.readers.interfaces import names
from itops.sources.snmp.values import column, ipv4, is_group, mac, number, numbers_of, text

_LLDP = "1.0.8802.1.1.2.1."
LLDP_CHASSIS = _LLDP + "4.1.1.5"
_LLDP_CHASSIS_KIND, _LLDP_NAME = _LLDP + "4.1.1.4", _LLDP + "4.1.1.9"
_LLDP_PORT_ID, _LLDP_PORT = _LLDP + "3.7.1.3", _LLDP + "3.7.1.4"
_LLDP_ADDRESSES = _LLDP + "4.2.1.3"  # the address stands in the index
LLDP_TABLES = (_LLDP_CHASSIS_KIND, _LLDP_NAME, _LLDP_PORT_ID, _LLDP_PORT, _LLDP_ADDRESSES)
_BY_MAC, _BY_ADDRESS, _IPV4 = 4, 5, 1

BRIDGE_PORT_COUNT = "1.3.6.1.2.1.17.1.2.0"
_BRIDGE_PORTS = "1.3.6.1.2.1.17.1.4.1.2"  # port -> interface
FDB_BY_VLAN = "1.3.6.1.2.1.17.7.1.2.2.1.2"  # index: VLAN and MAC
FDB = "1.3.6.1.2.1.17.4.3.1.2"  # index: MAC
BRIDGE_TABLES = (_BRIDGE_PORTS, FDB_BY_VLAN)

FORWARDING = "1.3.6.1.2.1.4.1.0"  # 1: a router
HOST = 2
ARP = "1.3.6.1.2.1.4.22.1.2"  # index: interface and address
ARP_NEW = "1.3.6.1.2.1.4.35.1.4"  # index: interface, kind and length of the address, address
ARP_TYPES, ARP_NEW_TYPES = "1.3.6.1.2.1.4.22.1.4", "1.3.6.1.2.1.4.35.1.6"
_PROVES_NOTHING = {2, 4, 5}  # invalid, static, the router's own
MOST = 10_000  # kept of one device


def neighbours(answers: Answers, own: frozenset[str]) -> tuple[Neighbour, ...]:
    """Each neighbour once; `own` are the MACs of the device itself. LLDP first, for it says most."""
    found = dict.fromkeys((*_lldp(answers), *_arp(answers, own), *_fdb(answers, own)))
    return tuple(found)[:MOST]


def _lldp(answers: Answers) -> Iterator[Neighbour]:
    addresses = _lldp_addresses(answers)
    for index, value in column(answers, LLDP_CHASSIS).items():
        parts = numbers_of(index)
        if len(parts) < 3:
            continue
        kind = number(answers.get(f"{_LLDP_CHASSIS_KIND}.{index}"))
        port = str(parts[1])
        neighbour = Neighbour(
            mac=mac(value) if kind in {None, _BY_MAC} else None,
            address=_network_address(value) if kind == _BY_ADDRESS else addresses.get(parts[:3]),
            port=text(answers.get(f"{_LLDP_PORT_ID}.{port}")) or text(answers.get(f"{_LLDP_PORT}.{port}")),
            name=text(answers.get(f"{_LLDP_NAME}.{index}")),
            told_by="lldp",
        )
        if neighbour.mac or neighbour.address or neighbour.name:
            yield neighbour


def _lldp_addresses(answers: Answers) -> dict[tuple[int, ...], str]:
    """(time mark, port, number) -> management address; the index goes on with kind, length and the address itself."""
    found: dict[tuple[int, ...], str] = {}
    for index in column(answers, _LLDP_ADDRESSES):
        parts = numbers_of(index)
        address = ipv4(parts[5:]) if parts[3:5] == (_IPV4, 4) else None
        if address:
            found.setdefault(parts[:3], address)
    return found


def _network_address(value: Value) -> str | None:
    is_ipv4 = isinstance(value, bytes) and len(value) == 5 and value[0] == _IPV4
    return ipv4(tuple(value[1:])) if isinstance(value, bytes) and is_ipv4 else None


def _fdb(answers: Answers, own: frozenset[str]) -> Iterator[Neighbour]:
    called = names(answers)
    interfaces = {port: str(number(value)) for port, value in column(answers, _BRIDGE_PORTS).items()}
    rows = column(answers, FDB_BY_VLAN) or column(answers, FDB)
    for index, value in rows.items():
        address = _mac_of(numbers_of(index)[-6:])
        port = number(value)
        if address is None or address in own or not port or port < 0:  # port 0: learnt, and nobody knows where
            continue
        interface = interfaces.get(str(port), str(port))
        yield Neighbour(mac=address, port=called.get(interface, interface), told_by="fdb")


def _arp(answers: Answers, own: frozenset[str]) -> Iterator[Neighbour]:
    called = names(answers)
    for index, address, physical in _arp_rows(answers):
        if physical not in own:
            interface = str(numbers_of(index)[0])
            yield Neighbour(mac=physical, address=address, port=called.get(interface), told_by="arp")


def met(answers: Answers) -> Iterator[tuple[str, str]]:
    """(address, MAC) of whom a router heard; not of what was written into it by hand."""
    types = column(answers, ARP_TYPES) or column(answers, ARP_NEW_TYPES)
    for index, address, physical in _arp_rows(answers):
        if number(types.get(index)) not in _PROVES_NOTHING:
            yield address, physical


def _arp_rows(answers: Answers) -> Iterator[tuple[str, str, str]]:
    """Index, address and MAC of each row that has both."""
    rows = column(answers, ARP) or column(answers, ARP_NEW)
    for index, value in rows.items():
        parts = numbers_of(index)
        address, physical = ipv4(parts[-4:]), mac(value)
        if len(parts) >= 5 and address is not None and physical is not None and not is_group(physical):
            yield index, address, physical


def _mac_of(parts: tuple[int, ...]) -> str | None:
    if len(parts) != 6 or any(part > 255 for part in parts):
        return None
    found = mac(bytes(parts))
    return None if found is None or is_group(found) else found
