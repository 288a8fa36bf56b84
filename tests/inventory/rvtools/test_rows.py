"""What an entity becomes in the workbook."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.entities import Kind
from itops.inventory.rvtools.catalogue import catalogue
from itops.inventory.rvtools.estate import Estate
from itops.inventory.rvtools.rows import Layout
from tests.inventory.factory import (
    ABSENT,
    GIB,
    cluster_entity,
    datastore_entity,
    endpoint_entity,
    host_entity,
    license_entity,
    office,
    portgroup_entity,
    reader_of,
    vm_devices,
    vm_entity,
)
from tests.inventory.rvtools.sheets import rows_of

MUST_HAVES = {  # columns that importers were found to insist on
    "vInfo": "VM ID,VM,Cluster,VI SDK UUID,VM UUID,Template,SRM Placeholder,Powerstate,CPUs,Memory,NICs,Disks,"
    "In Use MiB,Provisioned MiB,OS according to the configuration file,Creation date,Host,Datacenter",
    "vHost": "Host,Datacenter,Cluster,CPU Model,Speed,# CPU,Cores per CPU,# Cores,CPU usage %,# Memory,Memory usage %",
    "vPartition": "VM UUID,VM,Disk,Capacity MiB,Consumed MiB,Powerstate",
    "vMemory": "VM UUID,VM,Size MiB,Reservation",
}


@pytest.mark.parametrize("sheet", MUST_HAVES)
def test_what_importers_insist_on_is_filled_for_a_normal_vm(sheet):
    for row in rows_of(sheet, office()):
        assert {header: row[header] for header in MUST_HAVES[sheet].split(",") if row[header] is None} == {}


def test_a_vm_row_carries_api_values_in_the_units_of_the_sheet():
    row = rows_of("vInfo", office())[0]
    assert row["Memory"] == 8192
    assert row["In Use MiB"] == 90 * 1024
    assert row["Provisioned MiB"] == 160 * 1024
    assert row["Total disk capacity MiB"] == 160 * 1024
    assert row["PowerOn"] == datetime(2026, 9, 30, 21, 15, tzinfo=UTC)
    assert row["HW version"] == 19
    assert row["EnableUUID"] == "TRUE"
    assert row["Overall Cpu Readiness"] == "1%"
    assert row["Network #1"] == "Servers"
    assert row["Network #2"] is None
    assert row["HA Restart Priority"] == "high", "its own override"
    assert rows_of("vInfo", office())[1]["HA Restart Priority"] == "medium", "the cluster's default"
    assert row["Cluster rule name(s)"] == "two controllers"


def test_what_the_map_does_not_contain_gives_an_empty_cell():
    orphan = vm_entity(9)
    lost = type(orphan)(
        kind=Kind.VM, key=orphan.key, ref="vm-9", source="vc01", seen_at=orphan.seen_at, properties={"name": "lost"}
    )
    for sheet in ("vInfo", "vCPU", "vMemory", "vTools"):
        row = rows_of(sheet, [lost])[0]
        assert {header: cell for header, cell in row.items() if cell is not None} == {"VM": "lost", "VM ID": "vm-9"}
    assert rows_of("vDisk", [lost]) == []


def test_a_lone_esxi_counts_devices_itself_and_lends_its_hardware_uuid_to_the_server():
    gone = {
        "at.server_uuid": ABSENT,
        "summary.config.numEthernetCards": ABSENT,
        "summary.config.numVirtualDisks": ABSENT,
    }
    host = host_entity(1, {"at.server_uuid": ABSENT})
    about = endpoint_entity({"at.server_uuid": ABSENT, "content.about.instanceUuid": ABSENT})
    row = rows_of("vInfo", [about, host, vm_entity(1, {**gone, "at.cluster": ABSENT})])[0]
    assert (row["NICs"], row["Disks"]) == (1, 2)
    assert row["VI SDK UUID"] == host.properties["hardware.systemInfo.uuid"]
    assert row["Cluster"] is None


def test_sockets_are_empty_where_the_host_decides_and_never_divide_by_zero():
    automatic = vm_entity(1, {"config.hardware.autoCoresPerSocket": True})
    zero = vm_entity(2, {"config.hardware.numCoresPerSocket": 0})
    assert [row["Sockets"] for row in rows_of("vCPU", [automatic, zero, vm_entity(3)])] == [None, None, 2]


def test_custom_attributes_and_tags_stand_between_annotation_and_datacenter_in_alphabetical_order():
    entities = [vm_entity(1, {"at.custom_attributes": {"zeta": "1", "Alpha": "2"}}), vm_entity(2)]
    estate = Estate.survey(reader_of(entities))
    headers = Layout(catalogue().sheet("vDisk"), estate).headers
    start = headers.index("Annotation")
    assert headers[start : start + 7] == ("Annotation", "Alpha", "Owner", "role", "zeta", "Backup", "Datacenter")
    rows = rows_of("vInfo", entities)
    assert [row["Alpha"] for row in rows] == ["2", None]
    assert rows[0]["Backup"] == "daily, weekly"


def test_on_hosts_attributes_stand_before_the_uuid_and_tags_after_it():
    host = host_entity(1, {"at.custom_attributes": {"Rack": "A3"}, "at.tags": {"Room": ["1"]}})
    headers = Layout(catalogue().sheet("vHost"), Estate.survey(reader_of([host]))).headers
    start = headers.index("Object ID")
    assert headers[start : start + 4] == ("Object ID", "Rack", "UUID", "Room")


def test_a_disk_row_names_its_controller_and_what_the_guest_calls_it():
    row = rows_of("vDisk", office())[1]
    assert (row["Disk"], row["Disk Key"], row["Disk Path"]) == ("Hard disk 2", "2001", "D:\\")
    assert (row["Controller"], row["Label"]) == ("VMware paravirtual SCSI", "SCSI controller 0")
    assert (row["SCSI Unit #"], row["Unit #"], row["Shared Bus"]) == (7, 1, "noSharing")
    assert row["Raw"] is False


def test_partition_numbers_are_whole_mib_and_percent():
    row = rows_of("vPartition", office())[0]
    assert (row["Capacity MiB"], row["Consumed MiB"], row["Free MiB"], row["Free %"]) == (61440, 40960, 20480, 33)
    assert row["Disk Key"] == "2000"


def test_addresses_of_adapters_inside_the_guest_are_nobodys():
    inside = {"macAddress": "00:50:56:00:00:01", "deviceConfigId": -1, "ipAddress": ["172.17.0.1"]}
    vm = vm_entity(1, {"guest.net": [inside, *vm_entity(1).properties["guest.net"]]})
    row = rows_of("vNetwork", [vm])[0]
    assert (row["IPv4 Address"], row["IPv6 Address"]) == ("192.0.2.2", "fe80::1")
    assert row["Adapter"] == "Vmxnet3"


def test_a_card_without_a_resolved_switch_finds_it_through_its_hosts_port_groups():
    devices = [{**device, "switch": None} for device in vm_devices(1)]
    row = rows_of("vNetwork", [host_entity(1), vm_entity(1, {"config.hardware.device": devices})])[0]
    assert row["Switch"] == "vSwitch0"


def test_snapshots_are_walked_to_the_last_child_however_deep():
    tree = None
    for depth in range(3000):
        tree = {"name": f"s{depth}", "snapshot": f"snapshot-{depth}", "childSnapshotList": [tree] if tree else []}
    rows = rows_of("vSnapshot", [vm_entity(1, {"snapshot.rootSnapshotList": [tree], "layoutEx.snapshot": ABSENT})])
    assert len(rows) == 3000
    assert (rows[0]["Name"], rows[-1]["Name"]) == ("s2999", "s0")


def test_snapshot_sizes_come_from_its_files():
    row = rows_of("vSnapshot", office())[0]
    assert row["Filename"].endswith("Snapshot1.vmsn")
    assert row["Size MiB (vmsn)"] == 1.5
    assert row["Size MiB (total)"] == 2048 + 1.5


def test_host_sums_are_over_its_running_vms():
    entities = [*office(3)[:-1], vm_entity(3, {"runtime.powerState": "poweredOff"})]
    row = rows_of("vHost", entities)[0]
    assert (row["# VMs total"], row["# VMs"], row["# vCPUs"], row["vRAM"]) == (3, 2, 8, 16384)
    assert row["VMs per Core"] == 2 / 40
    assert (row["CPU usage %"], row["Memory usage %"]) == (14, 50)
    assert row["Service tag"] == "CZJ0000001"
    assert row["DNS Servers"] == "198.51.100.10, 198.51.100.11"


def test_datastore_numbers_and_names():
    row = rows_of("vDatastore", office())[0]
    assert (row["Capacity MiB"], row["In Use MiB"], row["Free %"]) == (10485760, 8388608, 20)
    assert row["Provisioned MiB"] == 9437184
    assert row["Hosts"] == "esx01.example.ir, esx02.example.ir"
    assert (row["Address"], row["# Extents"], row["Version"]) == ("naa.600508b1001c0001", 1, "6.82")
    assert row["Cluster capacity MiB"] == 20971520


def test_an_nfs_datastore_shows_server_and_path_and_nothing_of_vmfs():
    info = {"_type": "NasDatastoreInfo", "nas": {"remoteHost": "198.51.100.9", "remotePath": "/export"}}
    row = rows_of("vDatastore", [datastore_entity(1, {"info": info, "summary.type": "NFS"})])[0]
    assert (row["Address"], row["# Extents"], row["Major Version"]) == ("198.51.100.9:/export", None, None)


def test_paths_and_policy_of_a_lun():
    row = rows_of("vMultiPath", office())[0]
    assert (row["Path 1 state"], row["Path 2"], row["Path 3"]) == ("active", "vmhba1:C0:T1:L1", None)
    assert (row["Policy"], row["Oper. State"], row["Datastore"]) == ("VMW_PSP_RR", "ok", "ds-ssd-1")


def test_a_nic_whose_link_is_down_has_no_speed():
    rows = rows_of("vNIC", [host_entity(1)])
    assert [(row["Speed"], row["Duplex"], row["Switch"]) for row in rows] == [
        (10000, True, "vSwitch0"),
        (None, None, None),
    ]


def test_trunks_show_their_ranges():
    config = {"vlan": {"vlanId": [{"start": 1, "end": 9}, {"start": 20, "end": 20}]}}
    rows = rows_of("dvPort", [portgroup_entity(), portgroup_entity({"config.defaultPortConfig": config})])
    assert [row["VLAN"] for row in rows] == ["30", "1-9, 20-20"]
    assert rows[0]["Active Uplink"] == "Uplink 1, Uplink 2"


def test_a_source_may_ask_for_a_structure_whole_or_in_parts():
    parts = cluster_entity()
    whole = {path: value for path, value in parts.properties.items() if not path.startswith("configurationEx")}
    inner = {
        path.removeprefix("configurationEx."): value
        for path, value in parts.properties.items()
        if path.startswith("configurationEx.")
    }
    changed = cluster_entity({**dict.fromkeys(parts.properties, ABSENT), **whole, "configurationEx": inner})
    assert rows_of("vCluster", [changed]) == rows_of("vCluster", [parts])
    assert rows_of("vCluster", [parts])[0]["Restart Priority"] == "medium"


def test_licence_keys_can_be_hidden_and_an_end_is_shown_as_the_server_wrote_it():
    assert rows_of("vLicense", [license_entity()])[0]["Key"] == "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"
    row = rows_of("vLicense", [license_entity()], hidden=["licenseKey"])[0]
    assert row["Key"] is None
    assert (row["Labels"], row["Features"]) == ("Alborz", "vSphere vMotion, vSphere HA")
    assert row["Expiration Date"] == "2027-03-20T00:00:00Z"


def test_files_of_a_datastore_have_no_friendly_path_on_vsan():
    files = [
        {"path": "srv01.vmdk", "folder": "[ds-ssd-1] srv01/", "type": "VmDiskFileInfo", "size": GIB},
        {"path": "srv02.vmdk", "folder": "[vsan] 5f4e3d2c-0000-4000-8000-000000000001/", "type": None, "size": 1},
    ]
    rows = rows_of("vFileInfo", [datastore_entity(1, {"at.files": files})])
    assert [row["Friendly Path Name"] for row in rows] == ["[ds-ssd-1] srv01/srv01.vmdk", None]
    assert rows[0]["File Size in bytes"] == GIB


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(path=st.sampled_from(sorted(vm_entity(1).properties)), value=JSON)
def test_no_property_of_any_shape_breaks_a_vm_row(path, value):
    entities = [vm_entity(1, {path: value})]
    for sheet in catalogue().sheets:
        if sheet.kind is Kind.VM:
            for row in rows_of(sheet.name, entities):
                assert all(cell is None or isinstance(cell, str | int | float | datetime) for cell in row.values())


@given(path=st.sampled_from(sorted(host_entity(1).properties)), value=JSON)
def test_no_property_of_any_shape_breaks_a_host_row(path, value):
    for sheet in catalogue().sheets:
        if sheet.kind is Kind.HOST:
            rows_of(sheet.name, [host_entity(1, {path: value})])


OFFICE = office(1)


def _places(value, place=()):
    """Every place inside a structure, as keys and positions."""
    yield place
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _places(inner, (*place, step))


INSIDE = [(at, place) for at, it in enumerate(OFFICE) for place in _places(dict(it.properties)) if place]


@given(where=st.sampled_from(INSIDE), value=JSON)
def test_no_value_of_any_shape_anywhere_inside_a_property_breaks_a_row(where, value):
    at, place = where
    properties = deepcopy(dict(OFFICE[at].properties))
    inner: Any = properties
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    changed = [*OFFICE[:at], replace(OFFICE[at], properties=properties), *OFFICE[at + 1 :]]
    for sheet in catalogue().sheets:
        if sheet.kind is OFFICE[at].kind:
            rows_of(sheet.name, changed)


def test_what_no_vm_of_a_host_or_pool_told_is_empty_and_not_zero():
    silent = dict.fromkeys(["summary.quickStats.swappedMemory", "summary.quickStats.guestMemoryUsage"], ABSENT)
    (row,) = rows_of("vHost", [host_entity(1), vm_entity(1, silent)])
    assert (row["# VMs"], row["VM Memory Swapped"], row["VM Used memory"]) == (1, None, None)
    (idle,) = rows_of("vHost", [host_entity(1), vm_entity(1, {**silent, "runtime.powerState": "poweredOff"})])
    assert (idle["# VMs"], idle["VM Memory Swapped"]) == (0, 0)


def test_vms_that_are_listed_and_were_not_seen_are_not_counted_as_switched_off():
    (unseen,) = rows_of("vDatastore", [datastore_entity(1, {"vm": ["vm-801", "vm-802"]})])
    assert (unseen["# VMs total"], unseen["# VMs"]) == (2, None)
    (empty,) = rows_of("vDatastore", [datastore_entity(1, {"vm": []})])
    assert (empty["# VMs total"], empty["# VMs"]) == (0, 0)


def test_an_override_that_says_as_the_cluster_is_the_clusters_setting():
    settings = {
        "restartPriority": "clusterRestartPriority",
        "isolationResponse": "clusterIsolationResponse",
        "vmToolsMonitoringSettings": {"clusterSettings": True, "vmMonitoring": "vmAndAppMonitoring"},
    }
    clusters = [
        cluster_entity(),
        cluster_entity({"configurationEx.dasVmConfig": [{"key": "vm-101", "dasSettings": settings}]}),
    ]
    headers = ("HA Restart Priority", "HA Isolation Response", "HA VM Monitoring")
    other, own = (
        [rows_of("vInfo", [one, vm_entity(number)])[0][h] for h in headers]
        for number, one in zip((2, 1), clusters, strict=True)
    )
    assert own == other
    assert None not in own
