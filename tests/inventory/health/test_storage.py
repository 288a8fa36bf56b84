import pytest

from itops.inventory.entities import Gap, Kind
from itops.verdict import State
from tests.inventory.health.estates import GIB, MIB, agent, datastore, disk, fires, found, placeholder, vm


def space(free: float, **more: object) -> dict:
    numbers = {"summary.capacity": 1000 * GIB, "summary.freeSpace": int(free * 10 * GIB), "summary.uncommitted": 0}
    return {**numbers, **more}


@pytest.mark.parametrize(
    ("percent", "state"),
    [(15, None), (14.9, State.WARNING), (5, State.WARNING), (4.9, State.CRITICAL), (0, State.CRITICAL)],
)
def test_free_space(percent: float, state: State | None) -> None:
    findings = found("datastore.free-low", datastore(space(percent)))
    assert [finding.state for finding in findings] == ([state] if state else [])


def test_a_threshold_of_the_office_is_followed() -> None:
    assert not fires("datastore.free-low", datastore(space(12)), settings={"datastore.free_ratio": 0.1})
    (finding,) = found("datastore.free-low", datastore(space(12)), settings={"datastore.critical_free_ratio": 0.2})
    assert finding.state is State.CRITICAL


def test_an_inaccessible_datastore_gets_no_numbers() -> None:
    lost = datastore(space(0, **{"summary.accessible": False, "summary.uncommitted": 9000 * GIB}))
    (finding,) = found("datastore.inaccessible", lost)
    assert finding.state is State.UNKNOWN
    assert finding.data == {}
    assert not fires("datastore.free-low", lost)
    assert not fires("datastore.overcommitted", lost)


def test_a_datastore_without_capacity_is_not_divided() -> None:
    assert not fires("datastore.free-low", datastore({"summary.capacity": 0, "summary.freeSpace": 0}))


@pytest.mark.parametrize(("uncommitted", "expected"), [(1000, False), (1001, True)])
def test_overcommitment_counts_what_is_used_and_promised(uncommitted: int, expected: bool) -> None:
    half_used = datastore(space(50, **{"summary.uncommitted": uncommitted * GIB}))
    assert fires("datastore.overcommitted", half_used) is expected


def crowd(count: int, power: str = "poweredOn") -> list:
    place = {"datastore": ["ds-1"], "runtime.powerState": power}
    return [vm(place, f"vm{number}") for number in range(count)]


@pytest.mark.parametrize(("count", "expected"), [(30, False), (31, True)])
def test_crowded_datastores(count: int, expected: bool) -> None:
    shared = datastore({"summary.type": "VMFS"}, ref="ds-1")
    assert fires("datastore.crowded", shared, *crowd(count)) is expected


def test_neither_vms_that_are_off_nor_vsan_make_a_crowd() -> None:
    assert not fires("datastore.crowded", datastore({"summary.type": "VMFS"}, ref="ds-1"), *crowd(40, "poweredOff"))
    assert not fires("datastore.crowded", datastore({"summary.type": "vsan"}, ref="ds-1"), *crowd(40))


def test_datastores_are_found_by_name_too() -> None:
    named = [vm({"at.datastores": ["ds01"]}, f"vm{number}") for number in range(31)]
    assert fires("datastore.crowded", datastore(), *named)


def files(*paths: str, name: str = "ds01", **more: str) -> object:
    found = [{"path": f"[{name}] {path}", "folder": "", "type": "VmDiskFileInfo", "size": 10 * MIB} for path in paths]
    return datastore({"at.files": found}, name, **more)


def using(*paths: str, name: str = "app01", **more: object) -> object:
    listed = [{"key": number, "name": path} for number, path in enumerate(paths)]
    return vm({"layoutEx.file": listed, "config.files.vmPathName": f"[ds01] {name}/{name}.vmx", **more}, name)


def zombies(*entities: object) -> list:
    return [finding.data["path"] for code in ("zombie.disk", "zombie.vm") for finding in found(code, *entities)]


def test_a_disk_that_nobody_uses_is_a_zombie_with_its_data() -> None:
    store = files("app01/app01.vmdk", "app01/app01-flat.vmdk", "old/old.vmdk", "old/old-flat.vmdk")
    (finding,) = found("zombie.disk", store, using("[ds01] app01/app01.vmdk"))
    assert finding.data == {"path": "[ds01] old/old.vmdk", "size_bytes": 20 * MIB}


@pytest.mark.parametrize(
    "path",
    [
        "app01/app01-ctk.vmdk",
        "nas/.snapshot/hourly/app01.vmdk",
        "app01_replica/app01.vmdk",
        "app01/app01_sesparse.vmdk",
        "app01/hbrdisk.RDID-1.vmdk",
        "app01/app01-digest.vmdk",
        "contentlib-1/iso/disk.vmdk",
        "vCLS-1/vCLS-1.vmdk",
        "fcd/0123.vmdk",
        "app01/app01.log",
    ],
)
def test_files_that_only_look_like_zombies(path: str) -> None:
    assert zombies(files(path), using("[ds01] app01/app01.vmdk")) == []


