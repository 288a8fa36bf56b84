import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles import sshsig
from tests.bundles.made import OFFICE_KEY, OTHER_KEY, public

MESSAGE = b"what the office says\n"
SIGNED = sshsig.sign(MESSAGE, OFFICE_KEY, "itops-bundle")


def test_a_signature_tells_its_key_and_namespace_and_is_right_for_its_message_alone() -> None:
    signature = sshsig.read(SIGNED.encode())
    assert (signature.public_key, signature.namespace) == (public(OFFICE_KEY).raw, "itops-bundle")
    assert sshsig.is_right(MESSAGE, signature)
    assert not sshsig.is_right(MESSAGE + b" ", signature)
    assert not sshsig.is_right(MESSAGE, signature._replace(namespace="itops-receipt"))
    assert not sshsig.is_right(MESSAGE, signature._replace(public_key=public(OTHER_KEY).raw))
    assert not sshsig.is_right(MESSAGE, signature._replace(hash_name=b"sha256"))


def test_the_same_message_is_signed_the_same_way_every_time() -> None:
    assert sshsig.sign(MESSAGE, OFFICE_KEY, "itops-bundle") == SIGNED


@given(message=st.binary(max_size=200), namespace=st.text("abcdefgh-", min_size=1, max_size=20))
def test_whatever_is_signed_verifies(message: bytes, namespace: str) -> None:
    signature = sshsig.read(sshsig.sign(message, OTHER_KEY, namespace).encode())
    assert sshsig.is_right(message, signature)
    assert signature.namespace == namespace


@given(place=st.integers(0, len(SIGNED) - 1), byte=st.integers(0, 255))
def test_a_signature_with_one_other_byte_is_unreadable_or_wrong_or_the_same(place: int, byte: int) -> None:
    changed = bytearray(SIGNED.encode())
    changed[place] = byte
    try:
        signature = sshsig.read(bytes(changed))
    except sshsig.NotASignature:
        return
    assert sshsig.is_right(MESSAGE, signature) == (signature == sshsig.read(SIGNED.encode()))


def _armored(blob: bytes) -> bytes:
    return b"-----BEGIN SSH SIGNATURE-----\n" + base64.b64encode(blob) + b"\n-----END SSH SIGNATURE-----\n"


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


KEY = sshsig.key_blob(b"k" * 32)
GOOD = (KEY, b"itops-bundle", b"", b"sha512", _string(b"ssh-ed25519") + _string(b"s" * 64))


def _blob(*fields: bytes) -> bytes:
    return b"SSHSIG" + struct.pack(">I", 1) + b"".join(map(_string, fields))


@pytest.mark.parametrize(
    ("armored", "why"),
    [
        pytest.param(b"", "first and last line", id="nothing"),
        pytest.param(b"\xff" * 100, "base64", id="no text"),
        pytest.param(_armored(b"")[:-30], "first and last line", id="no end"),
        pytest.param(_armored(b"SSHSIX" + b"\0" * 40), "version 1", id="another magic"),
        pytest.param(_armored(b"SSHSIG" + struct.pack(">I", 2)), "version 1", id="another version"),
        pytest.param(_armored(_blob(*GOOD) + b"x"), "follows", id="something behind"),
        pytest.param(_armored(_blob(*GOOD)[:-1]), "too early", id="cut by a byte"),
        pytest.param(_armored(_blob(*GOOD[:3])), "too early", id="fields are missing"),
        pytest.param(_armored(b"SSHSIG\0\0\0\1\xff\xff\xff\xff"), "too early", id="a length of 4 GiB"),
        pytest.param(_armored(_blob(_string(b"ssh-rsa") + _string(b"k"), *GOOD[1:])), "its key", id="an RSA key"),
        pytest.param(_armored(_blob(*GOOD[:3], b"md5", GOOD[4])), "hash", id="a weak hash"),
        pytest.param(_armored(_blob(*GOOD[:4], _string(b"x") + _string(b""))), "not of ssh-ed25519", id="another kind"),
        pytest.param(_armored(_blob(KEY, "نام".encode(), *GOOD[2:])), "namespace", id="a namespace not ASCII"),
        pytest.param(b"-----BEGIN SSH SIGNATURE-----\n" + b"A" * 10_000, "too long", id="too long"),
        pytest.param(b"-----BEGIN SSH SIGNATURE-----\n!!\n-----END SSH SIGNATURE-----", "base64", id="no base64"),
    ],
)
def test_what_is_no_signature_says_why(armored: bytes, why: str) -> None:
    with pytest.raises(sshsig.NotASignature, match=why):
        sshsig.read(armored)


@given(st.binary(max_size=400))
def test_garbage_is_never_anything_but_no_signature(garbage: bytes) -> None:
    for attempt in (garbage, _armored(garbage), _armored(b"SSHSIG\0\0\0\1" + garbage)):
        with pytest.raises(sshsig.NotASignature):
            sshsig.read(attempt)
