"""Linux machines, read through SSH."""

from itops.sources.linux.settings import LinuxSettings as Settings
from itops.sources.linux.source import SshSource

__all__ = ["Settings", "SshSource"]
