"""Disks, exports and repositories made by their real programs: qemu-img, restic, slapcat."""

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from itops.backup.formats import Format
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.formats.disks.qcow2 import Qcow2
from itops.formats.disks.vdi import Vdi
from itops.formats.disks.vhd import Vhd
from itops.formats.disks.vhdx import Vhdx
from itops.formats.disks.vmdk import Vmdk
from itops.formats.disks.vmdk_folder import VmdkFolder
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine
from itops.formats.ldif import Ldif
from itops.formats.ova import Ova
from itops.formats.restic_folder import ResticRepository
from itops.repositories.local import file_thing, folder_thing
from tests.formats.disks import written
from tests.makers import (
    ldif_file,
    ova_file,
    qcow2_file,
    restic_folder,
    vdi_file,
    vhd_file,
    vhdx_file,
    vmdk_sparse,
    vmdk_stream,
)
from tests.makers.damages import DAMAGES
from tests.makers.raw_disk import converted, raw_bytes
from tests.makers.vhdx_writer import written as written_vhdx

pytestmark = pytest.mark.e2e

Maker = Callable[[Path], Path]
DATA = {"one bit flipped in the middle", "one bit flipped near the end", "4 KiB zeroed in the middle"}
TAIL = {"tail zeroed (a quarter)"}
# what is not noticed: data without a checksum, and a bit of a creator's name
MADE: dict[str, tuple[Format, Maker, Maker, set[str]]] = {
    "vhdx": (Vhdx(), vhdx_file.good, vhdx_file.another, {*DATA, *TAIL, "one bit flipped in the header"}),
    "vhd": (Vhd(), vhd_file.good, vhd_file.another, DATA),
    "vdi": (Vdi(), vdi_file.good, vdi_file.another, {*DATA, *TAIL}),
    "qcow2": (Qcow2(), qcow2_file.good, qcow2_file.another, {*DATA, *TAIL}),
    "vmdk": (Vmdk(), vmdk_sparse.good, vmdk_sparse.another, {*DATA, *TAIL}),
    "vmdk stream": (Vmdk(), vmdk_stream.good, vmdk_stream.another, set()),
    "ova": (Ova(), ova_file.good, ova_file.another, set()),
    "ldif": (
        Ldif(),
        ldif_file.good,
        ldif_file.another,
        {
            "one bit flipped in the header",
            "one bit flipped in the middle",
            "one bit flipped near the end",
            "CRLF-mangled",
        },
    ),
}


def seen(path: Path, scratch: Path, *formats: Format) -> Examination:
    thing = folder_thing(path) if path.is_dir() else file_thing(path)
    return examine(thing, formats, BoundedEffort(level=Level.INTACT, scratch=scratch))


@pytest.mark.parametrize("name", MADE)
def test_a_good_one_has_no_fault_and_another_is_told_apart_where_it_carries_a_name(name: str, tmp_path: Path) -> None:
    kind, good, another, _ = MADE[name]
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    found, other = seen(good(first), tmp_path, kind), seen(another(second), tmp_path, kind)
    assert found.faults == other.faults == ()
    assert found.level is (Level.INTACT if name in {"vmdk stream", "ova"} else Level.COMPLETE)
    assert found.sha256 != other.sha256
    assert found.identity is not None
    assert other.identity is not None
    if name in {"ova", "ldif"}:
        assert found.identity.object != other.identity.object


@pytest.mark.parametrize("name", MADE)
def test_damages(name: str, tmp_path: Path) -> None:
    kind, good, _, unseen = MADE[name]
    path = good(tmp_path)
    data = path.read_bytes()
    unnoticed = set()
    for damage, damaged in DAMAGES.items():
        path.write_bytes(damaged(data))
        if not seen(path, tmp_path, kind).faults:
            unnoticed.add(damage)
    assert unnoticed == unseen


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("qcow2", ("compat=0.10",), id="version 2"),
        pytest.param("qcow2", ("cluster_size=4k", "refcount_bits=1"), id="one bit a count"),
        pytest.param("qcow2", ("extended_l2=on",), id="sub-clusters"),
        pytest.param("qcow2", ("preallocation=metadata",), id="all tables at once"),
        pytest.param("vhdx", ("subformat=fixed", "block_size=1M"), id="a fixed VHDX"),
        pytest.param("vpc", ("subformat=fixed",), id="a fixed VHD"),
        pytest.param("vdi", ("static=on",), id="a fixed VDI"),
        pytest.param("vmdk", ("subformat=monolithicSparse", "adapter_type=lsilogic"), id="a sparse VMDK"),
    ],
)
def test_every_shape_of_qemu_img_is_whole(kind: str, options: tuple[str, ...], tmp_path: Path) -> None:
    path = converted(tmp_path, 3, kind, *options, size=(3 << 20) + 7 * 512)
    found = seen(path, tmp_path, Vhdx(), Vhd(), Vdi(), Qcow2(), Vmdk())
    assert (found.level, found.faults) == (Level.COMPLETE, ())
    path.write_bytes(path.read_bytes()[:-1])
    assert seen(path, tmp_path, Vhdx(), Vhd(), Vdi(), Qcow2(), Vmdk()).faults or kind == "vpc"


