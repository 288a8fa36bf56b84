"""Backups of VMs, from the stamps that backup products leave on the VMs themselves."""

from itops.repositories.vm_stamps.repository import VmStamps
from itops.repositories.vm_stamps.settings import VmStampsSettings

__all__ = ["VmStamps", "VmStampsSettings"]
