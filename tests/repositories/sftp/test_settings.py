"""What may be written of a server behind SFTP."""

import base64
from pathlib import Path
from typing import Any

import pytest

from itops.repositories.sftp import Settings
from itops.secrets import Secret

BASE: dict[str, Any] = {"host": "nas", "username": "itops", "path": "/backup", "password": Secret("x")}
RAW = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)
LINE = "ssh-ed25519 " + base64.b64encode(RAW).decode()
FINGERPRINT = "SHA256:" + "a" * 43


@pytest.mark.parametrize("text", [LINE, f"nas {LINE} comment", FINGERPRINT])
def test_a_host_key_is_a_fingerprint_or_a_line_of_known_hosts(text: str) -> None:
    assert Settings(**BASE, host_key=text).host_key == text


@pytest.mark.parametrize(
    "text", ["", "MD5:aa:bb", "SHA256:short", "ssh-ed25519", "ssh-ed25519 not!base64", f"ssh-rsa {LINE.split()[1]}"]
)
def test_what_is_no_host_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither SHA256"):
        Settings(**BASE, host_key=text or " ")


def test_an_account_needs_a_password_or_a_key() -> None:
    with pytest.raises(ValueError, match="password or key_file"):
        Settings(host="nas", username="itops", path="/backup")
    assert Settings(host="nas", username="itops", path="/backup", key_file=Path("key")).host_key is None


def test_a_sentinel_lies_inside() -> None:
    with pytest.raises(ValueError, match="not a file inside"):
        Settings(**BASE, sentinel="../here")


def test_a_password_is_never_shown() -> None:
    assert "very secret" not in repr(Settings(**{**BASE, "password": Secret("very secret")}))
