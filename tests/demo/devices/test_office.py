"""The demo office's devices: complete, fictional, and in step with its register."""

from importlib import resources
from pathlib import Path

import pytest

from itops.demo.devices.office import OFFICE, office_devices
from itops.demo.devices.recording import SUFFIX, Recording, numbers_of

ROOT = Path(__file__).parents[3]
FILES = [ROOT / "inventory.yaml", *sorted((ROOT / "inventory").glob("*.yaml"))]
REGISTER = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
DEVICES = office_devices()
_NAME = numbers_of("1.3.6.1.2.1.1.5.0")
_MACS = numbers_of("1.3.6.1.2.1.2.2.1.6")

SERIALS = {
    "127.0.10.1": "FGL2142117Q",
    "127.0.10.2": "FDO2231K0A7",
    "127.0.10.3": "FOC1938Y2LD",
    "127.0.10.5": "0123456",
    "127.0.10.21": "VNB3K12847",
    "127.0.10.41": "CZJ6400A1B",
    "127.0.10.42": "CZJ6400A2C",
    "127.0.10.43": "CZ25180QLM",
    "127.0.10.51": "CZJ6400A1B",
    "127.0.10.52": "CZJ6400A2C",
    "127.0.10.61": "2150SBRX7L0T2",
    "127.0.11.1": "6F3A0B8D21C4",
    "127.0.11.21": "E78219D1N420",
    "127.0.12.1": "6F3A0B8D21D9",
    "127.0.13.1": "6F3A0B8D2207",
    "127.0.13.21": "E78219D1N433",
}


def texts(recording: Recording) -> set[str]:
    contents = (value.content for _, value in recording.entries if isinstance(value.content, bytes))
    return {content.decode("utf-8", "replace").strip() for content in contents}


def test_every_recording_is_played_and_no_other():
    folder = Path(str(resources.files("itops.demo.devices"))) / "recordings"
    assert sorted(OFFICE.values()) == sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))
    assert DEVICES.keys() == OFFICE.keys()


@pytest.mark.parametrize(("address", "serial"), SERIALS.items())
def test_a_device_tells_the_serial_that_the_register_has(address, serial):
    assert serial in texts(DEVICES[address])
    assert f"serial: {serial}" in REGISTER


def test_the_changed_switch_tells_a_serial_that_the_register_does_not_have():
    assert "FOC1940Z7QX" in texts(DEVICES["127.0.10.4"])
    assert "FOC1940Z7QX" not in REGISTER
    assert "serial: FOC1938Y2M1" in REGISTER


def test_the_new_printer_is_in_no_register():
    assert "VXK0417226" in texts(DEVICES["127.0.10.23"])
    assert "VXK0417226" not in REGISTER


def test_every_device_has_a_name_and_no_two_share_one_or_a_mac():
    names, macs = [], []
    for recording in DEVICES.values():
        names.append(recording.get(_NAME))
        macs += [value.content for oid, value in recording.entries if oid[: len(_MACS)] == _MACS and value.content]
    assert None not in names
    assert len(set(names)) == len(names)
    assert len(set(macs)) == len(macs)
