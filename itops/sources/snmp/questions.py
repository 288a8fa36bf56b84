"""What a device is asked, in which order: first who it is, then only what such a device has."""

from itops.sources.snmp.client import Answers
from itops.sources.snmp.conversation import BrokeOff, Conversation, Trouble
from itops.sources.snmp.makers import Maker, table
from itops.sources.snmp.readers import entity, host, interfaces, neighbours, printer, system, ups
from itops.sources.snmp.values import number, text

_STANDARD = (
    *ups.SCALARS,
    *printer.SCALARS,
    *host.SCALARS,
    interfaces.BRIDGE_ADDRESS,
    neighbours.BRIDGE_PORT_COUNT,
    neighbours.FORWARDING,
)


async def introduce(talk: Conversation) -> None:
    """Who it is: what a sweep asks of every address. Raises BrokeOff where nobody answers."""
    await talk.get(system.SCALARS)


async def interview(talk: Conversation, *, arp: bool, arp_types: bool = False) -> None:
    """Everything else. A device that stops answering leaves what it said so far, and a trouble."""
    try:
        await _interview(talk, arp=arp, arp_types=arp_types)
    except BrokeOff:
        talk.troubles.setdefault(Trouble.BROKE_OFF, [])


async def _interview(talk: Conversation, *, arp: bool, arp_types: bool) -> None:
    asked = table().to_ask(system.object_id(talk.answers))
    await talk.get([*_STANDARD, *(oid for maker in asked for oid in maker.oids())])
    maker = maker_of(talk.answers)
    await _tables(talk, *interfaces.TABLES)
    if maker is None or maker.entity:
        await talk.table(entity.CLASSES)
        await talk.get(entity.questions(talk.answers))
    if ups.is_ups(talk.answers, maker):
        await _tables(talk, *ups.TABLES)
    elif printer.is_printer(talk.answers):
        await _tables(talk, *printer.TABLES)
    elif host.memory_bytes(talk.answers):
        await _tables(talk, *host.TABLES)
    await _neighbours(talk, arp=arp, arp_types=arp_types)


async def _tables(talk: Conversation, *roots: str) -> None:
    for root in roots:
        await talk.table(root)


async def _neighbours(talk: Conversation, *, arp: bool, arp_types: bool) -> None:
    await talk.table(neighbours.LLDP_CHASSIS)
    if any(oid.startswith(neighbours.LLDP_CHASSIS) for oid in talk.answers):
        await _tables(talk, *neighbours.LLDP_TABLES)
    if not arp:
        return
    if talk.answers.get(interfaces.BRIDGE_ADDRESS) is not None:
        await _tables(talk, *neighbours.BRIDGE_TABLES)
        if not any(oid.startswith(neighbours.FDB_BY_VLAN) for oid in talk.answers):
            await talk.table(neighbours.FDB)
    if number(talk.answers.get(neighbours.FORWARDING)) != neighbours.HOST:  # what a host has met says little
        tables = (neighbours.ARP, neighbours.ARP_TYPES), (neighbours.ARP_NEW, neighbours.ARP_NEW_TYPES)
        for table_of_macs, table_of_types in tables:
            await talk.table(table_of_macs)
            if any(oid.startswith(table_of_macs + ".") for oid in talk.answers):
                await _tables(talk, *((table_of_types,) if arp_types else ()))
                return


def maker_of(answers: Answers) -> Maker | None:
    """The row of the table: the one that sysObjectID names, else the first whose own OIDs answered."""
    object_id = system.object_id(answers)
    named = table().named(object_id)
    if named is not None:
        return named
    return next((maker for maker in table().to_ask(object_id) if has_answered(answers, maker)), None)


def has_answered(answers: Answers, maker: Maker) -> bool:
    """Whether any of a maker's own OIDs said something."""
    return any(text(answers.get(oid)) for oid in maker.oids())
