"""WindowsImageBackup; a simulation."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.windows_image import WindowsImageBackup
from tests.formats.disks.looking import codes, files_of, folder, looked
from tests.makers.damages import DAMAGES
from tests.makers.windows_image_folder import DATED, good

TOP = f"APP01/{DATED}"
DISK = f"{TOP}/11111111-0000-0000-0000-000000000000.vhdx"
SPECIFICATION = f"{TOP}/BackupSpecs.xml"


@cache
def image() -> dict[str, bytes]:
    with TemporaryDirectory() as place:
        return files_of(good(Path(place)))


def changed(name: str, data: bytes | None) -> dict[str, bytes]:
    files = {**image(), name: data}
    return {name: data for name, data in files.items() if data is not None}


@pytest.mark.parametrize(
    ("files", "path"),
    [
        pytest.param(image(), "E:/WindowsImageBackup", id="the folder itself"),
        pytest.param({f"WindowsImageBackup/{name}": data for name, data in image().items()}, "E:/", id="the one above"),
        pytest.param(
            {name.removeprefix("APP01/"): data for name, data in image().items()},
            "E:/WindowsImageBackup/APP01",
            id="the one of the computer",
        ),
    ],
)
def test_a_whole_backup_is_complete_and_tells_computer_and_moment(files: dict[str, bytes], path: str) -> None:
    found = looked(folder(files, path), WindowsImageBackup())
    assert (found.format, found.level, codes(found)) == ("windows-image-backup", Level.COMPLETE, ["no-checksums"])
    assert found.identity is not None
    assert (found.identity.object, found.identity.server) == ("APP01", "APP01")
    assert found.identity.started_at == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    assert {"disks": 2, "backups": 1, "virtual_size_bytes": 4 << 20}.items() <= found.identity.facts.items()


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        pytest.param(
            changed("APP01/Catalog/GlobalCatalog", None),
            "member-missing",
            "APP01/Catalog/GlobalCatalog",
            id="no catalogue",
        ),
        pytest.param(
            changed("APP01/Catalog/BackupGlobalCatalog", b""), "empty", "APP01/Catalog/BackupGlobalCatalog", id="empty"
        ),
        pytest.param(changed(SPECIFICATION, None), "member-missing", f"{DATED}/BackupSpecs.xml", id="no specification"),
        pytest.param(changed(SPECIFICATION, b""), "empty", SPECIFICATION, id="an empty specification"),
        pytest.param(changed(SPECIFICATION, b"<a>"), "unfinished", SPECIFICATION, id="a cut specification"),
        pytest.param(changed(DISK, b""), "empty", DISK, id="an empty disk"),
    ],
)
def test_what_is_wrong(files: dict[str, bytes], code: str, place: str) -> None:
    found = looked(folder(files), WindowsImageBackup())
    assert [(fault.code, fault.place) for fault in found.faults] == [(code, place)]


def test_a_backup_without_disks_is_incomplete() -> None:
    files = {name: data for name, data in image().items() if not name.endswith(".vhdx")}
    assert codes(looked(folder(files), WindowsImageBackup())) == ["member-missing"]


@pytest.mark.parametrize("damage", ["cut by 1 byte", "cut in half", "all zeros", "junk appended"])
def test_damages_of_a_disk(damage: str) -> None:
    found = looked(folder(changed(DISK, DAMAGES[damage](image()[DISK]))), WindowsImageBackup())
    assert [fault.place.partition(":")[0] for fault in found.faults] == [DISK]


def test_of_two_backups_the_newest_speaks_and_must_be_whole() -> None:
    newer = "Backup 2026-11-22 203000"
    specification = SPECIFICATION.replace(DATED, newer)
    alone = {**image(), specification: image()[SPECIFICATION]}
    found = looked(folder(alone), WindowsImageBackup())
    assert [(fault.code, fault.place) for fault in found.faults] == [("member-missing", f"{newer}/*.vhdx")]
    found = looked(folder({**alone, DISK.replace(DATED, newer): image()[DISK]}), WindowsImageBackup())
    assert found.level is Level.COMPLETE
    assert found.identity is not None
    assert found.identity.started_at == datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert {"backups": 2, "disks": 1}.items() <= found.identity.facts.items()


def test_a_date_that_is_none_is_damage() -> None:
    files = {name.replace("2026-11-21", "2026-99-99"): data for name, data in image().items()}
    assert codes(looked(folder(files), WindowsImageBackup())) == ["structure-damaged"]


def test_folders_of_another_shape_are_not_ours() -> None:
    assert not WindowsImageBackup().recognises(folder({"Backup 2026-11-21/disk.vhdx": b"x", "a/b.vhdx": b"y"}))


@given(st.dictionaries(st.sampled_from(sorted(image())), st.binary(max_size=100)))
@settings(max_examples=40)
def test_garbage_is_damage(changes: dict[str, bytes]) -> None:
    looked(folder({**image(), **changes}), WindowsImageBackup())
