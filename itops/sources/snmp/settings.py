"""What itops.yaml may say about an SNMP source."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from itops.errors import ConfigInvalid
from itops.names import Count
from itops.secrets import Secret
from itops.sources.addresses import Addresses, some

_SHORTEST_KEY = 8  # RFC 3414: a shorter pass phrase is refused by every agent


class AuthProtocol(StrEnum):
    """How a v3 user is authenticated."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class PrivacyProtocol(StrEnum):
    """How the talk with a v3 user is enciphered."""

    DES = "des"
    AES = "aes"
    AES192 = "aes192"
    AES256 = "aes256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A community (v2c), or a user with its keys (v3)."""

    community: Secret | None = None
    user: str | None = None
    auth_key: Secret | None = None
    auth_protocol: AuthProtocol = AuthProtocol.SHA256
    privacy_key: Secret | None = None
    privacy_protocol: PrivacyProtocol = PrivacyProtocol.AES

    def __post_init__(self) -> None:
        if (self.community is None) == (self.user is None):
            raise ValueError("needs either community (v2c) or user with auth_key and privacy_key (v3)")
        if self.user is None and (self.auth_key or self.privacy_key):
            raise ValueError("auth_key and privacy_key belong to a user; a community has none")
        if self.privacy_key and not self.auth_key:
            raise ValueError("privacy_key needs auth_key, too: v3 enciphers only what it authenticates")

    @property
    def is_v3(self) -> bool:
        """Whether it is a user of SNMP v3."""
        return self.user is not None

    def keys(self) -> tuple[str | None, str | None]:
        """The keys for authentication and privacy; raises ConfigInvalid for one that no agent would take."""
        return _key(self.auth_key, "auth_key"), _key(self.privacy_key, "privacy_key")


def _key(secret: Secret | None, name: str) -> str | None:
    if secret is None:
        return None
    value = secret.reveal()
    if len(value) < _SHORTEST_KEY:
        raise ConfigInvalid(
            f"the {name} of an SNMP v3 user is shorter than {_SHORTEST_KEY} characters",
            remedy=f"correct the secret that {name}: points to; SNMP v3 allows no shorter key",
        )
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpSettings(Credentials):
    """The keys of one source of type snmp; its own credentials come first, those of `otherwise` in their order."""

    addresses: tuple[Addresses, ...]
    without: tuple[Addresses, ...] = ()
    site: str | None = None
    otherwise: tuple[Credentials, ...] = ()  # tried at addresses that the credentials before them did not open
    port: int = field(default=161, metadata={"range": (1, 65_535)})
    timeout: timedelta = timedelta(seconds=1)  # of one question
    retries: int = field(default=1, metadata={"range": (0, 5)})
    parallel: Count = field(default=Count(256), metadata={"range": (1, 512)})  # each takes a file descriptor
    arp: bool = True  # read the ARP and forwarding tables of routers and switches, too
    arp_networks: tuple[Addresses, ...] = ()  # whoever a router's ARP table knows there is a device, too
    table_rows: Count = field(default=Count(10_000), metadata={"range": (10, 10_000)})  # of one column
    device_timeout: timedelta = timedelta(minutes=2)  # for everything that one device says

    def __post_init__(self) -> None:
        Credentials.__post_init__(self)
        some(self.addresses, self.without)
        if self.arp_networks and not self.arp:
            raise ValueError("arp_networks needs arp: true")
        if not timedelta(0) < self.timeout <= timedelta(minutes=1):
            raise ValueError("timeout should be from 1s to 1m")
        if self.device_timeout < self.timeout:
            raise ValueError("device_timeout is shorter than timeout, so no device could answer")

    @property
    def credentials(self) -> tuple[Credentials, ...]:
        """All of them, in the order in which they are tried."""
        own = Credentials(
            community=self.community,
            user=self.user,
            auth_key=self.auth_key,
            auth_protocol=self.auth_protocol,
            privacy_key=self.privacy_key,
            privacy_protocol=self.privacy_protocol,
        )
        return (own, *self.otherwise)
