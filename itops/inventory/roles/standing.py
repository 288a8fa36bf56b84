"""Whether a VM is a server that does its work, and if not, why not."""

import re
from enum import StrEnum

from itops.inventory.entities import Entity
from itops.inventory.values import text, truth

_AGENTS = ("com.vmware.vim.eam",)
_CLUSTER_AGENT = re.compile(r"vCLS(?:[ (-].*)?")  # "vCLS (1)", later "vCLS-" and a UUID
_LOST = frozenset({"disconnected", "inaccessible", "invalid", "orphaned"})


class Standing(StrEnum):
    """What a VM is worth to somebody who expects a role. Only a serving one fulfils an expectation."""

    SERVING = "serving"
    TEMPLATE = "template"
    PLACEHOLDER = "placeholder"  # Site Recovery keeps the seat of a VM that runs elsewhere
    AGENT = "agent"  # vSphere's own helpers (vCLS)
    POWERED_OFF = "powered-off"  # or suspended
    UNREACHABLE = "unreachable"  # vCenter cannot say how it is: its host is lost, or its files are

    @property
    def is_server(self) -> bool:
        """Is it somebody's server at all, running or not?"""
        return self not in {Standing.TEMPLATE, Standing.PLACEHOLDER, Standing.AGENT}


def standing_of(entity: Entity) -> Standing:
    """How one VM stands. A power state that the source did not tell (an old workbook) is no excuse."""
    extension = text(entity.get("config.managedBy.extensionKey")) or ""
    if truth(entity.get("config.template")):
        return Standing.TEMPLATE
    if extension.startswith("com.vmware.vcDr") and entity.get("config.managedBy.type") == "placeholderVm":
        return Standing.PLACEHOLDER
    if extension.startswith(_AGENTS) or _CLUSTER_AGENT.fullmatch(entity.name):
        return Standing.AGENT
    if text(entity.get("runtime.connectionState")) in _LOST:
        return Standing.UNREACHABLE
    return Standing.SERVING if text(entity.get("runtime.powerState")) in {None, "poweredOn"} else Standing.POWERED_OFF
