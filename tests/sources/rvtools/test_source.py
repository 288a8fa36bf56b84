"""Exports as offices have them: old, partial, broken, many."""

import csv
import os
import zipfile
from datetime import UTC, datetime
from itertools import islice

import pytest

from itops.errors import ConfigInvalid, InputInvalid, SourceUnavailable
from itops.inventory.devices import disks_of, nics_of
from itops.inventory.entities import Kind
from itops.inventory.records import vm_of
from itops.sources.rvtools import RvtoolsSource, Settings, guard, tables
from tests.inventory.factory import SEEN_AT, host_entity, office, vm_entity, vm_uuid
from tests.sources.rvtools.books import book, changed_part, export, export_csv, observations, seen

UUID = "5021AAAA-0000-4000-8000-000000000001"


def test_nothing_is_touched_before_it_is_looked_at(tmp_path):
    RvtoolsSource("old", Settings(path=tmp_path / "absent", timezone="nowhere")).observe(SEEN_AT)


def test_a_folder_gives_one_observation_for_each_export_oldest_first(tmp_path):
    export(tmp_path / "b.xlsx", office(1), created_at=datetime(2026, 9, 1, 6, 0, tzinfo=UTC))
    export(tmp_path / "a.xlsx", office(1), created_at=datetime(2026, 10, 1, 6, 0, tzinfo=UTC))
    (tmp_path / "2026-08").mkdir()
    (tmp_path / "~$a.xlsx").write_bytes(b"a lock file of a spreadsheet")
    export_csv(tmp_path / "2026-08", office(1))
    found = observations(tmp_path)
    assert [it.observed_at.month for it in found] == [9, 10, 10]
    assert len({it.fingerprint for it in found}) == 3
    assert found[0].fingerprint == observations(tmp_path)[0].fingerprint
    assert [it.observed_at.day for it in observations(tmp_path / "*.xlsx")] == [1, 1]


def test_the_export_time_is_the_workbooks_own_in_the_office_zone(tmp_path):
    made = book(
        tmp_path / "RVTools_export_all_2020-01-01_00.00.00.xlsx",
        {
            "vInfo": [["VM", "VM UUID"], ["srv01", UUID]],
            "vMetaData": [["RVTools version", "xlsx creation datetime"], ["4.6.1.0", datetime(2024, 8, 18, 10, 30)]],
        },
    )
    assert observations(made)[0].observed_at == datetime(2024, 8, 18, 7, 0, tzinfo=UTC)
    assert observations(made, timezone="UTC")[0].observed_at == datetime(2024, 8, 18, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RVTools_export_all_2024-08-18_10.30.05.xlsx", datetime(2024, 8, 18, 10, 30, 5, tzinfo=UTC)),
        ("RVTools_export_all_20240818.xlsx", datetime(2024, 8, 18, tzinfo=UTC)),
        ("report 1403-05-28.xlsx", datetime(2024, 8, 18, tzinfo=UTC)),
    ],
)
def test_without_metadata_the_name_tells_the_time_in_either_calendar(tmp_path, name, expected):
    made = book(tmp_path / name, {"vInfo": [["VM"], ["srv01"]]})
    assert observations(made, timezone="UTC")[0].observed_at == expected


def test_without_any_time_the_files_own_is_taken_and_said(tmp_path):
    made = book(tmp_path / "servers.xlsx", {"vInfo": [["VM"], ["srv01"]]})
    os.utime(made, (1_700_000_000, 1_700_000_000))
    assert observations(made)[0].observed_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert "workbook.time-guessed" in {gap.code for gap in seen(made)[1]}


def test_old_headers_and_numbers_as_text_are_understood(tmp_path):
    made = book(
        tmp_path / "old.xlsx",
        {
            "vInfo": [
                ["VM", "Powerstate", "Template", "Memory", "Provisioned MB", "In Use MB", "VM UUID", "vCenter UUID"],
                ["srv01", "poweredOn", "False", "8,192", 2048, 1024, UUID, "A1"],
            ],
            "vPartition": [["VM", "Disk", "Capacity MB", "Consumed MB", "Free % "], ["srv01", "C:\\", 100, 60, 40]],
        },
    )
    (vm, *_), gaps = seen(made)
    record = vm_of(vm)
    assert (record.memory_bytes, record.storage_used_bytes, record.is_template) == (8 * 1024**3, 1024**3, False)
    assert vm.get("summary.storage.uncommitted") == 1024**3
    assert vm.get("guest.disk") == [{"diskPath": "C:\\", "capacity": 100 * 2**20, "freeSpace": 40 * 2**20}]
    assert vm.get("config.uuid") == UUID, "before 4.3.1 this was the SMBIOS UUID"
    assert vm.get("config.instanceUuid") is None
    assert vm.key == UUID.lower()
    assert "identity.smbios-only" in {gap.code for gap in gaps}


