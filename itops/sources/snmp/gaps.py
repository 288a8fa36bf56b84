"""What could not be seen of devices, in words; each with what to do."""

from collections.abc import Sequence
from typing import NamedTuple

from itops.inventory.entities import Gap
from itops.sources.asking import HIDES
from itops.sources.silence import named
from itops.sources.snmp.conversation import Trouble
from itops.sources.snmp.readers import entity, host, interfaces, neighbours, printer, system, ups
from itops.text import counted

_TABLES = (
    (interfaces.TABLES, "interfaces"),
    ((entity.CLASSES,), "chassis"),
    (ups.TABLES, "UPS"),
    (printer.TABLES, "supplies"),
    (host.TABLES, "processors"),
    ((neighbours.LLDP_CHASSIS, *neighbours.LLDP_TABLES), "LLDP neighbours"),
    ((*neighbours.BRIDGE_TABLES, neighbours.FDB), "forwarding table"),
    ((neighbours.ARP, neighbours.ARP_NEW, neighbours.ARP_TYPES, neighbours.ARP_NEW_TYPES), "ARP table"),
    (system.SCALARS, "system group"),
)


def silent(source: str, name: str) -> Gap:
    """A device that says nothing; with v2c also one to which the community is wrong."""
    return Gap(
        source=source,
        subject=name,
        code="device.silent",
        problem=f"{name} does not answer SNMP",
        remedy="see that it is on, that SNMP is enabled for this machine's address, and that the community is right",
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


def answered_for(source: str, mac: str, addresses: Sequence[str]) -> Gap:
    """A MAC that stands at more addresses than a device has."""
    return Gap(
        source=source,
        subject=counted("address", "addresses", len(addresses)),
        code="sweep.answered-for",
        problem=f"{named(addresses)}: the MAC {mac} answers for all of them, so a router or firewall does, and nothing "
        "is known of devices there",
        remedy="switch off proxy ARP there, or read the router that is nearest to that network",
        hides=HIDES,
    )


class _GapWords(NamedTuple):
    code: str
    problem: str
    remedy: str


_PARTLY = "device.partly-read"
_WORDS = {
    Trouble.UNENDING: _GapWords(
        "snmp.unending",
        "the device {name} repeats itself in: {tables}; what came before that is kept",
        "nothing if the facts are right; else update the device's firmware",
    ),
    Trouble.TOO_MUCH: _GapWords(
        "snmp.too-much",
        "{name} has more rows than are read in: {tables}",
        "raise table_rows where it was lowered; set arp: false where its neighbours are not wanted",
    ),
    Trouble.UNREADABLE: _GapWords(
        _PARTLY,
        "{name} gave answers that cannot be read, in: {tables}",
        "nothing if the facts are right; else update the device's firmware",
    ),
    Trouble.BROKE_OFF: _GapWords(
        _PARTLY,
        "{name} stopped answering before everything was asked; last asked: {tables}",
        "scan again; if it stays so, raise timeout and retries, or lower parallel",
    ),
    Trouble.TOO_SLOW: _GapWords(
        _PARTLY,
        "{name} took longer than device_timeout; what it said until then is kept",
        "raise device_timeout, or set arp: false where its neighbours are not wanted",
    ),
}


def troubled(source: str, name: str, trouble: Trouble, oids: Sequence[str]) -> Gap:
    """A device that was seen, but not whole: hides nothing, for the device itself is there."""
    words = _WORDS[trouble]
    tables = ", ".join(dict.fromkeys(map(_table, oids))) or "nothing in particular"
    return Gap(
        source=source,
        subject=name,
        code=words.code,
        problem=words.problem.format(name=name, tables=tables),
        remedy=words.remedy,
    )


def _table(oid: str) -> str:
    return next((title for roots, title in _TABLES if oid in roots), oid)
