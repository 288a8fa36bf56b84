"""The simulator holds what its users count on: the demo office, hostile names, commands that change it, a safe end."""

import re
import subprocess
from collections.abc import Callable

import pytest

from tests.e2e.plain_client import PlainClient
from tests.e2e.simulator import BINARY, Simulator

pytestmark = pytest.mark.e2e

REMOVED = {"kaspersky", "RDC", "Citrix", "DFSR", "SCCM"}
CREATED = {"WSUS", "SQL", "PDC", "VCSA", "DC", "KMS"}
UPGRADED = {"Padvish", "Backup Server", "FileServer"}


def logged_in(simulator: Simulator) -> PlainClient:
    client = PlainClient(simulator)
    assert client.login(simulator.username, simulator.password).status == 200
    return client


def machines(simulator: Simulator, *paths: str) -> dict[str, dict[str, str]]:
    """Name -> {ref, path: text} of every virtual machine."""
    found: dict[str, dict[str, str]] = {}
    answer = logged_in(simulator).retrieve("VirtualMachine", "name", *paths)
    for piece in answer.text.split("<objects>")[1:]:
        values = dict(re.findall(r"<propSet><name>([^<]+)</name><val[^>]*>([^<]*)</val>", piece))
        found[values["name"]] = {"ref": re.findall(r'<obj type="VirtualMachine">([^<]+)<', piece)[0], **values}
    return found


Office = tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]
TECHNICAL = ("config.instanceUuid", "config.version", "config.guestFullName", "config.hardware.memoryMB")


@pytest.fixture(scope="session")
def office(office_before: tuple[Simulator, Simulator], office_after: Simulator) -> Office:
    before = {**machines(office_before[0], *TECHNICAL), **machines(office_before[1], *TECHNICAL)}
    return before, machines(office_after, *TECHNICAL)


def test_the_office_loses_exactly_five_servers_and_gains_exactly_six(office: Office) -> None:
    before, after = office
    assert (len(before), len(after)) == (15, 16)
    assert set(before) - set(after) == REMOVED
    assert set(after) - set(before) == CREATED


def test_servers_that_stay_keep_their_identity_under_another_reference(office: Office) -> None:
    before, after = office
    for name in set(before) & set(after):
        assert before[name]["config.instanceUuid"] == after[name]["config.instanceUuid"]
        assert before[name]["ref"] != after[name]["ref"]


def test_both_lone_hosts_have_a_machine_one(office_before: tuple[Simulator, Simulator]) -> None:
    assert all("1" in {vm["ref"] for vm in machines(simulator).values()} for simulator in office_before)


def test_exactly_three_staying_servers_were_upgraded(office: Office) -> None:
    before, after = office
    without_ref = [{name: {**vm, "ref": ""} for name, vm in side.items()} for side in (before, after)]
    assert {name for name in set(before) & set(after) if without_ref[0][name] != without_ref[1][name]} == UPGRADED


def test_the_physical_hosts_and_volumes_are_the_same_before_and_after(
    office_before: tuple[Simulator, Simulator], office_after: Simulator
) -> None:
    def facts(simulator: Simulator) -> set[str]:
        client = logged_in(simulator)
        hosts = client.retrieve("HostSystem", "hardware.systemInfo.uuid", "hardware.systemInfo.serialNumber").text
        stores = client.retrieve("Datastore", "summary.url").text
        return set(re.findall(r"<val[^>]*>([^<]+)</val>", hosts + stores))

    assert facts(office_before[0]) | facts(office_before[1]) == facts(office_after)
    assert {len(facts(simulator)) for simulator in office_before} == {2 + 4}


def test_a_lone_host_says_what_a_lone_host_says(lone_esx: Simulator, vcenter: Simulator) -> None:
    alone, managed = PlainClient(lone_esx).content(), PlainClient(vcenter).content()
    assert (alone.value("apiType"), managed.value("apiType")) == ("HostAgent", "VirtualCenter")
    assert alone.value("instanceUuid") is None
    assert alone.value("customFieldsManager") is None
    assert managed.value("instanceUuid")


def test_hostile_names_are_there(vcenter: Simulator) -> None:
    names = set(machines(vcenter))
    wanted = {"[/]", "=cmd|x", "a%2fb", "c%5cd", "100%25", "esc\ufffd[31mred", "turn\u202etxt.exe", "سرور بایگانی"}
    assert wanted <= names
    assert {"nested-snapshots", "orphaned", "template-win", "powered-off"} <= names


