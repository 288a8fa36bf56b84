"""Servers by their management controllers, asked through IPMI."""

from itops.sources.ipmi.settings import IpmiSettings as Settings
from itops.sources.ipmi.source import IpmiSource

__all__ = ["IpmiSource", "Settings"]
