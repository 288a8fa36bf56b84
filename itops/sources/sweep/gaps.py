"""What a sweep could not see, as gaps. All hide devices: a device that is off, or behind a router, is not gone."""

from collections.abc import Iterable, Iterator, Sequence

from itops.inventory.entities import Gap
from itops.sources.asking import HIDES
from itops.sources.silence import Silence, named
from itops.sources.sweep.sweeping import Swept
from itops.text import counted


def of_names(source: str, names: Iterable[str]) -> Iterator[Gap]:
    """Host names that nobody knows."""
    for name in names:
        yield _gap(
            source,
            name,
            "dns.unknown",
            f"the host name {name} is unknown",
            "correct the name, or write the address instead",
        )


def of_sweep(source: str, swept: Swept, silence: Silence, *, has_ports: bool) -> Iterator[Gap]:
    """Everything else. Where no port is knocked at, silence behind a router is no news of the device."""
    for address in filter(silence.is_expected, (*swept.silent, *swept.elsewhere)):
        yield _gap(
            source,
            address,
            "device.silent",
            f"{address} did not answer",
            "check that it is switched on and in the network; take it out of `addresses` if it is gone",
        )
    yield from silence.unused((*swept.silent, *(swept.elsewhere if has_ports else ())))
    if not has_ports:
        yield from _elsewhere(source, [address for address in swept.elsewhere if not silence.is_expected(address)])
    yield from _answered_for(source, swept)
    yield from _unsent(source, swept)
    if swept.no_table:
        yield _gap(
            source,
            "the neighbour table",
            "neighbours.unreadable",
            f"{swept.no_table.problem}: no MACs, and devices that drop what they do not know are not seen",
            swept.no_table.remedy,
        )


def _elsewhere(source: str, addresses: Sequence[str]) -> Iterator[Gap]:
    if addresses:
        yield _gap(
            source,
            counted("address", "addresses", len(addresses)),
            "sweep.behind-router",
            f"{named(addresses)} did not answer, and no network of this machine has them: "
            "behind a router only devices are seen that refuse openly",
            "give `ports`, read the router of that place by SNMP, or sweep from a machine there",
        )


def _answered_for(source: str, swept: Swept) -> Iterator[Gap]:
    for who, addresses in swept.answered_for.items():
        told = f"the MAC {who} answers for all of them" if who else "every one of them accepts connections"
        yield _gap(
            source,
            counted("address", "addresses", len(addresses)),
            "sweep.answered-for",
            f"{named(addresses)}: {told}, so a router or firewall does, and nothing is known of devices there",
            "switch off proxy ARP at that router, or sweep from a machine in that network",
        )


def _unsent(source: str, swept: Swept) -> Iterator[Gap]:
    for reason in sorted(set(swept.unsent.values())):
        addresses = [address for address, why in swept.unsent.items() if why == reason]
        yield _gap(
            source,
            counted("address", "addresses", len(addresses)),
            "sweep.unreachable",
            f"nothing could be sent to {named(addresses)}: {reason}",
            "check the network of this machine; take out what can never be a device, as a broadcast address",
        )


def _gap(source: str, subject: str, code: str, problem: str, remedy: str) -> Gap:
    return Gap(source=source, subject=subject, code=code, problem=problem, remedy=remedy, hides=HIDES)
