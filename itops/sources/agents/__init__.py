"""Source `agents`: what GLPI Agent and FusionInventory leave in a folder, or send to `itops assets receive`."""

from itops.sources.agents.settings import AgentsSettings as Settings
from itops.sources.agents.source import AgentsSource

__all__ = ["AgentsSource", "Settings"]
