"""What itops.yaml says about a folder behind SFTP."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from itops.repositories.paths import SKIPPED, real_path
from itops.secrets import Secret
from itops.ssh import pinned


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpSettings:
    """A folder of a server. Read only: nothing is ever written there."""

    host: str
    username: str
    path: str
    """Absolute, or relative to where the server puts the account."""
    port: int = field(default=22, metadata={"range": (1, 65535)})
    password: Secret | None = None
    key_file: Path | None = None
    """A private key in OpenSSH's or PEM form, open to nobody else."""
    key_passphrase: Secret | None = None
    host_key: str | None = None
    """`SHA256:...` as `ssh-keygen -l` prints it, or a line of known_hosts. Without it a look says which it saw."""
    sentinel: str | None = None
    """A file that must be there, relative to `path`."""
    skip: tuple[str, ...] = SKIPPED
    """Names of folders that are not looked into, at any depth."""
    hash_command: Literal["auto", "off"] = "auto"
    """Whether the server may be asked to hash a file by itself instead of sending it whole."""
    legacy_algorithms: bool = False
    """Allow what old NAS boxes need: SHA-1 key exchange and signatures, 3DES, MD5."""
    timeout_seconds: float = field(default=20.0, metadata={"range": (1, 3_600)})  # for an answer

    def __post_init__(self) -> None:
        if self.password is None and self.key_file is None:
            raise ValueError("password or key_file is needed")
        if self.host_key is not None:
            pinned(self.host_key)
        if self.sentinel is not None:
            try:
                real_path(self.sentinel)
            except OSError:
                raise ValueError(f"sentinel {self.sentinel!r} is not a file inside the folder") from None
