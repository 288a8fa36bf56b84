"""Entities to a workbook and back: what has an API path survives, nothing is invented."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.inventory.entities import Kind
from itops.inventory.records import cluster_of, datastore_of, host_of, license_of, vm_of
from itops.inventory.rvtools.catalogue import Derived, catalogue
from itops.inventory.rvtools.paths import Path
from itops.inventory.snapshots import snapshots_of
from tests.inventory.factory import host_uuid, office, vm_devices, vm_entity
from tests.inventory.rvtools.sheets import rows_of
from tests.sources.rvtools.books import export, export_csv, seen

SHEETS = [sheet.name for sheet in catalogue().sheets if sheet.kind]
# Derived cells that a workbook does not tell enough about; they come back empty, never wrong.
LOST = {
    "vInfo": {"Cluster rule(s)", "Cluster rule name(s)"},
    "vNetwork": {"Internal Sort Column"},
    "vTools": {"Upgradeable"},
    "vHost": {"CPU usage %", "Memory usage %"},
    "dvSwitch": {"# VMs"},
}


def rich_office():
    """The office with a VM that has a USB device, a raw disk and a second controller."""
    devices = [
        *vm_devices(4),
        {"_type": "VirtualUSBController", "key": 7000, "busNumber": 0, "ehciEnabled": True,
         "autoConnectDevices": False},
        {"_type": "VirtualUSB", "key": 11000, "controllerKey": 7000, "unitNumber": 0, "connected": True,
         "family": "storage", "speed": "high", "deviceInfo": {"label": "USB 1", "summary": "A lock"}},
        {"_type": "VirtualLsiLogicSASController", "key": 1001, "busNumber": 1, "sharedBus": "virtualSharing",
         "scsiCtlrUnitNumber": 7, "deviceInfo": {"label": "SCSI controller 1", "summary": "LSI Logic SAS"}},
        {"_type": "VirtualDisk", "key": 2016, "controllerKey": 1001, "unitNumber": 0, "capacityInKB": 1048576,
         "deviceInfo": {"label": "Hard disk 3"},
         "backing": {"_type": "VirtualDiskRawDiskMappingVer1BackingInfo", "lunUuid": "0200", "uuid": "6000C299",
                     "compatibilityMode": "physicalMode", "diskMode": "independent_persistent"}},
    ]  # fmt: skip
    return [*office(4)[:-1], vm_entity(4, {"config.hardware.device": devices, "at.tags": {}})]


@pytest.fixture(scope="module", params=[export, export_csv], ids=["xlsx", "csv"])
def both(request, tmp_path_factory):
    entities = rich_office()
    found, gaps = seen(request.param(tmp_path_factory.mktemp("trip") / "office.xlsx", entities))
    assert gaps == []
    return entities, found


@pytest.mark.parametrize("name", SHEETS)
def test_a_workbook_read_and_written_again_has_the_same_cells(both, name):
    before, after = (rows_of(name, entities) for entities in both)
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        for header, cell in old.items():
            if header in LOST.get(name, set()):
                continue
            if isinstance(cell, str):  # a CSV cell is one line
                assert str(new[header]).replace("\n", " ") == cell.replace("\n", " "), header
            else:
                assert new[header] == cell, header


def test_what_is_lost_comes_back_empty_never_made_up(both):
    for name, headers in LOST.items():
        for row in rows_of(name, both[1]):
            told = {header: row[header] for header in headers if row[header] is not None}
            assert set(told) <= {"Internal Sort Column"}


def test_every_cell_of_the_vm_sheets_that_is_a_plain_property_comes_back_as_that_property(both):
    (old, *_), (new, *_) = ([it for it in entities if it.kind is Kind.VM] for entities in both)
    paths = {
        column.source.key
        for sheet in catalogue().sheets
        if sheet.kind is Kind.VM
        for column in sheet.columns
        if isinstance(column.source, Path) and not column.source.is_of_item
    }
    texts = {path: value for path in paths if isinstance(value := old.get(path), str)}
    assert {path: str(new.get(path)).replace("\n", " ") for path in texts} == {
        path: value.replace("\n", " ") for path, value in texts.items()
    }
    numbers = {path: value for path in paths if isinstance(value := old.get(path), int)}
    assert {path: new.get(path) for path in numbers} == numbers


def test_typed_records_read_the_same_things_in_both(both):
    fields = {
        Kind.VM: (vm_of, "id name power_state is_template cpu_count memory_bytes disk_capacity_bytes disk_count "
                  "guest_os guest_host_name tools_status host cluster datacenter folder datastores instance_uuid "
                  "bios_uuid hardware_version created_at boot_at storage_used_bytes"),
        Kind.HOST: (host_of, "id name vendor model serial_number cpu_model cpu_core_count memory_bytes product_version "
                    "product_build boot_at cluster datacenter is_in_maintenance"),
        Kind.CLUSTER: (cluster_of, "name datacenter host_count memory_bytes is_ha_enabled is_drs_enabled"),
        Kind.DATASTORE: (datastore_of, "id name type is_accessible capacity_bytes free_bytes "
                         "uncommitted_bytes url hosts"),
        Kind.LICENSE: (license_of, "name key total_count used_count expires_at"),
    }  # fmt: skip
    for kind, (record, names) in fields.items():
        old, new = ([record(it) for it in entities if it.kind is kind] for entities in both)
        assert len(old) == len(new) > 0
        for name in names.split():
            assert [getattr(it, name) for it in old] == [getattr(it, name) for it in new], name


def test_a_vm_knows_the_hardware_uuid_of_its_host_and_the_host_its_vms(both):
    vms = [it for it in both[1] if it.kind is Kind.VM]
    assert {vm.get("at.host_uuid") for vm in vms} == {host_uuid(1)}
    host = next(it for it in both[1] if it.kind is Kind.HOST)
    assert host.get("vm") == [vm.ref for vm in vms]


def test_snapshots_keep_name_time_and_size(both):
    old, new = (snapshots_of(next(it for it in entities if it.kind is Kind.VM))[0] for entities in both)
    assert (new.name, new.created_at, new.size_bytes) == (old.name, old.created_at, old.size_bytes)


def test_custom_attributes_and_tags_come_back_as_attributes(both):
    vm = next(it for it in both[1] if it.kind is Kind.VM)
    assert vm.get("at.custom_attributes") == {"Owner": "Unit 3", "role": "sql", "Backup": "daily, weekly"}


def test_every_derivation_that_still_tells_something_is_read_backwards(both):
    derived = {
        (sheet.name, column.header)
        for sheet in catalogue().sheets
        if sheet.kind
        for column in sheet.columns
        if isinstance(column.source, Derived)
    }
    assert {(name, header) for name, headers in LOST.items() for header in headers} <= derived


SIGNS = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\ufffe\uffff")
TEXT = st.text(SIGNS, min_size=1, max_size=30)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXT.filter(lambda text: text.strip()), note=TEXT.filter(lambda text: text.strip()))
def test_any_name_and_note_survives_the_trip(tmp_path, name, note):
    bidi = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
    vm = vm_entity(1, {"name": name, "config.annotation": note})
    (found, *_), _ = seen(export(tmp_path / "trip.xlsx", [vm]))
    if name.translate(bidi).strip():
        assert found.name.strip() == name.translate(bidi).strip()
    assert (found.get("config.annotation") or "").strip() == note.translate(bidi).strip()
