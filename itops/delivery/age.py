"""Files encrypted with age (C2SP age v1, X25519 keys alone), through pyrage, the extra `age`.

What comes from outside is bounded before the library sees it. Measured with pyrage 1.4.0: a header without an end costs
time with the square of its length (1 MB: 11 s, 4 MB: 214 s), so one that does not end within HEADER_MAX_BYTES is
none; a header of a few recipients has some hundred bytes. What is decrypted is written as it comes, in pieces of
8 KiB, each of them authentic by then, and no more of it than was announced.
"""

import os
import stat
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Protocol

from itops.bundles.objections import Objection
from itops.bundles.recipients import Recipients
from itops.errors import ConfigInvalid, InputInvalid, StoreUnavailable

HEADER_MAX_BYTES = 16 * 1024
IDENTITY_FILE_MAX_BYTES = 64 * 1024
_BEGIN = b"age-encryption.org/v1\n"
_END = b"\n--- "
_CHUNK_BYTES = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_STRANGER = "No matching keys found"  # pyrage says it in words alone


class NotOpened(Exception):
    """What speaks against an encrypted file; `objection` says it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.objection = Objection(code, {})


@dataclass(frozen=True, slots=True)
class Identities:
    """Secret keys that open what was encrypted to their public halves."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.secrets)


NO_IDENTITIES = Identities()


class _Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...


def read_identities(path: Path) -> Identities:
    """The keys of a file as age-keygen writes it. Raises InputInvalid, ConfigInvalid; no key is ever in the words."""
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise ConfigInvalid(f"others may read the key {path}", remedy=f"run: chmod 600 '{path}'")
        with path.open("rb") as file:
            text = file.read(IDENTITY_FILE_MAX_BYTES).decode()
    except OSError as failure:
        problem = f"the key {path} cannot be read: {failure.strerror or failure}"
        raise InputInvalid(problem, remedy="look at the file and its rights") from failure
    except UnicodeDecodeError:
        text = ""
    lines = (line.strip() for line in text.splitlines())
    identities = Identities(tuple(line for line in lines if line and not line.startswith("#")))
    if not identities or not all(map(_is_identity, identities.secrets)):
        raise InputInvalid(
            f"{path} is no file of age's own secret keys, one AGE-SECRET-KEY-1... a line",
            remedy="take the file that age-keygen made; one with a passphrase has to be decrypted first",
        )
    return identities


def encrypt(source: Path, out: BinaryIO, recipients: Recipients) -> None:
    """Write the file encrypted. Raises ConfigInvalid without pyrage, StoreUnavailable when the disk will not."""
    must_have_age()
    import pyrage  # noqa: PLC0415  an extra, and only where something is encrypted

    try:
        keys = [pyrage.x25519.Recipient.from_str(key) for key in recipients.keys]
        with source.open("rb") as file:
            pyrage.encrypt_io(file, out, keys)
    except pyrage.RecipientError as wrong:
        raise ConfigInvalid(
            f"age takes a key of encrypt_to for none: {wrong}", remedy="ask headquarters for their public key again"
        ) from wrong
    except (pyrage.EncryptError, OSError) as failure:  # pyrage turns the OSErrors of both files into its own
        raise StoreUnavailable(
            f"{source.name} cannot be encrypted: {failure}", remedy="make room on the disk of the state folder"
        ) from failure


def decrypt(source: BinaryIO, out: _Writable, identities: Identities, most_bytes: int) -> None:
    """Write what is inside, at most one piece more than `most_bytes`. Raises NotOpened, and OSError of the two files.

    What was written before NotOpened is raised is nothing to rely on.
    """
    _check_header(source)
    if not identities:
        raise NotOpened("bundle.archive-encrypted")
    must_have_age()
    import pyrage  # noqa: PLC0415  an extra, and only where something is decrypted

    try:
        keys = [pyrage.x25519.Identity.from_str(secret) for secret in identities.secrets]
        pyrage.decrypt_io(source, _Bounded(out, most_bytes), keys)
    except _Enough:
        return
    except pyrage.DecryptError as failure:
        raise NotOpened(_code(str(failure))) from failure
    except OSError as failure:
        if failure.errno is not None:
            raise
        raise NotOpened("bundle.archive-damaged") from failure


def _code(said: str) -> str:
    return "bundle.archive-other-key" if said == _STRANGER else "bundle.archive-damaged"


def is_age(path: Path) -> bool:
    """Whether the file begins as one that age made."""
    with path.open("rb") as file:
        return file.read(len(_BEGIN)) == _BEGIN


def longest_of(plain_bytes: int) -> int:
    """How many bytes so many have at most when they are encrypted: 16 more for each 64 KiB, and a header."""
    return plain_bytes + (plain_bytes // _CHUNK_BYTES + 2) * 16 + HEADER_MAX_BYTES


def must_have_age() -> None:
    """Raise ConfigInvalid where the extra is not installed."""
    if find_spec("pyrage") is None:
        raise ConfigInvalid(
            "what is encrypted with age needs pyrage, which is not installed", remedy="run: pip install 'itops[age]'"
        )


def _check_header(source: BinaryIO) -> None:
    """Raise NotOpened for what does not begin as an age file; the stream is at its beginning before and after."""
    begin = source.read(HEADER_MAX_BYTES)
    source.seek(0)
    if not begin.startswith(_BEGIN):
        raise NotOpened("bundle.archive-not-encrypted")
    if _END not in begin:
        raise NotOpened("bundle.archive-damaged")


def _is_identity(text: str) -> bool:
    must_have_age()
    import pyrage  # noqa: PLC0415  an extra

    try:
        pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        return False
    return True


class _Enough(Exception):
    """More came than was announced."""


class _Bounded:
    """Passes on until there is more than there should be."""

    def __init__(self, out: _Writable, most_bytes: int) -> None:
        self._out = out
        self._left = most_bytes

    def write(self, data: bytes) -> int:
        """As a file's."""
        self._out.write(data)
        self._left -= len(data)
        if self._left < 0:
            raise _Enough
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""
