from datetime import timedelta

import pytest

from itops.verdict import State
from tests.inventory.health.estates import MIB, NOW, agent, fires, found, host, placeholder, template, vm

NUMA = {"config.hardware.numCPU": 4, "config.hardware.numCoresPerSocket": 2, "config.cpuHotAddEnabled": False}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"config.hardware.numCoresPerSocket": 1}, True),
        ({"config.cpuHotAddEnabled": True}, True),
        ({"config.memoryHotAddEnabled": True}, True),
        ({"config.cpuHotAddEnabled": True, "config.numaInfo.vnumaOnCpuHotaddExposed": True}, False),
        ({"config.cpuHotAddEnabled": True, "config.hardware.numCPU": 3}, False),
        ({"config.cpuHotAddEnabled": True, "runtime.powerState": "poweredOff"}, False),
    ],
)
def test_hidden_numa(changes: dict, expected: bool) -> None:
    assert fires("vm.numa-hidden", vm({**NUMA, **changes})) is expected


@pytest.mark.parametrize(
    ("path", "value", "code", "expected"),
    [
        ("config.cpuAllocation.limit", -1, "vm.cpu-limit", False),
        ("config.cpuAllocation.limit", 0, "vm.cpu-limit", True),
        ("config.cpuAllocation.limit", 2000, "vm.cpu-limit", True),
        ("config.memoryAllocation.limit", -1, "vm.memory-limit", False),
        ("config.memoryAllocation.limit", 4096, "vm.memory-limit", True),
        ("config.cpuAllocation.reservation", 0, "vm.reservation", False),
        ("config.cpuAllocation.reservation", 500, "vm.reservation", True),
        ("config.memoryAllocation.reservation", 1024, "vm.reservation", True),
    ],
)
def test_allocations(path: str, value: int, code: str, expected: bool) -> None:
    assert fires(code, vm({path: value})) is expected


def test_agents_reserve_what_they_need() -> None:
    assert not fires("vm.reservation", agent({"config.cpuAllocation.reservation": 100}))


def test_a_memory_limit_is_told_in_bytes() -> None:
    (finding,) = found("vm.memory-limit", vm({"config.memoryAllocation.limit": 4096}))
    assert finding.data == {"limit_bytes": 4096 * MIB}


@pytest.mark.parametrize(
    ("path", "code"),
    [("summary.quickStats.swappedMemory", "vm.swapped"), ("summary.quickStats.balloonedMemory", "vm.ballooned")],
)
def test_any_memory_taken_from_a_running_vm_is_told(path: str, code: str) -> None:
    assert not fires(code, vm({path: 0}))
    assert fires(code, vm({path: 1}))
    assert not fires(code, vm({path: 1, "runtime.powerState": "poweredOff"}))


@pytest.mark.parametrize(("percent", "expected"), [(10, False), (11, True), (None, False)])
def test_waiting_for_a_processor(percent: int | None, expected: bool) -> None:
    assert fires("vm.cpu-ready", vm({"summary.quickStats.overallCpuReadiness": percent})) is expected


@pytest.mark.parametrize(("used", "ceiling", "expected"), [(7500, 10000, False), (7501, 10000, True), (1, 0, False)])
def test_busy_processors(used: int, ceiling: int, expected: bool) -> None:
    properties = {"summary.quickStats.overallCpuUsage": used, "runtime.maxCpuUsage": ceiling}
    assert fires("vm.cpu-busy", vm(properties)) is expected


@pytest.mark.parametrize(
    ("cpu", "memory", "wanted", "expected"),
    [
        (True, False, False, True),
        (False, True, False, True),
        (False, False, False, False),
        (False, True, True, True),
        (True, True, True, False),
    ],
)
def test_hot_add_follows_the_office(cpu: bool, memory: bool, wanted: bool, expected: bool) -> None:
    server = vm({"config.cpuHotAddEnabled": cpu, "config.memoryHotAddEnabled": memory})
    assert fires("vm.hot-add", server, settings={"vm.is_hot_add_wanted": wanted}) is expected


@pytest.mark.parametrize(
    ("version", "expected"), [("vmx-07", True), ("vmx-08", False), ("vmx-19", False), ("vmx-x", False)]
)
def test_old_hardware(version: str, expected: bool) -> None:
    assert fires("vm.hardware-old", vm({"config.version": version})) is expected


@pytest.mark.parametrize(
    ("days", "power", "expected"), [(7, "poweredOff", False), (8, "poweredOff", True), (8, "poweredOn", False)]
)
def test_long_powered_off(days: int, power: str, expected: bool) -> None:
    server = vm({"runtime.powerState": power})
    assert fires("vm.off-long", server, powered_off_since={server.key: NOW - timedelta(days=days)}) is expected


def test_templates_are_off_on_purpose() -> None:
    pattern = template()
    assert not fires("vm.off-long", pattern, vm(), powered_off_since={pattern.key: NOW - timedelta(days=99)})


@pytest.mark.parametrize(
    ("connection", "state"),
    [
        ("connected", None),
        ("disconnected", State.UNKNOWN),
        ("orphaned", State.CRITICAL),
        ("inaccessible", State.CRITICAL),
        ("invalid", State.CRITICAL),
    ],
)
def test_lost_vms(connection: str, state: State | None) -> None:
    findings = found("vm.not-connected", vm({"runtime.connectionState": connection}))
    assert [finding.state for finding in findings] == ([state] if state else [])


def test_change_tracking_is_asked_of_servers_only() -> None:
    off = {"config.changeTrackingEnabled": False}
    assert fires("vm.change-tracking-off", vm(off))
    assert not fires("vm.change-tracking-off", vm({"config.changeTrackingEnabled": True}))
    for excused in (agent(off), template(off), placeholder(off)):
        assert not fires("vm.change-tracking-off", excused)


def twin(host_uuid: str, source: str, key: str = "aaaa") -> object:
    return vm(
        {"at.host": f"esx-{host_uuid}", "at.host_uuid": host_uuid}, key=key, source=source, ref=f"{source}-{host_uuid}"
    )


def test_a_vm_on_two_hosts_is_a_copy() -> None:
    (finding,) = found("vm.seen-twice", twin("h1", "esx01"), twin("h2", "esx02"))
    assert finding.data == {"places": "esx-h1 (esx01), esx-h2 (esx02)", "copy_count": 2}


def test_a_vm_on_one_host_seen_through_two_sources_is_one_vm() -> None:
    assert not fires("vm.seen-twice", twin("h1", "esx01"), twin("h1", "vc01"))


def test_the_second_vm_of_one_source_with_the_same_identity_is_a_copy() -> None:
    assert fires("vm.seen-twice", twin("h1", "vc01"), twin("h1", "vc01", key="aaaa@vm-12"))


def test_a_host_read_directly_and_through_vcenter_is_judged_once() -> None:
    both = [host({"runtime.inMaintenanceMode": True}, key="h1", source=source) for source in ("esx01", "vc01")]
    assert len(found("host.maintenance", *both)) == 1
