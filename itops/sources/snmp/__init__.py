"""Source `snmp`: printers, UPSes, switches, routers, storage and whatever else answers SNMP v2c or v3.

sources:
  net: {type: snmp, addresses: [10.1.0.0/24, ups1.example.ir], community: "file:secrets/snmp", site: head-office}
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from itops.inventory.diagnosis import Check
from itops.inventory.entities import Observation, Seen
from itops.sources.asking import HIDES
from itops.sources.snmp.client import MakeLibrary, make_library
from itops.sources.snmp.diagnose import diagnose
from itops.sources.snmp.observe import observe
from itops.sources.snmp.settings import SnmpSettings

__all__ = ["SnmpSettings", "SnmpSource"]


class SnmpSource:
    """Devices that answer SNMP."""

    Settings: ClassVar = SnmpSettings
    is_live: ClassVar = True
    sees_devices: ClassVar = True

    def __init__(self, name: str, settings: SnmpSettings, make: MakeLibrary = make_library) -> None:
        self.name = name
        self.settings = settings
        self._make = make

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One look, at `now`."""
        yield Observation(source=self.name, observed_at=now, seen=self._seen(now), hides=HIDES)

    def _seen(self, now: datetime) -> Iterator[Seen]:
        yield from observe(self.name, self.settings, self._make, now)

    def diagnose(self, now: datetime) -> Iterator[Check]:
        """Who answers, and who refuses, for `itops doctor`."""
        yield from diagnose(self.name, self.settings, self._make)
