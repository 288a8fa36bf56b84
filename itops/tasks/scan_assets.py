"""What devices last said, and what their sources say of where they are. Read from the store: nothing is asked."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from itops.assets.devices import Device, join, sightings_of
from itops.assets.policy import AssetPolicy
from itops.assets.reconciliation import ScanPlan
from itops.assets.records import Register
from itops.config.mistakes import Mistake, did_you_mean, quoted
from itops.inventory.entities import Entity, Kind
from itops.verdict import State

if TYPE_CHECKING:
    from itops.config.settings import PluginSettings

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


def state_of(plan: ScanPlan) -> State:
    """CRITICAL where two truths stand against each other, WARNING where something else waits to be decided.

    What was not seen is only told here: `itops assets check` judges how long is too long.
    """
    if plan.conflicts or plan.replacements or plan.revenants:
        return State.CRITICAL
    decided_by_people = (plan.new, plan.proposals, plan.suggestions, plan.elsewhere, plan.ambiguous)
    noticed = (plan.unidentified, plan.learned_junk, plan.findings)
    return State.WARNING if any((*decided_by_people, *noticed)) else State.OK


def sources_of_devices(sources: "Iterable[PluginSettings]") -> "dict[str, PluginSettings]":
    """Those that see devices, by name."""
    return {source.name: source for source in sources if getattr(source.plugin, "sees_devices", False)}


def unknown_sites(sources: "Iterable[PluginSettings]", register: Register) -> Iterator[Mistake]:
    """Sites of itops.yaml that the register does not know: every asset seen there would seem to have moved."""
    for source in sources:
        site = getattr(source.settings, "site", None)
        if site is not None and site not in register.sites:
            known = f"it has {', '.join(register.sites)}" if register.sites else "it has none yet"
            hint = did_you_mean(site, register.sites) or f"; {known}"
            problem = f"there is no site {quoted(site)} in the register{hint}"
            yield Mistake(source.line, f"sources.{source.name}.site", problem)
