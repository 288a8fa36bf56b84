"""What could not be seen of devices, in words; each with what to do."""

from collections.abc import Sequence

from itops.inventory.entities import Gap
from itops.sources.asking import HIDES
from itops.sources.snmp.conversation import Trouble
from itops.sources.snmp.readers import entity, host, interfaces, neighbours, printer, system, ups

_SHOWN = 5
_TABLES = (
    (interfaces.TABLES, "interfaces"),
    ((entity.CLASSES,), "chassis"),
    (ups.TABLES, "UPS"),
    (printer.TABLES, "supplies"),
    (host.TABLES, "processors"),
    ((neighbours.LLDP_CHASSIS, *neighbours.LLDP_TABLES), "LLDP neighbours"),
    ((*neighbours.BRIDGE_TABLES, neighbours.FDB), "forwarding table"),
    ((neighbours.ARP, neighbours.ARP_NEW), "ARP table"),
    (system.SCALARS, "system group"),
)


def silent(source: str, name: str) -> Gap:
    """One device that itops.yaml lists by itself."""
    return Gap(
        source=source,
        subject=name,
        code="device.silent",
        problem=f"{name} does not answer SNMP",
        remedy="see that it is on, that SNMP is enabled for this machine's address, and that the community is right",
        hides=HIDES,
    )


def unused(source: str, names: Sequence[str], count: int) -> Gap:
    """The addresses of networks and ranges at which nobody answered; most of them are nobody's."""
    some = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return Gap(
        source=source,
        subject=f"{len(names)} addresses",
        code="sweep.silent",
        problem=f"{len(names)} of {count} swept addresses did not answer SNMP: {some}",
        remedy="nothing where they are unused; a device that should answer: list it by itself, then it is named",
        hides=HIDES,
    )


def refused(source: str, name: str, why: str) -> Gap:
    """A device that is there, but lets none of the credentials in; with v2c it would be silent instead."""
    return Gap(
        source=source,
        subject=name,
        code="device.refused",
        problem=f"{name} answers, but refuses these credentials: {why}",
        remedy="correct user, auth_key, auth_protocol, privacy_key and privacy_protocol; they must be as on the device",
        hides=HIDES,
    )


def unreadable(source: str, name: str) -> Gap:
    """Something answers on that port, and not one value comes of it."""
    return Gap(
        source=source,
        subject=name,
        code="device.unreadable",
        problem=f"{name} answers, but with nothing that can be read as SNMP",
        remedy="see which service listens on that port, and whether the device's firmware is current",
        hides=HIDES,
    )


def unknown_name(source: str, name: str) -> Gap:
    """A host name that DNS does not know."""
    return Gap(
        source=source,
        subject=name,
        code="dns.unknown",
        problem=f"the name {name} cannot be resolved",
        remedy="check the name in itops.yaml and the DNS servers, or list the address",
        hides=HIDES,
    )


_PARTLY = "device.partly-read"
_WORDS = {
    Trouble.UNENDING: (
        "snmp.unending",
        "the device {name} repeats itself in: {tables}; what came before that is kept",
        "nothing if the facts are right; else update the device's firmware",
    ),
    Trouble.TOO_MUCH: (
        "snmp.too-much",
        "{name} has more rows than are read in: {tables}",
        "raise table_rows, or set arp: false where its neighbours are not wanted",
    ),
    Trouble.UNREADABLE: (
        _PARTLY,
        "{name} gave answers that cannot be read, in: {tables}",
        "nothing if the facts are right; else update the device's firmware",
    ),
    Trouble.BROKE_OFF: (
        _PARTLY,
        "{name} stopped answering before everything was asked; last asked: {tables}",
        "scan again; if it stays so, raise timeout and retries, or lower parallel",
    ),
    Trouble.TOO_SLOW: (
        _PARTLY,
        "{name} took longer than device_timeout; what it said until then is kept",
        "raise device_timeout, or set arp: false where its neighbours are not wanted",
    ),
}


def troubled(source: str, name: str, trouble: Trouble, oids: Sequence[str]) -> Gap:
    """A device that was seen, but not whole: hides nothing, for the device itself is there."""
    code, problem, remedy = _WORDS[trouble]
    tables = ", ".join(dict.fromkeys(map(_table, oids))) or "nothing in particular"
    return Gap(
        source=source,
        subject=name,
        code=code,
        problem=problem.format(name=name, tables=tables),
        remedy=remedy,
    )


def _table(oid: str) -> str:
    return next((title for roots, title in _TABLES if oid in roots), oid)
