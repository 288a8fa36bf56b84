"""Inventories of our own making, in both languages of agents."""

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

Told = dict[str, Any]
CANARIES = ("CANARY-ENV", "CANARY-CMD", "canary-user", "CANARY-GROUP", "CANARY-KEY", "CANARY-LOGIN", "CANARY-SOFT")


def notebook(**changes: Any) -> Told:
    """All that is read of a notebook; `changes` replace whole sections, None takes one away."""
    content: Told = {
        "accesslog": {"logdate": "2026-11-20 08:30:00"},
        "bios": {
            "assettag": "000123",
            "bdate": "2016-02-06",
            "bmanufacturer": "Contoso Ltd.",
            "bversion": "1.4.3",
            "mmanufacturer": "Contoso Ltd.",
            "mmodel": "07TYC2",
            "msn": "/640HP72/CE129536461378/",
            "smanufacturer": "Contoso Ltd.",
            "smodel": "Book 13 9350",
            "ssn": "640HP72",
        },
        "cpus": [{"name": "Example CPU i5 @ 2.30GHz", "core": 2, "thread": 4}],
        "hardware": {
            "chassis_type": "Laptop",
            "memory": 7800,
            "name": "pc-014",
            "uuid": "4C4C4544-0034-3010-8048-B6C04F503732",
            "vmsystem": "Physical",
        },
        "memories": [{"capacity": 8192}, {"caption": "DIMM2"}],
        "monitors": [{"caption": "CM24", "manufacturer": "CMN", "serial": "00000000"}],
        "networks": [
            {"description": "lo", "mac": "00:00:00:00:00:00", "type": "loopback", "ipaddress": "127.0.0.1"},
            {"description": "bmc", "management": True, "status": "down", "type": "ethernet"},
            {
                "description": "eth0",
                "mac": "b8:6b:23:e0:5c:81",
                "type": "ethernet",
                "ipaddress": "10.1.0.96",
                "ipgateway": "10.1.0.1",
            },
            {
                "description": "eth0",
                "mac": "b8:6b:23:e0:5c:81",
                "type": "ethernet",
                "ipaddress6": "fe80::ba6b:23ff:fee0:5c81",
            },
            {"description": "wlan0", "mac": "30:3A:64:EE:65:88", "type": "wifi"},
            {"description": "Gigabit dock", "mac": "30:3a:64:ee:65:01", "type": "ethernet"},
            {
                "description": "USB LAN",
                "mac": "30:3a:64:ee:65:02",
                "type": "ethernet",
                "pnpdeviceid": "USB\\VID_0BDA&PID_8153\\1",
            },
            {
                "description": "Host-Only",
                "mac": "0a:00:27:00:00:10",
                "type": "ethernet",
                "pnpdeviceid": "ROOT\\NET\\0000",
            },
        ],
        "operatingsystem": {
            "full_name": "Example OS 11 Pro",
            "version": "24H2",
            "timezone": {"name": "+0330", "offset": "+0330"},
        },
        "storages": [
            {
                "name": "nvme0n1",
                "model": "SSD-1",
                "manufacturer": "Disko",
                "serial": "D-1",
                "disksize": 256060,
                "type": "disk",
            },
            {"name": "sdb", "model": "Stick", "serial": "U-1", "disksize": 16000, "interface": "USB"},
            {"name": "sr0", "description": "DVD", "type": "cdrom"},
        ],
        "versionclient": "GLPI-Agent_v1.11",
        **changes,
    }
    return {name: held for name, held in content.items() if held is not None}


def private() -> Told:
    """What should never have left the computer, each with a word to look for."""
    return {
        "envs": [{"key": "SECRET", "val": "CANARY-ENV"}],
        "processes": [{"cmd": "login --password CANARY-CMD", "pid": 1, "user": "canary-user"}],
        "local_users": [{"id": "1000", "login": "canary-user", "home": "/home/canary-user"}],
        "local_groups": [{"id": "10", "name": "CANARY-GROUP", "member": "canary-user"}],
        "licenseinfos": [{"name": "OS", "key": "CANARY-KEY"}],
        "softwares": [{"name": "CANARY-SOFT", "username": "canary-user"}],
        "users": [{"login": "canary-user"}],
        "a_section_of_next_year": [{"x": "CANARY-ENV"}],
    }


def with_private() -> Told:
    content = notebook(**private())
    content["hardware"] |= {"lastloggeduser": "CANARY-LOGIN", "winprodkey": "CANARY-KEY", "winowner": "CANARY-LOGIN"}
    content["operatingsystem"] |= {"ssh_key": "CANARY-KEY"}
    return content


def as_json(content: Told, device_id: str = "pc-014-2026-01-02-03-04-05", **root: Any) -> bytes:
    return json.dumps({"deviceid": device_id, "action": "inventory", "content": content, **root}).encode()


def as_xml(content: Told, device_id: str = "pc-014-2026-01-02-03-04-05", query: str = "INVENTORY") -> bytes:
    """The same as FusionInventory writes it."""
    inside = "".join(_element(name, held) for name, held in content.items())
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f"<REQUEST><CONTENT>{inside}</CONTENT><DEVICEID>{escape(device_id)}</DEVICEID><QUERY>{query}</QUERY></REQUEST>"
    ).encode()


def prolog(device_id: str = "pc-014-2026-01-02-03-04-05") -> bytes:
    asked = f"<DEVICEID>{escape(device_id)}</DEVICEID><QUERY>PROLOG</QUERY><TOKEN>12345678</TOKEN>"
    return f"<REQUEST>{asked}</REQUEST>".encode()


_XML_NAMES = {"mac": "MACADDR"}


def _element(name: str, held: Any) -> str:
    if isinstance(held, list):
        return "".join(_element(name, one) for one in held)
    tag = _XML_NAMES.get(name, name.upper())
    if isinstance(held, Mapping):
        return f"<{tag}>{''.join(_element(key, value) for key, value in held.items())}</{tag}>"
    return f"<{tag}>{escape(str(int(held) if isinstance(held, bool) else held))}</{tag}>"
