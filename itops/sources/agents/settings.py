"""What itops.yaml says about the inventories of agents."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.names import Count
from itops.secrets import Secret

_LISTEN = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})", re.ASCII)
_MOST_AGENTS, _PARALLEL = Count(2000), Count(64)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where agents may call: an address of this machine and a port."""

    host: str
    port: int

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Listen":
        """HOST:PORT; raises ValueError."""
        found = _LISTEN.fullmatch(value) if isinstance(value, str) else None
        if found is None or int(found[3]) > 65_535:
            raise ValueError("should be an address of this machine and a port: 10.1.0.9:62380")
        return cls(found[1] or found[2], int(found[3]))

    @property
    def is_loopback(self) -> bool:
        """Can only this machine call?"""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """How agents may hand in their inventories over HTTP; nothing listens until `itops assets receive` runs."""

    listen: Listen = Listen("127.0.0.1", 62_380)
    certificate: Path | None = None  # PEM, with all that stands between it and the authority
    key: Path | None = None  # PEM, without a passphrase
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None  # the agents' server is then http://HOST:PORT/TOKEN
    most_agents: Count = _MOST_AGENTS  # one more is refused: somebody is inventing them
    parallel: Count = _PARALLEL  # connections at once
    timeout: timedelta = timedelta(seconds=60)  # for one request, from the first byte to the last

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key: one without the other is of no use")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password: one without the other is of no use")
        if self.timeout <= timedelta() or not self.parallel or not self.most_agents:
            raise ValueError("timeout, parallel and most_agents: should be more than nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsSettings:
    """The keys of one source of type agents."""

    folder: Path
    """Where the files are: .xml, .json and .ocs, packed or not; subfolders are not looked into."""
    site: str | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Tehran"))
    """The zone of the computers' clocks, for inventories that do not say it."""
    receive: ReceiverSettings = field(default_factory=ReceiverSettings)
