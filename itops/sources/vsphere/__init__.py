"""Source `vsphere`: vCenter and lone ESXi hosts, read through the vSphere API and nothing else.

sources:
  vc01: {type: vsphere, host: vc01.example.ir, username: itops-ro, password: "file:secrets/vc01", tls: system}
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from itops.inventory.diagnosis import Check
from itops.inventory.entities import Observation, Seen
from itops.sources.vsphere.diagnose import diagnose
from itops.sources.vsphere.observe import observe
from itops.sources.vsphere.settings import VsphereSettings
from itops.sources.vsphere.soap import Client, Server
from itops.tls import context_for


class VsphereSource:
    """A vCenter or a lone ESXi host."""

    Settings: ClassVar = VsphereSettings
    is_live: ClassVar = True

    def __init__(self, name: str, settings: VsphereSettings) -> None:
        self.name = name
        self.settings = settings

    def client(self) -> Client:
        """A client for this server; a pinned certificate is compared here, before any login."""
        chosen = self.settings
        context = context_for(chosen.tls, chosen.host, chosen.port, timeout_seconds=chosen.connect_timeout_seconds)
        return Client(
            Server(
                host=chosen.host,
                port=chosen.port,
                context=context,
                connect_timeout_seconds=chosen.connect_timeout_seconds,
                read_timeout_seconds=chosen.read_timeout_seconds,
                answer_timeout_seconds=chosen.answer_timeout_seconds,
            )
        )

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One look, at `now`."""
        yield Observation(source=self.name, observed_at=now, seen=self._seen(now))

    def _seen(self, now: datetime) -> Iterator[Seen]:
        yield from observe(self.name, self.client(), self.settings, now)

    def diagnose(self, now: datetime) -> Iterator[Check]:
        """Login and rights, for `itops doctor`, which has compared the clocks already."""
        yield from diagnose(self.name, self.client(), self.settings)
