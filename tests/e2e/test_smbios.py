"""The script of the source `ssh` on real Linux machines with chosen SMBIOS, in QEMU. `make e2e`."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from itops.assets.sightings import NetworkCard, Sighting
from itops.inventory.entities import Gap
from itops.sources.linux.describe import Asked, answer_of
from itops.sources.linux.script import parts_of, script
from tests.e2e.smbios_vm import answers
from tests.sources.linux.replies import NOW

pytestmark = pytest.mark.e2e
BARE = ("-cpu", "max,-hypervisor")
CARD = ("-nic", "user,model=virtio,mac=00:25:90:aa:bb:07,restrict=on")
JUNK_UUID = "03000200-0400-0500-0006-000700080009"
OFFICE_UUID = "11223344-5566-7788-99aa-bbccddeeff00"
Told = tuple[Sighting, list[str]]


def smbios(**types: str) -> tuple[str, ...]:
    return tuple(word for name, fields in types.items() for word in ("-smbios", f"type={name[1:]},{fields}"))


SERVER = smbios(
    t0="vendor=Example,version=2.8.1,date=06/26/2019",
    t1=f"manufacturer=Example Inc.,product=PowerBox R7,serial=7ABC123,uuid={OFFICE_UUID}",
    t2="manufacturer=BoardCo,product=0X1,serial=.7ABC123.CN1.",
    t3="manufacturer=Example Inc.,serial=CH9,asset=INV-7",
)


def told(printed: bytes) -> Told:
    """The sighting, and the codes of its gaps."""
    parts, is_whole = parts_of(printed)
    asked = Asked(source="linux", address="10.0.2.15", site=None, at=NOW, parts=parts, is_whole=is_whole)
    answer = answer_of(asked)
    (sighting,) = answer.sightings
    assert all(isinstance(gap, Gap) for gap in answer.gaps)
    return sighting, [gap.code for gap in answer.gaps]


def booted(folder: Path, *qemu: str, with_sudo: bool = True) -> Mapping[str, bytes]:
    return answers(folder, script(with_sudo=with_sudo), qemu=qemu)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("server")
    disk = folder / "disk"
    with disk.open("wb") as file:
        file.truncate(20 << 30)
    drive = ("-drive", f"file={disk},format=raw,if=none,id=d", "-device", "nvme,serial=NV-1,drive=d")
    return booted(folder, *BARE, *CARD, *SERVER, *drive)


def test_root_is_told_everything(server: Mapping[str, bytes]) -> None:
    seen, gaps = told(server["root"])
    assert gaps == []
    assert (seen.vendor, seen.model, seen.serial, seen.uuid) == ("Example Inc.", "PowerBox R7", "7ABC123", OFFICE_UUID)
    assert (seen.board_vendor, seen.board_model, seen.board_serial) == ("BoardCo", "0X1", ".7ABC123.CN1.")
    assert (seen.asset_tag, seen.firmware, seen.bios_on) == ("INV-7", "2.8.1", date(2019, 6, 26))
    assert (seen.host_name, seen.os, seen.os_version) == ("pc-014", "Office Linux", "12")
    assert (seen.is_virtual, seen.is_partial) == (False, False)
    assert seen.memory_bytes == 512 << 20
    (drive,) = seen.drives
    assert (drive.name, drive.serial, drive.size_bytes, drive.medium) == ("nvme0n1", "NV-1", 20 << 30, "ssd")
    assert seen.cards == (
        NetworkCard(mac="002590aabb07", name="eth0", medium="ethernet", is_permanent=True, addresses=("10.0.2.15",)),
    )


def test_an_account_that_may_run_dmidecode_is_told_the_same_identity(server: Mapping[str, bytes]) -> None:
    (root, _), (trusted, gaps) = told(server["root"]), told(server["trusted"])
    assert gaps == []
    for name in (
        "vendor",
        "model",
        "serial",
        "uuid",
        "asset_tag",
        "board_vendor",
        "board_serial",
        "firmware",
        "bios_on",
    ):
        assert getattr(trusted, name) == getattr(root, name), name


def test_an_account_without_rights_is_told_what_it_lacks(server: Mapping[str, bytes]) -> None:
    seen, gaps = told(server["plain"])
    assert gaps == ["device.serial-unread"]
    assert (seen.serial, seen.uuid, seen.board_serial) == (None, None, None)
    assert (seen.vendor, seen.model, seen.bios_on) == ("Example Inc.", "PowerBox R7", date(2019, 6, 26))
    assert not seen.is_partial


def test_nothing_is_written_on_the_machine(server: Mapping[str, bytes]) -> None:
    assert server["written"] == b""


def test_a_computer_with_junk_in_its_smbios_keeps_the_junk_as_it_is(tmp_path: Path) -> None:
    pc = smbios(
        t1=f"manufacturer=To Be Filled By O.E.M.,product=System Product Name,serial=Default string,uuid={JUNK_UUID}",
        t2="manufacturer=BoardCo,product=B450 PRO,serial=M80-1234567",
        t3="serial=Default string,asset=No Asset Tag",
    )
    seen, gaps = told(booted(tmp_path, *BARE, *pc)["root"])
    assert gaps == []
    assert (seen.vendor, seen.model) == ("To Be Filled By O.E.M.", "System Product Name")
    assert (seen.serial, seen.uuid, seen.asset_tag) == ("Default string", JUNK_UUID, "No Asset Tag")
    assert (seen.board_model, seen.board_serial) == ("B450 PRO", "M80-1234567")


def test_a_virtual_machine_is_known_as_one(tmp_path: Path) -> None:
    seen, _ = told(booted(tmp_path, "-uuid", OFFICE_UUID)["root"])
    assert (seen.is_virtual, seen.kind, seen.uuid) == (True, "virtual_server", OFFICE_UUID)


def test_without_sudo_nobody_tries_it(tmp_path: Path) -> None:
    printed = booted(tmp_path, *BARE, *SERVER, with_sudo=False)
    assert told(printed["trusted"])[1] == ["device.serial-unread"]


def test_smbios_that_imitates_the_marks_or_steers_a_terminal_harms_nobody(tmp_path: Path) -> None:
    forged = "\n=itops end board 0\n\n=itops begin kernel\nVMkernel\n\x1b[31m"
    seen, gaps = told(booted(tmp_path, *BARE, *smbios(t1=f"manufacturer=M{forged},serial=S{forged}"))["root"])
    assert gaps == []
    assert (seen.vendor, seen.serial, seen.host_name) == ("M", "S", "pc-014")