def test_internal_names_are_read(tmp_path):
    made = book(
        tmp_path / "internal.xlsx",
        {"vInfo": [["vInfoVMName", "vInfoUUID", "vInfoCPUs", "vInfoInUse"], ["srv01", UUID, 4, 512]]},
    )
    record = vm_of(seen(made)[0][0])
    assert (record.name, record.cpu_count, record.storage_used_bytes) == ("srv01", 4, 512 * 2**20)


def test_missing_sheets_are_gaps_that_hide_their_kinds(tmp_path):
    entities, gaps = seen(book(tmp_path / "few.xlsx", {"vInfo": [["VM", "SMBIOS UUID", "VM UUID"], ["a", "", UUID]]}))
    assert {it.kind for it in entities} == {Kind.VM}
    hidden = {gap.subject: gap.hides for gap in gaps if gap.code == "workbook.missing-sheet"}
    assert hidden["sheet vHost"] == {Kind.HOST}
    assert hidden["sheet vDatastore"] == {Kind.DATASTORE, Kind.DATASTORE_CLUSTER}
    assert hidden["sheet vDisk"] == frozenset()
    assert not any(Kind.VM in hides for hides in hidden.values())
    assert all(gap.remedy for gap in gaps)


def test_a_sheet_without_its_first_column_hides_its_kind(tmp_path):
    _, gaps = seen(book(tmp_path / "odd.xlsx", {"vInfo": [["Name of it", "CPUs"], ["a", 1]]}))
    assert {gap.code: gap.hides for gap in gaps}["workbook.missing-columns"] == {Kind.VM}


def test_without_a_uuid_a_vm_is_told_apart_by_its_id_and_a_gap_says_so(tmp_path):
    headers = ["VM", "VM ID", "SMBIOS UUID", "VM UUID"]
    made = book(
        tmp_path / "ids.xlsx", {"vInfo": [headers, ["a", "vm-1", "", ""], ["b", "", "", ""], ["c", "", UUID, ""]]}
    )
    entities, gaps = seen(made)
    assert {it.key for it in entities} == {"old:vm-1", "old:b", UUID.lower()}
    assert {gap.code for gap in gaps} >= {"identity.by-name"}


def test_two_vms_with_one_uuid_are_both_kept_and_named(tmp_path):
    headers = ["VM", "VM ID", "SMBIOS UUID", "VM UUID"]
    rows = [["a", "vm-1", "", UUID], ["copy of a", "vm-2", "", UUID]]
    disks = [["VM", "VM ID", "Disk", "Capacity MiB"], ["copy of a", "vm-2", "Hard disk 1", 1024]]
    entities, gaps = seen(book(tmp_path / "copy.xlsx", {"vInfo": [headers, *rows], "vDisk": disks}))
    assert [it.key for it in entities] == [UUID.lower(), f"{UUID.lower()}@vm-2"]
    assert [len(disks_of(it)) for it in entities] == [0, 1]
    assert "identity.duplicate" in {gap.code for gap in gaps}


def test_of_two_vms_with_one_uuid_the_same_one_keeps_it_whatever_the_order_of_the_rows(tmp_path):
    header = ["VM", "VM ID", "VM UUID", "SMBIOS UUID"]
    rows = [["one", "vm-1", UUID, UUID], ["two", "vm-2", UUID, UUID]]
    for name, order in (("a.xlsx", rows), ("b.xlsx", rows[::-1])):
        entities, _ = seen(book(tmp_path / name, {"vInfo": [header, *order]}))
        assert {it.name for it in entities if it.key == UUID.lower()} == {"one"}


def test_an_export_that_was_shown_nothing_ends_nothing(tmp_path):
    headers = {"vInfo": [["VM", "VM UUID"]], "vHost": [["Host", "UUID"]]}
    entities, gaps = seen(book(tmp_path / "empty.xlsx", headers))
    assert not entities
    empty = [gap for gap in gaps if gap.code == "workbook.empty-sheet"]
    assert {gap.subject for gap in empty} == {"sheet vInfo", "sheet vHost"}
    assert {Kind.VM, Kind.HOST} <= {kind for gap in empty for kind in gap.hides}