@pytest.mark.parametrize("subformat", ["monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat"])
def test_a_disk_in_several_files_is_whole_only_with_all_of_them(subformat: str, tmp_path: Path) -> None:
    folder = tmp_path / "machine"
    folder.mkdir()
    converted(folder, 4, "vmdk", f"subformat={subformat}", name="disk.vmdk")
    assert seen(folder, tmp_path, VmdkFolder()).level is Level.COMPLETE
    (extent,) = (file for file in folder.iterdir() if file.name != "disk.vmdk")
    extent.write_bytes(extent.read_bytes()[:-1])
    assert [fault.code for fault in seen(folder, tmp_path, VmdkFolder()).faults] == ["cut"]
    extent.unlink()
    assert [fault.code for fault in seen(folder, tmp_path, VmdkFolder()).faults] == ["member-missing"]


def test_snapshots_and_compressed_clusters_are_walked(tmp_path: Path) -> None:
    raw = tmp_path / "disk.raw"
    raw.write_bytes(raw_bytes(5))
    path = tmp_path / "disk.qcow2"
    subprocess.run(["qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw, path], check=True)
    subprocess.run(["qemu-img", "snapshot", "-c", "before", path], check=True)
    found = seen(path, tmp_path, Qcow2())
    assert (found.level, found.faults) == (Level.COMPLETE, ())
    assert found.identity is not None
    assert found.identity.facts["snapshots"] == 1
    assert found.identity.facts["compressed_clusters"]


def test_whatever_qemu_img_check_calls_corrupt_we_do_not_call_complete(tmp_path: Path) -> None:
    """Sixty images with one changed byte in their tables."""
    path = converted(tmp_path, 6, "qcow2", "cluster_size=4k")
    good, chance, corrupt = path.read_bytes(), random.Random(6), 0
    for _ in range(60):
        cluster, place = chance.choice([1, 2, 3, 4]), chance.randrange(400)
        data = bytearray(good)
        data[cluster * 4096 + place] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        verdict = subprocess.run(["qemu-img", "check", "-f", "qcow2", path], check=False, capture_output=True)
        if verdict.returncode in {1, 2}:  # 3: leaked clusters only
            corrupt += 1
            assert seen(path, tmp_path, Qcow2()).level is not Level.COMPLETE, (cluster, place)
    assert corrupt > 5


HAND = {
    "qcow2": (written.qcow2, 0x1 << 16, b"q"),
    "vdi": (written.vdi, 0, b"b"),
    "vpc": (written.vhd, 2 << 20, b"d"),
    "vmdk": (written.vmdk_sparse, 1 << 16, b"a"),
    "vmdk stream": (written.vmdk_stream, 3 << 16, b"b"),
}


@pytest.mark.parametrize("name", HAND)
def test_qemu_reads_what_the_tests_write_by_hand(name: str, tmp_path: Path) -> None:
    make, place, letter = HAND[name]
    source, target = tmp_path / "disk", tmp_path / "disk.raw"
    source.write_bytes(make())
    arguments = ["-f", name.split(maxsplit=1)[0], "-O", "raw", source, target]
    subprocess.run(["qemu-img", "convert", *arguments], check=True)
    assert target.read_bytes()[place : place + 8] == letter * 7 + b"\n"


def test_qemu_reads_the_vhdx_written_by_hand(tmp_path: Path) -> None:
    path, target = written_vhdx(tmp_path / "disk.vhdx"), tmp_path / "disk.raw"
    subprocess.run(["qemu-img", "convert", "-f", "vhdx", "-O", "raw", path, target], check=True)
    assert target.read_bytes().startswith(b"sectorsector")


def test_a_repository_of_restic_is_checked_and_every_flip_outside_its_config_is_found(tmp_path: Path) -> None:
    repository = restic_folder.good(tmp_path)
    found = seen(repository, tmp_path, ResticRepository())
    assert (found.level, [limit.code for limit in found.limits]) == (Level.COMPLETE, ["partly-checked"])
    assert found.identity is not None
    assert found.identity.facts["snapshots"] == 2
    for file in [file for file in repository.rglob("*") if file.is_file() and file.name != "config"]:
        data = file.read_bytes()
        file.chmod(0o600)
        file.write_bytes(data[:-30] + bytes([data[-30] ^ 1]) + data[-29:])
        assert seen(repository, tmp_path, ResticRepository()).faults, file
        file.write_bytes(data)
    assert not seen(repository, tmp_path, ResticRepository()).faults
