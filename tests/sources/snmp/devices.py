"""Fictional devices: what they would say, after what such devices say. Every name and number is made up."""

from itops.sources.snmp.client import Value

SYSTEM = "1.3.6.1.2.1.1."
PRIVATE = "1.3.6.1.4.1."
UPS_MIB = "1.3.6.1.2.1.33.1."
ENTITY = "1.3.6.1.2.1.47.1.1.1.1."
PRINTER = "1.3.6.1.2.1.43."
NET_SNMP = PRIVATE + "8072.3.2.10"

Device = dict[str, Value]


def system(description: str, object_id: str, name: str = "", place: str = "") -> Device:
    return {
        SYSTEM + "1.0": description.encode(),
        SYSTEM + "2.0": object_id,
        SYSTEM + "3.0": 123_456_789,
        SYSTEM + "5.0": name.encode(),
        SYSTEM + "6.0": place.encode(),
    }


def interface(number: int, name: str, mac: str, kind: int = 6, address: str = "") -> Device:
    row: Device = {
        f"1.3.6.1.2.1.2.2.1.2.{number}": name.encode(),
        f"1.3.6.1.2.1.2.2.1.3.{number}": kind,
        f"1.3.6.1.2.1.2.2.1.6.{number}": bytes.fromhex(mac),
    }
    return row | ({f"1.3.6.1.2.1.4.20.1.2.{address}": number} if address else {})


def chassis(index: int, serial: str, kind: int = 3, inside: int = 0, position: int = -1, model: str = "") -> Device:
    return {
        f"{ENTITY}2.{index}": b"a box",
        f"{ENTITY}4.{index}": inside,
        f"{ENTITY}5.{index}": kind,
        f"{ENTITY}6.{index}": position,
        f"{ENTITY}11.{index}": serial.encode(),
        f"{ENTITY}13.{index}": model.encode(),
    }


APC: Device = {
    **system("APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.9.6)", PRIVATE + "318.1.3.27", "ups-server-room"),
    **interface(2, "eth0", "00c0b7aa0001", address="10.1.0.5"),
    PRIVATE + "318.1.1.1.1.1.1.0": b"Smart-UPS 3000 RM",
    PRIVATE + "318.1.1.1.1.2.1.0": b"UPS 08.3 / MCU 14.0",
    PRIVATE + "318.1.1.1.1.2.3.0": b"AS0000111222 \0\0",
    PRIVATE + "318.1.1.1.2.1.1.0": 2,
    PRIVATE + "318.1.1.1.2.1.3.0": b"11/22/23",
    PRIVATE + "318.1.1.1.2.2.1.0": 100,
    PRIVATE + "318.1.1.1.2.2.2.0": 27,
    PRIVATE + "318.1.1.1.2.2.3.0": 228_000,
    PRIVATE + "318.1.1.1.2.2.4.0": 1,
    PRIVATE + "318.1.1.1.2.2.21.0": b"05/01/2021",
    PRIVATE + "318.1.1.1.4.1.1.0": 2,
    PRIVATE + "318.1.1.1.4.2.3.0": 34,
    PRIVATE + "318.1.1.1.7.2.3.0": 1,
    UPS_MIB + "2.3.0": 65_535,
}

SOCOMEC: Device = {  # an agent on a Linux card: sysObjectID says net-snmp
    **system("Linux netvision 4.14.98 #1 armv7l", NET_SNMP, "ups-annex"),
    PRIVATE + "4555.1.1.7.1.1.1.0": b"MODULYS 6",
    PRIVATE + "4555.1.1.7.1.1.2.0": b"P0000777001",
    PRIVATE + "4555.1.1.7.1.2.1.0": 2,
    PRIVATE + "4555.1.1.7.1.2.3.0": 42,
    PRIVATE + "4555.1.1.7.1.2.4.0": 98,
    PRIVATE + "4555.1.1.7.1.2.6.0": 253,
    "1.3.6.1.2.1.25.2.2.0": 123_000,
}

GENEREX: Device = {  # sysObjectID is UPS-MIB itself; nothing but the standard
    **system("CS141 SNMP/WEB Adapter", "1.3.6.1.2.1.33", "ups-county"),
    UPS_MIB + "1.1.0": b"Riello",
    UPS_MIB + "1.2.0": b"Sentinel Dual 10000",
    UPS_MIB + "1.3.0": b"SWM034-04-01",
    UPS_MIB + "2.1.0": 3,
    UPS_MIB + "2.3.0": 7,
    UPS_MIB + "2.4.0": 41,
    UPS_MIB + "2.7.0": -273,
    UPS_MIB + "4.1.0": 5,
    UPS_MIB + "4.4.1.5.1": 30,
    UPS_MIB + "4.4.1.5.2": 72,
    UPS_MIB + "4.4.1.5.3": 15,
    UPS_MIB + "6.2.1.2.1": UPS_MIB + "6.3.1",
    UPS_MIB + "7.3.0": 3,
}