def test_a_merged_workbook_keeps_vms_of_two_servers_with_the_same_id_apart(tmp_path):
    headers = ["VM", "VM ID", "SMBIOS UUID", "VM UUID", "VI SDK Server", "VI SDK UUID"]
    rows = [["a", "vm-1", "", vm_uuid(1), "vc01", "u1"], ["b", "vm-1", "", vm_uuid(2), "vc02", "u2"]]
    nics = [["VM", "VM ID", "NIC label", "Mac Address", "VI SDK Server", "VI SDK UUID"],
            ["b", "vm-1", "Network adapter 1", "00:50:56:00:00:02", "vc02", "u2"]]  # fmt: skip
    entities, _ = seen(book(tmp_path / "merged.xlsx", {"vInfo": [headers, *rows], "vNetwork": nics}))
    vms = [it for it in entities if it.kind is Kind.VM]
    assert [(it.name, len(nics_of(it))) for it in vms] == [("a", 0), ("b", 1)]
    assert sorted(it.get("at.server") for it in entities if it.kind is Kind.ENDPOINT) == ["vc01", "vc02"]


def test_a_host_with_a_junk_uuid_is_told_apart_by_name(tmp_path):
    junk = host_entity(1, {"hardware.systemInfo.uuid": "00000000-0000-0000-0000-000000000000"})
    entities, gaps = seen(export(tmp_path / "junk.xlsx", [junk]))
    assert next(it.key for it in entities if it.kind is Kind.HOST) == "old:host-21"
    assert "identity.by-name" in {gap.code for gap in gaps}


def test_cells_that_do_not_fit_their_column_are_counted_in_one_gap(tmp_path):
    headers = ["VM", "CPUs", "PowerOn", "Template"]
    made = book(tmp_path / "bad.xlsx", {"vInfo": [headers, ["a", "four", "03/04/2026 10:00:00", "maybe"], ["b", 2]]})
    entities, gaps = seen(made)
    assert [vm_of(it).cpu_count for it in entities] == [None, 2]
    assert "runtime.bootTime" not in entities[0].properties, "3 April or 4 March? not guessed"
    (gap,) = [gap for gap in gaps if gap.code == "workbook.unreadable-cells"]
    assert gap.subject == "3 cells"
    assert "'four' in vInfo 'CPUs'" in gap.problem


def test_csv_of_another_region_is_read(tmp_path):
    folder = tmp_path / "RVTools_2024-08-18"
    folder.mkdir()
    with (folder / "RVTools_tabvInfo.csv").open("w", encoding="cp1256", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["VM", "Powerstate", "PowerOn", "Memory", "Annotation", "VM UUID"])
        writer.writerow(["srv01", "poweredOn", "1403/05/28 10:30:00", "8.192", "سرور", UUID])
    (vm, *_), _ = seen(folder, timezone="UTC")
    assert (vm.get("config.annotation"), vm.get("config.hardware.memoryMB")) == ("سرور", 8192)
    assert vm.get("runtime.bootTime") == "2024-08-18T10:30:00Z"


# -- files that are not what they say


def broken_files(folder):
    good = export(folder / "good.xlsx", office(1)).read_bytes()
    return {
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "random": bytes(range(256)) * 40,
        "html": b"<html><body><table><tr><td>VM</td></tr></table></body></html>",
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "flipped": good[:2000] + bytes(255 - it for it in good[2000:2600]) + good[2600:],
    }


@pytest.mark.parametrize("name", ["empty", "truncated", "random", "html", "xls", "flipped"])
def test_a_file_that_is_no_workbook_fails_alone_with_place_and_remedy(tmp_path, name):
    bad = tmp_path / f"2020-01-01 {name}.xlsx"
    bad.write_bytes(broken_files(tmp_path)[name])
    first, second = observations(tmp_path)
    with pytest.raises(InputInvalid, match=name) as failure:
        list(first.seen)
    assert failure.value.remedy
    assert sum(1 for _ in second.seen) > 5


def test_a_zip_without_a_workbook_and_one_with_a_password_are_refused(tmp_path):
    plain = tmp_path / "plain.xlsx"
    with zipfile.ZipFile(plain, "w") as made:
        made.writestr("readme.txt", "hello")
    with pytest.raises(InputInvalid, match="no workbook"):
        list(observations(plain)[0].seen)
    good = bytearray(export(tmp_path / "locked.xlsx", office(1)).read_bytes())
    place = good.find(b"PK\x01\x02")
    good[place + 8] |= 1
    (tmp_path / "locked.xlsx").write_bytes(good)
    with pytest.raises(InputInvalid, match="encrypted"):
        list(observations(tmp_path / "locked.xlsx")[0].seen)