def test_a_machine_without_configuration_has_none(vcenter: Simulator) -> None:
    orphan = machines(vcenter, "config.version", "runtime.connectionState")["orphaned"]
    assert orphan["runtime.connectionState"] == "orphaned"
    assert "config.version" not in orphan


def test_a_member_of_a_vapp_has_no_folder(vcenter: Simulator) -> None:
    assert "parent" not in machines(vcenter, "parent")["[/]"]
    assert "parentVApp" in machines(vcenter, "parentVApp")["[/]"]


def test_only_the_right_password_logs_in(vcenter: Simulator) -> None:
    assert PlainClient(vcenter).login(vcenter.username, "wrong").fault == "InvalidLogin"


def test_commands_change_what_is_served(start_simulator: Callable[..., Simulator]) -> None:
    simulator = start_simulator("-vms", "12")
    simulator.rename("srv-00001", "[/]")
    simulator.remove("srv-00002")
    simulator.snapshot("srv-00003", "old", days=40)
    simulator.reconfigure("srv-00004", cpus=32, memory_mib=65536, notes="خط یک\nخط دو", version="vmx-19")
    simulator.power("srv-00005", "off")
    simulator.add("srv-new")
    moved = simulator.move("srv-00006", "esx101.example.ir")
    found = machines(simulator, "config.hardware.numCPU", "config.version", "runtime.powerState", "runtime.host")
    assert {"[/]", "srv-new"} <= set(found)
    assert not {"srv-00001", "srv-00002"} & set(found)
    assert (found["srv-00004"]["config.hardware.numCPU"], found["srv-00004"]["config.version"]) == ("32", "vmx-19")
    assert found["srv-00005"]["runtime.powerState"] == "poweredOff"
    assert (found["srv-00006"]["ref"], found["srv-00006"]["runtime.host"]) == (
        moved,
        found["srv-00000"]["runtime.host"],
    )
    snapshot = logged_in(simulator).look_at("VirtualMachine", found["srv-00003"]["ref"], "snapshot.rootSnapshotList")
    assert "<name>old</name>" in snapshot.text


def test_a_refused_command_says_why(start_simulator: Callable[..., Simulator]) -> None:
    with pytest.raises(ValueError, match="no machine"):
        start_simulator("-vms", "1").remove("nobody")


def test_the_same_day_gives_the_same_machines(start_simulator: Callable[..., Simulator]) -> None:
    flags = ("-vms", "20", "-hostile", "-now", "2024-03-19T00:00:00Z")
    paths = ("config.createDate", "config.uuid", "config.instanceUuid", "runtime.bootTime", "config.changeVersion")
    assert machines(start_simulator(*flags), *paths) == machines(start_simulator(*flags), *paths)


def test_files_that_no_machine_owns_are_on_the_datastore(office_after: Simulator) -> None:
    client = logged_in(office_after)
    stores = client.retrieve("Datastore", "name", "browser").text
    browser = next(
        re.findall(r">(datastoreBrowser-[^<]+)<", piece)[0]
        for piece in stores.split("<objects>")
        if "SAN-LUN02" in piece
    )
    task = client.call(
        "SearchDatastoreSubFolders_Task",
        f'<_this type="HostDatastoreBrowser">{browser}</_this><datastorePath>[SAN-LUN02]</datastorePath>',
    ).value("returnval")
    files = client.look_at("Task", task or "", "info").text
    assert "<folderPath>[SAN-LUN02] old-portal/</folderPath>" in files
    assert "<path>Print.vmx</path>" in files


def test_it_ends_when_its_input_closes() -> None:
    with Simulator.start("-vms", "1") as simulator:
        assert simulator.process.poll() is None
    assert simulator.process.returncode == 0


def test_pages_of_the_simulator_itself(start_simulator: Callable[..., Simulator]) -> None:
    client = logged_in(start_simulator("-vms", "25", "-page", "10"))
    answer = client.retrieve("VirtualMachine", "name", most=4)
    assert len(answer.objects) == 4
    seen = list(answer.objects)
    while (token := answer.value("token")) is not None:
        answer = client.more(token)
        seen += answer.objects
    assert len(set(seen)) == len(seen) == 25
    assert len(client.retrieve("VirtualMachine", "name").objects) == 10


@pytest.mark.parametrize("flags", [("-office", "sideways"), ("-office", "before", "-esx", "-host", "esx09")])
def test_an_office_that_does_not_exist_is_refused(vcenter: Simulator, flags: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [BINARY, *flags], check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 1
    assert "office" in ended.stderr
