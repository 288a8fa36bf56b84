"""Which disk is mounted: what a machine tells, laid out as Linux lays it out."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.backup.custody.manifests import ID_FILE
from itops.errors import InputInvalid
from itops.tasks.mounted_medium import Machine, MediumNote, kernel_uuid, note_text


class FakeMachine:
    """A machine whose disks are files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mount = folder / "mnt" / "a disk"
        for part in ("mnt/a disk", "sys/dev/block", "dev/disk/by-uuid", "udev"):
            (folder / part).mkdir(parents=True)
        self.mountinfo = ["22 27 0:21 / /proc rw - proc proc rw", "27 1 254:0 / / rw - ext4 /dev/vda rw"]

    def mounted_at(self, source: str, number: str = "8:17", kind: str = "ext4", point: Path | None = None) -> None:
        shown = os.path.realpath(point or self.mount).replace(" ", "\\040")
        self.mountinfo.append(f"90 27 {number} / {shown} rw,relatime shared:1 - {kind} {self.folder}{source} rw")

    def write(self, path: str, content: str | bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def link(self, path: str, target: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).symlink_to(self.folder / target)

    def partition(self, number: str = "8:17") -> None:
        """sdb1 of sdb."""
        self.write("sys/devices/sdb/sdb1/partition", "1\n")
        self.link(f"sys/dev/block/{number}", "sys/devices/sdb/sdb1")

    def machine(self, ask_kernel: Callable[[Path], str] = lambda folder: "") -> Machine:
        self.write("mountinfo", "\n".join(self.mountinfo) + "\n")
        return Machine(
            mounts=self.folder / "mountinfo",
            sys=self.folder / "sys",
            dev=self.folder / "dev",
            udev=self.folder / "udev",
            ask_kernel=ask_kernel,
        )


@pytest.fixture
def fake(tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path)


def test_what_udev_noted_is_told(fake: FakeMachine) -> None:
    fake.mounted_at("/dev/sdb1")
    fake.partition()
    notes = ("S:disk/by-id/x", "E:ID_SERIAL_SHORT=WD-WX11", "E:ID_FS_UUID=5E2A-91BC", "E:ID_FS_TYPE=exfat")
    fake.write("udev/b8:17", "\n".join([*notes, "E:ID_MODEL=Elements_25A2", ""]))
    told = fake.machine().mounted(fake.mount)
    assert (told.device_serial, told.file_system_uuid, told.file_system) == ("WD-WX11", "5E2A-91BC", "exfat")
    assert told.model == "Elements 25A2"


def test_without_udev_the_links_and_the_small_files_of_the_system_tell(fake: FakeMachine) -> None:
    fake.mounted_at("/dev/sdb1")
    fake.partition()
    fake.write("dev/sdb1", "")
    fake.write("dev/sdc1", "")
    fake.link("dev/disk/by-uuid/1111", "dev/sdc1")
    fake.link("dev/disk/by-uuid/2222", "dev/sdb1")
    fake.write("sys/devices/sdb/device/model", "Elements 25A2   \n")
    fake.write("sys/devices/sdb/device/vendor", "WD      \n")
    fake.write("sys/devices/sdb/device/vpd_pg80", b"\x00\x80\x00\x08WX11D   ")
    told = fake.machine().mounted(fake.mount)
    assert (told.device_serial, told.file_system_uuid, told.file_system) == ("WX11D", "2222", "ext4")
    assert (told.maker, told.model) == ("WD", "Elements 25A2")


def test_an_encrypted_disk_is_known_by_the_disk_below_it(fake: FakeMachine) -> None:
    fake.mounted_at("/dev/dm-0", number="253:0")
    fake.write("sys/devices/sdb/sdb1/partition", "1\n")
    fake.link("sys/devices/dm-0/slaves/sdb1", "sys/devices/sdb/sdb1")
    fake.link("sys/dev/block/253:0", "sys/devices/dm-0")
    fake.write("sys/devices/sdb/device/serial", "S-42\n")
    assert fake.machine().mounted(fake.mount).device_serial == "S-42"


def test_a_file_system_over_several_disks_is_none_of_them(fake: FakeMachine) -> None:
    fake.mounted_at("/dev/md0", number="9:0")
    for disk in ("sdb", "sdc"):
        fake.write(f"sys/devices/{disk}/serial", f"S-{disk}\n")
        fake.link(f"sys/devices/md0/slaves/{disk}", f"sys/devices/{disk}")
    fake.link("sys/dev/block/9:0", "sys/devices/md0")
    assert fake.machine().mounted(fake.mount).device_serial == ""


@pytest.mark.parametrize("serial", ["000000000000", "0123456789ABCDEF", "123456789012", "------", "AAAA"])
def test_a_serial_number_that_cheap_cases_give_to_every_disk_is_none(fake: FakeMachine, serial: str) -> None:
    fake.mounted_at("/dev/sdb1")
    fake.write("udev/b8:17", f"E:ID_SERIAL_SHORT={serial}\n")
    assert fake.machine().mounted(fake.mount).device_serial == ""


def test_the_mount_nearest_to_the_folder_and_mounted_last_counts(fake: FakeMachine) -> None:
    fake.mounted_at("/dev/sda1", "8:1", point=fake.folder / "mnt")
    fake.mounted_at("/dev/sdb1", "8:17")
    fake.mounted_at("/dev/sdc1", "8:33")
    fake.mounted_at("/dev/sdd1", "8:49", point=fake.folder / "mnt" / "a")
    fake.write("udev/b8:33", "E:ID_FS_UUID=last\n")
    (fake.mount / "below").mkdir()
    assert fake.machine().mounted(fake.mount / "below").file_system_uuid == "last"


def test_the_kernel_is_asked_where_nothing_else_tells(fake: FakeMachine) -> None:
    assert fake.machine(lambda folder: "from-kernel").mounted(fake.mount).file_system_uuid == "from-kernel"


def test_this_machine_itself_can_be_asked(tmp_path: Path) -> None:
    told = Machine().mounted(tmp_path)
    assert told.capacity_bytes >= told.free_bytes > 0
    assert told.note is None
    assert told.file_system_uuid or not kernel_uuid(tmp_path)


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "nothing", tmp_path / "file"):
        with pytest.raises(InputInvalid, match="cannot read"):
            Machine().mounted(path)


def test_a_note_behind_a_link_is_no_note(fake: FakeMachine) -> None:
    (fake.folder / "note").write_text(note_text(MediumNote(medium="M0001-3")))
    (fake.mount / ID_FILE).symlink_to(fake.folder / "note")
    assert fake.machine().mounted(fake.mount).note is None


def test_the_note_on_a_medium_comes_back(fake: FakeMachine) -> None:
    note = MediumNote(medium="M0001-3", manifest_hash="ab" * 32, row=7, row_hash="cd" * 32)
    (fake.mount / ID_FILE).write_text(note_text(note))
    assert fake.machine().mounted(fake.mount).note == note


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80)
    | st.dictionaries(
        st.sampled_from(["medium", "row", "row_hash", "x"]),
        st.none() | st.integers() | st.text(max_size=9) | st.just("M0001-3"),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_note_at_all_is_read_or_none(fake: FakeMachine, content: bytes) -> None:
    (fake.mount / ID_FILE).write_bytes(content)
    note = fake.machine().mounted(fake.mount).note
    assert note is None or note.medium == "M0001-3"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40), max_size=4))
def test_any_list_of_mounts_at_all_is_read(fake: FakeMachine, lines: list[str]) -> None:
    fake.mountinfo = lines
    assert fake.machine().mounted(fake.mount).folder == fake.mount
