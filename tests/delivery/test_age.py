"""Encrypting and opening, and what is no age file or is one no more."""

import io
import os
import sys
from pathlib import Path

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.delivery.age import (
    NO_IDENTITIES,
    Identities,
    NotOpened,
    decrypt,
    encrypt,
    is_age,
    longest_of,
    read_identities,
)
from itops.errors import ConfigInvalid, InputInvalid, StoreUnavailable
from tests.delivery.age_keys import new_key, recipients

KEY, SECOND, STRANGER = new_key(), new_key(), new_key()
PLAIN = os.urandom(200_000)
BEGIN = b"age-encryption.org/v1\n"


def encrypted(folder: Path, plain: bytes = PLAIN, *keys: str) -> bytes:
    (folder / "plain").write_bytes(plain)
    out = io.BytesIO()
    encrypt(folder / "plain", out, recipients(*(keys or (KEY.public,))))
    return out.getvalue()


@pytest.fixture(scope="module")
def ciphertext(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return encrypted(tmp_path_factory.mktemp("plain"))


def opened(data: bytes, identities: Identities = KEY.identities, most_bytes: int = len(PLAIN)) -> bytes:
    out = io.BytesIO()
    decrypt(io.BytesIO(data), out, identities, most_bytes)
    return out.getvalue()


def code(data: bytes, identities: Identities = KEY.identities) -> str:
    with pytest.raises(NotOpened) as caught:
        opened(data, identities)
    return caught.value.objection.code


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_each_recipient_alone_opens_it_and_it_is_no_longer_than_foretold(tmp_path: Path, size: int) -> None:
    data = encrypted(tmp_path, PLAIN[:size], KEY.public, SECOND.public)
    assert opened(data, KEY.identities) == opened(data, SECOND.identities) == PLAIN[:size]
    assert opened(data, Identities((STRANGER.secret, SECOND.secret))) == PLAIN[:size]
    assert size < len(data) <= longest_of(size)


def test_the_library_alone_opens_it_too(ciphertext: bytes) -> None:
    assert pyrage.decrypt(ciphertext, [pyrage.x25519.Identity.from_str(KEY.secret)]) == PLAIN


def test_it_is_other_bytes_each_time(tmp_path: Path, ciphertext: bytes) -> None:
    assert encrypted(tmp_path) != ciphertext


def test_without_a_key_and_with_anothers_it_stays_closed(ciphertext: bytes) -> None:
    assert code(ciphertext, NO_IDENTITIES) == "bundle.archive-encrypted"
    assert code(ciphertext, STRANGER.identities) == "bundle.archive-other-key"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 200_300), bit=st.integers(0, 7))
def test_no_bit_of_it_can_be_changed(ciphertext: bytes, place: int, bit: int) -> None:
    data = bytearray(ciphertext)
    data[place % len(data)] ^= 1 << bit
    assert code(bytes(data)) in {
        "bundle.archive-damaged",
        "bundle.archive-other-key",
        "bundle.archive-not-encrypted",
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(len(BEGIN), 200_300))
def test_cut_anywhere_it_does_not_open_whole(ciphertext: bytes, length: int) -> None:
    if length < len(ciphertext):
        assert code(ciphertext[:length]) == "bundle.archive-damaged"


def test_what_was_appended_is_noticed(ciphertext: bytes) -> None:
    assert code(ciphertext + b"x") == "bundle.archive-damaged"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", "bundle.archive-not-encrypted", id="nothing"),
        pytest.param(b"PK\x03\x04", "bundle.archive-not-encrypted", id="a plain archive"),
        pytest.param(b"-----BEGIN AGE ENCRYPTED FILE-----\n", "bundle.archive-not-encrypted", id="armored"),
        pytest.param(b"age-encryption.org/v9\n--- \n", "bundle.archive-not-encrypted", id="another version"),
        pytest.param(BEGIN, "bundle.archive-damaged", id="no header"),
        pytest.param(BEGIN + b"\n--- \n", "bundle.archive-damaged", id="no recipient"),
        pytest.param(BEGIN + b"-> X25519 " + b"A" * 43 + b"\nAAAA\n--- AAAA\n", "bundle.archive-damaged", id="short"),
    ],
)
def test_what_is_no_age_file_is_named(data: bytes, expected: str) -> None:
    assert code(data) == expected


