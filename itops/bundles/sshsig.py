"""SSHSIG: the detached signatures that `ssh-keygen -Y sign` makes and `ssh-keygen -Y verify` checks; Ed25519 only.

Source: PROTOCOL.sshsig of OpenSSH. The signature covers the hash of the message together with a namespace, so that what
was signed as a bundle can never pass for a receipt. Who the key belongs to is not said here: see itops/bundles/keys.py.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import NamedTuple

KEY_TYPE = b"ssh-ed25519"
ARMOR_MAX_BYTES = 8 * 1024
"""An Ed25519 signature of a short namespace takes 300 bytes; nothing longer than this is looked at."""

_MAGIC = b"SSHSIG"
_VERSION = 1
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE = 70
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
_HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}


class NotASignature(ValueError):
    """The text is no armored SSHSIG signature of a kind that is used here; it says why."""


class Signature(NamedTuple):
    """A signature as it was read: nothing of it is proven yet."""

    public_key: bytes  # 32 raw bytes
    namespace: str
    hash_name: bytes
    value: bytes  # 64 raw bytes


@dataclass(frozen=True, slots=True)
class _Fields:
    """Length-prefixed byte strings, one after the other."""

    data: bytes

    def split(self, count: int) -> list[bytes]:
        """Exactly `count` of them and nothing behind; raises NotASignature."""
        found, rest = [], self.data
        for _ in range(count):
            if len(rest) < 4:
                raise NotASignature("it ends too early")
            (length,) = struct.unpack(">I", rest[:4])
            if length > len(rest) - 4:
                raise NotASignature("it ends too early")
            found.append(rest[4 : 4 + length])
            rest = rest[4 + length :]
        if rest:
            raise NotASignature("something follows it")
        return found


def key_blob(public_key: bytes) -> bytes:
    """A raw public key as SSH writes it, before base64."""
    return _string(KEY_TYPE) + _string(public_key)


def public_key_of(blob: bytes) -> bytes:
    """The 32 raw bytes of such a blob; raises NotASignature."""
    kind, key = _Fields(blob).split(2)
    if kind != KEY_TYPE or len(key) != _KEY_BYTES:
        raise NotASignature(f"its key is not {KEY_TYPE.decode()}")
    return key


def sign(message: bytes, private_key: bytes, namespace: str) -> str:
    """The armored signature of `message` by the 32 raw bytes of a private key; the same every time."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  lists need no cryptography
        Ed25519PrivateKey,
    )

    key = Ed25519PrivateKey.from_private_bytes(private_key)
    value = key.sign(_covered(message, namespace.encode(), b"sha512"))
    fields = (
        key_blob(key.public_key().public_bytes_raw()),
        namespace.encode(),
        b"",
        b"sha512",
        _string(KEY_TYPE) + _string(value),
    )
    return _armored(_MAGIC + struct.pack(">I", _VERSION) + b"".join(map(_string, fields)))


def read(armored: bytes) -> Signature:
    """Take a signature apart; raises NotASignature."""
    blob = _dearmored(armored)
    if not blob.startswith(_MAGIC + struct.pack(">I", _VERSION)):
        raise NotASignature("it is not of version 1")
    key, namespace, _, hash_name, signature = _Fields(blob[len(_MAGIC) + 4 :]).split(5)
    kind, value = _Fields(signature).split(2)
    if kind != KEY_TYPE or len(value) != _SIGNATURE_BYTES:
        raise NotASignature(f"it is not of {KEY_TYPE.decode()}")
    if hash_name not in _HASHES:
        raise NotASignature("its hash is neither sha512 nor sha256")
    try:
        return Signature(public_key_of(key), namespace.decode("ascii"), hash_name, value)
    except UnicodeDecodeError:
        raise NotASignature("its namespace is not ASCII") from None


def is_right(message: bytes, signature: Signature) -> bool:
    """Whether the owner of the signature's key signed exactly this message in the signature's namespace."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  as above

    covered = _covered(message, signature.namespace.encode(), signature.hash_name)
    try:
        Ed25519PublicKey.from_public_bytes(signature.public_key).verify(signature.value, covered)
    except InvalidSignature:
        return False
    return True


def _covered(message: bytes, namespace: bytes, hash_name: bytes) -> bytes:
    """What is really signed."""
    return _MAGIC + b"".join(map(_string, (namespace, b"", hash_name, _HASHES[hash_name](message).digest())))


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def _armored(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return "\n".join((_BEGIN, *lines, _END, ""))


def _dearmored(armored: bytes) -> bytes:
    if len(armored) > ARMOR_MAX_BYTES:
        raise NotASignature("it is too long")
    try:
        lines = armored.decode("ascii").strip().splitlines()
        if len(lines) < 3 or lines[0].strip() != _BEGIN or lines[-1].strip() != _END:
            raise NotASignature("it has not the first and last line of one")
        return base64.b64decode("".join(line.strip() for line in lines[1:-1]), validate=True)
    except (UnicodeDecodeError, binascii.Error):
        raise NotASignature("it is not base64") from None
