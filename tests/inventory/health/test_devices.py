import pytest

from itops.verdict import State
from tests.inventory.health.estates import GIB, agent, device, disk, fires, found, placeholder, vm

DEVICES = "config.hardware.device"
CONNECTED = {"connected": True}


def with_devices(*devices: dict) -> dict:
    return {DEVICES: list(devices)}


@pytest.mark.parametrize(
    ("kind", "code"), [("VirtualCdrom", "vm.cdrom-connected"), ("VirtualFloppy", "vm.floppy-connected")]
)
@pytest.mark.parametrize(
    ("connectable", "expected"),
    [
        pytest.param({"connected": True}, True, id="connected"),
        pytest.param({"connected": False, "startConnected": True}, False, id="only at power on"),
        pytest.param({}, False, id="not told"),
        pytest.param("yes", False, id="damaged"),
    ],
)
def test_a_connected_drive_is_found(kind: str, code: str, connectable: object, expected: bool) -> None:
    assert fires(code, vm(with_devices(device(kind, connectable=connectable)))) is expected


def test_a_connected_cdrom_names_its_medium() -> None:
    iso = device("VirtualCdrom", "CD/DVD drive 1", connectable=CONNECTED, backing={"fileName": "[ds01] iso/setup.iso"})
    (finding,) = found("vm.cdrom-connected", vm(with_devices(iso)))
    assert finding.data == {"device": "CD/DVD drive 1", "medium": "[ds01] iso/setup.iso"}
    assert finding.state is State.WARNING


def test_a_cdrom_of_an_srm_placeholder_is_nobodys() -> None:
    drive = with_devices(device("VirtualCdrom", connectable=CONNECTED))
    assert not fires("vm.cdrom-connected", placeholder(drive))


@pytest.mark.parametrize(
    ("disks", "adapters", "power", "expected"),
    [
        pytest.param(4, 1, "poweredOn", True, id="four large disks on one adapter"),
        pytest.param(4, 2, "poweredOn", False, id="two adapters are enough"),
        pytest.param(3, 0, "poweredOn", False, id="three disks are not many"),
        pytest.param(4, 1, "poweredOff", False, id="only running VMs"),
    ],
)
def test_disk_layout(disks: int, adapters: int, power: str, expected: bool) -> None:
    devices = [
        *(disk(200 * GIB) for _ in range(disks)),
        *(device("ParaVirtualSCSIController") for _ in range(adapters)),
    ]
    assert fires("vm.disk-layout", vm({"runtime.powerState": power, **with_devices(*devices)})) is expected


def test_four_disks_of_exactly_750_gib_are_not_large() -> None:
    devices = [disk(250 * GIB), disk(250 * GIB), disk(125 * GIB), disk(125 * GIB)]
    assert not fires("vm.disk-layout", vm(with_devices(*devices)))
    assert fires("vm.disk-layout", vm(with_devices(*devices[:3], disk(125 * GIB + 1))))


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("nonpersistent", True),
        ("independent_nonpersistent", True),
        ("independent_persistent", False),
        ("persistent", False),
    ],
)
def test_disks_that_forget(mode: str, expected: bool) -> None:
    assert fires("disk.nonpersistent", vm(with_devices(disk(diskMode=mode)))) is expected


def test_shared_disks_and_buses_are_found() -> None:
    shared = vm(
        with_devices(
            disk(sharing="sharingMultiWriter"), device("VirtualLsiLogicController", sharedBus="physicalSharing")
        )
    )
    alone = vm(with_devices(disk(sharing="sharingNone"), device("VirtualLsiLogicController", sharedBus="noSharing")))
    assert fires("disk.multi-writer", shared)
    assert fires("controller.bus-sharing", shared)
    assert not fires("disk.multi-writer", alone)
    assert not fires("controller.bus-sharing", alone)


def test_unwanted_devices_are_those_of_the_list() -> None:
    odd = vm(with_devices(device("VirtualSerialPort"), device("VirtualUSBController")))
    assert [finding.data["device_type"] for finding in found("vm.unwanted-device", odd)] == ["VirtualSerialPort"]
    assert not fires("vm.unwanted-device", odd, settings={"vm.unwanted_devices": []})
    assert fires("vm.unwanted-device", odd, settings={"vm.unwanted_devices": ["VirtualUSBController"]})


def test_agents_may_have_odd_disks() -> None:
    assert not fires("disk.nonpersistent", agent(with_devices(disk(diskMode="nonpersistent"))), vm(with_devices()))
