import pytest

from itops.verdict import State
from tests.inventory.health.estates import GIB, agent, fires, found, template, vm

VMX = "config.files.vmPathName"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"guest.toolsStatus": "toolsNotInstalled"}, "tools.not-installed"),
        ({"guest.toolsVersionStatus2": "guestToolsNotInstalled"}, "tools.not-installed"),
        ({"guest.toolsStatus": "toolsNotRunning"}, "tools.not-running"),
        ({"guest.toolsRunningStatus": "guestToolsNotRunning"}, "tools.not-running"),
        ({"guest.toolsStatus": "toolsOld"}, "tools.old"),
        ({"guest.toolsStatus": "toolsOk", "guest.toolsVersionStatus2": "guestToolsSupportedOld"}, "tools.old"),
        ({"guest.toolsStatus": "toolsOk", "guest.toolsVersionStatus2": "guestToolsUnmanaged"}, None),
        ({"guest.toolsStatus": "toolsOk", "guest.toolsVersionStatus2": "guestToolsCurrent"}, None),
    ],
)
def test_tools_have_one_finding_at_most(properties: dict, code: str | None) -> None:
    codes = {"tools.not-installed", "tools.not-running", "tools.old"}
    assert {one for one in codes if fires(one, vm(properties))} == ({code} if code else set())


@pytest.mark.parametrize(
    "excused",
    [
        vm({"guest.toolsStatus": "toolsNotRunning", "runtime.powerState": "poweredOff"}),
        vm({"guest.toolsStatus": "toolsNotRunning", "runtime.powerState": "suspended"}),
        agent({"guest.toolsStatus": "toolsNotRunning"}),
        template({"guest.toolsStatus": "toolsNotRunning"}),
    ],
    ids=["off", "suspended", "agent", "template"],
)
def test_tools_that_cannot_run_are_no_fault(excused) -> None:
    assert not fires("tools.not-running", excused)


@pytest.mark.parametrize(
    ("free", "state"),
    [(10, None), (9.99, State.WARNING), (3, State.WARNING), (2.99, State.CRITICAL), (0, State.CRITICAL)],
)
def test_a_guest_disk_runs_full(free: float, state: State | None) -> None:
    partition = {"diskPath": "C:\\", "capacity": 100 * GIB, "freeSpace": int(free * GIB)}
    findings = found("guest.disk-full", vm({"guest.disk": [partition]}))
    assert [finding.state for finding in findings] == ([state] if state else [])


@pytest.mark.parametrize("path", ["/storage/archive", "/snap/core/1"])
def test_partitions_that_are_full_by_design_are_left_out(path: str) -> None:
    full = {"diskPath": path, "capacity": GIB, "freeSpace": 0}
    assert not fires("guest.disk-full", vm({"guest.disk": [full]}))
    assert fires("guest.disk-full", vm({"guest.disk": [full]}), settings={"guest_disk.excluded_paths": []})


def test_a_partition_without_capacity_is_not_divided() -> None:
    assert not fires("guest.disk-full", vm({"guest.disk": [{"diskPath": "D:", "capacity": 0, "freeSpace": 0}]}))


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("app01", "[ds01] app01/app01.vmx", False),
        ("app01", "[ds01] old-name/old-name.vmx", True),
        ("app01", "[ds01] APP01/APP01.vmx", True),
        ("app01", "[vsan] 5f8d3c1e-6e1f-4a57-9f0c-0123456789ab/app01.vmx", False),
        ("app01", "[vvol] rfc4122.5f8d3c1e-6e1f-4a57-9f0c-0123456789ab/app01.vmx", False),
        ("app01", "[ds01] team/app01/app01.vmx", False),
        ("app01", "[ds01] app01.vmx", False),
        ("sql/prod", "[ds01] sql_prod/sql_prod.vmx", False),
        ("app01", "nonsense", False),
    ],
)
def test_folder_names(name: str, path: str, expected: bool) -> None:
    assert fires("vm.folder-name", vm({VMX: path}, name)) is expected


@pytest.mark.parametrize(
    ("name", "host_name", "expected"),
    [
        ("SQL01", "sql01.office.example.ir", False),
        ("sql01", "sql02.office.example.ir", True),
        ("a-very-long-server-name", "A-VERY-LONG-SER", False),
        ("sql01.office.example.ir", "sql01", False),
        ("sql01", "", False),
    ],
)
def test_guest_names(name: str, host_name: str, expected: bool) -> None:
    assert fires("vm.guest-name", vm({"guest.hostName": host_name}, name)) is expected


def test_names_of_agents_are_their_own() -> None:
    odd = {VMX: "[ds01] x/x.vmx", "guest.hostName": "y"}
    assert not fires("vm.folder-name", agent(odd))
    assert not fires("vm.guest-name", agent(odd))


@pytest.mark.parametrize(
    ("configured", "running", "expected"),
    [
        ("debian12_64Guest", "windows2019srv_64Guest", True),
        ("debian12_64Guest", "debian12_64Guest", False),
        (None, "x", False),
    ],
)
def test_guest_systems(configured: str | None, running: str, expected: bool) -> None:
    assert fires("vm.guest-os", vm({"config.guestId": configured, "guest.guestId": running})) is expected
