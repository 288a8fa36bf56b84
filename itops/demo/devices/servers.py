"""Fictional storage, servers, their management boards, and what cannot be told apart from the rest."""

from collections.abc import Callable, Mapping

from itops.demo.devices.draft import Draft, pointer, text, whole
from itops.demo.devices.network import put_chassis, put_part

_NET_SNMP = "1.3.6.1.4.1.8072.3.2.10"
_MEMORY = "1.3.6.1.2.1.25.2.2.0"


def synology(draft: Draft) -> None:
    """Synology: a Linux by its object identifier."""
    draft.is_a("synology", "storage", "Synology", "RS2421+", "ZV")
    draft.put_system(f"Linux {draft.name} 4.4.302+ #69057 SMP Fri Jan 12 17:02:28 CST 2024 x86_64", _NET_SNMP)
    draft.put_interfaces(4, "eth{}", has_loopback=True)
    draft.put("1.3.6.1.4.1.6574.1.5.1.0", text("RS2421+"))
    draft.put_serial("1.3.6.1.4.1.6574.1.5.2.0")
    draft.put("1.3.6.1.4.1.6574.1.5.3.0", text("DSM 7.2-69057"))


def qnap(draft: Draft) -> None:
    """QNAP: the serial deep in its storage tree, the firmware in ENTITY-MIB."""
    draft.is_a("qnap", "storage", "QNAP", "TS-873A", "ZQ")
    draft.put_system("Linux TS-873A 5.1.2", "1.3.6.1.4.1.24681.1")
    draft.put_interfaces(2, "eth{}", has_loopback=True)
    own = "1.3.6.1.4.1.24681.1.4.1.1.1.1.1.2.1"
    draft.put(f"{own}.3.1", text("TS-873A"))
    draft.put_serial(f"{own}.4.1")
    put_part(draft, 1, 3, {2: "TS-873A", 9: "5.1.2"})


def esxi(draft: Draft) -> None:
    """ESXi: it tells the serial of the server below it."""
    draft.is_a("esxi", "server", "HPE", "ProLiant DL380 Gen10", "ZI")
    descr = "VMware ESXi 7.0.3 build-20328353 VMware, Inc. x86_64"
    draft.put_system(descr, "1.3.6.1.4.1.6876.4.1")
    draft.put_interfaces(4, "Device vmnic{} at 04:00.0 igbn")
    put_chassis(draft, 1)
    for number, content in ((1, "VMware ESXi"), (2, "7.0.3"), (4, "20328353")):
        draft.put(f"1.3.6.1.4.1.6876.1.{number}.0", text(content))


def idrac(draft: Draft) -> None:
    """Dell's management board: it answers for the server, with a MAC of its own."""
    draft.is_a("idrac", "server", "Dell", "PowerEdge R740", "")
    draft.serial = draft.signs("BCDFGHJKLMNPRSTVWXZ", 1) + draft.signs("0123456789", 5) + "Z"
    draft.put_system("Dell Out-of-band SNMP Agent for Remote Access Controller", "1.3.6.1.4.1.674.10892.5")
    draft.put_interfaces(1, "eth{}", has_loopback=True)
    own = "1.3.6.1.4.1.674.10892.5.1.3"
    draft.put_serial(f"{own}.2.0")
    draft.put(f"{own}.12.0", text("PowerEdge R740"))
    draft.traps.append("board-of-a-server")


def ilo(draft: Draft) -> None:
    """HPE's management board: its serial is padded with spaces."""
    draft.is_a("ilo", "server", "HPE", "ProLiant DL380 Gen10", "ZA")
    draft.put_system("Integrated Lights-Out 5 2.78 Jan 13 2023", "1.3.6.1.4.1.232.9.4.10")
    draft.put_interfaces(1, "eth{}")
    draft.put_serial("1.3.6.1.4.1.232.2.2.2.1.0", text(f"{draft.serial}      "))
    draft.put("1.3.6.1.4.1.232.2.2.4.2.0", text("ProLiant DL380 Gen10"))
    draft.traps += ["board-of-a-server", "padded-serial"]


def linux(draft: Draft) -> None:
    """A Linux with Debian's agent: no serial at all, and the quotes of its settings kept."""
    draft.is_a("linux", "server", None, None, "")
    draft.serial = None
    description = f"Linux {draft.name} 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64"
    draft.put_system(description, _NET_SNMP, '"Server room, rack 2"')
    draft.put_interfaces(2, "eth{}", has_loopback=True)
    draft.put(_MEMORY, whole(draft.dice.choice((4, 8, 16)) << 20))
    draft.traps += ["no-serial", "quoted-place"]


def windows(draft: Draft) -> None:
    """A Windows with Microsoft's agent."""
    draft.is_a("windows", "server", None, None, "")
    draft.serial = None
    description = (
        "Hardware: Intel64 Family 6 Model 85 Stepping 7 AT/AT COMPATIBLE - "
        "Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)"
    )
    draft.put_system(description, "1.3.6.1.4.1.311.1.1.3.1.2")
    draft.put_interfaces(3, "Intel(R) Ethernet Connection #{}", has_loopback=True)
    draft.put(_MEMORY, whole(16 << 20))
    draft.traps.append("no-serial")


def stranger(draft: Draft) -> None:
    """Something of which nobody knows what it is: three lines."""
    draft.is_a("stranger", "other", None, None, "")
    draft.serial = None
    for number, value in ((1, text("embedded device")), (2, pointer("1.3.6.1.4.1.99999.7")), (5, text(draft.name))):
        draft.put(f"1.3.6.1.2.1.1.{number}.0", value)
    draft.traps.append("few-lines")


FAMILIES: Mapping[str, Callable[[Draft], None]] = {
    "synology": synology,
    "qnap": qnap,
    "esxi": esxi,
    "idrac": idrac,
    "ilo": ilo,
    "linux": linux,
    "windows": windows,
    "stranger": stranger,
}
