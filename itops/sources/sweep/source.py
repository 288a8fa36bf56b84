"""The sweep source: one observation with a sighting for every address that answers."""

import socket
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from itops.assets.sightings import NetworkCard, Sighting, Via, entity_of
from itops.errors import SourceUnavailable
from itops.inventory.entities import EntityKey, Observation, Seen
from itops.sources.asking import HIDES
from itops.sources.silence import Silence
from itops.sources.sweep import gaps
from itops.sources.sweep.knocking import knock
from itops.sources.sweep.neighbours import read_table
from itops.sources.sweep.settings import SweepSettings
from itops.sources.sweep.sweeping import Sweeper, Swept
from itops.sources.sweep.touching import UdpTouch


class SweepSource:
    """What answers at some addresses: that it does, and its MAC where it is in a network of this machine."""

    Settings: ClassVar = SweepSettings
    is_live: ClassVar = True
    sees_devices: ClassVar = True

    def __init__(self, name: str, settings: SweepSettings) -> None:
        self._name = name
        self._settings = settings

    @property
    def name(self) -> str:
        """The name in itops.yaml."""
        return self._name

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One observation. Its stream raises SourceUnavailable when no address could be asked at all."""
        yield Observation(source=self._name, observed_at=now, seen=self._seen(now), hides=HIDES)

    def _seen(self, now: datetime) -> Iterator[Seen]:
        settings = self._settings
        silence = Silence(self._name, settings.addresses, settings.without)
        resolved, unknown = _resolved(silence.addresses)
        addresses = list(dict.fromkeys(resolved.values()))
        sweeper = Sweeper(
            touch=UdpTouch(),
            read_table=read_table,
            knock=knock,
            ports=settings.ports,
            parallel=settings.parallel,
            timeout_seconds=settings.timeout.total_seconds(),
        )
        swept = sweeper.sweep(addresses)
        if len(swept.unsent) == len(addresses):
            reason = next(iter(swept.unsent.values()), f"the name {unknown[0]} is unknown" if unknown else "")
            raise SourceUnavailable(
                f"none of the addresses of {self._name} can be reached: {reason}",
                remedy="check the network of this machine, and `addresses`",
            )
        yield from self._things(swept, now)
        yield from gaps.of_names(self._name, unknown)
        for entry, address in resolved.items():
            if silence.is_expected(entry):
                silence.expect(address)
        yield from gaps.of_sweep(self._name, swept, silence, has_ports=bool(settings.ports))

    def _things(self, swept: Swept, now: datetime) -> Iterator[Seen]:
        for address, mac in swept.answering.items():
            sighting = Sighting(
                source=self._name,
                key=EntityKey(f"{self._name}/{address}"),
                seen_at=now,
                via=Via.SWEEP,
                address=address,
                site=self._settings.site,
                cards=(NetworkCard(mac=mac, addresses=(address,)),) if mac else (),
            )
            yield entity_of(sighting, ref=address)


def _resolved(entries: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Entry -> address, names looked up; and the names that nobody knows."""
    addresses: dict[str, str] = {}
    unknown: list[str] = []
    for entry in entries:
        if entry.replace(".", "").isdigit():
            addresses[entry] = entry
            continue
        try:
            found = socket.getaddrinfo(entry, None, socket.AF_INET, socket.SOCK_DGRAM)
        except (OSError, UnicodeError):  # UnicodeError: a..b is no name at all
            unknown.append(entry)
        else:
            addresses[entry] = str(found[0][4][0])
    return addresses, unknown
