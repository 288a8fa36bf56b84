"""Reading a known_hosts file of OpenSSH: names, patterns, hashed names, [name]:port, @revoked."""

import base64
import binascii
import fnmatch
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from itops.errors import ConfigInvalid
from itops.ssh import HostKeys, key_type

_MOST_BYTES = 16 << 20
_SSH_PORT = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    names: tuple[str, ...]
    key: bytes
    is_revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHosts:
    """The lines of such a file that could be read; what is no key is passed over, as OpenSSH does."""

    lines: tuple[_Line, ...] = ()

    def of(self, host: str, port: int) -> HostKeys:
        """What the file says of a host. With another port than 22 its own entry counts, else that of the bare name."""
        places = (f"[{host}]:{port}", host) if port != _SSH_PORT else (host,)
        for place in places:
            found = [line for line in self.lines if _is_named(line.names, place.lower())]
            if found:
                return HostKeys(
                    keys=frozenset(line.key for line in found if not line.is_revoked),
                    revoked=frozenset(line.key for line in found if line.is_revoked),
                )
        return HostKeys()


def read_known_hosts(path: Path) -> KnownHosts:
    """The file; raises ConfigInvalid when it cannot be read."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError as failure:
        raise ConfigInvalid(
            f"the file known_hosts {path} cannot be read: {failure.strerror}",
            remedy=f"make one: ssh-keyscan ADDRESS ... > {path.name}, and compare each key on the device itself",
        ) from failure
    read = (_line(line.split()) for line in text.splitlines())
    return KnownHosts(lines=tuple(line for line in read if line is not None))


def _line(words: list[str]) -> _Line | None:
    """None for a comment, for a certificate authority (we follow none), and for what is no key."""
    is_revoked = words[:1] == ["@revoked"]
    if is_revoked:
        words = words[1:]
    if len(words) < 3 or words[0].startswith(("#", "@")):
        return None
    try:
        key = base64.b64decode(words[2], validate=True)
    except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
        return None
    if key_type(key) != words[1]:
        return None
    return _Line(names=tuple(words[0].split(",")), key=key, is_revoked=is_revoked)


def _is_named(names: tuple[str, ...], place: str) -> bool:
    """Whether one of the names fits, and none that is forbidden by `!` does."""
    if any(name.startswith("!") and _fits(name[1:], place) for name in names):
        return False
    return any(_fits(name, place) for name in names if not name.startswith("!"))


def _fits(name: str, place: str) -> bool:
    if name.startswith("|1|"):
        return _hash_fits(name, place)
    # Brackets are part of a name here, never a set of letters.
    return fnmatch.fnmatchcase(place, name.lower().replace("[", "[[]"))


def _hash_fits(name: str, place: str) -> bool:
    try:
        salt, wanted = (base64.b64decode(part, validate=True) for part in name.split("|")[2:4])
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, place.encode(), hashlib.sha1).digest(), wanted)
