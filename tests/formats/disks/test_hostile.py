"""Whatever bytes come: a fault or a limit, never another exception."""

import struct
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.formats.disks.qcow2 import Qcow2
from itops.formats.disks.vdi import Vdi
from itops.formats.disks.vhd import Vhd
from itops.formats.disks.vhdx import Vhdx
from itops.formats.disks.vmdk import Vmdk
from itops.formats.disks.vmdk_folder import VmdkFolder
from tests.formats.disks import written
from tests.formats.disks.looking import folder, lone, looked
from tests.formats.disks.test_vmdk_folder import with_snapshot
from tests.makers.vhdx_writer import BAT_AT, KIB, METADATA_AT
from tests.makers.vhdx_writer import written as written_vhdx

ALL = (Vhdx(), Vhd(), Vdi(), Qcow2(), Vmdk())
MAGICS = (
    b"vhdxfile",
    b"conectix",
    b"<<< A Disk Image >>>\n",
    b"QFI\xfb\0\0\0\3",
    b"KDMV\1\0\0\0",
    b"# Disk DescriptorFile\n",
)
VALUES = st.sampled_from(
    [b"\0", b"\xff", b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"\0" * 8, b"\1\0\0\0", struct.pack("<Q", 1 << 40)]
)


@cache
def vhdx() -> bytes:
    with TemporaryDirectory() as place:
        return written_vhdx(Path(place, "disk.vhdx")).read_bytes()


GOOD = {
    "vhdx": (vhdx, [0, 64 * KIB, 192 * KIB, BAT_AT, METADATA_AT, METADATA_AT + 64 * KIB]),
    "vhd": (written.vhd, [0, 512, 1536]),
    "vdi": (written.vdi, [0, 0x150, 512]),
    "qcow2": (written.qcow2, [0, 1 << 16, 2 << 16, 3 << 16, 4 << 16]),
    "vmdk": (written.vmdk_sparse, [0, 512, 21 * 512, 26 * 512]),
    "stream": (written.vmdk_stream, [0, 128 * 512, 131 * 512, 136 * 512, 140 * 512]),
}


@given(st.sampled_from(MAGICS), st.binary(max_size=9000))
def test_garbage_behind_a_magic(magic: bytes, rest: bytes) -> None:
    for kind in ALL:
        looked(lone(magic + rest, "disk.vmdk"), kind)


@pytest.mark.parametrize("name", GOOD)
@given(data=st.data())
@settings(max_examples=40)
def test_a_good_disk_with_some_bytes_changed(name: str, data: st.DataObject) -> None:
    make, places = GOOD[name]
    image = bytearray(make())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.sampled_from(places)) + data.draw(st.integers(0, 120))
        value = data.draw(VALUES)
        image[at : at + len(value)] = value
    length = data.draw(st.one_of(st.just(len(image)), st.integers(0, len(image))))
    found = looked(lone(bytes(image[:length]), f"disk.{name}"), *ALL)
    assert found.level is not None or found.faults


@given(st.dictionaries(st.sampled_from(sorted(with_snapshot())), st.binary(max_size=600)))
def test_a_machine_with_files_of_garbage(changes: dict[str, bytes]) -> None:
    looked(folder({**with_snapshot(), **changes}), VmdkFolder())


@given(st.text(max_size=300), st.integers(0, 300))
def test_a_descriptor_of_garbage(text: str, cut: int) -> None:
    files = with_snapshot()
    files["machine.vmdk"] = files["machine.vmdk"][:cut] + text.encode("utf-8", "surrogatepass")
    looked(folder(files), VmdkFolder())
