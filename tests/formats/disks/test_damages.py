"""What each kind of disk notices of the damages that happen on the way, and honestly what it does not."""

from pathlib import Path

import pytest

from itops.backup.formats import Format
from itops.backup.levels import Level
from itops.formats.disks.qcow2 import Qcow2
from itops.formats.disks.vdi import Vdi
from itops.formats.disks.vhd import Vhd
from itops.formats.disks.vhdx import Vhdx
from itops.formats.disks.vmdk import Vmdk
from tests.formats.disks import written
from tests.formats.disks.looking import codes, lone, looked
from tests.makers.damages import DAMAGES
from tests.makers.vhdx_writer import written as written_vhdx

UNSEEN = "no-checksums"
EVERYWHERE = {"zero bytes": "empty", "all zeros": "all-zero", "HTML error page": "html-page"}
IN_DATA = {
    "one bit flipped in the middle": UNSEEN,
    "one bit flipped near the end": UNSEEN,
    "4 KiB zeroed in the middle": UNSEEN,
    "tail zeroed (a quarter)": UNSEEN,
}
LENGTH = {"cut by 1 byte": "cut", "cut in half": "cut", "junk appended": "junk-appended"}
EXPECTED: dict[str, tuple[Format, dict[str, str]]] = {
    "vhdx": (
        Vhdx(),
        # five MiB: headers, log, block table, metadata, data; nothing that is used lies in the middle
        {**EVERYWHERE, **LENGTH, **IN_DATA, "one bit flipped in the header": UNSEEN, "CRLF-mangled": UNSEEN},
    ),
    "vhd": (
        Vhd(),
        {
            **EVERYWHERE,
            **LENGTH,
            **IN_DATA,
            "one bit flipped in the header": "checksum-mismatch",
            "tail zeroed (a quarter)": "header-damaged",
            "CRLF-mangled": "checksum-mismatch",
        },
    ),
    "vdi": (
        Vdi(),
        {
            **EVERYWHERE,
            **LENGTH,
            **IN_DATA,
            "one bit flipped in the header": UNSEEN,  # in the sentence that nobody reads
            "CRLF-mangled": "line-endings",
        },
    ),
    "qcow2": (
        Qcow2(),
        {
            **EVERYWHERE,
            **LENGTH,
            **IN_DATA,
            "one bit flipped in the header": "header-damaged",
            "one bit flipped in the middle": "structure-damaged",  # the first entry of its first-level table
            "CRLF-mangled": UNSEEN,  # its 8192 line feeds are all in its data, and make whole sectors
        },
    ),
    "vmdk": (
        Vmdk(),
        {
            **EVERYWHERE,
            **LENGTH,
            **IN_DATA,
            "one bit flipped in the header": "header-damaged",
            "CRLF-mangled": "line-endings",
        },
    ),
    "vmdk stream": (
        Vmdk(),
        {
            **EVERYWHERE,
            "cut by 1 byte": "unfinished",
            "cut in half": "unfinished",
            "one bit flipped in the header": "header-damaged",
            "one bit flipped in the middle": "none",  # padding before the first grain
            "one bit flipped near the end": "structure-damaged",
            "4 KiB zeroed in the middle": "none",
            "tail zeroed (a quarter)": "unfinished",
            "junk appended": "unfinished",
            "CRLF-mangled": "line-endings",
        },
    ),
}


def good(name: str, folder: Path) -> bytes:
    match name:
        case "vhdx":
            return written_vhdx(folder / "disk.vhdx").read_bytes()
        case "vmdk":
            return written.vmdk_sparse()
        case "vmdk stream":
            return written.vmdk_stream()
        case "vhd":
            return written.vhd()
        case "vdi":
            return written.vdi()
    return written.qcow2()


CASES = [
    pytest.param(name, damage, id=f"{name}: {damage}") for name in EXPECTED for damage in sorted(EXPECTED[name][1])
]


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_what_is_noticed(name: str, damage: str, tmp_path: Path) -> None:
    kind, expected = EXPECTED[name]
    damaged = DAMAGES[damage](good(name, tmp_path))
    found = looked(lone(damaged, f"disk.{name.split(maxsplit=1)[0]}"), kind)
    assert codes(found)[:1] == ([] if expected[damage] == "none" else [expected[damage]])


@pytest.mark.parametrize("name", EXPECTED)
def test_every_damage_is_in_the_table(name: str) -> None:
    assert set(EXPECTED[name][1]) == set(DAMAGES)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_good_one_reaches_the_highest_its_kind_can(name: str, tmp_path: Path) -> None:
    kind, _ = EXPECTED[name]
    found = looked(lone(good(name, tmp_path)), kind)
    assert found.faults == ()
    assert found.level is (Level.INTACT if name == "vmdk stream" else Level.COMPLETE)
    assert found.identity is not None
    assert found.identity.facts["virtual_size_bytes"]


@pytest.mark.parametrize("name", ["vhd", "vdi", "qcow2", "vmdk"])
@pytest.mark.parametrize("missing", [1, 511, 512, 513, 4096])
def test_no_end_can_go_missing_unnoticed(name: str, missing: int, tmp_path: Path) -> None:
    data = good(name, tmp_path)[:-missing]
    assert codes(looked(lone(data), EXPECTED[name][0])) == ["cut"]
