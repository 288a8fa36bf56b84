"""Which host keys a server may show, and how people write them down."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.ssh import HostKeys, fingerprint, fingerprint_in, key_type, merged, pinned

RAW = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)
OTHER = b"\0\0\0\x07ssh-rsa" + bytes(32)
LINE = "ssh-ed25519 " + base64.b64encode(RAW).decode()
FINGERPRINT = "SHA256:" + "a" * 43


@pytest.mark.parametrize("text", [LINE, f"nas {LINE} comment", f"[nas]:2222 {LINE}", f"@cert-authority nas {LINE}"])
def test_a_line_of_known_hosts_is_understood(text: str) -> None:
    assert pinned(text) == HostKeys(keys=frozenset({RAW}))


def test_a_fingerprint_is_understood_with_or_without_its_padding() -> None:
    assert pinned(FINGERPRINT) == pinned(FINGERPRINT + "=") == HostKeys(fingerprints=frozenset({FINGERPRINT}))
    assert fingerprint_in(f" {FINGERPRINT}= ") == FINGERPRINT


@pytest.mark.parametrize("text", ["", "MD5:aa:bb", "SHA256:short", "ssh-ed25519", "ssh-ed25519 not!base64", "nas ک ک"])
def test_what_is_no_host_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither SHA256"):
        pinned(text)
    with pytest.raises(ValueError, match="SHA256"):
        fingerprint_in(text)


def test_the_type_that_is_written_must_be_that_of_the_key() -> None:
    with pytest.raises(ValueError, match="neither"):
        pinned(f"ssh-rsa {LINE.split()[1]}")


def test_a_key_is_vouched_for_whole_or_by_its_fingerprint_and_never_once_it_is_revoked() -> None:
    whole, short = pinned(LINE), HostKeys(fingerprints=frozenset({fingerprint(RAW)}))
    assert whole.vouch_for(RAW)
    assert short.vouch_for(RAW)
    assert not whole.vouch_for(OTHER)
    revoking = merged([whole, short, HostKeys(revoked=frozenset({RAW}))])
    assert revoking
    assert not revoking.vouch_for(RAW)
    assert not HostKeys(revoked=frozenset({RAW}))  # nothing vouches for anything


def test_a_server_is_asked_for_the_key_that_is_known_of_it() -> None:
    assert pinned(LINE).types == ("ssh-ed25519",)
    assert HostKeys(keys=frozenset({OTHER})).types == ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
    assert pinned(FINGERPRINT).types == ()


@given(st.binary())
def test_any_bytes_at_all_have_a_type_or_none(key: bytes) -> None:
    assert key_type(key).isprintable()
    assert len(key_type(key)) <= 64
