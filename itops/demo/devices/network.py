"""Fictional switches, routers and firewalls: ENTITY-MIB, LLDP, bridge tables, ARP, and what each maker adds."""

from collections.abc import Callable, Mapping

from itops.demo.devices.draft import Draft, raw, text, whole
from itops.demo.devices.recording import Type, Value

_ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
_CHASSIS, _MODULE, _PORT = 3, 9, 10
_LLDP = "1.0.8802.1.1.2.1.4.1.1"
_BRIDGE = "1.3.6.1.2.1.17"
_ARP = "1.3.6.1.2.1.4.22.1"
_NET_ADDRESS = "1.3.6.1.2.1.4.20.1"


def put_part(draft: Draft, index: int, kind: int, texts: Mapping[int, str]) -> None:
    """A row of entPhysicalTable; columns: 2 description, 7 name, 8-10 versions, 11 serial, 12 maker, 13 model."""
    row = {column: texts.get(column, "") for column in (2, 7, 8, 9, 10, 11, 12, 13)}
    draft.put_row(_ENTITY, index, ((column, text(content)) for column, content in row.items()))
    draft.put_row(_ENTITY, index, ((5, whole(kind)),))


def put_chassis(draft: Draft, index: int = 1, firmware: str = "1.0.0.4", model: str | None = None) -> None:
    """The device itself."""
    texts = {
        2: model or draft.model or "",
        9: firmware,
        10: firmware,
        12: draft.vendor or "",
        13: model or draft.model or "",
    }
    put_part(draft, index, _CHASSIS, texts)
    draft.put_serial(f"{_ENTITY}.11.{index}")


def _put_transceivers(draft: Draft, count: int) -> None:
    """Modules that repeat one serial in several slots."""
    serial = f"ZT{draft.signs('0123456789', 8)}"
    for slot in range(1, count + 1):
        put_part(draft, 100 + slot, _MODULE, {2: "SFP 1000Base-SX", 7: f"gi{slot}", 11: serial, 13: "GLC-SX"})
    draft.traps.append("serial-of-a-transceiver")


def _put_bridge(draft: Draft, ports: int, stations: int) -> None:
    """The forwarding table with some stations, and neighbours on the last two ports."""
    assert draft.mac is not None
    draft.put(f"{_BRIDGE}.1.1.0", raw(bytes.fromhex(draft.mac)))
    for _ in range(stations):
        mac = draft.mac_bytes()
        place = ".".join(map(str, mac))
        draft.put_row(
            f"{_BRIDGE}.4.3.1", place, ((1, raw(mac)), (2, whole(draft.dice.randint(1, ports))), (3, whole(3)))
        )
        draft.put(f"{_BRIDGE}.7.1.2.2.1.2.1.{place}", whole(draft.dice.randint(1, ports)))
    for number, port in enumerate((ports - 1, ports), 1):
        row = (whole(4), raw(draft.mac_bytes()), whole(5), text(f"gi{number}"), text("uplink"), text(f"SW-{number:02}"))
        draft.put_row(_LLDP, f"0.{port}.{number}", enumerate(row, 4))


def _put_arp(draft: Draft, count: int) -> None:
    """The router's neighbour table: what is behind it."""
    network = f"10.{draft.dice.randrange(20, 60)}.{draft.dice.randrange(256)}"
    draft.put_row(_NET_ADDRESS, f"{network}.1", ((1, _address(f"{network}.1")), (2, whole(1))))
    for host in sorted(draft.dice.sample(range(2, 255), count)):
        address = f"{network}.{host}"
        row = (whole(1), raw(draft.mac_bytes()), _address(address), whole(3))
        draft.put_row(_ARP, f"1.{address}", enumerate(row, 1))


def _address(address: str) -> Value:
    return Value(Type.IP, bytes(map(int, address.split("."))))


def cisco_small(draft: Draft) -> None:
    """Cisco's small switches: the serial in their own tree, and what looks like a model is the software."""
    model = draft.dice.choice(("SG350-28", "SG300-52", "CBS350-24T"))
    draft.is_a("cisco-small", "network_device", "Cisco", model, "ZD")
    draft.put_system(f"{model} 28-Port Gigabit Managed Switch", "1.3.6.1.4.1.9.6.1.95.28.5")
    draft.put_interfaces(28, "gigabitethernet{}")
    put_chassis(draft, 67_108_992, "2.5.5.47")
    _put_transceivers(draft, 3)
    _put_bridge(draft, 28, 40)
    draft.put("1.3.6.1.4.1.9.6.1.101.53.14.1.2.1", text("2.5.5.47"))
    draft.put_serial("1.3.6.1.4.1.9.6.1.101.53.14.1.5.1")


