"""What itops.yaml may say about Linux machines that are read through SSH."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from itops.names import Count
from itops.secrets import Secret
from itops.sources.addresses import Addresses, expand, some
from itops.ssh import fingerprint_in

_SECOND = timedelta(seconds=1)


class HostKey(str):
    """The fingerprint of a device's host key, as `ssh-keygen -l` prints it."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "HostKey":
        """`SHA256:...`; raises ValueError."""
        return cls(fingerprint_in(str(value)))


@dataclass(frozen=True, slots=True)
class Legacy:
    """Where old algorithms are allowed: at all addresses (`true`), at none, or at those listed."""

    is_everywhere: bool = False
    addresses: frozenset[str] = frozenset()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Legacy":
        """`true`, `false`, or a list of addresses, ranges, networks and names; raises ValueError."""
        if isinstance(value, list | tuple):
            return cls(addresses=frozenset(expand(tuple(Addresses.from_setting(entry, folder) for entry in value))))
        if value in {"true", "false"}:
            return cls(is_everywhere=value == "true")
        raise ValueError("should be a list of addresses [10.1.0.9], true or false")

    def __contains__(self, address: object) -> bool:
        return self.is_everywhere or address in self.addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class LinuxSettings:
    """Linux machines, all with one account."""

    addresses: tuple[Addresses, ...]
    without: tuple[Addresses, ...] = ()
    site: str | None = None
    username: str
    password: Secret | None = None
    key: Path | None = None
    """A private key in OpenSSH's or PEM form, open to nobody else."""
    key_passphrase: Secret | None = None
    port: int = field(default=22, metadata={"range": (1, 65_535)})
    known_hosts: Path | None = None
    host_keys: Mapping[str, HostKey] = field(default_factory=dict)
    """By address: the fingerprint that its host key must have. Counts beside `known_hosts`."""
    legacy: Legacy = field(default_factory=Legacy)
    """Where SHA-1, CBC and the like are allowed, once the device has refused what is safe."""
    sudo: bool = True
    """Whether `sudo -n dmidecode` is tried where the account itself may not read the serial number."""
    parallel: Count = field(default=Count(16), metadata={"range": (1, 256)})
    timeout: timedelta = field(default=timedelta(seconds=10), metadata={"range": (_SECOND, timedelta(minutes=10))})
    """For an answer: the host key, the login."""
    script_timeout: timedelta = field(
        default=timedelta(seconds=60), metadata={"range": (_SECOND, timedelta(minutes=30))}
    )
    """For all that a machine has to say."""

    def __post_init__(self) -> None:
        some(self.addresses, self.without)
        if self.password is None and self.key is None:
            raise ValueError("password or key is needed")
        unknown = sorted(set(self.host_keys) - set(expand(self.addresses)))
        if unknown:
            raise ValueError(f"host_keys names {unknown[0]}, which addresses does not")
