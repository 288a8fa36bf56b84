"""Which host keys a server may show."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKeys:
    """Whole keys (from a known_hosts file) or fingerprints (`SHA256:...`)."""

    keys: frozenset[bytes] = frozenset()
    fingerprints: frozenset[str] = frozenset()
    revoked: frozenset[bytes] = frozenset()

    @property
    def types(self) -> tuple[str, ...]:
        """The algorithms by which the server can prove one of the whole keys."""
        kinds = {key_type(key) for key in self.keys}
        return tuple(name for kind in sorted(kinds) for name in (_RSA if kind == "ssh-rsa" else (kind,)))

    def vouch_for(self, key: bytes) -> bool:
        """Whether this is one of them."""
        return key not in self.revoked and (key in self.keys or fingerprint(key) in self.fingerprints)

    def __bool__(self) -> bool:
        return bool(self.keys or self.fingerprints)


def merged(parts: Iterable[HostKeys]) -> HostKeys:
    """What any of them vouches for; what any of them revokes stays revoked."""
    held = tuple(parts)
    return HostKeys(
        keys=frozenset().union(*(part.keys for part in held)),
        fingerprints=frozenset().union(*(part.fingerprints for part in held)),
        revoked=frozenset().union(*(part.revoked for part in held)),
    )


def fingerprint(key: bytes) -> str:
    """Of a public key, as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def fingerprint_in(text: str) -> str:
    """As `fingerprint` gives it; raises ValueError for what is none."""
    found = text.strip()
    if not _FINGERPRINT.fullmatch(found):
        raise ValueError("should be SHA256:..., as `ssh-keygen -lf` prints it on the device")
    return found.rstrip("=")


def pinned(text: str) -> HostKeys:
    """A fingerprint, or a line of known_hosts; raises ValueError for what is neither."""
    words = text.split()
    if len(words) == 1 and _FINGERPRINT.fullmatch(words[0]):
        return HostKeys(fingerprints=frozenset({fingerprint_in(words[0])}))
    for kind, encoded in pairwise(words):
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
            continue
        if kind and key_type(key) == kind:
            return HostKeys(keys=frozenset({key}))
    raise ValueError("host_key is neither SHA256:... nor a line of known_hosts, as `ssh-keyscan HOST` prints it")


def key_type(key: bytes) -> str:
    """The type that stands at the start of a public key; "" where none does."""
    length = int.from_bytes(key[:4], "big")
    name = key[4 : 4 + length].decode("ascii", "replace")
    return name if length <= 64 and name.isprintable() and "\ufffd" not in name else ""