def cisco_large(draft: Draft) -> None:
    """A stack of two Catalysts: two chassis, two serials; the first is the device's."""
    model = draft.dice.choice(("C9300-48T", "WS-C2960X-48TS-L"))
    draft.is_a("cisco-stack", "network_device", "Cisco", model, "ZF")
    descr = (
        "Cisco IOS Software [Gibraltar], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 16.12.4, RELEASE SOFTWARE"
    )
    draft.put_system(descr, "1.3.6.1.4.1.9.1.2494")
    draft.put_interfaces(48, "GigabitEthernet1/0/{}")
    put_part(draft, 1, 11, {2: "c93xx Stack", 7: "c93xx Stack"})
    put_chassis(draft, 1000, "16.12.4")
    put_part(draft, 2000, _CHASSIS, {2: model, 7: "Switch 2", 11: f"ZF{draft.signs('0123456789', 8)}", 13: model})
    _put_bridge(draft, 48, 60)
    draft.traps.append("stack")


def procurve(draft: Draft) -> None:
    """HP ProCurve: the model in the middle of the description."""
    draft.is_a("procurve", "network_device", "HP", "2510-48", "ZP")
    descr = "ProCurve J9020A Switch 2510-48, revision U.11.17, ROM R.10.06 (/sw/code/build/dosx(ndx))"
    draft.put_system(descr, "1.3.6.1.4.1.11.2.3.7.11.79")
    draft.put_interfaces(48, "{}")
    _put_bridge(draft, 48, 40)
    draft.put_serial("1.3.6.1.4.1.11.2.36.1.1.2.9.0")
    draft.put("1.3.6.1.4.1.11.2.14.11.5.1.1.3.0", text("U.11.17"))


def mikrotik(draft: Draft) -> None:
    """MikroTik: what has a serial in ENTITY-MIB is its USB controller."""
    model = draft.dice.choice(("RB4011iGS+", "CCR1009-7G-1C-1S+", "hEX S"))
    draft.is_a("mikrotik", "network_device", "MikroTik", model, "ZM")
    draft.put_system(f"RouterOS {model}", "1.3.6.1.4.1.14988.1", "county office")
    draft.put_interfaces(10, "ether{}")
    put_part(draft, 65_536, _CHASSIS, {2: "RouterOS 6.48.6 (long-term) on RB4011", 10: "6.48.6"})
    put_part(draft, 262_145, 1, {2: "USB Controller", 7: "xhci-hcd", 11: "rb400_usb.0", 12: "Linux 3.3.5 xhci-hcd"})
    _put_arp(draft, 20)
    draft.put_serial("1.3.6.1.4.1.14988.1.1.7.3.0")
    draft.put("1.3.6.1.4.1.14988.1.1.4.4.0", text("6.48.6"))
    draft.traps.append("serial-of-a-controller")


def dlink(draft: Draft) -> None:
    """D-Link: one of two places has the serial, the other is empty."""
    draft.is_a("dlink", "network_device", "D-Link", "DGS-1210-28", "ZL")
    draft.put_system("DGS-1210-28/ME 6.13.B044", "1.3.6.1.4.1.171.10.76.28.1")
    draft.put_interfaces(28, "D-Link DGS-1210-28 Port {}")
    first, second = "1.3.6.1.4.1.171.12.1.1.12.0", "1.3.6.1.4.1.171.12.11.1.9.4.1.17.1"
    if draft.dice.random() < 1 / 2:
        first, second = second, first
    draft.put_serial(first)
    draft.put(second, text(""))
    draft.traps.append("empty-serial-beside-the-true-one")


def tplink(draft: Draft) -> None:
    """TP-Link JetStream."""
    draft.is_a("tp-link", "network_device", "TP-Link", "T2600G-28TS", "ZW")
    draft.put_system("JetStream 24-Port Gigabit L2 Managed Switch with 4 SFP Slots", "1.3.6.1.4.1.11863.5.63")
    draft.put_interfaces(28, "gigabitEthernet 1/0/{}")
    draft.put("1.3.6.1.4.1.11863.6.1.1.5.0", text("T2600G-28TS 4.0"))
    draft.put("1.3.6.1.4.1.11863.6.1.1.6.0", text("4.0.2 Build 20210430 Rel.58517(s)"))
    draft.put_serial("1.3.6.1.4.1.11863.6.1.1.8.0")
    _put_bridge(draft, 28, 20)


def fortinet(draft: Draft) -> None:
    """Fortinet."""
    draft.is_a("fortinet", "network_device", "Fortinet", "FGT_60F", "ZG")
    draft.put_system("Firewall of the head office", "1.3.6.1.4.1.12356.101.1.643")
    draft.put_interfaces(7, "internal{}")
    put_chassis(draft, 1, "v7.2.5,build1517,230606 (GA.F)")
    draft.put_serial("1.3.6.1.4.1.12356.100.1.1.1.0")
    draft.put("1.3.6.1.4.1.12356.101.4.1.1.0", text("v7.2.5,build1517,230606 (GA.F)"))
    _put_arp(draft, 30)


FAMILIES: Mapping[str, Callable[[Draft], None]] = {
    "cisco-small": cisco_small,
    "cisco-stack": cisco_large,
    "procurve": procurve,
    "mikrotik": mikrotik,
    "dlink": dlink,
    "tp-link": tplink,
    "fortinet": fortinet,
}