LASER: Device = {
    **system(
        "HP ETHERNET MULTI-ENVIRONMENT,SN:VNC0000123,FN:AA0BB1,SVCID:1,PID:HP LaserJet Pro M404dn",
        PRIVATE + "11.2.3.9.1",
        "printer-accounts",
    ),
    **interface(1, "eth0", "3c5282aa0001", address="10.1.0.31"),
    "1.3.6.1.2.1.25.3.2.1.3.1": b"HP LaserJet Pro M404dn",
    PRINTER + "5.1.1.1.1": 4,
    PRINTER + "5.1.1.17.1": b"VNC0000123",
    PRINTER + "10.2.1.4.1.1": 48_211,
    PRINTER + "11.1.1.6.1.1": b"Black Cartridge HP CF259A\0",
    PRINTER + "11.1.1.8.1.1": 100,
    PRINTER + "11.1.1.9.1.1": 37,
    PRINTER + "11.1.1.6.1.2": b"Drum",
    PRINTER + "11.1.1.8.1.2": -2,
    PRINTER + "11.1.1.9.1.2": -3,
    PRINTER + "11.1.1.6.1.3": b"Waste",
    PRINTER + "11.1.1.8.1.3": -2,
    PRINTER + "11.1.1.9.1.3": -2,
    PRINTER + "11.1.1.6.1.4": b"Staples",
    PRINTER + "11.1.1.8.1.4": 5_000,
    PRINTER + "11.1.1.9.1.4": -1,
}

ROUTER: Device = {
    **system("RouterOS RB4011iGS+", PRIVATE + "14988.1", "gw-county"),
    **interface(1, "ether1", "74 4d 28 aa 00 01".replace(" ", ""), address="192.168.88.1"),
    **interface(2, "bridge", "744d28aa0001", kind=209, address="10.20.0.1"),
    **interface(3, "lo", "", kind=24, address="127.0.0.1"),
    **chassis(65_536, "0000:00:1d.7", model="EHCI Host Controller"),
    PRIVATE + "14988.1.1.7.3.0": b"B8000A111222",
    PRIVATE + "14988.1.1.4.4.0": b"7.12.1",
    "1.3.6.1.2.1.4.1.0": 1,
    "1.3.6.1.2.1.4.22.1.2.2.10.20.0.15": bytes.fromhex("001122aa0015"),
    "1.3.6.1.2.1.4.22.1.2.2.10.20.0.16": bytes.fromhex("000000000000"),  # asked for, never answered
    "1.3.6.1.2.1.4.22.1.2.2.10.20.0.17": bytes.fromhex("744d28aa0001"),  # itself
}

STACK: Device = {
    **system("Stackable Switch, Software Version 5.2", PRIVATE + "2011.2.23.1", "sw-core", "rack 1"),
    **chassis(1, "", kind=11),
    **chassis(1000, "2100000001", inside=1, position=1, model="S5720-28P"),
    **chassis(2000, "2100000002", inside=1, position=2, model="S5720-52P"),
    **chassis(1001, "XCVR0001", kind=10, inside=1000),
    **chassis(1002, "PSU0001", kind=6, inside=1000),
    **interface(1, "GigabitEthernet0/0/1", "00e0fcaa0001"),
    "1.3.6.1.2.1.31.1.1.1.1.1": b"GE0/0/1",
    "1.3.6.1.2.1.17.1.1.0": bytes.fromhex("00e0fcaa0000"),
    "1.3.6.1.2.1.17.1.2.0": 80,
    "1.3.6.1.2.1.4.1.0": 2,
    "1.3.6.1.2.1.17.1.4.1.2.5": 1,
    "1.3.6.1.2.1.17.7.1.2.2.1.2.10.0.17.34.170.0.21": 5,
    "1.3.6.1.2.1.17.7.1.2.2.1.2.10.0.224.252.170.0.0": 0,
    "1.0.8802.1.1.2.1.4.1.1.4.0.5.1": 4,
    "1.0.8802.1.1.2.1.4.1.1.5.0.5.1": bytes.fromhex("744d28aa0001"),
    "1.0.8802.1.1.2.1.4.1.1.9.0.5.1": b"gw-county",
    "1.0.8802.1.1.2.1.3.7.1.3.5": b"GE0/0/1",
    "1.0.8802.1.1.2.1.4.2.1.3.0.5.1.1.4.10.20.0.1": 2,
}

BARE: Device = {**system("something", PRIVATE + "99999.1", "thing")}

ALL = {
    "apc": APC,
    "socomec": SOCOMEC,
    "generex": GENEREX,
    "laser": LASER,
    "router": ROUTER,
    "stack": STACK,
    "bare": BARE,
    "nothing": {},
}
