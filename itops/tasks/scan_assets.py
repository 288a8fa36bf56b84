"""What the register says against what devices last said: the plan of a scan, made from the store. Nothing is asked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from itops.assets.devices import Device, join, sightings_of
from itops.assets.policy import AssetPolicy
from itops.assets.reconciliation import ScanPlan, reconcile
from itops.assets.records import Register
from itops.inventory.entities import Entity, Kind

SEEN_KINDS = (Kind.DEVICE, Kind.HOST, Kind.VM)
"""What may be an asset."""


class Seen(Protocol):
    """What this needs of the history."""

    def entities(self, kind: Kind) -> Iterable[Entity]:
        """All things of a kind, as they were last seen."""
        ...


def devices_of(seen: Seen | None, policy: AssetPolicy) -> tuple[Device, ...]:
    """Every device, whoever saw it: a host, its management controller and its record in vCenter are one."""
    if seen is None:
        return ()
    return join(sightings_of(entity for kind in SEEN_KINDS for entity in seen.entities(kind)), policy)


def plan_of(register: Register, seen: Seen | None, policy: AssetPolicy, now: datetime) -> ScanPlan:
    """Every difference between the register and the devices, each with what accepting it would change."""
    return reconcile(register, devices_of(seen, policy), policy, now)
