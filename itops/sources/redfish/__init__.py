"""Source `redfish`: servers through their management controllers (iLO, iDRAC, XCC, OpenBMC ...)."""

from itops.sources.redfish.source import RedfishSettings as Settings
from itops.sources.redfish.source import RedfishSource

__all__ = ["RedfishSource", "Settings"]