def test_a_disk_is_used_by_a_device_even_when_the_layout_is_old() -> None:
    attached = vm({"layoutEx.file": [{"key": 1}], "config.hardware.device": [disk(fileName="[ds01] x/x.vmdk")]})
    assert zombies(files("x/x.vmdk"), attached) == []


def test_placeholders_and_agents_use_their_files_too() -> None:
    place = {"layoutEx.file": [{"key": 1, "name": "[ds01] x/x.vmdk"}]}
    for owner in (placeholder(place), agent(place)):
        assert zombies(files("x/x.vmdk"), owner) == []


def test_disks_of_a_vm_in_another_vcenter_that_shares_the_datastore_are_used() -> None:
    here = files("x/x.vmdk", key="volume-1")
    there = datastore({}, "renamed-there", key="volume-1", source="vc02")
    owner = vm({"layoutEx.file": [{"key": 1, "name": "[renamed-there] x/x.vmdk"}]}, source="vc02")
    assert zombies(here, there, owner, using("[ds01] app01/app01.vmdk")) == []


def test_nothing_in_the_folder_of_a_vm_that_could_not_be_read_is_a_zombie() -> None:
    store = files("lost/lost.vmdk", "lost/sub/more.vmdk", "other/other.vmdk")
    unread = vm({"config.files.vmPathName": "[ds01] lost/lost.vmx"}, "lost")
    assert zombies(store, unread, using("[ds01] app01/app01.vmdk")) == ["[ds01] other/other.vmdk"]


def test_nothing_beside_a_disk_of_a_vm_that_could_not_be_read_is_a_zombie() -> None:
    store = files("data/lost-000001.vmdk", "data/lost.vmdk", "other/other.vmdk")
    delta = disk(fileName="[ds01] data/lost-000001.vmdk", parent={"fileName": "[ds01] data/lost.vmdk"})
    unread = vm({"config.files.vmPathName": "[ds01] lost/lost.vmx", "config.hardware.device": [delta]}, "lost")
    assert zombies(store, unread, using("[ds01] app01/app01.vmdk")) == ["[ds01] other/other.vmdk"]


def test_datastores_of_one_name_in_two_datacenters_are_not_confused() -> None:
    first = files("a/a.vmdk", "b/b.vmdk", key="volume-1", ref="ds-1")
    second = files("a/a.vmdk", "b/b.vmdk", key="volume-2", ref="ds-2")
    on_first = using("[ds01] a/a.vmdk", name="a", datastore=["ds-1"])
    on_second = using("[ds01] b/b.vmdk", name="b", datastore=["ds-2"])
    left = [(one.subject_id, one.data["path"]) for one in found("zombie.disk", first, second, on_first, on_second)]
    assert left == [("volume-1", "[ds01] b/b.vmdk"), ("volume-2", "[ds01] a/a.vmdk")]
    nobody_knows = [using("[ds01] a/a.vmdk", name="a"), using("[ds01] b/b.vmdk", name="b")]
    assert zombies(first, second, *nobody_knows) == []


def test_an_orphaned_vm_without_any_path_protects_the_folder_of_its_name() -> None:
    assert zombies(files("lost/lost.vmdk"), vm({}, "lost"), using("[ds01] app01/app01.vmdk")) == []


def test_zombies_are_not_judged_without_the_file_lists_of_vms() -> None:
    assert zombies(files("x/x.vmdk"), vm({"config.files.vmPathName": "[ds01] app01/app01.vmx"})) == []


def test_an_unregistered_vm_is_a_zombie() -> None:
    store = files("app01/app01.vmx", "gone/gone.vmx", "tpl/tpl.vmtx", "nas/.snapshot/x.vmx")
    assert zombies(store, using("[ds01] app01/app01.vmdk")) == ["[ds01] gone/gone.vmx", "[ds01] tpl/tpl.vmtx"]


def test_a_failed_search_is_a_finding_and_other_gaps_are_not() -> None:
    def gap(code: str) -> Gap:
        return Gap(source="vc01", subject="datastore ds01", code=code, problem="no right", remedy="give it")

    store = datastore(key="volume-1")
    (finding,) = found(
        "datastore.search-failed", store, gaps=(gap("datastore.search-failed"), gap("permission.missing"))
    )
    assert (finding.subject_kind, finding.subject, finding.subject_id) == (Kind.DATASTORE, "ds01", "volume-1")
    assert finding.data == {"problem": "no right"}
    (unknown,) = found("datastore.search-failed", gaps=(gap("datastore.search-failed"),))
    assert unknown.subject_id == "vc01:ds01"
