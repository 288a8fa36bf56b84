"""What moves by itself stands beside the history; what people change never does."""

from importlib import resources

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.entities import Kind, Place
from itops.inventory.volatile import is_volatile, split
from tests.inventory.factory import vm_entity

MOVING = ("summary.quickStats.overallCpuUsage", "runtime.bootTime", "guest.disk", "summary.freeSpace", "overallStatus")
STABLE = ("name", "config.hardware.numCPU", "runtime.powerState", "at.host", "snapshot.rootSnapshotList")
paths = st.text(max_size=20) | st.sampled_from([*MOVING, *STABLE])
kinds = st.sampled_from(Kind)


@given(kinds, st.dictionaries(paths, st.integers()))
def test_a_property_is_either_history_or_moving_and_none_is_lost(kind, properties):
    stable, moving = split(kind, properties)
    assert not stable.keys() & moving.keys()
    assert stable | moving == properties
    assert all(is_volatile(kind, path) for path in moving)
    assert not any(is_volatile(kind, path) for path in stable)


def asked_of_vms() -> list[str]:
    """The paths that the vsphere source asks of VMs."""
    table = resources.files("itops.sources.vsphere").joinpath("properties.yaml").read_text(encoding="utf-8")
    return [str(path) for path in _texts(yaml.safe_load(table))]


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for part in (*value.keys(), *value.values()) for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("kind", Kind)
def test_hardware_settings_are_never_volatile(kind):
    hardware = [path for path in asked_of_vms() if path.startswith(("config.hardware", "hardware."))]
    assert "config.hardware.device" in hardware
    assert [path for path in hardware if is_volatile(kind, path)] == []


@pytest.mark.parametrize("kind", Kind)
def test_who_and_where_a_thing_is_are_never_volatile(kind):
    places = {value for name, value in vars(Place).items() if name.isupper()} - {Place.FILES}
    identity = {"name", "config.instanceUuid", "config.uuid", "hardware.systemInfo.uuid", "summary.url", "licenseKey"}
    assert [path for path in sorted(places | identity) if is_volatile(kind, path)] == []


@pytest.mark.parametrize(
    "path",
    [
        "config.annotation",
        "config.template",
        "config.version",
        "config.files.vmPathName",
        "guest.guestFullName",
        "guest.hostName",
        "guest.toolsVersion",
        "runtime.connectionState",
        "runtime.host",
        "runtime.powerState",
        "snapshot.rootSnapshotList",
        "config.createDate",
    ],
)
def test_what_a_change_report_tells_of_a_vm_is_history(path):
    assert not is_volatile(Kind.VM, path)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Kind.VM, "summary.quickStats.hostMemoryUsage"),
        (Kind.VM, "runtime.bootTime"),
        (Kind.VM, "summary.storage.committed"),
        (Kind.VM, "layoutEx.file"),
        (Kind.HOST, "runtime.healthSystemRuntime.systemHealthInfo"),
        (Kind.HOST, "vm"),
        (Kind.DATASTORE, "summary.freeSpace"),
        (Kind.DATASTORE, "at.files"),
        (Kind.HOST, "config.network.vswitch"),
        (Kind.CLUSTER, "summary.overallStatus"),
        (Kind.LICENSE, "used"),
        (Kind.ENDPOINT, "sessionList"),
    ],
)
def test_what_moves_while_nobody_touches_it_is_volatile(kind, path):
    assert is_volatile(kind, path)


def test_a_path_of_one_kind_says_nothing_about_another():
    assert is_volatile(Kind.DATASTORE, "summary.freeSpace")
    assert not is_volatile(Kind.VM, "summary.freeSpace")


def test_a_usage_figure_that_moves_leaves_the_history_of_a_vm_alone():
    one, other = (vm_entity(1, {"summary.quickStats.overallCpuUsage": mhz}) for mhz in (100, 900))
    assert split(Kind.VM, one.properties)[0] == split(Kind.VM, other.properties)[0]
