"""What itops.yaml may say of a drop behind SFTP."""

from typing import Any

import pytest

from itops.delivery.sftp import SftpSettings
from itops.secrets import Secret

KNOWN: dict[str, Any] = {"host": "drop.example", "username": "office", "password": Secret("canary")}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": None}, "password or key_file"),
        ({"host_key": "SHA256:short"}, "known_hosts"),
        ({"host_key": "MD5:16:27:ac"}, "known_hosts"),
        ({"host_key": "drop.example ssh-ed25519 AAAA"}, "known_hosts"),
    ],
)
def test_settings_that_cannot_work_are_said(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SftpSettings(**{**KNOWN, **changed})


def test_a_password_is_not_shown() -> None:
    assert "canary" not in repr(SftpSettings(**KNOWN))
