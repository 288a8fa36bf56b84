"""Ask the servers themselves what they are: first a plan that can be read, then, if wanted, the questions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from itops.errors import ConfigInvalid, UsageWrong
from itops.inventory.entities import Kind
from itops.inventory.merge import merged
from itops.inventory.reading import Reader
from itops.inventory.roles.probed import ProbeResult
from itops.sources.probes.addresses import AddressBook
from itops.sources.probes.probe import Probe
from itops.sources.probes.prober import PROBES, Prober, ProbeSettings, ProbeTarget, Unprobed, plan_probes
from itops.tasks.ask_roles import find_vm

ALLOW = f"name those you allow in itops.yaml: roles: {{probes: [{', '.join(probe.name for probe in PROBES)}]}}"
"""What to do where no probe may be sent."""


class ProbeKeeper(Protocol):
    """Where results are kept between runs."""

    def keep(self, results: Collection[ProbeResult]) -> None:
        """Add results to those that are known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """Every question that would be asked, the VMs that would not be, and the addresses that may be touched at all."""

    targets: tuple[ProbeTarget, ...]
    left_alone: tuple[Unprobed, ...]
    book: AddressBook


def allowed_probes(names: Collection[str]) -> tuple[Probe, ...]:
    """The probes that roles.probes in itops.yaml names. Raises ConfigInvalid for a name that there is not."""
    unknown = [name for name in names if name not in {known.name for known in PROBES}]
    if unknown:
        raise ConfigInvalid(f"roles.probes: there is no probe {', '.join(unknown)}", remedy=ALLOW)
    return tuple(known for known in PROBES if known.name in names)


def plan(
    reader: Reader,
    settings: ProbeSettings,
    *,
    vms: Collection[str] = (),
    roles: Collection[str] = (),
    probes: Collection[Probe] = PROBES,
) -> ProbePlan:
    """The questions for all VMs, or for those named; for all roles, or for those named. Nothing is sent."""
    entities = list({thing.entity.key: thing.entity for thing in merged(reader.entities(Kind.VM))}.values())
    wanted = {find_vm(reader, vm).key for vm in vms}
    chosen = [entity for entity in entities if not wanted or entity.key in wanted]
    book = AddressBook.of(entities, settings.networks)  # of all: an address that two VMs claim is asked for neither
    targets, left_alone = plan_probes(chosen, book, _probes_for(roles, probes))
    return ProbePlan(targets=targets, left_alone=left_alone, book=book)


def _probes_for(roles: Collection[str], probes: Collection[Probe]) -> tuple[Probe, ...]:
    found = tuple(probe for probe in probes if not roles or not set(probe.roles).isdisjoint(roles))
    unknown = [role for role in roles if not any(role in probe.roles for probe in probes)]
    if unknown:
        known = sorted({role for probe in probes for role in probe.roles})
        raise UsageWrong(f"no probe can find the role {', '.join(unknown)}", remedy=f"probes find: {', '.join(known)}")
    return found


def send(chosen: ProbePlan, settings: ProbeSettings, keeper: ProbeKeeper, now: datetime) -> tuple[ProbeResult, ...]:
    """Ask, and keep what came back, even when the run is stopped in the middle."""
    results: list[ProbeResult] = []
    try:
        results.extend(Prober(chosen.book, settings).ask_all(chosen.targets, now))
    finally:
        keeper.keep(results)
    return tuple(results)
