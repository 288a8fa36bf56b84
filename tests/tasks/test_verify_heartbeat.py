import os
from pathlib import Path

import pytest

from itops.bundles.targets import HeartbeatFile
from itops.errors import InputInvalid
from itops.tasks.verify_heartbeat import verify_heartbeats
from tests.bundles.beating import BEATS, beat
from tests.bundles.made import NOW, OTHER_KEY, allowed

KEYS = (BEATS, allowed(OTHER_KEY, "qazvin"))
QAZVIN = beat(OTHER_KEY, office="qazvin")


def lay(folder: Path, *files: HeartbeatFile) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.content)


def found(folder: Path) -> list[tuple[str, str, str]]:
    return [(one.office, one.code, one.place) for one in verify_heartbeats(folder, KEYS, NOW)]


def test_one_drop_for_all_offices_and_a_drop_for_each_are_asked_alike(tmp_path: Path) -> None:
    lay(tmp_path / "one", beat(), QAZVIN)
    lay(tmp_path / "many" / "alborz", beat())
    lay(tmp_path / "many" / "qazvin-drop", QAZVIN)
    assert found(tmp_path / "one") == [
        ("alborz", "heartbeat.heard", "itops_alborz.heartbeat"),
        ("qazvin", "heartbeat.heard", "itops_qazvin.heartbeat"),
    ]
    assert found(tmp_path / "many") == [
        ("alborz", "heartbeat.heard", "alborz/itops_alborz.heartbeat"),
        ("qazvin", "heartbeat.heard", "qazvin-drop/itops_qazvin.heartbeat"),
    ]


def test_what_is_still_being_written_and_what_is_something_else_is_passed_over(tmp_path: Path) -> None:
    lay(tmp_path, beat(), QAZVIN)
    (tmp_path / "itops_alborz.heartbeat.part").write_bytes(b"{")
    (tmp_path / "itops_alborz_1405-08_0001_0123456789ab.json").write_bytes(b"{")
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    lay(tmp_path / "deep" / "deeper", beat(OTHER_KEY))
    assert [code for _, code, _ in found(tmp_path)] == ["heartbeat.heard", "heartbeat.heard"]


def test_links_pipes_folders_and_floods_are_told_and_not_followed_or_waited_for(tmp_path: Path) -> None:
    lay(tmp_path, beat())
    (tmp_path / "elsewhere").mkdir()
    os.mkfifo(tmp_path / "itops_pipe.heartbeat")
    (tmp_path / "itops_folder.heartbeat").mkdir()
    (tmp_path / "itops_link.heartbeat").symlink_to(tmp_path / beat().name)
    (tmp_path / "itops_flood.heartbeat").write_bytes(bytes(1_000_000))
    (tmp_path / "itops_.heartbeat").write_bytes(b"")
    (tmp_path / "above").symlink_to(tmp_path)
    told = {office: code for office, code, _ in found(tmp_path)}
    assert told == {
        **dict.fromkeys(("", "pipe", "folder", "link", "flood"), "heartbeat.unreadable"),
        "alborz": "heartbeat.heard",
        "qazvin": "heartbeat.never",
    }


def test_halves_of_two_moments_are_no_heartbeat(tmp_path: Path) -> None:
    old, new = beat(), beat(report="1405-09")
    mixed = HeartbeatFile(
        office="alborz",
        made_at=NOW,
        content=new.content.partition(b"\n")[0] + b"\n" + old.content.partition(b"\n")[2],
    )
    lay(tmp_path, mixed, QAZVIN)
    assert found(tmp_path)[0][:2] == ("alborz", "heartbeat.signature-wrong")


def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputInvalid, match="cannot be read"):
        verify_heartbeats(tmp_path / "gone", KEYS, NOW)
