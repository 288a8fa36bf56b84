"""An exported Hyper-V machine; a simulation."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.hyperv import HyperVExport
from tests.formats.disks.looking import codes, files_of, folder, looked
from tests.makers.damages import DAMAGES
from tests.makers.hyperv_folder import CHECKPOINT, MACHINE, good, vmcx
from tests.makers.vhdx_writer import written

CONFIGURATION = f"Virtual Machines/{MACHINE}.vmcx"
SYSTEM, CHILD = "Virtual Hard Disks/system.vhdx", "Virtual Hard Disks/system_CHECK.avhdx"
XML = """<?xml version="1.0" encoding="UTF-16"?><configuration>
<properties><name type="string">Payroll</name></properties>
<controller0><drive0><pathname type="string">D:\\VMs\\data.vhd</pathname></drive0></controller0></configuration>"""


@cache
def export() -> dict[str, bytes]:
    with TemporaryDirectory() as place:
        return files_of(good(Path(place)))


def changed(name: str, data: bytes | None) -> dict[str, bytes]:
    files = {**export(), name: data}
    return {name: data for name, data in files.items() if data is not None}


def test_a_whole_export_is_complete_and_named() -> None:
    found = looked(folder(export()), HyperVExport())
    assert (found.format, found.level, codes(found)) == ("hyperv-export", Level.COMPLETE, ["no-checksums"])
    assert found.identity is not None
    assert found.identity.object == "Insurance"
    facts = {"machines": 1, "disks": 2, "checkpoints": 1, "virtual_size_bytes": 2 << 20}
    assert facts.items() <= found.identity.facts.items()


def test_the_folder_above_the_export_will_do() -> None:
    found = looked(folder({f"Insurance/{name}": data for name, data in export().items()}), HyperVExport())
    assert found.level is Level.COMPLETE


def test_an_older_configuration_is_xml() -> None:
    files = {f"Virtual Machines/{MACHINE}.xml": XML.encode("utf-16")}
    found = looked(folder(files), HyperVExport())
    assert [(fault.code, fault.place) for fault in found.faults] == [("member-missing", "data.vhd")]
    assert found.identity is not None
    assert found.identity.object == "Payroll"


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        pytest.param(changed(CHILD, None), "member-missing", "system_CHECK.avhdx", id="the disk in use is gone"),
        pytest.param(changed(SYSTEM, None), "member-missing", "system.vhdx", id="the parent is gone"),
        pytest.param(changed(SYSTEM, b""), "empty", SYSTEM, id="an empty disk"),
        pytest.param(changed(SYSTEM, bytes(9000)), "all-zero", SYSTEM, id="a disk of zeros"),
        pytest.param(changed(SYSTEM, b"x" * 9000), "not-its-format", SYSTEM, id="a disk that is none"),
        pytest.param(changed(CONFIGURATION, b""), "empty", CONFIGURATION, id="an empty configuration"),
        pytest.param(changed(CONFIGURATION, b"x" * 9000), "header-damaged", CONFIGURATION, id="no configuration"),
        pytest.param(
            changed(CONFIGURATION, vmcx("Insurance", "other.vhdx")), "member-missing", "other.vhdx", id="another disk"
        ),
        pytest.param(
            changed(f"Snapshots/{CHECKPOINT}.vmcx", vmcx("old", "gone.vhdx")), "member-missing", "gone.vhdx", id="old"
        ),
    ],
)
def test_what_is_wrong(files: dict[str, bytes], code: str, place: str) -> None:
    found = looked(folder(files), HyperVExport())
    assert [(fault.code, fault.place) for fault in found.faults] == [(code, place)]


def test_a_parent_written_to_after_the_checkpoint_is_noticed(tmp_path: Path) -> None:
    touched = written(tmp_path / "system.vhdx", data_write_id=UUID(int=78)).read_bytes()
    found = looked(folder(changed(SYSTEM, touched)), HyperVExport())
    assert [(fault.code, fault.place) for fault in found.faults] == [("parent-changed", CHILD)]


def test_a_log_not_replayed_is_a_limit(tmp_path: Path) -> None:
    dirty = written(tmp_path / "system.vhdx", data_write_id=UUID(int=77), log_id=UUID(int=1)).read_bytes()
    found = looked(folder(changed(SYSTEM, dirty)), HyperVExport())
    assert (found.level, codes(found)) == (Level.IDENTIFIED, ["log-not-replayed"])


@pytest.mark.parametrize("damage", ["zero bytes", "cut by 1 byte", "cut in half", "all zeros", "junk appended"])
def test_damages_of_a_disk(damage: str) -> None:
    found = looked(folder(changed(SYSTEM, DAMAGES[damage](export()[SYSTEM]))), HyperVExport())
    assert [fault.place.partition(":")[0] for fault in found.faults] == [SYSTEM]


@given(st.integers(0, 0x3200), st.binary(max_size=30), st.integers(0, 0x5000))
def test_a_configuration_of_garbage(place: int, value: bytes, length: int) -> None:
    data = bytearray(export()[CONFIGURATION])
    data[place : place + len(value)] = value
    files = {CONFIGURATION: bytes(data[:length])}
    looked(folder(files), HyperVExport())


@given(st.text(max_size=100))
def test_an_xml_of_garbage(text: str) -> None:
    looked(folder({f"Virtual Machines/{MACHINE}.xml": text.encode("utf-8", "replace")}), HyperVExport())
