"""`itops report verify` on a bundle whose archive is encrypted."""

from pathlib import Path

import pytest

from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.errors import InputInvalid
from tests.cli.test_report_delivery import Door
from tests.delivery.age_keys import new_key

KEY, STRANGER = new_key(), new_key()


@pytest.fixture
def door(tmp_path: Path) -> Door:
    door = Door(tmp_path)
    settings = FolderTargetSettings(path=door.drop, encrypt_to=KEY.recipients)
    door.targets = [FolderTarget("share", settings)]
    door.run("key")
    door.upload()
    return door


@pytest.fixture
def manifest(door: Door) -> str:
    return str(next(door.drop.glob("*.json")))


@pytest.fixture
def archive(door: Door) -> Path:
    return next(door.drop.glob("*.zip.age"))


def codes(ran: object) -> list[str]:
    return [one["code"] for one in ran.data["objections"]]  # type: ignore[attr-defined]


def test_without_a_key_it_is_unknown_and_said_what_is_needed(door: Door, manifest: str, archive: Path) -> None:
    ran = door.run("verify", manifest, "--output", "json")
    assert (ran.code, codes(ran)) == (3, ["bundle.archive-encrypted"])
    assert (ran.data["is_encrypted"], ran.data["is_sound"], ran.data["archive"]) == (True, False, archive.name)
    told = door.run("verify", manifest).stderr
    assert "--identity FILE" in told
    assert "does not say to whom" in told


@pytest.mark.parametrize("by_archive", [False, True])
def test_with_the_key_it_is_verified_whole(door: Door, manifest: str, archive: Path, by_archive: bool) -> None:
    key = KEY.write(door.folder / "key")
    path = str(archive) if by_archive else manifest
    ran = door.run("verify", path, "--identity", str(key), "--output", "json")
    assert (ran.code, ran.data["is_sound"], ran.data["is_encrypted"]) == (0, True, True)


def test_another_key_and_tampering_are_told_apart(door: Door, manifest: str, archive: Path) -> None:
    stranger = str(STRANGER.write(door.folder / "stranger"))
    ran = door.run("verify", manifest, "--identity", stranger, "--output", "json")
    assert (ran.code, codes(ran)) == (2, ["bundle.archive-other-key"])
    archive.write_bytes(archive.read_bytes()[:-1])
    key = str(KEY.write(door.folder / "key"))
    ran = door.run("verify", manifest, "--identity", key, "--output", "json")
    assert (ran.code, codes(ran)) == (2, ["bundle.archive-damaged"])


def test_a_wrong_signature_is_no_unknown_even_where_nobody_can_look_inside(door: Door, manifest: str) -> None:
    Path(manifest).with_suffix(".sig").unlink()
    ran = door.run("verify", manifest, "--output", "json")
    assert (ran.code, codes(ran)) == (2, ["bundle.signature-missing", "bundle.archive-encrypted"])


def test_a_plain_bundle_says_that_it_is_plain(door: Door, manifest: str, archive: Path) -> None:
    plain = next((door.folder / "state" / "outbox").glob("*/*.zip"))
    (door.drop / plain.name).write_bytes(plain.read_bytes())
    archive.unlink()
    ran = door.run("verify", manifest, "--output", "json")
    assert (ran.code, ran.data["is_encrypted"], ran.data["archive"]) == (0, False, plain.name)


def test_an_archive_without_its_manifest_and_a_key_that_is_none_are_explained(
    door: Door, manifest: str, archive: Path
) -> None:
    key = KEY.write(door.folder / "key")
    with pytest.raises(InputInvalid, match="age's own"):
        door.run("verify", manifest, "--identity", _private(door.folder / "none"))
    Path(manifest).unlink()
    with pytest.raises(InputInvalid, match="json cannot be read"):
        door.run("verify", str(archive), "--identity", str(key))


def _private(path: Path) -> str:
    path.write_text("no key\n")
    path.chmod(0o600)
    return str(path)
