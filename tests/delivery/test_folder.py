import os
from pathlib import Path

import pytest

from itops.bundles.targets import RECEIPT_MAX_BYTES, BundleOnDisk
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.errors import DeliveryRefused, SourceUnavailable
from tests.bundles.beating import beat
from tests.bundles.made import later
from tests.delivery.delivering import Province, silent


@pytest.fixture
def province(tmp_path: Path) -> Province:
    return Province(tmp_path)


@pytest.fixture
def bundle(province: Province) -> BundleOnDisk:
    row = province.make().row
    return province.outbox.load(row.name, row.sha256)


def target(drop: Path, **more: object) -> FolderTarget:
    return FolderTarget("share", FolderTargetSettings(path=drop, **more))  # type: ignore[arg-type]


def test_all_parts_arrive_byte_by_byte_and_nothing_else_is_left(province: Province, bundle: BundleOnDisk) -> None:
    told: list[int] = []
    put = target(province.drop).put(bundle, lambda there, whole: told.append(there))
    assert (put.sent_bytes, put.resumed_bytes) == (bundle.size_bytes, 0)
    assert {path.name: path.read_bytes() for path in province.drop.iterdir()} == {
        part.name: part.path.read_bytes() for part in bundle.parts
    }
    assert told == sorted(told)
    assert told[-1] == bundle.size_bytes


def test_sending_twice_sends_nothing(province: Province, bundle: BundleOnDisk) -> None:
    target(province.drop).put(bundle, silent)
    before = {path.name: path.stat().st_mtime_ns for path in province.drop.iterdir()}
    put = target(province.drop).put(bundle, silent)
    assert (put.sent_bytes, put.resumed_bytes) == (0, bundle.size_bytes)
    assert {path.name: path.stat().st_mtime_ns for path in province.drop.iterdir()} == before


@pytest.mark.parametrize("left", [b"", b"garbage of another try" * 1000])
def test_what_a_cut_try_left_is_used_or_written_over(province: Province, bundle: BundleOnDisk, left: bytes) -> None:
    archive = bundle.parts[0]
    (province.drop / f"{archive.name}.part").write_bytes(left)
    target(province.drop).put(bundle, silent)
    assert (province.drop / archive.name).read_bytes() == archive.path.read_bytes()


def test_a_part_cut_by_a_stick_pulled_out_is_written_anew(province: Province, bundle: BundleOnDisk) -> None:
    (province.drop / bundle.parts[0].name).write_bytes(b"PK")
    target(province.drop).put(bundle, silent)
    assert (province.drop / bundle.parts[0].name).read_bytes() == bundle.parts[0].path.read_bytes()


def test_another_file_under_our_name_is_left_alone_and_told(province: Province, bundle: BundleOnDisk) -> None:
    place = province.drop / bundle.parts[0].name
    place.write_bytes(b"x" * bundle.parts[0].size_bytes)
    with pytest.raises(DeliveryRefused):
        target(province.drop).put(bundle, silent)
    assert place.read_bytes() == b"x" * bundle.parts[0].size_bytes


def test_the_manifest_never_comes_before_the_rest(province: Province, bundle: BundleOnDisk) -> None:
    (province.drop / f"{bundle.parts[1].name}.part").mkdir()  # the signature cannot be written
    with pytest.raises(SourceUnavailable):
        target(province.drop).put(bundle, silent)
    assert not (province.drop / bundle.parts[2].name).exists()
    assert (province.drop / bundle.parts[0].name).exists()


@pytest.mark.parametrize("settings", [{"sentinel": "here"}, {"must_be_mounted": True}])
def test_a_folder_where_nothing_is_mounted_is_not_the_drop(
    province: Province, bundle: BundleOnDisk, settings: dict[str, object]
) -> None:
    with pytest.raises(SourceUnavailable, match="mounted"):
        target(province.drop, **settings).put(bundle, silent)
    with pytest.raises(SourceUnavailable, match="mounted"):
        list(target(province.drop, **settings).receipts(["ab" * 32]))
    assert list(province.drop.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_closed_way(tmp_path: Path, bundle: BundleOnDisk) -> None:
    with pytest.raises(SourceUnavailable, match="no such folder"):
        target(tmp_path / "gone").put(bundle, silent)


@pytest.mark.parametrize("sentinel", ["", "..", "a/b", "a\\b"])
def test_a_sentinel_elsewhere_is_refused(tmp_path: Path, sentinel: str) -> None:
    with pytest.raises(ValueError, match="sentinel"):
        FolderTargetSettings(path=tmp_path, sentinel=sentinel)


def test_only_plain_receipts_of_the_wanted_bundles_are_read(province: Province) -> None:
    wanted, folder = "ab" * 32, province.drop / "receipts"
    assert list(target(province.drop).receipts([wanted])) == []
    folder.mkdir()
    (folder / f"{wanted}.received").write_bytes(b"first")
    (folder / f"{wanted}.accepted").write_bytes(b"second")
    (folder / f"{wanted}.rejected.part").write_bytes(b"not yet")
    (folder / f"{'cd' * 32}.accepted").write_bytes(b"another's")
    (folder / f"{wanted}.long").write_bytes(b"x" * (RECEIPT_MAX_BYTES + 1))
    (folder / f"{wanted}.link").symlink_to("/etc/hostname")
    os.mkfifo(folder / f"{wanted}.pipe")
    assert sorted(target(province.drop).receipts([wanted])) == [b"first", b"second"]


def test_a_heartbeat_takes_the_place_of_the_last_one_and_leaves_the_bundles_alone(
    province: Province, bundle: BundleOnDisk
) -> None:
    way = target(province.drop)
    way.put(bundle, silent)
    for file in (beat(), beat(), beat(made_at=later(days=1)), beat(office="qazvin")):
        way.beat(file)
        assert (province.drop / file.name).read_bytes() == file.content
    assert {path.name for path in province.drop.iterdir()} == {
        *(part.name for part in bundle.parts),
        "itops_alborz.heartbeat",
        "itops_qazvin.heartbeat",
    }


@pytest.mark.parametrize("planted", ["link", "pipe", "folder"])
def test_what_others_put_in_the_heartbeats_way_is_neither_followed_nor_waited_for(tmp_path: Path, planted: str) -> None:
    drop, elsewhere = tmp_path / "drop", tmp_path / "elsewhere"
    drop.mkdir()
    elsewhere.write_text("dear")
    beside = drop / f"{beat().name}.part"
    {"link": lambda: beside.symlink_to(elsewhere), "pipe": lambda: os.mkfifo(beside), "folder": beside.mkdir}[planted]()
    with pytest.raises(SourceUnavailable, match="cannot be written"):
        target(drop).beat(beat())
    assert elsewhere.read_text() == "dear"


@pytest.mark.parametrize("settings", [{"sentinel": "here"}, {"must_be_mounted": True}])
def test_no_heartbeat_is_left_where_nothing_is_mounted(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(SourceUnavailable, match="mounted"):
        target(tmp_path, **settings).beat(beat())
    assert list(tmp_path.iterdir()) == []