@given(st.binary(max_size=3_000))
def test_garbage_after_the_first_line_is_named_and_nothing_else(garbage: bytes) -> None:
    assert code(BEGIN + garbage + b"\n--- " + garbage) in {"bundle.archive-damaged", "bundle.archive-other-key"}


def test_a_header_without_end_is_not_read_on() -> None:
    class Endless(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            got = super().read(size)
            self.taken += len(got)
            return got

    source = Endless(BEGIN + b"-> X25519 " + b"A" * 43 + b"\n" + (b"A" * 64 + b"\n") * 20_000)
    with pytest.raises(NotOpened):
        decrypt(source, io.BytesIO(), KEY.identities, 10)
    assert source.taken <= 65_536  # of 1.3 MB, which would cost the library many seconds


def test_more_than_was_announced_is_not_written(ciphertext: bytes) -> None:
    assert len(PLAIN) > len(opened(ciphertext, most_bytes=1_000)) > 1_000


def test_a_disk_that_fails_is_no_word_about_the_archive(ciphertext: bytes) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        decrypt(io.BytesIO(ciphertext), Full(), KEY.identities, len(PLAIN))


def test_a_disk_that_fails_while_encrypting_is_said(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "no space")

    (tmp_path / "plain").write_bytes(PLAIN)
    with pytest.raises(StoreUnavailable, match="no space"):
        encrypt(tmp_path / "plain", Full(), KEY.recipients)
    with pytest.raises(StoreUnavailable, match="gone"):
        encrypt(tmp_path / "gone", io.BytesIO(), KEY.recipients)


def test_keys_are_read_as_age_keygen_writes_them_and_never_shown(tmp_path: Path) -> None:
    path = KEY.write(tmp_path / "key")
    path.write_text(f"{path.read_text()}\n{SECOND.secret}\n")
    identities = read_identities(path)
    assert identities.secrets == (KEY.secret, SECOND.secret)
    assert KEY.secret not in repr(identities)


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"AGE-SECRET-KEY-1CANARY\n", b"\xff\xfe", BEGIN, b"x\0y"])
def test_a_file_without_keys_is_refused_and_not_repeated(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InputInvalid, match="age's own") as caught:
        read_identities(path)
    assert "CANARY" not in str(caught.value)


def test_a_key_that_others_may_read_and_one_that_is_not_there_are_refused(tmp_path: Path) -> None:
    path = KEY.write(tmp_path / "key")
    path.chmod(0o644)
    with pytest.raises(ConfigInvalid, match="others may read"):
        read_identities(path)
    with pytest.raises(InputInvalid, match="cannot be read"):
        read_identities(tmp_path / "gone")


def test_without_the_library_it_is_said_what_to_install(
    tmp_path: Path, ciphertext: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = KEY.write(tmp_path / "key")
    (tmp_path / "plain").write_bytes(PLAIN)
    monkeypatch.setitem(sys.modules, "pyrage", None)  # as where it is not installed
    for doing in (
        lambda: encrypt(tmp_path / "plain", io.BytesIO(), KEY.recipients),
        lambda: opened(ciphertext),
        lambda: read_identities(path),
    ):
        with pytest.raises(ConfigInvalid) as caught:
            doing()
        assert "itops[age]" in caught.value.remedy
    assert code(ciphertext, NO_IDENTITIES) == "bundle.archive-encrypted"  # no library needed to see that


def test_an_age_file_is_known_by_its_beginning(tmp_path: Path, ciphertext: bytes) -> None:
    path = tmp_path / "some"
    path.write_bytes(ciphertext)
    assert is_age(path)
    path.write_bytes(b"PK")
    assert not is_age(path)
