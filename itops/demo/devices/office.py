"""The devices of the demo office and where they answer: the head office and three county offices, each a /24.

PRN-002 is in repair and answers nowhere. Wrong on purpose: the switch of the second floor was changed and the register
has the old serial; one printer is in no register; a battery is low; one UPS does not know its own minutes.
"""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from itops.demo.devices.recording import SUFFIX, Recording, read_recording

HEAD_OFFICE, SAVOJBOLAGH, NAZARABAD, FARDIS = "127.0.10.0/24", "127.0.11.0/24", "127.0.12.0/24", "127.0.13.0/24"
NETWORKS: Mapping[str, str] = {
    "head-office": HEAD_OFFICE,
    "savojbolagh": SAVOJBOLAGH,
    "nazarabad": NAZARABAD,
    "fardis": FARDIS,
}
"""Site -> its network."""

OFFICE: Mapping[str, str] = {
    "127.0.10.1": "router-head-office",
    "127.0.10.2": "switch-core",
    "127.0.10.3": "switch-floor1",
    "127.0.10.4": "switch-floor2",
    "127.0.10.5": "firewall",
    "127.0.10.21": "printer-secretariat",
    "127.0.10.23": "printer-new",
    "127.0.10.31": "ups-server-room",
    "127.0.10.41": "ilo-esx01",
    "127.0.10.42": "ilo-esx02",
    "127.0.10.43": "ilo-backup",
    "127.0.10.51": "esx01",
    "127.0.10.52": "esx02",
    "127.0.10.61": "storage",
    "127.0.11.1": "router-savojbolagh",
    "127.0.11.21": "printer-savojbolagh",
    "127.0.11.31": "ups-savojbolagh",
    "127.0.12.1": "router-nazarabad",
    "127.0.12.31": "ups-nazarabad",
    "127.0.13.1": "router-fardis",
    "127.0.13.21": "printer-fardis",
    "127.0.13.31": "ups-fardis",
}
"""Address -> name of the recording."""


def office_devices() -> dict[str, Recording]:
    """Address -> recording, as `Simulator` takes it."""
    folder = Path(str(resources.files("itops.demo.devices"))) / "recordings"
    return {address: read_recording(folder / f"{name}{SUFFIX}") for address, name in OFFICE.items()}