def test_a_workbook_of_something_else_is_refused_with_a_way_out(tmp_path):
    made = book(tmp_path / "budget.xlsx", {"Sheet1": [["Item", "Price"], ["x", 1]]})
    with pytest.raises(InputInvalid, match="Sheet1") as failure:
        list(observations(made)[0].seen)
    assert "column_map" in failure.value.remedy


def test_a_zip_bomb_stops_at_the_cap(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "MAX_RATIO_FROM_BYTES", 1024**2)
    bomb = changed_part(export(tmp_path / "bomb.xlsx", office(1)), "xl/media/image1.png", b"\0" * 40 * 1024**2)
    with pytest.raises(InputInvalid, match="trap"):
        list(observations(bomb)[0].seen)


def test_a_directory_that_lies_about_sizes_does_not_hide_a_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "MAX_RATIO_FROM_BYTES", 1024**2)
    bomb = changed_part(export(tmp_path / "bomb.xlsx", office(1)), "xl/media/image1.png", b"\0" * 40 * 1024**2)
    raw = bomb.read_bytes()
    bomb.write_bytes(raw.replace((40 * 1024**2).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(InputInvalid):
        list(observations(bomb)[0].seen)


HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
ROWS = (
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>VM</t></is></c></row>'
    b'<row r="2"><c r="A2" t="inlineStr"><is><t>srv01</t></is></c></row>'
)


def claiming(tmp_path, dimension: bytes, more: bytes):
    sheet = HEAD + b'<dimension ref="' + dimension + b'"/><sheetData>' + ROWS + more + b"</sheetData></worksheet>"
    return changed_part(export(tmp_path / "claims.xlsx", []), "xl/worksheets/sheet1.xml", sheet)


@pytest.mark.parametrize(
    "more",
    [b"", b'<row r="1048576" spans="1:90"/>', b'<row r="1048576"><c r="CL1048576" s="1"/></row>'],
    ids=["the dimension", "an empty row", "a formatted cell"],
)
def test_a_sheet_that_only_claims_a_million_rows_costs_nothing(tmp_path, more):
    entities, _ = seen(claiming(tmp_path, b"A1:CL1048576", more))
    assert [it.name for it in entities if it.kind is Kind.VM] == ["srv01"]


@pytest.mark.parametrize(
    "more",
    [
        b'<row r="1048576"><c r="CL1048576"><v>1</v></c></row>',
        b"<row r='1048576'><c r='CL1048576'><v>1</v></c></row>",
        b'<row r="3"><c r="XFD3"><v>1</v></c></row><row r="900000"><c r="A900000"><v>1</v></c></row>',
    ],
)
def test_a_stray_value_in_the_last_corner_is_refused_before_it_eats_the_memory(tmp_path, more):
    made = claiming(tmp_path, b"A1", more)
    with pytest.raises(InputInvalid, match="stray"):
        list(observations(made)[0].seen)


def test_rows_beyond_the_cap_are_a_gap_that_hides(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    entities, gaps = seen(export(tmp_path / "many.xlsx", [vm_entity(number) for number in range(4)]))
    assert sum(it.kind is Kind.VM for it in entities) == 2
    assert {gap.subject: gap.hides for gap in gaps if gap.code == "workbook.rows-cut"}["sheet vInfo"] == {Kind.VM}


def test_an_unreadable_place_and_a_wrong_zone_say_so(tmp_path):
    with pytest.raises(SourceUnavailable, match="there is no export"):
        observations(tmp_path / "absent.xlsx")
    with pytest.raises(SourceUnavailable, match="there is no export"):
        observations(tmp_path)
    with pytest.raises(ConfigInvalid, match="not a time zone"):
        observations(tmp_path, timezone="Mars/Olympus")


def test_a_future_export_is_taken_as_now_and_said(tmp_path):
    made = export(tmp_path / "future.xlsx", office(1))
    (observation,) = RvtoolsSource("old", Settings(path=made)).observe(SEEN_AT.replace(year=2025))
    assert observation.observed_at == SEEN_AT.replace(year=2025)
    assert "workbook.time-guessed" in {getattr(it, "code", "") for it in observation.seen}


def test_the_stream_begins_at_once_and_may_be_dropped(tmp_path):
    (observation,) = observations(export(tmp_path / "big.xlsx", office(5)))
    assert len(list(islice(observation.seen, 2))) == 2
