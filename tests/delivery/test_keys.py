import stat
from pathlib import Path

import pytest

from itops.delivery.keys import KeyFolder
from itops.errors import ConfigInvalid


def test_the_first_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    keys = KeyFolder(path=tmp_path / "state" / "keys")
    assert keys.existing() is None
    first = keys.current()
    assert first.is_new
    again = keys.current()
    assert (again.private, again.public, again.is_new) == (first.private, first.public, False)
    assert stat.S_IMODE((keys.path / "bundle.key").stat().st_mode) == 0o600
    assert [path.name for path in keys.path.iterdir()] == ["bundle.key"]


def test_a_key_never_shows_its_private_half(tmp_path: Path) -> None:
    key = KeyFolder(path=tmp_path).current()
    assert key.private.hex() not in repr(key)
    assert repr(key.private) not in repr(key)


def test_a_new_key_signs_nothing_before_it_is_switched_to_and_the_old_one_stays(tmp_path: Path) -> None:
    keys = KeyFolder(path=tmp_path)
    with pytest.raises(ConfigInvalid, match="waits"):
        keys.switch()
    old, new = keys.current(), keys.prepare()
    assert keys.prepare().public == new.public
    assert keys.current().public == old.public
    assert keys.switch().public == new.public
    assert keys.current().public == new.public
    assert keys.coming() is None
    assert set(keys.all()) == {old.public, new.public}


def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    keys = KeyFolder(path=tmp_path)
    keys.current()
    (tmp_path / "bundle.key").chmod(0o640)
    with pytest.raises(ConfigInvalid) as caught:
        keys.current()
    assert "chmod 600" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_is_no_key_is_never_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bundle.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigInvalid, match="no ssh-ed25519 key"):
        KeyFolder(path=tmp_path).current()
    assert path.read_bytes() == content
