"""Devices that answer nobody here, and that a router's ARP table knows: something is there, with this MAC.

Each is kept beside what the device may once have said itself (`source/arp/ADDRESS`), never in its place: a printer that
sleeps today is still the printer of yesterday.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from itops.assets.sightings import NetworkCard, Sighting, Via, entity_of
from itops.inventory.entities import EntityKey, Seen
from itops.sources.addresses import expand
from itops.sources.macs import crowded
from itops.sources.snmp import gaps
from itops.sources.snmp.client import Answers
from itops.sources.snmp.readers import neighbours


class Met:
    """What the routers of one look have met in some networks."""

    def __init__(self, source: str, networks: Sequence[str], *, site: str | None, seen_at: datetime) -> None:
        self._source = source
        self._site = site
        self._seen_at = seen_at
        self._wanted = dict.fromkeys(expand(networks))
        self._macs: dict[str, set[str]] = defaultdict(set)  # by address
        self._answering: set[str | None] = set()  # addresses and MACs of devices that answered themselves

    def learn(self, answers: Answers, sighting: Sighting) -> None:
        """From one device that answered."""
        self._answering |= {sighting.address, *(card.mac for card in sighting.cards)}
        for address, mac in neighbours.met(answers) if self._wanted else ():
            if address in self._wanted:
                self._macs[address].add(mac)

    def things(self) -> Iterator[Seen]:
        """Whoever did not answer, in the order of the networks."""
        found = {address: self._macs[address] for address in self._wanted if self._is_unheard(address)}
        shared = crowded(mac for macs in found.values() for mac in macs)
        for mac in sorted(shared):
            yield gaps.answered_for(self._source, mac, [address for address, macs in found.items() if mac in macs])
        for address, macs in found.items():
            if not macs & shared:
                yield entity_of(self._sighting(address, macs), ref=address)

    def _is_unheard(self, address: str) -> bool:
        return address in self._macs and not {address, *self._macs[address]} & self._answering

    def _sighting(self, address: str, macs: set[str]) -> Sighting:
        """Where routers contradict each other, no MAC is believed."""
        mac = next(iter(macs)) if len(macs) == 1 else None
        return Sighting(
            source=self._source,
            key=EntityKey(f"{self._source}/arp/{address}"),
            seen_at=self._seen_at,
            via=Via.SWEEP,
            address=address,
            site=self._site,
            cards=(NetworkCard(mac=mac, addresses=(address,)),) if mac else (),
        )
