"""Reading the kernel's list of mounts."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.repositories.folder.mounts import (
    Mount,
    filesystem_uuid,
    mount_of,
    mounted_below,
    mounts_now,
    parse_mounts,
)

MOUNTINFO = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw
40 27 0:55 / /mnt/nas rw,relatime shared:9 master:1 - autofs systemd-1 rw,fd=40
41 40 0:56 / /mnt/nas rw,relatime shared:12 - nfs4 nas:/backup rw,vers=4.2
42 27 8:17 / /mnt/disk\040one rw - ntfs3 /dev/sdb1 rw
43 42 8:33 / /mnt/disk\040one/hr rw - ext4 /dev/sdc1 rw
44 27 0:60 / /mnt/بایگانی rw - cifs //fs01/archive rw
nonsense
"""
MOUNTS = parse_mounts(MOUNTINFO)


@pytest.mark.parametrize(
    ("path", "kind", "source"),
    [
        ("/srv/backup", "ext4", "/dev/vda1"),
        ("/mnt/nas/sql", "nfs4", "nas:/backup"),
        ("/mnt/nas", "nfs4", "nas:/backup"),
        ("/mnt/nas2", "ext4", "/dev/vda1"),
        ("/mnt/disk one/a", "ntfs3", "/dev/sdb1"),
        ("/mnt/disk one/hr/a", "ext4", "/dev/sdc1"),
        ("/mnt/بایگانی", "cifs", "//fs01/archive"),
    ],
)
def test_a_folder_lies_on_the_nearest_and_last_mount(path: str, kind: str, source: str) -> None:
    mount = mount_of(path, MOUNTS)
    assert mount is not None
    assert (mount.kind, mount.source) == (kind, source)


def test_what_is_mounted_inside_is_named_from_the_folder() -> None:
    assert mounted_below("/mnt/disk one", MOUNTS) == ("hr",)
    assert mounted_below("/mnt", MOUNTS) == ("disk one", "disk one/hr", "nas", "بایگانی")
    assert mounted_below("/mnt/nas", MOUNTS) == ()


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return  # no file can hold it
    assert isinstance(mount_of("/a", parse_mounts(text)), Mount | None)


def test_this_machine_has_a_root() -> None:
    if Path("/proc/self/mountinfo").exists():
        assert mount_of("/", mounts_now()) is not None


def test_a_file_system_is_known_by_the_device_its_uuid_leads_to(tmp_path: Path) -> None:
    (tmp_path / "AB12-CD34").symlink_to("/dev/null")
    device = os.stat("/dev/null").st_rdev
    assert filesystem_uuid(device, "nas:/backup", tmp_path) == "ab12-cd34"
    assert filesystem_uuid(0, "/dev/null", tmp_path) == "ab12-cd34"
    assert filesystem_uuid(device + 1, "/dev/not-there", tmp_path) is None
    assert filesystem_uuid(device, "nas:/backup", tmp_path / "not-there") is None
