"""What itops.yaml may say about a SQL Server."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from itops.secrets import Secret

_PIN = re.compile(r"sha256:(?:[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MssqlSettings:
    """The keys of one repository of type mssql."""

    host: str
    username: str
    password: Secret
    port: int = field(default=1433, metadata={"range": (1, 65_535)})
    instance: str | None = None  # a named instance: its port is asked of SQL Server Browser, and `port` is not used
    domain: str | None = None  # a Windows account: NTLM, which needs the package pyspnego
    tls: Literal["require", "prefer", "off"] = "require"  # prefer: encrypted, but whom we talk to is not proven
    ca_file: Path | None = None  # the authority of the server's certificate; None: those of this machine
    pin: str | None = None  # sha256:HEX of the server's own certificate
    server_name: str | None = None  # the server of `protects: sql01/Insurance`; None: the repository's name
    zone: ZoneInfo | None = None  # where the server stands, if not in the office's zone
    history: timedelta = timedelta(days=100)  # how far back msdb is read
    timeout_seconds: float = field(default=60.0, metadata={"range": (1, 86_400)})  # between two bytes
    most_rows: int = field(default=2_000_000, metadata={"range": (1, 100_000_000)})  # of the history, in one look
    restores: bool = False  # may restore tests be run on this server? Never set it on one that people work on
    restore_folder: str | None = None  # where restored files go, as the server names it; None: its own data folder

    def __post_init__(self) -> None:
        if self.pin is not None and not _PIN.fullmatch(self.pin):
            raise ValueError("pin: should be sha256: and 64 hex digits")
        if self.tls != "require" and (self.pin or self.ca_file):
            raise ValueError("pin and ca_file are only for `tls: require`")
        if self.history <= timedelta():
            raise ValueError("history: should be longer than nothing")

    @property
    def pinned(self) -> str | None:
        """The pin as 64 lower-case hex digits."""
        return None if self.pin is None else self.pin.partition(":")[2].replace(":", "").lower()
