"""Private keys."""

from pathlib import Path
from typing import TYPE_CHECKING

from itops.errors import SourceUnavailable

if TYPE_CHECKING:
    from paramiko import PKey


def load_key(path: Path, passphrase: str | None) -> "PKey":
    """A private key that is open to nobody else. Raises SourceUnavailable."""
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  as above

    try:
        if path.stat().st_mode & 0o077:
            raise SourceUnavailable(f"the key {path} is open to others", remedy=f"chmod 600 {path}")
        return paramiko.PKey.from_path(path, passphrase.encode() if passphrase else None)
    except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.UnknownKeyType, UnsupportedAlgorithm):
        # The cause may repeat the key: it is not chained.
        raise SourceUnavailable(
            f"the key {path} cannot be used", remedy="check that it is a private key, and its key_passphrase"
        ) from None
