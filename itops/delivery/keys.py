"""The office's own signing key: a file of the state folder that only its owner may read, made when first needed.

Files of OpenSSH's own kind, so that `ssh-keygen -Y sign -f` and `ssh-keygen -l` take them: `bundle.key` signs;
`bundle.key.next` waits until headquarters knows it; `bundle.key.old-...` are those that were replaced.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from itops.bundles.keys import PublicKey
from itops.delivery.durable import PART_ENDING, sync_folder, write_whole
from itops.errors import ConfigInvalid, StoreUnavailable

_NAME = "bundle.key"
_NEXT = "bundle.key.next"
_PRIVATE_FOLDER = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeKey:
    """A key pair."""

    private: bytes  # 32 raw bytes
    public: PublicKey
    is_new: bool = False

    def __repr__(self) -> str:
        return f"OfficeKey({self.public.fingerprint})"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFolder:
    """Where they lie."""

    path: Path

    def current(self) -> OfficeKey:
        """The key that signs; made when there is none. Raises ConfigInvalid for one that others may read."""
        return _read(self.path / _NAME) or self._make(_NAME)

    def existing(self) -> OfficeKey | None:
        """The key that signs, if there is one."""
        return _read(self.path / _NAME)

    def coming(self) -> OfficeKey | None:
        """The key that is to sign next."""
        return _read(self.path / _NEXT)

    def all(self) -> tuple[PublicKey, ...]:
        """The public halves of all keys that ever signed, and of the next one."""
        found = (_read(path) for path in sorted(self.path.glob(f"{_NAME}*")) if path.suffix != PART_ENDING)
        return tuple(key.public for key in found if key is not None)

    def prepare(self) -> OfficeKey:
        """Make the next key, or tell of the one that waits already."""
        return self.coming() or self._make(_NEXT)

    def switch(self) -> OfficeKey:
        """Sign with the next key from now on; raises ConfigInvalid when none waits."""
        coming, current = self.coming(), self.existing()
        if coming is None:
            raise ConfigInvalid("no new key waits", remedy="run: itops report key --new")
        if current is not None:
            mark = current.public.raw.hex()[:12]
            os.replace(self.path / _NAME, self.path / f"{_NAME}.old-{mark}")
        os.replace(self.path / _NEXT, self.path / _NAME)
        sync_folder(self.path)
        return coming

    def _make(self, name: str) -> OfficeKey:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  only where a key is handled
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  as above

        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        try:
            self.path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            write_whole(self.path / name, text)
        except OSError as failure:
            problem = f"the signing key cannot be written to {self.path}: {failure.strerror or failure}"
            raise StoreUnavailable(problem, remedy="check space and rights of the state folder") from failure
        public = PublicKey(key.public_key().public_bytes_raw())
        return OfficeKey(private=key.private_bytes_raw(), public=public, is_new=True)


def _read(path: Path) -> OfficeKey | None:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key  # noqa: PLC0415  as above

    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise ConfigInvalid(f"others may read the key {path}", remedy=f"run: chmod 600 '{path}'")
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as failure:
        raise ConfigInvalid(
            f"the key {path} cannot be read: {failure.strerror or failure}", remedy="let the account of itops read it"
        ) from failure
    try:
        key = load_ssh_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a passphrase
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigInvalid(
            f"{path} is no ssh-ed25519 key without a passphrase", remedy="put the right file there, or move it away"
        )
    return OfficeKey(private=key.private_bytes_raw(), public=PublicKey(key.public_key().public_bytes_raw()))
